/* machine_isa.h - may this machine run the test, which is compiled for one instruction set? */
#ifndef MACHINE_ISA_H
#define MACHINE_ISA_H

#ifdef __AVX512F__
#define MACHINE_HAS_IT()                                                                           \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&                    \
     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
#elif defined(__AVX2__)
#define MACHINE_HAS_IT() __builtin_cpu_supports("avx2")
#else
#define MACHINE_HAS_IT() 1
#endif

#endif
