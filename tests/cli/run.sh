#!/bin/sh
# run.sh [--accept] TESSERA NAME
#
# Runs NAME.sh of this folder in an empty folder and compares what it prints with NAME.expected.
# --accept writes NAME.expected in place of comparing; read the difference before committing it.
set -u
accept=
if [ "$1" = --accept ]; then
    accept=1
    shift
fi
here=$(cd "$(dirname "$0")" && pwd)
TESSERA=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
name=$2
SCRATCH=$(mktemp -d) || exit 2
trap 'rm -rf "$SCRATCH"' EXIT
mkdir "$SCRATCH/work"
export TESSERA SCRATCH LC_ALL=C
unset TESSERA_PLUGIN_PATH TESSERA_MODEL_PATH TESSERA_MODULES
(
    cd "$SCRATCH/work" || exit 2
    . "$here/cli_test.sh"
    . "$here/$name.sh"
) >"$SCRATCH/actual" 2>&1
if [ -n "$accept" ]; then
    cp "$SCRATCH/actual" "$here/$name.expected"
else
    diff -u "$here/$name.expected" "$SCRATCH/actual"
fi
