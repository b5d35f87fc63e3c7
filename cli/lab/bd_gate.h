/* bd_gate.h - the regression gate: what is worse than in an older set of rows. */
#ifndef TSR_BD_GATE_H
#define TSR_BD_GATE_H

#include "bd_table.h"

typedef enum tsr_gate_kind {
    TSR_GATE_BD,    /* BD-rate of a codec against itself, percent */
    TSR_GATE_BYTES, /* bytes at equal settings, percent: where a picture has no BD-rate */
    TSR_GATE_PSNR,  /* quality at one setting fell by this many dB */
    TSR_GATE_LOST   /* a row of the baseline has failed or is not there */
} tsr_gate_kind;

typedef struct tsr_gate_find {
    tsr_gate_kind kind;
    const char *codec;
    const char *image;   /* NULL: the mean over pictures */
    const char *setting; /* PSNR, LOST; else NULL */
    double amount;
    int fails; /* beyond the limit */
} tsr_gate_find;

typedef struct tsr_gate_limits {
    double bd;   /* percent */
    double psnr; /* dB; NAN: not looked at */
} tsr_gate_limits;

typedef struct tsr_gate {
    tsr_gate_limits limits;
    tsr_gate_find *finds; /* of each codec its mean, then what fails, in the order of the names */
    size_t n, cap;
    size_t n_failed;
    size_t n_codecs, n_images; /* that both have, picture by picture */
} tsr_gate;

/* Compares *now with the older *base (both finished) in one metric at full scale. Memory is of
 * now's pool. Errors: MEMORY, ARGUMENT (they have no codec in common). */
tsr_status tsr_gate_make(tsr_lab *now, tsr_lab *base, tsr_lab_metric metric,
                         const tsr_gate_limits *limits, tsr_gate *g, tsr_diag *d) TSR_MUST_CHECK;

/* A sentence without full stop: "wavelet, kodim05: BD-rate +1.23 % (limit 0.50 %)". */
char *tsr_gate_text(tsr_lab_pool *pool, const tsr_gate *g, const tsr_gate_find *f);

#endif
