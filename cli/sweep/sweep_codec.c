/* sweep_codec.c - encoding and decoding with any codec of a sweep. */
#include "sweep_codec.h"

#include <stdlib.h>
#include <string.h>

static tsr_status encode_own(const tsr_sweep_codec *c, const tsr_setting *s, tsr_context *ctx,
                             const tsr_image *im, tsr_blob *out, tsr_encode_report *report,
                             tsr_diag *d) {
    tsr_encode_options o;
    tsr_encode_options_init(&o);
    o.spec = c->spec;
    o.effort = c->effort;
    o.target = s->target;
    o.value = s->value;
    o.drop_metadata = 1; /* what a profile takes is no figure of a codec */
    return tsr_encode(ctx, im, &o, out, report, d);
}

tsr_status tsr_sweep_encode(const tsr_sweep_codec *c, const tsr_setting *s, tsr_context *ctx,
                            const tsr_image *im, tsr_blob *out, tsr_encode_report *report,
                            tsr_diag *d) {
    if (c->peer) return c->peer->encode(im, c->v, s->value, out, d);
    if (c->command) return tsr_peer_command_encode(c->command, im, s->value, out, d);
    return encode_own(c, s, ctx, im, out, report, d);
}

tsr_status tsr_sweep_decode(const tsr_sweep_codec *c, tsr_context *ctx, const tsr_blob *in,
                            const tsr_image *original, tsr_image *im, tsr_diag *d) {
    if (tsr_sweep_is_own(c)) return tsr_decode(ctx, in->data, in->size, NULL, im, NULL, d);
    tsr_status s =
        c->peer ? c->peer->decode(in, c->v, im, d) : tsr_peer_command_decode(c->command, in, im, d);
    if (!s) s = tsr_peer_conform(im, original, d);
    if (s) tsr_image_free(im);
    return s;
}
