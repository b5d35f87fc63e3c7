/* sweep_crew.h - threads with a codec context of one thread each. */
#ifndef TSR_SWEEP_CREW_H
#define TSR_SWEEP_CREW_H

#include <pthread.h>
#include <stdatomic.h>

#include "cmd.h"

typedef void (*tsr_crew_fn)(void *arg, tsr_context *ctx);

typedef struct tsr_crew_member {
    struct tsr_crew *crew;
    tsr_context *ctx;
    pthread_t thread;
} tsr_crew_member;

typedef struct tsr_crew {
    tsr_crew_member *member; /* [n] */
    unsigned n, started;
    tsr_crew_fn fn;
    void *arg;
    atomic_uint working; /* members whose fn has not returned */
} tsr_crew;

/* Makes n contexts as the options say. To be freed in every case. Errors: MEMORY, and those of
 * loading plug-ins. */
tsr_status tsr_crew_open(tsr_crew *c, unsigned n, tsr_cli *cli, const tsr_args *args,
                         tsr_diag *d) TSR_MUST_CHECK;
void tsr_crew_close(tsr_crew *c);

/* Calls fn(arg, context) once in each thread. Errors: MEMORY (not one thread could be started). */
tsr_status tsr_crew_start(tsr_crew *c, tsr_crew_fn fn, void *arg, tsr_diag *d) TSR_MUST_CHECK;

/* Whether any is still at work; and waiting for all. */
int tsr_crew_is_working(tsr_crew *c);
void tsr_crew_join(tsr_crew *c);

#endif
