/* golden_pictures.c - writes the pictures that golden/make.sh encodes: small, synthetic, the same
 * on every machine.
 *
 *     golden_pictures FOLDER
 *
 * PAM files of every kind, and meta.tsr: a lossless stream with ICC profile, EXIF block and
 * orientation.
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec_test.h"

typedef struct golden_picture {
    const char *name;
    uint32_t width, height;
    unsigned channels, depth;
} golden_picture;

static const golden_picture pictures[] = {
    {"rgb", 61, 45, 3, 8},      {"grey", 48, 40, 1, 8},    {"greya", 33, 29, 2, 8},
    {"rgba", 40, 31, 4, 8},     {"rgb16", 37, 26, 3, 16},  {"grey16", 41, 17, 1, 16},
    {"greya16", 19, 23, 2, 16}, {"rgba16", 23, 19, 4, 16}, {"dot", 1, 1, 3, 8},
    {"line", 1, 7, 1, 8},       {"wide", 150, 3, 3, 8},    {"column", 5, 400, 3, 8},
    {"tall", 2, 90, 4, 16},
};

static FILE *create(const char *folder, const char *name, const char *suffix) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (f) return f;
    fprintf(stderr, "cannot write %s\n", path);
    exit(1);
}

static void finish(FILE *f) {
    if (!ferror(f) && !fclose(f)) return;
    fprintf(stderr, "cannot write all\n");
    exit(1);
}

/* Samples of two bytes are big-endian in a PAM. */
static void write_pam(const char *folder, const char *name, const tsr_image *im) {
    FILE *f = create(folder, name, "pam");
    size_t n = (size_t)im->width * im->height * im->channels;
    fprintf(f, "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nENDHDR\n", im->width, im->height,
            im->channels, (1u << im->depth) - 1);
    for (size_t i = 0; i < n; i++) {
        unsigned v =
            im->depth == 8 ? ((const uint8_t *)im->pixels)[i] : ((const uint16_t *)im->pixels)[i];
        if (im->depth == 16) putc((int)(v >> 8), f);
        putc((int)(v & 255), f);
    }
    finish(f);
}

/* A picture whose alpha takes few values, with gaps between them, or only one. */
static void write_mask(const char *folder, const char *name, unsigned channels, unsigned depth,
                       unsigned values) {
    tsr_image im = test_picture(40, 31, channels, depth, 55);
    unsigned full = (1u << depth) - 1;
    for (size_t i = 0; i < (size_t)im.width * im.height; i++) {
        size_t at = (i + 1) * channels - 1, n = values - 1;
        unsigned v = n ? (unsigned)(i / 7 % (n + 1)) * (full / (unsigned)n) : full / 2;
        if (depth == 8)
            ((uint8_t *)im.pixels)[at] = (uint8_t)v;
        else
            ((uint16_t *)im.pixels)[at] = (uint16_t)v;
    }
    write_pam(folder, name, &im);
    tsr_image_free(&im);
}

/* Slanted stripes on a soft ground: what a basis of the picture's own describes in fewer terms. */
static void write_stripes(const char *folder) {
    tsr_image im = test_picture(160, 128, 1, 8, 77);
    uint8_t *p = im.pixels;
    for (uint32_t y = 0; y < im.height; y++)
        for (uint32_t x = 0; x < im.width; x++, p++) {
            uint32_t phase = (3 * x + 5 * y) % 32;
            *p = (uint8_t)(*p / 8 + 10 * (phase < 16 ? phase : 31 - phase) + 30);
        }
    write_pam(folder, "stripes", &im);
    tsr_image_free(&im);
}

static void write_meta(const char *folder) {
    tsr_context *ctx = codec_test_context(1, 0);
    tsr_image im = test_picture(35, 28, 3, 8, 99);
    tsr_blob file = {0};
    tsr_diag d;
    im.orientation = 6;
    im.icc = test_block(150, 1);
    im.exif = test_block(60, 2);
    if (codec_test_encode(ctx, &im, NULL, TSR_TARGET_LOSSLESS, 0, &file, NULL, &d)) {
        fprintf(stderr, "%s\n", d.text);
        exit(1);
    }
    FILE *f = create(folder, "meta", "tsr");
    fwrite(file.data, 1, file.size, f);
    finish(f);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    tsr_context_free(ctx);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: golden_pictures FOLDER\n");
        return 2;
    }
    for (unsigned i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        const golden_picture *p = &pictures[i];
        tsr_image im = test_picture(p->width, p->height, p->channels, p->depth, 10 + i);
        write_pam(argv[1], p->name, &im);
        tsr_image_free(&im);
    }
    write_mask(argv[1], "cutout", 4, 8, 5);
    write_mask(argv[1], "cutout16", 2, 16, 18);
    write_mask(argv[1], "pane", 4, 16, 1);
    write_stripes(argv[1]);
    write_meta(argv[1]);
    return 0;
}
