/* inspect.c - what a file says about itself, without decoding it. */
#include <stdio.h>
#include <string.h>

#include "container.h"
#include "context.h"
#include "quant.h"
#include "step.h"

#define MAX_PARTS (sizeof((tsr_info *)0)->parts / sizeof(tsr_part))

const char *tsr_colour_name(tsr_colour c) {
    static const char *const name[] = {"auto", "none", "ycbcr", "ycocg-r", "klt"};
    return (unsigned)c < sizeof name / sizeof name[0] ? name[c] : "unknown";
}

static void add_part(tsr_info *info, uint64_t bytes, const char *fmt, unsigned n) {
    if (!bytes) return;
    if (info->n_parts == MAX_PARTS) {
        tsr_part *last = &info->parts[MAX_PARTS - 1];
        snprintf(last->name, sizeof last->name, "other");
        last->bytes += bytes;
        return;
    }
    tsr_part *p = &info->parts[info->n_parts++];
    snprintf(p->name, sizeof p->name, fmt, n);
    p->bytes = bytes;
}

static void spec_text(const tsr_context *ctx, const tsr_header *h, tsr_info *info) {
    info->spec[0] = 0;
    for (int k = 0; k < TSR_STAGE_KINDS; k++) {
        tsr_spec one = {0};
        char text[200];
        if (!tsr_stage_from_code(ctx, (tsr_stage_kind)k, &h->stage[k], &one.stage[0], NULL))
            tsr_spec_print(&one, text, sizeof text);
        else
            snprintf(text, sizeof text, "unknown(%llu)", (unsigned long long)h->stage[k].id);
        size_t used = strlen(info->spec);
        snprintf(info->spec + used, sizeof info->spec - used, "%s%s", k ? "/" : "", text);
    }
}

/* Residual stages of the quantizer, each with all bands and layers; 0 when it is not here. */
static uint32_t count_stages(const tsr_context *ctx, const tsr_header *h) {
    tsr_stage stage;
    if (tsr_stage_from_code(ctx, TSR_STAGE_QUANTIZER, &h->stage[TSR_STAGE_QUANTIZER], &stage, NULL))
        return 0;
    const tsr_quantizer *q = (const tsr_quantizer *)stage.head;
    return q->stages && !h->lossless ? q->stages(stage.v).n : 1;
}

/* Number of bands and layers needs the transform; 0 when it is not here or does not accept the
 * header. */
static void count_bands(tsr_context *ctx, const tsr_header *h, tsr_info *info) {
    tsr_stage stage;
    tsr_layout l;
    tsr_job job;
    tsr_diag d;
    uint32_t stages = count_stages(ctx, h);
    if (tsr_stage_from_code(ctx, TSR_STAGE_TRANSFORM, &h->stage[0], &stage, NULL)) return;
    const tsr_transform *t = (const tsr_transform *)stage.head;
    tsr_geometry g = {.struct_size = sizeof g,
                      .width = h->width,
                      .height = h->height,
                      .planes = tsr_header_planes(h),
                      .lossless = h->lossless};
    tsr_job_init(&job, ctx, &d);
    void *state = tsr_job_alloc(&job, 1, t->h.state_size + 1);
    if (state) {
        if (!t->configure(state, stage.v, &g, &job.env) &&
            !tsr_layout_build(&l, t, state, &g, &job)) {
            info->bands = l.n * stages;
            info->layers = l.layers * stages;
        }
        if (t->close) t->close(state);
    }
    tsr_job_free(&job);
}

static void data_parts(const tsr_chunk *c, tsr_info *info) {
    tsr_reader r = {.data = c->data, .size = c->size};
    uint64_t sizes[32], sum = 0;
    uint32_t n = info->layers < 32 ? info->layers : 32;
    for (uint32_t i = 0; i + 1 < n && sum <= c->size; i++) {
        sizes[i] = tsr_get_varint(&r);
        sum += sizes[i] <= c->size ? sizes[i] : c->size + 1; /* hostile ones must not wrap around */
    }
    if (!n || info->layers > 32 || r.failed || sum > c->size - r.pos) {
        add_part(info, c->total, "data", 0);
        return;
    }
    sizes[n - 1] = c->size - r.pos - sum;
    add_part(info, c->total - (c->size - r.pos), "data framing", 0);
    for (uint32_t i = 0; i < n; i++) add_part(info, sizes[i], "data layer %u", i);
}

static void note_chunk(tsr_context *ctx, const tsr_chunk *c, const tsr_header *h, tsr_info *info) {
    switch (c->type) {
    case TSR_CHUNK_HEADER:
        add_part(info, c->total - h->quant_side_size, "header", 0);
        add_part(info, h->quant_side_size, "quantizer side", 0);
        break;
    case TSR_CHUNK_SIDE:
        add_part(info, c->total, "transform side", 0);
        break;
    case TSR_CHUNK_ALPHA:
        info->alpha_bytes = c->size;
        add_part(info, c->total, "alpha", 0);
        break;
    case TSR_CHUNK_ICC:
        info->icc_bytes = c->size;
        add_part(info, c->total, "icc", 0);
        break;
    case TSR_CHUNK_EXIF:
        info->exif_bytes = c->size;
        add_part(info, c->total, "exif", 0);
        break;
    case TSR_CHUNK_DATA:
        data_parts(c, info);
        break;
    default:
        add_part(info, c->total, "chunk '%c'", c->type);
    }
}

static void fill_info(tsr_context *ctx, const tsr_header *h, tsr_info *info) {
    info->width = h->width;
    info->height = h->height;
    info->channels = h->channels;
    info->depth = h->depth;
    info->orientation = h->orientation;
    info->lossless = h->lossless;
    info->colour = h->colour;
    info->step = h->lossless ? 0 : tsr_step_value(h->step_index);
    info->filter = h->filter;
    info->network = h->views != 0;
    info->views = h->views;
    info->alpha_apart = h->alpha_apart;
    info->model_id = h->model.id;
    snprintf(info->model_name, sizeof info->model_name, "%s", h->model.name);
    if (h->model.present && !h->model.id) tsr_sha256_hex(h->model.sha256, info->model_sha256);
    spec_text(ctx, h, info);
    if ((uint64_t)h->width * h->height <= ctx->cfg.max_pixels) count_bands(ctx, h, info);
}

tsr_status tsr_inspect(tsr_context *ctx, const void *data, size_t size, tsr_info *info,
                       tsr_diag *d) {
    tsr_reader r = {.data = data, .size = size};
    tsr_header h = {0};
    tsr_chunk c;
    int end = 0, seen = 0, seen_data = 0;
    tsr_diag_init(d);
    *info = (tsr_info){
        .struct_size = sizeof *info, .format_version = TSR_FORMAT_VERSION, .bytes = size};
    tsr_status s = tsr_check_magic(&r, d);
    if (!s) add_part(info, r.pos, "magic", 0);
    while (!s) {
        s = tsr_next_chunk(&r, &c, &end, d);
        if (s == TSR_ERR_TRUNCATED && seen) {
            add_part(info, size - c.offset, "frame cut off", 0);
            info->truncated = 1;
            tsr_diag_init(d);
            s = TSR_OK;
            break;
        }
        if (s || end) break;
        if (seen && c.type == TSR_CHUNK_HEADER)
            return tsr_diag_set(d, TSR_ERR_FORMAT, c.offset, "chunk 'H' occurs twice");
        if (!seen && c.type != TSR_CHUNK_HEADER)
            return tsr_diag_set(d, TSR_ERR_FORMAT, c.offset, "chunk '%c' comes before the header",
                                c.type);
        if (!seen) {
            s = tsr_parse_header(&c, &h, d);
            if (!s) fill_info(ctx, &h, info);
            seen = 1;
        }
        info->truncated |= (uint32_t)c.truncated;
        seen_data |= c.type == TSR_CHUNK_DATA;
        if (!s) note_chunk(ctx, &c, &h, info);
    }
    if (!s && !seen)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, size, "the file ends before its header");
    if (!seen_data || (h.alpha_apart && !info->alpha_bytes)) info->truncated = 1;
    return s;
}
