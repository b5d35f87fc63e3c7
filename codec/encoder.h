/* encoder.h - one encode under way: the picture analysed once, tried at steps until the target is
 * met. */
#ifndef TSR_ENCODER_H
#define TSR_ENCODER_H

#include "filters.h"
#include "pipeline.h"
#include "planes.h"

typedef struct tsr_encoder {
    tsr_job *job;
    const tsr_image *im;
    const tsr_encode_options *o;
    tsr_pipeline pipe;
    tsr_header header;
    tsr_colour_map map;
    tsr_planes planes;
    tsr_filters filters; /* of the last trial */
    tsr_coeffs coeffs;   /* of the last analysis */
    int analysed;        /* coeffs are valid (for the last step, if the transform is stepwise) */
    int once;            /* one trial, nothing after it: memory goes as soon as that has used it */
    uint32_t trials;
    uint32_t last_index;  /* step of the last trial; UINT32_MAX: none */
    uint32_t finest;      /* step whose levels all fit, as of the last trial that looked */
    tsr_planes synthesis; /* for measuring; n == 0 until needed */
    tsr_image rendered;   /* likewise; pixels from malloc */
    tsr_buffer file;      /* of the last trial */
    tsr_buffer alpha;     /* payload of its chunk, the same for all trials */
} tsr_encoder;

/* Lagrangian of a step: squared error of the orthonormal domain worth one bit. High-rate theory
 * gives (ln 2 / 6) step^2 = 0.116 step^2 (Sullivan & Wiegand 1998). */
#define TSR_LAMBDA_PER_STEP2 0.11f

/* How far a trial is from the original, after decoding. */
typedef struct tsr_distortion {
    double psnr; /* dB over all samples */
    uint32_t max_error;
} tsr_distortion;

/* Checks picture and options and sets everything up; close in any case, before the job ends. */
tsr_status tsr_encoder_open(tsr_encoder *e, tsr_job *job, const tsr_image *im,
                            const tsr_encode_options *o) TSR_MUST_CHECK;
void tsr_encoder_close(tsr_encoder *e);

/* Codes the picture at one step (0: lossless): e->file receives the whole file. ARGUMENT: the step
 * is so fine that levels would have to be clipped. */
tsr_status tsr_encoder_try(tsr_encoder *e, uint32_t step_index) TSR_MUST_CHECK;

/* Decodes the last trial up to, and without, the filters into e->synthesis. */
tsr_status tsr_encoder_reconstruct(tsr_encoder *e) TSR_MUST_CHECK;

/* Decodes the last trial and compares it with the picture. */
tsr_status tsr_encoder_measure(tsr_encoder *e, tsr_distortion *out) TSR_MUST_CHECK;

/* Finds the step that meets the target of e->o and leaves its file in e->file; psnr: NAN if not
 * measured. */
tsr_status tsr_rate_control(tsr_encoder *e, double *psnr) TSR_MUST_CHECK;

/* Encodes im and shows what came of it, for those who fit models: levels, planes, the file. */
tsr_status tsr_encoder_visit(tsr_context *ctx, const tsr_image *im, const tsr_encode_options *o,
                             tsr_status (*visit)(void *arg, tsr_encoder *e), void *arg,
                             tsr_diag *d) TSR_MUST_CHECK;

#endif
