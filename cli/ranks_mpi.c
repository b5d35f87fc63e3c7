/* ranks_mpi.c - the one file that knows MPI: the module tessera-mpi.so. */
#include <limits.h>
#include <mpi.h>

#include "module.h"
#include "ranks_link.h"

static tsr_status join(int *rank, int *size, tsr_diag *d) {
    int level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) || level < MPI_THREAD_FUNNELED)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "this MPI does not work in a program with threads");
    MPI_Comm_size(MPI_COMM_WORLD, size);
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    return TSR_OK;
}

static void leave(void) {
    int on;
    if (!MPI_Initialized(&on) && on) MPI_Finalize();
}

static void send(int to, int tag, const void *data, size_t size) {
    MPI_Send(data, (int)size, MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

static int look(int *from, int *tag, size_t *size) {
    MPI_Status status;
    int here = 0, bytes = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &here, &status);
    if (!here) return 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    *from = status.MPI_SOURCE;
    *tag = status.MPI_TAG;
    *size = (size_t)bytes;
    return 1;
}

static void receive(int from, int tag, void *data, size_t size) {
    MPI_Recv(data, (int)size, MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void sum(float *v, size_t n) {
    for (size_t i = 0; i < n; i += INT_MAX) {
        int part = n - i < INT_MAX ? (int)(n - i) : INT_MAX;
        MPI_Allreduce(MPI_IN_PLACE, v + i, part, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }
}

static void share(void *data, size_t size) {
    for (size_t i = 0; i < size; i += INT_MAX) {
        int part = size - i < INT_MAX ? (int)(size - i) : INT_MAX;
        MPI_Bcast((char *)data + i, part, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}

static const tsr_ranks_link link = {join, leave, send, look, receive, sum, share};

TSR_MODULE(link);
