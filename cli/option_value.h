/* option_value.h - what the argument parser needs of option tables, and nobody else. */
#ifndef TSR_OPTION_VALUE_H
#define TSR_OPTION_VALUE_H

#include "option.h"

/* The option with this letter, or NULL. */
const tsr_option *tsr_option_find_letter(const tsr_option *const *tables, char letter);

/* The long name nearest to what was typed, or NULL. */
const char *tsr_option_nearest(const tsr_option *const *tables, const char *name);

/* Reads one value of the option's type: *v is the number, the bytes, the index of the choice; 0 for
 * text. Errors: ARGUMENT with option, text, legal range and nearest choice. */
tsr_status tsr_option_value(const tsr_option *o, const char *text, double *v,
                            tsr_diag *d) TSR_MUST_CHECK;

#endif
