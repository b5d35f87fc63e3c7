/* corpus_fetch.h - downloads one file so that an interrupted download goes on where it stopped. */
#ifndef TSR_CORPUS_FETCH_H
#define TSR_CORPUS_FETCH_H

#include "cmd.h"
#include "corpus_manifest.h"

/* Brings f->location to path: bytes go to path + ".part", which is kept when the transfer breaks
 * off and continued by the next call; it is compared with size and SHA-256 and then renamed.
 * Folders are made. An existing path is replaced. Errors, the text in cli->diag: IO (no network,
 * server, disk; says how to get the file by hand), FORMAT (the server has another file; ".part" is
 * removed), UNSUPPORTED (built without libcurl), CANCELLED, MEMORY. */
tsr_status tsr_corpus_fetch(tsr_cli *cli, const tsr_corpus_file *f,
                            const char *path) TSR_MUST_CHECK;

#endif
