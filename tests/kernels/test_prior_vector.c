/* test_prior_vector.c - the network of `mix` for vectors against its definition (docs/format.md
 * 5.10): built for each instruction set, and skipped where the machine has not got it. */
#include "prior_vector_kernel.h"

#include "band_scene.h"
#include "codec_test.h"
#include "machine_isa.h"
#include "prior_test.h"
#include "tsr_test.h"

enum { SKIPPED = 77, WIDTH = TSR_PRIOR_WIDTH };

/* ---------------------------------------------------------------- what is expected */

static void expected_reference(const tsr_coef_context *c, uint32_t b, uint32_t r, int64_t x,
                               int64_t y, int32_t *in) {
    int half = r == TSR_NO_BAND ? 0 : tsr_band_halves(&c->layout->band[b], &c->layout->band[r]);
    for (int j = -1; j <= 2; j++)
        for (int i = -1; i <= 2; i++)
            *in++ = r == TSR_NO_BAND
                        ? 0
                        : expected_code(magnitude(c, r, (x >> half) + i, (y >> half) + j));
}

/* Two generations before the parent. */
static void expected_ancestors(const tsr_coef_context *c, uint32_t b, int64_t x, int64_t y,
                               int32_t *in) {
    const tsr_band *band = c->layout->band;
    int shift = 0;
    in[0] = in[1] = 0;
    for (int i = 0; i < 3; i++) {
        uint32_t parent = band[b].ref[TSR_REF_PARENT];
        if (parent == TSR_NO_BAND) return;
        shift += tsr_band_halves(&band[b], &band[parent]);
        if (i) in[i - 1] = expected_code(magnitude(c, parent, x >> shift, y >> shift));
        b = parent;
    }
}

static void expected_inputs(const tsr_coef_context *c, uint32_t b, int64_t x, int64_t y,
                            const uint32_t *energy, int32_t *in) {
    static const int8_t place[][2] = {{-2, 0},  {-1, 0},  {-2, 1}, {-1, 1}, {-3, -1}, {-2, -1},
                                      {-1, -1}, {0, -1},  {1, -1}, {2, -1}, {3, -1},  {4, -1},
                                      {-2, -2}, {-1, -2}, {0, -2}, {1, -2}, {2, -2},  {3, -2},
                                      {-1, -3}, {0, -3},  {1, -3}, {2, -3}, {0, -4},  {1, -4}};
    for (unsigned i = 0; i < 24; i++) {
        if (i == 4)
            for (unsigned k = 0; k < TSR_VECTOR; k++) *in++ = expected_code(energy[k]);
        *in++ = expected_code(magnitude(c, b, x + place[i][0], y + place[i][1]));
    }
    for (int role = 0; role < TSR_REFS; role++, in += 16)
        expected_reference(c, b, c->layout->band[b].ref[role], x, y, in);
    expected_ancestors(c, b, x, y, in);
}

/* Sums of the second layer. */
static void expected_sums(const tsr_prior_vector *p, const int32_t *in, uint32_t cls,
                          uint32_t *sum) {
    for (unsigned k = 0; k < WIDTH; k++) sum[k] = (uint32_t)p->second_bias[k];
    for (unsigned n = 0; n < WIDTH; n++) {
        uint32_t first = (uint32_t)p->first_bias[cls][n];
        for (unsigned i = 0; i < TSR_PRIOR_V_INPUTS; i++)
            first += (uint32_t)(in[i] * p->first[i / 2].w[n][i % 2]);
        for (unsigned k = 0; k < WIDTH; k++)
            sum[k] += (uint32_t)(rectified(first, 6) * p->second[n / 2].w[k][n % 2]);
    }
}

/* The output, with the terms of what is known inside: rows of the model. */
static int32_t expected_output(const tsr_prior_vector *p, const uint32_t *sum, unsigned output,
                               const unsigned *row, unsigned rows) {
    uint32_t out = (uint32_t)p->third_bias[output];
    for (unsigned k = 0; k < WIDTH; k++) {
        uint32_t v = sum[k];
        for (unsigned i = 0; i < rows; i++) v += (uint32_t)p->inside[row[i]][k];
        out += (uint32_t)(rectified(v, 12) * p->third[output][k]);
    }
    return limited(out);
}

/* ---------------------------------------------------------------- scenes */

static tsr_prior_vector prior;

static void random_network(uint64_t *r, uint32_t range) {
    random_weights(prior.first[0].w[0], sizeof prior.first / 2, range / 4, r);
    random_weights(prior.second[0].w[0], sizeof prior.second / 2, range, r);
    random_weights(prior.third[0], sizeof prior.third / 2, range, r);
    random_biases(prior.first_bias[0], sizeof prior.first_bias / 4, 16, range, r);
    random_biases(prior.second_bias, WIDTH, 256, range, r);
    random_biases(prior.inside[0], sizeof prior.inside / 4, 256, range, r);
    random_biases(prior.third_bias, TSR_PRIOR_V_OUTPUTS, 256, range, r);
}

static void check_vector(const uint32_t *sum, uint64_t *r) {
    static const unsigned first[] = {0, 1, 5, 13};
    unsigned row[TSR_VECTOR] = {0};
    uint32_t level[TSR_VECTOR];
    CU_ASSERT_EQUAL(prior_v_output(&prior, 0), expected_output(&prior, sum, 0, row, 0));
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        for (unsigned n = 0; n < i; n++) row[n] = first[i] + 4 * n + (level[n] < 3 ? level[n] : 3);
        prior_v_inside(&prior, i);
        for (unsigned k = 1 + 3 * i; k < 4 + 3 * i; k++)
            CU_ASSERT_EQUAL(prior_v_output(&prior, k),
                            expected_output(&prior, sum, k, row, i ? i : 1));
        level[i] = (uint32_t)test_random_below(r, 6);
        prior_v_know(&prior, i, level[i]);
    }
}

static void check_row(const tsr_coef_context *c, uint32_t b, uint32_t y, uint64_t *r) {
    int32_t in[TSR_PRIOR_V_INPUTS];
    for (uint32_t x = 0; x < c->layout->band[b].w; x += 2) {
        uint32_t energy[TSR_VECTOR], sum[WIDTH],
            cls = (uint32_t)test_random_below(r, TSR_VECTOR_CLASSES);
        for (unsigned i = 0; i < TSR_VECTOR; i++)
            energy[i] = (uint32_t)(test_random(r) >> 33 >> test_random_below(r, 32));
        if (x % TSR_BLOCK == 0) prior_v_strip(&prior, c, b, y, x);
        prior_v_place(&prior, tsr_mag_row(c, b, y), c->mags[b].stride, x, cls, energy);
        expected_inputs(c, b, x, y, energy, in);
        for (unsigned i = 0; i < TSR_PRIOR_V_INPUTS; i++)
            CU_ASSERT_EQUAL(prior_v_input(&prior, i, x % TSR_BLOCK / 2), in[i]);
        expected_sums(&prior, in, cls, sum);
        check_vector(sum, r);
    }
}

static const prior_test network = {random_network, check_row, 2, 4};

/* ---------------------------------------------------------------- tests */

static void test_network(void) {
    prior_test_pyramids(&network);
}

static void test_same_size(void) {
    prior_test_same_size(&network);
}

int main(void) {
    CU_TestInfo tests[] = {
        {"network", test_network}, {"parents of the same size", test_same_size}, CU_TEST_INFO_NULL};
    return MACHINE_HAS_IT() ? tsr_test_run("network of mix for vectors", tests) : SKIPPED;
}
