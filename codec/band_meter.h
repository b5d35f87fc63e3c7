/* band_meter.h - bits of the range coder by band, while a stream is decoded. */
#ifndef TSR_BAND_METER_H
#define TSR_BAND_METER_H

#include "layout.h"
#include "range_coder.h"

typedef struct tsr_band_meter {
    const tsr_layout *layout;
    double *bits;    /* [layout->n] of the layer under way */
    uint64_t *bytes; /* [layout->n] */
    uint32_t band;   /* the one whose bits are counted, or TSR_NO_BAND */
    double at;       /* bits consumed where it began */
    double beyond;   /* bits read beyond the end of the layer, as far as they are seen */
    uint32_t last;   /* the band in which the layer's bytes ran out */
} tsr_band_meter;

/* Memory comes from the job. */
tsr_status tsr_meter_begin(tsr_band_meter *m, const tsr_layout *l, tsr_job *j) TSR_MUST_CHECK;

/* From here on the decoder's bits are those of band b (TSR_NO_BAND: of none). */
void tsr_meter_band(tsr_band_meter *m, uint32_t b, const tsr_rc *rc);

/* A layer has been decoded: its bytes are divided in proportion to the bits. */
void tsr_meter_layer(tsr_band_meter *m, uint32_t layer, uint64_t size);

#endif
