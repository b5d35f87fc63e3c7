/* alpha.c - alpha that is kept exactly, as a grey picture coded without loss beside the colours.
 *
 * The transform is `identity`: prediction from neighbours and contexts code masks better than a
 * reversible wavelet does (docs/decisions.md). Samples of few values, as the edges of a cut-out
 * have, are numbers of a table, so that gaps between the values cost nothing.
 */
#include "alpha.h"

#include <stdio.h>

#include "encoder.h"

#define TRANSFORM "identity"

static uint32_t sample(const tsr_image *im, size_t i) {
    return im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
}

static void set_sample(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

static size_t pixels(const tsr_image *im) {
    return (size_t)im->width * im->height;
}

/* ---- between pictures ---- */

void tsr_alpha_map(const tsr_alpha *a, tsr_image *grey) {
    size_t n = pixels(grey);
    if (!a->n) return;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = sample(grey, i);
        set_sample(grey, i, a->value[v < a->n ? v : a->n - 1]);
    }
}

void tsr_alpha_fill(tsr_image *im, uint32_t value) {
    size_t n = pixels(im), c = im->channels;
    for (size_t i = 0; i < n; i++) set_sample(im, i * c + c - 1, value);
}

void tsr_alpha_insert(tsr_image *im, const tsr_image *grey) {
    size_t n = pixels(im), c = im->channels;
    for (size_t i = 0; i < n; i++) set_sample(im, i * c + c - 1, sample(grey, i));
}

/* ---- payload ---- */

static void put_table(tsr_buffer *b, const tsr_alpha *a) {
    tsr_put_varint(b, a->n);
    for (uint32_t i = 0; i < a->n; i++)
        tsr_put_varint(b, i ? a->value[i] - a->value[i - 1] - 1u : a->value[0]);
}

static void get_table(tsr_reader *r, uint32_t depth, tsr_alpha *a) {
    uint64_t n = tsr_get_varint(r), v = 0;
    if (n > TSR_ALPHA_VALUES) r->failed = 1;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        uint64_t gap = tsr_get_varint(r);
        if (gap >> depth || (v += gap + !!i) >> depth) r->failed = 1;
        a->value[i] = (uint16_t)v;
    }
    a->n = (uint32_t)n;
}

tsr_status tsr_alpha_parse(const tsr_chunk *c, uint32_t depth, tsr_alpha *a, tsr_diag *d) {
    tsr_reader r = {.data = c->data, .size = c->size};
    *a = (tsr_alpha){0};
    get_table(&r, depth, a);
    if (a->n != 1 && !r.failed) {
        tsr_get_stage(&r, &a->transform);
        tsr_get_stage(&r, &a->entropy);
    }
    a->data = r.data + r.pos;
    a->size = r.size - r.pos;
    if (r.failed || (a->n == 1 && a->size))
        return tsr_diag_set(d, TSR_ERR_FORMAT, c->offset, "corrupt alpha: %s",
                            r.failed ? "its table or stages are not legal"
                                     : "bytes after its only value");
    return TSR_OK;
}

/* ---- encoding ---- */

/* The table of the samples that occur; n = 0 when there are too many, or no gaps to speak of. */
static void find_values(const tsr_image *grey, tsr_alpha *a) {
    uint64_t seen[65536 / 64] = {0};
    size_t n = pixels(grey);
    *a = (tsr_alpha){0};
    for (size_t i = 0; i < n; i++) seen[sample(grey, i) / 64] |= 1ull << sample(grey, i) % 64;
    for (uint32_t v = 0; v < 65536; v++) {
        if (!(seen[v / 64] >> v % 64 & 1)) continue;
        if (a->n == TSR_ALPHA_VALUES) {
            a->n = 0;
            return;
        }
        a->value[a->n++] = (uint16_t)v;
    }
    uint32_t range = a->value[a->n - 1] - a->value[0] + 1u;
    if (a->n > 1 && 2 * a->n > range) a->n = 0;
}

/* The inverse of tsr_alpha_map(), for samples that the table has. */
static void number_samples(const tsr_alpha *a, tsr_image *grey) {
    uint8_t number[65536] = {0};
    size_t n = pixels(grey);
    for (uint32_t i = 0; i < a->n; i++) number[a->value[i]] = (uint8_t)i;
    for (size_t i = 0; i < n; i++) set_sample(grey, i, number[sample(grey, i)]);
}

static tsr_status take_alpha(const tsr_image *im, tsr_image *grey, tsr_diag *d) {
    size_t n = pixels(im), c = im->channels;
    tsr_status s = tsr_image_alloc(grey, im->width, im->height, 1, im->depth, 0, d);
    for (size_t i = 0; i < n && !s; i++) set_sample(grey, i, sample(im, i * c + c - 1));
    return s;
}

/* The stages of a stream and the contents of its data chunk. */
static tsr_status put_coded(const tsr_encoder *e, tsr_buffer *out) {
    tsr_reader r = {.data = e->file.data, .size = e->file.size, .pos = TSR_MAGIC_SIZE + 1};
    tsr_chunk c = {0};
    int end = 0;
    tsr_put_stage(out, &e->header.stage[TSR_STAGE_TRANSFORM]);
    tsr_put_stage(out, &e->header.stage[TSR_STAGE_ENTROPY]);
    tsr_status s = TSR_OK;
    while (!s && !end && c.type != TSR_CHUNK_DATA) s = tsr_next_chunk(&r, &c, &end, e->job->diag);
    if (!s) tsr_put_bytes(out, c.data, c.size);
    return s;
}

static tsr_status encode_grey(tsr_job *outer, const tsr_image *grey, uint32_t effort,
                              const char *entropy, tsr_buffer *out) {
    char spec[128];
    tsr_encode_options o;
    tsr_encoder e;
    tsr_job job;
    snprintf(spec, sizeof spec, TRANSFORM "//%s", entropy);
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.effort = effort;
    o.target = TSR_TARGET_LOSSLESS;
    tsr_job_init_before(&job, outer);
    tsr_status s = tsr_encoder_open(&e, &job, grey, &o);
    e.once = 1;
    if (!s) s = tsr_encoder_try(&e, 0);
    if (!s) s = put_coded(&e, out);
    tsr_encoder_close(&e);
    return tsr_job_end_before(&job, outer, s);
}

tsr_status tsr_alpha_encode(tsr_job *j, const tsr_image *im, uint32_t effort, const char *entropy,
                            tsr_buffer *out) {
    tsr_image grey;
    tsr_alpha a;
    if (!tsr_stage_find(j->ctx, TSR_STAGE_TRANSFORM, TRANSFORM))
        return tsr_diag_set(j->diag, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "alpha without loss needs the transform '" TRANSFORM
                            "', which is not here");
    tsr_status s = take_alpha(im, &grey, j->diag);
    if (s) return s;
    find_values(&grey, &a);
    put_table(out, &a);
    if (a.n > 1) number_samples(&a, &grey);
    if (a.n != 1) s = encode_grey(j, &grey, effort, entropy, out);
    tsr_image_free(&grey);
    return s;
}
