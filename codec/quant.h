/* quant.h - quantizers: real coefficients to integer levels and back. */
#ifndef TSR_QUANT_H
#define TSR_QUANT_H

#include "buffer.h"
#include "stages.h"

/* What a quantizer works on. Bands that are not REAL pass through untouched. */
typedef struct tsr_quant_task {
    const tsr_layout *layout;
    const tsr_value *v; /* parameters */
    float step, lambda; /* see tsr_goal */
    uint32_t effort;
    uint32_t first_layer, end_layer; /* bands of these layers */
    uint32_t units;                  /* of the last stage in a step of this one; 0 is 1 */
    const tsr_coeffs *coeffs;        /* encoder: what to quantize */
    tsr_symbols *symbols;
    tsr_coeffs *decoded; /* dequantize(): receives the reconstruction */
    tsr_job *job;
} tsr_quant_task;

/* State is zeroed before the first call. Calls come layer range by layer range, in order, so that
 * closed-loop transforms see final values: what quantize() decides for a layer is final when it
 * returns. */
typedef struct tsr_quantizer {
    tsr_head h;
    /* Refuses values that contradict one another. NULL: none do. */
    tsr_status (*check)(const tsr_value *v, tsr_diag *d);
    /* Takes memory that lives as long as the job, before the other calls. State is then not zeroed
     * between encodes: quantize() starts anew when first_layer is 0. NULL: nothing to take. */
    tsr_status (*open)(void *st, const tsr_layout *l, const tsr_value *v, tsr_job *j);
    uint32_t (*states)(const tsr_value *v); /* trellis states; NULL: 0 */
    /* The codebook its vectors come from, memory from the job; NULL: it gives levels. */
    tsr_status (*codebook)(const tsr_value *v, const struct tsr_codebook **out, tsr_job *j);
    /* Residual stages; quantize() and dequantize() are then called for each, with its step and its
     * symbols, whose values are what the stages before have left. NULL: one. */
    tsr_stages (*stages)(const tsr_value *v);
    uint32_t lattice; /* 1: symbols are coordinates of lattice points, see lattice.h */
    float step_scale; /* step for a quality, relative to that of a plain quantizer; 0: 1 */
    tsr_status (*quantize)(void *st, const tsr_quant_task *t);
    tsr_status (*dequantize)(void *st, const tsr_quant_task *t);
    void (*side_save)(const void *st, const tsr_layout *l, tsr_buffer *out);
    tsr_status (*side_load)(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d);
} tsr_quantizer;

/* NULL-terminated list of the core's quantizers. */
extern const tsr_quantizer *const tsr_quantizers[];

/* Coefficients of so many steps fit into levels, and into vectors of a codebook: what quantizers
 * clip at, less what tsr_low_step() is smaller. */
#define TSR_LEVELS_FIT  5.4e6
#define TSR_VECTORS_FIT 2.7e6

/* Step of band b under a task: step / sqrt(gain). */
float tsr_band_step(const tsr_quant_task *t, uint32_t b);

/* Step of a low band, which is rounded and not part of trellis or lattice. These reach the
 * distortion of a plain quantizer with about 3/4 or 21/32 of its step; low bands follow. */
float tsr_low_step(const tsr_quant_task *t, uint32_t b);

/* Reports how far quantize() is, 0..1; TSR_ERR_CANCELLED when the user wants to stop. */
tsr_status tsr_quant_progress(const tsr_quant_task *t, double done) TSR_MUST_CHECK;

/* levels of band b = sgn(c) floor(|c| / step + offset): offset 0.5 rounds to the nearest. */
void tsr_quant_round(const tsr_quant_task *t, uint32_t b, float step, float offset);

/* The coarsest picture of a transform: all quantizers round it. A low band without a level is the
 * picture itself, as `identity` has it. */
static inline int tsr_band_is_base(const tsr_band *b) {
    return b->orient == TSR_ORIENT_LOW && b->level > 0;
}

/* The inverse of tsr_quant_round(): t->decoded = level * step. */
void tsr_quant_scale(const tsr_quant_task *t, uint32_t b, float step);

/* True when band b is REAL and within the task's layers. */
int tsr_quant_wants(const tsr_quant_task *t, uint32_t b);

#endif
