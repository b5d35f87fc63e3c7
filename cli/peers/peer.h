/* peer.h - codecs of others on the same axes: a picture to a file's bytes and back, in this
 * process.
 *
 * Each peer is an optional build feature that uses the peer's own library, with the settings its
 * own command-line tool would use; all but jpeg are modules (module.h), opened when asked for. A
 * peer is named in a sweep by a spec like that of a codec: NAME[:key=value,...], for example
 * `jpeg:sub=444`, `avif:speed=2`, `webp`, or `cmd:NAME` for an external pair of commands given by
 * --peer-cmd.
 *
 * Everything here may be called from several threads at once. docs/peers.md is the user's side.
 */
#ifndef TSR_PEER_H
#define TSR_PEER_H

#include <tessera/image.h>
#include <tessera/plugin.h>

#define TSR_PEER_PARAMS 8 /* the most parameters a peer has */

typedef struct tsr_peer {
    const char *name;        /* "jpeg", "jpeg2000", "webp", "avif", "jxl" */
    const char *summary;     /* one line */
    const char *setting_key; /* how a result names the setting: "q", "r", "d" */
    const char *setting; /* what the number of a setting means: "quality 0..100, higher is better",
                            "compression ratio, lower is better" */
    double setting_min, setting_max;
    uint32_t setting_whole; /* 1: only whole numbers are legal */
    uint32_t n_defaults;
    const double *defaults;  /* settings of a study, from low to high rate; n_defaults entries */
    const tsr_param *params; /* n_params parameters of the spec, NULL if none */
    uint32_t n_params;
    /* Writes what the library says of itself at run time: "libwebp 1.2.4". */
    void (*version)(char *out, size_t size);

    /* Encodes an 8-bit picture of 1 or 3 channels on one thread. v: n_params values. *out must own
     * nothing and is freed with tsr_blob_free; on error it owns nothing. Errors: ARGUMENT
     * (setting), UNSUPPORTED (channels, depth, size), MEMORY, INTERNAL (the library failed). */
    tsr_status (*encode)(const tsr_image *im, const tsr_value *v, double setting, tsr_blob *out,
                         tsr_diag *d);
    /* Decodes what encode made. *im must own nothing; on error it owns nothing. A grey picture may
     * come back as RGB (WebP has no grey): see tsr_peer_conform. Errors: FORMAT, TRUNCATED,
     * UNSUPPORTED, LIMIT, MEMORY. */
    tsr_status (*decode)(const tsr_blob *in, const tsr_value *v, tsr_image *im, tsr_diag *d);
} tsr_peer;

/* The names of the peers this build has, NULL-terminated. */
extern const char *const tsr_peer_names[];

/* The peer of a name or a spec, which stays valid. Its library is opened by the first call. Errors:
 * as of tsr_peer_parse for the word before ':'; *peer is NULL then. */
tsr_status tsr_peer_find(const char *spec, const tsr_peer **peer, tsr_diag *d) TSR_MUST_CHECK;

/* True when the word before ':' is the name of a peer, in this build or not. */
int tsr_peer_is_spec(const char *spec);

/* Finds the peer of a spec and its parameter values (room for TSR_PEER_PARAMS). Errors: ARGUMENT
 * (unknown name or key, with the nearest legal one; illegal value), UNSUPPORTED (a peer that this
 * build was made without, or whose module or library is not there). */
tsr_status tsr_peer_parse(const char *spec, const tsr_peer **peer, tsr_value v[TSR_PEER_PARAMS],
                          tsr_diag *d) TSR_MUST_CHECK;

/* The canonical spec: only values that differ from the default, in the order of the table. */
void tsr_peer_print(const tsr_peer *peer, const tsr_value *v, char *out, size_t size);

/* True when the parameters ask for lossless coding (lossless=on): there is one setting then, whose
 * number encode ignores; results call it "lossless". */
int tsr_peer_lossless(const tsr_peer *peer, const tsr_value *v);

/* Whether encode takes this setting. Errors: ARGUMENT with the legal range. */
tsr_status tsr_peer_check_setting(const tsr_peer *peer, double setting, tsr_diag *d) TSR_MUST_CHECK;

/* Makes a decoded picture comparable with the original, where a format or a tool has no such kind
 * of picture: opaque alpha is dropped, RGB of a grey original becomes BT.601 luma, grey of an RGB
 * original three equal channels. Otherwise *im stays as it is. Errors: MEMORY, FORMAT (other size
 * or depth than the original). *im stays the caller's in any case. */
tsr_status tsr_peer_conform(tsr_image *im, const tsr_image *original, tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- external commands */

/* An external encoder and decoder: command lines run by /bin/sh with {in}, {out} and {q} replaced
 * by quoted file names and the setting. The names end in the suffixes below; the source and the
 * decoded picture are PNG or PNM. */
typedef struct tsr_peer_command {
    char *name;            /* of cmd:NAME; [a-z][a-z0-9_-]* */
    char *encode, *decode; /* with plain {in}, {out}, {q} */
    char *suffix;          /* of the coded file: "heic" */
    char *source_suffix;   /* of the encoder's input: "png", "ppm", "pam", ... */
    char *decoded_suffix;  /* of the decoder's output: the same */
} tsr_peer_command;

/* Reads the text of --peer-cmd, 'NAME=ENCODE ;; DECODE', for example
 *     heic=heif-enc -q {q} {in} -o {out} ;; heif-convert {in} {out}
 * {in.SUFFIX} and {out.SUFFIX} give a suffix; without, the coded file is .NAME and pictures .png.
 * *c must own nothing; on error it owns nothing. Errors: ARGUMENT (what is missing or wrong),
 * MEMORY. */
tsr_status tsr_peer_command_parse(const char *text, tsr_peer_command *c,
                                  tsr_diag *d) TSR_MUST_CHECK;
void tsr_peer_command_free(tsr_peer_command *c);

/* As encode and decode of a peer, by files in a temporary folder that is removed in any case.
 * Errors: as there, and IO when a command exits with another status than 0, is killed, or leaves no
 * output: the status and the first line of its standard error are in the text. */
tsr_status tsr_peer_command_encode(const tsr_peer_command *c, const tsr_image *im, double setting,
                                   tsr_blob *out, tsr_diag *d) TSR_MUST_CHECK;
tsr_status tsr_peer_command_decode(const tsr_peer_command *c, const tsr_blob *in, tsr_image *im,
                                   tsr_diag *d) TSR_MUST_CHECK;

#endif
