/* wavelet_filter.c - the filters of the wavelet transform as lifting schemes.
 *
 * - cdf97: Cohen-Daubechies-Feauveau 9/7; steps and K of ISO/IEC 15444-1, table F.4.
 * - cdf53: Cohen-Daubechies-Feauveau 5/3; for integers the reversible 5-3 of ISO/IEC 15444-1,
 *   annex F.
 * - haar: mean and difference; for integers the S transform (Said and Pearlman 1996).
 * - db3: Daubechies' orthogonal filter of 6 taps and 3 vanishing moments (Daubechies 1988, table
 *   1). Its steps come from the closed form of the taps by the Euclidean algorithm (Daubechies and
 *   Sweldens 1998, section 7) in 50-digit arithmetic, arranged to read adjacent samples only.
 *
 * The float constants are written with 9 digits, which name one float exactly.
 */
#include "wavelet_filter.h"

#include <assert.h>

/* Forward: x + (left * l + right * r); at an end of the line self * x + other * n. */
typedef struct filter_step {
    float left, right;
    struct {
        float self, other;
    } first, last;
} filter_step;

typedef struct wavelet_filter {
    uint32_t n_steps;
    filter_step step[LIFT_MAX_STEPS];       /* forward: odd, even, odd, even samples */
    float scale[5];                         /* K^-2 .. K^2 */
    lift_int_step int_step[LIFT_MAX_STEPS]; /* forward; all zero: not reversible */
} wavelet_filter;

/* Both neighbours weigh c. At the ends the line is mirrored about its first and last sample
 * (whole-sample symmetric extension), which makes the missing neighbour equal to the other one in
 * every step. */
#define SYMMETRIC(c)                                                                               \
    {                                                                                              \
        (c), (c), {1.0f, 2.0f * (c)}, {                                                            \
            1.0f, 2.0f * (c)                                                                       \
        }                                                                                          \
    }

static const wavelet_filter filters[WAVELET_FILTERS] = {
    [WAVELET_CDF97] =
        {
            .n_steps = 4,
            .step = {SYMMETRIC(-1.58613431f), SYMMETRIC(-0.0529801175f), SYMMETRIC(0.882911086f),
                     SYMMETRIC(0.443506867f)},
            /* K = 1.230174104914001 */
            .scale = {0.660795152f, 0.812893093f, 1.0f, 1.23017406f, 1.51332831f},
        },
    [WAVELET_CDF53] =
        {
            .n_steps = 2,
            .step = {SYMMETRIC(-0.5f), SYMMETRIC(0.25f)},
            .scale = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f},
            .int_step = {{.left = -1, .right = -1, .shift = 1, .negate = -1},
                         {.left = -1, .right = -1, .round = 2, .shift = 2}},
        },
    /* A single last sample stays as it is. */
    [WAVELET_HAAR] =
        {
            .n_steps = 2,
            .step = {{-1.0f, 0.0f, {1.0f, 0.0f}, {1.0f, -1.0f}},
                     {0.0f, 0.5f, {1.0f, 0.5f}, {1.0f, 0.0f}}},
            .scale = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f},
            .int_step = {{.left = -1, .negate = -1}, {.right = -1, .shift = 1}},
        },
    /* Ends: constants still have no details, that is 2.3 + 1.412 other = K for the first sample and
     * 1.412 self + K other = 0 for the last odd one; 2.3 and 0.55 bring the norms of the end's
     * basis functions near those inside and keep six levels well conditioned, which a plain
     * repetition of the neighbour does not (condition about 20 against 3000, 65 samples). */
    [WAVELET_DB3] =
        {
            .n_steps = 4,
            .step = {{0.412286609f, 0.0f, {1.0f, 0.0f}, {1.0f, 0.412286609f}},
                     {1.56513631f, -0.352387667f, {2.3f, 0.292255580f}, {1.0f, 1.21274865f}},
                     {-0.0284590889f, -0.492151856f, {1.0f, 0.0f}, {0.55f, -0.286336005f}},
                     {0.0f, 0.389620394f, {1.0f, 0.389620394f}, {1.0f, 0.0f}}},
            /* K = 2.712748621955979 */
            .scale = {0.135887936f, 0.368629813f, 1.0f, 2.71274853f, 7.35900497f},
        },
};

const char *const tsr_wavelet_filter_names[] = {
    [WAVELET_CDF97] = "cdf97", [WAVELET_CDF53] = "cdf53", [WAVELET_HAAR] = "haar",
    [WAVELET_DB3] = "db3",     [WAVELET_AUTO] = "auto",   [WAVELET_AUTO + 1] = NULL,
};

int tsr_wavelet_filter_reversible(uint32_t filter) {
    assert(filter < WAVELET_FILTERS);
    const lift_int_step *s = filters[filter].int_step;
    return s[0].left != 0 || s[0].right != 0;
}

float tsr_wavelet_scale(uint32_t filter, int exponent) {
    assert(filter < WAVELET_FILTERS && exponent >= -2 && exponent <= 2);
    return filters[filter].scale[exponent + 2];
}

static lift_edge float_edge(float self, float other, int inverse) {
    if (!inverse) return (lift_edge){.f = {self, other}};
    return (lift_edge){.f = {1.0f / self, -other / self}};
}

static void set_float_step(lift_scheme *s, uint32_t j, const filter_step *from, int inverse) {
    float sign = inverse ? -1.0f : 1.0f;
    s->step[j] = (lift_step){.f = {sign * from->left, sign * from->right}};
    s->first[j] = float_edge(from->first.self, from->first.other, inverse);
    s->last[j] = float_edge(from->last.self, from->last.other, inverse);
}

/* At an end of the line a step that looks only to the side where nothing is does nothing. */
static void set_int_step(lift_scheme *s, uint32_t j, lift_int_step step, int inverse) {
    lift_int_step none = {0};
    if (inverse) step.negate = ~step.negate;
    s->step[j].i = step;
    s->first[j].i = step.right == 0 ? none : step;
    s->last[j].i = step.left == 0 ? none : step;
}

lift_scheme tsr_wavelet_scheme(uint32_t filter, int integer, int inverse) {
    assert(filter < WAVELET_FILTERS && (!integer || tsr_wavelet_filter_reversible(filter)));
    const wavelet_filter *f = &filters[filter];
    lift_scheme s = {.n_steps = f->n_steps};
    for (uint32_t j = 0; j < s.n_steps; j++) {
        uint32_t from = inverse ? s.n_steps - 1 - j : j;
        if (integer)
            set_int_step(&s, j, f->int_step[from], inverse);
        else
            set_float_step(&s, j, &f->step[from], inverse);
    }
    return s;
}
