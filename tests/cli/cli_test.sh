# cli_test.sh - what the tests of the command line share; read by run.sh.

tessera() { "$TESSERA" "$@"; }

# A sed -E script for figures that vary from machine to machine; applied by try to all output.
filter=

# Prints the command, its standard output, its standard error marked "2> ", its exit code.
try() {
    printf '$ %s\n' "$*"
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"
    code=$?
    sed -E "$filter" "$SCRATCH/out"
    sed -E "$filter;s/^/2> /" "$SCRATCH/err"
    echo "-> $code"
}

# Runs a command that must succeed silently.
must() {
    "$@" >"$SCRATCH/out" 2>&1 || {
        printf 'FAILED (%d): %s\n' $? "$*"
        cat "$SCRATCH/out"
    }
}

# Fails unless the two files are equal; prints nothing when they are.
same() { cmp -s "$1" "$2" || echo "DIFFERENT: $1 $2"; }

size_of() { wc -c <"$1" | tr -d ' '; }

# One member of a JSON report made by this program (one member a line): json_member FILE NAME
json_member() { sed -nE "s/^ *\"$2\": ([^,]*),?\$/\1/p" "$1"; }

# As specs: what needs a model is taken without.
transforms() { tessera list transforms --names | sed 's/^vqvae$/vqvae:net=off/'; }

# picture KIND WIDTH HEIGHT DEPTH: a PAM of gradients, edges and texture, made from integers only.
# KIND: grey, greya, rgb, rgba. DEPTH: 8, 16.
picture() {
    awk -v kind="$1" -v w="$2" -v h="$3" -v depth="$4" '
    function sample(x, y, c,    v) {
        v = (x * (5 + c) + y * (3 + 2 * c)) % 510
        if (v > 255) v = 510 - v
        if ((int(x / 9) + int(y / 7)) % 4 == c) v = int(v / 2)
        return (v + (x * x * 31 + y * y * 17 + x * y * 13 + c) % 11) % 256
    }
    BEGIN {
        n = kind == "grey" ? 1 : kind == "greya" ? 2 : kind == "rgb" ? 3 : 4
        printf "P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nENDHDR\n", w, h, n, 2 ^ depth - 1
        for (y = 0; y < h; y++)
            for (x = 0; x < w; x++)
                for (c = 0; c < n; c++) {
                    printf "%c", sample(x, y, c)
                    if (depth == 16) printf "%c", (x * 7 + y * 3) % 256
                }
    }'
}
