/* decode.c - file to picture: chunks, stages, symbols, synthesis. */
#include <string.h>

#include "alpha.h"
#include "anatomy_decode.h"
#include "filters.h"
#include "image_part.h"
#include "pipeline.h"
#include "planes.h"
#include "postfilter.h"
#include "sized.h"
#include "step.h"

typedef struct decoder {
    tsr_job *job;
    const tsr_decode_options *o;
    tsr_header header;
    tsr_chunk head, side, data, alpha, icc, exif;
    int seen_head, seen_side, seen_data, seen_alpha;
    tsr_pipeline pipe;
    tsr_filters filters;
    const tsr_alpha *values; /* of the alpha that this is; NULL: it is a picture */
    tsr_image alpha_plane;   /* of the picture returned; no pixels: all are alpha_value */
    uint32_t alpha_value;
    uint32_t layers_decoded;
    tsr_band_meter *meter; /* NULL: the bits of bands are not asked for */
} decoder;

void tsr_decode_options_init(tsr_decode_options *o) {
    *o = (tsr_decode_options){.struct_size = sizeof *o};
}

/* ---- chunks ---- */

static tsr_status misplaced(const decoder *d, const tsr_chunk *c, const char *what) {
    return tsr_diag_set(d->job->diag, TSR_ERR_FORMAT, c->offset, "chunk '%c' %s", c->type, what);
}

static tsr_status accept_chunk(decoder *d, const tsr_chunk *c) {
    if (c->type != TSR_CHUNK_HEADER && !d->seen_head)
        return misplaced(d, c, "comes before the header");
    switch (c->type) {
    case TSR_CHUNK_HEADER:
        if (d->seen_head) return misplaced(d, c, "occurs twice");
        d->seen_head = 1;
        d->head = *c;
        return tsr_parse_header(c, &d->header, d->job->diag);
    case TSR_CHUNK_SIDE:
        if (d->seen_side) return misplaced(d, c, "occurs twice");
        d->seen_side = !c->truncated;
        d->side = *c;
        return TSR_OK;
    case TSR_CHUNK_DATA:
        if (d->seen_data) return misplaced(d, c, "occurs twice");
        d->seen_data = 1;
        d->data = *c;
        return TSR_OK;
    case TSR_CHUNK_ALPHA:
        if (d->seen_alpha) return misplaced(d, c, "occurs twice");
        if (!d->header.alpha_apart) return misplaced(d, c, "is not announced by the header");
        d->seen_alpha = !c->truncated;
        d->alpha = *c;
        return TSR_OK;
    case TSR_CHUNK_ICC:
        d->icc = *c;
        return TSR_OK;
    case TSR_CHUNK_EXIF:
        d->exif = *c;
        return TSR_OK;
    default:
        if (c->type >= 'a') return TSR_OK;
        return tsr_diag_set(d->job->diag, TSR_ERR_UNSUPPORTED, c->offset,
                            "critical chunk '%c' is of a later format", c->type);
    }
}

static tsr_status truncated(const decoder *d, size_t size) {
    return tsr_diag_set(d->job->diag, TSR_ERR_TRUNCATED, size,
                        "the file is truncated; --allow-partial decodes what is there");
}

static tsr_status read_chunks(decoder *d, const void *data, size_t size) {
    tsr_reader r = {.data = data, .size = size};
    tsr_chunk c = {0};
    int end = 0;
    tsr_status s = tsr_check_magic(&r, d->job->diag);
    while (!s && !end) {
        s = tsr_next_chunk(&r, &c, &end, d->job->diag);
        if (s == TSR_ERR_TRUNCATED && d->o->allow_partial && d->seen_head) {
            s = TSR_OK; /* the cut went through the frame of a later chunk */
            end = 1;
        } else if (!s && !end) {
            s = accept_chunk(d, &c);
            if (!s && c.truncated && !d->o->allow_partial) s = truncated(d, size);
        }
    }
    if (!s && !d->seen_head)
        s = tsr_diag_set(d->job->diag, TSR_ERR_TRUNCATED, size, "the file ends before its header");
    int all = d->seen_data && d->seen_alpha == d->header.alpha_apart;
    if (!s && !all && !d->o->allow_partial) s = truncated(d, size);
    return s;
}

/* ---- stages ---- */

static tsr_status resolve(decoder *d, tsr_spec *spec) {
    for (int k = 0; k < TSR_STAGE_KINDS; k++) {
        tsr_status s = tsr_stage_from_code(d->job->ctx, (tsr_stage_kind)k, &d->header.stage[k],
                                           &spec->stage[k], d->job->diag);
        if (s) return s;
    }
    return TSR_OK;
}

static tsr_status check_limits(const decoder *d) {
    const tsr_config *cfg = &d->job->ctx->cfg;
    uint64_t pixels = (uint64_t)d->header.width * d->header.height;
    if (pixels > cfg->max_pixels)
        return tsr_diag_set(d->job->diag, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "%ux%u pixels exceed the limit of %llu", d->header.width,
                            d->header.height, (unsigned long long)cfg->max_pixels);
    /* levels and coefficients, then coefficients and planes, of 4 bytes a sample are certain to be
     * needed */
    if (pixels * d->header.channels > cfg->max_memory / 8)
        return tsr_diag_set(d->job->diag, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "%ux%u pixels need more than the memory limit of %llu bytes",
                            d->header.width, d->header.height, (unsigned long long)cfg->max_memory);
    return TSR_OK;
}

/* The region asked for, or the whole picture. */
static tsr_rect region_of(const decoder *d) {
    static const tsr_rect none;
    const tsr_rect whole = {0, 0, d->header.width, d->header.height};
    return memcmp(&d->o->region, &none, sizeof none) ? d->o->region : whole;
}

static tsr_status check_part(const decoder *d) {
    const tsr_header *h = &d->header;
    tsr_rect r = region_of(d);
    if (d->o->reduce > TSR_MAX_REDUCE)
        return tsr_diag_set(d->job->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "a picture reduced by 2^%u: the most is 2^%u", d->o->reduce,
                            TSR_MAX_REDUCE);
    if (!tsr_rect_within(&r, h->width, h->height))
        return tsr_diag_set(d->job->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "the region %u,%u,%u,%u is not a part of the picture of %ux%u pixels",
                            r.x, r.y, r.w, r.h, h->width, h->height);
    return TSR_OK;
}

static tsr_status load_model(decoder *d) {
    tsr_model_entry *m;
    int transform = tsr_pipeline_wants_model(&d->pipe), network = d->header.views != 0;
    int wanted = transform || network;
    if (wanted != d->header.model.present || (transform && network))
        return tsr_diag_set(d->job->diag, TSR_ERR_FORMAT, d->head.offset, "corrupt header: %s",
                            transform && network ? "it names one model for two"
                            : wanted             ? "it names no model"
                                                 : "it names a model");
    int filters = !d->pipe.halvings; /* made for the whole picture */
    if (!transform && !(network && filters)) return TSR_OK;
    tsr_status s = tsr_model_resolve(d->job->ctx, &d->header.model, &m, d->job->diag);
    if (s || transform) return s ? s : tsr_pipeline_load_model(&d->pipe, m);
    d->filters.network = m;
    d->filters.views = d->header.views;
    return tsr_network_check(d->job->ctx, m, d->job->diag);
}

static tsr_status load_side(decoder *d) {
    const tsr_transform *t = d->pipe.transform;
    tsr_status s = TSR_OK;
    if (t->h.caps & TSR_CAP_SIDE)
        s = t->side_load(d->pipe.transform_state, d->side.data, d->seen_side ? d->side.size : 0,
                         &d->job->env);
    if (s || d->header.lossless || !d->pipe.quantizer->side_load) return s;
    tsr_reader r = {.data = d->header.quant_side, .size = d->header.quant_side_size};
    return d->pipe.quantizer->side_load(d->pipe.quantizer_state, &d->pipe.whole, &r, d->job->diag);
}

/* Sizes of all layers, also of those that a reduced picture does not need. The last one takes the
 * rest. */
static tsr_status layer_sizes(decoder *d, tsr_reader *r, size_t *size) {
    uint32_t n = d->pipe.coded_whole.layers;
    uint64_t sum = 0;
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint64_t v = tsr_get_varint(r);
        size[i] = (size_t)v;
        if (r->failed || v > d->data.claimed || (sum += v) > d->data.claimed)
            return r->failed && d->data.truncated
                       ? TSR_ERR_TRUNCATED
                       : tsr_diag_set(d->job->diag, TSR_ERR_FORMAT, d->data.offset,
                                      "layer sizes are corrupt");
    }
    uint64_t rest = d->data.claimed - r->pos;
    if (sum > rest)
        return tsr_diag_set(d->job->diag, TSR_ERR_FORMAT, d->data.offset,
                            "layer sizes are corrupt");
    size[n - 1] = (size_t)(rest - sum);
    return TSR_OK;
}

static tsr_status decode_layers(decoder *d) {
    tsr_pipeline *p = &d->pipe;
    tsr_reader r = {.data = d->data.data, .size = d->data.size};
    size_t *size = tsr_job_alloc(d->job, p->coded_whole.layers, sizeof *size);
    void *state = tsr_job_alloc(d->job, 1, p->entropy->h.state_size);
    if (!size || !state) return tsr_job_memory_status(d->job);
    tsr_status s = d->seen_data ? layer_sizes(d, &r, size) : TSR_ERR_TRUNCATED;
    if (s == TSR_ERR_TRUNCATED) return TSR_OK; /* partial decoding: not even one layer */
    if (!s && d->meter) s = tsr_meter_begin(d->meter, &p->coded, d->job);
    p->symbols.meter = d->meter;
    tsr_arena_mark m = tsr_arena_save(&d->job->state);
    if (!s) s = p->entropy->begin(state, p->spec.stage[TSR_STAGE_ENTROPY].v, &p->symbols, d->job);
    for (uint32_t i = 0; i < p->coded.layers && !s; i++) {
        const uint8_t *bytes = tsr_get_bytes(&r, size[i]);
        if (!bytes) break;
        s = tsr_job_stage(d->job, "decode", 0.7 * i / p->coded.layers, 0.7 / p->coded.layers);
        if (!s) s = p->entropy->decode(state, &p->symbols, i, bytes, size[i]);
        if (!s && d->meter) tsr_meter_layer(d->meter, i, size[i]);
        if (!s) d->layers_decoded = i + 1;
    }
    tsr_arena_rewind(&d->job->state, m);
    return s;
}

/* ---- picture ---- */

/* Planes of the picture, or of a smaller one, to pixels. */
static tsr_status convert(decoder *d, const tsr_planes *planes, tsr_image *im) {
    const tsr_header *h = &d->header;
    tsr_colour_map map;
    tsr_status s =
        tsr_image_alloc(im, planes->p[0].w, planes->p[0].h, h->channels, h->depth, 0, d->job->diag);
    if (s) return s;
    im->orientation = h->orientation;
    if (h->lossless) {
        s = tsr_planes_to_image_int(planes, h->colour == TSR_COLOUR_YCOCGR, im, d->job);
        if (!s && d->values) tsr_alpha_map(d->values, im);
        return s;
    }
    if (h->alpha_apart) tsr_alpha_fill(im, d->alpha_value);
    tsr_colour_map_init(&map, h->colour, h->colour_coded);
    return tsr_planes_to_image(planes, &map, im, d->job);
}

/* Those of the header, for the step of what has been decoded. */
static void choose_filters(decoder *d) {
    uint32_t stage = tsr_pipeline_stage(&d->pipe, d->layers_decoded);
    uint32_t units = tsr_stage_units(&d->pipe.stages, stage);
    uint32_t set = d->header.filter + tsr_filter_coarser(units);
    d->filters.set = !d->header.filter ? 0 : set < TSR_FILTER_SETS ? set : TSR_FILTER_SETS;
    d->filters.step = tsr_pipeline_step(&d->pipe, tsr_step_value(d->header.step_index), stage);
}

static tsr_status render(decoder *d, tsr_image *im) {
    const tsr_header *h = &d->header;
    uint32_t halvings = d->pipe.halvings;
    tsr_planes planes;
    tsr_status s = tsr_job_stage(d->job, "synthesis", 0.7, 0.3);
    if (!s)
        s = tsr_pipeline_dequantize(&d->pipe, h->lossless ? 1.0f : tsr_step_value(h->step_index), 0,
                                    d->layers_decoded);
    if (!s) tsr_pipeline_release_levels(&d->pipe);
    if (!s)
        s = tsr_planes_alloc(&planes, tsr_header_planes(h), tsr_halved(h->width, halvings),
                             tsr_halved(h->height, halvings), d->job);
    if (!s) s = tsr_pipeline_synthesis(&d->pipe, &planes);
    choose_filters(d);
    if (!s && !h->lossless && !halvings) s = tsr_filters_apply(&planes, &d->filters, d->job);
    if (!s) s = convert(d, &planes, im);
    if (!s) s = tsr_image_average(im, h->width, h->height, halvings, d->o->reduce, d->job);
    if (s) return s;
    tsr_rect region = region_of(d), part = tsr_rect_halved(&region, d->o->reduce);
    tsr_image_crop(im, &part);
    if (d->alpha_plane.pixels) tsr_alpha_insert(im, &d->alpha_plane);
    return TSR_OK;
}

static tsr_status metadata(const decoder *d, tsr_image *im) {
    if (d->o->no_metadata) return TSR_OK;
    tsr_status s = TSR_OK;
    if (!d->icc.truncated) s = tsr_blob_copy(&im->icc, d->icc.data, d->icc.size);
    if (!s && !d->exif.truncated) s = tsr_blob_copy(&im->exif, d->exif.data, d->exif.size);
    if (s) return tsr_diag_set(d->job->diag, s, TSR_NO_OFFSET, "no memory for metadata");
    return TSR_OK;
}

/* Everything between the chunks and the levels of all bands. */
static tsr_status decode_levels(decoder *d) {
    tsr_spec spec;
    tsr_status s = check_limits(d);
    if (!s) s = check_part(d);
    if (!s) s = resolve(d, &spec);
    if (s) return s;
    tsr_geometry g = {.struct_size = sizeof g,
                      .width = d->header.width,
                      .height = d->header.height,
                      .planes = tsr_header_planes(&d->header),
                      .lossless = d->header.lossless};
    s = tsr_pipeline_open(&d->pipe, &spec, &g, d->o->reduce, d->job);
    if (!s) s = load_model(d);
    if (!s) s = load_side(d);
    return s ? s : decode_layers(d);
}

/* The picture that chunk 'A' describes, of the stages a: reduced and cut out like the colours. */
static tsr_status decode_grey(decoder *outer, const tsr_alpha *a) {
    const tsr_header *h = &outer->header;
    tsr_job job;
    tsr_job_init_before(&job, outer->job);
    decoder d = {.job = &job,
                 .o = outer->o,
                 .header = {.width = h->width,
                            .height = h->height,
                            .channels = 1,
                            .depth = h->depth,
                            .lossless = 1,
                            .colour = TSR_COLOUR_NONE,
                            .stage = {a->transform, h->stage[TSR_STAGE_QUANTIZER], a->entropy}},
                 .data = {.data = a->data,
                          .size = a->size,
                          .claimed = a->size,
                          .offset = outer->alpha.offset},
                 .seen_data = 1,
                 .values = a};
    tsr_status s = decode_levels(&d);
    if (!s) s = render(&d, &outer->alpha_plane);
    tsr_pipeline_close(&d.pipe);
    return tsr_job_end_before(&job, outer->job, s);
}

/* Opaque when the chunk is not there, which only a truncated file comes here with. */
static tsr_status decode_alpha(decoder *d) {
    tsr_alpha a;
    d->alpha_value = d->header.depth == 8 ? UINT8_MAX : UINT16_MAX;
    if (!d->seen_alpha) return TSR_OK;
    tsr_status s = tsr_alpha_parse(&d->alpha, d->header.depth, &a, d->job->diag);
    if (s || a.n != 1) return s ? s : decode_grey(d, &a);
    d->alpha_value = a.value[0];
    return TSR_OK;
}

static tsr_status decode_all(decoder *d, const void *data, size_t size, tsr_image *im) {
    tsr_status s = read_chunks(d, data, size);
    if (!s) s = decode_alpha(d);
    if (!s) s = decode_levels(d);
    if (!s) s = render(d, im);
    if (!s) s = metadata(d, im);
    return s;
}

/* Members that the caller's version of the struct does not have keep their defaults. */
static tsr_status take_options(tsr_decode_options *o, const tsr_decode_options *given,
                               tsr_diag *diag) {
    tsr_decode_options_init(o);
    if (!given) return TSR_OK;
    if (given->struct_size < offsetof(tsr_decode_options, region))
        return tsr_diag_set(diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "the decode options do not tell their size");
    tsr_sized_copy(o, given);
    return TSR_OK;
}

tsr_status tsr_decode(tsr_context *ctx, const void *data, size_t size,
                      const tsr_decode_options *options, tsr_image *im, tsr_decode_report *report,
                      tsr_diag *diag) {
    tsr_diag own;
    tsr_decode_options o;
    tsr_job job;
    if (!diag) diag = &own;
    tsr_diag_init(diag);
    *im = (tsr_image){0};
    tsr_status s = take_options(&o, options, diag);
    if (s) return s;
    tsr_job_init(&job, ctx, diag);
    decoder d = {.job = &job, .o = &o};
    s = decode_all(&d, data, size, im);
    if (!s && report)
        *report = (tsr_decode_report){.struct_size = sizeof *report,
                                      .layers_total = d.pipe.coded.layers,
                                      .layers_decoded = d.layers_decoded,
                                      .peak_memory = job.budget.peak};
    if (s) tsr_image_free(im);
    tsr_image_free(&d.alpha_plane);
    s = tsr_job_result(&job, s);
    tsr_pipeline_close(&d.pipe);
    tsr_job_free(&job);
    return s;
}

tsr_status tsr_decode_metered(tsr_context *ctx, const void *data, size_t size,
                              tsr_status (*take)(void *arg, const tsr_band_meter *m, tsr_diag *d),
                              void *arg, tsr_diag *diag) {
    tsr_diag own;
    tsr_decode_options o;
    tsr_job job;
    tsr_band_meter meter = {0};
    if (!diag) diag = &own;
    tsr_diag_init(diag);
    tsr_decode_options_init(&o);
    tsr_job_init(&job, ctx, diag);
    decoder d = {.job = &job, .o = &o, .meter = &meter};
    tsr_status s = read_chunks(&d, data, size);
    if (!s) s = decode_levels(&d);
    if (!s && !meter.layout) s = TSR_ERR_TRUNCATED;
    if (!s) s = take(arg, &meter, diag);
    s = tsr_job_result(&job, s);
    tsr_pipeline_close(&d.pipe);
    tsr_job_free(&job);
    return s;
}
