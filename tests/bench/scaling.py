#!/usr/bin/env python3
"""How encoding and decoding scale with pixels and with threads.

    scaling.py TESSERA PICTURE... [--megapixels LIST] [--encode OPTIONS] [--threads N] [--repeats N] [--csv FILE]

PICTUREs (photographs that the command reads, RGB) are mirrored side by side into squares of each size (default 0.4, 1.6
and 9.4 megapixels), as by memory.py. Each is encoded from and decoded to PPM by whole processes with -j 1 and -j N
(default 2) in turn, N times over (default 5); of each the least time of the clock and the least processor time (user
and system) count. OPTIONS are those of `tessera encode` (default `-c vqvae -q 57`).

The table, in Markdown, has megapixels a second by the clock, with both numbers of threads, and how much faster the
threads are; processor time of -j N against -j 1 says what sharing the work costs. "alone" is what the machine has to
give: by how much N processes of one thread each, side by side, do more than one. Where processors are not free, clock
times mean little. FILE receives the seconds of every command.
"""
import argparse
import csv
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from memory import load, squares
from speed_picture import filled, seconds

ENCODE, DECODE = "encode", "decode"


def write_ppm(path, side, rows):
    with open(path, "wb") as f:
        f.write(b"P6\n%d %d\n255\n" % (side, side))
        for row in rows:
            f.write(row)


def commands(a):
    """{(verb, threads): command}"""
    rows = {}
    for j in (1, a.threads):
        rows[ENCODE, j] = [a.tessera, "encode", "{ppm}", "{out}", "--quiet", "-j", str(j), *shlex.split(a.encode)]
        rows[DECODE, j] = [a.tessera, "decode", "{out}", "{back}", "--quiet", "-j", str(j)]
    return rows


def side_by_side(words, names, n):
    """Seconds of the clock of n such processes at once, each with files of its own."""
    own = [dict(names, out=f"{names['out']}.{i}", back=f"{names['back']}.{i}.ppm") for i in range(n)]
    for files in own:
        shutil.copyfile(names["out"], files["out"])
    start = time.perf_counter()
    children = [subprocess.Popen(filled(words, files)) for files in own]
    if any([child.wait() for child in children]):
        sys.exit(f"failed: {' '.join(words)}")
    return time.perf_counter() - start


def measure(rows, names, threads, repeats):
    """{(verb, threads): (processor time, time of the clock)} and {verb: time of the clock of as many processes of one
    thread each}, the least of the repeats."""
    found, alone = {}, {}
    for _ in range(repeats):
        for key, words in rows.items():
            now = seconds(filled(words, names))
            found[key] = tuple(map(min, zip(now, found.get(key, now))))
        for verb in (ENCODE, DECODE):
            now = side_by_side(rows[verb, 1], names, threads)
            alone[verb] = min(now, alone.get(verb, now))
    return found, alone


def lines(sizes, threads):
    """sizes: [(pixels, bytes, measured, alone)]"""
    yield f"| | pixels | bpp | Mpixel/s, -j 1 | -j {threads} | ratio | CPU of -j {threads} / -j 1 | alone |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for verb in (ENCODE, DECODE):
        for pixels, count, found, alone in sizes:
            (cpu, one), (cpus, many) = found[verb, 1], found[verb, threads]
            yield (f"| {verb} | {pixels} | {count * 8 / pixels:.2f} | {pixels / one / 1e6:.2f} | "
                   f"{pixels / many / 1e6:.2f} | {one / many:.2f} | {cpus / cpu:.2f} | "
                   f"{threads * one / alone[verb]:.2f} |")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("tessera")
    p.add_argument("picture", nargs="+")
    p.add_argument("--megapixels", default="0.4,1.6,9.4")
    p.add_argument("--encode", default="-c vqvae -q 57")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--csv")
    a = p.parse_args()
    a.tessera = os.path.abspath(a.tessera)
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        names = {n: os.path.join(folder, n + "." + s) for n, s in (("ppm", "ppm"), ("out", "tsr"), ("back", "ppm"))}
        pictures = [load(a.tessera, path, folder) for path in a.picture]
        for size in a.megapixels.split(","):
            side = round((float(size) * 1e6) ** 0.5)
            write_ppm(names["ppm"], side, squares(pictures, side))
            found, alone = measure(commands(a), names, a.threads, a.repeats)
            sizes.append((side * side, os.path.getsize(names["out"]), found, alone))
    print("\n".join(lines(sizes, a.threads)))
    if not a.csv:
        return
    with open(a.csv, "w", newline="") as f:
        table = csv.writer(f)
        table.writerow(["pixels", "bytes", "command", "threads", "cpu_s", "clock_s"])
        for pixels, count, found, _ in sizes:
            for (verb, threads), (cpu, clock) in found.items():
                table.writerow([pixels, count, verb, threads, f"{cpu:.4f}", f"{clock:.4f}"])


if __name__ == "__main__":
    main()
