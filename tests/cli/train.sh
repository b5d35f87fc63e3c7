# Tables are fitted to a folder of pictures: their sizes are fixed, the same run gives the same bytes, and what is
# no picture is skipped with a note.
bits='[0-9.]* bits each, [0-9.]* with'
filter="s|$SCRATCH/work|HERE|g; s|[0-9]* decisions: $bits|N decisions: B bits each, C with|
s|[0-9]* vectors: $bits|N vectors: B bits each, C with|"
mkdir photos more empty words
picture rgb 96 64 8 >photos/a.pam
picture rgb 65 80 8 >photos/b.pam
picture grey 70 50 8 >photos/c.pam
echo 'not a picture' >photos/notes.txt
echo 'not a picture' >words/notes.txt
cp photos/[ab].pam more
cp photos/c.pam more/c1.pam
cp photos/c.pam more/c2.pam
cp photos/c.pam more/c3.pam
echo 'not a picture' >more/notes.txt
for table in weights rates start prior filter klt; do
    case $table in filter) data=more ;; *) data=photos ;; esac
    try tessera train $table --data $data -o $table.one
    must tessera train $table --data $data -o $table.two --quiet
    same $table.one $table.two
done
vectors=wavelet/codebook/mix
try tessera train prior --data photos -c $vectors -o vectors.one
must tessera train prior --data photos -c $vectors -o vectors.two --quiet
same vectors.one vectors.two
try tessera train prior --data photos -c wavelet/codebook:kind=fixed/mix -o none.bin
echo "rows of weights: $(wc -l <weights.one | tr -d ' ')"
for table in rates start prior filter klt; do echo "bytes of $table: $(size_of $table.one)"; done
echo "bytes of prior of vectors: $(size_of vectors.one)"
for table in rates filter codebook klt; do try tessera train $table --data empty -o none.bin; done
for table in codebook filter; do try tessera train $table --data words -o none.bin; done
try tessera train filter --data photos -o none.bin
try tessera train filter --data more --every 2 -o none.bin
try tessera train rates --data missing -o none.bin
try tessera train filtr --data photos -o none.bin
try tessera train rates -o none.bin
[ ! -e none.bin ] || echo 'FAILED: a file was left'
