#!/usr/bin/env python3
"""The speed picture: processor time of encoding against rate, every effort beside the peers' tools.

    speed_picture.py TESSERA OUT PICTURE... [--pictures N] [--qualities N] [--transform NAME] [--efforts LIST]
                     [--only LIST]

Whole processes on one thread, PNG in, are timed by the processor time (user and system) that they took: start,
reading and writing are in it, waiting for other programs is not. A process is timed three times, the slow ones
(over a quarter of a second) once; the median counts. Of more than N pictures (default 6) N are taken, spread evenly; the
output says so. N of five qualities (default 5) between 0.1 and 2.5 bits per pixel.

OUT receives results.csv, rows as of `tessera sweep --time` whose seconds are processor time (peers of this
script, not those built in), report.html and figures/speed_encode.svg by `tessera report`, and speed.md: for each codec
seconds a megapixel, BD-rate against opj_compress, and who dominates it. A codec is dominated by another that is
both faster and smaller (less BD-rate). Points that are known in OUT are not measured again.
"""
import argparse
import csv
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from peers_agree import AVIFDEC, CWEBP, DWEBP, OPJ, Bench, avif_q, opj, run

ANCHOR = "opj_compress"
SLOW, REPEATS = 0.25, 3
COLUMNS = ["codec", "setting", "image", "width", "height", "bytes", "bpp", "psnr_rgb", "enc_s", "dec_s", "repeats",
           "status"]
# First those that also do for fewer than five.
OURS_Q, CQ, RATIO, WEBP_Q = [41, 73, 8, 57, 24], [34, 18, 52, 26, 44], [48, 16, 200, 26, 100], [35, 85, 3, 65, 15]


def codecs(tessera, transform, efforts):
    """[(name, ours, suffix, settings, encoder, decoder)]: commands as in peers_agree.py."""
    rows = []
    for e in efforts:
        rows.append((f"{transform} -e {e}", True, "tsr", OURS_Q,
                     [tessera, "encode", "--quiet", "-j", "1", "-c", transform, "-e", e, "-q", "{q}", "{png}", "{out}"],
                     [tessera, "decode", "--quiet", "-j", "1", "{in}", "{out}"]))
    peers = [(ANCHOR, "j2k", RATIO, [w.replace("{ppm}", "{png}") for w in opj("-I", "-r", "{q}")], OPJ)]
    peers += [(f"avifenc -s {s}", "avif", CQ, avif_q(s, "444"), AVIFDEC) for s in ("2", "4", "6", "8", "10")]
    peers += [(f"cwebp -m {m}", "webp", WEBP_Q, [*CWEBP, "-m", m], DWEBP) for m in ("0", "4", "6")]
    for name, suffix, settings, encoder, decoder in peers:
        if shutil.which(encoder[0]) and shutil.which(decoder[0]):
            rows.append((name, False, suffix, settings, encoder, decoder))
        else:
            print(f"not there: {name}")
    return rows


def filled(command, names):
    words = list(command)
    for key, value in names.items():
        words = [w.replace("{" + key + "}", str(value)) for w in words]
    return words


def seconds(words):
    """(processor time, time of the clock) of a process."""
    start = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"exit status {child.returncode}: {' '.join(words)}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start


def processor_seconds(words):
    return seconds(words)[0]


def measure(bench, codec, q, png, size):
    name, _, suffix, _, encoder, decoder = codec
    stream = bench.name("out." + suffix)
    words = filled(encoder, {"q": q, "png": png, "out": stream})
    times = [processor_seconds(words)]
    while len(times) < REPEATS and times[0] < SLOW:
        times.append(processor_seconds(words))
    decoded = run(decoder, **{"in": stream}, out=bench.name("back.ppm"))
    count = os.path.getsize(stream)
    return {"codec": name, "setting": f"q={q}", "width": size[0], "height": size[1], "bytes": count,
            "bpp": f"{count * 8 / (size[0] * size[1]):.6f}", "psnr_rgb": f"{bench.psnr(png, decoded):.4f}",
            "enc_s": f"{statistics.median(times):.4f}", "dec_s": "", "repeats": len(times), "status": "ok"}


def png_size(path):
    with open(path, "rb") as f:
        return struct.unpack(">II", f.read(24)[16:])


def spread(pictures, n):
    """n of the pictures, evenly: all when there are no more."""
    if len(pictures) <= n:
        return pictures
    return [pictures[(2 * i + 1) * len(pictures) // (2 * n)] for i in range(n)]


def measure_all(a, rows, pictures):
    """Appends what results.csv does not have; a picture and quality after the other, all codecs in turn."""
    path = os.path.join(a.out, "results.csv")
    known = set()
    if os.path.exists(path):
        with open(path, newline="") as f:
            known = {(r["codec"], r["setting"], r["image"]) for r in csv.DictReader(f)}
    with open(path, "a", newline="") as f, tempfile.TemporaryDirectory() as folder:
        table, bench = csv.DictWriter(f, COLUMNS), Bench(a, folder)
        if not known:
            table.writeheader()
        for picture in pictures:
            png, image = None, os.path.basename(picture)
            for k in range(a.qualities):
                for codec in rows:
                    if (codec[0], f"q={codec[3][k]}", image) in known:
                        continue
                    png = png or bench.convert(picture, "png")
                    table.writerow(dict(measure(bench, codec, codec[3][k], png, png_size(png)), image=image))
                    f.flush()
                print(f"{image}: quality {k + 1} of {a.qualities}", file=sys.stderr, flush=True)


def report(a):
    """{codec: (seconds a megapixel, BD-rate, BD-rate of the mean curve)} by the command's own report."""
    results = os.path.join(a.out, "results.csv")
    options = ["--anchor", ANCHOR, "--crops", "0", "--title", "Encoding time and rate, one thread", "--quiet",
               "--html", os.path.join(a.out, "report.html"), "--figures", os.path.join(a.out, "figures")]
    text = subprocess.run([a.tessera, "report", results, "--json", *options], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    got = json.loads(text)
    bd = {p["codec"]: (p["bd_rate"], p["bd_rate_of_mean_curve"]) for p in got["pairs"] if p["anchor"] == ANCHOR}
    bd[ANCHOR] = (0.0, 0.0)
    return {c["codec"]: (1 / c["encode_mpixel_s"], *bd[c["codec"]]) for c in got["codecs"]}


def dominators(name, others, found):
    time, rate, _ = found[name]
    return [o for o in others if found[o][0] < time and found[o][1] < rate]


def table(rows, found):
    """Lines of Markdown; ours are compared with peers and peers with ours."""
    here = [c for c in rows if c[0] in found and found[c[0]][1] is not None]
    yield f"| encoder | CPU s/Mpixel | BD-rate against {ANCHOR}, mean | of the mean curve | dominated by |"
    yield "|---|---:|---:|---:|---|"
    for name, ours, *_ in sorted(here, key=lambda c: found[c[0]][0]):
        by = dominators(name, [c[0] for c in here if c[1] != ours], found)
        time, rate, curve = found[name]
        yield f"| {name} | {time:.3f} | {rate:+.1f} % | {curve:+.1f} % | {', '.join(by) or 'none'} |"
    beaten = [c[0] for c in here if c[1] and dominators(c[0], [o[0] for o in here if not o[1]], found)]
    yield ""
    yield (f"Both faster and smaller than these of ours is some peer's point: {', '.join(beaten)}." if beaten else
           "No peer's point is both faster and smaller than one of ours.")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("tessera")
    p.add_argument("out")
    p.add_argument("picture", nargs="+")
    p.add_argument("--pictures", type=int, default=6)
    p.add_argument("--qualities", type=int, default=5, choices=range(4, 6))
    p.add_argument("--transform", default="wavelet")
    p.add_argument("--efforts", default="1,2,3,4,5,6,7,8,9")
    p.add_argument("--only", default="", help="encoders whose name contains one of these, between commas")
    a = p.parse_args()
    a.tessera = os.path.abspath(a.tessera)
    os.makedirs(a.out, exist_ok=True)
    pictures = spread(sorted(a.picture), a.pictures)
    rows = codecs(a.tessera, a.transform, a.efforts.split(","))
    rows = [c for c in rows if any(word in c[0] for word in a.only.split(","))]
    measure_all(a, rows, pictures)
    names = ", ".join(os.path.splitext(os.path.basename(i))[0] for i in pictures)
    lines = list(table(rows, report(a)))
    lines += ["", f"{len(pictures)} of {len(a.picture)} pictures ({names}), {a.qualities} qualities, one thread, "
              "processor time of whole processes."]
    with open(os.path.join(a.out, "speed.md"), "w") as f:
        f.write("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
