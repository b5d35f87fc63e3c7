/* spec.h - codec specifications: three stages with their parameter values. */
#ifndef TSR_SPEC_H
#define TSR_SPEC_H

#include <tessera/tessera.h>

#define TSR_MAX_PARAMS 32u

/* A stage with its values; head == NULL: not given. */
typedef struct tsr_stage {
    const tsr_head *head;
    uint32_t given;  /* bit i: parameter i was set explicitly */
    uint32_t chosen; /* 1: the spec left the stage out */
    tsr_value v[TSR_MAX_PARAMS];
} tsr_stage;

typedef struct tsr_spec {
    tsr_stage stage[TSR_STAGE_KINDS];
} tsr_spec;

/* Sets *s to `head` with all parameters at their defaults. */
void tsr_stage_init(tsr_stage *s, const tsr_head *head);

/* Sets the INT parameter of that name, if the stage has it and it was not given; true when it did.
 */
int tsr_stage_choose(tsr_stage *s, const char *name, int64_t value);

/* True when the value is legal for p. */
int tsr_param_legal(const tsr_param *p, tsr_value v);

/* The nearest value the stream can hold (REAL: 16 fractional bits). */
tsr_value tsr_param_coded(const tsr_param *p, tsr_value v);

/* Parses a spec string; stages not written stay NULL. */
tsr_status tsr_spec_parse(const tsr_context *ctx, const char *text, tsr_spec *out,
                          tsr_diag *d) TSR_MUST_CHECK;

/* Fills in the stages that were left out, as effort and losslessness suggest. */
tsr_status tsr_spec_complete(const tsr_context *ctx, tsr_spec *s, uint32_t effort, int lossless,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Canonical text: all stages present in *s, only values that differ from the default. */
void tsr_spec_print(const tsr_spec *s, char *out, size_t size);

#endif
