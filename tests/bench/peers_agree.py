#!/usr/bin/env python3
"""The peers through their libraries against the peers' own command-line tools.

    peers_agree.py TESSERA PEER_FILE [--settings N] [--only PEER,...] PICTURE...

Each picture (RGB) is encoded by the library and by the tool, with the same settings, and each file is
decoded by its own decoder; the file of the library also by the tool's decoder. Sizes must agree
within 0.5 % and 64 bytes of header, PSNRs (RGB) within 0.02 dB; lossless files must be lossless.
--settings: how many of a peer's settings, spread over its range (default 3).
Exit status: 1 when one does not agree, 77 when no tool is installed.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

HEADER, SIZE, PSNR = 64, 0.005, 0.02

DJPEG = ["djpeg", "-outfile", "{out}", "{in}"]
OPJ = ["opj_decompress", "-i", "{in}", "-o", "{out}"]
DWEBP = ["dwebp", "{in}", "-ppm", "-o", "{out}"]
AVIFDEC = ["avifdec", "-j", "1", "{in}", "{out.png}"]
DJXL = ["djxl", "{in}", "{out}", "--num_threads=0"]


def cjpeg(*more):
    return ["cjpeg", "-quality", "{q}", *more, "-outfile", "{out}", "{ppm}"]


def opj(*more):
    return ["opj_compress", "-i", "{ppm}", "-o", "{out}", "-n", "6", *more]


def avifenc(*more):
    return ["avifenc", "-c", "aom", "-j", "1", "-r", "full", *more, "{png}", "{out}"]


CWEBP = ["cwebp", "-q", "{q}", "{png}", "-o", "{out}"]


def cjxl(effort, distance="{q}"):
    return ["cjxl", "{png}", "{out}", "-d", distance, "-e", effort, "--num_threads=0"]


def avif_q(speed, yuv):
    return avifenc("-s", speed, "-y", yuv, "--min", "0", "--max", "63", "-a", "end-usage=q",
                   "-a", "cq-level={q}", "-a", "tune=psnr")


# spec, suffix, settings, encoder, decoder
CASES = [
    ("jpeg", "jpg", [5, 40, 93, 15, 70], cjpeg("-optimize", "-progressive", "-sample", "2x2"), DJPEG),
    ("jpeg:sub=444", "jpg", [5, 40, 93, 15, 70], cjpeg("-optimize", "-progressive", "-sample", "1x1"), DJPEG),
    ("jpeg:sub=422", "jpg", [50], cjpeg("-optimize", "-progressive", "-sample", "2x1"), DJPEG),
    ("jpeg:progressive=off", "jpg", [50], cjpeg("-optimize"), DJPEG),
    ("jpeg:progressive=off,optimised=off", "jpg", [50], cjpeg(), DJPEG),
    ("jpeg2000", "j2k", [240, 40, 8, 120, 16], opj("-I", "-r", "{q}"), OPJ),
    ("jpeg2000:filter=53", "j2k", [40], opj("-r", "{q}"), OPJ),
    ("jpeg2000:lossless=on", "j2k", [0], opj(), OPJ),
    ("webp", "webp", [5, 50, 92, 20, 75], [*CWEBP, "-m", "6", "-sharp_yuv"], DWEBP),
    ("webp:method=4,sharp_yuv=off", "webp", [75], CWEBP, DWEBP),
    ("webp:lossless=on", "webp", [0], ["cwebp", "-z", "6", "{png}", "-o", "{out}"], DWEBP),
    ("avif", "avif", [56, 32, 14, 44, 20], avif_q("6", "444"), AVIFDEC),
    ("avif:yuv=420", "avif", [32], avif_q("6", "420"), AVIFDEC),
    ("avif:yuv=422", "avif", [32], avif_q("6", "422"), AVIFDEC),
    ("avif:lossless=on", "avif", [0], avifenc("-s", "6", "--lossless"), AVIFDEC),
    ("jxl", "jxl", [10, 2.5, 0.5, 5, 1.2], cjxl("7"), DJXL),
    ("jxl:effort=4", "jxl", [2.5], cjxl("4"), DJXL),
    ("jxl:lossless=on", "jxl", [0], cjxl("7", "0"), DJXL),
]


def run(command, **names):
    """Replaces placeholders and runs; {out.png} is {out} with that suffix. Returns the output's name."""
    out = names["out"]
    words = []
    for word in command:
        if word == "{out.png}":
            word = out = os.path.splitext(names["out"])[0] + ".png"
        for name, value in names.items():
            word = word.replace("{" + name + "}", str(value))
        words.append(word)
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: exit status {done.returncode}: {done.stderr.strip()}")
    return out


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder

    def name(self, file):
        return os.path.join(self.folder, file)

    def psnr(self, picture, decoded):
        text = subprocess.run([self.args.tessera, "compare", "--json", picture, decoded], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        got = json.loads(text)
        return float("inf") if got["equal"] else got["psnr_rgb"]

    def convert(self, picture, suffix):
        """The picture in another format, without metadata, by way of a lossless stream."""
        out, stream = self.name("source." + suffix), self.name("source.tsr")
        subprocess.run([self.args.tessera, "encode", "--quiet", "--lossless", "--effort", "1", "--no-metadata", picture,
                        stream], check=True)
        subprocess.run([self.args.tessera, "decode", "--quiet", stream, out], check=True)
        return out

    def one(self, case, setting, png, ppm):
        spec, suffix, _, encoder, decoder = case
        ours, theirs = self.name("ours." + suffix), self.name("theirs." + suffix)
        peer = self.args.peer_file
        run([peer, "encode", spec, "{q}", png, "{out}"], q=setting, out=ours)
        run(encoder, q=setting, png=png, ppm=ppm, out=theirs)
        decoded = run([peer, "decode", spec, ours, "{out}"], out=self.name("a.ppm"))
        a = os.path.getsize(ours), self.psnr(png, decoded)
        b = os.path.getsize(theirs), self.psnr(png, run(decoder, **{"in": theirs}, out=self.name("b.ppm")))
        crossed = self.psnr(png, run(decoder, **{"in": ours}, out=self.name("c.ppm")))
        agree = abs(a[0] - b[0]) <= SIZE * b[0] + HEADER and near(a[1], b[1]) and near(a[1], crossed)
        if "lossless" in spec:
            agree = agree and a[1] == b[1] == float("inf")
        return a, b, crossed, agree


def near(x, y):
    return x == y or abs(x - y) <= PSNR


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tessera")
    parser.add_argument("peer_file")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--settings", type=int, default=3)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    os.environ.setdefault("TESSERA_MODULES", os.path.dirname(os.path.abspath(args.tessera)))
    built = [line.split()[0] for line in
             subprocess.run([args.peer_file, "list"], check=True, stdout=subprocess.PIPE,
                            text=True).stdout.splitlines()]
    cases = []
    for case in CASES:
        name = case[0].split(":")[0]
        if args.only and name not in args.only.split(","):
            continue
        if name in built and shutil.which(case[3][0]) and shutil.which(case[4][0]):
            cases.append(case)
        else:
            print(f"not compared: {case[0]} (not built, or no {case[3][0]} or {case[4][0]})")
    if not cases:
        return 77
    bad = 0
    print(f"{'peer':36} {'setting':>7} {'picture':14} {'bytes':>8} {'tool':>8} {'differ':>8} "
          f"{'dB':>8} {'tool':>8} {'crossed':>8}")
    for picture in args.pictures:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(args, folder)
            png, ppm = bench.convert(picture, "png"), bench.convert(picture, "ppm")
            for case in cases:
                for setting in case[2][: args.settings]:
                    a, b, crossed, agree = bench.one(case, setting, png, ppm)
                    bad += not agree
                    print(f"{case[0]:36} {setting:7g} {os.path.basename(picture):14} {a[0]:8} {b[0]:8} "
                          f"{100 * (a[0] / b[0] - 1):+7.3f}% {a[1]:8.3f} {b[1]:8.3f} {crossed:8.3f}"
                          f"{'' if agree else '  DISAGREE'}", flush=True)
    print(f"{bad} do not agree" if bad else "all agree")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
