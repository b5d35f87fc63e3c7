/* lowpass_spectrum.h - filtering and decimation of pictures in the frequency domain. */
#ifndef LOWPASS_SPECTRUM_H
#define LOWPASS_SPECTRUM_H

#include "fft.h"
#include "lowpass_internal.h"

/* Plans, filters and work memory for the pictures of one level. */
typedef struct lowpass_spectrum {
    uint32_t w, h;                          /* picture */
    uint32_t pw, ph;                        /* extended picture: multiples of 8 */
    uint32_t slots;                         /* pictures that can be worked on at the same time */
    tsr_fft *whole, *half;                  /* extended picture; decimated both ways */
    tsr_complex *fx[FILTERS], *fy[FILTERS]; /* responses at the frequencies of the extension */
    float **real;                           /* [slots] extended picture, later the folded spectra */
    tsr_complex **full;                     /* [slots] its spectrum */
} lowpass_spectrum;

/* Prepares for the pictures of `level`; the memory is env's and lives as long as the current call.
 * tsr_lowpass_spectrum_close() must follow, also after an error. Errors: UNSUPPORTED (no FFTW),
 * MEMORY, LIMIT. */
tsr_status tsr_lowpass_spectrum_open(lowpass_spectrum *s, const lowpass *lp, uint32_t level,
                                     const tsr_env *env);
void tsr_lowpass_spectrum_close(lowpass_spectrum *s);

/* Slot for parallel task i of `worker` when there are `tasks` of them. */
static inline uint32_t lowpass_slot(const lowpass_spectrum *s, uint32_t tasks, uint32_t i,
                                    uint32_t worker) {
    return s->slots == tasks ? i : worker;
}

/* Takes the spectrum of a picture (w * h samples), extended by reflection. */
void tsr_lowpass_spectrum_load(const lowpass_spectrum *s, uint32_t slot, const float *picture);

/* Filters down the columns and decimates them; then, any number of times, along the rows: out
 * receives the samples at even places (FILTER_HIGH: at odd places) both ways. */
void tsr_lowpass_spectrum_columns(const lowpass_spectrum *s, uint32_t slot, uint32_t filter);
void tsr_lowpass_spectrum_rows(const lowpass_spectrum *s, uint32_t slot, uint32_t filter,
                               uint32_t out_w, uint32_t out_h, float *out);

#endif
