/* quant_side.c - coding of side information. */
#include "quant_side.h"

static void start(tsr_side *s) {
    tsr_prob_fill((tsr_prob *)s->kind, sizeof s->kind, tsr_prob_start(32768, 1));
}

void tsr_side_encode_start(tsr_side *s, tsr_buffer *out) {
    s->decoding = 0;
    start(s);
    tsr_rc_encode_start(&s->rc, out);
}

void tsr_side_encode_end(tsr_side *s) {
    tsr_rc_encode_end(&s->rc);
}

void tsr_side_decode_start(tsr_side *s, tsr_reader *in) {
    size_t left = in->size - in->pos;
    s->decoding = 1;
    start(s);
    tsr_rc_decode_start(&s->rc, tsr_get_bytes(in, left), left);
}

uint32_t tsr_side_count(tsr_side *s, unsigned kind, unsigned context, uint32_t n) {
    unsigned e = 0, top = s->decoding ? 0 : 31u - (unsigned)__builtin_clz(n + 1);
    while (e < TSR_SIDE_BITS &&
           tsr_prob_code(&s->rc, &s->kind[kind].exponent[context][e], e < top, s->decoding))
        e++;
    if (!e) return 0;
    uint32_t below = s->decoding ? 0 : n + 1 - (1u << e), out = 1;
    out = out << 1 |
          (uint32_t)tsr_prob_code(&s->rc, &s->kind[kind].top[e], below >> (e - 1) & 1, s->decoding);
    out =
        out << (e - 1) | tsr_rc_code_raw(&s->rc, below & ((1u << (e - 1)) - 1), e - 1, s->decoding);
    return out - 1;
}

int32_t tsr_side_number(tsr_side *s, unsigned kind, unsigned context, int32_t n) {
    uint32_t a = tsr_side_count(s, kind, context, (uint32_t)(n < 0 ? -n : n));
    if (!a) return 0;
    int negative = tsr_prob_code(&s->rc, &s->kind[kind].sign, n < 0, s->decoding);
    return negative ? -(int32_t)a : (int32_t)a;
}

unsigned tsr_side_context(uint32_t a, uint32_t b) {
    uint32_t m = a > b ? a : b;
    return m == 0 ? 0 : m < 3 ? 1 : m < 12 ? 2 : 3;
}
