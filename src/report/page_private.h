/* What the files of the HTML report share. */
#ifndef ROWAN_REPORT_PAGE_PRIVATE_H
#define ROWAN_REPORT_PAGE_PRIVATE_H

#include "report/markup.h"
#include "report/print.h"

/** Writes a value as a person reads it. */
void rowan__html_value(const rowan_value *value, FILE *file);

/** The findings, each with its evidence and what to write instead. */
void rowan__html_findings(const rowan__analysis *analysis, FILE *file);

/** Each trace in time: a lane for each connection, arrows from parents to children. */
void rowan__html_timelines(const rowan__analysis *analysis, FILE *file);

/** Each fingerprint with its percentiles and its histogram. @return false if memory ran out. */
bool rowan__html_statements(const rowan__analysis *analysis, FILE *file);

#endif
