# A failed command leaves an existing output as it was, and nothing else in the folder.
picture rgb 64 48 8 >a.pam
must tessera encode a.pam good.tsr
head -c $(($(size_of good.tsr) * 3 / 4)) good.tsr >half.tsr
echo precious >out.tsr
echo precious >out.png
tessera encode a.pam out.tsr --target-size 4 2>/dev/null; echo "-> $?"
tessera decode half.tsr out.png 2>/dev/null; echo "-> $?"
cat out.tsr out.png
# What arrived of a truncated stream is decoded on request only, and said.
filter='s/[0-9]+ of [0-9]+/N of M/'
try tessera decode half.tsr part.png --allow-partial
try tessera decode half.tsr part.png --allow-partial --quiet
# The file-size limit of the process strikes while the output is written.
(
    ulimit -f 1
    trap '' XFSZ
    tessera decode good.tsr big.pam 2>"$SCRATCH/err"
    echo "-> $?"
)
cat "$SCRATCH/err"
ls -A
