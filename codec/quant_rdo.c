/* quant_rdo.c - the two quantizers that search for levels: rdo (independent) and trellis
 * (dependent).
 *
 * rdo minimises squared error + lambda * bits over the levels 0, floor and ceil of the uniform
 * grid. trellis does so along a trellis of 4 to 256 states whose two quantizers together have twice
 * the resolution (trellis-coded quantization; Marcellin & Fischer 1990; dependent quantization of
 * VVC, Schwarz et al. 2019).
 */
#include "quant_param.h"
#include "quant_points.h"
#include "quant_search.h"

enum { R_LAMBDA, R_PASSES };

static const tsr_param rdo_params[] = {
    TSR_QUANT_LAMBDA("", 0.1),
    TSR_QUANT_PASSES,
};

enum { T_STATES, T_LAMBDA, T_PASSES };

static const char *const state_names[] = {"4", "8", "16", "32", "64", "128", "256", NULL};

static const tsr_param trellis_params[] = {
    {.name = "states",
     .help = "states of the quantizer machine: more is smaller and slower",
     .unit = "",
     .type = TSR_PARAM_CHOICE,
     .def = 1,
     .choices = state_names},
    TSR_QUANT_LAMBDA("", 0.048),
    TSR_QUANT_PASSES,
};

static uint32_t trellis_states(const tsr_value *v) {
    return 4u << v[T_STATES].i;
}

static tsr_status rdo_quantize(void *st, const tsr_quant_task *t) {
    float lambda = (float)t->v[R_LAMBDA].r * t->step * t->step;
    tsr_status s = tsr_quant_search(t, 0, lambda, (uint32_t)t->v[R_PASSES].i);
    if (!s) tsr_points_fit(st, t);
    return s;
}

static tsr_status trellis_quantize(void *st, const tsr_quant_task *t) {
    float lambda = (float)t->v[T_LAMBDA].r * t->step * t->step;
    tsr_status s = tsr_quant_search(t, trellis_states(t->v), lambda, (uint32_t)t->v[T_PASSES].i);
    if (!s) tsr_points_fit(st, t);
    return s;
}

const tsr_quantizer tsr_quantizer_rdo = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 2,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "rdo",
          .summary = "uniform grid, levels chosen by rate and distortion",
          .reference = "Ramchandran & Vetterli 1994; Karczewicz et al. 2008 (RDOQ)",
          .params = rdo_params,
          .n_params = 2,
          .state_size = sizeof(tsr_points)},
    .quantize = rdo_quantize,
    .dequantize = tsr_points_stage_dequantize,
    .side_save = tsr_points_stage_save,
    .side_load = tsr_points_stage_load,
};

const tsr_quantizer tsr_quantizer_trellis = {
    .h = {.struct_size = sizeof(tsr_quantizer),
          .abi = TSR_ABI,
          .id = 3,
          .stream_version = 1,
          .caps = TSR_CAP_BITEXACT,
          .name = "trellis",
          .summary = "dependent (trellis-coded) quantization, 4 to 256 states",
          .reference = "Marcellin & Fischer 1990; Schwarz, Nguyen, Marpe & Wiegand 2019 (VVC)",
          .params = trellis_params,
          .n_params = 3,
          .state_size = sizeof(tsr_points)},
    .states = trellis_states,
    .step_scale = 1.3f,
    .quantize = trellis_quantize,
    .dequantize = tsr_points_stage_dequantize,
    .side_save = tsr_points_stage_save,
    .side_load = tsr_points_stage_load,
};
