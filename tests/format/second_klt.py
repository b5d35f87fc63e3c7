"""The transform klt of second_decoder.py, written from transforms/klt/README.md and that of svd. Reads the tables of
transforms/common and transforms/klt/klt.bin, as the pages say."""
import math
import os
import re
import struct

from second_float import f32

TRANSFORMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "transforms")
LOW, H, V, D = range(4)
SIDE = 8


# ---- tables


def read_tables(name):
    with open(os.path.join(TRANSFORMS, "common", name)) as f:
        text = f.read()
    tables = re.findall(r"static const float (\w+)\[\d+\] = \{([^}]*)\}", text)
    return {n: [f32(float(v.strip().rstrip("f"))) for v in values.split(",") if v.strip()] for n, values in tables}


def read_bases():
    with open(os.path.join(TRANSFORMS, "klt", "klt.bin"), "rb") as f:
        data = f.read()
    entries = [v / 16384 for v in struct.unpack("<%dh" % (len(data) // 2), data)]
    rows = [[0.0] + entries[i:i + 63] for i in range(0, len(entries), 63)]
    return [[[0.0] * 64] + rows[i:i + 63] for i in range(0, len(rows), 63)]


# ---- lapped blocks along one axis


class Frame:
    def __init__(self, block, overlap):
        if overlap:
            t = read_tables("lapped_frame.c")
            self.basis = t["basis%d" % block]
            self.filters = [(block - (block // 2), t["border%d_inverse" % block]), (0, t["centre%d_inverse" % block])]
        else:
            self.basis, self.filters = read_tables("dct_basis.c")["basis%d" % block], []
        self.block = block

    def synthesise(self, line):
        n, out = self.block, []
        for start in range(0, len(line), n):
            for j in range(n):
                x = f32(self.basis[j] * line[start])
                for k in range(1, n):
                    x = f32(x + f32(self.basis[k * n + j] * line[start + k]))
                out.append(x)
        for first, z in self.filters:
            for start in range(first, len(out) - n + 1, n):
                out[start:start + n] = self.unfilter(out[start:start + n], z)
        return out

    def unfilter(self, x, z):
        h = self.block // 2
        pairs = [(x[i], x[self.block - 1 - i]) for i in range(h)]
        s = [f32(0.5 * f32(a + b)) for a, b in pairs]
        d = [f32(0.5 * f32(a - b)) for a, b in pairs]
        e = []
        for i in range(h):
            v = f32(z[i * h] * d[0])
            for j in range(1, h):
                v = f32(v + f32(z[i * h + j] * d[j]))
            e.append(v)
        return [f32(a + b) for a, b in zip(s, e)] + [f32(a - b) for a, b in zip(s, e)][::-1]


def norm(line):
    total = 0.0
    for v in line:
        total = f32(total + f32(v * v))
    return f32(math.sqrt(total))


def impulse(frame, k):
    line = [0.0] * (5 * frame.block)
    line[2 * frame.block + k] = 1.0
    return frame.synthesise(line)


def norms(fine, coarse):
    first = [norm(impulse(fine, k)) for k in range(8)]
    second = []
    for k in range(4):
        line = [0.0] * (7 * 4 * 8)
        for i, v in enumerate(impulse(coarse, k)):
            line[(i + 4) * 8] = v
        second.append(f32(norm(fine.synthesise(line)) / first[0]))
    return [first, second]


# ---- bands


class Grid:
    def __init__(self, w, h, block):
        self.w, self.h, self.block = w, h, block
        self.nx, self.ny = -(-w // block), -(-h // block)


def grids(h):
    fine = Grid(h.width, h.height, SIDE)
    return [fine, Grid(fine.nx, fine.ny, 4)]


def octave(u, v):
    return max(u, v).bit_length()


def order(h):
    """(stage, plane, u, v) of all bands but that of the classes."""
    out = []
    for stage, block in ((1, 4), (0, 8)):
        for o in range(1 - stage, octave(block - 1, 0) + 1):
            for p in range(h.channels):
                out += [(stage, p, s - v, v) for s in range(2 * block - 1) for v in range(s + 1)
                        if s - v < block and v < block and octave(s - v, v) == o]
    return out


def references(stage, p, u, v, i, at):
    def earlier(x, y):
        b = at.get((stage, p, x, y)) if x or y else None
        return b if b is not None and b < i else None

    first = lambda *c: next((b for b in c if b is not None), None)
    planes = [at.get((stage, 0, u, v)) if p else None, at.get((stage, p - 1, u, v)) if p > 1 else None]
    if not u and not v:
        return [None] * 3 + planes
    left, above = earlier(u - 1, v), earlier(u, v - 1)
    along, other = (left, above) if u >= v else (above, left)
    two = earlier(u - 2, v) if u >= v else earlier(u, v - 2)
    return [first(along, other), first(other, two), first(earlier(u + 1, v - 1), earlier(u - 1, v - 1), two)] + planes


def klt_bands(h, params, band_type):
    fine, coarse = grids(h)
    components = order(h)
    classes = params.get(0, 0)
    start = sum(1 for c in components if c[0])
    at = {c: i + (classes and not c[0]) for i, c in enumerate(components)}
    bands = []
    for stage, p, u, v in components:
        grid, o = (fine, coarse)[stage], octave(u, v)
        level = (4 - o) + (2 if stage else 0) + (1 if u or v else 0)
        orient = LOW if not u and not v else H if not v else V if not u else D
        if classes and len(bands) == start:
            bands.append(band_type(fine.nx, fine.ny, "INDEX", 0, D, 0, 2, 1.0, [None] * 5))
            bands[-1].alphabet = 17
        bands.append(band_type(grid.nx, grid.ny, "REAL", p, orient, level, o + (0 if stage else 2), 1.0,
                               references(stage, p, u, v, len(bands), at)))
    return bands


# ---- synthesis


def view(x, mode, back):
    y = [0.0] * 64
    for v in range(8):
        for u in range(8):
            here, there = 8 * v + u, 8 * u + v if mode & 2 else 8 * v + u
            a, b = (there, here) if back else (here, there)
            y[b] = -x[a] if mode & u & 1 else x[a]
    return y


def untwist(comp, cls, blocks, bases):
    """Blocks of one plane from their classes to the fixed basis; comp: component 1 .. 63 by place."""
    for at in range(blocks):
        if not cls[at]:
            continue
        n, mode = divmod(cls[at] - 1, 4)
        y = view([0.0] + [comp[i][at] for i in range(1, 64)], mode, False)
        x = [0.0] * 64
        for i in range(64):
            if y[i]:
                x = [f32(a + f32(y[i] * b)) for a, b in zip(x, bases[n][i])]
        for i, value in enumerate(view(x, mode, True)):
            if i:
                comp[i][at] = value


def grid_synthesis(grid, frame, scale, comp):
    n, width, height = grid.block, grid.nx * grid.block, grid.ny * grid.block
    plane = [[0.0] * width for _ in range(height)]
    for v in range(n):
        for u in range(n):
            factor = f32(1 / f32(scale[u] * scale[v]))
            for i, value in enumerate(comp[v * n + u]):
                plane[i // grid.nx * n + v][i % grid.nx * n + u] = f32(value * factor)
    columns = [frame.synthesise([row[x] for row in plane]) for x in range(width)]
    rows = [frame.synthesise([c[y] for c in columns]) for y in range(grid.h)]
    return [v for row in rows for v in row[:grid.w]]


def klt_synthesis(h, params, bands, coefs):
    fine, coarse = grids(h)
    overlap, components = params.get(1, 1), order(h)
    frames = [Frame(8, overlap), Frame(4, overlap)]
    scale = norms(*frames)
    cls = next((c for b, c in zip(bands, coefs) if b.domain == "INDEX"), None)
    arrays = dict(zip(components, [list(c) for b, c in zip(bands, coefs) if b.domain != "INDEX"]))
    bases, planes = read_bases() if cls else None, []
    for p in range(h.channels):
        get = lambda stage, n: [arrays.get((stage, p, i % n, i // n)) for i in range(n * n)]
        comp = get(0, 8)
        if cls:
            untwist(comp, cls, fine.nx * fine.ny, bases)
        comp[0] = grid_synthesis(coarse, frames[1], scale[1], get(1, 4))
        planes.append(grid_synthesis(fine, frames[0], scale[0], comp))
    return planes
