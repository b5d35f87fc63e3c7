/* quant_param.h - parameters that several quantizers have, as initialisers of a tsr_param. */
#ifndef TSR_QUANT_PARAM_H
#define TSR_QUANT_PARAM_H

#include <tessera/plugin.h>

/* The price of a bit in a search of least squared error + lambda * bits. `when` is appended to the
 * help text: a string literal, "" where the parameter is always used. */
#define TSR_QUANT_LAMBDA(when, value)                                                              \
    {                                                                                              \
        .name = "lambda", .help = "squared error worth one bit" when, .unit = "steps squared",     \
        .type = TSR_PARAM_REAL, .flags = TSR_PARAM_ENCODER, .min = 0, .max = 1, .def = (value)     \
    }

/* How often such a search runs, 1..most. */
#define TSR_QUANT_PASSES_OF(text, most, value)                                                     \
    {                                                                                              \
        .name = "passes", .help = (text), .unit = "", .type = TSR_PARAM_INT,                       \
        .flags = TSR_PARAM_ENCODER, .min = 1, .max = (most), .def = (value)                        \
    }
#define TSR_QUANT_PASSES                                                                           \
    TSR_QUANT_PASSES_OF("searches, each with rates counted on the one before", 4, 2)

/* The side of square blocks that have numbers of their own, 2..most. */
#define TSR_QUANT_BLOCK(most, value)                                                               \
    {                                                                                              \
        .name = "block", .help = "side of the blocks", .unit = "coefficients",                     \
        .type = TSR_PARAM_INT, .min = 2, .max = (most), .def = (value)                             \
    }

#endif
