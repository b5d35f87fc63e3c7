/* filters.c - the filters behind the synthesis: applying them, and finding the network's model. */
#include <tessera/filter.h>

#include "context.h"
#include "filters.h"
#include "filters_views.h"
#include "postfilter.h"

void tsr_use_network_filter(tsr_context *ctx, const tsr_network_filter *f) {
    ctx->network = f;
}

static const tsr_model_section *section_of(const tsr_context *ctx, const tsr_model_entry *m) {
    return ctx->network ? tsr_model_find_section(&m->file, ctx->network->section) : NULL;
}

tsr_model_entry *tsr_network_model(const tsr_context *ctx, uint32_t effort) {
    const tsr_model_store *store = &ctx->models;
    if (!ctx->network) return NULL;
    if (store->first_choice && section_of(ctx, store->first_choice)) return store->first_choice;
    return tsr_model_builtin(store, ctx->network->section, effort >= TSR_LARGE_EFFORT);
}

tsr_status tsr_network_check(const tsr_context *ctx, const tsr_model_entry *m, tsr_diag *d) {
    if (section_of(ctx, m)) return TSR_OK;
    return tsr_diag_set(d, TSR_ERR_MODEL, TSR_NO_OFFSET, "model '%s' has no filter network",
                        m->name);
}

typedef struct network_run {
    const tsr_filters *f;
    tsr_job *job;
} network_run;

static tsr_status run_network(void *arg, tsr_planes *planes) {
    const tsr_filters *f = ((network_run *)arg)->f;
    tsr_job *j = ((network_run *)arg)->job;
    const tsr_model_section *section = section_of(j->ctx, f->network);
    tsr_arena *outer = j->current;
    tsr_arena_mark mark = tsr_arena_save(&j->scratch);
    j->current = &j->scratch;
    tsr_status s = j->ctx->network->apply(section->data, section->size, f->step, planes, &j->env);
    j->current = outer;
    tsr_arena_rewind(&j->scratch, mark);
    return s;
}

/* Alpha is not for networks. */
static tsr_status apply_network(const tsr_planes *planes, const tsr_filters *f, tsr_job *j) {
    network_run run = {f, j};
    tsr_planes seen = *planes;
    seen.n = seen.n < 3 ? 1 : 3;
    return tsr_views_filter(&seen, f->views, run_network, &run, j);
}

tsr_status tsr_filters_apply(tsr_planes *planes, const tsr_filters *f, tsr_job *j) {
    tsr_status s = tsr_filter_apply(planes, f->set, j);
    return s || !f->network ? s : apply_network(planes, f, j);
}
