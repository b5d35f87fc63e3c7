/* lab_crop.h - details of a few pictures as several codecs leave them at nearly equal rate. */
#ifndef TSR_LAB_CROP_H
#define TSR_LAB_CROP_H

#include "cmd.h"
#include "lab_anatomy.h"
#include "lab_report.h"

#define TSR_CROP_SIDE   256
#define TSR_CROP_CODECS 6  /* beside the original */
#define TSR_CROP_IMAGES 12 /* at most */

typedef struct tsr_crop {
    const char *codec; /* NULL: the original */
    size_t index;      /* of the codec */
    const tsr_lab_row *row;
    const char *base64;             /* of a PNG */
    uint64_t bytes;                 /* of the stream made here */
    int differs;                    /* not the bytes of the row */
    const tsr_lab_anatomy *anatomy; /* of a Tessera stream, else NULL */
} tsr_crop;

typedef struct tsr_crop_image {
    const char *image;
    const char *why;     /* "Largest BD-rate", ... */
    double bd;           /* of the codec compared with the anchor there; NAN: none */
    uint32_t x, y, w, h; /* of the detail */
    tsr_crop crops[1 + TSR_CROP_CODECS];
    size_t n;
} tsr_crop_image;

typedef struct tsr_crops {
    size_t compared; /* the codec whose BD-rate chose the pictures; SIZE_MAX: none */
    tsr_crop_image images[TSR_CROP_IMAGES];
    size_t n;
    const char *why_none; /* set when there is none */
} tsr_crops;

/* Makes details of `wanted` pictures, the ones of largest, middle and least BD-rate (and in between
 * when there are more), near `bpp` bits per pixel: each codec at the setting whose rate in the rows
 * is nearest. What cannot be made is left out and noted. Errors: MEMORY, CANCELLED. */
tsr_status tsr_crops_make(tsr_cli *cli, const tsr_report *r, unsigned wanted, double bpp,
                          tsr_crops *out) TSR_MUST_CHECK;

/* The busiest side x side square (smaller in a smaller picture): of those at multiples of 32 pixels
 * the one with the largest sum of differences between neighbours. */
void tsr_crop_busiest(const tsr_image *im, uint32_t side, uint32_t *x, uint32_t *y, uint32_t *w,
                      uint32_t *h);

#endif
