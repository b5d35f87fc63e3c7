/* postfilter.h - trained filter on the decoded planes, after the inverse transform.
 *
 * Every pixel has a class, from the structure tensor of plane 0: direction (8), coherence (3),
 * strength relative to the quantization step (8). Each class has its own point-symmetric filter,
 * fitted by least squares to the original (as RAISR, Romano et al. 2017, and the ALF of VVC). Plane
 * 0 uses 7x7 of itself, planes 1 and 2 use 5x5 of themselves and 5x5 of plane 0. There is one set
 * of filters for each half octave of the step; the stream names the set. The sums are integers, the
 * classes exactly rounded floats: identical pixels on every machine. Cost: 72 multiplications a
 * pixel of three planes.
 */
#ifndef TSR_POSTFILTER_H
#define TSR_POSTFILTER_H

#include "planes.h"

#define TSR_FILTER_CLASSES     192u
#define TSR_FILTER_TAPS        24u /* pairs of taps of a plane's filter */
#define TSR_FILTER_PLANES      3u
#define TSR_FILTER_SETS        12u /* nominal steps 4, 5.7, 8, ... 181 */
#define TSR_FILTER_BORDER      4u  /* samples around a padded plane */
#define TSR_FILTER_FRACTION    5u  /* fractional bits of samples */
#define TSR_FILTER_WEIGHT_BITS 10u /* fractional bits of weights */
#define TSR_FILTER_WEIGHT_MAX  511

/* Weights of one set in 1/1024, |w| <= 511: 24 products of a 17-bit difference then fit 32 bits. */
typedef int16_t tsr_filter_weights[TSR_FILTER_PLANES][TSR_FILTER_CLASSES][TSR_FILTER_TAPS];

/* The shipped weights, [TSR_FILTER_SETS]. */
const tsr_filter_weights *tsr_filter_model(void);

/* Planes as integers with a replicated border; rows are `stride` apart, (0, 0) is at p[i]. */
typedef struct tsr_filter_planes {
    uint32_t n, w, h; /* n: 1 or 3 planes */
    size_t stride;
    int16_t *p[TSR_FILTER_PLANES];
} tsr_filter_planes;

/* Set (1 .. TSR_FILTER_SETS) whose nominal step is nearest; 0: no filter fits so small a step. */
uint32_t tsr_filter_set(uint32_t step_index);

/* Sets between that of a step and that of one `units` times as large. */
uint32_t tsr_filter_coarser(uint32_t units);

/* Copies planes to integers in the job's scratch memory. */
tsr_status tsr_filter_load(tsr_filter_planes *f, const tsr_planes *in, tsr_job *j) TSR_MUST_CHECK;

/* Class of every pixel of row y for the nominal step of a set; gradient sums are computed on the
 * way. */
typedef struct tsr_filter_classes {
    uint32_t w, h;
    uint8_t *cls; /* [h][w] */
} tsr_filter_classes;
tsr_status tsr_filter_classify(tsr_filter_classes *c, const tsr_filter_planes *f, uint32_t set,
                               tsr_job *j) TSR_MUST_CHECK;

/* Offsets (in samples, within a padded plane) of the pairs of plane p; tap t of plane p reads plane
 * source[t]. */
void tsr_filter_offsets(const tsr_filter_planes *f, uint32_t plane,
                        ptrdiff_t offset[TSR_FILTER_TAPS], uint8_t source[TSR_FILTER_TAPS]);

/* Filters *planes in place with a set (1 .. TSR_FILTER_SETS; 0: nothing happens). */
tsr_status tsr_filter_apply(tsr_planes *planes, uint32_t set, tsr_job *j) TSR_MUST_CHECK;

#endif
