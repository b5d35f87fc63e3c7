/* pipeline.h - the three stages of a codec set up for one picture: what encoder and decoder share.
 */
#ifndef TSR_PIPELINE_H
#define TSR_PIPELINE_H

#include "container.h"
#include "entropy.h"
#include "layout.h"
#include "quant.h"

typedef struct tsr_pipeline {
    tsr_job *job;
    tsr_spec spec;
    const tsr_transform *transform;
    const tsr_quantizer *quantizer;
    const tsr_entropy *entropy;
    void *transform_state, *quantizer_state;
    tsr_geometry geometry;
    tsr_layout whole;       /* all bands of the transform */
    tsr_layout layout;      /* those in use: all, or the first ones */
    tsr_stages stages;      /* that they are coded in */
    tsr_layout coded_whole; /* all bands of the stream: those of `whole` for each stage */
    tsr_layout coded;       /* those in use; with several stages, all */
    uint32_t halvings;      /* of both sides, which the synthesis does; 0: the whole picture */
    tsr_symbols symbols;
    tsr_coeffs decoded; /* dequantized coefficients; n == 0 until there are any. INT and INDEX
                           bands alias the symbols */
    int configured;
} tsr_pipeline;

/* Configures the transform and allocates symbols. halvings: how small a picture will do; the
 * transform may do fewer, or none. 0 for an encoder. Close in any case. */
tsr_status tsr_pipeline_open(tsr_pipeline *p, const tsr_spec *spec, const tsr_geometry *g,
                             uint32_t halvings, tsr_job *j) TSR_MUST_CHECK;
void tsr_pipeline_close(tsr_pipeline *p);

/* Whether the configured transform needs a model; gives it one. */
int tsr_pipeline_wants_model(const tsr_pipeline *p);
tsr_status tsr_pipeline_load_model(tsr_pipeline *p, const tsr_model_entry *m) TSR_MUST_CHECK;

/* A transform call uses the scratch arena; this puts it back. Use around every call into a stage:
 *     mark = tsr_pipeline_enter(p); s = transform->...; tsr_pipeline_leave(p, mark); */
tsr_arena_mark tsr_pipeline_enter(tsr_pipeline *p);
void tsr_pipeline_leave(tsr_pipeline *p, tsr_arena_mark mark);

/* The step of a stage, when that of the last one is `step`. */
float tsr_pipeline_step(const tsr_pipeline *p, float step, uint32_t stage);

/* The stage that a stream of its first layers, up to `end`, comes to: the last one that is whole,
 * or the first. */
uint32_t tsr_pipeline_stage(const tsr_pipeline *p, uint32_t end);

/* Dequantizes layers [first, end) of the stream into p->decoded, which it allocates when that is
 * still empty. step: of the last stage. */
tsr_status tsr_pipeline_dequantize(tsr_pipeline *p, float step, uint32_t first,
                                   uint32_t end) TSR_MUST_CHECK;

/* Gives back the memory of the symbols when all layers are dequantized and nothing will look at
 * them again; keeps it where decoded bands share it. */
void tsr_pipeline_release_levels(tsr_pipeline *p);

/* Side n of the picture after that many halvings. */
static inline uint32_t tsr_halved(uint32_t n, uint32_t halvings) {
    return (uint32_t)((n + ((uint64_t)1 << halvings) - 1) >> halvings);
}

/* p->decoded to a picture (allocated by the caller with its shape, halved p->halvings times).
 * planes: memory for the result. */
tsr_status tsr_pipeline_synthesis(tsr_pipeline *p, tsr_planes *planes) TSR_MUST_CHECK;

#endif
