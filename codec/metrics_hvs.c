/* metrics_hvs.c - PSNR after weighting by the eye's sensitivity, without and with masking.
 *
 * PSNR-HVS: K. Egiazarian, J. Astola, N. Ponomarenko, V. Lukin, F. Battisti, M. Carli, "New
 * full-reference quality metrics based on HVS", VPQM 2006. PSNR-HVS-M: N. Ponomarenko, F.
 * Silvestri, K. Egiazarian, M. Carli, J. Astola, V. Lukin, "On between-coefficient contrast masking
 * of DCT basis functions", VPQM 2007. Both as the authors' own program computes them: the plane is
 * cut into blocks of 8x8 (what is left at the right and at the bottom does not count), and the
 * differences of their orthonormal DCT coefficients are squared after weighting. -HVS-M first takes
 * from each difference but that of the mean what the block hides (eqs. (1) to (3) of the second
 * paper).
 *
 * Both tables of the papers follow from the luminance table of JPEG (ISO/IEC 10918-1, K.1), Q: the
 * weights are proportional to 1/Q with a mean square of 1, the masking coefficients are (10/Q)^2.
 * Printed with six decimals there, exact here: the results differ by less than 1e-5 dB.
 *
 * Cost: about 40 multiplications a pixel, memory 16 rows.
 */
#include "metrics_hvs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 8, PIXELS = N * N };

static const uint8_t JPEG_LUMINANCE[PIXELS] = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

struct tsr_hvs {
    double basis[PIXELS];  /* orthonormal DCT-II: row k is frequency k */
    double weight[PIXELS]; /* sensitivity, row: vertical frequency */
    double mask[PIXELS];   /* masking coefficients */
    uint32_t width;
    uint32_t rows;     /* received of the current row of blocks */
    double *strip[2];  /* N rows of each plane */
    double sum, sum_m; /* weighted squared differences */
    double samples;    /* they were taken of */
};

static void tables_init(tsr_hvs *h) {
    double inverse_squares = 0;
    for (int i = 0; i < PIXELS; i++)
        inverse_squares += 1.0 / (JPEG_LUMINANCE[i] * JPEG_LUMINANCE[i]);
    for (int i = 0; i < PIXELS; i++) {
        h->weight[i] = sqrt(PIXELS / inverse_squares) / JPEG_LUMINANCE[i];
        h->mask[i] = 100.0 / (JPEG_LUMINANCE[i] * JPEG_LUMINANCE[i]);
        int k = i / N, x = i % N;
        h->basis[i] = sqrt((k ? 2.0 : 1.0) / N) * cos((2 * x + 1) * k * acos(-1.0) / (2 * N));
    }
}

tsr_status tsr_hvs_new(tsr_hvs **out, uint32_t width, tsr_diag *d) {
    *out = NULL;
    uint64_t doubles = (uint64_t)width * N * 2;
    tsr_hvs *h = calloc(1, sizeof *h);
    if (h && doubles <= SIZE_MAX / sizeof(double))
        h->strip[0] = malloc((size_t)doubles * sizeof(double));
    if (!h || !h->strip[0]) {
        tsr_hvs_free(h);
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET,
                            "no memory to compare pictures %u samples wide", (unsigned)width);
    }
    h->strip[1] = h->strip[0] + (size_t)width * N;
    h->width = width;
    tables_init(h);
    *out = h;
    return TSR_OK;
}

void tsr_hvs_free(tsr_hvs *h) {
    if (!h) return;
    free(h->strip[0]);
    free(h);
}

/* The N x N block at p, rows `stride` apart -> its DCT. */
static void block_dct(const double basis[PIXELS], const double *p, size_t stride,
                      double out[PIXELS]) {
    double across[PIXELS]; /* row y, horizontal frequency */
    for (int y = 0; y < N; y++)
        for (int k = 0; k < N; k++) {
            double sum = 0;
            for (int x = 0; x < N; x++) sum += basis[k * N + x] * p[(size_t)y * stride + x];
            across[y * N + k] = sum;
        }
    memset(out, 0, PIXELS * sizeof *out);
    for (int k = 0; k < N; k++)
        for (int y = 0; y < N; y++)
            for (int x = 0; x < N; x++) out[k * N + x] += basis[k * N + y] * across[y * N + x];
}

/* Unbiased variance of a size x size block times its number of samples. */
static double spread(const double *p, size_t stride, int size) {
    double sum = 0, squares = 0, n = size * size;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) sum += p[(size_t)y * stride + x];
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            double e = p[(size_t)y * stride + x] - sum / n;
            squares += e * e;
        }
    return squares * n / (n - 1);
}

/* How much the block hides: the root of its masking energy, less where the activity sits in a part
 * of it (an edge hides little in the flat area beside it). */
static double masking(const tsr_hvs *h, const double *p, const double dct[PIXELS]) {
    double energy = 0, whole = spread(p, h->width, N), parts = 0;
    if (whole == 0) return 0;
    for (int i = 1; i < PIXELS; i++) energy += dct[i] * dct[i] * h->mask[i];
    for (int quarter = 0; quarter < 4; quarter++)
        parts += spread(p + (size_t)(quarter / 2 * N / 2) * h->width + quarter % 2 * N / 2,
                        h->width, N / 2);
    return sqrt(energy * parts / whole) / 32;
}

static void add_block(tsr_hvs *h, uint32_t x) {
    const double *a = h->strip[0] + x, *b = h->strip[1] + x;
    double dct_a[PIXELS], dct_b[PIXELS];
    block_dct(h->basis, a, h->width, dct_a);
    block_dct(h->basis, b, h->width, dct_b);
    double hidden = fmax(masking(h, a, dct_a), masking(h, b, dct_b));
    for (int i = 0; i < PIXELS; i++) {
        double e = fabs(dct_a[i] - dct_b[i]);
        double seen = i ? fmax(0, e - hidden / h->mask[i]) : e;
        h->sum += e * h->weight[i] * (e * h->weight[i]);
        h->sum_m += seen * h->weight[i] * (seen * h->weight[i]);
    }
    h->samples += PIXELS;
}

void tsr_hvs_push(tsr_hvs *h, const double *x, const double *y) {
    size_t at = (size_t)h->rows * h->width;
    memcpy(h->strip[0] + at, x, h->width * sizeof *x);
    memcpy(h->strip[1] + at, y, h->width * sizeof *y);
    if (++h->rows < N) return;
    for (uint32_t i = 0; i + N <= h->width; i += N) add_block(h, i);
    h->rows = 0;
}

static double decibels(double sum, double samples) {
    if (samples == 0) return NAN;
    return sum > 0 ? 10 * log10(255.0 * 255.0 * samples / sum) : INFINITY;
}

void tsr_hvs_finish(const tsr_hvs *h, double *psnr_hvs, double *psnr_hvs_m) {
    *psnr_hvs = decibels(h->sum, h->samples);
    *psnr_hvs_m = decibels(h->sum_m, h->samples);
}
