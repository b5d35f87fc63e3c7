/* prior.c - the built-in weights of the network. */
#include "prior.h"

#include <string.h>

#include "prior_data.h"

/* A build without its model would write streams that no other build can read. */
_Static_assert(sizeof tsr_prior_data == 2 * TSR_PRIOR_WEIGHTS,
               "models/prior.bin has the wrong size");

const int16_t *tsr_prior_pairs_load(tsr_prior_pair *p, uint32_t n, const int16_t *in) {
    for (uint32_t i = 0; i < n; i++, in += TSR_PRIOR_WIDTH)
        for (uint32_t k = 0; k < TSR_PRIOR_WIDTH; k++) p[i / 2].w[k][i % 2] = in[k];
    return in;
}

const int16_t *tsr_prior_bias_load(int32_t *bias, size_t n, int32_t unit, const int16_t *in) {
    for (size_t i = 0; i < n; i++) bias[i] = in[i] * unit;
    return in + n;
}

void tsr_prior_load(tsr_prior *p) {
    const int16_t *in = tsr_prior_pairs_load(p->first, TSR_PRIOR_INPUTS, tsr_prior_data);
    in = tsr_prior_bias_load(p->first_bias[0][0], sizeof p->first_bias / sizeof(int32_t),
                             TSR_PRIOR_CODE_ONE, in);
    in = tsr_prior_pairs_load(p->second, TSR_PRIOR_WIDTH, in);
    in = tsr_prior_bias_load(p->second_bias, TSR_PRIOR_WIDTH, TSR_PRIOR_UNIT, in);
    memcpy(p->third, in, sizeof p->third);
    tsr_prior_bias_load(p->third_bias, TSR_PRIOR_BINS, TSR_PRIOR_UNIT,
                        in + sizeof p->third / sizeof *in);
}
