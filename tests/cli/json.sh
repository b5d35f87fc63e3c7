# JSON reports: the shape, with the figures that vary replaced.
picture rgb 64 48 8 >a.pam
figures='s/^( *"(layers|layers_decoded|bytes|input_bytes|bpp|step|trials|psnr[a-z_]*|mse|ssim|max_error|[a-z]*_seconds|work_memory_bytes)": )[0-9.]+/\1N/;s/^    [0-9.]+/    N/;s/("spec": "wavelet)[^"]*/\1.../'
filter=$figures
try tessera encode a.pam a.tsr --json -q 60
try tessera encode a.pam a.tsr --json -q 60 --psnr
try tessera decode a.tsr b.pam --json
try tessera compare a.pam b.pam --json
try tessera compare a.pam a.pam --json
# The stream has standard output: the report goes to standard error.
tessera encode a.pam - -q 60 --json 2>r.json >c.tsr
same a.tsr c.tsr
json_member r.json output
# The parts of info add up to the file.
tessera info a.tsr --json >r.json
sum=$(sed -n '/"parts"/,/^  ]/p' r.json | sed -nE 's/^ *"bytes": ([0-9]+),?$/\1/p' | awk '{ s += $1 } END { print s }')
[ "$sum" = "$(size_of a.tsr)" ] || echo "PARTS: $sum of $(size_of a.tsr)"
tessera info a.tsr | awk -v n="$(size_of a.tsr)" '$1 == "file" && $2 + 0 > 0 { if ($2 != n) print "FILE LINE: " $0; seen = 1 } END { if (!seen) print "NO FILE LINE" }'
sed '/"parts"/,$d' r.json | sed -E 's/^( *"(bytes|bpp|step|format_version|layers|bands)": )[0-9.]+/\1N/;s/("spec": "wavelet)[^"]*/\1.../'
# A name that needs escaping.
cp a.tsr "$(printf 'q"\\\t\377.tsr')"
tessera info "$(printf 'q"\\\t\377.tsr')" --json | sed -n 2p
tessera list --json >r.json
# Brackets and quotes are balanced in every report.
for command in 'list' 'info a.tsr' 'compare a.pam b.pam' 'encode a.pam a.tsr -v' 'decode a.tsr b.pam'; do
    tessera $command --json | awk -v what="$command" '{ s = s $0 }
        END {
            gsub(/\\./, "", s); quotes = gsub(/"[^"]*"/, "S", s)
            a = gsub(/{/, "", s); b = gsub(/}/, "", s); c = gsub(/\[/, "", s); d = gsub(/\]/, "", s)
            if (a != b || c != d || !quotes || s ~ /"/) print "NOT BALANCED: " what
            if (s ~ /,[ ]*[]},]/ || s ~ /S[ ]+S/ || s ~ /[]}][ ]*[[{S]/) print "COMMA: " what
        }'
done
