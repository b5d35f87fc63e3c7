/* nn_store.c - the table of tensors and their values. */
#include "nn_store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn_rng.h"

enum { PLACE = 16 }; /* floats: tensors begin on a cache line */

struct nn_store {
    uint64_t seed;
    nn_entry *entry;
    uint32_t n, room;
    float *value;
    size_t size;
};

nn_store *tsr_nn_store_new(uint64_t seed) {
    nn_store *s = calloc(1, sizeof *s);
    if (s) s->seed = seed;
    return s;
}

void tsr_nn_store_free(nn_store *s) {
    if (!s) return;
    free(s->entry);
    free(s->value);
    free(s);
}

int tsr_nn_name_ok(const char *name, size_t n) {
    if (n == 0 || n >= NN_MAX_NAME) return 0;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        int ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '.' || c == '/' || c == '-';
        if (!ok) return 0;
    }
    return 1;
}

int tsr_nn_dims_count(uint32_t n_dims, const uint32_t *dim, size_t *count) {
    if (n_dims > NN_MAX_DIMS) return 0;
    *count = 1;
    for (uint32_t i = 0; i < n_dims; i++) {
        if (dim[i] == 0 || dim[i] > INT32_MAX / *count) return 0;
        *count *= dim[i];
    }
    return 1;
}

static uint64_t name_hash(const char *name) { /* FNV-1a */
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++) h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return h;
}

static void init_values(const nn_store *s, const nn_entry *e, int init, uint32_t fan_in) {
    float *v = s->value + e->offset;
    if (init == NN_INIT_ONE)
        for (size_t i = 0; i < e->count; i++) v[i] = 1;
    if (init != NN_INIT_HE && init != NN_INIT_UNIT) return;
    nn_rng r = tsr_nn_rng_stream(s->seed, name_hash(e->name));
    float deviation = sqrtf((init == NN_INIT_HE ? 2.0f : 1.0f) / (float)(fan_in ? fan_in : 1));
    for (size_t i = 0; i < e->count; i++) v[i] = deviation * tsr_nn_rng_normal(&r);
}

/* Room for one more entry and for `size` values; 0: no memory. */
static int grow(nn_store *s, size_t size) {
    if (s->n == s->room) {
        uint32_t room = s->room ? 2 * s->room : 32;
        nn_entry *entry = realloc(s->entry, room * sizeof *entry);
        if (!entry) return 0;
        s->entry = entry;
        s->room = room;
    }
    float *value = tsr_nn_alloc(size);
    if (!value) return 0;
    if (s->size) memcpy(value, s->value, s->size * sizeof *value);
    free(s->value);
    s->value = value;
    return 1;
}

tsr_status tsr_nn_store_add(nn_store *s, const char *name, uint32_t n_dims, const uint32_t *dim,
                            int init, uint32_t fan_in, uint32_t flags, size_t *offset,
                            tsr_diag *d) {
    nn_entry e = {.n_dims = n_dims, .offset = s->size, .flags = flags, .rate = 1};
    if (!tsr_nn_name_ok(name, strlen(name)))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "bad tensor name '%s'", name);
    if (tsr_nn_store_find(s, name))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "two tensors named '%s'", name);
    if (!tsr_nn_dims_count(n_dims, dim, &e.count))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%s: bad dimensions", name);
    size_t size = s->size + (e.count + PLACE - 1) / PLACE * PLACE;
    if (s->n == NN_MAX_TENSORS || size > INT32_MAX)
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET, "%s: too many parameters", name);
    if (!grow(s, size))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "%s: no memory", name);
    memcpy(e.name, name, strlen(name) + 1);
    if (n_dims) memcpy(e.dim, dim, n_dims * sizeof *dim);
    init_values(s, &e, init, fan_in);
    s->entry[s->n++] = e;
    s->size = size;
    *offset = e.offset;
    return TSR_OK;
}

size_t tsr_nn_store_size(const nn_store *s) {
    return s->size;
}

size_t tsr_nn_store_parameters(const nn_store *s) {
    size_t sum = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (!(s->entry[i].flags & NN_STATE)) sum += s->entry[i].count;
    return sum;
}

float *tsr_nn_store_values(nn_store *s) {
    return s->value;
}

const float *tsr_nn_store_read(const nn_store *s) {
    return s->value;
}

uint32_t tsr_nn_store_entries(const nn_store *s) {
    return s->n;
}

nn_entry *tsr_nn_store_entry(nn_store *s, uint32_t i) {
    return i < s->n ? &s->entry[i] : NULL;
}

const nn_entry *tsr_nn_store_peek(const nn_store *s, uint32_t i) {
    return i < s->n ? &s->entry[i] : NULL;
}

nn_entry *tsr_nn_store_find(nn_store *s, const char *name) {
    for (uint32_t i = 0; i < s->n; i++)
        if (strcmp(s->entry[i].name, name) == 0) return &s->entry[i];
    return NULL;
}

void tsr_nn_store_freeze(nn_store *s, const char *prefix, int frozen) {
    for (uint32_t i = 0; i < s->n; i++) {
        nn_entry *e = &s->entry[i];
        if (strncmp(e->name, prefix, strlen(prefix)) != 0) continue;
        e->flags = frozen ? e->flags | NN_FROZEN : e->flags & ~(uint32_t)NN_FROZEN;
    }
}

void tsr_nn_store_rate(nn_store *s, const char *prefix, float rate) {
    for (uint32_t i = 0; i < s->n; i++)
        if (strncmp(s->entry[i].name, prefix, strlen(prefix)) == 0) s->entry[i].rate = rate;
}
