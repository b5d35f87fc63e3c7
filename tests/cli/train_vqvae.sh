# A short training on two pictures: it lowers the loss, survives being killed, says what is wrong with its folders,
# and stops cleanly when it diverges. Figures vary with the machine's arithmetic and speed.
filter="s|$SCRATCH/work|HERE|g;s/[+-]?[0-9]+\.[0-9]+/N/g;s/[0-9]+:[0-9]+:[0-9]+/T/g"
mkdir data val empty words
picture rgb 120 96 8 >data/a.pam
picture rgb 97 110 8 >data/b.pam
picture rgb 64 64 8 >val/c.pam
picture grey 40 20 8 >val/d.pam
echo 'not a picture' >data/notes.txt
echo 'not a picture' >words/notes.txt
small='--crop 32 --batch 4 --channels 8 --blocks 1 --tiles 8 --lr 0.01'

train() { tessera train vqvae --data data --val val $small "$@"; }
# At the end the PSNR of the validation pictures must be above that without the network, all three steps together.
lowered() {
    awk -F, 'END { exit !($9 > 0 && $10 + $13 + $16 > $9 + $12 + $15) }' "$1" ||
        { echo "FAILED: no gain in $1"; cat "$1"; }
}

try train --out one.tsm --iterations 20
must train --out long.tsm --iterations 150 --quiet
lowered long.csv
must train --out two.tsm --iterations 20 --quiet --threads 3
head -1 one.csv
tail -1 one.svg
tessera model info one.tsm >info.txt || echo 'FAILED: the model cannot be read'
grep '^iterations' info.txt

# Killed in the middle: the checkpoint is whole, and the run goes on from it to the end.
"$TESSERA" train vqvae --data data --val val $small --out killed.tsm --iterations 1000000 --checkpoint 0.1 --quiet &
child=$!
n=0
while [ ! -e killed.ckpt ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n + 1)); done
kill -9 $child
wait $child 2>/dev/null
at=$(tail -1 killed.csv | cut -d, -f1)
[ "$at" -gt 0 ] || echo 'FAILED: nothing was saved before the kill'
end=$((at + 150))
must train --out killed.tsm --iterations $end --quiet --resume
[ "$(tail -1 killed.csv | cut -d, -f1)" -eq $end ] || echo 'FAILED: not resumed'
lowered killed.csv
ls killed.*

# Both networks; the model works in the codec.
must train --out both.tsm --stage joint --iterations 3 --init one.tsm --quiet
tessera model info both.tsm | grep -c '^encoder  '
must tessera encode data/a.pam a.tsr -c vqvae --model both.tsm
must tessera decode a.tsr a.pam --model both.tsm

try tessera train vqvae --data empty --val val --out none.tsm --iterations 5
try tessera train vqvae --data words --val val --out none.tsm --iterations 5
try tessera train vqvae --data data --val missing --out none.tsm --iterations 5
# A name longer than the room for the command that a model keeps; slashes at the end are not part of a name.
long=$(printf '%01100d' 0)
for out in "/$long" none.tsm; do
    tessera train vqvae --data "/$long/" --val val --out "$out" --iterations 5 2>err
    echo "-> $?: $(sed "s/$long/LONG/" err)"
done
must tessera train vqvae --data data// --val ./val/ $small --out slash.tsm --iterations 1 --quiet
tessera model info slash.tsm | grep -o 'data data --val val --out slash.tsm --iterations 1'
try tessera train vqvae --data data --out none.tsm
try train --out none.tsm --iterations 5 --minutes 1
try train --out none.tsm --iterations 5 --crop 33
try train --out none.tsm --iterations 5 --steps 9
try train --out none.tsm --iterations 5 --codec nonesuch
try train --out none.tsm --iterations 5 --resume
try train --out one.tsm --iterations 40 --resume --seed 2
try train --out none.tsm --iterations 2000 --lr 1e6 --clip off
try train --out one.tsm --iterations 2000 --lr 1e6 --clip off --resume
[ ! -e none.tsm ] || echo 'FAILED: a model was left'
tessera model info one.tsm >again.txt
same info.txt again.txt
try train --out none.tsm --stage tiles --iterations 1
