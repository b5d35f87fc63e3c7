# The corpus: a manifest of our own whose URLs are files here, so that nothing leaves the machine.
# libcurl words its reasons differently from version to version.
filter="s|$SCRATCH/work|HERE|g;s/(cannot download [^ ]*): .*; fetch/\\1: REASON; fetch/"
unset TESSERA_CORPUS XDG_DATA_HOME
export HOME="$PWD/home"
mkdir server list
printf 'the first picture\n' >server/one.png
printf 'another picture, of a few bytes more\n' >server/two.png
printf 'beside the list\n' >list/own.png

hash_of() { sha256sum "$1" | cut -d' ' -f1; }
line() { printf '%s\t%s\t%s\t%s\tCC0-1.0\ta test\tnobody\n' "$@"; }
entry() { line "$1" "$2" "$(size_of "$3")" "$(hash_of "$3")"; }
{
    echo '# a comment'
    entry own/own.png own.png list/own.png
    entry far/one.png "file://$PWD/server/one.png" server/one.png
    entry far/two.png "file://$PWD/server/two.png" server/two.png
} >list/manifest
corpus() {
    verb=$1
    shift
    tessera corpus "$verb" --manifest list/manifest --dir got "$@"
}

try corpus list
try corpus fetch far
same server/one.png got/far/one.png
same server/two.png got/far/two.png
try corpus fetch far own
try corpus verify
try corpus list far/two.png --json
find got | sort

# An interrupted download goes on behind what is there: a wrong beginning gives a wrong file, once.
rm got/far/one.png got/far/two.png
head -c 20 server/two.png >got/far/two.png.part
try corpus list far
try corpus fetch far/two.png
same server/two.png got/far/two.png
printf 'THE' >got/far/one.png.part
try corpus fetch far/one.png
find got -name '*.part'
try corpus fetch far/one.png
# A partial file that is complete needs no server; one that is too long begins anew.
mv got/far/one.png got/far/one.png.part
mv server/one.png server/moved.png
try corpus fetch far/one.png
mv server/moved.png server/one.png
rm got/far/one.png
cat server/one.png server/one.png >got/far/one.png.part
try corpus fetch far/one.png
same server/one.png got/far/one.png

# What the server has is not what the list says: shorter, longer, other bytes, nothing.
rm got/far/one.png
cp server/one.png keep.png
printf 'short\n' >server/one.png
try corpus fetch far/one.png
printf 'much longer than the list says\n' >server/one.png
try corpus fetch far/one.png
tr a-z A-Z <keep.png >server/one.png
try corpus fetch far/one.png
rm server/one.png
try corpus fetch far
find got | sort
cp keep.png server/one.png

# What is here is never overwritten.
must corpus fetch far
printf 'the FIRST picture\n' >got/far/one.png
try corpus fetch far/one.png
try corpus verify
printf 'x' >got/far/one.png
try corpus verify far/one.png
rm got/far/one.png
try corpus verify
try corpus verify far
rm list/own.png
try corpus fetch own

# Where downloads go without --dir.
entry far/two.png "file://$PWD/server/two.png" server/two.png >m
must tessera corpus fetch far --manifest m
must env XDG_DATA_HOME="$PWD/data" "$TESSERA" corpus fetch far --manifest m
must env XDG_DATA_HOME="$PWD/data" TESSERA_CORPUS="$PWD/mine" "$TESSERA" corpus fetch far --manifest m
find home data mine -type f | sort
homeless() { (unset HOME && tessera corpus list --manifest m); }
try homeless
touch in_the_way
try tessera corpus fetch far --manifest m --dir in_the_way

# Names and lists that are not right.
try corpus fetch
try corpus fetch fra
try corpus verify far/tow.png
try tessera corpus list --manifest nowhere
zeros=$(printf '%064d' 0)
bad_list() { line "$@" >m && try tessera corpus list --manifest m; }
bad_list one.png file:///x 1 "$zeros"
bad_list ../a/one.png file:///x 1 "$zeros"
bad_list a/../one.png file:///x 1 "$zeros"
bad_list /a/one.png file:///x 1 "$zeros"
bad_list a//one.png file:///x 1 "$zeros"
bad_list a/one.png ftp://x/y 1 "$zeros"
bad_list a/one.png ../x 1 "$zeros"
bad_list a/one.png file:///x -1 "$zeros"
bad_list a/one.png file:///x 0 "$zeros"
bad_list a/one.png file:///x 99999999999999999999 "$zeros"
bad_list a/one.png file:///x 1 "${zeros}0"
bad_list a/one.png file:///x 1 "$(printf '%064d' 0 | tr 0 A)"
bad_list a/one.png file:///x 1
{ line a/b file:///x 1 "$zeros"; line a/b file:///y 1 "$zeros"; } >m
try tessera corpus list --manifest m
printf 'a\0b\n' >m
try tessera corpus list --manifest m
: >m
try tessera corpus list --manifest m

# The list that comes with Tessera: its own photographs are whole.
try tessera corpus verify photos
