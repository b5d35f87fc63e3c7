"""The wavelet of the second decoder, written from transforms/wavelet/README.md alone."""
from second_float import f32

LL, HL, LH, HH = range(4)
NAMES = ["cdf97", "cdf53", "haar", "db3", "auto"]

SCALE = {
    "cdf97": (0.660795152, 0.812893093, 1, 1.23017406, 1.51332831),
    "db3": (0.135887936, 0.368629813, 1, 2.71274853, 7.35900497),
    "cdf53": (1, 1, 1, 1, 1),
    "haar": (1, 1, 1, 1, 1),
}

# parity, left, right, (self, other) of a first, of a last sample
STEPS = {
    "cdf97": [(1, -1.58613431, -1.58613431, None, (1, -3.17226863)),
              (0, -0.0529801175, -0.0529801175, (1, -0.105960235), (1, -0.105960235)),
              (1, 0.882911086, 0.882911086, None, (1, 1.76582217)),
              (0, 0.443506867, 0.443506867, (1, 0.887013733), (1, 0.887013733))],
    "cdf53": [(1, -0.5, -0.5, None, (1, -1)), (0, 0.25, 0.25, (1, 0.5), (1, 0.5))],
    "haar": [(1, -1, 0, None, (1, -1)), (0, 0, 0.5, (1, 0.5), (1, 0))],
    "db3": [(1, 0.412286609, 0, None, (1, 0.412286609)),
            (0, 1.56513631, -0.352387667, (2.29999995, 0.29225558), (1, 1.21274865)),
            (1, -0.0284590889, -0.492151856, None, (0.550000012, -0.286336005)),
            (0, 0, 0.389620394, (1, 0.389620394), (1, 0))],
}


def filter_of(h, params):
    name = NAMES[params.get(0, 4)]
    return name if name != "auto" else "cdf53" if h.lossless else "cdf97"


def sizes_of(h, params):
    wanted, longer, sizes = params.get(1, 0), max(h.width, h.height), [(h.width, h.height)]
    while len(sizes) <= (wanted or 6) and longer > 1 and (wanted or longer - longer // 2 >= 8):
        longer -= longer // 2
        w, height = sizes[-1]
        sizes.append((w - w // 2, height - height // 2))
    return sizes


# ---- lines


def inverse_float(low, high, name):
    n = len(low) + len(high)
    x = [0.0] * n
    x[0::2], x[1::2] = low, high
    for parity, left, right, first, last in reversed(STEPS[name]):
        left, right = f32(-f32(left)), f32(-f32(right))
        for i in range(parity, n, 2):
            if 0 < i < n - 1:
                x[i] = f32(x[i] + f32(f32(left * x[i - 1]) + f32(right * x[i + 1])))
            else:
                own, other = first if i == 0 else last
                own, other = f32(own), f32(other)
                m = x[1] if i == 0 else x[i - 1]
                x[i] = f32(f32(f32(1 / own) * x[i]) + f32(f32(-other / own) * m))
    return x


def inverse_int(low, high, name):
    n = len(low) + len(high)
    x = [0] * n
    x[0::2], x[1::2] = low, high
    at = lambda i: x[i] if 0 <= i < n else x[1] if i < 0 else x[n - 2]
    if name == "haar":
        for i in range(0, n - 1, 2):
            x[i] -= x[i + 1] >> 1
        for i in range(1, n, 2):
            x[i] += x[i - 1]
        return x
    for i in range(0, n, 2):
        x[i] -= at(i - 1) + at(i + 1) + 2 >> 2
    for i in range(1, n, 2):
        x[i] += at(i - 1) + at(i + 1) >> 1
    return x


def inverse_line(low, high, name, lossless):
    if len(low) + len(high) == 1:
        return list(low)
    return (inverse_int if lossless else inverse_float)(low, high, name)


# ---- gains


def low_length(n, levels):
    for _ in range(levels):
        n -= n // 2
    return n


def norm(n, level, in_high, name):
    """Squared norm of the impulse in the middle of a band of one dimension."""
    if level == 0 or (in_high and low_length(n, level - 1) == 1):
        return 1.0
    n = min(n, 16 << level)
    line = [0.0] * low_length(n, level)
    high = [0.0] * (low_length(n, level - 1) // 2)
    (high if in_high else line)[(len(high) if in_high else len(line)) // 2] = 1.0
    for l in range(level, 0, -1):
        if len(line) + len(high) > 1:
            line = [f32(v * f32(SCALE[name][3])) for v in line]
            high = [f32(v * f32(SCALE[name][1])) for v in high]
        line = inverse_line(line, high, name, 0)
        high = [0.0] * (low_length(n, l - 2) // 2) if l > 1 else []
    total = 0.0
    for v in line:
        total += v * v
    return total


# ---- bands


def wavelet_bands(h, params, band_type):
    name, sizes = filter_of(h, params), sizes_of(h, params)
    levels, planes = len(sizes) - 1, h.channels
    shape = lambda l, kind: (sizes[l - 1][0] // 2 if kind in (HL, HH) else sizes[l][0],
                             sizes[l - 1][1] // 2 if kind in (LH, HH) else sizes[l][1])
    index = lambda l, p, kind: planes + ((levels - l) * planes + p) * 3 + kind - HL
    norms = {(n, l, high): norm(n, l, high, name) for n in sizes[0] for l in range(levels + 1) for high in (0, 1)}

    def make(l, p, kind):
        w, height = sizes[l] if kind == LL else shape(l, kind)
        gain = f32(norms[h.width, l, kind in (HL, HH)] * norms[h.height, l, kind in (LH, HH)])
        layer = 0 if kind == LL or l >= 4 else min(levels, 3) - l + 1
        return band_type(w, height, "INT" if h.lossless else "REAL", p, kind, l, layer, gain, references(l, p, kind, w, height))

    def references(l, p, kind, w, height):
        def band(level, k):
            return index(level, p, k) if level <= levels and all(shape(level, k)) else None

        if not w or not height:
            return [None] * 5
        planes_ab = [None, None]
        if p > 0:
            planes_ab[0] = 0 if kind == LL else index(l, 0, kind)
        if p == 2:
            planes_ab[1] = 1 if kind == LL else index(l, 1, kind)
        if kind == LL:
            return [None, None, None] + planes_ab
        sisters = {HL: ((l + 1, LH), (l + 1, HH)), LH: ((l, HL), (l + 1, HH)), HH: ((l, HL), (l, LH))}[kind]
        return [band(l + 1, kind)] + [band(*s) for s in sisters] + planes_ab

    bands = [make(levels, p, LL) for p in range(planes)]
    return bands + [make(l, p, kind) for l in range(levels, 0, -1) for p in range(planes) for kind in (HL, LH, HH)]


# ---- synthesis


def wavelet_synthesis(h, params, bands, coefs):
    name, sizes = filter_of(h, params), sizes_of(h, params)
    planes, levels = [], len(sizes) - 1
    for p in range(h.channels):
        low = coefs[p]
        for l in range(levels, 0, -1):
            at = h.channels + ((levels - l) * h.channels + p) * 3
            low = join_level(low, coefs[at:at + 3], sizes[l - 1], name, h.lossless)
        planes.append(list(low))
    return planes


def join_level(ll, detail, size, name, lossless):
    w, height = size
    sx, sy = int(w > 1), int(height > 1)
    if not lossless:
        exponents = (sx + sy, sy - sx, sx - sy, -sx - sy)
        ll, *detail = [[f32(v * f32(SCALE[name][e + 2])) for v in c] for c, e in zip([ll] + detail, exponents)]
    hl, lh, hh = detail
    wl, wh = w - w // 2, w // 2
    hl_rows, lh_rows = height - height // 2, height // 2
    top = [inverse_line(ll[y * wl:y * wl + wl], hl[y * wh:y * wh + wh], name, lossless) for y in range(hl_rows)]
    bottom = [inverse_line(lh[y * wl:y * wl + wl], hh[y * wh:y * wh + wh], name, lossless) for y in range(lh_rows)]
    columns = [inverse_line([r[x] for r in top], [r[x] for r in bottom], name, lossless) for x in range(w)]
    return [columns[x][y] for y in range(height) for x in range(w)]


# ---- analysis of one level, for the network filter


def forward_line(x, name):
    x = list(x)
    n = len(x)
    if n > 1:
        for parity, left, right, first, last in STEPS[name]:
            left, right = f32(left), f32(right)
            for i in range(parity, n, 2):
                if 0 < i < n - 1:
                    x[i] = f32(x[i] + f32(f32(left * x[i - 1]) + f32(right * x[i + 1])))
                else:
                    own, other = first if i == 0 else last
                    x[i] = f32(f32(f32(own) * x[i]) + f32(f32(other) * (x[1] if i == 0 else x[i - 1])))
    return x[0::2], x[1::2]


def split_level(picture, size, name):
    """LL, HL, LH, HH of a picture: columns first, then rows, then the scales."""
    w, height = size
    sx, sy = int(w > 1), int(height > 1)
    columns = [forward_line([picture[y * w + x] for y in range(height)], name) for x in range(w)]
    bands = []
    for high_y in (0, 1):
        rows = [[c[high_y][y] for c in columns] for y in range(len(columns[0][high_y]))]
        split = [forward_line(r, name) for r in rows]
        bands += [[v for r in split for v in r[high_x]] for high_x in (0, 1)]
    exponents = (sx + sy, sy - sx, sx - sy, -sx - sy)
    return [[f32(v * f32(SCALE[name][2 - e])) for v in b] for b, e in zip(bands, exponents)]
