/* cmd_report.c - tessera report: from measured rows to tables, figures and one page. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "io.h"
#include "lab/compressai.h"
#include "lab/figure.h"
#include "lab/report_html.h"

static const char *const metric_choices[] = {"psnr_rgb", "psnr_y",   "ssim",
                                             "ms_ssim",  "psnr_hvs", NULL};
static const char *const export_choices[] = {"compressai", NULL};

static const tsr_option options[] = {
    {.name = "metric",
     .type = TSR_OPTION_CHOICE,
     .arg = "NAME",
     .choices = metric_choices,
     .def = "psnr_rgb",
     .help = "the quality that BD-rates are computed with; SSIM and MS-SSIM in dB"},
    {.name = "anchor",
     .type = TSR_OPTION_TEXT,
     .arg = "CODEC",
     .help = "the codec to compare with; by default the first that begins with jpeg2000, else "
             "jpeg, else the first by name"},
    {.name = "only",
     .type = TSR_OPTION_TEXT,
     .arg = "PATTERN",
     .repeat = 1,
     .help = "leave out codecs whose name does not match this shell pattern; may be repeated"},
    {.name = "html",
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "the page to write; by default report.html in the first DIR"},
    {.name = "figures",
     .type = TSR_OPTION_FILE,
     .arg = "FOLDER",
     .help = "where the figures go; by default figures beside the page"},
    {.name = "no-html", .help = "write no page"},
    {.name = "no-figures", .help = "write no figures"},
    {.name = "title", .type = TSR_OPTION_TEXT, .arg = "TEXT", .help = "the title of the page"},
    {.name = "crops",
     .type = TSR_OPTION_INT,
     .arg = "N",
     .min = 0,
     .max = TSR_CROP_IMAGES,
     .def = "3",
     .help = "pictures to show details of, coded again for it"},
    {.name = "crop-bpp",
     .type = TSR_OPTION_REAL,
     .arg = "BPP",
     .min = 0.001,
     .max = 100,
     .def = "0.3",
     .help = "the rate of those, in bits per pixel"},
    {.name = "json", .help = "print JSON instead of tables"},
    {.name = "export",
     .type = TSR_OPTION_CHOICE,
     .arg = "FORM",
     .choices = export_choices,
     .help = "write one file a codec in this form to the folder of --output, and nothing else"},
    {.name = "output",
     .letter = 'o',
     .type = TSR_OPTION_FILE,
     .arg = "FOLDER",
     .help = "where --export writes"},
    {.name = "baseline",
     .type = TSR_OPTION_FILE,
     .arg = "OLD",
     .help = "compare each codec with itself in these older rows; exit code 10 when it is worse"},
    {.name = "fail-bd",
     .type = TSR_OPTION_TEXT,
     .arg = "PERCENT",
     .def = "0.5%",
     .help = "with --baseline: the largest BD-rate, of the mean and of a picture, that is no "
             "failure"},
    {.name = "fail-psnr",
     .type = TSR_OPTION_REAL,
     .arg = "DB",
     .min = 0,
     .max = 100,
     .help = "with --baseline: the largest loss of quality at one setting that is no failure; "
             "without it losses are not looked at"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera report study", "tables, study/report.html and study/figures"},
    {"tessera report study published.csv vtm.json --anchor jpeg2000",
     "with figures that others published"},
    {"tessera report new=study old=study-1.0 --no-html", "two sweeps of the same codecs"},
    {"tessera report study --baseline golden --fail-bd 0.2% --no-html --no-figures",
     "a regression gate"},
    {"tessera report study --export compressai -o results", "for the plot tools of CompressAI"},
    {0},
};

/* ---------------------------------------------------------------- arguments */

static int bad_percent(const char *text) {
    return tsr_cli_usage(&tsr_cmd_report,
                         "--fail-bd '%s' is not legal: a percentage from 0 to 1000, as 0.5%%",
                         text);
}

/* "0.5%" or "0.5". */
static int take_limits(const tsr_args *args, tsr_gate_limits *limits) {
    char *end;
    const char *text = tsr_args_text(args, "fail-bd");
    limits->bd = strtod(text, &end);
    if (end == text || (*end && strcmp(end, "%")) || !(limits->bd >= 0 && limits->bd <= 1000))
        return bad_percent(text);
    limits->psnr = tsr_args_has(args, "fail-psnr") ? tsr_args_real(args, "fail-psnr") : NAN;
    return TSR_EXIT_OK;
}

static int check_arguments(const tsr_args *args, tsr_gate_limits *limits) {
    if (tsr_args_has(args, "export") != tsr_args_has(args, "output"))
        return tsr_cli_usage(&tsr_cmd_report, "--export and --output go together");
    if (!tsr_args_has(args, "baseline") &&
        (tsr_args_has(args, "fail-bd") || tsr_args_has(args, "fail-psnr")))
        return tsr_cli_usage(&tsr_cmd_report, "--fail-bd and --fail-psnr need --baseline");
    return take_limits(args, limits);
}

/* ---------------------------------------------------------------- reading */

static tsr_status finish(tsr_cli *cli, const tsr_args *args, tsr_lab *lab) {
    size_t n = 0;
    while (tsr_args_text_at(args, "only", (unsigned)n)) n++;
    const char **only = tsr_lab_pool_alloc(&lab->pool, n, sizeof *only);
    if (!only) return tsr_lab_pool_error(&cli->diag);
    for (size_t i = 0; i < n; i++) only[i] = tsr_args_text_at(args, "only", (unsigned)i);
    return tsr_lab_finish(lab, only, n, &cli->diag);
}

/* Reads n operands; the name of one that fails is in *file. */
static tsr_status read_all(tsr_cli *cli, const tsr_args *args, const char *const *operands,
                           size_t n, tsr_lab *lab, const char **file) {
    tsr_status s = TSR_OK;
    for (size_t i = 0; i < n && !s; i++) {
        s = tsr_lab_read(lab, operands[i], &cli->diag);
        *file = lab->reading;
    }
    if (!s) {
        *file = NULL;
        s = finish(cli, args, lab);
    }
    return s;
}

static int read_operands(tsr_cli *cli, const tsr_args *args, tsr_lab *lab) {
    const char *file = NULL;
    size_t n = tsr_args_operands(args);
    const char **operands = tsr_lab_pool_alloc(&lab->pool, n, sizeof *operands);
    if (!operands) return tsr_cli_fail(cli, NULL, tsr_lab_pool_error(&cli->diag));
    for (size_t i = 0; i < n; i++) operands[i] = tsr_args_operand(args, (unsigned)i);
    tsr_status s = read_all(cli, args, operands, n, lab, &file);
    return s ? tsr_cli_fail(cli, file, s) : TSR_EXIT_OK;
}

static int make_gate(tsr_cli *cli, const tsr_args *args, tsr_lab *lab, tsr_lab *base,
                     const tsr_gate_limits *limits, tsr_gate *gate) {
    const char *file = NULL, *path = tsr_args_text(args, "baseline");
    tsr_status s = read_all(cli, args, &path, 1, base, &file);
    if (!s) {
        file = path;
        s = tsr_gate_make(lab, base, (tsr_lab_metric)tsr_args_int(args, "metric"), limits, gate,
                          &cli->diag);
    }
    return s ? tsr_cli_fail(cli, file, s) : TSR_EXIT_OK;
}

/* ---------------------------------------------------------------- writing */

/* The first operand that is a folder, or NULL. */
static const char *first_folder(const tsr_args *args) {
    struct stat info;
    for (unsigned i = 0; i < tsr_args_operands(args); i++) {
        const char *path = tsr_lab_operand_path(tsr_args_operand(args, i));
        if (!stat(path, &info) && S_ISDIR(info.st_mode)) return path;
    }
    return NULL;
}

/* The page and the folder of figures; NULL: not to be written. */
static tsr_status choose_outputs(tsr_cli *cli, const tsr_args *args, tsr_lab_pool *pool,
                                 const char **page, const char **figures) {
    const char *folder = first_folder(args);
    *page = tsr_args_text(args, "html");
    *figures = tsr_args_text(args, "figures");
    if (!*page && folder) {
        *page = tsr_lab_pool_print(pool, "%s/report.html", folder);
        if (!*page) return tsr_lab_pool_error(&cli->diag);
    }
    if (!*figures && *page && strcmp(*page, "-")) {
        const char *slash = strrchr(*page, '/');
        int n = slash ? (int)(slash - *page) + 1 : 0;
        *figures = tsr_lab_pool_print(pool, "%.*sfigures", n, *page);
        if (!*figures) return tsr_lab_pool_error(&cli->diag);
    }
    if (tsr_args_has(args, "no-html")) *page = NULL;
    if (tsr_args_has(args, "no-figures")) *figures = NULL;
    return TSR_OK;
}

static tsr_status write_page(tsr_cli *cli, const tsr_args *args, const tsr_report *r,
                             const char *path) {
    char *text = NULL;
    size_t size = 0;
    unsigned wanted = (unsigned)tsr_args_int(args, "crops");
    tsr_crops *crops = tsr_lab_pool_alloc(&r->lab->pool, 1, sizeof *crops);
    if (!crops) return tsr_lab_pool_error(&cli->diag);
    tsr_status s =
        wanted ? tsr_crops_make(cli, r, wanted, tsr_args_real(args, "crop-bpp"), crops) : TSR_OK;
    FILE *f = s ? NULL : open_memstream(&text, &size);
    if (s || !f) return s ? s : tsr_lab_pool_error(&cli->diag);
    tsr_report_html(f, r, crops, tsr_args_text(args, "title"));
    int bad = ferror(f);
    bad = fclose(f) || bad;
    s = bad ? tsr_lab_pool_error(&cli->diag) : tsr_write_file(path, text, size, &cli->diag);
    free(text);
    return s;
}

static int write_files(tsr_cli *cli, const tsr_args *args, const tsr_report *r) {
    const char *page, *figures, *file = NULL;
    tsr_status s = choose_outputs(cli, args, &r->lab->pool, &page, &figures);
    if (!s && figures) {
        file = figures;
        s = tsr_figure_files(r, figures, &cli->diag);
    }
    if (!s && page) {
        file = page;
        s = write_page(cli, args, r, page);
    }
    if (s) return tsr_cli_fail(cli, file, s);
    if (page && strcmp(page, "-")) tsr_cli_note(cli, "wrote %s", page);
    if (figures) tsr_cli_note(cli, "wrote the figures in %s", figures);
    return TSR_EXIT_OK;
}

/* The first few failures as lines on standard error, and the exit code. */
static int gate_code(tsr_cli *cli, tsr_lab *lab, const tsr_gate *g) {
    enum { SHOWN = 20 };
    size_t shown = 0;
    if (!g->n_failed) return TSR_EXIT_OK;
    for (size_t i = 0; i < g->n && shown < SHOWN; i++) {
        const char *text = g->finds[i].fails ? tsr_gate_text(&lab->pool, g, &g->finds[i]) : NULL;
        if (!text) continue;
        fprintf(stderr, "tessera: regression: %s\n", text);
        shown++;
    }
    if (shown < g->n_failed)
        fprintf(stderr, "tessera: regression: and %zu more\n", g->n_failed - shown);
    return TSR_EXIT_REGRESSION;
}

static int write_all(tsr_cli *cli, const tsr_args *args, tsr_report *r, const tsr_gate *gate) {
    if (tsr_args_has(args, "export")) {
        const char *folder = tsr_args_text(args, "output");
        tsr_status s = tsr_compressai_write(r, folder, &cli->diag);
        return s ? tsr_cli_fail(cli, folder, s) : TSR_EXIT_OK;
    }
    const char *page = tsr_args_text(args, "html");
    int code = write_files(cli, args, r);
    if (code) return code;
    FILE *f = page && !strcmp(page, "-") ? stderr : stdout;
    if (tsr_args_has(args, "json"))
        tsr_report_json(f, r);
    else
        tsr_report_text(f, r);
    fflush(f);
    return gate ? gate_code(cli, r->lab, gate) : TSR_EXIT_OK;
}

static int run_with(tsr_cli *cli, const tsr_args *args, tsr_lab *lab, tsr_lab *base) {
    tsr_gate_limits limits;
    tsr_gate gate;
    int has_gate = tsr_args_has(args, "baseline");
    int code = check_arguments(args, &limits);
    tsr_report *r = tsr_lab_pool_alloc(&lab->pool, 1, sizeof *r);
    if (!code && !r) code = tsr_cli_fail(cli, NULL, tsr_lab_pool_error(&cli->diag));
    if (!code) code = read_operands(cli, args, lab);
    if (!code && has_gate) code = make_gate(cli, args, lab, base, &limits, &gate);
    if (code) return code;
    tsr_status s =
        tsr_report_make(lab, (tsr_lab_metric)tsr_args_int(args, "metric"),
                        tsr_args_text(args, "anchor"), has_gate ? &gate : NULL, r, &cli->diag);
    if (s) return tsr_cli_fail(cli, NULL, s);
    return write_all(cli, args, r, has_gate ? &gate : NULL);
}

static int run_report(tsr_cli *cli, const tsr_args *args) {
    tsr_lab lab = {0}, base = {0};
    int code = run_with(cli, args, &lab, &base);
    tsr_lab_free(&lab);
    tsr_lab_free(&base);
    return code;
}

const tsr_command tsr_cmd_report = {
    .name = "report",
    .summary = "compare codecs by measured rows: BD-rates, figures, one HTML page",
    .operands = "DIR...",
    .description =
        "Reads what 'tessera sweep' measured in each DIR, CSV files with such columns, and JSON "
        "files in the form of CompressAI. LABEL=DIR puts LABEL before the names of the codecs."
        "\n\n"
        "Prints the BD-rate of every codec against every other: the mean over pictures with its "
        "95 % bootstrap interval and that of the mean curve, with the overlap and flags for "
        "overlaps that are thin and curves that are not monotone. Writes report.html, which needs "
        "no network, and the figures as SVG with their data as CSV (and, where the build has "
        "librsvg, PNG and PDF)."
        "\n\n"
        "With --baseline it is a gate: each codec is compared with itself in older rows, what is "
        "worse than the limits is named, and the exit code is 10.",
    .min_operands = 1,
    .max_operands = 4096,
    .options = options,
    .examples = examples,
    .run = run_report,
};
