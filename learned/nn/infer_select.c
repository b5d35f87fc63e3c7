/* infer_select.c - picks the decoders' kernels for a processor. */
#include "nn_infer.h"

const nn_kernels *tsr_infer_kernels(uint32_t cpu) {
#ifdef NN_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return &tsr_infer_avx512;
    if (cpu & TSR_CPU_AVX2) return &tsr_infer_avx2;
#else
    (void)cpu;
#endif
    return &tsr_infer_plain;
}
