# Man pages and completion have every command and every option that --help has.
long_options() { grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u; }
for verb in encode decode info compare list; do
    tessera $verb --help | long_options >help.txt
    tessera __man $verb | sed 's/\\f[BIR]//g;s/\\-/-/g' |
        grep -E '^(-[a-zA-Z], )?--[a-z]' | grep -oE -- '--[a-z-]+' | sort -u >man.txt
    [ -s help.txt ] || echo "NO OPTIONS: $verb"
    cmp -s help.txt man.txt || diff help.txt man.txt
done
tessera __man | sed -n '1,12p'
for verb in encode decode info compare list plugin corpus sweep; do
    tessera __man | grep -q "tessera.-$verb" || echo "NOT IN tessera.1: $verb"
    tessera __man $verb | grep -q '^\.SH EXIT STATUS' || echo "NO EXIT STATUS: $verb"
done
try tessera __man frob
tessera __completion bash >completion.bash
# What TAB offers for each of these lines; the last word is being typed.
cat >ask.bash <<'END'
PATH=$(dirname "$TESSERA"):$PATH
. ./completion.bash
ask() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _tessera
    echo "$*: ${COMPREPLY[*]}"
}
touch photo.png photo.tsr
ask tessera en
ask tessera encode --target-
ask tessera encode --colour yc
ask tessera encode --views ''
ask tessera encode -c wav
ask tessera encode phot
ask tessera encode --quality ''
ask tessera decode --format p
ask tessera encode photo.png photo.tsr --plugin photo.p
ask tessera help comp
ask tessera plugin che
END
bash ask.bash
