# Smaller pictures and regions.
picture rgb 203 151 8 >a.pam
must tessera encode a.pam a.tsr -q 60
must tessera encode a.pam dct.tsr -q 60 -c identity
must tessera encode a.pam exact.tsr --lossless
must tessera decode a.tsr whole.pam
shape() { sed -n 's/^WIDTH //p;s/^HEIGHT //p' "$1" | head -2 | tr '\n' ' '; echo; }
for n in 0 1 2 3 5 8; do
    for f in a dct exact; do must tessera decode $f.tsr $f.$n.pam --reduce $n; done
    shape a.$n.pam
done
same whole.pam a.0.pam
# Any number of threads.
must tessera decode a.tsr t.pam --reduce 2 -j 1
same t.pam a.2.pam
must tessera decode a.tsr t.pam --reduce 2 -j 7
same t.pam a.2.pam
# A region is what it would be cut out, also of a smaller picture: there, what covers it.
# The samples of a PAM; some of them: cut_out IN WIDTH X Y W H, of 3 channels and 8 bits.
body() { tail -c +$(($(sed '/^ENDHDR$/q' "$1" | wc -c) + 1)) "$1"; }
cut_out() {
    body "$1" >samples
    row=$4
    while [ "$row" -lt $(($4 + $6)) ]; do
        tail -c +$((3 * ($2 * row + $3) + 1)) samples | head -c $((3 * $5))
        row=$((row + 1))
    done
}
must tessera decode a.tsr part.pam --region 17,30,100,60
shape part.pam
body part.pam >part; cut_out whole.pam 203 17 30 100 60 >want; same part want
must tessera decode a.tsr part.pam --region 17,30,100,60 --reduce 2
shape part.pam
body part.pam >part; cut_out a.2.pam 51 4 7 26 16 >want; same part want
must tessera decode exact.tsr part.pam --region=202,150,1,1
body part.pam >part; cut_out a.pam 203 202 150 1 1 >want; same part want
must tessera decode a.tsr part.pam --region 0,0,203,151
same part.pam whole.pam
# What is refused, without a file left behind.
for r in '' 1 1,2,3 1,2,3,4,5 0,0,0,5 0,0,5,0 -1,0,5,5 0,0,5,5x ' 0,0,5,5' '0,0, 5,5' +1,0,5,5 a,b,c,d 0x1,0,5,5 \
    1.5,0,5,5 4294967295,0,5,5 4294967296,0,5,5 18446744073709551616,0,1,1 0,0,1073741824,1; do
    try tessera decode a.tsr out.pam --region "$r"
done
for r in 0,0,204,1 0,0,1,152 203,0,1,1 0,151,1,1 1,0,203,1 1073741823,1073741823,1073741823,1073741823; do
    try tessera decode a.tsr out.pam --region $r
    try tessera decode a.tsr out.pam --region $r --reduce 3
done
for n in -1 9 1.5 x '' 4294967296; do try tessera decode a.tsr out.pam --reduce "$n"; done
ls out.pam 2>/dev/null
# The layers that a smaller picture does not need are not missed.
head -c $(($(size_of a.tsr) / 2)) a.tsr >half.tsr
try tessera decode half.tsr out.pam --reduce 3
must tessera decode half.tsr out.pam --reduce 3 --allow-partial
same out.pam a.3.pam
try tessera decode half.tsr out.pam --reduce 0 --allow-partial
