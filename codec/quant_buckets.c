/* quant_buckets.c - each block of a band in buckets of its own.
 *
 * centres=middle: the range from the least to the greatest coefficient of a block is cut into n
 * equal buckets; a coefficient becomes the number of its bucket and is decoded as the bucket's
 * middle, at most half a bucket off. centres=kmeans: n centres with the least squared error
 * (kmeans_1d.h) in place of the middles, and the nearest one in place of the bucket. n is the least
 * number that makes buckets of a step or less, or for kmeans what costs least, and not above k.
 *
 * Numbers of a block: range and least value in half steps; or the number of centres, the first one
 * and the distances of the others in quarters of a step. Levels are coded relative to the bucket of
 * zero, so that the coder's contexts see magnitudes. Cost: 5 ns a coefficient; kmeans 0.4 us.
 */
#include <math.h>
#include <stdlib.h>

#include "kmeans_1d.h"
#include "quant_blocks.h"
#include "quant_param.h"

enum { P_K, P_BLOCK, P_CENTRES };
enum { MIDDLE, MEANS };
enum { RANGE, LEAST }; /* numbers of a block with middles */
enum { COUNT, FIRST }; /* with means; then the other centres */
enum { KIND_RANGE, KIND_DETAIL, KIND_LOW, KIND_COUNT = 0, KIND_FIRST, KIND_GAP };

#define MOST_BUCKETS 65536
#define MOST_MEANS   16u     /* when k is 0 */
#define LARGEST      4194304 /* 2^22: numbers of blocks are cut off there, far beyond real ones */
#define CENTRE_BITS  5.0     /* what a coded centre costs, about */

static const char *const centre_names[] = {"middle", "kmeans", NULL};

static const tsr_param params[] = {
    {.name = "k",
     .help = "most buckets of a block; 0: as many as the step asks for",
     .unit = "",
     .type = TSR_PARAM_INT,
     .min = 0,
     .max = 256,
     .def = 0},
    TSR_QUANT_BLOCK(TSR_BLOCK_SIDE_MAX, 16),
    {.name = "centres",
     .help = "what a bucket is decoded as: its middle, or the best centre by k-means",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = MIDDLE,
     .choices = centre_names},
};

typedef struct buckets {
    tsr_block_numbers numbers;
    uint32_t most; /* buckets; 0: no limit but MOST_BUCKETS */
    int means;
} buckets;

static tsr_status buckets_check(const tsr_value *v, tsr_diag *d) {
    if (v[P_K].i > v[P_BLOCK].i * v[P_BLOCK].i)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "buckets: k=%d is more than the %d coefficients of a block",
                            (int)v[P_K].i, (int)(v[P_BLOCK].i * v[P_BLOCK].i));
    return TSR_OK;
}

static tsr_status buckets_open(void *st, const tsr_layout *l, const tsr_value *v, tsr_job *j) {
    buckets *s = st;
    uint32_t side = (uint32_t)v[P_BLOCK].i;
    s->means = v[P_CENTRES].i == MEANS;
    s->most = (uint32_t)v[P_K].i;
    if (s->means && !s->most) s->most = side * side < MOST_MEANS ? side * side : MOST_MEANS;
    return tsr_block_numbers_alloc(&s->numbers, l, side, s->means ? FIRST + s->most : 2, j);
}

/* ---- the buckets of a block ---- */

typedef struct cells {
    int means;
    uint32_t n;
    int32_t zero; /* bucket that level 0 stands for */
    const int32_t *number;
    float unit; /* of the numbers */
    int snap;   /* zero's bucket is decoded as zero */
} cells;

static cells block_cells(const buckets *s, const tsr_quant_task *t, uint32_t b,
                         const int32_t *number) {
    int low = t->layout->band[b].orient == TSR_ORIENT_LOW;
    float step = tsr_band_step(t, b);
    cells c = {.means = s->means, .number = number};
    if (s->means) {
        c.n = (uint32_t)number[COUNT];
        c.unit = step * 0.25f;
        for (uint32_t i = 1; i < c.n && !low; i++)
            if (abs(number[FIRST + i]) < abs(number[FIRST + c.zero])) c.zero = (int32_t)i;
        return c;
    }
    int64_t range = number[RANGE], least = number[LEAST], limit = s->most ? s->most : MOST_BUCKETS;
    c.n = (uint32_t)(range < 2 ? 1 : (range + 1) / 2 < limit ? (range + 1) / 2 : limit);
    c.unit = step * 0.5f;
    if (low) {
        c.zero = s->most ? 0 : -(int32_t)(least >> 1);
    } else {
        int64_t zero = range && least < 0 ? -least * c.n / range : 0;
        c.zero = (int32_t)(zero < c.n ? zero : c.n - 1);
        c.snap = least <= 0 && least + range >= 0;
    }
    return c;
}

static float cell_value(const cells *c, int32_t i) {
    if (c->means) return (float)c->number[FIRST + i] * c->unit;
    if (c->snap && i == c->zero) return 0.0f;
    int64_t n = c->n, twice = 2 * c->number[LEAST] * n + (2 * i + 1) * (int64_t)c->number[RANGE];
    return (float)twice * c->unit / (float)(2 * n);
}

static int32_t nearest_centre(const cells *c, float v) {
    int32_t best = 0;
    for (int32_t i = 1; i < (int32_t)c->n; i++)
        if (fabsf(v - cell_value(c, i)) < fabsf(v - cell_value(c, best))) best = i;
    return best;
}

static int32_t cell_of(const cells *c, float v) {
    if (c->means) return nearest_centre(c, v);
    int32_t range = c->number[RANGE];
    if (!range) return 0;
    double i = floor(((double)v / c->unit - c->number[LEAST]) * c->n / range);
    return i < 0 ? 0 : i < c->n ? (int32_t)i : (int32_t)c->n - 1;
}

/* ---- encoder: the numbers of a block ---- */

static void find_range(const float *v, uint32_t n, float unit, int32_t *number) {
    float least = v[0], greatest = v[0];
    for (uint32_t i = 1; i < n; i++) {
        least = v[i] < least ? v[i] : least;
        greatest = v[i] > greatest ? v[i] : greatest;
    }
    number[LEAST] = (int32_t)floorf(least / unit);
    number[RANGE] = (int32_t)ceilf(greatest / unit) - number[LEAST];
}

/* Is a detail block of the buckets c better coded as zero? Bits are the entropy of the indices and
 * the two numbers. lambda: of errors in steps^2. */
static int better_empty(const cells *c, const float *v, uint32_t n, float step, double lambda) {
    enum { COUNTED = 64 };
    uint32_t count[COUNTED] = {0};
    double error = 0, energy = 0, bits = 2 * CENTRE_BITS;
    if (c->n > COUNTED) return 0;
    for (uint32_t i = 0; i < n; i++) {
        int32_t cell = cell_of(c, v[i]);
        double d = (double)v[i] - cell_value(c, cell);
        count[cell]++;
        error += d * d;
        energy += (double)v[i] * v[i];
    }
    for (uint32_t i = 0; i < c->n; i++)
        if (count[i]) bits += count[i] * log2((double)n / count[i]);
    return energy - error <= lambda * bits * step * step;
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Squared error in steps^2 + lambda * bits of j groups; bits are the entropy of the indices and the
 * centres. */
static double groups_cost(const float *v, uint32_t n, uint32_t j, double error, double lambda,
                          uint32_t *end, void *memory) {
    double bits = CENTRE_BITS * j;
    tsr_kmeans_1d_groups(v, n, j, end, NULL, memory);
    for (uint32_t i = 0; i < j; i++) {
        double size = end[i] - (i ? end[i - 1] : 0);
        bits += size * log2(n / size);
    }
    return error + lambda * bits;
}

/* Memory of the encoder. */
typedef struct work {
    const buckets *s;
    float *sample; /* of a block */
    double lambda; /* of errors in steps^2 */
    /* for centres: */
    void *table;
    double *error; /* [most] */
    uint32_t *end; /* [most] */
    float *mean;   /* [most] */
} work;

static void find_centres(const work *w, uint32_t n, float step, int32_t *number) {
    float *v = w->sample;
    uint32_t k = n < w->s->most ? n : w->s->most, best = 1;
    double least = INFINITY;
    qsort(v, n, sizeof *v, by_value);
    tsr_kmeans_1d(v, NULL, n, k, w->error, w->table);
    for (uint32_t j = 1; j <= k; j++) {
        double error = w->error[j - 1] / ((double)step * step);
        double cost = groups_cost(v, n, j, error, w->lambda, w->end, w->table);
        if (cost >= least) continue;
        least = cost;
        best = j;
    }
    tsr_kmeans_1d_groups(v, n, best, NULL, w->mean, w->table);
    uint32_t count = 0;
    for (uint32_t j = 0; j < best; j++) {
        int32_t at = (int32_t)floorf(w->mean[j] / (0.25f * step) + 0.5f);
        if (!count || at > number[FIRST + count - 1]) number[FIRST + count++] = at;
    }
    number[COUNT] = (int32_t)count;
}

static void quantize_block(void *arg, const tsr_quant_task *t, uint32_t b, const tsr_block *k) {
    const work *w = arg;
    const buckets *s = w->s;
    int32_t *number = s->numbers.band[b] + (size_t)k->number * s->numbers.stride;
    float step = tsr_band_step(t, b);
    tsr_block_gather(k, t->coeffs->data[b].f, LARGEST / 4 * step, w->sample);
    if (s->means)
        find_centres(w, k->n, step, number);
    else
        find_range(w->sample, k->n, 0.5f * step, number);
    cells c = block_cells(s, t, b, number);
    if (!s->means && k->band->orient != TSR_ORIENT_LOW &&
        better_empty(&c, w->sample, k->n, step, w->lambda)) {
        number[LEAST] = number[RANGE] = 0;
        c = block_cells(s, t, b, number);
    }
    for (uint32_t y = 0; y < k->h; y++) {
        size_t at = (size_t)(k->y + y) * k->band->w + k->x;
        for (uint32_t x = 0; x < k->w; x++)
            t->symbols->data[b][at + x] = cell_of(&c, t->coeffs->data[b].f[at + x]) - c.zero;
    }
}

static tsr_status take_work(work *w, const tsr_quant_task *t) {
    uint32_t n = w->s->numbers.side * w->s->numbers.side, most = w->s->most;
    w->sample = tsr_job_alloc(t->job, n, sizeof *w->sample);
    if (!w->sample) return tsr_job_memory_status(t->job);
    w->lambda = t->lambda / ((double)t->step * t->step);
    if (!w->s->means) return TSR_OK;
    w->table = tsr_job_alloc(t->job, 1, tsr_kmeans_1d_memory(n, most));
    w->error = tsr_job_alloc(t->job, most, sizeof *w->error);
    w->end = tsr_job_alloc(t->job, most, sizeof *w->end);
    w->mean = tsr_job_alloc(t->job, most, sizeof *w->mean);
    return w->table && w->error && w->end && w->mean ? TSR_OK : tsr_job_memory_status(t->job);
}

static tsr_status buckets_quantize(void *st, const tsr_quant_task *t) {
    const buckets *s = st;
    work w = {.s = s};
    tsr_status status = take_work(&w, t);
    return status ? status : tsr_blocks_quantize(&s->numbers, t, quantize_block, &w);
}

/* ---- decoder ---- */

static void dequantize_block(void *arg, const tsr_quant_task *t, uint32_t b, const tsr_block *k) {
    const buckets *s = arg;
    cells c = block_cells(s, t, b, s->numbers.band[b] + (size_t)k->number * s->numbers.stride);
    for (uint32_t y = 0; y < k->h; y++) {
        size_t at = (size_t)(k->y + y) * k->band->w + k->x;
        for (uint32_t x = 0; x < k->w; x++) {
            int64_t i = (int64_t)t->symbols->data[b][at + x] + c.zero;
            i = i < 0 ? 0 : i < c.n ? i : c.n - 1;
            t->decoded->data[b].f[at + x] = cell_value(&c, (int32_t)i);
        }
    }
}

static tsr_status buckets_dequantize(void *st, const tsr_quant_task *t) {
    const buckets *s = st;
    tsr_blocks_dequantize(&s->numbers, t, dequantize_block, st);
    return TSR_OK;
}

/* ---- side information: one text for both directions; returns whether numbers are legal ---- */

static int code_range(const void *arg, tsr_side *c, const tsr_block *k,
                      const tsr_block_near *near) {
    int low = k->band->orient == TSR_ORIENT_LOW;
    unsigned context = tsr_side_context((uint32_t)near->left[RANGE], (uint32_t)near->up[RANGE]);
    uint32_t range = tsr_side_count(c, KIND_RANGE, context, (uint32_t)near->here[RANGE]);
    int32_t guess =
        low ? tsr_block_guess(k, near->left[LEAST], near->up[LEAST]) : -(int32_t)((range + 1) / 2);
    int32_t least = tsr_side_number(c, low ? KIND_LOW : KIND_DETAIL, tsr_side_context(range, range),
                                    near->here[LEAST] - guess) +
                    guess;
    near->here[RANGE] = (int32_t)range;
    near->here[LEAST] = least;
    return range <= 2 * LARGEST && least >= -LARGEST && least <= LARGEST;
}

static int code_centres(const void *arg, tsr_side *c, const tsr_block *k,
                        const tsr_block_near *near) {
    const buckets *s = arg;
    int32_t *at = near->here + FIRST, guess = 0;
    uint32_t left = (uint32_t)near->left[COUNT], up = (uint32_t)near->up[COUNT];
    uint32_t n = 1 + tsr_side_count(c, KIND_COUNT, tsr_side_context(left, up),
                                    (uint32_t)near->here[COUNT] - 1);
    if (n > s->most) return 0;
    near->here[COUNT] = (int32_t)n;
    if (k->band->orient == TSR_ORIENT_LOW)
        guess = tsr_block_guess(k, near->left[FIRST], near->up[FIRST]);
    at[0] = guess + tsr_side_number(c, KIND_FIRST, n < 4 ? n - 1 : 3, at[0] - guess);
    for (uint32_t i = 1; i < n; i++) {
        uint32_t gap = i > 1 ? (uint32_t)(at[i - 1] - at[i - 2]) : 0;
        gap = 1 + tsr_side_count(c, KIND_GAP, tsr_side_context(gap, gap),
                                 (uint32_t)(at[i] - at[i - 1]) - 1);
        if (gap > 2 * LARGEST) return 0;
        at[i] = at[i - 1] + (int32_t)gap;
        if (at[i] > LARGEST) return 0;
    }
    return at[0] >= -LARGEST && at[0] <= LARGEST;
}

static tsr_block_code_fn code_of(const buckets *s) {
    return s->means ? code_centres : code_range;
}

static void buckets_save(const void *st, const tsr_layout *l, tsr_buffer *out) {
    const buckets *s = st;
    tsr_block_numbers_save(&s->numbers, l, out, code_of(s), s);
}

static tsr_status buckets_load(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d) {
    const buckets *s = st;
    return tsr_block_numbers_load(&s->numbers, l, in, code_of(s), s, d);
}

const tsr_quantizer tsr_quantizer_buckets = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 4,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "buckets",
          .summary = "equal buckets between least and greatest coefficient of a block",
          .reference = "Bruce 1965; Wu 1991, Optimal quantization by matrix searching (centres)",
          .params = params,
          .n_params = 3,
          .state_size = sizeof(buckets)},
    .check = buckets_check,
    .open = buckets_open,
    .quantize = buckets_quantize,
    .dequantize = buckets_dequantize,
    .side_save = buckets_save,
    .side_load = buckets_load,
};
