/* filter.h - a filter on decoded planes that a trained network makes.
 *
 * It runs behind the post filter, in encoder and decoder alike, with weights from a section of a
 * model (tessera/model.h). The codec knows when to run it and names its model in the stream; what
 * the bytes of the section mean is the filter's affair.
 */
#ifndef TESSERA_FILTER_H
#define TESSERA_FILTER_H

#include <tessera/plugin.h>
#include <tessera/tessera.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tsr_network_filter {
    uint32_t struct_size;
    const char *section; /* of a model file */
    /* Changes planes in place: plane 0, or 0 to 2 of pictures with colours, all of one size, which
     * may be a transposed or mirrored picture's (docs/format.md, 9.1). step: of the stream. The
     * same samples on every machine. Where it can say nothing (a step that it was not trained for,
     * a picture too small) it does nothing. Errors: FORMAT, UNSUPPORTED (the section), those of
     * env->alloc, CANCELLED. */
    tsr_status (*apply)(const uint8_t *section, size_t size, float step, tsr_planes *planes,
                        const tsr_env *env);
    /* As tsr_transform.model_describe; may be NULL. */
    void (*describe)(const uint8_t *section, size_t size, char *out, size_t cap);
} tsr_network_filter;

/* Makes it the filter of this context, which keeps the pointer. */
TSR_EXPORT void tsr_use_network_filter(tsr_context *ctx, const tsr_network_filter *f);

#ifdef __cplusplus
}
#endif
#endif
