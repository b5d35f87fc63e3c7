/* nn_store.h - the parameters of one model: named tensors in one array, their initial values, and
 * the weight section of a model file.
 *
 * Nets, codebooks and anything else that is trained declare their tensors here. Values lie in one
 * array; a gradient, an optimizer's moment ... is another array with the same offsets.
 */
#ifndef NN_STORE_H
#define NN_STORE_H

#include "nn_tensor.h"

enum { NN_MAX_DIMS = 4, NN_MAX_NAME = 64, NN_MAX_TENSORS = 4096 };

enum {                       /* nn_entry.flags */
       NN_FROZEN = 1 << 0,   /* no gradient step */
       NN_NO_DECAY = 1 << 1, /* weight decay leaves it alone: biases, codebooks, scales */
       NN_STATE = 1 << 2     /* not a parameter: running statistics; implies no step */
};

enum { NN_INIT_HE, NN_INIT_ZERO, NN_INIT_ONE, NN_INIT_UNIT };
/* HE: normal, variance 2 / fan_in; UNIT: normal, variance 1 / fan_in. */

typedef struct nn_entry {
    char name[NN_MAX_NAME]; /* [A-Za-z0-9_./-]+, unique: "dec/ds1/pw2.w" */
    uint32_t n_dims, dim[NN_MAX_DIMS];
    size_t offset, count; /* in floats; offsets are multiples of 16 */
    uint32_t flags;
    float rate; /* factor of the learning rate, 1 unless changed */
} nn_entry;

typedef struct nn_store nn_store;

/* seed: of the initial values. A tensor's values depend on seed and name only. NULL: no memory. */
nn_store *tsr_nn_store_new(uint64_t seed);
void tsr_nn_store_free(nn_store *s);

/* Declares a tensor and initialises it; *offset receives its place. Errors: ARGUMENT (bad or known
 * name, bad dims), LIMIT, MEMORY. Invalidates pointers from tsr_nn_store_values(). */
tsr_status tsr_nn_store_add(nn_store *s, const char *name, uint32_t n_dims, const uint32_t *dim,
                            int init, uint32_t fan_in, uint32_t flags, size_t *offset,
                            tsr_diag *d) TSR_MUST_CHECK;

size_t tsr_nn_store_size(const nn_store *s);       /* floats of the array, padding included */
size_t tsr_nn_store_parameters(const nn_store *s); /* trained scalars, frozen ones included */
float *tsr_nn_store_values(nn_store *s);           /* the array; padding is zero */
const float *tsr_nn_store_read(const nn_store *s); /* the same, read only */
uint32_t tsr_nn_store_entries(const nn_store *s);
nn_entry *tsr_nn_store_entry(nn_store *s, uint32_t i); /* i < entries; flags and rate may be set */
const nn_entry *tsr_nn_store_peek(const nn_store *s, uint32_t i); /* the same, read only */
nn_entry *tsr_nn_store_find(nn_store *s, const char *name);       /* NULL: none */

/* The rules for names (n bytes) and dims (each >= 1, product below 2^31): 1 when they hold. */
int tsr_nn_name_ok(const char *name, size_t n);
int tsr_nn_dims_count(uint32_t n_dims, const uint32_t *dim, size_t *count);

/* Sets the flag NN_FROZEN and the rate of all tensors whose name begins with prefix ("" = all). */
void tsr_nn_store_freeze(nn_store *s, const char *prefix, int frozen);
void tsr_nn_store_rate(nn_store *s, const char *prefix, float rate);

/* ---------------------------------------------------------------- weight sections
 *
 * The bytes of a model: magic "TNW1", number of tensors, and for each name, kind, dims and values,
 * all little-endian; docs/nn.md has the layout. Whoever writes the .tsm file puts them into a chunk
 * of it. */

/* Appends the values of `values` (the store's own, or a moment with the same offsets) as a section.
 * *data is realloc'ed: owned by the caller, free() it; on failure it stays as it was. */
tsr_status tsr_nn_store_save(const nn_store *s, const float *values, uint8_t **data, size_t *size,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Reads a section into `values`: every tensor of the store must be there with the same dims, and no
 * other. Nothing changes unless all is well. The data may be hostile: FORMAT or TRUNCATED; a
 * section of another network is MODEL and names the first difference. */
tsr_status tsr_nn_store_load(const nn_store *s, float *values, const uint8_t *data, size_t size,
                             tsr_diag *d) TSR_MUST_CHECK;

/* Loads the tensors that both have under the same name and dims (a warm start): their number. */
tsr_status tsr_nn_store_load_common(const nn_store *s, float *values, const uint8_t *data,
                                    size_t size, uint32_t *loaded, tsr_diag *d) TSR_MUST_CHECK;

/* Reading a section without a store, for decoders. */
typedef struct nn_section_tensor {
    char name[NN_MAX_NAME];
    uint32_t n_dims, dim[NN_MAX_DIMS];
    size_t count;        /* product of the dims, at least 1 */
    const uint8_t *data; /* count little-endian floats, unaligned, inside the section */
} nn_section_tensor;

typedef struct nn_section {
    uint32_t n;
    nn_section_tensor *t; /* n entries */
} nn_section;

/* Checks everything (sizes, names, values finite) and lists the tensors; data must outlive *sec. */
tsr_status tsr_nn_section_open(nn_section *sec, const uint8_t *data, size_t size,
                               tsr_diag *d) TSR_MUST_CHECK;
void tsr_nn_section_close(nn_section *sec);

/* The tensor of that name with exactly these dims, copied to out. MODEL when it is not there. */
tsr_status tsr_nn_section_read(const nn_section *sec, const char *name, uint32_t n_dims,
                               const uint32_t *dim, float *out, tsr_diag *d) TSR_MUST_CHECK;

#endif
