/* test_peers.c - the peers of this build: specs, round trips, order of settings, damaged bytes. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "test_picture.h"
#include "tsr_test.h"

/* A peer with the values of a spec. */
typedef struct coder {
    const tsr_peer *peer;
    tsr_value v[TSR_PEER_PARAMS];
} coder;

static coder parsed(const char *spec) {
    coder c = {0};
    tsr_diag d = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_peer_parse(spec, &c.peer, c.v, &d), TSR_OK);
    return c;
}

/* All of this build, NULL-terminated. */
static const tsr_peer *peers[8];

static void test_all_open(void) {
    tsr_diag d = {0};
    for (unsigned i = 0; tsr_peer_names[i]; i++) {
        tsr_status s = tsr_peer_find(tsr_peer_names[i], &peers[i], &d);
        if (s) printf("\n    %s\n", d.text);
        CU_ASSERT_EQUAL_FATAL(s, TSR_OK);
        CU_ASSERT_STRING_EQUAL(peers[i]->name, tsr_peer_names[i]);
    }
}

static int is_built(const char *name) {
    for (const tsr_peer *const *p = peers; *p; p++)
        if (!strcmp((*p)->name, name)) return 1;
    return 0;
}

static tsr_blob encoded(const coder *c, const tsr_image *im, double setting) {
    tsr_blob b = {0};
    tsr_diag d = {0};
    tsr_status st = c->peer->encode(im, c->v, setting, &b, &d);
    if (st) printf("\n    %s %g: %s\n", c->peer->name, setting, d.text);
    CU_ASSERT_EQUAL_FATAL(st, TSR_OK);
    CU_ASSERT_FATAL(b.size > 0);
    return b;
}

/* PSNR after a round trip; *bytes may be NULL. */
static double round_trip(const coder *c, const tsr_image *im, double setting, size_t *bytes) {
    tsr_blob b = encoded(c, im, setting);
    tsr_image back = {0};
    tsr_diag d = {0};
    CU_ASSERT_EQUAL_FATAL(c->peer->decode(&b, c->v, &back, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_peer_conform(&back, im, &d), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(back.channels, im->channels);
    double psnr = measured_psnr(im, &back);
    if (bytes) *bytes = b.size;
    tsr_image_free(&back);
    tsr_blob_free(&b);
    return psnr;
}

/* ---------------------------------------------------------------- specs */

static void check_refused(const char *spec, tsr_status want, const char *text) {
    const tsr_peer *peer;
    tsr_value v[TSR_PEER_PARAMS];
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_peer_parse(spec, &peer, v, &d), want);
    CU_ASSERT_PTR_NULL(peer);
    if (strcmp(d.text, text)) printf("\n    got '%s'\n", d.text);
    CU_ASSERT_STRING_EQUAL(d.text, text);
}

static void test_specs(void) {
    char text[100];
    coder c = parsed("jpeg");
    tsr_peer_print(c.peer, c.v, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "jpeg");
    c = parsed("jpeg:optimised=0,sub=444,progressive=on");
    tsr_peer_print(c.peer, c.v, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "jpeg:sub=444,optimised=off");
    tsr_peer_print(c.peer, c.v, text, 8);
    CU_ASSERT_STRING_EQUAL(text, "jpeg:su");
    CU_ASSERT(tsr_peer_is_spec("jpeg") && tsr_peer_is_spec("webp:z=3"));
    CU_ASSERT(!tsr_peer_is_spec("jpegs") && !tsr_peer_is_spec("wavelet"));
    check_refused("jpge", TSR_ERR_ARGUMENT,
                  "no peer 'jpge': one of jpeg, jpeg2000, webp, avif, jxl (did you mean jpeg?)");
    check_refused(
        "jpeg:subs=444", TSR_ERR_ARGUMENT,
        "'jpeg' has no parameter 'subs': one of sub, progressive, optimised (did you mean "
        "sub?)");
    check_refused("jpeg:sub=411", TSR_ERR_ARGUMENT,
                  "sub=411 is not legal: one of 420, 444, 422 (did you mean 420?)");
    check_refused("jpeg:sub", TSR_ERR_ARGUMENT, "'sub' after 'jpeg:' is not KEY=VALUE");
}

/* Every name of a peer is in this build or refused as missing, not as unknown. */
static void test_peers_left_out(void) {
    static const char *const names[] = {"jpeg", "jpeg2000", "webp", "avif", "jxl"};
    const tsr_peer *peer;
    tsr_value v[TSR_PEER_PARAMS];
    tsr_diag d;
    for (unsigned i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(tsr_peer_parse(names[i], &peer, v, &d),
                        is_built(names[i]) ? TSR_OK : TSR_ERR_UNSUPPORTED);
    CU_ASSERT(is_built("jpeg"));
}

static void test_tables(void) {
    for (const tsr_peer *const *p = peers; *p; p++) {
        char version[256] = "";
        (*p)->version(version, sizeof version);
        CU_ASSERT(strpbrk(version, "0123456789") != NULL);
        CU_ASSERT((*p)->n_defaults >= 8 && (*p)->n_params <= TSR_PEER_PARAMS);
        for (uint32_t i = 0; i < (*p)->n_defaults; i++)
            CU_ASSERT_EQUAL(tsr_peer_check_setting(*p, (*p)->defaults[i], NULL), TSR_OK);
        CU_ASSERT_EQUAL(tsr_peer_check_setting(*p, (*p)->setting_max + 1, NULL), TSR_ERR_ARGUMENT);
        CU_ASSERT_EQUAL(tsr_peer_check_setting(*p, (*p)->setting_min - 1, NULL), TSR_ERR_ARGUMENT);
        CU_ASSERT_EQUAL(tsr_peer_check_setting(*p, NAN, NULL), TSR_ERR_ARGUMENT);
        CU_ASSERT_EQUAL(tsr_peer_check_setting(*p, (*p)->setting_min + 1.5, NULL),
                        (*p)->setting_whole ? TSR_ERR_ARGUMENT : TSR_OK);
    }
}

/* ---------------------------------------------------------------- round trips */

/* The best setting of a study gives a good picture; colours that are swapped or a plane that is
 * shifted would not. */
static void check_quality(unsigned channels, uint32_t w, uint32_t h, double bar) {
    tsr_image im = test_picture(w, h, channels, 8, 5);
    for (const tsr_peer *const *p = peers; *p; p++) {
        coder c = parsed((*p)->name);
        double psnr = round_trip(&c, &im, (*p)->defaults[(*p)->n_defaults - 1], NULL);
        if (psnr < bar) printf("\n    %s: %.2f dB\n", (*p)->name, psnr);
        CU_ASSERT(psnr >= bar);
    }
    tsr_image_free(&im);
}

static void test_quality(void) {
    check_quality(3, 200, 131, 31);
    check_quality(1, 131, 97, 31);
}

static void test_tiny_pictures(void) {
    static const uint32_t side[][2] = {{1, 1}, {1, 40}, {40, 1}, {3, 5}, {17, 9}};
    for (unsigned i = 0; i < 5; i++)
        for (unsigned channels = 1; channels <= 3; channels += 2) {
            tsr_image im = flat_picture(side[i][0], side[i][1], channels, 8, 90);
            for (const tsr_peer *const *p = peers; *p; p++) {
                coder c = parsed((*p)->name);
                CU_ASSERT(round_trip(&c, &im, (*p)->defaults[(*p)->n_defaults - 1], NULL) > 40);
            }
            tsr_image_free(&im);
        }
}

/* Sizes and PSNRs rise along the settings of a study. */
static void test_order(void) {
    tsr_image im = test_picture(256, 192, 3, 8, 9);
    for (const tsr_peer *const *p = peers; *p; p++) {
        coder c = parsed((*p)->name);
        size_t bytes, last_bytes = 0;
        double last_psnr = 0;
        for (uint32_t i = 0; i < (*p)->n_defaults; i += 3) {
            double psnr = round_trip(&c, &im, (*p)->defaults[i], &bytes);
            CU_ASSERT(bytes > last_bytes && psnr > last_psnr);
            last_bytes = bytes;
            last_psnr = psnr;
        }
    }
    tsr_image_free(&im);
}

static void test_lossless(void) {
    static const char *const specs[] = {"jpeg2000:lossless=on", "webp:lossless=on,z=2",
                                        "avif:lossless=on", "jxl:lossless=on"};
    for (unsigned channels = 1; channels <= 3; channels += 2) {
        tsr_image im = test_picture(75, 50, channels, 8, 2);
        for (unsigned i = 0; i < 4; i++) {
            if (!is_built((const char[][9]){"jpeg2000", "webp", "avif", "jxl"}[i])) continue;
            coder c = parsed(specs[i]);
            CU_ASSERT(tsr_peer_lossless(c.peer, c.v));
            CU_ASSERT_EQUAL(round_trip(&c, &im, NAN, NULL), INFINITY);
        }
        tsr_image_free(&im);
    }
    coder c = parsed("jpeg");
    CU_ASSERT(!tsr_peer_lossless(c.peer, c.v));
}

/* Parameters arrive: each of these makes another file of the same picture. */
static void test_parameters(void) {
    static const char *const pairs[][2] = {
        {"jpeg", "jpeg:sub=444"},
        {"jpeg", "jpeg:sub=422"},
        {"jpeg", "jpeg:progressive=off"},
        {"jpeg:progressive=off", "jpeg:progressive=off,optimised=off"},
        {"jpeg2000", "jpeg2000:filter=53"},
        {"webp", "webp:method=0"},
        {"webp", "webp:sharp_yuv=off"},
        {"avif", "avif:speed=9"},
        {"avif", "avif:yuv=420"},
        {"jxl", "jxl:effort=3"}};
    tsr_image im = test_picture(96, 64, 3, 8, 3);
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char name[16];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(pairs[i][0], ":"), pairs[i][0]);
        if (!is_built(name)) continue;
        coder a = parsed(pairs[i][0]), b = parsed(pairs[i][1]);
        double setting = a.peer->defaults[a.peer->n_defaults / 2];
        tsr_blob x = encoded(&a, &im, setting), y = encoded(&b, &im, setting);
        CU_ASSERT(!test_same_blob(&x, &y));
        tsr_blob_free(&x);
        tsr_blob_free(&y);
    }
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- threads */

enum { THREADS = 4 };

typedef struct worker {
    pthread_t thread;
    const tsr_image *im;
    tsr_blob coded[8]; /* by each peer */
    int failed;
} worker;

static void *work(void *arg) {
    worker *w = arg;
    for (unsigned i = 0; peers[i]; i++) {
        const tsr_peer *p = peers[i];
        tsr_value v[TSR_PEER_PARAMS];
        tsr_image back = {0};
        w->failed |= tsr_peer_parse(p->name, &p, v, NULL) ||
                     p->encode(w->im, v, p->defaults[p->n_defaults / 2], &w->coded[i], NULL) ||
                     p->decode(&w->coded[i], v, &back, NULL);
        tsr_image_free(&back);
    }
    return NULL;
}

/* Several at a time make the same bytes. */
static void test_threads(void) {
    tsr_image im = test_picture(120, 90, 3, 8, 8);
    worker w[THREADS] = {{0}};
    for (int t = 0; t < THREADS; t++) {
        w[t].im = &im;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&w[t].thread, NULL, work, &w[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) pthread_join(w[t].thread, NULL);
    for (int t = 0; t < THREADS; t++) {
        CU_ASSERT(!w[t].failed);
        for (unsigned i = 0; peers[i]; i++)
            CU_ASSERT(w[t].coded[i].size && test_same_blob(&w[t].coded[i], &w[0].coded[i]));
    }
    for (int t = 0; t < THREADS; t++)
        for (unsigned i = 0; peers[i]; i++) tsr_blob_free(&w[t].coded[i]);
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- what is refused */

static void test_unfit_pictures(void) {
    for (const tsr_peer *const *p = peers; *p; p++) {
        coder c = parsed((*p)->name);
        double setting = (*p)->defaults[0];
        const unsigned kinds[][2] = {{4, 8}, {2, 8}, {3, 16}, {1, 16}};
        tsr_blob b = {0};
        for (unsigned i = 0; i < 4; i++) {
            tsr_image im = flat_picture(8, 8, kinds[i][0], kinds[i][1], 0);
            CU_ASSERT_EQUAL((*p)->encode(&im, c.v, setting, &b, NULL), TSR_ERR_UNSUPPORTED);
            CU_ASSERT_PTR_NULL(b.data);
            tsr_image_free(&im);
        }
        tsr_image im = flat_picture(8, 8, 3, 8, 0);
        CU_ASSERT_EQUAL((*p)->encode(&im, c.v, -3, &b, NULL), TSR_ERR_ARGUMENT);
        CU_ASSERT_PTR_NULL(b.data);
        tsr_image_free(&im);
    }
}

/* Decodes a heap copy, so that a sanitizer sees what is read beyond it. */
static tsr_status decode_copy(const coder *c, const uint8_t *data, size_t size, tsr_diag *d) {
    tsr_blob copy = {0};
    tsr_image im = {0};
    CU_ASSERT_EQUAL_FATAL(tsr_blob_copy(&copy, data, size), TSR_OK);
    tsr_status st = c->peer->decode(&copy, c->v, &im, d);
    if (st) CU_ASSERT_PTR_NULL(im.pixels);
    tsr_image_free(&im);
    tsr_blob_free(&copy);
    return st;
}

/* Cuts are refused, all but those in the last bytes, which may say nothing. */
static void check_cuts(const coder *c, const tsr_blob *b) {
    size_t stride = b->size / 40 + 1;
    for (size_t n = 0; n + 8 < b->size; n += stride) {
        tsr_diag d = {0};
        tsr_status st = decode_copy(c, b->data, n, &d);
        if (!st) printf("\n    %s: a cut to %zu of %zu bytes passed\n", c->peer->name, n, b->size);
        CU_ASSERT(st == TSR_ERR_TRUNCATED || st == TSR_ERR_FORMAT || st == TSR_ERR_UNSUPPORTED);
        CU_ASSERT(*d.text && !strpbrk(d.text, "\r\n"));
    }
}

/* Flipped bits: no crash. What is not refused decodes to something; the formats have no checksums.
 */
static void flip_bits(const coder *c, const tsr_blob *b) {
    uint64_t random = 11;
    for (unsigned i = 0; i < 60; i++) {
        /* the first half of the trials hits headers */
        size_t at = test_random_below(&random, (uint32_t)(i < 30 && b->size > 120 ? 120 : b->size));
        uint8_t bit = (uint8_t)(1u << test_random_below(&random, 8));
        tsr_diag d = {0};
        b->data[at] ^= bit;
        tsr_status st = decode_copy(c, b->data, b->size, &d);
        CU_ASSERT(st <= 0 && (!st || (*d.text && d.status == st)));
        b->data[at] ^= bit;
    }
}

static void test_damage(void) {
    static const uint8_t nonsense[] = "no picture at all, but long enough for every signature";
    tsr_image im = test_picture(90, 70, 3, 8, 4);
    for (const tsr_peer *const *p = peers; *p; p++) {
        coder c = parsed((*p)->name);
        tsr_diag d = {0};
        CU_ASSERT_EQUAL(decode_copy(&c, nonsense, sizeof nonsense, &d), TSR_ERR_FORMAT);
        tsr_blob b = encoded(&c, &im, (*p)->defaults[(*p)->n_defaults / 2]);
        check_cuts(&c, &b);
        flip_bits(&c, &b);
        tsr_blob_free(&b);
    }
    tsr_image_free(&im);
}

/* ---------------------------------------------------------------- conforming */

static tsr_image pixels(unsigned channels, const uint8_t *p) {
    tsr_image im = flat_picture(2, 1, channels, 8, 0);
    memcpy(im.pixels, p, 2 * channels);
    return im;
}

static void check_conform(unsigned from, const uint8_t *in, unsigned to, unsigned got,
                          const uint8_t *out) {
    tsr_image im = pixels(from, in), original = flat_picture(2, 1, to, 8, 0);
    CU_ASSERT_EQUAL(tsr_peer_conform(&im, &original, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(im.channels, got);
    CU_ASSERT(!memcmp(im.pixels, out, 2 * got));
    tsr_image_free(&im);
    tsr_image_free(&original);
}

static void test_conform(void) {
    const uint8_t grey[] = {7, 200}, rgb[] = {7, 7, 7, 200, 200, 200}, red[] = {255, 0, 0, 9, 9, 9};
    const uint8_t opaque[] = {1, 2, 3, 255, 4, 5, 6, 255}, clear[] = {1, 2, 3, 255, 4, 5, 6, 0};
    check_conform(1, grey, 3, 3, rgb);
    check_conform(3, rgb, 1, 1, grey);
    check_conform(3, red, 1, 1, (const uint8_t[]){76, 9}); /* .299 * 255 */
    check_conform(4, opaque, 3, 3, (const uint8_t[]){1, 2, 3, 4, 5, 6});
    check_conform(4, clear, 3, 4, clear);
    check_conform(3, red, 3, 3, red);
    tsr_image im = flat_picture(2, 2, 3, 8, 0), original = flat_picture(2, 1, 3, 8, 0);
    tsr_diag d = {0};
    CU_ASSERT_EQUAL(tsr_peer_conform(&im, &original, &d), TSR_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(d.text, "decoded to 2x2 pixels of 8 bits, the original has 2x1 of 8");
    tsr_image_free(&im);
    tsr_image_free(&original);
}

TSR_TEST_MAIN("peers", {"all can be opened", test_all_open}, {"specs", test_specs},
              {"peers left out", test_peers_left_out}, {"tables are in order", test_tables},
              {"good pictures at the best setting", test_quality},
              {"tiny pictures", test_tiny_pictures}, {"settings in order", test_order},
              {"lossless", test_lossless}, {"parameters have an effect", test_parameters},
              {"several at a time", test_threads},
              {"unfit pictures and settings", test_unfit_pictures},
              {"cuts and flipped bits", test_damage},
              {"decoded pictures of another kind", test_conform})
