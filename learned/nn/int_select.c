/* int_select.c - picks the integer kernels for a processor, and arranges weights for them. */
#include <string.h>

#include "nn_int.h"

const nn_int_kernels *tsr_int_kernels(uint32_t cpu) {
#ifdef NN_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return &tsr_int_avx512;
    if (cpu & TSR_CPU_AVX2) return &tsr_int_avx2;
#else
    (void)cpu;
#endif
    return &tsr_int_plain;
}

void tsr_int_pack(int16_t *to, const int16_t *w, uint32_t in, uint32_t out) {
    size_t groups = (out + NN_INT_OUT - 1) / NN_INT_OUT, steps = (in + 1) / 2;
    memset(to, 0, groups * steps * NN_INT_OUT * 2 * sizeof *to);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++) {
            size_t step = o / NN_INT_OUT * steps + i / 2, lane = o % NN_INT_OUT;
            to[(step * NN_INT_OUT + lane) * 2 + i % 2] = w[o * in + i];
        }
}
