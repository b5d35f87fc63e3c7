/* peer_file.c - one peer on one file, for peers_agree.py:
 *     peer_file encode SPEC SETTING PICTURE OUT      peer_file decode SPEC IN OUT.ppm
 *     peer_file list      names of the peers of this build, with a version
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "peer.h"

static tsr_status encode(const tsr_peer *peer, const tsr_value *v, char **arg, tsr_diag *d) {
    tsr_blob file = {0}, coded = {0};
    tsr_image im = {0};
    tsr_status st = tsr_read_file(arg[1], 0, &file, d);
    if (!st) st = tsr_image_read(file.data, file.size, NULL, &im, d);
    if (!st) st = peer->encode(&im, v, atof(arg[0]), &coded, d);
    if (!st) st = tsr_write_file(arg[2], coded.data, coded.size, d);
    tsr_image_free(&im);
    tsr_blob_free(&file);
    tsr_blob_free(&coded);
    return st;
}

static tsr_status decode(const tsr_peer *peer, const tsr_value *v, char **arg, tsr_diag *d) {
    tsr_blob coded = {0}, file = {0};
    tsr_image im = {0};
    tsr_status st = tsr_read_file(arg[0], 0, &coded, d);
    if (!st) st = peer->decode(&coded, v, &im, d);
    if (!st) st = tsr_image_write(&im, TSR_IO_PNM, &file, d);
    if (!st) st = tsr_write_file(arg[1], file.data, file.size, d);
    tsr_image_free(&im);
    tsr_blob_free(&file);
    tsr_blob_free(&coded);
    return st;
}

static int list(void) {
    char text[300];
    for (const char *const *name = tsr_peer_names; *name; name++) {
        const tsr_peer *p;
        if (tsr_peer_find(*name, &p, NULL)) continue;
        p->version(text, sizeof text);
        printf("%s %s\n", p->name, text);
    }
    return 0;
}

int main(int argc, char **argv) {
    const tsr_peer *peer = NULL;
    tsr_value v[TSR_PEER_PARAMS];
    tsr_diag d = {0};
    int encoding = argc == 6 && !strcmp(argv[1], "encode");
    if (argc == 2 && !strcmp(argv[1], "list")) return list();
    if (!encoding && !(argc == 5 && !strcmp(argv[1], "decode"))) {
        fprintf(stderr,
                "usage: peer_file encode SPEC SETTING PICTURE OUT | decode SPEC IN OUT | list\n");
        return 1;
    }
    tsr_status st = tsr_peer_parse(argv[2], &peer, v, &d);
    if (!st) st = encoding ? encode(peer, v, argv + 3, &d) : decode(peer, v, argv + 3, &d);
    if (st) fprintf(stderr, "peer_file: %s\n", d.text);
    return st != 0;
}
