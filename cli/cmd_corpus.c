/* cmd_corpus.c - tessera corpus: the pictures that codecs are measured with; list, fetch, verify.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus_fetch.h"
#include "corpus_store.h"
#include "json.h"

static const tsr_option options[] = {
    {.name = "dir",
     .type = TSR_OPTION_FILE,
     .arg = "DIR",
     .help = "folder of the downloads, instead of $TESSERA_CORPUS or the user's data folder"},
    {.name = "manifest",
     .type = TSR_OPTION_FILE,
     .arg = "FILE",
     .help = "another list of pictures than the one that comes with Tessera"},
    {.name = "json", .help = "print JSON"},
    {0},
};

/* What a subcommand works on. */
typedef struct job {
    tsr_cli *cli;
    const tsr_args *args;
    tsr_store store;
    tsr_json json;
    int as_json;
} job;

/* ---------------------------------------------------------------- selection */

static int is_selected(const tsr_args *args, const tsr_corpus_file *f) {
    unsigned n = tsr_args_operands(args);
    for (unsigned i = 0; i < n; i++)
        if (tsr_corpus_matches(f, tsr_args_operand(args, i))) return 1;
    return n == 0;
}

/* Every operand must name something. Returns an exit code; the message is printed. */
static int check_names(const tsr_command *cmd, const tsr_manifest *m, const tsr_args *args) {
    for (unsigned i = 0; i < tsr_args_operands(args); i++) {
        const char *name = tsr_args_operand(args, i);
        char near[256], hint[TSR_HINT_SIZE];
        size_t k = 0;
        while (k < m->n && !tsr_corpus_matches(&m->files[k], name)) k++;
        if (k == m->n)
            return tsr_cli_usage(cmd, "no file or set '%s' in the manifest%s", name,
                                 tsr_hint(tsr_manifest_nearest(m, name, near, sizeof near), hint));
    }
    return TSR_EXIT_OK;
}

/* Calls each() for the selected files, in the order of the manifest. A failure ends it, or with
 * go_on is remembered: the first exit code that is not 0 is returned. */
static int for_selected(const tsr_command *cmd, tsr_cli *cli, const tsr_args *args, int go_on,
                        int (*each)(job *j, const tsr_corpus_file *f)) {
    job j = {.cli = cli,
             .args = args,
             .json = tsr_json_begin(stdout),
             .as_json = tsr_args_has(args, "json")};
    int code =
        tsr_store_open(&j.store, cli, tsr_args_text(args, "manifest"), tsr_args_text(args, "dir"));
    if (code) return code;
    code = check_names(cmd, &j.store.manifest, args);
    if (!code) {
        if (j.as_json) tsr_json_array(&j.json, NULL);
        for (size_t i = 0; i < j.store.manifest.n; i++) {
            if (!is_selected(args, &j.store.manifest.files[i])) continue;
            if (tsr_cli_interrupted()) {
                if (!code) code = tsr_cli_error(NULL, TSR_ERR_CANCELLED, "interrupted");
                break;
            }
            int one = each(&j, &j.store.manifest.files[i]);
            if (!code) code = one;
            if (one && !go_on) break;
        }
        if (j.as_json) tsr_json_end(&j.json);
    }
    tsr_store_close(&j.store);
    return code;
}

/* ---------------------------------------------------------------- one line a file */

static void json_file(job *j, const tsr_corpus_file *f, const char *path, const char *state) {
    tsr_json_object(&j->json, NULL);
    tsr_json_text(&j->json, "name", f->name);
    tsr_json_text(&j->json, "path", path);
    tsr_json_text(&j->json, "state", state);
    tsr_json_int(&j->json, "bytes", (int64_t)f->bytes);
    tsr_json_text(&j->json, "sha256", f->sha256);
    tsr_json_text(&j->json, "location", f->location);
    tsr_json_text(&j->json, "licence", f->licence);
    tsr_json_text(&j->json, "source", f->source);
    tsr_json_text(&j->json, "attribution", f->attribution);
    tsr_json_end(&j->json);
}

static void report(job *j, const tsr_corpus_file *f, const char *path, const char *state) {
    if (j->as_json)
        json_file(j, f, path, state);
    else
        printf("%-40s %s\n", f->name, state);
}

static int list_file(job *j, const tsr_corpus_file *f) {
    char path[PATH_MAX];
    tsr_status s = tsr_store_path(&j->store, f, path, &j->cli->diag);
    if (s) return tsr_cli_fail(j->cli, NULL, s);
    const char *state = tsr_file_state_text(tsr_store_peek(&j->store, f));
    if (j->as_json)
        json_file(j, f, path, state);
    else
        printf("%-40s %11llu  %-12s %-22s %s\n", f->name, (unsigned long long)f->bytes, state,
               f->licence, f->attribution);
    return TSR_EXIT_OK;
}

/* ---------------------------------------------------------------- verify */

static int say_wrong(const char *path, const tsr_corpus_file *f, tsr_file_state state,
                     const char *hash) {
    if (state == TSR_FILE_WRONG_SIZE)
        return tsr_cli_error(path, TSR_ERR_FORMAT,
                             "not the %llu bytes of the manifest: remove it and fetch it again",
                             (unsigned long long)f->bytes);
    return tsr_cli_error(path, TSR_ERR_FORMAT,
                         "SHA-256 is %s, the manifest says %s: remove it and fetch it again", hash,
                         f->sha256);
}

/* A file that is not here is wrong only when it was asked for. */
static int verify_file(job *j, const tsr_corpus_file *f) {
    char path[PATH_MAX], hash[65] = "";
    tsr_file_state state;
    tsr_status s = tsr_store_path(&j->store, f, path, &j->cli->diag);
    if (!s) s = tsr_file_check(j->cli, path, f, &state, hash);
    if (s) return tsr_cli_fail(j->cli, path, s);
    if (state == TSR_FILE_ABSENT && !tsr_args_operands(j->args)) return TSR_EXIT_OK;
    report(j, f, path, state == TSR_FILE_RIGHT ? "ok" : tsr_file_state_text(state));
    if (state == TSR_FILE_RIGHT) return TSR_EXIT_OK;
    if (state != TSR_FILE_ABSENT) return say_wrong(path, f, state, hash);
    return tsr_cli_error(path, TSR_ERR_IO, "not here: get it with tessera corpus fetch %s",
                         f->name);
}

/* ---------------------------------------------------------------- fetch */

/* Never overwrites: what is there and is not the file is the user's to remove. */
static int fetch_file(job *j, const tsr_corpus_file *f) {
    char path[PATH_MAX], hash[65] = "";
    tsr_file_state state = TSR_FILE_ABSENT;
    tsr_status s = tsr_store_path(&j->store, f, path, &j->cli->diag);
    if (!s) s = tsr_file_check(j->cli, path, f, &state, hash);
    if (s) return tsr_cli_fail(j->cli, path, s);
    if (state == TSR_FILE_ABSENT && tsr_corpus_is_shipped(f))
        return tsr_cli_error(path, TSR_ERR_IO, "missing from this installation of Tessera");
    if (state == TSR_FILE_ABSENT) {
        s = tsr_corpus_fetch(j->cli, f, path);
        if (s) return tsr_cli_fail(j->cli, NULL, s);
        report(j, f, path, "fetched");
        fflush(stdout);
        return TSR_EXIT_OK;
    }
    if (state != TSR_FILE_RIGHT) return say_wrong(path, f, state, hash);
    report(j, f, path, "here");
    return TSR_EXIT_OK;
}

/* ---------------------------------------------------------------- the commands */

static const tsr_command list_command, fetch_command, verify_command;

static int run_list(tsr_cli *cli, const tsr_args *args) {
    return for_selected(&list_command, cli, args, 0, list_file);
}

static int run_fetch(tsr_cli *cli, const tsr_args *args) {
    return for_selected(&fetch_command, cli, args, 0, fetch_file);
}

static int run_verify(tsr_cli *cli, const tsr_args *args) {
    return for_selected(&verify_command, cli, args, 1, verify_file);
}

#define NAMES "NAME is a file of the list (kodak/kodim23.png) or a set (kodak). "

static const tsr_command list_command = {
    .name = "corpus list",
    .summary = "print the pictures, where they come from and whether they are here",
    .operands = "[NAME...]",
    .description = NAMES "Without NAME everything is listed: name, bytes, whether the file is "
                         "here, licence, attribution. Whether it is here is told by its size; "
                         "'verify' reads the file.",
    .max_operands = 4096,
    .flags = TSR_CMD_BARE,
    .options = options,
    .examples = (const tsr_example[]){{"tessera corpus list", "everything"},
                                      {"tessera corpus list kodak --json", "one set, as JSON"},
                                      {0}},
    .run = run_list,
};

static const tsr_command fetch_command = {
    .name = "corpus fetch",
    .summary = "download pictures, resuming and verifying",
    .operands = "NAME...",
    .description =
        NAMES "Downloads what is not here yet, compares it with the SHA-256 of the manifest and "
              "only then gives it its name. An interrupted download goes on where it stopped. "
              "Existing files are never overwritten."
              "\n\n"
              "Without a network the message says which URL to fetch by other means, and the path "
              "to save it as.",
    .min_operands = 1,
    .max_operands = 4096,
    .flags = TSR_CMD_BARE,
    .options = options,
    .examples = (const tsr_example[]){{"tessera corpus fetch kodak", "the 24 Kodak pictures"},
                                      {"tessera corpus fetch clic2020 --dir /data/corpus",
                                       "the CLIC 2020 archives, into another folder"},
                                      {0}},
    .run = run_fetch,
};

static const tsr_command verify_command = {
    .name = "corpus verify",
    .summary = "check the SHA-256 of the pictures that are here",
    .operands = "[NAME...]",
    .description = NAMES "Without NAME every file that is here is checked, and one that is not "
                         "here is no failure.",
    .max_operands = 4096,
    .flags = TSR_CMD_BARE,
    .options = options,
    .examples =
        (const tsr_example[]){{"tessera corpus verify", "all that is here"},
                              {"tessera corpus verify kodak", "a set, which must be complete"},
                              {0}},
    .run = run_verify,
};

const tsr_command tsr_cmd_corpus = {
    .name = "corpus",
    .summary = "list, download and verify the pictures that codecs are measured with",
    .operands = "",
    .description = "A few photographs come with Tessera; the larger sets are downloaded by whoever "
                   "needs them. "
                   "Downloads go to --dir DIR, else to the folder in $TESSERA_CORPUS, else to "
                   "$XDG_DATA_HOME/tessera/corpus (~/.local/share/tessera/corpus).",
    .subs = (const tsr_command *const[]){&list_command, &fetch_command, &verify_command, NULL},
};
