#!/bin/sh
# Streams of many kinds must decode to the same samples by the command and by second_decoder.py, which was
# written from docs/format.md.
#
#     second_decoder.sh TESSERA [PYTHON]
#
# The model is one of the golden streams'.
set -u
here=$(cd "$(dirname "$0")" && pwd)
TESSERA=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
python=${2:-python3}
SCRATCH=$(mktemp -d) || exit 2
trap 'rm -rf "$SCRATCH"' EXIT
. "$here/../cli/cli_test.sh"
cd "$SCRATCH" || exit 2
picture rgb 61 45 8 >rgb.pam
picture rgba 33 20 16 >rgba16.pam
picture greya 19 37 8 >greya.pam
picture rgb 1 1 8 >dot.pam
picture grey 100 3 16 >line.pam

model=$here/../golden/drawn.tsm
TESSERA_MODEL_PATH=$here/../golden
export TESSERA_MODEL_PATH

# Below 5, where no network follows: those are slow here.
effort=4
alpha=lossy # as a plane among others
tried=0
failed=0
# check PICTURE ENCODE-OPTION...
check() {
    tried=$((tried + 1))
    "$TESSERA" encode -e $effort --alpha $alpha "$@" -o a.tsr --quiet &&
        "$TESSERA" decode a.tsr one.pam --quiet &&
        "$python" -B "$here/second_decoder.py" a.tsr two.pam "$model" &&
        cmp one.pam two.pam && return
    failed=$((failed + 1))
    echo "FAILED: $*"
}

check rgb.pam -q 60
check rgb.pam -q 10 --postfilter on --colour ycbcr
check rgb.pam -c wavelet:filter=cdf53/rdo/adaptive -q 80
check rgb.pam -c identity/trellis:states=16/mix -q 50
check rgb.pam -c wavelet:levels=2/trellis:states=64/adaptive -q 70
check rgb.pam --lossless
check rgba16.pam -q 75 --postfilter on
check rgba16.pam -c wavelet:filter=haar,levels=2/trellis:states=32/adaptive --step 0.02
check rgba16.pam --lossless -c wavelet:filter=haar
check greya.pam -c wavelet:filter=db3/uniform/mix -q 90
check greya.pam -c wavelet/trellis:states=4/mix -q 40
check dot.pam -q 50
check line.pam --lossless -c identity
check line.pam -c identity/uniform/adaptive --step 0.001
check rgb.pam -c wavelet/lattice/mix -q 60
check greya.pam -c wavelet:levels=2/lattice/adaptive -q 85
check line.pam -c identity/lattice/mix -q 50
check rgb.pam -c wavelet/trellis/mix:prior=on -q 60
check rgb.pam -c wavelet/lattice/mix:prior=on -q 80
check rgba16.pam -c identity/rdo/mix:prior=on -q 70
check greya.pam -c wavelet:levels=2/uniform/mix:prior=on -q 30
check dot.pam --lossless -c wavelet/uniform/mix:prior=on
check rgb.pam -c klt/trellis/mix:prior=on -q 50
check rgb.pam -c wavelet/trellis/mix:prior=levels -q 40
check greya.pam -c wavelet/codebook/mix:prior=levels -q 60
check greya.pam -c wavelet/codebook/mix:prior=on -q 60
check rgb.pam -c wavelet/codebook/mix:prior=on -q 85
check rgba16.pam -c wavelet/codebook:kind=kmeans/mix:prior=on -q 50
check rgb.pam -c klt/codebook/mix:prior=on -q 60
check line.pam -c wavelet/codebook/mix:prior=on -q 80
check dot.pam -c wavelet/codebook:kind=fixed/mix:prior=on -q 50
check rgb.pam -c wavelet/kmeans/mix -q 60
check rgba16.pam -c wavelet/kmeans:k=9/adaptive -q 75
check greya.pam -c identity/kmeans:k=20/mix -q 60
check line.pam -c identity/kmeans/adaptive -q 60
check rgb.pam -c wavelet/buckets/adaptive -q 60
check rgb.pam -c identity/buckets/mix -q 60
check rgba16.pam -c wavelet/buckets:k=5,block=6/mix -q 75
check greya.pam -c identity/buckets:k=5,block=6/adaptive -q 75
check rgb.pam -c wavelet/buckets:centres=kmeans/mix -q 70
check greya.pam -c identity/buckets:k=4,block=8,centres=kmeans/adaptive -q 60
check rgb.pam -c wavelet/codebook/mix -q 60
check rgb.pam -c wavelet/codebook/adaptive -q 90
check rgba16.pam -c wavelet/codebook/mix --step 0.05
check greya.pam -c wavelet:levels=2/codebook/adaptive -q 30
check greya.pam -c wavelet/codebook:kind=kmeans/mix -q 60
check rgb.pam -c wavelet:filter=cdf53/codebook:kind=kmeans/adaptive -q 40
check rgb.pam -c wavelet/codebook:kind=fixed/mix -q 40
check rgba16.pam -c wavelet/codebook:kind=fixed/adaptive -q 70
check line.pam -c wavelet/codebook/mix -q 80
check dot.pam -c identity/codebook/mix -q 50
check rgb.pam -c wavelet/codebook:stages=2/mix -q 60
check rgb.pam -c wavelet/codebook:stages=4,ratio=2/adaptive -q 80
check rgba16.pam -c wavelet/codebook:stages=3,ratio=3/mix --step 2
check greya.pam -c wavelet:levels=2/codebook:stages=2,ratio=8/adaptive -q 70
check rgb.pam -c klt/codebook:stages=2,kind=kmeans/mix -q 50
check greya.pam -c wavelet/codebook:stages=3,kind=fixed/adaptive -q 60
check line.pam -c identity/codebook:stages=2/mix -q 60
check dot.pam -c wavelet/codebook:stages=4/mix -q 50
check rgb.pam -c wavelet/btc/mix -q 70
check rgba16.pam -c identity/btc:moments=absolute/adaptive -q 60
check greya.pam -c wavelet/btc:block=5,moments=absolute/mix -q 80
check dot.pam -c wavelet/btc -q 50
picture grey 9 260 8 >grey260.pam
picture rgb 5 390 8 >rgb390.pam
check grey260.pam -c wavelet//mix:parts=2 -q 60
check grey260.pam -c wavelet/rdo/adaptive:parts=9 -q 80
check rgb390.pam -c wavelet/trellis:states=16/adaptive:parts=3 -q 50
check rgb390.pam -c wavelet:levels=2/codebook/mix:parts=2 -q 60
check rgb390.pam -c wavelet/codebook:stages=2/mix:parts=2 -q 60
check rgb390.pam -c wavelet/lattice/mix:parts=3 -q 70
check rgb390.pam -c wavelet/codebook/mix:parts=2,rows=16 -q 60
check rgb390.pam -c wavelet/rdo/mix:parts=16,rows=20 -q 70
check grey260.pam -c wavelet/trellis/adaptive:parts=4,rows=16 -q 80
check grey260.pam -c wavelet//mix:parts=2,prior=on -q 60
check rgb390.pam -c wavelet/codebook/mix:parts=2,prior=on -q 50
check grey260.pam --lossless -c wavelet//mix:parts=2
check rgb390.pam -c vqvae:net=off/codebook/adaptive:parts=2 -q 70
check rgb.pam -c klt/trellis:states=16/mix -q 60
check rgb.pam -c klt:classes=on/uniform/adaptive -q 80
check rgba16.pam -c klt:classes=on/trellis/mix --step 0.5
check greya.pam -c klt:overlap=off/uniform/mix -q 70
check dot.pam -c klt:classes=on -q 50
check rgb.pam -c vqvae:net=off/rdo/mix -q 50
check rgb.pam -c vqvae/rdo/adaptive --model drawn -q 60 --colour ycbcr
check rgba16.pam -c vqvae/trellis:states=8/mix --model drawn --step 3
check greya.pam -c vqvae/uniform/adaptive --model drawn --step 300
check dot.pam -c vqvae/trellis --model drawn -q 50
check rgb.pam -c vqvae/codebook:stages=3/adaptive --model drawn -q 60
model=$here/../golden/drawnfilter.tsm
check rgb.pam -c wavelet/rdo/adaptive --postfilter network --model drawnfilter -q 40
check rgba16.pam -c identity/rdo/adaptive --postfilter network --model drawnfilter --step 12
check greya.pam -c wavelet:levels=2/uniform/adaptive --postfilter network --model drawnfilter -q 60
check line.pam --postfilter network --model drawnfilter -q 50
check dot.pam --postfilter network --model drawnfilter -q 50
model=$here/../golden/drawnintfilter.tsm
check rgb.pam -c wavelet/rdo/adaptive --postfilter network --model drawnintfilter -q 40
check greya.pam -c wavelet:levels=2/uniform/adaptive --postfilter network --model drawnintfilter -q 60
check line.pam --postfilter network --model drawnintfilter -q 50
picture rgba 14 13 8 >tiny.pam
picture grey 30 21 8 >half.pam
for views in 2 8; do
    check half.pam -c wavelet/rdo/adaptive --postfilter network --model drawnintfilter --views $views -q 40
    check rgba16.pam -c identity/rdo/adaptive --postfilter network --model drawnintfilter --views $views --step 9
    check tiny.pam -c wavelet/rdo/adaptive --postfilter network --model drawnintfilter --views $views -q 20
    check dot.pam --postfilter network --model drawnintfilter --views $views -q 50
done
model=$here/../golden/drawnfilter.tsm
check greya.pam -c wavelet:levels=2/uniform/adaptive --postfilter network --model drawnfilter --views 8 -q 60
check line.pam --postfilter network --model drawnfilter --views 8 -q 50
model=$here/../golden/drawnints.tsm
check rgb.pam -c vqvae/rdo/adaptive --model drawnints -q 60
check rgba16.pam -c vqvae/trellis:states=8/mix --model drawnints --step 3
picture rgb 24 17 8 >small.pam
effort=5
check small.pam -q 30 --postfilter network
effort=4
alpha=lossless
picture greya 1 1 16 >speck.pam
picture greya 9 260 8 >greya260.pam
check rgba16.pam -q 50
check greya.pam -c wavelet/rdo/adaptive -q 50 --postfilter on
check greya.pam -c klt/uniform/mix:prior=on -q 60
check rgba16.pam -c vqvae/rdo/adaptive --model drawnints --step 20
check speck.pam -q 50
check greya260.pam -c wavelet/rdo/mix:parts=2 -q 60
for stream in "$here"/../golden/alpha-*-cutout*.tsr "$here"/../golden/alpha-*-pane.tsr; do # tables of values
    tried=$((tried + 1))
    "$TESSERA" decode "$stream" one.pam --quiet && "$python" -B "$here/second_decoder.py" "$stream" two.pam &&
        cmp one.pam two.pam && continue
    failed=$((failed + 1))
    echo "FAILED: $stream"
done
echo "$tried streams, $failed differ"
[ "$failed" -eq 0 ]
