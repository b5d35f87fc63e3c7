#!/bin/sh
# Turns text files into C strings: NAME.EXT becomes tsr_NAME_EXT.
#
#     embed_text.sh FILE...  > texts.c
set -e
echo '/* Made by embed_text.sh from files of cli/lab. */'
echo '#include "lab/report_html.h"'
for file; do
    name=$(basename "$file" | tr . _)
    echo
    echo "const char tsr_$name[] ="
    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/    "&\\n"/' "$file"
    echo '    ;'
done
