/* module.c - finds and opens the modules of the command (POSIX dlopen). */
#include "module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program; "" where the system does not tell. */
static void program_folder(char out[PATH_MAX]) {
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = 0;
    char *slash = strrchr(out, '/');
    if (slash) *slash = 0;
}

/* Writes the path of the module into out; returns 0 when there is no such file. */
static int is_in(const char *folder, const char *below, const char *name, char out[PATH_MAX]) {
    int n = snprintf(out, PATH_MAX, "%s%s/tessera-%s.so", folder, below, name);
    return *folder && n < PATH_MAX && !access(out, F_OK);
}

static int find_module(const char *name, char out[PATH_MAX]) {
    char beside[PATH_MAX];
    const char *set = getenv("TESSERA_MODULES");
    if (set && *set) return is_in(set, "", name, out);
    program_folder(beside);
    return is_in(beside, "", name, out) || is_in(beside, "/" TSR_MODULES_FROM_BIN, name, out) ||
           is_in(TSR_MODULES, "", name, out);
}

/* The module's table, or NULL with the reason. A module stays open also when it is the wrong one.
 */
static const void *open_file(const char *path, int shared, tsr_diag *d) {
    void *handle = dlopen(path, RTLD_NOW | (shared ? RTLD_GLOBAL : RTLD_LOCAL));
    const tsr_module *m = handle ? dlsym(handle, "tsr_module_entry") : NULL;
    if (m && !strcmp(m->version, TSR_VERSION)) return m->table;
    if (m)
        tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "%s belongs to tessera %.40s, not %s",
                     path, m->version, TSR_VERSION);
    else
        tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "cannot open %s: %s",
                     strrchr(path, '/') + 1, dlerror());
    return NULL;
}

const void *tsr_module_open(const char *name, int shared, tsr_diag *d) {
    char path[PATH_MAX];
    if (find_module(name, path)) return open_file(path, shared, d);
    tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "the module tessera-%s.so is missing",
                 name);
    return NULL;
}
