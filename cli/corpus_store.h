/* corpus_store.h - where the files of the corpus lie on this machine, and whether they are right.
 */
#ifndef TSR_CORPUS_STORE_H
#define TSR_CORPUS_STORE_H

#include <limits.h>

#include "cmd.h"
#include "corpus_manifest.h"

/* The manifest in use and the folder for downloads; tsr_store_open before use. */
typedef struct tsr_store {
    tsr_manifest manifest;
    char dir[PATH_MAX]; /* downloads go to DIR/NAME */
} tsr_store;

typedef enum tsr_file_state {
    TSR_FILE_ABSENT,
    TSR_FILE_PARTIAL, /* a download was begun */
    TSR_FILE_RIGHT,
    TSR_FILE_WRONG_SIZE,
    TSR_FILE_WRONG_HASH
} tsr_file_state;

/* Reads the manifest: `manifest` if not NULL, else the installed one, else that of the source this
 * program was built from. The folder: `dir` if not NULL, else $TESSERA_CORPUS, else
 * $XDG_DATA_HOME/tessera/corpus, else ~/.local/share/tessera/corpus. Returns an exit code; on
 * failure the message is printed and nothing is owned. */
int tsr_store_open(tsr_store *s, tsr_cli *cli, const char *manifest, const char *dir);
void tsr_store_close(tsr_store *s);

/* The path of a file, whether it is there or not. Errors: ARGUMENT (too long). */
tsr_status tsr_store_path(const tsr_store *s, const tsr_corpus_file *f, char path[PATH_MAX],
                          tsr_diag *d) TSR_MUST_CHECK;

/* What is there, by existence and size alone: RIGHT means that the size is right. */
tsr_file_state tsr_store_peek(const tsr_store *s, const tsr_corpus_file *f);

/* Reads a file of any name and compares size and SHA-256 with the manifest's. hash receives the
 * SHA-256 when that is what differs. Errors: IO, CANCELLED; a missing file is ABSENT and no error.
 */
tsr_status tsr_file_check(tsr_cli *cli, const char *path, const tsr_corpus_file *f,
                          tsr_file_state *state, char hash[65]) TSR_MUST_CHECK;

/* "not here", "partly here", "here", "wrong size", "wrong SHA-256". */
const char *tsr_file_state_text(tsr_file_state state);

#endif
