/* quant_points.h - reconstruction points of scalar quantizers.
 *
 * A level is reconstructed not in the middle of its cell but near the centroid of what fell into
 * it. For each layer, luma and chroma, and |level| = 1, 2, 3+, an offset towards zero in 1/16 step
 * is sent where it is worth its bits. Shared by the uniform, the rate-distortion optimised and the
 * trellis quantizer.
 */
#ifndef TSR_QUANT_POINTS_H
#define TSR_QUANT_POINTS_H

#include "quant.h"

#define TSR_POINT_LAYERS 8u /* layers beyond have no offsets */

typedef struct tsr_points {
    int8_t offset[TSR_POINT_LAYERS][2][3]; /* [layer][chroma][min(|level|, 3) - 1], -8 .. 7 */
} tsr_points;

/* Fits the offsets of the task's layers to its coefficients and symbols; trellis decides which
 * quantizer was active for each level (states from the symbols). */
void tsr_points_fit(tsr_points *p, const tsr_quant_task *t);

/* Writes t->decoded for the task's layers. */
void tsr_points_dequantize(const tsr_points *p, const tsr_quant_task *t);

void tsr_points_save(const tsr_points *p, const tsr_layout *l, tsr_buffer *out);
tsr_status tsr_points_load(tsr_points *p, const tsr_layout *l, tsr_reader *in,
                           tsr_diag *d) TSR_MUST_CHECK;

/* The same as functions of a quantizer whose state is a tsr_points. */
tsr_status tsr_points_stage_dequantize(void *st, const tsr_quant_task *t);
void tsr_points_stage_save(const void *st, const tsr_layout *l, tsr_buffer *out);
tsr_status tsr_points_stage_load(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d);

#endif
