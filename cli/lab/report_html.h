/* report_html.h - a report as one HTML page that needs nothing else: style, script, figures and
 * pictures are inside. */
#ifndef TSR_REPORT_HTML_H
#define TSR_REPORT_HTML_H

#include "lab_crop.h"
#include "lab_report.h"

/* Writes the page. title NULL: a plain one. The same rows give the same bytes. */
void tsr_report_html(FILE *f, const tsr_report *r, const tsr_crops *crops, const char *title);

/* ---- its parts ---- */

/* report_html_tables.c: sections of tables. */
void tsr_html_against(FILE *f, const tsr_report *r);
void tsr_html_metrics(FILE *f, const tsr_report *r);
void tsr_html_matrix(FILE *f, const tsr_report *r);
void tsr_html_grid(FILE *f, const tsr_report *r);
void tsr_html_images(FILE *f, const tsr_report *r);
void tsr_html_scales(FILE *f, const tsr_report *r);
void tsr_html_lossless(FILE *f, const tsr_report *r);
void tsr_html_gate(FILE *f, const tsr_report *r);

/* report_html_run.c: what run.json says of the run, but for its date. */
void tsr_html_run(FILE *f, const tsr_report *r);

/* report_html_crops.c */
void tsr_html_crops(FILE *f, const tsr_report *r, const tsr_crops *c);

/* report_html_anatomy.c */
void tsr_html_anatomy(FILE *f, const tsr_crops *c);

/* report_texts.c, made from report.css and report.js */
extern const char tsr_report_css[], tsr_report_js[];

#endif
