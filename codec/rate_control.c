/* rate_control.c - the step that meets a target, the same way for every codec.
 *
 * Size and distortion are close to monotone in the step, so the search brackets the target with a
 * secant in the logarithmic domain and then bisects down to neighbouring step indices (0.27 %
 * apart). What is returned has been encoded, and where the target is a distortion, decoded: nothing
 * is estimated.
 */
#include <math.h>

#include "encoder.h"
#include "step.h"

/* A measured property and whether a step meets the target: small steps meet quality targets, large
 * steps meet size targets. */
typedef struct search {
    tsr_encoder *e;
    double *psnr;
    double target, reached; /* of the last trial */
    int by_size;            /* meets when file size <= target; otherwise by decoding */
} search;

static tsr_status measure_psnr(tsr_encoder *e, double *psnr, tsr_distortion *d) {
    tsr_status s = tsr_encoder_measure(e, d);
    if (!s) *psnr = d->psnr;
    return s;
}

static tsr_status probe(search *q, uint32_t index, int *meets) {
    tsr_distortion d;
    tsr_status s = tsr_encoder_try(q->e, index);
    if (s) return s;
    if (q->by_size) {
        q->reached = (double)q->e->file.size;
        *meets = q->reached <= q->target;
        return TSR_OK;
    }
    s = measure_psnr(q->e, q->psnr, &d);
    if (s) return s;
    q->reached = q->e->o->target == TSR_TARGET_PSNR ? d.psnr : -(double)d.max_error;
    *meets = q->reached >= q->target;
    return TSR_OK;
}

/* Guess of the step index where the target is met, from one measured point: halving the step costs
 * about one bit a significant sample and gains at most 6 dB. */
static uint32_t extrapolate(const search *q, uint32_t index) {
    double octaves;
    if (q->by_size)
        octaves = log2(q->reached / q->target) / 0.8;
    else if (q->e->o->target == TSR_TARGET_PSNR)
        octaves = (q->reached - q->target) / 5.0;
    else
        octaves = log2((-q->target + 0.5) / (-q->reached + 0.5));
    double next = (double)index + floor(octaves * 256 + 0.5);
    return next < TSR_STEP_MIN ? TSR_STEP_MIN : next > TSR_STEP_MAX ? TSR_STEP_MAX : (uint32_t)next;
}

/* Finds neighbouring indices lo (smaller step) and hi of which exactly one meets the target; the
 * one that does is returned. Size: hi meets. Distortion: lo meets. */
static tsr_status bracket(search *q, uint32_t *found, int *any) {
    uint32_t lo = TSR_STEP_MIN - 1, hi = TSR_STEP_MAX + 1; /* outside: assumed on their sides */
    uint32_t next = tsr_step_of_quality(60), margin = 16;
    *any = 0;
    while (hi - lo > 1) {
        int meets;
        uint32_t at = next <= lo ? lo + 1 : next >= hi ? hi - 1 : next;
        tsr_status s = probe(q, at, &meets);
        if (s) return s;
        if (meets) *found = at, *any = 1;
        int toward_small = q->by_size ? meets : !meets;
        if (toward_small)
            hi = at;
        else
            lo = at;
        next = extrapolate(q, at);
        /* step over the target, so that the bracket closes from both sides; then bisect */
        next = toward_small ? (next > margin ? next - margin : 1) : next + margin;
        if (next <= lo || next >= hi || q->e->trials > 6) next = lo + (hi - lo) / 2;
        if (margin > 2) margin /= 2;
    }
    return TSR_OK;
}

static tsr_status target_missed(search *q) {
    const tsr_encode_options *o = q->e->o;
    if (q->by_size)
        return tsr_diag_set(q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "the smallest file of this codec has %.0f bytes, the target is %.0f",
                            q->reached, q->target);
    if (o->target == TSR_TARGET_PSNR)
        return tsr_diag_set(q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "the best this codec reaches is %.2f dB, the target is %.2f dB",
                            q->reached, q->target);
    return tsr_diag_set(
        q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
        "the smallest largest error this codec reaches is %.0f levels, the target is %.0f",
        -q->reached, -q->target);
}

static tsr_status search_step(search *q) {
    uint32_t found = 0;
    int any, meets;
    tsr_status s = bracket(q, &found, &any);
    if (s) return s;
    if (!any) return target_missed(q);
    return probe(q, found, &meets); /* back to the one that meets, if it was not the last */
}

/* The size of a lossless file is what it is: a size target only checks it. */
tsr_status tsr_rate_control(tsr_encoder *e, double *psnr) {
    const tsr_encode_options *o = e->o;
    search q = {.e = e, .psnr = psnr, .target = o->value};
    switch (o->target) {
    case TSR_TARGET_QUALITY:
        return tsr_encoder_try(e, tsr_step_of_quality(o->value));
    case TSR_TARGET_STEP:
        return tsr_encoder_try(e, tsr_step_index(o->value));
    case TSR_TARGET_LOSSLESS:
        *psnr = INFINITY;
        return tsr_encoder_try(e, 0);
    case TSR_TARGET_BPP:
        q.by_size = 1;
        q.target = floor(o->value * e->im->width * e->im->height / 8);
        return search_step(&q);
    case TSR_TARGET_SIZE:
        q.by_size = 1;
        return search_step(&q);
    case TSR_TARGET_PSNR:
        return search_step(&q);
    case TSR_TARGET_MAX_ERROR:
        if (e->header.lossless) return tsr_encoder_try(e, 0);
        q.target = -floor(o->value);
        return search_step(&q);
    }
    return TSR_ERR_INTERNAL;
}
