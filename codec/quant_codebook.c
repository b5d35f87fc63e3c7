/* quant_codebook.c - the codebook quantizer: trained vectors of 2 x 2 coefficients.
 *
 * Detail bands are cut into vectors, each replaced by a shape of a trained codebook and the signs
 * of its coefficients, or by a point of the integer grid where that has no shape (codebook.h,
 * quant_vector.h). Low bands are rounded. Three kinds: entropy-constrained codebook and search; a
 * k-means codebook with nearest shapes and the same entropy coding; the same with indices of a
 * fixed length.
 */
#include "quant_param.h"
#include "quant_vector.h"

enum { P_KIND, P_LAMBDA, P_PASSES, P_STAGES, P_RATIO };
enum { KIND_EC, KIND_KMEANS, KIND_FIXED };

static const char *const kind_names[] = {"ec", "kmeans", "fixed", NULL};

static const tsr_param params[] = {
    {.name = "kind",
     .help =
         "entropy-constrained codebook, k-means codebook, or k-means with indices of fixed length",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = KIND_EC,
     .choices = kind_names},
    TSR_QUANT_LAMBDA(" (kind ec)", 0.085),
    TSR_QUANT_PASSES,
    {.name = "stages",
     .help = "residual stages: quality layers, the last one with the step asked for",
     .unit = "",
     .type = TSR_PARAM_INT,
     .min = 1,
     .max = TSR_RESIDUAL_STAGES,
     .def = 1},
    {.name = "ratio",
     .help = "step of a stage in steps of the next",
     .unit = "",
     .type = TSR_PARAM_INT,
     .min = 2,
     .max = 8,
     .def = 4},
};

static tsr_stages codebook_stages(const tsr_value *v) {
    return (tsr_stages){(uint32_t)v[P_STAGES].i, (uint32_t)v[P_RATIO].i};
}

static tsr_status codebook_set(const tsr_value *v, const tsr_codebook **out, tsr_job *j) {
    tsr_codebook *cb = tsr_job_alloc(j, 1, sizeof *cb);
    if (!cb) return tsr_job_memory_status(j);
    int64_t kind = v[P_KIND].i;
    tsr_status s =
        tsr_codebook_builtin(cb, kind == KIND_EC ? TSR_CODEBOOK_EC : TSR_CODEBOOK_KMEANS, j);
    if (kind == KIND_FIXED) cb->fixed_bits = 8; /* zero and TSR_MAX_SHAPES shapes */
    *out = cb;
    return s;
}

static tsr_status codebook_quantize(void *st, const tsr_quant_task *t) {
    tsr_vector_task task = {.t = t,
                            .book = t->symbols->codebook,
                            .lambda = (float)t->v[P_LAMBDA].r,
                            .rule = t->v[P_KIND].i == KIND_EC ? TSR_VECTOR_RD : TSR_VECTOR_NEAREST,
                            .passes = (uint32_t)t->v[P_PASSES].i};
    return tsr_quant_vectors(&task);
}

/* The sum of the stages. */
static void restore(const tsr_quant_task *t, uint32_t b, float unit) {
    const tsr_before before = tsr_stages_before(t->symbols, b);
    if (!before.n) {
        tsr_quant_scale(t, b, unit);
        return;
    }
    const int32_t *k = t->symbols->data[b];
    float *out = t->decoded->data[b].f;
    size_t n = tsr_band_size(&t->layout->band[b]);
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(int32_t)((uint32_t)tsr_before_at(&before, i) + (uint32_t)k[i]) * unit;
}

static tsr_status codebook_dequantize(void *st, const tsr_quant_task *t) {
    for (uint32_t b = 0; b < t->layout->n; b++) {
        if (!tsr_quant_wants(t, b)) continue;
        if (t->layout->band[b].orient == TSR_ORIENT_LOW)
            restore(t, b, tsr_low_step(t, b));
        else
            restore(t, b, tsr_band_step(t, b) * (1.0f / TSR_VECTOR_SCALE));
    }
    return TSR_OK;
}

const tsr_quantizer tsr_quantizer_codebook = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 8,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT | TSR_CAP_TRAINABLE,
          .name = "codebook",
          .summary = "vectors of four coefficients from a trained entropy-constrained codebook",
          .reference = "Chou, Lookabaugh & Gray 1989, Entropy-constrained vector quantization",
          .params = params,
          .n_params = sizeof params / sizeof *params},
    .stages = codebook_stages,
    .codebook = codebook_set,
    .quantize = codebook_quantize,
    .dequantize = codebook_dequantize,
};
