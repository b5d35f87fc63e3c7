/* sweep_codec.h - what a sweep compares: codecs of Tessera, peers and external commands, all with
 * the same two calls. */
#ifndef TSR_SWEEP_CODEC_H
#define TSR_SWEEP_CODEC_H

#include <tessera/metrics.h>
#include <tessera/tessera.h>

#include "cmd.h"
#include "peers/peer.h"

/* A setting: a point of the curve of a codec. */
typedef struct tsr_setting {
    char text[40];     /* "q=57", "bpp=0.5", "lossless" */
    tsr_target target; /* of Tessera */
    double value;      /* of the target, or the peer's number */
} tsr_setting;

typedef struct tsr_settings {
    tsr_setting *v;
    size_t n;
} tsr_settings;

/* Appends one; a setting that is there already is left out. Without a key it is "default": the only
 * one of a command without numbers. Errors: MEMORY. */
tsr_status tsr_settings_add(tsr_settings *l, const char *key, tsr_target target, double value,
                            tsr_diag *d) TSR_MUST_CHECK;

typedef struct tsr_sweep_codec {
    char *spec;      /* as encode takes it; owned */
    uint32_t effort; /* of Tessera; 0 for others */
    int show_effort; /* the label ends in @eEFFORT */
    const tsr_peer *peer;
    tsr_value v[TSR_PEER_PARAMS];
    const tsr_peer_command *command; /* of the list below */
    tsr_settings settings;           /* owned */
    char label[320];                 /* how results call it; "" until it is identified */
    char identity[2][65];            /* SHA-256 of what decides about its results; [1]: lossless */
    int repeated;                    /* the same as an earlier one: nothing is done with it */
    double seconds_per_pixel;        /* of the reference picture, at one setting */
} tsr_sweep_codec;

typedef struct tsr_sweep_codecs {
    tsr_sweep_codec *v;
    size_t n;
    tsr_peer_command *commands; /* owned */
    size_t n_commands;
} tsr_sweep_codecs;

/* The codecs that the options --codec, --peers, --peer-cmd and --effort name, with their settings.
 * The same options give the same list in the same order. To be freed in every case. Errors:
 * ARGUMENT, UNSUPPORTED (a peer that this build has not), MEMORY. */
tsr_status tsr_sweep_codecs_parse(tsr_sweep_codecs *c, const tsr_context *ctx, const tsr_args *args,
                                  tsr_diag *d) TSR_MUST_CHECK;
void tsr_sweep_codecs_free(tsr_sweep_codecs *c);

/* Labels and identities of all. ctx: of one thread. Errors: ARGUMENT (two codecs of one label),
 * CANCELLED, MEMORY; that a codec fails on the reference picture is none. */
tsr_status tsr_sweep_codecs_identify(tsr_sweep_codecs *c, tsr_context *ctx, const char *metrics,
                                     tsr_diag *d) TSR_MUST_CHECK;

/* A picture to bytes. report: of Tessera codecs, may be NULL. Errors: the codec's. */
tsr_status tsr_sweep_encode(const tsr_sweep_codec *c, const tsr_setting *s, tsr_context *ctx,
                            const tsr_image *im, tsr_blob *out, tsr_encode_report *report,
                            tsr_diag *d) TSR_MUST_CHECK;

/* Bytes to a picture that can be compared with the original. */
tsr_status tsr_sweep_decode(const tsr_sweep_codec *c, tsr_context *ctx, const tsr_blob *in,
                            const tsr_image *original, tsr_image *im, tsr_diag *d) TSR_MUST_CHECK;

/* Whether codecs of this kind are Tessera's own. */
static inline int tsr_sweep_is_own(const tsr_sweep_codec *c) {
    return !c->peer && !c->command;
}

#endif
