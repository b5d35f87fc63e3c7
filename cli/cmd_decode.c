/* cmd_decode.c - tessera decode: a stream to a picture. */
#include <string.h>

#include "json.h"
#include "picture.h"

/* In the order of tsr_io_format. */
static const char *const formats[] = {"png", "jpeg", "pnm", "pam", NULL};

static const tsr_option options[] = {
    {.name = "output",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "OUT",
     .help = "the picture to write, in place of the second argument"},
    {.name = "format",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = formats,
     .help =
         "format of OUT, whatever its name; without it, the extension decides, and standard output "
         "gets PNG"},
    {.name = "reduce",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = TSR_MAX_REDUCE,
     .def = "0",
     .help =
         "decode to 1/2^N of width and height, rounded up; the wavelet reads only what it needs "
         "for that"},
    {.name = "region",
     .type = TSR_OPTION_TEXT,
     .arg = "X,Y,W,H",
     .help = "write only the W x H pixels from column X and row Y on, counted from 0 in the whole "
             "picture; with --reduce, the pixels that cover them"},
    {.name = "allow-partial",
     .help = "decode what there is of a truncated stream; a note says how much that was"},
    {.name = "no-metadata", .help = "leave the ICC profile and EXIF block out"},
    {.name = "json",
     .help = "report as JSON on standard output (standard error when the picture goes there)"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera decode photo.tsr photo.png", "to PNG, by the extension"},
    {"tessera decode photo.tsr - --format pnm | display -", "to PGM or PPM, in a pipe"},
    {"tessera decode photo.tsr small.png --reduce 3", "an eighth of width and height"},
    {"tessera decode photo.tsr part.png --region 100,50,320,200", "320 x 200 pixels of it"},
    {"tessera decode half.tsr half.png --allow-partial", "what arrived of a stream cut short"},
    {0},
};

typedef struct decoding {
    const char *in, *out;
    tsr_io_format format;
    tsr_rect region; /* all 0: the whole picture */
    uint64_t in_bytes;
    size_t out_bytes;
    tsr_image image;
    tsr_decode_report report;
    double seconds;
} decoding;

static int choose_format(const tsr_args *args, decoding *d) {
    if (tsr_args_has(args, "format")) {
        d->format = (tsr_io_format)tsr_args_int(args, "format");
        return TSR_EXIT_OK;
    }
    if (!strcmp(d->out, "-")) {
        d->format = TSR_IO_PNG;
        return TSR_EXIT_OK;
    }
    if (tsr_io_format_by_name(d->out, &d->format)) return TSR_EXIT_OK;
    return tsr_cli_usage(
        &tsr_cmd_decode,
        "no picture format in the name '%s': use .png, .jpg, .pgm, .ppm, .pam or --format", d->out);
}

/* A decimal number up to TSR_MAX_SIDE; returns what follows it, or NULL. */
static const char *parse_side(const char *text, uint32_t *v) {
    uint64_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9' && n <= TSR_MAX_SIDE; p++) n = 10 * n + (uint64_t)(*p - '0');
    *v = (uint32_t)n;
    return p > text && n <= TSR_MAX_SIDE ? p : NULL;
}

static int choose_region(const tsr_args *args, decoding *d) {
    const char *text = tsr_args_text(args, "region"), *p = text;
    uint32_t *part[] = {&d->region.x, &d->region.y, &d->region.w, &d->region.h};
    if (!text) return TSR_EXIT_OK;
    for (int i = 0; i < 4 && p; i++) {
        p = parse_side(p, part[i]);
        if (p && *p != (i < 3 ? ',' : 0)) p = NULL;
        if (p && i < 3) p++;
    }
    if (p && d->region.w && d->region.h) return TSR_EXIT_OK;
    return tsr_cli_usage(&tsr_cmd_decode,
                         "--region '%.100s' is not legal: X,Y,W,H, whole numbers up to %u, "
                         "W and H at least 1",
                         text, TSR_MAX_SIDE);
}

static tsr_status decode(tsr_cli *cli, const tsr_args *args, decoding *d) {
    tsr_blob file = {0};
    tsr_decode_options o;
    tsr_decode_options_init(&o);
    o.allow_partial = (uint32_t)tsr_args_has(args, "allow-partial");
    o.no_metadata = (uint32_t)tsr_args_has(args, "no-metadata");
    o.reduce = (uint32_t)tsr_args_int(args, "reduce");
    o.region = d->region;
    d->report.struct_size = sizeof d->report;
    tsr_status s = tsr_input_read(cli, d->in, &file);
    if (s) return s;
    d->in_bytes = file.size;
    tsr_timed_begin(cli, "decode");
    s = tsr_decode(cli->ctx, file.data, file.size, &o, &d->image, &d->report, &cli->diag);
    d->seconds = tsr_timed_end(cli);
    tsr_blob_free(&file);
    return s;
}

static void print_json(FILE *f, const decoding *d) {
    tsr_json j = tsr_json_begin(f);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "input", d->in);
    tsr_json_text(&j, "output", d->out);
    tsr_json_text(&j, "format", formats[d->format]);
    tsr_json_int(&j, "width", d->image.width);
    tsr_json_int(&j, "height", d->image.height);
    tsr_json_int(&j, "channels", d->image.channels);
    tsr_json_int(&j, "depth", d->image.depth);
    tsr_json_int(&j, "input_bytes", (int64_t)d->in_bytes);
    tsr_json_int(&j, "bytes", (int64_t)d->out_bytes);
    tsr_json_int(&j, "layers", d->report.layers_total);
    tsr_json_int(&j, "layers_decoded", d->report.layers_decoded);
    tsr_json_real(&j, "decode_seconds", d->seconds, 4);
    tsr_json_int(&j, "work_memory_bytes", (int64_t)d->report.peak_memory);
    tsr_json_end(&j);
}

static void print_verbose(FILE *f, const decoding *d) {
    const tsr_image *im = &d->image;
    fprintf(f, "input      %s: %llu bytes\n", d->in, (unsigned long long)d->in_bytes);
    fprintf(f, "output     %s: %u x %u, %s, %u bits a sample, %zu bytes of %s\n", d->out, im->width,
            im->height, tsr_channels_text(im->channels), im->depth, d->out_bytes,
            formats[d->format]);
    fprintf(f, "time       decode %.3f s\n", d->seconds);
    fprintf(f, "memory     %.1f MiB of work memory\n", (double)d->report.peak_memory / 0x1p20);
}

static void print_report(tsr_cli *cli, const tsr_args *args, const decoding *d) {
    FILE *f = tsr_report_stream(d->out);
    if (d->report.layers_decoded < d->report.layers_total)
        tsr_cli_note(cli, "%s: truncated: %u of %u layers decoded", d->in, d->report.layers_decoded,
                     d->report.layers_total);
    if (tsr_args_has(args, "json"))
        print_json(f, d);
    else if (cli->verbose)
        print_verbose(f, d);
}

static int write_picture(tsr_cli *cli, decoding *d) {
    tsr_blob file = {0};
    tsr_status s = tsr_image_write(&d->image, d->format, &file, &cli->diag);
    if (!s) s = tsr_write_file(d->out, file.data, file.size, &cli->diag);
    d->out_bytes = file.size;
    tsr_blob_free(&file);
    return s ? tsr_cli_fail(cli, tsr_output_shown(d->out), s) : TSR_EXIT_OK;
}

static int run_decode(tsr_cli *cli, const tsr_args *args) {
    decoding d = {.in = tsr_args_operand(args, 0)};
    int code = tsr_output_name(&tsr_cmd_decode, args, &d.out);
    if (!code) code = choose_format(args, &d);
    if (!code) code = choose_region(args, &d);
    if (code) return code;
    tsr_status s = decode(cli, args, &d);
    if (s) return tsr_cli_fail(cli, d.in, s);
    code = write_picture(cli, &d);
    if (!code) print_report(cli, args, &d);
    tsr_image_free(&d.image);
    return code;
}

const tsr_command tsr_cmd_decode = {
    .name = "decode",
    .summary = "turn a Tessera stream back into a picture",
    .operands = "IN OUT",
    .description =
        "Decodes the stream IN and writes the picture OUT in the format of its extension: .png, "
        ".jpg, .jpeg, .pgm, .ppm, .pnm or .pam. '-' is standard input or standard output. An "
        "existing OUT is replaced when the new one is complete; on any failure it stays as it was."
        "\n\n"
        "PNG holds every picture with its ICC profile and EXIF block. JPEG is lossy and holds "
        "8-bit "
        "grey and RGB; PGM and PPM hold grey and RGB, PAM everything, all three without profile."
        "\n\n"
        "A reduced picture of the lossy wavelet is made from its coarse bands alone, without the "
        "filters that are made for the whole one. Other pictures are decoded whole, and each pixel "
        "is the mean of 2^N x 2^N. A region counts pixels as they are stored, before an "
        "orientation tag turns them, and has to lie within the picture.",
    .min_operands = 1,
    .max_operands = 2,
    .options = options,
    .examples = examples,
    .run = run_decode,
};
