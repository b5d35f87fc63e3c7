/* kernel_bench.c - what the instruction sets are worth: processor time of the stages of one coding,
 * by plain C, AVX2 and AVX-512.
 *
 *     kernel_bench PICTURE [--effort N] [--step X] [--rounds N]
 *
 * One thread, the stages of a whole encoding and decoding called one by one on the picture's own
 * data, the best of N rounds (default 7) in which the sets take turns. All sets compute the same
 * bits; that is what tests/kernels shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/builtin.h>
#include <time.h>

#include "codec_test.h"
#include "encoder.h"
#include "io.h"
#include "step.h"

enum { SETS = 3, ANALYSIS = 0, QUANTIZE, CODE, DECODE, SYNTHESIS, POSTFILTER, NETWORK, STAGES };
static const char *const set_name[SETS] = {"plain C", "AVX2", "AVX-512"};
static const uint32_t set_cpu[SETS] = {0, TSR_CPU_AVX2, TSR_CPU_AVX2 | TSR_CPU_AVX512};
static const char *const stage_name[STAGES] = {
    "analysis",  "quantizer (search)", "entropy coding", "entropy decoding",
    "synthesis", "post filter",        "network filter"};

typedef struct bench {
    double best[SETS][STAGES]; /* seconds; 0: not run */
    uint32_t set;
} bench;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void record(bench *b, int stage, double from) {
    double seconds = now() - from, *best = &b->best[b->set][stage];
    if (*best == 0 || seconds < *best) *best = seconds;
}

static tsr_status analyse(bench *b, tsr_encoder *e, const tsr_goal *goal) {
    tsr_pipeline *p = &e->pipe;
    tsr_arena_mark m = tsr_pipeline_enter(p);
    double t = now();
    tsr_status s =
        p->transform->analysis(p->transform_state, &e->planes, goal, &e->coeffs, &e->job->env);
    record(b, ANALYSIS, t);
    tsr_pipeline_leave(p, m);
    return s;
}

static tsr_status quantize(bench *b, tsr_encoder *e, const tsr_goal *goal) {
    tsr_pipeline *p = &e->pipe;
    tsr_quant_task task = {.layout = &p->layout,
                           .v = p->spec.stage[TSR_STAGE_QUANTIZER].v,
                           .step = goal->step,
                           .lambda = goal->lambda,
                           .effort = goal->effort,
                           .end_layer = p->layout.layers,
                           .coeffs = &e->coeffs,
                           .symbols = &p->symbols,
                           .job = e->job};
    if (!p->quantizer->open) memset(p->quantizer_state, 0, p->quantizer->h.state_size);
    double t = now();
    tsr_status s = p->quantizer->quantize(p->quantizer_state, &task);
    record(b, QUANTIZE, t);
    return s;
}

/* All layers in one direction; sizes are those of the layers. */
static tsr_status code(bench *b, tsr_encoder *e, tsr_buffer *bytes, size_t *size, int stage) {
    tsr_pipeline *p = &e->pipe;
    void *state = tsr_job_alloc(e->job, 1, p->entropy->h.state_size);
    size_t at = 0;
    if (!state) return tsr_job_memory_status(e->job);
    const tsr_value *v = p->spec.stage[TSR_STAGE_ENTROPY].v;
    tsr_status s = p->entropy->begin(state, v, &p->symbols, e->job);
    double t = now();
    for (uint32_t layer = 0; layer < p->layout.layers && !s; at += size[layer++])
        if (stage == CODE) {
            s = p->entropy->encode(state, &p->symbols, layer, bytes);
            size[layer] = bytes->size - at;
        } else {
            s = p->entropy->decode(state, &p->symbols, layer, bytes->data + at, size[layer]);
        }
    record(b, stage, t);
    return s;
}

static tsr_status filter(bench *b, tsr_encoder *e, tsr_filters f, int stage) {
    if (!f.set && !f.network) return TSR_OK;
    double t = now();
    tsr_status s = tsr_filters_apply(&e->synthesis, &f, e->job);
    record(b, stage, t);
    return s;
}

static tsr_status render(bench *b, tsr_encoder *e) {
    tsr_filters post = e->filters, network = e->filters;
    post.network = NULL;
    network.set = 0;
    double t = now();
    tsr_status s = tsr_encoder_reconstruct(e);
    record(b, SYNTHESIS, t);
    if (!s) s = filter(b, e, post, POSTFILTER);
    return s ? s : filter(b, e, network, NETWORK);
}

static tsr_status measure(void *arg, tsr_encoder *e) {
    bench *b = arg;
    float step = tsr_step_value(e->header.step_index);
    tsr_goal goal = {.struct_size = sizeof goal,
                     .effort = e->o->effort,
                     .step = step,
                     .lambda = TSR_LAMBDA_PER_STEP2 * step * step};
    tsr_buffer bytes = {0};
    size_t *size = tsr_job_alloc(e->job, e->pipe.layout.layers, sizeof *size);
    if (!size) return tsr_job_memory_status(e->job);
    tsr_status s = analyse(b, e, &goal);
    if (!s) s = quantize(b, e, &goal);
    if (!s) s = code(b, e, &bytes, size, CODE);
    if (!s) s = code(b, e, &bytes, size, DECODE);
    if (!s) s = render(b, e);
    tsr_buffer_free(&bytes);
    return s;
}

static void print(const bench *b, const tsr_image *im) {
    double mega = 1e-6 * im->width * im->height;
    printf("| ms a megapixel | %s | %s | %s |\n|---|---:|---:|---:|\n", set_name[0], set_name[1],
           set_name[2]);
    for (int stage = 0; stage < STAGES; stage++) {
        if (b->best[0][stage] == 0) continue;
        printf("| %s |", stage_name[stage]);
        for (int set = 0; set < SETS; set++) {
            if (b->best[set][stage] == 0)
                printf(" |");
            else
                printf(" %.1f (%.1fx) |", 1e3 * b->best[set][stage] / mega,
                       b->best[0][stage] / b->best[set][stage]);
        }
        printf("\n");
    }
}

static tsr_status run(bench *b, const tsr_image *im, const tsr_encode_options *o, tsr_diag *d) {
    tsr_context *ctx = codec_test_context(1, set_cpu[b->set]);
    tsr_status s = tsr_encoder_visit(ctx, im, o, measure, b, d);
    tsr_context_free(ctx);
    return s;
}

int main(int argc, char **argv) {
    static bench b;
    tsr_encode_options o;
    tsr_blob file = {0};
    tsr_image im = {0};
    tsr_diag d = {0};
    int rounds = 7;
    tsr_encode_options_init(&o);
    o.target = TSR_TARGET_STEP;
    o.value = 20;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--effort")) o.effort = (uint32_t)atoi(argv[i + 1]);
        if (!strcmp(argv[i], "--step")) o.value = atof(argv[i + 1]);
        if (!strcmp(argv[i], "--rounds")) rounds = atoi(argv[i + 1]);
    }
    if (argc < 2 || argc % 2) {
        fprintf(stderr, "usage: kernel_bench PICTURE [--effort N] [--step X] [--rounds N]\n");
        return 1;
    }
    tsr_status s = tsr_read_file(argv[1], 0, &file, &d);
    if (!s) s = tsr_image_read(file.data, file.size, NULL, &im, &d);
    for (int i = 0; i < rounds && !s; i++)
        for (b.set = 0; b.set < SETS && !s; b.set++)
            if (!(set_cpu[b.set] & ~tsr_cpu_detect())) s = run(&b, &im, &o, &d);
    if (s)
        fprintf(stderr, "kernel_bench: %s\n", d.text);
    else
        print(&b, &im);
    tsr_image_free(&im);
    tsr_blob_free(&file);
    return s != 0;
}
