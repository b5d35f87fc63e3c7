/* parts.c - which bands are cut, and where. */
#include "parts.h"

#include <string.h>

#include "coef_context.h"

static int is_detail(const tsr_band *b) {
    return b->orient != TSR_ORIENT_LOW && b->domain != TSR_DOMAIN_INDEX && tsr_band_size(b);
}

static uint32_t tallest(const tsr_layout *l) {
    uint32_t h = 0;
    for (uint32_t b = 0; b < l->n; b++)
        if (is_detail(&l->band[b]) && l->band[b].h > h) h = l->band[b].h;
    return h;
}

/* How often h must be doubled to come near the tallest. */
static uint32_t halvings(uint32_t h, uint32_t most) {
    uint32_t n = 0;
    while (((uint64_t)h << n) * 4 < (uint64_t)most * 3) n++;
    return n;
}

static int sound(const tsr_parts *p, const tsr_layout *l, uint32_t b) {
    const tsr_band *band = &l->band[b];
    if (tsr_parts_cut(p, b) && p->bound[p->n - 1] << p->scale[b] >= band->h) return 0;
    for (int role = 0; role < TSR_REFS; role++) {
        uint32_t r = band->ref[role];
        if (r == TSR_NO_BAND || !tsr_parts_cut(p, r)) continue;
        unsigned half = (unsigned)tsr_band_halves(band, &l->band[r]);
        if (!tsr_parts_cut(p, b) || p->scale[b] != p->scale[r] + half) return 0;
    }
    return 1;
}

static void uncut(tsr_parts *p, const tsr_layout *l) {
    p->n = 1;
    p->bound[0] = 0;
    memset(p->scale, TSR_UNCUT, l->n);
}

tsr_status tsr_parts_init(tsr_parts *p, const tsr_layout *l, tsr_parts_wish wish, tsr_job *j) {
    uint32_t most = tallest(l), lowest = 0, fit = most / wish.rows;
    p->scale = tsr_job_alloc(j, l->n, 1);
    if (!p->scale) return tsr_job_memory_status(j);
    uncut(p, l);
    p->n = wish.n < fit ? wish.n : fit;
    if (p->n < 2) {
        p->n = 1;
        return TSR_OK;
    }
    while (most >> (lowest + 1) >= wish.rows * p->n) lowest++;
    for (uint32_t k = 0; k < p->n; k++)
        p->bound[k] = (most >> lowest) / TSR_BLOCK * k / p->n * TSR_BLOCK;
    for (uint32_t b = 0; b < l->n; b++) {
        uint32_t n = is_detail(&l->band[b]) ? halvings(l->band[b].h, most) : TSR_UNCUT;
        if (n <= lowest) p->scale[b] = (uint8_t)(lowest - n);
    }
    for (uint32_t b = 0; b < l->n; b++)
        if (tsr_band_size(&l->band[b]) && !sound(p, l, b)) {
            uncut(p, l);
            break;
        }
    return TSR_OK;
}

int tsr_parts_in_layer(const tsr_parts *p, const tsr_layout *l, uint32_t layer) {
    for (uint32_t b = 0; b < l->n; b++)
        if (l->band[b].layer == layer && tsr_parts_cut(p, b)) return 1;
    return 0;
}
