# Encode and decode by files, by --output and through pipes give the same bytes.
picture rgb 70 50 8 >a.pam
must tessera encode a.pam a.tsr -q 80
must tessera encode -o b.tsr a.pam -q80
same a.tsr b.tsr
tessera encode - - --quality=80 <a.pam >c.tsr || echo "FAILED: pipe"
same a.tsr c.tsr
must tessera decode a.tsr a.ppm
must tessera decode a.tsr a.png
must tessera decode a.tsr -o b.png
same a.png b.png
tessera decode - - <a.tsr >c.png || echo "FAILED: pipe"
same a.png c.png
tessera decode - - --format pnm <a.tsr >c.ppm || echo "FAILED: pipe"
same a.ppm c.ppm
tessera encode - - <a.pam -c identity -q 90 | tessera decode - - --format pam >d.pam
for f in a.ppm a.png d.pam; do head -c 2 $f | tr -c 'P0-9' '?'; echo; done
# The format follows --format and not the name, and reading follows the content and not the name.
must tessera decode a.tsr wrong.ppm --format png
same wrong.ppm a.png
must tessera encode wrong.ppm d.tsr
# A stream is a picture like any other.
must tessera encode a.tsr e.tsr --lossless
try tessera compare a.ppm e.tsr
# An output that exists is replaced; one that is the input is refused, by whatever name.
must tessera decode a.tsr a.ppm
cp a.ppm x.ppm; ln x.ppm hard.ppm; ln -s x.ppm soft.ppm
try tessera encode x.ppm x.ppm
try tessera encode x.ppm hard.ppm
try tessera encode x.ppm soft.ppm
same a.ppm x.ppm
# Names that look like options.
cp a.ppm ./-q
must tessera encode -- -q ./-out.tsr
ls -A
