/* plugin_check_side.c - side information: saved the same whenever asked, refused when cut short,
 * and never trusted. Hostile bytes end at an unreadable page. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_guard.h"
#include "plugin_picture.h"
#include "plugin_trial.h"

enum { MAX_CUTS = 600, MUTATIONS = 400, NOISES = 200, MAX_NOISE = 300 };

static void need_side(tsr_check *c) {
    if (!(c->t->h.caps & TSR_CAP_SIDE)) tsr_check_skip(c, "no TSR_CAP_SIDE");
}

/* Calls `look` with an encoder that has run, for a lossy and, where claimed, a lossless picture. */
static void for_each_mode(tsr_check *c, void (*look)(tsr_check *c, tsr_trial *t)) {
    bool can_lossless = c->t->h.caps & TSR_CAP_LOSSLESS;
    for (int lossless = 0; lossless <= can_lossless; lossless++) {
        tsr_trial t = {.w = 17, .h = 31, .planes = 3, .lossless = lossless};
        tsr_trial_run_encoder(c, &t);
        look(c, &t);
        tsr_trial_drop(c, &t);
    }
}

/* ---------------------------------------------------------------- saving */

static void check_room(tsr_check *c, const tsr_trial *t, size_t cap) {
    uint8_t *room = tsr_guard_new(cap, 0);
    if (!room) tsr_check_fail(c, "no memory for the check itself");
    size_t n = c->t->side_save(t->enc.st, room, cap);
    if (n != t->side_size)
        tsr_check_fail(c, "room for %zu: size %zu expected, %zu returned", cap, t->side_size, n);
    if (!tsr_guard_intact(room)) tsr_check_fail(c, "room for %zu: more was written", cap);
    if (cap >= n && memcmp(room, t->side, n))
        tsr_check_fail(c, "room for %zu: not the same bytes as before", cap);
    tsr_guard_free(room);
}

static void check_save(tsr_check *c, tsr_trial *t) {
    check_room(c, t, 0);
    check_room(c, t, t->side_size / 2);
    if (t->side_size) check_room(c, t, t->side_size - 1);
    check_room(c, t, t->side_size);
    check_room(c, t, t->side_size + 100);
    if (!t->lossless)
        tsr_check_note(c, "%zu bytes for %ux%ux%u", t->side_size, t->w, t->h, t->planes);
}

void tsr_check_side_save(tsr_check *c) {
    need_side(c);
    for_each_mode(c, check_save);
}

/* ---------------------------------------------------------------- loading what is not sound */

static bool refusal(tsr_status s) {
    return s == TSR_ERR_FORMAT || s == TSR_ERR_TRUNCATED || s == TSR_ERR_UNSUPPORTED ||
           s == TSR_ERR_LIMIT || s == TSR_ERR_MEMORY;
}

/* Loads bytes into a fresh decoder and, when they are taken, decodes. Returns side_load()'s status.
 */
static tsr_status load(tsr_check *c, tsr_trial *t, const uint8_t *side, size_t size) {
    tsr_status s = tsr_trial_open_decoder(c, t, side, size);
    if (s && !refusal(s))
        tsr_check_fail(c, "success or a status of bad data expected, %d returned", (int)s);
    tsr_status made = s ? TSR_OK : tsr_trial_synthesise(c, t, t->enc.decoded);
    if (made && !refusal(made))
        tsr_check_fail(c, "success or a status of bad data expected, %d returned", (int)made);
    if (!s && !made) tsr_trial_expect_legal(c, t);
    tsr_trial_close_decoder(c, t);
    if (*t->dec.env.fault) tsr_check_fail(c, "%s", t->dec.env.fault);
    return s;
}

static void check_cut(tsr_check *c, tsr_trial *t) {
    size_t stride = 1 + t->side_size / MAX_CUTS;
    for (size_t n = 0; n < t->side_size; n += stride) {
        snprintf(t->label, sizeof t->label, "side information cut to %zu of %zu bytes", n,
                 t->side_size);
        if (!load(c, t, t->side, n)) tsr_check_fail(c, "a refusal expected, the bytes were taken");
    }
    *t->label = 0;
}

void tsr_check_side_cut(tsr_check *c) {
    need_side(c);
    for_each_mode(c, check_cut);
}

/* Sound side information with up to four bytes replaced. */
static unsigned load_mutations(tsr_check *c, tsr_trial *t, uint8_t *bytes) {
    uint32_t random = 88172645u;
    unsigned taken = 0;
    for (int k = 0; k < MUTATIONS && t->side_size; k++) {
        memcpy(bytes, t->side, t->side_size);
        for (uint32_t m = tsr_check_random(&random) % 4u + 1; m > 0; m--) {
            size_t at = tsr_check_random(&random) % t->side_size;
            bytes[at] = (uint8_t)(tsr_check_random(&random) >> 11);
        }
        snprintf(t->label, sizeof t->label, "side information corrupted, variant %d", k);
        taken += !load(c, t, bytes, t->side_size);
    }
    return taken;
}

/* Random bytes of any length, and the same byte over and over. */
static unsigned load_noise(tsr_check *c, tsr_trial *t) {
    uint8_t bytes[MAX_NOISE];
    uint32_t random = 362436069u;
    unsigned taken = 0;
    for (int k = 0; k < NOISES; k++) {
        size_t n = tsr_check_random(&random) % MAX_NOISE;
        for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(tsr_check_random(&random) >> 13);
        snprintf(t->label, sizeof t->label, "%zu random bytes of side information, variant %d", n,
                 k);
        taken += !load(c, t, bytes, n);
    }
    return taken;
}

static unsigned load_constant(tsr_check *c, tsr_trial *t, uint8_t *bytes) {
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    unsigned taken = 0;
    for (unsigned k = 0; k < sizeof values; k++) {
        memset(bytes, values[k], t->side_size);
        snprintf(t->label, sizeof t->label, "side information of bytes 0x%02x", values[k]);
        taken += !load(c, t, bytes, t->side_size);
    }
    return taken;
}

static void check_hostile(tsr_check *c, tsr_trial *t) {
    uint8_t *bytes = tsr_check_alloc(c, t->side_size, 1);
    unsigned taken = load_mutations(c, t, bytes) + load_noise(c, t) + load_constant(c, t, bytes);
    free(bytes);
    *t->label = 0;
    tsr_check_note(c, "%u of %d forgeries taken, all decoded cleanly", taken,
                   MUTATIONS + NOISES + 5);
}

void tsr_check_side_hostile(tsr_check *c) {
    need_side(c);
    for_each_mode(c, check_hostile);
}
