#!/bin/sh
# From `plugin new` to a decoded picture, outside the tree and against the installed package.
#
#     out_of_tree.sh BUILD_FOLDER [MESON_OPTION...]     the options are given to the plug-in's build
#
# Exit status 77 where meson or pkg-config is missing.
set -e
build=$1
shift
command -v meson > /dev/null && command -v pkg-config > /dev/null || exit 77
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root work=$tmp/work
fail() { echo "not as expected: $*"; exit 1; }
refused() { if "$@" > "$tmp/out" 2>&1; then fail "success of $*"; fi; }

# An installed package, found by its pkg-config file alone.
meson install -C "$build" --no-rebuild --quiet --destdir "$root"
package=$(find "$root" -name tessera.pc)
prefix=$(sed -n 's/^prefix=//p' "$package")
sed -i "s|^prefix=.*|prefix=$root$prefix|" "$package"
PKG_CONFIG_PATH=$(dirname "$package") PATH=$root$prefix/bin:$PATH
LD_LIBRARY_PATH=$(pkg-config --variable=libdir "$package") TESSERA_PLUGIN_PATH=
export PKG_CONFIG_PATH PATH LD_LIBRARY_PATH TESSERA_PLUGIN_PATH

# The skeleton, once only, under a legal and free name only.
mkdir "$work"
cd "$work"
tessera plugin new outoftree .
refused tessera plugin new outoftree .
refused tessera plugin new Outoftree .
refused tessera plugin new wavelet .
[ "$(ls)" = outoftree ] || fail "only one folder"
cp -r outoftree "$tmp/copy"
mkdir third
: > third/README.md
refused tessera plugin new third .
[ "$(ls -A third)" = README.md ] && [ ! -s third/README.md ] || fail "an existing file left alone"
tessera plugin new second deeper
! cmp -s outoftree/outoftree.c deeper/second/second.c || fail "names filled in"
owner() { sed -n 's/.*\.id = 0x\([0-9a-f]*\)ull.*/\1/p' "$1"; }
[ "$(owner outoftree/outoftree.c)" != "$(owner deeper/second/second.c)" ] || fail "two owner numbers"

# It builds, and its own tests (a picture through the library, the conformance suite) pass.
meson setup outoftree/build outoftree "$@"
meson test -C outoftree/build --print-errorlogs
diff -r -x build outoftree "$tmp/copy" || fail "the skeleton unchanged"

# It is seen when asked for, and only then.
module=$work/outoftree/build/tessera_outoftree.so
listed() { tessera list transforms --names "$@" | grep -qx outoftree; }
listed --plugin "$module" || fail "listed with --plugin"
! listed || fail "not listed unasked"
(TESSERA_PLUGIN_PATH=$work/outoftree/build && listed) || fail "listed with TESSERA_PLUGIN_PATH"
meson install -C outoftree/build --quiet --destdir "$root"
installed=$root$(pkg-config --variable=plugindir tessera)
(TESSERA_PLUGIN_PATH=$installed && listed) || fail "listed when installed"
tessera plugin check "$module"

# A picture goes through, and a decoder without the plug-in says what is missing.
awk 'BEGIN { printf "P5\n61 47\n255\n"; for (i = 0; i < 61 * 47; i++) printf "%c", 33 + i % 61 }' > a.pgm
tessera encode a.pgm a.tsr -c outoftree:levels=3 -q 90 --plugin "$module"
tessera decode a.tsr b.pgm --plugin "$module"
tessera compare a.pgm b.pgm
refused tessera decode a.tsr c.pgm
id=$((0x$(owner outoftree/outoftree.c) << 16 | 1))
grep -q -e "$id" -e "$(printf %x "$id")" "$tmp/out" || fail "the missing stage named: $(cat "$tmp/out")"
[ ! -e c.pgm ] || fail "no partial output file"
