/* codec_test.c - the helpers of codec_test.h. */
#include "codec_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <tessera/builtin.h>

static void need(tsr_status s, const tsr_diag *d) {
    if (!s) return;
    fprintf(stderr, "%s\n", d->text);
    abort();
}

void codec_test_keep_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 28);
    mallopt(M_TRIM_THRESHOLD, 1 << 28);
#endif
}

tsr_context *codec_test_context(uint32_t threads, uint32_t cpu) {
    tsr_context *ctx = NULL;
    tsr_config cfg = {.struct_size = sizeof cfg, .threads = threads, .cpu_mask = cpu};
    tsr_diag d;
    codec_test_keep_memory();
    need(tsr_context_new(&ctx, &cfg, &d), &d);
    need(tsr_register_builtin(ctx, &d), &d);
    return ctx;
}

void codec_test_job_open(codec_test_job *t, uint32_t threads, uint32_t cpu) {
    t->ctx = codec_test_context(threads, cpu);
    tsr_diag_init(&t->diag);
    tsr_job_init(&t->job, t->ctx, &t->diag);
}

void codec_test_job_close(codec_test_job *t) {
    tsr_job_free(&t->job);
    tsr_context_free(t->ctx);
}

tsr_status codec_test_encode(tsr_context *ctx, const tsr_image *im, const char *spec,
                             tsr_target target, double value, tsr_blob *out,
                             tsr_encode_report *report, tsr_diag *d) {
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = target;
    o.value = value;
    return tsr_encode(ctx, im, &o, out, report, d);
}

uint32_t codec_test_encoders(tsr_context *ctx, const char *name[TSR_MAX_STAGES]) {
    tsr_image im = test_picture(96, 80, 1, 8, 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < tsr_stage_count(ctx, TSR_STAGE_TRANSFORM); i++) {
        const char *candidate = tsr_stage_at(ctx, TSR_STAGE_TRANSFORM, i)->name;
        tsr_blob file;
        tsr_status s =
            codec_test_encode(ctx, &im, candidate, TSR_TARGET_QUALITY, 50, &file, NULL, NULL);
        if (s != TSR_ERR_UNSUPPORTED && s != TSR_ERR_MODEL) name[n++] = candidate;
        tsr_blob_free(&file);
    }
    tsr_image_free(&im);
    return n;
}

static uint8_t *copy_of(const void *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    return copy;
}

tsr_status codec_test_decode(tsr_context *ctx, const void *data, size_t size, int partial,
                             tsr_image *im, tsr_decode_report *report, tsr_diag *d) {
    tsr_decode_options o;
    tsr_decode_options_init(&o);
    o.allow_partial = (uint32_t)partial;
    uint8_t *copy = copy_of(data, size);
    tsr_status s = tsr_decode(ctx, copy, size, &o, im, report, d);
    free(copy);
    return s;
}

tsr_status codec_test_inspect(tsr_context *ctx, const void *data, size_t size, tsr_info *info,
                              tsr_diag *d) {
    uint8_t *copy = copy_of(data, size);
    tsr_status s = tsr_inspect(ctx, copy, size, info, d);
    free(copy);
    return s;
}

int codec_test_clean_failure(tsr_status s, const tsr_image *im, const tsr_diag *d, size_t size) {
    return s < TSR_OK && d->status == s && d->text[0] && !strchr(d->text, '\n') &&
           (d->offset == TSR_NO_OFFSET || d->offset <= size) && !im->pixels && !im->icc.data &&
           !im->exif.data;
}
