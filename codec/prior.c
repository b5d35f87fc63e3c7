/* prior.c - the built-in weights of the network. */
#include "prior.h"

#include <string.h>

#include "prior_data.h"

/* A build without its model would write streams that no other build can read. */
_Static_assert(sizeof tsr_prior_data == 2 * TSR_PRIOR_WEIGHTS,
               "models/prior.bin has the wrong size");

#define UNIT 256 /* a bias is the weight of an input 1; as a code of the first layer 16 */

static const int16_t *load_pairs(tsr_prior_pair *p, uint32_t n, const int16_t *in) {
    for (uint32_t i = 0; i < n; i++, in += TSR_PRIOR_WIDTH)
        for (uint32_t k = 0; k < TSR_PRIOR_WIDTH; k++) p[i / 2].w[k][i % 2] = in[k];
    return in;
}

static const int16_t *load_bias(int32_t *bias, uint32_t n, int32_t unit, const int16_t *in) {
    for (uint32_t i = 0; i < n; i++) bias[i] = in[i] * unit;
    return in + n;
}

void tsr_prior_load(tsr_prior *p) {
    const int16_t *in = load_pairs(p->first, TSR_PRIOR_INPUTS, tsr_prior_data);
    in = load_bias(p->first_bias[0][0], sizeof p->first_bias / sizeof(int32_t), TSR_PRIOR_CODE_ONE,
                   in);
    in = load_pairs(p->second, TSR_PRIOR_WIDTH, in);
    in = load_bias(p->second_bias, TSR_PRIOR_WIDTH, UNIT, in);
    memcpy(p->third, in, sizeof p->third);
    load_bias(p->third_bias, TSR_PRIOR_BINS, UNIT, in + sizeof p->third / sizeof *in);
}
