/* sweep_pictures.h - the pictures of a sweep: read once, shared by the jobs that work on them,
 * forgotten again when a bound is reached. */
#ifndef TSR_SWEEP_PICTURES_H
#define TSR_SWEEP_PICTURES_H

#include <pthread.h>

#include <tessera/tessera.h>

#include "sweep_inputs.h"

typedef struct tsr_picture {
    const char *path, *name; /* the inputs' */
    uint32_t scale;          /* the inputs' */
    char sha256[65];        /* of the file's bytes, and of a scale above 1; "" before it is known */
    uint32_t width, height; /* 0: not known, or the file cannot be read */
    uint8_t channels, depth;
    tsr_status status; /* of reading it */
    char message[200];
    /* the cache's: */
    tsr_image image;
    unsigned users, loading;
    uint64_t used_at;
} tsr_picture;

typedef struct tsr_pictures {
    tsr_picture *v;
    size_t n;
    uint64_t limit, held, clock; /* bytes of pixels; a counter of uses */
    uint64_t max_pixels, max_bytes;
    pthread_mutex_t lock;
    pthread_cond_t loaded;
} tsr_pictures;

/* limit: bytes of pixels to keep. The inputs must outlive it. Errors: MEMORY. */
tsr_status tsr_pictures_open(tsr_pictures *p, const tsr_inputs *in, uint64_t limit,
                             const tsr_cli *cli, tsr_diag *d) TSR_MUST_CHECK;
void tsr_pictures_close(tsr_pictures *p);

/* The pixels of picture i, which stay until tsr_picture_put: read, or as another thread has read
 * them; what failed once is not tried again. ctx decodes Tessera streams. Fills in hash and shape.
 * Errors: those of reading, and FORMAT when the file is not the one whose hash is known. For
 * several threads at once. */
tsr_status tsr_picture_get(tsr_pictures *p, size_t i, tsr_context *ctx, const tsr_image **im,
                           tsr_diag *d) TSR_MUST_CHECK;
void tsr_picture_put(tsr_pictures *p, size_t i);

/* Hashes the file of picture i. Errors: IO, LIMIT, MEMORY. */
tsr_status tsr_picture_hash(const tsr_pictures *p, size_t i, char sha256[65],
                            tsr_diag *d) TSR_MUST_CHECK;

#endif
