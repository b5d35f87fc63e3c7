/* model.h - trained models: the .tsm file, and the models that a context knows.
 *
 * A model file has a text of key=value lines (what it is and how it was made) and named sections of
 * bytes. A transform that needs a model is given the section of its own name; what the bytes mean
 * is its affair. docs/format.md describes the file.
 *
 * A model is known by the SHA-256 of its whole file. A stream holds that hash and the model's name,
 * or, for models that come with the library, their number.
 */
#ifndef TESSERA_MODEL_H
#define TESSERA_MODEL_H

#include <tessera/tessera.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSR_MODEL_MAX_SECTIONS 16u
#define TSR_MODEL_NAME_SIZE    64u
#define TSR_MODEL_MAX_BYTES    ((size_t)64 << 20)

/* ---------------------------------------------------------------- the file */

typedef struct tsr_model_section {
    char name[32]; /* [a-z][a-z0-9_]{0,30} */
    const uint8_t *data;
    size_t size;
} tsr_model_section;

/* The parts of a model file. Owns nothing. */
typedef struct tsr_model_file {
    const char *meta; /* meta_size bytes: lines key=value, each ended by '\n', not by NUL; keys
                         [a-z][a-z0-9_]{0,30}, values without control characters. The key `name`
                         ([a-z0-9][a-z0-9._-]{0,62}) must be there. */
    size_t meta_size;
    uint32_t n_sections;
    tsr_model_section section[TSR_MODEL_MAX_SECTIONS];
} tsr_model_file;

/* Makes the bytes of a file (free with tsr_blob_free). Errors: ARGUMENT (meta or a name is not
 * legal), MEMORY. */
TSR_EXPORT tsr_status tsr_model_write(const tsr_model_file *m, tsr_blob *out,
                                      tsr_diag *d) TSR_MUST_CHECK;

/* Takes a file apart; *m points into data. Errors: FORMAT, TRUNCATED, UNSUPPORTED (a later
 * version), LIMIT (larger than TSR_MODEL_MAX_BYTES). */
TSR_EXPORT tsr_status tsr_model_read(tsr_model_file *m, const void *data, size_t size,
                                     tsr_diag *d) TSR_MUST_CHECK;

/* True when the bytes start like a model file (needs 4 bytes). */
TSR_EXPORT int tsr_is_model(const void *data, size_t size);

/* The value of a key, cut to fit; returns 1, or 0 (and "") when there is no such key. */
TSR_EXPORT int tsr_model_value(const tsr_model_file *m, const char *key, char *out, size_t size);

/* The section of this name, or NULL. */
TSR_EXPORT const tsr_model_section *tsr_model_find_section(const tsr_model_file *m,
                                                           const char *name);

/* ---------------------------------------------------------------- models of a context */

/* Adds a model after checking its container. id 0: the bytes are copied, and the model is the first
 * choice of encoders from now on. id 1 .. 2^31 - 1: the model comes with the library, streams name
 * it by this number, and its bytes stay in memory at least as long as the context. A model that is
 * here already is not added again. source: where it came from, for messages. Errors: those of
 * tsr_model_read(), ARGUMENT (the id is taken or too large), MEMORY. */
TSR_EXPORT tsr_status tsr_add_model(tsr_context *ctx, const void *data, size_t size,
                                    const char *source, uint32_t id, tsr_diag *d) TSR_MUST_CHECK;

/* Reads a file and adds it. */
TSR_EXPORT tsr_status tsr_load_model(tsr_context *ctx, const char *path,
                                     tsr_diag *d) TSR_MUST_CHECK;

/* Folders, separated by colons, in which models (NAME.tsm) are looked for when they are asked for
 * by name or a stream needs them. NULL: none. */
TSR_EXPORT tsr_status tsr_set_model_path(tsr_context *ctx, const char *path_list,
                                         tsr_diag *d) TSR_MUST_CHECK;

/* Makes the model of this name the first choice of encoders; looks among those added, then in the
 * folders. Errors: MODEL (none has the name: says where it looked). */
TSR_EXPORT tsr_status tsr_use_model(tsr_context *ctx, const char *name, tsr_diag *d) TSR_MUST_CHECK;

/* A model that was added. The pointers live as long as the context. */
typedef struct tsr_model_info {
    uint32_t struct_size;
    uint32_t id; /* of a built-in, else 0 */
    const char *name, *source;
    const void *data; /* the file */
    size_t size;
    char sha256[65]; /* hexadecimal */
} tsr_model_info;

/* Adds every model (*.tsm) of the folders, without making one the first choice. What is no model is
 * reported through the log and skipped. */
TSR_EXPORT void tsr_find_models(tsr_context *ctx);

TSR_EXPORT uint32_t tsr_model_count(const tsr_context *ctx);
/* i < tsr_model_count() */
TSR_EXPORT void tsr_model_at(const tsr_context *ctx, uint32_t i, tsr_model_info *out);

/* The first choice of encoders; returns 1, or 0 when none has been made. */
TSR_EXPORT int tsr_model_chosen(const tsr_context *ctx, tsr_model_info *out);

/* What the transform of a section's name says about it: lines key=value, ended by NUL; returns 0
 * and "" when no such transform is registered or it has nothing to say. A section that the
 * transform would refuse gives a line error=... */
TSR_EXPORT int tsr_model_describe(tsr_context *ctx, const tsr_model_section *s, char *out,
                                  size_t size);

#ifdef __cplusplus
}
#endif
#endif
