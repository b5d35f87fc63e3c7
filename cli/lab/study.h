/* study.h - the rows seen as rate-distortion curves of one metric at one scale: one for each codec
 * and picture, and the mean curve of each codec. */
#ifndef TSR_STUDY_H
#define TSR_STUDY_H

#include "lab.h"
#include "rd_fit.h"

typedef struct tsr_lab_point {
    double bpp;
    double db;
    const char *setting;
    const tsr_lab_row *row; /* NULL: of a mean curve */
} tsr_lab_point;

/* Points by increasing rate. */
typedef struct tsr_lab_curve {
    tsr_lab_point *points;
    size_t n;
    tsr_rd_fit fit;
} tsr_lab_curve;

/* Names of codecs and pictures, sorted: the same indices in all studies of one lab. */
typedef struct tsr_lab_names {
    const char **codecs, **images; /* images without "average" */
    size_t n_codecs, n_images;
} tsr_lab_names;

typedef struct tsr_study {
    tsr_lab *lab;
    const tsr_lab_names *names;
    tsr_lab_metric metric;
    double scale;
    tsr_lab_curve *curves; /* [codec * n_images + image]; n 0: no points */
    tsr_lab_curve *means;  /* [codec]: over all pictures that the codec has, or as published */
    size_t *n_pictures;    /* [codec] behind its mean; 0: published or none */
    size_t *n_left_out;    /* [codec] settings that miss a picture and are not in the mean */
} tsr_study;

tsr_status tsr_lab_names_make(tsr_lab *lab, tsr_lab_names *names, tsr_diag *d) TSR_MUST_CHECK;

/* Index of a codec, or of a picture; SIZE_MAX: none. */
size_t tsr_lab_codec_index(const tsr_lab_names *names, const char *codec);
size_t tsr_lab_image_index(const tsr_lab_names *names, const char *image);

/* Everything lives in the pool of the lab, which must be finished and not change. */
tsr_status tsr_study_make(tsr_lab *lab, const tsr_lab_names *names, tsr_lab_metric metric,
                          double scale, tsr_study *out, tsr_diag *d) TSR_MUST_CHECK;

static inline const tsr_lab_curve *tsr_study_curve(const tsr_study *s, size_t codec, size_t image) {
    return &s->curves[codec * s->names->n_images + image];
}

/* The mean curve of a codec over the pictures i with use[i]: for each setting that all of them
 * have, the mean rate and the mean quality in dB. left_out (may be NULL) counts the other settings.
 */
tsr_status tsr_study_mean(const tsr_study *s, size_t codec, const char *use, tsr_lab_curve *out,
                          size_t *left_out, tsr_diag *d) TSR_MUST_CHECK;

/* Whether any row of this scale has this metric, in a result with finite quality. */
int tsr_lab_has(const tsr_lab *lab, tsr_lab_metric metric, double scale);

#endif
