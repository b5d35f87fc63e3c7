/* lab_recode.c - from the names in a row back to a codec and a setting. */
#include "lab_recode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep_codec.h"

/* Results name the effort behind the spec when it is not the default: "wavelet/rdo/mix@e8". */
static tsr_status find_codec(const tsr_context *ctx, const char *name, tsr_sweep_codec *c,
                             char spec[256], tsr_diag *d) {
    const char *at = strstr(name, "@e");
    size_t n = at ? (size_t)(at - name) : strlen(name);
    *c = (tsr_sweep_codec){.spec = spec, .effort = at ? (uint32_t)atoi(at + 2) : 0};
    snprintf(spec, 256, "%.*s", (int)n, name);
    if (tsr_peer_is_spec(spec)) return tsr_peer_parse(spec, &c->peer, c->v, d);
    return tsr_spec_check(ctx, spec, NULL, 0, d);
}

int tsr_lab_can_recode(const tsr_context *ctx, const char *codec) {
    tsr_sweep_codec c;
    char spec[256];
    tsr_diag d;
    tsr_diag_init(&d);
    return strlen(codec) < sizeof spec && !find_codec(ctx, codec, &c, spec, &d);
}

/* "q=57", "lossless", ...; of a peer only the number counts. */
static tsr_status find_setting(const char *text, int is_peer, tsr_setting *s, tsr_diag *d) {
    static const struct {
        const char *key;
        tsr_target target;
    } keys[] = {{"q", TSR_TARGET_QUALITY}, {"bpp", TSR_TARGET_BPP},
                {"size", TSR_TARGET_SIZE}, {"psnr", TSR_TARGET_PSNR},
                {"step", TSR_TARGET_STEP}, {"max_error", TSR_TARGET_MAX_ERROR}};
    const char *eq = strchr(text, '=');
    char *end = NULL;
    *s = (tsr_setting){.target = TSR_TARGET_LOSSLESS};
    if (!strcmp(text, "lossless")) return TSR_OK;
    if (eq) s->value = strtod(eq + 1, &end);
    if (eq && end > eq + 1 && !*end) {
        if (is_peer) return TSR_OK;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strlen(keys[i].key) == (size_t)(eq - text) &&
                !strncmp(text, keys[i].key, (size_t)(eq - text))) {
                s->target = keys[i].target;
                return TSR_OK;
            }
    }
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%.40s' is no setting of this codec",
                        text);
}

tsr_status tsr_lab_recode(tsr_context *ctx, const tsr_image *im, const tsr_lab_row *row,
                          tsr_blob *stream, tsr_image *decoded, tsr_diag *d) {
    tsr_sweep_codec c;
    tsr_setting setting;
    char spec[256];
    *stream = (tsr_blob){0};
    *decoded = (tsr_image){0};
    tsr_status s = find_codec(ctx, row->codec, &c, spec, d);
    if (!s) s = find_setting(row->setting, c.peer != NULL, &setting, d);
    if (!s) s = tsr_sweep_encode(&c, &setting, ctx, im, stream, NULL, d);
    if (!s) s = tsr_sweep_decode(&c, ctx, stream, im, decoded, d);
    if (s) tsr_blob_free(stream);
    return s;
}
