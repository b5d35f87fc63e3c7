# Libraries that are opened when they are needed: what is said where they are missing. An empty file in the
# library path hides the one of the system.
picture rgb 48 40 8 >in.pam
export TESSERA_MODULES=nowhere
tessera list peers --names
tessera list peers | sed -n '/^  webp/,$p' | sed '/^  [a-vx-z]/,$d'
tessera list peers --json | tr -d ' \n' | grep -o '{"name":"webp"[^}]*}'
try tessera sweep in.pam --peers webp -o study
(export OMPI_COMM_WORLD_SIZE=2; try tessera sweep in.pam -c identity -o study)
ls study 2>/dev/null

# Another file of that name, and one of another version of the command.
version=$(tessera --version | sed 's/tessera //')
other=$(echo "$version" | tr 0-9 1-90)
filter="s|$SCRATCH|SCRATCH|g;s|$version|VERSION|;s|$other|OTHER|"
mkdir "$SCRATCH/modules"
export TESSERA_MODULES=$SCRATCH/modules
: >"$TESSERA_MODULES/tessera-peer-webp.so"
try tessera sweep in.pam --peers webp -o study
sed "s/$version/$other/g" "$(dirname "$TESSERA")/tessera-peer-webp.so" >"$TESSERA_MODULES/tessera-peer-webp.so"
try tessera sweep in.pam --peers webp -o study
unset TESSERA_MODULES

# A module is there, its library is not; then both.
mkdir hidden
for soname in libwebp.so.7 libfftw3f.so.3 liblapacke.so.3 libcurl.so.4 libcurl-gnutls.so.4; do : >hidden/$soname; done
hidden() { env LD_LIBRARY_PATH="$PWD/hidden" "$TESSERA" "$@"; }
hidden list peers --names | grep -x -e jpeg -e webp
try hidden encode in.pam a.tsr -c dct
try hidden encode in.pam a.tsr -c lowpass
try hidden encode in.pam a.tsr -c svd
try hidden corpus fetch kodak --dir downloads
ls downloads 2>/dev/null
tessera list peers --names | grep -x -e jpeg -e webp

# Streams decode without, and with the same pixels.
for codec in dct lowpass svd svd:mode=plane; do
    must tessera encode in.pam a.tsr -c $codec
    must tessera decode a.tsr with.pam
    must hidden decode a.tsr without.pam
    same with.pam without.pam
done
