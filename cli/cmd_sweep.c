/* cmd_sweep.c - tessera sweep: pictures x codecs x settings, a row of results for each. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_open.h"
#include "sweep/sweep.h"

static const tsr_option options[] = {
    {.name = "codec",
     .letter = 'c',
     .type = TSR_OPTION_SPEC,
     .arg = "[LABEL=]SPEC",
     .repeat = 1,
     .help = "a codec; KEY=3..6, KEY=8..64:8 and {A,B} stand for several; peers are codecs, too. "
             "Without any and without peers it is wavelet"},
    {.name = "effort",
     .letter = 'e',
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .def = "5",
     .help = "efforts of Tessera's codecs; when given, labels end in @eN"},
    {.name = "quality",
     .letter = 'q',
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .def = "10..90:10",
     .help = "qualities, 0 to 100; all lists together make the settings"},
    {.name = "bpp", .type = TSR_OPTION_TEXT, .arg = "LIST", .help = "at most so many bits a pixel"},
    {.name = "psnr", .type = TSR_OPTION_TEXT, .arg = "LIST", .help = "at least so many dB"},
    {.name = "step", .type = TSR_OPTION_TEXT, .arg = "LIST", .help = "quantization steps"},
    {.name = "max-error",
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .help = "no sample further off than so many levels"},
    {.name = "lossless", .help = "also lossless, with codecs that can"},
    {.name = "peers",
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .help = "codecs of others, each at the settings of a study: jpeg,jpeg:sub=444,avif:speed=6"},
    {.name = "peer-settings",
     .type = TSR_OPTION_TEXT,
     .arg = "PEER=LIST",
     .repeat = 1,
     .help = "other settings for a peer: jpeg=10..90:10"},
    {.name = "peer-cmd",
     .type = TSR_OPTION_TEXT,
     .arg = "NAME=ENC;;DEC",
     .repeat = 1,
     .help = "an external encoder and decoder as the peer cmd:NAME; {in}, {out}, {q} are replaced"},
    {.name = "output",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of the results; rows that are there are not made again"},
    {.name = "metrics",
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .def = "all",
     .help = "columns to fill: psnr_rgb, psnr_y, ssim, ms_ssim, psnr_hvs, max_error"},
    {.name = "scale",
     .type = TSR_OPTION_TEXT,
     .arg = "LIST",
     .def = "1",
     .help = "code the pictures reduced so many times, too: 1,2,4 is 1, 1/2 and 1/4"},
    {.name = "time",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 1,
     .max = 1000,
     .help = "when the rows are made, run each N times more, one at a time on one thread, and give "
             "the median time"},
    {.name = "verify", .help = "decode every stream by a second process, too, and compare"},
    {.name = "retry", .help = "make rows that failed again"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera sweep photos -q 10..90:10 -o study", "the default codec over a folder"},
    {"tessera sweep kodak -c '{wavelet,dct}/{uniform,rdo}' --peers webp -o grid",
     "transforms, quantizers and peers over a set of the corpus"},
    {"tessera sweep '*.png' -c wavelet:levels=3..6 --bpp 0.25,0.5 -e 1,5 -o l",
     "a parameter, at equal rates, at two efforts"},
    {"tessera sweep kodak -c wavelet -c dct --time 5 -o speed", "with times worth printing"},
    {"mpirun -n 16 tessera sweep big -c wavelet -o study", "by many processes"},
    {0},
};

/* ---------------------------------------------------------------- options */

/* --metrics: columns between PSNR and the largest error. */
static tsr_status read_metrics(tsr_sweep *s, tsr_diag *d) {
    const char *text = tsr_args_text(s->args, "metrics");
    const uint32_t all = (2u << TSR_COL_MAX_ERROR) - (1u << TSR_COL_PSNR_RGB);
    if (!strcmp(text, "all")) s->metrics_mask = all;
    while (s->metrics_mask != all && *text) {
        size_t n = strcspn(text, ",");
        tsr_column c = tsr_column_find(text, n);
        if (c == TSR_COLUMNS || !(all >> c & 1))
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "--metrics: '%.*s' is none of psnr_rgb, psnr_y, ssim, ms_ssim, "
                                "psnr_hvs, max_error, all",
                                (int)(n < 60 ? n : 60), text);
        s->metrics_mask |= 1u << c;
        text += n + (text[n] == ',');
    }
    for (unsigned c = 0; c < TSR_COLUMNS; c++)
        if (s->metrics_mask >> c & 1) {
            strcat(s->metrics, *s->metrics ? "," : "");
            strcat(s->metrics, tsr_column_name((tsr_column)c));
        }
    return TSR_OK;
}

/* Jobs at a time in this process: one a rank when there are several. */
static unsigned thread_count(const tsr_sweep *s) {
    long here = sysconf(_SC_NPROCESSORS_ONLN);
    if (s->ranks->size > 1) return 1;
    if (s->cli->threads) return s->cli->threads;
    return here > 256 ? 256 : here > 0 ? (unsigned)here : 1;
}

/* What every rank does: the same lists from the same options. */
static tsr_status prepare(tsr_sweep *s) {
    tsr_diag *d = &s->cli->diag;
    s->threads = thread_count(s);
    s->verify = tsr_args_has(s->args, "verify");
    tsr_status st = read_metrics(s, d);
    if (!st) st = tsr_sweep_codecs_parse(&s->codecs, s->cli->ctx, s->args, d);
    if (!st) st = tsr_inputs_collect(&s->inputs, s->cli, s->args);
    if (!st) st = tsr_pictures_open(&s->pictures, &s->inputs, s->cli->max_memory / 4, s->cli, d);
    return st;
}

/* ---------------------------------------------------------------- rank 0 */

static tsr_status make_rows(tsr_sweep *s) {
    tsr_diag *d = &s->cli->diag;
    tsr_context *ctx = NULL;
    tsr_status st = tsr_cli_context(s->cli, s->args, 1, &ctx, d);
    if (!st) st = tsr_sweep_codecs_identify(&s->codecs, ctx, s->metrics, d);
    tsr_context_free(ctx);
    if (!st) st = tsr_results_open(&s->results, tsr_args_text(s->args, "output"), d);
    if (!st) st = tsr_sweep_learn_pictures(s, d);
    if (!st) st = tsr_sweep_write_pictures(s, d);
    if (!st) st = tsr_sweep_write_about(s, d);
    if (!st) st = tsr_sweep_make_plan(s, tsr_args_has(s->args, "retry"), d);
    if (!st) st = tsr_results_begin(&s->results, d);
    if (!st) st = tsr_sweep_run(s, d);
    if (!st && tsr_args_has(s->args, "time"))
        st = tsr_sweep_time(s, (uint32_t)tsr_args_int(s->args, "time"), d);
    return st;
}

/* Rows of this sweep that failed, and the first of them in the order of pictures and codecs. */
static size_t count_failures(tsr_sweep *s, const tsr_row **first) {
    size_t n = 0;
    *first = NULL;
    if (tsr_results_index(&s->results, NULL)) return 0;
    for (size_t p = 0; p < s->pictures.n; p++)
        for (size_t c = 0; c < s->codecs.n; c++)
            for (size_t k = 0; k < s->codecs.v[c].settings.n && !s->codecs.v[c].repeated; k++) {
                const tsr_kept_row *row =
                    tsr_results_find(&s->results, s->codecs.v[c].label,
                                     s->codecs.v[c].settings.v[k].text, s->pictures.v[p].name);
                if (!row || !strcmp(row->row.field[TSR_COL_STATUS], tsr_status_word(TSR_OK)))
                    continue;
                if (!n++) *first = &row->row;
            }
    return n;
}

static int report(tsr_sweep *s) {
    const tsr_row *first;
    size_t failures = count_failures(s, &first);
    tsr_cli_note(s->cli, "rows: %zu made in %.1f s, %zu known, %zu failed: %s/results.csv",
                 s->n_jobs, tsr_clock_seconds() - s->start, s->n_rows - s->n_jobs, failures,
                 s->results.dir);
    if (!failures) return TSR_EXIT_OK;
    return tsr_cli_error("sweep", tsr_status_of_word(first->field[TSR_COL_STATUS]),
                         "rows that failed: %zu, the first: %s, %s, %s: %s", failures,
                         first->field[TSR_COL_IMAGE], first->field[TSR_COL_CODEC],
                         first->field[TSR_COL_SETTING], first->field[TSR_COL_MESSAGE]);
}

/* ---------------------------------------------------------------- the command */

/* The same options fail in the same way in all ranks: one message is enough. */
static int run_rank(tsr_sweep *s) {
    tsr_status st = prepare(s);
    if (st && s->ranks->rank) return tsr_exit_code(st);
    if (st) return tsr_cli_fail(s->cli, "sweep", st);
    if (s->ranks->rank) {
        st = tsr_remote_work(s, &s->cli->diag);
        return st && st != TSR_ERR_CANCELLED ? tsr_cli_fail(s->cli, "sweep", st)
                                             : tsr_exit_code(st);
    }
    st = make_rows(s);
    return st ? tsr_cli_fail(s->cli, "sweep", st) : report(s);
}

static int run_sweep(tsr_cli *cli, const tsr_args *args) {
    tsr_ranks ranks;
    tsr_sweep s = {.cli = cli, .args = args, .ranks = &ranks, .start = tsr_clock_seconds()};
    if (!tsr_args_text(args, "output"))
        return tsr_cli_usage(&tsr_cmd_sweep, "no folder for the results: give --output DIR");
    tsr_status st = tsr_ranks_open(&ranks, &cli->diag);
    if (st) return tsr_cli_fail(cli, "sweep", st);
    s.results.folder = s.results.csv = s.results.jsonl = -1;
    int code = run_rank(&s);
    if (!ranks.rank) tsr_remote_dismiss(&ranks);
    if (s.results.dir) tsr_results_close(&s.results);
    if (s.pictures.n) tsr_pictures_close(&s.pictures);
    tsr_inputs_free(&s.inputs);
    tsr_sweep_codecs_free(&s.codecs);
    free(s.job);
    tsr_ranks_close(&ranks);
    return code;
}

const tsr_command tsr_cmd_sweep = {
    .name = "sweep",
    .summary = "measure codecs over pictures and settings",
    .operands = "PATH...",
    .description =
        "Codes every picture with every codec at every setting, decodes the bytes, compares, and "
        "writes a row to results.csv and results.jsonl in DIR as soon as it is known. PATH is a "
        "picture, a folder of pictures, a glob, or a name of the corpus (tessera corpus list). "
        "Rows that are in DIR already are not made again, unless picture, codec or options have "
        "changed since: a sweep that was stopped or killed goes on where it was. A failure is a "
        "row with its status and message."
        "\n\n"
        "A LIST is numbers and ranges FROM..TO:STEP between commas. --threads is the number of "
        "rows that are made at a time, each on one thread, as far as --max-memory allows.",
    .min_operands = 1,
    .max_operands = 1000000,
    .options = options,
    .examples = examples,
    .run = run_sweep,
};
