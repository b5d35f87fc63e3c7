/* fft.h - Fourier and cosine transforms of real arrays: the only way to FFTW in this tree.
 *
 * FFTW (fftw.org, version 3, single precision) plans and destroys under one process-wide lock,
 * because only its execute functions may run concurrently. Plans are estimated, never measured:
 * making one is fast and the same machine always gets the same plan, hence the same output bits.
 * Other machines may differ in the last bits, so a decoder that promises exact samples must not
 * call these.
 *
 * Every array passed to these functions is 64-byte aligned (tsr_env.alloc gives such memory); that
 * is asserted. One plan may be executed by several threads at once on different arrays.
 *
 * FFTW is opened when it is first asked for. Where it is missing, in the build or on the machine,
 * tsr_fft_available() is 0 and every create function fails with TSR_ERR_UNSUPPORTED and the text
 * "<what>: built without FFTW" or "<what>: cannot open FFTW (libfftw3f.so.3)".
 */
#ifndef TSR_COMMON_FFT_H
#define TSR_COMMON_FFT_H

#include <tessera/plugin.h>

/* One complex number: real part, imaginary part. */
typedef float tsr_complex[2];

typedef struct tsr_fft tsr_fft;         /* 2-D Fourier transform of a real array, both directions */
typedef struct tsr_fft_dct tsr_fft_dct; /* 2-D DCT-II of many blocks */

/* 1 when there is FFTW, else 0. */
int tsr_fft_available(void);

/* Complex numbers in one row of the spectrum of a real row of w samples. */
static inline uint32_t tsr_fft_row(uint32_t w) {
    return w / 2 + 1;
}

/* Prepares transforms of real arrays of h rows of w samples (rows contiguous, any w, h >= 1), whose
 * spectrum has h rows of tsr_fft_row(w) numbers: entry (ky, kx) is the frequency kx / w across and
 * ky / h (ky > h / 2: (ky - h) / h) down, in cycles per sample. real and spectrum are arrays of
 * these sizes; only their addresses are looked at. On success *plan is owned by the caller.
 * Errors: UNSUPPORTED (no FFTW), LIMIT (more than 2^31 - 1 along a side), MEMORY. */
tsr_status tsr_fft_create(tsr_fft **plan, uint32_t w, uint32_t h, float *real,
                          tsr_complex *spectrum, const tsr_env *env) TSR_MUST_CHECK;

/* spectrum = sum over samples of real * exp(-2 pi i (...)), unnormalised. real is preserved. */
void tsr_fft_forward(const tsr_fft *plan, float *real, tsr_complex *spectrum);

/* real = unnormalised inverse: forward then inverse multiplies by w * h. Destroys spectrum. */
void tsr_fft_inverse(const tsr_fft *plan, tsr_complex *spectrum, float *real);

/* plan may be NULL. */
void tsr_fft_destroy(tsr_fft *plan);

/* Prepares the 2-D DCT-II of `count` blocks of h rows of w samples that lie one after the other,
 * each row by row, in place. blocks is such an array; only its address is looked at. w, h <= 32768.
 * Errors as above. */
tsr_status tsr_fft_dct_create(tsr_fft_dct **plan, uint32_t w, uint32_t h, uint32_t count,
                              float *blocks, const tsr_env *env) TSR_MUST_CHECK;

/* Transforms the blocks in place. Coefficient (v, u) of a block, at v * w + u, is the unnormalised
 * sum 4 * sum_y sum_x s(y, x) cos(pi (y + 1/2) v / h) cos(pi (x + 1/2) u / w): the orthonormal
 * coefficient times 2 sqrt(w h), and once more times sqrt(2) for each of u, v that is 0. */
void tsr_fft_dct_execute(const tsr_fft_dct *plan, float *blocks);

/* plan may be NULL. */
void tsr_fft_dct_destroy(tsr_fft_dct *plan);

#endif
