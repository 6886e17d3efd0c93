/* The comparison as one JSON document. */
#include <stdlib.h>

#include <jansson.h>

#include "cli/compare/guide.h"
#include "cli/compare/results.h"

static json_t *text_or_null(const char *text)
{
    return text ? json_string_nocheck(text) : json_null();
}

static json_t *findings_json(const measurement *cell)
{
    json_t *list = json_array();

    for (size_t i = 0; i < cell->finding_count; i++) {
        const kept_finding *finding = &cell->findings[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:b, s:I, s:o, s:o, s:o, s:o}", "kind",
                                        rowan_finding_kind_name(finding->kind), "expected",
                                        finding->expected, "count", (json_int_t)finding->count,
                                        "parent_sql", text_or_null(finding->parent_sql),
                                        "parent_column", text_or_null(finding->parent_column),
                                        "evidence", text_or_null(finding->evidence), "suggestion",
                                        text_or_null(finding->suggestion)));
    }
    return list;
}

static json_t *statements_json(const measurement *cell)
{
    json_t *list = json_array();

    for (size_t i = 0; i < cell->statement_count; i++) {
        const sent_statement *statement = &cell->statements[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:I, s:I}", "sql", text_or_null(statement->sql),
                                        "count", (json_int_t)statement->count, "database_ns",
                                        (json_int_t)statement->database_ns));
    }
    return list;
}

static json_t *cell_json(const results *self, size_t use_case, size_t pattern, enum way way,
                         const measurement *cell)
{
    const rowan_counts *counts = &cell->counts;
    unsigned lines;

    free(results_source(self->cases[use_case], pattern, way, &lines));
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, "
        "s:o, s:o}",
        "pattern", pattern_keys[pattern], "way", way == WAY_GOOD ? "good" : "tempting", "status",
        rowan_status_name(cell->status), "error", text_or_null(cell->error), "statements",
        (json_int_t)counts->statements, "transaction_statements", (json_int_t)counts->transactions,
        "round_trips", (json_int_t)counts->round_trips, "rows", (json_int_t)counts->rows,
        "affected", (json_int_t)counts->affected, "bytes_sent", (json_int_t)counts->bytes_sent,
        "bytes_received", (json_int_t)counts->bytes_received, "allocations",
        (json_int_t)cell->allocations, "allocated_bytes", (json_int_t)cell->allocated_bytes,
        "pattern_ns", (json_int_t)cell->times.pattern_ns, "driver_ns",
        (json_int_t)cell->times.driver_ns, "database_ns", (json_int_t)cell->times.database_ns,
        "lines", (int)lines, "sql", statements_json(cell), "findings", findings_json(cell));
}

static json_t *case_json(const results *self, size_t engine, size_t use_case)
{
    json_t *cells = json_array();

    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        for (enum way way = WAY_GOOD; way < WAY_COUNT; way++) {
            const measurement *cell = results_cell(self, engine, use_case, pattern, way);
            if (cell->ran) {
                json_array_append_new(cells, cell_json(self, use_case, pattern, way, cell));
            }
        }
    }
    const measurement *reference = results_cell(self, engine, use_case, 0, WAY_GOOD);
    return json_pack("{s:s, s:s, s:b, s:I, s:o}", "case", self->cases[use_case]->key, "title",
                     self->cases[use_case]->title, "rows_equal",
                     self->engines[engine].equal[use_case], "rows_found",
                     (json_int_t)(reference->found ? ledger_count(reference->found) : 0), "cells",
                     cells);
}

static json_t *engines_json(const results *self)
{
    json_t *engines = json_array();

    for (size_t engine = 0; engine < self->engine_count; engine++) {
        json_t *cases = json_array();
        for (size_t use_case = 0; use_case < self->case_count; use_case++) {
            json_array_append_new(cases, case_json(self, engine, use_case));
        }
        json_array_append_new(engines, json_pack("{s:s, s:o}", "engine",
                                                 self->engines[engine].engine, "cases", cases));
    }
    return engines;
}

static json_t *guide_json(const results *self)
{
    json_t *list = json_array();
    guide *sentences = guide_new(self);

    for (size_t i = 0; sentences && i < sentences->count; i++) {
        json_array_append_new(list, json_pack("{s:s, s:s}", "heading", sentences->at[i].heading,
                                              "text", sentences->at[i].text));
    }
    guide_free(sentences);
    return list;
}

bool results_json(const results *self, FILE *out)
{
    json_t *document =
        json_pack("{s:s, s:f, s:i, s:b, s:o, s:o}", "rowan", self->rowan_version, "scale",
                  self->scale, "repeat", (int)self->repeat, "rows_equal", results_equal(self),
                  "engines", engines_json(self), "guide", guide_json(self));
    bool written =
        document && json_dumpf(document, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;

    json_decref(document);
    return written && !ferror(out);
}
