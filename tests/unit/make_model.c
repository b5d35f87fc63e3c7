/* make_model.c - writes a model for the tests of the command line:
 *
 *     make_model FILE NAME SEED AMPLITUDE [STEP_MIN [SECTION [integers]]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "model_maker.h"

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    model_recipe r = {.name = argv[2],
                      .seed = strtoull(argv[3], NULL, 10),
                      .width = 8,
                      .blocks = 2,
                      .pointwise = 1,
                      .encoder = 1,
                      .amplitude = strtof(argv[4], NULL),
                      .step_min = argc > 5 ? strtof(argv[5], NULL) : 0,
                      .section = argc > 6 ? argv[6] : NULL,
                      .integers = argc > 7};
    tsr_blob b = make_model_file(&r);
    FILE *f = fopen(argv[1], "wb");
    int bad = !f || fwrite(b.data, 1, b.size, f) != b.size;
    if (f && fclose(f)) bad = 1;
    tsr_blob_free(&b);
    return bad;
}
