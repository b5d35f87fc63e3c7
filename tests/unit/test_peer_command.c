/* test_peer_command.c - pairs of external commands: their text, running them, and how they fail.
 * The coders here are cp and the like: everything they need is in every Unix. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "peer.h"
#include "test_picture.h"
#include "tsr_test.h"

/* ---------------------------------------------------------------- the text */

static tsr_peer_command parsed(const char *text) {
    tsr_peer_command c = {0};
    tsr_diag d = {0};
    if (tsr_peer_command_parse(text, &c, &d)) printf("\n    %s\n", d.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.name);
    return c;
}

static void test_text(void) {
    tsr_peer_command c = parsed("heic=heif-enc -q {q} {in} -o {out} ;; heif-convert {in} {out}");
    CU_ASSERT_STRING_EQUAL(c.name, "heic");
    CU_ASSERT_STRING_EQUAL(c.encode, "heif-enc -q {q} {in} -o {out}");
    CU_ASSERT_STRING_EQUAL(c.decode, "heif-convert {in} {out}");
    CU_ASSERT_STRING_EQUAL(c.suffix, "heic");
    CU_ASSERT_STRING_EQUAL(c.source_suffix, "png");
    CU_ASSERT_STRING_EQUAL(c.decoded_suffix, "png");
    tsr_peer_command_free(&c);
    CU_ASSERT_PTR_NULL(c.name);
    c = parsed(" my-jpeg_2 = cjpeg {in.ppm} >{out.jpg};;djpeg {in.jpg} | pnmtopng >{out.png} ");
    CU_ASSERT_STRING_EQUAL(c.name, "my-jpeg_2");
    CU_ASSERT_STRING_EQUAL(c.encode, "cjpeg {in} >{out}");
    CU_ASSERT_STRING_EQUAL(c.decode, "djpeg {in} | pnmtopng >{out}");
    CU_ASSERT_STRING_EQUAL(c.suffix, "jpg");
    CU_ASSERT_STRING_EQUAL(c.source_suffix, "ppm");
    tsr_peer_command_free(&c);
    /* what is no placeholder is the shell's */
    c = parsed("x=a=${HOME} {in} {out} {inner} {out.} ;; b {in} {out.pam}");
    CU_ASSERT_STRING_EQUAL(c.encode, "a=${HOME} {in} {out} {inner} {out.}");
    CU_ASSERT_STRING_EQUAL(c.decoded_suffix, "pam");
    tsr_peer_command_free(&c);
}

static void test_bad_text(void) {
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"heic", "there is no NAME= before the commands"},
        {"a {in} {out} ;; b=c {in} {out}", "there is no NAME= before the commands"},
        {"x=a {in} {out}", "there is no ';;' between the two commands"},
        {"x=a {in} {out} ;; b {in} {out} ;; c", "there is more than one ';;'"},
        {"=a {in} {out} ;; b {in} {out}", "the name is not made of a-z, 0-9, _ and -, or too long"},
        {"X=a {in} {out} ;; b {in} {out}",
         "the name is not made of a-z, 0-9, _ and -, or too long"},
        {"x=a {out} ;; b {in} {out}", "the encoder's command lacks {in} or {out}"},
        {"x=a {in} {out} ;; b {in}", "the decoder's command lacks {in} or {out}"},
        {"x=a {in} {out.b} ;; b {in.c} {out}", "one file is given two suffixes"},
        {"x=a {in.gif} {out} ;; b {in} {out}", "pictures are .png, .ppm, .pgm, .pnm or .pam"},
        {"x=a {in} {out} ;; b {in} {out.jpg}", "pictures are .png, .ppm, .pgm, .pnm or .pam"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[200];
        tsr_peer_command c;
        tsr_diag d = {0};
        snprintf(want, sizeof want, "%s; a pair of commands is NAME=ENCODE ;; DECODE",
                 cases[i].why);
        CU_ASSERT_EQUAL(tsr_peer_command_parse(cases[i].text, &c, &d), TSR_ERR_ARGUMENT);
        if (strcmp(d.text, want)) printf("\n    '%s': %s\n", cases[i].text, d.text);
        CU_ASSERT_STRING_EQUAL(d.text, want);
        CU_ASSERT_PTR_NULL(c.name);
    }
}

/* ---------------------------------------------------------------- running */

static char folder[200]; /* stands in for $TMPDIR; its name needs quoting */

static int entries(void) {
    int n = -2; /* . and .. */
    DIR *dir = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static void check_round_trip(const char *text, unsigned channels) {
    tsr_peer_command c = parsed(text);
    tsr_image im = test_picture(20, 15, channels, 8, 6), back = {0};
    tsr_blob b = {0};
    tsr_diag d = {0};
    tsr_status st = tsr_peer_command_encode(&c, &im, 2.5, &b, &d);
    if (!st) st = tsr_peer_command_decode(&c, &b, &back, &d);
    if (st) printf("\n    %s\n", d.text);
    CU_ASSERT_EQUAL_FATAL(st, TSR_OK);
    CU_ASSERT(test_same_pixels(&im, &back));
    CU_ASSERT_EQUAL(entries(), 0);
    tsr_image_free(&im);
    tsr_image_free(&back);
    tsr_blob_free(&b);
    tsr_peer_command_free(&c);
}

static void test_running(void) {
    check_round_trip("copy=cp {in} {out} ;; cp {in} {out}", 3);
    check_round_trip("copy=cp {in} {out} ;; cp {in} {out}", 1);
    check_round_trip("copy=cat <{in.ppm} | cat >{out.x} ;; cp {in} {out.ppm}", 3);
    check_round_trip("copy=cp {in.pam} {out}; echo noise; echo noise >&2 ;; cp {in} {out.pam}", 1);
    /* the setting arrives as a plain number, and what a command leaves beside its output goes */
    check_round_trip("copy=[ {q} = 2.5 ] && cp {in} {out} && mkdir {out}.d && touch {out}.d/x ;; "
                     "cp {in} {out}",
                     3);
}

static void check_failure(const char *text, const char *want) {
    tsr_peer_command c = parsed(text);
    tsr_image im = flat_picture(4, 4, 3, 8, 9), back = {0};
    tsr_blob b = {0};
    tsr_diag d = {0};
    tsr_status st = tsr_peer_command_encode(&c, &im, 50, &b, &d);
    if (!st) st = tsr_peer_command_decode(&c, &b, &back, &d);
    CU_ASSERT_EQUAL(st, TSR_ERR_IO);
    if (strcmp(d.text, want)) printf("\n    got '%s'\n", d.text);
    CU_ASSERT_STRING_EQUAL(d.text, want);
    CU_ASSERT_PTR_NULL(back.pixels);
    CU_ASSERT_EQUAL(entries(), 0);
    tsr_image_free(&im);
    tsr_blob_free(&b);
    tsr_peer_command_free(&c);
}

static void test_failures(void) {
    check_failure("x=echo bad >&2; echo worse >&2; exit 3; {in} {out} ;; cp {in} {out}",
                  "cmd:x encoder: exit status 3: bad");
    check_failure("x=cp {in} {out} ;; printf '\\n  \\t\\nlate\\001\\n' >&2; exit 9; {in} {out}",
                  "cmd:x decoder: exit status 9: late ");
    check_failure("x=exit 7; {in} {out} ;; cp {in} {out}", "cmd:x encoder: exit status 7");
    check_failure("x=kill -9 $$; {in} {out} ;; cp {in} {out}", "cmd:x encoder: killed by signal 9");
    check_failure("x=true {in} {out} ;; cp {in} {out}",
                  "cmd:x encoder: exit status 0, but no output");
    check_failure("x=: {in} >{out}; echo full >&2 ;; cp {in} {out}",
                  "cmd:x encoder: exit status 0, but no output: full");
}

/* What the decoder leaves is no picture. */
static void test_no_picture(void) {
    tsr_peer_command c = parsed("x=cp {in} {out} ;; head -c 20 {in} >{out}");
    tsr_image im = flat_picture(4, 4, 3, 8, 9), back = {0};
    tsr_blob b = {0};
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_peer_command_encode(&c, &im, 50, &b, &d), TSR_OK);
    CU_ASSERT_EQUAL(tsr_peer_command_decode(&c, &b, &back, &d), TSR_ERR_TRUNCATED);
    CU_ASSERT_PTR_NULL(back.pixels);
    CU_ASSERT_EQUAL(entries(), 0);
    tsr_image_free(&im);
    tsr_blob_free(&b);
    tsr_peer_command_free(&c);
}

static void test_no_folder(void) {
    tsr_peer_command c = parsed("x=cp {in} {out} ;; cp {in} {out}");
    tsr_image im = flat_picture(4, 4, 3, 8, 9);
    tsr_blob b = {0};
    tsr_diag d = {0};
    setenv("TMPDIR", "/nonexistent", 1);
    CU_ASSERT_EQUAL(tsr_peer_command_encode(&c, &im, 50, &b, &d), TSR_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(d.text, "cannot make a temporary folder"));
    setenv("TMPDIR", folder, 1);
    tsr_image_free(&im);
    tsr_peer_command_free(&c);
}

static CU_TestInfo tests[] = {{"the text of --peer-cmd", test_text},
                              {"what is wrong with a text", test_bad_text},
                              {"running", test_running},
                              {"failures", test_failures},
                              {"no picture", test_no_picture},
                              {"no temporary folder", test_no_folder},
                              CU_TEST_INFO_NULL};

int main(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/it's a $(folder) XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder) || setenv("TMPDIR", folder, 1)) return 2;
    int failed = tsr_test_run("peer command", tests);
    rmdir(folder);
    return failed;
}
