/* nn_tensor.c - sizes of tensors, and memory for them. */
#include "nn_tensor.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

tsr_status tsr_nn_shape_check(nn_shape s, const char *what, tsr_diag *d) {
    const uint64_t limit = INT32_MAX;
    const uint32_t side[] = {s.n, s.c, s.h, s.w};
    uint64_t count = 1;
    for (unsigned i = 0; i < 4; i++) {
        if (side[i] == 0 || side[i] > limit / count)
            return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                                "%s: %u x %u x %u x %u is not a tensor of 1 to 2^31 - 1 samples",
                                what, s.n, s.c, s.h, s.w);
        count *= side[i];
    }
    return TSR_OK;
}

float *tsr_nn_alloc(size_t n) {
    if (n > (SIZE_MAX - ALIGN) / sizeof(float)) return NULL;
    size_t bytes = (n * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes == 0) bytes = ALIGN;
    float *p = aligned_alloc(ALIGN, bytes);
    if (p) memset(p, 0, bytes);
    return p;
}
