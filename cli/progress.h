/* progress.h - a bar with the time left, on a terminal, for jobs of more than a second. */
#ifndef TSR_PROGRESS_H
#define TSR_PROGRESS_H

#include <pthread.h>

/* One bar on stderr. Zero-initialised, it draws nothing. */
typedef struct tsr_progress {
    int enabled;        /* stderr is a terminal and --quiet was not given */
    int drawn;          /* a bar is on the screen */
    double start, last; /* seconds of the monotonic clock: of the job, of the last drawing */
    char label[24];
    pthread_mutex_t lock;
} tsr_progress;

/* enable: 0 keeps it silent whatever stderr is. */
void tsr_progress_init(tsr_progress *p, int enable);

/* A job begins: the clock starts. label: "encode". */
void tsr_progress_begin(tsr_progress *p, const char *label);

/* fraction 0..1 of the job; stage may be NULL. Cheap: draws at most ten times a second. May be
 * called by several threads at once. */
void tsr_progress_update(tsr_progress *p, const char *stage, double fraction);

/* Removes the bar, if any, before other output on stderr; it comes back at the next update. */
void tsr_progress_clear(tsr_progress *p);

/* The job is over: the bar goes, and updates draw nothing until the next begin. */
void tsr_progress_end(tsr_progress *p);

/* Seconds of the monotonic clock. */
double tsr_clock_seconds(void);

#endif
