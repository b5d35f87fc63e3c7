/* nn_rng.c - xoshiro256** 1.0 and splitmix64 (Blackman and Vigna 2018, "Scrambled linear
 * pseudorandom number generators"). */
#include "nn_rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

nn_rng tsr_nn_rng_stream(uint64_t seed, uint64_t stream) {
    uint64_t x = seed, y = stream;
    x = splitmix(&x) ^ splitmix(&y) * 0xd1342543de82ef95u;
    nn_rng r;
    for (unsigned i = 0; i < 4; i++) r.s[i] = splitmix(&x);
    return r;
}

nn_rng tsr_nn_rng_seed(uint64_t seed) {
    return tsr_nn_rng_stream(seed, 0);
}

static uint64_t rotl(uint64_t x, unsigned n) {
    return x << n | x >> (64 - n);
}

uint64_t tsr_nn_rng_next(nn_rng *r) {
    uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/* Lemire 2019, "Fast random integer generation in an interval": the rare draws that would make some
 * numbers likelier are drawn again. */
uint32_t tsr_nn_rng_below(nn_rng *r, uint32_t n) {
    uint64_t m = (tsr_nn_rng_next(r) >> 32) * n;
    while ((uint32_t)m < -n % n) m = (tsr_nn_rng_next(r) >> 32) * n;
    return (uint32_t)(m >> 32);
}

float tsr_nn_rng_uniform(nn_rng *r) {
    return (float)(tsr_nn_rng_next(r) >> 40) * 0x1p-24f;
}

float tsr_nn_rng_range(nn_rng *r, float a, float b) {
    return a + (b - a) * tsr_nn_rng_uniform(r);
}

float tsr_nn_rng_normal(nn_rng *r) {
    double u = (double)((tsr_nn_rng_next(r) >> 11) + 1) * 0x1p-53; /* (0, 1] */
    double v = (double)(tsr_nn_rng_next(r) >> 11) * 0x1p-53;
    return (float)(sqrt(-2 * log(u)) * cos(6.283185307179586 * v));
}
