/* peer_jpeg.c - JPEG through libjpeg-turbo, as `cjpeg -quality Q -optimize -progressive` does it.
 *
 * Steps above 255 are allowed, as by cjpeg without -baseline: below quality 25 they matter. The
 * decoder is the one of pictures, which takes damage for an error; its arithmetic (exact integer
 * DCT, smooth chroma upsampling) is that of djpeg.
 */
#include <stdio.h>

#include <jpeglib.h>

#include "peer_list.h"

enum { SUB, PROGRESSIVE, OPTIMISED };

static const char *const sub_names[] = {"420", "444", "422", NULL};

static const tsr_param params[] = {
    [SUB] = {.name = "sub",
             .help = "chroma subsampling",
             .unit = "",
             .type = TSR_PARAM_CHOICE,
             .choices = sub_names},
    [PROGRESSIVE] = {.name = "progressive",
                     .help = "several scans, coarse to fine",
                     .unit = "",
                     .type = TSR_PARAM_BOOL,
                     .def = 1},
    [OPTIMISED] = {.name = "optimised",
                   .help = "Huffman tables made for the picture; always so when progressive",
                   .unit = "",
                   .type = TSR_PARAM_BOOL,
                   .def = 1},
};

static const double defaults[] = {5, 10, 15, 22, 30, 40, 50, 60, 70, 80, 88, 93};

/* The library does not tell at run time. */
static void version(char *out, size_t size) {
#define TEXT(x)  #x
#define TEXT2(x) TEXT(x)
#ifdef LIBJPEG_TURBO_VERSION
    snprintf(out, size, "libjpeg-turbo %s", TEXT2(LIBJPEG_TURBO_VERSION));
#else
    snprintf(out, size, "libjpeg %d", JPEG_LIB_VERSION);
#endif
}

static tsr_status encode(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d) {
    *out = (tsr_blob){0};
    tsr_status st = tsr_peer_check_setting(&tsr_peer_jpeg, setting, d);
    if (st) return st;
    int64_t sub = v[SUB].i;
    tsr_jpeg_settings s = {.quality = (int)setting,
                           .across = sub == 1 ? 1 : 2,
                           .down = sub == 0 ? 2 : 1,
                           .progressive = (int)v[PROGRESSIVE].i,
                           .optimised = (int)v[OPTIMISED].i};
    tsr_image plain = *im; /* the file's metadata is not part of a comparison */
    plain.icc = plain.exif = (tsr_blob){0};
    return tsr_jpeg_write_as(&plain, &s, out, d);
}

static tsr_status decode(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d) {
    *im = (tsr_image){0};
    tsr_status st = tsr_jpeg_read(in->data, in->size, &tsr_peer_limits, im, d);
    if (st) tsr_image_free(im);
    return st;
}

const tsr_peer tsr_peer_jpeg = {
    .name = "jpeg",
    .summary = "JPEG, as cjpeg of libjpeg-turbo writes it",
    .setting_key = "q",
    .setting = "quality 1..100, higher is better",
    .setting_min = 1,
    .setting_max = 100,
    .setting_whole = 1,
    .defaults = defaults,
    .n_defaults = TSR_COUNT(defaults),
    .params = params,
    .n_params = TSR_COUNT(params),
    .version = version,
    .encode = encode,
    .decode = decode,
};
