/* status.h - result codes and diagnostics shared by every part of Tessera.
 *
 * A function that can fail returns tsr_status: TSR_OK (0) or one of the pinned negative values
 * below. Whoever detects a failure writes the text once into a caller-owned tsr_diag; callers only
 * pass the code on.
 */
#ifndef TESSERA_STATUS_H
#define TESSERA_STATUS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TSR_MUST_CHECK         __attribute__((warn_unused_result))
#define TSR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define TSR_EXPORT             __attribute__((visibility("default")))
#else
#define TSR_MUST_CHECK
#define TSR_PRINTF(fmt, first)
#define TSR_EXPORT
#endif

typedef int32_t tsr_status;

/* The values are part of the ABI: they never change, new ones are appended. */
enum {
    TSR_OK = 0,
    TSR_ERR_ARGUMENT = -1,    /* an option, spec string or value is not legal */
    TSR_ERR_MEMORY = -2,      /* the system refused an allocation */
    TSR_ERR_LIMIT = -3,       /* a configured limit (pixels, memory) would be exceeded */
    TSR_ERR_IO = -4,          /* reading or writing failed */
    TSR_ERR_FORMAT = -5,      /* the data is not what it claims to be: corrupt or hostile */
    TSR_ERR_TRUNCATED = -6,   /* the data ends too early */
    TSR_ERR_UNSUPPORTED = -7, /* valid, but this build or version cannot do it */
    TSR_ERR_MODEL = -8,       /* a trained model is missing or is not the one the stream names */
    TSR_ERR_ABI = -9, /* a plug-in was built against another ABI, or its descriptor is not sound */
    TSR_ERR_TARGET = -10,    /* a rate or quality target cannot be reached */
    TSR_ERR_CANCELLED = -11, /* the progress callback asked to stop */
    TSR_ERR_INTERNAL = -12   /* a bug in Tessera */
};

#define TSR_NO_OFFSET UINT64_MAX

/* Where the text of a failure goes. The caller owns it; tsr_diag_init() or {0} before use. */
typedef struct tsr_diag {
    tsr_status status;
    uint64_t offset; /* byte offset in the input, or TSR_NO_OFFSET */
    char text[496];  /* one line, no newline, NUL terminated */
} tsr_diag;

/* Clears *d. d may be NULL. */
TSR_EXPORT void tsr_diag_init(tsr_diag *d);

/* Stores status, offset and a formatted line in *d (d may be NULL) and returns status, so that
 * `return tsr_diag_set(d, TSR_ERR_FORMAT, off, "...")` reads as one step. */
TSR_EXPORT tsr_status tsr_diag_set(tsr_diag *d, tsr_status status, uint64_t offset, const char *fmt,
                                   ...) TSR_PRINTF(4, 5);
TSR_EXPORT tsr_status tsr_diag_vset(tsr_diag *d, tsr_status status, uint64_t offset,
                                    const char *fmt, va_list ap) TSR_PRINTF(4, 0);

/* Short English name of a status ("corrupt data"); never NULL. */
TSR_EXPORT const char *tsr_status_text(tsr_status status);

#ifdef __cplusplus
}
#endif
#endif
