/* ranks.h - the processes that mpirun or srun started together, and messages between them.
 *
 * All of MPI is behind this header, in a module. A process that was started alone is rank 0 of 1,
 * and MPI is neither loaded nor initialised. Calls come from one thread. An MPI failure (a rank
 * that died) ends all ranks, as MPI does by default.
 */
#ifndef TSR_RANKS_H
#define TSR_RANKS_H

#include <tessera/status.h>

typedef struct tsr_ranks {
    int rank, size;                    /* size 1: alone */
    const struct tsr_ranks_link *link; /* to the others; NULL when started alone */
} tsr_ranks;

/* Joins the others, if any. Errors: UNSUPPORTED (started in a group by a build without MPI, or
 * where the module of MPI or its library is missing). */
tsr_status tsr_ranks_open(tsr_ranks *r, tsr_diag *d) TSR_MUST_CHECK;

/* Leaves; waits for all others to do so. */
void tsr_ranks_close(tsr_ranks *r);

/* Sends size bytes to a rank under a tag. */
void tsr_ranks_send(const tsr_ranks *r, int to, int tag, const void *data, size_t size);

/* Whether a message of any rank has come: who sent it, its tag and size. Does not wait. */
int tsr_ranks_look(const tsr_ranks *r, int *from, int *tag, size_t *size);

/* Takes a message that tsr_ranks_look has seen. */
void tsr_ranks_receive(const tsr_ranks *r, int from, int tag, void *data, size_t size);

/* For all ranks together: the sum over all of each of n numbers, in every rank; rank 0's bytes to
 * every rank. */
void tsr_ranks_sum(const tsr_ranks *r, float *v, size_t n);
void tsr_ranks_share(const tsr_ranks *r, void *data, size_t size);

#endif
