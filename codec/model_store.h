/* model_store.h - the models that a context knows, and how a stream names one. */
#ifndef TSR_MODEL_STORE_H
#define TSR_MODEL_STORE_H

#include <tessera/model.h>
#include <tessera/sha256.h>

#define TSR_LARGE_MODEL_EFFORT 5u /* from here on encoders take a large model for a transform */

/* A model in memory. */
typedef struct tsr_model_entry {
    tsr_model_file file; /* points into data */
    char name[TSR_MODEL_NAME_SIZE];
    char *source;        /* owned */
    const uint8_t *data; /* of a built-in, else owned */
    uint8_t *owned;      /* NULL for a built-in */
    size_t size;
    uint32_t id; /* of a built-in, else 0 */
    int hashed;  /* sha256 is valid: see tsr_model_hash() */
    uint8_t sha256[TSR_SHA256_BYTES];
} tsr_model_entry;

typedef struct tsr_model_store {
    tsr_model_entry **entry; /* n of them, owned */
    uint32_t n;
    tsr_model_entry *first_choice; /* of encoders; NULL: a built-in one */
    char *path;                    /* folders, owned; NULL: none */
} tsr_model_store;

/* How a stream names a model. */
typedef struct tsr_model_ref {
    int present;
    uint32_t id; /* of a built-in; 0: name and hash */
    char name[TSR_MODEL_NAME_SIZE];
    uint8_t sha256[TSR_SHA256_BYTES];
} tsr_model_ref;

/* [a-z0-9][a-z0-9._-]{0,62} */
int tsr_model_name_legal(const char *name);

void tsr_model_store_free(tsr_model_store *s);

/* The hash of the file, computed when first asked for. */
const uint8_t *tsr_model_hash(tsr_model_entry *e);

/* tsr_add_model() without making it the first choice; *out may be NULL. */
tsr_status tsr_model_store_add(tsr_context *ctx, const void *data, size_t size, const char *source,
                               uint32_t id, tsr_model_entry **out, tsr_diag *d) TSR_MUST_CHECK;

/* The newest of the large built-in models that have a section, or of the small ones, which are at
 * most half as large as the largest; NULL: there is none. Where there are no small ones, all are
 * large. */
tsr_model_entry *tsr_model_builtin(const tsr_model_store *s, const char *section, int large);

/* The model that an encoder uses for a transform, or MODEL with what to do. */
tsr_status tsr_model_for_encoder(tsr_context *ctx, const char *transform, int large,
                                 tsr_model_entry **out, tsr_diag *d) TSR_MUST_CHECK;

/* How a stream names *e. */
tsr_model_ref tsr_model_ref_of(tsr_model_entry *e);

/* The model that a stream names, from memory or from the folders; MODEL says which is missing,
 * where it was looked for and how to get it. */
tsr_status tsr_model_resolve(tsr_context *ctx, const tsr_model_ref *r, tsr_model_entry **out,
                             tsr_diag *d) TSR_MUST_CHECK;

#endif
