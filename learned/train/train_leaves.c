/* train_leaves.c - dead leaves: discs of random place, size and colour that cover each other.
 *
 * With sizes whose density falls as the third power, such pictures have the edges and the scale
 * invariance of photographs (Lee, Mumford and Huang 2001). Every disc has a gradient across it, and
 * a little noise lies over all.
 */
#include "train_leaves.h"

#include <math.h>
#include <string.h>

#include "nn_rng.h"

enum { SIDE = 256, DISCS = 3000, NOISE = 6 };

static const double smallest = 2, largest = 120; /* radii, pixels */

typedef struct disc {
    double x, y, r;
    double colour[3], slope[3];
} disc;

static disc draw_disc(nn_rng *rng) {
    disc d;
    double u = tsr_nn_rng_uniform(rng), a = 1 / (smallest * smallest), b = 1 / (largest * largest);
    d.r = 1 / sqrt(a + u * (b - a));
    d.x = tsr_nn_rng_uniform(rng) * SIDE;
    d.y = tsr_nn_rng_uniform(rng) * SIDE;
    double grey = 255 * tsr_nn_rng_uniform(rng);
    for (int c = 0; c < 3; c++) {
        d.colour[c] = grey + 80 * (tsr_nn_rng_uniform(rng) - 0.5);
        d.slope[c] = (tsr_nn_rng_uniform(rng) - 0.5) * 60 / d.r;
    }
    return d;
}

static uint8_t level(double v) {
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* Of the disc's box along one side: the first pixel in the picture, and the one after the last. */
static int box_first(double centre, double r) {
    return (int)fmax(floor(centre - r), 0);
}

static int box_end(double centre, double r) {
    return (int)fmin(ceil(centre + r) + 1, SIDE);
}

static void paint(uint8_t *rgb, const disc *d) {
    int right = box_end(d->x, d->r), bottom = box_end(d->y, d->r);
    for (int y = box_first(d->y, d->r); y < bottom; y++)
        for (int x = box_first(d->x, d->r); x < right; x++) {
            double dx = x - d->x, dy = y - d->y;
            if (dx * dx + dy * dy > d->r * d->r) continue;
            for (int c = 0; c < 3; c++)
                rgb[(y * SIDE + x) * 3 + c] = level(d->colour[c] + d->slope[c] * dx);
        }
}

static tsr_status read_leaves(void *user, uint32_t i, tsr_image *im, tsr_diag *d) {
    nn_rng rng = tsr_nn_rng_stream(1, i);
    tsr_status s = tsr_image_alloc(im, SIDE, SIDE, 3, 8, 0, d);
    (void)user;
    if (s) return s;
    uint8_t *rgb = im->pixels;
    memset(rgb, 128, SIDE * SIDE * 3);
    for (int k = 0; k < DISCS; k++) {
        disc next = draw_disc(&rng);
        paint(rgb, &next);
    }
    for (int k = 0; k < SIDE * SIDE * 3; k++)
        rgb[k] = level(rgb[k] + NOISE * (tsr_nn_rng_uniform(&rng) - 0.5));
    return TSR_OK;
}

static const char *name_leaves(void *user, uint32_t i) {
    (void)user, (void)i;
    return "drawn";
}

tsr_train_source tsr_train_leaves(uint32_t n) {
    return (tsr_train_source){.n = n, .read = read_leaves, .name = name_leaves};
}
