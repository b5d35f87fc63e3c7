/* completion.c - completion of commands, options and their values for bash, from the tables. */
#include "help.h"

static void put_option_names(FILE *f, const tsr_option *const *tables) {
    for (; *tables; tables++)
        for (const tsr_option *o = *tables; o->name; o++) fprintf(f, "--%s ", o->name);
}

static void put_pattern(FILE *f, const tsr_option *o) {
    fputs("            ", f);
    if (o->letter) fprintf(f, "-%c | ", o->letter);
    fprintf(f, "--%s) ", o->name);
}

/* What completes the argument of an option. */
static void put_value(FILE *f, const tsr_option *o) {
    put_pattern(f, o);
    switch (o->type) {
    case TSR_OPTION_FILE:
        fputs("files=1", f);
        break;
    case TSR_OPTION_SPEC:
        fputs("words=$(tessera list transforms --names 2>/dev/null)", f);
        break;
    case TSR_OPTION_CHOICE:
        fputs("words='", f);
        for (const char *const *c = o->choices; *c; c++) fprintf(f, "%s ", *c);
        putc('\'', f);
        break;
    default:
        fprintf(f, "words='%s'", o->word ? o->word : "");
    }
    fputs(" ;;\n", f);
}

static void put_command(FILE *f, const tsr_command *cmd) {
    const tsr_option *tables[TSR_COMMAND_TABLES];
    tsr_command_tables(cmd, tables);
    fprintf(f, "    '%s')\n        case $prev in\n", cmd->name);
    for (unsigned t = 0; tables[t]; t++)
        for (const tsr_option *o = tables[t]; o->name; o++)
            if (o->type != TSR_OPTION_FLAG) put_value(f, o);
    fputs("            *) files=1\n               [[ $cur == -* ]] && files=0 && words='", f);
    put_option_names(f, tables);
    fputs("' ;;\n        esac ;;\n", f);
}

static void put_words(FILE *f, const tsr_command *const *list) {
    for (; *list; list++) fprintf(f, "%s ", tsr_command_word(*list));
}

void tsr_completion_bash(FILE *f) {
    fputs("# bash completion for tessera, made from its option tables\n"
          "_tessera() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local command=${COMP_WORDS[1]} words='' files=0\n"
          "    ((COMP_CWORD == 1)) && command=''\n",
          f);
    for (const tsr_command *const *c = tsr_commands; *c; c++)
        if ((*c)->subs)
            fprintf(f,
                    "    [[ $command == %s ]] && ((COMP_CWORD > 2)) && command+=\" "
                    "${COMP_WORDS[2]}\"\n",
                    (*c)->name);
    fputs("    case $command in\n    '') words='", f);
    put_words(f, tsr_commands);
    fputs("help --help --version' ;;\n    help) words='", f);
    put_words(f, tsr_commands);
    fputs("' ;;\n", f);
    for (const tsr_command *const *c = tsr_commands; *c; c++) {
        if (!(*c)->subs) {
            put_command(f, *c);
            continue;
        }
        fprintf(f, "    %s) words='", (*c)->name);
        put_words(f, (*c)->subs);
        fputs("--help' ;;\n", f);
        for (const tsr_command *const *s = (*c)->subs; *s; s++) put_command(f, *s);
    }
    fputs("    esac\n"
          "    if ((files)); then\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
          "    else\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _tessera tessera\n",
          f);
}
