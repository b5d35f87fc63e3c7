/* sweep_identity.c - what a codec is called, and what its results depend on.
 *
 * A small picture made of integers is coded at two settings; the bytes, and how far the decoded
 * picture is from the original, go into a SHA-256 with the spec and the versions. When the code of
 * one codec changes, its identity changes and that of the others does not, so that only its rows
 * are made again. The same run gives a first idea of how long the codec takes.
 */
#include <stdio.h>
#include <string.h>

#include <tessera/sha256.h>

#include "sweep_codec.h"

enum { WIDTH = 128, HEIGHT = 96 };

/* Shading, edges and texture. */
static tsr_status reference_picture(tsr_image *im, tsr_diag *d) {
    tsr_status s = tsr_image_alloc(im, WIDTH, HEIGHT, 3, 8, 0, d);
    uint8_t *p = im->pixels;
    for (uint32_t y = 0; y < HEIGHT && !s; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (uint32_t c = 0; c < 3; c++) {
                uint32_t shade = x + y + 20 * c, edge = (x / 24 + y / 20) % 3 == c ? 60 : 0;
                uint32_t texture = (x * x * 7 + y * y * 5 + x * y * 3) % (9 + 8 * (x / 32));
                *p++ = (uint8_t)(shade / 2 + edge + texture);
            }
    return s;
}

static void add_text(tsr_sha256 *h, const char *text) {
    tsr_sha256_update(h, text, strlen(text) + 1);
}

static void add_metrics(tsr_sha256 *h, const tsr_metrics *m) {
    char text[200];
    snprintf(text, sizeof text, "%.4f %.4f %.6f %.6f %.4f %u", m->psnr_rgb, m->psnr_y, m->ssim,
             m->ms_ssim, m->psnr_hvs, m->max_error);
    add_text(h, text);
}

/* Codes the reference picture; a failure is a property of the codec like any other. */
static tsr_status add_trial(tsr_sha256 *h, tsr_sweep_codec *c, const tsr_setting *setting,
                            tsr_context *ctx, const tsr_image *ref, char *canon, tsr_diag *d) {
    tsr_blob stream = {0};
    tsr_image back = {0};
    tsr_metrics m = {0};
    tsr_encode_report report = {.struct_size = sizeof report};
    double start = tsr_clock_seconds();
    tsr_status s = tsr_sweep_encode(c, setting, ctx, ref, &stream, &report, d);
    if (!s) s = tsr_sweep_decode(c, ctx, &stream, ref, &back, d);
    double seconds = (tsr_clock_seconds() - start) / (WIDTH * HEIGHT);
    if (seconds > c->seconds_per_pixel) c->seconds_per_pixel = seconds;
    if (!s) s = tsr_compare(ref, &back, &m, d);
    add_text(h, tsr_status_text(s));
    if (!s) {
        tsr_sha256_update(h, stream.data, stream.size);
        add_metrics(h, &m);
        if (!*canon) snprintf(canon, sizeof report.spec, "%s", report.spec);
    }
    tsr_blob_free(&stream);
    tsr_image_free(&back);
    return s == TSR_ERR_CANCELLED ? s : TSR_OK;
}

/* Two lossy settings, or lossless. They do not depend on the settings of the sweep: the same codec
 * in another sweep is still the same. */
static tsr_status trials_own(tsr_sha256 *h, tsr_sweep_codec *c, int lossless, tsr_context *ctx,
                             const tsr_image *ref, char *canon, tsr_diag *d) {
    static const tsr_setting lossy[] = {{"", TSR_TARGET_QUALITY, 40}, {"", TSR_TARGET_QUALITY, 80}};
    static const tsr_setting exact = {"", TSR_TARGET_LOSSLESS, 0};
    if (lossless) return add_trial(h, c, &exact, ctx, ref, canon, d);
    tsr_status s = add_trial(h, c, &lossy[0], ctx, ref, canon, d);
    return s ? s : add_trial(h, c, &lossy[1], ctx, ref, canon, d);
}

static tsr_status trials_peer(tsr_sha256 *h, tsr_sweep_codec *c, tsr_context *ctx,
                              const tsr_image *ref, char *canon, tsr_diag *d) {
    const tsr_setting middle = {"", TSR_TARGET_QUALITY, c->peer->defaults[c->peer->n_defaults / 2]};
    char version[128];
    c->peer->version(version, sizeof version);
    tsr_peer_print(c->peer, c->v, canon, 256);
    add_text(h, version);
    return add_trial(h, c, &middle, ctx, ref, canon, d);
}

/* Of an external program nothing is known but its command line; it may write the time of day. */
static void add_command(tsr_sha256 *h, const tsr_sweep_codec *c, char *canon) {
    snprintf(canon, 256, "cmd:%.200s", c->command->name);
    add_text(h, c->command->encode);
    add_text(h, c->command->decode);
    add_text(h, c->command->suffix);
}

/* canon: receives the canonical spec of what worked. */
static tsr_status identify(tsr_sweep_codec *c, int lossless, tsr_context *ctx, const tsr_image *ref,
                           const char *metrics, char *canon, tsr_diag *d) {
    char effort[8];
    uint8_t digest[TSR_SHA256_BYTES];
    tsr_sha256 h;
    tsr_status s = TSR_OK;
    tsr_sha256_init(&h);
    add_text(&h, tsr_version());
    add_text(&h, metrics);
    if (c->peer)
        s = trials_peer(&h, c, ctx, ref, canon, d);
    else if (c->command)
        add_command(&h, c, canon);
    else
        s = trials_own(&h, c, lossless, ctx, ref, canon, d);
    if (!s && !*canon) s = tsr_spec_check(ctx, c->spec, canon, 256, d);
    snprintf(effort, sizeof effort, "@e%u", c->effort);
    add_text(&h, canon);
    add_text(&h, effort);
    tsr_sha256_final(&h, digest);
    tsr_sha256_hex(digest, c->identity[lossless]);
    return s;
}

static int has_setting(const tsr_sweep_codec *c, int lossless) {
    for (size_t i = 0; i < c->settings.n; i++)
        if ((c->settings.v[i].target == TSR_TARGET_LOSSLESS) == lossless) return 1;
    return 0;
}

static tsr_status name_codec(tsr_sweep_codec *c, tsr_context *ctx, const tsr_image *ref,
                             const char *metrics, tsr_diag *d) {
    char canon[2][sizeof((tsr_encode_report *)0)->spec] = {"", ""};
    tsr_status s = TSR_OK;
    for (int lossless = 0; lossless < 2 && !s; lossless++)
        if (has_setting(c, lossless))
            s = identify(c, lossless, ctx, ref, metrics, canon[lossless], d);
    if (!*c->label) snprintf(c->label, sizeof c->label, "%s", *canon[0] ? canon[0] : canon[1]);
    if (c->show_effort) {
        size_t used = strlen(c->label);
        snprintf(c->label + used, sizeof c->label - used, "@e%u", c->effort);
    }
    return s;
}

/* The same codec twice is one; two of a name could not be told apart. */
static tsr_status check_label(tsr_sweep_codecs *c, size_t i, tsr_diag *d) {
    for (size_t k = 0; k < i; k++) {
        if (c->v[k].repeated || strcmp(c->v[k].label, c->v[i].label)) continue;
        if (memcmp(c->v[k].identity, c->v[i].identity, sizeof c->v[i].identity))
            return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "two codecs are called '%s'",
                                c->v[i].label);
        c->v[i].repeated = 1;
    }
    return TSR_OK;
}

tsr_status tsr_sweep_codecs_identify(tsr_sweep_codecs *c, tsr_context *ctx, const char *metrics,
                                     tsr_diag *d) {
    tsr_image ref = {0};
    tsr_status s = reference_picture(&ref, d);
    for (size_t i = 0; i < c->n && !s; i++) {
        s = name_codec(&c->v[i], ctx, &ref, metrics, d);
        if (!s) s = check_label(c, i, d);
    }
    tsr_image_free(&ref);
    if (!s) tsr_diag_init(d); /* of what failed on the reference picture */
    return s;
}
