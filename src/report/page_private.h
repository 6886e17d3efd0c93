/* What the files of the HTML report share. */
#ifndef ROWAN_REPORT_PAGE_PRIVATE_H
#define ROWAN_REPORT_PAGE_PRIVATE_H

#include "report/markup.h"
#include "report/print.h"

/** A file that is part of the page: page.css, page.js. The last has no name. */
typedef struct rowan__embedded_part {
    const char *name, *text;
} rowan__embedded_part;

/** Made by the build. */
extern const rowan__embedded_part rowan__embedded_parts[];

/** The page on its way. */
typedef struct rowan__page {
    const rowan__analysis *analysis;
    const rowan__trace_finding **ranked; /* analysis->count, from the most time lost on */
    FILE *file;
} rowan__page;

/** Writes a value as a person reads it. */
void rowan__html_value(const rowan_value *value, FILE *file);

/** A time in ms with as many digits as tell something. */
typedef struct rowan__html_ms {
    char text[32];
} rowan__html_ms;

rowan__html_ms rowan__html_time(int64_t ns);

/** Whether a call site says where. */
bool rowan__is_known_site(const char *callsite);

/** Part of a whole in percent, from 0 to 100; 0 of nothing. */
double rowan__percent(int64_t part, int64_t whole);

/** The findings, each with its evidence and what to write instead. */
void rowan__html_findings(const rowan__page *page);

/** Rows of a finding's parent beside the values of its children, if both were recorded. */
void rowan__html_evidence(const rowan__trace_finding *finding, FILE *file);

/**
 * Each trace in time: a lane for each connection, arrows from parents to children.
 *
 * @return false if memory ran out.
 */
bool rowan__html_timelines(const rowan__page *page);

/** Each fingerprint with its percentiles and its histogram. @return false if memory ran out. */
bool rowan__html_statements(const rowan__page *page);

/** What the traces do not have, so that nothing can be said of it. */
void rowan__html_unseen(const rowan__page *page);

#endif
