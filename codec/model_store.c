/* model_store.c - the models that a context knows: adding, listing, the encoder's choice. */
#include "model_store.h"

#include <stdlib.h>
#include <string.h>

#include <tessera/filter.h>

#include "context.h"

static void entry_free(tsr_model_entry *e) {
    if (!e) return;
    free(e->source);
    free(e->owned);
    free(e);
}

void tsr_model_store_free(tsr_model_store *s) {
    for (uint32_t i = 0; i < s->n; i++) entry_free(s->entry[i]);
    free(s->entry);
    free(s->path);
    *s = (tsr_model_store){0};
}

const uint8_t *tsr_model_hash(tsr_model_entry *e) {
    tsr_sha256 h;
    if (!e->hashed) {
        tsr_sha256_init(&h);
        tsr_sha256_update(&h, e->data, e->size);
        tsr_sha256_final(&h, e->sha256);
        e->hashed = 1;
    }
    return e->sha256;
}

/* ---- adding ---- */

static tsr_model_entry *find_same(const tsr_model_store *s, const void *data, size_t size) {
    for (uint32_t i = 0; i < s->n; i++)
        if (s->entry[i]->size == size && !memcmp(s->entry[i]->data, data, size)) return s->entry[i];
    return NULL;
}

static int id_is_free(const tsr_model_store *s, uint32_t id) {
    for (uint32_t i = 0; i < s->n; i++)
        if (s->entry[i]->id == id) return 0;
    return id <= INT32_MAX;
}

/* Copies what the entry has to own. 0: no memory. */
static int keep_bytes(tsr_model_entry *e, const void *data, size_t size, const char *source,
                      int builtin) {
    e->source = strdup(source);
    e->owned = builtin ? NULL : malloc(size + 1); /* never nothing */
    e->data = builtin ? data : e->owned;
    e->size = size;
    if (!e->source || !e->data) return 0;
    if (!builtin) memcpy(e->owned, data, size);
    return 1;
}

static int append(tsr_model_store *s, tsr_model_entry *e) {
    tsr_model_entry **list = realloc(s->entry, (s->n + 1) * sizeof *list);
    if (!list) return 0;
    s->entry = list;
    list[s->n++] = e;
    return 1;
}

tsr_status tsr_model_store_add(tsr_context *ctx, const void *data, size_t size, const char *source,
                               uint32_t id, tsr_model_entry **out, tsr_diag *d) {
    tsr_model_store *store = &ctx->models;
    tsr_model_entry *e = find_same(store, data, size);
    if (out) *out = e;
    if (e) return TSR_OK;
    e = calloc(1, sizeof *e);
    tsr_status s = TSR_OK;
    if (!e || !keep_bytes(e, data, size, source, id != 0))
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a model");
    if (!s) s = tsr_model_read(&e->file, e->data, size, d);
    if (!s) tsr_model_value(&e->file, "name", e->name, sizeof e->name);
    if (!s && id && !id_is_free(store, id))
        s = tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                         "built-in model '%s': the number %u is taken or too large", e->name, id);
    if (!s) e->id = id;
    if (!s && !append(store, e))
        s = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a model");
    if (s)
        entry_free(e);
    else if (out)
        *out = e;
    return s;
}

tsr_status tsr_add_model(tsr_context *ctx, const void *data, size_t size, const char *source,
                         uint32_t id, tsr_diag *d) {
    tsr_model_entry *e;
    tsr_status s = tsr_model_store_add(ctx, data, size, source, id, &e, d);
    if (!s && !id) ctx->models.first_choice = e;
    return s;
}

/* ---- listing ---- */

uint32_t tsr_model_count(const tsr_context *ctx) {
    return ctx->models.n;
}

static void fill_info(tsr_model_entry *e, tsr_model_info *out) {
    *out = (tsr_model_info){.struct_size = sizeof *out,
                            .id = e->id,
                            .name = e->name,
                            .source = e->source,
                            .data = e->data,
                            .size = e->size};
    tsr_sha256_hex(tsr_model_hash(e), out->sha256);
}

void tsr_model_at(const tsr_context *ctx, uint32_t i, tsr_model_info *out) {
    fill_info(ctx->models.entry[i], out);
}

int tsr_model_chosen(const tsr_context *ctx, tsr_model_info *out) {
    if (!ctx->models.first_choice) return 0;
    fill_info(ctx->models.first_choice, out);
    return 1;
}

int tsr_model_describe(tsr_context *ctx, const tsr_model_section *s, char *out, size_t size) {
    int filter = ctx->network && !strcmp(ctx->network->section, s->name);
    const tsr_head *h = tsr_stage_find(ctx, TSR_STAGE_TRANSFORM, s->name);
    const tsr_transform *t = (const tsr_transform *)(const void *)h;
    out[0] = 0;
    if (filter && ctx->network->describe)
        ctx->network->describe(s->data, s->size, out, size);
    else if (!filter && t && t->model_describe)
        t->model_describe(s->data, s->size, out, size);
    out[size - 1] = 0;
    return out[0] != 0;
}

/* ---- the encoder's choice ---- */

static int is_builtin(const tsr_model_entry *e, const char *section) {
    return e->id && tsr_model_find_section(&e->file, section);
}

static size_t largest_builtin(const tsr_model_store *s, const char *section) {
    size_t size = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (is_builtin(s->entry[i], section) && s->entry[i]->size > size) size = s->entry[i]->size;
    return size;
}

tsr_model_entry *tsr_model_builtin(const tsr_model_store *s, const char *section, int large) {
    tsr_model_entry *best[2] = {NULL, NULL}; /* small, large */
    size_t largest = largest_builtin(s, section);
    for (uint32_t i = 0; i < s->n; i++) {
        tsr_model_entry *e = s->entry[i], **kind = &best[e->size > largest / 2];
        if (is_builtin(e, section) && (!*kind || e->id > (*kind)->id)) *kind = e;
    }
    return best[large || !best[0]];
}

tsr_status tsr_model_for_encoder(tsr_context *ctx, const char *transform, int large,
                                 tsr_model_entry **out, tsr_diag *d) {
    tsr_model_store *store = &ctx->models;
    if (store->first_choice) {
        *out = store->first_choice;
        if (tsr_model_find_section(&store->first_choice->file, transform)) return TSR_OK;
        return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET,
                            "model '%s' is not one for transform '%s'", store->first_choice->name,
                            transform);
    }
    *out = tsr_model_builtin(store, transform, large);
    if (*out) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET,
                        "transform '%s' needs a trained model and none is built in: give one with "
                        "--model FILE",
                        transform);
}

tsr_model_ref tsr_model_ref_of(tsr_model_entry *e) {
    tsr_model_ref r = {.present = 1, .id = e->id};
    memcpy(r.name, e->name, sizeof r.name);
    memcpy(r.sha256, tsr_model_hash(e), sizeof r.sha256);
    return r;
}
