/* trellis.c - tables of the quantizer state machine from its parity polynomials. */
#include "trellis.h"

/* Register s1 is the top bit of the state and selects the quantizer (z0 = s1); z1 is the parity of
 * the level; s_i' = s_(i+1) ^ h0_i z0 ^ h1_i z1 with s_(v+1) = 0. */
static uint8_t step(uint32_t s, uint32_t v, uint32_t h0, uint32_t h1, uint32_t z1) {
    uint32_t z0 = s >> (v - 1) & 1, next = 0;
    for (uint32_t i = 1; i <= v; i++) {
        uint32_t later = i < v ? s >> (v - 1 - i) & 1 : 0;
        uint32_t bit = later ^ ((h0 >> i & 1) & z0) ^ ((h1 >> i & 1) & z1);
        next |= bit << (v - i);
    }
    return (uint8_t)next;
}

void tsr_trellis_init(tsr_trellis *t, uint32_t states) {
    static const uint32_t h0[9] = {0, 0, 05, 013, 023, 045, 0103, 0235, 0515},
                          h1[9] = {0, 0, 02, 04, 04, 010, 024, 0126, 0362};
    *t = (tsr_trellis){.states = states, .top = 1};
    if (!states) return; /* one state, never Q1 */
    uint32_t v = (uint32_t)__builtin_ctz(states);
    t->top = states / 2;
    for (uint32_t s = 0; s < states; s++)
        for (uint32_t z1 = 0; z1 < 2; z1++) t->next[s][z1] = step(s, v, h0[v], h1[v], z1);
    for (uint32_t s = 0; s < states; s++) {
        uint32_t e = s;
        for (int i = 0; i < 16; i++) e = t->next[e][0];
        t->zeros[s] = (uint8_t)e;
    }
}

uint32_t tsr_trellis_skip(const tsr_trellis *t, uint32_t state, size_t n) {
    for (; n >= 16; n -= 16) state = t->zeros[state];
    for (; n; n--) state = t->next[state][0];
    return state;
}

size_t tsr_zero_run(const int32_t *p, size_t n) {
    size_t run = 0;
    for (; run + 16 <= n; run += 16) {
        int32_t any = 0;
        for (size_t i = 0; i < 16; i++) any |= p[run + i];
        if (any) break;
    }
    return run;
}
