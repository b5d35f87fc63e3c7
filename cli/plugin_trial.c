/* plugin_trial.c - one pass of a picture through the transform under check. */
#include "plugin_trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_guard.h"
#include "plugin_picture.h"

const tsr_trial_size tsr_trial_sizes[] = {
    {1, 1}, {1, 7}, {7, 1}, {2, 3}, {5, 6}, {17, 31}, {64, 64}, {65, 63}, {257, 3},
};
const unsigned tsr_trial_n_sizes = sizeof tsr_trial_sizes / sizeof tsr_trial_sizes[0];

/* Samples are 4 bytes wide in every domain. */
enum { SAMPLE = sizeof(float) };

static void *guarded(tsr_check *c, size_t bytes, uint8_t fill) {
    void *p = tsr_guard_new(bytes, fill);
    if (!p) tsr_check_fail(c, "no memory for the check itself");
    return p;
}

/* call: the function about to be called, or "" between calls. */
static void where(tsr_check *c, const tsr_trial *t, const char *call) {
    tsr_check_doing(c, "%s%s%ux%u, %u plane%s%s%s%s%s", call, *call ? ", " : "", t->w, t->h,
                    t->planes, t->planes > 1 ? "s" : "", t->lossless ? ", lossless" : "",
                    t->reduce ? ", reduced" : "", *t->label ? ", " : "", t->label);
}

/* A value outside the pinned ones is not a status at all. */
static tsr_status returned(tsr_check *c, tsr_status s) {
    if (s > TSR_OK || s < TSR_ERR_INTERNAL)
        tsr_check_fail(c, "a status from tessera/status.h expected, %d returned", (int)s);
    return s;
}

/* ---------------------------------------------------------------- an instance */

static void read_layout(tsr_check *c, tsr_trial *t, tsr_check_inst *i) {
    where(c, t, "layout()");
    i->n = c->t->layout(i->st, NULL, 0);
    if (i->n < 1 || i->n > TSR_MAX_BANDS)
        tsr_check_fail(c, "1 to %u bands expected, %u returned", TSR_MAX_BANDS, i->n);
    i->band = guarded(c, i->n * sizeof *i->band, t->fill);
    uint32_t again = c->t->layout(i->st, i->band, i->n);
    if (again != i->n) tsr_check_fail(c, "%u bands at first, %u when asked again", i->n, again);
    if (!tsr_guard_intact(i->band)) tsr_check_fail(c, "more bands were written than there is room");
    where(c, t, "");
    i->data = tsr_check_alloc(c, i->n, sizeof *i->data);
    i->decoded = tsr_check_alloc(c, i->n, sizeof *i->decoded);
}

static void make_bands(tsr_check *c, tsr_trial *t, tsr_check_inst *i) {
    for (uint32_t b = 0; b < i->n; b++) {
        size_t bytes = tsr_band_count(&i->band[b]) * SAMPLE;
        i->data[b].f = guarded(c, bytes, t->fill);
        i->decoded[b].f = guarded(c, bytes, t->fill);
    }
}

tsr_value tsr_trial_default(const tsr_param *p) {
    tsr_value v = {0};
    if (p->type == TSR_PARAM_REAL)
        v.r = p->def;
    else
        v.i = (int64_t)p->def;
    return v;
}

/* As a host hands them over: parameters of the encoder alone are not stored in a file. */
static tsr_value *make_values(tsr_check *c, const tsr_trial *t, bool decoder) {
    const tsr_head *h = &c->t->h;
    tsr_value *v = tsr_check_alloc(c, h->n_params, sizeof *v);
    for (uint32_t k = 0; k < h->n_params; k++) {
        bool lost = decoder && h->params[k].flags & TSR_PARAM_ENCODER;
        const tsr_value *given = t->values ? t->values : c->subject->values;
        v[k] = lost ? tsr_trial_default(&h->params[k]) : given[k];
    }
    return v;
}

/* model_load() where it is wanted. Without a model nothing can be said about the transform. */
static tsr_status load_model(tsr_check *c, tsr_trial *t, tsr_check_inst *i) {
    if (!(c->t->h.caps & TSR_CAP_NEEDS_MODEL) || !c->t->model_wanted(i->st)) return TSR_OK;
    const tsr_model_section *given = c->subject->model;
    if (!given) tsr_check_skip(c, "no model was given with --model");
    size_t size = t->model ? t->model_size : given->size;
    uint8_t *page = tsr_guard_page(t->model ? t->model : given->data, size);
    if (!page) tsr_check_fail(c, "no memory for the check itself");
    where(c, t, "model_load()");
    tsr_check_env_begin(&i->env, true);
    tsr_status s = returned(c, c->t->model_load(i->st, page, size, &i->env.env));
    tsr_check_env_end(&i->env);
    tsr_guard_page_free(page, size);
    return s;
}

/* configure() and, when it succeeds, model_load() and layout(). */
static tsr_status open_instance(tsr_check *c, tsr_trial *t, tsr_check_inst *i) {
    tsr_geometry g = {sizeof g, t->w, t->h, t->planes, t->lossless};
    tsr_value *v = make_values(c, t, i == &t->dec);
    *i = (tsr_check_inst){0};
    tsr_check_env_init(&i->env, &t->env);
    i->st = guarded(c, c->t->h.state_size, 0);
    i->open = true;
    where(c, t, "configure()");
    tsr_check_env_begin(&i->env, true);
    tsr_status s = returned(c, c->t->configure(i->st, v, &g, &i->env.env));
    tsr_check_env_end(&i->env);
    free(v);
    if (!s) s = load_model(c, t, i);
    if (!s) read_layout(c, t, i);
    return s;
}

static void close_instance(tsr_check *c, tsr_trial *t, tsr_check_inst *i) {
    if (!i->open) return;
    where(c, t, "close()");
    if (c->t->close) c->t->close(i->st);
    if (!tsr_guard_intact(i->st)) tsr_check_fail(c, "the state was written beside its end");
    tsr_check_env_close(&i->env);
    for (uint32_t b = 0; i->data && b < i->n; b++) {
        tsr_guard_free(i->data[b].f);
        tsr_guard_free(i->decoded[b].f);
    }
    free(i->data);
    free(i->decoded);
    tsr_guard_free(i->band);
    tsr_guard_free(i->st);
    i->open = false;
    where(c, t, "");
}

uint32_t tsr_inst_layers(const tsr_check_inst *i) {
    return i->band[i->n - 1].layer + 1u;
}

/* ---------------------------------------------------------------- analysis */

static void check_guards(tsr_check *c, const tsr_samples *data, uint32_t n, const char *whose) {
    for (uint32_t b = 0; b < n; b++)
        if (data[b].f && !tsr_guard_intact(data[b].f))
            tsr_check_fail(c, "%s %u was written beside its end", whose, b);
}

static void check_plane_guards(tsr_check *c, const tsr_planes *p) {
    for (uint32_t k = 0; k < p->n; k++)
        if (!tsr_guard_intact(p->p[k].s.f))
            tsr_check_fail(c, "plane %u was written beside its end", k);
}

/* What the decoder will have of one band: a copy, rounded to multiples of `quant`. */
static void decode_band(const tsr_band *b, tsr_samples data, tsr_samples decoded, float quant) {
    size_t n = tsr_band_count(b);
    memcpy(decoded.f, data.f, n * SAMPLE);
    if (b->domain != TSR_DOMAIN_REAL || !(quant > 0)) return;
    float q = quant / sqrtf(b->gain);
    for (size_t i = 0; i < n; i++) decoded.f[i] = q * floorf(data.f[i] / q + 0.5f);
}

static void decode_layer(const tsr_trial *t, tsr_check_inst *i, uint32_t layer, bool closed) {
    float quant = t->quant_first && layer > 0 ? 0 : t->quant;
    for (uint32_t b = 0; b < i->n; b++)
        if (!closed || i->band[b].layer == layer)
            decode_band(&i->band[b], i->data[b], i->decoded[b], quant);
}

static bool filled_with(const void *data, size_t n, uint8_t fill) {
    const uint8_t *p = data;
    for (size_t i = 0; i < n; i++)
        if (p[i] != fill) return false;
    return true;
}

static bool wrote_later_layers(const tsr_trial *t, const tsr_check_inst *i) {
    for (uint32_t b = 0; b < i->n; b++)
        if (i->band[b].layer > 0 &&
            !filled_with(i->data[b].f, tsr_band_count(&i->band[b]) * SAMPLE, t->fill))
            return true;
    return false;
}

/* Of all that the decoder will have, so that a change is seen (FNV-1a). */
static uint32_t digest(const tsr_check_inst *i) {
    uint32_t h = 2166136261u;
    for (uint32_t b = 0; b < i->n; b++)
        for (size_t k = 0; k < tsr_band_count(&i->band[b]); k++)
            h = (h ^ (uint32_t)i->decoded[b].i[k]) * 16777619u;
    return h;
}

static tsr_goal goal_of(const tsr_trial *t) {
    float step = t->step > 0 ? t->step : TSR_TRIAL_STEP;
    return (tsr_goal){.struct_size = sizeof(tsr_goal),
                      .effort = t->effort ? t->effort : 5,
                      .step = step,
                      .lambda = t->lambda > 0 ? t->lambda : 1e-6f * step * step};
}

static tsr_status analyse_next(tsr_check *c, tsr_trial *t, uint32_t layer, const tsr_goal *goal) {
    tsr_check_inst *i = &t->enc;
    tsr_coeffs out = {i->n, i->band, i->data}, decoded = {i->n, i->band, i->decoded};
    uint32_t before = digest(i);
    where(c, t, "analysis_next()");
    tsr_check_env_begin(&i->env, false);
    tsr_status s =
        returned(c, c->t->analysis_next(i->st, &t->in, layer, &decoded, goal, &out, &i->env.env));
    tsr_check_env_end(&i->env);
    if (digest(i) != before) i->touched = true;
    return s;
}

static tsr_status analyse_layers(tsr_check *c, tsr_trial *t) {
    tsr_check_inst *i = &t->enc;
    tsr_goal goal = goal_of(t);
    tsr_coeffs out = {i->n, i->band, i->data};
    bool closed = c->t->h.caps & TSR_CAP_CLOSED_LOOP;
    where(c, t, "analysis()");
    tsr_check_env_begin(&i->env, false);
    tsr_status s = returned(c, c->t->analysis(i->st, &t->in, &goal, &out, &i->env.env));
    tsr_check_env_end(&i->env);
    if (s) return s;
    if (closed) i->early = wrote_later_layers(t, i);
    decode_layer(t, i, 0, closed);
    for (uint32_t layer = 1; closed && layer < tsr_inst_layers(i); layer++) {
        s = analyse_next(c, t, layer, &goal);
        if (s) return s;
        decode_layer(t, i, layer, true);
    }
    return TSR_OK;
}

static void save_side(tsr_check *c, tsr_trial *t) {
    if (!(c->t->h.caps & TSR_CAP_SIDE)) return;
    where(c, t, "side_save()");
    t->side_size = c->t->side_save(t->enc.st, NULL, 0);
    tsr_guard_free(t->side);
    t->side = guarded(c, t->side_size, 0);
    size_t again = c->t->side_save(t->enc.st, t->side, t->side_size);
    if (again != t->side_size)
        tsr_check_fail(c, "%zu bytes at first, %zu when asked again", t->side_size, again);
    if (!tsr_guard_intact(t->side)) tsr_check_fail(c, "more bytes were written than there is room");
}

tsr_status tsr_trial_analyse(tsr_check *c, tsr_trial *t) {
    if (!t->enc.data[0].f) make_bands(c, t, &t->enc);
    tsr_status s = analyse_layers(c, t);
    check_guards(c, t->enc.data, t->enc.n, "band");
    check_guards(c, t->enc.decoded, t->enc.n, "decoded band");
    check_plane_guards(c, &t->in);
    if (s) return s;
    save_side(c, t);
    where(c, t, "");
    return TSR_OK;
}

/* ---------------------------------------------------------------- synthesis */

static void expect_same_layout(tsr_check *c, tsr_trial *t) {
    where(c, t, "layout()");
    if (t->enc.n != t->dec.n)
        tsr_check_fail(c, "%u bands in the encoder, %u in the decoder", t->enc.n, t->dec.n);
    for (uint32_t b = 0; b < t->enc.n; b++)
        if (memcmp(&t->enc.band[b], &t->dec.band[b], sizeof(tsr_band)))
            tsr_check_fail(c, "band %u differs between encoder and decoder", b);
}

static tsr_status load_side(tsr_check *c, tsr_trial *t, const uint8_t *side, size_t size) {
    uint8_t *page = tsr_guard_page(side, size);
    if (!page) tsr_check_fail(c, "no memory for the check itself");
    where(c, t, "side_load()");
    tsr_check_env_begin(&t->dec.env, true);
    tsr_status s = returned(c, c->t->side_load(t->dec.st, page, size, &t->dec.env.env));
    tsr_check_env_end(&t->dec.env);
    tsr_guard_page_free(page, size);
    return s;
}

tsr_status tsr_trial_open_decoder(tsr_check *c, tsr_trial *t, const uint8_t *side, size_t size) {
    tsr_status s = open_instance(c, t, &t->dec);
    if (s) return s;
    expect_same_layout(c, t);
    return c->t->h.caps & TSR_CAP_SIDE ? load_side(c, t, side, size) : TSR_OK;
}

static tsr_status synthesise_whole(tsr_check *c, tsr_trial *t, const tsr_samples *data) {
    tsr_coeffs in = {t->dec.n, t->dec.band, data};
    where(c, t, "synthesis()");
    tsr_check_env_begin(&t->dec.env, false);
    tsr_status s = returned(c, c->t->synthesis(t->dec.st, &in, &t->out, &t->dec.env.env));
    tsr_check_env_end(&t->dec.env);
    return s;
}

/* Asks reduce(), of both instances, and returns the number of bands; t->halvings 0: none. */
static uint32_t ask_reduce(tsr_check *c, tsr_trial *t) {
    uint32_t bands = 0, again = 0;
    t->halvings = 0;
    if (!t->reduce || !c->t->reduce) return 0;
    where(c, t, "reduce()");
    t->halvings = c->t->reduce(t->dec.st, t->reduce, &bands);
    if (t->halvings > t->reduce)
        tsr_check_fail(c, "up to %u halvings expected, %u returned", t->reduce, t->halvings);
    if (t->halvings && (bands < 1 || bands > t->dec.n))
        tsr_check_fail(c, "1 to %u bands expected, %u seen", t->dec.n, bands);
    if (t->halvings != c->t->reduce(t->enc.st, t->reduce, &again) ||
        (t->halvings && again != bands))
        tsr_check_fail(c, "the same from every instance expected");
    return t->halvings ? bands : 0;
}

/* The arrays of bands and of pointers end at an unreadable page. */
static tsr_status synthesise_reduced(tsr_check *c, tsr_trial *t, const tsr_samples *data,
                                     uint32_t bands) {
    void *band = tsr_guard_page(t->dec.band, bands * sizeof(tsr_band));
    void *first = tsr_guard_page(data, bands * sizeof(tsr_samples));
    if (!band || !first) tsr_check_fail(c, "no memory for the check itself");
    tsr_coeffs in = {bands, band, first};
    tsr_check_planes_drop(&t->out);
    tsr_check_planes_make(c, &t->out, tsr_trial_halved(t->w, t->halvings),
                          tsr_trial_halved(t->h, t->halvings), t->planes, t->fill);
    where(c, t, "synthesis_reduced()");
    tsr_check_env_begin(&t->dec.env, false);
    tsr_status s =
        returned(c, c->t->synthesis_reduced(t->dec.st, t->halvings, &in, &t->out, &t->dec.env.env));
    tsr_check_env_end(&t->dec.env);
    tsr_guard_page_free(band, bands * sizeof(tsr_band));
    tsr_guard_page_free(first, bands * sizeof(tsr_samples));
    return s;
}

tsr_status tsr_trial_synthesise(tsr_check *c, tsr_trial *t, const tsr_samples *data) {
    uint32_t bands = ask_reduce(c, t);
    if (c->t->set_step && !t->lossless) c->t->set_step(t->dec.st, goal_of(t).step);
    tsr_status s =
        t->halvings ? synthesise_reduced(c, t, data, bands) : synthesise_whole(c, t, data);
    check_plane_guards(c, &t->out);
    check_guards(c, t->enc.decoded, t->enc.n, "decoded band");
    if (!s) where(c, t, "");
    return s;
}

void tsr_trial_close_decoder(tsr_check *c, tsr_trial *t) {
    close_instance(c, t, &t->dec);
}

/* ---------------------------------------------------------------- a whole pass */

void tsr_trial_picture(tsr_check *c, tsr_trial *t) {
    tsr_check_planes_make(c, &t->in, t->w, t->h, t->planes, 0);
    tsr_check_planes_make(c, &t->out, t->w, t->h, t->planes, t->fill);
    if (t->lossless)
        tsr_check_planes_draw_int(&t->in, t->seed);
    else
        tsr_check_planes_draw(&t->in, t->seed);
}

tsr_status tsr_trial_try_encoder(tsr_check *c, tsr_trial *t) {
    tsr_trial_picture(c, t);
    tsr_status s = open_instance(c, t, &t->enc);
    return s ? s : tsr_trial_analyse(c, t);
}

tsr_status tsr_trial_try(tsr_check *c, tsr_trial *t) {
    tsr_status s = tsr_trial_try_encoder(c, t);
    if (!s) s = tsr_trial_open_decoder(c, t, t->side, t->side_size);
    if (!s) s = tsr_trial_synthesise(c, t, t->enc.decoded);
    return s;
}

void tsr_trial_expect_ok(tsr_check *c, const tsr_trial *t, tsr_status s) {
    if (!s) return;
    const char *said = *t->enc.env.said ? t->enc.env.said : t->dec.env.said;
    tsr_check_fail(c, "success expected, status %d (%s) returned%s%s", (int)s, tsr_status_text(s),
                   *said ? ": " : "", said);
}

void tsr_trial_run(tsr_check *c, tsr_trial *t) {
    tsr_trial_expect_ok(c, t, tsr_trial_try(c, t));
}

void tsr_trial_run_encoder(tsr_check *c, tsr_trial *t) {
    tsr_trial_expect_ok(c, t, tsr_trial_try_encoder(c, t));
}

void tsr_trial_run_layout(tsr_check *c, tsr_trial *t) {
    tsr_trial_expect_ok(c, t, open_instance(c, t, &t->enc));
}

void tsr_trial_drop(tsr_check *c, tsr_trial *t) {
    close_instance(c, t, &t->enc);
    close_instance(c, t, &t->dec);
    tsr_check_planes_drop(&t->in);
    tsr_check_planes_drop(&t->out);
    tsr_guard_free(t->side);
    t->side = NULL;
    t->side_size = 0;
}
