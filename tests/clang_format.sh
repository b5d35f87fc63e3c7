#!/bin/sh
# Every C file as clang-format 14 would write it. Versions differ in what they write, so without that
# one the test is skipped.
#
#     clang_format.sh [ROOT]     exit status 1 when a file differs, 77 when skipped
cd "${1:-$(dirname "$0")/..}" || exit 2
for tool in clang-format-14 clang-format ''; do
    [ -n "$tool" ] || exit 77
    "$tool" --version 2>/dev/null | grep -q 'version 14\.' && break
done
# shellcheck disable=SC2046 # the list is meant to be split into words
find $(ls -d codec transforms learned cli tests 2>/dev/null) -name '*.[ch]' -exec "$tool" --dry-run -Werror {} +
