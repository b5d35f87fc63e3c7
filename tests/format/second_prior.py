"""5.10: the network of `mix`, written from docs/format.md alone."""
import struct

PARENT = 0


def code(m):
    v = m + 1
    log = v.bit_length() - 1
    return 8 * log + (8 * v >> log & 7)


def wrapped(v):
    """The sum as a signed number of 32 bits."""
    return (v + (1 << 31) & 0xffffffff) - (1 << 31)


def rectified(v, shift):
    return max(0, min(32767, wrapped(v) >> shift))


def read_numbers(path):
    with open(path, "rb") as f:
        data = f.read()
    return struct.unpack("<%dh" % (len(data) // 2), data)


def add(bias, row, values):
    return bias + sum(a * b for a, b in zip(row, values))


def output(bias, row, units):
    return max(-2047, min(2047, wrapped(add(256 * bias, row, units)) >> 12))


class Prior:
    def __init__(self, path, weights, halves):
        """weights: of the energy (5.5); halves: has a referred band half the size?"""
        numbers = read_numbers(path)
        rows = [numbers[i:i + 32] for i in range(0, len(numbers) - 3, 32)]
        # one list of weights a unit
        self.first, self.first_bias = list(zip(*rows[:72])), rows[72:150]
        self.second, self.second_bias = list(zip(*rows[150:182])), rows[182]
        self.third, self.third_bias = rows[183:186], numbers[-3:]
        self.weights, self.halves = weights, halves

    def referred(self, bands, band, role, x, y):
        if band.ref[role] is None:
            return [0] * 10
        ref = bands[band.ref[role]]
        half = self.halves(band, ref)
        dx, dy = -1 if half and x % 2 == 0 else 1, -1 if half and y % 2 == 0 else 1
        shift = 1 if half else 0
        inputs = [ref.mag.get(((x >> shift) + i * dx, (y >> shift) + j * dy), 0) for j in (-1, 0, 1) for i in (-1, 0, 1)]
        old = 0
        if ref.ref[PARENT] is not None:
            ancestor = bands[ref.ref[PARENT]]
            shift += 1 if self.halves(ref, ancestor) else 0
            old = ancestor.mag.get((x >> shift, y >> shift), 0)
        return [code(v) for v in inputs + [old]]

    def advice(self, bands, place, q1):
        """Outputs for bins 0, 1 and 2 of the level at a place."""
        band, x, y = place.band, place.x, place.y
        m = lambda dx, dy: code(band.mag.get((x + dx, y + dy), 0))
        inputs = [m(-1, 0), m(-2, 0), m(-3, 0), code(place.energy(self.weights))]
        inputs += [m(i, -1) for i in range(-3, 4)] + [m(i, -2) for i in range(-3, 4)]
        inputs += [m(i, -3) for i in range(-1, 2)] + [m(0, -4)]
        for role in range(5):
            inputs += self.referred(bands, band, role, x, y)
        bias = self.first_bias[2 * band.cls + q1]
        h = [rectified(add(16 * b, row, inputs), 6) for b, row in zip(bias, self.first)]
        g = [rectified(add(256 * b, row, h), 12) for b, row in zip(self.second_bias, self.second)]
        return [output(b, row, g) for b, row in zip(self.third_bias, self.third)]


class VectorPrior:
    """The network for vectors of a codebook."""

    def __init__(self, path, halves):
        numbers = read_numbers(path)
        rows = [numbers[i:i + 32] for i in range(0, len(numbers) - 13, 32)]
        self.first, self.first_bias = list(zip(*rows[:110])), rows[110:182]
        self.second, self.second_bias = list(zip(*rows[182:214])), rows[214]
        self.inside, self.third, self.third_bias = rows[215:240], rows[240:253], numbers[-13:]
        self.halves = halves

    def look(self, bands, band, x, y, cls, energy):
        """The sums of the second layer for the vector at (x, y)."""
        m = lambda dx, dy: code(band.mag.get((x + dx, y + dy), 0))
        inputs = [m(-2, 0), m(-1, 0), m(-2, 1), m(-1, 1)] + [code(e) for e in energy]
        inputs += [m(i, -1) for i in range(-3, 5)] + [m(i, -2) for i in range(-2, 4)]
        inputs += [m(i, -3) for i in range(-1, 3)] + [m(0, -4), m(1, -4)]
        for role in range(5):
            if band.ref[role] is None:
                inputs += [0] * 16
                continue
            ref = bands[band.ref[role]]
            half = 1 if self.halves(band, ref) else 0
            inputs += [code(ref.mag.get(((x >> half) + i, (y >> half) + j), 0)) for j in range(-1, 3) for i in range(-1, 3)]
        child, shift, old = band, 0, []
        while child.ref[PARENT] is not None and len(old) < 3:
            parent = bands[child.ref[PARENT]]
            shift += 1 if self.halves(child, parent) else 0
            old.append(code(parent.mag.get((x >> shift, y >> shift), 0)))
            child = parent
        inputs += (old[1:] + [0, 0])[:2]
        h = [rectified(add(16 * b, row, inputs), 6) for b, row in zip(self.first_bias[cls], self.first)]
        return [add(256 * b, row, h) for b, row in zip(self.second_bias, self.second)]

    def flag(self, sums):
        return output(self.third_bias[0], self.third[0], [rectified(s, 12) for s in sums])

    def advice(self, sums, i, levels):
        """Outputs for bins 0, 1 and 2 of coefficient i; levels: of those before it."""
        rows = [(0, 1, 5, 13)[i] + 4 * n + min(levels[n], 3) for n in range(i)] if i else [0]
        g = [rectified(s + 256 * sum(self.inside[r][k] for r in rows), 12) for k, s in enumerate(sums)]
        return [output(self.third_bias[n], self.third[n], g) for n in range(1 + 3 * i, 4 + 3 * i)]
