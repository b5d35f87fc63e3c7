/* trellis_search.c - paths, their ends and the window of decisions. */
#include "trellis_search.h"

#include <string.h>

#define WINDOW 4096u /* coefficients: paths merge long before */

static tsr_viterbi_row_fn choose_row(uint32_t cpu) {
#ifdef TSR_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return tsr_viterbi_row_avx512;
    if (cpu & TSR_CPU_AVX2) return tsr_viterbi_row_avx2;
#endif
    return tsr_viterbi_row_plain;
}

tsr_status tsr_trellis_search_init(tsr_trellis_search *s, uint32_t states, float lambda,
                                   uint32_t widest, tsr_job *j) {
    tsr_trellis_init(&s->trellis, states);
    if (!states) return TSR_OK;
    for (uint32_t e = 0; e < states; e++)
        for (uint32_t parity = 0; parity < 2; parity++)
            s->previous[s->trellis.next[e][parity]][parity] = (uint8_t)e;
    s->viterbi.trellis = &s->trellis;
    s->viterbi.lambda = lambda;
    s->row = choose_row(j->ctx->cpu);
    s->room = WINDOW > 2 * (size_t)widest ? WINDOW : 2 * (size_t)widest;
    s->from = tsr_job_alloc(j, s->room, states);
    s->a = tsr_job_alloc(j, s->room, sizeof *s->a);
    return s->from && s->a ? TSR_OK : tsr_job_memory_status(j);
}

void tsr_trellis_search_band(tsr_trellis_search *s, const tsr_coef_context *ctx,
                             const float (*bits)[2][TSR_RATE_LEVELS], const float *c,
                             int32_t *level) {
    for (uint32_t e = 0; e < s->trellis.states; e++) s->viterbi.cost[e] = e ? TSR_VITERBI_FAR : 0;
    s->viterbi.bits = bits;
    s->viterbi.w_weight = ctx->weight[TSR_F_W];
    s->viterbi.ww_weight = ctx->weight[TSR_F_WW];
    s->c = c;
    s->level = level;
    s->n = 0;
}

static uint32_t best_state(const tsr_trellis_search *s) {
    const float *cost = s->viterbi.cost;
    uint32_t best = 0;
    for (uint32_t e = 1; e < s->trellis.states; e++)
        if (cost[e] < cost[best]) best = e;
    return best;
}

/* The state before coefficient i on the path that is in state e after it. */
static inline uint32_t state_before(const tsr_trellis_search *s, size_t i, uint32_t e) {
    uint32_t code = s->from[i * s->trellis.states + e];
    return s->previous[e][tsr_code_level(s->a[i], code) & 1];
}

/* The path into state e at the window's end, back to coefficient `to`: returns its state there. */
static uint32_t trace_back(const tsr_trellis_search *s, uint32_t e, size_t to) {
    for (size_t i = s->n; i-- > to;) e = state_before(s, i, e);
    return e;
}

/* Gives up the paths that are not in state e before coefficient `at`; as a rule there are none. */
static void keep_paths_through(tsr_trellis_search *s, size_t at, uint32_t e) {
    uint8_t now[TSR_TRELLIS_MAX];
    uint32_t states = s->trellis.states, merged = 0;
    for (uint32_t f = 0; f < states; f++) now[f] = (uint8_t)f;
    for (size_t i = s->n; i-- > at && !merged;) {
        merged = 1;
        for (uint32_t f = 0; f < states; f++) {
            now[f] = (uint8_t)state_before(s, i, now[f]);
            merged &= now[f] == now[0];
        }
    }
    for (uint32_t f = 0; f < states && !merged; f++)
        if (now[f] != e) s->viterbi.cost[f] = TSR_VITERBI_FAR;
}

/* Writes the levels of coefficients [0, n) of the window along the path that ends in state e. */
static void settle(tsr_trellis_search *s, size_t n, uint32_t e) {
    for (size_t i = n; i-- > 0;) {
        int32_t k = (int32_t)tsr_code_level(s->a[i], s->from[i * s->trellis.states + e]);
        s->level[i] = s->c[i] < 0 ? -k : k;
        e = s->previous[e][k & 1];
    }
    s->level += n;
    s->c += n;
    s->n -= n;
    memmove(s->a, s->a + n, s->n * sizeof *s->a);
    memmove(s->from, s->from + n * s->trellis.states, s->n * s->trellis.states);
}

/* Makes room for a row of n. */
static void settle_half(tsr_trellis_search *s, uint32_t n) {
    size_t half = s->n / 2;
    if (s->n + n <= s->room) return;
    uint32_t e = trace_back(s, best_state(s), half);
    keep_paths_through(s, half, e);
    settle(s, half, e);
}

/* Keeps the sums small: floats count differences only. */
static void subtract_best(tsr_trellis_search *s, float best) {
    for (uint32_t e = 0; e < s->trellis.states; e++)
        if (s->viterbi.cost[e] < TSR_VITERBI_FAR) s->viterbi.cost[e] -= best;
}

void tsr_trellis_search_row(tsr_trellis_search *s, const float *a, const uint32_t *base, uint32_t n,
                            uint16_t *mag) {
    settle_half(s, n);
    memcpy(s->a + s->n, a, n * sizeof *a);
    s->row(&s->viterbi, a, base, n, s->from + s->n * s->trellis.states);
    s->n += n;
    uint32_t e = best_state(s);
    subtract_best(s, s->viterbi.cost[e]);
    for (uint32_t x = n; x-- > 0;) {
        size_t i = s->n - n + x;
        uint32_t code = s->from[i * s->trellis.states + e];
        mag[x] = tsr_clip_mag(tsr_code_magnitude(a[x], code));
        e = s->previous[e][tsr_code_level(a[x], code) & 1];
    }
}

void tsr_trellis_search_end(tsr_trellis_search *s) {
    if (s->n) settle(s, s->n, best_state(s));
}
