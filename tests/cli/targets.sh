# Targets: --target-size and --target-bpp are never exceeded, --target-psnr and --max-error are met.
picture rgb 80 60 8 >rgb.pam
picture grey 41 90 8 >grey.pam
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }' || echo "EXCEEDED: $3: $1 > $2"; }

for t in $(transforms); do
    for f in rgb grey; do
        for n in 500 1200 3000 1K 4K; do
            case $n in *K) bytes=$((${n%K} * 1024)) ;; *) bytes=$n ;; esac
            tessera encode $f.pam t.tsr -c $t --target-size $n 2>"$SCRATCH/err"
            case $? in
            0) at_most $(size_of t.tsr) $bytes "$t $f --target-size $n" ;;
            6) ;; # not reachable: said, and nothing written
            *) cat "$SCRATCH/err" ;;
            esac
            rm -f t.tsr
        done
        tessera encode $f.pam t.tsr -c $t --target-bpp 2 --json >r.json || echo "FAILED: $t $f"
        at_most $(json_member r.json bpp) 2 "$t $f --target-bpp"
        tessera encode $f.pam t.tsr -c $t --target-psnr 38 --psnr --json >r.json || echo "FAILED: $t $f"
        at_most 38 $(json_member r.json psnr) "$t $f --target-psnr"
    done
done
# The default codec is close to a PSNR that is asked for, and errors stay within bounds.
tessera encode rgb.pam t.tsr --target-psnr 40 --psnr --json >r.json
at_most $(json_member r.json psnr) 40.05 "--target-psnr 40"
for n in 1 2 5; do
    tessera encode rgb.pam t.tsr --max-error $n --psnr --json >r.json || echo "FAILED: --max-error $n"
    at_most $(json_member r.json max_error) $n "--max-error $n"
done
# A target of more bytes than are of use ends with the picture itself, and no step is so fine that levels are clipped.
for t in wavelet vqvae:net=off; do
    for target in '--target-size 10M' '--target-psnr 150'; do
        tessera encode rgb.pam t.tsr -c $t $target --psnr --json >r.json || echo "FAILED: $t $target"
        at_most $(json_member r.json max_error) 0 "$t $target"
    done
done
{ printf 'P5\n512 512\n255\n' && head -c 262144 /dev/zero; } >black.pgm
tessera encode black.pgm t.tsr --step 0.001 2>err
[ $? = 1 ] && grep -q 'too fine for this picture' err || echo "a step that is too fine"
tessera encode black.pgm t.tsr --step 0.002 --psnr --json >r.json || echo "FAILED: --step 0.002"
at_most $(json_member r.json max_error) 0 "--step 0.002"
# More quality never is a smaller file, a larger target never a larger error.
last=0
for q in 10 30 50 70 90; do
    must tessera encode rgb.pam t.tsr -q $q
    at_most $last $(size_of t.tsr) "-q $q"
    last=$(size_of t.tsr)
done
last=0
for n in 0.5 1 2 4 8; do
    tessera encode rgb.pam t.tsr --target-bpp $n --psnr --json >r.json || echo "FAILED: --target-bpp $n"
    at_most $last $(json_member r.json psnr) "PSNR below --target-bpp $n"
    last=$(json_member r.json psnr)
done
echo done
