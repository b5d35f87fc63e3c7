/* peer_jpeg2000.c - JPEG 2000 through OpenJPEG, as `opj_compress -r R -I -n 6 -o FILE.j2k` does it:
 * one tile, one layer, raw codestream (ISO/IEC 15444-1), component transform for RGB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg.h>

#include "peer_list.h"

enum { FILTER, LOSSLESS };

static const char *const filter_names[] = {"97", "53", NULL};

static const tsr_peer peer; /* defined at the end */

static const tsr_param params[] = {
    [FILTER] = {.name = "filter",
                .help = "wavelet, 9/7 or 5/3",
                .unit = "",
                .type = TSR_PARAM_CHOICE,
                .choices = filter_names},
    [LOSSLESS] = {.name = "lossless",
                  .help = "lossless coding, with the 5/3 wavelet",
                  .unit = "",
                  .type = TSR_PARAM_BOOL},
};

static const double defaults[] = {480, 240, 160, 120, 80, 60, 40, 30, 24, 16, 12, 8};

static void version(char *out, size_t size) {
    snprintf(out, size, "OpenJPEG %s", opj_version());
}

/* The first thing the library said. */
typedef struct said {
    char text[160];
} said;

static void on_error(const char *text, void *user) {
    said *s = user;
    if (*s->text) return;
    snprintf(s->text, sizeof s->text, "%s", text);
    s->text[strcspn(s->text, "\r\n")] = 0;
}

/* ---------------------------------------------------------------- bytes in memory */

/* What a stream of the library reads from or writes to. */
typedef struct bytes {
    tsr_io_sink sink; /* writing */
    const uint8_t *data;
    size_t size; /* reading: of data */
    size_t at;
} bytes;

#define FAILED ((OPJ_SIZE_T)-1)

static OPJ_SIZE_T on_read(void *to, OPJ_SIZE_T n, void *user) {
    bytes *b = user;
    if (b->at >= b->size) return FAILED;
    if (n > b->size - b->at) n = b->size - b->at;
    memcpy(to, b->data + b->at, n);
    b->at += n;
    return n;
}

static OPJ_OFF_T on_read_skip(OPJ_OFF_T n, void *user) {
    bytes *b = user;
    if (n < 0 || (uint64_t)n > b->size - b->at) return -1;
    b->at += (size_t)n;
    return n;
}

static OPJ_BOOL on_read_seek(OPJ_OFF_T to, void *user) {
    bytes *b = user;
    if (to < 0 || (uint64_t)to > b->size) return OPJ_FALSE;
    b->at = (size_t)to;
    return OPJ_TRUE;
}

/* Writing may go back and write again. */
static OPJ_SIZE_T on_write(void *from, OPJ_SIZE_T n, void *user) {
    bytes *b = user;
    size_t end = b->at + n;
    if (end > b->sink.size) {
        if (!tsr_io_sink_grow(&b->sink, end - b->sink.size)) return FAILED;
        if (b->at > b->sink.size) memset(b->sink.data + b->sink.size, 0, b->at - b->sink.size);
        b->sink.size = end;
    }
    memcpy(b->sink.data + b->at, from, n);
    b->at = end;
    return n;
}

static OPJ_OFF_T on_write_skip(OPJ_OFF_T n, void *user) {
    bytes *b = user;
    if (n < 0) return -1;
    b->at += (size_t)n;
    return n;
}

static OPJ_BOOL on_write_seek(OPJ_OFF_T to, void *user) {
    if (to < 0) return OPJ_FALSE;
    ((bytes *)user)->at = (size_t)to;
    return OPJ_TRUE;
}

static opj_stream_t *open_stream(bytes *b, int reading) {
    opj_stream_t *s = opj_stream_default_create(reading);
    if (!s) return NULL;
    opj_stream_set_user_data(s, b, NULL);
    if (reading) {
        opj_stream_set_user_data_length(s, b->size);
        opj_stream_set_read_function(s, on_read);
    } else {
        opj_stream_set_write_function(s, on_write);
    }
    opj_stream_set_skip_function(s, reading ? on_read_skip : on_write_skip);
    opj_stream_set_seek_function(s, reading ? on_read_seek : on_write_seek);
    return s;
}

/* ---------------------------------------------------------------- encoding */

static opj_image_t *make_image(const tsr_image *im) {
    opj_image_cmptparm_t part[3] = {{0}};
    for (unsigned c = 0; c < im->channels; c++)
        part[c] = (opj_image_cmptparm_t){
            .dx = 1, .dy = 1, .w = im->width, .h = im->height, .prec = 8, .bpp = 8};
    opj_image_t *o =
        opj_image_create(im->channels, part, im->channels == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY);
    if (!o) return NULL;
    o->x1 = im->width;
    o->y1 = im->height;
    const uint8_t *p = im->pixels;
    size_t n = (size_t)im->width * im->height;
    for (size_t i = 0; i < n; i++)
        for (unsigned c = 0; c < im->channels; c++) o->comps[c].data[i] = *p++;
    return o;
}

/* Six resolutions, or as many as the picture has room for. */
static int resolutions(const tsr_image *im) {
    uint32_t side = im->width < im->height ? im->width : im->height;
    int n = 6;
    while (n > 1 && side >> (n - 1) == 0) n--;
    return n;
}

static void configure(opj_cparameters_t *p, const tsr_image *im, const tsr_value *v,
                      double setting) {
    opj_set_default_encoder_parameters(p);
    p->tcp_numlayers = 1;
    p->cp_disto_alloc = 1;
    p->tcp_rates[0] = v[LOSSLESS].i ? 0 : (float)setting;
    p->irreversible = !v[LOSSLESS].i && v[FILTER].i == 0;
    p->numresolution = resolutions(im);
    p->tcp_mct = im->channels == 3;
}

static tsr_status compress(opj_cparameters_t *p, opj_image_t *image, bytes *b, tsr_diag *d) {
    said s = {{0}};
    opj_codec_t *codec = opj_create_compress(OPJ_CODEC_J2K);
    opj_stream_t *stream = open_stream(b, 0);
    int ok = codec && stream && opj_set_error_handler(codec, on_error, &s) &&
             opj_setup_encoder(codec, p, image) && opj_start_compress(codec, image, stream) &&
             opj_encode(codec, stream) && opj_end_compress(codec, stream);
    if (stream) opj_stream_destroy(stream);
    if (codec) opj_destroy_codec(codec);
    if (ok) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_INTERNAL, TSR_NO_OFFSET, "jpeg2000: cannot encode%s%s",
                        *s.text ? ": " : "", s.text);
}

static tsr_status encode(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d) {
    opj_cparameters_t parameters;
    bytes b = {0};
    *out = (tsr_blob){0};
    tsr_status st = tsr_peer_check_picture("jpeg2000", im, TSR_MAX_SIDE, d);
    if (!st && !v[LOSSLESS].i) st = tsr_peer_check_setting(&peer, setting, d);
    if (st) return st;
    opj_image_t *image = make_image(im);
    if (!image) return tsr_peer_no_memory("jpeg2000", d);
    configure(&parameters, im, v, setting);
    st = compress(&parameters, image, &b, d);
    opj_image_destroy(image);
    if (st)
        free(b.sink.data);
    else
        *out = (tsr_blob){b.sink.data, b.sink.size};
    return st;
}

/* ---------------------------------------------------------------- decoding */

static tsr_status corrupt(const said *s, tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "jpeg2000: %s",
                        *s->text ? s->text : "corrupt data");
}

/* Whether the picture is of the kind that encode makes. */
static tsr_status check_image(const opj_image_t *o, tsr_diag *d) {
    int good = o->numcomps == 1 || o->numcomps == 3;
    for (OPJ_UINT32 c = 0; good && c < o->numcomps; c++) {
        const opj_image_comp_t *p = &o->comps[c];
        good = p->prec == 8 && !p->sgnd && p->w == o->comps[0].w && p->h == o->comps[0].h &&
               p->dx == 1 && p->dy == 1;
    }
    if (good) return tsr_io_size_check(o->comps[0].w, o->comps[0].h, &tsr_peer_limits, d);
    return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                        "jpeg2000: not a grey or RGB picture of 8 bits");
}

static tsr_status copy_image(const opj_image_t *o, tsr_image *im, tsr_diag *d) {
    for (OPJ_UINT32 c = 0; c < o->numcomps; c++)
        if (!o->comps[c].data) return corrupt(&(said){{0}}, d);
    tsr_status st = tsr_image_alloc(im, o->comps[0].w, o->comps[0].h, o->numcomps, 8, 0, d);
    if (st) return st;
    uint8_t *p = im->pixels;
    size_t n = (size_t)im->width * im->height;
    for (size_t i = 0; i < n; i++)
        for (OPJ_UINT32 c = 0; c < o->numcomps; c++) {
            OPJ_INT32 s = o->comps[c].data[i];
            *p++ = (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
        }
    return TSR_OK;
}

/* Warnings count as errors: a picture that is partly missing is no measurement. */
static tsr_status decompress(opj_codec_t *codec, opj_stream_t *stream, tsr_image *im, tsr_diag *d) {
    said s = {{0}};
    opj_dparameters_t parameters;
    opj_image_t *image = NULL;
    opj_set_default_decoder_parameters(&parameters);
    opj_set_error_handler(codec, on_error, &s);
    opj_set_warning_handler(codec, on_error, &s);
    tsr_status st = TSR_OK;
    if (!opj_setup_decoder(codec, &parameters) || !opj_read_header(stream, codec, &image))
        st = corrupt(&s, d);
    if (!st) st = check_image(image, d);
    if (!st && (!opj_decode(codec, stream, image) || !opj_end_decompress(codec, stream) || *s.text))
        st = corrupt(&s, d);
    if (!st) st = check_image(image, d);
    if (!st) st = copy_image(image, im, d);
    opj_image_destroy(image);
    return st;
}

static tsr_status decode(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d) {
    bytes b = {.data = in->data, .size = in->size};
    *im = (tsr_image){0};
    opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
    opj_stream_t *stream = open_stream(&b, 1);
    tsr_status st =
        codec && stream ? decompress(codec, stream, im, d) : tsr_peer_no_memory("jpeg2000", d);
    if (stream) opj_stream_destroy(stream);
    if (codec) opj_destroy_codec(codec);
    return st;
}

static const tsr_peer peer = {
    .name = "jpeg2000",
    .summary = "JPEG 2000, as opj_compress of OpenJPEG writes it",
    .setting_key = "r",
    .setting = "compression ratio 1..10000, lower is better",
    .setting_min = 1,
    .setting_max = 10000,
    .defaults = defaults,
    .n_defaults = TSR_COUNT(defaults),
    .params = params,
    .n_params = TSR_COUNT(params),
    .version = version,
    .encode = encode,
    .decode = decode,
};

TSR_MODULE(peer);
