/* plugin_check.h - the conformance suite of `tessera plugin check`: one running check.
 *
 * Every check runs in a process of its own, so that a crash or an endless loop of the transform is
 * a result and not the end of the suite. A check is therefore written straight down: the first
 * broken promise ends its process, and nothing needs to be released on that way.
 */
#ifndef TSR_PLUGIN_CHECK_H
#define TSR_PLUGIN_CHECK_H

#include <stdbool.h>

#include <tessera/model.h>
#include <tessera/tessera.h>

#if defined(__GNUC__)
#define TSR_NORETURN __attribute__((noreturn))
#else
#define TSR_NORETURN
#endif

typedef enum tsr_check_outcome {
    TSR_CHECK_CRASHED = 0, /* the process ended without a word */
    TSR_CHECK_OK,
    TSR_CHECK_FAILED,
    TSR_CHECK_SKIPPED /* the transform does not claim what the check is about */
} tsr_check_outcome;

/* What a check has to say; in memory shared with the process that started it. */
typedef struct tsr_check_result {
    tsr_check_outcome outcome;
    char text[400];  /* FAILED: expected and seen; OK: a figure or ""; SKIPPED: why */
    char doing[160]; /* what is going on: "analysis(), 17x31, 3 planes" */
} tsr_check_result;

/* What is checked. */
typedef struct tsr_check_subject {
    const tsr_transform *t;
    const char *source;      /* "built-in" or the path of the shared object */
    const char *spec;        /* its name, with the parameters that were asked for */
    const tsr_value *values; /* the same: one for each parameter */
    const void *model_file;  /* NULL: none was given */
    size_t model_file_size;
    const tsr_model_section *model; /* of that file, for this transform; NULL: none */
} tsr_check_subject;

/* A running check. */
typedef struct tsr_check {
    const tsr_transform *t;
    const tsr_check_subject *subject;
    tsr_check_result *result;
} tsr_check;

/* An entry of the table of checks. run() returns when the promise held. */
typedef struct tsr_check_entry {
    const char *name; /* one word: "round-trip" */
    const char *what; /* the promise, starts lower case, no full stop */
    void (*run)(tsr_check *c);
} tsr_check_entry;

/* Sets where the check is, for the message of a failure or a crash. */
void tsr_check_doing(tsr_check *c, const char *fmt, ...) TSR_PRINTF(2, 3);

/* Sets the text of a check that holds: a figure worth seeing. */
void tsr_check_note(tsr_check *c, const char *fmt, ...) TSR_PRINTF(2, 3);

/* The promise is broken: records `where: text` and ends the process. */
void tsr_check_fail(tsr_check *c, const char *fmt, ...) TSR_PRINTF(2, 3) TSR_NORETURN;

/* The promise is not made: records why and ends the process. */
void tsr_check_skip(tsr_check *c, const char *fmt, ...) TSR_PRINTF(2, 3) TSR_NORETURN;

/* n * size zeroed bytes for the suite itself; does not return without them. */
void *tsr_check_alloc(tsr_check *c, size_t n, size_t size);

/* Runs one check in a process of its own with a limit of `seconds` and fills *result. */
void tsr_check_isolate(const tsr_check_entry *e, const tsr_check_subject *subject, unsigned seconds,
                       tsr_check_result *result);

/* A context with the transform under check and `threads` workers; for checks of whole files. */
tsr_context *tsr_check_context(tsr_check *c, uint32_t threads);

/* ---------------------------------------------------------------- running the suite */

typedef struct tsr_check_tally {
    unsigned ok, failed, skipped;
} tsr_check_tally;

/* Told after every check; false ends the suite. */
typedef bool (*tsr_check_listener)(void *user, const tsr_check_entry *e, const tsr_check_result *r);

/* The table, ended by a NULL name. */
extern const tsr_check_entry tsr_check_table[];

/* Which checks to run, and how. */
typedef struct tsr_check_plan {
    const char *const *only; /* names, NULL-terminated; NULL: all checks */
    unsigned seconds;        /* after which a check is taken for endless */
    tsr_check_listener listener;
    void *user;
} tsr_check_plan;

/* Runs checks on a registered transform. */
tsr_check_tally tsr_check_run(const tsr_check_subject *subject, const tsr_check_plan *plan);

/* ---------------------------------------------------------------- the checks, by file */

void tsr_check_descriptor(tsr_check *c);
void tsr_check_layout(tsr_check *c);
void tsr_check_layout_fresh(tsr_check *c);
void tsr_check_layout_room(tsr_check *c);
void tsr_check_round_trip(tsr_check *c);
void tsr_check_sizes(tsr_check *c);
void tsr_check_steps(tsr_check *c);
void tsr_check_gain(tsr_check *c);
void tsr_check_layers(tsr_check *c);
void tsr_check_closed_loop(tsr_check *c);
void tsr_check_reduce(tsr_check *c);
void tsr_check_stepwise(tsr_check *c);
void tsr_check_threads(tsr_check *c);
void tsr_check_repeat(tsr_check *c);
void tsr_check_cpu(tsr_check *c);
void tsr_check_writes_all(tsr_check *c);
void tsr_check_input(tsr_check *c);
void tsr_check_memory(tsr_check *c);
void tsr_check_leak(tsr_check *c);
void tsr_check_alloc_failure(tsr_check *c);
void tsr_check_cancel(tsr_check *c);
void tsr_check_side_save(tsr_check *c);
void tsr_check_side_cut(tsr_check *c);
void tsr_check_side_hostile(tsr_check *c);
void tsr_check_model(tsr_check *c);
void tsr_check_lossless(tsr_check *c);
void tsr_check_params(tsr_check *c);
void tsr_check_file(tsr_check *c);
void tsr_check_file_threads(tsr_check *c);
void tsr_check_file_lossless(tsr_check *c);

#endif
