/* plugin_picture.c - test pictures made by rule, from whole numbers only, so that they are the same
 * on every machine: a slope, a diagonal edge, a disc, and a corner of noise. */
#include "plugin_picture.h"

#include "plugin_guard.h"

/* A value -128..127 for sample (x, y) of plane p; *noise is the generator's state. */
static int pixel(uint32_t x, uint32_t y, uint32_t p, uint32_t seed, uint32_t *noise) {
    int fx = (int)(x % 251u), fy = (int)(y % 241u);
    int v = (fx * 3 + fy * 2 + (int)(seed % 97u)) / 8 - 64;
    if ((fx + 2 * fy) % 80 > 47) v += 70;
    int dx = fx % 40 - 20, dy = fy % 40 - 20;
    if (dx * dx + dy * dy < 120) v -= 45;
    if (fx % 32 > 20 && fy % 24 > 13) v += (int)(tsr_check_random(noise) % 41u) - 20;
    v += (int)(tsr_check_random(noise) % 5u) - 2;
    if (p > 0) v = v / (int)(p + 1) + (int)p * 9;
    return v < -128 ? -128 : v > 127 ? 127 : v;
}

static uint32_t noise_seed(uint32_t seed) {
    return seed * 2654435761u | 1u;
}

void tsr_check_planes_make(tsr_check *c, tsr_planes *p, uint32_t w, uint32_t h, uint32_t n,
                           uint8_t fill) {
    *p = (tsr_planes){.n = n};
    for (uint32_t k = 0; k < n; k++) {
        p->p[k] = (tsr_plane){.w = w, .h = h};
        p->p[k].s.f = tsr_guard_new((size_t)w * h * sizeof(float), fill);
        if (!p->p[k].s.f) tsr_check_fail(c, "no memory for the check itself");
    }
}

void tsr_check_planes_drop(tsr_planes *p) {
    for (uint32_t k = 0; k < p->n; k++) tsr_guard_free(p->p[k].s.f);
    p->n = 0;
}

/* The same with a fraction, as colour rotation leaves one. */
static float sample(uint32_t x, uint32_t y, uint32_t p, uint32_t seed, uint32_t *noise) {
    int v = pixel(x, y, p, seed, noise);
    return (float)v + (float)(tsr_check_random(noise) % 64u) / 128.0f;
}

void tsr_check_planes_draw(tsr_planes *p, uint32_t seed) {
    uint32_t noise = noise_seed(seed);
    for (uint32_t k = 0; k < p->n; k++)
        for (size_t i = 0, w = p->p[k].w; i < w * p->p[k].h; i++)
            p->p[k].s.f[i] = sample((uint32_t)(i % w), (uint32_t)(i / w), k, seed, &noise);
}

static int32_t pixel_int(uint32_t x, uint32_t y, uint32_t p, uint32_t seed, uint32_t *noise) {
    if (seed == TSR_SEED_CHECKER) return (x + y + p) % 2 ? TSR_LOSSLESS_MAX : -TSR_LOSSLESS_MAX;
    if (seed != TSR_SEED_EXTREME) return pixel(x, y, p, seed, noise);
    uint32_t r = tsr_check_random(noise);
    int32_t v = (int32_t)(r % 64u);
    return r >> 31 ? TSR_LOSSLESS_MAX - v : v - TSR_LOSSLESS_MAX;
}

void tsr_check_planes_draw_int(tsr_planes *p, uint32_t seed) {
    uint32_t noise = noise_seed(seed);
    for (uint32_t k = 0; k < p->n; k++)
        for (size_t i = 0, w = p->p[k].w; i < w * p->p[k].h; i++)
            p->p[k].s.i[i] = pixel_int((uint32_t)(i % w), (uint32_t)(i / w), k, seed, &noise);
}

void tsr_check_image_draw(tsr_check *c, tsr_image *im, uint32_t w, uint32_t h, unsigned channels,
                          unsigned depth, uint32_t seed) {
    uint32_t noise = noise_seed(seed);
    *im = (tsr_image){0};
    if (tsr_image_alloc(im, w, h, channels, depth, 0, NULL))
        tsr_check_fail(c, "no memory for the check itself");
    uint8_t *p8 = im->pixels;
    uint16_t *p16 = im->pixels;
    for (size_t i = 0; i < (size_t)w * h * channels; i++) {
        size_t at = i / channels;
        int v = 128 + pixel((uint32_t)(at % w), (uint32_t)(at / w), (uint32_t)(i % channels), seed,
                            &noise);
        if (depth == 8)
            p8[i] = (uint8_t)v;
        else
            p16[i] = (uint16_t)((uint32_t)v * 257u ^ (noise & 0xffu));
    }
}
