/* container.c - reading and writing of magic, chunks and header. */
#include "container.h"

#include <string.h>

#include "context.h"
#include "crc32c.h"
#include "postfilter.h"
#include "step.h"

/* High bit against 7-bit channels; CR LF damage shows in the checksums. */
static const uint8_t magic[TSR_MAGIC_SIZE] = {0xd4, 'T', 'S', 'R'};

int tsr_is_stream(const void *data, size_t size) {
    return size >= TSR_MAGIC_SIZE && !memcmp(data, magic, TSR_MAGIC_SIZE);
}

void tsr_put_magic(tsr_buffer *b) {
    tsr_put_bytes(b, magic, sizeof magic);
    tsr_put_u8(b, TSR_FORMAT_VERSION);
}

size_t tsr_chunk_size(size_t payload) {
    return 1 + tsr_varint_size(payload) + payload + 4;
}

void tsr_put_chunk(tsr_buffer *b, uint8_t type, const void *data, size_t size) {
    size_t start = b->size;
    tsr_put_u8(b, type);
    tsr_put_varint(b, size);
    tsr_put_bytes(b, data, size);
    if (!b->failed) tsr_put_u32(b, tsr_crc32c(0, b->data + start, b->size - start));
}

tsr_status tsr_check_magic(tsr_reader *r, tsr_diag *d) {
    size_t seen = r->size < TSR_MAGIC_SIZE ? r->size : TSR_MAGIC_SIZE;
    if (seen && memcmp(r->data, magic, seen))
        return tsr_diag_set(d, TSR_ERR_FORMAT, 0, "not a Tessera stream");
    if (r->size < TSR_MAGIC_SIZE + 1)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, r->size, "the file ends within its first bytes");
    uint8_t version = r->data[TSR_MAGIC_SIZE];
    if (version != TSR_FORMAT_VERSION)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_MAGIC_SIZE,
                            "format version %u; this program reads version %u", version,
                            TSR_FORMAT_VERSION);
    r->pos = TSR_MAGIC_SIZE + 1;
    return TSR_OK;
}

static tsr_status framing_error(const tsr_reader *r, tsr_chunk *c, tsr_diag *d) {
    if (r->pos >= r->size)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, r->size,
                            "the file ends within the frame of a chunk");
    return tsr_diag_set(d, TSR_ERR_FORMAT, c->offset, "the size of a chunk is not legal");
}

tsr_status tsr_next_chunk(tsr_reader *r, tsr_chunk *c, int *end, tsr_diag *d) {
    *end = r->pos == r->size;
    if (*end) return TSR_OK;
    *c = (tsr_chunk){.offset = r->pos};
    c->type = tsr_get_u8(r);
    c->claimed = tsr_get_varint(r);
    if (r->failed) return framing_error(r, c, d);
    if (!((c->type >= 'A' && c->type <= 'Z') || (c->type >= 'a' && c->type <= 'z')))
        return tsr_diag_set(d, TSR_ERR_FORMAT, c->offset, "byte 0x%02x is not a chunk type",
                            c->type);
    size_t left = r->size - r->pos;
    c->data = r->data + r->pos;
    c->truncated = c->claimed > left || left - (size_t)c->claimed < 4;
    if (c->truncated) {
        c->size = c->claimed < left ? (size_t)c->claimed : left;
        r->pos = r->size;
        c->total = r->size - c->offset;
        return TSR_OK;
    }
    c->size = (size_t)c->claimed;
    r->pos += c->size;
    uint32_t crc = tsr_crc32c(0, r->data + c->offset, r->pos - c->offset);
    c->total = r->pos + 4 - c->offset;
    if (tsr_get_u32(r) != crc)
        return tsr_diag_set(d, TSR_ERR_FORMAT, c->offset,
                            "checksum of chunk '%c' does not match: the data is corrupt", c->type);
    return TSR_OK;
}

/* ---- stages ---- */

void tsr_stage_to_code(const tsr_stage *s, tsr_stage_code *code) {
    *code = (tsr_stage_code){.id = s->head->id, .version = s->head->stream_version};
    for (uint32_t i = 0; i < s->head->n_params; i++) {
        const tsr_param *p = &s->head->params[i];
        tsr_value def = tsr_param_coded(p, tsr_param_default(p));
        if ((p->flags & TSR_PARAM_ENCODER) || s->v[i].i == def.i) continue;
        code->mask |= 1u << i;
        code->value[i] = p->type == TSR_PARAM_REAL ? (int64_t)(s->v[i].r * 65536.0) : s->v[i].i;
    }
}

static const char *const kind_name[TSR_STAGE_KINDS] = {"transform", "quantizer", "entropy coder"};

tsr_status tsr_stage_from_code(const tsr_context *ctx, tsr_stage_kind kind,
                               const tsr_stage_code *code, tsr_stage *s, tsr_diag *d) {
    const tsr_head *h = tsr_stage_by_id(ctx, kind, code->id);
    if (!h)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "the stream needs the %s with id %llu, which is not here; load its "
                            "plug-in with --plugin",
                            kind_name[kind], (unsigned long long)code->id);
    if (code->version != h->stream_version)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "the stream needs version %u of %s '%s', this one is %u", code->version,
                            kind_name[kind], h->name, h->stream_version);
    tsr_stage_init(s, h);
    for (uint32_t i = 0; i < TSR_MAX_PARAMS; i++) {
        if (!(code->mask >> i & 1)) continue;
        if (i >= h->n_params)
            return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "parameter %u of '%s' is unknown",
                                i, h->name);
        if (h->params[i].type == TSR_PARAM_REAL)
            s->v[i].r = (double)code->value[i] / 65536.0;
        else
            s->v[i].i = code->value[i];
        if (!tsr_param_legal(&h->params[i], s->v[i]))
            return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                                "parameter '%s' of '%s' is out of range", h->params[i].name,
                                h->name);
    }
    return TSR_OK;
}

void tsr_put_stage(tsr_buffer *b, const tsr_stage_code *c) {
    tsr_put_varint(b, c->id);
    tsr_put_u8(b, (uint8_t)c->version);
    tsr_put_varint(b, c->mask);
    for (uint32_t i = 0; i < TSR_MAX_PARAMS; i++)
        if (c->mask >> i & 1) tsr_put_svarint(b, c->value[i]);
}

void tsr_get_stage(tsr_reader *r, tsr_stage_code *c) {
    *c = (tsr_stage_code){.id = tsr_get_varint(r), .version = tsr_get_u8(r)};
    uint64_t mask = tsr_get_varint(r);
    if (mask > UINT32_MAX) r->failed = 1;
    c->mask = (uint32_t)mask;
    for (uint32_t i = 0; i < TSR_MAX_PARAMS; i++)
        if (c->mask >> i & 1) c->value[i] = tsr_get_svarint(r);
}

/* ---- header ---- */

/* Flag byte: channels - 1 (2 bits), 16-bit depth, lossless, orientation present, post filter,
 * model, a second flag byte. */
enum { F_DEPTH = 4, F_LOSSLESS = 8, F_ORIENTATION = 16, F_FILTER = 32, F_MODEL = 64, F_MORE = 128 };

/* Second flag byte: alpha apart, 7 reserved. */
enum { F2_ALPHA = 1 };

/* Of the byte that names the filters: set, network, views of the network (2 bits), 1 reserved. */
enum { FILTER_SET = 15, FILTER_NETWORK = 16, FILTER_VIEWS = 5, FILTER_RESERVED = 128 };

enum { UNKNOWN_VIEWS = 255 };

static void put_filter(tsr_buffer *b, const tsr_header *h) {
    uint32_t code = h->views == 8 ? 2 : h->views == 2;
    tsr_put_u8(b, (uint8_t)(h->filter | (h->views ? FILTER_NETWORK : 0) | code << FILTER_VIEWS));
}

static void get_filter(tsr_reader *r, tsr_header *h) {
    static const uint8_t views[] = {1, 2, 8, UNKNOWN_VIEWS};
    uint8_t v = tsr_get_u8(r), code = v >> FILTER_VIEWS & 3;
    h->filter = v & FILTER_SET;
    h->views = v & FILTER_NETWORK ? views[code] : code ? UNKNOWN_VIEWS : 0;
    if (!v || v & FILTER_RESERVED) h->filter = TSR_FILTER_SETS + 1;
}

/* The number of a built-in; or 0, the hash, and the name after its length. */
static void put_model(tsr_buffer *b, const tsr_model_ref *m) {
    tsr_put_varint(b, m->id);
    if (m->id) return;
    tsr_put_bytes(b, m->sha256, sizeof m->sha256);
    tsr_put_u8(b, (uint8_t)strlen(m->name));
    tsr_put_bytes(b, m->name, strlen(m->name));
}

static void get_model(tsr_reader *r, tsr_model_ref *m) {
    uint64_t id = tsr_get_varint(r);
    m->present = 1;
    m->id = (uint32_t)id;
    if (id > INT32_MAX) r->failed = 1;
    if (id) return;
    const uint8_t *hash = tsr_get_bytes(r, sizeof m->sha256);
    size_t n = tsr_get_u8(r);
    const uint8_t *name = tsr_get_bytes(r, n);
    if (!hash || !name || n >= sizeof m->name) {
        r->failed = 1;
        return;
    }
    memcpy(m->sha256, hash, sizeof m->sha256);
    memcpy(m->name, name, n);
    m->name[n] = 0;
    if (strlen(m->name) != n || !tsr_model_name_legal(m->name)) m->name[0] = 0;
}

void tsr_put_header(tsr_buffer *b, const tsr_header *h) {
    tsr_put_u8(b, (uint8_t)((h->channels - 1) | (h->depth == 16 ? F_DEPTH : 0) |
                            (h->lossless ? F_LOSSLESS : 0) | (h->orientation ? F_ORIENTATION : 0) |
                            (h->filter || h->views ? F_FILTER : 0) |
                            (h->model.present ? F_MODEL : 0) | (h->alpha_apart ? F_MORE : 0)));
    if (h->alpha_apart) tsr_put_u8(b, F2_ALPHA);
    tsr_put_varint(b, h->width);
    tsr_put_varint(b, h->height);
    if (h->orientation) tsr_put_u8(b, h->orientation);
    if (h->filter || h->views) put_filter(b, h);
    if (h->model.present) put_model(b, &h->model);
    for (int k = 0; k < TSR_STAGE_KINDS; k++) tsr_put_stage(b, &h->stage[k]);
    tsr_put_u8(b, (uint8_t)h->colour);
    if (h->colour == TSR_COLOUR_KLT) tsr_put_u32(b, h->colour_coded);
    if (!h->lossless) tsr_put_varint(b, h->step_index);
    tsr_put_bytes(b, h->quant_side, h->quant_side_size);
}

static const char *header_problem(const tsr_header *h) {
    if (!h->width || !h->height || h->width > TSR_MAX_SIDE || h->height > TSR_MAX_SIDE)
        return "the picture size is not legal";
    if (h->alpha_apart && (h->lossless || h->channels % 2))
        return "alpha is apart where there is none, or nothing is lost";
    if (h->orientation > 8) return "the orientation is not legal";
    if (h->colour < TSR_COLOUR_NONE || h->colour > TSR_COLOUR_KLT)
        return "the colour transform is unknown";
    if (h->lossless ? h->colour != TSR_COLOUR_NONE && h->colour != TSR_COLOUR_YCOCGR
                    : h->colour == TSR_COLOUR_YCOCGR)
        return "the colour transform does not fit the mode";
    if (h->channels < 3 && h->colour != TSR_COLOUR_NONE)
        return "a colour transform without colours";
    if (h->model.present && !h->model.id && !h->model.name[0])
        return "the name of the model is not legal";
    if (h->filter > TSR_FILTER_SETS || ((h->filter || h->views) && h->lossless))
        return "the post filter is unknown";
    if (h->views == UNKNOWN_VIEWS) return "the views of the network filter are not legal";
    if (!h->lossless && (h->step_index < TSR_STEP_MIN || h->step_index > TSR_STEP_MAX))
        return "the quantization step is not legal";
    return NULL;
}

tsr_status tsr_parse_header(const tsr_chunk *c, tsr_header *h, tsr_diag *d) {
    tsr_reader r = {.data = c->data, .size = c->size};
    *h = (tsr_header){0};
    if (c->truncated)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, c->offset + c->total,
                            "the file ends within its header");
    uint8_t flags = tsr_get_u8(&r);
    h->channels = (uint8_t)((flags & 3) + 1);
    h->depth = flags & F_DEPTH ? 16 : 8;
    h->lossless = !!(flags & F_LOSSLESS);
    uint8_t more = flags & F_MORE ? tsr_get_u8(&r) : 0;
    h->alpha_apart = more & F2_ALPHA;
    if (more & ~F2_ALPHA)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, c->offset,
                            "the header uses flags of a later format");
    uint64_t w = tsr_get_varint(&r), hh = tsr_get_varint(&r);
    h->width = w > UINT32_MAX ? 0 : (uint32_t)w;
    h->height = hh > UINT32_MAX ? 0 : (uint32_t)hh;
    if (flags & F_ORIENTATION) h->orientation = tsr_get_u8(&r);
    if (flags & F_FILTER) get_filter(&r, h);
    if (flags & F_MODEL) get_model(&r, &h->model);
    for (int k = 0; k < TSR_STAGE_KINDS; k++) tsr_get_stage(&r, &h->stage[k]);
    h->colour = (tsr_colour)tsr_get_u8(&r);
    if (h->colour == TSR_COLOUR_KLT) h->colour_coded = tsr_get_u32(&r);
    uint64_t step = h->lossless ? 0 : tsr_get_varint(&r);
    h->step_index = step > TSR_STEP_MAX ? 0 : (uint32_t)step;
    h->quant_side = r.data + r.pos;
    h->quant_side_size = r.size - r.pos;
    const char *what = r.failed ? "it ends too early" : header_problem(h);
    return what ? tsr_diag_set(d, TSR_ERR_FORMAT, c->offset, "corrupt header: %s", what) : TSR_OK;
}
