"""Sections 4.7, 4.9 and 5.8 of docs/format.md: vectors of a codebook. See second_decoder.py, the module d here."""
import copy
import os
import struct

CLASSES, LEVELS, KINDS, BUCKETS = 72, 28, 5, 80


def signed(data):
    return struct.unpack("<%db" % len(data), data)


class Codebook:
    """A set of books."""

    def __init__(self, d, kind):
        name = "codebook.bin" if kind == 0 else "codebook_kmeans.bin"
        with open(os.path.join(d.ROOT, "codec", "models", name), "rb") as f:
            r = d.Reader(f.read())
        self.fixed = kind == 2
        version, books, has_start = r.u8(), r.u8(), r.u8()
        self.book_of = r.take(CLASSES)
        self.shapes = []
        for _ in range(books):
            n = r.u8()
            self.shapes.append([tuple(r.take(4)) for _ in range(n)])
        weights = [r.take(124) for _ in range(CLASSES)]
        self.around = [[w[28 * i:28 * i + 28] for i in range(4)] for w in weights]
        self.inside = [[None] + [w[112 + 4 * i:116 + 4 * i] for i in range(3)] for w in weights]
        self.vector, self.zero, self.shape = (signed(r.take(n)) for n in (
            CLASSES * LEVELS, CLASSES * KINDS * BUCKETS, books * 255 * LEVELS))
        self.start = r.take(r.u32()) if has_start else b""

    def pattern(self, book, levels):
        """Numbers of the shapes of a pattern."""
        return [n for n, s in enumerate(self.shapes[book]) if [(c + 8) // 16 for c in s] == levels]


def stage_bands(bands, stages, ratio):
    """4.9: the bands of all stages; each knows those of the stages before."""
    out, layers = list(bands), bands[-1].layer + 1
    for band in bands:
        band.earlier, band.ratio = [], ratio
    for stage in range(1, stages):
        for i, band in enumerate(bands):
            later = copy.copy(band)
            if band.domain != "REAL":
                later.w = later.h = 0
            later.k, later.mag, later.sign, later.count = [0] * (later.w * later.h), {}, {}, {}
            later.layer += stage * layers
            later.ref = [None if r is None or bands[r].domain != "REAL" or band.domain != "REAL"
                         else r + stage * len(bands) for r in band.ref]
            later.earlier = [out[i + s * len(bands)] for s in range(stage)]
            out.append(later)
    return out


def sum_before(band, at):
    total = 0
    for stage in band.earlier:
        total = (total + stage.k[at]) * band.ratio
    return total


def mag_of(value):
    return min(abs(value) + 4 >> 3, 65535)


class Vector:
    """The vector at (x, y) of a band and what is around it."""

    def __init__(self, d, bands, band, x, y):
        self.d, self.band, self.x, self.y, self.bands = d, band, x, y, bands
        self.inside = [x + (i & 1) < band.w and y + (i >> 1) < band.h for i in range(4)]
        self.before = [sum_before(band, (y + (i >> 1)) * band.w + x + (i & 1)) if inside else 0
                       for i, inside in enumerate(self.inside)]
        parent = band.ref[d.PARENT]
        self.cls = band.cls + (0 if parent is not None and d.halves(band, bands[parent]) else 36)
        m = lambda dx, dy: band.mag.get((x + dx, y + dy), 0)
        self.m = m
        self.own = [m(-1, 0), m(-2, 0), m(-1, 1), m(-2, 1)] + [m(i, -1) for i in range(-2, 4)] + \
            [m(i, -2) for i in range(-1, 3)] + [m(-2, -2) + m(3, -2) + m(-3, -1) + m(4, -1)]
        self.place = [d.Place(bands, band, x + (i & 1), y + (i >> 1)) if inside else None
                      for i, inside in enumerate(self.inside)]

    def energies(self, weights):
        self.energy, self.around = [], []
        for i in range(4):
            if not self.inside[i]:
                self.energy.append(0)
                self.around.append(0)
                continue
            p, a, b, c, e = self.place[i].ref
            features = self.own + [p.centre, p.near, p.diag, a.centre, a.cross, b.centre, b.cross, c.centre, c.cross,
                                   c.diag, e.centre, e.cross, 1]
            self.around.append(sum(w * f for w, f in zip(weights[i], features)))
            self.energy.append(128 * self.band.ratio if self.before[i] else self.around[i])
        self.total = sum(self.energy)
        self.level = level_of(self.d, self.total)

    def sum(self, role):
        return sum(p.ref[role].centre for p in self.place if p)


def level_of(d, energy):
    return min(d.bucket_of(energy) >> 1, LEVELS - 1)


class AdaptiveVectors:
    def __init__(self, d, coder, book, prior):
        trained = lambda rates, at: (d.squash(22 * rates[at]), 24)
        self.d, self.coder, self.book = d, coder, book
        self.vector = d.Models(lambda k: trained(book.vector, k[0] * LEVELS + k[1]))
        self.zero_bin = d.Models(lambda k: trained(book.zero, (k[0] * KINDS + k[1]) * BUCKETS + k[2]))

    def not_zero(self, rc, v):
        return self.vector.code(rc, (v.cls, v.level))

    def begin(self, v, i, kind, bucket, levels):
        self.v, self.kind, self.bucket = v, kind, bucket
        self.coder.begin_level(v.place[i], bucket, 0)

    def bin(self, rc, number):
        if number == 0:
            return self.zero_bin.code(rc, (self.v.cls, self.kind, self.bucket))
        return self.coder.bin(rc, number)

    def sign(self, rc, place, level):
        return rc.bit(32768)


ZERO_SIZES = [72 * 80, 2592, 1920, 3456, 7776, 3840, 1440, 1920, 6561, 4320, 2916, 3456, 784, 784, 72 * 216]


class MixVectors:
    def __init__(self, d, coder, book, prior):
        self.d, self.coder, self.book, self.prior = d, coder, book, prior
        self.ctx, self.weights, self.refine = {}, {}, {}
        sizes = ZERO_SIZES + [9 * n for n in d.CONTEXT_SIZES]
        self.first = [sum(sizes[:i]) for i in range(28)]

    def start_of(self, at):
        if not self.book.start:
            return -128
        t = self.book.start[at]
        return t - 256 if t > 127 else t

    def counter_of(self, key, at, fallback):
        """at: place in the start state, or None."""
        if key not in self.ctx:
            t = -128 if at is None else self.start_of(at)
            self.ctx[key] = self.d.counter(self.d.squash(22 * t), 24) if t != -128 else self.d.counter(*fallback())
        return self.ctx[key]

    def weights_of(self, number, inputs):
        if number not in self.weights:
            if self.book.start:
                at = self.first[27] + 32 * number
                w = [16 * v for v in struct.unpack_from("<%dh" % (inputs + 1), self.book.start, at)]
            else:
                w = [98304 // inputs] * inputs + [0]
            if self.prior:  # takes the place of the bias of the flag
                w = w[:15 if inputs == 15 else 13] + [65536]
            self.weights[number] = w
        return self.weights[number]

    def rate(self, t):
        return self.d.squash(22 * t), 4

    def not_zero(self, rc, v):
        d, band = self.d, v.band
        q3, q6, q12, q20 = d.q3, d.q6, d.q12, d.q20
        m, o, l, kind, chroma = v.m, band.orient, band.l, band.kind, band.chroma
        w, ww, n, nn = m(-1, 0) + m(-1, 1), m(-2, 0) + m(-2, 1), m(0, -1) + m(1, -1), m(0, -2) + m(1, -2)
        nw, ne, more = m(-1, -1), m(2, -1), m(3, -1) + m(-2, -1)
        local = 2 * (w + n + nw + ne) + ww + nn + more
        ring = q12(m(-1, -2) + m(2, -2) + m(-2, -2) + m(3, -2) + m(-3, -1) + m(4, -1) + more)
        parent = v.sum(d.PARENT) + 2 >> 2
        a, b, c, e = (v.sum(r) >> 1 for r in (d.SISTER_A, d.SISTER_B, d.PLANE_A, d.PLANE_B))
        ref = v.place[0].ref
        around = q12(2 * parent + (2 * ref[d.PARENT].cross + ref[d.PARENT].diag >> 2))
        sister = q12(a + b + (ref[d.SISTER_A].cross + ref[d.SISTER_B].cross >> 2))
        plane = q12(c + e + (ref[d.PLANE_A].cross + ref[d.PLANE_B].cross + ref[d.PLANE_A].diag >> 2))
        bucket, other = d.bucket_of(v.total), d.PLANE_A if chroma else d.SISTER_A
        half, p6 = bucket >> 1, q6(parent)
        pattern = 0
        for i in range(4):
            pattern = 3 * pattern + (q3(v.place[i].ref[other].centre) if v.inside[i] else 0)
        eight = 0
        for k in (m(-1, 0), m(-1, 1), m(0, -1), m(1, -1), nw, ne, parent, c if chroma else b):
            eight = 3 * eight + q3(k)
        level = [level_of(d, k) for k in v.energy]
        number = [
            80 * v.cls + bucket,
            (((6 * chroma + q6(w)) * 6 + q6(n)) * 6 + q6(nw)) * 6 + q6(ne),
            ((12 * q20(local) + around) * 4 + o) * 2 + chroma,
            1728 * chroma + 144 * (plane if chroma else ring) + 12 * sister + q12(local),
            (1296 * chroma + ((6 * p6 + q6(a)) * 6 + q6(b)) * 6 + q6(c)) * 3 + q3(w + n),
            ((8 * half + min(ring, 7)) * 3 + kind) * 4 + o,
            (6 * half + q6(w)) * 6 + q6(n),
            (12 * half + around) * 4 + l,
            eight,
            ((6 * p6 + q6(ref[d.PARENT].cross >> 1)) * 6 + q6(ref[d.PARENT].diag >> 1)) * 20 + (bucket >> 2),
            (3 * (81 * chroma + pattern) + q3(e if chroma else b)) * 6 + q6(w + n),
            (((6 * q6(w + ww) + q6(n + nn)) * 6 + q6(nw + ne)) * 4 + o) * 4 + l,
            28 * level[0] + level[3],
            28 * level[1] + level[2],
            ((6 * v.cls + q6(max(m(-1, 0), m(-1, 1)))) * 6 + q6(max(m(0, -1), m(1, -1)))) * 6 + q6(max(parent, c)),
        ]
        start = lambda i: self.rate(self.book.vector[v.cls * LEVELS + min(bucket >> 1, 27)]) if i == 0 else (32768, 0)
        counters = [self.counter_of(("Z", i, k), self.first[i] + k, lambda i=i: start(i)) for i, k in enumerate(number)]
        wa, wb = self.weights_of((chroma * 4 + o) * 4 + l, 15), self.weights_of(32 + v.level, 15)
        more = [256]
        if self.prior:
            self.sums = self.prior.look(v.bands, band, v.x, v.y, v.cls, v.energy)
            more = [self.prior.flag(self.sums)]
        return self.mix(rc, counters, wa, wb, ("R", bucket), ("Q", q20(local)), more)

    def begin(self, v, i, kind, bucket, levels):
        self.v, self.kind, self.bucket = v, kind, bucket
        self.coder.begin_level(v.place[i], bucket, 0)
        self.more = lambda number: [256]
        if self.prior:
            advice = self.prior.advice(self.sums, i, levels)
            self.more = lambda number: [256, advice[number] if number < 3 else 0]

    def bin(self, rc, number):
        d, band, b = self.d, self.v.band, self.bucket
        slot = self.kind if number == 0 else 4 + min(number, 15)
        t = self.kind if number == 0 else 4 + (number if number < 3 else 3 if number < 7 else 4)
        if slot < KINDS:
            start = lambda: self.rate(self.book.zero[(band.cls * KINDS + slot) * BUCKETS + b])
        else:
            start = lambda: (d.geometric(b, d.shift_of(b)), 2)
        counters = []
        for i, k in enumerate(self.coder.number):
            at = self.first[15 + i] + 9 * k + slot if slot < 9 else None
            counters.append(self.counter_of(("L", i, k, slot), at, start if i == 0 else lambda: (32768, 0)))
        wa = self.weights_of(60 + ((band.chroma * 4 + band.orient) * 4 + band.l) * 9 + t, 12)
        wb = self.weights_of(348 + b // 3 * 9 + t, 12)
        return self.mix(rc, counters, wa, wb, ("S", b, slot), ("T", self.coder.local, slot), self.more(number))

    def mix(self, rc, counters, wa, wb, r1, r2, more):
        r1, r2 = (self.refine.setdefault(k, self.d.identity_refinement()) for k in (r1, r2))
        return self.d.mix_bit(rc, counters, wa, wb, r1, r2, more)

    def sign(self, rc, place, level):
        self.coder.place = place
        return self.coder.sign(rc, level)


class VectorDecoder:
    def __init__(self, d, bands, coder, kind, prior=None):
        self.d, self.bands, self.book = d, bands, Codebook(d, kind)
        book = self.book
        self.rules = (MixVectors if isinstance(coder, d.Mix) else AdaptiveVectors)(d, coder, book, prior)
        self.inward = d.Models(lambda k: (40000, 4))
        self.shape = d.Models(lambda k: (d.squash(22 * book.shape[k[0] * LEVELS + k[1]]), 24))

    def decode(self, rc, band, x, y):
        """Sets values and magnitudes of the vector; returns how many values are not zero."""
        v = Vector(self.d, self.bands, band, x, y)
        v.energies(self.book.around[v.cls])
        value = self.fixed(rc, v) if self.book.fixed else self.coded(rc, v)
        for i in range(4):
            if value[i]:
                band.k[(y + (i >> 1)) * band.w + x + (i & 1)] = value[i]
        return sum(1 for k in value if k)

    def store_mag(self, v, i, mag):
        v.band.mag[v.x + (i & 1), v.y + (i >> 1)] = min(mag, 65535)

    def fixed(self, rc, v):
        shapes = self.book.shapes[self.book.book_of[v.cls]]
        n, value = min(rc.raw(8), len(shapes)), [0] * 4
        for i in range(4):
            a = shapes[n - 1][i] if n and v.inside[i] else 0
            value[i] = -a if a and rc.bit(32768) else a
            if v.inside[i]:
                self.store_mag(v, i, mag_of(v.before[i] + value[i]))
        return value

    def levels(self, rc, v):
        d, level = self.d, [0] * 4
        for i in range(4):
            if not v.inside[i]:
                continue
            e = v.energy[i]
            if i and not v.before[i]:
                k = self.book.inside[v.cls][i]
                e = (v.energy[i] * k[0] >> 8) + sum(
                    k[n + 1] * min(mag_of(v.before[n]) + 2 * level[n], 65535) for n in range(i))
            later = any(v.inside[i + 1:])
            kind = (4 if i == 3 else 3) if any(level) else i if later else None
            v.place[i] = d.Place(self.bands, v.band, v.x + (i & 1), v.y + (i >> 1))
            bucket = d.bucket_of(e & 0xffffffff)
            self.rules.begin(v, i, kind, bucket, level)
            if kind is None or self.rules.bin(rc, 0):
                rest = d.decode_rest(self.rules.coder, rc, v.band, bucket, lambda number: self.rules.bin(rc, number))
                level[i] = min(rest + 1, 1 << 26)
            self.store_mag(v, i, mag_of(v.before[i]) + 2 * level[i])
        return level

    def coded(self, rc, v):
        value = [0] * 4
        if not self.rules.not_zero(rc, v):
            return value
        level = self.levels(rc, v)
        book = self.book.book_of[v.cls]
        numbers = self.book.pattern(book, level) if all(v.inside) else []
        shape = numbers[-1] if numbers else None
        for n in numbers[:-1]:
            if self.shape.code(rc, (255 * book + n, v.level)):
                shape = n
                break
        for i in range(4):
            if not v.inside[i]:
                continue
            a = 16 * level[i] if shape is None else self.book.shapes[book][shape][i]
            if a and v.before[i]:
                value[i] = a if self.is_plus(rc, v, i, level[i]) else -a
            elif a:
                negative = self.rules.sign(rc, v.place[i], max(level[i], 1))
                v.band.sign[v.x + (i & 1), v.y + (i >> 1)] = 0 if negative else 2
                value[i] = -a if negative else a
            self.store_mag(v, i, mag_of(v.before[i] + value[i]))
        return value

    def is_plus(self, rc, v, i, level):
        """4.9: the sign of what is added to a value that is not 0"""
        large = abs(v.before[i]) // v.band.ratio > 24
        key = (large, level > 1, self.d.bucket_of(v.around[i] & 0xffffffff) // 4)
        inward = self.inward.code(rc, key)
        return (v.before[i] > 0) != bool(inward)

    def begin_band(self, band, rows):
        """4.9: magnitudes of what the stages before say"""
        for at in range(rows[0] * band.w, rows[1] * band.w):
            mag = mag_of(sum_before(band, at))
            if mag:
                band.mag[at % band.w, at // band.w] = mag


def dequantize_vectors(d, band, step):
    unit = d.f32(d.band_step(band, step) * (1 if band.orient == d.LOW else 0.0625))
    return [d.f32(d.f32(sum_before(band, i) + k) * unit) for i, k in enumerate(band.k)]
