/* sweep_codecs.c - the options of a sweep to its list of codecs and settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep_codec.h"
#include "sweep_list.h"

/* What the options say for all codecs; while they are read. */
typedef struct reader {
    tsr_sweep_codecs *c;
    const tsr_context *ctx;
    const tsr_args *args;
    tsr_settings settings; /* of Tessera's codecs */
    tsr_numbers efforts;
    int effort_given;
    tsr_diag *d;
} reader;

static tsr_status no_memory(tsr_diag *d) {
    return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for the codecs");
}

/* ---------------------------------------------------------------- settings */

tsr_status tsr_settings_add(tsr_settings *l, const char *key, tsr_target target, double value,
                            tsr_diag *d) {
    tsr_setting s = {.target = target, .value = value};
    if (target == TSR_TARGET_LOSSLESS)
        snprintf(s.text, sizeof s.text, "lossless");
    else if (!*key)
        snprintf(s.text, sizeof s.text, "default");
    else
        snprintf(s.text, sizeof s.text, "%.16s=%.9g", key, value);
    for (size_t i = 0; i < l->n; i++)
        if (!strcmp(l->v[i].text, s.text)) return TSR_OK;
    tsr_setting *more = realloc(l->v, (l->n + 1) * sizeof *more);
    if (!more) return no_memory(d);
    l->v = more;
    l->v[l->n++] = s;
    return TSR_OK;
}

static tsr_status add_numbers(tsr_settings *l, const char *key, tsr_target target,
                              const tsr_numbers *n, tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (size_t i = 0; i < n->n && !s; i++) s = tsr_settings_add(l, key, target, n->v[i], d);
    return s;
}

static tsr_status copy_settings(tsr_settings *to, const tsr_settings *from, tsr_diag *d) {
    to->v = malloc((from->n + 1) * sizeof *to->v);
    if (!to->v) return no_memory(d);
    if (from->n) memcpy(to->v, from->v, from->n * sizeof *to->v);
    to->n = from->n;
    return TSR_OK;
}

static tsr_status read_settings(reader *r) {
    static const struct {
        const char *option, *key;
        tsr_target target;
        double lo, hi;
    } kinds[] = {{"quality", "q", TSR_TARGET_QUALITY, 0, 100},
                 {"bpp", "bpp", TSR_TARGET_BPP, 0.0001, 1000},
                 {"step", "step", TSR_TARGET_STEP, 0.001, 1024},
                 {"psnr", "psnr", TSR_TARGET_PSNR, 1, 200},
                 {"max-error", "max_error", TSR_TARGET_MAX_ERROR, 1, 65535}};
    int any = tsr_args_has(r->args, "lossless");
    tsr_status s = TSR_OK;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        any |= tsr_args_has(r->args, kinds[i].option);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds && !s; i++) {
        tsr_numbers n = {0};
        if (any && !tsr_args_has(r->args, kinds[i].option)) continue;
        const char *text = tsr_args_text(r->args, kinds[i].option);
        if (!text) continue;
        s = tsr_numbers_parse(text, kinds[i].lo, kinds[i].hi, &n, r->d);
        if (!s) s = add_numbers(&r->settings, kinds[i].key, kinds[i].target, &n, r->d);
        tsr_numbers_free(&n);
    }
    if (!s && tsr_args_has(r->args, "lossless"))
        s = tsr_settings_add(&r->settings, "", TSR_TARGET_LOSSLESS, 0, r->d);
    return s;
}

/* The list after "NAME=" of the option --peer-settings, or NULL. */
static const char *given_settings(const tsr_args *args, const char *name) {
    const char *text, *found = NULL;
    size_t n = strlen(name);
    for (unsigned i = 0; (text = tsr_args_text_at(args, "peer-settings", i)); i++)
        if (!strncmp(text, name, n) && text[n] == '=') found = text + n + 1;
    return found;
}

static tsr_status peer_settings(reader *r, tsr_sweep_codec *c) {
    const tsr_peer *p = c->peer;
    const char *text = given_settings(r->args, p->name);
    tsr_numbers n = {0};
    tsr_status s = TSR_OK;
    if (tsr_peer_lossless(p, c->v))
        return tsr_settings_add(&c->settings, "", TSR_TARGET_LOSSLESS, 0, r->d);
    if (text) s = tsr_numbers_parse(text, p->setting_min, p->setting_max, &n, r->d);
    for (size_t i = 0; i < n.n && !s; i++) s = tsr_peer_check_setting(p, n.v[i], r->d);
    tsr_numbers all = {(double *)(uintptr_t)p->defaults, p->n_defaults};
    if (!s)
        s = add_numbers(&c->settings, p->setting_key, TSR_TARGET_QUALITY, text ? &n : &all, r->d);
    tsr_numbers_free(&n);
    return s;
}

static tsr_status command_settings(reader *r, tsr_sweep_codec *c) {
    const char *text = given_settings(r->args, c->command->name);
    tsr_numbers n = {0};
    if (!text && !strstr(c->command->encode, "{q}"))
        return tsr_settings_add(&c->settings, "", TSR_TARGET_QUALITY, 0, r->d);
    if (!text)
        return tsr_diag_set(r->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "no settings for cmd:%s: give --peer-settings %s=LIST",
                            c->command->name, c->command->name);
    tsr_status s = tsr_numbers_parse(text, -1e9, 1e9, &n, r->d);
    if (!s) s = add_numbers(&c->settings, "q", TSR_TARGET_QUALITY, &n, r->d);
    tsr_numbers_free(&n);
    return s;
}

/* ---------------------------------------------------------------- codecs */

/* A new codec at the end of the list; NULL when there is no memory. */
static tsr_sweep_codec *add_codec(reader *r, const char *spec) {
    tsr_sweep_codecs *c = r->c;
    tsr_sweep_codec *more = realloc(c->v, (c->n + 1) * sizeof *more);
    if (!more) return NULL;
    c->v = more;
    c->v[c->n] = (tsr_sweep_codec){.spec = strdup(spec)};
    return c->v[c->n].spec ? &c->v[c->n++] : NULL;
}

static void set_label(tsr_sweep_codec *c, const char *label, const char *choice) {
    if (*label)
        snprintf(c->label, sizeof c->label, "%.120s%s%.120s%s", label, *choice ? "(" : "", choice,
                 *choice ? ")" : "");
}

static tsr_status add_own(reader *r, const char *spec, const char *label, const char *choice) {
    tsr_status s = tsr_spec_check(r->ctx, spec, NULL, 0, r->d);
    for (size_t i = 0; i < r->efforts.n && !s; i++) {
        tsr_sweep_codec *c = add_codec(r, spec);
        if (!c) return no_memory(r->d);
        c->effort = (uint32_t)r->efforts.v[i];
        c->show_effort = r->effort_given;
        set_label(c, label, choice);
        s = copy_settings(&c->settings, &r->settings, r->d);
    }
    return s;
}

static tsr_status add_peer(reader *r, const char *spec, const char *label, const char *choice) {
    tsr_sweep_codec *c = add_codec(r, spec);
    if (!c) return no_memory(r->d);
    tsr_status s = tsr_peer_parse(spec, &c->peer, c->v, r->d);
    if (s) return s;
    set_label(c, label, choice);
    if (!*c->label) tsr_peer_print(c->peer, c->v, c->label, sizeof c->label);
    return peer_settings(r, c);
}

static tsr_status add_command(reader *r, const char *name, const char *label, const char *choice) {
    tsr_sweep_codec *c = add_codec(r, name);
    if (!c) return no_memory(r->d);
    for (size_t i = 0; i < r->c->n_commands; i++)
        if (!strcmp(r->c->commands[i].name, name)) c->command = &r->c->commands[i];
    if (!c->command)
        return tsr_diag_set(r->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "cmd:%s is not defined: give --peer-cmd '%s=ENCODE ;; DECODE'", name,
                            name);
    set_label(c, label, choice);
    if (!*c->label) snprintf(c->label, sizeof c->label, "cmd:%.200s", name);
    return command_settings(r, c);
}

/* One pattern of specs, of any kind, or of peers only. */
static tsr_status add_pattern(reader *r, const char *pattern, const char *label, int only_peers) {
    tsr_words words = {0};
    tsr_status s = tsr_words_expand(pattern, &words, r->d);
    for (size_t i = 0; i < words.n && !s; i++) {
        const char *spec = words.v[i].text, *choice = words.v[i].choice;
        if (!strncmp(spec, "cmd:", 4))
            s = add_command(r, spec + 4, label, choice);
        else if (only_peers || tsr_peer_is_spec(spec))
            s = add_peer(r, spec, label, choice);
        else
            s = add_own(r, spec, label, choice);
    }
    tsr_words_free(&words);
    return s;
}

/* "LABEL=SPEC" or "SPEC": a label ends before the first ':' and '/'. */
static tsr_status add_labelled(reader *r, const char *text) {
    char label[120] = "";
    size_t n = strcspn(text, "=:/{");
    if (text[n] != '=') return add_pattern(r, text, "", 0);
    if (!n || n >= sizeof label)
        return tsr_diag_set(r->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%.60s': not a label", text);
    memcpy(label, text, n);
    label[n] = 0;
    return add_pattern(r, text + n + 1, label, 0);
}

static tsr_status read_commands(reader *r) {
    const char *text;
    unsigned n = 0;
    while (tsr_args_text_at(r->args, "peer-cmd", n)) n++;
    r->c->commands = calloc(n + 1u, sizeof *r->c->commands);
    if (!r->c->commands) return no_memory(r->d);
    tsr_status s = TSR_OK;
    for (unsigned i = 0; (text = tsr_args_text_at(r->args, "peer-cmd", i)) && !s; i++) {
        s = tsr_peer_command_parse(text, &r->c->commands[i], r->d);
        if (!s) r->c->n_commands++;
    }
    return s;
}

static tsr_status read_codecs(reader *r) {
    const char *text, *peers = tsr_args_text(r->args, "peers");
    tsr_words words = {0};
    tsr_status s = TSR_OK;
    for (unsigned i = 0; (text = tsr_args_text_at(r->args, "codec", i)) && !s; i++)
        s = add_labelled(r, text);
    if (!s && peers) s = tsr_words_split_specs(peers, &words, r->d);
    for (size_t i = 0; i < words.n && !s; i++) s = add_pattern(r, words.v[i].text, "", 1);
    tsr_words_free(&words);
    for (size_t i = 0; i < r->c->n_commands && !s; i++)
        s = add_command(r, r->c->commands[i].name, "", "");
    if (!s && !r->c->n) s = add_pattern(r, "wavelet", "", 0);
    return s;
}

static tsr_status check_peer_settings(const reader *r) {
    const char *text;
    for (unsigned i = 0; (text = tsr_args_text_at(r->args, "peer-settings", i)); i++) {
        size_t n = strcspn(text, "="), k = 0;
        for (; k < r->c->n; k++) {
            const tsr_sweep_codec *c = &r->c->v[k];
            const char *name = c->peer ? c->peer->name : c->command ? c->command->name : "";
            if (text[n] && strlen(name) == n && !strncmp(text, name, n)) break;
        }
        if (k == r->c->n)
            return tsr_diag_set(r->d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "--peer-settings '%.80s': not PEER=LIST of a peer of this sweep",
                                text);
    }
    return TSR_OK;
}

tsr_status tsr_sweep_codecs_parse(tsr_sweep_codecs *c, const tsr_context *ctx, const tsr_args *args,
                                  tsr_diag *d) {
    reader r = {.c = c, .ctx = ctx, .args = args, .d = d};
    *c = (tsr_sweep_codecs){0};
    r.effort_given = tsr_args_has(args, "effort");
    tsr_status s = tsr_numbers_parse(tsr_args_text(args, "effort"), 1, 9, &r.efforts, d);
    for (size_t i = 0; i < r.efforts.n && !s; i++)
        if (r.efforts.v[i] != (uint32_t)r.efforts.v[i])
            s = tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "an effort is a whole number");
    if (!s) s = read_settings(&r);
    if (!s) s = read_commands(&r);
    if (!s) s = read_codecs(&r);
    if (!s) s = check_peer_settings(&r);
    tsr_numbers_free(&r.efforts);
    free(r.settings.v);
    return s;
}

void tsr_sweep_codecs_free(tsr_sweep_codecs *c) {
    for (size_t i = 0; i < c->n; i++) {
        free(c->v[i].spec);
        free(c->v[i].settings.v);
    }
    free(c->v);
    for (size_t i = 0; i < c->n_commands; i++) tsr_peer_command_free(&c->commands[i]);
    free(c->commands);
    *c = (tsr_sweep_codecs){0};
}
