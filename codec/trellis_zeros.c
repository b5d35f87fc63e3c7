/* trellis_zeros.c - tables of runs of zeros by doubling. */
#include "trellis_zeros.h"

void tsr_trellis_zeros_init(tsr_trellis_zeros *z, const tsr_trellis *t) {
    for (uint32_t e = 0; e < t->states; e++) {
        z->after[0][e] = t->next[e][0];
        z->q1[0][e] = (float)tsr_trellis_q1(t, e);
    }
    for (uint32_t p = 1; p < TSR_ZERO_POWERS; p++)
        for (uint32_t e = 0; e < t->states; e++) {
            uint32_t middle = z->after[p - 1][e];
            z->after[p][e] = z->after[p - 1][middle];
            z->q1[p][e] = z->q1[p - 1][e] + z->q1[p - 1][middle];
        }
    for (uint32_t p = 0; p < TSR_ZERO_POWERS; p++)
        for (uint32_t e = 0; e < t->states; e++) z->before[p][z->after[p][e]] = (uint8_t)e;
}
