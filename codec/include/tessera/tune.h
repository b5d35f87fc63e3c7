/* tune.h - fitting the constants of the codec to photographs.
 *
 * What `tessera train context` runs: pictures go in, the text of a table comes out that becomes
 * part of the source. Fit on training pictures only, never on what results are reported on.
 */
#ifndef TESSERA_TUNE_H
#define TESSERA_TUNE_H

#include <tessera/tessera.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tsr_context_fit tsr_context_fit;

/* Weights of the energy features (coef_weights.h). seed: of the sampling. NULL: no memory. */
TSR_EXPORT tsr_context_fit *tsr_context_fit_new(uint64_t seed);
TSR_EXPORT void tsr_context_fit_free(tsr_context_fit *f);

/* Encodes the picture as the options say and samples neighbourhoods of its levels. */
TSR_EXPORT tsr_status tsr_context_fit_add(tsr_context_fit *f, tsr_context *ctx, const tsr_image *im,
                                          const tsr_encode_options *o, tsr_diag *d) TSR_MUST_CHECK;

/* Fits and writes the C table as text. */
TSR_EXPORT tsr_status tsr_context_fit_finish(tsr_context_fit *f, tsr_blob *text,
                                             tsr_diag *d) TSR_MUST_CHECK;

/* The rate tables of the encoder's search (models/rates.bin), from the same pictures. They follow
 * the weights: fit those first, rebuild, then these. */
TSR_EXPORT tsr_status tsr_context_fit_rates(const tsr_context_fit *f, tsr_blob *model,
                                            tsr_diag *d) TSR_MUST_CHECK;

/* Weights of the post filter (models/postfilter.bin): for each set in turn begin, add pictures,
 * end. */
typedef struct tsr_filter_fit tsr_filter_fit;
TSR_EXPORT tsr_filter_fit *tsr_filter_fit_new(uint64_t seed);
TSR_EXPORT void tsr_filter_fit_free(tsr_filter_fit *f);
TSR_EXPORT uint32_t tsr_filter_fit_sets(void);
TSR_EXPORT double tsr_filter_fit_step(uint32_t set); /* nominal step, set 0 .. sets-1 */
TSR_EXPORT void tsr_filter_fit_begin(tsr_filter_fit *f, uint32_t set);
/* Codes the picture within a quarter octave of the set's step; every: use one pixel in so many. */
TSR_EXPORT tsr_status tsr_filter_fit_add(tsr_filter_fit *f, tsr_context *ctx, const tsr_image *im,
                                         const char *spec, uint32_t effort, uint32_t every,
                                         tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT void tsr_filter_fit_end(tsr_filter_fit *f);
TSR_EXPORT tsr_status tsr_filter_fit_finish(const tsr_filter_fit *f, tsr_blob *model,
                                            tsr_diag *d) TSR_MUST_CHECK;

/* Start state of the `mix` entropy coder (models/mixstart.bin). */
typedef struct tsr_mix_fit tsr_mix_fit;
TSR_EXPORT tsr_mix_fit *tsr_mix_fit_new(void);
TSR_EXPORT void tsr_mix_fit_free(tsr_mix_fit *f);
TSR_EXPORT tsr_status tsr_mix_fit_add(tsr_mix_fit *f, tsr_context *ctx, const tsr_image *im,
                                      const tsr_encode_options *o, tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT tsr_status tsr_mix_fit_finish(const tsr_mix_fit *f, tsr_blob *model,
                                         tsr_diag *d) TSR_MUST_CHECK;

/* Weights of the network of `mix` (models/prior.bin). Samples are taken by adding pictures; what is
 * learnt from them becomes the model. */
#define TSR_PRIOR_INPUTS   72u
#define TSR_PRIOR_BINS     3u  /* that it has outputs for */
#define TSR_PRIOR_STATES   78u /* class and quantizer: rows of biases of the first layer */
#define TSR_PRIOR_CODE_ONE 16  /* value of an input that counts as 1 */
typedef struct tsr_prior_sample {
    uint8_t input[TSR_PRIOR_INPUTS];
    uint8_t cls, q1, bin, bit; /* state: 2 cls + q1 */
    int16_t mix;               /* P(bit = 1) of the contexts alone, stretched, 8 fractional bits */
} tsr_prior_sample;

/* The same for vectors of a codebook (models/prior_vector.bin): one sample a vector, with all that
 * was decided about its pattern. Output 0 is the flag of the vector, 1 + 3 i + bin a bin of its
 * coefficient i. */
#define TSR_PRIOR_V_INPUTS  110u
#define TSR_PRIOR_V_CLASSES 72u
#define TSR_PRIOR_V_OUTPUTS 13u
#define TSR_PRIOR_V_LEVELS  4u /* that are told apart inside the vector: 0 .. 3 and more */
typedef struct tsr_prior_vector_sample {
    uint8_t input[TSR_PRIOR_V_INPUTS];
    uint8_t cls, level[4];            /* levels: below TSR_PRIOR_V_LEVELS */
    uint16_t asked, bits;             /* masks of outputs: decided; decided to be 1 */
    int16_t mix[TSR_PRIOR_V_OUTPUTS]; /* as tsr_prior_sample; 0 where not asked */
} tsr_prior_vector_sample;

typedef struct tsr_prior_fit tsr_prior_fit;
/* NULL: no memory. */
TSR_EXPORT tsr_prior_fit *tsr_prior_fit_new(uint64_t seed);
TSR_EXPORT void tsr_prior_fit_free(tsr_prior_fit *f);
/* Codes the picture as the options say, whatever entropy coder they name, and takes samples. */
TSR_EXPORT tsr_status tsr_prior_fit_add(tsr_prior_fit *f, tsr_context *ctx, const tsr_image *im,
                                        const tsr_encode_options *o, tsr_diag *d) TSR_MUST_CHECK;
/* They belong to f; valid until the next picture. Vectors where the quantizer has a codebook,
 * decisions otherwise; NULL and 0 of what it has not. */
TSR_EXPORT const tsr_prior_sample *tsr_prior_fit_samples(const tsr_prior_fit *f, size_t *n);
TSR_EXPORT const tsr_prior_vector_sample *tsr_prior_fit_vectors(const tsr_prior_fit *f, size_t *n);

/* Codebooks of vectors (models/codebook.bin, models/codebook_kmeans.bin): in each pass add all
 * pictures, then end it. */
typedef struct tsr_codebook_fit_options {
    uint32_t shapes; /* of a book, 3 .. 255 */
    uint32_t kmeans; /* no rate term */
    float lambda;    /* squared error worth one bit, in steps squared */
    uint64_t seed;
} tsr_codebook_fit_options;
typedef struct tsr_codebook_fit tsr_codebook_fit;
TSR_EXPORT tsr_codebook_fit *tsr_codebook_fit_new(const tsr_codebook_fit_options *o);
TSR_EXPORT void tsr_codebook_fit_free(tsr_codebook_fit *f);
TSR_EXPORT uint32_t tsr_codebook_fit_passes(const tsr_codebook_fit *f);
/* transform: of the spec that is coded with, at changing steps. */
TSR_EXPORT tsr_status tsr_codebook_fit_add(tsr_codebook_fit *f, tsr_context *ctx,
                                           const tsr_image *im, const char *transform,
                                           tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT tsr_status tsr_codebook_fit_end_pass(tsr_codebook_fit *f, tsr_context *ctx,
                                                tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT tsr_status tsr_codebook_fit_finish(tsr_codebook_fit *f, tsr_blob *model,
                                              tsr_diag *d) TSR_MUST_CHECK;

/* Bases of the transform `klt` (transforms/klt/klt.bin): add pictures, then finish, which needs
 * LAPACKE. */
typedef struct tsr_klt_fit_options {
    uint32_t rounds; /* of choosing classes and fitting them; 0: 25 */
    uint64_t seed;
} tsr_klt_fit_options;
typedef struct tsr_klt_fit tsr_klt_fit;
TSR_EXPORT tsr_klt_fit *tsr_klt_fit_new(const tsr_klt_fit_options *o);
TSR_EXPORT void tsr_klt_fit_free(tsr_klt_fit *f);
TSR_EXPORT tsr_status tsr_klt_fit_add(tsr_klt_fit *f, tsr_context *ctx, const tsr_image *im,
                                      tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT tsr_status tsr_klt_fit_finish(tsr_klt_fit *f, tsr_blob *model,
                                         tsr_diag *d) TSR_MUST_CHECK;
/* After finish: the share of the estimated bits of the training blocks that the classes save, their
 * numbers paid for. */
TSR_EXPORT double tsr_klt_fit_saving(const tsr_klt_fit *f);

/* A picture before and after coding, as the transforms see it: the colour planes of the original
 * and of what a decoder has before inverse colour (behind the post filter when the options turn it
 * on, before it otherwise), both in the picture's own colour transform. Samples are float, in 8-bit
 * levels, centred; rows without padding. */
typedef struct tsr_coded_pair {
    uint32_t width, height, planes; /* planes: channels of the picture */
    double step;                    /* as coded: nearest to the one asked for */
    uint64_t bytes;                 /* of the whole file */
    float *original[4], *decoded[4];
} tsr_coded_pair;

/* Codes the picture as the options say (not lossless). *pair owns nothing on entry and on error. */
TSR_EXPORT tsr_status tsr_coded_pair_make(tsr_coded_pair *pair, tsr_context *ctx,
                                          const tsr_image *im, const tsr_encode_options *o,
                                          tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT void tsr_coded_pair_free(tsr_coded_pair *pair);

#ifdef __cplusplus
}
#endif
#endif
