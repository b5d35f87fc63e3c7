/* plugin_check_descriptor.c - the descriptor: what names, help, documentation and files are made
 * of. The registry refuses what it could not work with; this looks at the rest of the promises. */
#include <ctype.h>
#include <string.h>

#include "plugin_check.h"

enum { OWNER_SHIFT = 16 };

static bool legal_name(const char *s) {
    size_t n = s ? strlen(s) : 0;
    if (n < 1 || n > 31 || s[0] < 'a' || s[0] > 'z') return false;
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* A line that help can print: not empty, no control characters, no full stop at the end. */
static bool legal_line(const char *s) {
    size_t n = s ? strlen(s) : 0;
    for (size_t i = 0; i < n; i++)
        if (iscntrl((unsigned char)s[i])) return false;
    return n > 0 && s[n - 1] != '.';
}

static void check_id(tsr_check *c, const tsr_head *h) {
    bool in_tree = !strcmp(c->subject->source, "built-in");
    bool small = h->id >> OWNER_SHIFT == 0;
    if (in_tree && !small)
        tsr_check_fail(c, "an id below 2^16 expected of a built-in, 0x%llx seen",
                       (unsigned long long)h->id);
    if (!in_tree && (small || h->id >> 56))
        tsr_check_fail(c, "id: a 40-bit owner << 16 | number expected, 0x%llx seen",
                       (unsigned long long)h->id);
}

static void check_caps(tsr_check *c, const tsr_transform *t) {
    const uint32_t known = TSR_CAP_BITEXACT | TSR_CAP_LOSSLESS | TSR_CAP_STEPWISE |
                           TSR_CAP_CLOSED_LOOP | TSR_CAP_SIDE | TSR_CAP_NEEDS_MODEL |
                           TSR_CAP_TRAINABLE;
    uint32_t caps = t->h.caps;
    if (caps & ~known) tsr_check_fail(c, "caps: unknown bits 0x%x", caps & ~known);
    if (!(caps & TSR_CAP_SIDE) != !t->side_save || !t->side_save != !t->side_load)
        tsr_check_fail(c, "side_save, side_load and TSR_CAP_SIDE expected together or not at all");
    if (!(caps & TSR_CAP_NEEDS_MODEL) != !t->model_wanted || !t->model_wanted != !t->model_load)
        tsr_check_fail(
            c, "model_wanted, model_load and TSR_CAP_NEEDS_MODEL expected together or not at all");
    if (!(caps & TSR_CAP_CLOSED_LOOP) != !t->analysis_next)
        tsr_check_fail(c, "analysis_next and TSR_CAP_CLOSED_LOOP expected together or not at all");
    if (!t->reduce != !t->synthesis_reduced)
        tsr_check_fail(c, "reduce and synthesis_reduced expected together or not at all");
}

static void check_param(tsr_check *c, const tsr_param *p) {
    tsr_check_doing(c, "parameter %s", p->name);
    if (!legal_line(p->help) || isupper((unsigned char)p->help[0]))
        tsr_check_fail(c, "help: one line, lower case first, no full stop expected, '%s' seen",
                       p->help);
    if (p->flags & ~(uint32_t)TSR_PARAM_ENCODER)
        tsr_check_fail(c, "flags: unknown bits 0x%x", p->flags & ~(uint32_t)TSR_PARAM_ENCODER);
    if (p->type == TSR_PARAM_CHOICE)
        for (const char *const *w = p->choices; *w; w++)
            if (!**w || strpbrk(*w, ",:/= "))
                tsr_check_fail(c, "choice '%s' cannot be written in a spec string", *w);
    bool number = p->type == TSR_PARAM_INT || p->type == TSR_PARAM_REAL;
    if (number && (p->def < p->min || p->def > p->max))
        tsr_check_fail(c, "a default within %g..%g expected, %g seen", p->min, p->max, p->def);
    double whole = (double)(int64_t)p->min + (double)(int64_t)p->max + (double)(int64_t)p->def;
    if (p->type == TSR_PARAM_INT && whole != p->min + p->max + p->def)
        tsr_check_fail(c, "whole numbers expected in min, max and def");
}

void tsr_check_descriptor(tsr_check *c) {
    const tsr_transform *t = c->t;
    tsr_check_doing(c, "descriptor");
    if (!legal_name(t->h.name)) tsr_check_fail(c, "a name [a-z][a-z0-9_]{0,30} expected");
    if (!legal_line(t->h.summary))
        tsr_check_fail(c, "summary: one line without full stop expected, '%s' seen", t->h.summary);
    if (t->h.reserved) tsr_check_fail(c, "reserved: 0 expected, %u seen", t->h.reserved);
    if (t->h.struct_size < TSR_TRANSFORM_SIZE_1_0)
        tsr_check_fail(c, "struct_size: at least %zu expected, %u seen", TSR_TRANSFORM_SIZE_1_0,
                       t->h.struct_size);
    check_id(c, &t->h);
    check_caps(c, t);
    for (uint32_t i = 0; i < t->h.n_params; i++) check_param(c, &t->h.params[i]);
    tsr_check_doing(c, "%s", "");
    tsr_check_note(c, "id 0x%llx, %u parameter%s", (unsigned long long)t->h.id, t->h.n_params,
                   t->h.n_params == 1 ? "" : "s");
}
