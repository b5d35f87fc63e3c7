/* entropy_mix.c - the strong coder: logistic mixing of twelve context models a decision.
 *
 * Contexts look at the neighbourhood from twelve sides: energy by class; the four nearest
 * magnitudes; local against parent energy; sister bands; other planes; wider surroundings; ternary
 * patterns. Signs are mixed from five contexts of neighbouring, parent, sister and plane signs.
 * Cost: about 40 ns a binary decision.
 */
#include <string.h>

#include "mix_constants.h"
#include "mix_start.h"
#include "mix_vector.h"

const uint32_t tsr_mix_context_size[TSR_MIX_CONTEXTS] = {
    TSR_CLASSES * TSR_BUCKETS,
    TSR_NEIGHBOUR_CONTEXTS,
};

#define ALL(v)                                                                                     \
    { v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v }
const tsr_lane_constant tsr_lane_half = ALL(0x8000), tsr_lane_most = ALL(0x7ffff),
                        tsr_lane_least = ALL(-0x7ffff), tsr_lane_count = ALL(1023),
                        tsr_lane_one = ALL(0x3fffff), tsr_lane_byte = ALL(TSR_PROB_LIMIT);
_Static_assert(TSR_PROB_LIMIT == 255, "one constant is both the limit of counts and a byte");

static const uint32_t sign_size[TSR_SIGN_CONTEXTS] = {81 * 12, 3 * 4 * 9 * 12, 9 * 3 * 9 * 9,
                                                      81 * 16, 81 * 16};

static void fill_quantizer(uint8_t *table, uint32_t size, const uint16_t *threshold, unsigned n) {
    for (uint32_t v = 0; v < size; v++) {
        unsigned level = 0;
        while (level < n && v >= threshold[level]) level++;
        table[v] = (uint8_t)level;
    }
}

static void fill_quantizers(tsr_mix_model *m) {
    fill_quantizer(m->q3, 256, tsr_mix_q3, 2);
    fill_quantizer(m->q6, 256, tsr_mix_q6, 5);
    fill_quantizer(m->q12, 1024, tsr_mix_q12, 11);
    fill_quantizer(m->q20, 1024, tsr_mix_q20, 19);
}

/* ---- numbers of contexts: mix_columns.h has the rest of the sum ---- */

static void fill_tables(tsr_mix_model *m) {
    tsr_mix_tables *t = &m->tables;
    for (uint32_t i = 0; i < TSR_BUCKETS; i++) {
        uint16_t half = (uint16_t)(i / 2);
        t->bucket[i][0] = (uint16_t)i;
        t->bucket[i][5] = (uint16_t)(half * 96);
        t->bucket[i][6] = (uint16_t)(half * 36);
        t->bucket[i][7] = (uint16_t)(half * 48);
        t->bucket[i][9] = (uint16_t)(i / 4);
    }
    for (uint32_t i = 0; i <= TSR_MIX_TOP; i++) {
        t->w[i][1] = (uint16_t)(m->q6[i] * 216);
        t->w[i][6] = (uint16_t)(m->q6[i] * 6);
        t->w[i][8] = (uint16_t)(m->q3[i] * 27);
        t->w_n[i][4] = m->q3[i];
        t->w_n[i][10] = m->q6[i];
        t->w_ww[i][11] = (uint16_t)(m->q6[i] * 576);
    }
    for (uint32_t i = 0; i < 4; i++) t->ww[i][8] = (uint16_t)(m->q3[i] * 9);
    for (uint32_t i = 0; i < 20; i++) t->sum20[i][2] = (uint16_t)(i * 96);
    for (uint32_t i = 0; i < 12; i++) t->sum12[i][3] = (uint16_t)i;
}

void tsr_mix_begin_band(tsr_mix_model *m, uint32_t b) {
    const tsr_band *band = &m->walk.ctx.layout->band[b];
    m->band = b;
    m->kind = (uint8_t)tsr_plane_kind(m->walk.ctx.layout, b);
    m->chroma = m->kind != 0;
    m->orient = band->orient;
    m->level = (uint8_t)(band->level < 1 ? 0 : band->level > 4 ? 3 : band->level - 1);
    uint16_t own = (uint16_t)(m->orient * 4 + m->level);
    const tsr_mix_numbers part = {[0] = (uint16_t)(m->walk.ctx.cls[b] * TSR_BUCKETS),
                                  [1] = (uint16_t)(m->chroma * 1296),
                                  [2] = (uint16_t)(m->orient * 2 + m->chroma),
                                  [3] = (uint16_t)(m->chroma * 1728),
                                  [4] = (uint16_t)(m->chroma * 1296 * 3),
                                  [5] = (uint16_t)(m->kind * 4 + m->orient),
                                  [7] = m->level,
                                  [10] = (uint16_t)(m->chroma * 243 * 6),
                                  [11] = own};
    memcpy(m->column.band, part, sizeof part);
}

void tsr_mix_find_signs(tsr_mix_model *m, uint32_t b, uint32_t y) {
    static const int8_t none[1];
    const tsr_band *band = &m->walk.ctx.layout->band[b];
    tsr_sign_rows *rows = &m->sign_rows[y & 1];
    rows->band = b;
    rows->y = y;
    for (int role = 0; role < TSR_REFS; role++) {
        uint32_t r = band->ref[role];
        rows->ref[role] = (tsr_sign_row){none, 31};
        if (r == TSR_NO_BAND) continue;
        unsigned shift = (unsigned)tsr_band_halves(band, &m->walk.ctx.layout->band[r]);
        rows->ref[role] =
            (tsr_sign_row){m->sign[r] + (size_t)(y >> shift) * m->walk.ctx.mags[r].stride, shift};
    }
}

/* ---- set-up ---- */

tsr_status tsr_mix_slots_alloc(tsr_mix_slots *s, size_t rows, unsigned near, tsr_job *j) {
    const tsr_counter start = tsr_counter_start(32768, 0);
    s->near = tsr_job_alloc(j, rows * near, sizeof *s->near);
    s->far = tsr_job_alloc(j, rows * TSR_MIX_FAR, sizeof *s->far);
    if (!s->near || !s->far) return tsr_job_memory_status(j);
    for (size_t i = 0; i < rows * near; i++) s->near[i] = start;
    for (size_t i = 0; i < rows * TSR_MIX_FAR; i++) s->far[i] = start;
    return TSR_OK;
}

tsr_status tsr_mix_slots_fork(tsr_mix_slots *s, size_t rows, unsigned near, tsr_job *j) {
    s->near = tsr_job_copy(j, s->near, rows * near, sizeof *s->near);
    s->far = tsr_job_copy(j, s->far, rows * TSR_MIX_FAR, sizeof *s->far);
    return s->near && s->far ? TSR_OK : tsr_job_memory_status(j);
}

static tsr_status alloc_counters(tsr_mix_model *m, tsr_job *j) {
    size_t rows = 0;
    for (uint32_t i = 0; i < TSR_MIX_CONTEXTS; rows += tsr_mix_context_size[i++] * 2)
        m->first[i] = (int32_t)(rows * TSR_MIX_NEAR);
    tsr_status status = tsr_mix_slots_alloc(&m->slots, rows, TSR_MIX_NEAR, j);
    if (status) return status;
    for (uint32_t i = 0; i < TSR_SIGN_CONTEXTS; i++) {
        m->sign_context[i] = tsr_job_alloc(j, sign_size[i], sizeof(tsr_counter));
        if (!m->sign_context[i]) return tsr_job_memory_status(j);
        for (size_t k = 0; k < sign_size[i]; k++)
            m->sign_context[i][k] = tsr_counter_start(32768, 4);
    }
    return TSR_OK;
}

static tsr_status alloc_signs(tsr_mix_model *m, tsr_job *j) {
    const tsr_layout *l = m->walk.ctx.layout;
    m->sign = tsr_job_alloc(j, l->n, sizeof *m->sign);
    if (!m->sign) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) {
        size_t stride = m->walk.ctx.mags[b].stride;
        uint32_t gaps = tsr_parts_gaps(&m->walk.parts, b, TSR_MAG_BORDER, m->walk.parts.n - 1);
        int8_t *s = tsr_job_alloc(j, stride * (l->band[b].h + gaps + 2 * TSR_MAG_BORDER + 1), 1);
        if (!s) return tsr_job_memory_status(j);
        m->sign[b] = s + stride * TSR_MAG_BORDER + TSR_MAG_BORDER;
    }
    m->sign_rows[0].band = m->sign_rows[1].band = UINT32_MAX;
    return TSR_OK;
}

static tsr_status fork_counters(tsr_mix_model *m, tsr_job *j) {
    size_t rows = 0;
    for (uint32_t i = 0; i < TSR_MIX_CONTEXTS; i++) rows += tsr_mix_context_size[i] * 2;
    tsr_status status = tsr_mix_slots_fork(&m->slots, rows, TSR_MIX_NEAR, j);
    for (uint32_t i = 0; i < TSR_SIGN_CONTEXTS && !status; i++) {
        m->sign_context[i] = tsr_job_copy(j, m->sign_context[i], sign_size[i], sizeof(tsr_counter));
        if (!m->sign_context[i]) status = tsr_job_memory_status(j);
    }
    return status;
}

/* The signs that part k sees. */
static tsr_status fork_signs(tsr_mix_model *m, uint32_t k, tsr_job *j) {
    const tsr_layout *l = m->walk.ctx.layout;
    m->sign = tsr_job_copy(j, m->sign, l->n, sizeof *m->sign);
    if (!m->sign) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++)
        m->sign[b] +=
            tsr_parts_gaps(&m->walk.parts, b, TSR_MAG_BORDER, k) * m->walk.ctx.mags[b].stride;
    m->sign_rows[0].band = m->sign_rows[1].band = m->band =
        UINT32_MAX; /* pointers into what part 0 sees are found anew */
    return TSR_OK;
}

static tsr_walk *walk_of(void *st) {
    return &((tsr_mix_model *)st)->walk;
}

static tsr_status fork_state(void *st, uint32_t k, tsr_job *j) {
    tsr_mix_model *m = st;
    tsr_status status = tsr_walk_fork(&m->walk, k, j);
    if (!status) status = fork_counters(m, j);
    if (!status) status = fork_signs(m, k, j);
    if (!status && m->prior && !(m->prior = tsr_job_copy(j, m->prior, 1, sizeof *m->prior)))
        return tsr_job_memory_status(j);
    return status || !m->vec ? status : tsr_mix_vector_fork(m, j);
}

/* The contexts that know the energy begin with a geometric law of its mean. */
static void start_counters(tsr_mix_model *m) {
    for (uint32_t bucket = 0; bucket < TSR_BUCKETS; bucket++)
        for (uint32_t slot = 0; slot < TSR_MIX_BINS; slot++) {
            tsr_counter c =
                tsr_counter_start(tsr_geometric(bucket, slot ? tsr_unary_shift(bucket) : 0), 2);
            for (uint32_t cls = 0; cls < TSR_CLASSES; cls++)
                for (uint32_t z = 0; z < 2; z++)
                    *tsr_mix_slot(&m->slots, (cls * TSR_BUCKETS + bucket) * 2 + z, TSR_MIX_NEAR,
                                  slot) = c;
        }
}

void tsr_mix_fill_weights(void *table, size_t bytes, unsigned n) {
    int32_t w = 65536 * 3 / 2 / (int32_t)n;
    tsr_mixer_weights start = {{0}}, *t = table;
    for (unsigned i = 0; i < n; i++) start.w[i] = w;
    for (size_t i = 0; i < bytes / sizeof start; i++) t[i] = start;
}

void tsr_mix_fill_apms(const tsr_mix_model *m, void *table, size_t bytes) {
    tsr_apm start, *t = table;
    for (int i = 0; i < TSR_APM_KNOTS; i++) {
        uint32_t p = tsr_squash(&m->logistic, (i - 16) * 176);
        start.p[i] = (uint16_t)(p > 65535 ? 65535 : p);
    }
    for (size_t i = 0; i < bytes / sizeof start; i++) t[i] = start;
}

static const char *const prior_names[] = {"off", "levels", "on", NULL};

enum { PARTS, ROWS = TSR_PRIOR_PLACE + 1 }; /* places of parameters */

static const tsr_param params[] = {
    [PARTS] = TSR_PARTS_PARAM,
    [TSR_PRIOR_PLACE] = {.name = "prior",
                         .help = "ask a trained network about the neighbourhood, too",
                         .unit = "",
                         .type = TSR_PARAM_CHOICE,
                         .choices = prior_names},
    [ROWS] = TSR_ROWS_PARAM,
};

void tsr_mix_trust_prior(void *table, size_t bytes, unsigned input) {
    tsr_mixer_weights *t = table;
    for (size_t i = 0; i < bytes / sizeof *t; i++) t[i].w[input] = TSR_PRIOR_WEIGHT;
}

static tsr_status begin_prior(tsr_mix_model *m, tsr_job *j) {
    m->prior = tsr_job_alloc(j, 1, sizeof *m->prior);
    if (!m->prior) return tsr_job_memory_status(j);
    tsr_prior_load(m->prior);
    tsr_mix_trust_prior(m->by_class, sizeof m->by_class, TSR_MIX_PRIOR);
    tsr_mix_trust_prior(m->by_energy, sizeof m->by_energy, TSR_MIX_PRIOR);
    return TSR_OK;
}

/* ---- coding ---- */

static tsr_mix_layer_fn choose_kernel(const tsr_mix_model *m) {
    int prior = m->prior || (m->vec && m->vec->prior);
#ifdef TSR_HAVE_X86
    if (m->cpu & TSR_CPU_AVX512) return prior ? tsr_mix_layer_prior_avx512 : tsr_mix_layer_avx512;
    if (m->cpu & TSR_CPU_AVX2) return prior ? tsr_mix_layer_prior_avx2 : tsr_mix_layer_avx2;
#endif
    return prior ? tsr_mix_layer_prior_plain : tsr_mix_layer_plain;
}

static void run(void *st, const tsr_symbols *s, uint32_t layer, int decoding) {
    choose_kernel(st)(st, s, layer, decoding);
}

static const tsr_part_coder part_coder = {sizeof(tsr_mix_model), walk_of, fork_state, run};

static tsr_status mix_begin(void *st, const tsr_value *v, const tsr_symbols *s, tsr_job *j) {
    tsr_mix_model *m = st;
    tsr_status status = tsr_walk_begin(&m->walk, s, tsr_parts_wished(v, PARTS, ROWS), j);
    if (!status) status = alloc_counters(m, j);
    if (!status) status = alloc_signs(m, j);
    if (status) return status;
    m->cpu = j->ctx->cpu;
    m->band = UINT32_MAX;
    tsr_logistic_init(&m->logistic);
    fill_quantizers(m);
    fill_tables(m);
    start_counters(m);
    tsr_mix_fill_weights(m->by_class, sizeof m->by_class, 12);
    tsr_mix_fill_weights(m->by_energy, sizeof m->by_energy, 12);
    tsr_mix_fill_weights(m->sign_weights, sizeof m->sign_weights, 5);
    tsr_mix_start_load(m);
    tsr_mix_fill_apms(m, m->apm_energy, sizeof m->apm_energy);
    tsr_mix_fill_apms(m, m->apm_local, sizeof m->apm_local);
    tsr_prob_fill((tsr_prob *)m->escape, sizeof m->escape, tsr_prob_start(32768, 1));
    tsr_prob_fill(m->low_bit, sizeof m->low_bit, tsr_prob_start(30000, 4));
    int64_t prior = v ? v[TSR_PRIOR_PLACE].i : TSR_PRIOR_OFF;
    int one_stage = !s->bands; /* the network knows nothing of what other stages say */
    if (s->codebook)
        status = tsr_mix_vector_begin(m, prior == TSR_PRIOR_ON && one_stage, j);
    else if (prior)
        status = begin_prior(m, j);
    tsr_part_streams_init(&m->streams, &part_coder, m, j);
    return status;
}

static tsr_status mix_encode(void *st, const tsr_symbols *s, uint32_t layer, tsr_buffer *out) {
    return tsr_part_streams_encode(&((tsr_mix_model *)st)->streams, s, layer, out);
}

static tsr_status mix_decode(void *st, tsr_symbols *s, uint32_t layer, const uint8_t *data,
                             size_t size) {
    return tsr_part_streams_decode(&((tsr_mix_model *)st)->streams, s, layer, data, size);
}

const tsr_entropy tsr_entropy_mix = {
    .h = {.struct_size = sizeof(tsr_entropy),
          .abi = TSR_ABI,
          .id = 2,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "mix",
          .summary = "strong coder: logistic mixing of twelve context models, signs modelled",
          .reference = "Mahoney 2005, Adaptive weighing of context models for lossless data "
                       "compression (PAQ6)",
          .params = params,
          .n_params = sizeof params / sizeof *params,
          .state_size = sizeof(tsr_mix_model)},
    .begin = mix_begin,
    .encode = mix_encode,
    .decode = mix_decode,
};
