# The bytes do not depend on the number of threads.
picture rgb 150 131 8 >a.pam
for t in $(transforms); do
    for how in '-q 70 -e 1' '-q 70 -e 9' '--target-bpp 1.5'; do
        for j in 1 2 7; do must tessera encode a.pam $j.tsr -c $t $how -j $j; done
        same 1.tsr 2.tsr
        same 1.tsr 7.tsr
        must tessera decode 1.tsr 1.pam -j 1
        must tessera decode 1.tsr 7.pam -j 7
        same 1.pam 7.pam
    done
done
for views in 2 8; do
    for j in 1 2 7; do
        must tessera encode a.pam $j.tsr -q 40 --postfilter network --views $views -j $j
        must tessera decode $j.tsr $j.pam -j $j
    done
    same 1.tsr 2.tsr
    same 1.tsr 7.tsr
    same 1.pam 2.pam
    same 1.pam 7.pam
done
for j in 1 2 7; do must tessera encode a.pam $j.tsr --lossless -j $j; done
same 1.tsr 2.tsr
same 1.tsr 7.tsr
picture rgb 20 530 8 >long.pam
for entropy in mix:parts=4 mix:parts=4,rows=16 adaptive:parts=3; do
    for j in 1 2 7; do must tessera encode long.pam $j.tsr -c wavelet//$entropy -j $j; done
    same 1.tsr 2.tsr
    same 1.tsr 7.tsr
    for j in 1 2 7; do must tessera decode 1.tsr $j.pam -j $j; done
    same 1.pam 2.pam
    same 1.pam 7.pam
done
echo done
