/* io_seeds.c - writes small pictures of every format, seeds of fuzz_io:
 *
 *     io_seeds FOLDER
 */
#include "io_test.h"

enum { WIDTH = 13, HEIGHT = 9, ICC_BYTES = 50 };

typedef struct seed {
    const char *name;
    tsr_io_format format;
    unsigned channels, depth;
    int meta; /* with ICC profile and EXIF block */
} seed;

static const seed seeds[] = {
    {"grey.jpg", TSR_IO_JPEG, 1, 8, 0},   {"meta.jpg", TSR_IO_JPEG, 3, 8, 1},
    {"grey16.png", TSR_IO_PNG, 1, 16, 0}, {"meta.png", TSR_IO_PNG, 4, 8, 1},
    {"grey.pgm", TSR_IO_PNM, 1, 8, 0},    {"rgb16.ppm", TSR_IO_PNM, 3, 16, 0},
    {"rgba.pam", TSR_IO_PAM, 4, 8, 0},    {"greya16.pam", TSR_IO_PAM, 2, 16, 0},
};

/* A TIFF header, one directory with the orientation alone. */
static const uint8_t exif[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                               3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0,    0,    0};

static int write_seed(const char *folder, const seed *s) {
    char path[4096];
    tsr_diag d;
    tsr_image im = io_test_noise(WIDTH, HEIGHT, s->channels, s->depth);
    if (s->meta) {
        im.icc = io_test_block(ICC_BYTES, 9);
        if (tsr_blob_copy(&im.exif, exif, sizeof exif)) abort();
    }
    tsr_blob file = io_test_encode(&im, s->format);
    int n = snprintf(path, sizeof path, "%s/%s", folder, s->name);
    int bad = n < 0 || (size_t)n >= sizeof path || tsr_write_file(path, file.data, file.size, &d);
    tsr_blob_free(&file);
    tsr_image_free(&im);
    return bad;
}

int main(int argc, char **argv) {
    int bad = argc != 2;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds && !bad; i++)
        bad = write_seed(argv[1], &seeds[i]);
    return bad;
}
