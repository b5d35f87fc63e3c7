"""A second decoder, written from docs/format.md alone: shows that the page is enough, and holds it to the code.

    second_decoder.py IN.tsr OUT.pam [MODEL.tsm]

Transforms: identity, wavelet, klt and vqvae. Plain and slow (a minute for 100,000 samples). Numbers of sections are those of
docs/format.md. Reads codec/coef_weights.h and codec/models/*.bin, as the page says.
"""
import copy
import math
import os
import re
import struct
import sys

from second_codebook import VectorDecoder, dequantize_vectors, stage_bands
from second_prior import Prior, VectorPrior
from second_klt import klt_bands, klt_synthesis
from second_quant import dequantize_by_numbers
from second_vqvae import network_views, read_model, vqvae_synthesis
from second_wavelet import wavelet_bands, wavelet_synthesis
from second_float import f32

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PARENT, SISTER_A, SISTER_B, PLANE_A, PLANE_B = range(5)
LOW = 0


def clamp(x, lo, hi):
    return lo if x < lo else hi if x > hi else x


# ---- 1 and 2: numbers, chunks


class Reader:
    def __init__(self, data):
        self.data, self.pos = data, 0

    def take(self, n):
        part = self.data[self.pos:self.pos + n]
        if len(part) != n:
            raise ValueError("truncated")
        self.pos += n
        return part

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return int.from_bytes(self.take(4), "little")

    def varint(self):
        v = shift = 0
        while True:
            c = self.u8()
            v |= (c & 127) << shift
            if c < 128:
                if c == 0 and shift:
                    raise ValueError("overlong number")
                return v
            shift += 7

    def svarint(self):
        v = self.varint()
        return v >> 1 if v & 1 == 0 else -(v >> 1) - 1


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def each_chunk(data, magic, known):
    r = Reader(data)
    if r.take(5) != magic:
        raise ValueError("not a Tessera file of version 1")
    while r.pos < len(data):
        start = r.pos
        kind, size = chr(r.u8()), r.varint()
        payload = r.take(size)
        crc = crc32c(data[start:r.pos])
        if r.u32() != crc:
            raise ValueError("checksum of chunk " + kind)
        if kind.isupper() and kind not in known:
            raise ValueError("unknown critical chunk " + kind)
        yield kind, payload


def read_chunks(data):
    return dict(each_chunk(data, b"\xd4TSR\x01", "HSAD"))


# ---- 3: header


class Header:
    def __init__(self, payload):
        r = Reader(payload)
        flags = r.u8()
        self.channels, self.depth = (flags & 3) + 1, 16 if flags & 4 else 8
        self.lossless = flags >> 3 & 1
        more = r.u8() if flags & 128 else 0
        self.alpha_apart = more & 1
        if more & 254 or self.alpha_apart and (self.lossless or self.channels % 2):
            raise ValueError("flags")
        self.channels -= self.alpha_apart  # of D
        self.width, self.height = r.varint(), r.varint()
        self.orientation = r.u8() if flags & 16 else 0
        filters = r.u8() if flags & 32 else 0
        self.filter, self.network = filters & 15, filters >> 4 & 1
        if filters & 128 or filters >> 5 == 3 or filters >> 5 and not self.network:
            raise ValueError("filters")
        self.views = (1, 2, 8)[filters >> 5]
        self.model, self.sha256 = self.read_model_name(r) if flags & 64 else (None, None)
        self.stage = [self.read_stage(r) for _ in range(3)]
        self.colour = r.u8()
        self.coded = r.u32() if self.colour == 4 else 0
        self.step = None if self.lossless else step_value(r.varint())
        self.quantizer_side = payload[r.pos:]

    @staticmethod
    def read_model_name(r):
        """The number of a built-in model and None, or None and the hash of another."""
        number = r.varint()
        if number:
            return number, None
        sha256 = r.take(32)
        r.take(r.u8())
        return None, sha256

    @staticmethod
    def read_stage(r):
        stage, version, mask = r.varint(), r.u8(), r.varint()
        if version != 1:
            raise ValueError("stream version")
        return stage, {i: r.svarint() for i in range(32) if mask >> i & 1}


def step_value(n):
    m = 2.0 ** ((n >> 4 & 15) / 16) * 2.0 ** ((n & 15) / 256)
    return f32(m * (2 ** (n >> 8) / 1024))


class Band:
    def __init__(self, w, h, domain, plane, orient, level, layer, gain, ref):
        self.w, self.h, self.domain, self.plane, self.orient = w, h, domain, plane, orient
        self.level, self.layer, self.gain, self.ref = level, layer, gain, ref
        self.kind = plane if plane in (1, 2) else 0
        self.chroma = 1 if self.kind else 0
        self.l = clamp(level, 1, 4) - 1
        self.cls = 36 + self.kind if orient == LOW else 12 * self.kind + 4 * (orient - 1) + self.l
        self.k = [0] * (w * h)  # levels or coefficients
        self.mag = {}  # (x, y): magnitude, where it is not 0
        self.sign = {}  # (x, y): 0 or 2, where it is not 1
        self.count = {}  # (bx, by): 5.4


def identity_bands(h):
    domain = "INT" if h.lossless else "REAL"
    return [Band(h.width, h.height, domain, p, LOW, 0, 0, 1.0,
                 [None, None, None, 0 if p > 0 else None, p - 1 if p > 1 else None]) for p in range(h.channels)]


def halves(band, ref):
    return abs(band.w - ref.w) > 1 or abs(band.h - ref.h) > 1


# ---- 4.5: trellis


class Trellis:
    def __init__(self, states):
        self.states, self.bits = states, 0
        self.next = [[0, 0]]
        if states:
            v = self.bits = states.bit_length() - 1
            h0, h1 = {2: (5, 2), 3: (0o13, 4), 4: (0o23, 4), 5: (0o45, 0o10), 6: (0o103, 0o24),
                      7: (0o235, 0o126), 8: (0o515, 0o362)}[v]
            self.next = [[self.step(s, v, h0, h1, z1) for z1 in (0, 1)] for s in range(states)]

    @staticmethod
    def step(state, v, h0, h1, z1):
        s = [None] + [state >> (v - i) & 1 for i in range(1, v + 1)] + [0]
        new = 0
        for i in range(1, v + 1):
            new = new << 1 | (s[i + 1] ^ (h0 >> i & 1 & s[1]) ^ (h1 >> i & 1 & z1))
        return new

    def q1(self, state):
        return 1 if self.states and state >= self.states // 2 else 0


# ---- 5.1 and 5.2: range coder, probabilities


class RangeDecoder:
    def __init__(self, data):
        self.data, self.pos, self.range, self.code = data, 0, 0xffffffff, 0
        for _ in range(4):
            self.code = self.code << 8 | self.byte()

    def byte(self):
        self.pos += 1
        return self.data[self.pos - 1] if self.pos <= len(self.data) else 0

    def bit(self, p):
        bound = self.range * p >> 16
        bit = 1 if self.code < bound else 0
        if bit:
            self.range = bound
        else:
            self.code -= bound
            self.range -= bound
        while self.range < 1 << 24:
            self.range <<= 8
            self.code = (self.code << 8 | self.byte()) & 0xffffffff
        return bit

    def raw(self, n):
        v = 0
        for _ in range(n):
            v = v << 1 | self.bit(32768)
        return v


RATE = [655360 // (10 * n + 16) for n in range(256)]


def counter(p, n):
    return [64 * p, n]


def update(c, bit):
    c[0] += ((((1 << 22) - 1 if bit else 0) - c[0]) * RATE[c[1]]) >> 16
    c[1] = min(c[1] + 1, 255)


class Models:
    """A table of bit models that begin alike or by a function of their key."""

    def __init__(self, start):
        self.start, self.table = start, {}

    def code(self, rc, key):
        if key not in self.table:
            p, n = self.start(key)
            self.table[key] = [counter(p, n), p]
        m = self.table[key]
        bit = rc.bit(clamp(((m[0][0] >> 6) + m[1]) >> 1, 24, 65512))
        update(m[0], bit)
        m[1] += ((65535 if bit else 0) - m[1]) >> 5
        return bit


# ---- 5.5: energy


def bucket_of(e):
    if e < 8:
        return 0
    log = e.bit_length() - 1
    return min(79, 4 * (log - 3) + (e >> (log - 2) & 3) + 1)


def middle(b):
    if b == 0:
        return 4
    log, f = (b - 1) // 4 + 3, (b - 1) & 3
    return (1 << log) + (2 * f + 1) * (1 << log) // 8


def shift_of(b):
    return max(0, (b + 3) // 4 - 10)


def geometric(b, s):
    u = middle(b) >> s
    return clamp(u * 65536 // (u + 512), 400, 64000)


def read_weights():
    with open(os.path.join(ROOT, "codec", "coef_weights.h")) as f:
        text = f.read()
    rows = re.findall(r"\{([\d, ]+)\}", text[text.index("= {"):])
    return [[int(v) for v in row.split(",") if v.strip()] for row in rows]


class Ref:
    """Centre, near, cross, diag of a referred band."""

    def __init__(self, band=None, ref=None, x=0, y=0):
        self.centre = self.near = self.cross = self.diag = 0
        if ref is None:
            return
        r = lambda i, j: ref.mag.get((i, j), 0)
        sat = lambda v: min(v, 65535)
        if halves(band, ref):
            dx, dy = 1 if x & 1 else -1, 1 if y & 1 else -1
            x, y = x >> 1, y >> 1
            near = r(x + dx, y) + r(x, y + dy)
        else:
            near = r(x + 1, y) + r(x, y + 1)
        self.centre, self.near = r(x, y), sat(near)
        self.cross = sat(r(x - 1, y) + r(x + 1, y) + r(x, y - 1) + r(x, y + 1))
        self.diag = sat(r(x - 1, y - 1) + r(x + 1, y - 1) + r(x - 1, y + 1) + r(x + 1, y + 1))


class Place:
    """The neighbourhood of one coefficient."""

    def __init__(self, bands, band, x, y):
        m = lambda dx, dy: band.mag.get((x + dx, y + dy), 0)
        self.band, self.x, self.y = band, x, y
        self.w, self.ww, self.n, self.nw, self.ne, self.nn = m(-1, 0), m(-2, 0), m(0, -1), m(-1, -1), m(1, -1), m(0, -2)
        self.nnx, self.nxx = m(-1, -2) + m(1, -2), m(-2, -1) + m(2, -1)
        self.far = m(-2, -2) + m(2, -2) + m(-3, -1) + m(3, -1)
        self.ref = [Ref(band, None if r is None else bands[r], x, y) for r in band.ref]

        self.advice = None

    def energy(self, weights):
        p, a, b, c, d = self.ref
        features = (self.w, self.ww, self.n, self.nw, self.ne, self.nn, self.nnx, self.nxx, p.centre, p.near, p.diag,
                    a.centre, a.cross, b.centre, b.cross, c.centre, c.cross, c.diag, d.centre, d.cross, self.far, 1)
        return sum(w * f for w, f in zip(weights[self.band.cls], features)) & 0xffffffff


# ---- 5.6: levels, by the coder's own bins


class Adaptive:
    UNARY = 14

    def __init__(self, bands):
        self.zero = Models(lambda key: (geometric(key[1], 0), 3))
        self.one = Models(lambda key: (geometric(key[1], shift_of(key[1])), 3))
        self.more = Models(lambda key: (geometric(key[1], shift_of(key[1])), 3))
        self.escape = Models(lambda key: (32768, 1))
        self.low_bit = Models(lambda key: (30000, 4))

    def begin_level(self, place, bucket, q1):
        self.band, self.bucket, self.q1 = place.band, bucket, q1

    def bin(self, rc, number):
        if number == 0:
            return self.zero.code(rc, (self.band.cls, self.bucket, self.q1))
        if number == 1:
            return self.one.code(rc, (self.band.cls, self.bucket, self.q1))
        return self.more.code(rc, (self.band.chroma, self.bucket, number - 1))

    def sign(self, rc, level):
        return rc.bit(32768)


KNOT = [min(65535, math.floor(65536 / (1 + math.exp(-i / 16)) + 0.5)) for i in range(177)]


def squash(x):
    x = clamp(x, -2816, 2816)
    a = abs(x)
    i, f = a >> 4, a & 15
    p = KNOT[176] if i == 176 else (KNOT[i] * (16 - f) + KNOT[i + 1] * f + 8) >> 4
    return 65536 - p if x < 0 else p


def stretch_table():
    table, x = [], -2816
    for t in range(4096):
        while x < 2816 and squash(x) < 16 * t + 8:
            x += 1
        table.append(x)
    return table


STRETCH = stretch_table()


def thresholds(*bounds):
    return lambda v: sum(1 for t in bounds if t <= v)


q3 = thresholds(1, 3)
q6 = thresholds(1, 3, 5, 9, 16)
q12 = thresholds(1, 2, 3, 5, 7, 10, 15, 23, 39, 71, 151)
q20 = thresholds(1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31, 43, 61, 91, 131, 201, 321, 600)


def dot(x, w):
    return sum(a * b >> 10 for a, b in zip(x, w)) >> 6


def train(x, w, err, rate):
    e = err * rate >> 4
    for i, v in enumerate(x):
        w[i] = clamp(w[i] + (v * e + 32768 >> 16), -524287, 524287)


def identity_refinement():
    return [min(squash(176 * (i - 16)), 65535) for i in range(33)]


def mix_bit(rc, counters, wa, wb, r1, r2, more=(256,)):
    """5.8: one decision from its counters, weights and refinements, which learn; more: the bias and other inputs."""
    x = [STRETCH[c[0] >> 10] for c in counters] + [*more]
    da, db = dot(x, wa), dot(x, wb)
    d = da + db >> 1
    z = clamp(d, -2816, 2815) + 2816
    i, f = z // 176, z % 176
    refined = [(r[i] * (176 - f) + r[i + 1] * f) // 176 for r in (r1, r2)]
    bit = rc.bit(clamp(2 * squash(d) + sum(refined) + 2 >> 2, 16, 65520))
    target = 65535 if bit else 0
    train(x, wa, target - squash(da), 22)
    train(x, wb, target - squash(db), 22)
    for r in (r1, r2):
        k = i + 1 if f >= 88 else i
        r[k] += target - r[k] >> 6
    for c in counters:
        update(c, bit)
    return bit


CONTEXT_SIZES = [3120, 2592, 1920, 3456, 7776, 3840, 1440, 1920, 6561, 4320, 2916, 3456]


class Mix:
    UNARY = 20

    def __init__(self, bands, prior=None):
        self.bands, self.prior = bands, prior
        self.escape = Models(lambda key: (32768, 1))
        self.low_bit = Models(lambda key: (30000, 4))
        self.ctx, self.weights, self.refine, self.sign_ctx = {}, {}, {}, {}
        with open(os.path.join(ROOT, "codec", "models", "mixstart.bin"), "rb") as f:
            self.start = f.read()
        self.first = [12 * sum(CONTEXT_SIZES[:i]) for i in range(13)]

    def begin_level(self, place, bucket, q1):
        band, (p, a, b, c, d) = place.band, place.ref
        w, ww, n, nw, ne, nn = place.w, place.ww, place.n, place.nw, place.ne, place.nn
        chroma, kind, o, l, half = band.chroma, band.kind, band.orient, band.l, bucket >> 1
        local = min(3 * n + 2 * (nw + ne) + nn, 60000) + 3 * w + ww
        parent = q12(2 * p.centre + p.near + (p.cross + p.diag >> 2))
        sister = q12(2 * (a.centre + b.centre) + (a.cross + b.cross >> 1))
        plane = q12(2 * (c.centre + d.centre) + (c.cross + d.cross >> 1) + (c.diag >> 2))
        ring = q12(place.nnx + place.nxx + place.far)
        other = c if chroma else a
        pattern = (27 * q3(other.near) + 9 * q3(max(other.cross - other.near, 0)) + 3 * q3(other.diag) +
                   q3(d.centre if chroma else b.centre))
        self.place, self.bucket, self.q1, self.local = place, bucket, q1, q20(local)
        self.number = [
            80 * band.cls + bucket,
            (((6 * chroma + q6(w)) * 6 + q6(n)) * 6 + q6(nw)) * 6 + q6(ne),
            ((12 * self.local + parent) * 4 + o) * 2 + chroma,
            1728 * chroma + 144 * (plane if chroma else ring) + 12 * sister + q12(local),
            (1296 * chroma + ((6 * q6(p.centre) + q6(a.centre)) * 6 + q6(b.centre)) * 6 + q6(c.centre)) * 3 + q3(w + n),
            ((8 * half + min(ring, 7)) * 3 + kind) * 4 + o,
            (6 * half + q6(w)) * 6 + q6(n),
            (12 * half + parent) * 4 + l,
            ((3 * q3(n) + q3(nw)) * 3 + q3(ne)) * 243 + 81 * q3(nn) + (3 * q3(w) + q3(ww)) * 9 + 3 * q3(p.centre) +
            q3(c.centre if chroma else b.centre),
            ((6 * q6(p.centre) + q6(p.near)) * 6 + q6(p.diag >> 1)) * 20 + (bucket >> 2),
            (3 * (81 * chroma + pattern) + q3(other.centre)) * 6 + q6(w + n),
            (((6 * q6(w + ww) + q6(n + nn)) * 6 + q6(nw + ne)) * 4 + o) * 4 + l,
        ]

    def counter_of(self, i, slot):
        key = (i, self.number[i], self.q1, slot)
        if key not in self.ctx:
            t = -128
            if slot < 6:
                t = self.start[self.first[i] + (self.number[i] * 2 + self.q1) * 6 + slot]
                t = t - 256 if t > 127 else t
            if t != -128:
                self.ctx[key] = counter(squash(22 * t), 24)
            elif i == 0:
                b = self.number[0] % 80
                self.ctx[key] = counter(geometric(b, shift_of(b) if slot else 0), 2)
            else:
                self.ctx[key] = counter(32768, 0)
        return self.ctx[key]

    def weights_of(self, key, set_number):
        if key not in self.weights:
            at = self.first[12] + set_number * 32
            self.weights[key] = [16 * w for w in struct.unpack_from("<13h", self.start, at)] + [65536] * (self.prior is not None)
        return self.weights[key]

    def refine_of(self, key):
        if key not in self.refine:
            self.refine[key] = identity_refinement()
        return self.refine[key]

    def bin(self, rc, number):
        slot, band = min(number, 15), self.place.band
        t = number if number < 3 else 3 if number < 7 else 4
        counters = [self.counter_of(i, slot) for i in range(12)]
        set_a = (((band.chroma * 4 + band.orient) * 4 + band.l) * 5 + t) * 2 + self.q1
        set_b = (self.bucket // 3 * 5 + t) * 2 + self.q1
        wa, wb = self.weights_of(("A", set_a), set_a), self.weights_of(("B", set_b), 320 + set_b)
        r1, r2 = self.refine_of((1, self.bucket, slot, self.q1)), self.refine_of((2, self.local, slot, self.q1))
        if self.prior is None:
            return mix_bit(rc, counters, wa, wb, r1, r2)
        if number == 0 or not self.place.advice:
            self.place.advice = self.prior.advice(self.bands, self.place, self.q1)
        return mix_bit(rc, counters, wa, wb, r1, r2, [256, self.place.advice[number] if number < 3 else 0])

    # ---- 5.9

    def sign_of(self, role):
        band, x, y = self.place.band, self.place.x, self.place.y
        if band.ref[role] is None:
            return 1
        ref = self.bands[band.ref[role]]
        return ref.sign.get((x >> 1, y >> 1) if halves(band, ref) else (x, y), 1)

    def sign(self, rc, level):
        band, x, y = self.place.band, self.place.x, self.place.y
        s = lambda dx, dy: band.sign.get((x + dx, y + dy), 1)
        wn, z, h = 3 * s(-1, 0) + s(0, -1), min(level, 3) - 1, 2 * (x & 1) + (y & 1)
        o, l, kind = band.orient, band.l, band.kind
        numbers = [
            ((9 * wn + 3 * s(-1, -1) + s(1, -1)) * 4 + o) * 3 + kind,
            (((4 * self.sign_of(PARENT) + h) * 9 + wn) * 3 + z) * 4 + o,
            (((3 * (3 * self.sign_of(PLANE_A) + self.sign_of(PLANE_B)) + q3(self.place.ref[PLANE_A].centre)) * 9 + wn) * 3 +
             kind) * 3 + z,
            ((9 * wn + 3 * s(-2, 0) + s(0, -2)) * 4 + o) * 4 + l,
            ((9 * (3 * self.sign_of(SISTER_A) + self.sign_of(SISTER_B)) + wn) * 4 + o) * 4 + h,
        ]
        counters = [self.sign_ctx.setdefault((i, v), counter(32768, 4)) for i, v in enumerate(numbers)]
        inputs = [STRETCH[c[0] >> 10] for c in counters]
        v = self.weights.setdefault(("V", kind, o, l), [19660] * 5)
        p = clamp(squash(dot(inputs, v)), 64, 65472)
        bit = rc.bit(p)
        train(inputs, v, (65535 if bit else 0) - p, 6)
        for c in counters:
            update(c, bit)
        return bit


def decode_rest(coder, rc, band, bucket, unary):
    """|k| - 1 of a level that is not 0; unary: decodes a bin by its number."""
    s, v = shift_of(bucket), 0
    while v < coder.UNARY and unary(v + 1):
        v += 1
    if v == coder.UNARY:
        j = 0
        while j < 24 and coder.escape.code(rc, (band.chroma, j)):
            j += 1
        v += (1 << j) - 1 + rc.raw(j)
    v <<= s
    if s:
        v |= coder.low_bit.code(rc, bucket) << (s - 1)
        v |= rc.raw(s - 1)
    return min(v, 1 << 28)


def decode_level(coder, rc, place, bucket, q1, not_zero):
    coder.begin_level(place, bucket, q1)
    if not not_zero and not coder.bin(rc, 0):
        return 0
    k = decode_rest(coder, rc, place.band, bucket, lambda number: coder.bin(rc, number)) + 1
    negative = coder.sign(rc, k)
    place.band.sign[place.x, place.y] = 0 if negative else 2
    return -k if negative else k


# ---- 4: coded data


class Parts:
    """4.8: rows of the parts of bands that are cut"""

    def __init__(self, bands, wanted, fewest):
        details = [b for b in bands if b.orient != LOW and b.domain != "INDEX" and b.w and b.h]
        tallest = max([b.h for b in details], default=0)
        self.n, self.halved = min(wanted, tallest // fewest), {}
        if self.n < 2:
            self.n = 1
            return
        s = 0
        while tallest >> s + 1 >= fewest * self.n:
            s += 1
        for b in details:
            t = 0
            while 4 * (b.h << t) < 3 * tallest:
                t += 1
            if t <= s:
                self.halved[b] = t
        self.first = [((tallest >> s) // 16 * k // self.n * 16) << s for k in range(self.n)]
        if any(not self.sound(bands, b) for b in bands if b.w and b.h):
            self.n, self.halved = 1, {}

    def sound(self, bands, band):
        for r in band.ref:
            ref = None if r is None else bands[r]
            if ref not in self.halved:
                continue
            if band not in self.halved or self.halved[ref] != self.halved[band] + halves(band, ref):
                return False
        return band not in self.halved or self.first[-1] >> self.halved[band] < band.h

    def rows(self, band, k):
        if band not in self.halved:
            return 0, band.h
        end = self.first[k + 1] >> self.halved[band] if k + 1 < self.n else band.h
        return self.first[k] >> self.halved[band], end


class Decoder:
    part = 0

    def __init__(self, bands, states, lattice, coder, codebook=None, parts=(1, 64), prior=None):
        """codebook: the kind (4.7), or None; parts: number and rows; prior: the codebook's network."""
        self.parts, self.others = Parts(bands, *parts), []
        self.rows = [self.parts.rows(b, 0) for b in bands]
        self.cut = [b in self.parts.halved for b in bands]
        self.bands, self.trellis, self.coder = bands, Trellis(states), coder(bands)
        self.lattice = lattice
        self.vectors = None if codebook is None else VectorDecoder(sys.modules[__name__], bands, self.coder, codebook, prior)
        self.parity = Models(lambda key: (30000 if key[1] & 1 else geometric(key[2], 0) // 2, 3))
        self.weights = read_weights()
        self.band_flag = Models(lambda key: (48000, 1))
        self.block_flag = Models(lambda key: (32768, 1))
        self.index_bit = Models(lambda key: (32768, 2))

    def decode(self, payload):
        r, n = Reader(payload), self.bands[-1].layer + 1
        sizes = [r.varint() for _ in range(n - 1)]
        sizes.append(len(payload) - r.pos - sum(sizes))
        for layer, size in enumerate(sizes):
            self.decode_layer(layer, r.take(size))

    def decode_layer(self, layer, data):
        here = [i for i, b in enumerate(self.bands) if b.layer == layer and b.w and b.h]
        cut = [i for i in here if self.cut[i]]
        r = Reader(data)
        sizes = [r.varint() for _ in range(self.parts.n - 1)] if cut else []
        sizes.append(len(data) - r.pos - sum(sizes))
        self.rc = RangeDecoder(r.take(sizes[0]))
        for i in here:
            if not self.cut[i]:
                self.decode_band(self.bands[i], self.rows[i])
        if cut and not self.others:
            self.others = [self.fork(k) for k in range(1, self.parts.n)]
        for other, size in zip(self.others if cut else [], sizes[1:]):
            other.rc = RangeDecoder(r.take(size))
        for decoder in [self] + self.others:
            for i in cut:
                decoder.decode_band(decoder.bands[i], decoder.rows[i])

    def fork(self, k):
        """The decoder of part k: the same statistics; of cut bands it will see its own part only."""
        this = sys.modules[__name__]
        other = copy.deepcopy(self, {id(this): this})
        other.part, other.rows = k, [self.parts.rows(b, k) for b in self.bands]
        for mine, own, cut in zip(self.bands, other.bands, self.cut):
            own.k = mine.k
            if not cut:
                own.mag, own.sign, own.count = mine.mag, mine.sign, mine.count
        return other

    def decode_band(self, band, rows):
        parent = band.ref[PARENT]
        empty = parent is not None and self.bands[parent].count.get((0, self.rows[parent][0] // 16), 0) == 0
        c = 2 if band.orient == LOW else 1 if empty else 0
        if self.vectors and band.domain == "REAL" and band.orient != LOW and band.earlier:
            self.vectors.begin_band(band, rows)
        if not self.band_flag.code(self.rc, (band.chroma, c)):
            return
        if band.domain == "INDEX":
            self.decode_indices(band)
        elif band.orient == LOW:
            self.decode_low(band)
        elif self.vectors and band.domain == "REAL":
            self.decode_vectors(band, rows)
        else:
            self.decode_detail(band, rows)

    def level(self, band, x, y, q1):
        place = Place(self.bands, band, x, y)
        return decode_level(self.coder, self.rc, place, bucket_of(place.energy(self.weights)), q1, False)

    def coordinate(self, band, x, y):
        """4.6"""
        place, i = Place(self.bands, band, x, y), x % 8
        bucket, p = bucket_of(place.energy(self.weights)), [v & 1 for v in band.k[y * band.w + x - i:][:i]]
        if x - i + 8 > band.w:
            q1 = 0
        elif i in (0, 1, 2, 4):
            c = 2 * (i if i < 4 else 3) + (1 if any(p) else 0)
            q1 = self.parity.code(self.rc, (band.chroma, c, bucket))
        else:
            q1 = {3: lambda: p[0] ^ p[1] ^ p[2], 5: lambda: p[0] ^ p[1] ^ p[4], 6: lambda: p[0] ^ p[2] ^ p[4],
                  7: lambda: p[1] ^ p[2] ^ p[4]}[i]()
        k = decode_level(self.coder, self.rc, place, bucket, q1, q1 == 1)
        return 2 * k - q1 * ((k > 0) - (k < 0))

    def decode_indices(self, band):
        """5.7, for alphabets of at most 4096"""
        for at in range(band.w * band.h):
            left = band.k[at - 1] if at % band.w else 0
            up = band.k[at - band.w] if at >= band.w else 0
            tree, bits, node = (2 if left == up else 1) if left or up else 0, (band.alphabet - 1).bit_length(), 1
            for _ in range(bits):
                node = 2 * node + self.index_bit.code(self.rc, (tree, node))
            band.k[at] = min(node - (1 << bits), band.alphabet - 1)

    def decode_low(self, band):
        for y in range(band.h):
            for x in range(band.w):
                at = y * band.w + x
                if x and y and not (self.vectors and band.earlier):
                    w, n, nw = band.k[at - 1], band.k[at - band.w], band.k[at - band.w - 1]
                    guess = clamp(w + n - nw, min(w, n), max(w, n))
                elif self.vectors and band.earlier:
                    guess = 0
                else:
                    guess = band.k[at - 1] if x else band.k[at - band.w] if y else 0
                r = self.level(band, x, y, 0)
                band.k[at] = guess + r
                if r:
                    band.mag[x, y] = min(2 * abs(r), 65535)

    def decode_detail(self, band, rows):
        state = self.rc.raw(self.trellis.bits) if self.part else 0
        for y in range(*rows):
            if y % 16 == 0:
                for bx in range((band.w + 15) // 16):
                    band.count[bx, y // 16] = self.decode_block_flag(band, bx, y // 16)
            for x in range(band.w):
                block, k = (x // 16, y // 16), 0
                if band.count[block]:
                    q1 = self.trellis.q1(state)
                    k = self.coordinate(band, x, y) if self.lattice else self.level(band, x, y, q1)
                    if k:
                        band.k[y * band.w + x] = k
                        band.mag[x, y] = min(abs(k) if self.lattice else 2 * abs(k) - q1, 65535)
                        band.count[block] = min(band.count[block] + 1, 255)
                state = 0 if self.lattice else self.trellis.next[state][k & 1]

    def decode_vectors(self, band, rows):
        """4.7"""
        for y in range(*rows, 2):
            if y % 16 == 0:
                for bx in range((band.w + 15) // 16):
                    band.count[bx, y // 16] = self.decode_block_flag(band, bx, y // 16)
            for x in range(0, band.w, 2):
                block = (x // 16, y // 16)
                if band.count[block]:
                    n = self.vectors.decode(self.rc, band, x, y)
                    band.count[block] = min(band.count[block] + n, 255)

    def decode_block_flag(self, band, bx, by):
        n = sum(1 for at in ((bx - 1, by), (bx, by - 1)) if band.count.get(at, 0))
        other = PLANE_A if band.ref[PLANE_A] is not None else SISTER_A
        key = (band.chroma, n, self.count_class(band, PARENT, bx, by), self.count_class(band, other, bx, by))
        return self.block_flag.code(self.rc, key)

    def count_class(self, band, role, bx, by):
        if band.ref[role] is None:
            return 0
        ref = self.bands[band.ref[role]]
        n = ref.count.get((bx // 2, by // 2) if halves(band, ref) else (bx, by), 0)
        return 0 if n == 0 else 1 if n < 4 else 2 if n < 13 else 3


# ---- 6: dequantization


def read_points(side, layers):
    r, points = Reader(side), {}
    mask = r.u8()
    for layer in range(min(layers, 8)):
        if mask >> layer & 1:
            halves6 = [b >> s & 15 for b in r.take(3) for s in (0, 4)]
            values = [v - 16 if v > 7 else v for v in halves6]
            points[layer] = (values[:3], values[3:])
    return points


def band_step(band, step):
    return f32(step / f32(math.sqrt(band.gain)))


def dequantize(band, step, points, trellis, lattice):
    step_b = band_step(band, step)
    if band.orient == LOW:
        step_low = f32(step_b * (0.65625 if lattice else 0.75 if trellis.states else 1))
        return [f32(f32(k) * step_low) for k in band.k]
    half, state, out = f32(step_b * 0.5), 0, []
    offsets = points.get(band.layer, ([0] * 3, [0] * 3))[band.chroma]
    for k in band.k:
        sign = (k > 0) - (k < 0)
        c = f32(f32(k if lattice else 2 * k - trellis.q1(state) * sign) * half)
        size = (abs(k) + 1) // 2 if lattice else abs(k)
        offset = f32(f32(offsets[min(size, 3) - 1] * 0.125) * half) if k else 0.0
        out.append(f32(c - offset) if k > 0 else f32(c + offset) if k < 0 else 0.0)
        state = trellis.next[state][k & 1]
    return out


# ---- 8: colour


def colour_matrix(h):
    if h.colour == 4:
        largest, k, q = h.coded & 3, 0, []
        for i in range(4):
            if i == largest:
                q.append(255)
            else:
                q.append(max(-255, (h.coded >> (2 + 9 * k) & 511) - 256))
                k += 1
        w, x, y, z = q
        n = w * w + x * x + y * y + z * z
        m = [[w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
             [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
             [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z]]
        return [[f32(m[j][i] / n) for j in range(3)] for i in range(3)]
    inv = [[1, 0, 1.402], [1, -0.344136286201022, -0.714136286201022], [1, 1.772, 0]]
    norm = [1.7320508075688772, 1.8051076930422272, 1.5734022483996226]
    return [[f32(inv[i][j] / norm[j]) for j in range(3)] for i in range(3)]


def samples_lossy(h, planes):
    if h.colour in (2, 4):
        m = colour_matrix(h)
        for at, (u, v, w) in enumerate(list(zip(*planes[:3]))):
            for i in range(3):
                planes[i][at] = f32(f32(f32(m[i][0] * u) + f32(m[i][1] * v)) + f32(m[i][2] * w))
    if h.depth == 8:
        return [[int(clamp(f32(t + 128.5), 0, 255)) for t in p] for p in planes]
    return [[int(clamp((t + 128) * 257 + 0.5, 0, 65535)) for t in p] for p in planes]


def samples_lossless(h, planes):
    if h.colour == 3:
        for at, (y, co, cg) in enumerate(list(zip(*planes[:3]))):
            t = y - (cg >> 1)
            g, b = cg + t, t - (co >> 1)
            planes[0][at], planes[1][at], planes[2][at] = b + co, g, b
    half = 128 if h.depth == 8 else 32768
    return [[clamp(v + half, 0, 2 * half - 1) for v in p] for p in planes]


# ---- 9: post filter


ROOTS = [f32(v) for v in (0.015625, 0.0441941738, 0.125, 0.353553391, 1, 2.82842712, 8)]


def pixel_class(xx, yy, xy, bound):
    a, b, t = f32(xx - yy), f32(2 * f32(xy)), f32(xx + yy)
    d = f32(f32(a * a) + f32(b * b))
    e, t2 = f32(0.5 * f32(t + f32(math.sqrt(d)))), f32(t * t)
    strength = 0
    while strength < 7 and e >= bound[strength]:
        strength += 1
    coherence = (f32(t2 * f32(0.5041)) < f32(d * f32(1.6641))) + (f32(t2 * f32(0.839056)) < f32(d * f32(1.175056)))
    u, v = (-a, -b) if b < 0 else (a, b)
    octant = (4 if b < 0 else 0) + ((3 if v < -u else 2) if u < 0 else (0 if v < u else 1))
    return (3 * strength + coherence) * 8 + octant


def classify(p, w, h, s):
    bound = [f32(f32(1600.0 * 2.0 ** (s + 3)) * r) * 0.25 for r in ROOTS]

    def gradient(x, y):
        y = clamp(y, 0, h - 1)
        gx, gy = clamp(p(x + 1, y) - p(x - 1, y) >> 3, -2047, 2047), clamp(p(x, y + 1) - p(x, y - 1) >> 3, -2047, 2047)
        return gx * gx, gy * gy, gx * gy

    g = {(x, y): gradient(x, y) for y in range(-2, h + 2) for x in range(-2, w + 2)}
    around = [(i, j) for j in range(-2, 3) for i in range(-2, 3)]
    return [pixel_class(*(sum(g[x + i, y + j][c] for i, j in around) for c in range(3)), bound)
            for y in range(h) for x in range(w)]


def post_filter(h, planes):
    w, rows, n = h.width, h.height, 3 if h.channels >= 3 else 1
    with open(os.path.join(ROOT, "codec", "models", "postfilter.bin"), "rb") as f:
        f.seek((h.filter - 1) * 3 * 192 * 24 * 2)
        weights = struct.unpack("<%dh" % (3 * 192 * 24), f.read(3 * 192 * 24 * 2))
    fixed = [[math.floor(clamp(f32(f32(t * 32) + 32768.5), 768, 64768)) - 32768 for t in p] for p in planes[:n]]
    pixel = [lambda x, y, p=p: p[clamp(y, 0, rows - 1) * w + clamp(x, 0, w - 1)] for p in fixed]
    cls = classify(pixel[0], w, rows, h.filter)
    for i in range(n):
        r = 2 if i else 3
        pairs = [(dx, dy) for dy in range(r + 1) for dx in range(-r if dy else 1, r + 1)]
        taps = [(pixel[i], dx, dy) for dx, dy in pairs] + ([(pixel[0], dx, dy) for dx, dy in pairs] if i else [])
        for y in range(rows):
            for x in range(w):
                base = (i * 192 + cls[y * w + x]) * 24
                acc = sum(weights[base + t] * (q(x + dx, y + dy) + q(x - dx, y - dy) - 2 * q(x, y))
                          for t, (q, dx, dy) in enumerate(taps))
                planes[i][y * w + x] = (pixel[i](x, y) + (acc + 512 >> 10)) / 32


# ---- all of it


BUILT_IN = {1: "photo.tsm", 2: "restore-s.tsm", 3: "restore-l.tsm", 4: "photo-int.tsm"}  # learned/models/meson.build


def alpha_plane(h, payload):
    """8.3: a lossless stream of one channel without its header."""
    r, values = Reader(payload), []
    for _ in range(r.varint()):
        values.append(r.varint() + (values[-1] + 1 if values else 0))
    if len(values) > 256 or values and values[-1] >= 1 << h.depth:
        raise ValueError("table of alpha")
    if len(values) == 1:
        return values * (h.width * h.height)
    g = copy.copy(h)
    transform, entropy = Header.read_stage(r), Header.read_stage(r)
    g.stage = [transform, h.stage[1], entropy]
    g.channels, g.lossless, g.colour, g.filter, g.network, g.model, g.sha256 = 1, 1, 1, 0, 0, None, None
    plane, = decode_planes(g, {"D": payload[r.pos:]}, None)
    return [values[min(v, len(values) - 1)] for v in plane] if values else plane


def decode(data, model):
    chunks = read_chunks(data)
    h = Header(chunks["H"])
    planes = decode_planes(h, chunks, model)
    return h, planes + ([alpha_plane(h, chunks["A"])] if h.alpha_apart else [])


def decode_planes(h, chunks, model):
    transform, params = h.stage[0]
    if transform not in (1, 2, 6, 7):
        raise ValueError("only identity, wavelet, klt and vqvae are known here")
    if h.model:
        model = read_file(os.path.join(ROOT, "learned", "models", BUILT_IN[h.model]))
    if h.model or h.sha256:
        model = read_model(model, h.sha256, b"filter" if h.network else b"vqvae", Reader, each_chunk)
    if transform == 1:
        bands = identity_bands(h)
    elif transform == 7:
        bands = klt_bands(h, params, Band)
    else:
        bands = wavelet_bands(h, params if transform == 2 else {}, Band)
    quantizer, quantizer_params = h.stage[1]
    states = 4 << quantizer_params.get(0, 1) if quantizer == 3 and not h.lossless else 0
    lattice = quantizer == 7 and not h.lossless
    codebook = quantizer_params.get(0, 0) if quantizer == 8 and not h.lossless else None
    entropy, entropy_params = h.stage[2]
    coder = {1: Adaptive, 2: Mix}[entropy]
    models, vector_prior = os.path.join(ROOT, "codec", "models"), None
    if coder is Mix and entropy_params.get(1) and codebook is None:
        prior = Prior(os.path.join(models, "prior.bin"), read_weights(), halves)
        coder = lambda bands: Mix(bands, prior)
    coded, stages = bands, quantizer_params.get(3, 1) if codebook is not None else 1
    if codebook is not None:
        coded = stage_bands(bands, stages, quantizer_params.get(4, 4))
    if coder is Mix and entropy_params.get(1) == 2 and codebook is not None and stages == 1:
        vector_prior = VectorPrior(os.path.join(models, "prior_vector.bin"), halves)
    parts = entropy_params.get(0, 1), entropy_params.get({1: 1, 2: 2}[entropy], 64)
    decoder = Decoder(coded, states, lattice, coder, codebook, parts, vector_prior)
    decoder.decode(chunks["D"])
    coefs = [b.k for b in bands]
    if not h.lossless and quantizer in (4, 5, 6):
        coefs = dequantize_by_numbers(bands, quantizer, quantizer_params, RangeDecoder(h.quantizer_side), Models,
                                      lambda b: band_step(b, h.step))
    elif codebook is not None:
        coefs = [dequantize_vectors(sys.modules[__name__], b, h.step) for b in coded[-len(bands):]]
    elif not h.lossless:
        points = read_points(h.quantizer_side, bands[-1].layer + 1)
        coefs = [b.k if b.domain == "INDEX" else dequantize(b, h.step, points, decoder.trellis, lattice) for b in bands]
    if transform == 6:
        planes = vqvae_synthesis(h, params, bands, coefs, model, h.step)
    elif transform == 7:
        planes = klt_synthesis(h, params, bands, coefs)
    else:
        planes = [list(c) for c in coefs] if transform == 1 else wavelet_synthesis(h, params, bands, coefs)
    if h.filter:
        post_filter(h, planes)
    if h.network:
        network_views(h, planes, model)
    return (samples_lossless if h.lossless else samples_lossy)(h, planes)


def read_file(path):
    with open(path, "rb") as f:
        return f.read()


def main(source, target, model=None):
    h, planes = decode(read_file(source), read_file(model) if model else None)
    kinds = ["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"]
    with open(target, "wb") as f:
        f.write(("P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n" %
                 (h.width, h.height, len(planes), 2 ** h.depth - 1, kinds[len(planes) - 1])).encode())
        values = [v for pixel in zip(*planes) for v in pixel]
        f.write(bytes(values) if h.depth == 8 else struct.pack(">%dH" % len(values), *values))


if __name__ == "__main__":
    main(*sys.argv[1:4])
