/* quant_bench.c - the bench of quant_bench.h. */
#include "quant_bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entropy.h"
#include "tsr_test.h"

extern const tsr_entropy tsr_entropy_adaptive;

void quant_bench_open(quant_bench *b, uint32_t threads) {
    codec_test_job_open(&b->t, threads, 0);
    b->layout = band_scene_layout(&b->scene);
    CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(&b->symbols, &b->layout, &b->t.job), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_coeffs_alloc(&b->coeffs, &b->layout, &b->symbols, &b->t.job), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_coeffs_alloc(&b->decoded, &b->layout, &b->symbols, &b->t.job),
                          TSR_OK);
}

void quant_bench_close(quant_bench *b) {
    codec_test_job_close(&b->t);
}

void quant_bench_fill(quant_bench *b, float step, double mean, uint64_t seed) {
    for (uint32_t i = 0; i < b->layout.n; i++) {
        const tsr_band *band = &b->layout.band[i];
        float unit = step / sqrtf(band->gain);
        for (uint32_t y = 0; y < band->h; y++)
            for (uint32_t x = 0; x < band->w; x++) {
                double local = mean * ((x / 8 + y / 8) % 3 + 0.2),
                       u = (double)(test_random(&seed) >> 11) / 9007199254740992.0;
                double v = -log(1 - u) * local;
                b->coeffs.data[i].f[(size_t)y * band->w + x] =
                    (float)(test_random(&seed) & 1 ? v : -v) * unit;
            }
    }
}

void quant_bench_defaults(quant_bench *b, const tsr_quantizer *q) {
    for (uint32_t i = 0; i < q->h.n_params; i++) {
        if (q->h.params[i].type == TSR_PARAM_REAL)
            b->v[i].r = q->h.params[i].def;
        else
            b->v[i].i = (int64_t)q->h.params[i].def;
    }
}

static void *new_state(quant_bench *b, const tsr_quantizer *q) {
    void *state = tsr_job_alloc(&b->t.job, 1, q->h.state_size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(state);
    if (q->check) CU_ASSERT_EQUAL_FATAL(q->check(b->v, &b->t.diag), TSR_OK);
    if (q->open) CU_ASSERT_EQUAL_FATAL(q->open(state, &b->layout, b->v, &b->t.job), TSR_OK);
    return state;
}

void quant_bench_start(quant_bench *b, const tsr_quantizer *q, float step) {
    b->symbols.states = q->states ? q->states(b->v) : 0;
    b->symbols.lattice = q->lattice;
    b->state = new_state(b, q);
    b->task = (tsr_quant_task){.layout = &b->layout,
                               .v = b->v,
                               .step = step,
                               .lambda = 0.11f * step * step,
                               .effort = 5,
                               .end_layer = b->layout.layers,
                               .coeffs = &b->coeffs,
                               .symbols = &b->symbols,
                               .decoded = &b->decoded,
                               .job = &b->t.job};
}

void quant_bench_begin(quant_bench *b, const tsr_quantizer *q, float step) {
    quant_bench_defaults(b, q);
    quant_bench_start(b, q, step);
}

void quant_bench_run(quant_bench *b, const tsr_quantizer *q, float step) {
    quant_bench_start(b, q, step);
    CU_ASSERT_EQUAL_FATAL(q->quantize(b->state, &b->task), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(q->dequantize(b->state, &b->task), TSR_OK);
}

void quant_bench_quantize(quant_bench *b, const tsr_quantizer *q, float step) {
    quant_bench_defaults(b, q);
    quant_bench_run(b, q, step);
}

double quant_bench_error(const quant_bench *b, double *largest) {
    double sum = 0;
    *largest = 0;
    for (uint32_t i = 0; i < b->layout.n; i++) {
        double unit = tsr_band_step(&b->task, i);
        for (size_t k = 0; k < tsr_band_size(&b->layout.band[i]); k++) {
            double e = fabs((double)b->coeffs.data[i].f[k] - b->decoded.data[i].f[k]) / unit;
            sum += e * e;
            if (e > *largest) *largest = e;
        }
    }
    return sum;
}

double quant_bench_bits(quant_bench *b) {
    tsr_buffer out = {0};
    void *state = tsr_job_alloc(&b->t.job, 1, tsr_entropy_adaptive.h.state_size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(state);
    CU_ASSERT_EQUAL_FATAL(tsr_entropy_adaptive.begin(state, NULL, &b->symbols, &b->t.job), TSR_OK);
    for (uint32_t i = 0; i < b->layout.layers; i++)
        CU_ASSERT_EQUAL(tsr_entropy_adaptive.encode(state, &b->symbols, i, &out), TSR_OK);
    double bits = (double)out.size * 8;
    tsr_buffer_free(&out);
    return bits;
}

double quant_bench_side_bits(const quant_bench *b, const tsr_quantizer *q) {
    tsr_buffer side = {0};
    q->side_save(b->state, &b->layout, &side);
    double bits = (double)side.size * 8;
    tsr_buffer_free(&side);
    return bits;
}

/* ---- side information ---- */

/* Loads bytes of exactly this size (sanitizers see what is read beyond) and dequantizes with them.
 */
static tsr_status load(quant_bench *b, const tsr_quantizer *q, const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    if (size) memcpy(copy, data, size);
    tsr_reader in = {.data = copy, .size = size};
    void *state = new_state(b, q);
    tsr_status s = q->side_load(state, &b->layout, &in, &b->t.diag);
    if (!s) CU_ASSERT_EQUAL(q->dequantize(state, &b->task), TSR_OK);
    free(copy);
    return s;
}

static int finite_values(const quant_bench *b) {
    for (uint32_t i = 0; i < b->layout.n; i++)
        for (size_t k = 0; k < tsr_band_size(&b->layout.band[i]); k++)
            if (!isfinite(b->decoded.data[i].f[k])) return 0;
    return 1;
}

static void check_damaged(quant_bench *b, const tsr_quantizer *q, const uint8_t *data,
                          size_t size) {
    tsr_status s = load(b, q, data, size);
    CU_ASSERT(s == TSR_OK ? finite_values(b)
                          : s == TSR_ERR_FORMAT && strstr(b->t.diag.text, "corrupt"));
}

static uint64_t sum_of_values(const quant_bench *b) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < b->layout.n; i++)
        for (size_t k = 0; k < tsr_band_size(&b->layout.band[i]); k++) {
            uint32_t bits;
            memcpy(&bits, &b->decoded.data[i].f[k], sizeof bits);
            sum = sum * 0x9e3779b97f4a7c15u + bits;
        }
    return sum;
}

void quant_bench_check_side(quant_bench *b, const tsr_quantizer *q, uint64_t seed) {
    tsr_buffer side = {0};
    uint64_t before = sum_of_values(b);
    q->side_save(b->state, &b->layout, &side);
    CU_ASSERT_FALSE_FATAL(side.failed);
    CU_ASSERT_EQUAL(load(b, q, side.data, side.size), TSR_OK);
    CU_ASSERT_EQUAL(sum_of_values(b), before);
    for (int i = 0; i < 40; i++) {
        size_t n = side.size ? test_random_below(&seed, (uint32_t)side.size) : 0;
        check_damaged(b, q, side.data, n);
        uint8_t was = side.size ? side.data[n] : 0;
        if (side.size) side.data[n] ^= (uint8_t)(1u << test_random_below(&seed, 8));
        check_damaged(b, q, side.data, side.size);
        if (side.size) side.data[n] = was;
    }
    for (int i = 0; i < 40; i++) { /* nothing but noise */
        uint8_t noise[64];
        for (size_t k = 0; k < sizeof noise; k++) noise[k] = (uint8_t)test_random(&seed);
        check_damaged(b, q, noise, sizeof noise);
    }
    tsr_buffer_free(&side);
}
