/* mix_kernel.c - the coding loop of the `mix` coder for one instruction set (KERNEL_ISA names it).
 *
 * Only elementwise integer arithmetic and integer sums: every build gives the same bits.
 */
#include "mix_vector.h"

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

/* Numbers of the contexts of the level at column x, whose energy has this bucket. */
TSR_INLINE uint32_t find_ids(const tsr_mix_model *m, const uint16_t *mag, uint32_t x,
                             uint32_t bucket, uint32_t *id) {
    const tsr_coef_context *cc = &m->walk.ctx;
    size_t stride = cc->mags[m->band].stride;
    const uint16_t *at = mag + x, *up = at - stride, *up2 = up - stride;
    uint32_t w = at[-1], ww = at[-2], n = up[0], nw = up[-1], ne = up[1], nn = up2[0];
    uint32_t half = bucket >> 1;
    uint32_t sum = m->row.local[x] + 3 * w + ww, loc12 = q(m->q12, 1024, sum);
    uint32_t w6 = q(m->q6, 256, w), n6 = q(m->q6, 256, n), chroma = m->chroma, level = m->level;
    uint32_t parent = m->row.parent[x], wn3 = q(m->q3, 256, w + n), orient = m->orient;
    uint32_t local = q(m->q20, 1024, sum);
    id[0] = cc->cls[m->band] * TSR_BUCKETS + bucket;
    id[1] = (((chroma * 6 + w6) * 6 + n6) * 6 + q(m->q6, 256, nw)) * 6 + q(m->q6, 256, ne);
    id[2] = ((local * 12 + parent) * 4 + orient) * 2 + chroma;
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
    return local;
}

TSR_INLINE void find_contexts(tsr_mix_model *m, const uint16_t *mag, uint32_t x,
                              level_context *lc) {
    uint32_t id[TSR_MIX_CONTEXTS], chroma = m->chroma, orient = m->orient, level = m->level;
    uint32_t bucket = tsr_energy_bucket(tsr_energy(&m->walk.ctx, mag, x));
    lc->bucket = bucket;
    lc->local = find_ids(m, mag, x, bucket, id);
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++)
        lc->c[i] = m->context[i] + ((size_t)id[i] * 2 + lc->q1) * TSR_MIX_BINS;
    lc->a = &m->by_class[chroma][orient][level][0][lc->q1];
    lc->b = &m->by_energy[bucket / 3][0][lc->q1];
}

/* One decision: c[i] + slot are the counters of n contexts, the weights follow the inputs. */
TSR_INLINE int decide(tsr_mix_model *m, tsr_counter *const *c, unsigned n, unsigned slot,
                      int32_t *wa, int32_t *wb, tsr_apm *apm1, tsr_apm *apm2, int bit,
                      int decoding) {
#define VALUE(i) (i < n ? (int32_t)c[i][slot] : 0)
#define STRETCH(i)                                                                                 \
    (i < n ? m->logistic.stretch[(uint32_t)old[i] >> 20] : i == n ? 256 /* bias */ : 0)
    tsr_mix_lanes old = TSR_MIX_EACH(VALUE), x = TSR_MIX_EACH(STRETCH);
    int32_t da = tsr_mix_dot(x, wa), db = tsr_mix_dot(x, wb), d = (da + db) >> 1;
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
    tsr_counters_update(c, n, slot, old, bit, TSR_PROB_LIMIT, tsr_prob_rate);
    return bit;
#undef VALUE
#undef STRETCH
}

/* Training: counts what the counters of a decision saw. */
TSR_INLINE void count_decision(uint32_t (**tally)[2], tsr_counter *const *c,
                               tsr_counter *const *table, unsigned n, unsigned slot, int bit) {
#ifdef KERNEL_TRAIN
    for (unsigned i = 0; i < n; i++) tally[i][c[i] + slot - table[i]][bit]++;
#endif
}

TSR_INLINE int code_bin(tsr_mix_model *m, const level_context *lc, unsigned bin, int bit,
                        int decoding) {
    unsigned slot = bin < TSR_MIX_BINS ? bin : TSR_MIX_BINS - 1;
    int32_t *wa = lc->a[2 * bin_class(bin)].w, *wb = lc->b[2 * bin_class(bin)].w;
    bit = decide(m, lc->c, TSR_MIX_CONTEXTS, slot, wa, wb, &m->apm_energy[lc->bucket][slot][lc->q1],
                 &m->apm_local[lc->local][slot][lc->q1], bit, decoding);
    count_decision(m->tally, lc->c, m->context, TSR_MIX_CONTEXTS, slot, bit);
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
    tsr_mix_lanes in = {0};
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

/* What follows n unary bins of |level| - 1 = v, whose unit is the bucket's; returns v. */
TSR_INLINE uint32_t code_rest(tsr_mix_model *m, uint32_t bucket, unsigned n, uint32_t v,
                              int decoding) {
    unsigned s = tsr_unary_shift(bucket);
    uint64_t out = n;
    if (n == TSR_MIX_UNARY)
        out += code_escape(m, decoding ? 0 : (v >> s) - TSR_MIX_UNARY, decoding);
    out <<= s;
    if (s) {
        out |= (uint32_t)tsr_prob_code(&m->walk.rc, &m->low_bit[bucket], v >> (s - 1) & 1, decoding)
               << (s - 1);
        out |= tsr_rc_code_raw(&m->walk.rc, v & ((1u << (s - 1)) - 1), s - 1, decoding);
    }
    return out < (1u << 28) ? (uint32_t)out : 1u << 28;
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
    int32_t level = (int32_t)code_rest(m, lc.bucket, i, v, decoding) + 1;
    return code_sign(m, mag, x, (uint32_t)level, k < 0, decoding) ? -level : level;
}

/* ---- vectors ---- */

static inline uint32_t q6(const tsr_mix_model *m, uint32_t v) {
    return q(m->q6, 256, v);
}

static inline uint32_t q3(const tsr_mix_model *m, uint32_t v) {
    return q(m->q3, 256, v);
}

/* Sum of a reference band's magnitudes at the places of the vector. */
static inline uint32_t ref_sum(const tsr_mix_model *m, int role, uint32_t x, unsigned outside) {
    const uint16_t *up = m->walk.ctx.ref[role].centre + x,
                   *low = m->walk.vec.lower_ref[role].centre + x;
    return up[0] + (outside & 2 ? 0u : up[1]) + (outside & 4 ? 0u : low[0]) +
           (outside & 8 ? 0u : low[1]);
}

TSR_INLINE void find_features(const tsr_mix_model *m, tsr_vector_features *f,
                              const tsr_vector_place *at) {
    size_t stride = m->walk.ctx.mags[at->b].stride;
    const uint16_t *a = tsr_mag_row(&m->walk.ctx, at->b, at->y) + at->x, *b = a + stride,
                   *u = a - stride, *u2 = u - stride;
    f->w = (uint32_t)a[-1] + b[-1];
    f->ww = (uint32_t)a[-2] + b[-2];
    f->n = (uint32_t)u[0] + u[1];
    f->nn = (uint32_t)u2[0] + u2[1];
    f->nw = u[-1];
    f->ne = u[2];
    uint32_t next = (uint32_t)u[3] + u[-2];
    f->local = 2 * (f->w + f->n + f->nw + f->ne) + f->ww + f->nn + next;
    f->ring = (uint32_t)u2[-1] + u2[2] + u2[-2] + u2[3] + u[-3] + u[4] + next;
    f->parent = (ref_sum(m, TSR_REF_PARENT, at->x, at->outside) + 2) >> 2;
    f->sister_a = ref_sum(m, TSR_REF_SISTER_A, at->x, at->outside) >> 1;
    f->sister_b = ref_sum(m, TSR_REF_SISTER_B, at->x, at->outside) >> 1;
    f->plane_a = ref_sum(m, TSR_REF_PLANE_A, at->x, at->outside) >> 1;
    f->plane_b = ref_sum(m, TSR_REF_PLANE_B, at->x, at->outside) >> 1;
}

TSR_INLINE void find_zero_contexts(const tsr_mix_model *m, const tsr_mix_vector *v,
                                   const tsr_vector_features *f, uint32_t *id) {
    const tsr_coef_context *cc = &m->walk.ctx;
    const tsr_ref_row *par = &cc->ref[TSR_REF_PARENT], *pa = &cc->ref[TSR_REF_PLANE_A];
    size_t x = v->at.x;
    size_t stride = cc->mags[v->at.b].stride;
    const uint16_t *a = tsr_mag_row(cc, v->at.b, v->at.y) + x, *b = a + stride, *u = a - stride;
    uint32_t bucket = tsr_energy_bucket(m->walk.vec.total), half = bucket >> 1;
    uint32_t w6 = q6(m, f->w), n6 = q6(m, f->n), p6 = q6(m, f->parent), o = m->orient, l = m->level,
             chroma = m->chroma;
    uint32_t parent = q(m->q12, 1024, 2 * f->parent + ((2u * par->cross[x] + par->diag[x]) >> 2));
    uint32_t sister = q(
        m->q12, 1024,
        f->sister_a + f->sister_b +
            (((uint32_t)cc->ref[TSR_REF_SISTER_A].cross[x] + cc->ref[TSR_REF_SISTER_B].cross[x]) >>
             2));
    uint32_t plane =
        q(m->q12, 1024,
          f->plane_a + f->plane_b +
              (((uint32_t)pa->cross[x] + cc->ref[TSR_REF_PLANE_B].cross[x] + pa->diag[x]) >> 2));
    uint32_t ring = q(m->q12, 1024, f->ring), local = q(m->q12, 1024, f->local);
    const tsr_ref_row *up = chroma ? pa : &cc->ref[TSR_REF_SISTER_A];
    const tsr_ref_row *low = &m->walk.vec.lower_ref[chroma ? TSR_REF_PLANE_A : TSR_REF_SISTER_A];
    uint32_t right = v->at.outside & 2 ? 0u : 1u, below = v->at.outside & 4 ? 0u : 1u;
    uint32_t pattern = q3(m, up->centre[x]) * 27 + q3(m, right * up->centre[x + 1]) * 9 +
                       q3(m, below * low->centre[x]) * 3 +
                       q3(m, right * below * low->centre[x + 1]);
    id[0] = v->at.cls * TSR_BUCKETS + bucket;
    id[1] = (((chroma * 6 + w6) * 6 + n6) * 6 + q6(m, f->nw)) * 6 + q6(m, f->ne);
    id[2] = ((q(m->q20, 1024, f->local) * 12 + parent) * 4 + o) * 2 + chroma;
    id[3] = chroma * 1728 + (chroma ? plane : ring) * 144 + sister * 12 + local;
    id[4] = (chroma * 1296 + ((p6 * 6 + q6(m, f->sister_a)) * 6 + q6(m, f->sister_b)) * 6 +
             q6(m, f->plane_a)) *
                3 +
            q3(m, f->w + f->n);
    id[5] = ((half * 8 + (ring < 8 ? ring : 7)) * 3 + m->kind) * 4 + o;
    id[6] = (half * 6 + w6) * 6 + n6;
    id[7] = (half * 12 + parent) * 4 + l;
    id[8] = ((((((q3(m, a[-1]) * 3 + q3(m, b[-1])) * 3 + q3(m, u[0])) * 3 + q3(m, u[1])) * 3 +
               q3(m, f->nw)) *
                  3 +
              q3(m, f->ne)) *
                 3 +
             q3(m, f->parent)) *
                3 +
            q3(m, chroma ? f->plane_a : f->sister_b);
    id[9] = ((p6 * 6 + q6(m, par->cross[x] >> 1u)) * 6 + q6(m, par->diag[x] >> 1u)) * 20 +
            (bucket >> 2);
    id[10] = ((chroma * 81 + pattern) * 3 + q3(m, chroma ? f->plane_b : f->sister_b)) * 6 +
             q6(m, f->w + f->n);
    id[11] =
        (((q6(m, f->w + f->ww) * 6 + q6(m, f->n + f->nn)) * 6 + q6(m, f->nw + f->ne)) * 4 + o) * 4 +
        l;
    const uint32_t *e = m->walk.vec.energy;
    id[12] = tsr_vector_level(e[0]) * TSR_VECTOR_LEVELS + tsr_vector_level(e[3]);
    id[13] = tsr_vector_level(e[1]) * TSR_VECTOR_LEVELS + tsr_vector_level(e[2]);
    uint32_t near = a[-1] > b[-1] ? a[-1] : b[-1], above = u[0] > u[1] ? u[0] : u[1];
    id[14] = ((v->at.cls * 6 + q6(m, near)) * 6 + q6(m, above)) * 6 +
             q6(m, f->parent > f->plane_a ? f->parent : f->plane_a);
}

TSR_INLINE int code_zero(void *model, int bit, int decoding) {
    tsr_mix_model *m = model;
    tsr_mix_vector *v = m->vec;
    uint32_t id[TSR_ZERO_CONTEXTS], total = m->walk.vec.total;
    tsr_counter *c[TSR_ZERO_CONTEXTS];
    tsr_vector_features f;
    find_features(m, &f, &v->at);
    find_zero_contexts(m, v, &f, id);
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; i++) c[i] = v->zero[i] + id[i];
    bit = decide(m, c, TSR_ZERO_CONTEXTS, 0, v->zero_a[m->chroma][m->orient][m->level].w,
                 v->zero_b[tsr_vector_level(total)].w, &v->zero_apm[tsr_energy_bucket(total)],
                 &v->zero_apm_local[q(m->q20, 1024, f.local)], bit, decoding);
    count_decision(v->zero_tally, c, v->zero, TSR_ZERO_CONTEXTS, 0, bit);
    return bit;
}

/* One bin of a level of a vector: cls of its slot. */
typedef struct pattern_context {
    tsr_counter *c[TSR_MIX_CONTEXTS];
    tsr_mixer_weights *a, *b; /* class 0 */
    tsr_apm *apm, *apm_local; /* slot 0 */
} pattern_context;

TSR_INLINE int code_slot(tsr_mix_model *m, const pattern_context *pc, unsigned slot, unsigned cls,
                         int bit, int decoding) {
    tsr_mix_vector *v = m->vec;
    bit = decide(m, pc->c, TSR_MIX_CONTEXTS, slot, pc->a[cls].w, pc->b[cls].w, pc->apm + slot,
                 pc->apm_local + slot, bit, decoding);
    count_decision(v->level_tally, pc->c, v->level, TSR_MIX_CONTEXTS, slot, bit);
    return bit;
}

TSR_INLINE int code_more(tsr_mix_model *m, const pattern_context *pc, unsigned bin, int bit,
                         int decoding) {
    unsigned at = bin < TSR_MIX_BINS ? bin : TSR_MIX_BINS - 1;
    return code_slot(m, pc, TSR_VECTOR_KINDS + at - 1, TSR_VECTOR_KINDS + bin_class(bin) - 1, bit,
                     decoding);
}

TSR_INLINE uint32_t code_magnitude(void *model, unsigned i, unsigned kind, uint32_t energy,
                                   uint32_t level, int decoding) {
    tsr_mix_model *m = model;
    tsr_mix_vector *v = m->vec;
    uint32_t x = v->at.x + (i & 1), y = v->at.y + (i >> 1), id[TSR_MIX_CONTEXTS];
    uint32_t bucket = tsr_energy_bucket(energy);
    pattern_context pc;
    tsr_mix_begin_column(m, v->at.b, y, x);
    uint32_t local = find_ids(m, tsr_mag_row(&m->walk.ctx, v->at.b, y), x, bucket, id);
    for (unsigned k = 0; k < TSR_MIX_CONTEXTS; k++)
        pc.c[k] = v->level[k] + (size_t)id[k] * TSR_VECTOR_SLOTS;
    pc.a = v->level_a[m->chroma][m->orient][m->level];
    pc.b = v->level_b[bucket / 3];
    pc.apm = v->level_apm[bucket];
    pc.apm_local = v->level_apm_local[local];
    if (kind != TSR_KIND_CERTAIN && !code_slot(m, &pc, kind, kind, level != 0, decoding)) return 0;
    unsigned s = tsr_unary_shift(bucket), n = 0;
    uint32_t rest = decoding ? 0 : level - 1;
    while (n < TSR_MIX_UNARY && code_more(m, &pc, n + 1, (rest >> s) > n, decoding)) n++;
    return code_rest(m, bucket, n, rest, decoding) + 1;
}

TSR_INLINE int code_shape(void *model, uint32_t number, int bit, int decoding) {
    tsr_mix_model *m = model;
    tsr_prob *p = &m->vec->shape[number][tsr_vector_level(m->walk.vec.total)];
    return tsr_prob_code(&m->walk.rc, p, bit, decoding);
}

TSR_INLINE int code_vector_sign(void *model, unsigned i, uint32_t level, int bit, int decoding) {
    tsr_mix_model *m = model;
    const tsr_vector_place *at = &m->vec->at;
    return code_sign(m, tsr_mag_row(&m->walk.ctx, at->b, at->y + (i >> 1)), at->x + (i & 1),
                     level ? level : 1, bit, decoding);
}

TSR_INLINE void code_vector(void *model, uint32_t b, uint32_t x, uint32_t y, unsigned outside,
                            int32_t *value, int decoding) {
    static const tsr_vector_coder coder = {code_zero, code_magnitude, code_shape, code_vector_sign};
    tsr_mix_model *m = model;
    if (m->vec->at.b != b) {
        tsr_mix_begin_band(m, b);
        m->vec->at.cls = tsr_vector_class(&m->walk.ctx, b);
    }
    m->vec->at = (tsr_vector_place){b, x, y, m->vec->at.cls, outside};
    if (m->walk.vec.book->fixed_bits)
        tsr_vector_code_raw(&m->walk, &m->vec->at, value, decoding);
    else
        tsr_vector_code(m, &m->walk, &coder, &m->vec->at, value, decoding);
}

void JOIN(tsr_mix_layer_, KERNEL_ISA)(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                      int decoding) {
    if (decoding)
        tsr_walk_layer(&m->walk, m, code_level, tsr_mix_begin_row, code_vector, s, layer, 1);
    else
        tsr_walk_layer(&m->walk, m, code_level, tsr_mix_begin_row, code_vector, s, layer, 0);
}
