/* prior_vector.c - the built-in weights of the network for vectors. */
#include "prior_vector.h"

#include <string.h>

#include "prior_vector_data.h"

/* A build without its model would write streams that no other build can read. */
_Static_assert(sizeof tsr_prior_vector_data == 2 * TSR_PRIOR_V_WEIGHTS,
               "models/prior_vector.bin has the wrong size");

void tsr_prior_vector_load(tsr_prior_vector *p) {
    const int16_t *in = tsr_prior_pairs_load(p->first, TSR_PRIOR_V_INPUTS, tsr_prior_vector_data);
    in = tsr_prior_bias_load(p->first_bias[0], sizeof p->first_bias / sizeof(int32_t),
                             TSR_PRIOR_CODE_ONE, in);
    in = tsr_prior_pairs_load(p->second, TSR_PRIOR_WIDTH, in);
    in = tsr_prior_bias_load(p->second_bias, TSR_PRIOR_WIDTH, TSR_PRIOR_UNIT, in);
    in = tsr_prior_bias_load(p->inside[0], sizeof p->inside / sizeof(int32_t), TSR_PRIOR_UNIT, in);
    memcpy(p->third, in, sizeof p->third);
    tsr_prior_bias_load(p->third_bias, TSR_PRIOR_V_OUTPUTS, TSR_PRIOR_UNIT,
                        in + sizeof p->third / sizeof *in);
    p->b = UINT32_MAX;
}
