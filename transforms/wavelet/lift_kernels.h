/* lift_kernels.h - lifting steps on rows of samples: the inner loops of the wavelet.
 *
 * A line x of n samples splits into even samples x[2k] and odd samples x[2k+1]. A lifting step adds
 * to every sample of one kind a function of its two neighbours, which are of the other kind; the
 * inverse subtracts the same. Forward, the first step changes the odd samples; inverse, the even
 * ones; from then on they alternate.
 *
 * One table of functions for each instruction set and sample type, all compiled from
 * lift_template.h and equal to the last bit: every operation is elementwise and nothing contracts
 * a * b + c.
 */
#ifndef LIFT_KERNELS_H
#define LIFT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    LIFT_MAX_STEPS = 4,
    LIFT_MAX_ROWS = LIFT_MAX_STEPS + 2 /* rows in reach of a chain of all steps */
};

/* A step of int32 samples: x + t, or x - t when negate is -1 and not 0, where
 *     t = ((l & left) + (r & right) + round) >> shift
 * with masks left and right of 0 or -1, sums modulo 2^32 and a shift that keeps the sign. All bits
 * zero: the step that changes nothing. */
typedef struct lift_int_step {
    int32_t left, right, round, shift, negate;
} lift_int_step;

/* One step: x is the sample, l and r are its neighbours before and after it.
 * Float samples: x + (left * l + right * r), every operation rounded to float. */
typedef union lift_step {
    struct {
        float left, right;
    } f;
    lift_int_step i;
} lift_step;

/* A step of a sample at the end of the line that has one neighbour n only.
 * Float samples: self * x + other * n. Int32 samples: the step with l = r = n. */
typedef union lift_edge {
    struct {
        float self, other;
    } f;
    lift_int_step i;
} lift_edge;

/* The steps of a filter, in the order of their execution. */
typedef struct lift_scheme {
    uint32_t n_steps; /* 2 or LIFT_MAX_STEPS */
    lift_step step[LIFT_MAX_STEPS];
    lift_edge first[LIFT_MAX_STEPS]; /* for the first sample of the line */
    lift_edge last[LIFT_MAX_STEPS];  /* for the last one */
} lift_scheme;

/* Factors for the low (even) and the high (odd) samples of a line; int32 kernels ignore them. */
typedef struct lift_scale {
    float low, high;
} lift_scale;

/* Samples are float or int32_t, as the table is for; n counts samples. Arrays must not overlap
 * unless it says so. Nothing can fail. */
typedef struct lift_kernels {
    const char *name;

    /* Forward along a line of n >= 1 samples: lifts, then scales. low receives n - n/2 samples,
     * high n/2; scratch has room for n. A single sample is only scaled. */
    void (*split)(void *low, void *high, const void *line, size_t n, const lift_scheme *forward,
                  lift_scale scale, void *scratch);

    /* Inverse of split: scales, then lifts. */
    void (*join)(void *line, const void *low, const void *high, size_t n,
                 const lift_scheme *inverse, lift_scale scale, void *scratch);

    /* One step across lines: dst = x lifted by the rows l and r. dst may be x. */
    void (*step)(void *dst, const void *x, const void *l, const void *r, size_t n,
                 const lift_step *step);

    /* The same for the first or last row, whose only neighbour is `only`. dst may be x. */
    void (*edge)(void *dst, const void *x, const void *only, size_t n, const lift_edge *edge);

    /* All steps in one pass, where no row is missing. src[i] is the row at position y + 1 - i, for
     * i up to n_steps + 1. Step j lifts src[j + 1] by src[j + 2] and what step j - 1 made (src[0]
     * for j = 0), and writes dst[j], which may be src[j + 1]. */
    void (*chain)(void *const *dst, const void *const *src, size_t n, const lift_scheme *scheme);
} lift_kernels;

/* Plain C, always there: the reference. The others are the same code for wider vectors. */
extern const lift_kernels tsr_lift_float_plain, tsr_lift_int_plain;
#ifdef LIFT_HAVE_X86
extern const lift_kernels tsr_lift_float_avx2, tsr_lift_int_avx2;
extern const lift_kernels tsr_lift_float_avx512, tsr_lift_int_avx512;
#endif

/* The fastest table that uses only the instruction sets in cpu (TSR_CPU_* bits). */
const lift_kernels *tsr_lift_select(uint32_t cpu, int integer);

#endif
