/* peer_webp.c - WebP through libwebp, as `cwebp -q Q -m 6 -sharp_yuv` and `cwebp -z Z` do it. */
#include <stdio.h>
#include <stdlib.h>

#include <webp/decode.h>
#include <webp/encode.h>

#include "peer_list.h"

enum { METHOD, SHARP, LOSSLESS, Z };

static const tsr_peer peer; /* defined at the end */

static const tsr_param params[] = {
    [METHOD] = {.name = "method",
                .help = "effort of lossy coding, 6 is the slowest",
                .unit = "",
                .type = TSR_PARAM_INT,
                .min = 0,
                .max = 6,
                .def = 6},
    [SHARP] = {.name = "sharp_yuv",
               .help = "choose the chroma samples for the picture they give when decoded",
               .unit = "",
               .type = TSR_PARAM_BOOL,
               .def = 1},
    [LOSSLESS] = {.name = "lossless",
                  .help = "lossless coding",
                  .unit = "",
                  .type = TSR_PARAM_BOOL},
    [Z] = {.name = "z",
           .help = "effort of lossless coding, 9 is the slowest",
           .unit = "",
           .type = TSR_PARAM_INT,
           .min = 0,
           .max = 9,
           .def = 6},
};

static const double defaults[] = {0, 5, 10, 20, 35, 50, 65, 75, 85, 92};

static void version(char *out, size_t size) {
    unsigned v = (unsigned)WebPGetEncoderVersion();
    snprintf(out, size, "libwebp %u.%u.%u", v >> 16, v >> 8 & 255, v & 255);
}

static tsr_status failed(const char *what, int code, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET, "webp: %s (libwebp error %d)", what,
                        code);
}

/* ---------------------------------------------------------------- encoding */

static tsr_status configure(WebPConfig *c, const tsr_value *v, double setting, tsr_diag *d) {
    int ok = WebPConfigInit(c);
    if (ok && v[LOSSLESS].i)
        return WebPConfigLosslessPreset(c, (int)v[Z].i) ? TSR_OK : failed("cannot configure", 0, d);
    c->quality = (float)setting;
    c->method = (int)v[METHOD].i;
    c->use_sharp_yuv = (int)v[SHARP].i;
    return ok && WebPValidateConfig(c) ? TSR_OK : failed("cannot configure", 0, d);
}

/* The format has no grey: three equal channels. */
static int import(WebPPicture *p, const tsr_image *im) {
    if (im->channels == 3) return WebPPictureImportRGB(p, im->pixels, (int)im->width * 3);
    size_t n = (size_t)im->width * im->height;
    uint8_t *rgb = malloc(3 * n);
    for (size_t i = 0; rgb && i < 3 * n; i++) rgb[i] = ((const uint8_t *)im->pixels)[i / 3];
    int ok = rgb && WebPPictureImportRGB(p, rgb, (int)im->width * 3);
    free(rgb);
    return ok;
}

static tsr_status encode_picture(const tsr_image *im, const WebPConfig *c, WebPPicture *p,
                                 WebPMemoryWriter *w, tsr_diag *d) {
    p->width = (int)im->width;
    p->height = (int)im->height;
    p->use_argb = c->lossless || c->use_sharp_yuv;
    p->writer = WebPMemoryWrite;
    p->custom_ptr = w;
    if (!import(p, im)) return tsr_peer_no_memory("webp", d);
    if (WebPEncode(c, p)) return TSR_OK;
    if (p->error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
        p->error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
        return tsr_peer_no_memory("webp", d);
    return failed("cannot encode", (int)p->error_code, d);
}

static tsr_status encode(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d) {
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    *out = (tsr_blob){0};
    tsr_status st = tsr_peer_check_picture("webp", im, WEBP_MAX_DIMENSION, d);
    if (!st && !v[LOSSLESS].i) st = tsr_peer_check_setting(&peer, setting, d);
    if (!st) st = configure(&config, v, setting, d);
    if (st) return st;
    WebPMemoryWriterInit(&writer);
    if (WebPPictureInit(&picture)) {
        st = encode_picture(im, &config, &picture, &writer, d);
        WebPPictureFree(&picture);
    } else {
        st = failed("cannot begin", 0, d);
    }
    if (!st && tsr_blob_copy(out, writer.mem, writer.size)) st = tsr_peer_no_memory("webp", d);
    WebPMemoryWriterClear(&writer);
    return st;
}

/* ---------------------------------------------------------------- decoding */

static tsr_status decode_failed(VP8StatusCode code, tsr_diag *d) {
    if (code == VP8_STATUS_OUT_OF_MEMORY) return tsr_peer_no_memory("webp", d);
    if (code == VP8_STATUS_NOT_ENOUGH_DATA || code == VP8_STATUS_SUSPENDED)
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, TSR_NO_OFFSET, "webp: the data ends too early");
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "webp: corrupt data (libwebp error %d)",
                        (int)code);
}

static tsr_status decode(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d) {
    WebPDecoderConfig c;
    *im = (tsr_image){0};
    if (!WebPInitDecoderConfig(&c)) return failed("cannot begin", 0, d);
    VP8StatusCode code = WebPGetFeatures(in->data, in->size, &c.input);
    if (code) return decode_failed(code, d);
    tsr_status st = tsr_io_image_alloc(im, (uint64_t)c.input.width, (uint64_t)c.input.height, 3, 8,
                                       &tsr_peer_limits, d);
    if (st) return st;
    c.output.colorspace = MODE_RGB;
    c.output.is_external_memory = 1;
    c.output.u.RGBA.rgba = im->pixels;
    c.output.u.RGBA.stride = (int)tsr_image_row_bytes(im);
    c.output.u.RGBA.size = tsr_image_bytes(im);
    code = WebPDecode(in->data, in->size, &c);
    if (code) st = decode_failed(code, d);
    if (st) tsr_image_free(im);
    return st;
}

static const tsr_peer peer = {
    .name = "webp",
    .summary = "WebP, as cwebp of libwebp writes it",
    .setting_key = "q",
    .setting = "quality 0..100, higher is better",
    .setting_min = 0,
    .setting_max = 100,
    .defaults = defaults,
    .n_defaults = TSR_COUNT(defaults),
    .params = params,
    .n_params = TSR_COUNT(params),
    .version = version,
    .encode = encode,
    .decode = decode,
};

TSR_MODULE(peer);
