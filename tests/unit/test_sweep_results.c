/* test_sweep_results.c - rows of results on disk: cut-off lines, agreement of the files, look-up.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "sweep/sweep_csv.h"
#include "sweep/sweep_results.h"
#include "tsr_test.h"

static char dir[] = "/tmp/tessera-test-XXXXXX";
static char csv[64], jsonl[64];

static tsr_row make(const char *codec, const char *setting, const char *image, const char *key) {
    const tsr_row_subject s = {.codec = codec,
                               .setting = setting,
                               .image = image,
                               .image_sha256 = "ab",
                               .key = key,
                               .width = 100,
                               .height = 50,
                               .metrics = UINT32_MAX};
    const tsr_sweep_result r = {.bytes = 1000,
                                .metrics = {.psnr_rgb = 31.25, .psnr_y = INFINITY, .ssim = NAN},
                                .enc_s = 0.5,
                                .dec_s = 0.25,
                                .repeats = 3};
    tsr_row row;
    CU_ASSERT_FATAL(tsr_row_make(&row, &s, &r));
    return row;
}

static char *slurp(const char *path) {
    tsr_blob b = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_read_file(path, 0, &b, NULL), TSR_OK);
    char *text = calloc(b.size + 1, 1);
    if (b.size) memcpy(text, b.data, b.size);
    tsr_blob_free(&b);
    return text;
}

static void spit(const char *path, const char *text) {
    CU_ASSERT_EQUAL_FATAL(tsr_write_file(path, text, strlen(text), NULL), TSR_OK);
}

static size_t lines(const char *path) {
    char *text = slurp(path);
    size_t n = 0;
    for (const char *p = text; *p; p++) n += *p == '\n';
    free(text);
    return n;
}

static void open_results(tsr_results *r) {
    tsr_diag d;
    tsr_diag_init(&d);
    CU_ASSERT_EQUAL_FATAL(tsr_results_open(r, dir, &d), TSR_OK);
}

static void append(tsr_results *r, tsr_row row) {
    CU_ASSERT_EQUAL_FATAL(tsr_results_append(r, &row, NULL), TSR_OK);
}

/* ---------------------------------------------------------------- rows */

static void test_row(void) {
    char *text = NULL;
    size_t size = 0;
    tsr_row row = make("a:b=1,c=\"2\"", "q=50", "x\ny.png", "k");
    FILE *f = open_memstream(&text, &size);
    tsr_row_print_csv(f, &row);
    tsr_row_print_json(f, &row);
    fclose(f);
    CU_ASSERT_STRING_EQUAL(
        text,
        "\"a:b=1,c=\"\"2\"\"\",q=50,x y.png,100,50,1000,1.600000,31.2500,inf,,0.000000,0.0000,0,"
        "0.500000,0.250000,3,ok,,ab,k\n"
        "{\"codec\": \"a:b=1,c=\\\"2\\\"\", \"setting\": \"q=50\", \"image\": \"x y.png\", "
        "\"width\": 100, \"height\": 50, \"bytes\": 1000, \"bpp\": 1.600000, \"psnr_rgb\": "
        "31.2500, \"psnr_y\": null, \"ssim\": null, \"ms_ssim\": 0.000000, \"psnr_hvs\": 0.0000, "
        "\"max_error\": 0, \"enc_s\": 0.500000, \"dec_s\": 0.250000, \"repeats\": 3, "
        "\"status\": \"ok\", \"message\": \"\", \"image_sha256\": \"ab\", \"key\": \"k\"}\n");
    tsr_row back;
    CU_ASSERT_EQUAL_FATAL(tsr_row_parse(&back, text, strcspn(text, "\n")), 1);
    for (int i = 0; i < TSR_COLUMNS; i++) CU_ASSERT_STRING_EQUAL(back.field[i], row.field[i]);
    tsr_row_free(&back);
    tsr_row_free(&row);
    free(text);
}

static void test_failed_row(void) {
    const tsr_row_subject s = {.codec = "c",
                               .setting = "s",
                               .image = "i",
                               .image_sha256 = "h",
                               .key = "k",
                               .width = 4,
                               .height = 4,
                               .metrics = UINT32_MAX};
    const tsr_sweep_result r = {.status = TSR_ERR_TARGET, .message = "too \"small\"", .bytes = 9};
    tsr_row row;
    CU_ASSERT_FATAL(tsr_row_make(&row, &s, &r));
    CU_ASSERT_STRING_EQUAL(row.field[TSR_COL_STATUS], "target");
    CU_ASSERT_STRING_EQUAL(row.field[TSR_COL_MESSAGE], "too \"small\"");
    CU_ASSERT_STRING_EQUAL(row.field[TSR_COL_BYTES], "");
    CU_ASSERT_STRING_EQUAL(row.field[TSR_COL_ENC_S], "");
    CU_ASSERT_EQUAL(tsr_status_of_word("target"), TSR_ERR_TARGET);
    for (tsr_status k = 0; k >= TSR_ERR_INTERNAL; k--)
        CU_ASSERT_EQUAL(tsr_status_of_word(tsr_status_word(k)), k);
    tsr_row_free(&row);
}

static void test_bad_lines(void) {
    static const char *const bad[] = {"",
                                      "a,b",
                                      "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s",
                                      "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u",
                                      "\"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t",
                                      "a\"x\",b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t",
                                      "\"a\"x,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        tsr_row row;
        CU_ASSERT_EQUAL(tsr_row_parse(&row, bad[i], strlen(bad[i])), 0);
    }
    tsr_row row;
    CU_ASSERT_EQUAL_FATAL(tsr_row_parse(&row, ",,,,,,,,,,,,,,,,,\"\",,", 21), 1);
    CU_ASSERT_STRING_EQUAL(row.field[TSR_COL_MESSAGE], "");
    tsr_row_free(&row);
}

/* ---------------------------------------------------------------- files */

static void test_append_and_find(void) {
    tsr_results r;
    open_results(&r);
    CU_ASSERT_EQUAL_FATAL(tsr_results_begin(&r, NULL), TSR_OK);
    CU_ASSERT_EQUAL(lines(csv), 1);
    append(&r, make("c", "q=1", "a", "k1"));
    append(&r, make("c", "q=2", "a", "k2"));
    CU_ASSERT(lines(csv) == 3 && lines(jsonl) == 2);
    CU_ASSERT_PTR_NULL(tsr_results_find(&r, "c", "q=1", "a")); /* not indexed yet */
    CU_ASSERT_EQUAL(tsr_results_index(&r, NULL), TSR_OK);
    CU_ASSERT_PTR_NOT_NULL(tsr_results_find(&r, "c", "q=1", "a"));
    tsr_results_close(&r);
    open_results(&r);
    const tsr_kept_row *k = tsr_results_find(&r, "c", "q=2", "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(k);
    CU_ASSERT_STRING_EQUAL(k->row.field[TSR_COL_KEY], "k2");
    CU_ASSERT_PTR_EQUAL(k, tsr_results_find_key(&r, "k2"));
    CU_ASSERT_PTR_NULL(tsr_results_find(&r, "c", "q=3", "a"));
    CU_ASSERT_PTR_NULL(tsr_results_find_key(&r, "k3"));
    CU_ASSERT_EQUAL(r.changed, 0);
    tsr_results other; /* one sweep in a folder at a time */
    tsr_diag d;
    CU_ASSERT_EQUAL(tsr_results_open(&other, dir, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "another sweep"));
    tsr_results_close(&other);
    tsr_results_close(&r);
}

/* Killed at every byte of the last line, or between the two files. */
static void test_every_cut(void) {
    char *whole = slurp(csv), *whole_json = slurp(jsonl);
    size_t size = strlen(whole), last = size - 1;
    while (whole[last - 1] != '\n') last--;
    for (size_t n = last; n <= size; n++) {
        char *cut = strdup(whole);
        cut[n] = 0;
        spit(csv, cut);
        free(cut);
        tsr_results r;
        open_results(&r);
        CU_ASSERT_EQUAL(r.n, n == size ? 2 : 1);
        CU_ASSERT_EQUAL(tsr_results_begin(&r, NULL), TSR_OK);
        if (n < size) append(&r, make("c", "q=2", "a", "k2"));
        tsr_results_close(&r);
        char *now = slurp(csv), *now_json = slurp(jsonl);
        CU_ASSERT_STRING_EQUAL(now, whole);
        CU_ASSERT_STRING_EQUAL(now_json, whole_json);
        free(now);
        free(now_json);
    }
    char *cut = strdup(whole_json);
    cut[strlen(cut) - 5] = 0;
    spit(jsonl, cut);
    tsr_results r;
    open_results(&r);
    CU_ASSERT_EQUAL(tsr_results_begin(&r, NULL), TSR_OK);
    tsr_results_close(&r);
    char *now = slurp(jsonl);
    CU_ASSERT_STRING_EQUAL(now, whole_json);
    free(now);
    free(cut);
    free(whole);
    free(whole_json);
}

static void test_drop_change_add(void) {
    tsr_results r;
    open_results(&r);
    tsr_kept_row *k = tsr_results_find(&r, "c", "q=1", "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(k);
    const char *with[TSR_COLUMNS] = {[TSR_COL_IMAGE] = "b"};
    tsr_row copy;
    CU_ASSERT_FATAL(tsr_row_change(&copy, &k->row, with));
    CU_ASSERT_EQUAL(tsr_results_add(&r, &copy, NULL), TSR_OK);
    tsr_results_drop(&r, k);
    CU_ASSERT_EQUAL(tsr_results_begin(&r, NULL), TSR_OK);
    tsr_results_close(&r);
    open_results(&r);
    CU_ASSERT_EQUAL(r.n, 2);
    CU_ASSERT_PTR_NULL(tsr_results_find(&r, "c", "q=1", "a"));
    CU_ASSERT_PTR_NOT_NULL(tsr_results_find(&r, "c", "q=1", "b"));
    tsr_results_close(&r);
}

/* Of rows with the same names the last counts. */
static void test_repeated_rows(void) {
    tsr_results r;
    open_results(&r);
    CU_ASSERT_EQUAL(tsr_results_begin(&r, NULL), TSR_OK);
    append(&r, make("d", "q=1", "a", "old"));
    append(&r, make("d", "q=1", "a", "new"));
    tsr_results_close(&r);
    open_results(&r);
    const tsr_kept_row *k = tsr_results_find(&r, "d", "q=1", "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(k);
    CU_ASSERT_STRING_EQUAL(k->row.field[TSR_COL_KEY], "new");
    CU_ASSERT_PTR_NULL(tsr_results_find_key(&r, "old"));
    tsr_results_close(&r);
}

static void test_foreign_file(void) {
    tsr_results r;
    tsr_diag d;
    spit(csv, "something,else\n1,2\n");
    CU_ASSERT_EQUAL(tsr_results_open(&r, dir, &d), TSR_ERR_FORMAT);
    tsr_results_close(&r);
    char *now = slurp(csv);
    CU_ASSERT_STRING_EQUAL(now, "something,else\n1,2\n"); /* nothing was written over */
    free(now);
    unlink(csv);
    unlink(jsonl);
    rmdir(dir);
}

static void test_folder(void) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(csv, sizeof csv, "%s/results.csv", dir);
    snprintf(jsonl, sizeof jsonl, "%s/results.jsonl", dir);
    tsr_results r;
    CU_ASSERT_EQUAL(tsr_results_open(&r, "/dev/null/x", NULL), TSR_ERR_IO);
    tsr_results_close(&r);
}

TSR_TEST_MAIN("sweep results", {"a row as CSV and JSON", test_row}, {"a failure", test_failed_row},
              {"what is no row", test_bad_lines}, {"folders", test_folder},
              {"append, read, find, lock", test_append_and_find},
              {"a kill at every byte", test_every_cut}, {"drop, change, add", test_drop_change_add},
              {"repeated rows", test_repeated_rows}, {"a file of others", test_foreign_file})
