/* plugin_check_model.c - models that are not sound: refused, or without harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_picture.h"
#include "plugin_trial.h"

enum { MAX_CUTS = 400, FORGERIES = 200 };

static bool refusal(tsr_status s) {
    return s == TSR_ERR_FORMAT || s == TSR_ERR_TRUNCATED || s == TSR_ERR_UNSUPPORTED ||
           s == TSR_ERR_LIMIT || s == TSR_ERR_MEMORY || s == TSR_ERR_MODEL;
}

/* A whole pass with these bytes as the model. */
static tsr_status try_model(tsr_check *c, tsr_trial *t, const uint8_t *model, size_t size) {
    t->model = model;
    t->model_size = size;
    tsr_status s = tsr_trial_try(c, t);
    if (s && !refusal(s))
        tsr_check_fail(c, "success or a status of bad data expected, %d returned", (int)s);
    tsr_trial_drop(c, t);
    return s;
}

static void try_cuts(tsr_check *c, tsr_trial *t, const tsr_model_section *m) {
    for (size_t n = 0; n < m->size; n += 1 + m->size / MAX_CUTS) {
        snprintf(t->label, sizeof t->label, "model cut to %zu of %zu bytes", n, m->size);
        if (!try_model(c, t, m->data, n))
            tsr_check_fail(c, "a refusal expected, the bytes were taken");
    }
}

/* Up to four bytes replaced, most often near the beginning, where sizes are. */
static unsigned try_forgeries(tsr_check *c, tsr_trial *t, const tsr_model_section *m) {
    uint8_t *bytes = tsr_check_alloc(c, m->size, 1);
    uint32_t random = 2463534242u;
    unsigned taken = 0;
    for (int k = 0; k < FORGERIES && m->size; k++) {
        memcpy(bytes, m->data, m->size);
        for (uint32_t i = tsr_check_random(&random) % 4u + 1; i > 0; i--) {
            size_t within = k % 2 && m->size > 32 ? 32 : m->size;
            bytes[tsr_check_random(&random) % within] = (uint8_t)(tsr_check_random(&random) >> 11);
        }
        snprintf(t->label, sizeof t->label, "model corrupted, variant %d", k);
        taken += !try_model(c, t, bytes, m->size);
    }
    free(bytes);
    return taken;
}

void tsr_check_model(tsr_check *c) {
    const tsr_model_section *m = c->subject->model;
    if (!(c->t->h.caps & TSR_CAP_NEEDS_MODEL)) tsr_check_skip(c, "no TSR_CAP_NEEDS_MODEL");
    if (!m) tsr_check_skip(c, "no model was given with --model");
    tsr_trial t = {.w = 17, .h = 31, .planes = 3, .step = 32, .quant = 32};
    if (try_model(c, &t, m->data, m->size))
        tsr_check_fail(c, "the model that was given is refused");
    try_cuts(c, &t, m);
    unsigned taken = try_forgeries(c, &t, m);
    tsr_check_note(c, "%u of %d forgeries taken, all decoded cleanly", taken, FORGERIES);
}
