/* bad_open_loop.c - the second layer is what is left after the exact means, not the decoded ones.
 */
#include "sample.h"

static tsr_status next(void *st, const tsr_planes *in, uint32_t layer, const tsr_coeffs *decoded,
                       const tsr_goal *goal, tsr_coeffs *out, const tsr_env *env) {
    return sample_analysis_next(st, in, layer, out, goal, out, env);
}

SAMPLE_PLUGIN(t->analysis_next = next)
