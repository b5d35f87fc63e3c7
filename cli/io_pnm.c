/* io_pnm.c - PGM (P2, P5), PPM (P3, P6) and PAM (P7), as the Netpbm format pages define them.
 *
 * Samples with maxval 255 and 65535 are taken as they are; any other maxval m is stretched to 8
 * bits (m < 256) or 16 bits with exact rounding: floor((2 v full + m) / (2 m)). Cost: one pass.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io_formats.h"

/* ---------------------------------------------------------------- headers */

/* The file and how far it has been read. */
typedef struct cursor {
    const uint8_t *data;
    size_t size, pos;
    tsr_diag *d;
} cursor;

typedef struct pnm_header {
    uint64_t width, height;
    unsigned channels, maxval;
    int ascii;
} pnm_header;

static int is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static int is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static tsr_status bad(const cursor *c, size_t at, const char *what) {
    return tsr_diag_set(c->d, TSR_ERR_FORMAT, at, "PNM: %s", what);
}

static tsr_status ended(const cursor *c, const char *where) {
    return tsr_diag_set(c->d, TSR_ERR_TRUNCATED, c->size, "PNM: the file ends in %s", where);
}

/* White space, and comments from # to the end of the line. */
static void skip_space(cursor *c) {
    int comment = 0;
    for (; c->pos < c->size; c->pos++) {
        uint8_t ch = c->data[c->pos];
        if (ch == '#')
            comment = 1;
        else if (ch == '\n' || ch == '\r')
            comment = 0;
        else if (!comment && !is_space(ch))
            return;
    }
}

/* A decimal number up to 2^32 - 1 with white space before it. */
static tsr_status read_number(cursor *c, const char *where, uint32_t *out) {
    skip_space(c);
    if (c->pos == c->size) return ended(c, where);
    size_t start = c->pos;
    uint64_t v = 0;
    for (; c->pos < c->size && is_digit(c->data[c->pos]); c->pos++) {
        v = v * 10 + (c->data[c->pos] - '0');
        if (v > UINT32_MAX) return bad(c, start, "a number is too large");
    }
    if (c->pos == start) return bad(c, start, "a number is expected");
    if (c->pos < c->size && !is_space(c->data[c->pos]) && c->data[c->pos] != '#')
        return bad(c, c->pos, "a number is followed by another character");
    *out = (uint32_t)v;
    return TSR_OK;
}

static tsr_status check_maxval(const cursor *c, uint32_t maxval) {
    if (maxval >= 1 && maxval <= 65535) return TSR_OK;
    return tsr_diag_set(c->d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                        "PNM: maxval is %u, it must be 1 to 65535", maxval);
}

/* The one white space between maxval and raw samples; a comment may stand before it. */
static tsr_status end_header(cursor *c) {
    if (c->pos < c->size && c->data[c->pos] == '#')
        while (c->pos < c->size && c->data[c->pos] != '\n') c->pos++;
    if (c->pos == c->size) return ended(c, "its header");
    c->pos++;
    return TSR_OK;
}

/* P2, P3, P5, P6: width, height, maxval. */
static tsr_status read_classic_header(cursor *c, pnm_header *h) {
    uint32_t v[3] = {0};
    if (c->pos < c->size && !is_space(c->data[c->pos]) && c->data[c->pos] != '#')
        return bad(c, c->pos, "white space is expected behind the magic number");
    for (int i = 0; i < 3; i++) {
        tsr_status st = read_number(c, "its header", &v[i]);
        if (st) return st;
    }
    char kind = (char)c->data[1];
    *h = (pnm_header){v[0], v[1], kind == '3' || kind == '6' ? 3 : 1, v[2], kind <= '3'};
    tsr_status st = check_maxval(c, h->maxval);
    return st ? st : end_header(c);
}

/* ---------------------------------------------------------------- PAM headers */

enum { PAM_WIDTH, PAM_HEIGHT, PAM_DEPTH, PAM_MAXVAL, PAM_TUPLTYPE, PAM_ENDHDR, PAM_KEYWORDS };
static const char *const pam_keyword[PAM_KEYWORDS] = {"WIDTH",  "HEIGHT",   "DEPTH",
                                                      "MAXVAL", "TUPLTYPE", "ENDHDR"};
static const struct {
    const char *name;
    unsigned depth;
} pam_type[] = {{"BLACKANDWHITE", 1},   {"GRAYSCALE", 1}, {"BLACKANDWHITE_ALPHA", 2},
                {"GRAYSCALE_ALPHA", 2}, {"RGB", 3},       {"RGB_ALPHA", 4}};

/* Cuts the next blank-separated word out of [pos, end). Returns its length. */
static size_t next_word(const cursor *c, size_t *pos, size_t end) {
    while (*pos < end && is_space(c->data[*pos])) ++*pos;
    size_t n = 0;
    while (*pos + n < end && !is_space(c->data[*pos + n])) n++;
    return n;
}

static int word_is(const cursor *c, size_t pos, size_t n, const char *text) {
    return strlen(text) == n && !memcmp(c->data + pos, text, n);
}

/* The type's depth, which must agree with DEPTH; without a type DEPTH stands alone. */
static tsr_status check_type(const cursor *c, size_t pos, size_t n, uint32_t depth) {
    if (!n && depth >= 1 && depth <= 4) return TSR_OK;
    for (size_t i = 0; i < sizeof pam_type / sizeof pam_type[0]; i++) {
        if (!n || !word_is(c, pos, n, pam_type[i].name)) continue;
        if (pam_type[i].depth == depth) return TSR_OK;
        return tsr_diag_set(c->d, TSR_ERR_FORMAT, pos, "PAM: %s has DEPTH %u, not %u",
                            pam_type[i].name, pam_type[i].depth, depth);
    }
    return tsr_diag_set(c->d, TSR_ERR_UNSUPPORTED, n ? pos : TSR_NO_OFFSET,
                        "PAM: pictures must be GRAYSCALE, RGB, GRAYSCALE_ALPHA or RGB_ALPHA");
}

typedef struct pam_fields {
    uint32_t v[PAM_KEYWORDS];
    unsigned seen; /* bit per keyword */
    size_t type_pos, type_size;
} pam_fields;

/* One header line [start, end). */
static tsr_status read_pam_line(const cursor *c, size_t start, size_t end, pam_fields *f) {
    size_t n = next_word(c, &start, end);
    if (!n || c->data[start] == '#') return TSR_OK;
    int k = 0;
    while (k < PAM_KEYWORDS && !word_is(c, start, n, pam_keyword[k])) k++;
    if (k == PAM_KEYWORDS) return bad(c, start, "a line of the PAM header has no legal keyword");
    if (f->seen & 1u << k) return bad(c, start, "a PAM header line stands twice");
    f->seen |= 1u << k;
    cursor value = {c->data, end, start + n, c->d};
    if (k <= PAM_MAXVAL) {
        tsr_status st = read_number(&value, "its header", &f->v[k]);
        if (st) return bad(c, start, "a PAM header line needs a number");
    } else if (k == PAM_TUPLTYPE) {
        f->type_pos = value.pos;
        f->type_size = next_word(c, &f->type_pos, end);
    }
    return TSR_OK;
}

static tsr_status read_pam_header(cursor *c, pnm_header *h) {
    const unsigned needed = 1u << PAM_WIDTH | 1u << PAM_HEIGHT | 1u << PAM_DEPTH | 1u << PAM_MAXVAL;
    pam_fields f = {0};
    if (c->pos == c->size) return ended(c, "its header");
    if (c->data[c->pos] != '\n') return bad(c, c->pos, "a line end is expected behind P7");
    c->pos++;
    while (!(f.seen & 1u << PAM_ENDHDR)) {
        const uint8_t *end = memchr(c->data + c->pos, '\n', c->size - c->pos);
        if (!end) return ended(c, "its header");
        tsr_status st = read_pam_line(c, c->pos, (size_t)(end - c->data), &f);
        if (st) return st;
        c->pos = (size_t)(end - c->data) + 1;
    }
    if ((f.seen & needed) != needed)
        return bad(c, c->pos, "the PAM header lacks WIDTH, HEIGHT, DEPTH or MAXVAL");
    tsr_status st = check_type(c, f.type_pos, f.type_size, f.v[PAM_DEPTH]);
    if (st) return st;
    *h = (pnm_header){f.v[PAM_WIDTH], f.v[PAM_HEIGHT], f.v[PAM_DEPTH], f.v[PAM_MAXVAL], 0};
    return check_maxval(c, h->maxval);
}

/* ---------------------------------------------------------------- samples */

static uint32_t stretch(uint32_t v, uint32_t maxval, uint32_t full) {
    return (uint32_t)((2ull * v * full + maxval) / (2 * maxval));
}

static void store(tsr_image *im, size_t i, uint32_t v) {
    if (im->depth == 8)
        ((uint8_t *)im->pixels)[i] = (uint8_t)v;
    else
        ((uint16_t *)im->pixels)[i] = (uint16_t)v;
}

/* Big-endian 16-bit samples to host order. */
static void from_big_endian(uint16_t *to, const uint8_t *from, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = (uint16_t)(from[2 * i] << 8 | from[2 * i + 1]);
}

static tsr_status too_large(const cursor *c, size_t at, uint32_t v, unsigned maxval) {
    return tsr_diag_set(c->d, TSR_ERR_FORMAT, at, "PNM: a sample is %u, maxval is %u", v, maxval);
}

static tsr_status read_ascii(cursor *c, const pnm_header *h, tsr_image *im, size_t n) {
    uint32_t full = im->depth == 8 ? 255 : 65535;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = 0;
        tsr_status st = read_number(c, "the samples", &v);
        if (st) return st;
        if (v > h->maxval) return too_large(c, c->pos, v, h->maxval);
        store(im, i, stretch(v, h->maxval, full));
    }
    return TSR_OK;
}

/* Raw samples with a maxval that is neither 255 nor 65535. */
static tsr_status read_stretched(const cursor *c, const pnm_header *h, tsr_image *im, size_t n) {
    const uint8_t *p = c->data + c->pos;
    int wide = im->depth == 16;
    for (size_t i = 0; i < n; i++) {
        uint32_t v = wide ? (uint32_t)(p[2 * i] << 8 | p[2 * i + 1]) : p[i];
        if (v > h->maxval) return too_large(c, c->pos + (i << wide), v, h->maxval);
        store(im, i, stretch(v, h->maxval, wide ? 65535 : 255));
    }
    return TSR_OK;
}

static tsr_status read_samples(cursor *c, const pnm_header *h, tsr_image *im) {
    size_t bytes = tsr_image_bytes(im), n = bytes / (im->depth / 8u);
    if (h->ascii) return read_ascii(c, h, im, n);
    if (h->maxval == 255)
        memcpy(im->pixels, c->data + c->pos, bytes);
    else if (h->maxval == 65535)
        from_big_endian(im->pixels, c->data + c->pos, n);
    else
        return read_stretched(c, h, im, n);
    return TSR_OK;
}

/* The least number of bytes the samples can take: raw as they are, ASCII a digit and a blank each.
 */
static uint64_t least_bytes(const pnm_header *h) {
    uint64_t n = h->width * h->height * h->channels;
    return h->ascii ? 2 * n - 1 : n << (h->maxval > 255);
}

tsr_status tsr_pnm_read(const uint8_t *data, size_t size, const tsr_io_limits *limits,
                        tsr_image *im, tsr_diag *d) {
    cursor c = {data, size, 2, d};
    pnm_header h = {0};
    tsr_status st = data[1] == '7' ? read_pam_header(&c, &h) : read_classic_header(&c, &h);
    if (!st) st = tsr_io_size_check(h.width, h.height, limits, d);
    if (st) return st;
    if (size - c.pos < least_bytes(&h)) /* sides below 2^30: fits 64 bits */
        return tsr_diag_set(d, TSR_ERR_TRUNCATED, size,
                            "PNM: the samples take at least %llu bytes, the file has %zu left",
                            (unsigned long long)least_bytes(&h), size - c.pos);
    st = tsr_io_image_alloc(im, h.width, h.height, h.channels, h.maxval > 255 ? 16 : 8, limits, d);
    return st ? st : read_samples(&c, &h, im);
}

/* ---------------------------------------------------------------- writing */

static int format_header(const tsr_image *im, int pam, char *to, size_t room) {
    static const char *const type[] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"};
    unsigned maxval = im->depth == 8 ? 255 : 65535;
    if (pam)
        return snprintf(to, room,
                        "P7\nWIDTH %u\nHEIGHT %u\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s\nENDHDR\n",
                        im->width, im->height, im->channels, maxval, type[im->channels - 1]);
    return snprintf(to, room, "P%c\n%u %u\n%u\n", im->channels == 3 ? '6' : '5', im->width,
                    im->height, maxval);
}

tsr_status tsr_pnm_write(const tsr_image *im, int pam, tsr_blob *out, tsr_diag *d) {
    if (!pam && im->channels != 1 && im->channels != 3)
        return tsr_diag_set(d, TSR_ERR_UNSUPPORTED, TSR_NO_OFFSET,
                            "PNM has no alpha channel: write .pam or .png");
    char header[160];
    size_t head = (size_t)format_header(im, pam, header, sizeof header);
    size_t bytes = tsr_image_bytes(im);
    uint8_t *file = malloc(head + bytes);
    if (!file)
        return tsr_diag_set(d, TSR_ERR_MEMORY, TSR_NO_OFFSET, "no memory for a file of %zu bytes",
                            head + bytes);
    memcpy(file, header, head);
    if (im->depth == 8) {
        memcpy(file + head, im->pixels, bytes);
    } else {
        const uint16_t *from = im->pixels;
        for (size_t i = 0; i < bytes / 2; i++) {
            file[head + 2 * i] = (uint8_t)(from[i] >> 8);
            file[head + 2 * i + 1] = (uint8_t)from[i];
        }
    }
    *out = (tsr_blob){file, head + bytes};
    return TSR_OK;
}
