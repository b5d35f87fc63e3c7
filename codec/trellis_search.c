/* trellis_search.c - paths, their ends and the window of decisions. */
#include "trellis_search.h"

#include <string.h>

#define WINDOW 4096u /* live coefficients: paths merge long before */

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
    tsr_trellis_zeros_init(&s->zeros, &s->trellis);
    s->viterbi.trellis = &s->trellis;
    s->viterbi.zeros = &s->zeros;
    s->viterbi.lambda = lambda;
    s->row = choose_row(j->ctx->cpu);
    s->room = WINDOW > 2 * (size_t)widest ? WINDOW : 2 * (size_t)widest;
    s->from = tsr_job_alloc(j, s->room, states);
    s->live = tsr_job_alloc(j, s->room, sizeof *s->live);
    s->column = tsr_job_alloc(j, widest, sizeof *s->column);
    return s->from && s->live && s->column ? TSR_OK : tsr_job_memory_status(j);
}

void tsr_trellis_search_band(tsr_trellis_search *s, const tsr_coef_context *ctx,
                             const float (*bits)[2][TSR_RATE_LEVELS], const float *c,
                             int32_t *level) {
    for (uint32_t e = 0; e < s->trellis.states; e++) s->viterbi.cost[e] = e ? TSR_VITERBI_FAR : 0;
    s->viterbi.still = 0;
    s->viterbi.bits = bits;
    s->viterbi.w_weight = ctx->weight[TSR_F_W];
    s->viterbi.ww_weight = ctx->weight[TSR_F_WW];
    s->c = c;
    s->level = level;
    s->n = 0;
    s->end = 0;
}

static uint32_t best_state(const tsr_trellis_search *s) {
    const float *cost = s->viterbi.cost;
    uint32_t best = 0;
    for (uint32_t e = 1; e < s->trellis.states; e++)
        if (cost[e] < cost[best]) best = e;
    return best;
}

/* Coefficients between live coefficient i and the next one or the end. */
static inline size_t zeros_after(const tsr_trellis_search *s, size_t i) {
    return (i + 1 < s->n ? s->live[i + 1].at : s->end) - s->live[i].at - 1;
}

/* The level of live coefficient i on the path that is in state *e before live coefficient i + 1;
 * *e becomes the state before i. */
static inline uint32_t step_back(const tsr_trellis_search *s, size_t i, uint32_t *e) {
    *e = tsr_zeros_before(&s->zeros, zeros_after(s, i), *e);
    uint32_t code = s->from[i * s->trellis.states + *e];
    uint32_t level = tsr_code_level(s->live[i].a, code);
    *e = s->previous[*e][level & 1];
    return code;
}

/* The path into state e at the end, back to live coefficient `to`: returns its state there. */
static uint32_t trace_back(const tsr_trellis_search *s, uint32_t e, size_t to) {
    for (size_t i = s->n; i-- > to;) step_back(s, i, &e);
    return e;
}

/* Steps the n states back over live coefficient i, each once; returns how many are left. */
static uint32_t step_all_back(const tsr_trellis_search *s, size_t i, uint8_t *state, uint32_t n) {
    uint8_t seen[TSR_TRELLIS_MAX] = {0};
    uint32_t left = 0;
    for (uint32_t f = 0; f < n; f++) {
        uint32_t e = state[f];
        step_back(s, i, &e);
        state[left] = (uint8_t)e;
        left += !seen[e];
        seen[e] = 1;
    }
    return left;
}

/* 1 when all paths are the same before live coefficient `at`. */
static int paths_merge(const tsr_trellis_search *s, size_t at) {
    uint8_t state[TSR_TRELLIS_MAX];
    uint32_t n = s->trellis.states;
    for (uint32_t e = 0; e < n; e++) state[e] = (uint8_t)e;
    for (size_t i = s->n; i-- > at && n > 1;) n = step_all_back(s, i, state, n);
    return n == 1;
}

/* Gives up the paths that are not in state e before live coefficient `at`; as a rule there are
 * none. */
static void keep_paths_through(tsr_trellis_search *s, size_t at, uint32_t e) {
    if (paths_merge(s, at)) return;
    for (uint32_t f = 0; f < s->trellis.states; f++)
        if (trace_back(s, f, at) != e) s->viterbi.cost[f] = TSR_VITERBI_FAR;
}

/* Writes the levels of live coefficients [0, n) of the window along the path that is in state e
 * before the next. */
static void settle(tsr_trellis_search *s, size_t n, uint32_t e) {
    for (size_t i = n; i-- > 0;) {
        size_t at = s->live[i].at;
        int32_t k = (int32_t)tsr_code_level(s->live[i].a, step_back(s, i, &e));
        s->level[at] = s->c[at] < 0 ? -k : k;
    }
    s->n -= n;
    memmove(s->live, s->live + n, s->n * sizeof *s->live);
    memmove(s->from, s->from + n * s->trellis.states, s->n * s->trellis.states);
}

/* Makes room for a row of n. */
static void settle_most(tsr_trellis_search *s, uint32_t n) {
    if (s->n + n <= s->room) return;
    size_t most = s->n - s->n / 4;
    uint32_t e = trace_back(s, best_state(s), most);
    keep_paths_through(s, most, e);
    settle(s, most, e);
}

/* Keeps the sums small: floats count differences only. */
static void subtract_best(tsr_trellis_search *s, float best) {
    for (uint32_t e = 0; e < s->trellis.states; e++)
        if (s->viterbi.cost[e] < TSR_VITERBI_FAR) s->viterbi.cost[e] -= best;
}

/* The magnitudes of the row's live coefficients on the best path. */
static void trace_row(const tsr_trellis_search *s, uint32_t live, uint32_t e, uint16_t *mag) {
    for (uint32_t k = live; k-- > 0;) {
        size_t i = s->n - live + k;
        uint32_t code = step_back(s, i, &e);
        mag[s->column[k]] = tsr_clip_mag(tsr_code_magnitude(s->live[i].a, code));
    }
}

void tsr_trellis_search_row(tsr_trellis_search *s, const float *a, const uint32_t *base, uint32_t n,
                            uint16_t *mag) {
    settle_most(s, n);
    uint32_t live = s->row(&s->viterbi, a, base, n, s->column, s->from + s->n * s->trellis.states);
    for (uint32_t k = 0; k < live; k++)
        s->live[s->n++] = (tsr_live){s->end + s->column[k], a[s->column[k]]};
    memset(s->level + s->end, 0, n * sizeof *s->level);
    memset(mag, 0, n * sizeof *mag);
    s->end += n;
    if (!live) return;
    tsr_viterbi_catch_up(&s->viterbi);
    uint32_t e = best_state(s);
    subtract_best(s, s->viterbi.cost[e]);
    trace_row(s, live, e, mag);
}

void tsr_trellis_search_end(tsr_trellis_search *s) {
    tsr_viterbi_catch_up(&s->viterbi);
    if (s->n) settle(s, s->n, best_state(s));
}
