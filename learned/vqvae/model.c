/* model.c - shape of a network, and what it needs to know about a step. */
#include "model.h"

#include <string.h>

/* Excess precision (x87) would change decoded samples. */
#include <float.h>
_Static_assert(FLT_EVAL_METHOD == 0, "floats must be evaluated as floats: use SSE arithmetic");

/* ---- shape ---- */

enum { BIASES = 3, TAPS = 9 };

int tsr_vqvae_net_legal(const tsr_vqvae_net *n) {
    return n->channels == TSR_VQVAE_CHANNELS && n->width >= 1 && n->width <= TSR_VQVAE_MAX_WIDTH &&
           n->blocks <= TSR_VQVAE_MAX_BLOCKS && (n->pointwise == 1 || n->pointwise == 2) &&
           tsr_vqvae_net_macs(n) <= TSR_VQVAE_MAX_MACS;
}

uint32_t tsr_vqvae_net_layers(const tsr_vqvae_net *n) {
    return 2 + n->blocks * (1 + n->pointwise);
}

/* Layer i without its place in param. */
static tsr_vqvae_layer shape(const tsr_vqvae_net *n, uint32_t i) {
    tsr_vqvae_layer l = {.kind = TSR_VQVAE_POINTWISE, .in = n->width, .out = n->width};
    if (i == 0) {
        l.in = n->channels;
    } else if (i + 1 == tsr_vqvae_net_layers(n)) {
        l.out = n->channels;
    } else if ((i - 1) % (1 + n->pointwise) == 0) {
        l.kind = TSR_VQVAE_DEPTHWISE;
    }
    l.n_weights = (size_t)(l.kind == TSR_VQVAE_DEPTHWISE ? TAPS : l.in) * l.out;
    return l;
}

static size_t layer_params(const tsr_vqvae_layer *l) {
    return l->n_weights + (size_t)BIASES * l->out;
}

size_t tsr_vqvae_net_params(const tsr_vqvae_net *n) {
    size_t sum = 0;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) {
        tsr_vqvae_layer l = shape(n, i);
        sum += layer_params(&l);
    }
    return sum;
}

size_t tsr_vqvae_net_outputs(const tsr_vqvae_net *n) {
    size_t sum = 0;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) sum += shape(n, i).out;
    return sum;
}

uint64_t tsr_vqvae_net_macs(const tsr_vqvae_net *n) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) sum += shape(n, i).n_weights;
    return sum;
}

tsr_vqvae_layer tsr_vqvae_net_layer(const tsr_vqvae_net *n, uint32_t i) {
    size_t at = 0, weights = 0, outputs = 0;
    for (uint32_t k = 0; k < i; k++) {
        tsr_vqvae_layer before = shape(n, k);
        at += layer_params(&before);
        weights += before.n_weights;
        outputs += before.out;
    }
    tsr_vqvae_layer l = shape(n, i);
    if (n->ints.weight) {
        l.integer = n->ints.weight + weights;
        l.shift = n->ints.shift + outputs;
        l.bias = n->ints.bias + BIASES * outputs;
    } else if (n->param) {
        l.weight = n->param + at;
        l.bias = l.weight + l.n_weights;
    }
    return l;
}

/* ---- networks of integers ---- */

size_t tsr_vqvae_ints_bytes(const tsr_vqvae_net *n) {
    size_t outputs = tsr_vqvae_net_outputs(n);
    return BIASES * outputs * sizeof(float) + (size_t)tsr_vqvae_net_macs(n) * sizeof(int16_t) +
           outputs;
}

void tsr_vqvae_ints_place(tsr_vqvae_net *n, void *memory) {
    size_t outputs = tsr_vqvae_net_outputs(n);
    n->param = NULL;
    n->ints.bias = memory;
    n->ints.weight = (int16_t *)(void *)(n->ints.bias + BIASES * outputs);
    n->ints.shift = (uint8_t *)(n->ints.weight + (size_t)tsr_vqvae_net_macs(n));
}

static uint32_t magnitude(int16_t v) {
    return (uint32_t)(v < 0 ? -v : v);
}

/* Output o of layer l. */
static int output_sound(const tsr_vqvae_layer *l, uint32_t o) {
    uint32_t n = (uint32_t)(l->n_weights / l->out), sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += magnitude(l->integer[(size_t)o * n + i]);
    return sum <= TSR_VQVAE_MAX_SUM && l->shift[o] <= TSR_VQVAE_MAX_SHIFT;
}

int tsr_vqvae_ints_sound(const tsr_vqvae_net *n) {
    if (n->pointwise != 1 || n->ints.fraction > TSR_VQVAE_MAX_FRACTION) return 0;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        for (uint32_t o = 0; o < l.out; o++)
            if (!output_sound(&l, o)) return 0;
    }
    return 1;
}

/* ---- step ---- */

/* log2 of a positive normal float, in operations that are exact everywhere: exponent, and for the
 * mantissa m in [1, 2) the series 2 / ln 2 (z + z^3 / 3 + z^5 / 5 + ...) with z = (m - 1) / (m +
 * 1), whose first term left out is below 1e-14. */
static float log2_exact(float x) {
    enum { TERMS = 13 };
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 23 & 255) - 127;
    bits = (bits & 0x7fffff) | 0x3f800000;
    memcpy(&x, &bits, sizeof x);
    double z = ((double)x - 1.0) / ((double)x + 1.0), square = z * z, sum = 0;
    for (int k = TERMS - 1; k >= 0; k--) sum = sum * square + 1.0 / (2 * k + 1);
    return (float)(exponent + 2.8853900817779268 * (z * sum));
}

static float clamp(float x, float lo, float hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

tsr_vqvae_scale tsr_vqvae_scale_of(const tsr_vqvae_model *m, float step) {
    float known = clamp(step, m->step_min, m->step_max);
    float share = clamp(2.0f * step / m->step_min - 1.0f, 0.0f, 1.0f);
    return (tsr_vqvae_scale){.l = log2_exact(known) - 5.0f,
                             .inverse = 1.0f / (step > m->step_min ? step : m->step_min),
                             .amount = step * share};
}
