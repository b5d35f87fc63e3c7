# report: the bytes of the streams behind the details, by part, plane, level and band; each adds up to the file.
mkdir photos
picture rgb 96 80 8 >photos/a.pam
picture grey 64 48 8 >photos/b.pam
tessera sweep photos -c '{wavelet,dct}/uniform/adaptive' -c lowpass/rdo/mix -q 20,50,80 -e 1 --peers jpeg \
    --peer-settings jpeg=20,50,80 -o study --quiet
must tessera report study --crops 2 --crop-bpp 0.1 --no-figures --quiet

# sums PAGE: a line for each stream; what does not add up is said.
sums() {
    awk '
        function number(s) { gsub(/[^0-9]/, "", s); return s + 0 }
        function check(what, sum) { if (sum != bytes) print "SUM: " codec ", " what ": " sum " of " bytes }
        /^<div class="stream / {
            codec = $0; sub(/.*<b>/, "", codec); sub(/<\/b>.*/, "", codec)
            bytes = $0; sub(/.*<\/b>/, "", bytes); bytes = number(bytes)
            streams++; bars = ""; rows = 0; delete in_plane
        }
        /^<dl>/ { in_bars = 1 }
        in_bars && /<dt>/ {
            by = $0; sub(/.*<dt>/, "", by); sub(/<.*/, "", by)
            sum = 0; n = split($0, piece, /title="/)
            for (i = 2; i <= n; i++) { sub(/".*/, "", piece[i]); sub(/.*: /, "", piece[i]); sum += number(piece[i]) }
            check(by, sum)
            n = split($0, piece, /<\/i>/); sum = 0          # and once more as text
            for (i = 1; i <= n; i++) if (piece[i] ~ /^[a-z].*<\/span>/) {
                sub(/<.*/, "", piece[i]); sub(/.* /, "", piece[i]); sum += piece[i] }
            check(by " in words", sum)
            bars = bars " " by
        }
        /^<\/dl>/ { in_bars = 0 }
        /^<tr><td class="left">[0-9]|^<tr><td><\/td><td class="left">frame|<tfoot>/ {
            n = split($0, cell, /<td[^>]*>/)                # the last one is the share, before it all planes
            if (/<tfoot>/) {
                check("bands", rows_sum + 0); check("file", number(cell[n - 1]))
                for (i = 3; i < n - 1; i++) if (number(cell[i]) != in_plane[i + 1]) print "PLANE: " codec
                print codec ":" bars ", " rows " bands"
                rows_sum = 0; next
            }
            rows_sum += number(cell[n - 1])
            if (/frame/) next
            rows++; line = 0
            for (i = 4; i < n - 1; i++) { in_plane[i] += number(cell[i]); line += number(cell[i]) }
            if (line != number(cell[n - 1])) print "ROW: " codec ": " $0
        }
        END { print streams " streams" }' "$1"
}
sums study/report.html

# The bands are those of info.
tessera encode photos/a.pam a.tsr -c wavelet/uniform/adaptive -q 20 -e 1 --no-metadata
tessera info a.tsr --bands | awk '$4 == "diagonal" && $3 == 1 { sum += $8 } END { print sum }' >info.txt
bytes=$(size_of a.tsr)
sed -n "/<b>wavelet.* $bytes bytes/,/<\/div><\/details>/p" study/report.html |
    sed -n 's/^<tr><td class="left">1<.*>diagonal<.*<td>\([0-9]*\)<\/td><td>[0-9.]*<\/td><\/tr>$/\1/p' >page.txt
same info.txt page.txt
wc -c <page.txt

# Details and bytes of rows whose setting is a largest error.
tessera sweep photos/a.pam -c identity/uniform/adaptive --max-error 4,8,16,32 -o bound --quiet
must tessera report bound --crops 1 --no-figures --quiet
grep 'no detail' bound/report.html
sums bound/report.html
