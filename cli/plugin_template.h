/* plugin_template.h - the files of a new plug-in, built into the command. */
#ifndef TSR_PLUGIN_TEMPLATE_H
#define TSR_PLUGIN_TEMPLATE_H

#include <tessera/status.h>

/* NAME in a file's name, @NAME@ and @OWNER@ in its text stand for the name of the plug-in and its
 * owner number, ten hexadecimal digits. */
typedef struct tsr_plugin_template {
    const char *file, *text;
} tsr_plugin_template;

/* Ended by a NULL file; made from cli/templates when Tessera is built. */
extern const tsr_plugin_template tsr_plugin_templates[];

/* Writes the files of a plug-in `name` ([a-z][a-z0-9_]{0,30}) into the folder dir/name, which is
 * made when it is missing, as is dir. Existing files are never touched: one of them fails
 * everything, and a failure leaves no file behind. Errors: ARGUMENT (name), IO, MEMORY. */
tsr_status tsr_plugin_new(const char *name, const char *dir, tsr_diag *d) TSR_MUST_CHECK;

#endif
