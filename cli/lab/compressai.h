/* compressai.h - writes rows in the JSON form of CompressAI's result files. */
#ifndef TSR_COMPRESSAI_H
#define TSR_COMPRESSAI_H

#include "lab_report.h"

/* Writes FOLDER/NAME.json for each codec: {"name", "description", "results": {"bpp": [..],
 * "psnr-rgb": [..], ..}} with means over pictures at the settings all of them have, and "images"
 * with the same lists for each picture, which other readers ignore. The folder is made. Errors: IO,
 * MEMORY. */
tsr_status tsr_compressai_write(const tsr_report *r, const char *folder,
                                tsr_diag *d) TSR_MUST_CHECK;

#endif
