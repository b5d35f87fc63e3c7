/* cmd_info.c - tessera info: what a stream holds, and where its bytes go. */
#include <tessera/anatomy.h>

#include "json.h"
#include "picture.h"

static const tsr_option options[] = {
    {.name = "bands", .help = "also the bytes of every plane and band, which takes decoding them"},
    {.name = "json", .help = "print JSON, with planes and bands"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera info photo.tsr", "codec, geometry and the bytes of every part"},
    {"tessera info photo.tsr --bands", "the bytes of every band, too"},
    {"tessera info photo.tsr --json", "all of it for programs"},
    {0},
};

static double bits_per_pixel(const tsr_info *info) {
    return (double)info->bytes * 8 / ((double)info->width * info->height);
}

static void json_band(tsr_json *j, const tsr_band_share *b) {
    tsr_json_object(j, NULL);
    tsr_json_int(j, "layer", b->layer);
    tsr_json_int(j, "plane", b->plane);
    tsr_json_int(j, "level", b->level);
    tsr_json_text(j, "orientation", tsr_orient_name(b->orient));
    tsr_json_int(j, "width", b->width);
    tsr_json_int(j, "height", b->height);
    tsr_json_int(j, "bytes", (int64_t)b->bytes);
    tsr_json_end(j);
}

/* Planes of the data layers. */
static unsigned data_planes(const tsr_info *info) {
    return info->channels - info->alpha_apart;
}

/* The data layers of the parts once more, by plane and by band. */
static void json_anatomy(tsr_json *j, const tsr_info *info, const tsr_anatomy *a) {
    tsr_json_array(j, "plane_bytes");
    for (unsigned p = 0; p < data_planes(info); p++)
        tsr_json_int(j, NULL, (int64_t)a->plane_bytes[p]);
    tsr_json_end(j);
    tsr_json_array(j, "band_bytes");
    for (uint32_t b = 0; b < a->n_bands; b++) json_band(j, &a->band[b]);
    tsr_json_end(j);
}

/* a: NULL when the levels cannot be decoded. */
static void print_json(const char *path, const tsr_info *info, const tsr_anatomy *a) {
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
    if (info->alpha_apart) tsr_json_int(&j, "alpha_bytes", (int64_t)info->alpha_bytes);
    tsr_json_int(&j, "postfilter", info->filter);
    tsr_json_bool(&j, "network", info->network != 0);
    tsr_json_int(&j, "views", info->views);
    if (info->model_id) tsr_json_int(&j, "model_id", info->model_id);
    if (*info->model_name) {
        tsr_json_text(&j, "model", info->model_name);
        tsr_json_text(&j, "model_sha256", info->model_sha256);
    }
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
    if (a) json_anatomy(&j, info, a);
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

static double percent(uint64_t bytes, const tsr_info *info) {
    return 100.0 * (double)bytes / (double)info->bytes;
}

/* What the data layers hold. */
static void print_bands(const tsr_info *info, const tsr_anatomy *a) {
    printf("\n%-24s %12s %8s\n", "plane", "bytes", "share");
    for (unsigned p = 0; p < data_planes(info); p++)
        printf("%-24u %12llu %6.2f %%\n", p, (unsigned long long)a->plane_bytes[p],
               percent(a->plane_bytes[p], info));
    printf("%-24s %12llu %6.2f %%\n", "data layers", (unsigned long long)a->bytes,
           percent(a->bytes, info));
    printf("\n%-5s %-5s %-5s %-11s %12s %12s %8s\n", "layer", "plane", "level", "band", "size",
           "bytes", "share");
    for (uint32_t b = 0; b < a->n_bands; b++) {
        const tsr_band_share *s = &a->band[b];
        char size[32];
        snprintf(size, sizeof size, "%u x %u", s->width, s->height);
        printf("%5u %5u %5u %-11s %12s %12llu %6.2f %%\n", s->layer, s->plane, s->level,
               tsr_orient_name(s->orient), size, (unsigned long long)s->bytes,
               percent(s->bytes, info));
    }
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
    if (info->alpha_apart)
        printf("alpha          lossless, %llu bytes\n", (unsigned long long)info->alpha_bytes);
    printf("layers, bands  %u, %u\n", info->layers, info->bands);
    if (info->filter) printf("post filter    set %u\n", info->filter);
    if (info->network)
        printf("filter         the network of the model, %u view%s\n", info->views,
               info->views > 1 ? "s" : "");
    if (info->model_id) printf("model          built-in number %u\n", info->model_id);
    if (*info->model_name)
        printf("model          %s, SHA-256 %s\n", info->model_name, info->model_sha256);
    if (info->orientation > 1) printf("orientation    %u\n", info->orientation);
    printf("rate           %llu bytes, %.4f bpp\n", (unsigned long long)info->bytes,
           bits_per_pixel(info));
    printf("format         version %u\n", info->format_version);
    print_parts(info);
}

/* Prints what is known; bands only when they are asked for and can be decoded. */
static int print_info(tsr_cli *cli, const tsr_args *args, const char *path, const tsr_blob *file,
                      const tsr_info *info) {
    int json = tsr_args_has(args, "json"), bands = tsr_args_has(args, "bands");
    tsr_anatomy a = {.struct_size = sizeof a};
    tsr_status s = TSR_OK;
    if (json || bands) s = tsr_anatomy_read(cli->ctx, file->data, file->size, &a, &cli->diag);
    if (json)
        print_json(path, info, s ? NULL : &a);
    else
        print_text(path, info);
    if (!json && bands && !s) print_bands(info, &a);
    tsr_anatomy_free(&a);
    return s && bands ? tsr_cli_fail(cli, path, s) : TSR_EXIT_OK;
}

static int run_info(tsr_cli *cli, const tsr_args *args) {
    const char *path = tsr_args_operand(args, 0);
    tsr_info info = {.struct_size = sizeof info};
    tsr_blob file = {0};
    tsr_status s = tsr_input_read(cli, path, &file);
    if (!s) s = tsr_inspect(cli->ctx, file.data, file.size, &info, &cli->diag);
    int code = s ? tsr_cli_fail(cli, path, s) : print_info(cli, args, path, &file, &info);
    tsr_blob_free(&file);
    return code;
}

const tsr_command tsr_cmd_info = {
    .name = "info",
    .summary = "print what a stream holds and where its bytes go",
    .operands = "FILE",
    .description =
        "Prints codec, geometry and step of a Tessera stream, and the bytes of its parts, "
        "which add up to the size of the file. Nothing is decoded, and a codec that is not "
        "loaded is no obstacle. '-' is standard input."
        "\n\n"
        "With --bands, and in JSON, the bytes of the data layers are divided further, by plane and "
        "by band of the transform: the length of what was coded for each, scaled to whole bytes "
        "that add up to the layers. JSON leaves them out when the stream cannot be decoded.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .examples = examples,
    .run = run_info,
};
