/* ranks_link.h - what the module of MPI does for ranks.c. The calls are those of ranks.h, made only
 * when there are several ranks. */
#ifndef TSR_RANKS_LINK_H
#define TSR_RANKS_LINK_H

#include <tessera/status.h>

typedef struct tsr_ranks_link {
    tsr_status (*join)(int *rank, int *size, tsr_diag *d);
    void (*leave)(void);
    void (*send)(int to, int tag, const void *data, size_t size);
    int (*look)(int *from, int *tag, size_t *size);
    void (*receive)(int from, int tag, void *data, size_t size);
    void (*sum)(float *v, size_t n);
    void (*share)(void *data, size_t size);
} tsr_ranks_link;

#endif
