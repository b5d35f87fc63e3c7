#!/bin/sh
# Compiles each public header alone, twice included, as C11 and as C++17, without a warning, with every
# compiler of gcc, g++, clang and clang++ that is there and works.
#
#     header_alone.sh [ROOT]     exit status 1 when one does not compile, 77 without any compiler
cd "${1:-$(dirname "$0")/..}" || exit 2
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

# compile COMPILER STANDARD LANGUAGE FILE
compile() {
    "$1" "-std=$2" -x "$3" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Icodec/include "$4"
}

tried=0
failed=0
for pair in gcc:c11:c clang:c11:c g++:c++17:c++ clang++:c++17:c++; do
    compiler=${pair%%:*} language=${pair##*:} standard=${pair#*:}
    standard=${standard%:*}
    printf '#include <%s>\nint probe;\n' "$([ "$language" = c ] && echo stdint.h || echo cstdint)" >"$dir/probe"
    compile "$compiler" "$standard" "$language" "$dir/probe" >/dev/null 2>&1 || continue
    for header in codec/include/tessera/*.h; do
        name=tessera/$(basename "$header")
        printf '#include <%s>\n#include <%s>\nint alone;\n' "$name" "$name" >"$dir/alone"
        tried=$((tried + 1))
        compile "$compiler" "$standard" "$language" "$dir/alone" ||
            { echo "$name does not compile alone: $compiler -std=$standard"; failed=1; }
    done
done
[ "$tried" -gt 0 ] || exit 77
echo "$tried compilations"
exit "$failed"
