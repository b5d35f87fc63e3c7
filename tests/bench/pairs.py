#!/usr/bin/env python3
"""Times of encoding and decoding beside avifenc and avifdec, at about equal file sizes.

    pairs.py TESSERA PICTURE... [--qualities LIST] [--encode OPTIONS] [--speed N] [--repeats N] [--csv FILE]

For each picture and each quality of `tessera encode` (default 31,57) that level of avifenc (cq-level, 4:4:4, speed
6) is found by bisection whose file is nearest in size. Then the commands below run in turn, whole processes, N times
over (default 5), so that what else the machine does meets all of them alike; of each the least processor time (user
and system) and the least time of the clock count. PNG goes in. What comes out is PNG on both sides, or what each
writes fastest: PPM, and y4m, which is not converted to RGB. (tessera compresses PNG less than avifdec, and faster.)

The table, in Markdown, has times of tessera divided by those of avif, below 1 when tessera is faster: processor time /
clock. Means are geometric, over all rows. Where processors are not free, clock times mean little. FILE receives the
seconds of every command.
"""
import argparse
import csv
import math
import os
import shlex
import shutil
import sys
import tempfile

from peers_agree import AVIFDEC, Bench, avif_q
from speed_picture import filled, seconds

# Of a ratio: its name, and the commands on both sides.
RATIOS = [("encode", "tessera encode", "avifenc"),
          ("decode, PPM / y4m", "tessera decode -j 1, PPM", "avifdec, y4m"),
          ("with -j 2", "tessera decode -j 2, PPM", "avifdec, y4m"),
          ("decode, PNG / PNG", "tessera decode -j 1, PNG", "avifdec, PNG"),
          ("with -j 2", "tessera decode -j 2, PNG", "avifdec, PNG")]
LEVELS = 63


def nearest(size_of, target):
    """The level 0 .. LEVELS at which size_of, which falls, is nearest to the target."""
    low, high = 0, LEVELS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if size_of(middle) <= target else (middle + 1, high)
    return min((max(low - 1, 0), low), key=lambda level: abs(size_of(level) - target))


class Sizes:
    """File sizes of an encoder by level, each made once."""

    def __init__(self, encoder, png, out):
        self.encoder, self.png, self.out, self.known = encoder, png, out, {}

    def words(self, level):
        return filled(self.encoder, {"q": level, "png": self.png, "out": self.out})

    def __call__(self, level):
        if level not in self.known:
            seconds(self.words(level))
            self.known[level] = os.path.getsize(self.out)
        return self.known[level]


def decoders(a, bench, ours, theirs):
    """{name: words}; y4m and PNG are told by the names of the files."""
    words = {}
    for suffix in ("ppm", "png"):
        for j in ("1", "2"):
            words[f"tessera decode -j {j}, {suffix.upper()}"] = [a.tessera, "decode", "--quiet", "-j", j, ours,
                                                                 bench.name("back." + suffix)]
    for suffix, name in (("y4m", "y4m"), ("png", "PNG")):
        words[f"avifdec, {name}"] = filled(AVIFDEC, {"in": theirs, "out.png": bench.name("theirs." + suffix)})
    return words


def in_turn(commands, repeats):
    """{name: (processor seconds, seconds of the clock)}, the least of each."""
    best = {}
    for _ in range(repeats):
        for name, words in commands.items():
            cpu, clock = seconds(words)
            least = best.get(name, (cpu, clock))
            best[name] = min(cpu, least[0]), min(clock, least[1])
    return best


def pair(a, bench, png, quality):
    """Bytes of both files, avifenc's level, and the times."""
    ours, theirs = bench.name("ours.tsr"), bench.name("theirs.avif")
    encode = [a.tessera, "encode", "--quiet", "-j", "1", *shlex.split(a.encode), "-q", quality, png, ours]
    seconds(encode)
    sizes = Sizes(avif_q(a.speed, "444"), png, theirs)
    level = nearest(sizes, os.path.getsize(ours))
    commands = {"tessera encode": encode, "avifenc": sizes.words(level), **decoders(a, bench, ours, theirs)}
    return os.path.getsize(ours), sizes(level), level, in_turn(commands, a.repeats)


def ratios(times):
    """[(of processor time, of the clock)] in the order of RATIOS."""
    return [tuple(times[x][k] / times[y][k] for k in (0, 1)) for _, x, y in RATIOS]


def print_row(cells, values):
    print("| " + " | ".join([*cells, *(f"{cpu:.2f} / {clock:.2f}" for cpu, clock in values)]) + " |", flush=True)


def print_head():
    cells = ["picture", "-q", "bytes", "cq-level", "bytes, avif", *(name for name, _, _ in RATIOS)]
    print("| " + " | ".join(cells) + " |\n|---" + "|---:" * (len(cells) - 1) + "|", flush=True)


def mean(pairs):
    return tuple(math.exp(sum(math.log(p[k]) for p in pairs) / len(pairs)) for k in (0, 1))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("tessera")
    p.add_argument("picture", nargs="+")
    p.add_argument("--qualities", default="31,57")
    p.add_argument("--encode", default="", help="more options of tessera encode, as in --encode='-e 7'")
    p.add_argument("--speed", default="6", help="of avifenc")
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--csv", help="write all times here, too")
    a = p.parse_args()
    a.tessera = os.path.abspath(a.tessera)
    for tool in ("avifenc", "avifdec"):
        if not shutil.which(tool):
            sys.exit(f"not there: {tool}")
    rows = [["picture", "quality", "command", "bytes", "cpu_s", "clock_s"]]
    found = []
    print_head()
    for picture in a.picture:
        name = os.path.splitext(os.path.basename(picture))[0]
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(a, folder)
            png = bench.convert(picture, "png")
            for quality in a.qualities.split(","):
                ours, theirs, level, times = pair(a, bench, png, quality)
                found.append(ratios(times))
                print_row([name, quality, str(ours), str(level), str(theirs)], found[-1])
                for command, (cpu, clock) in times.items():
                    size = ours if "tessera" in command else theirs
                    rows.append([name, quality, command, size, f"{cpu:.4f}", f"{clock:.4f}"])
    print_row(["mean", "", "", "", ""], [mean(column) for column in zip(*found)])
    if a.csv:
        with open(a.csv, "w", newline="") as f:
            csv.writer(f).writerows(rows)


if __name__ == "__main__":
    main()
