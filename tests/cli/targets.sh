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
# More quality never is a smaller file, a larger target never a larger error.
last=0
for q in 10 30 50 70 90; do
    must tessera encode rgb.pam t.tsr -q $q
    at_most $last $(size_of t.tsr) "-q $q"
    last=$(size_of t.tsr)
done
echo done
