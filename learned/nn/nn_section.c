/* nn_section.c - weight sections: the bytes of a store, and reading them with suspicion.
 *
 *     "TNW1"  u32 number of tensors, then for each
 *     u8 length of the name, name, u8 kind (1: float32), u8 number of dims, u32 dims, values
 *
 * All numbers are little-endian. Nothing may follow the last tensor.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn_store.h"

enum { KIND_FLOAT = 1, HEAD = 8, TENSOR_HEAD = 3 };
static const char magic[4] = {'T', 'N', 'W', '1'};

static void put_u32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++) p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get_u32(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static float get_float(const uint8_t *p) {
    uint32_t bits = get_u32(p);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* ---------------------------------------------------------------- writing */

static size_t section_size(const nn_store *s) {
    size_t size = HEAD;
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        size += TENSOR_HEAD + strlen(e->name) + 4 * (size_t)e->n_dims + 4 * e->count;
    }
    return size;
}

static uint8_t *put_tensor(uint8_t *p, const nn_entry *e, const float *value) {
    size_t n = strlen(e->name);
    *p++ = (uint8_t)n;
    memcpy(p, e->name, n);
    p += n;
    *p++ = KIND_FLOAT;
    *p++ = (uint8_t)e->n_dims;
    for (uint32_t i = 0; i < e->n_dims; i++, p += 4) put_u32(p, e->dim[i]);
    for (size_t i = 0; i < e->count; i++, p += 4) {
        uint32_t bits;
        memcpy(&bits, &value[e->offset + i], sizeof bits);
        put_u32(p, bits);
    }
    return p;
}

tsr_status tsr_nn_store_save(const nn_store *s, const float *values, uint8_t **data, size_t *size,
                             tsr_diag *d) {
    size_t more = section_size(s);
    uint8_t *grown = more < SIZE_MAX - *size ? realloc(*data, *size + more) : NULL;
    if (!grown)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %zu bytes of weights",
                            more);
    uint8_t *p = grown + *size;
    memcpy(p, magic, sizeof magic);
    put_u32(p + 4, tsr_nn_store_entries(s));
    p += HEAD;
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++)
        p = put_tensor(p, tsr_nn_store_peek(s, i), values);
    *data = grown;
    *size += more;
    return TSR_OK;
}

/* ---------------------------------------------------------------- reading */

typedef struct reader {
    const uint8_t *data;
    size_t size, at;
    tsr_diag *d;
} reader;

static tsr_status bad(const reader *r, const char *why) {
    return tsr_diag_set(r->d, TSR_ERR_FORMAT, r->at, "weights: %s", why);
}

/* The next n bytes, or NULL. */
static const uint8_t *take(reader *r, size_t n) {
    if (n > r->size - r->at) {
        tsr_diag_set(r->d, TSR_ERR_TRUNCATED, r->at, "weights end too early");
        return NULL;
    }
    r->at += n;
    return r->data + r->at - n;
}

static tsr_status read_head(reader *r, nn_section_tensor *t) {
    const uint8_t *p = take(r, 1);
    if (!p) return TSR_ERR_TRUNCATED;
    size_t n = *p;
    p = take(r, n + 2);
    if (!p) return TSR_ERR_TRUNCATED;
    if (!tsr_nn_name_ok((const char *)p, n)) return bad(r, "bad name of a tensor");
    memcpy(t->name, p, n);
    t->name[n] = 0;
    if (p[n] != KIND_FLOAT) return bad(r, "unknown kind of numbers");
    t->n_dims = p[n + 1];
    if (t->n_dims > NN_MAX_DIMS) return bad(r, "too many dimensions");
    p = take(r, 4 * (size_t)t->n_dims);
    if (!p) return TSR_ERR_TRUNCATED;
    for (uint32_t i = 0; i < t->n_dims; i++) t->dim[i] = get_u32(p + 4 * i);
    if (!tsr_nn_dims_count(t->n_dims, t->dim, &t->count)) return bad(r, "bad dimensions");
    return TSR_OK;
}

static tsr_status read_tensor(reader *r, nn_section *sec) {
    nn_section_tensor *t = &sec->t[sec->n];
    tsr_status s = read_head(r, t);
    if (s) return s;
    for (uint32_t i = 0; i < sec->n; i++)
        if (strcmp(sec->t[i].name, t->name) == 0) return bad(r, "two tensors of one name");
    t->data = take(r, 4 * t->count);
    if (!t->data) return TSR_ERR_TRUNCATED;
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(get_float(t->data + 4 * i))) return bad(r, "a value is not finite");
    sec->n++;
    return TSR_OK;
}

static tsr_status read_section(reader *r, nn_section *sec) {
    const uint8_t *p = take(r, HEAD);
    if (!p) return TSR_ERR_TRUNCATED;
    if (memcmp(p, magic, sizeof magic) != 0) {
        r->at = 0;
        return bad(r, "not a weight section");
    }
    uint32_t n = get_u32(p + 4);
    if (n > NN_MAX_TENSORS || n > r->size / TENSOR_HEAD) return bad(r, "too many tensors");
    sec->t = calloc(n ? n : 1, sizeof *sec->t);
    if (!sec->t) return tsr_diag_set(r->d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "weights: no memory");
    while (sec->n < n) {
        tsr_status s = read_tensor(r, sec);
        if (s) return s;
    }
    return r->at == r->size ? TSR_OK : bad(r, "bytes after the last tensor");
}

tsr_status tsr_nn_section_open(nn_section *sec, const uint8_t *data, size_t size, tsr_diag *d) {
    *sec = (nn_section){0};
    reader r = {data, size, 0, d};
    tsr_status s = read_section(&r, sec);
    if (s) tsr_nn_section_close(sec);
    return s;
}

void tsr_nn_section_close(nn_section *sec) {
    free(sec->t);
    *sec = (nn_section){0};
}

static const nn_section_tensor *find(const nn_section *sec, const char *name) {
    for (uint32_t i = 0; i < sec->n; i++)
        if (strcmp(sec->t[i].name, name) == 0) return &sec->t[i];
    return NULL;
}

static int same_dims(const nn_section_tensor *t, uint32_t n_dims, const uint32_t *dim) {
    if (!t || t->n_dims != n_dims) return 0;
    for (uint32_t i = 0; i < n_dims; i++)
        if (t->dim[i] != dim[i]) return 0;
    return 1;
}

static void copy_values(const nn_section_tensor *t, float *out) {
    for (size_t i = 0; i < t->count; i++) out[i] = get_float(t->data + 4 * i);
}

static tsr_status misfit(const nn_section_tensor *t, const char *name, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET,
                        t ? "weights: '%s' has other dimensions" : "weights: no tensor '%s'", name);
}

tsr_status tsr_nn_section_read(const nn_section *sec, const char *name, uint32_t n_dims,
                               const uint32_t *dim, float *out, tsr_diag *d) {
    const nn_section_tensor *t = find(sec, name);
    if (!same_dims(t, n_dims, dim)) return misfit(t, name, d);
    copy_values(t, out);
    return TSR_OK;
}

/* ---------------------------------------------------------------- into a store */

/* TSR_OK when section and store list the same tensors. */
static tsr_status compare(const nn_store *s, const nn_section *sec, tsr_diag *d) {
    uint32_t n = tsr_nn_store_entries(s);
    for (uint32_t i = 0; i < n; i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        const nn_section_tensor *t = find(sec, e->name);
        if (!same_dims(t, e->n_dims, e->dim)) return misfit(t, e->name, d);
    }
    if (sec->n != n)
        return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET, "weights: %u tensors where %u belong",
                            sec->n, n);
    return TSR_OK;
}

static uint32_t copy_common(const nn_store *s, float *values, const nn_section *sec) {
    uint32_t loaded = 0;
    for (uint32_t i = 0; i < tsr_nn_store_entries(s); i++) {
        const nn_entry *e = tsr_nn_store_peek(s, i);
        const nn_section_tensor *t = find(sec, e->name);
        if (!same_dims(t, e->n_dims, e->dim)) continue;
        copy_values(t, values + e->offset);
        loaded++;
    }
    return loaded;
}

tsr_status tsr_nn_store_load(const nn_store *s, float *values, const uint8_t *data, size_t size,
                             tsr_diag *d) {
    nn_section sec;
    tsr_status st = tsr_nn_section_open(&sec, data, size, d);
    if (st) return st;
    st = compare(s, &sec, d);
    if (!st) copy_common(s, values, &sec);
    tsr_nn_section_close(&sec);
    return st;
}

tsr_status tsr_nn_store_load_common(const nn_store *s, float *values, const uint8_t *data,
                                    size_t size, uint32_t *loaded, tsr_diag *d) {
    nn_section sec;
    *loaded = 0;
    tsr_status st = tsr_nn_section_open(&sec, data, size, d);
    if (st) return st;
    *loaded = copy_common(s, values, &sec);
    tsr_nn_section_close(&sec);
    return TSR_OK;
}
