/* quant_lattice.c - vectors of eight neighbouring coefficients to points of the lattice E8.
 *
 * By construction A the lattice is the union of 16 cosets of (2Z)^8, one for each codeword of the
 * Hamming code (lattice.h). The nearest point of a coset is found coordinate by coordinate, and the
 * best of the 16 is the nearest of the lattice (Conway & Sloane 1982, "Fast quantizing and decoding
 * algorithms for lattice quantizers and codes", section V). Here squared error + lambda * bits
 * takes the place of the distance. Codewords share prefixes: the search is a tree of 16 leaves and
 * 86 edges, each with up to 3 candidates for its coordinate, in the context that its own path
 * makes. Cost: about 30 ns a coefficient and pass; less where vectors round to zero.
 */
#include <math.h>

#include "quant_param.h"
#include "quant_passes.h"
#include "quant_points.h"

enum { P_LAMBDA, P_PASSES };

static const tsr_param params[] = {
    TSR_QUANT_LAMBDA("", 0.052),
    TSR_QUANT_PASSES,
};

#define CODEWORDS  16
#define MAX_INDEX  8388607.0f
#define NEGLIGIBLE 0.6f /* half steps: a coefficient below is never worth a level alone */

/* A prefix of a codeword with its best coordinates. */
typedef struct node {
    float cost;
    uint32_t magnitude; /* of the last coordinate, in half steps */
    uint16_t w, ww;     /* clipped magnitudes of the last two */
    uint8_t odd, parent;
} node;

typedef struct search {
    tsr_passes p;
    float lambda; /* in half steps squared a bit */
    uint32_t cls;
    float a[TSR_E8];      /* magnitudes of the vector in half steps */
    const uint32_t *base; /* energies without left neighbours */
    node tree[TSR_E8 + 1][CODEWORDS];
} search;

/* Appends coordinate `at` of parity q1 to a prefix. free: the parity has to be coded. */
static node extend(const search *s, const node *from, uint32_t at, uint32_t q1, int free) {
    const uint8_t *weight = s->p.ctx.weight;
    const tsr_rate_model *r = s->p.rates;
    uint32_t bucket = tsr_energy_bucket(s->base[at] + weight[TSR_F_W] * (uint32_t)from->w +
                                        weight[TSR_F_WW] * (uint32_t)from->ww);
    const float *bits = r->bits[s->cls][bucket][q1];
    float a = s->a[at], best = INFINITY;
    uint32_t low = (uint32_t)((a + (float)q1) * 0.5f), magnitude = 0;
    for (uint32_t candidate = 0; candidate < 3; candidate++) {
        uint32_t k = candidate ? low + candidate - 1 : 0;
        if (candidate ? !k : q1) continue;
        uint32_t m = k ? 2 * k - q1 : 0;
        float d = a - (float)m, cost = d * d + s->lambda * tsr_rate_bits(bits, bucket, k);
        if (cost >= best) continue;
        best = cost;
        magnitude = m;
    }
    if (free) best += s->lambda * r->parity_bits[tsr_e8_parity_context(at, from->odd)][bucket][q1];
    return (node){.cost = from->cost + best,
                  .magnitude = magnitude,
                  .w = tsr_clip_mag(magnitude),
                  .ww = from->w,
                  .odd = (uint8_t)(from->odd | q1 << at)};
}

/* Coordinate `at` for all prefixes; returns how many there are then. */
static uint32_t grow(search *s, uint32_t at, uint32_t nodes, int complete) {
    const node *in = s->tree[at];
    node *out = s->tree[at + 1];
    uint32_t n = 0;
    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t parity = complete ? tsr_e8_parity(at, in[i].odd) : 0;
        for (uint32_t q1 = 0; q1 < 2; q1++) {
            if (parity != TSR_E8_FREE && parity != q1) continue;
            out[n] = extend(s, &in[i], at, q1, parity == TSR_E8_FREE);
            out[n++].parent = (uint8_t)i;
        }
    }
    return n;
}

/* Finds the point for s->a[0 .. n-1] and writes its magnitudes; the two to the left are mag[-1] and
 * mag[-2]. n < 8: what is left over at the end of a row. */
static void search_vector(search *s, uint32_t n, uint16_t *mag, uint32_t *magnitude, float *worth) {
    uint32_t nodes = 1, best = 0;
    s->tree[0][0] = (node){.w = mag[-1], .ww = mag[-2]};
    for (uint32_t at = 0; at < n; at++) nodes = grow(s, at, nodes, n == TSR_E8);
    for (uint32_t i = 1; i < nodes; i++)
        if (s->tree[n][i].cost < s->tree[n][best].cost) best = i;
    float energy = 0;
    for (uint32_t i = 0; i < n; i++) energy += s->a[i] * s->a[i];
    *worth += energy - s->tree[n][best].cost;
    for (uint32_t at = n; at-- > 0;) {
        const node *last = &s->tree[at + 1][best];
        magnitude[at] = last->magnitude;
        mag[at] = last->w;
        best = last->parent;
    }
}

/* n coefficients that are zero, but cost bits in a block that is coded. */
static void pass_zeros(const search *s, uint32_t n, uint16_t *mag, float *worth) {
    float bits = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = s->base[i] + s->p.ctx.weight[TSR_F_W] * (uint32_t)mag[(ptrdiff_t)i - 1] +
                     s->p.ctx.weight[TSR_F_WW] * (uint32_t)mag[(ptrdiff_t)i - 2];
        bits += s->p.rates->bits[s->cls][tsr_energy_bucket(e)][0][0];
        mag[i] = 0;
    }
    *worth -= s->lambda * bits;
}

/* Magnitudes of the next n coefficients; false when all of them are zero anyway. */
static int load_vector(search *s, const float *c, uint32_t n, float inv) {
    int any = 0;
    for (uint32_t i = 0; i < n; i++) {
        float a = fabsf(c[i]) * inv;
        s->a[i] = a < MAX_INDEX ? a : MAX_INDEX;
        any |= s->a[i] >= NEGLIGIBLE;
    }
    return any;
}

static void search_detail(tsr_passes *p, uint32_t b) {
    search *s = (search *)p;
    const tsr_band *band = &p->t->layout->band[b];
    const float *c = p->t->coeffs->data[b].f;
    int32_t *out = p->t->symbols->data[b];
    float inv = 2.0f / tsr_band_step(p->t, b);
    s->cls = p->ctx.cls[b];
    tsr_coef_context_band(&p->ctx, b);
    for (uint32_t y = 0; y < band->h; y++, c += band->w, out += band->w) {
        uint16_t *mag = tsr_mag_row(&p->ctx, b, y);
        tsr_coef_context_row(&p->ctx, b, y);
        for (uint32_t x = 0; x < band->w; x += TSR_E8) {
            uint32_t n = band->w - x < TSR_E8 ? band->w - x : TSR_E8, m[TSR_E8] = {0};
            s->base = p->ctx.base + x;
            if (load_vector(s, c + x, n, inv))
                search_vector(s, n, mag + x, m, &p->worth[x / TSR_BLOCK]);
            else
                pass_zeros(s, n, mag + x, &p->worth[x / TSR_BLOCK]);
            for (uint32_t i = 0; i < n; i++)
                out[x + i] = c[x + i] < 0 ? -(int32_t)m[i] : (int32_t)m[i];
        }
        tsr_passes_end_row(p, b, y);
    }
}

static tsr_status lattice_quantize(void *st, const tsr_quant_task *t) {
    search s = {.lambda = (float)t->v[P_LAMBDA].r * 4.0f};
    tsr_status status = tsr_passes_init_rates(&s.p, t);
    if (!status) status = tsr_passes_run(&s.p, (uint32_t)t->v[P_PASSES].i, search_detail);
    if (!status) tsr_points_fit(st, t);
    return status;
}

const tsr_quantizer tsr_quantizer_lattice = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 7,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "lattice",
          .summary = "points of the lattice E8, chosen by rate and distortion",
          .reference = "Conway & Sloane 1982, Fast quantizing and decoding algorithms for lattice "
                       "quantizers and codes",
          .params = params,
          .n_params = 2,
          .state_size = sizeof(tsr_points)},
    .lattice = 1,
    .step_scale = 1.4f,
    .quantize = lattice_quantize,
    .dequantize = tsr_points_stage_dequantize,
    .side_save = tsr_points_stage_save,
    .side_load = tsr_points_stage_load,
};
