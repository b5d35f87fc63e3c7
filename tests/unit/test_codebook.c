/* test_codebook.c - codebooks: what a set may hold, patterns, and whole pictures with every kind.
 */
#include <stdlib.h>
#include <string.h>

#include "codebook.h"
#include "codec_test.h"
#include "tsr_test.h"

enum {
    HEADER = 3 + TSR_VECTOR_CLASSES,
    TABLES = TSR_VECTOR_CLASSES *
                 (sizeof(tsr_vector_weights) + TSR_VECTOR_LEVELS + TSR_VECTOR_KINDS * TSR_BUCKETS) +
             TSR_MAX_SHAPES * TSR_VECTOR_LEVELS
};

/* Three shapes of two patterns: (0, 0, 0, 1) twice, (1, 0, 2, 0). */
static const uint8_t shapes[3][TSR_VECTOR] = {{0, 3, 0, 18}, {2, 0, 0, 14}, {16, 7, 30, 1}};

static uint8_t set[HEADER + 1 + sizeof shapes + TABLES];
#define SHAPES_AT (HEADER + 1)

static void make_set(void) {
    memset(set, 0, sizeof set);
    set[0] = 1;
    set[1] = 1;
    set[HEADER] = 3;
    memcpy(set + SHAPES_AT, shapes, sizeof shapes);
}

static tsr_status parse(tsr_codebook *cb, size_t size) {
    codec_test_job t;
    codec_test_job_open(&t, 1, 0);
    uint8_t *exact = malloc(size + 1); /* reading past the end is seen by a sanitizer */
    CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
    memcpy(exact, set, size);
    tsr_status s = tsr_codebook_parse(cb, exact, size, &t.job);
    free(exact);
    codec_test_job_close(&t);
    return s;
}

static void test_refusals(void) {
    tsr_codebook cb;
    make_set();
    CU_ASSERT_EQUAL(parse(&cb, sizeof set), TSR_OK);
    CU_ASSERT_EQUAL(cb.size, sizeof set);
    for (size_t n = 0; n < sizeof set; n += n < 200 ? 1 : 97)
        CU_ASSERT_EQUAL(parse(&cb, n), TSR_ERR_MODEL);
    static const struct {
        size_t at;
        uint8_t value;
    } damage[] = {{0, 2}, {1, 0}, {1, 200}, {2, 2}, {3, 1}, {SHAPES_AT + 3, 7}, {SHAPES_AT, 200}};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        make_set();
        set[damage[i].at] = damage[i].value;
        CU_ASSERT_EQUAL(parse(&cb, sizeof set), TSR_ERR_MODEL);
    }
}

static void test_patterns(void) {
    tsr_book b = {.shapes = 3, .shape = shapes};
    uint32_t first = 99;
    CU_ASSERT_FATAL(tsr_book_index(&b));
    CU_ASSERT_EQUAL(tsr_book_pattern(&b, (const uint32_t[]){0, 0, 0, 1}, &first), 2);
    CU_ASSERT_EQUAL(first, 0);
    CU_ASSERT_EQUAL(tsr_book_pattern(&b, (const uint32_t[]){1, 0, 2, 0}, &first), 1);
    CU_ASSERT_EQUAL(first, 2);
    CU_ASSERT_EQUAL(tsr_book_pattern(&b, (const uint32_t[]){1, 0, 2, 1}, &first), 0);
    CU_ASSERT_EQUAL(tsr_book_pattern(&b, (const uint32_t[]){0, 0, 0, 0}, &first), 0);
}

/* The table of small patterns says what the tree says. */
static void test_table(void) {
    for (unsigned which = 0; which < TSR_CODEBOOK_SETS; which++) {
        codec_test_job t;
        tsr_codebook cb;
        codec_test_job_open(&t, 1, 0);
        CU_ASSERT_EQUAL_FATAL(tsr_codebook_builtin(&cb, which, &t.job), TSR_OK);
        size_t wrong = 0, found = 0;
        for (uint32_t i = 0; i < cb.books * 10000; i++) {
            const tsr_book *b = &cb.book[i / 10000];
            uint32_t level[TSR_VECTOR] = {i / 1000 % 10, i / 100 % 10, i / 10 % 10, i % 10};
            uint32_t first = 0, searched = 0, n = tsr_book_pattern(b, level, &first);
            wrong += n != tsr_book_search(b, level, &searched) || (n && first != searched);
            found += n;
        }
        CU_ASSERT_EQUAL(wrong, 0);
        size_t all = 0;
        for (uint32_t i = 0; i < cb.books; i++) all += cb.book[i].shapes;
        CU_ASSERT_EQUAL(found, all); /* all levels are below ten */
        codec_test_job_close(&t);
    }
}

/* Every shape of the built-in sets is found under its own pattern. */
static void test_built_in(void) {
    for (unsigned which = 0; which < TSR_CODEBOOK_SETS; which++) {
        codec_test_job t;
        tsr_codebook cb;
        codec_test_job_open(&t, 1, 0);
        CU_ASSERT_EQUAL_FATAL(tsr_codebook_builtin(&cb, which, &t.job), TSR_OK);
        for (uint32_t i = 0; i < cb.books; i++) {
            CU_ASSERT(cb.book[i].shapes > 0);
            for (uint32_t k = 0; k < cb.book[i].shapes; k++) {
                uint32_t level[TSR_VECTOR], first = 0;
                for (unsigned c = 0; c < TSR_VECTOR; c++)
                    level[c] = tsr_vector_round(cb.book[i].shape[k][c]);
                uint32_t n = tsr_book_pattern(&cb.book[i], level, &first);
                CU_ASSERT(k >= first && k < first + n);
            }
        }
        codec_test_job_close(&t);
    }
}

typedef struct coded {
    tsr_blob file;
    tsr_image out;
} coded;

static coded code(const char *spec, const tsr_image *im, uint32_t threads, uint32_t cpu) {
    tsr_context *ctx = codec_test_context(threads, cpu);
    tsr_encode_options o;
    tsr_diag d;
    coded c = {{0}, {0}};
    tsr_encode_options_init(&o);
    o.spec = spec;
    o.target = TSR_TARGET_STEP;
    o.value = 24;
    CU_ASSERT_EQUAL_FATAL(tsr_encode(ctx, im, &o, &c.file, NULL, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_decode(ctx, c.file.data, c.file.size, NULL, &c.out, NULL, &d),
                          TSR_OK);
    tsr_context_free(ctx);
    return c;
}

static void release(coded *c) {
    tsr_blob_free(&c->file);
    tsr_image_free(&c->out);
}

/* The same bytes and pixels for any number of threads and instruction set; odd sizes. */
static void test_pictures(void) {
    static const char *const specs[] = {"wavelet/codebook/mix",
                                        "wavelet/codebook/adaptive",
                                        "lowpass/codebook/mix",
                                        "wavelet/codebook:kind=kmeans/mix",
                                        "identity/codebook/adaptive",
                                        "wavelet/codebook:kind=fixed/mix",
                                        "wavelet/codebook/mix:prior=on",
                                        "dct/codebook:kind=kmeans/mix:prior=on",
                                        "wavelet/codebook:kind=fixed/mix:prior=on"};
    tsr_image im = test_picture(61, 47, 3, 8, 5);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        coded a = code(specs[i], &im, 1, UINT32_MAX), b = code(specs[i], &im, 4, 0);
        CU_ASSERT_EQUAL_FATAL(a.file.size, b.file.size);
        CU_ASSERT_EQUAL(memcmp(a.file.data, b.file.data, a.file.size), 0);
        CU_ASSERT_EQUAL(memcmp(a.out.pixels, b.out.pixels, tsr_image_bytes(&a.out)), 0);
        release(&a);
        release(&b);
    }
    tsr_image_free(&im);
}

/* `levels` asks the network about levels only, as `on` once did: of vectors, nothing. */
static void test_network_of_levels(void) {
    tsr_image im = test_picture(61, 47, 3, 8, 5);
    coded none = code("wavelet/codebook/mix", &im, 1, UINT32_MAX),
          levels = code("wavelet/codebook/mix:prior=levels", &im, 1, UINT32_MAX),
          on = code("wavelet/codebook/mix:prior=on", &im, 1, UINT32_MAX);
    CU_ASSERT_EQUAL(levels.file.size, none.file.size + 1);
    CU_ASSERT_NOT_EQUAL(on.file.size, levels.file.size);
    CU_ASSERT_EQUAL(memcmp(on.out.pixels, none.out.pixels, tsr_image_bytes(&on.out)), 0);
    release(&none);
    release(&levels);
    release(&on);
    tsr_image_free(&im);
}

TSR_TEST_MAIN("codebook", {"what is refused", test_refusals}, {"patterns", test_patterns},
              {"table of patterns", test_table}, {"built-in sets", test_built_in},
              {"pictures", test_pictures}, {"network of levels", test_network_of_levels})
