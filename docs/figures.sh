#!/bin/sh
# Makes the figures of README.md again: runs its session with TESSERA and takes TABLE (demo-out/table.txt of ./demo).
#
#     docs/figures.sh build-demo/cli/tessera demo-out/table.txt
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tessera=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
table=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/work"
ln -s "$tessera" "$dir/bin/tessera"
cp "$root/corpus/photos/coffee.png" "$dir/work/photo.png"
sed 's/^/    /' "$table" >"$dir/table"

# The commands of the session are the block after the first "<!-- tested -->".
awk '/^<!-- tested -->$/ { wanted = 1 } wanted && /^```$/ { exit } inside { print } wanted && /^```sh$/ { inside = 1 }' \
    "$root/README.md" >"$dir/commands"
while read -r line; do
    echo "\$ $line"
    (cd "$dir/work" && PATH=$dir/bin:$PATH sh -c "$line" </dev/null)
done <"$dir/commands" >"$dir/out"
sed 's/^\(.\)/    \1/' "$dir/out" >"$dir/session"

# Replaces what stands between the marks: first the session, then the table.
awk -v dir="$dir" '
    /^<!-- end of figures -->$/ { skip = 0 }
    !skip { print }
    /^<!-- figures: / {
        skip = 1
        file = dir (n++ ? "/table" : "/session")
        print ""
        while ((getline line < file) > 0) print line
        print ""
    }' "$root/README.md" >"$dir/README.md"
cp "$dir/README.md" "$root/README.md"
