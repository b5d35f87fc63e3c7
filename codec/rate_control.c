/* rate_control.c - the step that meets a target, the same way for every codec.
 *
 * Size and distortion are close to monotone in the step, so the search brackets the target by the
 * secant method in the logarithmic domain, until a trial is within 0.2 % of the size or 0.02 dB of
 * the PSNR on the good side, or the bracket has closed to neighbouring steps (0.27 % apart). What
 * is returned has been encoded, and where the target is a distortion, decoded: nothing is
 * estimated.
 */
#include <math.h>

#include "encoder.h"
#include "step.h"

#define CLOSE_SIZE       0.002 /* of the target */
#define CLOSE_PSNR       0.02  /* dB */
#define MAX_INTERPOLATED 8u    /* trials before the search only halves */
#define LOOK_AROUND      24u   /* steps of 0.27 % to either side, */
#define PATIENCE         6u    /* but so many in vain at most */
#define CLOSE            0.05  /* dB */
#define EXACT_PER_LEVEL  4u    /* steps of a fraction of a level of the samples: no use of finer */

/* A measured property and whether a step meets the target: small steps meet quality targets, large
 * steps meet size targets. */
typedef struct search {
    tsr_encoder *e;
    double *psnr;
    double target, reached; /* of the last trial */
    double best;            /* of all trials */
    uint32_t finest;        /* step that is of use */
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
    if (q->finest < q->e->finest) q->finest = q->e->finest;
    if (q->by_size) {
        q->reached = (double)q->e->file.size;
        *meets = q->reached <= q->target;
        return TSR_OK;
    }
    s = measure_psnr(q->e, q->psnr, &d);
    if (s) return s;
    q->reached = q->e->o->target == TSR_TARGET_PSNR ? d.psnr : -(double)d.max_error;
    *meets = q->reached >= q->target;
    if (q->reached > q->best) q->best = q->reached;
    return TSR_OK;
}

/* Is the last trial the picture itself? Only a fine step can be. */
static tsr_status find_exact(search *q, uint32_t index, int *exact) {
    tsr_distortion d;
    *exact = 0;
    if (index > q->finest + 4 * 256) return TSR_OK;
    tsr_status s = measure_psnr(q->e, q->psnr, &d);
    *exact = !s && !d.max_error;
    return s;
}

/* Bytes that the step has a say in: alpha without loss is the same at all of them. */
static double bytes_of_step(const search *q, double file) {
    double left = file - (double)q->e->alpha.size;
    return left > 1 ? left : 1;
}

/* Guess of the step index where the target is met, from one measured point: halving the step costs
 * about one bit a significant sample and gains at most 6 dB. */
static uint32_t extrapolate(const search *q, uint32_t index) {
    double octaves;
    if (q->by_size)
        octaves = log2(bytes_of_step(q, q->reached) / bytes_of_step(q, q->target)) / 0.8;
    else if (q->e->o->target == TSR_TARGET_PSNR)
        octaves = (q->reached - q->target) / 5.0;
    else
        octaves = log2((-q->target + 0.5) / (-q->reached + 0.5));
    double next = (double)index + floor(octaves * 256 + 0.5);
    return next < q->finest ? q->finest : next > TSR_STEP_MAX ? TSR_STEP_MAX : (uint32_t)next;
}

/* The measured property on a scale that falls nearly linearly with the step index. */
static double on_scale(const search *q, double value) {
    if (q->by_size) return log2(bytes_of_step(q, value));
    return q->e->o->target == TSR_TARGET_PSNR ? value : -log2(-value + 0.5);
}

/* Near enough to the target, on its good side, for another trial not to be worth its time. */
static int close_enough(const search *q) {
    if (q->by_size) return q->reached >= q->target * (1 - CLOSE_SIZE);
    /* many steps have the same largest error: the largest of them is wanted */
    return q->e->o->target == TSR_TARGET_PSNR && q->reached - q->target < CLOSE_PSNR;
}

/* One end of the bracket. */
typedef struct bound {
    uint32_t index;
    double value; /* on_scale(); only if known */
    int known;
} bound;

/* Index where the target should be: between two measured ends on the line through them. */
static uint32_t interpolate(const search *q, const bound *lo, const bound *hi, uint32_t at) {
    if (!lo->known || !hi->known) return extrapolate(q, at);
    double span = lo->value - hi->value,
           t = span > 0 ? (lo->value - on_scale(q, q->target)) / span : 0.5;
    t = t < 0.02 ? 0.02 : t > 0.98 ? 0.98 : t;
    return lo->index + (uint32_t)((double)(hi->index - lo->index) * t + 0.5);
}

/* Narrows lo (smaller step) and hi until they are neighbours or a trial on the good side is close
 * enough, or exact; *found is the best that meets the target. Size: hi meets. Distortion: lo meets.
 */
static tsr_status bracket(search *q, uint32_t *found, int *any) {
    bound lo = {.index = q->finest - 1},
          hi = {.index = TSR_STEP_MAX + 1}; /* assumed on their sides */
    uint32_t next = tsr_step_of_quality(60);
    *any = 0;
    for (uint32_t trial = 1; hi.index - lo.index > 1; trial++) {
        int meets, exact = 0;
        uint32_t at = next <= lo.index ? lo.index + 1 : next >= hi.index ? hi.index - 1 : next;
        tsr_status s = probe(q, at, &meets);
        if (s) return s;
        if (meets) *found = at, *any = 1;
        if (meets && close_enough(q)) return TSR_OK;
        if (meets && q->by_size) s = find_exact(q, at, &exact);
        if (s || exact) return s;
        if (lo.index < q->finest - 1) lo = (bound){.index = q->finest - 1};
        bound *end = (q->by_size ? meets : !meets) ? &hi : &lo;
        *end = (bound){at, on_scale(q, q->reached), isfinite(on_scale(q, q->reached))};
        next = interpolate(q, &lo, &hi, at);
        /* lean to the good side; when that does not converge, halve */
        next = q->by_size ? next + 1 : next - (next > 1);
        if (trial > MAX_INTERPOLATED) next = lo.index + (hi.index - lo.index) / 2;
    }
    return TSR_OK;
}

static tsr_status target_missed(search *q) {
    const tsr_encode_options *o = q->e->o;
    if (q->by_size && q->e->alpha.size)
        return tsr_diag_set(q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "the smallest file of this codec has %.0f bytes, %zu of them alpha "
                            "without loss; the target is %.0f",
                            q->reached, q->e->alpha.size, q->target);
    if (q->by_size)
        return tsr_diag_set(q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "the smallest file of this codec has %.0f bytes, the target is %.0f",
                            q->reached, q->target);
    if (o->target == TSR_TARGET_PSNR)
        return tsr_diag_set(q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                            "the best this codec reaches is %.2f dB, the target is %.2f dB",
                            q->best, q->target);
    return tsr_diag_set(
        q->e->job->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
        "the smallest largest error this codec reaches is %.0f levels, the target is %.0f",
        -q->best, -q->target);
}

/* On a small picture the PSNR goes up and down from step to step, as levels and filters come and
 * go: when the bracket closed too far above the target, a step nearby may meet it more closely.
 * Larger ones first: their files are smaller. */
static tsr_status look_around(search *q, uint32_t found) {
    uint32_t best = found, in_vain = 0;
    double nearest = q->reached;
    tsr_status s = TSR_OK;
    int meets;
    if (!isfinite(nearest)) return TSR_OK;
    for (uint32_t i = 0; i < 2 * LOOK_AROUND && nearest > q->target + CLOSE; i++) {
        uint32_t far = i % LOOK_AROUND + 1;
        uint32_t at = i < LOOK_AROUND ? found + far : found - far; /* below 0 wraps: out of range */
        if (far == 1) in_vain = 0;
        if (at < q->finest || at > TSR_STEP_MAX || in_vain == PATIENCE) continue;
        s = probe(q, at, &meets);
        if (s) return s;
        in_vain++;
        if (!meets || q->reached >= nearest) continue;
        best = at;
        nearest = q->reached;
        in_vain = 0;
    }
    return probe(q, best, &meets);
}

static tsr_status search_step(search *q) {
    uint32_t found = 0;
    int any, meets;
    tsr_status s = bracket(q, &found, &any);
    if (s) return s;
    if (!any) return target_missed(q);
    s = probe(q, found, &meets); /* back to the one that meets, if it was not the last */
    return s || q->e->o->target != TSR_TARGET_PSNR ? s : look_around(q, found);
}

/* A quality is about the same PSNR under every quantizer. */
static uint32_t quality_step(const tsr_encoder *e) {
    float scale = e->pipe.quantizer->step_scale;
    return tsr_step_index(tsr_step_value(tsr_step_of_quality(e->o->value)) *
                          (scale > 0 ? scale : 1.0f));
}

/* Finer ones make the file larger and the picture no better. */
static uint32_t exact_step(const tsr_encoder *e) {
    double levels = e->im->depth == 8 ? 1 : 257; /* of the samples in one of 8 bits */
    return tsr_step_index(1 / (levels * EXACT_PER_LEVEL));
}

tsr_status tsr_rate_control(tsr_encoder *e, double *psnr) {
    const tsr_encode_options *o = e->o;
    search q = {
        .e = e, .psnr = psnr, .target = o->value, .best = -INFINITY, .finest = TSR_STEP_MIN};
    switch (o->target) {
    case TSR_TARGET_QUALITY:
        return tsr_encoder_try(e, quality_step(e));
    case TSR_TARGET_STEP:
        return tsr_encoder_try(e, tsr_step_index(o->value));
    case TSR_TARGET_LOSSLESS:
        *psnr = INFINITY;
        return tsr_encoder_try(e, 0);
    case TSR_TARGET_BPP:
        q.by_size = 1;
        q.target = floor(o->value * e->im->width * e->im->height / 8);
        q.finest = exact_step(e);
        return search_step(&q);
    case TSR_TARGET_SIZE:
        q.by_size = 1;
        q.finest = exact_step(e);
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
