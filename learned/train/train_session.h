/* train_session.h - a training under way: what its parts share. */
#ifndef TRAIN_SESSION_H
#define TRAIN_SESSION_H

#include <tessera/model.h>

#include "train_net.h"
#include "train_window.h"

enum { TRAIN_VAL_PICTURES = 24 };

/* At which the validation set is coded. */
extern const double tsr_train_val_steps[TSR_TRAIN_STEPS];

/* What one thread works with. */
typedef struct train_worker {
    nn_run *run;           /* of the decoder, for crops */
    nn_run *whole;         /* of the decoder, for tiles of the validation set: of the last size */
    nn_run *encoder_run;   /* of the encoder, for crops; NULL without one */
    float *error, *pixels; /* a crop each */
    float *work;           /* of what is done with a crop */
} train_worker;

/* Sums since the last report. */
typedef struct train_meter {
    double loss, base, norm, seconds;
    uint64_t n; /* iterations */
} train_meter;

typedef struct train_session {
    const tsr_train_options *o;
    const tsr_train_source *data, *val;
    tsr_diag *diag;
    tsr_train_stage stage; /* the one that runs: DECODER or JOINT */
    nn_store *store;
    train_net decoder, encoder;
    int has_encoder;
    nn_optim *optim;
    nn_team *team;
    nn_grads *grads;
    train_window *window;
    train_worker *worker; /* one a thread */
    double *base;         /* loss without the network, of each sample of the batch */
    train_tile *val_tile; /* [val_pictures][TSR_TRAIN_STEPS] */
    uint32_t val_pictures;
    int skips_said; /* of validation pictures that trials cannot read */
    uint64_t iteration;
    double seconds; /* spent before this run: of earlier ones that were interrupted */
    double start;   /* clock of this run */
    double saved, reported, logged; /* clock of the last checkpoint, report, line of the log */
    int have_checkpoint;            /* this run or the one it resumes wrote one */
    train_meter meter, recent;      /* for the report; for noticing divergence */
    tsr_train_progress progress;
    char *log; /* the CSV so far, from malloc */
    size_t log_size, log_room;
} train_session;

/* Seconds of the monotonic clock. */
double tsr_train_clock(void);

/* Seconds of training, those of interrupted runs included. */
double tsr_train_elapsed(const train_session *s);

/* How the tiles of a folder are made. */
train_window_options tsr_train_window_options(const tsr_train_options *o,
                                              const tsr_train_source *from);

/* ---- train_survey.c */

/* Makes o->tiles tiles and says through o->note what they are like. */
tsr_status tsr_train_survey(const tsr_train_options *o, const tsr_train_source *data,
                            tsr_diag *d) TSR_MUST_CHECK;

/* ---- train_step.c */

/* One batch: gradient and step. fraction: of the whole training, for the schedule. Errors: TARGET
 * (diverged), MEMORY. */
tsr_status tsr_train_step(train_session *s, double fraction) TSR_MUST_CHECK;

/* What samples of all stages share: the generator of sample `number`, a random tile, and the factor
 * of a squared error over n samples whose mean without the networks is base. */
nn_rng tsr_train_sample_rng(const train_session *s, uint64_t number);
const train_tile *tsr_train_random_tile(const train_session *s, nn_rng *rng);
float tsr_train_factor(const train_session *s, double base, size_t n);

/* ---- train_joint.c */

/* One crop through both networks and a model of the quantizer: returns its loss and adds its
 * gradient. *base: the loss without networks. w->work has room for tsr_train_joint_work(). */
double tsr_train_joint_sample(train_session *s, train_worker *w, uint64_t number, double *base,
                              float *grad);
size_t tsr_train_joint_work(uint32_t side); /* floats */

/* ---- train_trial.c */

/* The validation pictures through the codec itself, with both networks and without, into
 * s->progress. PSNR without is that at the same rate, read off the line between two steps. Pictures
 * that cannot be read are skipped, with a note the first time. Errors: ARGUMENT (none can be read),
 * CANCELLED, MEMORY, those of the codec. */
tsr_status tsr_train_trial(train_session *s) TSR_MUST_CHECK;

/* ---- train_validate.c */

/* Mean PSNR of the validation set with and without the networks, into s->progress. */
tsr_status tsr_train_validate(train_session *s) TSR_MUST_CHECK;

/* ---- train_checkpoint.c */

tsr_status tsr_train_checkpoint_save(train_session *s) TSR_MUST_CHECK;
/* Restores everything but the window. Errors: IO (there is none), FORMAT, ARGUMENT (it belongs to a
 * training with other options or pictures: says which). */
tsr_status tsr_train_checkpoint_load(train_session *s) TSR_MUST_CHECK;

/* ---- train_model.c */

/* The bytes of the model file (free with tsr_blob_free), and writing it. */
tsr_status tsr_train_model_pack(train_session *s, tsr_blob *out) TSR_MUST_CHECK;
tsr_status tsr_train_model_save(train_session *s) TSR_MUST_CHECK;
/* Takes the weights of o->init. */
tsr_status tsr_train_model_load(train_session *s) TSR_MUST_CHECK;

/* The name of the model in a file: the file's without folder and ending, in the characters that
 * names of models have. */
void tsr_train_model_name(const char *path, char name[TSR_MODEL_NAME_SIZE]);

/* ---- train_path.c */

/* The path of the model with its ending replaced, from malloc; NULL: no memory. */
char *tsr_train_path(const char *model, const char *ending);

#endif
