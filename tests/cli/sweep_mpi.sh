# sweep by several processes: the same rows as by one; a process that dies loses only what it was at.
# For tests in containers, by root, with more processes than processors:
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_btl=self,vader
mkdir photos
picture rgb 96 80 8 >photos/a.pam
picture grey 64 48 8 >photos/b.pam
picture rgb 40 30 16 >photos/c.pam
printf 'P6 10 10 255\nxx' >photos/d.ppm
what='photos -c wavelet/rdo/adaptive -c identity/uniform/adaptive -q 5..95:5 -e 2'

# Rows without times, in order.
rows() { sed -E 's/,[0-9.]*,[0-9.]*,([0-9]*,[a-z]+,[^,]*,[0-9a-f]{64},[0-9a-f]{64})$/,T,T,\1/' "$1/results.csv" | sort; }

tessera sweep $what -o one --quiet 2>"$SCRATCH/err"
echo "-> $?"
rows one >one.txt
grep -c ',T,T,' one.txt
for n in 2 4; do
    mpirun -n $n "$TESSERA" sweep $what -o ranks$n >out.txt 2>&1
    sed -nE 's/.*(rows: .*) in [0-9.]+ s(.*)/\1\2/p' out.txt
    rows ranks$n >many.txt
    same one.txt many.txt
done

# One of three killed in the middle takes the others with it; the next run goes on.
mpirun -n 3 "$TESSERA" sweep $what -o killed >out.txt 2>&1 &
mpi=$!
n=0
while kill -0 $mpi 2>/dev/null && [ $n -lt 600 ]; do
    [ -f killed/results.csv ] && [ "$(wc -l <killed/results.csv)" -gt 3 ] && break
    sleep 0.1
    n=$((n + 1))
done
victim=$(tr ' ' '\n' 2>/dev/null <"/proc/$mpi/task/$mpi/children" | grep . | tail -1)
[ -z "$victim" ] || kill -9 "$victim" 2>/dev/null # else all was done before
wait $mpi 2>/dev/null
mpirun -n 3 "$TESSERA" sweep $what -o killed --quiet >out.txt 2>&1
rows killed >many.txt
same one.txt many.txt

# Wrong arguments are said once, and nobody waits for ever.
timeout 60 mpirun -n 3 "$TESSERA" sweep photos -c nonsense -o never >out.txt 2>&1 && echo "NO FAILURE"
grep -c 'unknown transform' out.txt
