/* golden_file.h - the golden streams of a folder, for the tests that go through all of them. */
#ifndef TSR_GOLDEN_FILE_H
#define TSR_GOLDEN_FILE_H

#include <tessera/image.h>

enum { GOLDEN_NAME = 64, GOLDEN_MAX = 512 };

typedef struct golden_file {
    char name[GOLDEN_NAME]; /* without folder */
    tsr_blob data;
} golden_file;

/* Reads all *.tsr of a folder in the order of their names into file[GOLDEN_MAX]. Returns their
 * number, or -1 (and says why) when one cannot be read. */
int golden_read(const char *folder, golden_file *file);
void golden_free(golden_file *file, int n);

#endif
