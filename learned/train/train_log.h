/* train_log.h - the log of a training as CSV, and its curves as SVG, beside the model. */
#ifndef TRAIN_LOG_H
#define TRAIN_LOG_H

#include "train_session.h"

/* Adds a line of the present progress to the log in memory. */
tsr_status tsr_train_log_add(train_session *s) TSR_MUST_CHECK;

/* Writes log and plot. */
tsr_status tsr_train_log_save(train_session *s) TSR_MUST_CHECK;

/* Takes up the log of the interrupted run as far as its checkpoint. */
tsr_status tsr_train_log_load(train_session *s) TSR_MUST_CHECK;

/* The curves of a log (text of a CSV file, NUL at its end) as SVG, from malloc; NULL: no memory. */
char *tsr_train_plot(const char *log);

#endif
