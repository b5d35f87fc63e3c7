/* test_train_vqvae.c - a whole training in memory: it learns, it resumes to the bit, it notices
 * when it diverges; and the weights it writes are those it trained. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/model.h>

#include "model_maker.h"
#include "train_log.h"
#include "train_net.h"
#include "train_quantize.h"
#include "train_scene.h"
#include "tsr_test.h"

/* ---- files in memory ---- */

enum { FILES = 8 };

typedef struct host {
    train_scene data, val;
    struct {
        char path[64];
        tsr_blob blob;
    } file[FILES];
    int reports, stop_at; /* stop_at: report number that says stop; 0: never */
    tsr_train_progress last;
    pthread_mutex_t lock; /* of the notes, which come from two threads */
    char note[160];       /* the last one */
    int notes;
} host;

static tsr_blob *find_file(host *h, const char *path) {
    for (int i = 0; i < FILES; i++) {
        if (!h->file[i].path[0]) snprintf(h->file[i].path, sizeof h->file[i].path, "%s", path);
        if (!strcmp(h->file[i].path, path)) return &h->file[i].blob;
    }
    abort();
}

static tsr_status write_file(void *user, const char *path, const void *data, size_t size,
                             tsr_diag *d) {
    tsr_blob *b = find_file(user, path);
    tsr_blob_free(b);
    return tsr_blob_copy(b, data, size);
}

static tsr_status read_file(void *user, const char *path, tsr_blob *out, tsr_diag *d) {
    tsr_blob *b = find_file(user, path);
    if (!b->size) return tsr_diag_set(d, TSR_ERR_IO, TSR_NO_OFFSET, "%s: not there", path);
    return tsr_blob_copy(out, b->data, b->size);
}

static int report(void *user, const tsr_train_progress *p) {
    host *h = user;
    h->last = *p;
    return ++h->reports == h->stop_at;
}

static void note(void *user, const char *line) {
    host *h = user;
    pthread_mutex_lock(&h->lock);
    snprintf(h->note, sizeof h->note, "%s", line);
    h->notes++;
    pthread_mutex_unlock(&h->lock);
}

static void host_open(host *h, tsr_train_options *o) {
    *h = (host){.lock = PTHREAD_MUTEX_INITIALIZER};
    train_scene_init(&h->data, 2, 96, 80);
    train_scene_init(&h->val, 1, 64, 64);
    tsr_train_options_init(o);
    o->iterations = 20;
    o->rate = 1e-2;
    o->batch = 4;
    o->crop = 32;
    o->width = 8;
    o->blocks = 1;
    o->tiles = 8;
    o->model = "m.tsm";
    o->command = "none";
    o->user = h;
    o->open = train_scene_open;
    o->write = write_file;
    o->read = read_file;
    o->report = report;
    o->note = note;
}

static void host_close(host *h) {
    for (int i = 0; i < FILES; i++) tsr_blob_free(&h->file[i].blob);
}

static tsr_status run(host *h, const tsr_train_options *o, tsr_diag *d) {
    return tsr_train_vqvae(o, &h->data.source, &h->val.source, d);
}

/* The networks' bytes of the model written. */
static tsr_model_section networks(host *h) {
    tsr_model_file m;
    tsr_diag d;
    tsr_blob *b = find_file(h, "m.tsm");
    CU_ASSERT_FATAL(b->size && !tsr_model_read(&m, b->data, b->size, &d));
    const tsr_model_section *s = tsr_model_find_section(&m, "vqvae");
    CU_ASSERT_FATAL(s != NULL);
    return *s;
}

static int equal_networks(host *a, host *b) {
    tsr_model_section x = networks(a), y = networks(b);
    return x.size == y.size && !memcmp(x.data, y.data, x.size);
}

/* ---- tests ---- */

static void test_training_lowers_the_loss(void) {
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    train_scene_init(&h.data, 6, 96, 80);
    train_scene_init(&h.val, 6, 96, 80);
    o.iterations = 600;
    o.rate = 3e-3;
    o.width = 16;
    o.tiles = 64;
    o.refresh = 16;
    o.step_min = 14;
    o.step_max = 80;
    CU_ASSERT_FATAL(!run(&h, &o, &d));
    CU_ASSERT(h.last.iteration == o.iterations && h.last.fraction == 1 && h.last.validated);
    CU_ASSERT(h.last.loss > 0 && h.last.base > 0);
    for (int k = 0; k < TSR_TRAIN_STEPS; k++) {
        CU_ASSERT(h.last.psnr_base[k] > 20 && h.last.bpp[k] > 0);
        CU_ASSERT(h.last.psnr[k] > h.last.psnr_base[k] + 0.02);
    }
    CU_ASSERT(find_file(&h, "m.csv")->size > 0);
    CU_ASSERT(find_file(&h, "m.svg")->size > 0);
    host_close(&h);
}

static void test_same_for_all_threads(void) {
    host a, b;
    tsr_train_options o;
    tsr_diag d;
    host_open(&a, &o);
    CU_ASSERT_FATAL(!run(&a, &o, &d));
    host_open(&b, &o);
    o.threads = 3;
    CU_ASSERT_FATAL(!run(&b, &o, &d));
    CU_ASSERT(equal_networks(&a, &b));
    host_close(&b);
    host_open(&b, &o);
    o.seed = 2;
    CU_ASSERT_FATAL(!run(&b, &o, &d));
    CU_ASSERT(!equal_networks(&a, &b));
    host_close(&a);
    host_close(&b);
}

/* Stopped after some iterations and resumed, with every optimizer, ends where it would have. */
static void test_resume_is_exact(void) {
    for (tsr_train_optimizer k = TSR_TRAIN_ADAM; k <= TSR_TRAIN_RMSPROP; k++) {
        host a, b;
        tsr_train_options o;
        tsr_diag d;
        host_open(&a, &o);
        o.optimizer = k;
        o.rate = 1e-3;
        CU_ASSERT_FATAL(!run(&a, &o, &d));
        host_open(&b, &o);
        o.optimizer = k;
        o.rate = 1e-3;
        o.checkpoint = 1e-9; /* one each iteration */
        b.stop_at = 8;
        CU_ASSERT(run(&b, &o, &d) == TSR_ERR_CANCELLED);
        CU_ASSERT(b.last.iteration > 0 && b.last.iteration < 20);
        o.resume = 1;
        o.checkpoint = 1e9;
        CU_ASSERT(!run(&b, &o, &d));
        CU_ASSERT(equal_networks(&a, &b));
        host_close(&a);
        host_close(&b);
    }
}

static void test_divergence_keeps_the_checkpoint(void) {
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    o.rate = 1e6;
    o.clip = 0;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_TARGET);
    CU_ASSERT(strstr(d.text, "diverged") && strstr(d.text, "nothing was saved"));
    CU_ASSERT(!find_file(&h, "m.ckpt")->size && !find_file(&h, "m.tsm")->size);
    o.rate = 1e-3;
    CU_ASSERT_FATAL(!run(&h, &o, &d));
    tsr_model_section before = networks(&h);
    uint8_t *copy = malloc(before.size);
    memcpy(copy, before.data, before.size);
    o.rate = 1e6;
    o.iterations = 1000;
    o.resume = 1;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_TARGET);
    CU_ASSERT(strstr(d.text, "last good state") != NULL);
    tsr_model_section after = networks(&h);
    CU_ASSERT(after.size == before.size && !memcmp(copy, after.data, after.size));
    free(copy);
    host_close(&h);
}

/* Damaged, cut, of other options or pictures, not there. */
static void test_bad_checkpoints(void) {
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    o.resume = 1;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_IO);
    o.resume = 0;
    CU_ASSERT_FATAL(!run(&h, &o, &d));
    o.resume = 1;
    o.iterations = 21;
    CU_ASSERT(!run(&h, &o, &d));
    o.batch = 5;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT && strstr(d.text, "batch=4"));
    o.batch = 4;
    h.data.source.hash[0] = 'f';
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT &&
              strstr(d.text, "other pictures: data=0 val=0"));
    h.data.source.hash[0] = '0';
    h.val.source.hash[0] = 'f';
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT && strstr(d.text, "other pictures"));
    h.val.source.hash[0] = '0';
    tsr_blob *b = find_file(&h, "m.ckpt");
    size_t size = b->size;
    for (size_t cut = 0; cut < size; cut += size / 37) {
        b->size = cut ? cut : 1;
        CU_ASSERT(run(&h, &o, &d) == TSR_ERR_FORMAT);
    }
    b->size = size;
    for (size_t at = 8; at < size; at += size / 53) {
        b->data[at] ^= 0x20;
        CU_ASSERT(run(&h, &o, &d) == TSR_ERR_FORMAT);
        b->data[at] ^= 0x20;
    }
    host_close(&h);
}

static void test_bad_options(void) {
    host h;
    tsr_diag d;
    for (int k = 0; k < 7; k++) {
        tsr_train_options o;
        host_open(&h, &o);
        if (k == 0) o.crop = 33;
        if (k == 1) o.iterations = 0;
        if (k == 2) o.width = 1000;
        if (k == 3) o.step_max = 1;
        if (k == 4) o.codec = "no such codec";
        if (k == 5) o.batch = 0;
        if (k == 6) h.val.source.n = 0;
        CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT && d.text[0]);
        host_close(&h);
    }
}

/* Beginning with a model gives its validation figures before the first step. */
static void test_init_takes_the_networks(void) {
    host a, b;
    tsr_train_options o;
    tsr_diag d;
    host_open(&a, &o);
    o.iterations = 60;
    CU_ASSERT_FATAL(!run(&a, &o, &d));
    host_open(&b, &o);
    tsr_blob *from = find_file(&a, "m.tsm");
    CU_ASSERT_FATAL(!tsr_blob_copy(find_file(&b, "first.tsm"), from->data, from->size));
    o.init = "first.tsm";
    o.iterations = 1;
    o.rate = 0;
    CU_ASSERT_FATAL(!run(&b, &o, &d));
    for (int k = 0; k < TSR_TRAIN_STEPS; k++)
        CU_ASSERT(fabs(a.last.psnr[k] - b.last.psnr[k]) < 0.003); /* rounded to 16 bit */
    o.width = 9;
    CU_ASSERT(run(&b, &o, &d) == TSR_ERR_ARGUMENT && strstr(d.text, "8 channels"));
    o.width = 8;
    o.postfilter = 1; /* a network of the transform begins one of the filter */
    CU_ASSERT(!run(&b, &o, &d));
    host_close(&a);
    host_close(&b);
}

/* What an encoder works with is no beginning for a training. */
static void test_init_refuses_integers(void) {
    static const model_recipe ints = {.name = "ints",
                                      .seed = 3,
                                      .width = 8,
                                      .blocks = 1,
                                      .pointwise = 1,
                                      .amplitude = 0.1f,
                                      .integers = 1};
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    *find_file(&h, "ints.tsm") = make_model_file(&ints);
    o.init = "ints.tsm";
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(d.text,
                           "ints.tsm: its network is one of integers: begin with the floats");
    host_close(&h);
}

static void test_survey_says_something(void) {
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    o.stage = TSR_TRAIN_TILES;
    CU_ASSERT(!run(&h, &o, &d));
    CU_ASSERT(strstr(h.note, "tiles a second") != NULL);
    CU_ASSERT(!find_file(&h, "m.tsm")->size);
    host_close(&h);
}

/* Both networks: the model has an encoder, the validation is by real files, resuming is exact. */
static void test_joint_stage(void) {
    host a, b;
    tsr_train_options o;
    tsr_diag d;
    tsr_vqvae_model m;
    char text[160];
    host_open(&a, &o);
    o.stage = TSR_TRAIN_JOINT;
    o.iterations = 12;
    CU_ASSERT_FATAL(!run(&a, &o, &d));
    CU_ASSERT(a.last.loss > 0 && a.last.base > 0 && a.last.bpp[0] > a.last.bpp[2]);
    tsr_model_section s = networks(&a);
    CU_ASSERT_FATAL(!tsr_vqvae_model_read(&m, s.data, s.size, text));
    CU_ASSERT(m.has_encoder && m.encoder.width == 8);
    tsr_vqvae_model_free(&m);
    host_open(&b, &o);
    o.stage = TSR_TRAIN_JOINT;
    o.iterations = 12;
    o.threads = 2;
    o.checkpoint = 1e-9;
    b.stop_at = 4;
    CU_ASSERT(run(&b, &o, &d) == TSR_ERR_CANCELLED);
    o.resume = 1;
    o.checkpoint = 1e9;
    CU_ASSERT_FATAL(!run(&b, &o, &d));
    CU_ASSERT(equal_networks(&a, &b));
    host_close(&a);
    host_close(&b);
}

/* Validation by real files leaves out what cannot be read and says so once; without a picture, and
 * when reading fails for another reason, there is nothing to save. */
static void test_joint_stage_with_bad_pictures(void) {
    host h;
    tsr_train_options o;
    tsr_diag d;
    host_open(&h, &o);
    o.stage = TSR_TRAIN_JOINT;
    o.iterations = 2;
    o.checkpoint = 1e-9;
    h.val.source.n = 2;
    h.val.bad = 1u << 1;
    CU_ASSERT_FATAL(!run(&h, &o, &d));
    CU_ASSERT(h.notes == 1);
    CU_ASSERT_STRING_EQUAL(h.note, "picture: skipped: no picture");
    CU_ASSERT(h.last.bpp[0] > 0 && h.last.psnr[0] > 20 && h.last.psnr_base[0] > 20);
    h.val.bad = 3;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(d.text, "no validation picture can be read");
    CU_ASSERT(h.notes == 3);
    h.val.failure = TSR_ERR_MEMORY;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_MEMORY);
    h.val.failure = TSR_ERR_CANCELLED;
    CU_ASSERT(run(&h, &o, &d) == TSR_ERR_CANCELLED);
    CU_ASSERT(h.notes == 3);
    host_close(&h);
}

/* A level is never further than the dead zone, larger levels cost more, what is flat costs little,
 * and the slope is the derivative of the bits between whole levels. */
static void test_model_of_the_quantizer(void) {
    enum { W = 7, H = 5, N = W * H };
    float c[N], q[N], slope[N];
    for (int i = 0; i < N; i++) c[i] = 4.0f * sinf((float)(i * i));
    CU_ASSERT(tsr_train_quantize(c, W, H, q, slope) > N);
    for (int i = 0; i < N; i++) {
        CU_ASSERT(q[i] == rintf(q[i]) && fabsf(q[i] - c[i]) < 0.621f);
        CU_ASSERT(slope[i] * c[i] >= 0);
    }
    float zeros[N] = {0};
    CU_ASSERT(tsr_train_quantize(zeros, W, H, q, slope) < 0.1 * N);
    double before = 0;
    for (int k = 0; k < 6; k++) {
        float one = (float)k;
        double bits = tsr_train_quantize(&one, 1, 1, q, slope);
        CU_ASSERT(bits > before);
        if (k > 1) {
            float between = one - 0.5f;
            tsr_train_quantize(&between, 1, 1, q, slope);
            CU_ASSERT(fabs(bits - before - slope[0]) < 1e-3 * bits);
        }
        before = bits;
    }
}

/* Export, then import into another store: the same weights. */
static void test_networks_keep_their_weights(void) {
    for (uint32_t pointwise = 1; pointwise <= 2; pointwise++) {
        tsr_vqvae_net shape = {12, 8, 2, pointwise, NULL};
        nn_store *store[2];
        train_net net[2];
        tsr_diag d;
        for (int i = 0; i < 2; i++) {
            store[i] = tsr_nn_store_new(7 + (uint64_t)i);
            CU_ASSERT_FATAL(!tsr_train_net_build(&net[i], "decoder", &shape, store[i], 0, &d));
        }
        size_t n = tsr_nn_store_size(store[0]);
        float *a = tsr_nn_store_values(store[0]), *b = tsr_nn_store_values(store[1]);
        CU_ASSERT(memcmp(a, b, n * sizeof *a) != 0);
        shape.param = calloc(tsr_vqvae_net_params(&shape), sizeof(float));
        tsr_train_net_export(&net[0], store[0], a, &shape);
        tsr_train_net_import(&net[1], store[1], b, &shape);
        CU_ASSERT(!memcmp(a, b, n * sizeof *a));
        CU_ASSERT(tsr_nn_net_parameters(net[0].net) == tsr_vqvae_net_params(&shape));
        free(shape.param);
        for (int i = 0; i < 2; i++) {
            tsr_train_net_free(&net[i]);
            tsr_nn_store_free(store[i]);
        }
    }
}

static void test_plot(void) {
    char *p = tsr_train_plot("iteration,seconds,rate,loss,loss_base,gradient,images_s,a,b,c,d\n"
                             "1,1,1,0.5,0.6,0,0,,,,\n"
                             "9,2,1,0.4,nan,0,0,1,30,30.5,\n");
    CU_ASSERT_FATAL(p != NULL);
    CU_ASSERT(!strncmp(p, "<svg", 4) && strstr(p, "</svg>"));
    CU_ASSERT(!strstr(p, "nan") && !strstr(p, "inf"));
    free(p);
    p = tsr_train_plot("");
    CU_ASSERT(p && strstr(p, "</svg>"));
    free(p);
}

TSR_TEST_MAIN("train_vqvae", {"training lowers the loss", test_training_lowers_the_loss},
              {"the same for all threads", test_same_for_all_threads},
              {"resume is exact", test_resume_is_exact},
              {"divergence keeps the checkpoint", test_divergence_keeps_the_checkpoint},
              {"bad checkpoints", test_bad_checkpoints}, {"bad options", test_bad_options},
              {"init takes the networks", test_init_takes_the_networks},
              {"a survey says something", test_survey_says_something},
              {"integers are no beginning", test_init_refuses_integers},
              {"the joint stage", test_joint_stage},
              {"the joint stage with bad pictures", test_joint_stage_with_bad_pictures},
              {"the model of the quantizer", test_model_of_the_quantizer},
              {"networks keep their weights", test_networks_keep_their_weights},
              {"the plot", test_plot})
