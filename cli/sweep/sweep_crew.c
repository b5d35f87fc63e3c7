/* sweep_crew.c - starting and joining threads that code. */
#include "sweep_crew.h"

#include <stdlib.h>

#include "cli_open.h"

tsr_status tsr_crew_open(tsr_crew *c, unsigned n, tsr_cli *cli, const tsr_args *args, tsr_diag *d) {
    *c = (tsr_crew){.member = calloc(n, sizeof *c->member)};
    if (!c->member) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for threads");
    tsr_status s = TSR_OK;
    for (; c->n < n && !s; c->n++) {
        c->member[c->n].crew = c;
        s = tsr_cli_context(cli, args, 1, &c->member[c->n].ctx, d);
    }
    return s;
}

void tsr_crew_close(tsr_crew *c) {
    for (unsigned i = 0; i < c->n; i++) tsr_context_free(c->member[i].ctx);
    free(c->member);
    *c = (tsr_crew){0};
}

static void *thread_main(void *arg) {
    tsr_crew_member *m = arg;
    m->crew->fn(m->crew->arg, m->ctx);
    atomic_fetch_sub(&m->crew->working, 1);
    return NULL;
}

tsr_status tsr_crew_start(tsr_crew *c, tsr_crew_fn fn, void *arg, tsr_diag *d) {
    c->fn = fn;
    c->arg = arg;
    atomic_store(&c->working, c->n);
    for (c->started = 0; c->started < c->n; c->started++) {
        tsr_crew_member *m = &c->member[c->started];
        if (!pthread_create(&m->thread, NULL, thread_main, m)) continue;
        atomic_fetch_sub(&c->working, c->n - c->started);
        break;
    }
    return c->started ? TSR_OK
                      : tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no thread can be started");
}

int tsr_crew_is_working(tsr_crew *c) {
    return atomic_load(&c->working) > 0;
}

void tsr_crew_join(tsr_crew *c) {
    for (unsigned i = 0; i < c->started; i++) pthread_join(c->member[i].thread, NULL);
    c->started = 0;
}
