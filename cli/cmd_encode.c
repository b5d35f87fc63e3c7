/* cmd_encode.c - tessera encode: a picture to a stream. */
#include <math.h>
#include <string.h>
#include <tessera/metrics.h>

#include "json.h"
#include "picture.h"

#define LOSSLESS_SPEC "wavelet:filter=cdf53" /* the default filter is not reversible */

enum { TARGET = 1 }; /* options that say what to aim at exclude each other */

/* In the order of tsr_colour. */
static const char *const colours[] = {"auto", "none", "ycbcr", "ycocg-r", "klt", NULL};

/* In the order of tsr_encode_options.postfilter. */
static const char *const postfilters[] = {"auto", "off", "on", "network", NULL};

/* tsr_encode_options.views by name. */
static const char *const views[] = {"auto", "1", "2", "8", NULL};
static const uint32_t view_counts[] = {0, 1, 2, 8};

/* In the order of tsr_alpha_mode. */
static const char *const alphas[] = {"lossless", "lossy", NULL};

static const tsr_option options[] = {
    {.name = "output",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "OUT",
     .help = "the stream to write, in place of the second argument"},
    {.name = "codec",
     .letter = 'c',
     .type = TSR_OPTION_SPEC,
     .arg = "SPEC",
     .def = "wavelet",
     .help = "the stages of the codec and their parameters, as described by 'tessera --help' and "
             "'tessera list'"},
    {.name = "quality",
     .letter = 'q',
     .type = TSR_OPTION_REAL,
     .arg = "Q",
     .min = 0,
     .max = 100,
     .def = "75",
     .exclusive = TARGET,
     .help = "quality on a scale where more is better and larger"},
    {.name = "target-bpp",
     .type = TSR_OPTION_REAL,
     .arg = "X",
     .min = 0.0001,
     .max = 1000,
     .exclusive = TARGET,
     .help = "at most X bits per pixel, counting the whole file"},
    {.name = "target-size",
     .type = TSR_OPTION_SIZE,
     .arg = "BYTES",
     .min = 1,
     .max = 0x1p49, /* the library takes up to 1e15 */
     .exclusive = TARGET,
     .help = "a file of at most BYTES; a suffix K, M, G multiplies by 1024, ..."},
    {.name = "target-psnr",
     .type = TSR_OPTION_REAL,
     .arg = "DB",
     .min = 1,
     .max = 200,
     .exclusive = TARGET,
     .help = "the smallest file found whose PSNR over all channels reaches DB"},
    {.name = "step",
     .type = TSR_OPTION_REAL,
     .arg = "S",
     .min = 0.001,
     .max = 1024,
     .exclusive = TARGET,
     .help = "quantization step, in levels of 8-bit samples"},
    {.name = "max-error",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = 65535,
     .exclusive = TARGET,
     .help = "no sample further than N levels from the original; 0 is --lossless"},
    {.name = "lossless",
     .exclusive = TARGET,
     .help = "the decoded picture is equal to the original; the default codec is then "
             "wavelet:filter=cdf53"},
    {.name = "effort",
     .letter = 'e',
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 9,
     .def = "5",
     .help = "work spent on a smaller file: 1 is fast, 9 thorough"},
    {.name = "colour",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = colours,
     .def = "auto",
     .help = "transform of the colour channels"},
    {.name = "alpha",
     .type = TSR_OPTION_CHOICE,
     .arg = "HOW",
     .choices = alphas,
     .def = "lossless",
     .help = "what becomes of alpha beside lossy colours: exact, or coded by their codec and step"},
    {.name = "postfilter",
     .type = TSR_OPTION_CHOICE,
     .arg = "WHEN",
     .choices = postfilters,
     .def = "auto",
     .help = "remove coding artefacts after decoding: by filters (on), or by filters and a trained "
             "network, which costs the decoder time; auto goes by the effort: filters from 2, the "
             "network from 5 on"},
    {.name = "views",
     .type = TSR_OPTION_CHOICE,
     .arg = "N",
     .choices = views,
     .def = "auto",
     .help = "mirrored and transposed views of the picture that a network filter averages, which "
             "costs the decoder N times the network; auto: 8 at effort 9, 2 at 8, else 1"},
    {.name = "no-metadata", .help = "leave the ICC profile and EXIF block out"},
    {.name = "psnr", .help = "decode the result and print its PSNR (-v does so, too)"},
    {.name = "json",
     .help = "report as JSON on standard output (standard error when the stream goes there)"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera encode photo.jpg photo.tsr", "the default codec at quality 75"},
    {"tessera encode photo.png photo.tsr --target-bpp 0.5 -v",
     "half a bit per pixel; prints size, PSNR, time and memory"},
    {"tessera encode photo.png photo.tsr --target-size 40K -e 9",
     "at most 40 KiB, as good as the codec can"},
    {"tessera encode scan.pgm scan.tsr --lossless", "nothing is lost"},
    {"tessera encode photo.png photo.tsr -c dct:block=16/uniform -q 60", "another codec"},
    {"djpeg photo.jpg | tessera encode - - -q 80 > photo.tsr", "in a pipe"},
    {0},
};

/* One encode: what goes in, what came out, for the report. */
typedef struct encoding {
    const char *in, *out;
    uint64_t in_bytes;
    tsr_image image;
    tsr_blob stream;
    tsr_encode_report report;
    int has_metrics;
    tsr_metrics metrics;
    double encode_s, decode_s;
} encoding;

static void set_target(const tsr_args *args, tsr_encode_options *o) {
    static const struct {
        const char *name;
        tsr_target target;
    } targets[] = {{"target-bpp", TSR_TARGET_BPP},      {"target-size", TSR_TARGET_SIZE},
                   {"target-psnr", TSR_TARGET_PSNR},    {"step", TSR_TARGET_STEP},
                   {"max-error", TSR_TARGET_MAX_ERROR}, {"lossless", TSR_TARGET_LOSSLESS}};
    o->target = TSR_TARGET_QUALITY;
    o->value = tsr_args_real(args, "quality");
    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (!tsr_args_has(args, targets[i].name)) continue;
        o->target = targets[i].target;
        o->value = tsr_args_real(args, targets[i].name);
    }
    if (o->target == TSR_TARGET_MAX_ERROR && o->value == 0) o->target = TSR_TARGET_LOSSLESS;
}

static void set_options(const tsr_args *args, tsr_encode_options *o) {
    tsr_encode_options_init(o);
    o->effort = (uint32_t)tsr_args_int(args, "effort");
    o->colour = (tsr_colour)tsr_args_int(args, "colour");
    o->postfilter = (uint32_t)tsr_args_int(args, "postfilter");
    o->alpha = (uint32_t)tsr_args_int(args, "alpha");
    o->views = view_counts[tsr_args_int(args, "views")];
    o->drop_metadata = (uint32_t)tsr_args_has(args, "no-metadata");
    set_target(args, o);
    o->spec = tsr_args_has(args, "codec") || o->target != TSR_TARGET_LOSSLESS
                  ? tsr_args_text(args, "codec")
                  : LOSSLESS_SPEC;
}

static tsr_status encode(tsr_cli *cli, const tsr_encode_options *o, encoding *e) {
    e->report.struct_size = sizeof e->report;
    tsr_timed_begin(cli, "encode");
    tsr_status s = tsr_encode(cli->ctx, &e->image, o, &e->stream, &e->report, &cli->diag);
    e->encode_s = tsr_timed_end(cli);
    return s;
}

/* Decodes the stream just made and compares. */
static tsr_status measure(tsr_cli *cli, encoding *e) {
    tsr_image decoded = {0};
    tsr_timed_begin(cli, "decode");
    tsr_status s =
        tsr_decode(cli->ctx, e->stream.data, e->stream.size, NULL, &decoded, NULL, &cli->diag);
    e->decode_s = tsr_timed_end(cli);
    if (!s) s = tsr_compare(&e->image, &decoded, &e->metrics, &cli->diag);
    e->has_metrics = !s;
    tsr_image_free(&decoded);
    return s;
}

/* ---------------------------------------------------------------- report */

static void print_json(FILE *f, const encoding *e) {
    tsr_json j = tsr_json_begin(f);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "input", e->in);
    tsr_json_text(&j, "output", e->out);
    tsr_json_int(&j, "width", e->image.width);
    tsr_json_int(&j, "height", e->image.height);
    tsr_json_int(&j, "channels", e->image.channels);
    tsr_json_int(&j, "depth", e->image.depth);
    tsr_json_text(&j, "spec", e->report.spec);
    tsr_json_int(&j, "input_bytes", (int64_t)e->in_bytes);
    tsr_json_int(&j, "bytes", (int64_t)e->stream.size);
    tsr_json_real(&j, "bpp", e->report.bpp, 6);
    tsr_json_number(&j, "step", e->report.step);
    tsr_json_int(&j, "trials", e->report.trials);
    if (e->has_metrics) {
        tsr_json_real(&j, "psnr", e->metrics.psnr, 4);
        tsr_json_int(&j, "max_error", e->metrics.max_error);
        tsr_json_real(&j, "decode_seconds", e->decode_s, 4);
    }
    tsr_json_real(&j, "encode_seconds", e->encode_s, 4);
    tsr_json_int(&j, "work_memory_bytes", (int64_t)e->report.peak_memory);
    tsr_json_end(&j);
}

static void print_psnr(FILE *f, const encoding *e) {
    if (isfinite(e->metrics.psnr))
        fprintf(f, "PSNR       %.2f dB, largest error %u\n", e->metrics.psnr, e->metrics.max_error);
    else
        fputs("PSNR       equal to the original\n", f);
}

static void print_verbose(FILE *f, const encoding *e) {
    const tsr_image *im = &e->image;
    fprintf(f, "input      %s: %u x %u, %s, %u bits a sample, %llu bytes\n", e->in, im->width,
            im->height, tsr_channels_text(im->channels), im->depth,
            (unsigned long long)e->in_bytes);
    fprintf(f, "output     %s: %zu bytes, %.4f bpp, 1/%.1f of the samples\n", e->out,
            e->stream.size, e->report.bpp, (double)tsr_image_bytes(im) / (double)e->stream.size);
    fprintf(f, "codec      %s\n", e->report.spec);
    if (e->report.step > 0)
        fprintf(f, "step       %.4g after %u trials\n", e->report.step, e->report.trials);
    print_psnr(f, e);
    fprintf(f, "time       encode %.3f s, decode %.3f s\n", e->encode_s, e->decode_s);
    fprintf(f, "memory     %.1f MiB of work memory\n", (double)e->report.peak_memory / 0x1p20);
}

static void print_report(tsr_cli *cli, const tsr_args *args, const encoding *e) {
    FILE *f = tsr_report_stream(e->out);
    if (tsr_args_has(args, "json"))
        print_json(f, e);
    else if (cli->verbose)
        print_verbose(f, e);
    else if (e->has_metrics)
        print_psnr(f, e);
}

/* ---------------------------------------------------------------- the command */

static int encode_image(tsr_cli *cli, const tsr_args *args, const tsr_encode_options *o,
                        encoding *e) {
    tsr_status s = tsr_picture_read(cli, e->in, &e->image, &e->in_bytes);
    if (!s) s = encode(cli, o, e);
    if (!s && (cli->verbose || tsr_args_has(args, "psnr"))) s = measure(cli, e);
    if (s) return tsr_cli_fail(cli, e->in, s);
    s = tsr_write_file(e->out, e->stream.data, e->stream.size, &cli->diag);
    if (s) return tsr_cli_fail(cli, tsr_output_shown(e->out), s);
    print_report(cli, args, e);
    return TSR_EXIT_OK;
}

/* A stream under the name of a picture is a mistake: `encode *.png`, or `decode` was meant. */
static int refuse_picture_name(const encoding *e) {
    tsr_io_format format;
    if (!strchr(e->out, '.') || !tsr_io_format_by_name(e->out, &format)) return TSR_EXIT_OK;
    return tsr_cli_usage(&tsr_cmd_encode,
                         "'%s' is the name of a picture: a stream needs another, such as .tsr; "
                         "decode writes pictures",
                         e->out);
}

static int run_encode(tsr_cli *cli, const tsr_args *args) {
    encoding e = {.in = tsr_args_operand(args, 0)};
    tsr_encode_options o;
    int code = tsr_output_name(&tsr_cmd_encode, args, &e.out);
    if (!code) code = refuse_picture_name(&e);
    if (code) return code;
    set_options(args, &o);
    tsr_status s = tsr_spec_check(cli->ctx, o.spec, NULL, 0, &cli->diag);
    if (s) return tsr_cli_fail(cli, tsr_cmd_encode.name, s);
    code = encode_image(cli, args, &o, &e);
    tsr_blob_free(&e.stream);
    tsr_image_free(&e.image);
    return code;
}

const tsr_command tsr_cmd_encode = {
    .name = "encode",
    .summary = "compress a picture to a Tessera stream",
    .operands = "IN OUT",
    .description =
        "Compresses the picture IN (PNG, JPEG, PGM, PPM, PAM or a Tessera stream) to the stream "
        "OUT, which must not have the name of a picture. '-' is standard input or standard "
        "output. An existing OUT is replaced when the new "
        "one is complete; on any failure it stays as it was."
        "\n\n"
        "Of --quality, --target-bpp, --target-size, --target-psnr, --step, --max-error and "
        "--lossless one may be given. ICC profile, EXIF block and orientation are kept. So is an "
        "alpha channel, exactly, unless --alpha lossy is given.",
    .min_operands = 1,
    .max_operands = 2,
    .options = options,
    .examples = examples,
    .run = run_encode,
};
