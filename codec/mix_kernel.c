/* mix_kernel.c - the coding loop of the `mix` coder for one instruction set (KERNEL_ISA names it).
 *
 * Only elementwise integer arithmetic and integer sums: every build gives the same bits.
 */
#include "mix_model.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

#define MIX_RATE  22
#define SIGN_RATE 6

typedef struct level_context {
    tsr_counter *c[TSR_MIX_CONTEXTS]; /* slot 0 of each context */
    tsr_mixer_weights *a, *b;         /* class 0 of each mixer; classes are 2 apart */
    uint32_t bucket, local;
    uint32_t q1;
} level_context;

static inline uint32_t q(const uint8_t *table, uint32_t size, uint32_t v) {
    return table[v < size ? v : size - 1];
}

static inline unsigned bin_class(unsigned bin) {
    return bin < 3 ? bin : bin < 7 ? 3 : 4;
}

TSR_INLINE void find_contexts(tsr_mix_model *m, const uint16_t *mag, uint32_t x,
                              level_context *lc) {
    const tsr_coef_context *cc = &m->walk.ctx;
    size_t stride = cc->mags[m->band].stride;
    const uint16_t *at = mag + x, *up = at - stride, *up2 = up - stride;
    uint32_t w = at[-1], ww = at[-2], n = up[0], nw = up[-1], ne = up[1], nn = up2[0];
    uint32_t bucket = tsr_energy_bucket(tsr_energy(cc, mag, x)), half = bucket >> 1;
    uint32_t sum = m->row.local[x] + 3 * w + ww, loc12 = q(m->q12, 1024, sum);
    uint32_t w6 = q(m->q6, 256, w), n6 = q(m->q6, 256, n), chroma = m->chroma, level = m->level;
    uint32_t parent = m->row.parent[x], wn3 = q(m->q3, 256, w + n), orient = m->orient;
    uint32_t id[TSR_MIX_CONTEXTS];
    lc->bucket = bucket;
    lc->local = q(m->q20, 1024, sum);
    id[0] = cc->cls[m->band] * TSR_BUCKETS + bucket;
    id[1] = (((chroma * 6 + w6) * 6 + n6) * 6 + q(m->q6, 256, nw)) * 6 + q(m->q6, 256, ne);
    id[2] = ((lc->local * 12 + parent) * 4 + orient) * 2 + chroma;
    id[3] = m->row.k4[x] + loc12;
    id[4] = m->row.k5[x] + wn3;
    id[5] = ((half * 8 + m->row.ring[x]) * 3 + m->kind) * 4 + orient;
    id[6] = (half * 6 + w6) * 6 + n6;
    id[7] = (half * 12 + parent) * 4 + level;
    id[8] = m->row.k9[x] + (q(m->q3, 256, w) * 3 + q(m->q3, 256, ww)) * 9;
    id[9] = m->row.k10[x] + (bucket >> 2);
    id[10] = m->row.k11[x] + q(m->q6, 256, w + n);
    id[11] =
        (((q(m->q6, 256, w + ww) * 6 + q(m->q6, 256, n + nn)) * 6 + q(m->q6, 256, nw + ne)) * 4 +
         orient) *
            4 +
        level;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        lc->c[i] = m->context[i] + ((size_t)id[i] * 2 + lc->q1) * TSR_MIX_BINS;
    lc->a = &m->by_class[chroma][orient][level][0][lc->q1];
    lc->b = &m->by_energy[bucket / 3][0][lc->q1];
}

TSR_INLINE int code_bin(tsr_mix_model *m, const level_context *lc, unsigned bin, int bit,
                        int decoding) {
    unsigned slot = bin < TSR_MIX_BINS ? bin : TSR_MIX_BINS - 1;
#define VALUE(i)   (i < TSR_MIX_CONTEXTS ? (int32_t)lc->c[i][slot] : 0)
#define STRETCH(i) (i < TSR_MIX_CONTEXTS ? m->logistic.stretch[(uint32_t)old[i] >> 20] : 0)
    tsr_mix_vector old = TSR_MIX_EACH(VALUE), x = TSR_MIX_EACH(STRETCH);
    x[TSR_MIX_CONTEXTS] = 256; /* bias */
    int32_t *wa = lc->a[2 * bin_class(bin)].w, *wb = lc->b[2 * bin_class(bin)].w;
    int32_t da = tsr_mix_dot(x, wa), db = tsr_mix_dot(x, wb), d = (da + db) >> 1;
    tsr_apm *apm1 = &m->apm_energy[lc->bucket][slot][lc->q1],
            *apm2 = &m->apm_local[lc->local][slot][lc->q1];
    uint32_t knot1, knot2, p = tsr_squash(&m->logistic, d);
    uint32_t r1 = tsr_apm_refine(apm1, d, &knot1), r2 = tsr_apm_refine(apm2, d, &knot2);
    p = (2 * p + r1 + r2 + 2) >> 2;
    p = p < 16 ? 16 : p > 65520 ? 65520 : p;
    bit = tsr_rc_code(&m->walk.rc, bit, p, decoding);
    int32_t target = bit ? 65535 : 0;
    tsr_mix_train(x, wa, target - (int32_t)tsr_squash(&m->logistic, da), MIX_RATE);
    tsr_mix_train(x, wb, target - (int32_t)tsr_squash(&m->logistic, db), MIX_RATE);
    tsr_apm_train(apm1, knot1, bit);
    tsr_apm_train(apm2, knot2, bit);
#ifdef KERNEL_TRAIN
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        m->tally[i][lc->c[i] + slot - m->context[i]][bit]++;
#endif
    tsr_counters_update(lc->c, TSR_MIX_CONTEXTS, slot, old, bit, TSR_PROB_LIMIT, tsr_prob_rate);
    return bit;
}

/* ---- signs ---- */

static inline uint32_t ref_sign(const tsr_mix_model *m, int role, uint32_t x, uint32_t y) {
    const tsr_layout *l = m->walk.ctx.layout;
    uint32_t r = l->band[m->band].ref[role];
    if (r == TSR_NO_BAND) return 1;
    unsigned shift = (unsigned)tsr_band_halves(&l->band[m->band], &l->band[r]);
    return (uint32_t)(m->sign[r][(size_t)(y >> shift) * m->walk.ctx.mags[r].stride + (x >> shift)] +
                      1);
}

TSR_INLINE int code_sign(tsr_mix_model *m, const uint16_t *mag, uint32_t x, uint32_t level, int bit,
                         int decoding) {
    const tsr_mags *mags = &m->walk.ctx.mags[m->band];
    size_t stride = mags->stride;
    uint32_t y = (uint32_t)((size_t)(mag - mags->m) / stride);
    const int8_t *s = m->sign[m->band] + (size_t)y * stride + x;
    uint32_t w = (uint32_t)(s[-1] + 1), n = (uint32_t)(s[-(ptrdiff_t)stride] + 1);
    uint32_t nw = (uint32_t)(s[-(ptrdiff_t)stride - 1] + 1),
             ne = (uint32_t)(s[-(ptrdiff_t)stride + 1] + 1);
    uint32_t ww = (uint32_t)(s[-2] + 1), nn = (uint32_t)(s[-2 * (ptrdiff_t)stride] + 1);
    uint32_t wn = w * 3 + n, size = level > 2 ? 2 : level - 1, phase = (x & 1) * 2 + (y & 1);
    uint32_t near = wn * 9 + nw * 3 + ne, sisters = ref_sign(m, TSR_REF_SISTER_A, x, y) * 3 +
                                                    ref_sign(m, TSR_REF_SISTER_B, x, y);
    uint32_t planes = ref_sign(m, TSR_REF_PLANE_A, x, y) * 3 + ref_sign(m, TSR_REF_PLANE_B, x, y);
    uint32_t plane_size = q(m->q3, 256, m->walk.ctx.ref[TSR_REF_PLANE_A].centre[x]);
    uint32_t id[TSR_SIGN_CONTEXTS] = {
        (near * 4 + m->orient) * 3 + m->kind,
        (((ref_sign(m, TSR_REF_PARENT, x, y) * 4 + phase) * 9 + wn) * 3 + size) * 4 + m->orient,
        (((planes * 3 + plane_size) * 9 + wn) * 3 + m->kind) * 3 + size,
        ((wn * 9 + ww * 3 + nn) * 4 + m->orient) * 4 + m->level,
        ((sisters * 9 + wn) * 4 + m->orient) * 4 + phase,
    };
    tsr_mix_vector in = {0};
    tsr_counter *c[TSR_SIGN_CONTEXTS];
    for (unsigned i = 0; i < TSR_SIGN_CONTEXTS; i++) {
        c[i] = &m->sign_context[i][id[i]];
        in[i] = m->logistic.stretch[*c[i] >> 20];
    }
    int32_t *wa = m->sign_weights[0][m->kind][m->orient][m->level].w;
    int32_t d = tsr_mix_dot(in, wa);
    uint32_t p = tsr_squash(&m->logistic, d);
    p = p < 64 ? 64 : p > 65472 ? 65472 : p;
    bit = tsr_rc_code(&m->walk.rc, bit, p, decoding);
    tsr_mix_train(in, wa, (bit ? 65535 : 0) - (int32_t)p, SIGN_RATE);
    for (unsigned i = 0; i < TSR_SIGN_CONTEXTS; i++)
        tsr_counter_update(c[i], bit, TSR_PROB_LIMIT, tsr_prob_rate);
    m->sign[m->band][(size_t)y * stride + x] = bit ? -1 : 1;
    return bit;
}

/* ---- levels ---- */

TSR_INLINE uint32_t code_escape(tsr_mix_model *m, uint32_t v, int decoding) {
    unsigned n = decoding ? 0 : 31u - (unsigned)__builtin_clz(v + 1), i = 0;
    while (i < TSR_MIX_ESCAPES &&
           tsr_prob_code(&m->walk.rc, &m->escape[m->chroma][i], i < n, decoding))
        i++;
    return (1u << i) - 1 +
           tsr_rc_code_raw(&m->walk.rc, decoding ? 0 : v + 1 - (1u << i), i, decoding);
}

TSR_INLINE int32_t code_level(void *model, uint32_t b, const uint16_t *mag, uint32_t x, uint32_t q1,
                              int32_t k, int decoding) {
    tsr_mix_model *m = model;
    level_context lc = {.q1 = q1 & 1};
    find_contexts(m, mag, x, &lc);
    if (!(q1 & TSR_NOT_ZERO) && !code_bin(m, &lc, 0, k != 0, decoding)) return 0;
    unsigned s = tsr_unary_shift(lc.bucket), i = 0;
    uint32_t v = decoding ? 0 : (uint32_t)(k < 0 ? -k : k) - 1;
    while (i < TSR_MIX_UNARY && code_bin(m, &lc, i + 1, (v >> s) > i, decoding)) i++;
    uint64_t out = i;
    if (i == TSR_MIX_UNARY)
        out += code_escape(m, decoding ? 0 : (v >> s) - TSR_MIX_UNARY, decoding);
    out <<= s;
    if (s) {
        out |=
            (uint32_t)tsr_prob_code(&m->walk.rc, &m->low_bit[lc.bucket], v >> (s - 1) & 1, decoding)
            << (s - 1);
        out |= tsr_rc_code_raw(&m->walk.rc, v & ((1u << (s - 1)) - 1), s - 1, decoding);
    }
    int32_t level = (int32_t)(out < (1u << 28) ? out : (1u << 28)) + 1;
    return code_sign(m, mag, x, (uint32_t)level, k < 0, decoding) ? -level : level;
}

void JOIN(tsr_mix_layer_, KERNEL_ISA)(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                      int decoding) {
    if (decoding)
        tsr_walk_layer(&m->walk, m, code_level, tsr_mix_begin_row, s, layer, 1);
    else
        tsr_walk_layer(&m->walk, m, code_level, tsr_mix_begin_row, s, layer, 0);
}
