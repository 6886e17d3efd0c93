/* Streams of events that are made up, for the tests of the detector's rules. */
#include "support/told.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "support/fault.h"

struct told told;

void told_begin(const char *engine)
{
    memset(&told, 0, sizeof told);
    told.rules = rowan__rules_of(NULL);
    told.shapes = rowan__shapes_new(&fault_allocator);
    ck_assert_ptr_nonnull(told.shapes);
    told.watch = rowan__watch_new(&fault_allocator, &told.rules, told.shapes, NULL, engine);
    ck_assert_ptr_nonnull(told.watch);
    told.now_ns = 1000000000;
    told.takes_ns = 50000;
    told.line = 10;
    told.pattern = ROWAN_PATTERN_RAW;
    told.has_hashes = true;
}

void told_end(void)
{
    rowan__watch_free(told.watch);
    rowan__shapes_free(told.shapes);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

struct told_result result;

void no_result(void)
{
    result.columns = result.rows = 0;
}

static rowan_batch batch_of_result(rowan_batch_column *columns)
{
    for (size_t i = 0; i < result.columns; i++) {
        uint32_t offset = (uint32_t)(i * sizeof(rowan_value));
        columns[i] = (rowan_batch_column){
            .nullable = true, .offset = offset, .value_offset = offset, .name = result.names[i]};
    }
    return (rowan_batch){
        .columns = columns,
        .column_count = result.columns,
        .rows = (const char *)result.cells,
        .row_size = result.columns * sizeof(rowan_value),
        .row_count = result.rows,
        .is_dynamic = true,
    };
}

void tell_event(rowan_event_kind kind, const char *sql, rowan_params params)
{
    rowan_batch_column columns[sizeof result.names / sizeof result.names[0]];
    rowan_batch batch = batch_of_result(columns);
    rowan_event event = {
        .kind = kind,
        .engine = told.watch->engine,
        .sequence = told.sequence,
        .pattern = told.pattern,
        .sql = sql,
        .sql_size = strlen(sql),
        .sql_hash = told.has_hashes ? XXH3_64bits(sql, strlen(sql)) : 0,
        .params = params.items,
        .param_count = params.count,
        .param_rows = 1,
        .batch = result.rows > 0 ? &batch : NULL,
        .statements = 1,
        .rows = result.rows,
        .affected = told.affected,
        .round_trips = told.round_trips,
        .start_ns = told.now_ns,
        .elapsed_ns = told.takes_ns,
        .turns = told.place,
    };

    if (told.line > 0) {
        event.site = (rowan_site){"program.c", told.line, "run"};
    }
    rowan__watch_event(told.watch, &event);
}

/* One statement with the present result, which is then gone. */
void tell(const char *sql, rowan_params params)
{
    told.sequence++;
    tell_event(ROWAN_EVENT_STATEMENT, sql, params);
    told.now_ns += told.takes_ns + 20000;
    no_result();
}

void tell_one(const char *sql, int64_t value)
{
    tell(sql, ROWAN_PARAMS(ROWAN_V(value)));
}

/* A result of one column of integers: first, first + step … */
void rows_of(const char *name, int64_t first, int64_t step, size_t count)
{
    result.names[0] = name;
    result.columns = 1;
    result.rows = count;
    for (size_t i = 0; i < count; i++) {
        result.cells[i] = rowan_v_int64(first + (int64_t)i * step);
    }
}

void judge(void)
{
    ck_assert_int_eq(rowan__watch_findings(told.watch, &told.found), ROWAN_OK);
}

const rowan_finding *find(rowan_finding_kind kind)
{
    for (size_t i = 0; i < told.found.count; i++) {
        if (told.found.at[i].kind == kind) {
            return &told.found.at[i];
        }
    }
    return NULL;
}

void judge_silent(const char *what)
{
    char text[1024] = "";

    judge();
    if (told.found.count > 0) {
        rowan_finding_text(&told.found.at[0], text, sizeof text);
    }
    ck_assert_msg(told.found.count == 0, "%s: %s", what, text);
}

/* Exactly one finding, of that kind. */
const rowan_finding *judge_one(rowan_finding_kind kind)
{
    judge();
    ck_assert_uint_eq(told.found.count, 1);
    ck_assert_int_eq(told.found.at[0].kind, kind);
    return &told.found.at[0];
}
