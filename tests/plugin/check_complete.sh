#!/bin/sh
# Nothing is left out: every check of the suite is one that a broken plug-in is known to fail, and
# every built-in transform is one that the suite is run on.
#
#     check_complete.sh TESSERA PLUGIN 'CHECK...' 'TRANSFORM...'
tessera=$1 plugin=$2 checks=$3 transforms=$4
code=0
has() { case " $1 " in *" $2 "*) ;; *) echo "$3: $2"; code=1 ;; esac; }

all=$("$tessera" plugin check --json "$plugin" | sed -n 's/.*"check": "\([a-z-]*\)".*/\1/p')
[ "$(echo "$all" | wc -l)" -gt 20 ] || { echo "the list of checks cannot be read"; exit 1; }
for check in $all; do has "$checks" "$check" 'no broken plug-in for this check'; done
for name in $(TESSERA_PLUGIN_PATH='' "$tessera" list transforms --names); do
    has "$transforms" "$name" 'the suite is not run on this transform'
done
exit $code
