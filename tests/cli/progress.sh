# On a terminal, a job of more than a second shows a bar, which goes away; --quiet shows none.
{
    printf 'P6 800 600 255\n'
    head -c 1440000 /dev/urandom
} >big.ppm
job="echo \$\$ >pid; exec '$TESSERA' encode big.ppm out.tsr --target-size 200K -e 9"
bar='encode  \[#*-*\] +[0-9]+ %  [0-9:-]+ left'
: >screen.txt # there from the first look on
SHELL=/bin/sh script -qec "$job" /dev/null >screen.txt &
n=0
until grep -qE "$bar" screen.txt || [ $n -ge 600 ]; do sleep 0.1; n=$((n + 1)); done
kill "$(cat pid)"
wait $!
echo "-> $?"
grep -qE "$bar" screen.txt && echo "a bar"
# The last thing on its line is its removal: carriage return, clear to the end of the line.
tr '\r' '\n' <screen.txt | tail -n 2 | od -c | head -n 2
# Stopped when a bar would have been there.
stop_later() {
    until [ -s pid ]; do sleep 0.1; done
    sleep $((n / 10 + 1))
    kill "$(cat pid)"
    wait $!
}
rm pid
SHELL=/bin/sh script -qec "$job --quiet" /dev/null >screen.txt &
stop_later
tr -d '\r' <screen.txt
rm pid
sh -c "$job" 2>screen.txt & # no terminal, no bar
stop_later
cat screen.txt
