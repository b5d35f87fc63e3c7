/* lift_template.h - the body of lift_kernels.c, included once for each sample type.
 *
 * Expects SAMPLE, the type; NAME(x), the name of a function for it; LIFT(x, l, r, step) and
 * LIFT_EDGE(x, only, edge), a lifted sample; SCALE(x, factor), a scaled one; SCALES(factor),
 * whether that changes anything.
 *
 * The loops are left to the compiler's vectorizer: a line stays in the first-level cache between
 * them, and they reach 0.05 to 0.3 ns a sample (tests/kernels/test_lifting --bench).
 */

/* dst[k] = x[k] lifted by l[k] and r[k]; dst may be x. */
static void NAME(lift)(SAMPLE *dst, const SAMPLE *x, const SAMPLE *l, const SAMPLE *r, size_t n,
                       const lift_step *step) {
    const lift_step s = *step;
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < n; k++) dst[k] = LIFT(x[k], l[k], r[k], s);
}

static void NAME(step)(void *dst, const void *x, const void *l, const void *r, size_t n,
                       const lift_step *step) {
    NAME(lift)(dst, x, l, r, n, step);
}

/* dst[k] = x[k] lifted by only[k]; dst may be x. */
static void NAME(edge)(void *dst, const void *x, const void *only, size_t n,
                       const lift_edge *edge) {
    SAMPLE *to = dst;
    const SAMPLE *from = x, *neighbour = only;
    const lift_edge e = *edge;
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < n; k++) to[k] = LIFT_EDGE(from[k], neighbour[k], e);
}

/* dst[k] = x[k] scaled; dst may be x. */
static void NAME(scale)(SAMPLE *dst, const SAMPLE *x, size_t n, float factor) {
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < n; k++) dst[k] = SCALE(x[k], factor);
}

/* Step j for all odd samples x of a line, into dst, which may be x. n_odd >= 1. */
static void NAME(lift_odd)(SAMPLE *dst, const SAMPLE *x, const SAMPLE *even, size_t n_odd,
                           size_t n_even, const lift_scheme *s, uint32_t j) {
    NAME(lift)(dst, x, even, even + 1, n_even - 1, &s->step[j]);
    if (n_even == n_odd) {
        size_t last = n_odd - 1;
        dst[last] = LIFT_EDGE(x[last], even[last], s->last[j]);
    }
}

/* Step j for all even samples x of a line, into dst, which may be x. n_odd >= 1. */
static void NAME(lift_even)(SAMPLE *dst, const SAMPLE *x, const SAMPLE *odd, size_t n_odd,
                            size_t n_even, const lift_scheme *s, uint32_t j) {
    dst[0] = LIFT_EDGE(x[0], odd[0], s->first[j]);
    NAME(lift)(dst + 1, x + 1, odd, odd + 1, n_odd - 1, &s->step[j]);
    if (n_even > n_odd) dst[n_odd] = LIFT_EDGE(x[n_odd], odd[n_odd - 1], s->last[j]);
}

static void NAME(deinterleave)(SAMPLE *even, SAMPLE *odd, const SAMPLE *line, size_t n) {
    size_t pairs = n / 2;
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < pairs; k++) {
        even[k] = line[2 * k];
        odd[k] = line[2 * k + 1];
    }
    if (n % 2) even[pairs] = line[n - 1];
}

static void NAME(interleave)(SAMPLE *line, const SAMPLE *even, const SAMPLE *odd, size_t n) {
    size_t pairs = n / 2;
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < pairs; k++) {
        line[2 * k] = even[k];
        line[2 * k + 1] = odd[k];
    }
    if (n % 2) line[n - 1] = even[pairs];
}

static void NAME(split)(void *low, void *high, const void *line, size_t n,
                        const lift_scheme *forward, lift_scale scale, void *scratch) {
    size_t n_odd = n / 2, n_even = n - n_odd;
    SAMPLE *even = n > 1 ? scratch : low, *odd = even + n_even;
    NAME(deinterleave)(even, odd, line, n);
    for (uint32_t j = 0; j < forward->n_steps && n > 1; j += 2) {
        /* The last pair of steps writes the bands. */
        int last = j + 2 == forward->n_steps;
        SAMPLE *to_odd = last ? high : odd, *to_even = last ? low : even;
        NAME(lift_odd)(to_odd, odd, even, n_odd, n_even, forward, j);
        NAME(lift_even)(to_even, even, to_odd, n_odd, n_even, forward, j + 1);
    }
    if (SCALES(scale.low)) NAME(scale)(low, low, n_even, scale.low);
    if (SCALES(scale.high)) NAME(scale)(high, high, n_odd, scale.high);
}

static void NAME(join)(void *line, const void *low, const void *high, size_t n,
                       const lift_scheme *inverse, lift_scale scale, void *scratch) {
    size_t n_odd = n / 2, n_even = n - n_odd;
    SAMPLE *even = scratch, *odd = even + n_even;
    const SAMPLE *e = low, *o = high;
    if (SCALES(scale.low)) {
        NAME(scale)(even, e, n_even, scale.low);
        e = even;
    }
    if (SCALES(scale.high)) {
        NAME(scale)(odd, o, n_odd, scale.high);
        o = odd;
    }
    for (uint32_t j = 0; j < inverse->n_steps && n > 1; j += 2) {
        NAME(lift_even)(even, e, o, n_odd, n_even, inverse, j);
        NAME(lift_odd)(odd, o, even, n_odd, n_even, inverse, j + 1);
        e = even;
        o = odd;
    }
    NAME(interleave)(line, e, o, n);
}

/* The two or four steps of chain(). Every iteration reads all its inputs before it writes. */
static void NAME(chain2)(SAMPLE *const *dst, const SAMPLE *const *src, size_t n,
                         const lift_step *step) {
    const SAMPLE *x0 = src[0], *x1 = src[1], *x2 = src[2], *x3 = src[3];
    SAMPLE *y0 = dst[0], *y1 = dst[1];
    const lift_step s0 = step[0], s1 = step[1];
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < n; k++) {
        SAMPLE b = x2[k];
        SAMPLE t0 = LIFT(x1[k], b, x0[k], s0);
        SAMPLE t1 = LIFT(b, x3[k], t0, s1);
        y0[k] = t0;
        y1[k] = t1;
    }
}

static void NAME(chain4)(SAMPLE *const *dst, const SAMPLE *const *src, size_t n,
                         const lift_step *step) {
    const SAMPLE *x0 = src[0], *x1 = src[1], *x2 = src[2], *x3 = src[3], *x4 = src[4], *x5 = src[5];
    SAMPLE *y0 = dst[0], *y1 = dst[1], *y2 = dst[2], *y3 = dst[3];
    const lift_step s0 = step[0], s1 = step[1], s2 = step[2], s3 = step[3];
    LIFT_VECTOR_LOOP
    for (size_t k = 0; k < n; k++) {
        SAMPLE b = x2[k], c = x3[k], d = x4[k];
        SAMPLE t0 = LIFT(x1[k], b, x0[k], s0);
        SAMPLE t1 = LIFT(b, c, t0, s1);
        SAMPLE t2 = LIFT(c, d, t1, s2);
        SAMPLE t3 = LIFT(d, x5[k], t2, s3);
        y0[k] = t0;
        y1[k] = t1;
        y2[k] = t2;
        y3[k] = t3;
    }
}

static void NAME(chain)(void *const *dst, const void *const *src, size_t n,
                        const lift_scheme *scheme) {
    SAMPLE *to[LIFT_MAX_STEPS];
    const SAMPLE *from[LIFT_MAX_ROWS];
    for (uint32_t j = 0; j < scheme->n_steps; j++) to[j] = dst[j];
    for (uint32_t j = 0; j < scheme->n_steps + 2; j++) from[j] = src[j];
    (scheme->n_steps == 2 ? NAME(chain2) : NAME(chain4))(to, from, n, scheme->step);
}
