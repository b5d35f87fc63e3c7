/* peer_jxl.c - JPEG XL through libjxl, as `cjxl -d D -e 7 --num_threads=0` does it; distance 0 is
 * lossless. The pixels are sRGB, the output a bare codestream.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jxl/decode.h>
#include <jxl/encode.h>

#include "peer_list.h"

enum { EFFORT, LOSSLESS };

static const tsr_peer peer; /* defined at the end */

static const tsr_param params[] = {
    [EFFORT] = {.name = "effort",
                .help = "1 fast to 9 thorough",
                .unit = "",
                .type = TSR_PARAM_INT,
                .min = 1,
                .max = 9,
                .def = 7},
    [LOSSLESS] = {.name = "lossless",
                  .help = "lossless coding, as with distance 0",
                  .unit = "",
                  .type = TSR_PARAM_BOOL},
};

static const double defaults[] = {15, 10, 7, 5, 3.5, 2.5, 1.8, 1.2, 0.8, 0.5};

static void version(char *out, size_t size) {
    unsigned v = JxlEncoderVersion();
    snprintf(out, size, "libjxl %u.%u.%u", v / 1000000, v / 1000 % 1000, v % 1000);
}

/* ---------------------------------------------------------------- encoding */

static JxlPixelFormat pixel_format(unsigned channels) {
    return (JxlPixelFormat){
        .num_channels = channels, .data_type = JXL_TYPE_UINT8, .endianness = JXL_NATIVE_ENDIAN};
}

static int describe(JxlEncoder *e, const tsr_image *im, int lossless) {
    JxlBasicInfo info;
    JxlColorEncoding colour;
    JxlEncoderInitBasicInfo(&info);
    info.xsize = im->width;
    info.ysize = im->height;
    info.bits_per_sample = 8;
    info.num_color_channels = im->channels;
    info.uses_original_profile = lossless;
    JxlColorEncodingSetToSRGB(&colour, im->channels == 1);
    colour.rendering_intent = JXL_RENDERING_INTENT_PERCEPTUAL; /* cjxl's for PNG, 3 bytes */
    return JxlEncoderSetBasicInfo(e, &info) == JXL_ENC_SUCCESS &&
           JxlEncoderSetColorEncoding(e, &colour) == JXL_ENC_SUCCESS;
}

static int add_picture(JxlEncoder *e, const tsr_image *im, int64_t effort, double distance) {
    JxlPixelFormat format = pixel_format(im->channels);
    JxlEncoderFrameSettings *s = JxlEncoderFrameSettingsCreate(e, NULL);
    if (!s ||
        JxlEncoderFrameSettingsSetOption(s, JXL_ENC_FRAME_SETTING_EFFORT, effort) !=
            JXL_ENC_SUCCESS ||
        JxlEncoderSetFrameDistance(s, (float)distance) != JXL_ENC_SUCCESS ||
        (distance == 0 && JxlEncoderSetFrameLossless(s, JXL_TRUE) != JXL_ENC_SUCCESS) ||
        JxlEncoderAddImageFrame(s, &format, im->pixels, tsr_image_bytes(im)) != JXL_ENC_SUCCESS)
        return 0;
    JxlEncoderCloseInput(e);
    return 1;
}

static JxlEncoderStatus take_output(JxlEncoder *e, tsr_io_sink *out) {
    JxlEncoderStatus s;
    do {
        if (!tsr_io_sink_grow(out, 65536)) return JXL_ENC_ERROR;
        uint8_t *next = out->data + out->size;
        size_t room = out->cap - out->size;
        s = JxlEncoderProcessOutput(e, &next, &room);
        out->size = out->cap - room;
    } while (s == JXL_ENC_NEED_MORE_OUTPUT);
    return s;
}

static tsr_status encode(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d) {
    double distance = v[LOSSLESS].i ? 0 : setting;
    tsr_io_sink sink = {0};
    *out = (tsr_blob){0};
    tsr_status st = tsr_peer_check_picture("jxl", im, TSR_MAX_SIDE, d);
    if (!st) st = tsr_peer_check_setting(&peer, distance, d);
    if (st) return st;
    JxlEncoder *e = JxlEncoderCreate(NULL);
    if (!e) return tsr_peer_no_memory("jxl", d);
    if (!describe(e, im, distance == 0) || !add_picture(e, im, v[EFFORT].i, distance) ||
        take_output(e, &sink) != JXL_ENC_SUCCESS) {
        st = JxlEncoderGetError(e) == JXL_ENC_ERR_OOM
                 ? tsr_peer_no_memory("jxl", d)
                 : tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET,
                                "jxl: cannot encode (libjxl error %d)", (int)JxlEncoderGetError(e));
        free(sink.data);
    } else {
        *out = (tsr_blob){sink.data, sink.size};
    }
    JxlEncoderDestroy(e);
    return st;
}

/* ---------------------------------------------------------------- decoding */

static tsr_status corrupt(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "jxl: corrupt data");
}

static tsr_status allocate(const JxlDecoder *j, tsr_image *im, tsr_diag *d) {
    JxlBasicInfo info;
    if (im->pixels || JxlDecoderGetBasicInfo(j, &info) != JXL_DEC_SUCCESS) return corrupt(d);
    if (info.have_animation || info.bits_per_sample != 8 || info.alpha_bits ||
        (info.num_color_channels != 1 && info.num_color_channels != 3))
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "jxl: not a grey or RGB picture of 8 bits");
    return tsr_io_image_alloc(im, info.xsize, info.ysize, info.num_color_channels, 8,
                              &tsr_peer_limits, d);
}

static tsr_status give_buffer(JxlDecoder *j, tsr_image *im, tsr_diag *d) {
    JxlPixelFormat format = pixel_format(im->channels);
    size_t size = 0;
    if (!im->pixels || JxlDecoderImageOutBufferSize(j, &format, &size) != JXL_DEC_SUCCESS ||
        size != tsr_image_bytes(im) ||
        JxlDecoderSetImageOutBuffer(j, &format, im->pixels, size) != JXL_DEC_SUCCESS)
        return corrupt(d);
    return TSR_OK;
}

static tsr_status run_decoder(JxlDecoder *j, tsr_image *im, tsr_diag *d) {
    int whole = 0;
    tsr_status st = TSR_OK;
    while (!st) {
        switch (JxlDecoderProcessInput(j)) {
        case JXL_DEC_BASIC_INFO:
            st = allocate(j, im, d);
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
            st = give_buffer(j, im, d);
            break;
        case JXL_DEC_FULL_IMAGE:
            whole = 1;
            break;
        case JXL_DEC_SUCCESS:
            return whole ? TSR_OK : corrupt(d);
        case JXL_DEC_NEED_MORE_INPUT:
            return tsr_diag_set(d, TSR_ERR_TRUNCATED, TSR_NO_OFFSET,
                                "jxl: the data ends too early");
        default:
            return corrupt(d);
        }
    }
    return st;
}

static tsr_status decode(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d) {
    *im = (tsr_image){0};
    JxlDecoder *j = JxlDecoderCreate(NULL);
    if (!j) return tsr_peer_no_memory("jxl", d);
    tsr_status st = TSR_OK;
    if (JxlDecoderSubscribeEvents(j, JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE) != JXL_DEC_SUCCESS ||
        JxlDecoderSetInput(j, in->data, in->size) != JXL_DEC_SUCCESS)
        st = corrupt(d);
    JxlDecoderCloseInput(j);
    if (!st) st = run_decoder(j, im, d);
    JxlDecoderDestroy(j);
    if (st) tsr_image_free(im);
    return st;
}

static const tsr_peer peer = {
    .name = "jxl",
    .summary = "JPEG XL, as cjxl of libjxl writes it",
    .setting_key = "d",
    .setting = "distance 0..25, lower is better, 0 is lossless",
    .setting_min = 0,
    .setting_max = 25,
    .defaults = defaults,
    .n_defaults = TSR_COUNT(defaults),
    .params = params,
    .n_params = TSR_COUNT(params),
    .version = version,
    .encode = encode,
    .decode = decode,
};

TSR_MODULE(peer);
