/* plugin_trial.h - one pass of a picture through the transform under check: an encoder's instance
 * (configure, layout, analysis layer by layer, side information) and a decoder's (configure,
 * layout, side information, synthesis), with all memory guarded. */
#ifndef TSR_PLUGIN_TRIAL_H
#define TSR_PLUGIN_TRIAL_H

#include "plugin_env.h"

/* An instance of the transform. */
typedef struct tsr_check_inst {
    tsr_check_env env;
    void *st; /* guarded */
    bool open;
    uint32_t n; /* bands */
    tsr_band *band;
    tsr_samples *data;    /* what analysis wrote; guarded */
    tsr_samples *decoded; /* what the decoder will have; guarded */
    bool early;           /* analysis() of a closed loop wrote bands of later layers */
    bool touched;         /* analysis_next() changed what the decoder will have */
} tsr_check_inst;

typedef struct tsr_trial {
    /* ---- given by the check; zero is a sound value for all but w, h and planes ---- */
    uint32_t w, h, planes;
    bool lossless;
    const tsr_value *values; /* NULL: defaults */
    uint32_t effort;         /* 0: 5 */
    float step, lambda;      /* of the goal; 0: TSR_TRIAL_STEP and next to nothing */
    float quant;             /* REAL bands are rounded to multiples of quant / sqrt(gain); 0: not */
    bool quant_first;        /* only layer 0 is rounded */
    uint32_t seed;           /* of the picture */
    uint32_t reduce;         /* halvings wanted: synthesis_reduced() where reduce() does any */
    uint8_t fill;            /* each byte of bands and planes before they are written */
    const uint8_t *model;    /* NULL: that of the subject; it is checked as it ends at a page */
    size_t model_size;
    tsr_env_setup env;
    char label[96]; /* more for messages */

    /* ---- made by the trial ---- */
    tsr_planes in, out; /* guarded */
    uint32_t halvings;  /* of out: those that reduce() did */
    tsr_check_inst enc, dec;
    uint8_t *side; /* guarded */
    size_t side_size;
} tsr_trial;

#define TSR_TRIAL_STEP 0.125f

/* The sizes every transform has to take. */
typedef struct tsr_trial_size {
    uint32_t w, h;
} tsr_trial_size;
extern const tsr_trial_size tsr_trial_sizes[];
extern const unsigned tsr_trial_n_sizes;

/* ---------------------------------------------------------------- a whole pass */

/* Encoder and decoder; any failure of the transform is a failure of the check. */
void tsr_trial_run(tsr_check *c, tsr_trial *t);

/* The same up to and including the encoder; or only configure() and layout(). */
void tsr_trial_run_encoder(tsr_check *c, tsr_trial *t);
void tsr_trial_run_layout(tsr_check *c, tsr_trial *t);

/* The same, but the status of the first failing call is returned. */
tsr_status tsr_trial_try(tsr_check *c, tsr_trial *t);
tsr_status tsr_trial_try_encoder(tsr_check *c, tsr_trial *t);

/* Closes the instances and frees everything; the given members stay, so that it can run again. */
void tsr_trial_drop(tsr_check *c, tsr_trial *t);

/* Fails the check unless both trials gave the same coefficients, side information and samples. */
void tsr_trial_expect_same(tsr_check *c, const tsr_trial *a, const tsr_trial *b, const char *what);

/* Fails the check unless coefficients are finite and within their domain, samples finite. */
void tsr_trial_expect_legal(tsr_check *c, const tsr_trial *t);

/* Root of the mean squared difference of out and in, in 8-bit levels. */
double tsr_trial_rms(const tsr_trial *t);

/* Largest absolute difference of the samples of two trials. */
double tsr_trial_distance(const tsr_trial *a, const tsr_trial *b);

/* ---------------------------------------------------------------- parts of a pass */

/* Makes the picture in t->in and empty planes in t->out. */
void tsr_trial_picture(tsr_check *c, tsr_trial *t);

/* Runs analysis (all layers) and saves the side information of an open encoder's instance. */
tsr_status tsr_trial_analyse(tsr_check *c, tsr_trial *t);

/* Opens t->dec and loads this side information (nothing when the transform has none): usually
 * t->side. The bytes that side_load() sees end at an unreadable page. */
tsr_status tsr_trial_open_decoder(tsr_check *c, tsr_trial *t, const uint8_t *side, size_t size);

/* Planes from these coefficient arrays (laid out as t->dec) into t->out, which is made anew for
 * synthesis_reduced(). */
tsr_status tsr_trial_synthesise(tsr_check *c, tsr_trial *t, const tsr_samples *data);

void tsr_trial_close_decoder(tsr_check *c, tsr_trial *t);

/* Fails the check, saying which call returned what. */
void tsr_trial_expect_ok(tsr_check *c, const tsr_trial *t, tsr_status s);

/* The default of a parameter. */
tsr_value tsr_trial_default(const tsr_param *p);

/* Number of layers of an open instance. */
uint32_t tsr_inst_layers(const tsr_check_inst *i);

/* Side n after that many halvings. */
static inline uint32_t tsr_trial_halved(uint32_t n, uint32_t halvings) {
    return (uint32_t)((n + ((uint64_t)1 << halvings) - 1) >> halvings);
}

/* Entries of a band. */
static inline size_t tsr_band_count(const tsr_band *b) {
    return (size_t)b->w * b->h;
}

#endif
