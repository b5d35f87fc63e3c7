/* test_io_bad.c - hostile pictures: cut at every byte, damaged at random, larger than the limits.
 */
#include <zlib.h>

#include "io_test.h"

/* ---------------------------------------------------------------- small files of each format */

enum { FILES = 7 };
static const char *const file_name[FILES] = {"PNG", "PNG 16 bits", "JPEG", "JPEG grey",
                                             "PNM", "PNM 16 bits", "PAM"};

/* A small file of each format, with metadata where the format has room for it. */
static tsr_blob small_file(int i) {
    static const struct {
        tsr_io_format format;
        uint8_t channels, depth;
    } kind[FILES] = {{TSR_IO_PNG, 3, 8},  {TSR_IO_PNG, 2, 16}, {TSR_IO_JPEG, 3, 8},
                     {TSR_IO_JPEG, 1, 8}, {TSR_IO_PNM, 3, 8},  {TSR_IO_PNM, 1, 16},
                     {TSR_IO_PAM, 4, 8}};
    tsr_image im = io_test_noise(9, 7, kind[i].channels, kind[i].depth);
    im.icc = io_test_block(40, 1);
    im.exif = io_test_block(30, 2);
    tsr_blob file = io_test_encode(&im, kind[i].format);
    tsr_image_free(&im);
    return file;
}

static void test_truncated_everywhere(void) {
    for (int i = 0; i < FILES; i++) {
        tsr_blob file = small_file(i);
        for (size_t n = 0; n < file.size; n++) {
            tsr_image im;
            tsr_diag d;
            tsr_status st = io_test_read(file.data, n, NULL, &im, &d);
            if (st != TSR_ERR_TRUNCATED)
                printf("\n    %s cut to %zu of %zu: %d %s", file_name[i], n, file.size, (int)st,
                       st ? d.text : "");
            CU_ASSERT_EQUAL(st, TSR_ERR_TRUNCATED);
            CU_ASSERT(io_test_clean_failure(st, &im, &d, n));
            tsr_image_free(&im);
        }
        tsr_blob_free(&file);
    }
}

/* A plain file can lose digits of its last number unnoticed, nothing else. */
static void test_truncated_plain(void) {
    static const char text[] = "P3\n# c\n2 1\n255\n1 2 3\n4 5 6";
    for (size_t n = 0; n < sizeof text - 2; n++) {
        tsr_image im;
        tsr_diag d;
        tsr_status st = io_test_read(text, n, NULL, &im, &d);
        CU_ASSERT_EQUAL(st, TSR_ERR_TRUNCATED);
        CU_ASSERT(io_test_clean_failure(st, &im, &d, n));
        tsr_image_free(&im);
    }
}

/* Any outcome but a crash, a leak or a failure that says nothing. */
static void test_damaged_at_random(void) {
    static const tsr_io_limits limits = {1u << 20, 1u << 24};
    uint32_t state = 1, failures = 0;
    for (int i = 0; i < FILES; i++) {
        tsr_blob file = small_file(i);
        for (int round = 0; round < 2000; round++) {
            uint8_t copy[4096];
            CU_ASSERT_FATAL(file.size <= sizeof copy);
            memcpy(copy, file.data, file.size);
            for (uint32_t k = 1 + io_test_random(&state) % 4; k; k--)
                copy[io_test_random(&state) % file.size] = (uint8_t)io_test_random(&state);
            tsr_image im;
            tsr_diag d;
            tsr_status st = io_test_read(copy, file.size, &limits, &im, &d);
            if (st) CU_ASSERT(io_test_clean_failure(st, &im, &d, file.size));
            failures += st != TSR_OK;
            tsr_image_free(&im);
        }
        tsr_blob_free(&file);
    }
    CU_ASSERT(failures > 4000);
}

/* ---------------------------------------------------------------- PNG */

/* Every bit of a PNG but its signature is covered by a CRC. */
static void test_png_bit_flips(void) {
    tsr_blob file = small_file(0);
    for (size_t bit = 64; bit < file.size * 8; bit++) {
        tsr_image im;
        tsr_diag d;
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        tsr_status st = io_test_read(file.data, file.size, NULL, &im, &d);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT(io_test_clean_failure(st, &im, &d, file.size));
        CU_ASSERT(st == TSR_ERR_FORMAT || st == TSR_ERR_TRUNCATED || st == TSR_ERR_LIMIT);
        tsr_image_free(&im);
    }
    tsr_blob_free(&file);
}

static void put32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Sets the size in IHDR, with its CRC. */
static void set_png_size(tsr_blob *png, uint32_t w, uint32_t h) {
    put32(png->data + 16, w);
    put32(png->data + 20, h);
    put32(png->data + 29, (uint32_t)crc32(0, png->data + 12, 17));
}

static void check_png_size(uint32_t w, uint32_t h, const tsr_io_limits *limits, tsr_status want) {
    tsr_blob png = small_file(0);
    tsr_image im;
    tsr_diag d;
    set_png_size(&png, w, h);
    tsr_status st = io_test_read(png.data, png.size, limits, &im, &d);
    CU_ASSERT_EQUAL(st, want);
    if (st) CU_ASSERT(io_test_clean_failure(st, &im, &d, png.size));
    tsr_image_free(&im);
    tsr_blob_free(&png);
}

static void test_limits(void) {
    static const tsr_io_limits pixels = {63, 0}, fewer = {62, 0}, bytes = {0, 189}, less = {0, 188};
    for (int i = 0; i < FILES; i++) {
        tsr_blob file = small_file(i);
        tsr_image im;
        tsr_diag d;
        CU_ASSERT_EQUAL(io_test_read(file.data, file.size, &pixels, &im, &d), TSR_OK);
        tsr_image_free(&im);
        CU_ASSERT_EQUAL(io_test_read(file.data, file.size, &fewer, &im, &d), TSR_ERR_LIMIT);
        tsr_blob_free(&file);
    }
    check_png_size(9, 7, &bytes, TSR_OK);
    check_png_size(9, 7, &less, TSR_ERR_LIMIT);
    check_png_size(0, 7, NULL, TSR_ERR_FORMAT);
    check_png_size(9, 0, NULL, TSR_ERR_FORMAT);
    check_png_size(0x40000000, 1, NULL, TSR_ERR_LIMIT);
    check_png_size(0xffffffff, 0xffffffff, NULL, TSR_ERR_LIMIT);
    check_png_size(9, 8, NULL, TSR_ERR_FORMAT); /* too little image data */
    check_png_size(0x3fffffff, 0x3fffffff, &(tsr_io_limits){0, 1u << 30}, TSR_ERR_LIMIT);
}

/* A pixel that names a colour which is not there is black, as the PNG specification advises. */
static void test_png_palette_overrun(void) {
    static const uint8_t idat[] = {0x78, 0x01, 1, 2, 0, 0xfd, 0xff, 0, 7, 0, 9, 0, 8};
    uint8_t f[128] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\3\0\0";
    static const struct {
        const char *type;
        const uint8_t *body;
        uint32_t n;
    } rest[] = {{"PLTE", (const uint8_t *)"\1\2\3\4\5\6", 6},
                {"IDAT", idat, sizeof idat},
                {"IEND", idat, 0}};
    put32(f + 29, (uint32_t)crc32(0, f + 12, 17));
    size_t at = 33;
    for (int i = 0; i < 3; i++) {
        put32(f + at, rest[i].n);
        memcpy(f + at + 4, rest[i].type, 4);
        memcpy(f + at + 8, rest[i].body, rest[i].n);
        put32(f + at + 8 + rest[i].n, (uint32_t)crc32(0, f + at + 4, rest[i].n + 4));
        at += rest[i].n + 12;
    }
    tsr_image im;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(io_test_read(f, at, NULL, &im, &d), TSR_OK);
    CU_ASSERT(im.channels == 3 && !memcmp(im.pixels, "\0\0\0", 3));
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- JPEG */

/* Position of a marker's 0xff. */
static size_t find_marker(const tsr_blob *jpeg, uint8_t marker) {
    size_t at = 2;
    while (jpeg->data[at + 1] != marker)
        at += 2 + ((size_t)jpeg->data[at + 2] << 8 | jpeg->data[at + 3]);
    return at;
}

static void check_jpeg_byte(size_t offset, uint8_t marker, uint8_t value, tsr_status want) {
    tsr_blob file = small_file(2);
    tsr_image im;
    tsr_diag d;
    file.data[find_marker(&file, marker) + offset] = value;
    tsr_status st = io_test_read(file.data, file.size, &(tsr_io_limits){100000, 0}, &im, &d);
    if (st != want) printf("\n    byte %zu of marker %02x: %d %s", offset, marker, (int)st, d.text);
    CU_ASSERT_EQUAL(st, want);
    CU_ASSERT(io_test_clean_failure(st, &im, &d, file.size));
    tsr_image_free(&im);
    tsr_blob_free(&file);
}

static void test_jpeg_classes(void) {
    check_jpeg_byte(1, 0xc0, 0xc3, TSR_ERR_UNSUPPORTED); /* lossless process */
    check_jpeg_byte(4, 0xc0, 12, TSR_ERR_UNSUPPORTED);   /* 12 bits */
    check_jpeg_byte(5, 0xc0, 0xff, TSR_ERR_LIMIT);       /* 65287 rows: above the limit of pixels */
    check_jpeg_byte(6, 0xc0, 0, TSR_ERR_UNSUPPORTED);    /* no rows: DNL */
    check_jpeg_byte(8, 0xc0, 0, TSR_ERR_UNSUPPORTED);    /* no columns: the same text of libjpeg */
    check_jpeg_byte(6, 0xc0, 200, TSR_ERR_FORMAT);       /* more rows than there is data for */
    check_jpeg_byte(5, 0xda, 77, TSR_ERR_FORMAT);        /* scan of a component that is not there */
    check_jpeg_byte(3, 0xdb, 1, TSR_ERR_FORMAT);         /* marker length */
}

/* ---------------------------------------------------------------- other formats */

static void test_other_formats(void) {
    static const struct {
        const char *bytes;
        size_t size;
        tsr_status status;
        const char *text;
    } cases[] = {{"", 0, TSR_ERR_TRUNCATED, "empty"},
                 {"GIF89a", 6, TSR_ERR_UNSUPPORTED, "GIF"},
                 {"RIFF\0\0\0\0WEBPVP8 ", 16, TSR_ERR_UNSUPPORTED, "WebP"},
                 {"\0\0\0\x0cjP  \r\n\x87\n\0", 13, TSR_ERR_UNSUPPORTED, "JPEG 2000"},
                 {"\0\0\0\x1c"
                  "ftypavif",
                  12, TSR_ERR_UNSUPPORTED, "AVIF"},
                 {"P4 1 1\nx", 8, TSR_ERR_UNSUPPORTED, "PBM"},
                 {"hello, world", 12, TSR_ERR_FORMAT, "PNG"},
                 {"P8 1 1 255 x", 12, TSR_ERR_FORMAT, "PNG"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tsr_image im;
        tsr_diag d;
        tsr_status st = io_test_read(cases[i].bytes, cases[i].size, NULL, &im, &d);
        CU_ASSERT_EQUAL(st, cases[i].status);
        CU_ASSERT(io_test_clean_failure(st, &im, &d, cases[i].size));
        CU_ASSERT_PTR_NOT_NULL(strstr(d.text, cases[i].text));
    }
}

TSR_TEST_MAIN("hostile pictures", {"cut at every byte", test_truncated_everywhere},
              {"plain PPM cut at every byte", test_truncated_plain},
              {"damaged at random", test_damaged_at_random},
              {"PNG: every bit flip is found", test_png_bit_flips},
              {"limits hold before allocation", test_limits},
              {"PNG: an index outside the palette is black", test_png_palette_overrun},
              {"JPEG: class of each damage", test_jpeg_classes},
              {"formats that are not read are named", test_other_formats})
