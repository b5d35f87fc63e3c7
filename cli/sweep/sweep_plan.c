/* sweep_plan.c - which rows are to be made, and in which order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/sha256.h>

#include "sweep.h"

#define SEARCH_TRIALS 6u /* encodes that a target takes, about */
/* Of a process that makes a row, at most (the transform lowpass, effort 9). */
#define BYTES_A_JOB     (32u << 20)
#define BYTES_A_PIXEL   24u
#define BYTES_A_SAMPLE  24u
#define BYTES_A_SEARCH  32u  /* a sample, where a target keeps coefficients from trial to trial */
#define COMMAND_SECONDS 1e-6 /* a pixel, of an external command: a guess */

/* ---------------------------------------------------------------- keys */

/* What a row is a function of: the picture's bytes, the codec, the setting. */
static void make_key(const tsr_picture *p, const tsr_sweep_codec *c, const tsr_setting *s,
                     char key[65]) {
    const char *identity = c->identity[s->target == TSR_TARGET_LOSSLESS];
    uint8_t digest[TSR_SHA256_BYTES];
    tsr_sha256 h;
    tsr_sha256_init(&h);
    tsr_sha256_update(&h, p->sha256, strlen(p->sha256) + 1);
    tsr_sha256_update(&h, identity, strlen(identity) + 1);
    tsr_sha256_update(&h, s->text, strlen(s->text) + 1);
    tsr_sha256_final(&h, digest);
    tsr_sha256_hex(digest, key);
}

/* ---------------------------------------------------------------- what is there */

/* The same result under another name: a copy of its row. */
static tsr_status copy_row(tsr_sweep *s, const tsr_kept_row *from, const tsr_picture *p,
                           const tsr_sweep_codec *c, tsr_diag *d) {
    const char *with[TSR_COLUMNS] = {0};
    tsr_row row;
    with[TSR_COL_CODEC] = c->label;
    with[TSR_COL_IMAGE] = p->name;
    if (!tsr_row_change(&row, &from->row, with))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the results");
    return tsr_results_add(&s->results, &row, d);
}

static int is_wanted_again(const tsr_kept_row *k, int retry) {
    return retry && strcmp(k->row.field[TSR_COL_STATUS], tsr_status_word(TSR_OK));
}

/* Whether the results hold this row (*known), which they do not when the codec, the picture or the
 * options have changed since. */
static tsr_status look_up(tsr_sweep *s, const tsr_picture *p, const tsr_sweep_codec *c,
                          const tsr_setting *set, const char *key, int retry, int *known,
                          tsr_diag *d) {
    tsr_kept_row *k = tsr_results_find(&s->results, c->label, set->text, p->name);
    *known = k && !strcmp(k->row.field[TSR_COL_KEY], key) && !is_wanted_again(k, retry);
    if (*known) return TSR_OK;
    if (k) tsr_results_drop(&s->results, k);
    k = tsr_results_find_key(&s->results, key);
    if (!k || is_wanted_again(k, retry)) return TSR_OK;
    *known = 1;
    return copy_row(s, k, p, c, d);
}

/* ---------------------------------------------------------------- jobs */

static int is_search(const tsr_setting *s) {
    return s->target == TSR_TARGET_BPP || s->target == TSR_TARGET_PSNR ||
           s->target == TSR_TARGET_MAX_ERROR;
}

static double seconds_of(const tsr_picture *p, const tsr_sweep_codec *c, const tsr_setting *s) {
    double pixel = c->seconds_per_pixel > 0 ? c->seconds_per_pixel : COMMAND_SECONDS;
    return 1e-6 + (double)p->width * p->height * pixel * (is_search(s) ? SEARCH_TRIALS : 1);
}

static uint64_t memory_of(const tsr_picture *p, const tsr_setting *s) {
    uint32_t sample = is_search(s) ? BYTES_A_SEARCH : BYTES_A_SAMPLE;
    return BYTES_A_JOB + (uint64_t)p->width * p->height * (BYTES_A_PIXEL + p->channels * sample);
}

/* Longest first, so that no long one is left when the others are done; those of about equal length
 * picture by picture, so that a picture is read once. */
static int compare_jobs(const void *a, const void *b) {
    const tsr_sweep_job *x = a, *y = b;
    int cx = ilogb(x->cost), cy = ilogb(y->cost);
    if (cx != cy) return cx < cy ? 1 : -1;
    if (x->picture != y->picture) return x->picture < y->picture ? -1 : 1;
    if (x->codec != y->codec) return x->codec < y->codec ? -1 : 1;
    return x->setting < y->setting ? -1 : x->setting > y->setting;
}

static tsr_status plan_codec(tsr_sweep *s, uint32_t p, uint32_t c, int retry, tsr_diag *d) {
    const tsr_picture *pic = &s->pictures.v[p];
    const tsr_sweep_codec *codec = &s->codecs.v[c];
    tsr_status st = TSR_OK;
    for (uint32_t k = 0; k < codec->settings.n && !st; k++) {
        const tsr_setting *set = &codec->settings.v[k];
        tsr_sweep_job *j = &s->job[s->n_jobs];
        int known = 0;
        *j = (tsr_sweep_job){.picture = p, .codec = c, .setting = k};
        make_key(pic, codec, set, j->key);
        st = look_up(s, pic, codec, set, j->key, retry, &known, d);
        j->cost = seconds_of(pic, codec, set);
        j->memory = memory_of(pic, set);
        s->n_rows++;
        s->n_jobs += !known;
    }
    return st;
}

static size_t count_rows(const tsr_sweep *s) {
    size_t n = 0;
    for (size_t c = 0; c < s->codecs.n; c++)
        if (!s->codecs.v[c].repeated) n += s->codecs.v[c].settings.n;
    return n * s->pictures.n;
}

tsr_status tsr_sweep_make_plan(tsr_sweep *s, int retry, tsr_diag *d) {
    s->n_jobs = s->n_rows = 0;
    s->job = calloc(count_rows(s) + 1, sizeof *s->job);
    if (!s->job) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the plan");
    tsr_status st = TSR_OK;
    for (uint32_t p = 0; p < s->pictures.n && !st; p++)
        for (uint32_t c = 0; c < s->codecs.n && !st; c++)
            if (!s->codecs.v[c].repeated) st = plan_codec(s, p, c, retry, d);
    qsort(s->job, s->n_jobs, sizeof *s->job, compare_jobs);
    return st;
}
