#!/bin/sh
# The table of efforts in the user guide is that of codec/effort.c.
#
#     docs_effort.sh [ROOT]     exit status 1 when they differ
cd "${1:-$(dirname "$0")/..}" || exit 2
code=$(sed -n '/by_effort\[9/,/};/p' codec/effort.c | grep -o '"[a-z]*:[^"]*"' | tr -d '"')
guide=$(sed -n 's/^| [1-9] | `\([^`]*\)` | `[a-z:=]*` | .*/\1/p' docs/user-guide.md)
[ -n "$code" ] && [ "$code" = "$guide" ] && exit 0
printf 'codec/effort.c:\n%s\ndocs/user-guide.md:\n%s\n' "$code" "$guide"
exit 1
