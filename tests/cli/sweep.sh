# sweep: a row for each picture, codec and setting; killed, resumed, changed; failures; timing.
mkdir photos
picture rgb 96 80 8 >photos/a.pam
picture grey 64 48 8 >photos/b.pam
picture rgb 40 30 16 >photos/c.pam
echo text >photos/notes.txt
mkdir photos/folder.png

# Rows without what varies: times and keys. rows DIR [COLUMN...]
rows() {
    dir=$1
    shift
    awk -v wanted="$*" '
        # fields of a line of CSV
        function split_csv(s, f,    n, c, q, i) {
            n = 1; f[1] = ""; q = 0
            for (i = 1; i <= length(s); i++) {
                c = substr(s, i, 1)
                if (c == "\"") { if (q && substr(s, i + 1, 1) == "\"") { f[n] = f[n] c; i++ } else q = !q }
                else if (c == "," && !q) f[++n] = ""
                else f[n] = f[n] c
            }
            return n
        }
        NR == 1 { n = split_csv($0, name); m = split(wanted, w, " "); next }
        {
            if (split_csv($0, f) != n) print "NOT A ROW: " $0
            line = ""
            for (k = 1; k <= m; k++)
                for (i = 1; i <= n; i++) if (name[i] == w[k]) line = line (k > 1 ? "|" : "") f[i]
            print line
        }' "$dir/results.csv" | sort
}
key_columns="codec setting image image_sha256 key"
value_columns="codec setting image width height bytes bpp psnr_rgb psnr_y ssim max_error status message key"
summary='s/ made in [0-9.]+ s/ made in N s/'

filter=$summary
try tessera sweep photos -c identity/uniform/adaptive -c 'wavelet:levels={2,3}/uniform/adaptive' -q 20,60 -e 1 -o one
rows one codec setting image width height status
head -1 one/results.csv
sed -E 's/,[^,]*$/,HASH/' one/images.csv
wc -l <one/results.jsonl

# Every byte of a figure is real: the same stream by encode, the same PSNR by compare.
tessera encode photos/a.pam a.tsr -c identity/uniform/adaptive -q 20 -e 1 --no-metadata
rows one codec setting image bytes psnr_rgb | grep '^identity.*|q=20|a.pam' |
    awk -F'|' -v bytes="$(size_of a.tsr)" '{ if ($4 != bytes) print "SIZE: " $4 " " bytes; print $5 }' >figure.txt
tessera compare photos/a.pam a.tsr --json >compare.json
[ "$(cat figure.txt)" = "$(json_member compare.json psnr_rgb)" ] || echo "PSNR: $(cat figure.txt)"

# Nothing is done twice; a picture or a setting more is all that is made.
try tessera sweep photos -c identity/uniform/adaptive -c 'wavelet:levels={2,3}/uniform/adaptive' -q 20,60 -e 1 -o one
picture rgb 33 21 8 >photos/d.pam
try tessera sweep photos -c identity/uniform/adaptive -c 'wavelet:levels={2,3}/uniform/adaptive' -q 20,60,70 -e 1 -o one

# The same picture under another name, the same codec under a label: copied.
cp photos/a.pam e.pam
try tessera sweep e.pam -c same=identity/uniform/adaptive -q 20 -e 1 -o one
rows one $value_columns | grep '^identity.*|q=20|a.pam' | cut -d'|' -f4- >a.txt
rows one $value_columns | grep '^same@e1|q=20|e.pam' | cut -d'|' -f4- >b.txt
same a.txt b.txt

# Another picture of that name: its rows are made again, the others stay.
picture rgb 50 40 8 >photos/a.pam
rows one $key_columns >before.txt
try tessera sweep photos -c identity/uniform/adaptive -q 20 -e 1 -o one
rows one $key_columns >after.txt
diff before.txt after.txt | grep -c '^[<>]'

# Killed again and again, at any time, with a line cut off: the same rows in the end.
what='photos -c wavelet/rdo/adaptive -c identity/uniform/adaptive -q 5..95:5'
tessera sweep $what -o whole --quiet
for i in 1 2 3 4; do
    "$TESSERA" sweep $what -o killed -j 2 --quiet &
    pid=$!
    sleep 0.$i
    kill -9 $pid
    wait $pid 2>/dev/null
    [ -f killed/results.csv ] && printf 'wavelet,q=50,a.p' >>killed/results.csv
done 2>/dev/null
tessera sweep $what -o killed --quiet
echo "-> $?"
rows whole $value_columns >a.txt
rows killed $value_columns >b.txt
same a.txt b.txt
wc -l <a.txt
wc -l <killed/results.jsonl

# The number of jobs and the memory they may take do not change rows.
tessera sweep $what -o narrow --quiet -j 4 --max-memory 40M
rows narrow $value_columns >b.txt
same a.txt b.txt

# Failures are rows, and the exit code.
printf 'P6 10 10 255\nxx' >photos/e.ppm
try tessera sweep photos/e.ppm photos/b.pam -c identity/uniform/adaptive -c wavelet:filter=cdf97/uniform/adaptive -q 50 --lossless -o bad
rows bad codec setting image width status message
try tessera sweep photos/b.pam -c identity/uniform/adaptive --psnr 30 --bpp 0.0001 -o bad
try tessera sweep photos/e.ppm photos/b.pam -c identity/uniform/adaptive -q 50 -o bad
cp photos/b.pam photos/e.ppm
try tessera sweep photos/e.ppm photos/b.pam -c identity/uniform/adaptive -q 50 -o bad --retry

# Smaller scales: rows of their own, of the picture whose samples are the means of squares; report tells them apart.
picture grey 65 48 8 >odd.pam
try tessera sweep odd.pam -c identity/uniform/adaptive -q 20,40,60,80 -e 1 --scale 1,2 -o scaled
rows scaled codec setting image width height status
sed -E 's/,[^,]*$/,HASH/' scaled/images.csv
{
    printf 'P7\nWIDTH 32\nHEIGHT 24\nDEPTH 1\nMAXVAL 255\nENDHDR\n'
    tail -c $((65 * 48)) odd.pam | od -An -v -tu1 | tr -s ' \n' '\n\n' | awk 'NF { v[n++] = $1 } END {
        for (y = 0; y < 24; y++)
            for (x = 0; x < 32; x++) {
                i = 2 * y * 65 + 2 * x
                printf "%c", int((v[i] + v[i + 1] + v[i + 65] + v[i + 66] + 2) / 4)
            }
    }'
} >half.pam
tessera encode half.pam half.tsr -c identity/uniform/adaptive -q 40 -e 1 --no-metadata
rows scaled setting image bytes | sed -n 's/^q=40|odd@1-2.pam|//p' >bytes.txt
[ "$(cat bytes.txt)" = "$(size_of half.tsr)" ] || echo "SIZE: $(cat bytes.txt) $(size_of half.tsr)"
try tessera sweep odd.pam -c identity/uniform/adaptive -q 20,40,60,80 -e 1 --scale 2 -o scaled
must tessera report scaled --no-figures --crops 0 --quiet
grep -c 'Quantization error against resolution' scaled/report.html
try tessera sweep odd.pam -c identity/uniform/adaptive -q 40 --scale 48 -o tiny
rows tiny image width height status

# Targets, peers, metrics, times, a second process.
try tessera sweep photos/b.pam -c identity/uniform/adaptive --bpp 2 --step 10 --max-error 5 --peers 'jpeg:sub={444,420}' \
    --peer-settings jpeg=50,80 --metrics psnr_rgb,max_error -o mixed
rows mixed codec setting status ssim
try tessera sweep photos/b.pam -c identity/uniform/adaptive -q 30,50 --time 3 --verify -o timed
rows timed codec setting repeats status
awk -F, 'NR > 1 && !($14 > 0 && $15 > 0) { print "NO TIME: " $0 }' timed/results.csv
try tessera sweep photos/b.pam -c identity/uniform/adaptive -q 30,50 --time 2 -o timed
# The second process is given files in TMPDIR, however long its name.
long=$(pwd)/$(printf '%0100d' 0)
mkdir "$long"
(export TMPDIR="$long"; must tessera sweep photos/b.pam -c identity/uniform/adaptive -q 40 --verify -o deep --quiet)
rows deep codec setting status
rmdir "$long"

# What is not legal.
filter='s/: one of .*/: one of .../'
for bad in '-q 101' '-q 1..' '-e 0' '-e 1.5' '-c nonsense' '-c x=nonsense' '-c {wavelet' '--metrics nice' \
    '--scale 0' '--scale 1.5' '--scale 2,2' '--scale 65' '--scale 1,' '--scale half' \
    '--peers nobody' '--peer-settings jpeg=3' '--bpp 0' '--peers cmd:x'; do
    try tessera sweep photos/b.pam $bad -o never
done
try tessera sweep photos/b.pam
try tessera sweep nowhere.png -o never
mkdir empty
try tessera sweep empty -o never
try tessera sweep photos/b.pam -c a=identity -c a=wavelet -o never
try tessera sweep photos/b.pam -o /dev/null/x
ls -d never 2>&1 | head -1
