/* cmd_plugin_check.c - tessera plugin check: runs the conformance suite on the transforms of a file
 * or on one by name, and prints a line for each check. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "json.h"
#include "plugin_check.h"

enum { MAX_ONLY = 32, MAX_NAMES = 256, MAX_PARAMS = 32 };

extern const tsr_command tsr_cmd_plugin_check;

/* ---------------------------------------------------------------- printing */

/* What a run of the suite prints into, and how it went so far. */
typedef struct printer {
    bool quiet;     /* only what failed */
    tsr_json *json; /* NULL: text */
    tsr_check_tally sum;
} printer;

static const char *outcome_name(tsr_check_outcome o) {
    return o == TSR_CHECK_OK ? "ok" : o == TSR_CHECK_SKIPPED ? "skipped" : "FAILED";
}

static void print_json(tsr_json *j, const tsr_check_entry *e, const tsr_check_result *r) {
    tsr_json_object(j, NULL);
    tsr_json_text(j, "check", e->name);
    tsr_json_text(j, "promise", e->what);
    tsr_json_text(j, "outcome", outcome_name(r->outcome));
    tsr_json_text(j, "text", r->text);
    tsr_json_end(j);
}

static bool print_result(void *user, const tsr_check_entry *e, const tsr_check_result *r) {
    const printer *p = user;
    bool failed = r->outcome == TSR_CHECK_FAILED;
    if (p->json)
        print_json(p->json, e, r);
    else if (failed || !p->quiet)
        printf("%-7s %-13s %s%s%s\n", outcome_name(r->outcome), e->name, e->what,
               *r->text ? ": " : "", r->text);
    fflush(stdout);
    return !tsr_cli_interrupted();
}

/* Before the checks of a transform; name may be NULL. */
static void begin_transform(printer *p, const char *name, const char *source) {
    if (p->json) {
        tsr_json_object(p->json, NULL);
        tsr_json_text(p->json, "transform", name);
        tsr_json_text(p->json, "source", source);
        tsr_json_array(p->json, "checks");
    } else if (!p->quiet) {
        printf("checking %s (%s)\n", name ? name : source, source);
    }
}

static void end_transform(printer *p, const char *name, const tsr_check_tally *n) {
    p->sum.ok += n->ok;
    p->sum.failed += n->failed;
    p->sum.skipped += n->skipped;
    if (p->json) {
        tsr_json_end(p->json);
        tsr_json_end(p->json);
    } else if (!p->quiet) {
        printf("%s: %u ok, %u failed, %u skipped\n", name, n->ok, n->failed, n->skipped);
    }
}

/* ---------------------------------------------------------------- what to check */

/* Whether the i-th transform has this name, parameters after a colon aside, or comes from this
 * file. */
static bool is_meant(const tsr_cli *cli, uint32_t i, const char *name) {
    const char *stage = tsr_stage_at(cli->ctx, TSR_STAGE_TRANSFORM, i)->name;
    size_t n = strcspn(name, ":");
    return (strlen(stage) == n && !memcmp(stage, name, n)) ||
           !strcmp(tsr_stage_source(cli->ctx, TSR_STAGE_TRANSFORM, i), name);
}

static bool is_known(const tsr_cli *cli, const char *name) {
    uint32_t n = tsr_stage_count(cli->ctx, TSR_STAGE_TRANSFORM), i = 0;
    while (i < n && !is_meant(cli, i, name)) i++;
    return i < n;
}

static bool is_file(const char *name) {
    return strpbrk(name, "/.") || !access(name, F_OK);
}

/* Loads a module. That it does not load is a result like any other. */
static bool load(tsr_cli *cli, printer *p, const char *file) {
    static const tsr_check_entry loading = {"load", "the module loads, its descriptors are sound",
                                            NULL};
    static const tsr_check_tally one = {.failed = 1};
    tsr_check_result r = {.outcome = TSR_CHECK_FAILED};
    if (!tsr_load_plugin(cli->ctx, file, &cli->diag)) return true;
    snprintf(r.text, sizeof r.text, "%.*s", (int)sizeof r.text - 1, cli->diag.text);
    begin_transform(p, NULL, file);
    print_result(p, &loading, &r);
    end_transform(p, file, &one);
    return false;
}

/* Values of the parameters in "key=value,key=value", which are known to be legal. */
static void read_values(tsr_cli *cli, const tsr_head *h, const char *text, tsr_value *v) {
    for (uint32_t i = 0; i < h->n_params; i++) v[i] = tsr_param_default(&h->params[i]);
    for (size_t n; *text; text += n + (text[n] == ',')) {
        char word[256];
        n = strcspn(text, ",");
        snprintf(word, sizeof word, "%.*s", (int)n, text);
        char *equals = strchr(word, '=');
        if (equals) *equals++ = 0;
        for (uint32_t i = 0; equals && i < h->n_params; i++)
            if (!strcmp(h->params[i].name, word))
                (void)!tsr_param_parse(&h->params[i], equals, &v[i], &cli->diag);
    }
}

/* The suite on one transform. spec: its name, perhaps with parameters. */
static tsr_check_tally check_one(tsr_cli *cli, const tsr_head *h, const char *source,
                                 const char *spec, const tsr_check_plan *plan) {
    tsr_value values[MAX_PARAMS];
    const char *colon = strchr(spec, ':');
    tsr_model_info model = {0};
    tsr_model_file file = {0};
    read_values(cli, h, colon ? colon + 1 : "", values);
    if (tsr_model_chosen(cli->ctx, &model))
        (void)!tsr_model_read(&file, model.data, model.size, &cli->diag);
    tsr_check_subject subject = {/* The head is the first member of the descriptor. */
                                 .t = (const tsr_transform *)(const void *)h,
                                 .source = source,
                                 .spec = spec,
                                 .values = values,
                                 .model_file = model.data,
                                 .model_file_size = model.size,
                                 .model = tsr_model_find_section(&file, h->name)};
    return tsr_check_run(&subject, plan);
}

/* Runs the suite on every transform of this name or from this file. Returns how many there are. */
static unsigned check_all(tsr_cli *cli, printer *p, const char *name, const tsr_check_plan *plan) {
    unsigned n = 0;
    for (uint32_t i = 0; i < tsr_stage_count(cli->ctx, TSR_STAGE_TRANSFORM); i++) {
        if (!is_meant(cli, i, name)) continue;
        const tsr_head *h = tsr_stage_at(cli->ctx, TSR_STAGE_TRANSFORM, i);
        const char *source = tsr_stage_source(cli->ctx, TSR_STAGE_TRANSFORM, i);
        const char *spec = strcmp(source, name) ? name : h->name;
        begin_transform(p, spec, source);
        tsr_check_tally tally = check_one(cli, h, source, spec, plan);
        end_transform(p, spec, &tally);
        n++;
    }
    return n;
}

/* ---------------------------------------------------------------- the command */

static const tsr_option options[] = {
    {.name = "only",
     .type = TSR_OPTION_TEXT,
     .arg = "CHECK",
     .repeat = 1,
     .help = "run this check only; may be repeated"},
    {.name = "timeout",
     .type = TSR_OPTION_INT,
     .arg = "SECONDS",
     .min = 1,
     .max = 86400,
     .def = "300",
     .help = "take a check for endless after this time"},
    {.name = "json", .help = "print JSON"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera plugin check ./build/tessera_mine.so", "all transforms of a shared object"},
    {"tessera plugin check wavelet:levels=2", "a built-in, or one loaded by --plugin"},
    {"tessera plugin check vqvae --model photo.tsm", "one that needs a trained model"},
    {"tessera plugin check --only gain --only layout ./mine.so", "two checks only"},
    {0},
};

static int unknown(const char *what, const char *word, const char *const *names, size_t n) {
    const char *near = tsr_nearest_name(word, names, n);
    return tsr_cli_usage(&tsr_cmd_plugin_check, "%s '%s'%s%s%s", what, word,
                         near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int unknown_transform(const tsr_cli *cli, const char *word) {
    const char *names[MAX_NAMES];
    uint32_t n = tsr_stage_count(cli->ctx, TSR_STAGE_TRANSFORM);
    if (n > MAX_NAMES) n = MAX_NAMES;
    for (uint32_t i = 0; i < n; i++)
        names[i] = tsr_stage_at(cli->ctx, TSR_STAGE_TRANSFORM, i)->name;
    return unknown("no file and no transform", word, names, n);
}

/* Fills only[] with the checks asked for, ended by NULL. Returns an exit code. */
static int read_only(const tsr_args *args, const char *only[MAX_ONLY + 1]) {
    const char *names[MAX_ONLY];
    unsigned n = 0, k = 0;
    for (; tsr_check_table[n].name && n < MAX_ONLY; n++) names[n] = tsr_check_table[n].name;
    for (; k < MAX_ONLY && (only[k] = tsr_args_text_at(args, "only", k)); k++) {
        unsigned i = 0;
        while (i < n && strcmp(names[i], only[k])) i++;
        if (i == n) return unknown("no check", only[k], names, n);
    }
    only[k] = NULL;
    return TSR_EXIT_OK;
}

static void end_json(printer *p) {
    tsr_json_end(p->json);
    tsr_json_int(p->json, "ok", p->sum.ok);
    tsr_json_int(p->json, "failed", p->sum.failed);
    tsr_json_int(p->json, "skipped", p->sum.skipped);
    tsr_json_end(p->json);
}

static int run_check(tsr_cli *cli, const tsr_args *args) {
    const char *name = tsr_args_operand(args, 0), *only[MAX_ONLY + 1];
    int code = read_only(args, only);
    if (code) return code;
    bool loaded = is_known(cli, name);
    if (!loaded && !is_file(name)) return unknown_transform(cli, name);
    if (loaded && strchr(name, ':') && tsr_spec_check(cli->ctx, name, NULL, 0, &cli->diag))
        return tsr_cli_fail(cli, NULL, TSR_ERR_ARGUMENT);
    tsr_json j = tsr_json_begin(stdout);
    printer p = {.quiet = cli->quiet, .json = tsr_args_has(args, "json") ? &j : NULL};
    if (p.json) {
        tsr_json_object(&j, NULL);
        tsr_json_array(&j, "transforms");
    }
    const tsr_check_plan plan = {.only = only[0] ? only : NULL,
                                 .seconds = (unsigned)tsr_args_int(args, "timeout"),
                                 .listener = print_result,
                                 .user = &p};
    if (!loaded) loaded = load(cli, &p, name);
    if (loaded && !check_all(cli, &p, name, &plan))
        code = tsr_cli_error(name, TSR_ERR_ABI, "the module offers no transform");
    if (p.json) end_json(&p);
    if (tsr_cli_interrupted()) return TSR_EXIT_CANCELLED;
    return p.sum.failed ? TSR_EXIT_PLUGIN : code;
}

const tsr_command tsr_cmd_plugin_check = {
    .name = "plugin check",
    .summary = "test every promise a transform makes",
    .operands = "FILE|NAME[:key=value,...]",
    .description =
        "Runs the conformance suite on all transforms of a shared object, or on one that is built "
        "in "
        "or loaded by --plugin, and prints a line for each check: 'ok' with a figure, 'FAILED' "
        "with "
        "what was expected and seen, or 'skipped' when the transform does not claim what the check "
        "is "
        "about. Each check runs in a process of its own, so that a crash or an endless loop of the "
        "transform is a result like any other.\n\n"
        "The exit status is 0 only when nothing failed, and 7 otherwise.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .examples = examples,
    .run = run_check,
};
