#!/usr/bin/env python3
"""Codecs against an anchor at fixed rates, from the rows of a sweep.

    at_rates.py RESULTS.csv [CODEC...] [--anchor CODEC] [--rates LIST] [--below BPP]

For each codec (a name or shell pattern; all without one) and each rate in bits per pixel: how much higher its
PSNR (RGB) is than the anchor's at that rate, in dB, the mean over the pictures; how many bits it needs for the
quality that the anchor has there, in percent, the geometric mean; and at how many of the pictures it is better
than the anchor. Curves of each picture are PSNR over the logarithm of the rate, by PCHIP; a picture counts where
neither curve has to be continued beyond its ends. At last, over a hundred rates up to BPP (default 1) for each
picture: the least gain of all, and whether the codec is better at every one. The tables are Markdown.
"""
import argparse
import csv
import fnmatch
import math
import sys

from quantizer_gain import slopes

RATES = "0.1,0.15,0.2,0.3,0.4,0.6,0.8,1.0"
FINE = 100


class Curve:
    """PSNR over ln(rate), rising in both."""

    def __init__(self, points):
        self.x, self.y = [], []
        for rate, psnr in sorted(points):
            if math.isfinite(psnr) and (not self.x or (math.log(rate) > self.x[-1] and psnr > self.y[-1])):
                self.x.append(math.log(rate))
                self.y.append(psnr)
        self.m = slopes(self.x, self.y) if len(self.x) > 1 else []

    def psnr(self, rate):
        """None beyond the ends."""
        x = math.log(rate)
        if len(self.x) < 2 or not self.x[0] <= x <= self.x[-1]:
            return None
        i = max(k for k in range(len(self.x) - 1) if self.x[k] <= x)
        h = self.x[i + 1] - self.x[i]
        s = (x - self.x[i]) / h
        return ((1 + 2 * s) * (1 - s) ** 2 * self.y[i] + s * (1 - s) ** 2 * h * self.m[i] +
                s * s * (3 - 2 * s) * self.y[i + 1] + s * s * (s - 1) * h * self.m[i + 1])

    def rate(self, psnr):
        """The inverse, by bisection; None beyond the ends."""
        if len(self.x) < 2 or not self.y[0] <= psnr <= self.y[-1]:
            return None
        lo, hi = self.x[0], self.x[-1]
        for _ in range(60):
            middle = (lo + hi) / 2
            lo, hi = (middle, hi) if self.psnr(math.exp(middle)) < psnr else (lo, middle)
        return math.exp((lo + hi) / 2)


def read(path):
    """{codec: {picture: Curve}}"""
    points = {}
    with open(path, newline="") as f:
        for row in csv.DictReader(f):
            if row.get("status", "ok") == "ok" and row["psnr_rgb"]:
                curves = points.setdefault(row["codec"], {})
                curves.setdefault(row["image"], []).append((float(row["bpp"]), float(row["psnr_rgb"])))
    return {codec: {image: Curve(p) for image, p in images.items()} for codec, images in points.items()}


def at(test, anchor, rate):
    """(mean gain in dB, percent of rate, pictures better, pictures compared)"""
    gains, ratios = [], []
    for image in sorted(set(test) & set(anchor)):
        a, t = anchor[image].psnr(rate), test[image].psnr(rate)
        if a is None or t is None:
            continue
        gains.append(t - a)
        need = test[image].rate(a)
        if need:
            ratios.append(math.log(need / rate))
    percent = (math.exp(sum(ratios) / len(ratios)) - 1) * 100 if ratios else math.nan
    return sum(gains) / len(gains) if gains else math.nan, percent, sum(g > 0 for g in gains), len(gains)


def least_gain(test, anchor, below):
    """(dB, picture, rate) where the codec is least ahead, of rates up to `below` that both have; and how many."""
    least, n = (math.inf, "", 0), 0
    for image in sorted(set(test) & set(anchor)):
        lo = max(test[image].x[0], anchor[image].x[0])
        hi = min(test[image].x[-1], anchor[image].x[-1], math.log(below))
        for k in range(FINE if hi > lo else 0):
            rate = math.exp(min(lo + (hi - lo) * k / (FINE - 1), hi))
            gain = (test[image].psnr(rate), anchor[image].psnr(rate))
            if None not in gain:
                least = min(least, (gain[0] - gain[1], image, rate))
                n += 1
    return least, n


def chosen(curves, patterns, anchor):
    names = [c for c in sorted(curves) if c != anchor and
             (not patterns or any(c == p or fnmatch.fnmatch(c, p) for p in patterns))]
    for p in patterns:
        if not any(c == p or fnmatch.fnmatch(c, p) for c in names):
            sys.exit(f"no codec is called {p}: " + ", ".join(sorted(curves)))
    return names


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("results")
    p.add_argument("codec", nargs="*")
    p.add_argument("--anchor", default="jpeg2000")
    p.add_argument("--rates", default=RATES)
    p.add_argument("--below", type=float, default=1.0)
    a = p.parse_args()
    curves = read(a.results)
    if a.anchor not in curves:
        sys.exit(f"no codec is called {a.anchor}: " + ", ".join(sorted(curves)))
    names, rates = chosen(curves, a.codec, a.anchor), [float(r) for r in a.rates.split(",")]
    rows = {c: [at(curves[c], curves[a.anchor], r) for r in rates] for c in names}
    head = "| " + " | ".join([f"against {a.anchor}"] + [f"{r:g} bpp" for r in rates]) + " |\n|---" + "|---:" * len(rates)
    for k, title, form in ((0, "PSNR in dB", "{:+.2f}"), (1, "rate at equal PSNR", "{:+.1f} %"), (2, "pictures", "")):
        print(f"{title}{' better, of those compared' if k == 2 else ''}\n\n{head}|")
        for c in names:
            cells = [f"{v[2]} / {v[3]}" if k == 2 else form.format(v[k]) if v[3] else "-" for v in rows[c]]
            print(f"| `{c}` | " + " | ".join(cells) + " |")
        print()
    for c in names:
        (gain, image, rate), n = least_gain(curves[c], curves[a.anchor], a.below)
        if n:
            verdict = "better at every rate" if gain > 0 else "not better at every rate"
            print(f"{c}: {verdict} up to {a.below:g} bpp on every picture; least gain {gain:+.2f} dB, {image} at "
                  f"{rate:.3f} bpp ({n} points)")


if __name__ == "__main__":
    main()
