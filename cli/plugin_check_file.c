/* plugin_check_file.c - whole files: every kind of picture through tsr_encode() and tsr_decode()
 * with the transform's name as the spec, the same bytes and pixels on any number of threads. */
#include <string.h>

#include <tessera/builtin.h>
#include <tessera/metrics.h>

#include "plugin_picture.h"
#include "plugin_trial.h"

tsr_context *tsr_check_context(tsr_check *c, uint32_t threads) {
    const tsr_config cfg = {.struct_size = sizeof cfg, .threads = threads, .cpu_mask = UINT32_MAX};
    tsr_context *ctx = NULL;
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_status s = tsr_context_new(&ctx, &cfg, &d);
    const tsr_check_subject *subject = c->subject;
    if (!s && !strcmp(subject->source, "built-in"))
        s = tsr_register_builtin(ctx, &d);
    else if (!s)
        s = tsr_load_plugin(ctx, subject->source, &d);
    if (!s && subject->model_file)
        s = tsr_add_model(ctx, subject->model_file, subject->model_file_size, "given", 0, &d);
    if (s) tsr_check_fail(c, "%s", d.text);
    return ctx;
}

/* ---------------------------------------------------------------- one file */

typedef struct job {
    uint32_t w, h;
    unsigned channels, depth;
    tsr_target target;
    double value;
} job;

static void where(tsr_check *c, const char *call, const job *j) {
    static const char *const targets[] = {"quality", "bpp", "size", "PSNR", "step", "lossless"};
    tsr_check_doing(c, "%s, %ux%u, %u channel%s of %u bits, %s %g", call, j->w, j->h, j->channels,
                    j->channels > 1 ? "s" : "", j->depth, targets[j->target], j->value);
}

static tsr_blob encode(tsr_check *c, tsr_context *ctx, const tsr_image *im, const job *j) {
    tsr_encode_options o;
    tsr_blob file = {0};
    tsr_diag d;
    tsr_diag_init(&d);
    tsr_encode_options_init(&o);
    o.spec = c->subject->spec;
    o.target = j->target;
    o.value = j->value;
    o.alpha = TSR_ALPHA_LOSSY; /* every plane by the transform in question */
    where(c, "tsr_encode()", j);
    tsr_status s = tsr_encode(ctx, im, &o, &file, NULL, &d);
    if (s == TSR_ERR_MODEL && !c->subject->model) tsr_check_skip(c, "no model: %s", d.text);
    if (s) tsr_check_fail(c, "success expected, status %d returned: %s", (int)s, d.text);
    return file;
}

static tsr_image decode(tsr_check *c, tsr_context *ctx, const tsr_blob *file, const job *j) {
    tsr_image im = {0};
    tsr_diag d;
    tsr_diag_init(&d);
    where(c, "tsr_decode()", j);
    tsr_status s = tsr_decode(ctx, file->data, file->size, NULL, &im, NULL, &d);
    if (s) tsr_check_fail(c, "success expected, status %d returned: %s", (int)s, d.text);
    return im;
}

static tsr_metrics compare(tsr_check *c, const tsr_image *a, const tsr_image *b) {
    tsr_metrics m;
    tsr_diag d;
    tsr_diag_init(&d);
    if (tsr_compare(a, b, &m, &d)) tsr_check_fail(c, "%s", d.text);
    return m;
}

/* Encodes and decodes a drawn picture; *bytes receives the size of the file. */
static tsr_metrics round_trip(tsr_check *c, tsr_context *ctx, const job *j, size_t *bytes) {
    tsr_image im;
    tsr_check_image_draw(c, &im, j->w, j->h, j->channels, j->depth, 3);
    tsr_blob file = encode(c, ctx, &im, j);
    tsr_image back = decode(c, ctx, &file, j);
    tsr_metrics m = compare(c, &im, &back);
    *bytes = file.size;
    tsr_image_free(&im);
    tsr_image_free(&back);
    tsr_blob_free(&file);
    return m;
}

/* ---------------------------------------------------------------- every kind of picture */

static void for_each_kind(tsr_check *c, tsr_context *ctx,
                          void (*look)(tsr_check *c, tsr_context *ctx, job j)) {
    for (unsigned k = 0; k < tsr_trial_n_sizes; k++)
        for (unsigned channels = 1; channels <= TSR_MAX_CHANNELS; channels++)
            for (unsigned depth = 8; depth <= 16; depth += 8)
                look(c, ctx,
                     (job){.w = tsr_trial_sizes[k].w,
                           .h = tsr_trial_sizes[k].h,
                           .channels = channels,
                           .depth = depth});
}

/* A fine step has to bring back a fine picture: half a level of rms error leaves room for the
 * rounding of samples and bases. */
static void check_fine(tsr_check *c, tsr_context *ctx, job j) {
    static const double enough =
        45; /* dB; a step of 0.5 alone gives 53 with the rounding of 8 bits */
    size_t bytes;
    j.target = TSR_TARGET_STEP;
    j.value = 0.5;
    double psnr = round_trip(c, ctx, &j, &bytes).psnr;
    if (!(psnr >= enough)) tsr_check_fail(c, "at least %.0f dB expected, %.2f seen", enough, psnr);
}

/* More quality must not give less, but for what rounding does to a tiny picture. */
static void check_qualities(tsr_check *c, tsr_context *ctx, job j) {
    static const double qualities[] = {0, 30, 75, 100};
    const bool tiny = (uint64_t)j.w * j.h < 4096;
    j.target = TSR_TARGET_QUALITY;
    double before = 0;
    for (unsigned k = 0; k < 4; k++) {
        size_t bytes;
        j.value = qualities[k];
        double psnr = round_trip(c, ctx, &j, &bytes).psnr;
        if (!tiny && !(psnr >= before - 0.1))
            tsr_check_fail(c, "at least the %.2f dB of quality %g expected, %.2f seen", before,
                           k ? qualities[k - 1] : 0, psnr);
        before = psnr;
    }
}

void tsr_check_file(tsr_check *c) {
    tsr_context *ctx = tsr_check_context(c, 1);
    for_each_kind(c, ctx, check_fine);
    for_each_kind(c, ctx, check_qualities);
    tsr_context_free(ctx);
}

/* ---------------------------------------------------------------- threads */

enum { CONTEXTS = 3 };
static const uint32_t thread_counts[CONTEXTS] = {1, 2, 7};

static void expect_same_pixels(tsr_check *c, const tsr_image *a, const tsr_image *b,
                               uint32_t threads) {
    if (memcmp(a->pixels, b->pixels, tsr_image_bytes(a)))
        tsr_check_fail(c, "the pixels of 1 thread expected from %u", threads);
}

static void check_same_file(tsr_check *c, tsr_context *const ctx[CONTEXTS], const job *j) {
    tsr_image im, first = {0};
    tsr_blob file = {0};
    tsr_check_image_draw(c, &im, j->w, j->h, j->channels, j->depth, 4);
    for (int k = 0; k < CONTEXTS; k++) {
        tsr_blob again = encode(c, ctx[k], &im, j);
        tsr_image back = decode(c, ctx[k], &again, j);
        if (k > 0) {
            if (again.size != file.size || memcmp(again.data, file.data, file.size))
                tsr_check_fail(c, "the file of 1 thread (%zu bytes) expected from %u (%zu bytes)",
                               file.size, thread_counts[k], again.size);
            expect_same_pixels(c, &first, &back, thread_counts[k]);
            tsr_blob_free(&again);
            tsr_image_free(&back);
        } else {
            file = again;
            first = back;
        }
    }
    tsr_image_free(&im);
    tsr_image_free(&first);
    tsr_blob_free(&file);
}

void tsr_check_file_threads(tsr_check *c) {
    tsr_context *ctx[CONTEXTS];
    for (int k = 0; k < CONTEXTS; k++) ctx[k] = tsr_check_context(c, thread_counts[k]);
    for (unsigned channels = 1; channels <= TSR_MAX_CHANNELS; channels++) {
        job j = {.w = 131, .h = 197, .channels = channels, .depth = 8, .value = 60};
        check_same_file(c, ctx, &j);
        j = (job){.w = 5, .h = 3, .channels = channels, .depth = 16, .value = 90};
        check_same_file(c, ctx, &j);
    }
    for (int k = 0; k < CONTEXTS; k++) tsr_context_free(ctx[k]);
}

/* ---------------------------------------------------------------- lossless */

static void check_exact(tsr_check *c, tsr_context *ctx, job j) {
    size_t bytes;
    j.target = TSR_TARGET_LOSSLESS;
    uint32_t error = round_trip(c, ctx, &j, &bytes).max_error;
    if (error) tsr_check_fail(c, "the same pixels expected, an error of %u seen", error);
}

void tsr_check_file_lossless(tsr_check *c) {
    if (!(c->t->h.caps & TSR_CAP_LOSSLESS)) tsr_check_skip(c, "no TSR_CAP_LOSSLESS");
    tsr_context *ctx = tsr_check_context(c, 1);
    for_each_kind(c, ctx, check_exact);
    tsr_context_free(ctx);
}
