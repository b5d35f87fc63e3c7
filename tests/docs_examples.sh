#!/bin/sh
# Runs the examples of the documents: every block of shell commands that follows a line "<!-- tested -->" must
# succeed line by line; one after "<!-- tested: exit N -->" must end with exit code N.
#
#     docs_examples.sh TESSERA DOCUMENT...
#
# All blocks run in one empty folder with photo.png and photo.jpg, in the order of the documents.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tessera=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/work"
ln -s "$tessera" "$scratch/bin/tessera"
cp "$here/../corpus/photos/coffee.png" "$scratch/work/photo.png"
cp "$here/../corpus/photos/rocket.jpg" "$scratch/work/photo.jpg"
PATH=$scratch/bin:$PATH
export PATH
unset TESSERA_PLUGIN_PATH TESSERA_MODEL_PATH

# Blocks as files block-NUMBER-EXITCODE, in order.
awk -v dir="$scratch" '
    FNR == 1 { expected = -1; inside = 0 }
    /^<!-- tested/ { expected = 0; if (match($0, /exit [0-9]+/)) expected = substr($0, RSTART + 5, RLENGTH - 5); next }
    /^```sh$/ && expected >= 0 { inside = 1; n++; next }
    /^```$/ && inside { inside = 0; expected = -1; next }
    inside { print > sprintf("%s/block-%03d-%d", dir, n, expected) }' "$@"

failed=0
tried=0
for block in "$scratch"/block-*; do
    [ -f "$block" ] || break
    tried=$((tried + 1))
    (cd "$scratch/work" && sh -e "$block") >"$scratch/log" 2>&1
    code=$?
    [ "$code" -eq "${block##*-}" ] && continue
    failed=$((failed + 1))
    echo "exit code $code, not ${block##*-}, of:"
    sed 's/^/    /' "$block" "$scratch/log"
done
echo "$tried blocks, $failed failed"
[ "$tried" -gt 0 ] && [ "$failed" -eq 0 ]
