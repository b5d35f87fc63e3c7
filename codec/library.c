/* library.c - shared libraries opened by name at run time (POSIX dlopen). */
#include <dlfcn.h>
#include <string.h>

#include <tessera/library.h>

/* Returns the name of a symbol that is missing, NULL when all are set. POSIX has object and
 * function pointers of one size; ISO C has no cast between them. */
static const char *find_symbols(void *handle, const tsr_symbol *symbols, size_t n) {
    const char *missing = NULL;
    for (size_t i = 0; i < n; i++) {
        void *address = dlsym(handle, symbols[i].name);
        memcpy(symbols[i].to, &address, sizeof address);
        if (!address && !symbols[i].optional) missing = symbols[i].name;
    }
    return missing;
}

static tsr_status try_library(const char *name, const tsr_symbol *symbols, size_t n, tsr_diag *d) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "%s", dlerror());
    const char *missing = find_symbols(handle, symbols, n);
    if (!missing) return TSR_OK;
    dlclose(handle);
    return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "%s has no %s", name, missing);
}

tsr_status tsr_library_open(const char *const *names, const tsr_symbol *symbols, size_t n,
                            tsr_diag *d) {
    tsr_status s = try_library(*names, symbols, n, d);
    for (names++; s && *names; names++) s = try_library(*names, symbols, n, NULL);
    if (!s) tsr_diag_init(d);
    return s;
}
