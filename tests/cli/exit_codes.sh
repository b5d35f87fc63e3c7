# One failure of every class; each is one line on standard error and leaves no output behind.
picture rgb 64 48 8 >a.pam
picture rgba 9 5 8 >alpha.pam
must tessera encode a.pam good.tsr
head -c $(($(size_of good.tsr) / 2)) good.tsr >half.tsr
head -c 2000 a.pam >half.pam
echo 'not a picture' >text.txt
: >empty
mkdir folder
echo "== 1 usage"; try tessera encode a.pam out.tsr -q 500
echo "== 2 I/O"
try tessera encode missing.png out.tsr
try tessera encode folder out.tsr
try tessera encode a.pam missing/out.tsr
try tessera encode a.pam a.pam/out.tsr
try tessera encode a.pam /dev/full
try tessera decode good.tsr /dev/full --format png
echo "== 3 data"
filter='s/offset [0-9]+/offset N/'
try tessera encode text.txt out.tsr
try tessera encode empty out.tsr
try tessera encode half.pam out.tsr
try tessera decode half.tsr out.png
try tessera decode text.txt out.png
try tessera decode empty out.png
try tessera info text.txt
filter=
echo "== 4 unsupported"
must tessera encode alpha.pam alpha.tsr
try tessera decode alpha.tsr out.jpg
try tessera decode alpha.tsr out.ppm
echo "== 5 limits"
try tessera encode a.pam out.tsr --max-pixels 3000
try tessera decode good.tsr out.png --max-pixels 3000
filter='s/[0-9]{4,}/N/g'
try tessera encode a.pam out.tsr --max-memory 64K
try tessera decode good.tsr out.png --max-memory 64K
filter=
echo "== 6 target"
filter='s/[0-9.]+ (bytes|dB|bpp|bits)/N \1/g'
try tessera encode a.pam out.tsr --target-size 4
filter=
echo "== 7 plug-in"
filter="s/text.txt: .*/text.txt: .../"
try tessera encode a.pam out.tsr --plugin ./text.txt
filter=
echo "== standard output"
tessera list >/dev/full; echo "-> $?"
ls -A
