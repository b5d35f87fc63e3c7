/* status.c - status texts and the one place where diagnostics are written. */
#include <stdio.h>
#include <string.h>

#include <tessera/status.h>
#include <tessera/tessera.h>

void tsr_diag_init(tsr_diag *d) {
    if (!d) return;
    d->status = TSR_OK;
    d->offset = TSR_NO_OFFSET;
    d->text[0] = 0;
}

tsr_status tsr_diag_vset(tsr_diag *d, tsr_status status, uint64_t offset, const char *fmt,
                         va_list ap) {
    if (!d) return status;
    d->status = status;
    d->offset = offset;
    vsnprintf(d->text, sizeof d->text, fmt, ap);
    return status;
}

tsr_status tsr_diag_set(tsr_diag *d, tsr_status status, uint64_t offset, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    tsr_diag_vset(d, status, offset, fmt, ap);
    va_end(ap);
    return status;
}

const char *tsr_status_text(tsr_status status) {
    static const char *const text[] = {
        "ok",
        "illegal argument",
        "out of memory",
        "limit exceeded",
        "i/o error",
        "corrupt data",
        "truncated data",
        "not supported",
        "model error",
        "plug-in ABI error",
        "target not reached",
        "cancelled",
        "internal error",
    };
    size_t i = (size_t) - (int64_t)status;
    return i < sizeof text / sizeof text[0] ? text[i] : "unknown status";
}

const char *tsr_version(void) {
    return TSR_VERSION;
}
