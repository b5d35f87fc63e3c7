#!/bin/sh
# What is installed runs where it was put, with all its modules; the command alone needs few libraries.
#
#     installed.sh BUILD_FOLDER [any]     any: do not look at which libraries (sanitizers add theirs)
#
# Exit status 77 where meson or readelf is missing.
set -e
build=$1
command -v meson >/dev/null && command -v readelf >/dev/null || exit 77
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() { echo "not as expected: $*"; exit 1; }

# A decoder has to start at once, and a copy of the command alone has to run on another machine.
allowed='lib(c|m|dl|pthread|rt|gcc_s|png16|z|jpeg)\.so\.[0-9]+|ld-[a-z0-9-]+\.so\.[0-9]+'
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
if [ "$2" != any ]; then
    needed "$build/cli/tessera" | grep -q '^libpng' || fail "readelf tells what the command needs"
    for file in "$build/cli/tessera" "$build/libtessera.so"; do
        more=$(needed "$file" | grep -Evx "$allowed" | tr '\n' ' ')
        [ -z "$more" ] || fail "$file is linked with $more"
    done
fi

# Modules are found from the command, wherever the installation lies.
unset TESSERA_MODULES
meson install -C "$build" --no-rebuild --quiet --destdir "$tmp/root"
mv "$tmp/root" "$tmp/elsewhere"
command=$(find "$tmp/elsewhere" -name tessera -type f -perm -u+x)
[ -x "$command" ] || fail "one installed command, not '$command'"
"$build/cli/tessera" list peers >"$tmp/built"
"$command" list peers >"$tmp/installed"
! grep -e 'is missing' -e 'cannot open' "$tmp/built" "$tmp/installed" || fail "all peers of the build"
diff "$tmp/built" "$tmp/installed" || fail "the same peers in both"
for module in "$build"/cli/tessera-*.so; do
    [ -e "$module" ] || continue # a build without
    find "$tmp/elsewhere" -path "*/tessera/modules-1/$(basename "$module")" | grep -q . || fail "$module installed"
done

# The command alone reads and writes pictures.
mkdir "$tmp/alone"
cp "$command" "$tmp/alone"
cd "$tmp/alone"
awk 'BEGIN { printf "P5\n61 47\n255\n"; for (i = 0; i < 61 * 47; i++) printf "%c", 33 + i % 61 }' >a.pgm
TESSERA_MODULES=$tmp/alone ./tessera encode --lossless a.pgm a.tsr
TESSERA_MODULES=$tmp/alone ./tessera decode a.tsr b.pgm
cmp a.pgm b.pgm
