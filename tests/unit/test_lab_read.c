/* test_lab_read.c - reading rows: CSV and JSON as written by others, cut, damaged and hostile. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/json_read.h"
#include "lab/lab.h"
#include "lab/lab_csv.h"
#include "lab/study.h"
#include "tsr_test.h"

#define HEAD  "codec,setting,image,bytes,bpp,psnr_rgb\n"
#define SIZES "codec,bytes,width,height,psnr_rgb\n"

/* Reads a copy of the text; its end is where a sanitizer would see a read beyond it. */
static tsr_status read_csv(tsr_lab *lab, const char *text, size_t size, tsr_diag *d) {
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = 0;
    tsr_diag_init(d);
    tsr_status s = tsr_lab_read_csv(lab, NULL, "rows.csv", copy, size, d);
    free(copy);
    return s;
}

/* Reads a text that must fail, with this word in the message. */
static void refuse(const char *text, tsr_status status, const char *word) {
    tsr_lab lab = {0};
    tsr_diag d;
    tsr_status s = read_csv(&lab, text, strlen(text), &d);
    CU_ASSERT_EQUAL(s, status);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, word));
    tsr_lab_free(&lab);
}

static void test_good(void) {
    tsr_lab lab = {0};
    tsr_diag d;
    static const char text[] = "\xef\xbb\xbf" HEAD "\"a \"\"b\"\", c\",q=1,x.png,100,0.5,30\r\n"
                               "\n"
                               "w,q=2,y@1/2,,0.25,nan\n"
                               "w,q=3,z@1-4.png,,0.25,\"31\"";
    CU_ASSERT_EQUAL(read_csv(&lab, text, sizeof text - 1, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(lab.n_rows, 3);
    CU_ASSERT_STRING_EQUAL(lab.rows[0].codec, "a \"b\", c");
    CU_ASSERT_EQUAL(lab.rows[0].pixels, 1600);
    CU_ASSERT_EQUAL(lab.rows[0].metric[TSR_LAB_PSNR_RGB], 30);
    CU_ASSERT_TRUE(isnan(lab.rows[0].enc_s));
    CU_ASSERT_EQUAL(lab.rows[1].scale, 0.5);
    CU_ASSERT_STRING_EQUAL(lab.rows[1].image, "y");
    CU_ASSERT_TRUE(isnan(lab.rows[1].metric[TSR_LAB_PSNR_RGB]));
    CU_ASSERT_EQUAL(lab.rows[2].scale, 0.25);
    CU_ASSERT_STRING_EQUAL(lab.rows[2].image, "z.png");
    CU_ASSERT_EQUAL(lab.rows[2].metric[TSR_LAB_PSNR_RGB], 31);
    tsr_lab_free(&lab);
}

static void test_scales(void) {
    static const struct {
        const char *image, *name;
        double scale;
    } of[] = {{"y@1/2", "y", 0.5},
              {"y@1-64.png", "y.png", 1.0 / 64},
              {"y@1/08", "y", 0.125},
              {"y@1/65", "y@1/65", 1},
              {"y@1/0", "y@1/0", 1},
              {"y@1/-5", "y@1/-5", 1},
              {"y@1/+5", "y@1/+5", 1},
              {"y@1/ 5", "y@1/ 5", 1},
              {"y@1/", "y@1/", 1},
              {"y@1/4x", "y@1/4x", 1},
              {"y@1:4", "y@1:4", 1},
              {"@1/4", "@1/4", 1},
              {"y@1/4294967297", "y@1/4294967297", 1}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        tsr_lab lab = {0};
        tsr_diag d;
        char text[200];
        int n = snprintf(text, sizeof text, HEAD "w,1,%s,,1,30\n", of[i].image);
        CU_ASSERT_EQUAL_FATAL(read_csv(&lab, text, (size_t)n, &d), TSR_OK);
        CU_ASSERT_EQUAL(lab.rows[0].scale, of[i].scale);
        CU_ASSERT_STRING_EQUAL(lab.rows[0].image, of[i].name);
        tsr_lab_free(&lab);
    }
}

static void test_bad_columns(void) {
    refuse("", TSR_ERR_FORMAT, "header");
    refuse("\n\n", TSR_ERR_FORMAT, "header");
    refuse("setting,bpp,psnr_rgb\n", TSR_ERR_FORMAT, "codec");
    refuse("codec,setting,psnr_rgb\n", TSR_ERR_FORMAT, "bpp");
    refuse("codec,setting,bpp\n", TSR_ERR_FORMAT, "quality");
}

static void test_bad_fields(void) {
    refuse(HEAD "a,q=1,x,1,0.5,30,extra\n", TSR_ERR_FORMAT, "line 2: 7 fields");
    refuse(HEAD "a,q=1,x,1,0.5\na,q=1,x,1,0.5,30\n", TSR_ERR_FORMAT, "line 2: 5 fields");
    refuse(HEAD "a,q=1,x,1,0.5x,30\n", TSR_ERR_FORMAT, "line 2, bpp: not a number");
    refuse(HEAD "a,q=1,x,1,0x10,30\n", TSR_ERR_FORMAT, "not a number");
    refuse(HEAD "a,q=1,x,1,0.5,1e9\n", TSR_ERR_FORMAT, "psnr_rgb: out of range");
    refuse(HEAD "a,q=1,x,-1,0.5,30\n", TSR_ERR_FORMAT, "bytes: out of range");
    refuse(HEAD "a,q=1,x,1,0,30\n", TSR_ERR_FORMAT, "bpp: no rate");
    refuse(HEAD "a,q=1,x,1,nan,30\n", TSR_ERR_FORMAT, "bpp: no rate");
    refuse(HEAD ",q=1,x,1,0.5,30\n", TSR_ERR_FORMAT, "codec: empty");
    refuse(SIZES "a,100,0,10,30\n", TSR_ERR_FORMAT, "bpp: no rate");
    refuse(SIZES "a,0,0,10,30\n", TSR_ERR_FORMAT, "bpp: no rate");
    refuse(SIZES "a,1e15,1,1,30\n", TSR_ERR_FORMAT, "bpp: no rate");
}

/* What a killed run left of its last line is dropped with a note; the rows before it stay. */
static void test_cut(void) {
    static const char text[] = HEAD "a,q=1,x,100,0.5,30\n\"b\",q=2,\"y\",100,0.5,30\n";
    size_t whole = sizeof text - 1, first = strlen(HEAD "a,q=1,x,100,0.5,30\n");
    for (size_t n = strlen(HEAD); n <= whole; n++) {
        tsr_lab lab = {0};
        tsr_diag d;
        CU_ASSERT_EQUAL(read_csv(&lab, text, n, &d), TSR_OK);
        CU_ASSERT_TRUE(lab.n_rows <= 2);
        if (n >= first) CU_ASSERT_TRUE(lab.n_rows >= 1);
        if (n > first + 1 && n < whole - 3) /* a lone quote is an empty line */
            CU_ASSERT_EQUAL(lab.n_notes, 1);
        tsr_lab_free(&lab);
    }
}

static void test_huge(void) {
    tsr_lab lab = {0};
    tsr_diag d;
    size_t n = 70000, head = strlen(HEAD);
    char *text = malloc(head + n + 1);
    memcpy(text, HEAD, head);
    memset(text + head, 'x', n);
    CU_ASSERT_EQUAL(read_csv(&lab, text, head + n, &d), TSR_ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "longer"));
    memset(text + head, '"', n); /* doubled quotes without end */
    CU_ASSERT_NOT_EQUAL(read_csv(&lab, text, head + n, &d), TSR_ERR_MEMORY);
    memset(text + head, ',', n);
    CU_ASSERT_EQUAL(read_csv(&lab, text, head + n, &d), TSR_ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "fields"));
    CU_ASSERT_EQUAL(read_csv(&lab, HEAD "a\0b,q,x,1,1,1\n", head + 14, &d), TSR_ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "zero byte"));
    free(text);
    tsr_lab_free(&lab);
}

/* Every single byte of a good text replaced by others: no crash, and a message with every error. */
static void test_damage(void) {
    static const char good[] = HEAD "\"a\",q=1,x,100,0.5,30\nb,q=2,y,100,0.5,30\n";
    static const char bytes[] = "\",\n\r\0\xff-9e@";
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (size_t k = 0; k < sizeof bytes; k++) {
            char text[sizeof good];
            tsr_lab lab = {0};
            tsr_diag d;
            memcpy(text, good, sizeof good);
            text[at] = bytes[k];
            tsr_status s = read_csv(&lab, text, sizeof good - 1, &d);
            if (s) CU_ASSERT_TRUE(*d.text != 0);
            if (!s) s = tsr_lab_finish(&lab, NULL, 0, &d);
            tsr_lab_free(&lab);
        }
}

/* ---------------------------------------------------------------- the set of rows */

static void finish_text(tsr_lab *lab, const char *text) {
    tsr_diag d;
    *lab = (tsr_lab){0};
    CU_ASSERT_EQUAL_FATAL(read_csv(lab, text, strlen(text), &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_lab_finish(lab, NULL, 0, &d), TSR_OK);
}

static void test_names(void) {
    tsr_lab lab;
    finish_text(&lab,
                HEAD "a,1,k01.png,1,1,30\nb,1,k01,1,1,30\na,1,x.png,1,1,30\na,1,x.jpg,1,1,30\n");
    CU_ASSERT_STRING_EQUAL(lab.rows[0].image, "k01");
    CU_ASSERT_STRING_EQUAL(lab.rows[1].image, "x.jpg");
    CU_ASSERT_STRING_EQUAL(lab.rows[2].image, "x.png");
    CU_ASSERT_STRING_EQUAL(lab.rows[3].image, "k01");
    tsr_lab_free(&lab);
}

static void test_duplicates(void) {
    tsr_lab lab;
    finish_text(&lab, "codec,setting,image,bytes,bpp,psnr_rgb,enc_s,repeats,status\n"
                      "a,1,x,100,1,30,0.9,0,ok\n"
                      "a,1,x,100,1,30,0.5,3,ok\n"
                      "a,1,x,,,,,0,internal\n"
                      "a,2,x,100,1,30,0.5,0,ok\n"
                      "a,2,x,90,0.9,30,0.5,0,ok\n");
    CU_ASSERT_EQUAL_FATAL(lab.n_rows, 2);
    CU_ASSERT_EQUAL(lab.rows[0].bytes, 90);
    CU_ASSERT_EQUAL(lab.rows[1].repeats, 3);
    CU_ASSERT_EQUAL(lab.rows[1].enc_s, 0.5);
    CU_ASSERT_EQUAL(lab.n_notes, 1); /* of the one with two sizes */
    tsr_lab_free(&lab);
}

/* A setting that misses a picture is in no mean; one that has all is the plain mean. */
static void test_means(void) {
    tsr_lab lab;
    tsr_lab_names names;
    tsr_study study;
    tsr_diag d;
    tsr_diag_init(&d);
    finish_text(&lab, HEAD
                "a,1,x,1,0.2,30\na,1,y,1,0.4,32\na,2,x,1,0.8,36\na,3,x,1,1,38\na,3,y,1,3,40\n");
    CU_ASSERT_EQUAL_FATAL(tsr_lab_names_make(&lab, &names, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_study_make(&lab, &names, TSR_LAB_PSNR_RGB, 1, &study, &d), TSR_OK);
    CU_ASSERT_EQUAL(names.n_images, 2);
    CU_ASSERT_EQUAL_FATAL(study.means[0].n, 2);
    CU_ASSERT_EQUAL(study.n_left_out[0], 1);
    CU_ASSERT_DOUBLE_EQUAL(study.means[0].points[0].bpp, 0.3, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(study.means[0].points[1].db, 39, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(tsr_lab_metric_db(TSR_LAB_MS_SSIM, 0.99), 20, 1e-9);
    CU_ASSERT_TRUE(isnan(tsr_lab_metric_db(TSR_LAB_SSIM, 1)));
    tsr_lab_free(&lab);
}

/* ---------------------------------------------------------------- JSON */

static tsr_status read_json(tsr_lab *lab, const char *text, tsr_diag *d) {
    tsr_diag_init(d);
    *lab = (tsr_lab){0};
    return tsr_lab_read_json(lab, NULL, "some/vtm.json", text, strlen(text), d);
}

static void test_json(void) {
    tsr_lab lab;
    tsr_diag d;
    CU_ASSERT_EQUAL(
        read_json(&lab,
                  "{\"name\": \"VTM\", \"description\": \"\\u00e9\\ud83d\\ude00\", "
                  "\"results\": {\"bpp\": [0.1, 0.2, NaN], \"psnr-rgb\": [30, 32.5e0, 3], "
                  "\"ms-ssim\": [0.9, 13]}}",
                  &d),
        TSR_OK);
    CU_ASSERT_EQUAL_FATAL(lab.n_rows, 2);
    CU_ASSERT_STRING_EQUAL(lab.rows[0].codec, "VTM");
    CU_ASSERT_STRING_EQUAL(lab.rows[0].image, "average");
    CU_ASSERT_EQUAL(lab.rows[1].metric[TSR_LAB_PSNR_RGB], 32.5);
    CU_ASSERT_DOUBLE_EQUAL(lab.rows[1].metric[TSR_LAB_MS_SSIM], 1 - pow(10, -1.3), 1e-12);
    tsr_lab_free(&lab);
}

static void test_bad_json(void) {
    static const char *const bad[] = {"",
                                      "{",
                                      "[1,",
                                      "{\"a\":}",
                                      "{\"a\" 1}",
                                      "\"abc",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "1.2.3",
                                      "nul",
                                      "[1] 2",
                                      "{1:2}",
                                      "[1 2]",
                                      "+1",
                                      "{}",
                                      "{\"results\": 3}",
                                      "\"\\",
                                      "[\"\x01\"]",
                                      "{\"results\":{}}",
                                      "{\"results\":{\"bpp\":3}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tsr_lab lab;
        tsr_diag d;
        CU_ASSERT_EQUAL(read_json(&lab, bad[i], &d), TSR_ERR_FORMAT);
        CU_ASSERT_TRUE(*d.text != 0);
        tsr_lab_free(&lab);
    }
    char deep[2001];
    memset(deep, '[', 2000);
    deep[2000] = 0;
    tsr_lab lab;
    tsr_diag d;
    CU_ASSERT_EQUAL(read_json(&lab, deep, &d), TSR_ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "deep"));
    tsr_lab_free(&lab);
}

TSR_TEST_MAIN("lab_read", {"quotes, line ends, missing numbers, scales", test_good},
              {"scales in names", test_scales}, {"columns that are not there", test_bad_columns},
              {"fields that are not legal", test_bad_fields}, {"cut anywhere", test_cut},
              {"huge fields, many fields, zero bytes", test_huge},
              {"damaged anywhere", test_damage}, {"names of pictures", test_names},
              {"rows that repeat others", test_duplicates}, {"mean curves", test_means},
              {"JSON of CompressAI", test_json}, {"JSON that is not", test_bad_json})
