/* klt_bands.c - the bands of lapped blocks, told to the entropy coder in another way.
 *
 * The coder's strongest reference is the parent. In a block that is the component before along the
 * axis of the higher frequency; the sisters are the one before along the other axis and the last
 * one coded on the same anti-diagonal. Only frequencies along an axis count as oriented, and levels
 * are one coarser than octaves. Against the references of lapped_blocks.c that takes about 1 % off
 * a file.
 */
#include "klt_internal.h"

/* Band of component (u, v) of the same stage and plane if it is coded before `self`, else none. */
static uint32_t earlier(const klt *k, const lapped_component *c, uint32_t self, int u, int v) {
    const lapped_blocks *l = &k->lapped;
    int block = (int)l->grid[c->stage].frame.block;
    if (u < 0 || v < 0 || u >= block || v >= block || (!u && !v)) return TSR_NO_BAND;
    uint32_t b = l->band[c->stage][(c->plane * block + v) * block + u];
    return b < self ? b : TSR_NO_BAND;
}

static uint32_t first_of(uint32_t a, uint32_t b, uint32_t c) {
    return a != TSR_NO_BAND ? a : b != TSR_NO_BAND ? b : c;
}

static void set_refs(const klt *k, const lapped_component *c, uint32_t self, uint32_t *ref) {
    int u = c->u, v = c->v, across = u >= v;
    uint32_t left = earlier(k, c, self, u - 1, v), above = earlier(k, c, self, u, v - 1);
    uint32_t along = across ? left : above, other = across ? above : left;
    uint32_t two = across ? earlier(k, c, self, u - 2, v) : earlier(k, c, self, u, v - 2);
    uint32_t diagonal = earlier(k, c, self, u - 1, v - 1);
    ref[TSR_REF_PARENT] = first_of(along, other, TSR_NO_BAND);
    ref[TSR_REF_SISTER_A] = first_of(other, two, TSR_NO_BAND);
    ref[TSR_REF_SISTER_B] = first_of(earlier(k, c, self, u + 1, v - 1), diagonal, two);
}

static void describe(const klt *k, uint32_t i, tsr_band *b) {
    const lapped_component *c = &k->lapped.order[i];
    if (!c->u && !c->v) return;
    b->orient = !c->v ? TSR_ORIENT_H : !c->u ? TSR_ORIENT_V : TSR_ORIENT_D;
    b->level++;
    set_refs(k, c, i, b->ref);
}

static tsr_band class_band(const klt *k, uint16_t layer) {
    const lapped_grid *g = &k->lapped.grid[0];
    return (tsr_band){.w = g->nx,
                      .h = g->ny,
                      .domain = TSR_DOMAIN_INDEX,
                      .orient = TSR_ORIENT_D,
                      .layer = layer,
                      .alphabet = k->classes,
                      .ref = {TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND, TSR_NO_BAND},
                      .gain = 1.0f};
}

/* Makes room for the band of classes, which goes before the first band that it is about. */
static void insert_classes(const klt *k, tsr_band *out, uint32_t n) {
    for (uint32_t i = n; i-- > k->at + 1;) {
        out[i] = out[i - 1];
        for (int r = 0; r < TSR_REFS; r++)
            if (out[i].ref[r] != TSR_NO_BAND && out[i].ref[r] >= k->at) out[i].ref[r]++;
    }
    if (n > k->at) out[k->at] = class_band(k, out[k->at - 1].layer);
}

uint32_t tsr_klt_layout(const klt *k, tsr_band *out, uint32_t cap) {
    uint32_t n = tsr_lapped_layout(&k->lapped, out, cap);
    for (uint32_t i = 0; i < n && i < cap; i++) describe(k, i, &out[i]);
    if (k->classes == 1) return n;
    insert_classes(k, out, cap < n + 1 ? cap : n + 1);
    return n + 1;
}
