/* effort.c - what the effort scale means: stages chosen where a spec leaves them out.
 *
 * 1 is made to be as fast as other fast coders, 5 for everyday use, 9 for the smallest file
 * whatever it takes.
 */
#include "context.h"

const char *tsr_effort_quantizer(uint32_t effort, int lossless) {
    static const char *const by_effort[9] = {
        "trellis:states=16,passes=1",  "trellis:states=32,passes=1",  "trellis:states=32,passes=1",
        "trellis:states=128,passes=1", "trellis:states=256,passes=1", "trellis:states=256,passes=2",
        "trellis:states=256,passes=2", "trellis:states=256,passes=3", "trellis:states=256,passes=4",
    };
    return lossless ? "uniform" : by_effort[effort - 1];
}

/* Parts cost about 0.5 % of a file of these sizes, more of a smaller one (docs/entropy.md). */
uint32_t tsr_effort_parts(uint32_t effort, uint64_t pixels) {
    if (effort >= 8) return 1;
    return pixels < 1u << 21 ? 1 : pixels < 1u << 23 ? 2 : pixels < 1u << 25 ? 4 : 8;
}

const char *tsr_effort_entropy(uint32_t effort) {
    return effort < 3 ? "adaptive" : "mix";
}

int tsr_effort_prior(uint32_t effort) {
    return effort >= 7;
}

uint32_t tsr_effort_views(uint32_t effort) {
    return effort < 8 ? 1 : effort < 9 ? 2 : 8;
}
