/* train.h - training of the models of learned transforms.
 *
 * What `tessera train vqvae` runs. Pictures come from the caller, one at a time; a model file, a
 * checkpoint, a log and a plot go out, always through the caller's writer, so that files are
 * replaced whole or not at all.
 */
#ifndef TESSERA_TRAIN_H
#define TESSERA_TRAIN_H

#include <tessera/tune.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A folder of pictures. read() is called by one thread at a time, but not always the same one, and
 * must give the same picture for the same index; a failure is skipped and reported once. */
typedef struct tsr_train_source {
    void *user;
    uint32_t n;
    tsr_status (*read)(void *user, uint32_t i, tsr_image *im, tsr_diag *d);
    const char *(*name)(void *user, uint32_t i);
    char hash[72]; /* of names and contents, in hexadecimal: goes into the model's description */
} tsr_train_source;

typedef enum tsr_train_stage {
    TSR_TRAIN_ALL = 0, /* whatever pays: at present the decoder */
    TSR_TRAIN_TILES,   /* make training tiles and say what they are like: nothing is trained */
    TSR_TRAIN_DECODER, /* the decoder network, on frozen coded tiles */
    TSR_TRAIN_JOINT    /* encoder and decoder network together through a model of the quantizer */
} tsr_train_stage;

typedef enum tsr_train_optimizer {
    TSR_TRAIN_ADAM = 0,
    TSR_TRAIN_SGD,
    TSR_TRAIN_MOMENTUM,
    TSR_TRAIN_RMSPROP
} tsr_train_optimizer;

enum { TSR_TRAIN_STEPS = 3 }; /* at which the validation set is coded: 16, 32, 64 */

/* The state of a training, for whoever shows it. */
typedef struct tsr_train_progress {
    uint32_t struct_size;
    tsr_train_stage stage;
    uint64_t iteration, iterations; /* iterations: 0 when the time decides */
    double seconds, fraction, eta;  /* those of interrupted runs included; done 0..1; left */
    double loss;                    /* mean of the last ones: squared error / step^2 a sample, times
                                       0.025 / (e0 + 0.005) of its crop (docs/vqvae.md, "Loss") */
    double base;                    /* the same without the network */
    double rate;                    /* learning rate */
    double images;                  /* crops a second since the last report */
    double gradient;                /* norm before clipping */
    int validated;                  /* the following are new */
    double bpp[TSR_TRAIN_STEPS], psnr[TSR_TRAIN_STEPS], psnr_base[TSR_TRAIN_STEPS]; /* means */
} tsr_train_progress;

typedef struct tsr_train_options {
    uint32_t struct_size;
    uint32_t threads; /* of this machine; does not change the result */
    uint64_t seed;
    uint64_t iterations; /* 0: minutes decide */
    double minutes;
    tsr_train_stage stage;
    tsr_train_optimizer optimizer;
    double rate, weight_decay, clip;   /* clip: largest norm of the gradient; 0: none */
    uint32_t batch, crop;              /* crops an iteration; pixels a side, even */
    uint32_t width, blocks, pointwise; /* of the networks, see docs/vqvae.md */
    uint32_t tiles, refresh;           /* tiles kept; iterations for each new one */
    double step_min, step_max;
    double checkpoint; /* seconds between checkpoints */
    int resume;
    int pixel_loss;      /* error after the inverse lifting in place of that of the bands */
    const char *codec;   /* spec that codes the tiles */
    int postfilter;      /* tiles pass the post filter: the network is one that follows it */
    const char *init;    /* path of a model to begin with, or NULL */
    const char *model;   /* path of the model; log and checkpoint lie beside it */
    const char *command; /* for the model's description, as is the next */
    const char *machine; /* the processor's name, or NULL */
    void *user;          /* of the functions */
    /* A context of one thread with all stages registered; training frees it. */
    tsr_status (*open)(void *user, tsr_context **ctx, tsr_diag *d);
    /* Replaces a file; reads one (missing: TSR_ERR_IO). */
    tsr_status (*write)(void *user, const char *path, const void *data, size_t size, tsr_diag *d);
    tsr_status (*read)(void *user, const char *path, tsr_blob *out, tsr_diag *d);
    /* About twice a second; non-zero stops at a checkpoint with TSR_ERR_CANCELLED. May be NULL. */
    int (*report)(void *user, const tsr_train_progress *p);
    /* May be NULL. Also called by a thread of its own, while another of these functions runs. */
    void (*note)(void *user, const char *line);
    /* Several processes, each with its own crops: adds v[0..n-1] of all of them, the same sum
     * everywhere. NULL: this is the only one. */
    tsr_status (*sum)(void *user, float *v, size_t n);
    uint32_t process, processes; /* which one of how many; processes 0 counts as 1 */
} tsr_train_options;

TSR_EXPORT void tsr_train_options_init(tsr_train_options *o);

/* Trains; on success and after a stop the best state so far is in o->model. Errors: ARGUMENT (no
 * picture, options), TARGET (diverged: the loss is no number any more or has exploded; the last
 * good checkpoint is kept), CANCELLED (stopped by report(); a checkpoint was written), IO, MEMORY.
 */
TSR_EXPORT tsr_status tsr_train_vqvae(const tsr_train_options *o, const tsr_train_source *data,
                                      const tsr_train_source *val, tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- networks of integers */

enum { TSR_INTS_STEPS = 4 }; /* at which pictures are coded, over the model's range */

typedef struct tsr_ints_options {
    uint32_t struct_size;
    uint32_t pictures;            /* looked at, at most */
    const char *model, *out;      /* paths: floats, integers */
    const tsr_train_source *data; /* photographs; NULL: drawn pictures */
    const char *codec; /* spec that codes the tiles; NULL: what the model was trained on */
    void *user;        /* of the functions, which are those of tsr_train_options */
    tsr_status (*open)(void *user, tsr_context **ctx, tsr_diag *d);
    tsr_status (*write)(void *user, const char *path, const void *data, size_t size, tsr_diag *d);
    tsr_status (*read)(void *user, const char *path, tsr_blob *out, tsr_diag *d);
    void (*note)(void *user, const char *line);
} tsr_ints_options;

/* Mean PSNR of the tiles in dB: without a network, with that of floats, with that of integers. */
typedef struct tsr_ints_result {
    double step[TSR_INTS_STEPS];
    double without[TSR_INTS_STEPS], floats[TSR_INTS_STEPS], integers[TSR_INTS_STEPS];
} tsr_ints_result;

/* Turns the decoder networks of a model, sections `vqvae` and `filter`, into networks of integers
 * (docs/vqvae.md); *r: of the last section. Errors: ARGUMENT (they are integers already; no
 * picture), UNSUPPORTED (a network that integers cannot express), MODEL (there is none), FORMAT,
 * IO, MEMORY. */
TSR_EXPORT tsr_status tsr_train_ints(const tsr_ints_options *o, tsr_ints_result *r,
                                     tsr_diag *d) TSR_MUST_CHECK;

/* The network of the entropy coder `mix` (models/prior.bin) from samples of tune.h, drawn at
 * random: epochs * n draws. bits: what the last tenth of them cost a decision, by the contexts
 * alone and with the network. */
typedef struct tsr_prior_options {
    double epochs;
    uint64_t seed;
} tsr_prior_options;
TSR_EXPORT tsr_status tsr_train_prior(const tsr_prior_options *o, const tsr_prior_sample *s,
                                      size_t n, double bits[2], tsr_blob *model,
                                      tsr_diag *d) TSR_MUST_CHECK;
/* The same for vectors of a codebook (models/prior_vector.bin); bits: of a vector. */
TSR_EXPORT tsr_status tsr_train_prior_vector(const tsr_prior_options *o,
                                             const tsr_prior_vector_sample *s, size_t n,
                                             double bits[2], tsr_blob *model,
                                             tsr_diag *d) TSR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
