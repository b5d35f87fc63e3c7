/* cmd_model_quantize.c - tessera model quantize: networks of floats become networks of integers. */
#include <stdio.h>

#include "picture_folder.h"
#include "train_host.h"

static const tsr_option options[] = {
    {.name = "data",
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of photographs that show how large the values within the network become "
             "(default: drawn pictures)"},
    {.name = "pictures",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1000,
     .def = "8",
     .help = "how many of them are looked at"},
    {.name = "codec",
     .letter = 'c',
     .type = TSR_OPTION_SPEC,
     .arg = "SPEC",
     .help = "codec that codes them, without networks (default: what the model was trained on)"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera model quantize photo.tsm fast.tsm --data photos",
     "nearly the same network, faster to decode with"},
    {0},
};

static void print_result(const tsr_ints_result *r) {
    for (int i = 0; i < TSR_INTS_STEPS; i++)
        printf("step %6.2f: %.3f dB (%+.4f), floats %.3f dB, without a network %.3f dB\n",
               r->step[i], r->integers[i], r->integers[i] - r->floats[i], r->floats[i],
               r->without[i]);
}

static int quantize(tsr_cli *cli, tsr_ints_options *o) {
    tsr_ints_result result;
    tsr_status s = tsr_train_ints(o, &result, &cli->diag);
    if (s) return tsr_cli_fail(cli, NULL, s);
    if (!cli->quiet) print_result(&result);
    return TSR_EXIT_OK;
}

static int run(tsr_cli *cli, const tsr_args *args) {
    tsr_train_host host = {.cli = cli, .args = args};
    tsr_picture_folder folder = {0};
    tsr_train_source source;
    const char *dir = tsr_args_text(args, "data");
    tsr_ints_options o = {.struct_size = sizeof o,
                          .pictures = (uint32_t)tsr_args_int(args, "pictures"),
                          .model = tsr_args_operand(args, 0),
                          .out = tsr_args_operand(args, 1),
                          .data = dir ? &source : NULL,
                          .codec = tsr_args_text(args, "codec"),
                          .user = &host,
                          .open = tsr_train_host_open,
                          .write = tsr_train_host_write,
                          .read = tsr_train_host_read,
                          .note = tsr_train_host_note};
    tsr_status s = dir ? tsr_picture_folder_open(&folder, cli, dir) : TSR_OK;
    if (dir && !s) s = tsr_picture_folder_source(&folder, cli, &source);
    int code = s ? tsr_cli_fail(cli, dir, s) : quantize(cli, &o);
    if (dir) tsr_picture_folder_close(&folder);
    return code;
}

const tsr_command tsr_cmd_model_quantize = {
    .name = "model quantize",
    .summary = "turn the networks of a model into networks of integers",
    .operands = "IN OUT",
    .description =
        "Writes a model whose decoder network computes with integers of 16 and 32 bits in place "
        "of floats: nearly the same result in about half the time, equal on every machine. "
        "Pieces of pictures are coded at four quantization steps; the network of floats is run on "
        "them to see how large its values become, and both networks are compared on them. The text "
        "of the model stays, with the new file's name and a line on how it came about.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .examples = examples,
    .run = run,
};
