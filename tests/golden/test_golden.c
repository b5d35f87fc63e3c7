/* test_golden.c - every golden stream decodes to the pixels it has always decoded to.
 *
 *     test_golden FOLDER              compares with FOLDER/manifest.txt
 *     test_golden --manifest FOLDER   prints such a manifest
 *
 * Models that streams need (*.tsm) lie in FOLDER, too.
 *
 * A line of the manifest: name, SHA-256 of the samples (16-bit ones little-endian), width, height,
 * channels, depth, canonical specification. tests/golden/make.sh makes streams and manifest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/model.h>
#include <tessera/sha256.h>

#include "codec_test.h"
#include "golden_file.h"
#include "tsr_test.h"

enum { LINE = 640 };

static const char *folder;
static golden_file file[GOLDEN_MAX];
static int files;

static void hash_pixels(const tsr_image *im, char hex[2 * TSR_SHA256_BYTES + 1]) {
    tsr_sha256 s;
    uint8_t hash[TSR_SHA256_BYTES];
    size_t n = (size_t)im->width * im->height * im->channels;
    tsr_sha256_init(&s);
    if (im->depth == 8) tsr_sha256_update(&s, im->pixels, n);
    for (size_t i = 0; i < n && im->depth == 16; i++) {
        uint16_t v = ((const uint16_t *)im->pixels)[i];
        tsr_sha256_update(&s, (uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, 2);
    }
    tsr_sha256_final(&s, hash);
    tsr_sha256_hex(hash, hex);
}

/* The manifest's line of a stream; the reason in its place when it does not decode. */
static int describe(tsr_context *ctx, const golden_file *f, char line[LINE]) {
    char hex[2 * TSR_SHA256_BYTES + 1];
    tsr_image im;
    tsr_info info;
    tsr_diag d;
    tsr_status s = codec_test_inspect(ctx, f->data.data, f->data.size, &info, &d);
    if (!s) s = codec_test_decode(ctx, f->data.data, f->data.size, 0, &im, NULL, &d);
    if (s) {
        snprintf(line, LINE, "%s: %s", f->name, d.text);
        return 0;
    }
    hash_pixels(&im, hex);
    snprintf(line, LINE, "%s %s %u %u %u %u %s", f->name, hex, im.width, im.height, im.channels,
             im.depth, info.spec);
    tsr_image_free(&im);
    return 1;
}

/* Reads the next line, without its end. */
static int next_line(FILE *f, char line[LINE]) {
    if (!f || !fgets(line, LINE, f)) return 0;
    line[strcspn(line, "\n")] = 0;
    return 1;
}

/* All streams against the manifest, in one context. */
static void compare(tsr_context *ctx) {
    char path[4096], expected[LINE], actual[LINE];
    snprintf(path, sizeof path, "%s/manifest.txt", folder);
    FILE *manifest = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL(manifest);
    CU_ASSERT(files > 0);
    for (int i = 0; i < files; i++) {
        int listed = next_line(manifest, expected);
        CU_ASSERT(describe(ctx, &file[i], actual));
        if (listed && strcmp(expected, actual))
            printf("expected %s\ngot      %s\n", expected, actual);
        CU_ASSERT(listed && !strcmp(expected, actual));
    }
    CU_ASSERT_FALSE(next_line(manifest, expected)); /* no stream is missing */
    if (manifest) fclose(manifest);
}

static tsr_context *open_context(uint32_t threads, uint32_t cpu) {
    tsr_context *ctx = codec_test_context(threads, cpu);
    if (tsr_set_model_path(ctx, folder, NULL)) abort();
    return ctx;
}

static void test_all_instructions(void) {
    tsr_context *ctx = open_context(1, UINT32_MAX);
    compare(ctx);
    tsr_context_free(ctx);
}

static void test_plain(void) {
    tsr_context *ctx = open_context(1, 0);
    compare(ctx);
    tsr_context_free(ctx);
}

static void test_threads(void) {
    tsr_context *ctx = open_context(3, TSR_CPU_AVX2);
    compare(ctx);
    tsr_context_free(ctx);
}

static int print_manifest(void) {
    tsr_context *ctx = open_context(1, UINT32_MAX);
    int ok = 1;
    for (int i = 0; i < files; i++) {
        char line[LINE];
        int good = describe(ctx, &file[i], line);
        fprintf(good ? stdout : stderr, "%s\n", line);
        ok &= good;
    }
    tsr_context_free(ctx);
    return ok ? 0 : 1;
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"on this machine", test_all_instructions},
                           {"plain C", test_plain},
                           {"threads", test_threads},
                           CU_TEST_INFO_NULL};
    int print = argc == 3 && !strcmp(argv[1], "--manifest");
    if (argc != 2 && !print) {
        fprintf(stderr, "usage: test_golden [--manifest] FOLDER\n");
        return 2;
    }
    folder = argv[argc - 1];
    files = golden_read(folder, file);
    int failed = files < 0 ? 2 : print ? print_manifest() : tsr_test_run("golden streams", tests);
    golden_free(file, files);
    return failed;
}
