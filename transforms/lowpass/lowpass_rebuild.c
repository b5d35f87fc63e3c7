/* lowpass_rebuild.c - decodes the pyramid: coarsest picture, then level by level up.
 *
 * Encoder and decoder both call this, so that the prediction the residual is taken against is, bit
 * for bit, the one that the decoder makes.
 */
#include <string.h>

#include "lowpass_internal.h"

/* Coarser picture with its correction, if the layout has one: in place. */
static void correct(const lowpass *lp, const tsr_coeffs *in, uint32_t plane, uint32_t level,
                    float *coarser) {
    uint32_t b = tsr_lowpass_part(lp, level, plane, PART_LOW);
    if (b == TSR_NO_BAND) return;
    size_t n = lowpass_size(lp, level + 1);
    for (size_t i = 0; i < n; i++) coarser[i] += in->data[b].f[i];
}

static tsr_status up_with_bands(const lowpass *lp, const tsr_coeffs *in, uint32_t plane,
                                uint32_t level, float *coarser, float *out, float *scratch,
                                const tsr_env *env) {
    lowpass_detail d = {in->data[tsr_lowpass_part(lp, level, plane, PART_H)].f,
                        in->data[tsr_lowpass_part(lp, level, plane, PART_V)].f,
                        in->data[tsr_lowpass_part(lp, level, plane, PART_D)].f};
    correct(lp, in, plane, level, coarser);
    return tsr_lowpass_expand(lp->w[level], lp->h[level], coarser, &d, out, scratch, env);
}

tsr_status tsr_lowpass_rebuild(const lowpass *lp, const tsr_coeffs *in, uint32_t plane,
                               uint32_t level, float *const picture[], float *scratch,
                               const tsr_env *env) {
    tsr_status s = TSR_OK;
    memcpy(picture[lp->levels], in->data[lowpass_low_band(plane)].f,
           lowpass_size(lp, lp->levels) * sizeof(float));
    for (uint32_t l = lp->levels; l-- > level && !s;) {
        float *coarser = picture[l + 1], *out = picture[l];
        if (lp->residual == RESIDUAL_BANDS) {
            s = up_with_bands(lp, in, plane, l, coarser, out, scratch, env);
            continue;
        }
        s = tsr_lowpass_expand(lp->w[l], lp->h[l], coarser, NULL, out, scratch, env);
        if (!s) s = tsr_lowpass_residual_add(lp, l, plane, in, out, env);
    }
    return s;
}
