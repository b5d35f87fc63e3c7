/* sweep_facts.c - hash and shape of all pictures, and images.csv, where they are remembered. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "sweep.h"
#include "sweep_crew.h"
#include "sweep_csv.h"

enum { IMAGE, PATH, WIDTH, HEIGHT, CHANNELS, DEPTH, SHA256, FIELDS };
static const char header[] = "image,path,width,height,channels,depth,sha256";

/* The lines of images.csv. */
typedef struct known_pictures {
    char *text;
    const char *(*line)[FIELDS];
    size_t n;
} known_pictures;

static void known_free(known_pictures *k) {
    free(k->text);
    free(k->line);
}

/* A missing or damaged file knows nothing. */
static tsr_status known_read(const tsr_results *r, known_pictures *k, tsr_diag *d) {
    char path[TSR_RESULTS_PATH];
    tsr_blob file = {0};
    *k = (known_pictures){0};
    if (access(tsr_results_path(r, "images.csv", path), F_OK)) return TSR_OK;
    tsr_status s = tsr_read_file(path, 0, &file, d);
    if (s) return s;
    k->text = malloc(file.size + 1);
    k->line = calloc(file.size / FIELDS + 1, sizeof *k->line);
    if (k->text && k->line) {
        char *save = NULL;
        if (file.size) memcpy(k->text, file.data, file.size);
        k->text[file.size] = 0;
        for (char *l = strtok_r(k->text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
            if (tsr_csv_split(l, k->line[k->n], FIELDS) && strcmp(k->line[k->n][IMAGE], "image"))
                k->n++;
    }
    tsr_blob_free(&file);
    return k->text && k->line
               ? TSR_OK
               : tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the pictures");
}

/* ---------------------------------------------------------------- learning */

typedef struct learner {
    tsr_sweep *sweep;
    const known_pictures *known;
    atomic_size_t next, failed; /* failed: index of one that cannot be read at all; n: none */
    tsr_diag diag;              /* of it */
} learner;

/* Takes the shape from images.csv when the bytes are the same. */
static int is_known(tsr_picture *p, const known_pictures *k, const char *sha256) {
    for (size_t i = 0; i < k->n; i++) {
        if (strcmp(k->line[i][SHA256], sha256) || !*k->line[i][WIDTH]) continue;
        p->width = (uint32_t)strtoul(k->line[i][WIDTH], NULL, 10);
        p->height = (uint32_t)strtoul(k->line[i][HEIGHT], NULL, 10);
        p->channels = (uint8_t)strtoul(k->line[i][CHANNELS], NULL, 10);
        p->depth = (uint8_t)strtoul(k->line[i][DEPTH], NULL, 10);
        if (!p->width || !p->height) continue;
        strcpy(p->sha256, sha256);
        return 1;
    }
    return 0;
}

/* What cannot be opened ends the sweep; what is no picture is a failure of its rows. */
static tsr_status learn_one(learner *l, size_t i, tsr_context *ctx, tsr_diag *d) {
    tsr_pictures *all = &l->sweep->pictures;
    const tsr_image *im;
    char sha256[65];
    if (l->known->n) {
        tsr_status s = tsr_picture_hash(all, i, sha256, d);
        if (s || is_known(&all->v[i], l->known, sha256)) return s;
    }
    tsr_status s = tsr_picture_get(all, i, ctx, &im, d);
    if (!s) tsr_picture_put(all, i);
    return s == TSR_ERR_CANCELLED || !all->v[i].sha256[0] ? s : TSR_OK;
}

static void learn_some(void *arg, tsr_context *ctx) {
    learner *l = arg;
    size_t i, n = l->sweep->pictures.n;
    while ((i = atomic_fetch_add(&l->next, 1)) < n) {
        tsr_diag d;
        tsr_diag_init(&d);
        tsr_status s = tsr_cli_interrupted() ? TSR_ERR_CANCELLED : learn_one(l, i, ctx, &d);
        size_t none = n;
        if (!s) continue;
        atomic_store(&l->next, n);
        if (!atomic_compare_exchange_strong(&l->failed, &none, i)) continue;
        tsr_diag_set(&l->diag, s, TSR_NO_OFFSET, "%.200s: %.200s", l->sweep->pictures.v[i].path,
                     *d.text ? d.text : tsr_status_text(s));
    }
}

tsr_status tsr_sweep_learn_pictures(tsr_sweep *s, tsr_diag *d) {
    known_pictures known;
    tsr_crew crew = {0};
    learner l = {.sweep = s, .known = &known};
    unsigned n = s->pictures.n < s->threads ? (unsigned)s->pictures.n : s->threads;
    atomic_store(&l.failed, s->pictures.n);
    tsr_diag_init(&l.diag);
    tsr_status st = known_read(&s->results, &known, d);
    if (!st) st = tsr_crew_open(&crew, n, s->cli, s->args, d);
    if (!st) st = tsr_crew_start(&crew, learn_some, &l, d);
    tsr_crew_join(&crew);
    tsr_crew_close(&crew);
    known_free(&known);
    if (!st && l.diag.status) {
        *d = l.diag;
        st = d->status;
    }
    return st;
}

/* ---------------------------------------------------------------- images.csv */

static void print_line(FILE *f, const char *const field[FIELDS]) {
    for (unsigned i = 0; i < FIELDS; i++) {
        if (i) putc(',', f);
        tsr_csv_print(f, field[i]);
    }
    putc('\n', f);
}

static void print_picture(FILE *f, const tsr_picture *p) {
    char w[16] = "", h[16] = "", c[8] = "", b[8] = "";
    if (p->width) {
        snprintf(w, sizeof w, "%u", p->width);
        snprintf(h, sizeof h, "%u", p->height);
        snprintf(c, sizeof c, "%u", p->channels);
        snprintf(b, sizeof b, "%u", p->depth);
    }
    print_line(f, (const char *[FIELDS]){p->name, p->path, w, h, c, b, p->sha256});
}

static int is_ours(const tsr_pictures *p, const char *name) {
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->v[i].name, name)) return 1;
    return 0;
}

tsr_status tsr_sweep_write_pictures(tsr_sweep *s, tsr_diag *d) {
    char path[TSR_RESULTS_PATH], *text = NULL;
    size_t size = 0;
    known_pictures known;
    tsr_status st = known_read(&s->results, &known, d);
    FILE *f = st ? NULL : open_memstream(&text, &size);
    if (f) {
        fprintf(f, "%s\n", header);
        for (size_t i = 0; i < s->pictures.n; i++) print_picture(f, &s->pictures.v[i]);
        for (size_t i = 0; i < known.n; i++)
            if (!is_ours(&s->pictures, known.line[i][IMAGE])) print_line(f, known.line[i]);
        fclose(f);
    }
    if (!st && !text) st = tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory");
    if (!st) st = tsr_write_file(tsr_results_path(&s->results, "images.csv", path), text, size, d);
    free(text);
    known_free(&known);
    return st;
}
