/* peer_support.c - what all peers share: checks of settings and pictures. */
#include <math.h>

#include "peer_list.h"

tsr_status tsr_peer_check_setting(const tsr_peer *peer, double setting, tsr_diag *d) {
    int legal = setting >= peer->setting_min && setting <= peer->setting_max; /* false for NAN */
    if (legal && (!peer->setting_whole || setting == floor(setting))) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "%s: %s=%.9g is not legal: %s from %g to %g", peer->name, peer->setting_key,
                        setting, peer->setting_whole ? "whole number" : "number", peer->setting_min,
                        peer->setting_max);
}

tsr_status tsr_peer_check_picture(const char *name, const tsr_image *im, uint32_t max_side,
                                  tsr_diag *d) {
    if (im->depth != 8 || (im->channels != 1 && im->channels != 3))
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "%s takes grey and RGB of 8 bits here, this has %u channels of %u bits",
                            name, im->channels, im->depth);
    if (im->width > max_side || im->height > max_side)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "%s holds no side above %u pixels, this is %ux%u", name, max_side,
                            im->width, im->height);
    return TSR_OK;
}

const tsr_io_limits tsr_peer_limits = {.max_pixels = 1u << 28};

tsr_status tsr_peer_no_memory(const char *name, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "%s: no memory", name);
}
