/* kmeans_1d.h - the best k groups of numbers on a line, exactly. */
#ifndef TSR_KMEANS_1D_H
#define TSR_KMEANS_1D_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of working memory for n points and at most k groups. */
size_t tsr_kmeans_1d_memory(uint32_t n, uint32_t k);

/* Splits the n >= 1 points x, ascending, of weights w > 0 (NULL: all 1) into j groups, for each j =
 * 1 .. k at once (1 <= k <= n), with the smallest weighted sum of squared distances to their means.
 * That sum is written to error[j - 1]. memory: 8-byte aligned. */
void tsr_kmeans_1d(const float *x, const float *w, uint32_t n, uint32_t k, double *error,
                   void *memory);

/* After it, with the same x: the groups for j <= k, as end[0] < ... < end[j - 1] = n, group i being
 * the points end[i - 1] .. end[i] - 1; and their means. Either may be NULL. */
void tsr_kmeans_1d_groups(const float *x, uint32_t n, uint32_t j, uint32_t *end, float *mean,
                          void *memory);

#endif
