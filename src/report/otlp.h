/*
 * A trace as OpenTelemetry's, in the JSON form of OTLP: a span for each scope and below it one for
 * each statement, and the histogram db.client.operation.duration. Attributes have the stable names
 * of the conventions for databases; the text of a statement is what it folds to, without values.
 */
#ifndef ROWAN_REPORT_OTLP_H
#define ROWAN_REPORT_OTLP_H

#include <jansson.h>

#include "report/analysis.h"

/** How it is written: numbers with as many digits as they need. */
#define ROWAN__OTLP_JSON (JSON_COMPACT | JSON_REAL_PRECISION(15))

/** An array of all spans; the caller's. NULL: no memory. */
json_t *rowan__otlp_spans(const rowan__analysis *analysis);

/** A request that exports spans, which are taken. NULL: no memory. */
json_t *rowan__otlp_trace_request(json_t *spans);

/**
 * A request that exports the histogram.
 *
 * @param points  receives how many series it has; may be NULL
 * @return the caller's. NULL: no memory
 */
json_t *rowan__otlp_metric_request(const rowan__analysis *analysis, size_t *points);

#endif
