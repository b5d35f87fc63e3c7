/* corpus_manifest.h - the list of pictures that Tessera is measured with (corpus/manifest). */
#ifndef TSR_CORPUS_MANIFEST_H
#define TSR_CORPUS_MANIFEST_H

#include <tessera/status.h>

/* One line of the manifest. Text is owned by the manifest. */
typedef struct tsr_corpus_file {
    const char *name;     /* "SET/FILE": relative, no component begins with a dot */
    const char *location; /* a URL (http, https, file), or a path beside the manifest */
    uint64_t bytes;
    const char *sha256; /* 64 lower-case hexadecimal digits */
    const char *licence, *source, *attribution;
} tsr_corpus_file;

typedef struct tsr_manifest {
    char *folder; /* where the manifest lies, without the final slash; "." if it has none */
    char *text;
    tsr_corpus_file *files;
    size_t n;
} tsr_manifest;

/* Reads a manifest. *m must own nothing; on error it owns nothing. Errors: IO, MEMORY, LIMIT,
 * FORMAT (the text names line and column). */
tsr_status tsr_manifest_read(const char *path, tsr_manifest *m, tsr_diag *d) TSR_MUST_CHECK;

/* The same from memory: size bytes at text, folder as above. Both are copied. */
tsr_status tsr_manifest_parse(const char *text, size_t size, const char *folder, tsr_manifest *m,
                              tsr_diag *d) TSR_MUST_CHECK;
void tsr_manifest_free(tsr_manifest *m);

/* Whether a file goes by this name: its own, or its set's ("kodak" for "kodak/kodim01.png"). */
int tsr_corpus_matches(const tsr_corpus_file *f, const char *name);

/* The name of a file or set that is nearest to a word, in buf; NULL when none is near. */
const char *tsr_manifest_nearest(const tsr_manifest *m, const char *word, char *buf, size_t size);

/* Whether the file lies beside the manifest and is not downloaded. */
int tsr_corpus_is_shipped(const tsr_corpus_file *f);

#endif
