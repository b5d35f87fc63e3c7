#!/bin/sh
# The Kodak study in one command: every transform with every quantizer, the learned codec, all peers of the build,
# nine rates; OUT/results.csv and OUT/report.html. Stopped at any time it goes on where it was.
#
#     study.sh TESSERA OUT [PICTURES]     PICTURES: a folder or a glob; without it the 24 pictures are fetched
set -eu
tessera=$1
out=$2
pictures=${3:-}
if [ -z "$pictures" ]; then
    "$tessera" corpus fetch kodak
    pictures=kodak
fi
peers=$("$tessera" list peers --names | sed 's/^avif$/avif:speed=6/' | tr '\n' ',')jpeg:sub=444
"$tessera" sweep "$pictures" --peers "$peers" \
    -c '{wavelet,dct,svd,lowpass}/{uniform,rdo,trellis:states=128,codebook,kmeans,lattice,buckets,btc}/mix' \
    -c 'vqvae/{codebook,rdo,trellis:states=128}/mix' \
    -c 'wavelet-e1=wavelet/trellis:states=16,passes=1/adaptive' \
    -q 8,20,31,41,49,57,65,73,82 --metrics psnr_rgb,psnr_y,ms_ssim -o "$out"
"$tessera" report "$out" --anchor jpeg2000
