# info: what a stream holds, without decoding it, from a file or a pipe, whole or truncated.
picture rgb 64 48 8 >a.pam
must tessera encode a.pam a.tsr -c identity/uniform/adaptive --step 8
filter='s/^(rate +)[0-9]+ bytes, [0-9.]+/\1N bytes, N/;s/^(step +)[0-9.]+/\1N/;s/^(layers, bands +)[0-9]+, [0-9]+/\1N, N/;/^part /,$d'
try tessera info a.tsr
tessera info - <a.tsr >pipe.txt
tessera info a.tsr | sed 's/a.tsr/-/' >file.txt
same file.txt pipe.txt
tessera info a.tsr | sed -n '/^part /p;$p' | sed -E 's/[0-9]+ /N /g;s/ +N/ N/'
head -c $(($(size_of a.tsr) - 10)) a.tsr >half.tsr
tessera info half.tsr | head -1
# The network and how many views it sees.
for views in 1 2 8; do
    must tessera encode a.pam views.tsr -c identity/uniform/adaptive --step 40 --postfilter network --views $views
    tessera info views.tsr | grep '^filter'
    tessera info views.tsr --json | grep '"views"'
done
must tessera encode a.pam views.tsr -c identity/uniform/adaptive --step 40 --postfilter on --views 8
tessera info views.tsr | grep '^filter'
tessera info views.tsr --json | grep '"views"'
picture greya 30 20 16 >b.pam
must tessera encode b.pam b.tsr --lossless -c identity/uniform/adaptive
try tessera info b.tsr
