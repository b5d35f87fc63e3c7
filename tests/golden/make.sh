#!/bin/sh
# Makes the golden streams that are not there yet, and the manifest of all of them.
#
#     make.sh BUILD [--all]
#
# A golden stream stays for ever: it shows that what was once written is still read. New kinds of streams are
# added to the list below. --all makes every stream anew, for a format that nobody has written files in yet.
# ../bench/sizes.csv is made where it is missing; after a change to an encoder sizes.sh --accept renews it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
[ "${2:-}" != --all ] || rm -f "$here"/*.tsr "$here/../bench/sizes.csv"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$build/tests/golden_pictures" "$scratch"

# stream NAME PICTURE ENCODE-OPTION...
stream() {
    [ ! -e "$here/$1.tsr" ] || return 0
    name=$1 picture=$2
    shift 2
    "$build/cli/tessera" encode "$picture" "$here/$name.tsr" --quiet -j 1 --alpha $alpha "$@"
}
alpha=lossy # as all streams were before there was a choice

cd "$scratch"

# Every transform with every quantizer and entropy coder, at a high and a low rate.
for transform in $("$build/cli/tessera" list transforms --names | grep -vx vqvae); do
    for quantizer in uniform rdo trellis; do
        for entropy in adaptive mix; do
            stream "$transform-$quantizer-$entropy-high" rgb.pam -c "$transform/$quantizer/$entropy" -q 85
            stream "$transform-$quantizer-$entropy-low" rgb.pam -c "$transform/$quantizer/$entropy" -q 35
        done
    done
    for quantizer in buckets kmeans btc lattice codebook; do
        stream "$transform-$quantizer-adaptive-high" rgb.pam -c "$transform/$quantizer/adaptive" -q 85
        stream "$transform-$quantizer-mix-low" rgb.pam -c "$transform/$quantizer/mix" -q 35
    done
    # Every kind of picture, and sizes that leave nothing to halve.
    for kind in grey greya rgba rgb16 grey16 greya16 rgba16 dot line wide tall; do
        stream "$transform-kind-$kind" $kind.pam -c "$transform" -q 60
    done
done

# Parameters of the transforms.
for filter in cdf97 cdf53 haar db3; do
    stream "wavelet-$filter" rgb.pam -c wavelet:filter=$filter,levels=3 -q 50
done
stream wavelet-levels-1 rgb.pam -c wavelet:levels=1 -q 50
stream wavelet-levels-10 tall.pam -c wavelet:levels=10 -q 50
stream dct-16 rgb.pam -c dct:block=16 -q 50
stream dct-32 rgb.pam -c dct:block=32 -q 50
for kind in ec kmeans fixed; do
    for picture in rgb greya dot line tall; do
        stream "codebook-$kind-$picture" $picture.pam -c wavelet/codebook:kind=$kind/mix -q 60
    done
done
for picture in rgb grey16 rgba dot line tall; do
    stream "stages-$picture" $picture.pam -c wavelet/codebook:stages=3/mix -q 60
done
for kind in ec kmeans fixed; do
    stream "stages-$kind" rgb.pam -c wavelet/codebook:kind=$kind,stages=2,ratio=3/adaptive -q 60
done
for transform in identity dct svd lowpass klt; do
    stream "stages-$transform" rgb.pam -c $transform/codebook:stages=2/mix -q 70
done
stream stages-4 rgb.pam -c wavelet/codebook:stages=4,ratio=2/adaptive -q 80
stream stages-parts column.pam -c wavelet/codebook:stages=2/mix:parts=2 -q 80
stream stages-net-off rgb.pam -c vqvae:net=off/codebook:stages=2/mix -q 60
stream trellis-256 rgb.pam -c wavelet/trellis:states=256/mix -q 60
stream trellis-128 rgb.pam -c dct/trellis:states=128/adaptive -q 60
for second in off 4 8; do
    stream "dct-plain-$second" rgb.pam -c dct:lapped=off,second=$second -q 50
done
stream dct-second-8 rgb.pam -c dct:second=8 -q 50
for precision in fine medium coarse; do
    stream "svd-$precision" stripes.pam -c svd:precision=$precision -q 70
done
stream svd-basis stripes.pam -c svd -q 90
stream svd-16 stripes.pam -c svd:block=16 -q 50
stream svd-32 stripes.pam -c svd:block=32 -q 50
stream svd-separate stripes.pam -c svd:overlap=off -q 60
stream svd-no-basis stripes.pam -c svd:rank=0 -q 60
stream svd-plane stripes.pam -c svd:mode=plane -q 60
stream svd-plane-alpha rgba16.pam -c svd:mode=plane,terms=4 -q 60
for quantizer in uniform trellis; do
    stream "klt-classes-$quantizer" stripes.pam -c klt:classes=on/$quantizer/mix -q 60
done
stream klt-classes-alpha rgba16.pam -c klt:classes=on/uniform/adaptive -q 85
stream klt-separate rgb.pam -c klt:overlap=off -q 60
for shape in matched ideal cosine gaussian butterworth; do
    stream "lowpass-$shape" rgb.pam -c lowpass:shape=$shape -q 50
done
for residual in bands dct4 dct8 samples; do
    stream "lowpass-$residual" rgb.pam -c lowpass:residual=$residual,levels=2 -q 50
done
stream lowpass-cutoff rgb.pam -c lowpass:shape=gaussian,cutoff=0.7 -q 50
for states in 4 8 16 32 64; do
    stream "trellis-$states" rgb.pam -c wavelet/trellis:states=$states/mix -q 50
done

# Parameters of the other quantizers, on detail bands and on the picture itself.
for transform in wavelet identity; do
    stream "kmeans-k-$transform" rgb.pam -c $transform/kmeans:k=9/adaptive -q 70
    stream "buckets-k-$transform" rgb.pam -c $transform/buckets:k=5,block=6/mix -q 70
    stream "buckets-means-$transform" rgb.pam -c $transform/buckets:centres=kmeans/adaptive -q 70
    stream "buckets-means-k-$transform" rgb.pam -c $transform/buckets:k=4,block=8,centres=kmeans/mix -q 60
    stream "btc-block-$transform" rgb.pam -c $transform/btc:block=7/mix -q 70
    stream "btc-absolute-$transform" rgb.pam -c $transform/btc:moments=absolute/adaptive -q 70
done
for quantizer in buckets kmeans btc lattice; do
    for kind in rgba16 dot wide tall; do
        stream "$quantizer-kind-$kind" $kind.pam -c wavelet/$quantizer/adaptive -q 60
    done
done

# The learned transform, without networks and with those of a model that was never trained, which only
# make_model can make: it stays with the streams.
[ -e "$here/drawn.tsm" ] || "$build/tests/make_model" "$here/drawn.tsm" drawn 3 0.01
TESSERA_MODEL_PATH=$here
export TESSERA_MODEL_PATH
for kind in rgb grey rgba16 dot wide tall; do
    stream "vqvae-off-$kind" $kind.pam -c vqvae:net=off/rdo/adaptive -q 60
    stream "vqvae-$kind" $kind.pam -c vqvae/rdo/adaptive --model drawn -q 40
done
stream vqvae-stages rgb.pam -c vqvae/codebook:stages=2/adaptive --model drawn -q 60
stream vqvae-fine rgb.pam -c vqvae/rdo/adaptive --model drawn --step 2.5
stream vqvae-coarse rgb.pam -c vqvae:encoder=off/rdo/adaptive --model drawn --step 300

# The network behind the post filter, of a model that was never trained.
[ -e "$here/drawnfilter.tsm" ] || "$build/tests/make_model" "$here/drawnfilter.tsm" drawnfilter 5 0.01 9 filter
for kind in rgb grey rgba16 dot line; do
    stream "network-$kind" $kind.pam -c wavelet/rdo/adaptive --postfilter network --model drawnfilter -q 40
done
# The same of integers, and in the learned transform.
[ -e "$here/drawnintfilter.tsm" ] ||
    "$build/tests/make_model" "$here/drawnintfilter.tsm" drawnintfilter 6 0.3 9 filter integers
[ -e "$here/drawnints.tsm" ] || "$build/tests/make_model" "$here/drawnints.tsm" drawnints 7 0.3 4 vqvae integers
for kind in rgb grey rgba16 dot line; do
    stream "network-integers-$kind" $kind.pam -c wavelet/rdo/adaptive --postfilter network --model drawnintfilter -q 40
done
for kind in rgb grey wide; do
    stream "vqvae-integers-$kind" $kind.pam -c vqvae/rdo/adaptive --model drawnints -q 40
done
stream network-dct rgb.pam -c dct/rdo/adaptive --postfilter network --model drawnfilter -q 60
# Its mean over views.
for views in 2 8; do
    for kind in rgb grey rgba wide tall line dot; do
        stream "network-views-$views-$kind" $kind.pam -c wavelet/rdo/adaptive --postfilter network --views $views \
            --model drawnfilter -q 40
    done
    stream "network-views-$views-integers" rgba.pam -c wavelet/rdo/adaptive --postfilter network --views $views \
        --model drawnintfilter -q 40
done

# Colour transforms, post filter, tiny and huge steps.
for colour in none ycbcr klt; do
    stream "colour-$colour" rgb.pam -c wavelet --colour $colour -q 60
done
stream filter-on rgb.pam -c wavelet --postfilter on -q 40
stream filter-on-alpha rgba.pam -c wavelet --postfilter on -q 40
stream filter-off rgb.pam -c wavelet --postfilter off -q 40
stream step-small grey16.pam -c wavelet --step 0.01
stream step-large rgb.pam -c wavelet --step 500

# Parts.
for quantizer in trellis codebook lattice; do
    stream "parts-$quantizer-mix" column.pam -c wavelet/$quantizer/mix:parts=3 -q 60
    stream "parts-$quantizer-adaptive" column.pam -c wavelet/$quantizer/adaptive:parts=2 -q 60
done
for entropy in mix adaptive; do
    stream "parts-rows-$entropy" column.pam -c wavelet/codebook/$entropy:parts=4,rows=16 -q 60
done
stream parts-rows-trellis column.pam -c wavelet/trellis/mix:parts=3,rows=24 -q 60
stream parts-lossless column.pam --lossless -c wavelet//mix:parts=3
stream parts-vqvae column.pam -c vqvae:net=off/rdo/mix:parts=3 -q 50
stream parts-asked-for-many rgb.pam -c wavelet//mix:parts=16 -q 60

# The network of mix: of levels (`on`, before vectors had one), and of both.
stream prior-high rgb.pam -c wavelet//mix:prior=levels -q 85
stream prior-low rgb.pam -c wavelet//mix:prior=levels -q 35
for picture in rgba16 greya tall dot; do stream "prior-$picture" $picture.pam -c wavelet//mix:prior=levels -q 60; done
stream prior-lattice rgb.pam -c wavelet/lattice/mix:prior=levels -q 60
stream prior-dct rgb.pam -c dct//mix:prior=levels -q 60
stream prior-lossless rgb.pam --lossless -c wavelet//mix:prior=levels
stream prior-parts column.pam -c wavelet//mix:parts=2,prior=levels -q 60
stream prior-levels-codebook rgb.pam -c wavelet/codebook/mix:prior=levels -q 60
stream prior-on-trellis rgb.pam -c wavelet//mix:prior=on -q 60
stream prior-on-high rgb.pam -c wavelet/codebook/mix:prior=on -q 85
stream prior-on-low rgb.pam -c wavelet/codebook/mix:prior=on -q 35
for picture in rgba16 greya tall dot; do stream "prior-on-$picture" $picture.pam -c wavelet/codebook/mix:prior=on -q 60; done
stream prior-on-kmeans rgb.pam -c wavelet/codebook:kind=kmeans/mix:prior=on -q 60
stream prior-on-klt rgb.pam -c klt/codebook/mix:prior=on -q 60
stream prior-on-parts column.pam -c wavelet/codebook/mix:parts=2,prior=on -q 60

# Lossless.
for kind in grey greya rgb rgba grey16 greya16 rgb16 rgba16 dot line wide tall; do
    stream "lossless-$kind" $kind.pam --lossless
done
for codec in wavelet:filter=haar//adaptive wavelet:filter=cdf53,levels=2//mix identity//adaptive identity//mix; do
    name=$(echo "lossless-$codec" | tr -s ':=,/' -)
    stream "$name" rgb.pam -c $codec --lossless
    stream "$name-16" rgba16.pam -c $codec --lossless
done
stream lossless-none rgb.pam --lossless --colour none

# Alpha without loss beside lossy colours.
alpha=lossless
for transform in $("$build/cli/tessera" list transforms --names | grep -vx vqvae); do
    stream "alpha-$transform" rgba.pam -c "$transform" -q 60
done
for kind in greya greya16 rgba16 tall cutout cutout16 pane; do
    for entropy in adaptive mix; do
        stream "alpha-$entropy-$kind" $kind.pam -c wavelet//$entropy -q 60
    done
done
stream alpha-vqvae cutout.pam -c vqvae/rdo/adaptive --model drawn -q 40
stream alpha-codebook rgba.pam -c wavelet/codebook/mix:prior=levels -q 60
stream alpha-network rgba.pam -c wavelet/rdo/adaptive --postfilter network --model drawnfilter -q 40

# ICC profile, EXIF block, orientation.
stream meta meta.tsr -c wavelet -q 60
stream meta-lossless meta.tsr --lossless

cd "$here"
"$build/tests/test_golden" --manifest . >manifest.txt
[ -f ../bench/sizes.csv ] || ../bench/sizes.sh "$build/cli/tessera" "$here/../.." --accept
echo "$(ls ./*.tsr | wc -l) streams, $(cat ./*.tsr | wc -c) bytes"
