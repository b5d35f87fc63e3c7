/* cmd_train_vqvae.c - tessera train vqvae: trains the networks of the vqvae transform. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_open.h"
#include "io.h"
#include "picture_folder.h"
#include "ranks.h"
#include "train_host.h"

static const char *const stages[] = {"all", "tiles", "decoder", "joint", NULL};
static const char *const optimizers[] = {"adam", "sgd", "momentum", "rmsprop", NULL};
static const char *const losses[] = {"bands", "pixels", NULL};

enum { LENGTH = 1 }; /* options that exclude each other */

static const tsr_option options[] = {
    {.name = "data",
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of training photographs: every file in it that is a picture"},
    {.name = "val",
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of photographs to validate on, none of which is in DIR of --data"},
    {.name = "out",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "the model; checkpoint, log and plot go beside it (.ckpt, .csv, .svg)"},
    {.name = "minutes",
     .type = TSR_OPTION_REAL,
     .arg = "M",
     .min = 0.001,
     .max = 1e6,
     .def = "30",
     .exclusive = LENGTH,
     .help = "how long to train; the learning rate falls to the end of this time"},
    {.name = "iterations",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1e12,
     .exclusive = LENGTH,
     .help = "train for so many batches instead: the same command then gives the same networks"},
    {.name = "seed",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = 1e15,
     .def = "1",
     .help = "of initial weights, crops and steps"},
    {.name = "resume", .help = "go on from the checkpoint beside the model"},
    {.name = "stage",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = stages,
     .def = "all",
     .help = "what to do: make coded tiles and say what they are like; train the decoder's network "
             "on them; train both networks through a model of the quantizer; or all that pays"},
    {.name = "optimizer",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = optimizers,
     .def = "adam",
     .help = "how weights follow gradients"},
    {.name = "lr",
     .type = TSR_OPTION_REAL,
     .arg = "X",
     .min = 0,
     .max = 1e6,
     .help = "largest learning rate (default: a usual one of the optimizer)"},
    {.name = "decay",
     .type = TSR_OPTION_REAL,
     .arg = "X",
     .min = 0,
     .max = 1,
     .def = "0",
     .help = "weight decay for each unit of learning rate"},
    {.name = "clip",
     .type = TSR_OPTION_REAL,
     .arg = "X",
     .min = 0,
     .max = 1e9,
     .word = "off",
     .def = "0.03",
     .help = "largest norm of the gradient"},
    {.name = "batch",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 4096,
     .def = "8",
     .help = "crops in a batch"},
    {.name = "crop",
     .type = TSR_OPTION_INT,
     .arg = "PIXELS",
     .min = 16,
     .max = 256,
     .def = "96",
     .help = "side of a crop, even"},
    {.name = "channels",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 128,
     .def = "32",
     .help = "channels within a network"},
    {.name = "blocks",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = 16,
     .def = "4",
     .help = "residual blocks of a network"},
    {.name = "pointwise",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 2,
     .def = "1",
     .help = "pointwise layers in a block"},
    {.name = "codec",
     .letter = 'c',
     .type = TSR_OPTION_SPEC,
     .arg = "SPEC",
     .def = "wavelet:levels=6/rdo/adaptive",
     .help = "codec that codes the tiles, without networks"},
    {.name = "postfilter", .help = "tiles pass the post filter: train a network that follows it"},
    {.name = "steps",
     .type = TSR_OPTION_TEXT,
     .arg = "MIN:MAX",
     .def = "9:200",
     .help = "range of the quantization steps that tiles are coded with"},
    {.name = "tiles",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 4,
     .max = 100000,
     .def = "256",
     .help = "coded tiles kept in memory (up to 1.6 MB each); crops are drawn from them"},
    {.name = "refresh",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1e6,
     .def = "4",
     .help = "batches after which a new tile takes the place of the oldest"},
    {.name = "loss",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = losses,
     .def = "bands",
     .help = "squared error of the bands, or of the pixels they make (a little slower)"},
    {.name = "checkpoint",
     .type = TSR_OPTION_REAL,
     .arg = "SECONDS",
     .min = 0.1,
     .max = 86400,
     .def = "120",
     .help = "time between checkpoints, each with a validation"},
    {.name = "init",
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "begin with the networks of this model"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera train vqvae --data photos --val others --out my.tsm --minutes 30",
     "train for half an hour"},
    {"tessera train vqvae --data photos --val others --out my.tsm --minutes 30 --resume",
     "go on after an interruption: the same options"},
    {"tessera train vqvae --data photos --val others --out my.tsm --stage tiles",
     "look at the data first: rate and error by step, tiles a second"},
    {0},
};

/* ---- what the library calls ---- */

static tsr_status sum(void *user, float *v, size_t n) {
    tsr_ranks_sum(&((const tsr_train_host *)user)->ranks, v, n);
    return TSR_OK;
}

static void print_time(double seconds) {
    unsigned long t = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;
    printf("%lu:%02lu:%02lu left\n", t / 3600, t / 60 % 60, t % 60);
}

/* One line: at every validation, with -v at every report. */
static void print_progress(const tsr_train_progress *p) {
    printf("%5.1f %%  iteration %llu  loss %.5f (%.5f without)", 100 * p->fraction,
           (unsigned long long)p->iteration, p->loss, p->base);
    for (int k = 0; k < TSR_TRAIN_STEPS && p->validated; k++)
        printf("%s%.3f bpp %.2f dB (%+.3f)", k ? ", " : "  val ", p->bpp[k], p->psnr[k],
               p->psnr[k] - p->psnr_base[k]);
    printf("  %.1f images/s  ", p->images);
    print_time(p->eta);
    fflush(stdout);
}

static int show_progress(void *user, const tsr_train_progress *p) {
    tsr_cli *cli = ((const tsr_train_host *)user)->cli;
    if ((p->validated || cli->verbose) && !cli->quiet) {
        tsr_progress_clear(&cli->progress);
        print_progress(p);
    }
    tsr_progress_update(&cli->progress, "train", p->fraction);
    return tsr_cli_interrupted();
}

/* ---- options ---- */

/* Appends to a text in `size` bytes; what has no room is cut off. */
TSR_PRINTF(3, 4) static void append(char *out, size_t size, const char *fmt, ...) {
    size_t n = strlen(out);
    va_list list;
    va_start(list, fmt);
    vsnprintf(out + n, size - n, fmt, list);
    va_end(list);
}

/* Appends a word and the last part of a path, without slashes at its end. */
static void append_name(char *out, size_t size, const char *word, const char *path) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    size_t begin = end ? end - 1 : 0;
    while (begin && path[begin - 1] != '/') begin--;
    append(out, size, " %s %.*s", word, (int)(end - begin), path + begin);
}

/* The command that makes the same model again, with all that has a default; folders by their names
 * alone. */
static void command_text(const tsr_args *args, const tsr_train_options *o, char *out, size_t size) {
    *out = 0;
    append(out, size, "tessera train vqvae");
    append_name(out, size, "--data", tsr_args_text(args, "data"));
    append_name(out, size, "--val", tsr_args_text(args, "val"));
    append_name(out, size, "--out", o->model);
    if (o->iterations)
        append(out, size, " --iterations %llu", (unsigned long long)o->iterations);
    else
        append(out, size, " --minutes %g", o->minutes);
    append(out, size,
           " --seed %llu --stage %s --optimizer %s --lr %g --decay %g --clip %g --batch %u "
           "--crop %u --channels %u --blocks %u --pointwise %u --codec %.200s%s --steps %g:%g "
           "--tiles %u --refresh %u --loss %s --threads %u",
           (unsigned long long)o->seed, stages[o->stage], optimizers[o->optimizer], o->rate,
           o->weight_decay, o->clip, o->batch, o->crop, o->width, o->blocks, o->pointwise, o->codec,
           o->postfilter ? " --postfilter" : "", o->step_min, o->step_max, o->tiles, o->refresh,
           losses[o->pixel_loss], o->threads);
    if (o->init) append_name(out, size, "--init", o->init);
}

/* The processor's name where the system tells it, else the machine's. */
static void machine_text(char *out, size_t size) {
    char line[256], *value;
    FILE *f = fopen("/proc/cpuinfo", "r");
    snprintf(out, size, "unknown processor");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "model name", 10) || !(value = strchr(line, ':'))) continue;
        value[strcspn(value, "\n")] = 0;
        value += 1 + strspn(value + 1, " ");
        snprintf(out, size, "%s", value);
        break;
    }
    if (f) fclose(f);
}

static double usual_rate(tsr_train_optimizer kind) {
    static const double rates[] = {3e-3, 0.3, 0.05, 1e-3};
    return rates[kind];
}

static int parse_steps(const char *text, tsr_train_options *o) {
    char *after;
    o->step_min = strtod(text, &after);
    if (after == text || *after != ':') return 0;
    text = after + 1;
    o->step_max = strtod(text, &after);
    return after != text && !*after && o->step_min >= 0.001 && o->step_max <= 1024 &&
           o->step_max >= o->step_min;
}

static void take_options(const tsr_cli *cli, const tsr_args *args, tsr_train_options *o) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    o->threads = cli->threads ? cli->threads : processors > 0 ? (uint32_t)processors : 1;
    o->seed = (uint64_t)tsr_args_int(args, "seed");
    o->iterations = (uint64_t)tsr_args_int(args, "iterations");
    o->minutes = tsr_args_real(args, "minutes");
    o->stage = (tsr_train_stage)tsr_args_int(args, "stage");
    o->optimizer = (tsr_train_optimizer)tsr_args_int(args, "optimizer");
    o->rate = tsr_args_has(args, "lr") ? tsr_args_real(args, "lr") : usual_rate(o->optimizer);
    o->weight_decay = tsr_args_real(args, "decay");
    o->clip = tsr_args_real(args, "clip");
    o->batch = (uint32_t)tsr_args_int(args, "batch");
    o->crop = (uint32_t)tsr_args_int(args, "crop");
    o->width = (uint32_t)tsr_args_int(args, "channels");
    o->blocks = (uint32_t)tsr_args_int(args, "blocks");
    o->pointwise = (uint32_t)tsr_args_int(args, "pointwise");
    o->codec = tsr_args_text(args, "codec");
    o->postfilter = tsr_args_has(args, "postfilter");
    o->tiles = (uint32_t)tsr_args_int(args, "tiles");
    o->refresh = (uint32_t)tsr_args_int(args, "refresh");
    o->pixel_loss = (int)tsr_args_int(args, "loss");
    o->checkpoint = tsr_args_real(args, "checkpoint");
    o->resume = tsr_args_has(args, "resume");
    o->init = tsr_args_text(args, "init");
    o->model = tsr_args_text(args, "out");
}

static int check_options(const tsr_args *args, tsr_train_options *o) {
    const tsr_command *cmd = &tsr_cmd_train_vqvae;
    if (!tsr_args_text(args, "data") || !tsr_args_text(args, "val") || !o->model)
        return tsr_cli_usage(cmd, "--data DIR, --val DIR and --out FILE are needed");
    if (o->crop % 2) return tsr_cli_usage(cmd, "the side of crops must be even");
    if (!parse_steps(tsr_args_text(args, "steps"), o))
        return tsr_cli_usage(cmd, "--steps takes two numbers from 0.001 to 1024 as in 9:200");
    return TSR_EXIT_OK;
}

/* ---- the command ---- */

typedef struct train_folders {
    tsr_picture_folder data, val;
    tsr_train_source data_source, val_source;
} train_folders;

/* *where: what a failure is about. */
static tsr_status open_folders(tsr_train_host *h, train_folders *f, const char **where) {
    tsr_cli *cli = h->cli;
    *where = tsr_args_text(h->args, "data");
    tsr_status s = tsr_picture_folder_open(&f->data, cli, *where);
    if (!s) s = tsr_picture_folder_source(&f->data, cli, &f->data_source);
    if (s) return s;
    *where = tsr_args_text(h->args, "val");
    s = tsr_picture_folder_open(&f->val, cli, *where);
    return s ? s : tsr_picture_folder_source(&f->val, cli, &f->val_source);
}

static int train(tsr_train_host *h, tsr_train_options *o) {
    tsr_cli *cli = h->cli;
    train_folders f = {0};
    const char *where;
    tsr_status s = open_folders(h, &f, &where);
    float failed = s ? 1 : 0;
    tsr_ranks_sum(&h->ranks, &failed, 1);
    if (!s && failed > 0)
        s = tsr_diag_set(&cli->diag, TSR_ERR_CANCELLED, TSR_NO_OFFSET, "another process failed");
    if (!s) {
        where = NULL;
        tsr_progress_begin(&cli->progress, "train");
        s = tsr_train_vqvae(o, &f.data_source, &f.val_source, &cli->diag);
        tsr_progress_end(&cli->progress);
    }
    tsr_picture_folder_close(&f.data);
    tsr_picture_folder_close(&f.val);
    /* All processes fail together: one message is enough. */
    if (s && h->ranks.rank) return tsr_exit_code(s);
    return s ? tsr_cli_fail(cli, where, s) : TSR_EXIT_OK;
}

static int run(tsr_cli *cli, const tsr_args *args) {
    char command[1024], machine[256];
    tsr_train_host host = {.cli = cli, .args = args};
    tsr_train_options o;
    tsr_train_options_init(&o);
    take_options(cli, args, &o);
    int code = check_options(args, &o);
    if (code) return code;
    tsr_status s = tsr_ranks_open(&host.ranks, &cli->diag);
    if (s) return tsr_cli_fail(cli, NULL, s);
    if (host.ranks.rank) cli->quiet = 1;
    command_text(args, &o, command, sizeof command);
    machine_text(machine, sizeof machine);
    o.command = command;
    o.machine = machine;
    o.user = &host;
    o.open = tsr_train_host_open;
    o.write = tsr_train_host_write;
    o.read = tsr_train_host_read;
    o.report = show_progress;
    o.note = tsr_train_host_note;
    o.sum = sum;
    o.process = (uint32_t)host.ranks.rank;
    o.processes = (uint32_t)host.ranks.size;
    code = train(&host, &o);
    tsr_ranks_close(&host.ranks);
    return code;
}

const tsr_command tsr_cmd_train_vqvae = {
    .name = "train vqvae",
    .summary = "train the networks of the vqvae transform",
    .operands = "",
    .description =
        "Trains the networks of the vqvae transform on the photographs of a folder and writes a "
        "model that 'tessera encode --model' takes. Pieces of the pictures are coded at random "
        "quantization steps, and the decoder's network learns to bring the decoded pieces nearer "
        "to the original. Progress is measured on the photographs of a second folder, at steps 16, "
        "32 and 64: bits per pixel, PSNR, and what of it the network is worth."
        "\n\n"
        "Every few minutes model, checkpoint, log (CSV) and plot (SVG) are written; after an "
        "interruption of any kind --resume with the same options goes on from there. An interrupt "
        "signal writes a checkpoint and stops with code 8. When training diverges (the loss is no "
        "number or explodes) it stops with code 6, and the last checkpoint is kept."
        "\n\n"
        "Started by mpirun or srun, the processes train together: each has crops of its own, and "
        "gradients are added up. The batch is then that of one process times their number."
        "\n\n"
        "With --iterations the result depends on options, seed and pictures alone, not on the "
        "number of threads.",
    .options = options,
    .examples = examples,
    .run = run,
};
