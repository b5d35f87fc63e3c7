/* lab_recode.h - makes the picture behind a row once more. */
#ifndef TSR_LAB_RECODE_H
#define TSR_LAB_RECODE_H

#include <tessera/tessera.h>

#include "lab.h"

/* Whether the codec of a row can be run here: a spec of Tessera or a peer of this build. */
int tsr_lab_can_recode(const tsr_context *ctx, const char *codec);

/* Encodes im as codec and setting of the row say and decodes the bytes. Both results are the
 * caller's; on error they own nothing. Errors: ARGUMENT (a setting that is none), the codec's. */
tsr_status tsr_lab_recode(tsr_context *ctx, const tsr_image *im, const tsr_lab_row *row,
                          tsr_blob *stream, tsr_image *decoded, tsr_diag *d) TSR_MUST_CHECK;

#endif
