/* step.c - the scale of quantization steps, from literal constants so that it is exact everywhere.
 */
#include "step.h"

#include <math.h>

static const double coarse[16] = {
    /* 2^(i/16) */
    1,
    1.0442737824274138,
    1.0905077326652577,
    1.1387886347566916,
    1.189207115002721,
    1.241857812073484,
    1.2968395546510096,
    1.3542555469368927,
    1.4142135623730951,
    1.4768261459394993,
    1.5422108254079407,
    1.6104903319492543,
    1.681792830507429,
    1.7562521603732995,
    1.8340080864093424,
    1.9152065613971474,
};

static const double fine[16] = {
    /* 2^(i/256) */
    1,
    1.0027112750502025,
    1.0054299011128027,
    1.0081558981184175,
    1.0108892860517005,
    1.0136300849514894,
    1.0163783149109531,
    1.0191339960777379,
    1.0218971486541166,
    1.0246677928971357,
    1.0274459491187637,
    1.030231637686041,
    1.0330248790212284,
    1.0358256936019572,
    1.0386341019613787,
    1.0414501246883161,
};

float tsr_step_value(uint32_t index) {
    double m = coarse[index >> 4 & 15] * fine[index & 15]; /* 1 .. 2 */
    uint32_t octave = index >> 8;
    double scale = (double)((uint64_t)1 << octave) / 1024.0;
    return (float)(m * scale);
}

uint32_t tsr_step_index(double step) {
    double i = floor((log2(step) + 10.0) * 256.0 + 0.5);
    return i < TSR_STEP_MIN ? TSR_STEP_MIN : i > TSR_STEP_MAX ? TSR_STEP_MAX : (uint32_t)i;
}

uint32_t tsr_step_of_quality(double quality) {
    double points = quality < 75.0 ? 20.0 : 6.0; /* to halve the step */
    return tsr_step_index(20.0 * exp2((75.0 - quality) / points));
}
