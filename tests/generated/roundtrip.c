/*
 * A program that knows its tables from generated models only, and takes rows of them through all
 * four patterns. It is compiled by test_model_random.c together with the models of a schema that
 * was made up, and a list of the tables. It prints what is wrong and ends with status 1.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

enum { ROUNDTRIP_ROWS = 8, ROUNDTRIP_TABLES = 16, ROUNDTRIP_NULL = 5 };

/* What stands in the tables, as Active Record gave it back. */
static void *inserted[ROUNDTRIP_TABLES][ROUNDTRIP_ROWS];
static size_t inserted_count[ROUNDTRIP_TABLES];

/* All rows of all tables, for checks by brute force. */
static rowan_rows loaded[ROUNDTRIP_TABLES];

static rowan_db *db;

static void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    exit(EXIT_FAILURE);
}

static void must(rowan_scope *scope, rowan_status status, const char *what, const char *which)
{
    if (status != ROWAN_OK) {
        fail("%s %s: %s: %s (%s)", what, which, rowan_status_name(status),
             rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
    }
}

static rowan_scope *begin(const char *name)
{
    rowan_scope *scope;
    rowan_error error;

    if (rowan_scope_begin(db, name, &scope, &error) != ROWAN_OK) {
        fail("%s: %s", name, error.message);
    }
    return scope;
}

static size_t index_of(const rowan_table *table)
{
    size_t i = 0;

    while (all_tables[i] != table) {
        i++;
    }
    return i;
}

static const void *row_at(const rowan_table *table, size_t row)
{
    return (const char *)loaded[index_of(table)].at + row * table->row_size;
}

/* --- Values --- */

static bool same_value(rowan_value a, rowan_value b)
{
    if (a.is_null || b.is_null) {
        return a.is_null == b.is_null;
    }
    switch (a.type) {
    case ROWAN_TYPE_BOOL:
        return a.as.boolean == b.as.boolean;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        return a.as.integer == b.as.integer;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return !(a.as.real < b.as.real || a.as.real > b.as.real);
    case ROWAN_TYPE_DATE:
        return a.as.date.days == b.as.date.days;
    case ROWAN_TYPE_TIME:
        return a.as.time.us == b.as.time.us;
    case ROWAN_TYPE_TIMESTAMP:
        return a.as.timestamp.us == b.as.timestamp.us;
    case ROWAN_TYPE_UUID:
        return memcmp(&a.as.uuid, &b.as.uuid, sizeof a.as.uuid) == 0;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        return a.as.bytes.size == b.as.bytes.size &&
               (a.as.bytes.size == 0 ||
                memcmp(a.as.bytes.data, b.as.bytes.data, a.as.bytes.size) == 0);
    case ROWAN_TYPE_LIST:
        break;
    }
    return false;
}

static void copy_in(void *row, const rowan_column *column, const void *value, size_t size)
{
    memcpy((char *)row + column->value_offset, value, size);
}

/* Sets a member from a value of its type. */
static void put(void *row, const rowan_column *column, rowan_value value)
{
    const int16_t i16 = (int16_t)value.as.integer;
    const int32_t i32 = (int32_t)value.as.integer;
    const int enumerator = (int)value.as.integer;
    const float real = (float)value.as.real;
    const bool has = !value.is_null;

    if ((column->flags & ROWAN_NULLABLE) != 0) {
        memcpy((char *)row + column->offset, &has, sizeof has);
    }
    if (value.is_null) {
        return;
    }
    switch (column->type) {
    case ROWAN_TYPE_BOOL:
        copy_in(row, column, &value.as.boolean, sizeof value.as.boolean);
        break;
    case ROWAN_TYPE_INT16:
        copy_in(row, column, &i16, sizeof i16);
        break;
    case ROWAN_TYPE_INT32:
        copy_in(row, column, &i32, sizeof i32);
        break;
    case ROWAN_TYPE_ENUM:
        copy_in(row, column, &enumerator, sizeof enumerator);
        break;
    case ROWAN_TYPE_INT64:
        copy_in(row, column, &value.as.integer, sizeof value.as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
        copy_in(row, column, &real, sizeof real);
        break;
    case ROWAN_TYPE_DOUBLE:
        copy_in(row, column, &value.as.real, sizeof value.as.real);
        break;
    case ROWAN_TYPE_BLOB:
        copy_in(row, column, &value.as.bytes, sizeof value.as.bytes);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        copy_in(row, column, &value.as.bytes.data, sizeof value.as.bytes.data);
        break;
    default:
        copy_in(row, column, &value.as,
                column->type == ROWAN_TYPE_DATE   ? sizeof value.as.date
                : column->type == ROWAN_TYPE_UUID ? sizeof value.as.uuid
                                                  : sizeof value.as.time);
        break;
    }
}

static const char *printed(rowan_scope *scope, const char *format, size_t row)
{
    char text[64];
    const char *copy;

    snprintf(text, sizeof text, format, (int)row);
    copy = rowan_scope_strdup(scope, text);
    return copy != NULL ? copy : "";
}

/* A value of a column that differs from row to row. */
static rowan_value value_of(rowan_scope *scope, const rowan_column *column, size_t row)
{
    static const char bytes[] = {0, 1, '\'', '\\', (char)0xff, 9, 10, 13};
    rowan_value v = rowan_v_of(column->type);
    rowan_uuid uuid = {{0}};

    switch (column->type) {
    case ROWAN_TYPE_BOOL:
        return rowan_v_bool(row % 2 == 0);
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
        v.as.integer = -20000 + (int64_t)row * 5001;
        return v;
    case ROWAN_TYPE_INT64:
        return rowan_v_int64(INT64_C(9007199254740993) + (int64_t)row);
    case ROWAN_TYPE_FLOAT:
        return rowan_v_float((float)row + 0.1f);
    case ROWAN_TYPE_DOUBLE:
        return rowan_v_double((double)row / 3 + 1e10);
    case ROWAN_TYPE_DECIMAL:
        return rowan_v_decimal((rowan_decimal){printed(scope, "-12345678%d.250", row)});
    case ROWAN_TYPE_TEXT:
        return rowan_v_text(printed(scope, row == 0 ? "" : "t\\é'\"`%%%d ", row));
    case ROWAN_TYPE_BLOB:
        return rowan_v_blob((rowan_blob){bytes, row % sizeof bytes});
    case ROWAN_TYPE_DATE:
        return rowan_v_date((rowan_date){-700000 + (int32_t)row * 300000});
    case ROWAN_TYPE_TIME:
        return rowan_v_time((rowan_time){(int64_t)row * 3600000001});
    case ROWAN_TYPE_TIMESTAMP:
        return rowan_v_timestamp((rowan_timestamp){INT64_C(1700000000000001) + (int64_t)row});
    case ROWAN_TYPE_UUID:
        memset(uuid.bytes, 0x40 + (int)row, sizeof uuid.bytes);
        return rowan_v_uuid(uuid);
    case ROWAN_TYPE_JSON:
        return rowan_v_json((rowan_json){printed(scope, "{\"n\": %d}", row)});
    case ROWAN_TYPE_ENUM:
        v.as.integer = (int64_t)(row % column->enumeration->count);
        return v;
    case ROWAN_TYPE_LIST:
        break;
    }
    return rowan_v_null();
}

static void check_row(const char *what, const rowan_table *table, const void *a, const void *b,
                      bool with_generated)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const rowan_column *column = &table->columns[c];

        if ((column->flags & ROWAN_GENERATED) != 0 && !with_generated) {
            continue;
        }
        if (!same_value(rowan_column_value(column, a), rowan_column_value(column, b))) {
            fail("%s: column %s of table %s differs", what, column->name, table->name);
        }
    }
}

/* --- Inserting, by Active Record --- */

static bool is_self(const rowan_relation *relation)
{
    return relation->to == relation->from;
}

/* Copies the keys of the rows that a row refers to. @return false if one of them is not there. */
static bool put_references(const rowan_table *table, size_t row, void *out)
{
    for (size_t r = 0; r < table->relation_count; r++) {
        const rowan_relation *relation = table->relations[r];
        size_t to = index_of(relation->to);
        size_t other = is_self(relation) ? row - 1 : row;
        bool is_nullable = (relation->from_columns[0]->flags & ROWAN_NULLABLE) != 0;

        if (relation->kind != ROWAN_BELONGS_TO || (is_self(relation) && row == 0)) {
            continue;
        }
        if (other >= inserted_count[to]) {
            return false;
        }
        for (size_t c = 0; c < relation->column_count; c++) {
            rowan_value value =
                is_nullable && row == ROUNDTRIP_NULL
                    ? rowan_v_null()
                    : rowan_column_value(relation->to_columns[c], inserted[to][other]);
            put(out, relation->from_columns[c], value);
        }
    }
    return true;
}

static bool refers(const rowan_table *table, const rowan_column *column)
{
    for (size_t r = 0; r < table->relation_count; r++) {
        const rowan_relation *relation = table->relations[r];

        for (size_t c = 0; relation->kind == ROWAN_BELONGS_TO && c < relation->column_count; c++) {
            if (relation->from_columns[c] == column) {
                return true;
            }
        }
    }
    return false;
}

static void fill(rowan_scope *scope, const rowan_table *table, size_t row, void *out)
{
    memset(out, 0, table->row_size);
    for (size_t c = 0; c < table->column_count; c++) {
        const rowan_column *column = &table->columns[c];
        bool is_null =
            (column->flags & ROWAN_NULLABLE) != 0 && (row % 3 == 2 || refers(table, column));

        if ((column->flags & ROWAN_GENERATED) == 0) {
            put(out, column, is_null ? rowan_v_null() : value_of(scope, column, row));
        }
    }
}

static void insert_rows(rowan_scope *scope)
{
    for (size_t t = 0; all_tables[t] != NULL; t++) {
        const rowan_table *table = all_tables[t];
        void *values = rowan_scope_alloc(scope, table->row_size);

        for (size_t row = 0; row < ROUNDTRIP_ROWS; row++) {
            fill(scope, table, row, values);
            if (!put_references(table, row, values)) {
                continue;
            }
            must(scope, rowan_record_insert(scope, table, values, &inserted[t][row]), "insert into",
                 table->name);
            check_row("insert", table, values, inserted[t][row], false);
            inserted_count[t] = row + 1;
        }
    }
}

/* --- Reading: query builder against raw against what was inserted --- */

static void load_all(rowan_scope *scope)
{
    for (size_t t = 0; all_tables[t] != NULL; t++) {
        const rowan_table *table = all_tables[t];
        const rowan_query all = {.from = table};
        const char *sql;
        rowan_rows raw;

        must(scope, rowan_query_all(scope, &all, &loaded[t]), "query", table->name);
        must(scope, rowan_query_sql(scope, &all, &sql), "text for", table->name);
        must(scope, rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, table, &raw), "raw", table->name);
        if (raw.count != loaded[t].count || raw.count != inserted_count[t]) {
            fail("table %s has %zu rows by raw, %zu by query, %zu were inserted", table->name,
                 raw.count, loaded[t].count, inserted_count[t]);
        }
        for (size_t row = 0; row < raw.count; row++) {
            check_row("raw against query", table, (const char *)raw.at + row * table->row_size,
                      row_at(table, row), true);
        }
    }
}

static rowan_params key_of(const rowan_table *table, const void *row, rowan_value *room)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        room[i] = rowan_column_value(table->primary[i], row);
    }
    return (rowan_params){room, table->primary_count};
}

/* A column that may be changed freely; NULL if there is none. */
static const rowan_column *free_column(const rowan_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const rowan_column *column = &table->columns[c];

        if ((column->flags & (ROWAN_PRIMARY | ROWAN_UNIQUE_KEY | ROWAN_GENERATED)) == 0 &&
            !refers(table, column)) {
            return column;
        }
    }
    return NULL;
}

/* Changes a row by Active Record, then back and checked by Data Mapper. */
static void change(rowan_scope *scope, const rowan_table *table, size_t row)
{
    const rowan_column *column = free_column(table);
    rowan_value room[8];
    rowan_params key = key_of(table, inserted[index_of(table)][row], room);
    rowan_session *session;
    void *found, *again, *third;

    must(scope, rowan_record_find(scope, table, key, &found), "find in", table->name);
    check_row("find", table, inserted[index_of(table)][row], found, true);
    if (column != NULL) {
        put(found, column, value_of(scope, column, row + 1));
        must(scope, rowan_record_save(scope, found), "save in", table->name);
    }
    must(scope, rowan_session_begin(scope, &session), "session for", table->name);
    must(scope, rowan_session_find(session, table, key, &again), "session find in", table->name);
    check_row("save", table, found, again, true);
    must(scope, rowan_session_find(session, table, key, &third), "session find in", table->name);
    if (again != third) {
        fail("table %s: the same row is two pointers", table->name);
    }
    if (column != NULL) {
        put(again, column, rowan_column_value(column, inserted[index_of(table)][row]));
        must(scope, rowan_session_flush(session), "flush", table->name);
    }
    rowan_session_end(session);
    must(scope, rowan_record_reload(scope, found), "reload", table->name);
    check_row("flush", table, inserted[index_of(table)][row], found, true);
}

/* --- Relations against brute force --- */

static bool equal_columns(const rowan_column *const *a, const void *a_row,
                          const rowan_column *const *b, const void *b_row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rowan_value left = rowan_column_value(a[i], a_row);
        rowan_value right = rowan_column_value(b[i], b_row);

        if (left.is_null || right.is_null || !same_value(left, right)) {
            return false;
        }
    }
    return true;
}

static bool are_joined(const rowan_relation *r, const void *from, const void *to)
{
    if (r->through == NULL) {
        return equal_columns(r->from_columns, from, r->to_columns, to, r->column_count);
    }
    for (size_t i = 0; i < loaded[index_of(r->through)].count; i++) {
        const void *between = row_at(r->through, i);

        if (equal_columns(r->from_columns, from, r->through_from, between, r->column_count) &&
            equal_columns(r->to_columns, to, r->through_to, between, r->through_to_count)) {
            return true;
        }
    }
    return false;
}

static size_t expected_count(const rowan_relation *r, const void *from)
{
    size_t count = 0;

    for (size_t i = 0; i < loaded[index_of(r->to)].count; i++) {
        count += are_joined(r, from, row_at(r->to, i));
    }
    return count;
}

/* The rows that a relation gave for one row. */
static void check_related(const char *what, const rowan_relation *r, const void *from,
                          const void *rows, size_t count)
{
    if (count != expected_count(r, from)) {
        fail("%s: %s.%s gives %zu rows instead of %zu", what, r->from->name, r->name, count,
             expected_count(r, from));
    }
    for (size_t i = 0; i < count; i++) {
        if (!are_joined(r, from, (const char *)rows + i * r->to->row_size)) {
            fail("%s: %s.%s gives a row that is not related", what, r->from->name, r->name);
        }
    }
}

static void check_lazy(rowan_scope *scope, const rowan_relation *r, const void *row)
{
    rowan_rows many;
    void *one;

    if (r->kind == ROWAN_BELONGS_TO || r->kind == ROWAN_HAS_ONE) {
        must(scope, rowan_record_one(scope, r, row, &one), "relation", r->name);
        check_related("active record", r, row, one, one != NULL);
        return;
    }
    must(scope, rowan_record_many(scope, r, row, &many), "relation", r->name);
    check_related("active record", r, row, many.at, many.count);
}

static void check_fetched(rowan_scope *scope, const rowan_relation *r, const void *row)
{
    rowan_rows many;
    void *one;

    if (r->kind == ROWAN_BELONGS_TO || r->kind == ROWAN_HAS_ONE) {
        must(scope, rowan_loaded_one(scope, r, row, &one), "loaded", r->name);
        check_related("fetch plan", r, row, one, one != NULL);
        return;
    }
    must(scope, rowan_loaded_many(scope, r, row, &many), "loaded", r->name);
    check_related("fetch plan", r, row, many.at, many.count);
}

static void check_relation(rowan_scope *scope, const rowan_relation *r)
{
    const rowan_fetch plan[] = {{.relation = r}, {.relation = NULL}};
    const rowan_query lazily = {.from = r->from};
    const rowan_query fetched = {.from = r->from, .fetch = plan};
    rowan_rows rows;

    must(scope, rowan_record_all(scope, &lazily, &rows), "load", r->from->name);
    for (size_t i = 0; i < rows.count; i++) {
        check_lazy(scope, r, (const char *)rows.at + i * r->from->row_size);
    }
    must(scope, rowan_query_all(scope, &fetched, &rows), "fetch", r->from->name);
    for (size_t i = 0; i < rows.count; i++) {
        check_fetched(scope, r, (const char *)rows.at + i * r->from->row_size);
    }
}

/* --- The detector --- */

/* Touches a relation of all rows in a scope of its own. */
static rowan_scope *touch_all(const rowan_relation *r, rowan_lazy lazy, size_t *count)
{
    rowan_scope *scope = begin(r->name);
    const rowan_query all = {.from = r->from, .lazy = lazy};
    rowan_rows rows;

    must(scope, rowan_record_all(scope, &all, &rows), "load", r->from->name);
    for (size_t i = 0; i < rows.count; i++) {
        check_lazy(scope, r, (const char *)rows.at + i * r->from->row_size);
    }
    *count = rows.count;
    return scope;
}

/* One statement a row is found, one statement for all rows is not. */
static void check_detected(const rowan_relation *r)
{
    rowan_findings findings;
    size_t count;
    rowan_scope *scope = touch_all(r, ROWAN_LAZY_PEERS, &count);

    must(scope, rowan_expect_no_findings(scope), "peers of", r->name);
    rowan_scope_end(scope);
    scope = touch_all(r, ROWAN_LAZY_EACH, &count);
    must(scope, rowan_scope_findings(scope, &findings), "findings of", r->name);
    if (count == ROUNDTRIP_ROWS && findings.count != 1) {
        fail("%s.%s: %zu findings for %zu rows", r->from->name, r->name, findings.count, count);
    }
    if (count == ROUNDTRIP_ROWS &&
        (findings.at[0].relation == NULL || strcmp(findings.at[0].relation, r->name) != 0)) {
        fail("%s.%s: the finding is of another relation", r->from->name, r->name);
    }
    if (count == ROUNDTRIP_ROWS && findings.at[0].kind != ROWAN_N_PLUS_ONE &&
        (!is_self(r) || findings.at[0].kind != ROWAN_RECURSIVE_WALK)) {
        fail("%s.%s: the finding is a %s", r->from->name, r->name,
             rowan_finding_kind_name(findings.at[0].kind));
    }
    rowan_scope_end(scope);
}

int main(int argc, char **argv)
{
    rowan_error error;
    rowan_scope *scope;

    if (argc != 2 || rowan_open(argv[1], NULL, &db, &error) != ROWAN_OK) {
        fail("usage: roundtrip URL: %s", argc == 2 ? error.message : "");
    }
    scope = begin("round trip");
    insert_rows(scope);
    load_all(scope);
    for (size_t t = 0; all_tables[t] != NULL; t++) {
        for (size_t row = 0; row < inserted_count[t] && all_tables[t]->primary_count > 0; row++) {
            change(scope, all_tables[t], row);
        }
        for (size_t r = 0; r < all_tables[t]->relation_count; r++) {
            check_relation(scope, all_tables[t]->relations[r]);
            check_detected(all_tables[t]->relations[r]);
        }
    }
    must(scope, typed_calls(scope), "typed", "calls");
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
