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

/* What following the advice costs and saves at some distances of the database. */
static json_t *price_of(const rowan__proof *proof)
{
    json_t *price = json_array();

    for (size_t i = 0; i < ROWAN__PRICES && proof->state == ROWAN__PROVEN_EQUAL; i++) {
        unsigned trip_ms = proof->is_in_process ? 0 : rowan__price_trips_ms[i];
        int64_t before_ns = rowan__price_ns(proof->before, proof->before_ns, trip_ms);
        int64_t after_ns = rowan__price_ns(proof->after, proof->after_ns, trip_ms);
        if (i == 0 || !proof->is_in_process) {
            json_array_append_new(price,
                                  json_pack("{s:I, s:f, s:f}", "round_trip_ms", (json_int_t)trip_ms,
                                            "before_us", (double)before_ns / 1e3, "after_us",
                                            (double)after_ns / 1e3));
        }
    }
    return price;
}

/* What is known of the indexes that are advised; null where none are. */
static json_t *index_of(const rowan__index_proof *index, bool was_tried)
{
    if (index == NULL) {
        return json_null();
    }
    return json_pack("{s:s, s:f, s:o, s:s, s:s, s:I, s:I}", "sql", index->sql, "estimate_before",
                     index->before, "estimate_after",
                     was_tried ? json_real(index->after) : json_null(), "unit", index->unit, "how",
                     index->how, "size_bytes", (json_int_t)index->size_bytes, "writes",
                     (json_int_t)index->writes);
}

/* What was found when the advice was tried; nothing if it was not. @return false: no memory */
static bool add_proof(json_t *object, const rowan__proof *proof)
{
    const char *name = rowan__proven_name(proof->state);
    bool is_equal = proof->state == ROWAN__PROVEN_EQUAL;
    json_t *saved =
        is_equal
            ? json_pack("{s:I, s:I, s:f, s:f, s:I}", "statements_before", (json_int_t)proof->before,
                        "statements_after", (json_int_t)proof->after, "before_us",
                        (double)proof->before_ns / 1e3, "after_us", (double)proof->after_ns / 1e3,
                        "rows", (json_int_t)proof->rows)
            : json_null();

    if (name == NULL) {
        json_decref(saved);
        return true;
    }
    return json_object_set_new(object, "verified", json_string(name)) == 0 &&
           json_object_set_new(object, "reason", text_or_null(proof->why)) == 0 &&
           json_object_set_new(object, "saved", saved) == 0 &&
           json_object_set_new(object, "price", price_of(proof)) == 0 &&
           json_object_set_new(object, "index",
                               index_of(proof->index, proof->state == ROWAN__PROVEN_CHEAPER)) ==
               0 &&
           json_object_set_new(object, "leave_it", json_boolean(rowan__proof_leave_it(proof))) == 0;
}

static json_t *texts_of(const char *const *texts)
{
    json_t *array = json_array();

    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        json_array_append_new(array, json_string(texts[i]));
    }
    return array;
}

static json_t *object_of(const rowan__trace_finding *finding)
{
    char id[17];

    snprintf(id, sizeof id, "%016" PRIx64, finding->fingerprint_id);
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, "
        "s:o, s:o, s:f, s:f, s:s, s:o}",
        "trace", text_or_null(finding->trace->name), "scope", text_or_null(finding->scope), "kind",
        finding->kind, "seqs", statements_of(finding), "parent_seq",
        number_or_null(finding->parent_seq), "parent_column", text_or_null(finding->parent_column),
        "child_column", text_or_null(finding->child_column), "count", (json_int_t)finding->count,
        "distinct", (json_int_t)finding->distinct, "fingerprint", finding->fingerprint,
        "fingerprint_id", id, "confidence", finding->is_confirmed ? "confirmed" : "likely",
        "callsite", text_or_null(finding->callsite), "through", texts_of(finding->through),
        "action", rowan__action_name(finding->action), "table", text_or_null(finding->table),
        "evidence", text_or_null(finding->evidence), "suggestion",
        text_or_null(finding->suggestion), "call", text_or_null(finding->call), "time_us",
        (double)finding->total_ns / 1e3, "trace_time_us", (double)finding->trace_ns / 1e3,
        "standing", rowan__standing_name(finding->standing), "allowed",
        text_or_null(finding->allowed));
}

/* What was not seen has a line of its own, which is no finding. */
static json_t *object_of_dropped(const rowan__analysis *analysis)
{
    const rowan_dropped *dropped = &analysis->dropped;

    return json_pack("{s:n, s:s, s:I, s:I, s:I, s:I}", "trace", "kind", "dropped", "scopes",
                     (json_int_t)analysis->scopes_dropped, "statements",
                     (json_int_t)dropped->statements, "values", (json_int_t)dropped->values, "rows",
                     (json_int_t)dropped->rows);
}

static bool print_line(json_t *object, FILE *file)
{
    if (object == NULL) {
        return false;
    }
    (void)json_dumpf(object, file, JSON_COMPACT);
    fputc('\n', file);
    json_decref(object);
    return true;
}

bool rowan__print_json(const rowan__analysis *analysis, FILE *file)
{
    for (size_t i = 0; i < analysis->count; i++) {
        json_t *object = object_of(&analysis->at[i]);
        if (object != NULL && !add_proof(object, &analysis->at[i].proof)) {
            json_decref(object);
            object = NULL;
        }
        if (!print_line(object, file)) {
            return false;
        }
    }
    return !rowan__is_dropped(&analysis->dropped) || print_line(object_of_dropped(analysis), file);
}
