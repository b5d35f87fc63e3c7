/* plugin_load.c - shared objects as plug-ins. They are loaded only when the user names them. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"

static tsr_status keep_module(tsr_context *ctx, void *handle, tsr_diag *d) {
    void **m = realloc(ctx->module, (ctx->n_modules + 1) * sizeof *m);
    if (!m) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a plug-in handle");
    ctx->module = m;
    ctx->module[ctx->n_modules++] = handle;
    return TSR_OK;
}

static tsr_status enter_module(tsr_context *ctx, void *handle, const char *path, tsr_diag *d) {
    tsr_plugin_entry_fn entry;
    void *symbol = dlsym(handle, TSR_PLUGIN_ENTRY);
    if (!symbol)
        return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET,
                            "%s: no symbol %s: not a Tessera plug-in", path, TSR_PLUGIN_ENTRY);
    memcpy(&entry, &symbol, sizeof entry);
    const tsr_plugin *p = entry(TSR_ABI);
    if (!p)
        return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET,
                            "%s: the plug-in refuses plug-in ABI %u.%u", path, TSR_ABI_MAJOR,
                            TSR_ABI_MINOR);
    return tsr_register(ctx, p, path, d);
}

tsr_status tsr_load_plugin(tsr_context *ctx, const char *path, tsr_diag *d) {
    char local[4096]; /* a name without slash would be searched in the system's library path */
    snprintf(local, sizeof local, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *handle = dlopen(local, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET, "cannot load plug-in: %s", dlerror());
    tsr_status s = keep_module(ctx, handle, d);
    if (s) {
        dlclose(handle);
        return s;
    }
    return enter_module(ctx, handle, path, d);
}

static int is_module(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 3 && !strcmp(e->d_name + n - 3, ".so");
}

static void load_folder(tsr_context *ctx, const char *dir) {
    struct dirent **list = NULL;
    int n = scandir(dir, &list, is_module, alphasort);
    if (n < 0) tsr_context_log(ctx, TSR_LOG_WARN, "%s: cannot read plug-in folder", dir);
    for (int i = 0; i < n; i++) {
        char path[4096];
        tsr_diag d;
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        if (tsr_load_plugin(ctx, path, &d)) tsr_context_log(ctx, TSR_LOG_WARN, "%s", d.text);
        free(list[i]);
    }
    free(list);
}

void tsr_load_plugin_path(tsr_context *ctx, const char *path_list) {
    char *copy = path_list ? strdup(path_list) : NULL, *save = NULL;
    if (!copy) return;
    for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save))
        load_folder(ctx, dir);
    free(copy);
}
