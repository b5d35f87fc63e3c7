/* model_scene.h - whole files coded with a made model: what tests of networks share. */
#ifndef TSR_MODEL_SCENE_H
#define TSR_MODEL_SCENE_H

#include "codec_test.h"
#include "model_maker.h"
#include "tsr_test.h"

/* Adds the model to a context, as its first choice. */
static inline void add_model(tsr_context *ctx, const model_recipe *r) {
    tsr_blob b = make_model_file(r);
    tsr_diag d;
    if (tsr_add_model(ctx, b.data, b.size, "test", 0, &d)) abort();
    tsr_blob_free(&b);
}

static inline tsr_context *context_with(const model_recipe *r, uint32_t threads, uint32_t cpu) {
    tsr_context *ctx = codec_test_context(threads, cpu);
    add_model(ctx, r);
    return ctx;
}

/* The picture of a file, which must decode. */
static inline tsr_image decoded(tsr_context *ctx, const tsr_blob *b) {
    tsr_image im = {0};
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(codec_test_decode(ctx, b->data, b->size, 0, &im, NULL, &d), TSR_OK);
    return im;
}

/* Files and pixels must not depend on threads or instruction sets. encode() fails the test when it
 * cannot. */
static inline void check_exact(const model_recipe *r,
                               tsr_blob (*encode)(tsr_context *ctx, const tsr_image *im)) {
    static const uint32_t masks[] = {UINT32_MAX, TSR_CPU_AVX2, 0}, threads[] = {1, 2, 5};
    tsr_image im = test_picture(333, 205, 3, 8, 8);
    tsr_blob first = {0};
    tsr_image pixels = {0};
    for (unsigned i = 0; i < 3; i++) {
        tsr_context *ctx = context_with(r, threads[i], masks[i]);
        tsr_blob b = encode(ctx, &im);
        tsr_image back = decoded(ctx, &b);
        if (i) {
            CU_ASSERT(test_same_blob(&first, &b));
            CU_ASSERT(test_same_pixels(&pixels, &back));
            tsr_image_free(&back);
            tsr_blob_free(&b);
        } else {
            first = b;
            pixels = back;
        }
        tsr_context_free(ctx);
    }
    tsr_blob_free(&first);
    tsr_image_free(&pixels);
    tsr_image_free(&im);
}

#endif
