/* model.h - a trained model of the `vqvae` transform in memory: declaration, weights, file bytes.
 *
 * A model has a decoder network and, optionally, an encoder network of the same construction. A
 * network works at half resolution on `channels` channels (LL, HL, LH, HH of the first level, each
 * of planes 0, 1, 2: LL0 LL1 LL2 HL0 ...), all on a grid of ceil(w/2) x ceil(h/2) positions; bands
 * that are one shorter have zeros in their last row or column. With s the quantization step, l =
 * log2(clamp(s, step_min, step_max) / 32) and t = max(s, step_min):
 *
 *     u = x / t
 *     h = head(u)                                      pointwise, channels -> width
 *     h = h + pw(relu(dw(h)))                          `blocks` times, pointwise == 1
 *     h = h + pw2(relu(pw1(dw(h))))                    or this, pointwise == 2
 *     y = x + s * g * tail(h)                          pointwise, width -> channels
 *
 * with g = clamp(2 s / step_min - 1, 0, 1): at steps finer than half of what the training saw the
 * transform is the plain wavelet. tsr_vqvae_scale_of() computes all this.
 *
 * A decoder network may hold integers in place of floats ("quantized"; docs/vqvae.md, "Integer
 * networks"): faster, with nearly the same result.
 *
 * Every layer adds a bias b0 + l (b1 + l b2) to each output channel. dw is a 3x3 convolution of
 * each channel by itself, which sees zeros outside the grid. Encoder and decoder network are of the
 * same construction, each with its own width, blocks and weights, and see the same step.
 *
 * Cost a pixel, in multiply-adds: tsr_vqvae_net_macs() / 4.
 */
#ifndef TSR_VQVAE_MODEL_H
#define TSR_VQVAE_MODEL_H

#include <tessera/status.h>

enum {
    TSR_VQVAE_PLANES = 3,    /* planes that the networks see; others pass them by */
    TSR_VQVAE_CHANNELS = 12, /* LL, HL, LH, HH of each */
    TSR_VQVAE_MAX_WIDTH = 128,
    TSR_VQVAE_MAX_BLOCKS = 16,
    TSR_VQVAE_MAX_MACS = 1 << 18, /* a position of the half-resolution grid */
    TSR_VQVAE_MAX_FRACTION = 15,
    TSR_VQVAE_MAX_SHIFT = 24,
    TSR_VQVAE_MAX_SUM = 49151,
    TSR_VQVAE_MAX_BIAS = 1 << 28 /* of a sum; larger ones are clipped */
};

/* The numbers of a network of integers, of all layers one after another in the order of param. The
 * limits that keep every sum in range are tsr_vqvae_ints_sound()'s. */
typedef struct tsr_vqvae_ints {
    uint32_t fraction; /* bits of the inputs behind the point, 0 .. TSR_VQVAE_MAX_FRACTION */
    int16_t *weight;   /* as in param */
    uint8_t *shift;    /* of each output of each layer */
    float *bias;       /* [3][out] of each layer */
} tsr_vqvae_ints;

/* A network. Its numbers lie one after another in param, layer by layer in the order of execution
 * (head; dw, pw or dw, pw1, pw2 of each block; tail), of each layer first the weights, then the
 * three biases b0, b1, b2 of out each. */
typedef struct tsr_vqvae_net {
    uint32_t channels;   /* TSR_VQVAE_CHANNELS */
    uint32_t width;      /* hidden channels, 1 .. TSR_VQVAE_MAX_WIDTH */
    uint32_t blocks;     /* 0 .. TSR_VQVAE_MAX_BLOCKS */
    uint32_t pointwise;  /* of a block: 1 or 2 */
    float *param;        /* tsr_vqvae_net_params() of them; whose memory: the maker's */
    tsr_vqvae_ints ints; /* where weight is not NULL, this is a network of integers without param */
} tsr_vqvae_net;

typedef struct tsr_vqvae_model {
    uint32_t has_encoder;
    float step_min, step_max; /* that the training saw: multiples of 1/64, 1/64 .. 1023 */
    tsr_vqvae_net decoder, encoder;
} tsr_vqvae_model;

typedef enum tsr_vqvae_layer_kind {
    TSR_VQVAE_POINTWISE, /* weight[out][in] */
    TSR_VQVAE_DEPTHWISE  /* weight[out][3][3], row before column; in == out */
} tsr_vqvae_layer_kind;

typedef struct tsr_vqvae_layer {
    tsr_vqvae_layer_kind kind;
    uint32_t in, out;
    size_t n_weights; /* in * out or 9 * out; after them 3 * out biases */
    float *weight;    /* into the network's param; NULL when that is NULL */
    float *bias;      /* [3][out] */
    /* Of a network of integers, which has no weight; else NULL. */
    int16_t *integer;
    uint8_t *shift;
} tsr_vqvae_layer;

/* True when the declaration is within the limits (param is not looked at). */
int tsr_vqvae_net_legal(const tsr_vqvae_net *n);

/* Of a legal declaration. */
uint32_t tsr_vqvae_net_layers(const tsr_vqvae_net *n);
size_t tsr_vqvae_net_params(const tsr_vqvae_net *n);
uint64_t tsr_vqvae_net_macs(const tsr_vqvae_net *n); /* a position; a quarter of it a pixel */

/* Layer i, 0 .. layers - 1. */
tsr_vqvae_layer tsr_vqvae_net_layer(const tsr_vqvae_net *n, uint32_t i);

/* Outputs of all layers together. */
size_t tsr_vqvae_net_outputs(const tsr_vqvae_net *n);

/* Bytes of the arrays of a network of integers; and lays them out in memory of that size, aligned
 * for floats. */
size_t tsr_vqvae_ints_bytes(const tsr_vqvae_net *n);
void tsr_vqvae_ints_place(tsr_vqvae_net *n, void *memory);

/* True when a network of integers keeps to the limits: one pointwise layer in each block, fraction
 * and shifts in range, and the magnitudes of the weights of an output add to at most
 * TSR_VQVAE_MAX_SUM. With inputs of 16 bits and biases below 2^29, sums then stay below 2^31. */
int tsr_vqvae_ints_sound(const tsr_vqvae_net *n);

/* What a network needs to know about a step. Exact on every machine. */
typedef struct tsr_vqvae_scale {
    float l;       /* as above */
    float inverse; /* 1 / t: inputs are multiplied by it */
    float amount;  /* s * g: outputs are multiplied by it; 0: the networks have no effect */
} tsr_vqvae_scale;

tsr_vqvae_scale tsr_vqvae_scale_of(const tsr_vqvae_model *m, float step);

/* The bytes of a model: section "vqvae" of a .tsm file (the container is the codec's, see
 * tsr_model_write() in tessera/model.h). Weights and biases are stored as int16 times a power of
 * two, one for the weights and one for the biases of each layer: save() rounds, load() gives
 * exactly what decoders will use. A network of integers, which only the decoder may be, is stored
 * as it is but for its biases. Returns the size and writes it when cap is large enough; 0 when the
 * declaration is not legal, a number is not finite or 64 (a bias among integers: 32768) or more in
 * magnitude, or integers are not sound. */
size_t tsr_vqvae_model_save(const tsr_vqvae_model *m, uint8_t *out, size_t cap);

/* Reads the bytes, which are hostile until checked. alloc(who, bytes) gives the memory of the
 * params, aligned for floats, and keeps it (NULL: no memory). Errors, with one line in text[160]:
 * FORMAT (what is wrong), UNSUPPORTED (a later version), MEMORY. *m needs no clean-up. */
tsr_status tsr_vqvae_model_load(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                void *(*alloc)(void *who, size_t bytes), void *who,
                                char text[160]) TSR_MUST_CHECK;

/* The same into memory from malloc, which tsr_vqvae_model_free() gives back; on error there is
 * none.
 */
tsr_status tsr_vqvae_model_read(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                char text[160]) TSR_MUST_CHECK;
void tsr_vqvae_model_free(tsr_vqvae_model *m);

/* What a model is, in lines key=value, ended by NUL; error=... when it would be refused. */
void tsr_vqvae_model_describe(const uint8_t *data, size_t size, char *out, size_t cap);

#endif
