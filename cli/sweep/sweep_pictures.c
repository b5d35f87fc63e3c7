/* sweep_pictures.c - reading, hashing and caching of pictures. */
#include "sweep_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/sha256.h>

#include "io.h"
#include "sweep_reduce.h"

tsr_status tsr_pictures_open(tsr_pictures *p, const tsr_inputs *in, uint64_t limit,
                             const tsr_cli *cli, tsr_diag *d) {
    *p = (tsr_pictures){.n = in->n,
                        .limit = limit,
                        .max_pixels = cli->max_pixels,
                        .max_bytes = cli->max_memory,
                        .v = calloc(in->n, sizeof *p->v)};
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->loaded, NULL);
    if (!p->v) return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the pictures");
    for (size_t i = 0; i < in->n; i++) {
        p->v[i].path = in->v[i].path;
        p->v[i].name = in->v[i].name;
        p->v[i].scale = in->v[i].scale;
    }
    return TSR_OK;
}

void tsr_pictures_close(tsr_pictures *p) {
    for (size_t i = 0; p->v && i < p->n; i++) tsr_image_free(&p->v[i].image);
    free(p->v);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->loaded);
}

static void hash_picture(const tsr_blob *file, uint32_t scale, char sha256[65]) {
    uint8_t digest[TSR_SHA256_BYTES];
    tsr_sha256 h;
    tsr_sha256_init(&h);
    tsr_sha256_update(&h, file->data, file->size);
    if (scale > 1) {
        char text[32];
        int n = snprintf(text, sizeof text, "scale 1/%u", scale);
        tsr_sha256_update(&h, text, (size_t)n);
    }
    tsr_sha256_final(&h, digest);
    tsr_sha256_hex(digest, sha256);
}

tsr_status tsr_picture_hash(const tsr_pictures *p, size_t i, char sha256[65], tsr_diag *d) {
    tsr_blob file = {0};
    tsr_status s = tsr_read_file(p->v[i].path, p->max_bytes, &file, d);
    if (!s) hash_picture(&file, p->v[i].scale, sha256);
    tsr_blob_free(&file);
    return s;
}

static tsr_status decode_file(const tsr_pictures *p, const tsr_blob *file, tsr_context *ctx,
                              tsr_image *im, tsr_diag *d) {
    const tsr_io_limits limits = {.max_pixels = p->max_pixels, .max_bytes = p->max_bytes};
    if (tsr_is_stream(file->data, file->size))
        return tsr_decode(ctx, file->data, file->size, NULL, im, NULL, d);
    return tsr_image_read(file->data, file->size, &limits, im, d);
}

/* The file of a picture, which must have the hash that is known of it, and its pixels. */
static tsr_status load(const tsr_pictures *p, const tsr_picture *pic, tsr_context *ctx,
                       char sha256[65], tsr_image *im, tsr_diag *d) {
    tsr_blob file = {0};
    sha256[0] = 0;
    tsr_status s = tsr_read_file(pic->path, p->max_bytes, &file, d);
    if (!s) {
        hash_picture(&file, pic->scale, sha256);
        if (pic->sha256[0] && strcmp(pic->sha256, sha256))
            s = tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                             "the file was changed while the sweep ran");
    }
    if (!s) s = decode_file(p, &file, ctx, im, d);
    if (!s && pic->scale > 1) s = tsr_reduce(im, pic->scale, d);
    tsr_blob_free(&file);
    return s;
}

/* Under the lock. */
static void evict(tsr_pictures *p) {
    while (p->held > p->limit) {
        tsr_picture *oldest = NULL;
        for (size_t i = 0; i < p->n; i++) {
            tsr_picture *c = &p->v[i];
            if (c->image.pixels && !c->users && (!oldest || c->used_at < oldest->used_at))
                oldest = c;
        }
        if (!oldest) return;
        p->held -= tsr_image_bytes(&oldest->image);
        tsr_image_free(&oldest->image);
    }
}

/* Under the lock: what reading a picture gave. */
static void note_loaded(tsr_pictures *p, tsr_picture *pic, tsr_status s, const char *sha256,
                        tsr_image *im, const tsr_diag *d) {
    if (!pic->sha256[0]) memcpy(pic->sha256, sha256, sizeof pic->sha256);
    pic->status = s;
    snprintf(pic->message, sizeof pic->message, "%.190s", s ? d->text : "");
    if (s) return;
    if (!pic->width) { /* others read the shape without the lock once it is known */
        pic->width = im->width;
        pic->height = im->height;
        pic->channels = im->channels;
        pic->depth = im->depth;
    }
    pic->image = *im;
    p->held += tsr_image_bytes(im);
}

/* Under the lock, which is open while the file is read. */
static tsr_status load_shared(tsr_pictures *p, tsr_picture *pic, tsr_context *ctx, tsr_diag *d) {
    char sha256[65];
    tsr_image fresh = {0};
    if (pic->status) return tsr_diag_set(d, pic->status, TSR_NO_OFFSET, "%s", pic->message);
    pic->loading = 1;
    pthread_mutex_unlock(&p->lock);
    tsr_status s = load(p, pic, ctx, sha256, &fresh, d);
    pthread_mutex_lock(&p->lock);
    pic->loading = 0;
    if (s != TSR_ERR_CANCELLED) note_loaded(p, pic, s, sha256, &fresh, d);
    pthread_cond_broadcast(&p->loaded);
    return s;
}

tsr_status tsr_picture_get(tsr_pictures *p, size_t i, tsr_context *ctx, const tsr_image **im,
                           tsr_diag *d) {
    tsr_picture *pic = &p->v[i];
    tsr_status s = TSR_OK;
    pthread_mutex_lock(&p->lock);
    while (pic->loading) pthread_cond_wait(&p->loaded, &p->lock);
    pic->users++;
    if (!pic->image.pixels) s = load_shared(p, pic, ctx, d);
    if (s) pic->users--;
    pic->used_at = ++p->clock;
    *im = &pic->image;
    evict(p);
    pthread_mutex_unlock(&p->lock);
    return s;
}

void tsr_picture_put(tsr_pictures *p, size_t i) {
    pthread_mutex_lock(&p->lock);
    p->v[i].users--;
    evict(p);
    pthread_mutex_unlock(&p->lock);
}
