/* progress.c - the bar: "encode  [########------------]  41 %  0:07 left  quantize". */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 1.0 /* seconds before anything is drawn */
#define INTERVAL 0.1 /* seconds between drawings */

double tsr_clock_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void tsr_progress_init(tsr_progress *p, int enable) {
    memset(p, 0, sizeof *p);
    p->enabled = enable && isatty(STDERR_FILENO) && !pthread_mutex_init(&p->lock, NULL);
}

void tsr_progress_begin(tsr_progress *p, const char *label) {
    p->start = tsr_clock_seconds();
    p->last = 0;
    snprintf(p->label, sizeof p->label, "%s", label);
}

static unsigned terminal_columns(void) {
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? 80 : w.ws_col;
}

static void time_left(double elapsed, double fraction, char *buf, size_t size) {
    double left = elapsed * (1 - fraction) / fraction + 0.5;
    if (fraction < 0.02 || left > 359999)
        snprintf(buf, size, "-:-- left");
    else if (left >= 3600)
        snprintf(buf, size, "%d:%02d:%02d left", (int)left / 3600, (int)left / 60 % 60,
                 (int)left % 60);
    else
        snprintf(buf, size, "%d:%02d left", (int)left / 60, (int)left % 60);
}

static void draw(tsr_progress *p, const char *stage, double fraction, double now) {
    enum { WIDTH = 20 };
    char bar[WIDTH + 1], left[32], line[160];
    unsigned columns = terminal_columns();
    memset(bar, '-', WIDTH);
    memset(bar, '#', (size_t)(fraction * WIDTH));
    bar[WIDTH] = 0;
    time_left(now - p->start, fraction, left, sizeof left);
    snprintf(line, sizeof line, "%s  [%s] %3d %%  %s  %s", p->label, bar, (int)(100 * fraction),
             left, stage && strcmp(stage, p->label) ? stage : "");
    if (columns <= strlen(line)) line[columns - 1] = 0;
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    p->drawn = 1;
    p->last = now;
}

void tsr_progress_update(tsr_progress *p, const char *stage, double fraction) {
    if (!p->enabled || !*p->label || pthread_mutex_trylock(&p->lock)) return;
    double now = tsr_clock_seconds();
    fraction = fraction > 0 ? fraction < 1 ? fraction : 1 : 0;
    if (now - p->start >= PATIENCE && now - p->last >= INTERVAL) draw(p, stage, fraction, now);
    pthread_mutex_unlock(&p->lock);
}

void tsr_progress_clear(tsr_progress *p) {
    if (!p->enabled) return;
    pthread_mutex_lock(&p->lock);
    if (p->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->drawn = 0;
    }
    pthread_mutex_unlock(&p->lock);
}

void tsr_progress_end(tsr_progress *p) {
    tsr_progress_clear(p);
    *p->label = 0;
}
