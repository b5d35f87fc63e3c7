/* model_bytes.c - a model as bytes: the section "vqvae" of a model file.
 *
 *     u8   version: 1; 2 when the decoder is a network of integers
 *     u8   networks: 1 decoder, 3 decoder and encoder
 *     u16  step_min, step_max in 1/64
 *     network(s), the decoder first:
 *         u8   width, blocks, pointwise, 0
 *         for each layer, its weights and then its biases:
 *             i8   exponent e, -40 .. 6
 *             i16  values, in 2^(e - 15)
 *
 * A network of integers:
 *         u8   width, blocks, 1, fraction
 *         for each layer:
 *             i16  weights
 *             u8   shift of each output
 *             i8   exponent e, -40 .. 15
 *             i16  biases, in 2^(e - 15)
 *
 * All little-endian. No value can be infinite, not a number, or 64 or more in magnitude (a bias
 * among integers: 32768).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

enum {
    FLOATS = 1, /* versions */
    INTEGERS = 2,
    HEAD = 6, /* bytes */
    NET_HEAD = 4,
    STEP_FRACTION = 64,
    STEP_LIMIT = 1023 * STEP_FRACTION,
    MIN_EXPONENT = -40,
    MAX_EXPONENT = 6, /* of floats */
    MAX_INT_EXPONENT = 15
};

/* 2^e for a small e. */
static float power(int e) {
    uint32_t bits = (uint32_t)(e + 127) << 23;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static size_t net_bytes(const tsr_vqvae_net *n) {
    return NET_HEAD + 2 * tsr_vqvae_net_layers(n) + 2 * tsr_vqvae_net_params(n);
}

/* ---- saving ---- */

typedef struct writer {
    uint8_t *out; /* room for all, or NULL: only checks */
    size_t size;
    int bad;
} writer;

static void put8(writer *w, uint32_t v) {
    if (w->out) w->out[w->size] = (uint8_t)v;
    w->size++;
}

static void put16(writer *w, uint32_t v) {
    put8(w, v & 255);
    put8(w, v >> 8 & 255);
}

static float magnitude(float x) {
    return x < 0 ? -x : x;
}

/* The smallest exponent whose range holds all values after rounding. */
static int choose_exponent(writer *w, const float *v, size_t n, int max) {
    float largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(magnitude(v[i]) < power(max))) w->bad = 1; /* not a number as well */
        if (magnitude(v[i]) > largest) largest = magnitude(v[i]);
    }
    int e = MIN_EXPONENT;
    while (e < max && largest > power(e) * (32767.0f / 32768.0f)) e++;
    return e;
}

static void put_values(writer *w, const float *v, size_t n, int max_exponent) {
    int e = choose_exponent(w, v, n, max_exponent);
    float scale = power(15 - e);
    put8(w, (uint32_t)e & 255);
    for (size_t i = 0; i < n && !w->bad; i++) {
        float x = magnitude(v[i]) * scale + 0.5f;
        int32_t k = x > 32767 ? 32767 : (int32_t)x;
        put16(w, (uint32_t)(v[i] < 0 ? -k : k) & 0xffff);
    }
}

static void put_net(writer *w, const tsr_vqvae_net *n) {
    put8(w, n->width);
    put8(w, n->blocks);
    put8(w, n->pointwise);
    put8(w, 0);
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n) && !w->bad; i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        put_values(w, l.weight, l.n_weights, MAX_EXPONENT);
        put_values(w, l.bias, 3 * (size_t)l.out, MAX_EXPONENT);
    }
}

static void put_ints(writer *w, const tsr_vqvae_net *n) {
    put8(w, n->width);
    put8(w, n->blocks);
    put8(w, n->pointwise);
    put8(w, n->ints.fraction);
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n) && !w->bad; i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        for (size_t k = 0; k < l.n_weights; k++) put16(w, (uint32_t)l.integer[k] & 0xffff);
        for (uint32_t o = 0; o < l.out; o++) put8(w, l.shift[o]);
        put_values(w, l.bias, 3 * (size_t)l.out, MAX_INT_EXPONENT);
    }
}

static void put_model(writer *w, const tsr_vqvae_model *m) {
    put8(w, m->decoder.ints.weight ? INTEGERS : FLOATS);
    put8(w, m->has_encoder ? 3 : 1);
    put16(w, (uint32_t)(m->step_min * STEP_FRACTION + 0.5f));
    put16(w, (uint32_t)(m->step_max * STEP_FRACTION + 0.5f));
    (m->decoder.ints.weight ? put_ints : put_net)(w, &m->decoder);
    if (m->has_encoder) put_net(w, &m->encoder);
}

size_t tsr_vqvae_model_save(const tsr_vqvae_model *m, uint8_t *out, size_t cap) {
    if (!tsr_vqvae_net_legal(&m->decoder)) return 0;
    if (m->has_encoder && (!tsr_vqvae_net_legal(&m->encoder) || m->encoder.ints.weight)) return 0;
    if (m->decoder.ints.weight && !tsr_vqvae_ints_sound(&m->decoder)) return 0;
    if (!(m->step_min >= 1.0f / STEP_FRACTION && m->step_min <= m->step_max &&
          m->step_max <= STEP_LIMIT / STEP_FRACTION))
        return 0;
    writer check = {0};
    put_model(&check, m);
    if (check.bad) return 0;
    writer w = {.out = out};
    if (out && check.size <= cap) put_model(&w, m);
    return check.size;
}

/* ---- loading ---- */

typedef struct reader {
    const uint8_t *data;
    size_t size, pos;
    char *text;
} reader;

static tsr_status corrupt(reader *r, const char *what) {
    snprintf(r->text, 160, "corrupt vqvae model: %s", what);
    return TSR_ERR_FORMAT;
}

static tsr_status no_memory(reader *r) {
    snprintf(r->text, 160, "no memory for a model");
    return TSR_ERR_MEMORY;
}

/* Within the size, which has been checked. */
static uint32_t get8(reader *r) {
    return r->data[r->pos++];
}

static uint32_t get16(reader *r) {
    uint32_t low = get8(r);
    return low | get8(r) << 8;
}

static tsr_status get_values(reader *r, float *v, size_t n, int max_exponent) {
    int e = (int8_t)get8(r);
    if (e < MIN_EXPONENT || e > max_exponent) return corrupt(r, "a scale is not legal");
    for (size_t i = 0; i < n; i++) v[i] = (float)(int16_t)get16(r) * power(e - 15);
    return TSR_OK;
}

static tsr_status get_net(reader *r, tsr_vqvae_net *n, void *(*alloc)(void *, size_t), void *who) {
    if (r->size - r->pos < NET_HEAD) return corrupt(r, "it ends too early");
    *n = (tsr_vqvae_net){.channels = TSR_VQVAE_CHANNELS};
    n->width = get8(r);
    n->blocks = get8(r);
    n->pointwise = get8(r);
    if (get8(r) || !tsr_vqvae_net_legal(n)) return corrupt(r, "a network is beyond the limits");
    if (r->size - r->pos < net_bytes(n) - NET_HEAD) return corrupt(r, "it ends too early");
    n->param = alloc(who, tsr_vqvae_net_params(n) * sizeof(float));
    if (!n->param) return no_memory(r);
    tsr_status s = TSR_OK;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n) && !s; i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        s = get_values(r, l.weight, l.n_weights, MAX_EXPONENT);
        if (!s) s = get_values(r, l.bias, 3 * (size_t)l.out, MAX_EXPONENT);
    }
    return s;
}

/* Bytes of the layers of a network of integers. */
static size_t ints_bytes(const tsr_vqvae_net *n) {
    size_t sum = 0;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n); i++) {
        tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
        sum += 2 * l.n_weights + l.out + 1 + 2 * 3 * (size_t)l.out;
    }
    return sum;
}

static tsr_status get_int_layer(reader *r, const tsr_vqvae_net *n, uint32_t i) {
    tsr_vqvae_layer l = tsr_vqvae_net_layer(n, i);
    for (size_t k = 0; k < l.n_weights; k++) l.integer[k] = (int16_t)get16(r);
    for (uint32_t o = 0; o < l.out; o++) l.shift[o] = (uint8_t)get8(r);
    return get_values(r, l.bias, 3 * (size_t)l.out, MAX_INT_EXPONENT);
}

static tsr_status get_ints(reader *r, tsr_vqvae_net *n, void *(*alloc)(void *, size_t), void *who) {
    if (r->size - r->pos < NET_HEAD) return corrupt(r, "it ends too early");
    *n = (tsr_vqvae_net){.channels = TSR_VQVAE_CHANNELS};
    n->width = get8(r);
    n->blocks = get8(r);
    n->pointwise = get8(r);
    n->ints.fraction = get8(r);
    if (!tsr_vqvae_net_legal(n)) return corrupt(r, "a network is beyond the limits");
    if (r->size - r->pos < ints_bytes(n)) return corrupt(r, "it ends too early");
    void *memory = alloc(who, tsr_vqvae_ints_bytes(n));
    if (!memory) return no_memory(r);
    tsr_vqvae_ints_place(n, memory);
    tsr_status s = TSR_OK;
    for (uint32_t i = 0; i < tsr_vqvae_net_layers(n) && !s; i++) s = get_int_layer(r, n, i);
    if (!s && !tsr_vqvae_ints_sound(n)) s = corrupt(r, "an integer is beyond the limits");
    return s;
}

static tsr_status get_head(reader *r, tsr_vqvae_model *m, uint32_t *kind) {
    if (r->size < HEAD) return corrupt(r, "it ends too early");
    uint32_t version = get8(r), networks = get8(r), low = get16(r), high = get16(r);
    if (version != FLOATS && version != INTEGERS) {
        snprintf(r->text, 160, "vqvae model of version %u; this program knows versions %u and %u",
                 version, FLOATS, INTEGERS);
        return TSR_ERR_UNSUPPORTED;
    }
    if (networks != 1 && networks != 3) return corrupt(r, "it has no decoder");
    if (low < 1 || low > high || high > STEP_LIMIT) return corrupt(r, "the steps are not legal");
    *kind = version;
    m->has_encoder = networks == 3;
    m->step_min = (float)low / STEP_FRACTION;
    m->step_max = (float)high / STEP_FRACTION;
    return TSR_OK;
}

tsr_status tsr_vqvae_model_load(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                void *(*alloc)(void *who, size_t bytes), void *who,
                                char text[160]) {
    reader r = {.data = data, .size = size, .text = text};
    *m = (tsr_vqvae_model){0};
    text[0] = 0;
    uint32_t kind = 0;
    tsr_status s = get_head(&r, m, &kind);
    if (!s) s = (kind == INTEGERS ? get_ints : get_net)(&r, &m->decoder, alloc, who);
    if (!s && m->has_encoder) s = get_net(&r, &m->encoder, alloc, who);
    if (!s && r.pos != size) s = corrupt(&r, "bytes are left over");
    return s;
}

static void *from_heap(void *who, size_t bytes) {
    (void)who;
    return malloc(bytes);
}

tsr_status tsr_vqvae_model_read(tsr_vqvae_model *m, const uint8_t *data, size_t size,
                                char text[160]) {
    tsr_status s = tsr_vqvae_model_load(m, data, size, from_heap, NULL, text);
    if (s) tsr_vqvae_model_free(m);
    return s;
}

void tsr_vqvae_model_free(tsr_vqvae_model *m) {
    free(m->decoder.param);
    free(m->decoder.ints.bias); /* the first of its arrays */
    free(m->encoder.param);
    *m = (tsr_vqvae_model){0};
}
