/* effort.c - what the effort scale means: stages chosen where a spec leaves them out.
 *
 * 1 is made to be as fast as other fast coders, 5 for everyday use, 9 for the smallest file
 * whatever it takes.
 */
#include "context.h"

const char *tsr_effort_quantizer(uint32_t effort, int lossless) {
    static const char *const by_effort[9] = {
        "trellis:states=16,passes=1",  "trellis:states=32,passes=1",  "trellis:states=16,passes=1",
        "trellis:states=64,passes=1",  "trellis:states=128,passes=1", "trellis:states=256,passes=1",
        "trellis:states=256,passes=2", "trellis:states=256,passes=3", "trellis:states=256,passes=4",
    };
    return lossless ? "uniform" : by_effort[effort - 1];
}

const char *tsr_effort_entropy(uint32_t effort) {
    return effort < 3 ? "adaptive" : "mix";
}
