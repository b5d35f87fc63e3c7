/* peer_list.h - what the peers' files share. */
#ifndef TSR_PEER_LIST_H
#define TSR_PEER_LIST_H

#include "io_formats.h"
#include "module.h"
#include "peer.h"

extern const tsr_peer tsr_peer_jpeg; /* the one in the command itself */

/* A picture a peer takes: 8 bits, 1 or 3 channels, no side above max_side. UNSUPPORTED if not. */
tsr_status tsr_peer_check_picture(const char *name, const tsr_image *im, uint32_t max_side,
                                  tsr_diag *d) TSR_MUST_CHECK;

/* What a decoder may be made to allocate by a damaged header. */
extern const tsr_io_limits tsr_peer_limits;

/* TSR_ERR_MEMORY with its text. */
tsr_status tsr_peer_no_memory(const char *name, tsr_diag *d);

#define TSR_COUNT(array) (uint32_t)(sizeof(array) / sizeof *(array))

#endif
