/* Findings as JSON, one object a line. */
#include <inttypes.h>
#include <stdlib.h>

#include <jansson.h>

#include "report/print.h"

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string_nocheck(text) : json_null();
}

static json_t *number_or_null(uint64_t number)
{
    return number != 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *statements_of(const rowan__trace_finding *finding)
{
    json_t *seqs = json_array();

    for (size_t i = 0; i < finding->seq_count; i++) {
        json_array_append_new(seqs, json_integer((json_int_t)finding->seqs[i]));
    }
    return seqs;
}

static json_t *object_of(const rowan__trace_finding *finding)
{
    char id[17];

    snprintf(id, sizeof id, "%016" PRIx64, finding->fingerprint_id);
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, "
        "s:f, s:f, s:s, s:o}",
        "trace", text_or_null(finding->trace->name), "scope", text_or_null(finding->scope), "kind",
        finding->kind, "seqs", statements_of(finding), "parent_seq",
        number_or_null(finding->parent_seq), "parent_column", text_or_null(finding->parent_column),
        "child_column", text_or_null(finding->child_column), "count", (json_int_t)finding->count,
        "distinct", (json_int_t)finding->distinct, "fingerprint", finding->fingerprint,
        "fingerprint_id", id, "confidence", finding->is_confirmed ? "confirmed" : "likely",
        "callsite", text_or_null(finding->callsite), "action", rowan__action_name(finding->action),
        "table", text_or_null(finding->table), "evidence", text_or_null(finding->evidence),
        "suggestion", text_or_null(finding->suggestion), "time_us", (double)finding->total_ns / 1e3,
        "trace_time_us", (double)finding->trace_ns / 1e3, "standing",
        rowan__standing_name(finding->standing), "allowed", text_or_null(finding->allowed));
}

bool rowan__print_json(const rowan__analysis *analysis, FILE *file)
{
    for (size_t i = 0; i < analysis->count; i++) {
        json_t *object = object_of(&analysis->at[i]);
        if (object == NULL) {
            return false;
        }
        (void)json_dumpf(object, file, JSON_COMPACT);
        fputc('\n', file);
        json_decref(object);
    }
    return true;
}
