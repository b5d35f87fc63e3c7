# A signal while the codec works: exit code 8, one line, the old output untouched, nothing left over.
{
    printf 'P6 800 600 255\n'
    head -c 1440000 /dev/urandom
} >big.ppm
echo old >out.tsr
mkfifo pipe
"$TESSERA" encode pipe out.tsr --target-size 200K -e 9 -j 1 >"$SCRATCH/out" 2>"$SCRATCH/err" &
pid=$!
timeout 60 sh -c 'cat big.ppm >pipe' # returns when the picture has been read
sleep 0.5
kill -TERM $pid
wait $pid
echo "-> $?"
cat "$SCRATCH/out" "$SCRATCH/err" out.tsr
ls -A
