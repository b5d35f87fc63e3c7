/* builtin.h - the transforms that come with the library. */
#ifndef TESSERA_BUILTIN_H
#define TESSERA_BUILTIN_H

#include <tessera/tessera.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Registers the built-in transforms; called by the command line and by tests. */
TSR_EXPORT tsr_status tsr_register_builtin(tsr_context *ctx, tsr_diag *d) TSR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
