/* lowpass_spectrum.c - filtering and decimation of pictures in the frequency domain.
 *
 * A picture is extended by reflection about its first and last samples, on either side by at least
 * EXTENSION samples, to a size that is fast to transform, and taken as periodic. Multiplying its
 * spectrum by a response filters it; adding the parts of the spectrum that decimation maps onto
 * each other ("folding") decimates it, so that the inverse transform has a quarter of the size:
 *     Y(k) = (1 / P) (R(k) X(k) + R(k + P/2) X(k + P/2)),   k = 0 .. P/2 - 1, both ways.
 * Only half of a spectrum is stored (X(-k) is the conjugate of X(k)).
 *
 * Cost for n samples: O(n log n) once, O(n) and a transform of n / 4 for every decimated picture.
 */
#include "lowpass_spectrum.h"

#include <string.h>

/* The matched filters have decayed below single precision after this many samples. */
enum { EXTENSION = 32 };

/* ---- set-up ---- */

static int is_smooth(uint32_t n) {
    for (uint32_t p = 2; p <= 7; p += 1 + (p > 2))
        while (n % p == 0) n /= p;
    return n == 1;
}

/* Smallest multiple of 8 >= n without prime factors above 7. */
static uint32_t fast_size(uint32_t n) {
    n = (n + 7) / 8 * 8;
    while (!is_smooth(n)) n += 8;
    return n;
}

static size_t full_count(const lowpass_spectrum *s) {
    return (size_t)s->ph * tsr_fft_row(s->pw);
}

/* Work memory of a slot: first the extended picture, then the spectrum folded down the columns
 * followed by that folded both ways and the decimated picture. Each part begins 64-byte aligned. */
static size_t align16(size_t floats) {
    return (floats + 15) / 16 * 16;
}
static size_t columns_floats(const lowpass_spectrum *s) {
    return align16((size_t)s->ph * tsr_fft_row(s->pw)); /* ph / 2 rows of complex numbers */
}
static size_t folded_floats(const lowpass_spectrum *s) {
    return align16((size_t)s->ph * tsr_fft_row(s->pw / 2));
}
static size_t real_floats(const lowpass_spectrum *s) {
    size_t picture = (size_t)s->pw * s->ph;
    size_t later = columns_floats(s) + folded_floats(s) + picture / 4;
    return picture > later ? picture : later;
}

static tsr_status open_slots(lowpass_spectrum *s, const tsr_env *env) {
    s->real = env->alloc(env, s->slots * sizeof *s->real);
    s->full = env->alloc(env, s->slots * sizeof *s->full);
    if (!s->real || !s->full) return TSR_ERR_MEMORY;
    for (uint32_t i = 0; i < s->slots; i++) {
        s->real[i] = env->alloc(env, real_floats(s) * sizeof(float));
        s->full[i] = env->alloc(env, full_count(s) * sizeof(tsr_complex));
        if (!s->real[i] || !s->full[i]) return TSR_ERR_MEMORY;
    }
    return TSR_OK;
}

static tsr_status open_filters(lowpass_spectrum *s, const lowpass *lp, const tsr_env *env) {
    for (uint32_t f = 0; f < FILTERS; f++) {
        s->fx[f] = env->alloc(env, s->pw * sizeof(tsr_complex));
        s->fy[f] = env->alloc(env, s->ph * sizeof(tsr_complex));
        if (!s->fx[f] || !s->fy[f]) return TSR_ERR_MEMORY;
        tsr_lowpass_filter(f, lp->shape, lp->cutoff, s->pw, s->fx[f]);
        tsr_lowpass_filter(f, lp->shape, lp->cutoff, s->ph, s->fy[f]);
    }
    return TSR_OK;
}

static float *columns_of(const lowpass_spectrum *s, uint32_t slot) {
    return s->real[slot];
}
static float *folded_of(const lowpass_spectrum *s, uint32_t slot) {
    return s->real[slot] + columns_floats(s);
}
static float *decimated_of(const lowpass_spectrum *s, uint32_t slot) {
    return folded_of(s, slot) + folded_floats(s);
}

tsr_status tsr_lowpass_spectrum_open(lowpass_spectrum *s, const lowpass *lp, uint32_t level,
                                     const tsr_env *env) {
    uint32_t w = lp->w[level], h = lp->h[level];
    *s = (lowpass_spectrum){
        .w = w,
        .h = h,
        .pw = fast_size(w + 2 * EXTENSION),
        .ph = fast_size(h + 2 * EXTENSION),
        .slots = env->threads < lp->g.planes ? env->threads : lp->g.planes,
    };
    tsr_status status = open_slots(s, env);
    if (!status) status = open_filters(s, lp, env);
    if (!status) status = tsr_fft_create(&s->whole, s->pw, s->ph, s->real[0], s->full[0], env);
    if (!status)
        status = tsr_fft_create(&s->half, s->pw / 2, s->ph / 2, decimated_of(s, 0),
                                (tsr_complex *)folded_of(s, 0), env);
    return status;
}

void tsr_lowpass_spectrum_close(lowpass_spectrum *s) {
    tsr_fft_destroy(s->whole);
    tsr_fft_destroy(s->half);
}

/* ---- extension ---- */

/* Sample of the picture at place i of an extended line of p: the far half of what lies beyond the
 * last sample belongs to the left of the first one. */
static uint32_t extended(uint32_t i, uint32_t n, uint32_t p) {
    if (n == 1) return 0;
    uint32_t period = 2 * (n - 1);
    uint32_t back = i < n + (p - n) / 2 ? i % period : (p - i) % period;
    return back < n ? back : period - back;
}

void tsr_lowpass_spectrum_load(const lowpass_spectrum *s, uint32_t slot, const float *picture) {
    for (uint32_t y = 0; y < s->ph; y++) {
        const float *row = picture + (size_t)extended(y, s->h, s->ph) * s->w;
        float *out = s->real[slot] + (size_t)y * s->pw;
        memcpy(out, row, s->w * sizeof(float));
        for (uint32_t x = s->w; x < s->pw; x++) out[x] = row[extended(x, s->w, s->pw)];
    }
    tsr_fft_forward(s->whole, s->real[slot], s->full[slot]);
}

/* ---- folding ---- */

void tsr_lowpass_spectrum_columns(const lowpass_spectrum *s, uint32_t slot, uint32_t filter) {
    uint32_t n = tsr_fft_row(s->pw), half = s->ph / 2;
    float scale = 1.0f / (float)s->ph;
    tsr_complex *out = (tsr_complex *)columns_of(s, slot);
    for (uint32_t y = 0; y < half; y++, out += n) {
        const float *r = s->fy[filter][y], *q = s->fy[filter][y + half];
        float r0 = r[0] * scale, r1 = r[1] * scale, q0 = q[0] * scale, q1 = q[1] * scale;
        const tsr_complex *a = s->full[slot] + (size_t)y * n, *b = a + (size_t)half * n;
        for (uint32_t x = 0; x < n; x++) {
            out[x][0] = r0 * a[x][0] - r1 * a[x][1] + q0 * b[x][0] - q1 * b[x][1];
            out[x][1] = r0 * a[x][1] + r1 * a[x][0] + q0 * b[x][1] + q1 * b[x][0];
        }
    }
}

/* The upper half of the frequencies along a row is the conjugate of the mirrored row -y. */
static void fold_row(const lowpass_spectrum *s, uint32_t filter, const tsr_complex *row,
                     const tsr_complex *mirrored, tsr_complex *out) {
    uint32_t half = s->pw / 2, n = tsr_fft_row(half);
    const tsr_complex *r = s->fx[filter], *q = r + half;
    float scale = 1.0f / (float)s->pw;
    for (uint32_t x = 0; x < n; x++) {
        const float *a = row[x], *b = mirrored[half - x];
        out[x][0] = scale * (r[x][0] * a[0] - r[x][1] * a[1] + q[x][0] * b[0] + q[x][1] * b[1]);
        out[x][1] = scale * (r[x][0] * a[1] + r[x][1] * a[0] - q[x][0] * b[1] + q[x][1] * b[0]);
    }
}

void tsr_lowpass_spectrum_rows(const lowpass_spectrum *s, uint32_t slot, uint32_t filter,
                               uint32_t out_w, uint32_t out_h, float *out) {
    uint32_t n = tsr_fft_row(s->pw), m = tsr_fft_row(s->pw / 2), half = s->ph / 2;
    const tsr_complex *in = (const tsr_complex *)columns_of(s, slot);
    tsr_complex *folded = (tsr_complex *)folded_of(s, slot);
    for (uint32_t y = 0; y < half; y++)
        fold_row(s, filter, in + (size_t)y * n, in + (size_t)(y ? half - y : 0) * n,
                 folded + (size_t)y * m);
    float *picture = decimated_of(s, slot);
    tsr_fft_inverse(s->half, folded, picture);
    for (uint32_t y = 0; y < out_h; y++)
        memcpy(out + (size_t)y * out_w, picture + (size_t)y * (s->pw / 2), out_w * sizeof(float));
}
