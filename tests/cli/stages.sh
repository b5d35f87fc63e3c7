# Residual stages: a file cut after any of its layers decodes, and each layer brings the picture nearer.

# sizes_of FILE: bytes of its layers, those that have any
sizes_of() {
    tessera info "$1" --json | awk '/"name": "data layer/ { getline; gsub(/[^0-9]/, ""); print }'
}

# check_layers FILE PICTURE: says how many layers have bytes, and where the error grows
check_layers() {
    sum=0 n=0 before=
    for bytes in $(sizes_of "$1"); do sum=$((sum + bytes)); done
    at=$(($(size_of "$1") - 4 - sum))
    for bytes in $(sizes_of "$1"); do
        at=$((at + bytes)) n=$((n + 1))
        head -c $at "$1" >cut.tsr
        must tessera decode cut.tsr cut.pam --allow-partial --quiet
        tessera compare "$2" cut.pam --json >cut.json
        mse=$(json_member cut.json mse)
        [ -z "$before" ] || awk "BEGIN { exit !($mse <= $before) }" ||
            echo "layer $n: $mse after $before"
        before=$mse
    done
    echo "$n layers"
}

picture rgb 130 97 8 >rgb.pam
picture grey 61 47 16 >grey.pam
picture rgba 40 57 8 >rgba.pam
picture rgb 40 300 8 >tall.pam
# One pixel that is not near 0 or 255: limits may favour a coarser value.
must tessera encode rgb.pam a.tsr --lossless
must tessera decode a.tsr dot.pam --region 60,40,1,1
for t in wavelet vqvae:net=off lowpass identity; do
    for n in 1 2 3 4; do
        echo "$t, $n stages"
        must tessera encode rgb.pam a.tsr -c $t/codebook:stages=$n/adaptive -q 70 -e 4
        check_layers a.tsr rgb.pam
    done
done
for name in dot grey rgba tall; do
    echo "$name"
    must tessera encode $name.pam a.tsr -c wavelet/codebook:stages=3,ratio=3/mix:parts=2 -q 60 -j 1
    must tessera encode $name.pam b.tsr -c wavelet/codebook:stages=3,ratio=3/mix:parts=2 -q 60 -j 4
    same a.tsr b.tsr
    check_layers a.tsr $name.pam
    must tessera decode a.tsr a.pam -j 1
    must tessera decode a.tsr b.pam -j 4
    same a.pam b.pam
done

echo 'the model of the transform'
must tessera encode rgb.pam a.tsr -c vqvae/codebook:stages=3 -q 60
check_layers a.tsr rgb.pam

# The bytes of bands add up to those of layers.
tessera info a.tsr --bands --json >bands.json
awk '/"layer":/ { bands = 1 } bands && /"bytes":/ { gsub(/[^0-9]/, ""); sum += $0 }
    END { print sum + 0 }' bands.json >by_band
sizes_of a.tsr | awk '{ sum += $0 } END { print sum }' >by_layer
same by_band by_layer
[ "$(cat by_band)" -gt 1000 ] || cat by_band

# Rates, parts and smaller pictures.
must tessera encode rgb.pam a.tsr -c dct/codebook:stages=2/adaptive --target-size 6000
[ "$(size_of a.tsr)" -le 6000 ] && [ "$(size_of a.tsr)" -gt 5800 ] || size_of a.tsr
must tessera decode a.tsr a.pam --reduce 2
must tessera decode a.tsr b.pam --region 10,20,30,40
head -c 50 a.pam | sed -n 2,3p
head -c 50 b.pam | sed -n 2,3p

try tessera encode rgb.pam x.tsr -c wavelet/codebook:stages=5
try tessera encode rgb.pam x.tsr -c wavelet/codebook:stages=2,ratio=1
try tessera encode rgb.pam x.tsr -c wavelet/rdo:stages=2
head -c $(($(size_of a.tsr) / 2)) a.tsr >half.tsr
filter='s/offset [0-9]+/offset N/'
try tessera decode half.tsr x.pam
