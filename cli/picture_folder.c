/* picture_folder.c - a folder of photographs to train on. */
#include "picture_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tessera/sha256.h>

#include "io.h"

static int is_visible(const struct dirent *e) {
    return e->d_name[0] != '.';
}

tsr_status tsr_picture_folder_open(tsr_picture_folder *f, tsr_cli *cli, const char *dir) {
    *f = (tsr_picture_folder){.dir = dir, .cli = cli};
    f->n = scandir(dir, &f->entry, is_visible, alphasort);
    if (f->n >= 0) return TSR_OK;
    f->n = 0;
    return tsr_diag_set(&cli->diag, TSR_ERR_IO, TSR_NO_OFFSET, "cannot read the folder");
}

void tsr_picture_folder_close(tsr_picture_folder *f) {
    for (int i = 0; i < f->n; i++) free(f->entry[i]);
    free(f->entry);
    *f = (tsr_picture_folder){0};
}

void tsr_picture_folder_path(const tsr_picture_folder *f, int i, char *out, size_t size) {
    snprintf(out, size, "%s/%s", f->dir, f->entry[i]->d_name);
}

/* ---- as a source ---- */

/* Uses no state of the command but its limits: training reads in a thread of its own. */
static tsr_status read_picture(void *user, uint32_t i, tsr_image *im, tsr_diag *d) {
    const tsr_picture_folder *f = user;
    const tsr_io_limits limits = {f->cli->max_pixels, f->cli->max_memory};
    char path[4096];
    tsr_blob file;
    *im = (tsr_image){0};
    tsr_picture_folder_path(f, (int)i, path, sizeof path);
    tsr_status s = tsr_read_file(path, f->cli->max_memory, &file, d);
    if (s) return s;
    s = tsr_image_read(file.data, file.size, &limits, im, d);
    tsr_blob_free(&file);
    return s;
}

static const char *picture_name(void *user, uint32_t i) {
    return ((const tsr_picture_folder *)user)->entry[i]->d_name;
}

/* Whether the file begins like a picture, without decoding it: none has so few pixels. */
static tsr_status probe(const tsr_blob *file, tsr_diag *d) {
    static const tsr_io_limits least = {1, 0};
    tsr_image im = {0};
    tsr_status s = tsr_image_read(file->data, file->size, &least, &im, d);
    tsr_image_free(&im);
    return s == TSR_ERR_LIMIT ? TSR_OK : s;
}

/* Hashes file i; 0 when it is no picture. */
static int take_file(tsr_picture_folder *f, tsr_cli *cli, int i, tsr_sha256 *hash) {
    char path[4096];
    const char *name = f->entry[i]->d_name;
    tsr_blob file;
    tsr_picture_folder_path(f, i, path, sizeof path);
    tsr_status s = tsr_read_file(path, cli->max_memory, &file, &cli->diag);
    if (!s) s = probe(&file, &cli->diag);
    if (!s) {
        tsr_sha256_update(hash, name, strlen(name) + 1);
        tsr_sha256_update(hash, file.data, file.size);
    } else {
        tsr_cli_note(cli, "%s: skipped: %s", path, cli->diag.text);
    }
    tsr_blob_free(&file);
    return !s;
}

tsr_status tsr_picture_folder_source(tsr_picture_folder *f, tsr_cli *cli, tsr_train_source *out) {
    tsr_sha256 hash;
    uint8_t raw[TSR_SHA256_BYTES];
    int kept = 0;
    tsr_sha256_init(&hash);
    for (int i = 0; i < f->n; i++) {
        struct dirent *e = f->entry[i];
        if (tsr_cli_interrupted())
            return tsr_diag_set(&cli->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "stopped");
        if (!take_file(f, cli, i, &hash)) continue;
        f->entry[i] = f->entry[kept];
        f->entry[kept++] = e;
    }
    tsr_sha256_final(&hash, raw);
    *out = (tsr_train_source){
        .user = f, .n = (uint32_t)kept, .read = read_picture, .name = picture_name};
    tsr_sha256_hex(raw, out->hash);
    if (kept) return TSR_OK;
    return tsr_diag_set(&cli->diag, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "no picture in the folder");
}
