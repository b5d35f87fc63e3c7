/* train_ints_model.c - the model file of floats becomes one of integers.
 *
 * The networks of the file are run on coded tiles to see how large their values become, turned into
 * integers, and both are compared on the same tiles, by the decoder's own code.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/model.h>

#include "train_ints.h"
#include "train_leaves.h"
#include "train_session.h"

enum { STEPS = TSR_INTS_STEPS, MIN_SIDE = 96, LINE = 1024 };

typedef struct session {
    const tsr_ints_options *o;
    const tsr_train_source *data;
    tsr_ints_result *result;
    tsr_diag *diag;
    tsr_blob file;                          /* of floats */
    tsr_model_file in;                      /* its parts */
    char codec[256];                        /* that codes the tiles */
    uint8_t *bytes[TSR_MODEL_MAX_SECTIONS]; /* of sections that have become integers */
} session;

static tsr_status no_memory(session *s) {
    return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a model");
}

/* ---- reading ---- */

static tsr_status read_model(session *s) {
    tsr_status status = s->o->read(s->o->user, s->o->model, &s->file, s->diag);
    if (!status) status = tsr_model_read(&s->in, s->file.data, s->file.size, s->diag);
    if (status) return status;
    if (s->o->codec)
        snprintf(s->codec, sizeof s->codec, "%s", s->o->codec);
    else if (!tsr_model_value(&s->in, "codec", s->codec, sizeof s->codec))
        return tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "%s: its text does not say which codec coded its tiles: say --codec",
                            s->o->model);
    return TSR_OK;
}

static tsr_status load_networks(session *s, const tsr_model_section *section, tsr_vqvae_model *m) {
    char text[160];
    tsr_status status = tsr_vqvae_model_read(m, section->data, section->size, text);
    if (status) return tsr_diag_set(s->diag, status, TSR_NO_OFFSET, "%s: %s", s->o->model, text);
    if (m->decoder.ints.weight)
        return tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "%s: its network is one of integers already", s->o->model);
    return tsr_train_ints_check(&m->decoder, s->diag);
}

/* ---- tiles ---- */

typedef struct tiles {
    train_tile *t; /* [pictures][STEPS] */
    uint32_t pictures;
} tiles;

static void free_tiles(tiles *k) {
    for (uint32_t i = 0; i < k->pictures * STEPS; i++) tsr_train_tile_free(&k->t[i]);
    free(k->t);
}

/* Steps spread over those that the model knows. */
static tsr_status make_tiles(session *s, const tsr_vqvae_model *m, int filter, tiles *k) {
    double ratio = (double)m->step_max / m->step_min;
    train_window_options w = {.source = s->data,
                              .coding = {s->codec, filter},
                              .step_min = m->step_min,
                              .step_max = m->step_max,
                              .min_side = MIN_SIDE,
                              .open = s->o->open,
                              .note = s->o->note,
                              .user = s->o->user};
    for (int i = 0; i < STEPS; i++)
        s->result->step[i] = m->step_min * pow(ratio, (i + 0.5) / STEPS);
    return tsr_train_fixed_tiles(&w, s->o->pictures, s->result->step, STEPS, &k->t, &k->pictures,
                                 s->diag);
}

/* ---- comparing ---- */

static double psnr(double error) {
    return 10 * log10(255.0 * 255.0 / fmax(error, 1e-9));
}

static tsr_status compare(session *s, const tsr_vqvae_model *m, const tsr_vqvae_net *ints,
                          const tiles *k) {
    tsr_ints_result *r = s->result;
    for (uint32_t i = 0; i < k->pictures * STEPS; i++) {
        double without, floats, integers;
        tsr_status status = tsr_train_ints_error(&m->decoder, m, &k->t[i], &without, &floats);
        if (!status) status = tsr_train_ints_error(ints, m, &k->t[i], &without, &integers);
        if (status) return no_memory(s);
        r->without[i % STEPS] += psnr(without) / k->pictures;
        r->floats[i % STEPS] += psnr(floats) / k->pictures;
        r->integers[i % STEPS] += psnr(integers) / k->pictures;
    }
    return TSR_OK;
}

/* ---- one section ---- */

static tsr_status measure(session *s, const tsr_vqvae_model *m, const tiles *k, train_ranges *r) {
    tsr_status status = tsr_train_ranges_new(r, &m->decoder);
    for (uint32_t i = 0; i < k->pictures * STEPS && !status; i++)
        status = tsr_train_ranges_add(r, m, &k->t[i]);
    return status ? no_memory(s) : TSR_OK;
}

/* Section i of *out. */
static tsr_status save_section(session *s, const tsr_vqvae_model *m, tsr_model_file *out,
                               uint32_t i) {
    size_t size = tsr_vqvae_model_save(m, NULL, 0);
    s->bytes[i] = size ? malloc(size) : NULL;
    if (!s->bytes[i]) return no_memory(s);
    tsr_vqvae_model_save(m, s->bytes[i], size);
    out->section[i].data = s->bytes[i];
    out->section[i].size = size;
    return TSR_OK;
}

/* Turns section i into one of integers. */
static tsr_status convert(session *s, tsr_model_file *file, uint32_t i) {
    const tsr_model_section *section = &file->section[i];
    tsr_vqvae_model m, whole;
    tsr_vqvae_net ints = {0};
    train_ranges ranges = {0};
    tiles k = {0};
    *s->result = (tsr_ints_result){0};
    tsr_status status = load_networks(s, section, &m);
    if (!status) status = make_tiles(s, &m, strcmp(section->name, "filter") == 0, &k);
    if (!status) status = measure(s, &m, &k, &ranges);
    if (!status) status = tsr_train_ints_make(&ints, &m, &ranges, s->diag);
    if (!status) status = compare(s, &m, &ints, &k);
    if (!status) {
        whole = m;
        whole.decoder = ints;
        status = save_section(s, &whole, file, i);
    }
    tsr_vqvae_model_free(&m);
    free_tiles(&k);
    free(ints.ints.bias);
    tsr_train_ranges_free(&ranges);
    return status;
}

/* ---- writing ---- */

static void add_results(const session *s, char *line, size_t size) {
    const tsr_ints_result *r = s->result;
    int n = 0;
    for (int i = 0; i < STEPS; i++)
        n += snprintf(line + n, size - (size_t)n, "%sstep %.3g: %.3f dB, floats %.3f, without %.3f",
                      i ? "; " : "", r->step[i], r->integers[i], r->floats[i], r->without[i]);
}

/* The text of the model with the name of the new file, and how it came about. From malloc. */
static char *new_text(const session *s, size_t *size) {
    char name[TSR_MODEL_NAME_SIZE], line[LINE];
    size_t room = s->in.meta_size + 2 * LINE;
    char *text = malloc(room);
    if (!text) return NULL;
    tsr_train_model_name(s->o->out, name);
    size_t n = (size_t)snprintf(text, room, "name=%s\n", name);
    for (const char *p = s->in.meta, *end = p + s->in.meta_size; p < end;) {
        const char *next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
        int other = strncmp(p, "name=", 5) && strncmp(p, "integers", 8);
        if (other) memcpy(text + n, p, (size_t)(next - p));
        if (other) n += (size_t)(next - p);
        p = next;
    }
    add_results(s, line, sizeof line);
    uint32_t looked_at = s->data->n < s->o->pictures ? s->data->n : s->o->pictures;
    n += (size_t)snprintf(text + n, room - n, "integers=%spictures: %u", s->o->data ? "" : "drawn ",
                          looked_at);
    if (s->o->data) n += (size_t)snprintf(text + n, room - n, ", SHA-256 %.72s", s->data->hash);
    n += (size_t)snprintf(text + n, room - n, ", codec %s\nintegers_result=%s\n", s->codec, line);
    *size = n;
    return text;
}

static tsr_status write_model(session *s, tsr_model_file *m) {
    tsr_blob file = {0};
    char *text = new_text(s, &m->meta_size);
    if (!text) return no_memory(s);
    m->meta = text;
    tsr_status status = tsr_model_write(m, &file, s->diag);
    if (!status) status = s->o->write(s->o->user, s->o->out, file.data, file.size, s->diag);
    tsr_blob_free(&file);
    free(text);
    return status;
}

static tsr_status convert_all(session *s) {
    tsr_model_file m = s->in;
    tsr_status status = TSR_OK;
    uint32_t found = 0;
    for (uint32_t i = 0; i < m.n_sections && !status; i++) {
        const char *name = m.section[i].name;
        if (strcmp(name, "filter") && strcmp(name, "vqvae")) continue;
        status = convert(s, &m, i);
        found++;
    }
    if (!status && !found)
        status = tsr_diag_set(s->diag, TSR_ERR_MODEL, TSR_NO_OFFSET,
                              "%s: the model has no networks", s->o->model);
    return status ? status : write_model(s, &m);
}

tsr_status tsr_train_ints(const tsr_ints_options *o, tsr_ints_result *r, tsr_diag *d) {
    session s = {.o = o, .data = o->data, .result = r, .diag = d};
    tsr_train_source leaves = tsr_train_leaves(o->pictures);
    tsr_diag_init(d);
    if (!s.data) s.data = &leaves;
    tsr_status status = read_model(&s);
    if (!status) status = convert_all(&s);
    for (uint32_t i = 0; i < TSR_MODEL_MAX_SECTIONS; i++) free(s.bytes[i]);
    tsr_blob_free(&s.file);
    return status;
}
