#!/bin/sh
# Who may include whom. codec: nothing of ours outside itself. transforms/NAME and learned/NAME: public
# headers, their own folder, and transforms/common or learned/nn (learned/train and learned/filter: learned/vqvae, too). cli: public headers and its own folder.
# FFTW and LAPACKE only behind transforms/common, BLAS behind learned/nn/blas_load, libjpeg, libpng, libcurl and the libraries of peers only in cli.
#
#     include_direction.sh [ROOT]     exit status 1 and one line for each violation
cd "${1:-$(dirname "$0")/..}" || exit 2
folders=$(ls -d codec transforms learned cli 2>/dev/null)
list=$(mktemp) || exit 2
trap 'rm -f "$list"' EXIT

# "FILE HEADER" for every include in the folders that the rules are about.
# shellcheck disable=SC2086 # the list is meant to be split into words
find $folders -name '*.[ch]' | sort | while read -r file; do
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]\([^>"]*\)[>"].*/\1/p' "$file" | sed "s|^|$file |"
done >"$list"

# A quoted or bracketed name counts alike.
# shellcheck disable=SC2086
awk -v headers="$(find $folders -name '*.h' ! -path 'codec/include/*')" '
    function base(path) { sub(/.*\//, "", path); return path }
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    function say(why) { print $1 ": includes " $2 ": " why; bad = 1 }
    BEGIN {
        n = split(headers, h, "\n")
        for (i = 1; i <= n; i++) where[base(h[i])] = where[base(h[i])] " " folder(h[i]) " "
    }
    # Whether our own header $2 lies in folder f or below it.
    function lies_in(f, dirs, d, k, m) {
        m = split(where[base($2)], dirs, " ")
        for (k = 1; k <= m; k++)
            if (dirs[k] == f || index(dirs[k], f "/") == 1) return 1
        return 0
    }
    { seen++ }
    $2 ~ /^tessera\// { next }
    $2 ~ /fftw3/ && $1 !~ /^transforms\/common\// { say("FFTW belongs behind transforms/common") }
    $2 ~ /cblas/ && $1 !~ /^learned\/nn\/blas_load/ { say("BLAS belongs behind learned/nn/blas_load") }
    $2 ~ /lapack/ && !(base($2) in where) && $1 !~ /^transforms\/common\/lapack/ {
        say("LAPACKE belongs behind transforms/common/lapack*")
    }
    $2 ~ /jpeglib|turbojpeg|openjpeg|^png\.h|^(curl|webp|avif|jxl)\// && $1 !~ /^cli\// { say("image and network libraries belong in cli") }
    !(base($2) in where) { next } # a header of the system or of a library
    {
        split($1, part, "/")
        own = part[1] == "codec" || part[1] == "cli" ? part[1] : part[1] "/" part[2]
        shared = part[1] == "transforms" ? "transforms/common" : part[1] == "learned" ? "learned/nn" : own
        made = own ~ /^learned\/(train|filter)$/ ? "learned/vqvae" : own # what the trainer trains
        if (!lies_in(own) && !lies_in(shared) && !lies_in(made)) say("not in " own (shared == own ? "" : " or " shared))
    }
    END {
        if (!seen) { print "no include found: wrong folder?"; bad = 1 }
        exit bad
    }' "$list"
