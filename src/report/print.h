/* Findings, written out. What the disk says of it is in the file. */
#ifndef ROWAN_REPORT_PRINT_H
#define ROWAN_REPORT_PRINT_H

#include <stdio.h>

#include "report/analysis.h"

/** For a person. @param colour  whether the terminal shows it */
void rowan__print_text(const rowan__analysis *analysis, bool colour, FILE *file);

/** One JSON object a line. @return false if memory ran out. */
bool rowan__print_json(const rowan__analysis *analysis, FILE *file);

/** SARIF 2.1.0, for code review: findings at their call sites. @return false if memory ran out. */
bool rowan__print_sarif(const rowan__analysis *analysis, FILE *file);

/** JUnit's XML: a test case for each scope and fingerprint that was found. */
void rowan__print_junit(const rowan__analysis *analysis, FILE *file);

/**
 * Chrome's trace events, which Perfetto and chrome://tracing show: a lane for each connection, and
 * arrows from a parent to the statements that were given its values. @return false if memory ran
 * out.
 */
bool rowan__print_chrome(const rowan__analysis *analysis, FILE *file);

/**
 * OpenTelemetry's spans and the histogram db.client.operation.duration, as OTLP in JSON, by the
 * stable names of its conventions. @return false if memory ran out.
 */
bool rowan__print_otlp(const rowan__analysis *analysis, FILE *file);

/** Prometheus's text: the fingerprints that took most time, and the others together. */
bool rowan__print_prometheus(const rowan__analysis *analysis, FILE *file);

/** One page for a browser: findings, timelines, histograms. @return false if memory ran out. */
bool rowan__print_html(const rowan__analysis *analysis, FILE *file);

/** Why a fingerprint is no finding, scope by scope. */
void rowan__print_silence(const rowan__analysis *analysis, FILE *file);

/** "values from": what the parent is to a finding of a kind. Static text. */
const char *rowan__parent_title(const char *kind);

/**
 * What was not seen, as sentences.
 *
 * @param out  initialised here; freed by the caller in any case
 * @return whether there is something to say
 */
bool rowan__dropped_say(const rowan__analysis *analysis, rowan__text *out);

/**
 * ", through read_row, step": the functions that a statement passed from its call site on.
 *
 * @return @p out; "" if there are none. What does not fit is cut.
 */
const char *rowan__through_say(const char *const *through, char *out, size_t size);

/** "N+1", "duplicate query" …: what a kind is called. Static text, or @p kind. */
const char *rowan__kind_title(const char *kind);

/** A call site, or words that it is not known. */
const char *rowan__site_words(const char *callsite);

#endif
