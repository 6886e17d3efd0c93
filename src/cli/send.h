/* A trace to a collector of OpenTelemetry's, over HTTP. */
#ifndef ROWAN_CLI_SEND_H
#define ROWAN_CLI_SEND_H

#include <stdio.h>

#include "report/analysis.h"

/**
 * Sends spans to URL/v1/traces and the histogram to URL/v1/metrics, and prints what was sent.
 *
 * The environment says the rest, as for any exporter: OTEL_EXPORTER_OTLP_HEADERS, such as a key,
 * and OTEL_EXPORTER_OTLP_TIMEOUT, of each request in ms.
 *
 * @return CLI_DONE; CLI_USAGE for a URL that is none; CLI_FAILED if not all arrived, which is said
 */
int cli_send(const rowan__analysis *analysis, const char *url, FILE *out);

#endif
