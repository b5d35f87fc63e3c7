# What a user reads first; the pages come from the option tables.
try tessera encode --help
try tessera decode -h
try tessera help info
try tessera compare --help
try tessera list --help
tessera --help | sed -n '1,/^Commands:/p'
try tessera --version
for verb in encode decode info compare list plugin corpus sweep; do
    tessera --help | grep -q "^  $verb" || echo "MISSING in --help: $verb"
    tessera help $verb >"$SCRATCH/out" || echo "NO HELP: $verb"
    # Every page: usage, options or subcommands, examples.
    grep -q "^Usage: tessera $verb" "$SCRATCH/out" || echo "NO USAGE: $verb"
    grep -Eq '^(Options|Commands):' "$SCRATCH/out" || echo "NO OPTIONS: $verb"
    awk -v verb="$verb" 'length > 80 { print verb ": LONG LINE: " $0 }' "$SCRATCH/out"
done
try tessera
try tessera help frob
