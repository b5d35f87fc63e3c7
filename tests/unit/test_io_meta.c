/* test_io_meta.c - ICC profiles and EXIF blocks through PNG and JPEG, and the EXIF orientation. */
#include <zlib.h>

#include "exif.h"
#include "io_test.h"

/* ---------------------------------------------------------------- EXIF */

enum { EXIF_BYTES = 8 + 2 + 2 * 12 + 4 };

static void put(uint8_t *p, int big, int bytes, uint32_t v) {
    for (int i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> 8 * (big ? bytes - 1 - i : i));
}

/* A TIFF header, one directory with another tag and the orientation. */
static void make_exif(uint8_t *p, int big, unsigned orientation) {
    memset(p, 0, EXIF_BYTES);
    memcpy(p, big ? "MM" : "II", 2);
    put(p + 2, big, 2, 42);
    put(p + 4, big, 4, 8);
    put(p + 8, big, 2, 2);
    put(p + 10, big, 2, 0x010f);
    put(p + 12, big, 2, 2);
    put(p + 22, big, 2, 0x0112);
    put(p + 24, big, 2, 3);
    put(p + 26, big, 4, 1);
    put(p + 30, big, 2, orientation);
}

static void test_orientation(void) {
    uint8_t exif[EXIF_BYTES];
    for (int big = 0; big <= 1; big++)
        for (unsigned o = 0; o <= 9; o++) {
            make_exif(exif, big, o);
            CU_ASSERT_EQUAL(tsr_exif_orientation(exif, sizeof exif), o >= 1 && o <= 8 ? o : 0);
        }
}

/* Cut blocks end in heap memory of exactly their size: a sanitizer sees any byte read beyond. */
static void test_unsound_exif(void) {
    uint8_t exif[EXIF_BYTES];
    for (size_t n = 0; n < EXIF_BYTES; n++) {
        make_exif(exif, n & 1, 6);
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, exif, n);
        CU_ASSERT_EQUAL(tsr_exif_orientation(cut, n), n >= 34 ? 6 : 0);
        free(cut);
    }
    static const struct {
        int at, bytes;
        uint32_t value;
    } damage[] = {{0, 2, 0x4949},     {2, 2, 43},      {4, 4, 0xffffffff}, {4, 4, EXIF_BYTES - 1},
                  {8, 2, 1},          {22, 2, 0x0113}, {24, 2, 4},         {26, 4, 2},
                  {4, 4, 0xfffffffe}, {30, 2, 0x0600}};
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        make_exif(exif, 1, 6);
        put(exif + damage[i].at, 1, damage[i].bytes, damage[i].value);
        CU_ASSERT_EQUAL(tsr_exif_orientation(exif, sizeof exif), 0);
    }
}

/* ---------------------------------------------------------------- through a file */

static void metadata_round_trip(tsr_io_format format, size_t icc_bytes, unsigned channels) {
    tsr_image im = io_test_noise(5, 4, channels, 8), back;
    uint8_t exif[EXIF_BYTES];
    tsr_diag d;
    make_exif(exif, 1, 6);
    if (icc_bytes) im.icc = io_test_block(icc_bytes, 9);
    CU_ASSERT_EQUAL_FATAL(tsr_blob_copy(&im.exif, exif, sizeof exif), TSR_OK);
    tsr_blob file = io_test_encode(&im, format);
    CU_ASSERT_EQUAL_FATAL(io_test_read(file.data, file.size, NULL, &back, &d), TSR_OK);
    CU_ASSERT(io_test_same_blob(&im.icc, &back.icc));
    CU_ASSERT(io_test_same_blob(&im.exif, &back.exif));
    CU_ASSERT_EQUAL(back.orientation, 6);
    tsr_image_free(&back);
    tsr_blob_free(&file);
    tsr_image_free(&im);
}

/* Random bytes: a profile is carried verbatim whether or not it is sound. */
static void test_metadata_round_trips(void) {
    static const size_t sizes[] = {0, 1, 560, 65519, 65520, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        metadata_round_trip(TSR_IO_PNG, sizes[i], 3);
        metadata_round_trip(TSR_IO_PNG, sizes[i], 1);
        metadata_round_trip(TSR_IO_JPEG, sizes[i], 3);
    }
}

static void test_too_much_metadata(void) {
    tsr_image im = io_test_noise(2, 2, 3, 8);
    tsr_blob out;
    tsr_diag d;
    im.exif = io_test_block(65528, 1);
    CU_ASSERT_EQUAL(tsr_image_write(&im, TSR_IO_JPEG, &out, &d), TSR_ERR_UNSUPPORTED);
    im.exif.size--;
    CU_ASSERT_EQUAL(tsr_image_write(&im, TSR_IO_JPEG, &out, &d), TSR_OK);
    tsr_blob_free(&out);
    im.icc = io_test_block(255 * 65519 + 1, 2);
    CU_ASSERT_EQUAL(tsr_image_write(&im, TSR_IO_JPEG, &out, &d), TSR_ERR_UNSUPPORTED);
    im.icc.size--;
    CU_ASSERT_EQUAL(tsr_image_write(&im, TSR_IO_JPEG, &out, &d), TSR_OK);
    tsr_blob_free(&out);
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- ICC over several APP2 */

/* A JPEG with a profile of 150000 bytes, and where its three APP2 segments lie. */
typedef struct split_icc {
    tsr_image im;
    tsr_blob file;
    size_t at[3], size[3];
} split_icc;

static split_icc make_split_icc(void) {
    split_icc s = {.im = io_test_noise(6, 6, 3, 8)};
    s.im.icc = io_test_block(150000, 4);
    s.file = io_test_encode(&s.im, TSR_IO_JPEG);
    size_t found = 0;
    for (size_t at = 2; s.file.data[at + 1] != 0xda;) {
        size_t n = 2 + ((size_t)s.file.data[at + 2] << 8 | s.file.data[at + 3]);
        if (s.file.data[at + 1] == 0xe2 && found < 3) {
            s.at[found] = at;
            s.size[found++] = n;
        }
        at += n;
    }
    CU_ASSERT_EQUAL_FATAL(found, 3);
    return s;
}

static void free_split_icc(split_icc *s) {
    tsr_blob_free(&s->file);
    tsr_image_free(&s->im);
}

static void test_icc_markers_in_any_order(void) {
    split_icc s = make_split_icc();
    /* The first two have the same size: swap them. */
    CU_ASSERT_EQUAL_FATAL(s.size[0], s.size[1]);
    for (size_t i = 0; i < s.size[0]; i++) {
        uint8_t keep = s.file.data[s.at[0] + i];
        s.file.data[s.at[0] + i] = s.file.data[s.at[1] + i];
        s.file.data[s.at[1] + i] = keep;
    }
    tsr_image back;
    tsr_diag d;
    CU_ASSERT_EQUAL_FATAL(io_test_read(s.file.data, s.file.size, NULL, &back, &d), TSR_OK);
    CU_ASSERT(io_test_same_blob(&s.im.icc, &back.icc));
    tsr_image_free(&back);
    free_split_icc(&s);
}

static void test_icc_marker_missing_or_twice(void) {
    split_icc s = make_split_icc();
    tsr_image back;
    tsr_diag d;
    s.file.data[s.at[1] + 16] = 1; /* its index, which was 2 */
    tsr_status st = io_test_read(s.file.data, s.file.size, NULL, &back, &d);
    CU_ASSERT_EQUAL(st, TSR_ERR_FORMAT);
    CU_ASSERT(io_test_clean_failure(st, &back, &d, s.file.size));
    size_t next = s.at[1] + s.size[1];
    memmove(s.file.data + s.at[1], s.file.data + next, s.file.size - next);
    st = io_test_read(s.file.data, s.file.size - s.size[1], NULL, &back, &d);
    CU_ASSERT_EQUAL(st, TSR_ERR_FORMAT);
    CU_ASSERT(io_test_clean_failure(st, &back, &d, s.file.size));
    free_split_icc(&s);
}

/* ---------------------------------------------------------------- iCCP in PNG */

/* Puts a chunk behind IHDR. */
static tsr_blob with_chunk(const tsr_blob *png, const char *type, const uint8_t *body, size_t n) {
    tsr_blob b = {malloc(png->size + n + 12), png->size + n + 12};
    uint8_t *p = b.data + 33;
    memcpy(b.data, png->data, 33);
    put(p, 1, 4, (uint32_t)n);
    memcpy(p + 4, type, 4);
    memcpy(p + 8, body, n);
    put(p + 8 + n, 1, 4, (uint32_t)crc32(0, p + 4, (uInt)n + 4));
    memcpy(p + 12 + n, png->data + 33, png->size - 33);
    return b;
}

static void check_iccp(const uint8_t *body, size_t n, tsr_status expected) {
    tsr_image im = io_test_noise(2, 2, 3, 8), back;
    tsr_diag d;
    tsr_blob plain = io_test_encode(&im, TSR_IO_PNG);
    tsr_blob file = with_chunk(&plain, "iCCP", body, n);
    tsr_status st = io_test_read(file.data, file.size, NULL, &back, &d);
    CU_ASSERT_EQUAL(st, expected);
    if (st) CU_ASSERT(io_test_clean_failure(st, &back, &d, file.size));
    tsr_image_free(&back);
    tsr_blob_free(&file);
    tsr_blob_free(&plain);
    tsr_image_free(&im);
}

static void test_hostile_iccp(void) {
    uint8_t body[256] = "name\0";
    uLongf packed = sizeof body - 6;
    compress2(body + 6, &packed, (const Bytef *)"profile", 7, 9);
    check_iccp(body, 6 + packed, TSR_OK);
    for (size_t n = 0; n < 6 + packed; n++) check_iccp(body, n, TSR_ERR_FORMAT);
    body[5] = 1; /* a compression method nobody defined */
    check_iccp(body, 6 + packed, TSR_ERR_FORMAT);
    memset(body, 'x', 120);
    check_iccp(body, 120, TSR_ERR_FORMAT);
}

/* 65 MiB of zeros in 64 KiB. */
static void test_iccp_bomb(void) {
    size_t n = (size_t)65 << 20;
    uint8_t *zeros = calloc(n, 1);
    uLongf packed = compressBound((uLong)n);
    uint8_t *body = calloc(packed + 3, 1);
    CU_ASSERT_FATAL(zeros && body);
    body[0] = 'x';
    CU_ASSERT_EQUAL_FATAL(compress2(body + 3, &packed, zeros, (uLong)n, 1), Z_OK);
    free(zeros);
    check_iccp(body, packed + 3, TSR_ERR_LIMIT);
    free(body);
}

TSR_TEST_MAIN("picture metadata", {"EXIF orientation, both byte orders", test_orientation},
              {"EXIF: cut or damaged blocks say nothing", test_unsound_exif},
              {"ICC and EXIF pass through PNG and JPEG verbatim", test_metadata_round_trips},
              {"JPEG: more metadata than fits is refused", test_too_much_metadata},
              {"JPEG: ICC segments in any order", test_icc_markers_in_any_order},
              {"JPEG: an ICC segment missing or twice", test_icc_marker_missing_or_twice},
              {"PNG: hostile iCCP", test_hostile_iccp},
              {"PNG: an iCCP that inflates without end is stopped", test_iccp_bomb})
