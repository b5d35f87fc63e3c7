/* test_io_pnm.c - the Netpbm formats: headers in all spellings, every maxval, and what is not
 * legal. */
#include <math.h>
#include <stdio.h>

#include "io_test.h"

static tsr_status read_text(const char *text, size_t n, tsr_image *im, tsr_diag *d) {
    return io_test_read(text, n, NULL, im, d);
}

/* ---------------------------------------------------------------- legal files */

typedef struct legal {
    const char *file;
    size_t size;
    unsigned w, h, channels, depth, first, last;
} legal;
#define FILE_TEXT(s) (s), sizeof(s) - 1

static void test_legal_files(void) {
    static const legal cases[] = {
        {FILE_TEXT("P5\n2 1\n255\n\x10\x20"), 2, 1, 1, 8, 16, 32},
        {FILE_TEXT("P5 # one\n#two\n 2#three\n1 255\n\x10\x20"), 2, 1, 1, 8, 16, 32},
        {FILE_TEXT("P5 1 2 255#four\n\n#"), 1, 2, 1, 8, '\n', '#'},
        {FILE_TEXT("P6\r1 1\t255 abc"), 1, 1, 3, 8, 'a', 'c'},
        {FILE_TEXT("P2 2 2 255\n0 1\n2 255"), 2, 2, 1, 8, 0, 255},
        {FILE_TEXT("P2 2 2 255\n0 1 # half\n2 255\n"), 2, 2, 1, 8, 0, 255},
        {FILE_TEXT("P3 1 1 65535\n1 2 65535\n"), 1, 1, 3, 16, 1, 65535},
        {FILE_TEXT("P3 1 1 1\n0 1 1\n"), 1, 1, 3, 8, 0, 255},
        {FILE_TEXT("P5 1 1 65535 \x12\x34"), 1, 1, 1, 16, 0x1234, 0x1234},
        {FILE_TEXT("P5 1 1 256 \x01\x00"), 1, 1, 1, 16, 65535, 65535},
        {FILE_TEXT("P5 1 1 255 Atail"), 1, 1, 1, 8, 'A', 'A'},
        {FILE_TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\nAB"), 1, 1, 2, 8, 'A', 'B'},
        {FILE_TEXT("P7\n# x\nDEPTH 1\nTUPLTYPE BLACKANDWHITE\nMAXVAL 1\n\nHEIGHT 1\nWIDTH 2\n"
                   "ENDHDR\n\0\x01"),
         2, 1, 1, 8, 0, 255},
        {FILE_TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
                   "\0\1\0\2\0\3\0\4"),
         1, 1, 4, 16, 1, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const legal *c = &cases[i];
        tsr_image im;
        tsr_diag d;
        CU_ASSERT_EQUAL_FATAL(read_text(c->file, c->size, &im, &d), TSR_OK);
        CU_ASSERT(im.width == c->w && im.height == c->h && im.channels == c->channels &&
                  im.depth == c->depth);
        size_t n = (size_t)c->w * c->h * c->channels - 1;
        CU_ASSERT_EQUAL(c->depth == 8 ? *(uint8_t *)im.pixels : *(uint16_t *)im.pixels, c->first);
        CU_ASSERT_EQUAL(c->depth == 8 ? ((uint8_t *)im.pixels)[n] : ((uint16_t *)im.pixels)[n],
                        c->last);
        tsr_image_free(&im);
    }
}

/* ---------------------------------------------------------------- maxval */

/* A raw PGM row with samples 0, 1, ..., maxval. */
static tsr_blob ladder(unsigned maxval) {
    tsr_blob b = {malloc(64 + 2 * ((size_t)maxval + 1)), 0};
    if (!b.data) abort();
    b.size = (size_t)sprintf((char *)b.data, "P5 %u 1 %u\n", maxval + 1, maxval);
    for (unsigned v = 0; v <= maxval; v++) {
        if (maxval > 255) b.data[b.size++] = (uint8_t)(v >> 8);
        b.data[b.size++] = (uint8_t)v;
    }
    return b;
}

static void check_ladder(unsigned maxval) {
    tsr_blob file = ladder(maxval);
    tsr_image im;
    tsr_diag d;
    unsigned wrong = 0;
    CU_ASSERT_EQUAL_FATAL(tsr_image_read(file.data, file.size, NULL, &im, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(im.depth, maxval > 255 ? 16 : 8);
    for (unsigned v = 0; v <= maxval; v++) {
        unsigned got = im.depth == 8 ? ((uint8_t *)im.pixels)[v] : ((uint16_t *)im.pixels)[v];
        double exact = (double)v * (im.depth == 8 ? 255 : 65535) / maxval;
        wrong += got != (unsigned)floor(exact + 0.5);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    tsr_image_free(&im);
    tsr_blob_free(&file);
}

static void test_every_maxval(void) {
    for (unsigned m = 1; m <= 300; m++) check_ladder(m);
    static const unsigned wide[] = {1000, 1023, 4095, 16383, 32767, 32768, 65534, 65535};
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) check_ladder(wide[i]);
}

/* ---------------------------------------------------------------- files that are not legal */

typedef struct illegal {
    const char *file;
    size_t size;
    tsr_status status;
    uint64_t offset;
} illegal;

static void test_illegal_files(void) {
    static const illegal cases[] = {
        {FILE_TEXT("P5x 1 1 255 A"), TSR_ERR_FORMAT, 2},
        {FILE_TEXT("P5 1x1 255 A"), TSR_ERR_FORMAT, 4},
        {FILE_TEXT("P5 -1 1 255 A"), TSR_ERR_FORMAT, 3},
        {FILE_TEXT("P5 0 1 255 A"), TSR_ERR_FORMAT, TSR_NO_OFFSET},
        {FILE_TEXT("P5 1 1 0 A"), TSR_ERR_FORMAT, TSR_NO_OFFSET},
        {FILE_TEXT("P5 1 1 65536 AA"), TSR_ERR_FORMAT, TSR_NO_OFFSET},
        {FILE_TEXT("P5 99999999999 1 255 A"), TSR_ERR_FORMAT, 3},
        {FILE_TEXT("P5 1073741824 1 255 A"), TSR_ERR_LIMIT, TSR_NO_OFFSET},
        {FILE_TEXT("P6 1073741823 1073741823 65535 A"), TSR_ERR_TRUNCATED, 32},
        {FILE_TEXT("P3 1073741823 1073741823 65535 1"), TSR_ERR_TRUNCATED, 32},
        {FILE_TEXT("P5 2 1 100 \x20\x65"), TSR_ERR_FORMAT, 12},
        {FILE_TEXT("P5 2 1 1000 \0\1\3\xe9"), TSR_ERR_FORMAT, 14},
        {FILE_TEXT("P2 2 1 255 7 256"), TSR_ERR_FORMAT, 16},
        {FILE_TEXT("P2 2 1 255 7 -1"), TSR_ERR_FORMAT, 13},
        {FILE_TEXT("P2 2 1 255 7 # 1"), TSR_ERR_TRUNCATED, 16},
        {FILE_TEXT("P7 \nWIDTH 1\n"), TSR_ERR_FORMAT, 2},
        {FILE_TEXT("P7\nWIDTH 1\nWIDTH 1\n"), TSR_ERR_FORMAT, 11},
        {FILE_TEXT("P7\nWIDTH\n1\n"), TSR_ERR_FORMAT, 3},
        {FILE_TEXT("P7\nDEEPTH 1\n"), TSR_ERR_FORMAT, 3},
        {FILE_TEXT("P7\nWIDTH 1\nENDHDR\nA"), TSR_ERR_FORMAT, 18},
        {FILE_TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\nABC"),
         TSR_ERR_FORMAT, 48},
        {FILE_TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE CMY\nENDHDR\nABC"),
         TSR_ERR_UNSUPPORTED, 48},
        {FILE_TEXT("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nABCDE"),
         TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tsr_image im;
        tsr_diag d;
        tsr_status st = read_text(cases[i].file, cases[i].size, &im, &d);
        if (st != cases[i].status || d.offset != cases[i].offset)
            printf("\n    case %zu: status %d, offset %lld: %s", i, (int)st, (long long)d.offset,
                   d.text);
        CU_ASSERT_EQUAL(st, cases[i].status);
        CU_ASSERT_EQUAL(d.offset, cases[i].offset);
        CU_ASSERT(io_test_clean_failure(st, &im, &d, cases[i].size));
    }
}

TSR_TEST_MAIN("Netpbm", {"headers and samples in all legal spellings", test_legal_files},
              {"every maxval is stretched with exact rounding", test_every_maxval},
              {"illegal files: class and offset", test_illegal_files})
