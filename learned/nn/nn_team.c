/* nn_team.c - a fixed set of threads running index ranges. */
#include "nn_team.h"

#include <pthread.h>
#include <stdlib.h>

#include "nn_ops.h"

struct nn_team {
    uint32_t threads;
    nn_run_fn run; /* borrowed pool, or NULL */
    void *host;
    pthread_t *thread; /* threads - 1 of them */
    uint32_t started;
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    uint64_t round; /* of the job that is offered */
    int stop;
    nn_job_fn fn;
    void *arg;
    uint32_t n, next, busy;
};

typedef struct member {
    nn_team *team;
    uint32_t worker;
} member;

/* Takes indices until none is left; called and left with the lock held. */
static void take_jobs(nn_team *t, uint32_t worker) {
    while (t->next < t->n) {
        uint32_t i = t->next++;
        pthread_mutex_unlock(&t->lock);
        t->fn(t->arg, i, worker);
        pthread_mutex_lock(&t->lock);
    }
}

static void *member_main(void *arg) {
    member m = *(member *)arg;
    nn_team *t = m.team;
    uint64_t seen = 0;
    free(arg);
    pthread_mutex_lock(&t->lock);
    for (;;) {
        while (!t->stop && t->round == seen) pthread_cond_wait(&t->work, &t->lock);
        if (t->stop) break;
        seen = t->round;
        t->busy++;
        take_jobs(t, m.worker);
        if (--t->busy == 0) pthread_cond_signal(&t->idle);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static int start_member(nn_team *t, uint32_t worker) {
    member *m = malloc(sizeof *m);
    if (!m) return 0;
    *m = (member){t, worker};
    if (pthread_create(&t->thread[t->started], NULL, member_main, m) != 0) {
        free(m);
        return 0;
    }
    t->started++;
    return 1;
}

static nn_team *team_alloc(uint32_t threads) {
    nn_team *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->threads = threads ? threads : 1;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->work, NULL);
    pthread_cond_init(&t->idle, NULL);
    return t;
}

nn_team *tsr_nn_team_new(uint32_t threads) {
    nn_team *t = team_alloc(threads);
    if (!t) return NULL;
    t->thread = calloc(t->threads, sizeof *t->thread);
    int ok = t->thread != NULL;
    for (uint32_t i = 1; i < t->threads && ok; i++) ok = start_member(t, i);
    if (ok) return t;
    tsr_nn_team_free(t);
    return NULL;
}

nn_team *tsr_nn_team_borrow(uint32_t threads, nn_run_fn run, void *host) {
    nn_team *t = team_alloc(threads);
    if (!t) return NULL;
    t->run = run;
    t->host = host;
    return t;
}

void tsr_nn_team_free(nn_team *t) {
    if (!t) return;
    pthread_mutex_lock(&t->lock);
    t->stop = 1;
    pthread_cond_broadcast(&t->work);
    pthread_mutex_unlock(&t->lock);
    for (uint32_t i = 0; i < t->started; i++) pthread_join(t->thread[i], NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->work);
    pthread_cond_destroy(&t->idle);
    free(t->thread);
    free(t);
}

uint32_t tsr_nn_team_threads(const nn_team *t) {
    return t->threads;
}

void tsr_nn_team_run(nn_team *t, uint32_t n, nn_job_fn fn, void *arg) {
    if (t->run) {
        t->run(t->host, n, fn, arg);
        return;
    }
    pthread_mutex_lock(&t->lock);
    t->fn = fn;
    t->arg = arg;
    t->n = n;
    t->next = 0;
    t->round++;
    if (t->started && n > 1) pthread_cond_broadcast(&t->work);
    take_jobs(t, 0);
    while (t->busy) pthread_cond_wait(&t->idle, &t->lock);
    pthread_mutex_unlock(&t->lock);
}
