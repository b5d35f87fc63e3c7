/* plugin.h - all a transform plug-in needs, and the ABI between it and the host.
 *
 * A transform turns the colour planes of a picture (or tile) into arrays of coefficients called
 * bands, and back. The host does everything else: colour, quantization, entropy coding, rate
 * control, the file. Built-in transforms use exactly this interface. docs/adding-a-transform.md is
 * the walk-through; `tessera plugin new NAME DIR` writes a working skeleton and
 * `tessera plugin check FILE` tests every promise made here.
 *
 * A plug-in links to nothing of Tessera: services come as function pointers in tsr_env.
 */
#ifndef TESSERA_PLUGIN_H
#define TESSERA_PLUGIN_H

#include <tessera/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ABI version. A host refuses a plug-in with another major; a larger minor only appends members. */
#define TSR_ABI_MAJOR 1u
#define TSR_ABI_MINOR 2u
#define TSR_ABI       (TSR_ABI_MAJOR << 16 | TSR_ABI_MINOR)

#define TSR_MAX_PLANES 4u
#define TSR_MAX_BANDS  16384u

/* ---------------------------------------------------------------- parameters as data */

enum {                       /* tsr_param.type */
       TSR_PARAM_INT = 1,    /* value.i within [min, max] */
       TSR_PARAM_REAL = 2,   /* value.r within [min, max]; coded with 16 fractional bits */
       TSR_PARAM_CHOICE = 3, /* value.i indexes choices[] */
       TSR_PARAM_BOOL = 4    /* value.i is 0 or 1; spelled on/off */
};

enum { /* tsr_param.flags */
       TSR_PARAM_ENCODER =
           1 /* used by the encoder only: not stored, the decoder sees the default */
};

/* One parameter of a stage: spec strings, help, man pages and docs are all made from this. New
 * parameters are appended at the end of the array: old streams then decode with the default. */
typedef struct tsr_param {
    const char *name; /* [a-z][a-z0-9_]*, as in "levels=5" */
    const char *help; /* one sentence, starts lower case, no full stop */
    const char *unit; /* "coefficients", "1/sample", "" when there is none */
    uint32_t type, flags;
    double min, max, def;       /* CHOICE: def is the index; min and max are ignored */
    const char *const *choices; /* CHOICE: NULL-terminated names */
} tsr_param;

typedef union tsr_value {
    int64_t i;
    double r;
} tsr_value;

/* ---------------------------------------------------------------- what every stage begins with */

enum {                            /* tsr_head.caps */
       TSR_CAP_BITEXACT = 1 << 0, /* T1: decoded samples identical on every machine and compiler */
       TSR_CAP_LOSSLESS =
           1 << 1, /* accepts geometry.lossless: int32 planes, INT bands, exact inverse */
       TSR_CAP_STEPWISE = 1 << 2, /* analysis() reads the goal: redo it when the step changes */
       TSR_CAP_CLOSED_LOOP =
           1 << 3,            /* has analysis_next(): later bands depend on decoded earlier ones */
       TSR_CAP_SIDE = 1 << 4, /* has side_save() and side_load() */
       TSR_CAP_NEEDS_MODEL = 1 << 5, /* has model_wanted() and model_load() */
       TSR_CAP_TRAINABLE = 1 << 6
};

/* First member of every stage descriptor; frozen within an ABI major. */
typedef struct tsr_head {
    uint32_t struct_size; /* sizeof the whole descriptor as the plug-in was compiled */
    uint32_t abi;         /* TSR_ABI as compiled */
    uint64_t id; /* written in files. In-tree < 2^16; others: random 40-bit owner << 16 | n */
    uint32_t stream_version; /* 1 .. 255; another one is another format: streams of the old one are
                                refused */
    uint32_t caps;           /* TSR_CAP_* */
    const char *name;        /* [a-z][a-z0-9_]{0,30}: the word in a spec string */
    const char *summary;     /* one line */
    const char *reference;   /* paper or standard, with equation numbers; "" if none */
    const tsr_param *params; /* n_params entries, or NULL */
    uint32_t n_params;
    uint32_t reserved;
    size_t state_size; /* bytes of state per instance: the host allocates it, zeroed, 64-byte
                          aligned */
} tsr_head;

/* ---------------------------------------------------------------- planes and bands */

typedef union tsr_samples {
    float *f;   /* lossy planes, REAL bands */
    int32_t *i; /* lossless planes, INT and INDEX bands */
} tsr_samples;

/* One colour plane, w * h samples, row after row without padding. Lossy planes hold float samples
 * in units of one 8-bit step whatever the bit depth, centred on zero (about -128..127), and
 * orthonormal across planes: the squared error of the picture is the sum over planes. Lossless
 * planes hold int32 samples, |v| < 2^18. */
typedef struct tsr_plane {
    uint32_t w, h;
    tsr_samples s;
} tsr_plane;

typedef struct tsr_planes {
    uint32_t n; /* 1 .. TSR_MAX_PLANES */
    tsr_plane p[TSR_MAX_PLANES];
} tsr_planes;

/* What a transform is configured for. All planes have the same size. */
typedef struct tsr_geometry {
    uint32_t struct_size;
    uint32_t width, height; /* 1 .. 2^30 - 1 */
    uint32_t planes;        /* 1 .. TSR_MAX_PLANES; plane 0 carries the luma-like signal */
    uint32_t lossless;      /* 1: int32 planes and INT bands, see TSR_CAP_LOSSLESS */
} tsr_geometry;

enum {                      /* tsr_band.domain */
       TSR_DOMAIN_REAL = 0, /* float coefficients: the host quantizes them */
       TSR_DOMAIN_INT = 1,  /* int32, coded as they are, |v| < 2^24 */
       TSR_DOMAIN_INDEX = 2 /* int32 in 0 .. alphabet-1 */
};

enum { /* tsr_band.orient: what the neighbourhood of a coefficient looks like */
       TSR_ORIENT_LOW =
           0,            /* a small picture: neighbours have similar VALUES, coded by prediction */
       TSR_ORIENT_H = 1, /* detail across x (vertical edges; HL of a wavelet) */
       TSR_ORIENT_V = 2, /* detail across y (horizontal edges; LH) */
       TSR_ORIENT_D = 3  /* diagonal or direction-less detail (HH; pyramid residual) */
};

enum {                     /* tsr_band.ref: earlier bands whose magnitudes tell something */
       TSR_REF_PARENT = 0, /* same kind, coarser: half size or same size (each give or take one) */
       TSR_REF_SISTER_A,   /* another orientation of this plane, same size or half */
       TSR_REF_SISTER_B,
       TSR_REF_PLANE_A, /* the same band of plane 0, same size */
       TSR_REF_PLANE_B, /* the same band of another earlier plane, same size */
       TSR_REFS
};
#define TSR_NO_BAND UINT32_MAX

/* A band: a w * h array of coefficients, row after row. Bands are coded in the order of the layout,
 * so order them coarse to fine: a truncated file loses the last ones. */
typedef struct tsr_band {
    uint32_t w, h;  /* 0 is allowed: the band is empty */
    uint8_t domain; /* TSR_DOMAIN_* */
    uint8_t plane;  /* 0 .. planes-1 */
    uint8_t orient; /* TSR_ORIENT_* */
    uint8_t level;  /* 1 = finest detail; larger = coarser; 0 if it has no meaning */
    uint16_t layer; /* non-decreasing along the layout: a layer is the unit of prefix decoding */
    uint16_t reserved;
    uint32_t alphabet;      /* INDEX: number of values, 2 .. 65536; otherwise 0 */
    uint32_t ref[TSR_REFS]; /* index of an earlier band, or TSR_NO_BAND */
    float gain; /* squared L2 norm of the synthesis basis function of one coefficient, > 0: what one
                   unit of squared error in this band costs in the planes */
} tsr_band;

/* Coefficient arrays; data[b] has band[b].w * band[b].h entries. */
typedef struct tsr_coeffs {
    uint32_t n;
    const tsr_band *band;
    const tsr_samples *data;
} tsr_coeffs;

/* What the encoder is after. The host quantizes band b with step / sqrt(gain). */
typedef struct tsr_goal {
    uint32_t struct_size;
    uint32_t effort; /* 1 fast .. 9 thorough */
    float step;      /* quantization step in the orthonormal domain, units of one 8-bit level */
    float lambda;    /* Lagrangian: squared error (per sample, that domain) worth one bit */
} tsr_goal;

/* ---------------------------------------------------------------- services of the host */

enum { TSR_LOG_ERROR = 0, TSR_LOG_WARN = 1, TSR_LOG_INFO = 2, TSR_LOG_DEBUG = 3 };

enum { /* tsr_env.cpu */
       TSR_CPU_AVX2 = 1 << 0,
       TSR_CPU_AVX512 = 1 << 1 /* F, BW, DQ and VL */
};

/* TSR_CPU_* of the machine that this runs on. */
static inline uint32_t tsr_cpu_detect(void) {
    uint32_t cpu = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) cpu |= TSR_CPU_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        cpu |= TSR_CPU_AVX512;
#endif
    return cpu;
}

/* The host's services. All pointers are valid during the call they were passed to. None of the
 * functions may be called inside parallel_for: a worker tells what is wrong by its status. */
typedef struct tsr_env tsr_env;
struct tsr_env {
    uint32_t struct_size;
    uint32_t threads; /* worker indices given by parallel_for are below this; at least 1 */
    uint32_t cpu;     /* TSR_CPU_*: instruction sets that may be used */
    uint32_t reserved;
    void *host; /* the host's, not the plug-in's */

    /* 64-byte aligned, uninitialised memory, or NULL when the limit is reached (the host has then
     * written the diagnostic: return TSR_ERR_LIMIT or TSR_ERR_MEMORY via fail or plainly). Memory
     * taken in configure(), side_load() or model_load() lives until close(); memory taken in any
     * other call until that call returns. There is nothing to free. */
    void *(*alloc)(const tsr_env *env, size_t bytes);

    /* Calls fn(arg, i, worker) for i = 0 .. n-1, in any order, on up to env->threads workers, and
     * returns when all are done: the first failure in index order, else TSR_OK. Results must not
     * depend on the worker. */
    tsr_status (*parallel_for)(const tsr_env *env, uint32_t n,
                               tsr_status (*fn)(void *arg, uint32_t i, uint32_t worker), void *arg);

    /* Records the one line of text for a failure and returns status. */
    tsr_status (*fail)(const tsr_env *env, tsr_status status, const char *fmt, ...)
        TSR_PRINTF(3, 4);

    /* A line for the user's log, without newline. */
    void (*log)(const tsr_env *env, int level, const char *fmt, ...) TSR_PRINTF(3, 4);

    /* Reports 0..1 of the current call; returns non-zero when the user wants to stop: then return
     * TSR_ERR_CANCELLED soon. */
    int (*progress)(const tsr_env *env, double fraction);
};

/* ---------------------------------------------------------------- the transform */

typedef struct tsr_transform {
    tsr_head h;

    /* Prepares *st (zeroed by the host) for pictures of geometry *g. v has h.n_params values within
     * their ranges. Encoder and decoder pass the same values (TSR_PARAM_ENCODER ones aside). */
    tsr_status (*configure)(void *st, const tsr_value *v, const tsr_geometry *g,
                            const tsr_env *env);

    /* Returns the number of bands (1 .. TSR_MAX_BANDS) and writes the first min(cap, number). The
     * same in encoder and decoder: it may depend on what configure() saw and nothing else. */
    uint32_t (*layout)(const void *st, tsr_band *out, uint32_t cap);

    /* Planes to coefficients. May be called again with another goal: without TSR_CAP_STEPWISE the
     * result does not depend on the goal and the host may keep the first one. With
     * TSR_CAP_CLOSED_LOOP it fills the bands of layer 0 only. *in must not be changed; every
     * coefficient must be written. */
    tsr_status (*analysis)(void *st, const tsr_planes *in, const tsr_goal *goal, tsr_coeffs *out,
                           const tsr_env *env);

    /* Coefficients to planes (allocated by the host, all samples to be written). Bands that were
     * not received are all zero. */
    tsr_status (*synthesis)(void *st, const tsr_coeffs *in, tsr_planes *out, const tsr_env *env);

    /* Releases what is not the host's memory. May be NULL. Called once after configure(), also when
     * that failed. */
    void (*close)(void *st);

    /* ---- optional from here: NULL when absent ---- */

    /* TSR_CAP_CLOSED_LOOP: fills the bands of `layer` (1, 2, ...) and writes to no others. decoded
     * holds what the decoder will have for all earlier layers (later ones are undefined); it may be
     * the memory of out. */
    tsr_status (*analysis_next)(void *st, const tsr_planes *in, uint32_t layer,
                                const tsr_coeffs *decoded, const tsr_goal *goal, tsr_coeffs *out,
                                const tsr_env *env);

    /* TSR_CAP_SIDE: side information of the last analysis(). Returns its size and writes it when
     * cap is large enough. The host may call it after analysis() as often as it likes. */
    size_t (*side_save)(const void *st, uint8_t *out, size_t cap);
    /* Reads side information, before synthesis(). The bytes are hostile until checked; what is cut
     * short must be refused. A stream may have none: data is then NULL and size 0. */
    tsr_status (*side_load)(void *st, const uint8_t *data, size_t size, const tsr_env *env);

    /* ---- from here since ABI 1.1 ---- */

    /* TSR_CAP_NEEDS_MODEL: after configure(), whether this instance needs a model. The host then
     * calls model_load() once, before analysis(), side_load() and synthesis(). */
    int (*model_wanted)(const void *st);
    /* The section of a model file that has the transform's name. The bytes are hostile until
     * checked; data is valid during the call. Memory taken lives until close(). Weights decide what
     * is decoded: with TSR_CAP_BITEXACT, what is made of them must be exact, too. */
    tsr_status (*model_load)(void *st, const uint8_t *data, size_t size, const tsr_env *env);
    /* What `tessera model info` prints about such a section: lines key=value, cut to fit into cap
     * bytes with a NUL. May be NULL. */
    void (*model_describe)(const uint8_t *data, size_t size, char *out, size_t cap);

    /* Tells a lossy instance the step that the bands of the next synthesis() were quantized with:
     * that of the goal. Called before it by encoder and decoder. May be NULL. */
    void (*set_step)(void *st, float step);

    /* ---- from here since ABI 1.2 ---- */

    /* How far the transform can make a smaller picture from its first bands alone: of `halvings`
     * (>= 1) halvings of both sides that are wanted, the number that it does, and in *bands how
     * many of the first bands that takes; 0: none. Depends on what configure() saw and on halvings,
     * and on nothing else. The host averages areas for the rest. NULL when the transform has
     * nothing of the kind; else synthesis_reduced is there, too. */
    uint32_t (*reduce)(const void *st, uint32_t halvings, uint32_t *bands);
    /* In place of synthesis(), with n = what reduce() returned: *in has the bands it asked for and
     * no more, *out planes of ceil(width / 2^n) x ceil(height / 2^n) samples. Sample (x, y) stands
     * for the 2^n x 2^n samples from (2^n x, 2^n y) on that synthesis() would give: as bright as
     * their mean, and centred where they are. */
    tsr_status (*synthesis_reduced)(void *st, uint32_t n, const tsr_coeffs *in, tsr_planes *out,
                                    const tsr_env *env);
} tsr_transform;

/* Sizes of the descriptors of ABI 1.0 and 1.1: a host of this version loads such plug-ins, too. */
#define TSR_TRANSFORM_SIZE_1_0 offsetof(tsr_transform, model_wanted)
#define TSR_TRANSFORM_SIZE_1_1 offsetof(tsr_transform, reduce)

/* ---------------------------------------------------------------- the module */

/* What a shared object (or the built-in list) offers. */
typedef struct tsr_plugin {
    uint32_t struct_size;
    uint32_t abi; /* TSR_ABI as compiled */
    const char *name, *version, *licence;
    const tsr_transform *const *transforms; /* n_transforms descriptors */
    uint32_t n_transforms;
} tsr_plugin;

/* The one exported symbol of a plug-in. Returns NULL when it cannot work with this host. */
#define TSR_PLUGIN_ENTRY "tsr_plugin_entry"
typedef const tsr_plugin *(*tsr_plugin_entry_fn)(uint32_t host_abi);

#ifdef __cplusplus
}
#endif
#endif
