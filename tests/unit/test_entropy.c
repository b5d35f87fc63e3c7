/* test_entropy.c - the entropy coders: all symbols come back, for every layout, quantizer machine
 * and instruction set, with the same bytes; hostile bytes decode to legal symbols. */
#include <stdlib.h>
#include <string.h>

#include "band_scene.h"
#include "codec_test.h"
#include "entropy.h"
#include "parts.h"
#include "trellis.h"
#include "tsr_test.h"

enum { MASKS = 3, MAX_LAYERS = 16 };
static const uint32_t masks[MASKS] = {0, TSR_CPU_AVX2, TSR_CPU_AVX2 | TSR_CPU_AVX512};
static const uint32_t machines[] = {0, 4, 8, 32, TSR_TRELLIS_MAX};

/* How all coders are begun; */
static uint32_t parts = 1, threads = 1;

/* A coder, with or without what only mix can have. */
typedef struct coder {
    const tsr_entropy *e;
    int64_t prior;
} coder;

enum { CODERS = 3 };
extern const tsr_entropy tsr_entropy_adaptive, tsr_entropy_mix;
static const coder coders[CODERS] = {
    {&tsr_entropy_adaptive, 0}, {&tsr_entropy_mix, 0}, {&tsr_entropy_mix, 1}};

typedef struct coded {
    tsr_buffer layer[MAX_LAYERS];
} coded;

static void coded_free(coded *c) {
    for (int i = 0; i < MAX_LAYERS; i++) tsr_buffer_free(&c->layer[i]);
}

/* ---------------------------------------------------------------- both directions */

static void *begin(const coder *c, const tsr_symbols *s, tsr_job *j) {
    void *state = tsr_job_alloc(j, 1, c->e->h.state_size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(state);
    const tsr_value mix[] = {{.i = parts}, {.i = c->prior}, {.i = TSR_PART_ROWS}},
                    adaptive[] = {{.i = parts}, {.i = TSR_PART_ROWS}};
    const tsr_value *v = c->e == &tsr_entropy_mix ? mix : adaptive;
    CU_ASSERT_EQUAL_FATAL(c->e->begin(state, v, s, j), TSR_OK);
    return state;
}

static coded encode(const coder *e, const tsr_symbols *s, uint32_t cpu) {
    coded c = {0};
    codec_test_job t;
    codec_test_job_open(&t, threads, cpu);
    void *state = begin(e, s, &t.job);
    for (uint32_t i = 0; i < s->layout->layers; i++) {
        CU_ASSERT_EQUAL(e->e->encode(state, s, i, &c.layer[i]), TSR_OK);
        CU_ASSERT_FALSE(c.layer[i].failed);
    }
    codec_test_job_close(&t);
    return c;
}

/* Decodes into *out, which is allocated in t. Layers are copied to their own size, for sanitizers.
 */
static void decode(const coder *e, const coded *c, const tsr_layout *l, uint32_t states,
                   tsr_symbols *out, codec_test_job *t) {
    CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(out, l, &t->job), TSR_OK);
    out->states = states;
    void *state = begin(e, out, &t->job);
    for (uint32_t i = 0; i < l->layers; i++) {
        size_t n = c->layer[i].size;
        uint8_t *copy = malloc(n ? n : 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        if (n) memcpy(copy, c->layer[i].data, n);
        CU_ASSERT_EQUAL(e->e->decode(state, out, i, copy, n), TSR_OK);
        free(copy);
    }
}

static int same_symbols(const tsr_symbols *a, const tsr_symbols *b) {
    for (uint32_t i = 0; i < a->layout->n; i++)
        if (memcmp(a->data[i], b->data[i], tsr_band_size(&a->layout->band[i]) * sizeof(int32_t)))
            return 0;
    return 1;
}

static int same_bytes(const coded *a, const coded *b) {
    for (int i = 0; i < MAX_LAYERS; i++)
        if (a->layer[i].size != b->layer[i].size ||
            (a->layer[i].size && memcmp(a->layer[i].data, b->layer[i].data, a->layer[i].size)))
            return 0;
    return 1;
}

static void check_coder(const coder *e, const tsr_symbols *s, unsigned turn) {
    coded plain = encode(e, s, masks[0]);
    for (int m = 1; m < MASKS; m++) {
        coded other = encode(e, s, masks[m]);
        CU_ASSERT(same_bytes(&plain, &other));
        coded_free(&other);
    }
    tsr_symbols back;
    codec_test_job t;
    codec_test_job_open(&t, 1 + turn % 3, masks[turn % MASKS]);
    decode(e, &plain, s->layout, s->states, &back, &t);
    CU_ASSERT(same_symbols(s, &back));
    codec_test_job_close(&t);
    coded_free(&plain);
}

/* ---------------------------------------------------------------- what is coded */

/* Rules for the symbol at (x, y) of band b. */
enum { ZEROS, SPARSE, LAPLACIAN, WIDE, STRUCTURED, EXTREME, LONELY, RULES };

static int32_t symbol(unsigned rule, const tsr_band *b, uint32_t x, uint32_t y, uint64_t *r) {
    int32_t v;
    switch (rule) {
    case ZEROS:
        return 0;
    case SPARSE:
        return test_random_below(r, 40) ? 0 : test_random_laplacian(r, 2);
    case LAPLACIAN:
        return test_random_laplacian(r, 1 + b->level);
    case WIDE:
        v = (int32_t)(test_random(r) >> 40 >> test_random_below(r, 24));
        return test_random(r) & 1 ? v : -v;
    case STRUCTURED: /* a disc of strong stripes */
        v = (int32_t)(x * 3 + y) % 17 - 8;
        return (x - b->w / 2) * (x - b->w / 2) + (y - b->h / 2) * (y - b->h / 2) < b->w * b->h / 6
                   ? v * 5
                   : 0;
    case EXTREME:
        return test_random(r) & 1 ? (1 << 24) - 1 : -((1 << 24) - 1);
    default:
        return x + y == 0 ? -(1 << 20) : x + 1 == b->w && y + 1 == b->h;
    }
}

static int32_t index_symbol(unsigned rule, const tsr_band *b, uint32_t x, uint32_t y, uint64_t *r) {
    if (rule == ZEROS) return 0;
    if (rule == EXTREME) return (int32_t)b->alphabet - 1;
    if (rule == STRUCTURED) return (int32_t)((x / 5 + y / 3) % b->alphabet);
    return (int32_t)test_random_below(r, b->alphabet);
}

static void fill(tsr_symbols *s, unsigned rule, uint64_t seed) {
    for (uint32_t i = 0; i < s->layout->n; i++) {
        const tsr_band *b = &s->layout->band[i];
        for (uint32_t y = 0; y < b->h; y++)
            for (uint32_t x = 0; x < b->w; x++)
                s->data[i][(size_t)y * b->w + x] = b->domain == TSR_DOMAIN_INDEX
                                                       ? index_symbol(rule, b, x, y, &seed)
                                                       : symbol(rule, b, x, y, &seed);
    }
}

/* All rules through all coders; the machine changes from rule to rule. */
static void check_scene(const band_scene *scene, unsigned turn) {
    tsr_layout l = band_scene_layout(scene);
    for (unsigned rule = 0; rule < RULES; rule++, turn++) {
        tsr_symbols s;
        codec_test_job t;
        codec_test_job_open(&t, 1, 0);
        CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(&s, &l, &t.job), TSR_OK);
        s.states = machines[turn % 5];
        fill(&s, rule, turn);
        for (const coder *e = coders; e < coders + CODERS; e++) check_coder(e, &s, turn);
        codec_test_job_close(&t);
    }
}

/* ---------------------------------------------------------------- tests */

static band_scene scene;

static void test_pyramids(void) {
    static const uint32_t size[][2] = {{64, 64}, {97, 55}, {33, 1},  {1, 50},
                                       {2, 3},   {1, 1},   {130, 17}};
    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++)
        for (uint32_t planes = 1; planes <= 4; planes += 3) {
            band_scene_pyramid(&scene, size[i][0], size[i][1], planes, 1 + i % 5, TSR_DOMAIN_REAL);
            check_scene(&scene, i + planes);
        }
}

static void test_low_bands(void) {
    static const uint32_t size[][2] = {{1, 1}, {70, 40}, {1, 300}, {300, 1}, {17, 16}};
    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++) {
        band_scene_flat(&scene, size[i][0], size[i][1], 1 + i % 4, TSR_DOMAIN_INT);
        check_scene(&scene, i);
    }
}

/* Empty bands between others, also as references. */
static void test_empty_bands(void) {
    band_scene_pyramid(&scene, 20, 20, 3, 2, TSR_DOMAIN_REAL);
    for (uint32_t b = 0; b < scene.n; b += 2) {
        scene.band[b].w = b & 2 ? 0 : scene.band[b].w;
        scene.band[b].h = b & 2 ? scene.band[b].h : 0;
        for (uint32_t k = 0; k < scene.n; k++)
            for (int r = 0; r < TSR_REFS; r++)
                if (scene.band[k].ref[r] == b) scene.band[k].ref[r] = TSR_NO_BAND;
    }
    check_scene(&scene, 1);
    band_scene_pyramid(&scene, 1, 7, 2, 3, TSR_DOMAIN_REAL); /* high bands across x are 0 x n */
    check_scene(&scene, 2);
}

static void test_all_orientations(void) {
    for (unsigned orient = TSR_ORIENT_LOW; orient <= TSR_ORIENT_D; orient++)
        for (unsigned level = 0; level < 7; level += 3) {
            band_scene_flat(&scene, 45, 37, 4, TSR_DOMAIN_REAL);
            for (uint32_t b = 0; b < 4; b++) {
                scene.band[b].orient = (uint8_t)orient;
                scene.band[b].level = (uint8_t)level;
                if (b) scene.band[b].ref[TSR_REF_PARENT] = b - 1; /* a parent of the same size */
            }
            check_scene(&scene, orient + level);
        }
}

static void test_indices(void) {
    static const uint32_t alphabets[] = {2, 3, 5, 16, 257, 1024, 4096, 4097, 65535, 65536};
    band_scene_indices(&scene, 23, 19, alphabets, 10);
    check_scene(&scene, 3);
    band_scene_indices(&scene, 1, 1, alphabets, 10);
    check_scene(&scene, 4);
}

/* Parts come back whatever the layout, and their bytes do not depend on threads. */
static void test_cut_pyramids(void) {
    static const uint32_t size[][2] = {{21, 300}, {10, 601}, {3, 1090}, {1, 256}, {8, 255}};
    static const uint32_t wanted[] = {2, 3, TSR_MAX_PARTS};
    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++)
        for (unsigned k = 0; k < 3; k++) {
            band_scene_pyramid(&scene, size[i][0], size[i][1], 1 + 2 * (k & 1), 1 + (i + k) % 5,
                               k == 2 ? TSR_DOMAIN_INT : TSR_DOMAIN_REAL);
            parts = wanted[k];
            threads = 1 + (i + k) % 4;
            check_scene(&scene, i + k);
        }
    parts = threads = 1;
}

static size_t coded_size(const coder *e, unsigned rule) {
    tsr_symbols s;
    codec_test_job t;
    tsr_layout l = band_scene_layout(&scene);
    size_t n = 0;
    codec_test_job_open(&t, 1, 0);
    CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(&s, &l, &t.job), TSR_OK);
    fill(&s, rule, 5);
    coded c = encode(e, &s, UINT32_MAX);
    for (int i = 0; i < MAX_LAYERS; i++) n += c.layer[i].size;
    coded_free(&c);
    codec_test_job_close(&t);
    return n;
}

/* Nothing costs nothing; independent symbols cost their entropy; structure is found. */
static void test_sizes(void) {
    for (const coder *e = coders; e < coders + CODERS; e++) {
        band_scene_pyramid(&scene, 256, 256, 3, 5, TSR_DOMAIN_REAL);
        CU_ASSERT(coded_size(e, ZEROS) <= 12);
        band_scene_flat(&scene, 256, 256, 1, TSR_DOMAIN_REAL);
        scene.band[0].orient = TSR_ORIENT_D;
        scene.band[0].level = 1;
        /* two-sided geometric of mean 2: stop 1/3 at each step, entropy 2.755 bits, sign of
         * non-zeros 2/3 */
        CU_ASSERT((double)coded_size(e, LAPLACIAN) * 8 < 65536 * (2.755 + 0.667) * 1.03);
        size_t random = coded_size(e, SPARSE), stripes = coded_size(e, STRUCTURED);
        CU_ASSERT(random > 0 && stripes < 65536 / 2);
    }
}

/* Any bytes decode to something legal, the same on every machine. */
static void test_hostile_bytes(void) {
    static const uint32_t alphabets[] = {2, 100, 65536};
    for (unsigned run = 0; run < 24; run++)
        for (const coder *e = coders; e < coders + CODERS; e++) {
            tsr_symbols a, b;
            codec_test_job t, u;
            coded c = {0};
            if (run % 3 == 0) band_scene_pyramid(&scene, 61, 47, 3, 3, TSR_DOMAIN_REAL);
            if (run % 3 == 1) band_scene_flat(&scene, 61, 47, 3, TSR_DOMAIN_INT);
            if (run % 3 == 2) band_scene_indices(&scene, 40, 40, alphabets, 3);
            tsr_layout l = band_scene_layout(&scene);
            for (uint32_t i = 0; i < l.layers; i++) {
                tsr_blob bytes = test_block(1 + run * 40, run * 100 + i);
                if (run & 1) memset(bytes.data, run & 2 ? 0xff : 0, bytes.size);
                tsr_put_bytes(&c.layer[i], bytes.data, bytes.size);
                tsr_blob_free(&bytes);
            }
            codec_test_job_open(&t, 1, masks[0]);
            codec_test_job_open(&u, 1, masks[2]);
            decode(e, &c, &l, machines[run % 5], &a, &t);
            decode(e, &c, &l, machines[run % 5], &b, &u);
            CU_ASSERT(same_symbols(&a, &b));
            for (uint32_t i = 0; i < l.n; i++)
                for (size_t k = 0; run % 3 == 2 && k < tsr_band_size(&l.band[i]); k++)
                    CU_ASSERT(a.data[i][k] >= 0 && (uint32_t)a.data[i][k] < l.band[i].alphabet);
            codec_test_job_close(&t);
            codec_test_job_close(&u);
            coded_free(&c);
        }
}

/* Layers of parts whose sizes are more than there is are refused; others decode. */
static void test_hostile_parts(void) {
    band_scene_pyramid(&scene, 24, 520, 2, 1, TSR_DOMAIN_REAL);
    tsr_layout l = band_scene_layout(&scene);
    parts = 4;
    for (unsigned run = 0; run < 60; run++)
        for (const coder *e = coders; e < coders + CODERS; e++) {
            codec_test_job t;
            tsr_symbols s;
            uint32_t n = run % 20;
            tsr_blob bytes = test_block(n + 1, run);
            size_t sum = 0;
            for (uint32_t k = 0; k < 3 && k < n; k++) sum += bytes.data[k] &= run < 40 ? 7 : 0x7f;
            codec_test_job_open(&t, 2, masks[run % MASKS]);
            CU_ASSERT_EQUAL_FATAL(tsr_symbols_alloc(&s, &l, &t.job), TSR_OK);
            void *state = begin(e, &s, &t.job);
            tsr_status st = TSR_OK;
            uint32_t cut = l.layers - 1; /* the layer of the details */
            for (uint32_t i = 0; i < cut; i++)
                CU_ASSERT_EQUAL(e->e->decode(state, &s, i, bytes.data, 0), TSR_OK);
            st = e->e->decode(state, &s, cut, bytes.data, n);
            CU_ASSERT_EQUAL(st, n >= 3 && sum <= n - 3 ? TSR_OK : TSR_ERR_FORMAT);
            codec_test_job_close(&t);
            tsr_blob_free(&bytes);
        }
    parts = 1;
}

TSR_TEST_MAIN("entropy coders", {"pyramids", test_pyramids}, {"cut pyramids", test_cut_pyramids},
              {"low bands", test_low_bands}, {"empty bands", test_empty_bands},
              {"all orientations", test_all_orientations}, {"indices", test_indices},
              {"sizes", test_sizes}, {"hostile bytes", test_hostile_bytes},
              {"hostile parts", test_hostile_parts})
