/* image.c - allocation and release of pictures and blobs. */
#include <stdlib.h>
#include <string.h>

#include <tessera/image.h>

tsr_status tsr_image_alloc(tsr_image *im, uint32_t width, uint32_t height, unsigned channels,
                           unsigned depth, uint64_t max_bytes, tsr_diag *d) {
    *im = (tsr_image){0};
    if (!width || !height || width > TSR_MAX_SIDE || height > TSR_MAX_SIDE)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "picture size %ux%u is not legal",
                            width, height);
    if (!channels || channels > TSR_MAX_CHANNELS || (depth != 8 && depth != 16))
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "%u channels of %u bits are not supported", channels, depth);
    uint64_t bytes = (uint64_t)width * height * (channels * (depth / 8)); /* < 2^63 */
    if (bytes > SIZE_MAX / 2 || (max_bytes && bytes > max_bytes))
        return tsr_diag_set(d, TSR_ERR_LIMIT, TSR_NO_OFFSET,
                            "picture of %ux%u needs %llu bytes, the limit is %llu", width, height,
                            (unsigned long long)bytes,
                            (unsigned long long)(max_bytes ? max_bytes : SIZE_MAX / 2));
    void *pixels = malloc((size_t)bytes);
    if (!pixels)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for %llu bytes of pixels",
                            (unsigned long long)bytes);
    im->width = width;
    im->height = height;
    im->channels = (uint8_t)channels;
    im->depth = (uint8_t)depth;
    im->pixels = pixels;
    return TSR_OK;
}

void tsr_image_free(tsr_image *im) {
    if (!im) return;
    free(im->pixels);
    tsr_blob_free(&im->icc);
    tsr_blob_free(&im->exif);
    *im = (tsr_image){0};
}

tsr_status tsr_blob_copy(tsr_blob *b, const void *data, size_t n) {
    *b = (tsr_blob){0};
    if (!n) return TSR_OK;
    b->data = malloc(n);
    if (!b->data) return TSR_ERR_MEMORY;
    memcpy(b->data, data, n);
    b->size = n;
    return TSR_OK;
}

void tsr_blob_free(tsr_blob *b) {
    if (!b) return;
    free(b->data);
    *b = (tsr_blob){0};
}
