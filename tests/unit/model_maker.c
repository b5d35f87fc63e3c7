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

/* Output o of l: n weights of this rms, with as many bits as the limits allow up to `shift`. */
static void fill_ints(const tsr_vqvae_layer *l, uint32_t o, uint32_t n, float rms, int shift,
                      uint64_t *rng) {
    int16_t *w = l->integer + (size_t)o * n;
    float v[TSR_VQVAE_MAX_WIDTH];
    int32_t sum;
    fill(v, n, rms, rng);
    do {
        sum = 0;
        for (uint32_t i = 0; i < n; i++) {
            w[i] = (int16_t)(v[i] * (float)(1 << shift));
            sum += abs(w[i]);
        }
        l->shift[o] = (uint8_t)shift--;
    } while (sum > TSR_VQVAE_MAX_SUM);
}

void make_int_net(tsr_vqvae_net *n, float amplitude, uint64_t *rng) {
    enum { FRACTION = 6, SHIFT = 12 }; /* bits of all values; of weights */
    const float unit = 1.0f / (1 << FRACTION);
    void *memory = malloc(tsr_vqvae_ints_bytes(n));
    if (!memory) abort();
    tsr_vqvae_ints_place(n, memory);
    n->ints.fraction = FRACTION;
    uint32_t layers = tsr_vqvae_net_layers(n);
    for (uint32_t i = 0; i < layers; i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        uint32_t fan = l.kind == TSR_VQVAE_DEPTHWISE ? 9 : l.in;
        int last = i + 1 == layers;
        for (uint32_t o = 0; o < l.out; o++)
            fill_ints(&l, o, fan, last ? amplitude * unit : 1.0f / sqrtf((float)fan),
                      last ? SHIFT + FRACTION : SHIFT, rng);
        fill(l.bias, 3 * (size_t)l.out, last ? 0.1f * amplitude : 0.1f / unit, rng);
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
    (r->integers ? make_int_net : make_net)(&m.decoder, r->amplitude, &rng);
    make_net(&m.encoder, r->amplitude, &rng);
    size_t size = tsr_vqvae_model_save(&m, NULL, 0);
    tsr_blob b = {malloc(size), size};
    if (!b.data || !size) abort();
    tsr_vqvae_model_save(&m, b.data, size);
    free(r->integers ? m.decoder.ints.bias : m.decoder.param);
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
