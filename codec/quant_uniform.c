/* quant_uniform.c - uniform scalar quantizer with a dead zone.
 *
 * level = sgn(c) floor(|c| / step + 1 - dead_zone): a rounding offset below 1/2 widens the cell of
 * zero and shifts all others outwards, which for peaked densities saves more rate than it costs
 * distortion (Sullivan 1996). Low bands, coded by prediction, are rounded to the nearest.
 */
#include "quant_points.h"

enum { P_ROUND };

static const tsr_param params[] = {
    {.name = "round",
     .help = "rounding offset: 0.5 rounds to nearest, less widens the dead zone",
     .unit = "steps",
     .type = TSR_PARAM_REAL,
     .flags = TSR_PARAM_ENCODER,
     .min = 0.0,
     .max = 0.5,
     .def = 0.34},
};

typedef struct band_job {
    const tsr_quant_task *t;
} band_job;

static tsr_status quantize_one(void *arg, uint32_t b, uint32_t worker) {
    const tsr_quant_task *t = ((const band_job *)arg)->t;
    if (!tsr_quant_wants(t, b)) return TSR_OK;
    int low = t->layout->band[b].orient == TSR_ORIENT_LOW;
    tsr_quant_round(t, b, tsr_band_step(t, b), low ? 0.5f : (float)t->v[P_ROUND].r);
    return TSR_OK;
}

static tsr_status uniform_quantize(void *st, const tsr_quant_task *t) {
    band_job job = {t};
    tsr_status s = tsr_pool_run(t->job->ctx->pool, t->layout->n, quantize_one, &job);
    tsr_points_fit(st, t);
    return s;
}

const tsr_quantizer tsr_quantizer_uniform = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 1,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "uniform",
          .summary = "uniform scalar quantizer with dead zone and sent reconstruction points",
          .reference = "Sullivan 1996, Efficient scalar quantization of exponential and Laplacian "
                       "random variables",
          .params = params,
          .n_params = 1,
          .state_size = sizeof(tsr_points)},
    .quantize = uniform_quantize,
    .dequantize = tsr_points_stage_dequantize,
    .side_save = tsr_points_stage_save,
    .side_load = tsr_points_stage_load,
};
