/* test_prior.c - the network of the `mix` coder against its definition (docs/format.md 5.10): built
 * for each instruction set, and skipped where the machine has not got it. */
#include <stdlib.h>

#include "prior_kernel.h"

#include "band_scene.h"
#include "codec_test.h"
#include "machine_isa.h"
#include "prior_test.h"
#include "tsr_test.h"

enum { SKIPPED = 77 };

/* ---------------------------------------------------------------- what is expected */

static unsigned expected_reference(const tsr_coef_context *c, uint32_t b, uint32_t r, int64_t x,
                                   int64_t y, int32_t *in) {
    const tsr_band *band = c->layout->band;
    if (r == TSR_NO_BAND) {
        for (unsigned i = 0; i < TSR_PRIOR_REF; i++) in[i] = 0;
        return TSR_PRIOR_REF;
    }
    int half = tsr_band_halves(&band[b], &band[r]);
    int64_t dx = half && !(x & 1) ? -1 : 1, dy = half && !(y & 1) ? -1 : 1;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++)
            *in++ = expected_code(magnitude(c, r, (x >> half) + i * dx, (y >> half) + j * dy));
    uint32_t a = band[r].ref[TSR_REF_PARENT];
    int shift = a == TSR_NO_BAND ? 0 : half + tsr_band_halves(&band[r], &band[a]);
    *in = a == TSR_NO_BAND ? 0 : expected_code(magnitude(c, a, x >> shift, y >> shift));
    return TSR_PRIOR_REF;
}

static void expected_inputs(const tsr_coef_context *c, uint32_t b, int64_t x, int64_t y,
                            uint32_t energy, int32_t *in) {
    for (int i = 1; i <= 3; i++) *in++ = expected_code(magnitude(c, b, x - i, y));
    *in++ = expected_code(energy);
    for (int i = -3; i <= 3; i++) *in++ = expected_code(magnitude(c, b, x + i, y - 1));
    for (int i = -3; i <= 3; i++) *in++ = expected_code(magnitude(c, b, x + i, y - 2));
    for (int i = -1; i <= 1; i++) *in++ = expected_code(magnitude(c, b, x + i, y - 3));
    *in++ = expected_code(magnitude(c, b, x, y - 4));
    for (int role = 0; role < TSR_REFS; role++)
        in += expected_reference(c, b, c->layout->band[b].ref[role], x, y, in);
}

/* Output `bin` for the inputs; sums are modulo 2^32. */
static int32_t expected_output(const tsr_prior *p, const int32_t *in, uint32_t cls, uint32_t q1,
                               unsigned bin) {
    int32_t h[TSR_PRIOR_WIDTH];
    uint32_t out = (uint32_t)p->third_bias[bin];
    for (unsigned k = 0; k < TSR_PRIOR_WIDTH; k++) {
        uint32_t sum = (uint32_t)p->first_bias[cls][q1][k];
        for (unsigned i = 0; i < TSR_PRIOR_INPUTS; i++)
            sum += (uint32_t)(in[i] * p->first[i / 2].w[k][i % 2]);
        h[k] = rectified(sum, 6);
    }
    for (unsigned k = 0; k < TSR_PRIOR_WIDTH; k++) {
        uint32_t sum = (uint32_t)p->second_bias[k];
        for (unsigned i = 0; i < TSR_PRIOR_WIDTH; i++)
            sum += (uint32_t)(h[i] * p->second[i / 2].w[k][i % 2]);
        out += (uint32_t)(rectified(sum, 12) * p->third[bin][k]);
    }
    return limited(out);
}

/* ---------------------------------------------------------------- scenes */

static tsr_prior prior;

/* Weights of up to `range`: the largest there are make sums run over. */
static void random_network(uint64_t *r, uint32_t range) {
    random_weights(prior.first[0].w[0], sizeof prior.first / 2, range / 4, r);
    random_weights(prior.second[0].w[0], sizeof prior.second / 2, range, r);
    random_weights(prior.third[0], sizeof prior.third / 2, range, r);
    random_biases(prior.first_bias[0][0], sizeof prior.first_bias / 4, 16, range, r);
    random_biases(prior.second_bias, TSR_PRIOR_WIDTH, 256, range, r);
    random_biases(prior.third_bias, TSR_PRIOR_BINS, 256, range, r);
}

static void check_row(const tsr_coef_context *c, uint32_t b, uint32_t y, uint64_t *r) {
    const tsr_band *band = &c->layout->band[b];
    int32_t in[TSR_PRIOR_INPUTS];
    for (uint32_t x = 0; x < band->w; x++) {
        uint32_t energy =
                     (uint32_t)(test_random(r) >> 32 >> test_random_below(r, 33)) & 0x7fffffffu,
                 cls = (uint32_t)test_random_below(r, TSR_CLASSES), q1 = x & 1;
        if (x % TSR_BLOCK == 0) prior_columns(&prior, c, b, y, x);
        prior_level(&prior, tsr_mag_row(c, b, y) + x, x % TSR_BLOCK, cls, q1, energy);
        expected_inputs(c, b, x, y, energy, in);
        for (unsigned bin = 0; bin < TSR_PRIOR_BINS; bin++)
            CU_ASSERT_EQUAL(prior_output(&prior, bin), expected_output(&prior, in, cls, q1, bin));
    }
}

static const prior_test network = {random_network, check_row, 1, 3};

/* ---------------------------------------------------------------- tests */

static void test_network(void) {
    prior_test_pyramids(&network);
}

static void test_same_size(void) {
    prior_test_same_size(&network);
}

static void test_codes(void) {
    uint16_t m[TSR_PRIOR_STRETCH];
    int16_t code[TSR_PRIOR_STRETCH];
    for (uint32_t first = 0; first < 65536; first += TSR_PRIOR_STRETCH) {
        for (uint32_t i = 0; i < TSR_PRIOR_STRETCH; i++)
            m[i] = (uint16_t)(first + i < 65535 ? first + i : 65535);
        prior_codes(m, code);
        for (uint32_t i = 0; i < TSR_PRIOR_STRETCH; i++) {
            CU_ASSERT_EQUAL(code[i], expected_code(m[i]));
            CU_ASSERT_EQUAL(prior_code(m[i]), code[i]);
        }
    }
    CU_ASSERT_EQUAL(prior_code(UINT32_MAX - 1), 255);
}

int main(void) {
    CU_TestInfo tests[] = {{"network", test_network},
                           {"parents of the same size", test_same_size},
                           {"codes", test_codes},
                           CU_TEST_INFO_NULL};
    return MACHINE_HAS_IT() ? tsr_test_run("network of mix", tests) : SKIPPED;
}
