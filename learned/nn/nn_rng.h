/* nn_rng.h - a seeded random generator: the same numbers in every run. Integers and uniform
 * numbers are the same on every machine, too; normal ones as far as its libm agrees. */
#ifndef NN_RNG_H
#define NN_RNG_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256** (Blackman and Vigna 2018), state filled by splitmix64. The whole state is these
 * words: a checkpoint stores them. */
typedef struct nn_rng {
    uint64_t s[4];
} nn_rng;

nn_rng tsr_nn_rng_seed(uint64_t seed);

/* An independent generator number `stream` of a seed: one for each sample, tensor, worker ... */
nn_rng tsr_nn_rng_stream(uint64_t seed, uint64_t stream);

uint64_t tsr_nn_rng_next(nn_rng *r);                 /* 64 random bits */
uint32_t tsr_nn_rng_below(nn_rng *r, uint32_t n);    /* 0 .. n-1 without bias; n >= 1 */
float tsr_nn_rng_uniform(nn_rng *r);                 /* [0, 1), 24 bits */
float tsr_nn_rng_range(nn_rng *r, float a, float b); /* [a, b) */
float tsr_nn_rng_normal(nn_rng *r);                  /* mean 0, variance 1 (Box and Muller) */

#endif
