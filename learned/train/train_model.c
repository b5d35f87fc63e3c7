/* train_model.c - the model file: networks and how they came about. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/model.h>

#include "train_session.h"

enum { META = 4096, VALUE = 1024 };

typedef struct meta_text {
    char text[META];
    size_t size;
} meta_text;

/* Adds key=value; control characters become spaces, what is too long is cut. */
static void add(meta_text *m, const char *key, const char *value) {
    if (!value || !*value) return;
    size_t room = META - m->size;
    int n = snprintf(m->text + m->size, room, "%s=%.*s", key, VALUE, value);
    if (n < 0 || (size_t)n + 2 > room) {
        m->text[m->size] = 0;
        return;
    }
    for (char *p = m->text + m->size; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127) *p = ' ';
    m->size += (size_t)n;
    m->text[m->size++] = '\n';
    m->text[m->size] = 0;
}

void tsr_train_model_name(const char *path, char name[TSR_MODEL_NAME_SIZE]) {
    const char *slash = strrchr(path, '/'), *dot;
    snprintf(name, TSR_MODEL_NAME_SIZE, "%s", slash ? slash + 1 : path);
    if ((dot = strrchr(name, '.')) && dot > name) name[dot - name] = 0;
    for (char *p = name; *p; p++) {
        *p = (char)tolower((unsigned char)*p);
        if (!isalnum((unsigned char)*p) && (p == name || !strchr("._-", *p)))
            *p = p == name ? 'm' : '-';
    }
    if (!*name) snprintf(name, TSR_MODEL_NAME_SIZE, "model");
}

static void add_figures(meta_text *m, const train_session *s) {
    char line[VALUE];
    int n = 0;
    const tsr_train_progress *p = &s->progress;
    for (uint32_t k = 0; k < TSR_TRAIN_STEPS; k++)
        n += snprintf(line + n, sizeof line - (size_t)n,
                      "%sstep %g: %.4f bpp %.3f dB, without the network %.3f dB", k ? "; " : "",
                      tsr_train_val_steps[k], p->bpp[k], p->psnr[k], p->psnr_base[k]);
    add(m, "val_result", line);
}

static void add_corpus(meta_text *m, const char *key, const tsr_train_source *from) {
    char line[VALUE];
    snprintf(line, sizeof line, "%u pictures, SHA-256 %s", from->n, from->hash);
    add(m, key, line);
}

static void describe(const train_session *s, meta_text *m) {
    char line[VALUE];
    m->size = 0;
    tsr_train_model_name(s->o->model, line);
    add(m, "name", line);
    add(m, "command", s->o->command);
    snprintf(line, sizeof line, "%llu", (unsigned long long)s->o->seed);
    add(m, "seed", line);
    snprintf(line, sizeof line, "%llu", (unsigned long long)s->iteration);
    add(m, "iterations", line);
    snprintf(line, sizeof line, "%.1f", tsr_train_elapsed(s));
    add(m, "seconds", line);
    snprintf(line, sizeof line, "%u", s->o->threads);
    add(m, "threads", line);
    add(m, "machine", s->o->machine);
    add(m, "codec", s->o->codec);
    add_corpus(m, "data", s->data);
    add_corpus(m, "val", s->val);
    add_figures(m, s);
    add(m, "made_by", "tessera " TSR_VERSION);
}

/* As the file can hold it: a multiple of 1/64. */
static float step_fixed(double step) {
    float v = (float)floor(64 * step + 0.5) / 64;
    return v < 1.0f / 64 ? 1.0f / 64 : v > 1023 ? 1023 : v;
}

static tsr_status no_memory(train_session *s) {
    return tsr_diag_set(s->diag, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the model");
}

/* The networks' bytes, from malloc. */
static tsr_status pack(train_session *s, uint8_t **bytes, size_t *size) {
    tsr_vqvae_model m = {.has_encoder = (uint32_t)s->has_encoder,
                         .step_min = step_fixed(s->o->step_min),
                         .step_max = step_fixed(s->o->step_max),
                         .decoder = s->decoder.shape,
                         .encoder = s->encoder.shape};
    const float *values = tsr_nn_store_read(s->store);
    size_t n = tsr_vqvae_net_params(&m.decoder);
    float *param =
        calloc(n + (s->has_encoder ? tsr_vqvae_net_params(&m.encoder) : 0), sizeof *param);
    *bytes = NULL;
    if (!param) return no_memory(s);
    m.decoder.param = param;
    tsr_train_net_export(&s->decoder, s->store, values, &m.decoder);
    if (s->has_encoder) {
        m.encoder.param = param + n;
        tsr_train_net_export(&s->encoder, s->store, values, &m.encoder);
    }
    *size = tsr_vqvae_model_save(&m, NULL, 0);
    *bytes = *size ? malloc(*size) : NULL;
    if (*bytes) tsr_vqvae_model_save(&m, *bytes, *size);
    free(param);
    if (*bytes) return TSR_OK;
    return *size ? no_memory(s)
                 : tsr_diag_set(s->diag, TSR_ERR_TARGET, TSR_NO_OFFSET,
                                "diverged: a weight is too large for a model file");
}

/* What the networks are for: the transform, or the filter behind the post filter. */
static const char *const section_name[] = {"vqvae", "filter"};

tsr_status tsr_train_model_pack(train_session *s, tsr_blob *out) {
    meta_text meta;
    uint8_t *bytes;
    size_t size = 0;
    *out = (tsr_blob){0};
    tsr_status status = pack(s, &bytes, &size);
    if (status) return status;
    describe(s, &meta);
    tsr_model_file m = {.meta = meta.text, .meta_size = meta.size, .n_sections = 1};
    m.section[0] = (tsr_model_section){.data = bytes, .size = size};
    snprintf(m.section[0].name, sizeof m.section[0].name, "%s", section_name[!!s->o->postfilter]);
    status = tsr_model_write(&m, out, s->diag);
    free(bytes);
    return status;
}

tsr_status tsr_train_model_save(train_session *s) {
    tsr_blob file;
    tsr_status status = tsr_train_model_pack(s, &file);
    if (!status) status = s->o->write(s->o->user, s->o->model, file.data, file.size, s->diag);
    tsr_blob_free(&file);
    return status;
}

/* ---- beginning with a model ---- */

static int same_shape(const tsr_vqvae_net *a, const tsr_vqvae_net *b) {
    return a->channels == b->channels && a->width == b->width && a->blocks == b->blocks &&
           a->pointwise == b->pointwise;
}

static tsr_status check_network(train_session *s, const tsr_vqvae_net *n) {
    if (n->ints.weight)
        return tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "%s: its network is one of integers: begin with the floats",
                            s->o->init);
    if (same_shape(n, &s->decoder.shape)) return TSR_OK;
    return tsr_diag_set(s->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "%s: its network has %u channels, %u blocks and %u pointwise layers in "
                        "each: say the same here",
                        s->o->init, n->width, n->blocks, n->pointwise);
}

static tsr_status take_networks(train_session *s, const tsr_model_section *section) {
    tsr_vqvae_model m;
    char text[160];
    float *values = tsr_nn_store_values(s->store);
    tsr_status status = tsr_vqvae_model_read(&m, section->data, section->size, text);
    if (status) return tsr_diag_set(s->diag, status, TSR_NO_OFFSET, "%s: %s", s->o->init, text);
    status = check_network(s, &m.decoder);
    if (!status) tsr_train_net_import(&s->decoder, s->store, values, &m.decoder);
    if (!status && s->has_encoder && m.has_encoder && same_shape(&m.encoder, &s->encoder.shape))
        tsr_train_net_import(&s->encoder, s->store, values, &m.encoder);
    tsr_vqvae_model_free(&m);
    return status;
}

/* Networks of the filter and of the transform see the same bands: one may begin the other. */
static const tsr_model_section *find_networks(const train_session *s, const tsr_model_file *m) {
    const tsr_model_section *own = tsr_model_find_section(m, section_name[!!s->o->postfilter]);
    return own ? own : tsr_model_find_section(m, section_name[!s->o->postfilter]);
}

tsr_status tsr_train_model_load(train_session *s) {
    tsr_blob file = {0};
    tsr_model_file m;
    tsr_status status = s->o->read(s->o->user, s->o->init, &file, s->diag);
    if (!status) status = tsr_model_read(&m, file.data, file.size, s->diag);
    const tsr_model_section *section = status ? NULL : find_networks(s, &m);
    if (!status && !section)
        status =
            tsr_diag_set(s->diag, TSR_ERR_MODEL, TSR_NO_OFFSET, "%s: the model has no section '%s'",
                         s->o->init, section_name[!!s->o->postfilter]);
    if (!status) status = take_networks(s, section);
    tsr_blob_free(&file);
    return status;
}
