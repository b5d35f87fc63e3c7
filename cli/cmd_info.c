/* cmd_info.c - tessera info: what a stream holds, and where its bytes go. */

#include "json.h"
#include "picture.h"

static const tsr_option options[] = {
    {.name = "json", .help = "print JSON"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera info photo.tsr", "codec, geometry and the bytes of every part"},
    {"tessera info photo.tsr --json", "the same for programs"},
    {0},
};

static double bits_per_pixel(const tsr_info *info) {
    return (double)info->bytes * 8 / ((double)info->width * info->height);
}

static void print_json(const char *path, const tsr_info *info) {
    tsr_json j = tsr_json_begin(stdout);
    tsr_json_object(&j, NULL);
    tsr_json_text(&j, "file", path);
    tsr_json_int(&j, "format_version", info->format_version);
    tsr_json_int(&j, "width", info->width);
    tsr_json_int(&j, "height", info->height);
    tsr_json_int(&j, "channels", info->channels);
    tsr_json_int(&j, "depth", info->depth);
    tsr_json_int(&j, "orientation", info->orientation);
    tsr_json_bool(&j, "lossless", info->lossless);
    tsr_json_text(&j, "spec", info->spec);
    tsr_json_text(&j, "colour", tsr_colour_name(info->colour));
    tsr_json_number(&j, "step", info->step);
    tsr_json_int(&j, "layers", info->layers);
    tsr_json_int(&j, "bands", info->bands);
    tsr_json_bool(&j, "truncated", (int)info->truncated);
    tsr_json_int(&j, "icc_bytes", (int64_t)info->icc_bytes);
    tsr_json_int(&j, "exif_bytes", (int64_t)info->exif_bytes);
    tsr_json_int(&j, "bytes", (int64_t)info->bytes);
    tsr_json_real(&j, "bpp", bits_per_pixel(info), 6);
    tsr_json_array(&j, "parts");
    for (uint32_t i = 0; i < info->n_parts; i++) {
        tsr_json_object(&j, NULL);
        tsr_json_text(&j, "name", info->parts[i].name);
        tsr_json_int(&j, "bytes", (int64_t)info->parts[i].bytes);
        tsr_json_end(&j);
    }
    tsr_json_end(&j);
    tsr_json_end(&j);
}

/* The rate anatomy: every byte of the file is in exactly one line. */
static void print_parts(const tsr_info *info) {
    uint64_t sum = 0;
    printf("\n%-24s %12s %8s\n", "part", "bytes", "share");
    for (uint32_t i = 0; i < info->n_parts; i++) {
        const tsr_part *p = &info->parts[i];
        sum += p->bytes;
        printf("%-24s %12llu %6.2f %%\n", p->name, (unsigned long long)p->bytes,
               100.0 * (double)p->bytes / (double)info->bytes);
    }
    printf("%-24s %12llu %6.2f %%\n", "file", (unsigned long long)sum,
           100.0 * (double)sum / (double)info->bytes);
}

static void print_text(const char *path, const tsr_info *info) {
    printf("file           %s%s\n", path, info->truncated ? " (truncated)" : "");
    printf("picture        %u x %u, %s, %u bits a sample\n", info->width, info->height,
           tsr_channels_text(info->channels), info->depth);
    printf("codec          %s\n", info->spec);
    printf("colour         %s\n", tsr_colour_name(info->colour));
    if (info->lossless)
        printf("step           lossless\n");
    else
        printf("step           %.6g\n", info->step);
    printf("layers, bands  %u, %u\n", info->layers, info->bands);
    if (info->orientation > 1) printf("orientation    %u\n", info->orientation);
    printf("rate           %llu bytes, %.4f bpp\n", (unsigned long long)info->bytes,
           bits_per_pixel(info));
    printf("format         version %u\n", info->format_version);
    print_parts(info);
}

static int run_info(tsr_cli *cli, const tsr_args *args) {
    const char *path = tsr_args_operand(args, 0);
    tsr_info info = {.struct_size = sizeof info};
    tsr_blob file = {0};
    tsr_status s = tsr_input_read(cli, path, &file);
    if (!s) s = tsr_inspect(cli->ctx, file.data, file.size, &info, &cli->diag);
    tsr_blob_free(&file);
    if (s) return tsr_cli_fail(cli, path, s);
    if (tsr_args_has(args, "json"))
        print_json(path, &info);
    else
        print_text(path, &info);
    return TSR_EXIT_OK;
}

const tsr_command tsr_cmd_info = {
    .name = "info",
    .summary = "print what a stream holds and where its bytes go",
    .operands = "FILE",
    .description =
        "Prints codec, geometry and step of a Tessera stream, and the bytes of its parts, "
        "which add up to the size of the file. Nothing is decoded, and a codec that is not "
        "loaded is no obstacle. '-' is standard input.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .examples = examples,
    .run = run_info,
};
