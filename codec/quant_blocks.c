/* quant_blocks.c - walking the blocks of a band. */
#include "quant_blocks.h"

tsr_status tsr_block_numbers_alloc(tsr_block_numbers *all, const tsr_layout *l, uint32_t side,
                                   uint32_t stride, tsr_job *j) {
    *all = (tsr_block_numbers){.side = side, .stride = stride};
    all->band = tsr_job_alloc(j, l->n, sizeof *all->band);
    if (!all->band) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) {
        const tsr_band *band = &l->band[b];
        if (band->domain != TSR_DOMAIN_REAL || !tsr_band_size(band) || tsr_band_is_base(band))
            continue;
        size_t blocks =
            (size_t)((band->w + side - 1) / side) * (size_t)((band->h + side - 1) / side);
        all->band[b] = tsr_job_alloc(j, blocks * stride, sizeof **all->band);
        if (!all->band[b]) return tsr_job_memory_status(j);
    }
    return TSR_OK;
}

static void measure(tsr_block *k) {
    k->x = k->number % k->across * k->side;
    k->y = k->number / k->across * k->side;
    if (k->y >= k->band->h) {
        k->n = 0;
        return;
    }
    k->w = k->band->w - k->x < k->side ? k->band->w - k->x : k->side;
    k->h = k->band->h - k->y < k->side ? k->band->h - k->y : k->side;
    k->n = k->w * k->h;
}

tsr_block tsr_block_first(const tsr_band *band, uint32_t side) {
    tsr_block k = {.band = band, .side = side, .across = (band->w + side - 1) / side};
    if (tsr_band_size(band)) measure(&k);
    return k;
}

void tsr_block_next(tsr_block *k) {
    k->number++;
    measure(k);
}

static void each_block(const tsr_block_numbers *all, const tsr_quant_task *t, uint32_t b,
                       tsr_block_fn fn, void *arg) {
    for (tsr_block k = tsr_block_first(&t->layout->band[b], all->side); k.n; tsr_block_next(&k))
        fn(arg, t, b, &k);
}

tsr_status tsr_blocks_quantize(const tsr_block_numbers *all, const tsr_quant_task *t,
                               tsr_block_fn fn, void *arg) {
    for (uint32_t b = 0; b < t->layout->n; b++) {
        if (!tsr_quant_wants(t, b)) continue;
        tsr_status s = tsr_quant_progress(t, (double)b / t->layout->n);
        if (s) return s;
        if (tsr_band_is_base(&t->layout->band[b]))
            tsr_quant_round(t, b, tsr_band_step(t, b), 0.5f);
        else
            each_block(all, t, b, fn, arg);
    }
    return TSR_OK;
}

void tsr_blocks_dequantize(const tsr_block_numbers *all, const tsr_quant_task *t, tsr_block_fn fn,
                           void *arg) {
    for (uint32_t b = 0; b < t->layout->n; b++) {
        if (!tsr_quant_wants(t, b)) continue;
        if (tsr_band_is_base(&t->layout->band[b]))
            tsr_quant_scale(t, b, tsr_band_step(t, b));
        else
            each_block(all, t, b, fn, arg);
    }
}

void tsr_block_gather(const tsr_block *k, const float *band, float limit, float *out) {
    for (uint32_t y = 0; y < k->h; y++) {
        const float *row = band + (size_t)(k->y + y) * k->band->w + k->x;
        for (uint32_t x = 0; x < k->w; x++)
            *out++ = row[x] < -limit ? -limit : row[x] < limit ? row[x] : limit;
    }
}

/* ---- side information ---- */

static const int32_t nothing[2]; /* what lies outside of a band */

static int code_numbers(const tsr_block_numbers *all, const tsr_layout *l, tsr_side *c,
                        tsr_block_code_fn fn, const void *arg) {
    for (uint32_t b = 0; b < l->n; b++) {
        if (!all->band[b]) continue;
        for (tsr_block k = tsr_block_first(&l->band[b], all->side); k.n; tsr_block_next(&k)) {
            int32_t *here = all->band[b] + (size_t)k.number * all->stride;
            tsr_block_near near = {
                .here = here,
                .left = k.x ? here - all->stride : nothing,
                .up = k.y ? here - (size_t)k.across * all->stride : nothing,
            };
            if (!fn(arg, c, &k, &near)) return 0;
        }
    }
    return 1;
}

void tsr_block_numbers_save(const tsr_block_numbers *all, const tsr_layout *l, tsr_buffer *out,
                            tsr_block_code_fn fn, const void *arg) {
    tsr_side c;
    tsr_side_encode_start(&c, out);
    (void)code_numbers(all, l, &c, fn, arg);
    tsr_side_encode_end(&c);
}

tsr_status tsr_block_numbers_load(const tsr_block_numbers *all, const tsr_layout *l, tsr_reader *in,
                                  tsr_block_code_fn fn, const void *arg, tsr_diag *d) {
    tsr_side c;
    tsr_side_decode_start(&c, in);
    if (code_numbers(all, l, &c, fn, arg)) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "numbers of the blocks are corrupt");
}
