# report: tables, page, figures, export and import, the regression gate. Rows are made by a formula.
# Fontconfig, behind librsvg, keeps its configuration to the end: no leak of ours (sanitizer builds).
echo 'leak:libfontconfig' >"$SCRATCH/leaks"
export LSAN_OPTIONS="suppressions=$SCRATCH/leaks:print_suppressions=0"

# rows FACTOR: the rates of codec b on picture p2 are multiplied by it.
rows() {
    awk -v factor="$1" 'BEGIN {
        print "codec,setting,image,width,height,bytes,bpp,psnr_rgb,psnr_y,ssim,ms_ssim,psnr_hvs,max_error,enc_s,dec_s,repeats,status,message,image_sha256,key"
        for (c = 0; c < 3; c++)
            for (i = 1; i <= 3; i++)
                for (k = 1; k <= 5; k++) {
                    codec = substr("abj", c + 1, 1); if (codec == "j") codec = "jpeg2000"
                    rate = 0.1 * 1.9 ^ k * (1 + 0.1 * i) * (1 + 0.2 * c + 0.03 * c * i) * (codec == "b" && i == 2 ? factor : 1)
                    printf "%s,q=%d,p%d.png,100,80,%d,%.6f,%.4f,%.4f,%.6f,,,%d,%.3f,0.01,%d,ok,,,\n", codec, k * 10, i,
                        rate * 1000, rate, 24 + 3.3 * k + i / 3, 25 + 3.3 * k, 1 - 0.4 / 2 ^ k, 90 / k, 0.02 * (c + 1), i == 1
                }
    }'
}
mkdir study old worse
rows 1 >study/results.csv
cp study/results.csv old
rows 1.02 >worse/results.csv
try tessera report study
ls study study/figures | grep -v -e '\.png$' -e '\.pdf$'

# The same rows in another order, some of them twice, give the same bytes.
cp -r study shuffled
{ head -1 study/results.csv; tail -n +2 study/results.csv | sort -r; sed -n '5,9p' study/results.csv; } >shuffled/results.csv
must tessera report shuffled
same study/report.html shuffled/report.html
for f in study/figures/*; do same "$f" shuffled/figures/"$(basename "$f")"; done

# A page for the disk alone: nothing in it is fetched.
grep -E -c 'src="https?:|href="https?:|url\(https?:|@import' study/report.html

# Markup in names stays text.
sed 's/^a,/<b>"<\/script>\&,/' study/results.csv | sed 's/^\([^,]*"[^,]*\),/"\1",/;s/^"<b>"/"<b>""/' >names.csv
must tessera report names.csv --html names.html --no-figures
grep -c '<b>"</script>' names.html
grep -q '&lt;b&gt;&quot;&lt;/script&gt;&amp;' names.html || echo 'NAME NOT SHOWN'

# Another metric, another anchor, a part of the codecs, JSON.
tessera report study --no-html --no-figures --metric ssim --anchor a --only a --only 'j*' | sed -n '1,9p'
tessera report study --no-html --no-figures --json >study.json
json_member study.json anchor
grep -c '"bd_rate":' study.json

# Only encoding was timed.
sed 's/,0\.01,\([01]\),ok/,,\1,ok/' study/results.csv >encode.csv
must tessera report encode.csv --html encode.html --figures encoded
ls encoded | grep '^speed.*csv'
cat encoded/speed_encode.csv
tessera report encode.csv --no-html --no-figures | grep -A 4 '^Speed'

# Out as CompressAI's JSON and in again: the same BD-rates.
must tessera report study --export compressai -o exported
ls exported
tessera report study --no-html --no-figures | sed -n '/^codec/,/^$/p;' | head -6 >direct.txt
tessera report exported/*.json --no-html --no-figures | sed -n '/^codec/,/^$/p;' | head -6 >again.txt
same direct.txt again.txt

# Two sweeps side by side.
tessera report old=old new=worse --no-html --no-figures --anchor 'old: b' --only '*: b' | sed -n '5,9p'

# The gate.
try tessera report study --baseline old --no-html --no-figures
tessera report worse --baseline old --fail-bd 0.5% --no-html --no-figures >/dev/null
echo "-> $?"
tessera report worse --baseline old --fail-bd 2.5% --no-html --no-figures >/dev/null
echo "-> $?"
sed '/^b,q=30,p1/d' worse/results.csv >lost.csv
tessera report lost.csv --baseline old --fail-bd 5 --no-html --no-figures >/dev/null
echo "-> $?"

# What a killed sweep leaves, and what is no table.
head -c -30 study/results.csv >cut.csv
tessera report cut.csv --no-html --no-figures | grep note
sed 's/,q=20,p1.png,100,80,/,q=20,p1.png,100,eighty,/' study/results.csv >wrong.csv
try tessera report wrong.csv
try tessera report missing
try tessera report study --anchor nothing --no-html --no-figures
try tessera report study --metric psnr_hvs --no-html --no-figures
try tessera report study --baseline old --fail-bd lots
try tessera report study --fail-bd 1
try tessera report study --export compressai
ls -A | grep -c tessera-
