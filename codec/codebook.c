/* codebook.c - reading of codebook sets. */
#include "codebook.h"

#include <string.h>

#include "codebook_data.h"
#include "codebook_kmeans_data.h"

#define SET_VERSION 1
#define HAS_START   1

static tsr_status bad(tsr_job *j, const char *what) {
    return tsr_diag_set(j->diag, TSR_ERR_MODEL, TSR_NO_OFFSET, "codebook: %s", what);
}

/* ---- patterns ---- */

/* Coordinates at which the patterns of two shapes agree, from the first on; *order: sign of the
 * difference at the next one. */
static unsigned common_prefix(const uint8_t *a, const uint8_t *b, int *order) {
    unsigned i = 0;
    while (i < TSR_VECTOR && tsr_vector_round(a[i]) == tsr_vector_round(b[i])) i++;
    *order = i < TSR_VECTOR ? (int)tsr_vector_round(b[i]) - (int)tsr_vector_round(a[i]) : 0;
    return i;
}

static int is_zero_pattern(const uint8_t *s) {
    for (unsigned i = 0; i < TSR_VECTOR; i++)
        if (tsr_vector_round(s[i])) return 0;
    return 1;
}

/* Counts shape k in the table of its pattern, if that is there. */
static void count_in_cell(tsr_book *b, uint32_t k) {
    uint32_t level[TSR_VECTOR];
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        level[i] = tsr_vector_round(b->shape[k][i]);
        if (level[i] >> TSR_CELL_BITS) return;
    }
    uint32_t at = tsr_book_cell(level);
    if (!b->cell[at].n++) b->cell[at].first = (uint8_t)k;
}

/* Opens a branch at each coordinate from the first one that differs. */
int tsr_book_index(tsr_book *b) {
    uint32_t n[TSR_VECTOR + 1] = {0};
    b->root = (tsr_codebook_branch){0};
    memset(b->cell, 0, sizeof b->cell);
    for (uint32_t k = 0; k < b->shapes; k++) {
        int order = 1;
        unsigned same = k ? common_prefix(b->shape[k - 1], b->shape[k], &order) : 0;
        if (order < 0 || is_zero_pattern(b->shape[k])) return 0;
        for (unsigned i = same; i < TSR_VECTOR; i++) {
            uint32_t next = i + 1 < TSR_VECTOR ? n[i + 1] : k;
            b->branch[i][n[i]++] = (tsr_codebook_branch){(uint16_t)tsr_vector_round(b->shape[k][i]),
                                                         (uint16_t)next, 0};
            if (i)
                b->branch[i - 1][n[i - 1] - 1].n++;
            else
                b->root.n++;
        }
        b->branch[TSR_VECTOR - 1][n[TSR_VECTOR - 1] - 1].n++;
        count_in_cell(b, k);
    }
    return 1;
}

uint32_t tsr_book_search(const tsr_book *b, const uint32_t *level, uint32_t *first) {
    const tsr_codebook_branch *at = &b->root;
    for (unsigned i = 0; i < TSR_VECTOR; i++) {
        const tsr_codebook_branch *c = b->branch[i] + at->first, *end = c + at->n;
        while (c < end && c->level < level[i]) c++;
        if (c == end || c->level != level[i]) return 0;
        at = c;
    }
    *first = at->first;
    return at->n;
}

/* ---- bytes ---- */

static tsr_status read_books(tsr_codebook *cb, tsr_reader *r, tsr_job *j) {
    cb->book = tsr_job_alloc(j, cb->books, sizeof *cb->book);
    if (!cb->book) return tsr_job_memory_status(j);
    for (uint32_t i = 0; i < cb->books; i++) {
        tsr_book *b = &cb->book[i];
        b->shapes = tsr_get_u8(r);
        b->shape = (const uint8_t(*)[TSR_VECTOR])tsr_get_bytes(r, (size_t)b->shapes * TSR_VECTOR);
        if (r->failed) return bad(j, "ends early");
        if (!tsr_book_index(b)) return bad(j, "the shapes are not in order");
    }
    return TSR_OK;
}

static tsr_status read_tables(tsr_codebook *cb, tsr_reader *r, int has_start, tsr_job *j) {
    cb->weight = (const tsr_vector_weights *)tsr_get_bytes(r, TSR_VECTOR_CLASSES *
                                                                  sizeof(tsr_vector_weights));
    cb->rate_vector = (const int8_t(*)[TSR_VECTOR_LEVELS])tsr_get_bytes(r, TSR_VECTOR_CLASSES *
                                                                               TSR_VECTOR_LEVELS);
    cb->rate_zero = (const int8_t(*)[TSR_VECTOR_KINDS][TSR_BUCKETS])tsr_get_bytes(
        r, TSR_VECTOR_CLASSES * TSR_VECTOR_KINDS * TSR_BUCKETS);
    cb->rate_shape = (const int8_t(*)[TSR_VECTOR_LEVELS])tsr_get_bytes(
        r, (size_t)cb->books * TSR_MAX_SHAPES * TSR_VECTOR_LEVELS);
    if (has_start) {
        cb->start_size = tsr_get_u32(r);
        cb->start = (const int8_t *)tsr_get_bytes(r, cb->start_size);
    }
    return r->failed ? bad(j, "ends early") : TSR_OK;
}

tsr_status tsr_codebook_parse(tsr_codebook *cb, const void *data, size_t size, tsr_job *j) {
    tsr_reader r = {.data = data, .size = size};
    *cb = (tsr_codebook){0};
    if (tsr_get_u8(&r) != SET_VERSION) return bad(j, "unknown version");
    cb->books = tsr_get_u8(&r);
    uint8_t flags = tsr_get_u8(&r);
    cb->map = tsr_get_bytes(&r, TSR_VECTOR_CLASSES);
    if (r.failed || !cb->books || cb->books > TSR_VECTOR_CLASSES || flags & ~HAS_START)
        return bad(j, "the header is corrupt");
    for (uint32_t c = 0; c < TSR_VECTOR_CLASSES; c++)
        if (cb->map[c] >= cb->books) return bad(j, "a class has no book");
    tsr_status s = read_books(cb, &r, j);
    if (!s) s = read_tables(cb, &r, flags & HAS_START, j);
    cb->size = r.pos;
    return s;
}

tsr_status tsr_codebook_builtin(tsr_codebook *cb, unsigned which, tsr_job *j) {
    if (which == TSR_CODEBOOK_KMEANS)
        return tsr_codebook_parse(cb, tsr_codebook_kmeans_data, sizeof tsr_codebook_kmeans_data, j);
    return tsr_codebook_parse(cb, tsr_codebook_data, sizeof tsr_codebook_data, j);
}
