# On a terminal, a job of more than a second shows a bar, which goes away; --quiet shows none.
{
    printf 'P6 800 600 255\n'
    head -c 1440000 /dev/urandom
} >big.ppm
job="timeout --foreground --preserve-status -s TERM 3 '$TESSERA' encode big.ppm out.tsr --target-size 200K -e 9"
SHELL=/bin/sh script -qec "$job" /dev/null >screen.txt
echo "-> $?"
grep -qE 'encode  \[#*-*\] +[0-9]+ %  [0-9:-]+ left' screen.txt && echo "a bar"
# The last thing on its line is its removal: carriage return, clear to the end of the line.
tr '\r' '\n' <screen.txt | tail -n 2 | od -c | head -n 2
SHELL=/bin/sh script -qec "$job --quiet" /dev/null | tr -d '\r'
sh -c "$job" 2>screen.txt # no terminal, no bar
cat screen.txt
