/* tessera.h - the host side of the library: contexts, plug-ins, encoding, decoding, inspection.
 *
 * Thread safety: a context may be used by one thread at a time; different contexts are independent.
 * There is no global state.
 */
#ifndef TESSERA_TESSERA_H
#define TESSERA_TESSERA_H

#include <tessera/image.h>
#include <tessera/plugin.h>
#include <tessera/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- context */

typedef struct tsr_context tsr_context;

typedef void (*tsr_log_fn)(void *user, int level, const char *line);
/* stage: "analysis", "quantize", ... ; fraction 0..1 of the whole job. Non-zero return cancels. */
typedef int (*tsr_progress_fn)(void *user, const char *stage, double fraction);

typedef struct tsr_config {
    uint32_t struct_size;
    uint32_t threads; /* workers including the caller; 0: one a processor. Never changes results. */
    uint32_t cpu_mask; /* TSR_CPU_* that may be used; UINT32_MAX: all the machine has */
    uint32_t reserved;
    uint64_t max_pixels;      /* refuse larger pictures; 0: 2^28 */
    uint64_t max_memory;      /* bytes a call may take for its work; 0: 8 GiB */
    tsr_log_fn log;           /* may be NULL */
    tsr_progress_fn progress; /* may be NULL */
    void *user;               /* passed to both */
} tsr_config;

/* A context without any transform. cfg may be NULL (all defaults). */
TSR_EXPORT tsr_status tsr_context_new(tsr_context **ctx, const tsr_config *cfg,
                                      tsr_diag *d) TSR_MUST_CHECK;
TSR_EXPORT void tsr_context_free(tsr_context *ctx);

/* ---------------------------------------------------------------- stages */

typedef enum tsr_stage_kind {
    TSR_STAGE_TRANSFORM = 0,
    TSR_STAGE_QUANTIZER = 1,
    TSR_STAGE_ENTROPY = 2,
    TSR_STAGE_KINDS = 3
} tsr_stage_kind;

/* Adds the transforms of a module after checking ABI and descriptors (mandatory functions, names,
 * defaults within ranges, unique name and id). The module must outlive the context. source: where
 * it came from, for messages and listings ("built-in", a path). */
TSR_EXPORT tsr_status tsr_register(tsr_context *ctx, const tsr_plugin *plugin, const char *source,
                                   tsr_diag *d) TSR_MUST_CHECK;

/* Loads a shared object and registers what it offers. */
TSR_EXPORT tsr_status tsr_load_plugin(tsr_context *ctx, const char *path,
                                      tsr_diag *d) TSR_MUST_CHECK;

/* Loads every *.so of each folder in a colon-separated list, in name order. A file that fails is
 * reported through the log and skipped. */
TSR_EXPORT void tsr_load_plugin_path(tsr_context *ctx, const char *path_list);

/* Number of stages of a kind; the i-th one; its source; one by name (NULL: none). */
TSR_EXPORT uint32_t tsr_stage_count(const tsr_context *ctx, tsr_stage_kind kind);
TSR_EXPORT const tsr_head *tsr_stage_at(const tsr_context *ctx, tsr_stage_kind kind, uint32_t i);
TSR_EXPORT const char *tsr_stage_source(const tsr_context *ctx, tsr_stage_kind kind, uint32_t i);
TSR_EXPORT const tsr_head *tsr_stage_find(const tsr_context *ctx, tsr_stage_kind kind,
                                          const char *name);

/* Parses TRANSFORM[:k=v,...][/QUANTIZER[:...]][/ENTROPY[:...]] and checks it: names, keys, ranges,
 * and that the combination makes sense. Writes the canonical form (all stages, only parameters that
 * differ from their default) to canon when it is not NULL. */
TSR_EXPORT tsr_status tsr_spec_check(const tsr_context *ctx, const char *spec, char *canon,
                                     size_t canon_size, tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- parameters */

/* Parses one value for parameter p. Errors: ARGUMENT; the text names key, value, legal range or
 * nearest name. */
TSR_EXPORT tsr_status tsr_param_parse(const tsr_param *p, const char *text, tsr_value *v,
                                      tsr_diag *d) TSR_MUST_CHECK;

/* Writes the value as the parser reads it. */
TSR_EXPORT void tsr_param_print(const tsr_param *p, tsr_value v, char *out, size_t size);

TSR_EXPORT tsr_value tsr_param_default(const tsr_param *p);

/* ---------------------------------------------------------------- encoding */

typedef enum tsr_target {
    TSR_TARGET_QUALITY = 0, /* value 0..100 */
    TSR_TARGET_BPP = 1,     /* whole-file bits per pixel: never exceeded, usually within 0.2 % */
    TSR_TARGET_SIZE = 2,    /* whole-file bytes: never exceeded */
    TSR_TARGET_PSNR =
        3, /* dB over all channels after rounding: the smallest file found reaching it */
    TSR_TARGET_STEP = 4,     /* quantization step in 8-bit levels, orthonormal domain */
    TSR_TARGET_LOSSLESS = 5, /* value ignored */
    TSR_TARGET_MAX_ERROR = 6 /* largest absolute difference of any sample, in levels of the depth */
} tsr_target;

typedef enum tsr_colour {
    TSR_COLOUR_AUTO = 0, /* klt for lossy RGB, ycocg-r for lossless RGB, none for grey */
    TSR_COLOUR_NONE = 1,
    TSR_COLOUR_YCBCR = 2,  /* ITU-R BT.601, planes scaled to be near orthonormal */
    TSR_COLOUR_YCOCGR = 3, /* reversible, lossless only */
    TSR_COLOUR_KLT = 4     /* orthogonal, from neighbour differences of this picture */
} tsr_colour;

typedef enum tsr_postfilter {
    TSR_POSTFILTER_AUTO = 0, /* as the effort says */
    TSR_POSTFILTER_OFF = 1,
    TSR_POSTFILTER_ON = 2,     /* filters by class (docs/format.md, 9) */
    TSR_POSTFILTER_NETWORK = 3 /* and a network behind them, helpful or not */
} tsr_postfilter;

typedef enum tsr_alpha_mode {
    TSR_ALPHA_LOSSLESS = 0, /* exact, whatever the colours lose */
    TSR_ALPHA_LOSSY = 1     /* by the codec and the step of the colours */
} tsr_alpha_mode;

typedef struct tsr_encode_options {
    uint32_t struct_size;
    uint32_t effort;  /* 1..9; 0: the default, 5 */
    const char *spec; /* NULL: "wavelet" */
    tsr_target target;
    tsr_colour colour;
    double value;           /* of the target */
    uint32_t drop_metadata; /* 1: leave ICC and EXIF out */
    uint32_t postfilter;    /* tsr_postfilter */
    /* Views of the picture (mirrored, transposed) that a network filter averages: 1, 2 or 8, which
     * multiplies its time; 0: as the effort says. */
    uint32_t views;
    uint32_t alpha; /* tsr_alpha_mode; without meaning where all is lossless or nothing is alpha */
} tsr_encode_options;

/* What an encode did. */
typedef struct tsr_encode_report {
    uint32_t struct_size;
    uint32_t trials;      /* times the picture was quantized and coded */
    uint64_t bytes;       /* whole file */
    double bpp;           /* bytes * 8 / (width * height) */
    double psnr;          /* dB of the decoded picture; only when the target needed it, else NAN */
    double step;          /* quantization step used; 0: lossless */
    uint64_t peak_memory; /* bytes of work memory, pixels aside */
    char spec[256];       /* canonical */
} tsr_encode_report;

/* Fills *o with defaults (quality 75, effort 5, spec NULL). */
TSR_EXPORT void tsr_encode_options_init(tsr_encode_options *o);

/* Encodes a picture. *out receives the file's bytes (free with tsr_blob_free). report may be NULL.
 * Errors: ARGUMENT (spec, value), LIMIT, MEMORY, TARGET (cannot be reached; the text says the
 * nearest), UNSUPPORTED (the transform cannot do lossless), CANCELLED. */
TSR_EXPORT tsr_status tsr_encode(tsr_context *ctx, const tsr_image *im, const tsr_encode_options *o,
                                 tsr_blob *out, tsr_encode_report *report,
                                 tsr_diag *d) TSR_MUST_CHECK;

/* ---------------------------------------------------------------- decoding and inspection */

#define TSR_MAX_REDUCE 8u

/* Pixels as they are stored: an EXIF orientation is not applied. */
typedef struct tsr_rect {
    uint32_t x, y, w, h;
} tsr_rect;

typedef struct tsr_decode_options {
    uint32_t struct_size;
    uint32_t
        allow_partial;    /* 1: decode what there is of a truncated file; the status is still OK */
    uint32_t no_metadata; /* 1: do not return ICC and EXIF */
    uint32_t reduce;      /* n = 0 .. TSR_MAX_REDUCE: decode to ceil(width / 2^n) x ceil(height /
                             2^n) pixels, each for 2^n x 2^n of the picture */
    /* Return only this part, given in pixels of the whole picture and within it; reduced, the
     * pixels that cover it. All 0: the whole picture. */
    tsr_rect region;
} tsr_decode_options;

typedef struct tsr_decode_report {
    uint32_t struct_size;
    uint32_t layers_total, layers_decoded; /* differ only for a truncated file; those that a reduced
                                              picture does not need are not counted */
    uint32_t reserved;
    uint64_t peak_memory;
} tsr_decode_report;

TSR_EXPORT void tsr_decode_options_init(tsr_decode_options *o);

/* Decodes a whole file from memory. *im must own nothing; on error it owns nothing. o and report
 * may be NULL. Errors: ARGUMENT (options; a region that is not within the picture), FORMAT,
 * TRUNCATED (with offset), UNSUPPORTED (version, unknown stage), LIMIT, MEMORY, MODEL, CANCELLED.
 */
TSR_EXPORT tsr_status tsr_decode(tsr_context *ctx, const void *data, size_t size,
                                 const tsr_decode_options *o, tsr_image *im,
                                 tsr_decode_report *report, tsr_diag *d) TSR_MUST_CHECK;

/* A line of the rate anatomy: the bytes of all parts add up to the size of the file. */
typedef struct tsr_part {
    char name[48]; /* "magic", "header", "side", "data layer 2", "icc", ... */
    uint64_t bytes;
} tsr_part;

typedef struct tsr_info {
    uint32_t struct_size;
    uint32_t width, height;
    uint8_t channels, depth, orientation, lossless;
    uint32_t format_version;
    uint32_t layers, bands;
    uint32_t truncated; /* 1: the file ends before its last chunk */
    tsr_colour colour;
    double step; /* 0: lossless */
    uint64_t bytes;
    uint64_t icc_bytes, exif_bytes;
    char spec[256];
    uint32_t n_parts;
    tsr_part parts[64]; /* the last one collects what does not fit */
    /* The model that the stream needs: number of a built-in; or 0, name and SHA-256 in hexadecimal;
     * or 0 and "" when it needs none. */
    uint32_t model_id;
    char model_name[64], model_sha256[65];
    uint32_t filter;      /* set of the post filter; 0: none */
    uint32_t network;     /* 1: a network of the model follows it */
    uint32_t views;       /* of the picture that the network sees; 0: there is no network */
    uint32_t alpha_apart; /* 1: lossy, but alpha is exact, in a part of its own */
    uint64_t alpha_bytes; /* of that part, without its frame */
} tsr_info;

/* Reads headers and chunk structure without decoding. Works (spec says "unknown(id)") when the
 * stage is not registered. */
TSR_EXPORT tsr_status tsr_inspect(tsr_context *ctx, const void *data, size_t size, tsr_info *info,
                                  tsr_diag *d) TSR_MUST_CHECK;

/* True when the bytes start like a Tessera stream (needs 4 bytes). */
TSR_EXPORT int tsr_is_stream(const void *data, size_t size);

/* The name closest to `word` in spelling among names[0 .. n-1], or NULL when none is close enough
 * to be what was meant. For "did you mean" messages. */
TSR_EXPORT const char *tsr_nearest_name(const char *word, const char *const *names, size_t n);

TSR_EXPORT const char *
tsr_colour_name(tsr_colour c);            /* "klt", "ycbcr", "ycocg-r", "none", "auto" */
TSR_EXPORT const char *tsr_version(void); /* "0.1.0" */

#ifdef __cplusplus
}
#endif
#endif
