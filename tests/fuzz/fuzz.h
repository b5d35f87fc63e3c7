/* fuzz.h - the entry point of every fuzz target, as libFuzzer names it. A target aborts when a
 * promise is broken. Link it with -fsanitize=fuzzer (clang), or with standalone_main.c (any
 * compiler). */
#ifndef TSR_FUZZ_H
#define TSR_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Tries one input; always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
