/* mix_kernel.c - the coding loop of the `mix` coder for one instruction set (KERNEL_ISA names it).
 *
 * Only elementwise arithmetic and integer sums: every build gives the same bits. Most of the time
 * passes in waiting: for counters in the cache, for the sum of a mixer, for a branch that was
 * guessed wrong. So the contexts of the next level are prepared while one is coded, both ways that
 * a decision may go are written out, and bits that nobody can guess are coded without a branch.
 */
#include "mix_vector.h"
#include "mix_zeros.h"
#include "prior_vector_kernel.h"
#include "xorshift.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

#define UNLIKELY(x) __builtin_expect((x) != 0, 0)

/* Builds without the network know at compile time that there is none. */
#ifdef KERNEL_PRIOR
#define PRIOR(m)        ((m)->prior)
#define VECTOR_PRIOR(m) ((m)->vec->prior)
#else
#define PRIOR(m)        ((tsr_prior *)NULL)
#define VECTOR_PRIOR(m) ((tsr_prior_vector *)NULL)
#endif

#define MIX_RATE  22
#define SIGN_RATE 6

static inline uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static inline uint32_t q(const uint8_t *table, uint32_t size, uint32_t v) {
    return table[least(v, size - 1)];
}

static inline unsigned bin_class(unsigned bin) {
    return bin < 3 ? bin : bin < 7 ? 3 : 4;
}

/* ---- contexts ---- */

/* A tsr_span_fn. */
TSR_INLINE void begin_span(void *model, uint32_t b, uint32_t y, uint32_t x) {
    tsr_mix_model *m = model;
    if (m->band != b) tsr_mix_begin_band(m, b);
    fill_columns(m, b, y, x);
    m->levels[0].ahead = m->levels[1].ahead = UINT32_MAX;
    if (PRIOR(m)) prior_columns(PRIOR(m), &m->walk.ctx, b, y, x);
}

/* Numbers of the contexts of the level at column x of a row, whose energy has this bucket; number
 * and around: of its column. *local: the sum around it, quantized. */
TSR_INLINE mix_ids find_ids(const tsr_mix_model *m, mix_ids number, uint32_t around,
                            const uint16_t *mag, uint32_t x, uint32_t bucket, uint32_t *local) {
    const tsr_mix_tables *t = &m->tables;
    const uint16_t *at = mag + x;
    uint32_t w = at[-1], ww = at[-2], n = at[-(ptrdiff_t)m->walk.ctx.mags[m->band].stride];
    uint32_t sum = least(around + 3 * w + ww, 1023);
    *local = m->q20[sum];
    return number + ids_load(t->bucket[bucket]) + ids_load(t->w[least(w, TSR_MIX_TOP)]) +
           ids_load(t->ww[least(ww, 3)]) + ids_load(t->w_n[least(w + n, TSR_MIX_TOP)]) +
           ids_load(t->w_ww[least(w + ww, TSR_MIX_TOP)]) + ids_load(t->sum20[*local]) +
           ids_load(t->sum12[m->q12[sum]]);
}

/* ---- decisions ---- */

/* Who takes part in a decision. */
typedef struct experts {
    counter_set c;
    int32_t *wa, *wb; /* weights of the mixers; they follow the inputs */
    tsr_apm *apm[2];
    unsigned advised; /* input that is what the network says; 0: none */
    int32_t advice;
} experts;

/* What they said. */
typedef struct opinion {
    mix_lanes old, x; /* counters and inputs */
    int32_t out[2];   /* of the mixers */
    tsr_apm_place place;
} opinion;

TSR_INLINE uint32_t find_probability(const tsr_mix_model *m, const experts *e, opinion *o) {
    lanes_read(e->c, m->logistic.stretch, &o->old, &o->x);
    if (e->advised) lanes_put(&o->x, e->advised, e->advice);
    lanes_mix(o->x, e->wa, e->wb, o->out);
    int32_t mean = (o->out[0] + o->out[1]) >> 1;
    o->place = tsr_apm_find(mean);
    uint32_t p = 2 * tsr_squash(&m->logistic, mean) + tsr_apm_refine(e->apm[0], o->place) +
                 tsr_apm_refine(e->apm[1], o->place) + 2;
    p >>= 2;
    if (UNLIKELY(p - 16 > 65520 - 16)) p = p < 16 ? 16 : 65520;
#ifdef KERNEL_TRAIN
    if (m->sink) m->sink->probability = p;
#endif
    return p;
}

TSR_INLINE void learn(const tsr_mix_model *m, const experts *e, const opinion *o, int bit) {
    int32_t target = bit ? 65535 : 0;
    lanes_train(o->x, e->wa, target - (int32_t)tsr_squash(&m->logistic, o->out[0]), MIX_RATE);
    lanes_train(o->x, e->wb, target - (int32_t)tsr_squash(&m->logistic, o->out[1]), MIX_RATE);
    lanes_update(e->c, o->old, bit);
    tsr_apm_train(e->apm[0], o->place, bit);
    tsr_apm_train(e->apm[1], o->place, bit);
}

/* One decision. The two ways to learn are apart for the processor's sake: on the way that it
 * predicts it need not wait for the bit to go on to the next decision. */
TSR_INLINE int decide(tsr_mix_model *m, const experts *e, int bit, int decoding) {
    opinion o;
    uint32_t p = find_probability(m, e, &o);
    if (tsr_rc_code(&m->walk.rc, bit, p, decoding)) {
        learn(m, e, &o, 1);
        return 1;
    }
    learn(m, e, &o, 0);
    return 0;
}

/* The counters of a slot of the rows at `at`; far: room for places. */
TSR_INLINE counter_set slot_counters(const tsr_mix_slots *s, const uint32_t *at, unsigned near,
                                     unsigned slot, uint32_t *far) {
    if (slot < near) return (counter_set){s->near + slot, at, TSR_MIX_CONTEXTS};
    for (unsigned i = 0; i < TSR_MIX_INPUTS; i++) far[i] = at[i] / near * TSR_MIX_FAR;
    return (counter_set){s->far + slot - near, far, TSR_MIX_CONTEXTS};
}

/* Training: counts what n counters of a decision saw, if there are tables. Tables begin at first, a
 * row has `near` counters there and `slots` in the tallies. */
TSR_INLINE void count_decision(uint32_t (**tally)[2], const uint32_t *at, const int32_t *first,
                               unsigned n, unsigned near, unsigned slots, unsigned slot, int bit) {
#ifdef KERNEL_TRAIN
    for (unsigned i = 0; i < n && tally[i]; i++)
        tally[i][(at[i] - (uint32_t)first[i]) / near * slots + slot][bit]++;
#endif
}

/* Training: now and then keeps what the network saw, and what the contexts said without it. */
TSR_INLINE void take_sample(const tsr_mix_model *m, unsigned bin, int bit) {
#ifdef KERNEL_TRAIN
    tsr_prior_sink *k = m->sink;
    const tsr_prior *p = m->prior;
    if (!k || k->n == k->room || tsr_xorshift(&k->random) >> 32 >= k->keep) return;
    tsr_prior_sample *s = &k->sample.level[k->n++];
    *s = (tsr_prior_sample){.cls = p->cls, .q1 = p->q1, .bin = (uint8_t)bin, .bit = (uint8_t)bit};
    s->mix = m->logistic.stretch[k->probability >> 4];
    for (unsigned i = 0; i < TSR_PRIOR_LEFT; i++) s->input[i] = (uint8_t)p->left[i];
    for (unsigned i = TSR_PRIOR_LEFT; i < TSR_PRIOR_INPUTS; i++)
        s->input[i] = (uint8_t)p->input[i / 2][p->column][i % 2];
#endif
}

TSR_INLINE void find_contexts(tsr_mix_model *m, const uint16_t *mag, uint32_t x, uint32_t q1,
                              tsr_mix_level *lc) {
    uint32_t bucket = tsr_energy_bucket(tsr_energy(&m->walk.ctx, mag, x));
    uint32_t k = x - m->column.x;
    mix_ids ids =
        find_ids(m, ids_load(m->column.number[k]), m->column.local[k], mag, x, bucket, &lc->local);
    lanes_places(ids, 2 * TSR_MIX_NEAR, m->first, lc->at);
    lc->slots.near = m->slots.near + q1 * TSR_MIX_NEAR;
    lc->slots.far = m->slots.far + q1 * TSR_MIX_FAR;
    lc->a = &m->by_class[m->chroma][m->orient][m->level][0][q1];
    lc->b = &m->by_energy[bucket / 3][0][q1];
    lc->apm_energy = &m->apm_energy[bucket][0][q1];
    lc->apm_local = &m->apm_local[lc->local][0][q1];
    lc->bucket = bucket;
}

/* A tsr_ahead_fn: most levels are 0, and then the next one's contexts are already known and their
 * counters on the way to the nearest cache. Its left neighbour is still 0 in the row. */
TSR_INLINE void look_ahead(void *model, const uint16_t *mag, uint32_t x, uint32_t q1) {
    tsr_mix_model *m = model;
    tsr_mix_level *lc = &m->levels[x & 1];
    find_contexts(m, mag, x, q1, lc);
    lc->ahead = x;
#pragma GCC unroll 16
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) __builtin_prefetch(lc->slots.near + lc->at[i]);
    __builtin_prefetch(&lc->apm_energy->p[TSR_APM_KNOTS / 4]);
    __builtin_prefetch(&lc->apm_local->p[TSR_APM_KNOTS / 4]);
}

/* The contexts of the level at column x. */
TSR_INLINE const tsr_mix_level *contexts_at(tsr_mix_model *m, const uint16_t *mag, uint32_t x,
                                            uint32_t q1) {
    tsr_mix_level *lc = &m->levels[x & 1];
    if (lc->ahead != x || mag[(ptrdiff_t)x - 1]) find_contexts(m, mag, x, q1, lc);
    return lc;
}

TSR_INLINE int code_bin(tsr_mix_model *m, const tsr_mix_level *lc, unsigned bin, int bit,
                        int decoding) {
    unsigned slot = bin < TSR_MIX_BINS ? bin : TSR_MIX_BINS - 1;
    uint32_t far[TSR_MIX_INPUTS];
    experts e = {.c = slot_counters(&lc->slots, lc->at, TSR_MIX_NEAR, slot, far),
                 .wa = lc->a[2 * bin_class(bin)].w,
                 .wb = lc->b[2 * bin_class(bin)].w,
                 .apm = {lc->apm_energy + 2 * slot, lc->apm_local + 2 * slot}};
    if (PRIOR(m)) {
        e.advised = TSR_MIX_PRIOR;
        if (bin < TSR_PRIOR_BINS) e.advice = prior_output(PRIOR(m), bin);
    }
    bit = decide(m, &e, bit, decoding);
    if (PRIOR(m) && bin < TSR_PRIOR_BINS) take_sample(m, bin, bit);
    count_decision(m->tally, lc->at, m->first, e.c.n, TSR_MIX_NEAR, TSR_MIX_BINS,
                   (unsigned)(lc->slots.near - m->slots.near) / TSR_MIX_NEAR * TSR_MIX_BINS + slot,
                   bit);
    return bit;
}

/* ---- signs ---- */

/* 0 minus, 1 not coded or zero, 2 plus */
static inline uint32_t ref_sign(const tsr_sign_row *r, uint32_t x) {
    return (uint32_t)(r->s[x >> r->shift] + 1);
}

/* ref: features of the reference bands at row y. */
TSR_INLINE int code_sign(tsr_mix_model *m, const tsr_ref_row *ref, uint32_t x, uint32_t y,
                         uint32_t level, int bit, int decoding) {
    ptrdiff_t stride = (ptrdiff_t)m->walk.ctx.mags[m->band].stride;
    int8_t *s = m->sign[m->band] + (ptrdiff_t)y * stride + x;
    const tsr_sign_rows *rows = &m->sign_rows[y & 1];
    if (rows->y != y || rows->band != m->band) tsr_mix_find_signs(m, m->band, y);
    uint32_t w = (uint32_t)(s[-1] + 1), n = (uint32_t)(s[-stride] + 1);
    uint32_t nw = (uint32_t)(s[-stride - 1] + 1), ne = (uint32_t)(s[-stride + 1] + 1);
    uint32_t ww = (uint32_t)(s[-2] + 1), nn = (uint32_t)(s[-2 * stride] + 1);
    uint32_t wn = w * 3 + n, size = level > 2 ? 2 : level - 1, phase = (x & 1) * 2 + (y & 1);
    uint32_t near = wn * 9 + nw * 3 + ne, parent = ref_sign(&rows->ref[TSR_REF_PARENT], x);
    uint32_t sisters =
        ref_sign(&rows->ref[TSR_REF_SISTER_A], x) * 3 + ref_sign(&rows->ref[TSR_REF_SISTER_B], x);
    uint32_t planes =
        ref_sign(&rows->ref[TSR_REF_PLANE_A], x) * 3 + ref_sign(&rows->ref[TSR_REF_PLANE_B], x);
    uint32_t plane_size = q(m->q3, 256, ref[TSR_REF_PLANE_A].centre[x]);
    uint32_t id[TSR_SIGN_CONTEXTS] = {
        (near * 4 + m->orient) * 3 + m->kind,
        (((parent * 4 + phase) * 9 + wn) * 3 + size) * 4 + m->orient,
        (((planes * 3 + plane_size) * 9 + wn) * 3 + m->kind) * 3 + size,
        ((wn * 9 + ww * 3 + nn) * 4 + m->orient) * 4 + m->level,
        ((sisters * 9 + wn) * 4 + m->orient) * 4 + phase,
    };
    tsr_counter *c[TSR_SIGN_CONTEXTS];
    for (unsigned i = 0; i < TSR_SIGN_CONTEXTS; i++) c[i] = &m->sign_context[i][id[i]];
#define STRETCH(i) m->logistic.stretch[*c[i] >> 20]
    const int32_t in[TSR_SIGN_CONTEXTS] = {STRETCH(0), STRETCH(1), STRETCH(2), STRETCH(3),
                                           STRETCH(4)};
#undef STRETCH
    int32_t *wa = m->sign_weights[m->kind][m->orient][m->level].w;
    int32_t d = sign_mix(in, wa);
    uint32_t p = tsr_squash(&m->logistic, d);
    p = p < 64 ? 64 : p > 65472 ? 65472 : p;
    bit = tsr_rc_code_random(&m->walk.rc, bit, p, decoding);
    sign_train(in, wa, (bit ? 65535 : 0) - (int32_t)p, SIGN_RATE);
    for (unsigned i = 0; i < TSR_SIGN_CONTEXTS; i++)
        tsr_counter_update(c[i], bit, TSR_PROB_LIMIT, tsr_prob_rate);
    *s = (int8_t)(1 - 2 * bit);
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
    const tsr_mix_level *lc = contexts_at(m, mag, x, q1 & 1);
    if (PRIOR(m))
        prior_level(PRIOR(m), mag + x, x - m->column.x, m->walk.ctx.cls[b], q1 & 1,
                    tsr_energy(&m->walk.ctx, mag, x));
    if (!(q1 & TSR_NOT_ZERO) && !code_bin(m, lc, 0, k != 0, decoding)) return 0;
    unsigned s = tsr_unary_shift(lc->bucket), i = 0;
    uint32_t v = decoding ? 0 : (uint32_t)(k < 0 ? -k : k) - 1;
    while (i < TSR_MIX_UNARY && code_bin(m, lc, i + 1, (v >> s) > i, decoding)) i++;
    int32_t level = (int32_t)code_rest(m, lc->bucket, i, v, decoding) + 1;
    int minus = code_sign(m, m->walk.ctx.ref, x, m->column.y, (uint32_t)level, k < 0, decoding);
    return (level ^ -minus) + minus; /* level or -level, without a branch */
}

/* ---- vectors ---- */

/* Numbers of the contexts of the flag of the vector at v->at. *local: the sum around it, quantized.
 */
TSR_INLINE mix_ids find_zero_ids(const tsr_mix_model *m, const tsr_mix_vector *v, uint32_t *local) {
    const tsr_mix_tables *t = &m->tables;
    const tsr_mix_vector_tables *z = &v->tables;
    size_t stride = m->walk.ctx.mags[v->at.b].stride;
    const uint16_t *a = tsr_mag_row(&m->walk.ctx, v->at.b, v->at.y) + v->at.x, *b = a + stride,
                   *u = a - stride;
    uint32_t a1 = a[-1], b1 = b[-1], w = a1 + b1, ww = (uint32_t)a[-2] + b[-2],
             n = (uint32_t)u[0] + u[1], k = v->at.x % TSR_BLOCK;
    uint32_t sum = least(v->zeros.local[k] + 2 * w + ww, 1023);
    const uint32_t *e = m->walk.vec.energy;
    mix_ids energies = {0};
    energies[12] = (uint16_t)(tsr_vector_level(e[0]) * TSR_VECTOR_LEVELS + tsr_vector_level(e[3]));
    energies[13] = (uint16_t)(tsr_vector_level(e[1]) * TSR_VECTOR_LEVELS + tsr_vector_level(e[2]));
    *local = m->q20[sum];
    return ids_load(v->zeros.number[k / 2]) + energies +
           ids_load(t->bucket[tsr_energy_bucket(m->walk.vec.total)]) +
           ids_load(z->w[least(w, TSR_MIX_TOP)]) + ids_load(t->w_n[least(w + n, TSR_MIX_TOP)]) +
           ids_load(t->w_ww[least(w + ww, TSR_MIX_TOP)]) + ids_load(t->sum20[*local]) +
           ids_load(t->sum12[m->q12[sum]]) + ids_load(z->left[0][least(a1, 3)]) +
           ids_load(z->left[1][least(b1, 3)]) +
           ids_load(z->near[least(a1 > b1 ? a1 : b1, TSR_MIX_TOP)]);
}

/* Training: keeps what was decided of output n of the network. */
TSR_INLINE void note_output(tsr_mix_model *m, unsigned n, int bit) {
#ifdef KERNEL_TRAIN
    if (!m->sink) return;
    tsr_prior_vector_sample *s = &m->sink->now;
    s->asked |= (uint16_t)(1u << n);
    s->bits |= (uint16_t)((unsigned)bit << n);
    s->mix[n] = m->logistic.stretch[m->sink->probability >> 4];
#endif
}

/* Training: now and then keeps the vector that has been coded. */
TSR_INLINE void take_vector(tsr_mix_model *m) {
#ifdef KERNEL_TRAIN
    tsr_prior_sink *k = m->sink;
    const tsr_prior_vector *p = m->vec->prior;
    if (!k) return;
    if (k->n < k->room && tsr_xorshift(&k->random) >> 32 < k->keep) {
        tsr_prior_vector_sample *s = &k->sample.vector[k->n++];
        *s = k->now;
        s->cls = (uint8_t)m->vec->at.cls;
        for (unsigned i = 0; i < TSR_VECTOR; i++) s->level[i] = (uint8_t)p->level[i];
        for (unsigned i = 0; i < TSR_PRIOR_V_INPUTS; i++)
            s->input[i] = (uint8_t)prior_v_input(p, i, (m->vec->at.x - p->x) / 2);
    }
    k->now = (tsr_prior_vector_sample){0};
#endif
}

TSR_INLINE int code_zero(void *model, int bit, int decoding) {
    tsr_mix_model *m = model;
    tsr_mix_vector *v = m->vec;
    uint32_t at[TSR_MIX_INPUTS], local, total = m->walk.vec.total;
    if (v->at.x % TSR_BLOCK == 0) fill_zeros(m, &v->zeros, v->at.b, v->at.y, v->at.x);
    lanes_places(find_zero_ids(m, v, &local), 1, v->first_zero, at);
    experts e = {.c = {v->zero, at, TSR_ZERO_CONTEXTS},
                 .wa = v->zero_a[m->chroma][m->orient][m->level].w,
                 .wb = v->zero_b[tsr_vector_level(total)].w,
                 .apm = {&v->zero_apm[tsr_energy_bucket(total)], &v->zero_apm_local[local]}};
    if (VECTOR_PRIOR(m)) {
        e.advised = TSR_ZERO_PRIOR;
        e.advice = prior_v_output(VECTOR_PRIOR(m), 0);
    }
    bit = decide(m, &e, bit, decoding);
    if (VECTOR_PRIOR(m)) note_output(m, 0, bit);
    count_decision(v->zero_tally, at, v->first_zero, e.c.n, 1, 1, 0, bit);
    return bit;
}

/* One bin of a level of a vector: cls of its slot. */
typedef struct pattern_context {
    uint32_t at[TSR_MIX_INPUTS]; /* near counters of each context */
    tsr_mixer_weights *a, *b;    /* class 0 */
    tsr_apm *apm, *apm_local;    /* slot 0 */
    unsigned i;                  /* coefficient */
} pattern_context;

TSR_INLINE int code_slot(tsr_mix_model *m, const pattern_context *pc, unsigned slot, unsigned cls,
                         unsigned bin, int bit, int decoding) {
    tsr_mix_vector *v = m->vec;
    uint32_t far[TSR_MIX_INPUTS];
    experts e = {.c = slot_counters(&v->level, pc->at, TSR_VECTOR_NEAR, slot, far),
                 .wa = pc->a[cls].w,
                 .wb = pc->b[cls].w,
                 .apm = {pc->apm + slot, pc->apm_local + slot}};
    unsigned output = 1 + pc->i * TSR_PRIOR_BINS + bin;
    if (VECTOR_PRIOR(m)) {
        e.advised = TSR_MIX_PRIOR;
        if (bin < TSR_PRIOR_BINS) e.advice = prior_v_output(VECTOR_PRIOR(m), output);
    }
    bit = decide(m, &e, bit, decoding);
    if (VECTOR_PRIOR(m) && bin < TSR_PRIOR_BINS) note_output(m, output, bit);
    count_decision(v->level_tally, pc->at, v->first_level, e.c.n, TSR_VECTOR_NEAR, TSR_VECTOR_SLOTS,
                   slot, bit);
    return bit;
}

TSR_INLINE int code_more(tsr_mix_model *m, const pattern_context *pc, unsigned bin, int bit,
                         int decoding) {
    unsigned at = bin < TSR_MIX_BINS ? bin : TSR_MIX_BINS - 1;
    return code_slot(m, pc, TSR_VECTOR_KINDS + at - 1, TSR_VECTOR_KINDS + bin_class(bin) - 1, bin,
                     bit, decoding);
}

/* What the rows above say of the level at column x of the row below `up`, of whose block reference
 * bands have said their part. *around: of the sum around the level, what is not to the left. */
TSR_INLINE mix_ids find_lower_ids(const tsr_mix_model *m, const tsr_mix_vector *v,
                                  const uint16_t *up, uint32_t x, uint32_t *around) {
    const tsr_mix_vector_tables *t = &v->tables;
    const uint16_t *u = up + x, *u2 = u - m->walk.ctx.mags[v->at.b].stride;
    uint32_t n = u[0], nw = u[-1], ne = u[1], nn = u2[0];
    uint32_t ring = (uint32_t)u2[-1] + u2[1] + u2[-2] + u2[2] + u[-2] + u[2] + u[-3] + u[3];
    *around = 3 * n + 2 * (nw + ne) + nn;
    return ids_load(v->lower.number[x % TSR_BLOCK]) + ids_load(t->n[least(n, TSR_MIX_TOP)]) +
           ids_load(t->nw[least(nw, TSR_MIX_TOP)]) + ids_load(t->ne[least(ne, TSR_MIX_TOP)]) +
           ids_load(t->nn[least(nn, 3)]) + ids_load(t->n_nn[least(n + nn, TSR_MIX_TOP)]) +
           ids_load(t->nw_ne[least(nw + ne, TSR_MIX_TOP)]) +
           ids_load(t->ring[m->chroma][q(m->q12, 1024, ring)]);
}

/* The part of the contexts of coefficient i that does not depend on the levels to the left. */
TSR_INLINE mix_ids find_number(tsr_mix_model *m, unsigned i, uint32_t x, uint32_t y,
                               uint32_t *around) {
    tsr_mix_vector *v = m->vec;
    uint32_t b = v->at.b, x0 = x & ~(TSR_BLOCK - 1);
    if (i < 2) {
        if (m->column.x != x0 || m->column.y != y) fill_columns(m, b, y, x0);
        *around = m->column.local[x - x0];
        return ids_load(m->column.number[x - x0]);
    }
    if (v->lower.x != x0 || v->lower.y != y) fill_lower(m, &v->lower, y, x0);
    return find_lower_ids(m, v, tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride, x,
                          around);
}

TSR_INLINE uint32_t code_bins(tsr_mix_model *m, unsigned i, unsigned kind, uint32_t energy,
                              uint32_t level, int decoding) {
    tsr_mix_vector *v = m->vec;
    uint32_t x = v->at.x + (i & 1), y = v->at.y + (i >> 1), bucket = tsr_energy_bucket(energy);
    uint32_t around, local;
    pattern_context pc;
    mix_ids number = find_number(m, i, x, y, &around);
    mix_ids ids =
        find_ids(m, number, around, tsr_mag_row(&m->walk.ctx, v->at.b, y), x, bucket, &local);
    lanes_places(ids, TSR_VECTOR_NEAR, v->first_level, pc.at);
    pc.a = v->level_a[m->chroma][m->orient][m->level];
    pc.b = v->level_b[bucket / 3];
    pc.apm = v->level_apm[bucket];
    pc.apm_local = v->level_apm_local[local];
    pc.i = i;
    if (kind != TSR_KIND_CERTAIN && !code_slot(m, &pc, kind, kind, 0, level != 0, decoding))
        return 0;
    unsigned s = tsr_unary_shift(bucket), n = 0;
    uint32_t rest = decoding ? 0 : level - 1;
    while (n < TSR_MIX_UNARY && code_more(m, &pc, n + 1, (rest >> s) > n, decoding)) n++;
    return code_rest(m, bucket, n, rest, decoding) + 1;
}

TSR_INLINE uint32_t code_magnitude(void *model, unsigned i, unsigned kind, uint32_t energy,
                                   uint32_t level, int decoding) {
    tsr_mix_model *m = model;
    if (VECTOR_PRIOR(m)) prior_v_inside(VECTOR_PRIOR(m), i);
    level = code_bins(m, i, kind, energy, level, decoding);
    if (VECTOR_PRIOR(m)) prior_v_know(VECTOR_PRIOR(m), i, level);
    return level;
}

TSR_INLINE int code_shape(void *model, uint32_t number, int bit, int decoding) {
    tsr_mix_model *m = model;
    tsr_prob *p = &m->vec->shape[number][tsr_vector_level(m->walk.vec.total)];
    return tsr_prob_code(&m->walk.rc, p, bit, decoding);
}

TSR_INLINE int code_vector_sign(void *model, unsigned i, uint32_t level, int bit, int decoding) {
    tsr_mix_model *m = model;
    const tsr_vector_place *at = &m->vec->at;
    return code_sign(m, i < 2 ? m->walk.ctx.ref : m->walk.vec.lower_ref, at->x + (i & 1),
                     at->y + (i >> 1), level ? level : 1, bit, decoding);
}

/* Of a band nothing is known at first. */
static inline void begin_vectors(tsr_mix_model *m, uint32_t b) {
    tsr_mix_vector *v = m->vec;
    v->at.cls = tsr_vector_class(&m->walk.ctx, b);
    m->column.y = v->lower.y = UINT32_MAX;
    memcpy(v->zeros.band, m->column.band, sizeof v->zeros.band);
    v->zeros.band[0] = (uint16_t)(v->at.cls * TSR_BUCKETS);
    v->zeros.band[14] = (uint16_t)(v->at.cls * 216);
}

/* The network's view of the current vector. */
TSR_INLINE void look_around(tsr_mix_model *m, tsr_prior_vector *p) {
    const tsr_vector_place *at = &m->vec->at;
    uint32_t x0 = at->x & ~(TSR_BLOCK - 1);
    if (p->b != at->b || p->y != at->y || p->x != x0)
        prior_v_strip(p, &m->walk.ctx, at->b, at->y, x0);
    prior_v_place(p, tsr_mag_row(&m->walk.ctx, at->b, at->y), m->walk.ctx.mags[at->b].stride, at->x,
                  at->cls, m->walk.vec.energy);
}

TSR_INLINE void code_vector(void *model, uint32_t b, uint32_t x, uint32_t y, unsigned outside,
                            int32_t *value, int decoding) {
    static const tsr_vector_coder coder = {code_zero, code_magnitude, code_shape, code_vector_sign};
    tsr_mix_model *m = model;
    if (m->vec->at.b != b) {
        tsr_mix_begin_band(m, b);
        begin_vectors(m, b);
    }
    m->vec->at = (tsr_vector_place){b, x, y, m->vec->at.cls, outside};
    if (m->walk.vec.book->fixed_bits) {
        tsr_vector_code_raw(&m->walk, &m->vec->at, value, decoding);
        return;
    }
    if (VECTOR_PRIOR(m)) look_around(m, VECTOR_PRIOR(m));
    tsr_vector_code(m, &m->walk, &coder, &m->vec->at, value, decoding);
    if (VECTOR_PRIOR(m)) take_vector(m);
}

static const tsr_walk_coder walk_coder = {code_level, begin_span, look_ahead, code_vector};

void JOIN(tsr_mix_layer_, KERNEL_ISA)(tsr_mix_model *m, const tsr_symbols *s, uint32_t layer,
                                      int decoding) {
    if (decoding)
        tsr_walk_layer(&m->walk, m, &walk_coder, s, layer, 1);
    else
        tsr_walk_layer(&m->walk, m, &walk_coder, s, layer, 0);
}
