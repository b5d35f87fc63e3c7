/* spec.c - TRANSFORM[:key=value,...][/QUANTIZER[:...]][/ENTROPY[:...]] to stages and back. */
#include "spec.h"

#include <stdio.h>
#include <string.h>

#include "context.h"
#include "quant.h"

#define MAX_SPEC 1024u

static const char *const kind_name[TSR_STAGE_KINDS] = {"transform", "quantizer", "entropy coder"};

void tsr_stage_init(tsr_stage *s, const tsr_head *head) {
    *s = (tsr_stage){.head = head};
    for (uint32_t i = 0; i < head->n_params; i++)
        s->v[i] = tsr_param_coded(&head->params[i], tsr_param_default(&head->params[i]));
}

static tsr_status unknown_stage(const tsr_context *ctx, tsr_stage_kind kind, const char *name,
                                tsr_diag *d) {
    const char *names[64];
    char all[256] = "";
    uint32_t n = 0;
    for (; n < tsr_stage_count(ctx, kind) && n < 64; n++) {
        names[n] = tsr_stage_at(ctx, kind, n)->name;
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", n ? ", " : "", names[n]);
    }
    const char *near = tsr_nearest_name(name, names, n);
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "unknown %s '%s': one of %s%s%s%s",
                        kind_name[kind], name, all, near ? " (did you mean " : "", near ? near : "",
                        near ? "?)" : "");
}

static tsr_status unknown_key(const tsr_head *h, const char *key, tsr_diag *d) {
    const char *names[TSR_MAX_PARAMS];
    char all[256] = "";
    for (uint32_t i = 0; i < h->n_params; i++) {
        names[i] = h->params[i].name;
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    if (!h->n_params)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "'%s' takes no parameters, not '%s'", h->name, key);
    const char *near = tsr_nearest_name(key, names, h->n_params);
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "'%s' has no parameter '%s': one of %s%s%s%s", h->name, key, all,
                        near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

/* Its place, or the number of parameters. */
static uint32_t find_param(const tsr_head *h, const char *name) {
    uint32_t i = 0;
    while (i < h->n_params && strcmp(h->params[i].name, name)) i++;
    return i;
}

static tsr_status set_param(tsr_stage *s, char *assignment, tsr_diag *d) {
    char *eq = strchr(assignment, '=');
    if (!eq)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%s' after '%s:' is not KEY=VALUE",
                            assignment, s->head->name);
    *eq = 0;
    uint32_t i = find_param(s->head, assignment);
    if (i == s->head->n_params) return unknown_key(s->head, assignment, d);
    s->given |= 1u << i;
    return tsr_param_parse(&s->head->params[i], eq + 1, &s->v[i], d);
}

int tsr_stage_choose(tsr_stage *s, const char *name, int64_t value) {
    uint32_t i = find_param(s->head, name);
    tsr_value v = {.i = value};
    if (i == s->head->n_params || s->given >> i & 1) return 0;
    if (s->head->params[i].type != TSR_PARAM_INT || !tsr_param_legal(&s->head->params[i], v))
        return 0;
    s->v[i] = v;
    return 1;
}

static tsr_status parse_stage(const tsr_context *ctx, tsr_stage_kind kind, char *text,
                              tsr_stage *out, tsr_diag *d) {
    char *save = NULL, *colon = strchr(text, ':');
    if (colon) *colon = 0;
    const tsr_head *h = tsr_stage_find(ctx, kind, text);
    if (!h) return unknown_stage(ctx, kind, text, d);
    tsr_stage_init(out, h);
    if (!colon) return TSR_OK;
    tsr_status s = TSR_OK;
    for (char *t = strtok_r(colon + 1, ",", &save); t && !s; t = strtok_r(NULL, ",", &save))
        s = set_param(out, t, d);
    return s;
}

tsr_status tsr_spec_parse(const tsr_context *ctx, const char *text, tsr_spec *out, tsr_diag *d) {
    char copy[MAX_SPEC];
    if (strlen(text) >= sizeof copy)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "codec specification is longer than %u bytes", MAX_SPEC - 1);
    strcpy(copy, text);
    *out = (tsr_spec){0};
    char *part = copy;
    tsr_status s = TSR_OK;
    for (int kind = 0; part && !s; kind++) {
        if (kind == TSR_STAGE_KINDS)
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                                "'%s' has more than TRANSFORM/QUANTIZER/ENTROPY", text);
        char *slash = strchr(part, '/');
        if (slash) *slash = 0;
        if (*part || kind == 0)
            s = parse_stage(ctx, (tsr_stage_kind)kind, part, &out->stage[kind], d);
        part = slash ? slash + 1 : NULL;
    }
    return s;
}

static tsr_status default_stage(const tsr_context *ctx, tsr_stage_kind kind, const char *text,
                                tsr_stage *s, tsr_diag *d) {
    char copy[64];
    if (s->head) return TSR_OK;
    snprintf(copy, sizeof copy, "%s", text);
    tsr_status st = parse_stage(ctx, kind, copy, s, d);
    s->chosen = 1;
    return st;
}

tsr_status tsr_spec_complete(const tsr_context *ctx, tsr_spec *s, uint32_t effort, int lossless,
                             tsr_diag *d) {
    int learned = (s->stage[TSR_STAGE_TRANSFORM].head->caps & TSR_CAP_NEEDS_MODEL) != 0;
    const char *quantizer = learned && !lossless
                                ? "codebook" /* a learned latent, a learned quantizer */
                                : tsr_effort_quantizer(effort, lossless);
    tsr_status st =
        default_stage(ctx, TSR_STAGE_QUANTIZER, quantizer, &s->stage[TSR_STAGE_QUANTIZER], d);
    if (!st)
        st = default_stage(ctx, TSR_STAGE_ENTROPY, tsr_effort_entropy(effort),
                           &s->stage[TSR_STAGE_ENTROPY], d);
    return st;
}

static void append(char *out, size_t size, const char *text) {
    size_t used = strlen(out);
    if (used + 1 < size) snprintf(out + used, size - used, "%s", text);
}

static void print_stage(const tsr_stage *s, char *out, size_t size) {
    const char *sep = ":";
    append(out, size, s->head->name);
    for (uint32_t i = 0; i < s->head->n_params; i++) {
        const tsr_param *p = &s->head->params[i];
        if (s->v[i].i == tsr_param_coded(p, tsr_param_default(p)).i) continue;
        char value[64];
        tsr_param_print(p, s->v[i], value, sizeof value);
        append(out, size, sep);
        append(out, size, p->name);
        append(out, size, "=");
        append(out, size, value);
        sep = ",";
    }
}

void tsr_spec_print(const tsr_spec *s, char *out, size_t size) {
    if (!size) return;
    *out = 0;
    for (int k = 0; k < TSR_STAGE_KINDS && s->stage[k].head; k++) {
        if (k) append(out, size, "/");
        print_stage(&s->stage[k], out, size);
    }
}

tsr_status tsr_spec_check(const tsr_context *ctx, const char *spec, char *canon, size_t canon_size,
                          tsr_diag *d) {
    tsr_spec s;
    tsr_status st = tsr_spec_parse(ctx, spec, &s, d);
    if (!st) st = tsr_spec_complete(ctx, &s, TSR_DEFAULT_EFFORT, 0, d);
    const tsr_stage *q = &s.stage[TSR_STAGE_QUANTIZER];
    const tsr_quantizer *quantizer = (const tsr_quantizer *)q->head;
    if (!st && quantizer->check) st = quantizer->check(q->v, d);
    if (!st && canon) tsr_spec_print(&s, canon, canon_size);
    return st;
}
