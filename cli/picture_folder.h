/* picture_folder.h - a folder of photographs to train on. */
#ifndef TSR_PICTURE_FOLDER_H
#define TSR_PICTURE_FOLDER_H

#include <dirent.h>
#include <tessera/train.h>

#include "cmd.h"

/* The files of a folder in the order of their names; hidden ones are left out. */
typedef struct tsr_picture_folder {
    struct dirent **entry;
    int n;
    const char *dir;
    const tsr_cli *cli; /* for the limits */
} tsr_picture_folder;

/* Lists the folder. Errors: IO. Close in any case. */
tsr_status tsr_picture_folder_open(tsr_picture_folder *f, tsr_cli *cli,
                                   const char *dir) TSR_MUST_CHECK;
void tsr_picture_folder_close(tsr_picture_folder *f);

/* The path of file i. */
void tsr_picture_folder_path(const tsr_picture_folder *f, int i, char *out, size_t size);

/* The folder as a source of training pictures, which needs it until the end: leaves out what is no
 * picture, with a note, and hashes names and contents. Errors: ARGUMENT (no picture), CANCELLED. */
tsr_status tsr_picture_folder_source(tsr_picture_folder *f, tsr_cli *cli,
                                     tsr_train_source *out) TSR_MUST_CHECK;

#endif
