/* module.h - parts of the command that need a library of their own: shared objects tessera-NAME.so,
 * opened when they are first needed, so that the command starts without those libraries and runs
 * where they are not installed.
 *
 * They are no plug-ins: a module belongs to one version of the command, and its interface is what
 * the two share of the source. It is linked with what it uses of the command, and has no state.
 */
#ifndef TSR_MODULE_H
#define TSR_MODULE_H

#include <tessera/status.h>

/* What a module exports under the name tsr_module_entry. */
typedef struct tsr_module {
    const char *version; /* of the command it was built with */
    const void *table;   /* the functions and texts it is there for */
} tsr_module;

/* The last line of a module's file. */
#define TSR_MODULE(variable)                                                                       \
    TSR_EXPORT extern const tsr_module tsr_module_entry;                                           \
    const tsr_module tsr_module_entry = {TSR_VERSION, &(variable)}

/* The table of the module tessera-NAME.so, or NULL with TSR_ERR_UNSUPPORTED and the reason in *d.
 * It is looked for in the folder $TESSERA_MODULES; where that is not set or empty, beside the
 * command (as in a build folder), in the folder of modules where the command was installed, as seen
 * from the command, and in the one that the build named. A module stays open; to open it again
 * costs little. May be called from several threads at once. shared: 1 makes the names of the
 * libraries behind it known to all that is loaded later, as Open MPI needs it. */
const void *tsr_module_open(const char *name, int shared, tsr_diag *d);

#endif
