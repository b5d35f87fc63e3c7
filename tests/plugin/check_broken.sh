#!/bin/sh
# A plug-in that breaks a promise: `tessera plugin check` has to say so.
#
#     check_broken.sh TESSERA PLUGIN CHECK...     exit status 77 when a check cannot be made here
#
# A plug-in that needs a model gets the file $TSR_TEST_MODEL.
tessera=$1 plugin=$2
shift 2
code=0 skipped=0 limit=100
model=
case $plugin in *endless*) limit=2 ;; *model*) model=$TSR_TEST_MODEL ;; esac
for check; do
    set -- --timeout "$limit" ${model:+--model "$model"}
    [ "$check" = load ] || set -- "$@" --only "$check"
    out=$("$tessera" plugin check "$@" "$plugin" 2>/dev/null)
    status=$?
    echo "$out"
    if echo "$out" | grep -q "^skipped *$check .*\(malloc\|C library\|instruction set\)"; then
        skipped=1
    elif [ $status != 7 ] || ! echo "$out" | grep -q "^FAILED *$check "; then
        echo "'FAILED $check' and exit status 7 expected, exit status $status seen"
        code=1
    fi
done
[ $code = 0 ] && [ $skipped = 1 ] && exit 77
exit $code
