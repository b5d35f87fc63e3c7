/* sweep_list.h - lists of numbers and words as sweep takes them on its command line. */
#ifndef TSR_SWEEP_LIST_H
#define TSR_SWEEP_LIST_H

#include <tessera/status.h>

/* Numbers; owned, free with tsr_numbers_free. Zero-initialised it is empty. */
typedef struct tsr_numbers {
    double *v;
    size_t n;
} tsr_numbers;

/* Reads "8..80:8,85,90": numbers and ranges FROM..TO[:STEP] between commas; the step is 1 when it
 * is not given, and the range runs down when TO is smaller. Every number must lie in [lo, hi]. *out
 * is appended to. Errors: ARGUMENT (which item, the legal range), MEMORY. */
tsr_status tsr_numbers_parse(const char *text, double lo, double hi, tsr_numbers *out,
                             tsr_diag *d) TSR_MUST_CHECK;
void tsr_numbers_free(tsr_numbers *l);

/* Words, each with what was chosen to make it ("3,cdf97"), both owned. */
typedef struct tsr_word {
    char *text, *choice;
} tsr_word;

typedef struct tsr_words {
    tsr_word *v;
    size_t n;
} tsr_words;

/* Appends a copy of a word (len bytes of text) and of its choice. Errors: MEMORY. */
tsr_status tsr_words_add(tsr_words *l, const char *text, size_t len, const char *choice,
                         tsr_diag *d) TSR_MUST_CHECK;
void tsr_words_free(tsr_words *l);

/* All texts a pattern stands for, appended to *out in order: {a,b} is a or b, and =FROM..TO[:STEP]
 * every number of the range; the choice names what was taken, in order, with commas. A pattern
 * without either gives itself with the choice "". Errors: ARGUMENT (brackets, ranges, more than
 * 10000 texts), MEMORY. */
tsr_status tsr_words_expand(const char *pattern, tsr_words *out, tsr_diag *d) TSR_MUST_CHECK;

/* Splits a comma list of peers, "jpeg:sub=444,progressive=off,webp": what has '=' and no ':' before
 * it goes on with the parameters of the peer before; commas in braces do not split. */
tsr_status tsr_words_split_specs(const char *text, tsr_words *out, tsr_diag *d) TSR_MUST_CHECK;

#endif
