/* sweep_time.c - the timing pass: one row at a time, on one thread, several runs, the median. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_open.h"
#include "sweep.h"

#define SAVE_SECONDS 5.0 /* a kill loses the times of at most so long */

/* A row that is to be timed. */
typedef struct timing {
    uint32_t picture, codec, setting;
    tsr_kept_row *row;
} timing;

typedef struct timings {
    timing *v;
    size_t n;
} timings;

static int needs_time(const tsr_kept_row *k, uint32_t repeats) {
    return !strcmp(k->row.field[TSR_COL_STATUS], tsr_status_word(TSR_OK)) &&
           strtoul(k->row.field[TSR_COL_REPEATS], NULL, 10) < repeats;
}

/* The rows of this sweep without times, codec by codec of each picture. */
static tsr_status list_timings(tsr_sweep *s, uint32_t repeats, timings *t, tsr_diag *d) {
    tsr_status st = tsr_results_index(&s->results, d);
    t->v = malloc((s->n_rows + 1) * sizeof *t->v);
    if (!st && !t->v)
        st = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the times");
    for (uint32_t p = 0; p < s->pictures.n && !st; p++)
        for (uint32_t c = 0; c < s->codecs.n; c++) {
            const tsr_sweep_codec *codec = &s->codecs.v[c];
            for (uint32_t k = 0; k < codec->settings.n && !codec->repeated; k++) {
                tsr_kept_row *row = tsr_results_find(
                    &s->results, codec->label, codec->settings.v[k].text, s->pictures.v[p].name);
                if (row && needs_time(row, repeats)) t->v[t->n++] = (timing){p, c, k, row};
            }
        }
    return st;
}

/* Puts what was measured into the row; a failure at this point replaces it. */
static tsr_status replace_row(tsr_kept_row *k, const tsr_sweep_result *r, tsr_diag *d) {
    char enc[40], dec[40], repeats[16];
    const char *with[TSR_COLUMNS] = {0};
    tsr_row row;
    snprintf(enc, sizeof enc, "%.6f", r->enc_s);
    snprintf(dec, sizeof dec, "%.6f", r->dec_s);
    snprintf(repeats, sizeof repeats, "%u", r->repeats);
    with[TSR_COL_STATUS] = tsr_status_word(r->status);
    with[TSR_COL_MESSAGE] = r->message;
    if (!r->status) {
        with[TSR_COL_ENC_S] = enc;
        with[TSR_COL_DEC_S] = dec;
        with[TSR_COL_REPEATS] = repeats;
    }
    if (!tsr_row_change(&row, &k->row, with))
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a row");
    tsr_row_free(&k->row);
    k->row = row;
    return TSR_OK;
}

static tsr_status time_rows(tsr_sweep *s, tsr_context *ctx, const timings *t, uint32_t repeats,
                            tsr_diag *d) {
    double saved = tsr_clock_seconds();
    tsr_status st = TSR_OK;
    for (size_t i = 0; i < t->n && !st; i++) {
        const timing *w = &t->v[i];
        char text[80];
        tsr_sweep_result r;
        snprintf(text, sizeof text, "%zu/%zu rows", i, t->n);
        tsr_progress_update(&s->cli->progress, text, (double)i / (double)t->n);
        st = tsr_sweep_work(s, ctx, w->picture, w->codec, w->setting, repeats, &r);
        if (st == TSR_ERR_CANCELLED) break;
        st = replace_row(w->row, &r, d);
        if (!st && tsr_clock_seconds() - saved > SAVE_SECONDS) {
            st = tsr_results_save(&s->results, d);
            saved = tsr_clock_seconds();
        }
    }
    if (st == TSR_ERR_CANCELLED)
        tsr_diag_set(d, st, TSR_NO_OFFSET,
                     "interrupted; the same command goes on where it stopped");
    return st;
}

tsr_status tsr_sweep_time(tsr_sweep *s, uint32_t repeats, tsr_diag *d) {
    timings t = {0};
    tsr_context *ctx = NULL;
    tsr_status st = list_timings(s, repeats, &t, d);
    if (!st && t.n) st = tsr_cli_context(s->cli, s->args, 1, &ctx, d);
    if (!st && t.n) {
        tsr_diag unsaved;
        tsr_diag_init(&unsaved);
        tsr_progress_begin(&s->cli->progress, "time");
        st = time_rows(s, ctx, &t, repeats, d);
        tsr_progress_end(&s->cli->progress);
        tsr_status saved = tsr_results_save(&s->results, &unsaved);
        if (saved && !st) {
            *d = unsaved;
            st = saved;
        }
    }
    tsr_context_free(ctx);
    free(t.v);
    return st;
}
