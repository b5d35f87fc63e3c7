/* quant_side.h - adaptive coding of the integers of a quantizer's side information.
 *
 * A number n >= 0 is the count e = floor(log2(n + 1)) in unary, then the e bits of n + 1 below its
 * highest; the unary bits and the first of the others are adaptive, the rest raw. Signed numbers
 * have the sign after. One text for both directions, as in coef_walk.h.
 */
#ifndef TSR_QUANT_SIDE_H
#define TSR_QUANT_SIDE_H

#include "prob.h"

#define TSR_SIDE_KINDS    3u  /* of numbers, each with statistics of its own */
#define TSR_SIDE_CONTEXTS 4u  /* of a kind */
#define TSR_SIDE_BITS     24u /* largest e */

typedef struct tsr_side {
    tsr_rc rc;
    int decoding;
    struct {
        tsr_prob exponent[TSR_SIDE_CONTEXTS][TSR_SIDE_BITS], top[TSR_SIDE_BITS + 1], sign;
    } kind[TSR_SIDE_KINDS];
} tsr_side;

void tsr_side_encode_start(tsr_side *s, tsr_buffer *out);
void tsr_side_encode_end(tsr_side *s);
/* Takes all that is left of *in. */
void tsr_side_decode_start(tsr_side *s, tsr_reader *in);

/* Code one number and return it; when decoding, n is ignored. 0 <= n < 2^25 - 1, or |n| likewise.
 */
uint32_t tsr_side_count(tsr_side *s, unsigned kind, unsigned context, uint32_t n);
int32_t tsr_side_number(tsr_side *s, unsigned kind, unsigned context, int32_t n);

/* Context of a number, by two others that are like it: 0 both are 0, 1 both below 3, 2 both below
 * 12, 3 else. */
unsigned tsr_side_context(uint32_t a, uint32_t b);

#endif
