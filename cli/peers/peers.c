/* peers.c - the peers of this build: found by the name in a spec and opened, with their parameters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tessera/tessera.h>

#include "module.h"
#include "peer_list.h"

#define MAX_SPEC 256

const char *const tsr_peer_names[] = {
    "jpeg",
#ifdef TSR_HAVE_JPEG2000
    "jpeg2000",
#endif
#ifdef TSR_HAVE_WEBP
    "webp",
#endif
#ifdef TSR_HAVE_AVIF
    "avif",
#endif
#ifdef TSR_HAVE_JXL
    "jxl",
#endif
    NULL,
};

/* Those of every build: a name that is missing here is misspelt. */
static const char *const known[] = {"jpeg", "jpeg2000", "webp", "avif", "jxl"};

/* ---------------------------------------------------------------- specs */

static int is_word(const char *spec, const char *name) {
    size_t n = strlen(name);
    return !strncmp(spec, name, n) && (!spec[n] || spec[n] == ':');
}

int tsr_peer_is_spec(const char *spec) {
    for (size_t i = 0; i < TSR_COUNT(known); i++)
        if (is_word(spec, known[i])) return 1;
    return 0;
}

static tsr_status unknown_peer(const char *spec, tsr_diag *d) {
    int n = (int)strcspn(spec, ":");
    if (tsr_peer_is_spec(spec))
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "this build was made without the peer '%.*s'", n, spec);
    char word[64];
    snprintf(word, sizeof word, "%.*s", n, spec);
    const char *near = tsr_nearest_name(word, known, TSR_COUNT(known));
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "no peer '%s': one of jpeg, jpeg2000, webp, avif, jxl%s%s%s", word,
                        near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

/* libjpeg is linked to the command, which reads pictures with it; other libraries are not. */
static const tsr_peer *open_peer(const char *name, tsr_diag *d) {
    char module[32];
    if (!strcmp(name, "jpeg")) return &tsr_peer_jpeg;
    snprintf(module, sizeof module, "peer-%s", name);
    return tsr_module_open(module, 0, d);
}

tsr_status tsr_peer_find(const char *spec, const tsr_peer **peer, tsr_diag *d) {
    *peer = NULL;
    for (const char *const *name = tsr_peer_names; *name; name++)
        if (is_word(spec, *name)) {
            *peer = open_peer(*name, d);
            return *peer ? TSR_OK : TSR_ERR_UNSUPPORTED;
        }
    return unknown_peer(spec, d);
}

static tsr_status unknown_key(const tsr_peer *peer, const char *key, tsr_diag *d) {
    const char *names[TSR_PEER_PARAMS];
    char all[200] = "";
    for (uint32_t i = 0; i < peer->n_params; i++) {
        names[i] = peer->params[i].name;
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = tsr_nearest_name(key, names, peer->n_params);
    return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                        "'%s' has no parameter '%s': one of %s%s%s%s", peer->name, key, all,
                        near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

static tsr_status set_param(const tsr_peer *peer, char *assignment, tsr_value *v, tsr_diag *d) {
    char *eq = strchr(assignment, '=');
    if (!eq)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET, "'%s' after '%s:' is not KEY=VALUE",
                            assignment, peer->name);
    *eq = 0;
    for (uint32_t i = 0; i < peer->n_params; i++)
        if (!strcmp(peer->params[i].name, assignment))
            return tsr_param_parse(&peer->params[i], eq + 1, &v[i], d);
    return unknown_key(peer, assignment, d);
}

tsr_status tsr_peer_parse(const char *spec, const tsr_peer **peer, tsr_value v[TSR_PEER_PARAMS],
                          tsr_diag *d) {
    char copy[MAX_SPEC], *save = NULL;
    *peer = NULL;
    if (strlen(spec) >= sizeof copy)
        return tsr_diag_set(d, TSR_ERR_ARGUMENT, TSR_NO_OFFSET,
                            "peer specification is longer than %d bytes", MAX_SPEC - 1);
    const tsr_peer *found;
    tsr_status st = tsr_peer_find(spec, &found, d);
    if (st) return st;
    for (uint32_t i = 0; i < found->n_params; i++) v[i] = tsr_param_default(&found->params[i]);
    strcpy(copy, spec);
    char *colon = strchr(copy, ':');
    for (char *t = colon ? strtok_r(colon + 1, ",", &save) : NULL; t && !st;
         t = strtok_r(NULL, ",", &save))
        st = set_param(found, t, v, d);
    if (!st) *peer = found;
    return st;
}

static int is_default(const tsr_param *p, tsr_value v) {
    tsr_value def = tsr_param_default(p);
    return p->type == TSR_PARAM_REAL ? v.r == def.r : v.i == def.i;
}

void tsr_peer_print(const tsr_peer *peer, const tsr_value *v, char *out, size_t size) {
    char separator = ':';
    size_t used = (size_t)snprintf(out, size, "%s", peer->name);
    for (uint32_t i = 0; i < peer->n_params && used < size; i++) {
        const tsr_param *p = &peer->params[i];
        if (is_default(p, v[i])) continue;
        char value[64];
        tsr_param_print(p, v[i], value, sizeof value);
        used += (size_t)snprintf(out + used, size - used, "%c%s=%s", separator, p->name, value);
        separator = ',';
    }
}

int tsr_peer_lossless(const tsr_peer *peer, const tsr_value *v) {
    for (uint32_t i = 0; i < peer->n_params; i++)
        if (!strcmp(peer->params[i].name, "lossless")) return v[i].i != 0;
    return 0;
}

/* ---------------------------------------------------------------- the same kind of picture */

static int is_opaque(const tsr_image *im) {
    const uint8_t *p = im->pixels;
    size_t n = (size_t)im->width * im->height;
    for (size_t i = 0; i < n; i++)
        if (p[i * im->channels + im->channels - 1u] != 255) return 0;
    return 1;
}

/* One pixel of `from` channels to one of `to`, both 1 or 3. */
static void convert_pixel(const uint8_t *in, unsigned from, uint8_t *out, unsigned to) {
    if (to == 1)
        out[0] = from == 1 ? in[0]
                           : (uint8_t)((299u * in[0] + 587u * in[1] + 114u * in[2] + 500u) / 1000u);
    else
        for (unsigned c = 0; c < 3; c++) out[c] = in[from == 1 ? 0 : c];
}

tsr_status tsr_peer_conform(tsr_image *im, const tsr_image *original, tsr_diag *d) {
    if (im->width != original->width || im->height != original->height ||
        im->depth != original->depth)
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "decoded to %ux%u pixels of %u bits, the original has %ux%u of %u",
                            im->width, im->height, im->depth, original->width, original->height,
                            original->depth);
    int alpha = im->channels % 2 == 0;
    if (im->channels == original->channels || im->depth != 8 || original->channels % 2 == 0 ||
        (alpha && !is_opaque(im)))
        return TSR_OK;
    tsr_image fit = {0};
    tsr_status st = tsr_image_alloc(&fit, im->width, im->height, original->channels, 8, 0, d);
    if (st) return st;
    size_t n = (size_t)im->width * im->height;
    for (size_t i = 0; i < n; i++)
        convert_pixel((const uint8_t *)im->pixels + i * im->channels,
                      im->channels - (unsigned)alpha, (uint8_t *)fit.pixels + i * fit.channels,
                      fit.channels);
    tsr_image_free(im);
    *im = fit;
    return TSR_OK;
}
