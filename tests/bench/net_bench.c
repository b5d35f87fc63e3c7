/* net_bench.c - processor time that the decoder network of a model takes on a picture:
 *
 *     net_bench MODEL.tsm... [--rounds N] [--set NAME]
 *
 * A picture of 768 x 512 pixels, one thread, the best of N rounds in which all models take turns,
 * for every set of instructions or one; multiply-adds a second are those of the network alone,
 * without what is computed twice at the edges of strips.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/model.h>
#include <time.h>

#include "test_host.h"
#include "test_picture.h"
#include "vqvae_net.h"

enum { WIDTH = 768, HEIGHT = 512, MODELS = 8, SETS = 3, CHANNELS = TSR_VQVAE_CHANNELS };

typedef struct entry {
    const char *path;
    uint8_t *file;
    tsr_vqvae_model m;
    double best[SETS]; /* seconds */
} entry;

static int load(entry *e) {
    tsr_model_file f;
    tsr_diag d;
    char text[160];
    FILE *in = fopen(e->path, "rb");
    if (!in || !(e->file = malloc(TSR_MODEL_MAX_BYTES))) return 0;
    size_t size = fread(e->file, 1, TSR_MODEL_MAX_BYTES, in);
    fclose(in);
    if (tsr_model_read(&f, e->file, size, &d)) return 0;
    const tsr_model_section *s = tsr_model_find_section(&f, "filter");
    if (!s) s = tsr_model_find_section(&f, "vqvae");
    return s && !tsr_vqvae_model_read(&e->m, s->data, s->size, text);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double run(const tsr_vqvae_model *m, const vqvae_grid *g, uint32_t cpu) {
    test_host h;
    test_host_init(&h, 1);
    h.env.cpu = cpu;
    double t = now();
    tsr_status s = tsr_vqvae_net_run(&m->decoder, tsr_vqvae_scale_of(m, 32), g, &h.env);
    t = now() - t;
    test_host_free(&h, 0);
    return s ? INFINITY : t;
}

static void fill_grid(vqvae_grid *g) {
    uint64_t seed = 1;
    *g = (vqvae_grid){.w = WIDTH / 2, .h = HEIGHT / 2};
    size_t n = (size_t)g->w * g->h;
    for (uint32_t c = 0; c < CHANNELS; c++) {
        float *in = malloc(2 * n * sizeof *in);
        if (!in) abort();
        for (size_t i = 0; i < n; i++)
            in[i] = (float)test_random_laplacian(&seed, c < 3 ? 200 : 20) / 3.0f;
        g->channel[c] = (vqvae_channel){in, in + n, g->w, g->h};
    }
}

static void print(const entry *e, uint32_t set, const char *name) {
    double macs = (double)tsr_vqvae_net_macs(&e->m.decoder) * WIDTH * HEIGHT / 4;
    printf("%-8s %8.2f ms %7.1f GMAC/s  %s\n", name, 1e3 * e->best[set], 1e-9 * macs / e->best[set],
           e->path);
}

int main(int argc, char **argv) {
    static const char *const names[SETS] = {"plain", "avx2", "avx512"};
    static const uint32_t cpus[SETS] = {0, TSR_CPU_AVX2, TSR_CPU_AVX2 | TSR_CPU_AVX512};
    entry e[MODELS] = {0};
    vqvae_grid g;
    int n = 0, rounds = 10;
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = atoi(argv[++i]);
        else if (strcmp(argv[i], "--set") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (n < MODELS)
            e[n++].path = argv[i];
    }
    for (int i = 0; i < n; i++)
        if (!load(&e[i])) return fprintf(stderr, "%s: cannot be read\n", e[i].path), 1;
    fill_grid(&g);
    for (uint32_t set = 0; set < SETS; set++) {
        if (cpus[set] & ~tsr_cpu_detect() || (only && strcmp(only, names[set]))) continue;
        for (int k = 0; k < rounds * n; k++) {
            double t = run(&e[k % n].m, &g, cpus[set]);
            if (k < n || t < e[k % n].best[set]) e[k % n].best[set] = t;
        }
        for (int i = 0; i < n; i++) print(&e[i], set, names[set]);
    }
    return 0;
}
