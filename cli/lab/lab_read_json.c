/* lab_read_json.c - reads result files in the form of CompressAI: lists of rates and qualities, of
 * means over a corpus; those that Tessera wrote have the same lists for each picture as well. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json_read.h"
#include "lab.h"

#define MAX_POINTS 10000 /* of one curve */

enum { BPP, ENC_S, DEC_S, SETTING, METRIC, LISTS = METRIC + TSR_LAB_METRICS };

/* The lists of a curve, each at its next value; NULL: none left. */
typedef struct lists {
    const tsr_json_node *at[LISTS];
} lists;

static lists find_lists(const tsr_json_node *results) {
    static const char *const names[LISTS][2] = {
        [BPP] = {"bpp"},
        [ENC_S] = {"encoding_time"},
        [DEC_S] = {"decoding_time"},
        [SETTING] = {"setting"},
        [METRIC + TSR_LAB_PSNR_RGB] = {"psnr-rgb", "psnr"},
        [METRIC + TSR_LAB_PSNR_Y] = {"psnr-y"},
        [METRIC + TSR_LAB_SSIM] = {"ssim-rgb", "ssim"},
        [METRIC + TSR_LAB_MS_SSIM] = {"ms-ssim-rgb", "ms-ssim"},
        [METRIC + TSR_LAB_PSNR_HVS] = {"psnr-hvs"},
    };
    lists l = {{NULL}};
    for (int i = 0; i < LISTS; i++)
        for (int k = 0; k < 2 && !l.at[i]; k++) {
            const tsr_json_node *n = names[i][k] ? tsr_json_member(results, names[i][k]) : NULL;
            if (n && n->kind == TSR_JSON_ARRAY) l.at[i] = n->first;
        }
    return l;
}

/* The next number of a list within a range, or NAN. */
static double number(const lists *l, int which, double lo, double hi) {
    const tsr_json_node *n = l->at[which];
    double v = n && n->kind == TSR_JSON_NUMBER ? n->number : NAN;
    return v >= lo && v <= hi ? v : NAN;
}

/* MS-SSIM is sometimes stored in dB. */
static double as_ratio(double v) {
    return v > 1 ? 1 - pow(10, -v / 10) : v;
}

/* The next point; r->setting stays NULL when there is no memory. */
static void take_point(tsr_lab *lab, const lists *l, unsigned i, tsr_lab_row *r) {
    const tsr_json_node *word = l->at[SETTING];
    r->setting = word && word->kind == TSR_JSON_STRING ? tsr_lab_printable(&lab->pool, word->text)
                                                       : tsr_lab_pool_print(&lab->pool, "%u", i);
    r->status = "ok";
    r->message = "";
    r->scale = 1;
    r->bytes = r->pixels = r->max_error = NAN;
    r->bpp = number(l, BPP, 1e-9, 1e6);
    r->enc_s = number(l, ENC_S, 0, 1e9);
    r->dec_s = number(l, DEC_S, 0, 1e9);
    for (int m = 0; m < TSR_LAB_METRICS; m++) {
        double v = number(l, METRIC + m, -1000, 1000);
        r->metric[m] = m == TSR_LAB_SSIM || m == TSR_LAB_MS_SSIM ? as_ratio(v) : v;
    }
}

static tsr_status add_curve(tsr_lab *lab, const char *codec, const char *image,
                            const tsr_json_node *results, tsr_diag *d) {
    lists l = find_lists(results);
    tsr_status s = TSR_OK;
    if (!l.at[BPP])
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "no list \"bpp\" in \"results\"");
    for (unsigned i = 0; l.at[BPP] && !s; i++) {
        tsr_lab_row r = {.codec = codec, .image = image};
        if (i == MAX_POINTS)
            return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET, "more than %d points in a curve",
                                MAX_POINTS);
        take_point(lab, &l, i, &r);
        if (!r.setting) return tsr_lab_pool_error(d);
        if (r.bpp > 0) s = tsr_lab_split_scale(&lab->pool, &r, d);
        if (r.bpp > 0 && !s) s = tsr_lab_add(lab, &r, d);
        for (int k = 0; k < LISTS; k++)
            if (l.at[k]) l.at[k] = l.at[k]->next;
    }
    return s;
}

static int has_codec(const tsr_lab *lab, const char *name) {
    for (size_t i = 0; i < lab->n_rows; i++)
        if (!strcmp(lab->rows[i].codec, name)) return 1;
    return 0;
}

/* The label; else the name in the file when that is the file's own; else the file's, as several
 * files (trained for MSE, for MS-SSIM) carry one name. A name already taken gets the file's. */
static const char *json_codec(tsr_lab *lab, const char *label, const char *source,
                              const tsr_json_node *root) {
    const char *slash = strrchr(source, '/'), *base = slash ? slash + 1 : source;
    const char *dot = strrchr(base, '.');
    const char *stem =
        tsr_lab_pool_copy(&lab->pool, base, dot ? (size_t)(dot - base) : strlen(base));
    const char *name = tsr_json_member_text(root, "name");
    if (label) return label;
    if (!stem) return NULL;
    if (!name || !*name || strcasecmp(name, stem)) name = stem;
    name = tsr_lab_printable(&lab->pool, name);
    if (!name) return NULL;
    return has_codec(lab, name) ? tsr_lab_pool_print(&lab->pool, "%s (%s)", name, base) : name;
}

/* The curves of the pictures, by name. */
static tsr_status add_pictures(tsr_lab *lab, const char *codec, const tsr_json_node *images,
                               tsr_diag *d) {
    tsr_status s = TSR_OK;
    for (const tsr_json_node *n = images->first; n && !s; n = n->next) {
        if (!n->key) continue;
        const char *image = tsr_lab_printable(&lab->pool, n->key);
        s = image ? add_curve(lab, codec, image, n, d) : tsr_lab_pool_error(d);
    }
    return s;
}

tsr_status tsr_lab_read_json(tsr_lab *lab, const char *label, const char *source, const char *text,
                             size_t size, tsr_diag *d) {
    tsr_json_node *root;
    tsr_status s = tsr_json_parse(&lab->pool, text, size, &root, d);
    if (s) return s;
    const tsr_json_node *results = tsr_json_member(root, "results");
    const tsr_json_node *images = tsr_json_member(root, "images");
    const char *codec = json_codec(lab, label, source, root);
    if (!codec) return tsr_lab_pool_error(d);
    if (!results || results->kind != TSR_JSON_OBJECT)
        return tsr_diag_set(d, TSR_ERR_FORMAT, TSR_NO_OFFSET,
                            "no member \"results\": not in the form of CompressAI");
    if (images && images->first) return add_pictures(lab, codec, images, d);
    return add_curve(lab, codec, "average", results, d);
}
