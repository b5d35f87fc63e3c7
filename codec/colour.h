/* colour.h - colour transforms between interleaved R,G,B and planes. */
#ifndef TSR_COLOUR_H
#define TSR_COLOUR_H

#include <tessera/tessera.h>

/* A linear colour transform of three planes. forward maps R,G,B (centred) to planes, inverse maps
 * back; both row-major. Both follow from `coded` alone by exact IEEE operations. */
typedef struct tsr_colour_map {
    tsr_colour kind; /* NONE, YCBCR or KLT */
    uint32_t coded;  /* KLT: the quantized rotation as stored in the header, 29 bits */
    float forward[3][3], inverse[3][3];
} tsr_colour_map;

/* Fills the matrices of kind (and coded, for KLT). Any 32-bit value of coded gives a rotation. */
void tsr_colour_map_init(tsr_colour_map *m, tsr_colour kind, uint32_t coded);

/* The rotation that decorrelates horizontal and vertical neighbour differences of an RGB or RGBA
 * picture: its coded form. The first plane has the largest variance. (Differences rather than
 * values, because high frequencies are what costs bits.) */
uint32_t tsr_colour_klt(const tsr_image *im);

#endif
