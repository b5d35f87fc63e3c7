/* test_io.c - every picture format: what is written is read again, and every legal kind is
 * understood. */
#include <math.h>
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include "io_test.h"

/* ---------------------------------------------------------------- round trips */

static const uint32_t sizes[][2] = {{1, 1}, {2, 1}, {1, 2}, {17, 9}, {4099, 3}, {3, 4099}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void lossless_round_trip(const tsr_image *im, tsr_io_format format) {
    tsr_image back;
    tsr_diag d;
    tsr_blob file = io_test_encode(im, format);
    CU_ASSERT_EQUAL_FATAL(io_test_read(file.data, file.size, NULL, &back, &d), TSR_OK);
    CU_ASSERT(io_test_same_pixels(im, &back));
    CU_ASSERT_EQUAL(back.orientation, 0);
    tsr_image_free(&back);
    tsr_blob_free(&file);
}

static void test_lossless_round_trips(void) {
    for (int s = 0; s < SIZES; s++)
        for (unsigned channels = 1; channels <= 4; channels++)
            for (unsigned depth = 8; depth <= 16; depth += 8) {
                tsr_image im = io_test_noise(sizes[s][0], sizes[s][1], channels, depth);
                lossless_round_trip(&im, TSR_IO_PNG);
                lossless_round_trip(&im, TSR_IO_PAM);
                if (channels & 1) lossless_round_trip(&im, TSR_IO_PNM);
                tsr_image_free(&im);
            }
}

static void test_sixteen_bits_are_host_order(void) {
    static const uint8_t pgm[] = "P5 2 1 65535\n\x01\x02\xff\xfe";
    tsr_image im;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(io_test_read(pgm, sizeof pgm - 1, NULL, &im, &d), TSR_OK);
    CU_ASSERT_EQUAL(((uint16_t *)im.pixels)[0], 0x0102);
    CU_ASSERT_EQUAL(((uint16_t *)im.pixels)[1], 0xfffe);
    tsr_image_free(&im);
}

/* Slow ramps with one-pixel columns of pure red and blue: halved chroma would turn those purple. */
static tsr_image ramp(uint32_t w, uint32_t h, unsigned channels) {
    tsr_image im = io_test_noise(w, h, channels, 8);
    uint8_t *p = im.pixels;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++, p += channels) {
            p[0] = (uint8_t)((x + y) % 256);
            if (channels == 3) p[1] = 0, p[2] = (uint8_t)(x & 1 ? 255 : 0), p[0] = 255 - p[2];
        }
    return im;
}

static int max_difference(const tsr_image *a, const tsr_image *b) {
    int max = 0;
    for (size_t i = 0; i < tsr_image_bytes(a); i++) {
        int diff = abs(((uint8_t *)a->pixels)[i] - ((uint8_t *)b->pixels)[i]);
        if (diff > max) max = diff;
    }
    return max;
}

static void test_jpeg_round_trips(void) {
    for (int s = 0; s < SIZES; s++)
        for (unsigned channels = 1; channels <= 3; channels += 2) {
            tsr_image im = ramp(sizes[s][0], sizes[s][1], channels), back;
            tsr_diag d;
            tsr_blob file = io_test_encode(&im, TSR_IO_JPEG);
            CU_ASSERT_EQUAL_FATAL(io_test_read(file.data, file.size, NULL, &back, &d), TSR_OK);
            CU_ASSERT_EQUAL(back.width, im.width);
            CU_ASSERT_EQUAL(back.height, im.height);
            CU_ASSERT_EQUAL(back.channels, channels);
            CU_ASSERT_EQUAL(back.depth, 8);
            CU_ASSERT(max_difference(&im, &back) <= 16);
            tsr_image_free(&back);
            tsr_blob_free(&file);
            tsr_image_free(&im);
        }
}

static void refused(unsigned channels, unsigned depth, tsr_io_format format, const char *hint) {
    tsr_image im = io_test_noise(3, 2, channels, depth);
    tsr_blob out;
    tsr_diag d;
    tsr_diag_init(&d);
    CU_ASSERT_EQUAL(tsr_image_write(&im, format, &out, &d), TSR_ERR_UNSUPPORTED);
    CU_ASSERT_PTR_NULL(out.data);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, hint));
    tsr_image_free(&im);
}

static void test_refused_kinds(void) {
    refused(3, 16, TSR_IO_JPEG, "8 bits");
    refused(2, 8, TSR_IO_JPEG, ".png");
    refused(4, 8, TSR_IO_JPEG, ".png");
    refused(2, 8, TSR_IO_PNM, ".pam");
    refused(4, 16, TSR_IO_PNM, ".pam");
    tsr_image empty = {0};
    tsr_blob out;
    CU_ASSERT_EQUAL(tsr_image_write(&empty, TSR_IO_PNG, &out, NULL), TSR_ERR_ARGUMENT);
}

/* ---------------------------------------------------------------- kinds of PNG */

static void append(png_structp png, png_bytep data, size_t n) {
    tsr_blob *b = png_get_io_ptr(png);
    b->data = realloc(b->data, b->size + n);
    memcpy(b->data + b->size, data, n);
    b->size += n;
}

typedef struct png_kind {
    int colour, bits, interlaced;
    int colours;     /* palette entries */
    int transparent; /* with tRNS: palette entry 1 has alpha 77, or grey/RGB value 1 is transparent
                      */
} png_kind;

enum { KIND_W = 13, KIND_H = 11 };

static void set_colours(png_structp png, png_infop info, const png_kind *k) {
    png_color palette[256];
    for (int i = 0; i < k->colours; i++)
        palette[i] = (png_color){(png_byte)i, (png_byte)(i * 2), (png_byte)(255 - i)};
    if (k->colours) png_set_PLTE(png, info, palette, k->colours);
    png_byte alpha[2] = {255, 77};
    png_color_16 value = {.red = 1, .green = 1, .blue = 1, .gray = 1};
    if (k->transparent)
        png_set_tRNS(png, info, k->colours ? alpha : NULL, k->colours ? 2 : 0, &value);
}

/* Writes samples (one a byte, or 16-bit big endian) with libpng. */
static tsr_blob make_png(const png_kind *k, const uint8_t *samples, size_t stride) {
    tsr_blob file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png))) abort();
    png_set_write_fn(png, &file, append, NULL);
    png_set_IHDR(png, info, KIND_W, KIND_H, k->bits, k->colour,
                 k->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    set_colours(png, info, k);
    png_write_info(png, info);
    png_set_packing(png);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int y = 0; y < KIND_H; y++) png_write_row(png, samples + (size_t)y * stride);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return file;
}

/* The picture expected of one sample (or palette index) v per channel, at channel c. */
static unsigned expected(const png_kind *k, const unsigned *v, unsigned c,
                         unsigned colour_channels) {
    unsigned max = (1u << k->bits) - 1;
    if (k->colour == PNG_COLOR_TYPE_PALETTE) {
        unsigned i = v[0];
        unsigned rgba[4] = {i, i * 2 & 255, 255 - i, i == 1 && k->transparent ? 77 : 255};
        return rgba[c];
    }
    if (c < colour_channels || !k->transparent) return k->bits < 8 ? v[c] * 255 / max : v[c];
    for (unsigned i = 0; i < colour_channels; i++)
        if (v[i] != 1) return k->bits == 16 ? 65535 : 255;
    return 0;
}

static void check_kind(const png_kind *k) {
    unsigned stored = k->colour == PNG_COLOR_TYPE_PALETTE ? 1 : k->colour & 2 ? 3 : 1;
    unsigned colours = k->colour & 2 ? 3 : 1; /* of the decoded picture */
    if (k->colour == PNG_COLOR_TYPE_RGB_ALPHA || k->colour == PNG_COLOR_TYPE_GRAY_ALPHA) stored++;
    unsigned channels = stored > colours ? stored : colours + (unsigned)k->transparent;
    unsigned values[KIND_W * KIND_H * 4], top = k->colours ? (unsigned)k->colours : 1u << k->bits;
    uint8_t bytes[KIND_W * KIND_H * 8];
    uint32_t state = 5;
    unsigned n = KIND_W * KIND_H * stored, wide = k->bits == 16;
    for (unsigned i = 0; i < n; i++) {
        values[i] = i / stored % 3 == 0 ? 1 : io_test_random(&state) % top;
        if (wide)
            bytes[2 * i] = (uint8_t)(values[i] >> 8), bytes[2 * i + 1] = (uint8_t)values[i];
        else
            bytes[i] = (uint8_t)values[i];
    }
    tsr_blob file = make_png(k, bytes, (size_t)KIND_W * stored << wide);
    tsr_image im;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(io_test_read(file.data, file.size, NULL, &im, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(im.channels, channels);
    CU_ASSERT_EQUAL_FATAL(im.depth, wide ? 16 : 8);
    unsigned wrong = 0;
    for (unsigned i = 0; i < KIND_W * KIND_H; i++)
        for (unsigned c = 0; c < channels; c++) {
            unsigned at = i * channels + c;
            unsigned got = wide ? ((uint16_t *)im.pixels)[at] : ((uint8_t *)im.pixels)[at];
            wrong += got != expected(k, values + (size_t)i * stored, c, colours);
        }
    CU_ASSERT_EQUAL(wrong, 0);
    tsr_image_free(&im);
    tsr_blob_free(&file);
}

static void test_png_kinds(void) {
    for (int interlaced = 0; interlaced <= 1; interlaced++)
        for (int transparent = 0; transparent <= 1; transparent++) {
            for (int bits = 1; bits <= 16; bits *= 2)
                check_kind(&(png_kind){PNG_COLOR_TYPE_GRAY, bits, interlaced, 0, transparent});
            for (int bits = 1; bits <= 8; bits *= 2)
                check_kind(&(png_kind){PNG_COLOR_TYPE_PALETTE, bits, interlaced,
                                       bits == 8 ? 200 : 1 << bits, transparent});
            for (int bits = 8; bits <= 16; bits *= 2)
                check_kind(&(png_kind){PNG_COLOR_TYPE_RGB, bits, interlaced, 0, transparent});
        }
    check_kind(&(png_kind){PNG_COLOR_TYPE_RGB_ALPHA, 16, 1, 0, 0});
    check_kind(&(png_kind){PNG_COLOR_TYPE_GRAY_ALPHA, 8, 1, 0, 0});
}

/* ---------------------------------------------------------------- kinds of JPEG */

typedef struct jpeg_kind {
    J_COLOR_SPACE from, stored;
    int components, halved, progressive, arithmetic;
} jpeg_kind;

static tsr_blob make_jpeg(const jpeg_kind *k) {
    struct jpeg_error_mgr err;
    struct jpeg_compress_struct j = {.err = jpeg_std_error(&err)};
    tsr_blob file = {0};
    unsigned long size = 0;
    uint8_t row[40 * 4];
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &file.data, &size);
    j.image_width = 40;
    j.image_height = 30;
    j.input_components = k->components;
    j.in_color_space = k->from;
    jpeg_set_defaults(&j);
    jpeg_set_colorspace(&j, k->stored);
    if (!k->halved) j.comp_info[0].h_samp_factor = j.comp_info[0].v_samp_factor = 1;
    if (k->progressive) jpeg_simple_progression(&j);
    j.arith_code = k->arithmetic ? TRUE : FALSE;
    jpeg_start_compress(&j, TRUE);
    for (unsigned y = 0; y < 30; y++) {
        for (unsigned x = 0; x < 40u * (unsigned)k->components; x++)
            row[x] = (uint8_t)(x / (unsigned)k->components * 4 + y * 2);
        jpeg_write_scanlines(&j, &(JSAMPROW){row}, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    file.size = size;
    return file;
}

static void test_jpeg_kinds(void) {
    static const jpeg_kind kinds[] = {{JCS_GRAYSCALE, JCS_GRAYSCALE, 1, 0, 0, 0},
                                      {JCS_RGB, JCS_YCbCr, 3, 0, 0, 0},
                                      {JCS_RGB, JCS_YCbCr, 3, 1, 0, 0},
                                      {JCS_RGB, JCS_YCbCr, 3, 1, 1, 0},
                                      {JCS_RGB, JCS_RGB, 3, 0, 0, 0},
                                      {JCS_RGB, JCS_YCbCr, 3, 1, 0, 1}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        tsr_blob file = make_jpeg(&kinds[i]);
        tsr_image im;
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(io_test_read(file.data, file.size, NULL, &im, &d), TSR_OK);
        CU_ASSERT_EQUAL(im.channels, kinds[i].components);
        int worst = 0;
        for (unsigned at = 0; at < tsr_image_bytes(&im); at++) {
            unsigned x = at / im.channels % 40, y = at / im.channels / 40;
            int diff = abs(((uint8_t *)im.pixels)[at] - (int)(x * 4 + y * 2));
            if (diff > worst) worst = diff;
        }
        CU_ASSERT(worst <= 12);
        tsr_image_free(&im);
        tsr_blob_free(&file);
    }
}

static void test_jpeg_cmyk_is_refused(void) {
    static const jpeg_kind kinds[] = {{JCS_CMYK, JCS_CMYK, 4, 0, 0, 0},
                                      {JCS_CMYK, JCS_YCCK, 4, 0, 0, 0}};
    for (int i = 0; i < 2; i++) {
        tsr_blob file = make_jpeg(&kinds[i]);
        tsr_image im;
        tsr_diag d;
        tsr_status st = io_test_read(file.data, file.size, NULL, &im, &d);
        CU_ASSERT_EQUAL(st, TSR_ERR_UNSUPPORTED);
        CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "CMYK"));
        CU_ASSERT(io_test_clean_failure(st, &im, &d, file.size));
        tsr_blob_free(&file);
    }
}

/* ---------------------------------------------------------------- names */

static void test_format_names(void) {
    static const struct {
        const char *name;
        int known;
        tsr_io_format format;
    } cases[] = {{"a.png", 1, TSR_IO_PNG},    {"a/b.c/x.JPG", 1, TSR_IO_JPEG},
                 {"jpeg", 1, TSR_IO_JPEG},    {".jfif", 1, TSR_IO_JPEG},
                 {"x.jpe", 1, TSR_IO_JPEG},   {"x.pgm", 1, TSR_IO_PNM},
                 {"x.PpM", 1, TSR_IO_PNM},    {"pnm", 1, TSR_IO_PNM},
                 {"x.pam", 1, TSR_IO_PAM},    {"x.png.tsr", 0, TSR_IO_PNG},
                 {"a.png/x", 0, TSR_IO_PNG},  {"dir/png", 0, TSR_IO_PNG},
                 {"x.jpegx", 0, TSR_IO_JPEG}, {"", 0, TSR_IO_PNG},
                 {"x.", 0, TSR_IO_PNG}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tsr_io_format format;
        int known = tsr_io_format_by_name(cases[i].name, &format);
        CU_ASSERT_EQUAL(known, cases[i].known);
        if (known) CU_ASSERT_EQUAL(format, cases[i].format);
    }
}

TSR_TEST_MAIN("picture formats", {"PNG, PNM, PAM round trips are exact", test_lossless_round_trips},
              {"16-bit samples are in host order", test_sixteen_bits_are_host_order},
              {"JPEG round trips keep shape and full chroma", test_jpeg_round_trips},
              {"what a format cannot hold is refused with a hint", test_refused_kinds},
              {"PNG: every colour type, depth, tRNS, interlacing", test_png_kinds},
              {"JPEG: grey, YCbCr, RGB, progressive, arithmetic", test_jpeg_kinds},
              {"JPEG: CMYK is refused", test_jpeg_cmyk_is_refused},
              {"format by name", test_format_names})
