/* registry.c - registration and look-up of stages, with the checks a descriptor must pass. */
#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "entropy.h"
#include "quant.h"
#include "spec.h"

#define MAX_NAME 31u

static int legal_name(const char *s) {
    size_t n = s ? strlen(s) : 0;
    if (!n || n > MAX_NAME || s[0] < 'a' || s[0] > 'z') return 0;
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static tsr_status bad(tsr_diag *d, const char *source, const char *stage, const char *what) {
    return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET, "%s: descriptor of '%s': %s", source,
                        stage ? stage : "?", what);
}

#define MOST 2147483648.0 /* of a REAL parameter, either sign */

static tsr_status check_param(const tsr_param *p, const char *source, const char *stage,
                              tsr_diag *d) {
    if (!legal_name(p->name)) return bad(d, source, stage, "a parameter name is not legal");
    if (!p->help || !p->unit) return bad(d, source, stage, "a parameter lacks help or unit");
    if (p->type < TSR_PARAM_INT || p->type > TSR_PARAM_BOOL)
        return bad(d, source, stage, "a parameter type is unknown");
    if (p->type == TSR_PARAM_CHOICE && (!p->choices || !p->choices[0]))
        return bad(d, source, stage, "a choice parameter has no choices");
    if (p->type <= TSR_PARAM_REAL && !(p->min <= p->max))
        return bad(d, source, stage, "a parameter range is empty");
    if (p->type == TSR_PARAM_REAL && !(p->min >= -MOST && p->max <= MOST))
        return bad(d, source, stage, "a parameter range does not fit into a stream");
    if (!tsr_param_legal(p, tsr_param_default(p)) ||
        !tsr_param_legal(p, tsr_param_coded(p, tsr_param_default(p))))
        return bad(d, source, stage, "a parameter default is out of range");
    return TSR_OK;
}

static tsr_status check_head(const tsr_context *ctx, tsr_stage_kind kind, const tsr_head *h,
                             const char *source, tsr_diag *d) {
    if (!legal_name(h->name)) return bad(d, source, h->name, "the name is not legal");
    if (!h->summary || !h->reference)
        return bad(d, source, h->name, "summary or reference is missing");
    if (h->n_params > TSR_MAX_PARAMS || (h->n_params && !h->params))
        return bad(d, source, h->name, "the parameter table is not sound");
    if (!h->id || !h->stream_version || h->stream_version > UINT8_MAX)
        return bad(d, source, h->name, "the id is zero, or the stream version not in 1..255");
    if (h->state_size > (size_t)1 << 24)
        return bad(d, source, h->name, "the state is larger than 16 MiB");
    for (uint32_t i = 0; i < ctx->n_stages[kind]; i++) {
        if (!strcmp(ctx->stage[kind][i].head->name, h->name))
            return bad(d, source, h->name, "a stage of this name is registered already");
        if (ctx->stage[kind][i].head->id == h->id)
            return bad(d, source, h->name, "a stage of this id is registered already");
    }
    for (uint32_t i = 0; i < h->n_params; i++) {
        tsr_status s = check_param(&h->params[i], source, h->name, d);
        if (s) return s;
        for (uint32_t k = 0; k < i; k++)
            if (!strcmp(h->params[k].name, h->params[i].name))
                return bad(d, source, h->name, "two parameters have the same name");
    }
    return TSR_OK;
}

tsr_status tsr_registry_add(tsr_context *ctx, tsr_stage_kind kind, const tsr_head *h,
                            const char *source, tsr_diag *d) {
    tsr_status s = check_head(ctx, kind, h, source, d);
    if (s) return s;
    uint32_t *n = &ctx->n_stages[kind];
    if (*n == TSR_MAX_STAGES) return bad(d, source, h->name, "too many stages");
    char *copy = strdup(source);
    if (!copy)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory to register '%s'",
                            h->name);
    ctx->stage[kind][(*n)++] = (tsr_stage_entry){.head = h, .source = copy};
    return TSR_OK;
}

void tsr_registry_drop(tsr_context *ctx, tsr_stage_kind kind, uint32_t keep) {
    while (ctx->n_stages[kind] > keep) {
        tsr_stage_entry *e = &ctx->stage[kind][--ctx->n_stages[kind]];
        free(e->source);
        free(e->copy);
    }
}

static tsr_status check_transform(const tsr_transform *t, const char *source, tsr_diag *d) {
    if (!t) return bad(d, source, NULL, "is NULL");
    if (t->h.abi >> 16 != TSR_ABI_MAJOR)
        return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET,
                            "%s: a transform was built for plug-in ABI %u, this host has %u",
                            source, t->h.abi >> 16, TSR_ABI_MAJOR);
    int old = t->h.struct_size == TSR_TRANSFORM_SIZE_1_0;
    if (t->h.struct_size < sizeof *t && !old && t->h.struct_size != TSR_TRANSFORM_SIZE_1_1)
        return bad(d, source, t->h.name, "the descriptor is too small");
    if (!t->configure || !t->layout || !t->analysis || !t->synthesis)
        return bad(d, source, t->h.name, "a mandatory function is missing");
    if ((t->h.caps & TSR_CAP_CLOSED_LOOP) && !t->analysis_next)
        return bad(d, source, t->h.name, "closed loop without analysis_next");
    if ((t->h.caps & TSR_CAP_SIDE) && (!t->side_save || !t->side_load))
        return bad(d, source, t->h.name, "side information without side_save and side_load");
    if ((t->h.caps & TSR_CAP_NEEDS_MODEL) && (old || !t->model_wanted || !t->model_load))
        return bad(d, source, t->h.name, "a model is needed without model_wanted and model_load");
    if (t->h.struct_size >= sizeof *t && !t->reduce != !t->synthesis_reduced)
        return bad(d, source, t->h.name,
                   "reduce and synthesis_reduced come together or not at all");
    return TSR_OK;
}

/* A descriptor of an older ABI is completed with NULL, so that nobody else needs to look at its
 * size. */
static tsr_status add_transform(tsr_context *ctx, const tsr_transform *t, const char *source,
                                tsr_diag *d) {
    tsr_transform *copy = NULL;
    if (t->h.struct_size < sizeof *t) {
        copy = calloc(1, sizeof *copy);
        if (!copy)
            return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory to register '%s'",
                                t->h.name);
        memcpy(copy, t, t->h.struct_size);
    }
    tsr_status s = tsr_registry_add(ctx, TSR_STAGE_TRANSFORM, copy ? &copy->h : &t->h, source, d);
    if (s)
        free(copy);
    else
        ctx->stage[TSR_STAGE_TRANSFORM][ctx->n_stages[TSR_STAGE_TRANSFORM] - 1].copy = copy;
    return s;
}

tsr_status tsr_register(tsr_context *ctx, const tsr_plugin *p, const char *source, tsr_diag *d) {
    if (p->abi >> 16 != TSR_ABI_MAJOR)
        return tsr_diag_set(d, TSR_ERR_ABI, TSR_NO_OFFSET,
                            "%s: built for plug-in ABI %u, this host has %u", source, p->abi >> 16,
                            TSR_ABI_MAJOR);
    if (p->struct_size < sizeof(tsr_plugin) || (p->n_transforms && !p->transforms))
        return bad(d, source, p->name, "the module descriptor is not sound");
    tsr_status s = TSR_OK;
    uint32_t before = ctx->n_stages[TSR_STAGE_TRANSFORM];
    for (uint32_t i = 0; i < p->n_transforms && !s; i++) {
        s = check_transform(p->transforms[i], source, d);
        if (!s) s = add_transform(ctx, p->transforms[i], source, d);
    }
    if (s) tsr_registry_drop(ctx, TSR_STAGE_TRANSFORM, before);
    return s;
}

tsr_status tsr_register_core(tsr_context *ctx, tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (const tsr_quantizer *const *q = tsr_quantizers; *q && !s; q++)
        s = tsr_registry_add(ctx, TSR_STAGE_QUANTIZER, &(*q)->h, "core", d);
    for (const tsr_entropy *const *e = tsr_entropies; *e && !s; e++)
        s = tsr_registry_add(ctx, TSR_STAGE_ENTROPY, &(*e)->h, "core", d);
    return s;
}

uint32_t tsr_stage_count(const tsr_context *ctx, tsr_stage_kind kind) {
    return ctx->n_stages[kind];
}

const tsr_head *tsr_stage_at(const tsr_context *ctx, tsr_stage_kind kind, uint32_t i) {
    return i < ctx->n_stages[kind] ? ctx->stage[kind][i].head : NULL;
}

const char *tsr_stage_source(const tsr_context *ctx, tsr_stage_kind kind, uint32_t i) {
    return i < ctx->n_stages[kind] ? ctx->stage[kind][i].source : NULL;
}

const tsr_head *tsr_stage_find(const tsr_context *ctx, tsr_stage_kind kind, const char *name) {
    for (uint32_t i = 0; i < ctx->n_stages[kind]; i++)
        if (!strcmp(ctx->stage[kind][i].head->name, name)) return ctx->stage[kind][i].head;
    return NULL;
}

const tsr_head *tsr_stage_by_id(const tsr_context *ctx, tsr_stage_kind kind, uint64_t id) {
    for (uint32_t i = 0; i < ctx->n_stages[kind]; i++)
        if (ctx->stage[kind][i].head->id == id) return ctx->stage[kind][i].head;
    return NULL;
}
