#!/bin/sh
# Streams of many kinds must decode to the same samples by the command and by second_decoder.py, which was
# written from docs/format.md.
#
#     second_decoder.sh TESSERA [PYTHON]
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

tried=0
failed=0
# check PICTURE ENCODE-OPTION...
check() {
    tried=$((tried + 1))
    "$TESSERA" encode "$@" -o a.tsr --quiet &&
        "$TESSERA" decode a.tsr one.pam --quiet &&
        "$python" -B "$here/second_decoder.py" a.tsr two.pam &&
        cmp one.pam two.pam && return
    failed=$((failed + 1))
    echo "FAILED: $*"
}

check rgb.pam -q 60
check rgb.pam -q 10 --postfilter on --colour ycbcr
check rgb.pam -c wavelet:filter=cdf53/rdo/adaptive -q 80
check rgb.pam -c identity/trellis:states=16/mix -q 50
check rgb.pam -c wavelet:levels=2/trellis:states=64/adaptive -q 70
check rgb.pam --lossless -e 1
check rgba16.pam -q 75 --postfilter on
check rgba16.pam -c wavelet:filter=haar,levels=2/trellis:states=32/adaptive --step 0.02
check rgba16.pam --lossless -c wavelet:filter=haar
check greya.pam -c wavelet:filter=db3/uniform/mix -q 90
check greya.pam -c wavelet/trellis:states=4/mix -q 40
check dot.pam -q 50
check line.pam --lossless -c identity
check line.pam -c identity/uniform/adaptive --step 0.001
echo "$tried streams, $failed differ"
[ "$failed" -eq 0 ]
