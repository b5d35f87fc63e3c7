/* train_path.c - names of the files that lie beside a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train_session.h"

char *tsr_train_path(const char *model, const char *ending) {
    const char *slash = strrchr(model, '/'), *dot = strrchr(model, '.');
    size_t stem = dot && dot > (slash ? slash + 1 : model) ? (size_t)(dot - model) : strlen(model);
    size_t size = stem + strlen(ending) + 1;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%.*s%s", (int)stem, model, ending);
    return path;
}
