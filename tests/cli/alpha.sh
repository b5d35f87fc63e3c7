# Alpha without loss beside lossy colours, from PNG to PNG, and the ways to have it otherwise.
# The last channel of a PAM of $2 channels and 8 bits, as text.
alpha_of() { tail -c +$(($(sed '/^ENDHDR$/q' "$1" | wc -c) + 1)) "$1" | od -An -v -tu1 -w"$2" | awk '{ print $NF }'; }
picture rgba 67 45 8 >a.pam
picture greya 41 30 8 >b.pam
must tessera encode a.pam a.tsr --lossless
must tessera decode a.tsr a.png
alpha_of a.pam 4 >want
for t in $(transforms); do
    must tessera encode a.png a.tsr -c $t -q 30
    must tessera decode a.tsr back.png
    must tessera encode back.png back.tsr --lossless
    must tessera decode back.tsr back.pam
    alpha_of back.pam 4 >have
    same want have
done
must tessera encode b.pam b.tsr -q 10
must tessera decode b.tsr back.pam
alpha_of b.pam 2 >want; alpha_of back.pam 2 >have
same want have
# What info says, and that the parts are the file.
must tessera encode a.pam a.tsr -c wavelet/rdo/adaptive --step 20
must tessera encode a.pam lossy.tsr -c wavelet/rdo/adaptive --step 20 --alpha lossy
for f in a lossy; do
    tessera info $f.tsr | sed -n -E 's/[0-9]+ bytes/N bytes/; /^alpha .*less|^layers/p'
    tessera info $f.tsr | grep -c '^alpha  '
    tessera info $f.tsr --json >r.json
    json_member r.json alpha_bytes | sed -E 's/[0-9]+/N/'
    tessera info $f.tsr --bands | sed -n '/^plane /,/^data layers/p' | awk '{ printf "%s ", $1 } END { print "in all" }'
    tessera info $f.tsr | awk '/^part / { on = 1; next } on && $1 == "file" { print sum == $2 } on { sum += $(NF - 2) }'
done
# Targets count its bytes; one below them cannot be met, and nothing is written.
n=$(tessera info a.tsr --json >r.json; json_member r.json alpha_bytes)
must tessera encode a.pam t.tsr -c wavelet/rdo/adaptive --target-size $((n + 1500))
[ "$(size_of t.tsr)" -le $((n + 1500)) ] || echo "EXCEEDED"
rm t.tsr
tessera encode a.pam t.tsr -c wavelet/rdo/adaptive --target-size "$n" 2>err; echo "exit $?"
sed -E 's/[0-9]+/N/g' err
ls t.tsr 2>/dev/null
must tessera encode a.pam t.tsr -c wavelet/rdo/adaptive --target-size "$n" --alpha lossy
# Any number of threads.
must tessera encode a.pam t.tsr -c wavelet/rdo/adaptive --step 20 -j 7
same t.tsr a.tsr
must tessera decode a.tsr j1.pam -j 1
must tessera decode a.tsr j7.pam -j 7
same j1.pam j7.pam
# A cut through alpha is opaque grey, one behind it has all of it.
at=$(tessera info a.tsr | awk '/^part / { on = 1; next } on { sum += $(NF - 2) } $1 == "alpha" && on { print sum; exit }')
head -c $((at - 3)) a.tsr >cut.tsr
try tessera decode cut.tsr out.pam
must tessera decode cut.tsr out.pam --allow-partial
alpha_of out.pam 4 | sort -u
head -c $((at + 9)) a.tsr >cut.tsr
must tessera decode cut.tsr out.pam --allow-partial
alpha_of a.pam 4 >want; alpha_of out.pam 4 >have
same want have
try tessera encode a.pam t.tsr --alpha exact
