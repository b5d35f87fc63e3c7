/* fuzz_decode.c - any bytes as a stream: no crash, no leak, failures own nothing and say one line,
 * the parts of what can be inspected add up. Tried a second time with the checksums put right, or
 * hardly any damage would come past them. Models that streams name are in TESSERA_MODEL_PATH. */
#include <stdlib.h>
#include <string.h>

#include <tessera/builtin.h>
#include <tessera/model.h>

#include "container.h"
#include "crc32c.h"
#include "fuzz.h"

enum { MAX_MEMORY = 64 << 20, MAX_PIXELS = 1 << 16 };

static void require(int condition) {
    if (!condition) abort();
}

static void check_failure(tsr_status s, const tsr_diag *d, size_t size) {
    require(s < 0 && s != TSR_ERR_INTERNAL && s != TSR_ERR_ABI);
    require(d->status == s && d->text[0] && !strchr(d->text, '\n'));
    require(d->offset == TSR_NO_OFFSET || d->offset <= size);
}

static void try_decode(tsr_context *ctx, const uint8_t *data, size_t size, uint32_t partial,
                       uint32_t reduce) {
    tsr_image im;
    tsr_decode_report r = {0};
    tsr_decode_options o;
    tsr_diag d;
    tsr_decode_options_init(&o);
    o.allow_partial = partial;
    o.reduce = reduce;
    tsr_status s = tsr_decode(ctx, data, size, &o, &im, &r, &d);
    if (s) {
        check_failure(s, &d, size);
        require(!im.pixels && !im.icc.data && !im.exif.data);
        return;
    }
    require((uint64_t)im.width * im.height <= MAX_PIXELS && r.peak_memory <= MAX_MEMORY);
    tsr_image_free(&im);
}

static void try_inspect(tsr_context *ctx, const uint8_t *data, size_t size) {
    tsr_info info;
    tsr_diag d;
    tsr_status s = tsr_inspect(ctx, data, size, &info, &d);
    if (s) {
        check_failure(s, &d, size);
        return;
    }
    uint64_t sum = 0;
    for (uint32_t i = 0; i < info.n_parts; i++) sum += info.parts[i].bytes;
    require(sum == size);
}

static void try_stream(const uint8_t *data, size_t size) {
    tsr_context *ctx = NULL;
    tsr_config cfg = {.struct_size = sizeof cfg,
                      .threads = 1,
                      .cpu_mask = UINT32_MAX,
                      .max_pixels = MAX_PIXELS,
                      .max_memory = MAX_MEMORY};
    require(!tsr_context_new(&ctx, &cfg, NULL) && !tsr_register_builtin(ctx, NULL));
    require(!tsr_set_model_path(ctx, getenv("TESSERA_MODEL_PATH"), NULL));
    try_decode(ctx, data, size, 0, 0);
    try_decode(ctx, data, size, 1, 0);
    try_decode(ctx, data, size, 1, 1);
    try_inspect(ctx, data, size);
    tsr_context_free(ctx);
}

/* Computes the checksum of every whole chunk anew. */
static void repair(uint8_t *data, size_t size) {
    tsr_reader r = {.data = data, .size = size, .pos = TSR_MAGIC_SIZE + 1};
    while (size > r.pos && size - r.pos > 5) {
        size_t start = r.pos;
        tsr_get_u8(&r);
        uint64_t n = tsr_get_varint(&r);
        if (r.failed || n > size - r.pos || size - r.pos - n < 4) return;
        r.pos += (size_t)n;
        uint32_t crc = tsr_crc32c(0, data + start, r.pos - start);
        for (int i = 0; i < 4; i++) data[r.pos++] = (uint8_t)(crc >> 8 * i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_stream(data, size);
    if (!size) return 0;
    uint8_t *copy = malloc(size);
    require(copy != NULL);
    memcpy(copy, data, size);
    repair(copy, size);
    if (memcmp(copy, data, size)) try_stream(copy, size);
    free(copy);
    return 0;
}
