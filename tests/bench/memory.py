#!/usr/bin/env python3
"""Peak memory of whole processes that encode and decode, in bytes per pixel.

    memory.py TESSERA PICTURE... [--megapixels LIST] [--only LIST] [--threads N] [--quality Q] [--csv FILE]

PICTUREs (photographs that the command reads, RGB) are mirrored side by side into squares of 1, 4 and 16
megapixels: every size has the statistics of photographs. Each is encoded from and decoded to PNG by every
codec, one process a time; what is measured is the largest resident set (ru_maxrss), which counts program,
libraries, picture and files in memory. Peers are run when their commands are there, at about the same rate.
A line through the sizes gives bytes per pixel, and what a process needs however small the picture is.
Less than this script itself holds (about 15 MB) cannot be told and is left out of the line. The table is
Markdown.
"""
import argparse
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PEER_RATE = 24  # opj_compress: compression ratio, 1 bit a pixel


def ours(tessera, threads, quality):
    """(name, encoder, decoder, extension of streams) for the codecs of TESSERA."""
    def case(name, *options):
        return (name, [tessera, "encode", "{png}", "{out}", "--quiet", "-j", threads, *options],
                [tessera, "decode", "{out}", "{back}", "--quiet", "-j", threads], "tsr")

    rows = [case(f"wavelet, effort {e}", "-e", e, "-q", quality) for e in ("1", "5", "9")]
    rows += [case("wavelet, lossless", "--lossless")]
    return rows + [case(t, "-c", t, "-q", quality) for t in ("dct", "svd", "lowpass", "vqvae")]


def peers():
    cases = [
        ("opj_compress", ["opj_compress", "-i", "{png}", "-o", "{out}", "-n", "6", "-I", "-r", str(PEER_RATE)],
         ["opj_decompress", "-i", "{out}", "-o", "{back}"], "j2k"),
        ("avifenc -s 6", ["avifenc", "-s", "6", "-j", "1", "-y", "444", "--min", "0", "--max", "63", "-a",
                          "end-usage=q", "-a", "cq-level=24", "{png}", "{out}"],
         ["avifdec", "-j", "1", "{out}", "{back}"], "avif"),
        ("cwebp -m 4", ["cwebp", "-quiet", "-q", "80", "{png}", "-o", "{out}"],
         ["dwebp", "-quiet", "{out}", "-o", "{back}"], "webp"),
    ]
    return [c for c in cases if shutil.which(c[1][0]) and shutil.which(c[2][0])]


# ---- pictures


def read_ppm(path):
    with open(path, "rb") as f:
        data = f.read()
    fields, at = [], 0
    while len(fields) < 4:
        end = data.index(b"\n", at)
        line = data[at:end]
        fields += [] if line.startswith(b"#") else line.split()
        at = end + 1
    if fields[0] != b"P6" or fields[3] != b"255":
        sys.exit(f"{path}: not RGB of 8 bits")
    w, h = int(fields[1]), int(fields[2])
    return w, h, [data[at + 3 * w * y:at + 3 * w * (y + 1)] for y in range(h)]


def load(tessera, path, folder):
    """Rows of the picture, whatever its format."""
    stream, ppm = os.path.join(folder, "in.tsr"), os.path.join(folder, "in.ppm")
    subprocess.run([tessera, "encode", path, stream, "--lossless", "-c", "identity", "-e", "1", "--quiet",
                    "--no-metadata"], check=True)
    subprocess.run([tessera, "decode", stream, ppm, "--quiet"], check=True)
    return read_ppm(ppm)


def mirrored(row):
    out = bytearray(len(row))
    for c in range(3):
        out[c::3] = row[c::3][::-1]
    return bytes(out)


def squares(pictures, side):
    """The rows of a square: the pictures in turn, every second one in x and y mirrored."""
    w, h = min(p[0] for p in pictures), min(p[1] for p in pictures)
    across = -(-side // w)
    for y in range(side):
        band, at = divmod(y, h)
        if band % 2:
            at = h - 1 - at
        row = b""
        for i in range(across):
            part = pictures[(band * across + i) % len(pictures)][2][at][:3 * w]
            row += mirrored(part) if i % 2 else part
        yield row[:3 * side]


def write_png(path, side, rows):
    def chunk(f, kind, data):
        f.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))

    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n")
        chunk(f, b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        deflate = zlib.compressobj(1)
        for row in rows:
            data = deflate.compress(b"\0" + row)
            if data:
                chunk(f, b"IDAT", data)
        chunk(f, b"IDAT", deflate.flush())
        chunk(f, b"IEND", b"")


def make_pngs(tessera, paths, pngs, folder):
    pictures = [load(tessera, path, folder) for path in paths]
    for side, png in pngs:
        write_png(png, side, squares(pictures, side))


# ---- measuring


def apart(work):
    """In a process of its own: a measured process counts what its parent held when it was started."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        sys.exit("the pictures cannot be made")


def peak(command, names):
    """Bytes of the largest resident set of a process; no less than this small one's own."""
    argv = [part.format(**names) for part in command]
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"exit code {child.returncode}: {' '.join(argv)}")
    return usage.ru_maxrss * 1024


def line_through(x, y):
    """Slope and intercept of least squares of the relative error."""
    w = [1 / v ** 2 for v in y]
    n, sx, sy = sum(w), sum(a * b for a, b in zip(w, x)), sum(a * b for a, b in zip(w, y))
    sxx = sum(a * b * b for a, b in zip(w, x))
    sxy = sum(a * b * c for a, b, c in zip(w, x, y))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return slope, (sy - slope * sx) / n


def measure(case, folder, pngs):
    """[(pixels, encoder's peak, decoder's peak)], and bits a pixel of the largest file."""
    name, encoder, decoder, extension = case
    out = []
    for side, png in pngs:
        names = {"png": png, "out": os.path.join(folder, "out." + extension), "back": os.path.join(folder, "back.png")}
        out.append((side * side, peak(encoder, names), peak(decoder, names)))
        rate = os.path.getsize(names["out"]) * 8 / (side * side)
    return out, rate


def print_row(name, points, rate, floor):
    cells = [name, f"{rate:.2f}"]
    for k in (1, 2):
        told = [p for p in points if p[k] > floor]
        if len(told) > 1:
            slope, base = line_through([p[0] for p in told], [p[k] for p in told])
            cells += [f"{slope:.0f}", f"{base / 1e6:.0f}"]
        elif len(points) > 1:
            cells += ["", ""]
        cells += [("" if p in told else "< ") + f"{p[k] / 1e6:.0f}" for p in points]
    print("| " + " | ".join(cells) + " |", flush=True)


def print_head(sizes):
    def columns(what):
        fit = [f"{what}, bytes/pixel", "fixed, MB"] if len(sizes) > 1 else []
        return fit + [f"{what} {m:g} MP, MB" for m in sizes]

    cells = ["codec", "bpp"] + columns("encode") + columns("decode")
    print("| " + " | ".join(cells) + " |\n|---" + "|---:" * (len(cells) - 1) + "|")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("tessera")
    p.add_argument("pictures", nargs="+")
    p.add_argument("--megapixels", default="1,4,16", help="sizes, between commas (default 1,4,16)")
    p.add_argument("--only", default="", help="codecs whose name contains one of these, between commas")
    p.add_argument("--threads", default="1")
    p.add_argument("--quality", default="60")
    p.add_argument("--csv", help="write all measurements here, too")
    a = p.parse_args()
    sizes = [float(m) for m in a.megapixels.split(",")]
    cases = ours(os.path.abspath(a.tessera), a.threads, a.quality) + peers()
    cases = [c for c in cases if any(word in c[0] for word in a.only.split(","))]
    csv = open(a.csv, "w") if a.csv else None
    if csv:
        csv.write("codec,pixels,encode_bytes,decode_bytes\n")
    with tempfile.TemporaryDirectory() as folder:
        pngs = [(math.isqrt(round(m * 1e6)), os.path.join(folder, f"{m:g}.png")) for m in sizes]
        apart(lambda: make_pngs(os.path.abspath(a.tessera), a.pictures, pngs, folder))
        print_head(sizes)
        floor = 1.02 * peak(["true"], {})
        for case in cases:
            points, rate = measure(case, folder, pngs)
            print_row(case[0], points, rate, floor)
            if csv:
                csv.writelines(f'"{case[0]}",{n},{e},{d}\n' for n, e, d in points)


if __name__ == "__main__":
    main()
