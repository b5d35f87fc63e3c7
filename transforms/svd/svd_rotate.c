/* svd_rotate.c - rotations of pairs of components by multiples of pi / 64.
 *
 * A product of plane rotations with tabled cosines is orthonormal to rounding whatever the angles,
 * so that a basis sent as angles needs no repair. Cost: 4 multiplications a pair and block.
 */
#include "svd_internal.h"

/* cos(i pi / 64), i = 0 .. 32, rounded to float; sin is the same table backwards. */
static const float cosine[SVD_RIGHT_ANGLE + 1] = {
    1.0f,          0.998795456f,  0.995184727f, 0.98917651f,  0.98078528f,  0.970031253f,
    0.956940336f,  0.941544065f,  0.923879533f, 0.903989293f, 0.881921264f, 0.85772861f,
    0.831469612f,  0.803207531f,  0.773010453f, 0.740951125f, 0.707106781f, 0.671558955f,
    0.634393284f,  0.595699304f,  0.555570233f, 0.514102744f, 0.471396737f, 0.427555093f,
    0.382683432f,  0.336889853f,  0.290284677f, 0.24298018f,  0.195090322f, 0.146730474f,
    0.0980171403f, 0.0490676743f, 0.0f,
};

/* (x, y) turned by `angle` units. */
static void rotate(float *x, float *y, size_t n, int angle) {
    float c = cosine[angle < 0 ? -angle : angle];
    float s = angle < 0 ? -cosine[SVD_RIGHT_ANGLE + angle] : cosine[SVD_RIGHT_ANGLE - angle];
    for (size_t i = 0; i < n; i++) {
        float a = x[i], b = y[i];
        x[i] = c * a + s * b;
        y[i] = c * b - s * a;
    }
}

void tsr_svd_rotate(const svd_group *g, float *const *comp, size_t first, size_t n) {
    unsigned pair = 0;
    for (unsigned a = 0; a < g->n; a++)
        for (unsigned b = a + 1; b < g->n; b++, pair++)
            if (g->angle[pair]) rotate(comp[a] + first, comp[b] + first, n, g->angle[pair]);
}

void tsr_svd_rotate_back(const svd_group *g, float *const *comp, size_t first, size_t n) {
    unsigned pair = g->n * (g->n - 1u) / 2;
    for (unsigned a = g->n; a-- > 0;)
        for (unsigned b = g->n; b-- > a + 1;)
            if (g->angle[--pair]) rotate(comp[a] + first, comp[b] + first, n, -g->angle[pair]);
}
