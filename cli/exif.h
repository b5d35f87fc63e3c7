/* exif.h - the one thing Tessera looks up in an EXIF block. */
#ifndef TSR_CLI_EXIF_H
#define TSR_CLI_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* Orientation (1..8) from an EXIF block that starts at its TIFF header, or 0 when the block does
 * not say or is not sound. Never reads outside data[0, size). */
uint8_t tsr_exif_orientation(const uint8_t *data, size_t size);

#endif
