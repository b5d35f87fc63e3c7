/* anatomy.h - what each band of a stream takes of its bytes. */
#ifndef TESSERA_ANATOMY_H
#define TESSERA_ANATOMY_H

#include <tessera/tessera.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tsr_band_share {
    uint32_t width, height;
    uint32_t layer;
    uint8_t plane, level, orient, domain; /* as in tsr_band */
    uint64_t bytes;
} tsr_band_share;

/* The bytes of the data layers by band: the sum over the bands of a layer is the layer's size, as
 * tsr_inspect reports it, so that with the other parts the sum is the file. */
typedef struct tsr_anatomy {
    uint32_t struct_size;
    uint32_t n_bands;
    tsr_band_share *band; /* [n_bands], owned: tsr_anatomy_free */
    uint64_t bytes;       /* of all bands */
    uint64_t plane_bytes[TSR_MAX_PLANES];
} tsr_anatomy;

/* Decodes the levels of a stream and accounts for the length of every band: the drop of the range
 * coder's interval over its decisions, in bits, scaled to the bytes of the layer and rounded so
 * that they add up. Takes as long as decoding without the synthesis. *a must own nothing; on error
 * it owns nothing. Errors: as tsr_decode; a truncated file is TRUNCATED. */
TSR_EXPORT tsr_status tsr_anatomy_read(tsr_context *ctx, const void *data, size_t size,
                                       tsr_anatomy *a, tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT void tsr_anatomy_free(tsr_anatomy *a);

/* "low", "horizontal", "vertical", "diagonal" for TSR_ORIENT_*. */
TSR_EXPORT const char *tsr_orient_name(unsigned orient);

#ifdef __cplusplus
}
#endif
#endif
