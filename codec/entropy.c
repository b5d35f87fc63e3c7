/* entropy.c - the list of entropy coders. */
#include "entropy.h"

extern const tsr_entropy tsr_entropy_adaptive;
extern const tsr_entropy tsr_entropy_mix;

const tsr_entropy *const tsr_entropies[] = {&tsr_entropy_adaptive, &tsr_entropy_mix, NULL};
