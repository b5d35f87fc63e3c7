/* train_survey.c - what the training tiles are like: rate and error by step, and how fast they are
 * made. Error over step^2 is what the networks begin with; 1/12 is that of uniform noise. */
#include <math.h>
#include <stdio.h>

#include "train_session.h"
#include "train_window.h"

enum { OCTAVES = 12 };

typedef struct octave {
    uint32_t n;
    double bpp, error;
} octave;

static double mean_error(const train_tile *t) {
    size_t n = (size_t)TRAIN_CHANNELS * t->w * t->h;
    double sum = 0, unit = 1.0 / (1 << TRAIN_TILE_FRACTION) / t->step;
    for (size_t i = 0; i < n; i++) {
        double v = (t->data[i] - t->data[n + i]) * unit;
        sum += v * v;
    }
    return sum / (double)n;
}

static void say(const tsr_train_options *o, const char *line) {
    if (o->note) o->note(o->user, line);
}

static void say_octaves(const tsr_train_options *o, const octave *all) {
    char line[160];
    for (uint32_t k = 0; k < OCTAVES; k++) {
        const octave *c = &all[k];
        if (!c->n) continue;
        snprintf(line, sizeof line, "steps %4.0f to %4.0f: %4u tiles, %.3f bpp, error %.4f step^2",
                 exp2(k), exp2(k + 1.0), c->n, c->bpp / c->n, c->error / c->n);
        say(o, line);
    }
}

tsr_status tsr_train_survey(const tsr_train_options *o, const tsr_train_source *data, tsr_diag *d) {
    train_window *w;
    octave all[OCTAVES] = {0};
    char line[160];
    double start = tsr_train_clock();
    train_window_options wo = tsr_train_window_options(o, data);
    tsr_status status = tsr_train_window_new(&w, &wo, 0, d);
    if (status) return status;
    for (uint32_t i = 0; i < o->tiles && !status; i++) {
        status = tsr_train_window_advance(w, i + 1, d);
        if (status) break;
        const train_tile *t = tsr_train_window_tile(w, i);
        double k = floor(log2(t->step));
        octave *c = &all[k < 0 ? 0 : k >= OCTAVES ? OCTAVES - 1 : (uint32_t)k];
        c->n++;
        c->bpp += t->bpp;
        c->error += mean_error(t);
    }
    if (!status) {
        say_octaves(o, all);
        snprintf(line, sizeof line, "%.1f tiles a second", o->tiles / (tsr_train_clock() - start));
        say(o, line);
    }
    tsr_train_window_free(w);
    return status;
}
