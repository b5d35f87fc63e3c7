/* golden_file.c - reading of a folder of streams. */
#include "golden_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_stream_name(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 4 && n < GOLDEN_NAME && !strcmp(e->d_name + n - 4, ".tsr");
}

static int read_whole(const char *path, tsr_blob *out) {
    FILE *f = fopen(path, "rb");
    long size = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;
    *out = (tsr_blob){0};
    if (size > 0 && !fseek(f, 0, SEEK_SET)) {
        out->data = malloc((size_t)size);
        out->size = out->data ? fread(out->data, 1, (size_t)size, f) : 0;
    }
    if (f) fclose(f);
    return size > 0 && out->size == (size_t)size;
}

int golden_read(const char *folder, golden_file *file) {
    struct dirent **entry = NULL;
    int n = scandir(folder, &entry, is_stream_name, alphasort), ok = n >= 0 && n <= GOLDEN_MAX;
    for (int i = 0; i < n; i++) {
        char path[4096];
        if (ok) {
            snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
            memcpy(file[i].name, entry[i]->d_name, strlen(entry[i]->d_name) + 1);
            ok = read_whole(path, &file[i].data);
        }
        free(entry[i]);
    }
    free(entry);
    if (!ok) printf("cannot read the streams of %s\n", folder);
    return ok ? n : -1;
}

void golden_free(golden_file *file, int n) {
    for (int i = 0; i < n; i++) tsr_blob_free(&file[i].data);
}
