"""Sections 6.2 to 6.5 of docs/format.md: quantizers whose bands or blocks have numbers of their own."""
import math

from second_float import f32

LOW = 0


def clamp(x, lo, hi):
    return lo if x < lo else hi if x > hi else x


def is_base(band):
    return band.orient == LOW and band.level > 0


# ---- 6.2


class Numbers:
    """rc: a range decoder; models: makes a table of bit models from a function of start values."""

    def __init__(self, rc, models):
        self.rc, self.model = rc, models(lambda key: (32768, 1))

    def count(self, kind, context):
        e = 0
        while e < 24 and self.model.code(self.rc, ("exponent", kind, context, e)):
            e += 1
        if e == 0:
            return 0
        top = self.model.code(self.rc, ("top", kind, e))
        return ((2 + top) << (e - 1) | self.rc.raw(e - 1)) - 1

    def number(self, kind, context):
        n = self.count(kind, context)
        return -n if n and self.model.code(self.rc, ("sign", kind)) else n


def near(a, b):
    m = max(a, b)
    return 0 if m == 0 else 1 if m < 3 else 2 if m < 12 else 3


def check(value, lo, hi):
    if not lo <= value <= hi:
        raise ValueError("numbers of the quantizer")
    return value


class Blocks:
    """The numbers of a band's blocks."""

    def __init__(self, band, side, outside):
        self.band, self.side, self.outside, self.at = band, side, outside, {}

    def places(self):
        return [(i, j) for j in range((self.band.h + self.side - 1) // self.side)
                for i in range((self.band.w + self.side - 1) // self.side)]

    def around(self, i, j):
        return self.at.get((i - 1, j), self.outside), self.at.get((i, j - 1), self.outside)

    @staticmethod
    def guess(i, j, left, up):
        return up if i == 0 else left if j == 0 else left + up >> 1

    def samples(self, i, j):
        s, w = self.side, self.band.w
        return [y * w + x for y in range(j * s, min(j * s + s, self.band.h)) for x in range(i * s, min(i * s + s, w))]


# ---- 6.3


def read_range(blocks, r, i, j):
    low, (left, up) = blocks.band.orient == LOW, blocks.around(i, j)
    size = check(r.count(0, near(left[0], up[0])), 0, 1 << 23)
    g = blocks.guess(i, j, left[1], up[1]) if low else -((size + 1) // 2)
    return size, check(g + r.number(2 if low else 1, near(size, size)), -1 << 22, 1 << 22)


def read_means(blocks, r, i, j, most):
    left, up = blocks.around(i, j)
    n = check(1 + r.count(0, near(left[0], up[0])), 1, most)
    a = [(blocks.guess(i, j, left[1], up[1]) if blocks.band.orient == LOW else 0) + r.number(1, min(n - 1, 3))]
    check(a[0], -1 << 22, 1 << 22)
    for k in range(1, n):
        d = a[k - 1] - a[k - 2] if k > 1 else 0
        a.append(check(a[-1] + 1 + r.count(2, near(d, d)), -1 << 22, 1 << 22))
    return (n, *a)


def middle_values(band, numbers, k, step, levels):
    size, least = numbers
    n, low = min(max(1, (size + 1) // 2), k or 65536), band.orient == LOW
    if low:
        z = 0 if k else -(least >> 1)
    else:
        z = min(-least * n // size, n - 1) if size and least < 0 else 0
    unit = f32(step * 0.5)

    def value(level):
        i = clamp(level + z, 0, n - 1)
        if not low and i == z and least <= 0 <= least + size:
            return 0.0
        return f32(f32(f32(2 * least * n + (2 * i + 1) * size) * unit) / f32(2 * n))

    return [value(level) for level in levels]


def mean_values(band, numbers, step, levels):
    n, a, unit = numbers[0], numbers[1:], f32(step * 0.25)
    z = 0 if band.orient == LOW else min(range(n), key=lambda i: abs(a[i]))
    return [f32(f32(a[clamp(level + z, 0, n - 1)]) * unit) for level in levels]


def buckets(bands, params, r, step_of):
    k, side, means = params.get(0, 0), params.get(1, 16), params.get(2, 0)
    most = k or min(16, side * side)
    for band in bands:
        blocks = Blocks(band, side, (0, 0))
        for at in blocks.places():
            blocks.at[at] = read_means(blocks, r, *at, most) if means else read_range(blocks, r, *at)
        band.blocks = blocks
    for band in bands:
        band.value = [0.0] * (band.w * band.h)
        for at in band.blocks.places():
            where, numbers = band.blocks.samples(*at), band.blocks.at[at]
            levels = [band.k[i] for i in where]
            values = (mean_values(band, numbers, step_of(band), levels) if means else
                      middle_values(band, numbers, k, step_of(band), levels))
            for i, v in zip(where, values):
                band.value[i] = v


# ---- 6.4


def kmeans(bands, params, r, step_of):
    k = params.get(0, 0)
    for band in bands:
        low, a = band.orient == LOW, []
        most = k if low else (k - 1) // 2 if k else 15
        if most:
            n = check(low + r.count(0, 1 if low else 0), 0, most)
            gap = 16
            while len(a) < n:
                if low and not a:
                    a.append(check(r.number(1, 0), -1 << 24, 1 << 24))
                    continue
                gap = check((gap if k else 16) + r.number(2, 1 if low else 0), 1, 1 << 26)
                a.append(check((a[-1] if a else 0) + gap, -1 << 24, 1 << 24))
        band.value = kmeans_values(band, k, most, a, step_of(band))


def kmeans_values(band, k, most, a, step):
    unit, n = f32(step * 0.0625), len(a)

    def value(level):
        if band.orient == LOW:
            return f32(f32(a[clamp(level, 0, n - 1)]) * unit) if most else f32(f32(level) * step)
        m = abs(level)
        p = 0 if m == 0 else a[m - 1] if m <= n else (a[-1] if a else 0) + (0 if k else 16 * (m - n))
        return math.copysign(f32(f32(p) * unit), level)

    return [value(level) for level in band.k]


# ---- 6.5


def btc(bands, params, r, step_of):
    side, absolute = params.get(0, 4), params.get(1, 0)
    for band in bands:
        blocks, low = Blocks(band, side, (0, 0)), band.orient == LOW
        band.value = [0.0] * (band.w * band.h)
        for i, j in blocks.places():
            left, up = blocks.around(i, j)
            s = check(r.count(0, near(left[0], up[0])), 0, 1 << 22)
            g = blocks.guess(i, j, left[1], up[1]) if low else 0
            mean = check(g + r.number(2 if low else 1, near(s, s)), -1 << 22, 1 << 22)
            blocks.at[i, j] = (s, mean)
            where = blocks.samples(i, j)
            levels = btc_levels(s, mean, len(where), sum(band.k[at] > 0 for at in where), step_of(band), absolute)
            for at in where:
                band.value[at] = levels[band.k[at] > 0]


def btc_levels(s, mean, m, q, step, absolute):
    unit = f32(step * 0.5)
    mean, spread = f32(f32(mean) * unit), f32(f32(s) * unit)
    if s == 0 or q == 0 or q == m:
        return mean, mean
    h, l = f32(q), f32(m - q)
    if absolute:
        half = f32(f32(spread * f32(m)) * 0.5)
        return f32(mean - f32(half / l)), f32(mean + f32(half / h))
    return (f32(mean - f32(spread * f32(math.sqrt(f32(h / l))))),
            f32(mean + f32(spread * f32(math.sqrt(f32(l / h))))))


# ---- 6


def dequantize_by_numbers(bands, quantizer, params, rc, models, step_of):
    """Quantizers 4, 5, 6; step_of(band) is step_b. Returns the values of all bands."""
    real = [b for b in bands if b.domain == "REAL" and b.w and b.h]
    own = [b for b in real if not is_base(b)]
    {4: buckets, 5: kmeans, 6: btc}[quantizer](own, params, Numbers(rc, models), step_of)
    for band in real:
        if is_base(band):
            band.value = [f32(f32(k) * step_of(band)) for k in band.k]
    return [b.value if b in real else b.k for b in bands]
