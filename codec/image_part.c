/* image_part.c - means of squares of pixels, and cutting out.
 *
 * Both work in place: what is written lies before what is still to be read. Integers only.
 * Cost: an addition a sample.
 */
#include "image_part.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline.h"

_Static_assert(65535ull << 2 * TSR_MAX_REDUCE <= UINT32_MAX,
               "the sums of tsr_image_average() do not fit 32 bits");

/* Gives back the memory behind the pixels; if that is refused they stay where they are. */
static void resize(tsr_image *im, uint32_t width, uint32_t height) {
    im->width = width;
    im->height = height;
    void *p = realloc(im->pixels, tsr_image_bytes(im));
    if (p) im->pixels = p;
}

/* The mean of n samples; ties to even, lest pictures become brighter. */
static uint32_t nearest_mean(uint32_t sum, uint32_t n) {
    uint32_t mean = sum / n, twice = 2 * (sum % n);
    return mean + (twice > n || (twice == n && mean % 2));
}

/* How many of n samples sample i stands for after that many halvings. */
static uint32_t stands_for(uint32_t i, uint32_t n, uint32_t halvings) {
    uint32_t left = n - (i << halvings), side = 1u << halvings;
    return left < side ? left : side;
}

typedef struct averages {
    const tsr_image *im;
    uint32_t width, height, done, halvings; /* as above */
    uint32_t *sum;                          /* of a row of the result */
} averages;

/* Adds row y to the sums. */
static void add_row(const averages *a, uint32_t y) {
    const tsr_image *im = a->im;
    size_t ch = im->channels, at = y * (size_t)im->width * ch;
    const uint8_t *p8 = (const uint8_t *)im->pixels + at;
    const uint16_t *p16 = (const uint16_t *)im->pixels + at;
    uint32_t rows = stands_for(y, a->height, a->done);
    for (uint32_t x = 0; x < im->width; x++) {
        uint32_t *s = a->sum + (x >> (a->halvings - a->done)) * ch;
        uint32_t weight = rows * stands_for(x, a->width, a->done);
        for (size_t c = 0; c < ch; c++)
            s[c] += weight * (im->depth == 8 ? p8[x * ch + c] : p16[x * ch + c]);
    }
}

/* Writes row y of the result, w pixels, and zeroes the sums. */
static void store_means(const averages *a, uint32_t y, uint32_t w) {
    const tsr_image *im = a->im;
    size_t ch = im->channels, at = (size_t)y * w * ch;
    uint32_t rows = stands_for(y, a->height, a->halvings);
    for (uint32_t x = 0; x < w; x++) {
        uint32_t n = rows * stands_for(x, a->width, a->halvings);
        for (size_t c = 0; c < ch; c++, at++) {
            uint32_t mean = nearest_mean(a->sum[x * ch + c], n);
            a->sum[x * ch + c] = 0;
            if (im->depth == 8)
                ((uint8_t *)im->pixels)[at] = (uint8_t)mean;
            else
                ((uint16_t *)im->pixels)[at] = (uint16_t)mean;
        }
    }
}

tsr_status tsr_image_average(tsr_image *im, uint32_t width, uint32_t height, uint32_t done,
                             uint32_t halvings, tsr_job *j) {
    uint32_t w = tsr_halved(width, halvings), h = tsr_halved(height, halvings);
    averages a = {.im = im, .width = width, .height = height, .done = done, .halvings = halvings};
    if (done == halvings) return TSR_OK;
    a.sum = tsr_job_alloc(j, (size_t)w * im->channels, sizeof *a.sum);
    if (!a.sum) return tsr_job_memory_status(j);
    for (uint32_t y = 0; y < im->height; y++) {
        uint32_t to = y >> (halvings - done);
        add_row(&a, y);
        if (y + 1 == im->height || (y + 1) >> (halvings - done) != to) store_means(&a, to, w);
    }
    resize(im, w, h);
    return TSR_OK;
}

void tsr_image_crop(tsr_image *im, const tsr_rect *r) {
    size_t pixel = im->channels * (im->depth / 8u), row = r->w * pixel;
    uint8_t *to = im->pixels;
    const uint8_t *from = to + r->y * tsr_image_row_bytes(im) + r->x * pixel;
    if (r->w == im->width && r->h == im->height) return;
    for (uint32_t y = 0; y < r->h; y++)
        memmove(to + y * row, from + y * tsr_image_row_bytes(im), row);
    resize(im, r->w, r->h);
}

int tsr_rect_within(const tsr_rect *r, uint32_t width, uint32_t height) {
    return r->w && r->h && r->x < width && r->y < height && r->w <= width - r->x &&
           r->h <= height - r->y;
}

tsr_rect tsr_rect_halved(const tsr_rect *r, uint32_t halvings) {
    uint32_t x = r->x >> halvings, y = r->y >> halvings;
    return (tsr_rect){x, y, tsr_halved(r->x + r->w, halvings) - x,
                      tsr_halved(r->y + r->h, halvings) - y};
}
