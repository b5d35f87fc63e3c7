/* svd_range.h - a small adaptive binary range coder for the side information.
 *
 * After Martin 1979 in the carry-propagating form of LZMA: 32-bit range, 11-bit probabilities that
 * move by 1/16 of the way. One text serves both directions, so that they cannot differ.
 */
#ifndef SVD_RANGE_H
#define SVD_RANGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct svd_range {
    int decoding;
    uint32_t range;
    uint64_t low;      /* encoder */
    uint32_t code;     /* decoder */
    uint8_t pending;   /* encoder: the byte that a carry may still change */
    uint64_t run;      /* encoder: it and the 255s after it */
    int first;         /* encoder: the byte before the data has not gone by */
    uint8_t *out;      /* encoder: written while it fits cap */
    const uint8_t *in; /* decoder: zeros follow the end */
    size_t cap, place; /* bytes there are; bytes written or read so far */
    size_t used;       /* encoder: bytes up to the last one that is not 0 */
} svd_range;

/* The probability of a 0, in 1/2048. */
typedef uint16_t svd_bit;
#define SVD_EVEN ((svd_bit)1024)

void tsr_svd_range_encode(svd_range *r, uint8_t *out, size_t cap);
void tsr_svd_range_decode(svd_range *r, const uint8_t *data, size_t size);

/* Codes a bit; returns it. The value given is not used when decoding: true of all below. */
uint32_t tsr_svd_range_bit(svd_range *r, svd_bit *p, uint32_t bit);

/* `bits` equally likely bits, at most 16. */
uint32_t tsr_svd_range_raw(svd_range *r, uint32_t value, unsigned bits);

/* Exp-Golomb code of order 0 with adaptive prefix: value below 2^15 - 1, p[15]. */
uint32_t tsr_svd_range_number(svd_range *r, svd_bit *p, uint32_t value);

/* Ends encoding; the size of the data, without the zeros at its end. */
size_t tsr_svd_range_end(svd_range *r);

#endif
