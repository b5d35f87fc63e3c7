/* codec_test.h - contexts, jobs and whole encodes for tests: what cannot fail here aborts the
 * program. */
#ifndef TSR_CODEC_TEST_H
#define TSR_CODEC_TEST_H

#include <tessera/tessera.h>

#include "context.h"
#include "test_picture.h"

/* Lets malloc keep what is freed: pages given back and fetched again take half the time of many
 * small jobs. */
void codec_test_keep_memory(void);

/* A context with the built-in transforms. cpu: TSR_CPU_* allowed, UINT32_MAX for all. */
tsr_context *codec_test_context(uint32_t threads, uint32_t cpu);

/* Names of the transforms that can encode here (some need FFTW or LAPACKE for that, or a model);
 * returns their number. */
uint32_t codec_test_encoders(tsr_context *ctx, const char *name[TSR_MAX_STAGES]);

/* A context of its own and a job in it, for tests of the inner parts. Do not move it. */
typedef struct codec_test_job {
    tsr_context *ctx;
    tsr_diag diag;
    tsr_job job;
} codec_test_job;

void codec_test_job_open(codec_test_job *t, uint32_t threads, uint32_t cpu);
void codec_test_job_close(codec_test_job *t);

/* Encodes im with a spec (NULL: default) to a target. */
tsr_status codec_test_encode(tsr_context *ctx, const tsr_image *im, const char *spec,
                             tsr_target target, double value, tsr_blob *out,
                             tsr_encode_report *report, tsr_diag *d);

/* Decodes from a heap copy of exactly that size, so that a sanitizer sees every byte read beyond.
 */
tsr_status codec_test_decode(tsr_context *ctx, const void *data, size_t size, int partial,
                             tsr_image *im, tsr_decode_report *report, tsr_diag *d);
tsr_status codec_test_inspect(tsr_context *ctx, const void *data, size_t size, tsr_info *info,
                              tsr_diag *d);

/* A failure must own nothing, say something in one line, and point into the file if anywhere. */
int codec_test_clean_failure(tsr_status s, const tsr_image *im, const tsr_diag *d, size_t size);

#endif
