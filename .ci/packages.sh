# shellcheck shell=sh
# packages.sh - sourced by ./demo and ./check: names what a build needs, installs what is missing.
#
#     need_to_build; need_to_build_all; need_to_test; install_missing
#
# A probe decides whether a package is missing, so that libraries from elsewhere count as well.

missing=

# need PACKAGE PROBE...: PACKAGE is missing when the command PROBE fails.
need() {
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

need_library() { # PACKAGE PKG-CONFIG-NAME
    need "$1" pkg-config --exists "$2"
}

# With the headers of the library, wherever they lie; CC may be several words.
has_compiler() {
    echo '#include <stdio.h>' | ${CC:-cc} -x c -E -
}

need_to_build() {
    need build-essential has_compiler
    need meson meson --version
    need ninja-build ninja --version
    need pkg-config pkg-config --version
    need_library libjpeg-dev libjpeg
    need_library libpng-dev libpng
}

# What a build can do without: the encoders of some transforms, and downloads.
need_to_build_all() {
    need_library libfftw3-dev fftw3f
    need_library liblapacke-dev lapacke
    need_library libcurl4-openssl-dev libcurl
}

# What the sweeps and the report can do besides: each may be missing in a build.
need_for_the_lab() {
    need_library libopenblas-dev openblas
    need_library libopenjp2-7-dev libopenjp2
    need_library libwebp-dev libwebp
    need_library libavif-dev libavif
    need_library libjxl-dev libjxl
    need_library librsvg2-dev librsvg-2.0
    need libopenmpi-dev sh -c 'pkg-config --exists ompi-c || command -v mpicc'
    need openmpi-bin mpirun --version
}

need_to_test() {
    need_library libcunit1-dev cunit
}

# Prints nothing when all is there; one line and a non-zero status when it cannot help.
install_missing() {
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "missing, and there is no apt-get to install it (names as on Debian):$missing" >&2
        return 1
    fi
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "missing, install as root: apt-get install$missing" >&2
            return 1
        fi
        as_root=sudo
    fi
    echo "installing:$missing"
    # shellcheck disable=SC2086 # the list is meant to be split into words
    if ! $as_root apt-get update -qq ||
        ! $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        echo "could not install:$missing" >&2
        return 1
    fi
    missing=
}
