/* library.h - shared libraries of others, opened when they are first needed: a program that never
 * needs one starts without it, and runs where it is not installed.
 *
 * The types of the functions come from the library's own header, the addresses from the library:
 *
 *     static struct {
 *         __typeof__(deflateInit_) *init;
 *     } zlib;
 *     const tsr_symbol symbols[] = {{.name = "deflateInit_", .to = &zlib.init}};
 *     const char *const names[] = {"libz.so.1", NULL};
 *     tsr_status s = tsr_library_open(names, symbols, 1, d);
 */
#ifndef TESSERA_LIBRARY_H
#define TESSERA_LIBRARY_H

#include <tessera/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A function of a library. */
typedef struct tsr_symbol {
    const char *name;
    void *to;     /* address of the pointer to function to be set */
    int optional; /* 1: the pointer is set to NULL when the library has no such function */
} tsr_symbol;

/* Opens the first library that is there and has what is asked for, and sets all n pointers. names:
 * sonames ("libz.so.1") or paths, NULL-terminated, at least one. The library stays open as long as
 * the process lives, so callers open once (pthread_once) and share the pointers; opening again
 * costs little. On failure the pointers are not to be used. May be called from several threads at
 * once. Errors: UNSUPPORTED (none can be opened, with the system's reason for the first name). */
TSR_EXPORT tsr_status tsr_library_open(const char *const *names, const tsr_symbol *symbols,
                                       size_t n, tsr_diag *d) TSR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
