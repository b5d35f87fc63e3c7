/* mix_vector.c - set-up and start state of the `mix` coder's part for vectors. */
#include "mix_vector.h"

#include "mix_start.h"

const uint32_t tsr_zero_context_size[TSR_ZERO_CONTEXTS] = {
    TSR_VECTOR_CLASSES * TSR_BUCKETS,     TSR_NEIGHBOUR_CONTEXTS,
    TSR_VECTOR_LEVELS *TSR_VECTOR_LEVELS, TSR_VECTOR_LEVELS *TSR_VECTOR_LEVELS,
    TSR_VECTOR_CLASSES * 6 * 6 * 6,
};

static size_t zero_counters(void) {
    size_t n = 0;
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; i++) n += tsr_zero_context_size[i];
    return n;
}

static size_t level_rows(void) {
    size_t n = 0;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; i++) n += tsr_mix_context_size[i];
    return n;
}

size_t tsr_mix_vector_start_size(void) {
    const tsr_mix_vector *v = NULL;
    size_t weights = sizeof v->zero_a + sizeof v->zero_b + sizeof v->level_a + sizeof v->level_b;
    return zero_counters() + level_rows() * TSR_VECTOR_TRAINED + weights / sizeof(int32_t) * 2;
}

static tsr_status alloc_tables(tsr_mix_vector *v, const tsr_codebook *cb, tsr_job *j) {
    size_t n = 0, rows = 0;
    for (unsigned i = 0; i < TSR_ZERO_CONTEXTS; n += tsr_zero_context_size[i++])
        v->first_zero[i] = (int32_t)n;
    for (unsigned i = 0; i < TSR_MIX_CONTEXTS; rows += tsr_mix_context_size[i++])
        v->first_level[i] = (int32_t)(rows * TSR_VECTOR_NEAR);
    v->zero = tsr_job_alloc(j, n, sizeof *v->zero);
    v->shape = tsr_job_alloc(j, (size_t)cb->books * TSR_MAX_SHAPES, sizeof *v->shape);
    if (!v->zero || !v->shape) return tsr_job_memory_status(j);
    for (size_t i = 0; i < n; i++) v->zero[i] = tsr_counter_start(32768, 0);
    return tsr_mix_slots_alloc(&v->level, rows, TSR_VECTOR_NEAR, j);
}

static void fill_tables(tsr_mix_vector_tables *t, const tsr_mix_model *m) {
    for (uint32_t i = 0; i <= TSR_MIX_TOP; i++) {
        uint16_t q3 = m->q3[i], q6 = m->q6[i];
        t->w[i][1] = (uint16_t)(q6 * 216);
        t->w[i][6] = (uint16_t)(q6 * 6);
        t->near[i][14] = (uint16_t)(q6 * 36);
        t->n[i][1] = (uint16_t)(q6 * 36);
        t->n[i][6] = q6;
        t->n[i][8] = (uint16_t)(q3 * 2187);
        t->nw[i][1] = (uint16_t)(q6 * 6);
        t->nw[i][8] = (uint16_t)(q3 * 729);
        t->ne[i][1] = q6;
        t->ne[i][8] = (uint16_t)(q3 * 243);
        t->n_nn[i][11] = (uint16_t)(q6 * 96);
        t->nw_ne[i][11] = (uint16_t)(q6 * 16);
    }
    for (uint32_t i = 0; i < 4; i++) {
        t->left[0][i][8] = (uint16_t)(m->q3[i] * 2187);
        t->left[1][i][8] = (uint16_t)(m->q3[i] * 729);
        t->nn[i][8] = (uint16_t)(m->q3[i] * 81);
    }
    for (uint32_t i = 0; i < 12; i++) {
        t->ring[0][i][3] = (uint16_t)(i * 144);
        t->ring[0][i][5] = t->ring[1][i][5] = (uint16_t)((i < 7 ? i : 7) * 12);
    }
}

static tsr_counter rate_counter(const tsr_mix_model *m, int8_t rate) {
    return tsr_counter_start(tsr_squash(&m->logistic, rate * TSR_RATE_UNIT), 4);
}

/* The contexts that know the energy begin with the codebook's probabilities, "more?" with a
 * geometric law. */
static void start_from_rates(tsr_mix_model *m) {
    tsr_mix_vector *v = m->vec;
    const tsr_codebook *cb = m->walk.vec.book;
    for (uint32_t cls = 0; cls < TSR_VECTOR_CLASSES; cls++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++) {
            uint32_t level = b / 2 < TSR_VECTOR_LEVELS ? b / 2 : TSR_VECTOR_LEVELS - 1;
            v->zero[cls * TSR_BUCKETS + b] = rate_counter(m, cb->rate_vector[cls][level]);
        }
    for (uint32_t cls = 0; cls < TSR_DETAIL_CLASSES; cls++)
        for (uint32_t b = 0; b < TSR_BUCKETS; b++) {
            tsr_counter more = tsr_counter_start(tsr_geometric(b, tsr_unary_shift(b)), 2);
            for (unsigned k = 0; k < TSR_VECTOR_SLOTS; k++)
                *tsr_mix_slot(&v->level, cls * TSR_BUCKETS + b, TSR_VECTOR_NEAR, k) =
                    k < TSR_VECTOR_KINDS ? rate_counter(m, cb->rate_zero[cls][k][b]) : more;
        }
    tsr_prob *out = v->shape[0];
    const int8_t *in = cb->rate_shape[0];
    for (size_t i = 0; i < (size_t)cb->books * TSR_MAX_SHAPES * TSR_VECTOR_LEVELS; i++)
        out[i] = tsr_prob_start(tsr_squash(&m->logistic, in[i] * TSR_RATE_UNIT), TSR_START_COUNT);
}

void tsr_mix_vector_start_load(tsr_mix_model *m, const int8_t *in) {
    tsr_mix_vector *v = m->vec;
    tsr_counter table[256];
    size_t n = zero_counters(), rows = level_rows();
    tsr_mix_start_counters(table, &m->logistic);
    in = tsr_mix_start_slots(&(tsr_mix_slots){.near = v->zero}, n, 1, 1, table, in);
    in = tsr_mix_start_slots(&v->level, rows, TSR_VECTOR_NEAR, TSR_VECTOR_TRAINED, table, in);
    in = tsr_mix_start_weights(v->zero_a, sizeof v->zero_a, in);
    in = tsr_mix_start_weights(v->zero_b, sizeof v->zero_b, in);
    in = tsr_mix_start_weights(v->level_a, sizeof v->level_a, in);
    tsr_mix_start_weights(v->level_b, sizeof v->level_b, in);
}

static tsr_status begin_prior(tsr_mix_vector *v, tsr_job *j) {
    v->prior = tsr_job_alloc(j, 1, sizeof *v->prior);
    if (!v->prior) return tsr_job_memory_status(j);
    tsr_prior_vector_load(v->prior);
    tsr_mix_trust_prior(v->zero_a, sizeof v->zero_a, TSR_ZERO_PRIOR);
    tsr_mix_trust_prior(v->zero_b, sizeof v->zero_b, TSR_ZERO_PRIOR);
    tsr_mix_trust_prior(v->level_a, sizeof v->level_a, TSR_MIX_PRIOR);
    tsr_mix_trust_prior(v->level_b, sizeof v->level_b, TSR_MIX_PRIOR);
    return TSR_OK;
}

tsr_status tsr_mix_vector_begin(tsr_mix_model *m, int prior, tsr_job *j) {
    const tsr_codebook *cb = m->walk.vec.book;
    tsr_mix_vector *v = m->vec = tsr_job_alloc(j, 1, sizeof *v);
    if (!v) return tsr_job_memory_status(j);
    v->at.b = UINT32_MAX;
    if (cb->fixed_bits) return TSR_OK;
    tsr_status s = alloc_tables(v, cb, j);
    if (s) return s;
    fill_tables(&v->tables, m);
    tsr_mix_fill_weights(v->zero_a, sizeof v->zero_a, TSR_ZERO_CONTEXTS);
    tsr_mix_fill_weights(v->zero_b, sizeof v->zero_b, TSR_ZERO_CONTEXTS);
    tsr_mix_fill_weights(v->level_a, sizeof v->level_a, TSR_MIX_CONTEXTS);
    tsr_mix_fill_weights(v->level_b, sizeof v->level_b, TSR_MIX_CONTEXTS);
    start_from_rates(m);
    if (cb->start && cb->start_size == tsr_mix_vector_start_size())
        tsr_mix_vector_start_load(m, cb->start);
    else if (cb->start)
        return tsr_diag_set(j->diag, TSR_ERR_MODEL, TSR_NO_OFFSET,
                            "codebook: the start state has the wrong size");
    tsr_mix_fill_apms(m, v->zero_apm, sizeof v->zero_apm);
    tsr_mix_fill_apms(m, v->zero_apm_local, sizeof v->zero_apm_local);
    tsr_mix_fill_apms(m, v->level_apm, sizeof v->level_apm);
    tsr_mix_fill_apms(m, v->level_apm_local, sizeof v->level_apm_local);
    return prior ? begin_prior(v, j) : TSR_OK;
}

tsr_status tsr_mix_vector_fork(tsr_mix_model *m, tsr_job *j) {
    const tsr_codebook *cb = m->walk.vec.book;
    tsr_mix_vector *v = m->vec = tsr_job_copy(j, m->vec, 1, sizeof *v);
    if (!v) return tsr_job_memory_status(j);
    v->at.b = UINT32_MAX;
    if (cb->fixed_bits) return TSR_OK;
    v->zero = tsr_job_copy(j, v->zero, zero_counters(), sizeof *v->zero);
    v->shape = tsr_job_copy(j, v->shape, (size_t)cb->books * TSR_MAX_SHAPES, sizeof *v->shape);
    if (!v->zero || !v->shape) return tsr_job_memory_status(j);
    if (v->prior && !(v->prior = tsr_job_copy(j, v->prior, 1, sizeof *v->prior)))
        return tsr_job_memory_status(j);
    if (v->prior) v->prior->b = UINT32_MAX;
    return tsr_mix_slots_fork(&v->level, level_rows(), TSR_VECTOR_NEAR, j);
}
