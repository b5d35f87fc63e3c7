/* quant_bench.h - everything a quantizer works on, for one layout: what tests of quantizers share.
 */
#ifndef TSR_QUANT_BENCH_H
#define TSR_QUANT_BENCH_H

#include "band_scene.h"
#include "codec_test.h"
#include "quant.h"

extern const tsr_quantizer tsr_quantizer_uniform;
extern const tsr_quantizer tsr_quantizer_rdo;
extern const tsr_quantizer tsr_quantizer_trellis;
extern const tsr_quantizer tsr_quantizer_buckets;
extern const tsr_quantizer tsr_quantizer_kmeans;
extern const tsr_quantizer tsr_quantizer_btc;
extern const tsr_quantizer tsr_quantizer_lattice;

/* Fill in `scene`, then open. Large: keep it static. */
typedef struct quant_bench {
    codec_test_job t;
    band_scene scene;
    tsr_layout layout;
    tsr_coeffs coeffs, decoded;
    tsr_symbols symbols;
    tsr_value v[8];
    void *state;
    tsr_quant_task task;
} quant_bench;

void quant_bench_open(quant_bench *b, uint32_t threads);
void quant_bench_close(quant_bench *b);

/* Coefficients of all bands: magnitudes around `mean` steps, smooth in space, for a step of `step`.
 */
void quant_bench_fill(quant_bench *b, float step, double mean, uint64_t seed);

/* Sets b->v to q's defaults. */
void quant_bench_defaults(quant_bench *b, const tsr_quantizer *q);

/* New state and task with the parameters in b->v; begin: with the defaults. */
void quant_bench_start(quant_bench *b, const tsr_quantizer *q, float step);
void quant_bench_begin(quant_bench *b, const tsr_quantizer *q, float step);

/* Both directions with the parameters in b->v, or with the defaults. */
void quant_bench_run(quant_bench *b, const tsr_quantizer *q, float step);
void quant_bench_quantize(quant_bench *b, const tsr_quantizer *q, float step);

/* Squared error of the orthonormal domain, in steps squared, and the largest error in steps. */
double quant_bench_error(const quant_bench *b, double *largest);

/* Bits of the symbols by the coder `adaptive`, and of the side information. */
double quant_bench_bits(quant_bench *b);
double quant_bench_side_bits(const quant_bench *b, const tsr_quantizer *q);

/* Saves the side information and loads it into a new state: same decoded values, all bytes taken;
 * what is cut short or damaged is refused or decodes to finite values. */
void quant_bench_check_side(quant_bench *b, const tsr_quantizer *q, uint64_t seed);

#endif
