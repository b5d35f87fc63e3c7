#!/bin/sh
# The scripts of this folder that no other test runs: at_rates.py on curves made by a formula, whose gains are
# known; memory.py, scaling.py, pairs.py and speed_picture.py on little, for what they print.
#
#     bench_scripts.sh TESSERA ROOT     77: skipped, there is no python3
set -u
tessera=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
command -v python3 >/dev/null || exit 77
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
fail() { echo "$1"; shift; cat "$@"; exit 1; }

# 6 dB an octave: four fifths of the rate are 1.93 dB; "cross" is worse below 0.4 bpp and better above.
awk 'BEGIN {
    print "codec,image,bpp,psnr_rgb,status"
    for (i = 1; i <= 3; i++)
        for (k = 0; k < 9; k++) {
            rate = 0.05 * 1.6 ^ k; db = 30 + i + 6 * log(rate) / log(2)
            printf "jpeg2000,p%d,%.9f,%.6f,ok\nless,p%d,%.9f,%.6f,ok\n", i, rate, db, i, 0.8 * rate, db
            printf "cross,p%d,%.9f,%.6f,ok\n", i, rate, db + 0.5 * log(rate / 0.4)
            printf "bad,p%d,,,failed\n", i
        }
}' >rows.csv
python3 "$root/tests/bench/at_rates.py" rows.csv less cross --rates 0.1,0.4,0.9 >table.txt || fail "at_rates.py" table.txt
while read -r line; do
    grep -qF -- "$line" table.txt || fail "no line: $line" table.txt
done <<'END'
| `less` | +1.93 | +1.93 | +1.93 |
| `less` | -20.0 % | -20.0 % | -20.0 % |
| `cross` | -0.69 | +0.00 | +0.41 |
| `less` | 3 / 3 | 3 / 3 | 3 / 3 |
| `cross` | 0 / 3 |
less: better at every rate up to 1 bpp on every picture; least gain +1.93 dB
cross: not better at every rate up to 1 bpp on every picture; least gain -1.04 dB, p1 at 0.050 bpp
END
if python3 "$root/tests/bench/at_rates.py" rows.csv nobody 2>/dev/null; then fail "a codec that is not there"; fi

# Twice the pixels take more memory; each picture of memory.py decodes.
python3 "$root/tests/bench/memory.py" "$tessera" "$root/corpus/photos/chelsea.png" --megapixels 0.3,0.6 \
    --only 'effort 1' --csv memory.csv >memory.txt 2>&1 || fail "memory.py" memory.txt
grep -qE '^\| wavelet, effort 1 \| [0-9.]+ \| [1-9][0-9]* \|' memory.txt || fail "memory.py" memory.txt
awk -F, 'NR > 1 { if ($3 <= e || $4 <= d) exit 1; e = $3; d = $4; n++ } END { exit n != 2 }' memory.csv ||
    fail "memory.py" memory.csv

# Two sizes, two directions, two numbers of threads; the table is that of the seconds.
python3 "$root/tests/bench/scaling.py" "$tessera" "$root/corpus/photos/chelsea.png" --megapixels 0.1,0.3 --repeats 1 \
    --encode='-e 1' --csv scaling.csv >scaling.txt 2>&1 || fail "scaling.py" scaling.txt
python3 - <<'END' || fail "scaling.py" scaling.txt scaling.csv
import csv
rows = {(r["command"], r["pixels"], r["threads"]): r for r in csv.DictReader(open("scaling.csv"))}
cells = [line.strip("| ").split(" | ") for line in open("scaling.txt").read().split("\n")[2:6]]
assert len(rows) == 8 and [c[:2] for c in cells] == [[v, p] for v in ("encode", "decode") for p in ("99856", "300304")]
for verb, pixels, bpp, one, many, ratio, _, alone in cells:
    a, b = (float(rows[verb, pixels, j]["clock_s"]) for j in "12")
    assert abs(float(one) / (int(pixels) / a / 1e6) - 1) < 0.05 and abs(float(ratio) / (a / b) - 1) < 0.05
    assert float(alone) > 0
    assert abs(float(bpp) - int(rows[verb, pixels, "1"]["bytes"]) * 8 / int(pixels)) < 0.01
END

# The level nearest in size; eight commands whose files are about equal, and ratios that are those of the seconds.
PYTHONPATH="$root/tests/bench" python3 -c '
from pairs import nearest
for target, level in ((7000, 0), (6300, 0), (6200, 1), (3251, 30), (3249, 31), (100, 62), (1, 63)):
    assert nearest(lambda at: 6300 - 100 * at, target) == level, (target, level)' || fail "nearest of pairs.py"
if command -v avifenc >/dev/null && command -v avifdec >/dev/null; then
    python3 "$root/tests/bench/pairs.py" "$tessera" "$root/corpus/photos/chelsea.png" --qualities 45 --repeats 1 \
        --encode='-e 1' --csv pairs.csv >pairs.txt 2>&1 || fail "pairs.py" pairs.txt
    python3 - <<'END' || fail "pairs.py" pairs.txt pairs.csv
import csv
rows = {r["command"]: r for r in csv.DictReader(open("pairs.csv"))}
cells = [line.split(" | ") for line in open("pairs.txt").read().split("\n")[2:4]]
ours, theirs = rows["tessera encode"], rows["avifenc"]
assert len(rows) == 8 and all(float(r["clock_s"]) > 0 for r in rows.values())
assert 0.9 < int(ours["bytes"]) / int(theirs["bytes"]) < 1.1
assert cells[0][0] == "| chelsea" and cells[0][2] == ours["bytes"] and cells[0][4] == theirs["bytes"]
assert cells[1][0] == "| mean" and cells[1][5] == cells[0][5]
assert abs(float(cells[0][5].split(" / ")[1]) - float(ours["clock_s"]) / float(theirs["clock_s"])) < 0.02
END
fi

# Two efforts and the anchor; a second run measures nothing again.
command -v opj_compress >/dev/null && command -v opj_decompress >/dev/null || exit 0
speed() {
    python3 "$root/tests/bench/speed_picture.py" "$tessera" out "$root/corpus/photos/chelsea.png" --qualities 4 \
        --efforts 1,3 --only opj,wavelet >speed.txt 2>&1 || fail "speed_picture.py" speed.txt
}
speed
cp out/results.csv first.csv
speed
cmp -s first.csv out/results.csv || fail "measured again" first.csv out/results.csv
[ "$(wc -l <first.csv)" = 13 ] || fail "not 12 rows" first.csv
grep -qE '^\| wavelet -e 3 \| [0-9.]+ \| -[0-9.]+ % \| -[0-9.]+ % \| none \|$' out/speed.md || fail "speed.md" out/speed.md
grep -q '^1 of 1 pictures (chelsea), 4 qualities' out/speed.md || fail "speed.md" out/speed.md
[ -s out/figures/speed_encode.svg ] && [ ! -e out/figures/speed_decode.svg ] || fail "figures"
