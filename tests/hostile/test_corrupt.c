/* test_corrupt.c - damaged streams: a clean refusal or a picture, within the limits, never a crash.
 *
 *     test_corrupt FOLDER [CASES [SEED [LAST]]]
 *
 * For each *.tsr of FOLDER: every cut, and CASES random damages (100 unless told). Half of the
 * damages leave the checksums wrong; the others hit the contents of chunks and put sizes and
 * checksums right again, so that they reach the decoders inside. Partial decoding of cuts is tried
 * for every length when CASES is 1000 or more, else for some of them. Case i depends on SEED, i and
 * the file only; LAST is a file that keeps the input being tried.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <tessera/builtin.h>
#include <tessera/model.h>

#include "codec_test.h"
#include "container.h"
#include "golden_file.h"
#include "tsr_test.h"

/* Sanitizers do, as gcc and clang tell. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define KEEPS_FREED_MEMORY
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(KEEPS_FREED_MEMORY)
#define KEEPS_FREED_MEMORY
#endif

enum { MAX_CHUNKS = 24, MAX_MEMORY = 64 << 20, MAX_PIXELS = 1 << 16, MAX_EDIT = 24 };

static golden_file file[GOLDEN_MAX];
static int files;
static unsigned long cases = 100, seed = 1;
static const char *last;
static tsr_context *ctx;
static const char *folder; /* of the streams, and of the models that some need */

static struct {
    unsigned long pictures, refusals, inside; /* inside: pictures from damaged contents */
} tally;

/* ---------------------------------------------------------------- one input */

static void keep(const uint8_t *data, size_t size) {
    FILE *f = last ? fopen(last, "wb") : NULL;
    if (!f) return;
    fwrite(data, 1, size, f);
    fclose(f);
}

static uint64_t sum_of_parts(const tsr_info *info) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < info->n_parts; i++) sum += info->parts[i].bytes;
    return sum;
}

static volatile uint32_t sink; /* so that no compiler leaves the reading out */

/* Looks at every sample, so that a tool would notice any that was not written. */
static int all_samples_there(const tsr_image *im) {
    uint32_t sum = 0;
    size_t n = tsr_image_bytes(im);
    for (size_t i = 0; i < n; i++) sum = sum * 31 + ((const uint8_t *)im->pixels)[i];
    sink = sum;
    return im->width && im->height && im->channels >= 1 && im->channels <= 4 &&
           (uint64_t)im->width * im->height <= MAX_PIXELS;
}

/* Decodes; true when a picture came out. */
static int try_decode(const uint8_t *data, size_t size, int partial) {
    tsr_image im;
    tsr_decode_report r = {0};
    tsr_diag d;
    keep(data, size);
    tsr_status s = codec_test_decode(ctx, data, size, partial, &im, &r, &d);
    int good =
        s ? codec_test_clean_failure(s, &im, &d, size) && s != TSR_ERR_INTERNAL && s != TSR_ERR_ABI
          : all_samples_there(&im) && r.peak_memory <= MAX_MEMORY &&
                r.layers_decoded <= r.layers_total;
    if (!good) printf("status %d: %s\n", s, d.text);
    CU_ASSERT(good);
    tally.pictures += !s;
    tally.refusals += s != TSR_OK;
    tsr_image_free(&im);
    return !s;
}

static void try_inspect(const uint8_t *data, size_t size) {
    tsr_info info;
    tsr_diag d;
    tsr_status s = codec_test_inspect(ctx, data, size, &info, &d);
    CU_ASSERT(s ? d.status == s && d.text[0] && !strchr(d.text, '\n')
                : sum_of_parts(&info) == size);
}

/* ---------------------------------------------------------------- cuts */

static void test_cuts(void) {
    for (int i = 0; i < files; i++) {
        const tsr_blob *b = &file[i].data;
        size_t stride = cases < 1000 && b->size > 20 ? b->size / 20 : 1;
        for (size_t n = 0; n < b->size; n++) {
            CU_ASSERT_FALSE(try_decode(b->data, n, 0));
            if (n % stride == 0 || n < 8) try_decode(b->data, n, 1);
            try_inspect(b->data, n);
        }
    }
    CU_ASSERT(tally.pictures > 0);
}

/* ---------------------------------------------------------------- damages */

/* Bytes with room for MAX_EDIT more at every edit. */
typedef struct bytes {
    uint8_t *data;
    size_t size, room;
} bytes;

static bytes bytes_new(const uint8_t *data, size_t size, unsigned edits) {
    bytes b = {malloc(size + edits * MAX_EDIT + 1), size, size + edits * MAX_EDIT};
    if (!b.data) abort();
    if (size) memcpy(b.data, data, size);
    return b;
}

static void splice(bytes *b, size_t at, size_t gone, const uint8_t *in, size_t n) {
    memmove(b->data + at + n, b->data + at + gone, b->size - at - gone);
    memcpy(b->data + at, in, n);
    b->size = b->size - gone + n;
}

/* One flip, overwritten run, insertion, deletion, or value on a boundary. */
static void edit(bytes *b, uint64_t *r) {
    static const uint8_t edge[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    uint8_t noise[MAX_EDIT];
    for (int i = 0; i < MAX_EDIT; i++) noise[i] = (uint8_t)test_random(r);
    size_t at = b->size ? test_random_below(r, (uint32_t)b->size) : 0,
           n = 1 + test_random_below(r, MAX_EDIT);
    size_t rest = b->size - at < n ? b->size - at : n;
    switch (test_random_below(r, 6)) {
    case 0:
        if (b->size) b->data[at] = edge[noise[0] % 6];
        break;
    case 1:
        splice(b, at, rest, noise, rest);
        break;
    case 2:
        splice(b, at, 0, noise, n);
        break;
    case 3:
        splice(b, at, rest, noise, 0);
        break;
    default:
        if (b->size) b->data[at] ^= (uint8_t)(1 << noise[0] % 8);
    }
}

static void blind_damage(const tsr_blob *original, uint64_t *r) {
    unsigned edits = 1 + test_random_below(r, 4);
    bytes b = bytes_new(original->data, original->size, edits);
    for (unsigned i = 0; i < edits; i++) edit(&b, r);
    try_decode(b.data, b.size, (int)test_random_below(r, 2));
    try_inspect(b.data, b.size);
    free(b.data);
}

static unsigned split(const tsr_blob *b, tsr_chunk chunk[MAX_CHUNKS]) {
    tsr_reader r = {.data = b->data, .size = b->size};
    unsigned n = 0;
    int end = 0;
    if (tsr_check_magic(&r, NULL)) return 0;
    while (n < MAX_CHUNKS && !tsr_next_chunk(&r, &chunk[n], &end, NULL) && !end) n++;
    return n;
}

/* Writes the chunks again, number `hit` with damaged contents. Rarely a chunk is left out or comes
 * twice. */
static void reassemble(const tsr_chunk *chunk, unsigned n, uint64_t *r, tsr_buffer *out) {
    unsigned hit = test_random_below(r, n), odd = test_random_below(r, 16 * n);
    tsr_put_magic(out);
    for (unsigned i = 0; i < n; i++) {
        unsigned edits = i == hit ? 1 + test_random_below(r, 3) : 0;
        bytes b = bytes_new(chunk[i].data, chunk[i].size, edits);
        for (unsigned k = 0; k < edits; k++) edit(&b, r);
        if (odd != i) tsr_put_chunk(out, chunk[i].type, b.data, b.size);
        if (odd == n + i) tsr_put_chunk(out, chunk[i].type, b.data, b.size);
        free(b.data);
    }
}

static void informed_damage(const tsr_blob *original, uint64_t *r) {
    tsr_chunk chunk[MAX_CHUNKS];
    tsr_buffer b = {0};
    unsigned n = split(original, chunk);
    CU_ASSERT_FATAL(n >= 2);
    reassemble(chunk, n, r, &b);
    tally.inside += (unsigned long)try_decode(b.data, b.size, (int)test_random_below(r, 2));
    try_inspect(b.data, b.size);
    tsr_buffer_free(&b);
}

static void test_damages(void) {
    for (int i = 0; i < files; i++)
        for (unsigned long k = 0; k < cases; k++) {
            uint64_t r = (uint64_t)seed << 40 ^ (uint64_t)k << 8;
            for (const char *c = file[i].name; *c; c++) r = r * 31 + (uint8_t)*c;
            unsigned before = CU_get_number_of_failures();
            if (k & 1)
                informed_damage(&file[i].data, &r);
            else
                blind_damage(&file[i].data, &r);
            if (CU_get_number_of_failures() != before)
                printf("%s, case %lu of seed %lu\n", file[i].name, k, seed);
        }
    /* that many would not come through if checksums stopped them */
    CU_ASSERT(tally.inside > (unsigned long)files * cases / 8);
}

/* ---------------------------------------------------------------- the program */

static void open_context(void) {
    tsr_config cfg = {.struct_size = sizeof cfg,
                      .threads = 1,
                      .cpu_mask = UINT32_MAX,
                      .max_pixels = MAX_PIXELS,
                      .max_memory = MAX_MEMORY};
    CU_ASSERT_FATAL(files > 0);
    CU_ASSERT_EQUAL_FATAL(tsr_context_new(&ctx, &cfg, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_register_builtin(ctx, NULL), TSR_OK);
    CU_ASSERT_EQUAL_FATAL(tsr_set_model_path(ctx, folder, NULL), TSR_OK);
}

/* The whole process has stayed near the limit; sanitizers keep freed memory, so only without them.
 */
static void close_context(void) {
    struct rusage u;
    tsr_context_free(ctx);
#if !defined(KEEPS_FREED_MEMORY)
    CU_ASSERT_EQUAL(getrusage(RUSAGE_SELF, &u), 0);
    CU_ASSERT(u.ru_maxrss < (MAX_MEMORY + (64 << 20)) / 1024);
#else
    (void)u;
#endif
    printf("%lu pictures (%lu from damaged contents), %lu refusals ", tally.pictures, tally.inside,
           tally.refusals);
}

int main(int argc, char **argv) {
    CU_TestInfo tests[] = {{"open", open_context},
                           {"every cut", test_cuts},
                           {"damages", test_damages},
                           {"close", close_context},
                           CU_TEST_INFO_NULL};
    if (argc < 2 || argc > 5) {
        fprintf(stderr, "usage: test_corrupt FOLDER [CASES [SEED [LAST]]]\n");
        return 2;
    }
    codec_test_keep_memory();
    if (argc > 2) cases = strtoul(argv[2], NULL, 10);
    if (argc > 3) seed = strtoul(argv[3], NULL, 10);
    if (argc > 4) last = argv[4];
    folder = argv[1];
    files = golden_read(folder, file);
    int failed = files < 0 ? 2 : tsr_test_run("hostile streams", tests);
    golden_free(file, files);
    return failed;
}
