"""The learned transform and model files of the second decoder, written from docs/vqvae.md and docs/format.md."""
import hashlib
import math

from second_float import f32
from second_wavelet import join_level, sizes_of, split_level, wavelet_synthesis


class Half:
    """What the wavelet of the low bands of the first level is told about its picture."""

    def __init__(self, h, size):
        self.width, self.height = size
        self.channels, self.lossless = h.channels, 0


# ---- the file


def read_model(data, sha256, section, reader, chunks):
    """A section of the model file that the stream names, by its hash unless it is a built-in one."""
    if sha256 and hashlib.sha256(data).digest() != sha256:
        raise ValueError("another model")
    for kind, payload in chunks(data, b"\xd4TSM\x01", "MN"):
        r = reader(payload)
        if kind == "N" and r.take(r.u8()) == section:
            return read_section(reader(payload[r.pos:]))
    raise ValueError("no such section")


def u16(r):
    return r.u8() | r.u8() << 8


def read_values(r, n):
    e = r.u8()
    e = e - 256 if e > 127 else e
    values = [u16(r) for _ in range(n)]
    return [f32((v - 65536 if v > 32767 else v) * 2.0 ** (e - 15)) for v in values]


def read_net(r):
    width, blocks, pointwise, zero = (r.u8() for _ in range(4))
    if zero or pointwise not in (1, 2):
        raise ValueError("network")
    block = [("depthwise", width, width)] + [("pointwise", width, width)] * pointwise
    layers = []
    for kind, n_in, n_out in [("pointwise", 12, width)] + block * blocks + [("pointwise", width, 12)]:
        weights = read_values(r, n_out * (9 if kind == "depthwise" else n_in))
        layers.append((kind, n_in, n_out, weights, read_values(r, 3 * n_out)))
    return layers, pointwise


def read_int_net(r):
    width, blocks, pointwise, fraction = (r.u8() for _ in range(4))
    if pointwise != 1:
        raise ValueError("network")
    signed = lambda v: v - 65536 if v > 32767 else v
    block = [("depthwise", width, width), ("pointwise", width, width)]
    layers = []
    for kind, n_in, n_out in [("pointwise", 12, width)] + block * blocks + [("pointwise", width, 12)]:
        weights = [signed(u16(r)) for _ in range(n_out * (9 if kind == "depthwise" else n_in))]
        shifts = [r.u8() for _ in range(n_out)]
        layers.append((kind, n_in, n_out, weights, read_values(r, 3 * n_out), shifts))
    return layers, fraction


def read_section(r):
    version = r.u8()
    if version not in (1, 2):
        raise ValueError("version of the model")
    r.u8()  # networks; the decoder is the first one
    low, high = u16(r), u16(r)
    decoder = read_net(r) if version == 1 else read_int_net(r)
    return {"min": low / 64, "max": high / 64, "decoder": decoder, "integers": version == 2}


# ---- the step


def log2_exact(x):
    exponent = 0
    while x >= 2:
        x, exponent = x / 2, exponent + 1
    while x < 1:
        x, exponent = x * 2, exponent - 1
    z = (x - 1) / (x + 1)
    square, total = z * z, 0.0
    for k in range(12, -1, -1):
        total = total * square + 1.0 / (2 * k + 1)
    return f32(exponent + 2.8853900817779268 * (z * total))


def scale_of(model, s):
    known = min(max(s, model["min"]), model["max"])
    share = min(max(f32(f32(f32(2 * s) / model["min"]) - 1), 0.0), 1.0)
    return f32(log2_exact(known) - 5), f32(1 / max(s, model["min"])), f32(s * share)


# ---- the network


def run_layer(layer, rows, w, height, l, relu):
    """rows[channel][y * w + x]; bias first, then channel by channel or tap by tap."""
    kind, n_in, n_out, weights, biases = layer
    out = []
    for o in range(n_out):
        b = f32(biases[o] + f32(l * f32(biases[n_out + o] + f32(l * biases[2 * n_out + o]))))
        sums = [b] * (w * height)
        if kind == "pointwise":
            for i in range(n_in):
                a = weights[o * n_in + i]
                sums = [f32(t + f32(a * v)) for t, v in zip(sums, rows[i])]
        else:
            for t in range(9):
                dx, dy, a = t % 3 - 1, t // 3 - 1, weights[o * 9 + t]
                for y in range(height):
                    for x in range(w):
                        inside = 0 <= x + dx < w and 0 <= y + dy < height
                        v = rows[o][(y + dy) * w + x + dx] if inside else 0.0
                        sums[y * w + x] = f32(sums[y * w + x] + f32(a * v))
        out.append([v if v > 0 else 0.0 for v in sums] if relu else sums)
    return out


def run_net(net, u, w, height, l):
    layers, pointwise = net
    h = run_layer(layers[0], u, w, height, l, False)
    for at in range(1, len(layers) - 1, 1 + pointwise):
        change = run_layer(layers[at], h, w, height, l, pointwise == 1)
        change = run_layer(layers[at + 1], change, w, height, l, pointwise == 2)
        if pointwise == 2:
            change = run_layer(layers[at + 2], change, w, height, l, False)
        h = [[f32(a + b) for a, b in zip(p, q)] for p, q in zip(h, change)]
    return run_layer(layers[-1], h, w, height, l, False)


# ---- the network of integers


def clip(v):
    return -32768 if v < -32768 else 32767 if v > 32767 else v


def int_bias(layer, o, l):
    kind, n_in, n_out, weights, biases, shifts = layer
    b = f32(biases[o] + f32(l * f32(biases[n_out + o] + f32(l * biases[2 * n_out + o]))))
    b = min(max(b * 2.0 ** shifts[o], -2.0 ** 28), 2.0 ** 28)
    return math.floor(f32(b + 0.5))


def int_sums(layer, rows, w, height, l):
    """rows[channel][y * w + x] of integers; their sums before any shift."""
    kind, n_in, n_out, weights, biases, shifts = layer
    out = []
    for o in range(n_out):
        b = int_bias(layer, o, l)
        sums = [b] * (w * height)
        if kind == "pointwise":
            for i in range(n_in):
                a = weights[o * n_in + i]
                sums = [s + a * v for s, v in zip(sums, rows[i])]
        else:
            for y in range(height):
                for x in range(w):
                    for t in range(9):
                        u, v = x + t % 3 - 1, y + t // 3 - 1
                        if 0 <= u < w and 0 <= v < height:
                            sums[y * w + x] += weights[o * 9 + t] * rows[o][v * w + u]
        out.append(sums)
    return out


def int_layer(layer, rows, w, height, l):
    sums, shifts = int_sums(layer, rows, w, height, l), layer[5]
    return [[clip((s + ((1 << k) >> 1)) >> k) for s in p] for p, k in zip(sums, shifts)]


def run_int_net(net, x, inverse, amount, w, height, l):
    """x: samples of the 12 channels; returns what is added to them."""
    layers, fraction = net
    factor = f32(inverse * 2.0 ** fraction)
    quantized = lambda v: math.floor(f32(min(max(f32(v * factor), -32768.0), 32767.0) + 32768.5)) - 32768
    h = int_layer(layers[0], [[quantized(v) for v in p] for p in x], w, height, l)
    for at in range(1, len(layers) - 1, 2):
        change = int_layer(layers[at], h, w, height, l)
        change = int_layer(layers[at + 1], [[max(0, v) for v in p] for p in change], w, height, l)
        h = [[clip(a + b) for a, b in zip(p, q)] for p, q in zip(h, change)]
    sums, shifts = int_sums(layers[-1], h, w, height, l), layers[-1][5]
    return [[f32(f32(amount * 2.0 ** -k) * f32(s)) for s in p] for p, k in zip(sums, shifts)]


# ---- synthesis


def improve(channels, model, step, size, low, detail):
    """Adds what the network says to LL (low) and HL, LH, HH (detail) of the planes it sees."""
    w, height = size[0] - size[0] // 2, size[1] - size[1] // 2
    seen = 3 if channels >= 3 else 1
    l, inverse, amount = scale_of(model, step)
    widths = [w, size[0] // 2, w, size[0] // 2]
    band = lambda b, p: low[p] if b == 0 else detail[p][b - 1]
    grid = [[0.0] * (w * height) for _ in range(12)]
    for b in range(4):
        for p in range(seen):
            for i, v in enumerate(band(b, p)):
                grid[3 * b + p][i // widths[b] * w + i % widths[b]] = v
    if model["integers"]:
        change = run_int_net(model["decoder"], grid, inverse, amount, w, height, l)
    else:
        u = [[f32(v * inverse) for v in p] for p in grid]
        change = [[f32(amount * v) for v in p] for p in run_net(model["decoder"], u, w, height, l)]
    for b in range(4):
        for p in range(seen):
            samples = band(b, p)
            for i, v in enumerate(samples):
                samples[i] = f32(v + change[3 * b + p][i // widths[b] * w + i % widths[b]])


def vqvae_synthesis(h, params, bands, coefs, model, step):
    sizes, n = sizes_of(h, {}), h.channels
    if not params.get(0, 1) or len(sizes) == 1 or scale_of(model, step)[2] == 0:
        return wavelet_synthesis(h, {}, bands, coefs)
    low = [list(c) for c in coefs[:n]]
    if len(sizes) > 2:
        low = wavelet_synthesis(Half(h, sizes[1]), {1: len(sizes) - 2}, None, coefs[:-3 * n])
    first = [[list(c) for c in coefs[len(coefs) - 3 * n + 3 * p:][:3]] for p in range(n)]
    improve(n, model, step, sizes[0], low, first)
    return [join_level(low[p], first[p], sizes[0], "cdf97", 0) for p in range(n)]


# ---- docs/format.md, 9.1: the network filter


def network_filter(planes, size, model, step):
    """Changes planes[plane][y * w + x] of the size (w, height), one or three of them."""
    if max(size) < 15 or scale_of(model, step)[2] == 0:
        return
    bands = [split_level(p, size, "cdf97") for p in planes]
    low, detail = [b[0] for b in bands], [b[1:] for b in bands]
    improve(len(planes), model, step, size, low, detail)
    for p in range(len(planes)):
        planes[p] = join_level(low[p], detail[p], size, "cdf97", 0)


def mirrored_side(n, mirror):
    """For every coordinate of a view the one of the picture; and the other way round."""
    if not mirror:
        return list(range(n)), list(range(n))
    m = n if n % 2 else n + 1
    there = [m - 1 - x for x in range(m)]
    return [n - 2 if x == n else x for x in there], [m - 1 - x for x in range(n)]


def one_view(planes, size, number, model, step):
    """What the network makes of a view, turned back."""
    (from_x, to_x), (from_y, to_y) = mirrored_side(size[0], number & 1), mirrored_side(size[1], number & 2)
    w, height = len(from_x), len(from_y)
    across = number & 4
    order = [(x, y) for x in range(w) for y in range(height)] if across else [
        (x, y) for y in range(height) for x in range(w)]
    view = [[p[from_y[y] * size[0] + from_x[x]] for x, y in order] for p in planes]
    network_filter(view, (height, w) if across else (w, height), model, step)
    at = [to_x[x] * height + to_y[y] if across else to_y[y] * w + to_x[x]
          for y in range(size[1]) for x in range(size[0])]
    return [[p[i] for i in at] for p in view]


def network_views(h, planes, model):
    seen = 3 if h.channels >= 3 else 1
    total = None
    for number in [n for n in range(1, 8) if n * h.views % 8 == 0] + [0]:
        said = one_view(planes[:seen], (h.width, h.height), number, model, h.step)
        total = said if total is None else [[f32(a + b) for a, b in zip(p, q)] for p, q in zip(total, said)]
    planes[:seen] = [[f32(v / h.views) for v in p] for p in total]
