/* svd_side.c - the side information: the data basis, or the singular values of plane mode.
 *
 * Block mode: number of groups; for each its size, precision, components (the first relative to the
 * first of the group before, the others to the one before in the group) and angles. Plane mode: for
 * each plane the number of terms and the singular values, the first as it is, the others as the
 * fall from the one before. No group, or no term in any plane, is no byte at all; otherwise the
 * number of coded bytes stands before them.
 */
#include <math.h>

#include "svd_internal.h"
#include "svd_range.h"

enum { NUMBER = 15 }; /* contexts of a number */

typedef struct model {
    svd_bit count[NUMBER], size[NUMBER], coarse[2], skip[SVD_GROUP][NUMBER];
    svd_bit angle_zero[3], angle[3][NUMBER], fall[NUMBER];
} model;

static void start_model(model *m) {
    svd_bit *p = (svd_bit *)m;
    for (size_t i = 0; i < sizeof *m / sizeof *p; i++) p[i] = SVD_EVEN;
}

static tsr_status bad(const tsr_env *env, const char *what) {
    return env->fail(env, TSR_ERR_FORMAT, "svd: side information: %s", what);
}

/* ---- the data basis ---- */

static void code_angle(svd_range *r, model *m, svd_group *g, unsigned i) {
    int unit = 1 << g->coarse, a = g->angle[i] / unit;
    if (!tsr_svd_range_bit(r, &m->angle_zero[g->coarse], a != 0)) {
        g->angle[i] = 0;
        return;
    }
    uint32_t negative = tsr_svd_range_raw(r, a < 0, 1);
    uint32_t size = tsr_svd_range_number(r, m->angle[g->coarse], (uint32_t)(a < 0 ? -a : a) - 1);
    uint32_t most = SVD_RIGHT_ANGLE / (uint32_t)unit;
    if (size >= most) size = most - 1;
    g->angle[i] = (int8_t)((negative ? -1 : 1) * (int)(size + 1) * unit);
}

/* Components are coded modulo `limit`, so that every code is one of them or ends the group. */
static int code_components(svd_range *r, model *m, svd_group *g, uint32_t before, uint32_t limit) {
    for (unsigned k = 0; k < g->n; k++) {
        uint32_t from = k ? g->comp[k - 1] + 1u : before;
        uint32_t skip = (g->comp[k] + limit - from) % limit;
        skip = tsr_svd_range_number(r, m->skip[k], skip);
        uint32_t c = k ? from + skip : (from + skip) % limit;
        if (c >= limit || c % SVD_CANDIDATES == 0) return 0;
        g->comp[k] = (uint8_t)c;
    }
    return 1;
}

static int code_group(svd_range *r, model *m, svd_group *g, uint32_t before, uint32_t limit) {
    uint32_t more = tsr_svd_range_number(r, m->size, g->n - 2u);
    if (more > SVD_GROUP - 2) return 0;
    g->n = (uint8_t)(2 + more);
    uint32_t coarse = tsr_svd_range_bit(r, &m->coarse[0], g->coarse > 0);
    if (coarse) coarse += tsr_svd_range_bit(r, &m->coarse[1], g->coarse > 1);
    g->coarse = (uint8_t)coarse;
    if (!code_components(r, m, g, before, limit)) return 0;
    for (unsigned i = 0; i < g->n * (g->n - 1u) / 2; i++) code_angle(r, m, g, i);
    return 1;
}

/* 0 when what was decoded makes no sense. */
static int code_basis(svd_range *r, svd *st) {
    model m;
    start_model(&m);
    uint32_t limit = st->g.planes * SVD_CANDIDATES, before = 0;
    uint32_t n = tsr_svd_range_number(r, m.count, st->n_groups);
    if (n > SVD_MAX_GROUPS) return 0;
    st->n_groups = n;
    for (uint32_t i = 0; i < n; i++) {
        svd_group g = {.n = 0};
        if (!r->decoding) g = st->group[i];
        if (!code_group(r, &m, &g, before, limit)) return 0;
        st->group[i] = g;
        before = g.comp[0];
    }
    return 1;
}

/* A component costs its logarithm less what order saves; an angle a zero flag, sign and size. */
double tsr_svd_group_bits(const svd_group *g, uint32_t candidates) {
    double bits = 2.0 + 0.85 * g->n * log2(candidates);
    for (unsigned i = 0; i < g->n * (g->n - 1u) / 2; i++) {
        int a = g->angle[i] / (1 << g->coarse);
        bits += a ? 2.0 + 1.6 * log2(1 + (a < 0 ? -a : a)) : 0.7;
    }
    return bits;
}

/* ---- the singular values ---- */

static int code_plane_scales(svd_range *r, model *m, svd *st, uint32_t p) {
    uint32_t n = tsr_svd_range_number(r, m->count, st->kept[p]);
    if (n > st->terms) return 0;
    st->kept[p] = n;
    for (uint32_t k = 0; k < n; k++) {
        uint16_t *s = &st->scale[p][k];
        if (!k)
            *s = (uint16_t)tsr_svd_range_raw(r, *s, 10);
        else {
            uint32_t fall = tsr_svd_range_number(r, m->fall, (uint32_t)s[-1] - *s);
            if (fall > s[-1]) return 0;
            *s = (uint16_t)(s[-1] - fall);
        }
    }
    return 1;
}

static int code_scales(svd_range *r, svd *st) {
    model m;
    start_model(&m);
    for (uint32_t p = 0; p < st->g.planes; p++)
        if (!code_plane_scales(r, &m, st, p)) return 0;
    return 1;
}

/* ---- both ---- */

static void forget(svd *st) {
    st->n_groups = 0;
    for (uint32_t p = 0; p < TSR_MAX_PLANES; p++) st->kept[p] = 0;
}

static int is_empty(const svd *st) {
    uint32_t n = st->n_groups;
    for (uint32_t p = 0; p < st->g.planes; p++) n += st->kept[p];
    return n == 0;
}

/* The coded size goes ahead in 7-bit groups, low ones first: a cut is seen at once. */
static size_t put_size(uint8_t *out, size_t cap, size_t n) {
    size_t i = 0;
    for (; n >> 7; n >>= 7, i++)
        if (i < cap) out[i] = (uint8_t)(n | 0x80);
    if (i < cap) out[i] = (uint8_t)n;
    return i + 1;
}

/* Bytes of the size, or 0 when it is not that of what follows. */
static size_t check_size(const uint8_t *data, size_t size) {
    size_t n = 0, i = 0;
    for (; i < 4 && i < size; i++) {
        n |= (size_t)(data[i] & 0x7f) << (7 * i);
        if (!(data[i] & 0x80)) return n == size - i - 1 ? i + 1 : 0;
    }
    return 0;
}

static size_t encode(const svd *st, uint8_t *out, size_t cap) {
    svd copy = *st; /* coding writes the values it codes back */
    svd_range r;
    tsr_svd_range_encode(&r, out, cap);
    if (st->plane_mode)
        code_scales(&r, &copy);
    else
        code_basis(&r, &copy);
    return tsr_svd_range_end(&r);
}

size_t tsr_svd_side_save(const svd *st, uint8_t *out, size_t cap) {
    if (is_empty(st)) return 0;
    size_t n = encode(st, NULL, 0), head = put_size(out, cap, n);
    if (head + n <= cap) encode(st, out + head, cap - head);
    return head + n;
}

tsr_status tsr_svd_side_load(svd *st, const uint8_t *data, size_t size, const tsr_env *env) {
    forget(st);
    if (!size) return TSR_OK;
    size_t head = check_size(data, size);
    if (!head) return bad(env, "the size is not what it says");
    svd_range r;
    tsr_svd_range_decode(&r, data + head, size - head);
    int good = st->plane_mode ? code_scales(&r, st) : code_basis(&r, st);
    const char *what = !good ? "values out of range" : r.place < r.cap ? "bytes left over" : NULL;
    if (!what) return TSR_OK;
    forget(st);
    return bad(env, what);
}
