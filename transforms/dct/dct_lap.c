/* dct_lap.c - filters across block boundaries: the time-domain lapped transform.
 *
 * Tran, Liang and Tu, "Lapped transform via time-domain pre- and post-filtering", IEEE Trans.
 * Signal Processing 51(6), 2003: the filter W diag(I, V) W, W = [I J; J -I] / sqrt(2), before the
 * DCT and its inverse after the inverse DCT make the blocks' basis functions overlap. With the
 * differences d = x_i - x_(m-1-i) it comes to adding (J V J - I) d / 2, which is what the tables
 * hold. V is free; here it was fitted to photographs, by descent on squared error plus estimated
 * entropy after quantization, instead of to the coding gain of a Markov process. The result is
 * biorthogonal. Cost: half multiplications a sample and axis.
 */
#include "dct_lap.h"

#include "dct_lanes.h"

static const dct_lap lap2 = {
    .half = 2,
    .pre =
        {
            {0.1305f, -0.196f},
            {0.2425f, 0.123f},
        },
    .post =
        {
            {-0.146289216f, 0.111279797f},
            {-0.137680361f, -0.142031061f},
        },
};

static const dct_lap lap4 = {
    .half = 4,
    .pre =
        {
            {0.061f, -0.046f, -0.019f, -0.018f},
            {0.093f, 0.039f, -0.1405f, -0.018f},
            {0.0595f, 0.1485f, 0.012f, -0.2705f},
            {0.0585f, 0.101f, 0.253f, 0.0525f},
        },
    .post =
        {
            {-0.062964702f, 0.0294825751f, 0.0135259158f, 0.0218209628f},
            {-0.0848200778f, -0.0772457905f, 0.0864960033f, 0.0533574358f},
            {-0.0341750208f, -0.135692449f, -0.135637586f, 0.172855056f},
            {-0.0151193788f, -0.0182673595f, -0.184092404f, -0.138729333f},
        },
};

const dct_lap *tsr_dct_lap(unsigned half) {
    return half == 2 ? &lap2 : half == 4 ? &lap4 : NULL;
}

/* x[0 .. 2 * half - 1] of one vector of boundaries. */
static inline __attribute__((always_inline)) void filter(const float g[][DCT_MAX_LAP],
                                                         unsigned half, dct_lanes *x) {
    dct_lanes d[DCT_MAX_LAP];
    for (unsigned i = 0; i < half; i++) d[i] = x[i] - x[2 * half - 1 - i];
    for (unsigned i = 0; i < half; i++) {
        dct_lanes e = d[0] * g[i][0];
        for (unsigned j = 1; j < half; j++) e += d[j] * g[i][j];
        x[i] += e;
        x[2 * half - 1 - i] -= e;
    }
}

static inline __attribute__((always_inline)) void
filter_rows(const float g[][DCT_MAX_LAP], unsigned half, float *const *row, size_t n) {
    dct_lanes x[2 * DCT_MAX_LAP];
    size_t c = 0;
    for (; c + DCT_LANES <= n; c += DCT_LANES) {
        for (unsigned i = 0; i < 2 * half; i++) x[i] = dct_load(row[i] + c);
        filter(g, half, x);
        for (unsigned i = 0; i < 2 * half; i++) dct_store(row[i] + c, x[i]);
    }
    unsigned left = (unsigned)(n - c);
    if (!left) return;
    for (unsigned i = 0; i < 2 * half; i++) x[i] = dct_load_part(row[i] + c, left);
    filter(g, half, x);
    for (unsigned i = 0; i < 2 * half; i++) dct_store_part(row[i] + c, x[i], left);
}

void tsr_dct_lap_rows(const float g[][DCT_MAX_LAP], unsigned half, float *const *row, size_t n) {
    if (half == 2)
        filter_rows(g, 2, row, n);
    else
        filter_rows(g, 4, row, n);
}

/* The boundaries of up to DCT_LANES blocks side by side; x: the first sample of the first filter.
 */
static inline __attribute__((always_inline)) void
filter_strided(const float g[][DCT_MAX_LAP], unsigned half, float *x, size_t n, size_t count) {
    dct_lanes v[2 * DCT_MAX_LAP];
    for (unsigned i = 0; i < 2 * half; i++) v[i] = dct_load_strided(x + i, n, count);
    filter(g, half, v);
    for (unsigned i = 0; i < 2 * half; i++) dct_store_strided(x + i, n, count, v[i]);
}

void tsr_dct_lap_row_pre(const dct_lap *lap, float *x, size_t n, size_t blocks) {
    for (size_t b = 1; b < blocks; b += DCT_LANES) {
        float *first = x + b * n - lap->half;
        size_t count = blocks - b < DCT_LANES ? blocks - b : DCT_LANES;
        if (lap->half == 2)
            filter_strided(lap->pre, 2, first, n, count);
        else if (count == DCT_LANES)
            filter_strided(lap->pre, 4, first, n, DCT_LANES);
        else
            filter_strided(lap->pre, 4, first, n, count);
    }
}
