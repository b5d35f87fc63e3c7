/* lab_crop_place.c - where in a picture there is most to see. Cost: one pass over the pixels. */
#include <stdlib.h>

#include "lab_crop.h"

enum { CELL = 32 };

/* Sum over channels of sample i, 8 bits each. */
static int brightness(const tsr_image *im, uint32_t x, uint32_t y) {
    size_t at = ((size_t)y * im->width + x) * im->channels;
    int sum = 0;
    for (unsigned c = 0; c < im->channels; c++)
        sum += im->depth == 16 ? ((const uint16_t *)im->pixels)[at + c] >> 8
                               : ((const uint8_t *)im->pixels)[at + c];
    return sum;
}

/* Differences to the right and lower neighbours within the square of CELL pixels at (x, y). */
static uint64_t activity(const tsr_image *im, uint32_t x0, uint32_t y0, uint32_t w, uint32_t h) {
    uint64_t sum = 0;
    for (uint32_t y = y0; y < y0 + h; y++)
        for (uint32_t x = x0; x < x0 + w; x++) {
            int v = brightness(im, x, y);
            if (x + 1 < im->width) sum += (uint64_t)abs(brightness(im, x + 1, y) - v);
            if (y + 1 < im->height) sum += (uint64_t)abs(brightness(im, x, y + 1) - v);
        }
    return sum;
}

/* Sums of CELL-wide cells, [cells_y][cells_x]; cells beyond whole ones are left out. */
static uint64_t *cell_sums(const tsr_image *im, uint32_t cells_x, uint32_t cells_y) {
    uint64_t *sums = calloc((size_t)cells_x * cells_y + 1, sizeof *sums);
    for (uint32_t j = 0; sums && j < cells_y; j++)
        for (uint32_t i = 0; i < cells_x; i++)
            sums[(size_t)j * cells_x + i] = activity(im, i * CELL, j * CELL, CELL, CELL);
    return sums;
}

static uint64_t window_sum(const uint64_t *sums, uint32_t cells_x, uint32_t i0, uint32_t j0,
                           uint32_t ni, uint32_t nj) {
    uint64_t sum = 0;
    for (uint32_t j = j0; j < j0 + nj; j++)
        for (uint32_t i = i0; i < i0 + ni; i++) sum += sums[(size_t)j * cells_x + i];
    return sum;
}

void tsr_crop_busiest(const tsr_image *im, uint32_t side, uint32_t *x, uint32_t *y, uint32_t *w,
                      uint32_t *h) {
    uint32_t cells_x = im->width / CELL, cells_y = im->height / CELL;
    *x = *y = 0;
    *w = im->width < side ? im->width : side;
    *h = im->height < side ? im->height : side;
    uint32_t ni = *w / CELL, nj = *h / CELL;
    uint64_t best = 0, *sums = cell_sums(im, cells_x, cells_y);
    for (uint32_t j = 0; sums && j + nj <= cells_y; j++)
        for (uint32_t i = 0; i + ni <= cells_x; i++) {
            uint64_t sum = window_sum(sums, cells_x, i, j, ni, nj);
            if (sum <= best) continue;
            best = sum;
            *x = i * CELL;
            *y = j * CELL;
        }
    free(sums);
}
