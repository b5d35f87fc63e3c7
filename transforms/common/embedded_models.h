/* embedded_models.h - the model files that travel inside the library (learned/models). */
#ifndef EMBEDDED_MODELS_H
#define EMBEDDED_MODELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct tsr_embedded_model {
    uint32_t id; /* what streams name it by: never given to another model */
    const uint8_t *data;
    size_t size;
} tsr_embedded_model;

/* Ended by one without data. */
extern const tsr_embedded_model tsr_embedded_models[];

#endif
