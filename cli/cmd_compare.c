/* cmd_compare.c - tessera compare: how far apart two pictures are. */
#include <math.h>
#include <string.h>
#include <tessera/metrics.h>

#include "json.h"
#include "picture.h"

static const tsr_option options[] = {
    {.name = "json", .help = "print JSON; an infinite PSNR (equal pictures) is null"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera compare photo.png decoded.png",
     "PSNR, SSIM, MS-SSIM, PSNR-HVS and the largest error"},
    {"tessera compare photo.png photo.tsr", "against a stream, decoded on the fly"},
    {0},
};

static void print_json(const tsr_image *im, const tsr_metrics *m) {
    tsr_json j = tsr_json_begin(stdout);
    tsr_json_object(&j, NULL);
    tsr_json_int(&j, "width", im->width);
    tsr_json_int(&j, "height", im->height);
    tsr_json_int(&j, "channels", im->channels);
    tsr_json_int(&j, "depth", im->depth);
    tsr_json_bool(&j, "equal", m->max_error == 0);
    tsr_json_real(&j, "mse", m->mse, 6);
    tsr_json_real(&j, "psnr", m->psnr, 4);
    tsr_json_real(&j, "psnr_rgb", m->psnr_rgb, 4);
    tsr_json_real(&j, "psnr_y", m->psnr_y, 4);
    tsr_json_array(&j, "psnr_channels");
    for (unsigned c = 0; c < im->channels; c++) tsr_json_real(&j, NULL, m->psnr_channel[c], 4);
    tsr_json_end(&j);
    tsr_json_real(&j, "ssim", m->ssim, 6);
    tsr_json_real(&j, "ms_ssim", m->ms_ssim, 6);
    tsr_json_real(&j, "psnr_hvs", m->psnr_hvs, 4);
    tsr_json_real(&j, "psnr_hvs_m", m->psnr_hvs_m, 4);
    tsr_json_int(&j, "max_error", m->max_error);
    tsr_json_end(&j);
}

static void print_db(const char *name, double db) {
    if (isfinite(db))
        printf("%-10s %8.3f dB\n", name, db);
    else if (isinf(db))
        printf("%-10s %8s dB\n", name, "inf");
    else
        printf("%-10s %8s (smaller than 8 x 8)\n", name, "-");
}

static void print_ssim(const char *name, double value, const char *why_not) {
    if (isfinite(value))
        printf("%-10s %8.5f\n", name, value);
    else
        printf("%-10s %8s (%s)\n", name, "-", why_not);
}

static void print_text(const tsr_image *im, const tsr_metrics *m) {
    static const char *const names[2][4] = {{"PSNR grey", "PSNR alpha"},
                                            {"PSNR R", "PSNR G", "PSNR B", "PSNR alpha"}};
    print_db("PSNR", m->psnr);
    print_db(im->channels < 3 ? "PSNR grey" : "PSNR RGB", m->psnr_rgb);
    print_db("PSNR Y", m->psnr_y);
    for (unsigned c = im->channels < 3; c < im->channels; c++)
        print_db(names[im->channels >= 3][c], m->psnr_channel[c]);
    print_ssim("SSIM", m->ssim, "smaller than 11 x 11");
    print_ssim("MS-SSIM", m->ms_ssim, "a side is shorter than 176");
    print_db("PSNR-HVS", m->psnr_hvs);
    print_db("PSNR-HVS-M", m->psnr_hvs_m);
    printf("%-10s %8u\n", "max error", m->max_error);
}

static int compare(tsr_cli *cli, const tsr_args *args, const tsr_image *ref,
                   const tsr_image *test) {
    tsr_metrics m;
    tsr_status s = tsr_compare(ref, test, &m, &cli->diag);
    if (s) return tsr_cli_fail(cli, tsr_args_operand(args, 1), s);
    if (tsr_args_has(args, "json"))
        print_json(ref, &m);
    else
        print_text(ref, &m);
    return TSR_EXIT_OK;
}

static int run_compare(tsr_cli *cli, const tsr_args *args) {
    const char *path[2] = {tsr_args_operand(args, 0), tsr_args_operand(args, 1)};
    tsr_image im[2] = {{0}, {0}};
    int code = TSR_EXIT_OK;
    if (!strcmp(path[0], "-") && !strcmp(path[1], "-"))
        return tsr_cli_usage(&tsr_cmd_compare, "only one of the pictures can be standard input");
    for (int i = 0; i < 2 && !code; i++) {
        tsr_status s = tsr_picture_read(cli, path[i], &im[i], NULL);
        if (s) code = tsr_cli_fail(cli, path[i], s);
    }
    if (!code) code = compare(cli, args, &im[0], &im[1]);
    tsr_image_free(&im[0]);
    tsr_image_free(&im[1]);
    return code;
}

const tsr_command tsr_cmd_compare = {
    .name = "compare",
    .summary = "measure how far apart two pictures are",
    .operands = "REF TEST",
    .description =
        "Compares two pictures of the same size, channels and depth, in any readable format; "
        "Tessera streams are decoded first. '-' is standard input."
        "\n\n"
        "PSNR is that of one mean squared error over all channels; PSNR RGB leaves alpha out; PSNR "
        "Y "
        "is that of ITU-R BT.601 luma. SSIM (11x11 Gaussian window) and MS-SSIM (five scales) are "
        "taken of luma. PSNR-HVS weights the errors of luma by the eye's sensitivity to their "
        "frequency, PSNR-HVS-M leaves out what the picture masks. The peak is 255, or 65535 for "
        "pictures of 16 bits.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .examples = examples,
    .run = run_compare,
};
