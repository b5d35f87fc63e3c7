/* sweep_reduce.c - reduction by the mean of squares of samples. */
#include "sweep_reduce.h"

static uint32_t sample(const tsr_image *im, size_t i) {
    return im->depth > 8 ? ((const uint16_t *)im->pixels)[i] : ((const uint8_t *)im->pixels)[i];
}

static void set_sample(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth > 8)
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
    else
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Mean of channel c over the square that pixel (x, y) of the reduced picture stands for. */
static uint32_t mean(const tsr_image *im, uint32_t scale, uint32_t x, uint32_t y, uint32_t c) {
    uint32_t w = least(scale, im->width), h = least(scale, im->height);
    uint64_t sum = 0, n = (uint64_t)w * h;
    for (uint32_t j = 0; j < h; j++)
        for (uint32_t i = 0; i < w; i++)
            sum += sample(
                im,
                (((size_t)y * scale + j) * im->width + (size_t)x * scale + i) * im->channels + c);
    return (uint32_t)((sum + n / 2) / n);
}

tsr_status tsr_reduce(tsr_image *im, uint32_t scale, tsr_diag *d) {
    tsr_image out = {0};
    uint32_t w = im->width / scale, h = im->height / scale;
    tsr_status s = tsr_image_alloc(&out, w ? w : 1, h ? h : 1, im->channels, im->depth, 0, d);
    for (uint32_t y = 0; !s && y < out.height; y++)
        for (uint32_t x = 0; x < out.width; x++)
            for (uint32_t c = 0; c < im->channels; c++)
                set_sample(&out, ((size_t)y * out.width + x) * im->channels + c,
                           mean(im, scale, x, y, c));
    tsr_image_free(im);
    *im = out;
    return s;
}
