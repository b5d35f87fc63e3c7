/* ranks.c - joins the other processes, by the module of MPI when there are any. */
#include "ranks.h"

#include <stdlib.h>

#include "module.h"
#include "ranks_link.h"

/* The variables in which launchers say how many processes they started: Open MPI, MPICH and its
 * relatives, PMIx, Slurm. */
static int launched_with_others(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS",
                                        "SLURM_STEP_NUM_TASKS"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        if (text && strtol(text, NULL, 10) > 1) return 1;
    }
    return 0;
}

#ifdef TSR_HAVE_MPI
enum { BUILT_WITH_MPI = 1 };
#else
enum { BUILT_WITH_MPI = 0 };
#endif

tsr_status tsr_ranks_open(tsr_ranks *r, tsr_diag *d) {
    tsr_diag why;
    *r = (tsr_ranks){.size = 1};
    if (!launched_with_others()) return TSR_OK;
    if (!BUILT_WITH_MPI)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "started as one of several processes, but built without MPI");
    const tsr_ranks_link *link = tsr_module_open("mpi", 1, &why);
    if (!link)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "started as one of several processes, but without MPI: %s", why.text);
    tsr_status s = link->join(&r->rank, &r->size, d);
    r->link = link; /* also then it has to be left */
    return s;
}

void tsr_ranks_close(tsr_ranks *r) {
    if (r->link) r->link->leave();
    *r = (tsr_ranks){.size = 1};
}

void tsr_ranks_send(const tsr_ranks *r, int to, int tag, const void *data, size_t size) {
    if (r->size > 1) r->link->send(to, tag, data, size);
}

int tsr_ranks_look(const tsr_ranks *r, int *from, int *tag, size_t *size) {
    return r->size > 1 && r->link->look(from, tag, size);
}

void tsr_ranks_receive(const tsr_ranks *r, int from, int tag, void *data, size_t size) {
    if (r->size > 1) r->link->receive(from, tag, data, size);
}

void tsr_ranks_sum(const tsr_ranks *r, float *v, size_t n) {
    if (r->size > 1) r->link->sum(v, n);
}

void tsr_ranks_share(const tsr_ranks *r, void *data, size_t size) {
    if (r->size > 1) r->link->share(data, size);
}
