/* report_html_run.c - how the rows were made: the members of run.json as a list. The date is left
 * out, so that a sweep that was stopped and resumed gives the same page. */
#include <string.h>

#include "html_text.h"
#include "json_read.h"
#include "report_html.h"

static void put_value(FILE *f, const tsr_json_node *n) {
    switch (n->kind) {
    case TSR_JSON_STRING:
        tsr_html_put(f, n->text);
        break;
    case TSR_JSON_NUMBER:
        fprintf(f, "%.10g", n->number);
        break;
    case TSR_JSON_BOOL:
        fputs(n->number != 0 ? "yes" : "no", f);
        break;
    case TSR_JSON_ARRAY:
    case TSR_JSON_OBJECT:
        for (const tsr_json_node *k = n->first; k; k = k->next) {
            if (k->key) {
                tsr_html_put(f, k->key);
                fputs(": ", f);
            }
            put_value(f, k);
            if (k->next) fputs(n->kind == TSR_JSON_ARRAY ? " " : "; ", f);
        }
        break;
    default:
        fputs("&ndash;", f);
    }
}

void tsr_html_run(FILE *f, const tsr_report *r) {
    tsr_json_node *root;
    tsr_diag d;
    tsr_diag_init(&d);
    if (!r->lab->run_json) return;
    if (tsr_json_parse(&r->lab->pool, r->lab->run_json, r->lab->run_json_size, &root, &d)) return;
    if (root->kind != TSR_JSON_OBJECT) return;
    fputs("<details><summary>The run</summary><dl class=\"run\">\n", f);
    for (const tsr_json_node *n = root->first; n; n = n->next) {
        if (!strcmp(n->key, "date")) continue;
        fputs("<dt>", f);
        tsr_html_put(f, n->key);
        fputs("</dt><dd>", f);
        put_value(f, n);
        fputs("</dd>\n", f);
    }
    fputs("</dl></details>\n", f);
}
