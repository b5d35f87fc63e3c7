#!/usr/bin/env python3
"""What each quantizer gains over `uniform` on the same transform, as BD-rate in percent (negative: smaller).

    quantizer_gain.py TESSERA PICTURE... [--transforms LIST] [--quantizers LIST] [--entropy NAME]
                      [--qualities LIST] [--postfilter auto|on|off] [--jobs N] [--csv FILE]

Every point is a file that the command wrote, decoded and compared: rate is the file's size, distortion the PSNR
over R, G and B. Lists are separated by spaces; a quantizer may carry parameters. `uniform` is taken at the best of
several dead zones (UNIFORM below) for each transform. The post filter, which repairs some of what a quantizer
does, is off unless asked for. Two numbers a cell: BD-rate of the curve averaged over the
pictures, and the mean of the pictures' own BD-rates (PCHIP of log rate over PSNR on the overlap; Bjontegaard,
VCEG-M33; Fritsch & Carlson 1980). Curves that overlap by less than 1 dB give "-".
"""
import argparse
import concurrent.futures
import json
import math
import os
import subprocess
import sys
import tempfile

UNIFORM = ["uniform:round=0.3", "uniform", "uniform:round=0.38"]
QUANTIZERS = ["rdo", "trellis", "trellis:states=64", "lattice", "kmeans", "kmeans:k=16", "buckets",
              "buckets:centres=kmeans", "btc", "btc:moments=absolute"]


def slopes(x, y):
    """Monotone derivatives at the knots (Fritsch-Carlson, weighted harmonic mean)."""
    h = [b - a for a, b in zip(x, x[1:])]
    d = [(b - a) / w for a, b, w in zip(y, y[1:], h)]
    if len(x) == 2:
        return [d[0], d[0]]

    def end(h0, h1, d0, d1):
        m = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
        if m * d0 <= 0:
            return 0.0
        return 3 * d0 if d0 * d1 <= 0 and abs(m) > 3 * abs(d0) else m

    inner = []
    for i in range(1, len(x) - 1):
        if d[i - 1] * d[i] <= 0:
            inner.append(0.0)
        else:
            w1, w2 = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
            inner.append((w1 + w2) / (w1 / d[i - 1] + w2 / d[i]))
    return [end(h[0], h[1], d[0], d[1])] + inner + [end(h[-1], h[-2], d[-1], d[-2])]


def integral(x, y, lo, hi):
    """Of the interpolant, by Simpson's rule, which is exact for the pieces' cubics."""
    m, total = slopes(x, y), 0.0

    def value(i, t):
        h = x[i + 1] - x[i]
        s = (t - x[i]) / h
        return ((1 + 2 * s) * (1 - s) ** 2 * y[i] + s * (1 - s) ** 2 * h * m[i] +
                s * s * (3 - 2 * s) * y[i + 1] + s * s * (s - 1) * h * m[i + 1])

    for i in range(len(x) - 1):
        a, b = max(lo, x[i]), min(hi, x[i + 1])
        if b > a:
            total += (b - a) / 6 * (value(i, a) + 4 * value(i, (a + b) / 2) + value(i, b))
    return total


def curve(points):
    """(PSNR, log rate) ascending, without points that go back."""
    x, y = [], []
    for rate, psnr in sorted(points, key=lambda p: p[1]):
        if math.isfinite(psnr) and (not x or psnr > x[-1] + 1e-6):
            x.append(psnr)
            y.append(math.log(rate))
    return x, y


def bd_rate(anchor, test):
    (xa, ya), (xb, yb) = curve(anchor), curve(test)
    if len(xa) < 2 or len(xb) < 2:
        return math.nan
    lo, hi = max(xa[0], xb[0]), min(xa[-1], xb[-1])
    if hi - lo < 1:
        return math.nan
    return (math.exp((integral(xb, yb, lo, hi) - integral(xa, ya, lo, hi)) / (hi - lo)) - 1) * 100


def measure(a, picture, codec, quality, scratch):
    """Bits per pixel and PSNR of one encode and decode."""
    name = os.path.join(scratch, "%x" % (hash((picture, codec, quality)) & (1 << 64) - 1))
    coded, decoded = name + ".tsr", name + ".ppm"

    def run(*args):
        return subprocess.run([a.tessera, *args, "-j", "1"], check=True, capture_output=True, text=True).stdout

    report = json.loads(run("encode", picture, coded, "-c", codec, "-q", quality, "--postfilter", a.postfilter,
                            "--json", "--quiet"))
    run("decode", coded, decoded, "--quiet")
    compared = json.loads(run("compare", picture, decoded, "--json"))
    os.remove(coded)
    os.remove(decoded)
    return report["bpp"], float(compared["psnr_rgb"])


def cell(anchor, test, pictures, qualities):
    """BD-rate of the averaged curves and mean of the pictures'."""
    def mean_curve(points):
        return [tuple(sum(points[p, q][i] for p in pictures) / len(pictures) for i in (0, 1)) for q in qualities]

    mean = bd_rate(mean_curve(anchor), mean_curve(test))
    each = [bd_rate([anchor[p, q] for q in qualities], [test[p, q] for q in qualities]) for p in pictures]
    return mean, sum(each) / len(each)


def show(v):
    return "-" if math.isnan(v) else "%+.1f" % v


def main():
    p = argparse.ArgumentParser()
    p.add_argument("tessera")
    p.add_argument("pictures", nargs="+")
    p.add_argument("--transforms", default="wavelet dct svd lowpass identity")
    p.add_argument("--quantizers", default=" ".join(QUANTIZERS))
    p.add_argument("--entropy", default="mix")
    p.add_argument("--qualities", default="0 20 40 55 70 85")
    p.add_argument("--postfilter", default="off", choices=["auto", "on", "off"])
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--csv")
    a = p.parse_args()
    pictures, qualities, quantizers = a.pictures, a.qualities.split(), a.quantizers.split()
    table, rows = [], []
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for transform in a.transforms.split():
            points = {}
            for quantizer in UNIFORM + quantizers:
                codec = "%s/%s/%s" % (transform, quantizer, a.entropy)
                jobs = {(i, q): pool.submit(measure, a, i, codec, q, scratch)
                        for i in pictures for q in qualities}
                points[quantizer] = {key: job.result() for key, job in jobs.items()}
                rows += ["%s,%s,%s,%s,%.6f,%.4f" % (transform, '"%s"' % quantizer, os.path.basename(i), q, *v)
                         for (i, q), v in points[quantizer].items()]
            best = min(UNIFORM, key=lambda u: cell(points["uniform"], points[u], pictures, qualities)[1])
            table.append((transform, best, [cell(points[best], points[q], pictures, qualities) for q in quantizers]))
            print("| %s | %s |" % (transform, best), " | ".join("%s %s" % tuple(map(show, c)) for c in table[-1][2]),
                  "|", file=sys.stderr)
    print("| quantizer |", " | ".join(t[0] for t in table), "|")
    print("|---" * (len(table) + 1) + "|")
    print("| anchor |", " | ".join("`%s`" % t[1] for t in table), "|")
    for i, q in enumerate(quantizers):
        print("| `%s` |" % q, " | ".join("%s / %s" % tuple(map(show, t[2][i])) for t in table), "|")
    if a.csv:
        with open(a.csv, "w") as f:
            f.write("transform,quantizer,picture,quality,bpp,psnr_rgb\n" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
