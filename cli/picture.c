/* picture.c - reading pictures and streams, and checks on names before the work begins. */
#include "picture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

tsr_status tsr_input_read(tsr_cli *cli, const char *path, tsr_blob *out) {
    tsr_interrupt_disarm();
    tsr_status s = tsr_read_file(path, cli->max_memory, out, &cli->diag);
    tsr_interrupt_arm();
    return s;
}

static tsr_status decode_any(tsr_cli *cli, const tsr_blob *file, tsr_image *im) {
    const tsr_io_limits limits = {.max_pixels = cli->max_pixels, .max_bytes = cli->max_memory};
    if (tsr_is_stream(file->data, file->size))
        return tsr_decode(cli->ctx, file->data, file->size, NULL, im, NULL, &cli->diag);
    return tsr_image_read(file->data, file->size, &limits, im, &cli->diag);
}

tsr_status tsr_picture_read(tsr_cli *cli, const char *path, tsr_image *im, uint64_t *file_bytes) {
    tsr_blob file = {0};
    tsr_status s = tsr_input_read(cli, path, &file);
    if (s) return s;
    s = decode_any(cli, &file, im);
    if (file_bytes) *file_bytes = file.size;
    tsr_blob_free(&file);
    return s;
}

static int is_same_file(const char *a, const char *b) {
    struct stat x, y;
    return strcmp(a, "-") && strcmp(b, "-") && !stat(a, &x) && !stat(b, &y) && S_ISREG(x.st_mode) &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int tsr_output_name(const tsr_command *cmd, const tsr_args *args, const char **out) {
    const char *in = tsr_args_operand(args, 0), *second = tsr_args_operand(args, 1);
    const char *option = tsr_args_text(args, "output");
    if (second && option)
        return tsr_cli_usage(cmd, "output given twice: '%s' and --output '%s'", second, option);
    *out = second ? second : option;
    if (!*out) return tsr_cli_usage(cmd, "no output given: needs IN OUT, or IN and --output OUT");
    if (!strcmp(*out, "-") && isatty(STDOUT_FILENO))
        return tsr_cli_usage(cmd, "refusing to write binary data to a terminal");
    if (is_same_file(in, *out))
        return tsr_cli_usage(cmd, "'%s' and '%s' are the same file", in, *out);
    return TSR_EXIT_OK;
}

const char *tsr_output_shown(const char *path) {
    return strcmp(path, "-") ? path : "standard output";
}

FILE *tsr_report_stream(const char *out_path) {
    return strcmp(out_path, "-") ? stdout : stderr;
}

void tsr_timed_begin(tsr_cli *cli, const char *label) {
    tsr_progress_begin(&cli->progress, label);
}

double tsr_timed_end(tsr_cli *cli) {
    tsr_progress_end(&cli->progress);
    return tsr_clock_seconds() - cli->progress.start;
}

const char *tsr_channels_text(unsigned channels) {
    static const char *const text[] = {"?", "grey", "grey + alpha", "RGB", "RGBA"};
    return text[channels <= 4 ? channels : 0];
}
