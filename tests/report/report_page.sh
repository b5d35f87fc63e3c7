#!/bin/sh
# The page of a report in a browser: its script runs without an error, theme, filter, tabs, tips,
# slider and difference work, and the page asks for nothing from outside. Rows of the jpeg peer and of
# a Tessera codec, made by a sweep.
#
#     report_page.sh TESSERA     77: skipped, there is no chromium
set -u
TESSERA=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
for browser in chromium chromium-browser google-chrome ''; do
    [ -n "$browser" ] || exit 77
    command -v "$browser" >/dev/null 2>&1 && break
done
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
. "$here/../cli/cli_test.sh"
export LC_ALL=C HOME="$scratch"
for i in 1 2 3; do picture rgb $((300 + i)) 280 8 >p$i.pam; done
"$TESSERA" sweep p1.pam p2.pam p3.pam -c wavelet/uniform/adaptive -c dct/uniform/adaptive --peers jpeg \
    -q 20,40,60,80 --peer-settings jpeg=20,40,60,80 --metrics psnr_rgb,ssim -o study --quiet || exit 1
"$TESSERA" report study --anchor jpeg --crops 2 --no-figures --quiet >/dev/null || exit 1

# The page with a script behind its own that uses it and leaves what it saw in an attribute.
awk -v test="$here/page_test.js" '
    /^<\/body>/ {
        print "<script>"
        while ((getline line < test) > 0) print line
        print "</script>"
    }
    { print }' study/report.html >test.html
# look WIDTH: the page in a window of this width, wide or as on a phone.
look() {
    "$browser" --headless --no-sandbox --disable-gpu --window-size="$1",900 --virtual-time-budget=5000 --dump-dom \
        "file://$scratch/test.html" >dom.html 2>browser.log
    seen=$(sed -n 's/.*data-test="\([^"]*\)".*/\1/p' dom.html | head -1)
    errors=$(sed -n 's/.*data-errors="\([^"]*\)".*/\1/p' dom.html | head -1)
    if ! grep -q 'data-ready="1"' dom.html; then
        echo "$1: the script did not reach its end"
        cat browser.log
        exit 1
    fi
    if [ "$errors" != 0 ]; then
        echo "$1: script errors: $errors"
        sed -n 's/.*data-error="\([^"]*\)".*/\1/p' dom.html
        exit 1
    fi
    if [ "$seen" != "theme filter none-all tabs tip slider choice difference anatomy overflow" ]; then
        echo "$1: saw: $seen"
        exit 1
    fi
}
look 1200
look 500
if grep -E '(src|href)="(https?:)?//' study/report.html; then exit 1; fi
