/* vqvae_describe.c - what a model is, in words: for `tessera model info`. */
#include <stdarg.h>
#include <stdio.h>

#include "vqvae_internal.h"

typedef struct text {
    char *out;
    size_t cap, size;
} text;

static void say(text *t, const char *fmt, ...) TSR_PRINTF(2, 3);
static void say(text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->out + t->size, t->cap - t->size, fmt, ap);
    va_end(ap);
    size_t left = t->cap - t->size - 1;
    if (n > 0) t->size += (size_t)n < left ? (size_t)n : left;
}

static void say_net(text *t, const char *name, const tsr_vqvae_net *n) {
    say(t, "%s=%u channels, %u blocks of a 3x3 depthwise and %u pointwise convolution%s%s\n", name,
        n->width, n->blocks, n->pointwise, n->pointwise == 1 ? "" : "s",
        n->ints.weight ? ", in integers" : "");
    say(t, "%s_parameters=%zu\n", name, tsr_vqvae_net_params(n));
    say(t, "%s_mac_per_pixel=%.1f\n", name, (double)tsr_vqvae_net_macs(n) / 4);
}

void tsr_vqvae_model_describe(const uint8_t *data, size_t size, char *out, size_t cap) {
    tsr_vqvae_model m;
    char problem[160];
    text t = {.out = out, .cap = cap};
    if (!cap) return;
    if (tsr_vqvae_model_read(&m, data, size, problem)) {
        say(&t, "error=%s\n", problem);
    } else {
        say_net(&t, "decoder", &m.decoder);
        if (m.has_encoder) say_net(&t, "encoder", &m.encoder);
        say(&t, "steps=%g..%g\n", (double)m.step_min, (double)m.step_max);
        tsr_vqvae_model_free(&m);
    }
}
