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


class Prior:
    def __init__(self, path, weights, halves):
        """weights: of the energy (5.5); halves: has a referred band half the size?"""
        with open(path, "rb") as f:
            data = f.read()
        numbers = struct.unpack("<%dh" % (len(data) // 2), data)
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
        add = lambda bias, row, values: bias + sum(a * b for a, b in zip(row, values))
        bias = self.first_bias[2 * band.cls + q1]
        h = [rectified(add(16 * b, row, inputs), 6) for b, row in zip(bias, self.first)]
        g = [rectified(add(256 * b, row, h), 12) for b, row in zip(self.second_bias, self.second)]
        return [max(-2047, min(2047, wrapped(add(256 * b, row, g)) >> 12)) for b, row in zip(self.third_bias, self.third)]
