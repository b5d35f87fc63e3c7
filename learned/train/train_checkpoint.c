/* train_checkpoint.c - all that a training needs to go on: weights, moments, position.
 *
 * Random numbers follow from the seed and the position, so there is no generator to save; tiles are
 * made anew. Layout, little-endian: "TSRK", version u32, SHA-256 of what follows; then iteration,
 * steps of the optimizer and milliseconds spent (u64 each), and blocks of u64 size and bytes: the
 * text of the options, that of the pictures, the weights, the moments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/sha256.h>

#include "train_session.h"

enum { VERSION = 2, HEAD = 8 + TSR_SHA256_BYTES, FIXED = 24, TEXT = 512 };
static const char magic[4] = {'T', 'S', 'R', 'K'};

/* What two trainings must have in common for one to continue the other: these options, */
static void signature(const train_session *s, char text[TEXT]) {
    const tsr_train_options *o = s->o;
    static const char *const stages[] = {"all", "tiles", "decoder", "joint"};
    snprintf(text, TEXT,
             "stage=%s seed=%llu width=%u blocks=%u pointwise=%u batch=%u crop=%u optimizer=%s "
             "tiles=%u refresh=%u steps=%g..%g loss=%s processes=%u codec=%.200s%s",
             stages[s->stage], (unsigned long long)o->seed, o->width, o->blocks, o->pointwise,
             o->batch, o->crop, tsr_nn_optimizer_names[tsr_nn_optim_options(s->optim)->kind],
             o->tiles, o->refresh, o->step_min, o->step_max, o->pixel_loss ? "pixels" : "bands",
             o->processes ? o->processes : 1, o->codec, o->postfilter ? " postfilter" : "");
}

/* and these pictures. */
static void pictures(const train_session *s, char text[TEXT]) {
    snprintf(text, TEXT, "data=%s val=%s", s->data->hash, s->val->hash);
}

/* ---- writing ---- */

typedef struct out_bytes {
    uint8_t *data;
    size_t size;
    tsr_status status;
} out_bytes;

static void put(out_bytes *b, const void *data, size_t size) {
    uint8_t *grown = b->status ? NULL : realloc(b->data, b->size + size);
    if (!grown) {
        b->status = TSR_ERR_MEMORY;
        return;
    }
    memcpy(grown + b->size, data, size);
    b->data = grown;
    b->size += size;
}

static void store_u64(uint8_t *p, uint64_t v) {
    for (int i = 0; i < 8; i++) p[i] = (uint8_t)(v >> 8 * i);
}

static void put_u64(out_bytes *b, uint64_t v) {
    uint8_t raw[8];
    store_u64(raw, v);
    put(b, raw, sizeof raw);
}

static void put_text(out_bytes *b, const char *text) {
    put_u64(b, strlen(text));
    put(b, text, strlen(text));
}

static void put_values(out_bytes *b, const train_session *s, const float *values) {
    uint8_t *data = NULL;
    size_t size = 0;
    if (!b->status) b->status = tsr_nn_store_save(s->store, values, &data, &size, s->diag);
    put_u64(b, size);
    put(b, data, size);
    free(data);
}

static void put_all(out_bytes *b, train_session *s) {
    uint8_t head[HEAD] = {0};
    char options[TEXT], corpus[TEXT];
    memcpy(head, magic, sizeof magic);
    head[4] = VERSION;
    signature(s, options);
    pictures(s, corpus);
    put(b, head, HEAD);
    put_u64(b, s->iteration);
    put_u64(b, tsr_nn_optim_steps(s->optim));
    put_u64(b, (uint64_t)(1000 * tsr_train_elapsed(s)));
    put_text(b, options);
    put_text(b, corpus);
    put_values(b, s, tsr_nn_store_read(s->store));
    for (uint32_t i = 0; i < tsr_nn_optim_moments(s->optim); i++)
        put_values(b, s, tsr_nn_optim_moment(s->optim, i));
}

static void hash_body(const uint8_t *file, size_t size, uint8_t hash[TSR_SHA256_BYTES]) {
    tsr_sha256 h;
    tsr_sha256_init(&h);
    tsr_sha256_update(&h, file + HEAD, size - HEAD);
    tsr_sha256_final(&h, hash);
}

tsr_status tsr_train_checkpoint_save(train_session *s) {
    out_bytes b = {0};
    char *path = tsr_train_path(s->o->model, ".ckpt");
    put_all(&b, s);
    if (!path) b.status = TSR_ERR_MEMORY;
    if (!b.status) hash_body(b.data, b.size, b.data + 8);
    tsr_status status = b.status;
    if (status)
        tsr_diag_set(s->diag, status, TSR_NO_OFFSET, "no memory for the checkpoint");
    else
        status = s->o->write(s->o->user, path, b.data, b.size, s->diag);
    free(b.data);
    free(path);
    if (!status) s->have_checkpoint = 1;
    return status;
}

/* ---- reading ---- */

typedef struct in_bytes {
    const uint8_t *data;
    size_t left;
    int bad;
} in_bytes;

static const uint8_t *get(in_bytes *b, uint64_t size) {
    const uint8_t *p = b->data;
    if (b->bad || size > b->left) {
        b->bad = 1;
        return NULL;
    }
    b->data += size;
    b->left -= (size_t)size;
    return p;
}

static uint64_t get_u64(in_bytes *b) {
    const uint8_t *p = get(b, 8);
    uint64_t v = 0;
    for (int i = 0; p && i < 8; i++) v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static tsr_status corrupt(train_session *s) {
    return tsr_diag_set(s->diag, TSR_ERR_FORMAT, TSR_NO_OFFSET, "the checkpoint is damaged");
}

static tsr_status get_values(in_bytes *b, train_session *s, float *values) {
    uint64_t size = get_u64(b);
    const uint8_t *data = get(b, size);
    if (!data) return corrupt(s);
    return tsr_nn_store_load(s->store, values, data, (size_t)size, s->diag);
}

/* The next block must be `text`; what: what it says. */
static tsr_status check_text(in_bytes *b, train_session *s, const char *text, const char *what) {
    uint64_t size = get_u64(b);
    const char *theirs = (const char *)get(b, size);
    if (!theirs || size >= TEXT) return corrupt(s);
    if (size == strlen(text) && !memcmp(theirs, text, size)) return TSR_OK;
    return tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "the checkpoint is of a training with other %s: %.*s", what, (int)size,
                        theirs);
}

static tsr_status check_signature(in_bytes *b, train_session *s) {
    char text[TEXT];
    signature(s, text);
    tsr_status status = check_text(b, s, text, "options");
    pictures(s, text);
    return status ? status : check_text(b, s, text, "pictures");
}

static tsr_status get_all(in_bytes *b, train_session *s) {
    uint64_t iteration = get_u64(b), steps = get_u64(b), milliseconds = get_u64(b);
    tsr_status status = check_signature(b, s);
    if (!status) status = get_values(b, s, tsr_nn_store_values(s->store));
    for (uint32_t i = 0; i < tsr_nn_optim_moments(s->optim) && !status; i++)
        status = get_values(b, s, tsr_nn_optim_moment(s->optim, i));
    if (!status && (b->bad || b->left)) status = corrupt(s);
    if (status) return status;
    s->iteration = iteration;
    s->seconds = (double)milliseconds / 1000;
    s->have_checkpoint = 1;
    tsr_nn_optim_set_steps(s->optim, steps);
    return TSR_OK;
}

tsr_status tsr_train_checkpoint_load(train_session *s) {
    tsr_blob file = {0};
    uint8_t hash[TSR_SHA256_BYTES];
    char *path = tsr_train_path(s->o->model, ".ckpt");
    if (!path) return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
    tsr_status status = s->o->read(s->o->user, path, &file, s->diag);
    free(path);
    if (status) return status;
    if (file.size < HEAD + FIXED || memcmp(file.data, magic, 4)) status = corrupt(s);
    if (!status && (file.data[4] != VERSION || file.data[5] || file.data[6] || file.data[7]))
        status = tsr_diag_set(s->diag, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                              "the checkpoint is of another version of Tessera");
    if (!status) {
        hash_body(file.data, file.size, hash);
        if (memcmp(hash, file.data + 8, sizeof hash)) status = corrupt(s);
    }
    if (!status) {
        in_bytes b = {file.data + HEAD, file.size - HEAD, 0};
        status = get_all(&b, s);
    }
    tsr_blob_free(&file);
    return status;
}
