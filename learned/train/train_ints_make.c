/* train_ints_make.c - a network of integers from one of floats (post-training quantization).
 *
 * Every hidden channel has a unit, the same in all blocks, and every depthwise output has one; the
 * largest value seen takes a HEADROOMth of 16 bits. Units go into the weights; what is left of an
 * output's scale is a shift, as large as the limit of the sum of its weights allows. Jacob et al.
 * 2018, section 2, is the general idea; there are no zero points, as everything is either symmetric
 * or behind a relu.
 */
#include <math.h>
#include <stdlib.h>

#include "train_ints.h"

enum {
    TAPS = 9,
    HEADROOM = 2,      /* times the largest value seen */
    MAX_FRACTION = 10, /* bits of the inputs */
    STEPS = 16         /* at which biases are looked at */
};

static const double largest_input = 512; /* of any sample of the bands */

typedef struct maker {
    const tsr_vqvae_model *m;
    const train_ranges *ranges;
    tsr_vqvae_net *out;
    double unit[TSR_VQVAE_MAX_WIDTH]; /* of hidden channels */
} maker;

/* ---- an output ---- */

/* Largest magnitude of a bias over all steps that the model knows. */
static double largest_bias(const maker *k, const tsr_vqvae_layer *l, uint32_t o) {
    double low = tsr_vqvae_scale_of(k->m, k->m->step_min).l;
    double high = tsr_vqvae_scale_of(k->m, k->m->step_max).l, largest = 0;
    for (int i = 0; i <= STEPS; i++) {
        double x = low + (high - low) * i / STEPS;
        double b = (double)l->bias[o] +
                   x * ((double)l->bias[l->out + o] + x * (double)l->bias[2 * l->out + o]);
        largest = fmax(largest, fabs(b));
    }
    return largest;
}

/* Weights v times 2^shift, and a bias as large as this. */
static int fits(const double *v, uint32_t n, double bias, int shift) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        double x = floor(fabs(ldexp(v[i], shift)) + 0.5);
        sum += x;
        if (x > INT16_MAX) return 0;
    }
    return sum <= TSR_VQVAE_MAX_SUM && ldexp(bias, shift) < TSR_VQVAE_MAX_BIAS;
}

/* Weights v and biases of output o, in units of what goes in and what comes out. Weights that are
 * too large even for no shift are clipped. */
static void make_output(const maker *k, uint32_t layer, uint32_t o, const double *v, double unit) {
    tsr_vqvae_layer from = tsr_vqvae_net_layer(&k->m->decoder, layer);
    tsr_vqvae_layer to = tsr_vqvae_net_layer(k->out, layer);
    uint32_t n = (uint32_t)(from.n_weights / from.out);
    double bias = largest_bias(k, &from, o) / unit;
    int shift = TSR_VQVAE_MAX_SHIFT;
    while (shift > 0 && !fits(v, n, bias, shift)) shift--;
    double limit = fits(v, n, 0, shift) ? INT16_MAX : TSR_VQVAE_MAX_SUM / n;
    for (uint32_t i = 0; i < n; i++)
        to.integer[(size_t)o * n + i] =
            (int16_t)fmax(-limit, fmin(limit, floor(ldexp(v[i], shift) + 0.5)));
    to.shift[o] = (uint8_t)shift;
    for (uint32_t i = 0; i < 3; i++) {
        double b = from.bias[i * from.out + o] / unit;
        to.bias[i * from.out + o] = (float)fmax(-INT16_MAX, fmin(INT16_MAX, b));
    }
}

/* ---- layers ---- */

/* A pointwise layer; in: units of its inputs; out: of its outputs, NULL: 1. */
static void make_pointwise(const maker *k, uint32_t layer, const double *in, const double *out) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(&k->m->decoder, layer);
    double v[TSR_VQVAE_MAX_WIDTH];
    for (uint32_t o = 0; o < l.out; o++) {
        double unit = out ? out[o] : 1;
        for (uint32_t i = 0; i < l.in; i++) v[i] = l.weight[(size_t)o * l.in + i] * in[i] / unit;
        make_output(k, layer, o, v, unit);
    }
}

static void make_depthwise(const maker *k, uint32_t layer, const double *out) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(&k->m->decoder, layer);
    double v[TAPS];
    for (uint32_t o = 0; o < l.out; o++) {
        for (uint32_t t = 0; t < TAPS; t++)
            v[t] = l.weight[(size_t)o * TAPS + t] * k->unit[o] / out[o];
        make_output(k, layer, o, v, out[o]);
    }
}

/* ---- the network ---- */

static double unit_of(double peak) {
    return fmax(peak * HEADROOM / INT16_MAX, 1e-6);
}

/* Of hidden channels: by the largest value over all blocks. */
static void choose_units(maker *k) {
    const tsr_vqvae_net *n = &k->m->decoder;
    for (uint32_t c = 0; c < n->width; c++) {
        double peak = k->ranges->peak[c];
        for (uint32_t b = 0; b < n->blocks; b++)
            peak = fmax(peak, k->ranges->peak[(2 + 2 * (size_t)b) * n->width + c]);
        k->unit[c] = unit_of(peak);
    }
}

/* As many bits as leave room for the largest input. */
static uint32_t choose_fraction(const maker *k) {
    double largest = largest_input / k->m->step_min;
    uint32_t fraction = 0;
    while (fraction < MAX_FRACTION && ldexp(largest, (int)fraction + 1) < INT16_MAX) fraction++;
    return fraction;
}

static void make_layers(maker *k) {
    const tsr_vqvae_net *n = &k->m->decoder;
    double in[TSR_VQVAE_CHANNELS], active[TSR_VQVAE_MAX_WIDTH];
    for (uint32_t c = 0; c < n->channels; c++) in[c] = ldexp(1, -(int)k->out->ints.fraction);
    make_pointwise(k, 0, in, k->unit);
    for (uint32_t b = 0; b < n->blocks; b++) {
        const float *peak = k->ranges->peak + (1 + 2 * (size_t)b) * n->width;
        for (uint32_t c = 0; c < n->width; c++) active[c] = unit_of(peak[c]);
        make_depthwise(k, 1 + 2 * b, active);
        make_pointwise(k, 2 + 2 * b, active, k->unit);
    }
    make_pointwise(k, tsr_vqvae_net_layers(n) - 1, k->unit, NULL);
}

tsr_status tsr_train_ints_check(const tsr_vqvae_net *n, tsr_diag *d) {
    if (n->pointwise == 1) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                        "networks of integers have one pointwise layer in each block");
}

tsr_status tsr_train_ints_make(tsr_vqvae_net *out, const tsr_vqvae_model *m,
                               const train_ranges *ranges, tsr_diag *d) {
    maker k = {.m = m, .ranges = ranges, .out = out};
    const tsr_vqvae_net *n = &m->decoder;
    *out = (tsr_vqvae_net){n->channels, n->width, n->blocks, n->pointwise, NULL, {0}};
    tsr_status status = tsr_train_ints_check(n, d);
    if (status) return status;
    void *memory = calloc(1, tsr_vqvae_ints_bytes(n));
    if (!memory) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a network");
    tsr_vqvae_ints_place(out, memory);
    choose_units(&k);
    out->ints.fraction = choose_fraction(&k);
    make_layers(&k);
    return TSR_OK;
}
