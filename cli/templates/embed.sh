#!/bin/sh
# Turns template files into a C array of their texts.
#
#     embed.sh FILE.in...  > templates.c
set -e
echo '/* Made by embed.sh from the files of cli/templates. */'
echo '#include "plugin_template.h"'
echo
echo 'const tsr_plugin_template tsr_plugin_templates[] = {'
for file; do
    name=$(basename "$file" .in)
    echo "    {\"$name\","
    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/     "&\\n"/' "$file"
    echo '    },'
done
echo '    {0},'
echo '};'
