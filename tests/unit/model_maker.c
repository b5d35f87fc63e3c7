/* model_maker.c - small seeded models for tests. */
#include "model_maker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_picture.h"

/* Uniform, of this rms. */
static void fill(float *v, size_t n, float rms, uint64_t *rng) {
    const float range = rms * 1.7320508f;
    for (size_t i = 0; i < n; i++)
        v[i] = range * ((float)test_random_below(rng, 65536) / 32768.0f - 1.0f);
}

void make_net(tsr_vqvae_net *n, float amplitude, uint64_t *rng) {
    n->param = malloc(tsr_vqvae_net_params(n) * sizeof(float));
    if (!n->param) abort();
    uint32_t layers = tsr_vqvae_net_layers(n);
    for (uint32_t i = 0; i < layers; i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        uint32_t fan = l.kind == TSR_VQVAE_DEPTHWISE ? 9 : l.in;
        int last = i + 1 == layers;
        fill(l.weight, l.n_weights, last ? amplitude : 1.0f / sqrtf((float)fan), rng);
        fill(l.bias, 3 * (size_t)l.out, last ? 0.1f * amplitude : 0.1f, rng);
    }
}

tsr_blob make_model_section(const model_recipe *r) {
    uint64_t rng = r->seed;
    tsr_vqvae_net shape = {.channels = TSR_VQVAE_CHANNELS,
                           .width = r->width,
                           .blocks = r->blocks,
                           .pointwise = r->pointwise};
    tsr_vqvae_model m = {.has_encoder = (uint32_t)r->encoder,
                         .step_min = r->step_min > 0 ? r->step_min : 4,
                         .step_max = 160,
                         .decoder = shape,
                         .encoder = shape};
    make_net(&m.decoder, r->amplitude, &rng);
    make_net(&m.encoder, r->amplitude, &rng);
    size_t size = tsr_vqvae_model_save(&m, NULL, 0);
    tsr_blob b = {malloc(size), size};
    if (!b.data || !size) abort();
    tsr_vqvae_model_save(&m, b.data, size);
    free(m.decoder.param);
    free(m.encoder.param);
    return b;
}

tsr_blob make_model_file(const model_recipe *r) {
    char meta[200];
    tsr_diag d;
    tsr_blob section = make_model_section(r), file;
    snprintf(meta, sizeof meta, "name=%s\ncommand=make_model\nseed=%llu\n", r->name,
             (unsigned long long)r->seed);
    tsr_model_file m = {.meta = meta, .meta_size = strlen(meta), .n_sections = 1};
    m.section[0] = (tsr_model_section){.data = section.data, .size = section.size};
    snprintf(m.section[0].name, sizeof m.section[0].name, "%s", r->section ? r->section : "vqvae");
    if (tsr_model_write(&m, &file, &d)) abort();
    tsr_blob_free(&section);
    return file;
}
