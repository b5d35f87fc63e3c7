/* lab_report.h - all that a report says, computed once and then written as text, JSON, figures and
 * HTML. */
#ifndef TSR_LAB_REPORT_H
#define TSR_LAB_REPORT_H

#include <stdio.h>

#include "bd_gate.h"
#include "bd_table.h"

/* Throughput of a codec over its timed rows. */
typedef struct tsr_lab_speed {
    double enc, dec; /* megapixels a second: pixels of all rows / their seconds; NAN: not timed */
    size_t rows;
} tsr_lab_speed;

#define TSR_LAB_SCALES 6

/* The transforms x quantizers of the codecs that are specs with both. */
typedef struct tsr_lab_grid {
    const char **rows, **columns; /* transform, quantizer (with entropy coder where they differ) */
    size_t n_rows, n_columns;
    size_t *codec; /* [row * n_columns + column], SIZE_MAX: none */
} tsr_lab_grid;

typedef struct tsr_report {
    tsr_lab *lab;
    tsr_lab_names names;
    tsr_lab_metric metric; /* the one asked for */
    size_t anchor;
    int has[TSR_LAB_METRICS];
    tsr_study study[TSR_LAB_METRICS]; /* at full scale, of the metrics that there are */
    tsr_bd_table table[TSR_LAB_METRICS];
    size_t n_scales; /* scales with rows of the metric, from 1 down; 1: no other */
    double scale[TSR_LAB_SCALES];
    tsr_study scaled[TSR_LAB_SCALES];
    tsr_bd_table scaled_table[TSR_LAB_SCALES];
    tsr_lab_speed *speed; /* [codec] */
    int n_timed;          /* codecs with a speed */
    tsr_lab_grid grid;
    size_t n_failed;      /* rows without a result */
    const tsr_gate *gate; /* NULL: no baseline given */
} tsr_report;

/* lab is finished; anchor NULL: the default. gate may be NULL. Errors: ARGUMENT (no such anchor, no
 * rows of this metric), MEMORY. */
tsr_status tsr_report_make(tsr_lab *lab, tsr_lab_metric metric, const char *anchor,
                           const tsr_gate *gate, tsr_report *r, tsr_diag *d) TSR_MUST_CHECK;

static inline const tsr_bd_table *tsr_report_table(const tsr_report *r) {
    return &r->table[r->metric];
}

static inline const tsr_study *tsr_report_study(const tsr_report *r) {
    return &r->study[r->metric];
}

/* The mean of per-picture PSNRs etc. of a codec at this rate, by its mean curve; NAN outside it. */
double tsr_report_quality_at(const tsr_study *s, size_t codec, double bpp);

/* What the letters of flags mean: "t" thin overlap, ... Writes them, or "" */
const char *tsr_report_flags(unsigned flags, char buf[8]);
extern const char tsr_report_flags_legend[];

/* ---------------------------------------------------------------- lab_grid.c */

tsr_status tsr_lab_grid_make(tsr_lab *lab, const tsr_lab_names *names, tsr_lab_grid *g,
                             tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- lab_text.c, lab_json.c */

/* Aligned tables for a terminal. */
void tsr_report_text(FILE *f, const tsr_report *r);

void tsr_report_json(FILE *f, const tsr_report *r);

#endif
