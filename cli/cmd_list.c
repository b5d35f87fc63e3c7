/* cmd_list.c - tessera list: the stages a codec can be put together from, and the peers. */
#include <string.h>

#include "help.h"
#include "json.h"
#include "peer.h"

/* What there is to list: the kinds of stages, and after them the peers. */
enum { KIND_PEERS = TSR_STAGE_KINDS, KINDS, ALL_KINDS = KINDS };
static const char *const kind_names[KINDS] = {"transforms", "quantizers", "entropy", "peers"};

static const tsr_option options[] = {
    {.name = "names", .help = "print names only, one a line"},
    {.name = "json", .help = "print JSON"},
    {0},
};

static const tsr_example examples[] = {
    {"tessera list", "everything, with parameters, ranges and defaults"},
    {"tessera list transforms --plugin ./libfoo.so", "the transforms, one of them from a file"},
    {0},
};

static const struct {
    uint32_t bit;
    const char *name;
} capabilities[] = {
    {TSR_CAP_BITEXACT, "bit-exact"},  {TSR_CAP_LOSSLESS, "lossless"},
    {TSR_CAP_STEPWISE, "stepwise"},   {TSR_CAP_CLOSED_LOOP, "closed-loop"},
    {TSR_CAP_SIDE, "side-info"},      {TSR_CAP_NEEDS_MODEL, "needs-model"},
    {TSR_CAP_TRAINABLE, "trainable"},
};

enum { CAPABILITIES = sizeof capabilities / sizeof *capabilities };

/* ---------------------------------------------------------------- text */

static void print_default(const tsr_param *p, char *buf, size_t size) {
    if (p->type == TSR_PARAM_CHOICE)
        snprintf(buf, size, "%s", p->choices[(size_t)p->def]);
    else if (p->type == TSR_PARAM_BOOL)
        snprintf(buf, size, "%s", p->def != 0 ? "on" : "off");
    else
        snprintf(buf, size, "%.9g", p->def);
}

static void print_range(const tsr_param *p, char *buf, size_t size) {
    size_t used = 0;
    *buf = 0;
    if (p->type == TSR_PARAM_BOOL)
        snprintf(buf, size, "on, off");
    else if (p->type != TSR_PARAM_CHOICE)
        snprintf(buf, size, "%.9g to %.9g%s%s", p->min, p->max, *p->unit ? " " : "", p->unit);
    else
        for (const char *const *c = p->choices; *c && used < size; c++)
            used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", *c);
}

static void print_capabilities(uint32_t caps) {
    const char *separator = "      ";
    for (unsigned i = 0; i < CAPABILITIES; i++) {
        if (!(caps & capabilities[i].bit)) continue;
        printf("%s%s", separator, capabilities[i].name);
        separator = ", ";
    }
    if (caps) putchar('\n');
}

static void print_param(const tsr_param *p) {
    char range[256], def[64], text[1024];
    print_range(p, range, sizeof range);
    print_default(p, def, sizeof def);
    snprintf(text, sizeof text, "%s (%s; default %s)", p->help, range, def);
    tsr_help_item(stdout, 6, 18, p->name, text);
}

/* Where a stage comes from is said when it is a file. */
static void print_stage(const tsr_head *h, const char *source) {
    tsr_help_item(stdout, 2, 14, h->name, h->summary);
    if (strchr(source, '/')) printf("      from %s\n", source);
    print_capabilities(h->caps);
    for (uint32_t i = 0; i < h->n_params; i++) print_param(&h->params[i]);
}

static void print_peer(const tsr_peer *p) {
    char version[256];
    p->version(version, sizeof version);
    tsr_help_item(stdout, 2, 14, p->name, p->summary);
    printf("      %s\n", version);
    tsr_help_item(stdout, 6, 18, p->setting_key, p->setting);
    for (uint32_t i = 0; i < p->n_params; i++) print_param(&p->params[i]);
}

/* ---------------------------------------------------------------- JSON */

static void json_param(tsr_json *j, const tsr_param *p) {
    static const char *const types[] = {"?", "int", "real", "choice", "bool"};
    char def[64];
    print_default(p, def, sizeof def);
    tsr_json_object(j, NULL);
    tsr_json_text(j, "name", p->name);
    tsr_json_text(j, "type", types[p->type <= TSR_PARAM_BOOL ? p->type : 0]);
    tsr_json_text(j, "help", p->help);
    tsr_json_text(j, "unit", p->unit);
    tsr_json_text(j, "default", def);
    if (p->type == TSR_PARAM_CHOICE) {
        tsr_json_array(j, "choices");
        for (const char *const *c = p->choices; *c; c++) tsr_json_text(j, NULL, *c);
        tsr_json_end(j);
    } else if (p->type != TSR_PARAM_BOOL) {
        tsr_json_number(j, "min", p->min);
        tsr_json_number(j, "max", p->max);
    }
    tsr_json_bool(j, "encoder_only", (p->flags & TSR_PARAM_ENCODER) != 0);
    tsr_json_end(j);
}

static void json_stage(tsr_json *j, const tsr_head *h, const char *source) {
    tsr_json_object(j, NULL);
    tsr_json_text(j, "name", h->name);
    tsr_json_int(j, "id", (int64_t)h->id);
    tsr_json_int(j, "stream_version", h->stream_version);
    tsr_json_text(j, "summary", h->summary);
    tsr_json_text(j, "reference", h->reference);
    tsr_json_text(j, "source", source);
    tsr_json_array(j, "capabilities");
    for (unsigned i = 0; i < CAPABILITIES; i++)
        if (h->caps & capabilities[i].bit) tsr_json_text(j, NULL, capabilities[i].name);
    tsr_json_end(j);
    tsr_json_array(j, "params");
    for (uint32_t i = 0; i < h->n_params; i++) json_param(j, &h->params[i]);
    tsr_json_end(j);
    tsr_json_end(j);
}

static void json_peer(tsr_json *j, const tsr_peer *p) {
    char version[256];
    p->version(version, sizeof version);
    tsr_json_object(j, NULL);
    tsr_json_text(j, "name", p->name);
    tsr_json_text(j, "summary", p->summary);
    tsr_json_text(j, "version", version);
    tsr_json_object(j, "setting");
    tsr_json_text(j, "name", p->setting_key);
    tsr_json_text(j, "help", p->setting);
    tsr_json_number(j, "min", p->setting_min);
    tsr_json_number(j, "max", p->setting_max);
    tsr_json_bool(j, "whole", (int)p->setting_whole);
    tsr_json_array(j, "study");
    for (uint32_t i = 0; i < p->n_defaults; i++) tsr_json_number(j, NULL, p->defaults[i]);
    tsr_json_end(j);
    tsr_json_end(j);
    tsr_json_array(j, "params");
    for (uint32_t i = 0; i < p->n_params; i++) json_param(j, &p->params[i]);
    tsr_json_end(j);
    tsr_json_end(j);
}

/* ---------------------------------------------------------------- the command */

static void list_stages(tsr_cli *cli, tsr_stage_kind kind, const tsr_args *args, tsr_json *j) {
    int names = tsr_args_has(args, "names"), json = tsr_args_has(args, "json");
    for (uint32_t i = 0; i < tsr_stage_count(cli->ctx, kind); i++) {
        const tsr_head *h = tsr_stage_at(cli->ctx, kind, i);
        if (json)
            json_stage(j, h, tsr_stage_source(cli->ctx, kind, i));
        else if (names)
            puts(h->name);
        else
            print_stage(h, tsr_stage_source(cli->ctx, kind, i));
    }
}

/* What is missing is said, but is no name that a script could use. */
static void list_missing_peer(const char *name, const char *why, int names, int json, tsr_json *j) {
    if (json) {
        tsr_json_object(j, NULL);
        tsr_json_text(j, "name", name);
        tsr_json_text(j, "missing", why);
        tsr_json_end(j);
    } else if (!names) {
        tsr_help_item(stdout, 2, 14, name, why);
    }
}

static void list_peers(const tsr_args *args, tsr_json *j) {
    int names = tsr_args_has(args, "names"), json = tsr_args_has(args, "json");
    for (const char *const *name = tsr_peer_names; *name; name++) {
        const tsr_peer *p;
        tsr_diag why;
        if (tsr_peer_find(*name, &p, &why))
            list_missing_peer(*name, why.text, names, json, j);
        else if (json)
            json_peer(j, p);
        else if (names)
            puts(p->name);
        else
            print_peer(p);
    }
}

static void list_kind(tsr_cli *cli, int kind, const tsr_args *args, tsr_json *j) {
    int json = tsr_args_has(args, "json");
    if (json)
        tsr_json_array(j, kind_names[kind]);
    else if (!tsr_args_has(args, "names"))
        printf("%s:\n", kind_names[kind]);
    if (kind == KIND_PEERS)
        list_peers(args, j);
    else
        list_stages(cli, (tsr_stage_kind)kind, args, j);
    if (json) tsr_json_end(j);
}

/* Returns the kind of this name, ALL_KINDS for all (NULL), or -1. */
static int find_kind(const char *name) {
    if (!name) return ALL_KINDS;
    for (int k = 0; k < KINDS; k++)
        if (!strcmp(name, kind_names[k])) return k;
    return -1;
}

static int run_list(tsr_cli *cli, const tsr_args *args) {
    const char *name = tsr_args_operand(args, 0);
    int wanted = find_kind(name), json = tsr_args_has(args, "json");
    tsr_json j = tsr_json_begin(stdout);
    if (wanted < 0) {
        char hint[TSR_HINT_SIZE];
        return tsr_cli_usage(&tsr_cmd_list,
                             "unknown kind '%s': one of transforms, quantizers, entropy, peers%s",
                             name, tsr_hint(tsr_nearest_name(name, kind_names, KINDS), hint));
    }
    if (json) tsr_json_object(&j, NULL);
    for (int k = 0; k < KINDS; k++)
        if (wanted == ALL_KINDS || wanted == k) list_kind(cli, k, args, &j);
    if (json) tsr_json_end(&j);
    return TSR_EXIT_OK;
}

const tsr_command tsr_cmd_list = {
    .name = "list",
    .summary = "print the transforms, quantizers, entropy coders and peers there are",
    .operands = "[transforms|quantizers|entropy|peers]",
    .description =
        "Prints the stages a codec can be put together from, with what they can do, their "
        "parameters, the ranges and the defaults; for those of a plug-in also where they come from."
        "\n\n"
        "Of a transform, 'bit-exact' means that decoded samples are the same on every machine, "
        "'lossless' that --lossless is possible with it."
        "\n\n"
        "Peers are codecs of others that this build measures beside its own, with the version of "
        "their library, the setting that a study varies, and their parameters.",
    .min_operands = 0,
    .max_operands = 1,
    .options = options,
    .examples = examples,
    .run = run_list,
};
