/* fft.c - Fourier and cosine transforms by FFTW 3 (Frigo and Johnson, Proc. IEEE 93(2), 2005).
 *
 * Cost: O(n log n) for any size. Planning touches FFTW's process-wide tables, so create and destroy
 * hold a process-wide lock; execution does not. The library is opened by the first
 * tsr_fft_available().
 */
#include "fft.h"

#ifdef TSR_HAVE_FFTW

#include <assert.h>
#include <fftw3.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include <tessera/library.h>

#define FUNCTIONS(X)                                                                               \
    X(plan_dft_r2c_2d)                                                                             \
    X(plan_dft_c2r_2d)                                                                             \
    X(plan_many_r2r) X(execute_dft_r2c) X(execute_dft_c2r) X(execute_r2r) X(destroy_plan)
#define POINTER(f) __typeof__(fftwf_##f) *f;
#define SYMBOL(f)  {.name = "fftwf_" #f, .to = &fftw.f},

static struct {
    FUNCTIONS(POINTER)
    int open;
} fftw;

struct tsr_fft {
    fftwf_plan forward, inverse;
};

struct tsr_fft_dct {
    fftwf_plan plan;
};

static pthread_mutex_t planner_lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((unused)) /* by assertions only */
static int
aligned(const void *p) {
    return ((uintptr_t)p & 63u) == 0;
}

static void open_fftw(void) {
    static const char *const names[] = {"libfftw3f.so.3", NULL};
    const tsr_symbol symbols[] = {FUNCTIONS(SYMBOL)};
    fftw.open = !tsr_library_open(names, symbols, sizeof symbols / sizeof *symbols, NULL);
}

int tsr_fft_available(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_fftw);
    return fftw.open;
}

static tsr_status not_open(const char *what, const tsr_env *env) {
    return env->fail(env, TSR_ERR_UNSUPPORTED, "%s: cannot open FFTW (libfftw3f.so.3)", what);
}

/* plan may be NULL. */
static void plan_destroy(fftwf_plan plan) {
    if (!plan) return;
    pthread_mutex_lock(&planner_lock);
    fftw.destroy_plan(plan);
    pthread_mutex_unlock(&planner_lock);
}

tsr_status tsr_fft_create(tsr_fft **plan, uint32_t w, uint32_t h, float *real,
                          tsr_complex *spectrum, const tsr_env *env) {
    assert(aligned(real) && aligned(spectrum));
    *plan = NULL;
    if (!tsr_fft_available()) return not_open("Fourier transform", env);
    if (w > INT_MAX || h > INT_MAX)
        return env->fail(env, TSR_ERR_LIMIT, "Fourier transform of %u x %u: side too long", w, h);
    tsr_fft *p = calloc(1, sizeof *p);
    if (!p) return env->fail(env, TSR_ERR_MEMORY, "Fourier transform: out of memory");
    pthread_mutex_lock(&planner_lock);
    p->forward =
        fftw.plan_dft_r2c_2d((int)h, (int)w, real, spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    p->inverse = fftw.plan_dft_c2r_2d((int)h, (int)w, spectrum, real, FFTW_ESTIMATE);
    pthread_mutex_unlock(&planner_lock);
    if (!p->forward || !p->inverse) {
        tsr_fft_destroy(p);
        return env->fail(env, TSR_ERR_MEMORY, "Fourier transform of %u x %u: cannot plan", w, h);
    }
    *plan = p;
    return TSR_OK;
}

void tsr_fft_forward(const tsr_fft *plan, float *real, tsr_complex *spectrum) {
    assert(aligned(real) && aligned(spectrum));
    fftw.execute_dft_r2c(plan->forward, real, spectrum);
}

void tsr_fft_inverse(const tsr_fft *plan, tsr_complex *spectrum, float *real) {
    assert(aligned(real) && aligned(spectrum));
    fftw.execute_dft_c2r(plan->inverse, spectrum, real);
}

void tsr_fft_destroy(tsr_fft *plan) {
    if (!plan) return;
    plan_destroy(plan->forward);
    plan_destroy(plan->inverse);
    free(plan);
}

tsr_status tsr_fft_dct_create(tsr_fft_dct **plan, uint32_t w, uint32_t h, uint32_t count,
                              float *blocks, const tsr_env *env) {
    assert(aligned(blocks));
    *plan = NULL;
    if (!tsr_fft_available()) return not_open("cosine transform", env);
    if (w > 32768 || h > 32768 || count > INT_MAX)
        return env->fail(env, TSR_ERR_LIMIT, "cosine transform of %u blocks of %u x %u: too large",
                         count, w, h);
    tsr_fft_dct *p = calloc(1, sizeof *p);
    if (!p) return env->fail(env, TSR_ERR_MEMORY, "cosine transform: out of memory");
    const int size[2] = {(int)h, (int)w};
    const fftwf_r2r_kind kind[2] = {FFTW_REDFT10, FFTW_REDFT10};
    int dist = (int)(w * h);
    pthread_mutex_lock(&planner_lock);
    p->plan = fftw.plan_many_r2r(2, size, (int)count, blocks, NULL, 1, dist, blocks, NULL, 1, dist,
                                 kind, FFTW_ESTIMATE);
    pthread_mutex_unlock(&planner_lock);
    if (!p->plan) {
        tsr_fft_dct_destroy(p);
        return env->fail(env, TSR_ERR_MEMORY, "cosine transform of %u x %u: cannot plan", w, h);
    }
    *plan = p;
    return TSR_OK;
}

void tsr_fft_dct_execute(const tsr_fft_dct *plan, float *blocks) {
    assert(aligned(blocks));
    fftw.execute_r2r(plan->plan, blocks, blocks);
}

void tsr_fft_dct_destroy(tsr_fft_dct *plan) {
    if (!plan) return;
    plan_destroy(plan->plan);
    free(plan);
}

#else

int tsr_fft_available(void) {
    return 0;
}

tsr_status tsr_fft_create(tsr_fft **plan, uint32_t w, uint32_t h, float *real,
                          tsr_complex *spectrum, const tsr_env *env) {
    *plan = NULL;
    return env->fail(env, TSR_ERR_UNSUPPORTED, "Fourier transform: built without FFTW");
}

/* Without FFTW no plan exists: what follows can only ever see NULL. */
void tsr_fft_forward(const tsr_fft *plan, float *real, tsr_complex *spectrum) {}

void tsr_fft_inverse(const tsr_fft *plan, tsr_complex *spectrum, float *real) {}

void tsr_fft_destroy(tsr_fft *plan) {}

tsr_status tsr_fft_dct_create(tsr_fft_dct **plan, uint32_t w, uint32_t h, uint32_t count,
                              float *blocks, const tsr_env *env) {
    *plan = NULL;
    return env->fail(env, TSR_ERR_UNSUPPORTED, "cosine transform: built without FFTW");
}

void tsr_fft_dct_execute(const tsr_fft_dct *plan, float *blocks) {}

void tsr_fft_dct_destroy(tsr_fft_dct *plan) {}

#endif
