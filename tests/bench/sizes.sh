#!/bin/sh
# Files of the corpus photographs by every codec at two qualities: size within 0.2 %, PSNR within 0.02 dB of
# sizes.csv (encoders may round differently from compiler to compiler). vqvae is left out: without a model of its
# own it is the wavelet.
#
#     sizes.sh TESSERA ROOT [--accept]     --accept writes sizes.csv in place of comparing
set -u
tessera=$1
root=$2
list=$root/tests/bench/sizes.csv
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

member() { sed -n "s/^ *\"$1\": \\([^,]*\\),*\$/\\1/p" "$scratch/report"; }

measure() {
    echo "picture,codec,quality,bytes,psnr"
    for codec in $("$tessera" list transforms --names | grep -vx vqvae); do
        for picture in "$root"/corpus/photos/*; do
            for quality in 40 70; do
                "$tessera" encode "$picture" "$scratch/out.tsr" -c "$codec" -q $quality --psnr --json --quiet \
                    >"$scratch/report" || exit 1
                echo "$(basename "$picture"),$codec,$quality,$(member bytes),$(member psnr)"
            done
        done
    done
}

measure >"$scratch/sizes.csv" || exit 1
if [ "${3:-}" = --accept ]; then
    cp "$scratch/sizes.csv" "$list"
    exit
fi
[ -f "$list" ] || { echo "no $list: sizes.sh --accept makes it"; exit 1; }
awk -F , '
    function off(a, b) { return a > b ? a - b : b - a }
    NR == FNR { bytes[$1, $2, $3] = $4; psnr[$1, $2, $3] = $5; listed++; next }
    { seen++ }
    FNR == 1 { next }
    !(($1, $2, $3) in bytes) { print "not in the list: " $0; bad++; next }
    off($4, bytes[$1, $2, $3]) > 0.002 * $4 || off($5, psnr[$1, $2, $3]) > 0.02 {
        print $0 " expected " bytes[$1, $2, $3] "," psnr[$1, $2, $3]
        bad++
    }
    END {
        if (seen != listed) { print seen - 1 " results, " listed - 1 " listed"; bad++ }
        exit bad > 0
    }' "$list" "$scratch/sizes.csv"
