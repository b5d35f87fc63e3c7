/* lift_select.c - picks the lifting kernels for a processor. */
#include "lift_kernels.h"

#include <tessera/plugin.h>

const lift_kernels *tsr_lift_select(uint32_t cpu, int integer) {
#ifdef LIFT_HAVE_X86
    if (cpu & TSR_CPU_AVX512) return integer ? &tsr_lift_int_avx512 : &tsr_lift_float_avx512;
    if (cpu & TSR_CPU_AVX2) return integer ? &tsr_lift_int_avx2 : &tsr_lift_float_avx2;
#else
    (void)cpu;
#endif
    return integer ? &tsr_lift_int_plain : &tsr_lift_float_plain;
}
