/* quant_kmeans.c - entropy-constrained scalar quantization with centres for each band.
 *
 * Detail bands have the centres 0, +-c1, +-c2, ...: coefficients go to the centre with the least
 * squared error + lambda * bits, bits being those of its number in the coder's context, and centres
 * to the mean of what came to them; both again in each pass (Chou, Lookabaugh & Gray 1989, for
 * scalars; Lloyd 1982 with lambda = 0). Numbers are coded as levels. With k = 0 the first few
 * centres are free and the rest follow a step apart; else there are k in all, which begin as the
 * least squared error alone would have them (kmeans_1d.h), and larger magnitudes are cut off.
 *
 * Low bands are rounded, but with k > 0 a picture itself (tsr_band_is_base() is false) has the best
 * k centres without a rate term, as their numbers are coded by prediction.
 *
 * Centres are sent in 1/16 of the band's step, as distances. Cost: 20 ns a coefficient and pass.
 */
#include <math.h>

#include "kmeans_1d.h"
#include "quant_param.h"
#include "quant_passes.h"
#include "quant_side.h"

enum { P_K, P_LAMBDA, P_PASSES };
enum { KIND_COUNT, KIND_FIRST, KIND_GAP };

#define MOST      256
#define FREE      15       /* centres of each sign that are sent when k is 0 */
#define UNIT      16       /* parts of a step */
#define LARGEST   16777216 /* 2^24: position of a centre, far beyond real ones */
#define MAX_LEVEL 8388607.0f
#define BINS      1024u /* of the histogram for k-means */
#define RARE      4u    /* members below which a free centre stays where it is */

static const tsr_param params[] = {
    {.name = "k",
     .help = "centres of a band, both signs and zero; 0: as many as the step asks for",
     .unit = "",
     .type = TSR_PARAM_INT,
     .min = 0,
     .max = MOST,
     .def = 0},
    TSR_QUANT_LAMBDA("", 0.1),
    TSR_QUANT_PASSES_OF("assignments, each with centres and rates of the one before", 8, 3),
};

/* Centres of a band: at[0 .. n-1] ascending, in 1/16 step; those of positive levels 1 .. n in
 * detail bands, those of levels 0 .. n-1 in low ones. */
typedef struct centres {
    uint32_t n, most;
    int32_t *at;
} centres;

typedef struct kmeans {
    uint32_t k;
    centres *band; /* [bands]; most == 0 where none are sent */
} kmeans;

static uint32_t most_centres(uint32_t k, const tsr_band *band) {
    if (band->domain != TSR_DOMAIN_REAL || !tsr_band_size(band) || tsr_band_is_base(band)) return 0;
    if (band->orient == TSR_ORIENT_LOW) return k;
    return k ? (k - 1) / 2 : FREE;
}

static tsr_status kmeans_open(void *st, const tsr_layout *l, const tsr_value *v, tsr_job *j) {
    kmeans *s = st;
    s->k = (uint32_t)v[P_K].i;
    s->band = tsr_job_alloc(j, l->n, sizeof *s->band);
    if (!s->band) return tsr_job_memory_status(j);
    for (uint32_t b = 0; b < l->n; b++) {
        centres *c = &s->band[b];
        c->most = most_centres(s->k, &l->band[b]);
        c->at = tsr_job_alloc(j, c->most, sizeof *c->at);
        if (!c->at) return tsr_job_memory_status(j);
    }
    return TSR_OK;
}

/* Position of the centre of level m >= 0 of a detail band. */
static int64_t centre_at(const kmeans *s, const centres *c, int64_t m) {
    if (!m) return 0;
    if (m <= c->n) return c->at[m - 1];
    return (c->n ? c->at[c->n - 1] : 0) + (s->k ? 0 : (m - c->n) * UNIT);
}

/* ---- encoder: centres ---- */

/* Members of the groups of a detail band: number, and sum and sum of squares of their magnitudes in
 * parts of a step. */
typedef struct group {
    double n, sum;
} group;

typedef struct search {
    tsr_passes p;
    const kmeans *s;
    float lambda;   /* in parts of a step, squared */
    uint8_t *begun; /* [bands] has centres and levels of the pass before */
    /* for k-means: */
    float *x, *w;  /* [BINS] */
    double *error; /* [MOST] */
    float *mean;   /* [MOST] */
    void *table;
} search;

static float parts_of(const search *s, uint32_t b) {
    return UNIT / tsr_band_step(s->p.t, b);
}

/* Sets the n centres of *c to those with the least squared error for values counted in a histogram
 * of [least, least + BINS * width]. */
static void best_centres(search *s, centres *c, uint32_t n, float least, float width,
                         const float *count) {
    uint32_t points = 0;
    for (uint32_t i = 0; i < BINS; i++) {
        if (count[i] <= 0) continue;
        s->x[points] = least + ((float)i + 0.5f) * width;
        s->w[points++] = count[i];
    }
    n = n < points ? n : points;
    c->n = 0;
    if (!n) return;
    tsr_kmeans_1d(s->x, s->w, points, n, s->error, s->table);
    tsr_kmeans_1d_groups(s->x, points, n, NULL, s->mean, s->table);
    for (uint32_t i = 0; i < n; i++) {
        int32_t at = (int32_t)floorf(s->mean[i] + 0.5f);
        if (!c->n || at > c->at[c->n - 1]) c->at[c->n++] = at;
    }
}

static float limited(float v) {
    return v < -LARGEST ? -LARGEST : v < LARGEST ? v : LARGEST;
}

static void range_of(const float *v, size_t n, float scale, float *least, float *greatest) {
    *least = *greatest = limited(v[0] * scale);
    for (size_t i = 1; i < n; i++) {
        float a = limited(v[i] * scale);
        *least = a < *least ? a : *least;
        *greatest = a > *greatest ? a : *greatest;
    }
}

static uint32_t bin_of(float v, float least, float width) {
    float i = (v - least) / width;
    return i < BINS ? (uint32_t)i : BINS - 1;
}

/* First centres of a detail band: multiples of the step, or when these do not reach far enough, the
 * best for magnitudes above half a step. */
static void begin_centres(search *s, uint32_t b) {
    centres *c = &s->s->band[b];
    const float *v = s->p.t->coeffs->data[b].f;
    size_t n = tsr_band_size(&s->p.t->layout->band[b]);
    float count[BINS] = {0}, least, greatest, scale = parts_of(s, b);
    range_of(v, n, scale, &least, &greatest);
    if (-least > greatest) greatest = -least;
    c->n = c->most;
    for (uint32_t i = 0; i < c->n; i++) c->at[i] = (int32_t)((i + 1) * UNIT);
    if (!s->s->k || greatest < ((float)c->n + 0.5f) * UNIT) return;
    float first = UNIT / 2, width = (greatest - first) / BINS;
    for (size_t i = 0; i < n; i++) {
        float a = fabsf(limited(v[i] * scale));
        if (a > first) count[bin_of(a, first, width)]++;
    }
    best_centres(s, c, c->most, first, width, count);
}

/* What came to each level; those from `most` on are together in the last group. */
static void sum_groups(const search *s, uint32_t b, group *g, uint32_t most) {
    const int32_t *k = s->p.t->symbols->data[b];
    const float *v = s->p.t->coeffs->data[b].f;
    size_t n = tsr_band_size(&s->p.t->layout->band[b]);
    float scale = parts_of(s, b);
    for (size_t i = 0; i < n; i++) {
        uint32_t m = (uint32_t)(k[i] < 0 ? -k[i] : k[i]);
        if (!m || m >= most) continue;
        g[m].n++;
        g[m].sum += (double)(k[i] < 0 ? -v[i] : v[i]) * scale;
    }
}

/* Moves the centres to the means of their groups. */
static void move_centres(const search *s, uint32_t b) {
    centres *c = &s->s->band[b];
    group g[MOST] = {{0, 0}};
    sum_groups(s, b, g, c->n + 1);
    for (uint32_t i = 0; i < c->n; i++) {
        const group *own = &g[i + 1];
        double at = own->n < (s->s->k ? 1 : RARE) ? c->at[i] : floor(own->sum / own->n + 0.5);
        int32_t least = i ? c->at[i - 1] + 1 : 1;
        c->at[i] = at < least ? least : at < LARGEST ? (int32_t)at : LARGEST;
    }
}

/* ---- encoder: assignment ---- */

/* The level whose centre is the last at or below a. */
static uint32_t level_below(const search *s, const centres *c, float a) {
    uint32_t last = s->s->k ? c->n : (uint32_t)MAX_LEVEL - 1, m = (uint32_t)(a / UNIT);
    if (m > last) m = last;
    while (m && (float)centre_at(s->s, c, m) > a) m--;
    while (m < last && (float)centre_at(s->s, c, m + 1) <= a) m++;
    return m;
}

/* The cheapest of the levels around a, and zero. */
static uint32_t choose_level(const search *s, const centres *c, float a, const float *bits,
                             uint32_t bucket, float *worth) {
    uint32_t low = level_below(s, c, a), best = 0;
    float least = a * a + s->lambda * bits[0];
    for (uint32_t m = low ? low : 1; m <= low + 1; m++) {
        if (s->s->k && m > c->n) break;
        float d = a - (float)centre_at(s->s, c, m);
        float cost = d * d + s->lambda * tsr_rate_bits(bits, bucket, m);
        if (cost >= least) continue;
        least = cost;
        best = m;
    }
    *worth += a * a - least;
    return best;
}

static void assign_detail(tsr_passes *p, uint32_t b) {
    search *s = (search *)p;
    const tsr_band *band = &p->t->layout->band[b];
    const centres *c = &s->s->band[b];
    const float *v = p->t->coeffs->data[b].f;
    int32_t *out = p->t->symbols->data[b];
    float scale = parts_of(s, b);
    if (s->begun[b])
        move_centres(s, b);
    else
        begin_centres(s, b);
    s->begun[b] = 1;
    tsr_coef_context_band(&p->ctx, b);
    for (uint32_t y = 0; y < band->h; y++) {
        uint16_t *mag = tsr_mag_row(&p->ctx, b, y);
        tsr_coef_context_row(&p->ctx, b, y);
        for (uint32_t x = 0; x < band->w; x++, v++) {
            uint32_t bucket = tsr_energy_bucket(tsr_energy(&p->ctx, mag, x));
            const float *bits = p->rates->bits[p->ctx.cls[b]][bucket][0];
            float a = fabsf(*v) * scale;
            a = a < MAX_LEVEL * UNIT ? a : MAX_LEVEL * UNIT;
            uint32_t m = choose_level(s, c, a, bits, bucket, &p->worth[x / TSR_BLOCK]);
            mag[x] = tsr_clip_mag(2 * m);
            *out++ = *v < 0 ? -(int32_t)m : (int32_t)m;
        }
        tsr_passes_end_row(p, b, y);
    }
}

/* ---- encoder: what is sent ---- */

static double gap_bits(int32_t gap) {
    return gap ? 2 * log2(1 + fabs((double)gap)) + 1 : 0.5;
}

/* k = 0: keeps as many free centres as are worth their bits; those beyond follow the last one. */
static void drop_centres(const search *s, uint32_t b) {
    enum { GROUPS = 4 * FREE };
    centres *c = &s->s->band[b];
    group g[GROUPS] = {{0, 0}};
    double least = INFINITY, own = 0, bits = 0;
    uint32_t best = 0;
    sum_groups(s, b, g, GROUPS);
    for (uint32_t n = 0; n <= c->n; n++) {
        double error = 0;
        int32_t shift = n ? c->at[n - 1] - (int32_t)n * UNIT : 0;
        if (n) {
            double d = g[n].n ? g[n].sum / g[n].n - c->at[n - 1] : 0;
            own += g[n].n * d * d;
            bits += gap_bits(c->at[n - 1] - (n > 1 ? c->at[n - 2] : 0) - UNIT);
        }
        for (uint32_t m = n + 1; m < GROUPS; m++) {
            double d = g[m].n ? g[m].sum / g[m].n - (double)(m * UNIT) - shift : 0;
            error += g[m].n * d * d;
        }
        double cost = own + error + s->lambda * (bits + (n ? 2 * log2(1 + n) : 0));
        if (cost >= least) continue;
        least = cost;
        best = n;
    }
    c->n = best;
}

/* ---- encoder: low bands ---- */

static void nearest_levels(const search *s, uint32_t b) {
    const centres *c = &s->s->band[b];
    const float *v = s->p.t->coeffs->data[b].f;
    int32_t *k = s->p.t->symbols->data[b];
    size_t n = tsr_band_size(&s->p.t->layout->band[b]);
    float scale = parts_of(s, b);
    for (size_t i = 0; i < n; i++) {
        float a = limited(v[i] * scale);
        uint32_t low = 0, high = c->n - 1;
        while (low < high) { /* the first whose upper border is not below a */
            uint32_t mid = (low + high) / 2;
            if (a <= 0.5f * ((float)c->at[mid] + (float)c->at[mid + 1]))
                high = mid;
            else
                low = mid + 1;
        }
        k[i] = (int32_t)low;
    }
}

static void quantize_low(search *s, uint32_t b) {
    centres *c = &s->s->band[b];
    const float *v = s->p.t->coeffs->data[b].f;
    size_t n = tsr_band_size(&s->p.t->layout->band[b]);
    float count[BINS] = {0}, least, greatest, scale = parts_of(s, b);
    range_of(v, n, scale, &least, &greatest);
    float width = (greatest - least) / BINS + 1e-6f, wanted = (greatest - least) / UNIT + 1;
    for (size_t i = 0; i < n; i++) count[bin_of(limited(v[i] * scale), least, width)]++;
    best_centres(s, c, wanted < (float)c->most ? (uint32_t)wanted : c->most, least, width, count);
    nearest_levels(s, b);
}

/* ---- the stage ---- */

static tsr_status take_memory(search *s, const tsr_quant_task *t) {
    tsr_status status = tsr_passes_init_rates(&s->p, t);
    if (status) return status;
    s->begun = tsr_job_alloc(t->job, t->layout->n, 1);
    s->x = tsr_job_alloc(t->job, 2 * BINS, sizeof *s->x);
    s->error = tsr_job_alloc(t->job, MOST, sizeof *s->error);
    s->mean = tsr_job_alloc(t->job, MOST, sizeof *s->mean);
    s->table = tsr_job_alloc(t->job, 1, tsr_kmeans_1d_memory(BINS, MOST));
    if (!s->begun || !s->x || !s->error || !s->mean || !s->table)
        return tsr_job_memory_status(t->job);
    s->w = s->x + BINS;
    return TSR_OK;
}

static tsr_status kmeans_quantize(void *st, const tsr_quant_task *t) {
    search s = {.s = st, .lambda = (float)t->v[P_LAMBDA].r * UNIT * UNIT};
    tsr_status status = take_memory(&s, t);
    if (!status) status = tsr_passes_run(&s.p, (uint32_t)t->v[P_PASSES].i, assign_detail);
    for (uint32_t b = 0; b < t->layout->n && !status; b++) {
        if (!tsr_quant_wants(t, b) || !tsr_band_size(&t->layout->band[b])) continue;
        if (t->layout->band[b].orient != TSR_ORIENT_LOW) {
            move_centres(&s, b);
            if (!s.s->k) drop_centres(&s, b);
        } else if (s.s->band[b].most) {
            quantize_low(&s, b);
        }
    }
    return status;
}

static void dequantize_low(const kmeans *s, const tsr_quant_task *t, uint32_t b) {
    const centres *c = &s->band[b];
    const int32_t *k = t->symbols->data[b];
    float *out = t->decoded->data[b].f, step = tsr_band_step(t, b), unit = step / UNIT;
    size_t n = tsr_band_size(&t->layout->band[b]);
    if (!c->most) tsr_quant_scale(t, b, step);
    for (size_t i = 0; i < n && c->most; i++) {
        int32_t m = k[i] < 0 ? 0 : k[i] < (int32_t)c->n ? k[i] : (int32_t)c->n - 1;
        out[i] = (float)c->at[m] * unit;
    }
}

static void dequantize_detail(const kmeans *s, const tsr_quant_task *t, uint32_t b) {
    const centres *c = &s->band[b];
    const int32_t *k = t->symbols->data[b];
    float *out = t->decoded->data[b].f, unit = tsr_band_step(t, b) / UNIT;
    size_t n = tsr_band_size(&t->layout->band[b]);
    for (size_t i = 0; i < n; i++) {
        float a = (float)centre_at(s, c, k[i] < 0 ? -(int64_t)k[i] : k[i]) * unit;
        out[i] = k[i] < 0 ? -a : a;
    }
}

static tsr_status kmeans_dequantize(void *st, const tsr_quant_task *t) {
    for (uint32_t b = 0; b < t->layout->n; b++) {
        if (!tsr_quant_wants(t, b)) continue;
        if (t->layout->band[b].orient == TSR_ORIENT_LOW)
            dequantize_low(st, t, b);
        else
            dequantize_detail(st, t, b);
    }
    return TSR_OK;
}

/* ---- side information: one text for both directions; returns whether it is legal ---- */

static int code_centres(const kmeans *s, tsr_side *code, centres *c, int low) {
    uint32_t n =
        (uint32_t)low + tsr_side_count(code, KIND_COUNT, (unsigned)low, c->n - (uint32_t)low);
    int32_t gap = UNIT, last = 0;
    if (n > c->most) return 0;
    c->n = n;
    for (uint32_t i = 0; i < n; i++) {
        if (low && !i) {
            c->at[0] = last = tsr_side_number(code, KIND_FIRST, 0, c->at[0]);
            if (last < -LARGEST || last > LARGEST) return 0;
            continue;
        }
        int32_t guess = s->k ? gap : UNIT;
        gap = guess + tsr_side_number(code, KIND_GAP, (unsigned)low, c->at[i] - last - guess);
        if (gap < 1 || gap > LARGEST - last) return 0;
        c->at[i] = last += gap;
    }
    return 1;
}

static int code_bands(const kmeans *s, const tsr_layout *l, tsr_side *code) {
    for (uint32_t b = 0; b < l->n; b++)
        if (s->band[b].most &&
            !code_centres(s, code, &s->band[b], l->band[b].orient == TSR_ORIENT_LOW))
            return 0;
    return 1;
}

static void kmeans_save(const void *st, const tsr_layout *l, tsr_buffer *out) {
    tsr_side code;
    tsr_side_encode_start(&code, out);
    (void)code_bands(st, l, &code);
    tsr_side_encode_end(&code);
}

static tsr_status kmeans_load(void *st, const tsr_layout *l, tsr_reader *in, tsr_diag *d) {
    tsr_side code;
    tsr_side_decode_start(&code, in);
    if (code_bands(st, l, &code)) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "centres of the bands are corrupt");
}

const tsr_quantizer tsr_quantizer_kmeans = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 5,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "kmeans",
          .summary = "entropy-constrained scalar quantizer with centres for each band",
          .reference = "Chou, Lookabaugh & Gray 1989, Entropy-constrained vector quantization; "
                       "Lloyd 1982",
          .params = params,
          .n_params = 3,
          .state_size = sizeof(kmeans)},
    .open = kmeans_open,
    .quantize = kmeans_quantize,
    .dequantize = kmeans_dequantize,
    .side_save = kmeans_save,
    .side_load = kmeans_load,
};
