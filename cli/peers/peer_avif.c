/* peer_avif.c - AVIF through libavif with the encoder libaom, as
 * `avifenc -c aom -s S -j 1 -y 444 -r full --min 0 --max 63 -a end-usage=q -a cq-level=Q -a
 * tune=psnr` does it; lossless as `avifenc --lossless`.
 */
#include <stdio.h>
#include <string.h>

#include <avif/avif.h>

#include "peer_list.h"

enum { SPEED, YUV, LOSSLESS };

static const char *const yuv_names[] = {"444", "422", "420", NULL};
static const avifPixelFormat yuv_formats[] = {AVIF_PIXEL_FORMAT_YUV444, AVIF_PIXEL_FORMAT_YUV422,
                                              AVIF_PIXEL_FORMAT_YUV420};

static const tsr_peer peer; /* defined at the end */

static const tsr_param params[] = {
    [SPEED] = {.name = "speed",
               .help = "0 slowest to 10 fastest",
               .unit = "",
               .type = TSR_PARAM_INT,
               .min = 0,
               .max = 10,
               .def = 6},
    [YUV] = {.name = "yuv",
             .help = "chroma subsampling",
             .unit = "",
             .type = TSR_PARAM_CHOICE,
             .choices = yuv_names},
    [LOSSLESS] = {.name = "lossless",
                  .help = "lossless coding",
                  .unit = "",
                  .type = TSR_PARAM_BOOL},
};

static const double defaults[] = {62, 56, 50, 44, 38, 32, 26, 20, 14};

/* "libavif 0.11.1 with aom v3.6.0", from "dav1d [dec]:1.0.0, aom [enc/dec]:v3.6.0, ...". */
static void version(char *out, size_t size) {
    char codecs[256];
    avifCodecVersions(codecs);
    const char *aom = strstr(codecs, "aom [");
    const char *number = aom ? strchr(aom, ':') : NULL;
    if (number)
        snprintf(out, size, "libavif %s with aom %.*s", avifVersion(),
                 (int)strcspn(number + 1, ", "), number + 1);
    else
        snprintf(out, size, "libavif %s without aom", avifVersion());
}

static tsr_status failed(avifResult r, const char *what, tsr_status status, tsr_diag *d) {
    if (r == AVIF_RESULT_OUT_OF_MEMORY) return tsr_peer_no_memory("avif", d);
    return tsr_diag_set(d, status, TSR_NO_OFFSET, "avif: %s: %s", what, avifResultToString(r));
}

/* ---------------------------------------------------------------- encoding */

static void describe(avifImage *a, const tsr_image *im, const tsr_value *v) {
    a->yuvRange = AVIF_RANGE_FULL;
    a->colorPrimaries = AVIF_COLOR_PRIMARIES_BT709;
    a->transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_SRGB;
    a->matrixCoefficients = v[LOSSLESS].i && im->channels == 3 ? AVIF_MATRIX_COEFFICIENTS_IDENTITY
                                                               : AVIF_MATRIX_COEFFICIENTS_BT601;
}

/* Grey goes into the luma plane as it is. */
static avifResult import(avifImage *a, const tsr_image *im) {
    if (im->channels == 1) {
        avifImageAllocatePlanes(a, AVIF_PLANES_YUV);
        if (!a->yuvPlanes[AVIF_CHAN_Y]) return AVIF_RESULT_OUT_OF_MEMORY;
        for (uint32_t y = 0; y < im->height; y++)
            memcpy(a->yuvPlanes[AVIF_CHAN_Y] + (size_t)y * a->yuvRowBytes[AVIF_CHAN_Y],
                   (const uint8_t *)im->pixels + (size_t)y * im->width, im->width);
        return AVIF_RESULT_OK;
    }
    avifRGBImage rgb;
    avifRGBImageSetDefaults(&rgb, a);
    rgb.depth = 8;
    rgb.format = AVIF_RGB_FORMAT_RGB;
    rgb.pixels = im->pixels;
    rgb.rowBytes = (uint32_t)tsr_image_row_bytes(im);
    return avifImageRGBToYUV(a, &rgb);
}

static void configure(avifEncoder *e, const tsr_value *v, double setting) {
    char level[16];
    int lossless = (int)v[LOSSLESS].i;
    e->codecChoice = AVIF_CODEC_CHOICE_AOM;
    e->maxThreads = 1;
    e->speed = (int)v[SPEED].i;
    e->minQuantizer = e->minQuantizerAlpha = AVIF_QUANTIZER_LOSSLESS;
    e->maxQuantizer = e->maxQuantizerAlpha =
        lossless ? AVIF_QUANTIZER_LOSSLESS : AVIF_QUANTIZER_WORST_QUALITY;
    if (lossless) return;
    snprintf(level, sizeof level, "%d", (int)setting);
    avifEncoderSetCodecSpecificOption(e, "end-usage", "q");
    avifEncoderSetCodecSpecificOption(e, "cq-level", level);
    avifEncoderSetCodecSpecificOption(e, "tune", "psnr");
}

static tsr_status run_encoder(avifEncoder *e, const avifImage *a, tsr_blob *out, tsr_diag *d) {
    avifRWData data = AVIF_DATA_EMPTY;
    avifResult r = avifEncoderWrite(e, a, &data);
    tsr_status st = TSR_OK;
    if (r != AVIF_RESULT_OK)
        st = failed(r, "cannot encode", TSR_ERR_INTERNAL, d);
    else if (tsr_blob_copy(out, data.data, data.size))
        st = tsr_peer_no_memory("avif", d);
    avifRWDataFree(&data);
    return st;
}

static tsr_status encode(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d) {
    *out = (tsr_blob){0};
    tsr_status st = tsr_peer_check_picture("avif", im, 65536, d);
    if (!st && !v[LOSSLESS].i) st = tsr_peer_check_setting(&peer, setting, d);
    if (st) return st;
    avifPixelFormat format = im->channels == 1 ? AVIF_PIXEL_FORMAT_YUV400
                             : v[LOSSLESS].i   ? AVIF_PIXEL_FORMAT_YUV444
                                               : yuv_formats[v[YUV].i];
    avifImage *a = avifImageCreate((int)im->width, (int)im->height, 8, format);
    avifEncoder *e = avifEncoderCreate();
    if (a && e) {
        describe(a, im, v);
        configure(e, v, setting);
        avifResult r = import(a, im);
        st = r == AVIF_RESULT_OK ? run_encoder(e, a, out, d)
                                 : failed(r, "cannot convert to YUV", TSR_ERR_INTERNAL, d);
    } else {
        st = tsr_peer_no_memory("avif", d);
    }
    if (a) avifImageDestroy(a);
    if (e) avifEncoderDestroy(e);
    return st;
}

/* ---------------------------------------------------------------- decoding */

static avifResult export(const avifImage *a, tsr_image *im) {
    if (im->channels == 1 && a->yuvRange == AVIF_RANGE_FULL) {
        for (uint32_t y = 0; y < im->height; y++)
            memcpy((uint8_t *)im->pixels + (size_t)y * im->width,
                   a->yuvPlanes[AVIF_CHAN_Y] + (size_t)y * a->yuvRowBytes[AVIF_CHAN_Y], im->width);
        return AVIF_RESULT_OK;
    }
    avifRGBImage rgb;
    avifRGBImageSetDefaults(&rgb, a);
    rgb.depth = 8;
    rgb.format = AVIF_RGB_FORMAT_RGB;
    rgb.pixels = im->pixels;
    rgb.rowBytes = (uint32_t)tsr_image_row_bytes(im);
    return avifImageYUVToRGB(a, &rgb);
}

static tsr_status decode_with(avifDecoder *decoder, const tsr_blob *in, tsr_image *im,
                              tsr_diag *d) {
    decoder->maxThreads = 1;
    decoder->imageSizeLimit = (uint32_t)tsr_peer_limits.max_pixels;
    avifResult r = avifDecoderSetIOMemory(decoder, in->data, in->size);
    if (r == AVIF_RESULT_OK) r = avifDecoderParse(decoder);
    if (r == AVIF_RESULT_OK) r = avifDecoderNextImage(decoder);
    if (r == AVIF_RESULT_TRUNCATED_DATA) return failed(r, "cannot decode", TSR_ERR_TRUNCATED, d);
    if (r != AVIF_RESULT_OK) return failed(r, "cannot decode", TSR_ERR_FORMAT, d);
    const avifImage *a = decoder->image;
    unsigned channels =
        a->yuvFormat == AVIF_PIXEL_FORMAT_YUV400 && a->yuvRange == AVIF_RANGE_FULL ? 1 : 3;
    if (a->depth != 8)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET, "avif: not a picture of 8 bits");
    tsr_status st = tsr_io_image_alloc(im, a->width, a->height, channels, 8, &tsr_peer_limits, d);
    if (st) return st;
    r = export(a, im);
    return r == AVIF_RESULT_OK ? TSR_OK : failed(r, "cannot convert to RGB", TSR_ERR_FORMAT, d);
}

static tsr_status decode(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d) {
    *im = (tsr_image){0};
    avifDecoder *decoder = avifDecoderCreate();
    if (!decoder) return tsr_peer_no_memory("avif", d);
    tsr_status st = decode_with(decoder, in, im, d);
    avifDecoderDestroy(decoder);
    if (st) tsr_image_free(im);
    return st;
}

static const tsr_peer peer = {
    .name = "avif",
    .summary = "AVIF with the encoder libaom, as avifenc of libavif writes it",
    .setting_key = "cq",
    .setting = "quantizer level 0..63, lower is better",
    .setting_min = 0,
    .setting_max = 63,
    .setting_whole = 1,
    .defaults = defaults,
    .n_defaults = TSR_COUNT(defaults),
    .params = params,
    .n_params = TSR_COUNT(params),
    .version = version,
    .encode = encode,
    .decode = decode,
};

TSR_MODULE(peer);
