/* container.h - the file: magic, chunks, header. docs/format.md describes the bytes. */
#ifndef TSR_CONTAINER_H
#define TSR_CONTAINER_H

#include "buffer.h"
#include "model_store.h"
#include "spec.h"

#define TSR_MAGIC_SIZE     4u
#define TSR_FORMAT_VERSION 1u

/* Chunk types: a capital letter is critical (an unknown one stops the decoder), a small one
 * ancillary. */
enum {
    TSR_CHUNK_HEADER = 'H',
    TSR_CHUNK_SIDE = 'S',
    TSR_CHUNK_DATA = 'D',
    TSR_CHUNK_ALPHA = 'A',
    TSR_CHUNK_ICC = 'i',
    TSR_CHUNK_EXIF = 'e'
};

/* The header as data. Stages are ids until resolved against a registry. */
typedef struct tsr_stage_code {
    uint64_t id;
    uint32_t version;
    uint32_t mask; /* parameters that follow */
    int64_t value[TSR_MAX_PARAMS];
} tsr_stage_code;

typedef struct tsr_header {
    uint32_t width, height;
    uint8_t channels, depth, orientation, lossless;
    tsr_colour colour;
    uint32_t colour_coded; /* KLT */
    uint32_t step_index;   /* 0: lossless */
    uint32_t filter;       /* set of the post filter; 0: none */
    uint8_t views;         /* of the network filter, whose the model is; 0: there is none */
    uint8_t alpha_apart;   /* lossy, and alpha is in a chunk of its own, without loss */
    tsr_model_ref model;
    tsr_stage_code stage[TSR_STAGE_KINDS];
    const uint8_t *quant_side; /* inside the chunk */
    size_t quant_side_size;
} tsr_header;

/* One chunk of a file in memory. */
typedef struct tsr_chunk {
    uint8_t type;
    const uint8_t *data;
    size_t size;      /* as stored in the file; for a truncated chunk what is there */
    uint64_t claimed; /* as the chunk says */
    size_t offset;    /* of the chunk in the file */
    size_t total;     /* bytes with framing */
    int truncated;
} tsr_chunk;

void tsr_put_magic(tsr_buffer *b);
void tsr_put_chunk(tsr_buffer *b, uint8_t type, const void *data, size_t size);
/* Bytes put_chunk will add. */
size_t tsr_chunk_size(size_t payload);

void tsr_put_header(tsr_buffer *b, const tsr_header *h);
tsr_status tsr_parse_header(const tsr_chunk *c, tsr_header *h, tsr_diag *d) TSR_MUST_CHECK;

/* Planes that the data chunk holds. */
static inline uint32_t tsr_header_planes(const tsr_header *h) {
    return h->channels - (h->alpha_apart ? 1u : 0u);
}

void tsr_put_stage(tsr_buffer *b, const tsr_stage_code *c);
void tsr_get_stage(tsr_reader *r, tsr_stage_code *c);

/* Parameters of a stage to and from their coded form. decode checks ids, versions and ranges. */
void tsr_stage_to_code(const tsr_stage *s, tsr_stage_code *code);
tsr_status tsr_stage_from_code(const tsr_context *ctx, tsr_stage_kind kind,
                               const tsr_stage_code *code, tsr_stage *s,
                               tsr_diag *d) TSR_MUST_CHECK;

/* Reads the magic; then chunks one after another. next_chunk gives TSR_OK with *end = 1 at the end
 * of the file. A chunk cut short by the end of the file comes with truncated = 1 (its checksum is
 * not checked). */
tsr_status tsr_check_magic(tsr_reader *r, tsr_diag *d) TSR_MUST_CHECK;
tsr_status tsr_next_chunk(tsr_reader *r, tsr_chunk *c, int *end, tsr_diag *d) TSR_MUST_CHECK;

#endif
