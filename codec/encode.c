/* encode.c - picture to file: set-up, one trial at one step, and the public tsr_encode(). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alpha.h"
#include "encoder.h"
#include "filters_views.h"
#include "parts.h"
#include "postfilter.h"
#include "prior.h"
#include "sized.h"
#include "step.h"

/* ---- one trial ---- */

static tsr_status analyse(tsr_encoder *e, const tsr_goal *goal) {
    tsr_pipeline *p = &e->pipe;
    if (e->analysed && !(p->transform->h.caps & TSR_CAP_STEPWISE)) return TSR_OK;
    tsr_arena_mark m = tsr_pipeline_enter(p);
    tsr_status s =
        p->transform->analysis(p->transform_state, &e->planes, goal, &e->coeffs, &e->job->env);
    tsr_pipeline_leave(p, m);
    e->analysed = !s;
    return s;
}

static tsr_status analyse_next(tsr_encoder *e, const tsr_goal *goal, uint32_t layer) {
    tsr_pipeline *p = &e->pipe;
    tsr_arena_mark m = tsr_pipeline_enter(p);
    tsr_status s = p->transform->analysis_next(p->transform_state, &e->planes, layer, &p->decoded,
                                               goal, &e->coeffs, &e->job->env);
    tsr_pipeline_leave(p, m);
    return s;
}

/* The largest coefficient, as large as steps of all bands are alike. */
static double peak(const tsr_coeffs *c) {
    double most = 0;
    for (uint32_t b = 0; b < c->n; b++) {
        size_t n = tsr_band_size(&c->band[b]);
        const float *x = c->data[b].f;
        float own = 0;
        if (c->band[b].domain != TSR_DOMAIN_REAL) continue;
        for (size_t i = 0; i < n; i++) own = fabsf(x[i]) > own ? fabsf(x[i]) : own;
        double scaled = own * sqrt(c->band[b].gain);
        if (scaled > most) most = scaled;
    }
    return most;
}

/* Quantizers clip what does not fit: such a step is refused. Large steps need no look, but a search
 * wants to know how far it can go. */
static tsr_status check_step(tsr_encoder *e, uint32_t index, float step) {
    if (!index || (e->once && step >= 1)) return TSR_OK;
    double most = e->pipe.symbols.codebook ? TSR_VECTORS_FIT : TSR_LEVELS_FIT;
    double least = peak(&e->coeffs) / most;
    e->finest = least > tsr_step_value(TSR_STEP_MIN) ? tsr_step_index(least) + 1 : TSR_STEP_MIN;
    if (index >= e->finest) return TSR_OK;
    return tsr_diag_set(e->job->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "the step %.4g is too fine for this picture: the least is %.4g",
                        (double)step, (double)tsr_step_value(e->finest));
}

/* Layers [first, end) of the transform in a stage. */
static tsr_status quantize(tsr_encoder *e, const tsr_goal *goal, uint32_t stage, uint32_t first,
                           uint32_t end) {
    tsr_pipeline *p = &e->pipe;
    if (p->geometry.lossless) return TSR_OK;
    float step = tsr_pipeline_step(p, goal->step, stage);
    uint32_t units = tsr_stage_units(&p->stages, stage);
    tsr_symbols symbols = tsr_stage_symbols(&p->symbols, &p->layout, stage);
    tsr_quant_task t = {.layout = &p->layout,
                        .v = p->spec.stage[TSR_STAGE_QUANTIZER].v,
                        .step = step,
                        .lambda = goal->lambda * (float)(units * units),
                        .effort = goal->effort,
                        .first_layer = first,
                        .end_layer = end,
                        .units = units,
                        .coeffs = &e->coeffs,
                        .symbols = &symbols,
                        .job = e->job};
    tsr_arena_mark m = tsr_arena_save(&e->job->state);
    tsr_status s = p->quantizer->quantize(p->quantizer_state, &t);
    tsr_arena_rewind(&e->job->state, m);
    return s;
}

/* A closed loop: what a layer is to say follows from what the layers before have come to, in this
 * stage. */
static tsr_status quantize_closed(tsr_encoder *e, const tsr_goal *goal, uint32_t stage) {
    tsr_pipeline *p = &e->pipe;
    tsr_status s = TSR_OK;
    for (uint32_t layer = 0; layer < p->whole.layers && !s; layer++) {
        uint32_t coded = stage * p->whole.layers + layer;
        if (layer) s = analyse_next(e, goal, layer);
        if (!s) s = quantize(e, goal, stage, layer, layer + 1);
        if (!s) s = tsr_pipeline_dequantize(p, goal->step, coded, coded + 1);
    }
    return s;
}

static int is_closed_loop(const tsr_encoder *e) {
    return (e->pipe.transform->h.caps & TSR_CAP_CLOSED_LOOP) != 0;
}

static tsr_status quantize_all(tsr_encoder *e, const tsr_goal *goal) {
    tsr_status s = TSR_OK;
    for (uint32_t stage = 0; stage < e->pipe.stages.n && !s; stage++)
        s = is_closed_loop(e) ? quantize_closed(e, goal, stage)
                              : quantize(e, goal, stage, 0, e->pipe.whole.layers);
    return s;
}

/* Payload of the data chunk: number of layers is known from the layout; sizes of all but the last,
 * then bytes. */
static tsr_status entropy_code(tsr_encoder *e, tsr_buffer *payload) {
    tsr_pipeline *p = &e->pipe;
    tsr_arena_mark m = tsr_arena_save(&e->job->state);
    void *state = tsr_job_alloc(e->job, 1, p->entropy->h.state_size);
    tsr_buffer bytes = {0};
    tsr_status s =
        state ? p->entropy->begin(state, p->spec.stage[TSR_STAGE_ENTROPY].v, &p->symbols, e->job)
              : tsr_job_memory_status(e->job);
    size_t before = 0;
    for (uint32_t layer = 0; layer < p->coded.layers && !s; layer++) {
        s = p->entropy->encode(state, &p->symbols, layer, &bytes);
        if (layer + 1 < p->coded.layers) tsr_put_varint(payload, bytes.size - before);
        before = bytes.size;
    }
    tsr_put_bytes(payload, bytes.data, bytes.size);
    if (!s && (bytes.failed || payload->failed))
        s = tsr_diag_set(e->job->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET,
                         "no memory for the coded data");
    tsr_buffer_free(&bytes);
    tsr_arena_rewind(&e->job->state, m);
    return s;
}

static void put_side(tsr_encoder *e) {
    const tsr_transform *t = e->pipe.transform;
    if (!(t->h.caps & TSR_CAP_SIDE)) return;
    size_t n = t->side_save(e->pipe.transform_state, NULL, 0);
    uint8_t *side = n ? malloc(n) : NULL;
    if (n && !side) {
        e->file.failed = 1;
        return;
    }
    if (n) t->side_save(e->pipe.transform_state, side, n);
    if (n) tsr_put_chunk(&e->file, TSR_CHUNK_SIDE, side, n);
    free(side);
}

static void put_head(tsr_encoder *e) {
    tsr_buffer quant = {0}, head = {0};
    if (!e->header.lossless && e->pipe.quantizer->side_save)
        e->pipe.quantizer->side_save(e->pipe.quantizer_state, &e->pipe.layout, &quant);
    e->header.quant_side = quant.data;
    e->header.quant_side_size = quant.size;
    tsr_put_header(&head, &e->header);
    tsr_put_chunk(&e->file, TSR_CHUNK_HEADER, head.data, head.size);
    e->file.failed |= quant.failed | head.failed;
    e->header.quant_side = NULL;
    tsr_buffer_free(&quant);
    tsr_buffer_free(&head);
}

static void put_metadata(tsr_encoder *e) {
    if (e->o->drop_metadata) return;
    if (e->im->icc.size) tsr_put_chunk(&e->file, TSR_CHUNK_ICC, e->im->icc.data, e->im->icc.size);
    if (e->im->exif.size)
        tsr_put_chunk(&e->file, TSR_CHUNK_EXIF, e->im->exif.data, e->im->exif.size);
}

static tsr_status assemble(tsr_encoder *e, const tsr_buffer *payload) {
    e->file.size = 0;
    tsr_put_magic(&e->file);
    put_head(e);
    put_metadata(e);
    put_side(e);
    if (e->header.alpha_apart)
        tsr_put_chunk(&e->file, TSR_CHUNK_ALPHA, e->alpha.data, e->alpha.size);
    tsr_put_chunk(&e->file, TSR_CHUNK_DATA, payload->data, payload->size);
    if (e->file.failed)
        return tsr_diag_set(e->job->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the file");
    return TSR_OK;
}

tsr_status tsr_encoder_reconstruct(tsr_encoder *e) {
    tsr_status s = tsr_pipeline_dequantize(&e->pipe, tsr_step_value(e->header.step_index), 0,
                                           e->pipe.coded.layers);
    if (!s && e->once) tsr_pipeline_release_levels(&e->pipe);
    if (!s && !e->synthesis.n)
        s = tsr_planes_alloc(&e->synthesis, e->planes.n, e->im->width, e->im->height, e->job);
    if (!s) s = tsr_pipeline_synthesis(&e->pipe, &e->synthesis);
    return s;
}

/* ---- filters ---- */

/* What the options allow: the nominal set and a network. One model a stream: a transform that has
 * one leaves none for the filter. */
static tsr_filters allowed_filters(const tsr_encoder *e, uint32_t index) {
    const tsr_encode_options *o = e->o;
    tsr_filters f = {0};
    if (e->header.lossless || o->postfilter == TSR_POSTFILTER_OFF) return f;
    int by_effort = o->postfilter == TSR_POSTFILTER_AUTO;
    f.step = tsr_step_value(index);
    f.views = o->views ? o->views : tsr_effort_views(o->effort);
    if (!by_effort || o->effort >= TSR_FILTER_EFFORT) f.set = tsr_filter_set(index);
    if (by_effort ? o->effort >= TSR_NETWORK_EFFORT : o->postfilter == TSR_POSTFILTER_NETWORK)
        f.network =
            tsr_pipeline_wants_model(&e->pipe) ? NULL : tsr_network_model(e->job->ctx, o->effort);
    return f;
}

static void name_filters(tsr_encoder *e) {
    e->header.filter = e->filters.set;
    e->header.views = e->filters.network ? (uint8_t)e->filters.views : 0;
    if (!tsr_pipeline_wants_model(&e->pipe)) e->header.model.present = 0;
    if (e->filters.network) e->header.model = tsr_model_ref_of(e->filters.network);
}

/* A network that was asked for by name is used whether it helps or not. */
static tsr_status choose_filters(tsr_encoder *e, uint32_t index) {
    tsr_status s = TSR_OK;
    e->filters = allowed_filters(e, index);
    tsr_model_entry *demanded = e->filters.network;
    if (e->o->postfilter == TSR_POSTFILTER_NETWORK) e->filters.network = NULL;
    if (e->filters.set || e->filters.network) {
        s = tsr_encoder_reconstruct(e);
        if (!s) s = tsr_filters_choose(&e->synthesis, &e->planes, &e->filters, e->job);
    }
    if (e->o->postfilter == TSR_POSTFILTER_NETWORK) e->filters.network = demanded;
    name_filters(e);
    return s;
}

/* What was asked for and cannot be had. */
static tsr_status check_filters(const tsr_encoder *e) {
    if (e->o->postfilter != TSR_POSTFILTER_NETWORK || e->header.lossless) return TSR_OK;
    if (tsr_pipeline_wants_model(&e->pipe))
        return tsr_diag_set(e->job->diag, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "a stream has one model: transform '%s' has networks of its own and "
                            "leaves none for the filter",
                            e->pipe.transform->h.name);
    if (tsr_network_model(e->job->ctx, e->o->effort)) return TSR_OK;
    return tsr_diag_set(e->job->diag, TSR_ERR_MODEL, TSR_NO_OFFSET,
                        "the network filter needs a trained model and none is built in: give one "
                        "with --model FILE");
}

/* After the analysis; the planes' number and sizes stay. */
static void release_planes(tsr_encoder *e, uint32_t index) {
    tsr_filters f = allowed_filters(e, index);
    int compared = f.set || f.network;
    if (!e->once || compared || is_closed_loop(e)) return;
    for (uint32_t i = 0; i < e->planes.n; i++) e->planes.p[i].s.f = NULL;
    tsr_arena_free(&e->job->input);
}

tsr_status tsr_encoder_try(tsr_encoder *e, uint32_t index) {
    if (e->last_index == index) return TSR_OK;
    float step = index ? tsr_step_value(index) : 1.0f;
    tsr_goal goal = {.struct_size = sizeof goal,
                     .effort = e->o->effort,
                     .step = step,
                     .lambda = TSR_LAMBDA_PER_STEP2 * step * step};
    e->last_index = UINT32_MAX;
    e->header.step_index = index;
    e->trials++;
    double from = 1.0 - 1.0 / e->trials; /* the number of trials is not known beforehand */
    tsr_status s = tsr_job_stage(e->job, "encode", from, 1.0 / e->trials / (e->trials + 1.0));
    if (!e->pipe.quantizer->open)
        memset(e->pipe.quantizer_state, 0, e->pipe.quantizer->h.state_size);
    if (!s) s = analyse(e, &goal);
    if (!s) s = check_step(e, index, step);
    if (!s) release_planes(e, index);
    if (!s) s = quantize_all(e, &goal);
    tsr_buffer payload = {0};
    if (!s) s = entropy_code(e, &payload);
    if (!s) s = choose_filters(e, index);
    if (!s) s = assemble(e, &payload);
    tsr_buffer_free(&payload);
    if (!s) e->last_index = index;
    return s;
}

/* ---- measuring ---- */

static double sample_difference(const tsr_image *a, const tsr_image *b, size_t i) {
    if (a->depth == 8)
        return (double)((const uint8_t *)a->pixels)[i] - ((const uint8_t *)b->pixels)[i];
    return (double)((const uint16_t *)a->pixels)[i] - ((const uint16_t *)b->pixels)[i];
}

static void compare_pixels(const tsr_image *a, const tsr_image *b, tsr_distortion *out) {
    size_t n = (size_t)a->width * a->height * a->channels;
    double sum = 0, worst = 0, peak = a->depth == 8 ? 255.0 : 65535.0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs(sample_difference(a, b, i));
        sum += d * d;
        if (d > worst) worst = d;
    }
    *out = (tsr_distortion){sum > 0 ? 10 * log10(peak * peak * (double)n / sum) : INFINITY,
                            (uint32_t)worst};
}

tsr_status tsr_encoder_measure(tsr_encoder *e, tsr_distortion *out) {
    tsr_status s = TSR_OK;
    const tsr_image *im = e->im;
    if (!s && !e->rendered.pixels) {
        s = tsr_image_alloc(&e->rendered, im->width, im->height, im->channels, im->depth, 0,
                            e->job->diag);
        if (!s && e->header.alpha_apart)
            memcpy(e->rendered.pixels, im->pixels, tsr_image_bytes(im));
    }
    if (!s) s = tsr_encoder_reconstruct(e);
    if (!s) s = tsr_filters_apply(&e->synthesis, &e->filters, e->job);
    if (!s) s = tsr_planes_to_image(&e->synthesis, &e->map, &e->rendered, e->job);
    if (!s) compare_pixels(im, &e->rendered, out);
    return s;
}

/* ---- set-up ---- */

void tsr_encode_options_init(tsr_encode_options *o) {
    *o = (tsr_encode_options){.struct_size = sizeof *o, .effort = TSR_DEFAULT_EFFORT, .value = 75};
}

static tsr_status check_picture(const tsr_context *ctx, const tsr_image *im, tsr_diag *d) {
    if (!im->pixels || !im->width || !im->height || !im->channels ||
        im->channels > TSR_MAX_CHANNELS || (im->depth != 8 && im->depth != 16) ||
        im->width > TSR_MAX_SIDE || im->height > TSR_MAX_SIDE)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "the picture is not valid");
    if ((uint64_t)im->width * im->height > ctx->cfg.max_pixels)
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "%ux%u pixels exceed the limit of %llu", im->width, im->height,
                            (unsigned long long)ctx->cfg.max_pixels);
    return TSR_OK;
}

/* Bounds of value by target; NAN never passes. */
static tsr_status check_value(const tsr_encode_options *o, tsr_diag *d) {
    static const struct {
        const char *name, *unit;
        double min, max;
    } range[] = {{"quality", "", 0, 100},
                 {"bits per pixel", "", 1e-6, 1e3},
                 {"size", " bytes", 1, 1e15},
                 {"PSNR", " dB", 1, 200},
                 {"step", "", 1.0 / 1024, 1024},
                 {"", "", -INFINITY, INFINITY},
                 {"largest error", " levels", 0, 65535}};
    if (o->effort < 1 || o->effort > 9)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "effort %u is not in 1..9",
                            o->effort);
    if (o->postfilter > TSR_POSTFILTER_NETWORK)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "unknown post filter");
    if (o->alpha > TSR_ALPHA_LOSSY)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "unknown treatment of alpha");
    if (o->views && !tsr_views_legal(o->views))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "views %u are not 1, 2 or 8",
                            o->views);
    if ((unsigned)o->target > TSR_TARGET_MAX_ERROR || (unsigned)o->colour > TSR_COLOUR_KLT)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "unknown target or colour transform");
    if (o->target == TSR_TARGET_LOSSLESS) return TSR_OK;
    if (!(o->value >= range[o->target].min && o->value <= range[o->target].max))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "%s %g is not in %g..%g%s",
                            range[o->target].name, o->value, range[o->target].min,
                            range[o->target].max, range[o->target].unit);
    return TSR_OK;
}

static tsr_status choose_colour(tsr_encoder *e) {
    int rgb = e->im->channels >= 3;
    tsr_colour c = e->o->colour;
    if (c == TSR_COLOUR_AUTO || !rgb)
        c = !rgb ? TSR_COLOUR_NONE : e->header.lossless ? TSR_COLOUR_YCOCGR : TSR_COLOUR_KLT;
    if (e->header.lossless ? c != TSR_COLOUR_NONE && c != TSR_COLOUR_YCOCGR
                           : c == TSR_COLOUR_YCOCGR)
        return tsr_diag_set(e->job->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "colour transform '%s' does not go with %s coding", tsr_colour_name(c),
                            e->header.lossless ? "lossless" : "lossy");
    e->header.colour = c;
    if (c == TSR_COLOUR_KLT) e->header.colour_coded = tsr_colour_klt(e->im);
    tsr_colour_map_init(&e->map, c, e->header.colour_coded);
    return TSR_OK;
}

static tsr_status make_planes(tsr_encoder *e) {
    if (e->header.lossless)
        return tsr_planes_from_image_int(e->im, e->header.colour == TSR_COLOUR_YCOCGR, &e->planes,
                                         e->job);
    return tsr_planes_from_image(e->im, tsr_header_planes(&e->header), &e->map, &e->planes, e->job);
}

static void fill_header(tsr_encoder *e) {
    const tsr_image *im = e->im;
    e->header.width = im->width;
    e->header.height = im->height;
    e->header.depth = im->depth;
    e->header.orientation = im->orientation <= 8 && !e->o->drop_metadata ? im->orientation : 0;
    for (int k = 0; k < TSR_STAGE_KINDS; k++)
        tsr_stage_to_code(&e->pipe.spec.stage[k], &e->header.stage[k]);
}

static tsr_status load_model(tsr_encoder *e) {
    tsr_model_entry *m;
    if (!tsr_pipeline_wants_model(&e->pipe)) return TSR_OK;
    int large = e->o->effort >= TSR_LARGE_MODEL_EFFORT;
    tsr_status s =
        tsr_model_for_encoder(e->job->ctx, e->pipe.transform->h.name, large, &m, e->job->diag);
    if (!s) s = tsr_pipeline_load_model(&e->pipe, m);
    if (!s) e->header.model = tsr_model_ref_of(m);
    return s;
}

/* Parts for threads, unless the spec says how many. */
static void choose_parts(const tsr_encoder *e, tsr_stage *entropy) {
    uint32_t n = tsr_effort_parts(e->o->effort, (uint64_t)e->im->width * e->im->height);
    if (tsr_stage_choose(entropy, TSR_PARTS_NAME, n) && n > 1)
        tsr_stage_choose(entropy, TSR_ROWS_NAME, TSR_LOW_PARTS);
}

static tsr_status code_alpha(tsr_encoder *e, const tsr_stage *entropy) {
    if (!e->header.alpha_apart) return TSR_OK;
    tsr_status s = tsr_alpha_encode(e->job, e->im, e->o->effort, entropy->head->name, &e->alpha);
    if (!s && e->alpha.failed)
        s = tsr_diag_set(e->job->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for alpha");
    return s;
}

/* The network of `mix`, where the spec leaves the coder to the effort: it has learnt what parents
 * of half the size say about details, and gains little where there are none. */
static void choose_prior(tsr_encoder *e) {
    tsr_stage *entropy = &e->pipe.spec.stage[TSR_STAGE_ENTROPY];
    if (entropy->chosen && tsr_effort_prior(e->o->effort) && tsr_layout_halves(&e->pipe.whole))
        entropy->v[TSR_PRIOR_PLACE].i = TSR_PRIOR_ON;
}

static tsr_status set_up(tsr_encoder *e) {
    tsr_job *j = e->job;
    const tsr_image *im = e->im;
    tsr_spec spec;
    e->header.lossless = e->o->target == TSR_TARGET_LOSSLESS ||
                         (e->o->target == TSR_TARGET_MAX_ERROR && e->o->value < 1);
    e->header.channels = im->channels;
    e->header.alpha_apart =
        !e->header.lossless && im->channels % 2 == 0 && e->o->alpha == TSR_ALPHA_LOSSLESS;
    tsr_geometry g = {.struct_size = sizeof g,
                      .width = im->width,
                      .height = im->height,
                      .planes = tsr_header_planes(&e->header),
                      .lossless = e->header.lossless};
    tsr_status s = tsr_job_stage(j, "prepare", 0, 0);
    if (!s) s = tsr_spec_parse(j->ctx, e->o->spec ? e->o->spec : "wavelet", &spec, j->diag);
    if (!s) s = tsr_spec_complete(j->ctx, &spec, e->o->effort, e->header.lossless, j->diag);
    if (!s) choose_parts(e, &spec.stage[TSR_STAGE_ENTROPY]);
    if (!s) s = choose_colour(e);
    if (!s) s = code_alpha(e, &spec.stage[TSR_STAGE_ENTROPY]);
    if (!s) s = make_planes(e);
    if (!s) s = tsr_pipeline_open(&e->pipe, &spec, &g, 0, j);
    if (!s) choose_prior(e);
    if (!s) s = load_model(e);
    if (!s) s = check_filters(e);
    if (!s) s = tsr_coeffs_alloc(&e->coeffs, &e->pipe.layout, &e->pipe.symbols, j);
    if (!s) fill_header(e);
    return s;
}

static void report_result(const tsr_encoder *e, double psnr, tsr_encode_report *r) {
    tsr_encode_report full = {.struct_size = sizeof full,
                              .trials = e->trials,
                              .bytes = e->file.size,
                              .bpp =
                                  (double)e->file.size * 8 / ((double)e->im->width * e->im->height),
                              .psnr = psnr,
                              .step = e->header.lossless ? 0 : tsr_step_value(e->header.step_index),
                              .peak_memory = e->job->budget.peak};
    tsr_spec_print(&e->pipe.spec, full.spec, sizeof full.spec);
    *r = full;
}

tsr_status tsr_encoder_open(tsr_encoder *e, tsr_job *job, const tsr_image *im,
                            const tsr_encode_options *o) {
    *e = (tsr_encoder){
        .job = job, .im = im, .o = o, .last_index = UINT32_MAX, .finest = TSR_STEP_MIN};
    tsr_status s = check_picture(job->ctx, im, job->diag);
    if (!s) s = check_value(o, job->diag);
    return s ? s : set_up(e);
}

void tsr_encoder_close(tsr_encoder *e) {
    tsr_pipeline_close(&e->pipe);
    tsr_image_free(&e->rendered);
    tsr_buffer_free(&e->file);
    tsr_buffer_free(&e->alpha);
}

tsr_status tsr_encoder_visit(tsr_context *ctx, const tsr_image *im, const tsr_encode_options *o,
                             tsr_status (*visit)(void *arg, tsr_encoder *e), void *arg,
                             tsr_diag *d) {
    tsr_job job;
    tsr_encoder e;
    double psnr;
    tsr_diag_init(d);
    tsr_job_init(&job, ctx, d);
    tsr_status s = tsr_encoder_open(&e, &job, im, o);
    if (!s) s = tsr_rate_control(&e, &psnr);
    if (!s) s = visit(arg, &e);
    tsr_encoder_close(&e);
    s = tsr_job_result(&job, s);
    tsr_job_free(&job);
    return s;
}

/* Members that the caller's version of the struct does not have keep their defaults. */
static tsr_status take_options(tsr_encode_options *o, const tsr_encode_options *given,
                               tsr_diag *diag) {
    tsr_encode_options_init(o);
    if (given->struct_size < offsetof(tsr_encode_options, drop_metadata))
        return tsr_diag_set(diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "the encode options do not tell their size");
    tsr_sized_copy(o, given);
    if (!o->effort) o->effort = TSR_DEFAULT_EFFORT;
    return TSR_OK;
}

tsr_status tsr_encode(tsr_context *ctx, const tsr_image *im, const tsr_encode_options *options,
                      tsr_blob *out, tsr_encode_report *report, tsr_diag *diag) {
    tsr_diag own;
    tsr_encode_options o;
    tsr_job job;
    tsr_encoder e;
    double psnr = NAN;
    if (!diag) diag = &own;
    tsr_diag_init(diag);
    *out = (tsr_blob){0};
    tsr_status s = take_options(&o, options, diag);
    if (s) return s;
    tsr_job_init(&job, ctx, diag);
    s = tsr_encoder_open(&e, &job, im, &o);
    e.once = e.header.lossless || o.target == TSR_TARGET_QUALITY || o.target == TSR_TARGET_STEP;
    /* in the same memory: quantized once, then replaced */
    if (e.once && !(e.pipe.stages.n > 1 && is_closed_loop(&e))) e.pipe.decoded = e.coeffs;
    if (!s) s = tsr_rate_control(&e, &psnr);
    if (!s) {
        if (report) report_result(&e, psnr, report);
        *out = (tsr_blob){e.file.data, e.file.size};
        e.file = (tsr_buffer){0};
    }
    s = tsr_job_result(&job, s);
    tsr_encoder_close(&e);
    tsr_job_free(&job);
    return s;
}
