# --lossless gives back every sample of every kind of picture.
for depth in 8 16; do
    for kind in grey greya rgb rgba; do
        for size in '1 1' '2 3' '17 1' '1 40' '67 45' '4099 3'; do
            picture $kind $size $depth >a.pam
            must tessera encode a.pam a.tsr --lossless
            must tessera decode a.tsr b.pam
            tessera compare a.pam b.pam --json >r.json
            [ "$(json_member r.json equal)" = true ] || echo "NOT EQUAL: $kind $size $depth"
        done
    done
done
picture rgb 40 30 8 >a.pam
must tessera encode a.pam zero.tsr --max-error 0
must tessera encode a.pam lossless.tsr --lossless
same zero.tsr lossless.tsr
try tessera compare a.pam lossless.tsr
filter='s/^(codec +wavelet).*/\1.../;s/[0-9]+(\.[0-9]+)?/N/g'
try tessera encode a.pam lossless.tsr --lossless -v
