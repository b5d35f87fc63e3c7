/* entropy_mix.c - the strong coder: logistic mixing of twelve context models a decision.
 *
 * Contexts look at the neighbourhood from twelve sides: energy by class; the four nearest
 * magnitudes; local against parent energy; sister bands; other planes; wider surroundings; ternary
 * patterns. Signs are mixed from five contexts of neighbouring, parent, sister and plane signs.
 * Cost: about 40 ns a binary decision.
 */
#include <string.h>

#include "mix_start.h"
#include "mix_vector.h"

const uint32_t tsr_mix_context_size[TSR_MIX_CONTEXTS] = {
    TSR_CLASSES * TSR_BUCKETS,
    2 * 1296,
    20 * 12 * 8,
    2 * 1728,
    2 * 1296 * 3,
    40 * 8 * 12,
    40 * 36,
    40 * 48,
    6561,
    216 * 20,
    2 * 243 * 6,
    216 * 16,
};
static const uint32_t sign_size[TSR_SIGN_CONTEXTS] = {81 * 12, 3 * 4 * 9 * 12, 9 * 3 * 9 * 9,
                                                      81 * 16, 81 * 16};

/* level of v = number of thresholds <= v */
static void fill_quantizer(uint8_t *table, uint32_t size, const uint16_t *threshold, unsigned n) {
    for (uint32_t v = 0; v < size; v++) {
        unsigned level = 0;
        while (level < n && v >= threshold[level]) level++;
        table[v] = (uint8_t)level;
    }
}

static void fill_quantizers(tsr_mix_model *m) {
    static const uint16_t t3[] = {1, 3}, t6[] = {1, 3, 5, 9, 16};
    static const uint16_t t12[] = {1, 2, 3, 5, 7, 10, 15, 23, 39, 71, 151};
    static const uint16_t t20[] = {1,  2,  3,  4,  5,  6,   8,   10,  13, 17,
                                   23, 31, 43, 61, 91, 131, 201, 321, 600};
    fill_quantizer(m->q3, 256, t3, 2);
    fill_quantizer(m->q6, 256, t6, 5);
    fill_quantizer(m->q12, 1024, t12, 11);
    fill_quantizer(m->q20, 1024, t20, 19);
}

/* ---- rows ---- */

static uint32_t q(const uint8_t *table, uint32_t size, uint32_t v) {
    return table[v < size ? v : size - 1];
}

void tsr_mix_begin_band(tsr_mix_model *m, uint32_t b) {
    const tsr_band *band = &m->walk.ctx.layout->band[b];
    m->band = b;
    m->kind = (uint8_t)tsr_plane_kind(m->walk.ctx.layout, b);
    m->chroma = m->kind != 0;
    m->orient = band->orient;
    m->level = (uint8_t)(band->level < 1 ? 0 : band->level > 4 ? 3 : band->level - 1);
}

static inline void fill_column(tsr_mix_model *m, const uint16_t *up, const uint16_t *up2,
                               ptrdiff_t x) {
    const tsr_coef_context *cc = &m->walk.ctx;
    const tsr_ref_row *par = &cc->ref[TSR_REF_PARENT], *sa = &cc->ref[TSR_REF_SISTER_A],
                      *sb = &cc->ref[TSR_REF_SISTER_B], *pa = &cc->ref[TSR_REF_PLANE_A],
                      *pb = &cc->ref[TSR_REF_PLANE_B];
    tsr_mix_row *r = &m->row;
    uint32_t chroma = m->chroma;
    uint32_t n = up[x], nw = up[x - 1], ne = up[x + 1], nn = up2[x];
    uint32_t local = 3 * n + 2 * (nw + ne) + nn;
    uint32_t parent =
        2u * par->centre[x] + par->near[x] + (((uint32_t)par->cross[x] + par->diag[x]) >> 2);
    uint32_t sister = 2u * ((uint32_t)sa->centre[x] + sb->centre[x]) +
                      (((uint32_t)sa->cross[x] + sb->cross[x]) >> 1);
    uint32_t plane = 2u * ((uint32_t)pa->centre[x] + pb->centre[x]) +
                     (((uint32_t)pa->cross[x] + pb->cross[x]) >> 1) + (pa->diag[x] >> 2);
    uint32_t ring = (uint32_t)up2[x - 1] + up2[x + 1] + up2[x - 2] + up2[x + 2] + up[x - 2] +
                    up[x + 2] + up[x - 3] + up[x + 3];
    uint32_t p6 = q(m->q6, 256, par->centre[x]), a6 = q(m->q6, 256, sa->centre[x]),
             b6 = q(m->q6, 256, sb->centre[x]);
    uint32_t c6 = q(m->q6, 256, pa->centre[x]), q12s = q(m->q12, 1024, sister),
             ring12 = q(m->q12, 1024, ring);
    r->local[x] = (uint16_t)(local < 60000 ? local : 60000);
    r->parent[x] = (uint8_t)q(m->q12, 1024, parent);
    r->ring[x] = (uint8_t)(ring12 < 8 ? ring12 : 7);
    r->k4[x] = (uint16_t)(chroma * 1728 + q(m->q12, 1024, chroma ? plane : ring) * 144 + q12s * 12);
    r->k5[x] = (uint16_t)((chroma * 1296 + ((p6 * 6 + a6) * 6 + b6) * 6 + c6) * 3);
    uint32_t ninth = chroma ? pa->centre[x] : sb->centre[x];
    r->k9[x] =
        (uint16_t)(((q(m->q3, 256, n) * 3 + q(m->q3, 256, nw)) * 3 + q(m->q3, 256, ne)) * 243 +
                   (q(m->q3, 256, nn) * 81) + q(m->q3, 256, par->centre[x]) * 3 +
                   q(m->q3, 256, ninth));
    r->k10[x] =
        (uint16_t)(((p6 * 6 + q(m->q6, 256, par->near[x])) * 6 + q(m->q6, 256, par->diag[x] >> 1)) *
                   20);
    const tsr_ref_row *o = chroma ? pa : sa;
    uint32_t near = o->near[x], cross = o->cross[x];
    uint32_t pattern =
        q(m->q3, 256, near) * 27 + q(m->q3, 256, cross - (near < cross ? near : cross)) * 9 +
        q(m->q3, 256, o->diag[x]) * 3 + q(m->q3, 256, chroma ? pb->centre[x] : sb->centre[x]);
    r->k11[x] = (uint16_t)(((chroma * 81 + pattern) * 3 + q(m->q3, 256, o->centre[x])) * 6);
}

void tsr_mix_begin_row(void *model, uint32_t b, uint32_t y) {
    tsr_mix_model *m = model;
    const tsr_mags *mags = &m->walk.ctx.mags[b];
    uint32_t w = m->walk.ctx.layout->band[b].w;
    const uint16_t *up = mags->m + (ptrdiff_t)mags->stride * ((ptrdiff_t)y - 1),
                   *up2 = up - mags->stride;
    tsr_mix_begin_band(m, b);
    for (ptrdiff_t x = 0; x < (ptrdiff_t)w; x++) fill_column(m, up, up2, x);
}

void tsr_mix_begin_column(tsr_mix_model *m, uint32_t b, uint32_t y, uint32_t x) {
    const uint16_t *up = tsr_mag_row(&m->walk.ctx, b, y) - m->walk.ctx.mags[b].stride;
    fill_column(m, up, up - m->walk.ctx.mags[b].stride, x);
}

/* ---- set-up ---- */

static tsr_status alloc_counters(tsr_mix_model *m, tsr_job *j) {
    for (uint32_t i = 0; i < TSR_MIX_CONTEXTS; i++) {
        size_t n = (size_t)tsr_mix_context_size[i] * 2 * TSR_MIX_BINS;
        m->context[i] = tsr_job_alloc(j, n, sizeof(tsr_counter));
        if (!m->context[i]) return tsr_job_memory_status(j);
        for (size_t k = 0; k < n; k++) m->context[i][k] = tsr_counter_start(32768, 0);
    }
    for (uint32_t i = 0; i < TSR_SIGN_CONTEXTS; i++) {
        m->sign_context[i] = tsr_job_alloc(j, sign_size[i], sizeof(tsr_counter));
        if (!m->sign_context[i]) return tsr_job_memory_status(j);
        for (size_t k = 0; k < sign_size[i]; k++)
            m->sign_context[i][k] = tsr_counter_start(32768, 4);
    }
    return TSR_OK;
}

static tsr_status alloc_rows(tsr_mix_model *m, tsr_job *j) {
    const tsr_layout *l = m->walk.ctx.layout;
    uint32_t widest = 0;
    m->sign = tsr_job_alloc(j, l->n, sizeof *m->sign);
    if (!m->sign) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) {
        size_t stride = m->walk.ctx.mags[b].stride;
        int8_t *s = tsr_job_alloc(j, stride * (l->band[b].h + 2 * TSR_MAG_BORDER + 1), 1);
        if (!s) return tsr_job_memory_status(j);
        m->sign[b] = s + stride * TSR_MAG_BORDER + TSR_MAG_BORDER;
        if (l->band[b].w > widest) widest = l->band[b].w;
    }
    size_t n = (size_t)widest + TSR_BLOCK;
    uint16_t *rows = tsr_job_alloc(j, n * 6, sizeof *rows);
    uint8_t *bytes = tsr_job_alloc(j, n * 2, 1);
    if (!rows || !bytes) return tsr_job_memory_status(j);
    m->row = (tsr_mix_row){rows,         bytes,        bytes + n,    rows + n,
                           rows + 2 * n, rows + 3 * n, rows + 4 * n, rows + 5 * n};
    return TSR_OK;
}

/* The contexts that know the energy begin with a geometric law of its mean. */
static void start_counters(tsr_mix_model *m) {
    for (uint32_t bucket = 0; bucket < TSR_BUCKETS; bucket++)
        for (uint32_t slot = 0; slot < TSR_MIX_BINS; slot++) {
            tsr_counter c =
                tsr_counter_start(tsr_geometric(bucket, slot ? tsr_unary_shift(bucket) : 0), 2);
            for (uint32_t cls = 0; cls < TSR_CLASSES; cls++)
                for (uint32_t z = 0; z < 2; z++)
                    m->context[0][((size_t)(cls * TSR_BUCKETS + bucket) * 2 + z) * TSR_MIX_BINS +
                                  slot] = c;
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

static tsr_status mix_begin(void *st, const tsr_value *v, const tsr_symbols *s, tsr_job *j) {
    tsr_mix_model *m = st;
    tsr_status status = tsr_walk_begin(&m->walk, s, j);
    if (!status) status = alloc_counters(m, j);
    if (!status) status = alloc_rows(m, j);
    if (status) return status;
    m->cpu = j->ctx->cpu;
    tsr_logistic_init(&m->logistic);
    fill_quantizers(m);
    start_counters(m);
    tsr_mix_fill_weights(m->by_class, sizeof m->by_class, 12);
    tsr_mix_fill_weights(m->by_energy, sizeof m->by_energy, 12);
    tsr_mix_fill_weights(m->sign_weights, sizeof m->sign_weights, 5);
    tsr_mix_start_load(m);
    tsr_mix_fill_apms(m, m->apm_energy, sizeof m->apm_energy);
    tsr_mix_fill_apms(m, m->apm_local, sizeof m->apm_local);
    tsr_prob_fill((tsr_prob *)m->escape, sizeof m->escape, tsr_prob_start(32768, 1));
    tsr_prob_fill(m->low_bit, sizeof m->low_bit, tsr_prob_start(30000, 4));
    if (s->codebook) status = tsr_mix_vector_begin(m, j);
    return status;
}

/* ---- coding ---- */

static tsr_mix_layer_fn choose_kernel(const tsr_mix_model *m) {
#ifdef TSR_HAVE_X86
    if (m->cpu & TSR_CPU_AVX512) return tsr_mix_layer_avx512;
    if (m->cpu & TSR_CPU_AVX2) return tsr_mix_layer_avx2;
#endif
    return tsr_mix_layer_plain;
}

static tsr_status mix_encode(void *st, const tsr_symbols *s, uint32_t layer, tsr_buffer *out) {
    tsr_mix_model *m = st;
    tsr_rc_encode_start(&m->walk.rc, out);
    choose_kernel(m)(m, s, layer, 0);
    tsr_rc_encode_end(&m->walk.rc);
    return TSR_OK;
}

static tsr_status mix_decode(void *st, tsr_symbols *s, uint32_t layer, const uint8_t *data,
                             size_t size) {
    tsr_mix_model *m = st;
    tsr_rc_decode_start(&m->walk.rc, data, size);
    choose_kernel(m)(m, s, layer, 1);
    return TSR_OK;
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
          .state_size = sizeof(tsr_mix_model)},
    .begin = mix_begin,
    .encode = mix_encode,
    .decode = mix_decode,
};
