/* A trace as OTLP in a file: what is sent to a collector in two requests, as one object. */
#include "report/otlp.h"
#include "report/print.h"

bool rowan__print_otlp(const rowan__analysis *analysis, FILE *file)
{
    json_t *spans = rowan__otlp_spans(analysis);
    json_t *document = spans != NULL ? rowan__otlp_trace_request(spans) : NULL;
    json_t *metrics = rowan__otlp_metric_request(analysis, NULL);
    bool whole = document != NULL && metrics != NULL && json_object_update(document, metrics) == 0;

    if (whole) {
        (void)json_dumpf(document, file, ROWAN__OTLP_JSON);
        fputc('\n', file);
    }
    json_decref(document);
    json_decref(metrics);
    return whole;
}
