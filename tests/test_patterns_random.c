/*
 * Random work by each pattern on each engine, compared with a model in memory: rows of every type
 * are inserted, changed, removed and read, in transactions and savepoints that are kept or undone,
 * beside another writer. A seed makes the same steps for every pattern and engine; the steps, what
 * they report and the statements that they cost are said by the model alone.
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

enum { SEEDS = 2, STEPS = 160, MOST_ROWS = 400, MOST_DEPTH = 3, MOST_AT_ONCE = 9 };

/* One state of the table: rows by the number in their code; a removed one is not there. */
typedef struct state {
    work rows[MOST_ROWS];
    bool there[MOST_ROWS];
} state;

typedef struct pattern pattern;

typedef struct world {
    const pattern *by;
    rowan_db *db;
    rowan_scope *scope, *other;    /* the second is another writer's */
    state now, before[MOST_DEPTH]; /* as it was when each transaction began */
    unsigned depth;
    unsigned made; /* rows, ever */
    uint64_t seed;
    uint64_t sent;
    bool changes;                    /* whether what is stored next differs from what is there */
    unsigned stale, refused, undone; /* how often it came to that */
} world;

/* What a pattern has of a row between loading it and writing it. */
typedef struct held {
    rowan_session *session;
    work *row;
} held;

struct pattern {
    const char *name;
    rowan_status (*insert)(world *w, const work *values, size_t count);
    rowan_status (*find)(world *w, int64_t id, held *out);
    rowan_status (*store)(world *w, const held *row, const work *values);
    rowan_status (*remove)(world *w, const held *row);
    rowan_status (*all)(world *w, const rowan_query *query, const char *sql, rowan_refs *out);
    unsigned insert_cost, store_cost; /* statements; an insert of many may be of fewer */
};

/* --- Random rows. --- */

static unsigned below(world *w, unsigned n)
{
    w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(w->seed >> 33) % n;
}

#define PICK(w, array) ((array)[below((w), sizeof(array) / sizeof((array)[0]))])

static const char *some_text(world *w)
{
    static const char *const texts[] = {
        "",
        "a",
        "O'Hara \"quoted\" `ticks` \\ %_ ? :name $1 -- /*",
        "two\nlines\tand a tab",
        "\xC3\x89mile \xF0\x9F\xA6\x89",
        "0",
        "a text of a length that does not fit into what is kept for short ones, and then more of "
        "it, so that it is copied from one place to another wherever it goes"};

    return PICK(w, texts);
}

static void set_numbers(world *w, work *row)
{
    static const int32_t cents[] = {0, 1, -1, INT32_MIN, INT32_MAX, 1250};
    static const int16_t stocks[] = {0, INT16_MIN, INT16_MAX, 12};
    static const float scores[] = {0, -1.5F, FLT_MAX, 0.1F};
    static const double weights[] = {0, 0.1, -1e300, DBL_MIN};
    static const char *const prices[] = {"0.00", "-99999999.99", "99999999.99", "12.50"};

    row->cents = PICK(w, cents);
    row->stock = PICK(w, stocks);
    row->score = PICK(w, scores);
    row->weight = (rowan_opt_double){below(w, 3) > 0, 0};
    row->weight.value = row->weight.has ? PICK(w, weights) : 0;
    row->price.text = PICK(w, prices);
    row->in_print = below(w, 2) == 0;
    row->kind = (work_kind)below(w, 3);
}

static void set_texts(world *w, work *row)
{
    static const rowan_blob blobs[] = {{"", 0}, {"\0\1\377", 3}, {"'\\", 2}};

    row->title = some_text(w);
    row->subtitle = (rowan_opt_text){below(w, 3) > 0, NULL};
    row->subtitle.value = row->subtitle.has ? some_text(w) : NULL;
    row->extra = (rowan_opt_json){below(w, 2) == 0, {NULL}};
    row->extra.value.text = row->extra.has ? "{\"a\": [1, null]}" : NULL;
    row->cover = (rowan_opt_blob){below(w, 2) == 0, {NULL, 0}};
    if (row->cover.has) {
        row->cover.value = PICK(w, blobs);
    }
}

static void set_times(world *w, work *row)
{
    static const int32_t days[] = {0, -719162, 2932896, 19000};
    static const int64_t times[] = {0, 86399999999, 3600000001};
    static const int64_t instants[] = {0, -62135596800000000, 253402300799999999, 1700000000123456};

    row->released = (rowan_opt_date){below(w, 3) > 0, {0}};
    row->released.value.days = row->released.has ? PICK(w, days) : 0;
    row->opens = (rowan_opt_time){below(w, 3) > 0, {0}};
    row->opens.value.us = row->opens.has ? PICK(w, times) : 0;
    row->added.us = PICK(w, instants);
    row->press_id = 1 + (int64_t)below(w, ARCHIVE_PRESSES);
    row->genre_id = (rowan_opt_i64){below(w, 2) == 0, 0};
    row->genre_id.value = row->genre_id.has ? 1 + (int64_t)below(w, ARCHIVE_GENRES) : 0;
}

/* A new row: its code says which one it is, on every engine. */
static work new_row(world *w)
{
    work row;

    ck_assert_uint_lt(w->made, MOST_ROWS);
    memset(&row, 0, sizeof row);
    set_numbers(w, &row);
    set_texts(w, &row);
    set_times(w, &row);
    row.code.bytes[0] = (uint8_t)(w->made >> 8);
    row.code.bytes[1] = (uint8_t)w->made;
    row.code.bytes[15] = 0xFF;
    w->made++;
    return row;
}

static size_t number_of(const work *row)
{
    ck_assert_uint_eq(row->code.bytes[15], 0xFF);
    return (size_t)row->code.bytes[0] << 8 | row->code.bytes[1];
}

/* --- The model. --- */

/* What was sent since the last time this was asked. */
static uint64_t cost(world *w)
{
    rowan_counts counts = rowan_scope_counts(w->scope);
    uint64_t now = counts.statements - counts.setups, sent = now - w->sent;

    w->sent = now;
    return sent;
}

static void expect(world *w, rowan_status got, rowan_status wanted, const char *what)
{
    const rowan_error *error = rowan_scope_error(w->scope);

    ck_assert_msg(got == wanted, "%s by %s: %s instead of %s: %s (%s)", what, w->by->name,
                  rowan_status_name(got), rowan_status_name(wanted), error->message,
                  error->engine_message);
}

static void expect_cost(world *w, uint64_t wanted, const char *what)
{
    uint64_t sent = cost(w);

    ck_assert_msg(sent == wanted, "%s by %s: %u statements instead of %u", what, w->by->name,
                  (unsigned)sent, (unsigned)wanted);
}

/* Whether two rows are equal in every column, key and version included. */
static bool same_row(world *w, const work *a, const work *b)
{
    rowan_mark mark = rowan_scope_mark(w->other);
    const char *of_a = archive_dump(w->other, &work_table, (rowan_rows){(void *)a, 1});
    const char *of_b = archive_dump(w->other, &work_table, (rowan_rows){(void *)b, 1});
    bool same = strcmp(of_a, of_b) == 0; /* of blobs the sizes only */
    size_t size = a->cover.has ? a->cover.value.size : 0;

    ck_assert_int_eq(rowan_scope_rewind(w->other, mark), ROWAN_OK);
    return same && (size == 0 || memcmp(a->cover.value.data, b->cover.value.data, size) == 0);
}

static void expect_row(world *w, const work *got)
{
    ck_assert(w->now.there[number_of(got)]);
    ck_assert(same_row(w, got, &w->now.rows[number_of(got)]));
}

/* A row that is there, or none. */
static work *some_row(world *w)
{
    size_t start = w->made > 0 ? below(w, w->made) : 0;

    for (size_t i = 0; i < w->made; i++) {
        size_t at = (start + i) % w->made;
        if (w->now.there[at]) {
            return &w->now.rows[at];
        }
    }
    return NULL;
}

/* --- Raw SQL. --- */

static const char insert_sql[] =
    "INSERT INTO work (press_id, genre_id, title, subtitle, kind, cents, stock, weight, price, "
    "in_print, released, added, opens, code, extra, cover, score, version) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)";

static const char update_sql[] =
    "UPDATE work SET press_id = ?, genre_id = ?, title = ?, subtitle = ?, kind = ?, cents = ?, "
    "stock = ?, weight = ?, price = ?, in_print = ?, released = ?, added = ?, opens = ?, "
    "code = ?, extra = ?, cover = ?, score = ?, version = version + 1 "
    "WHERE id = ? AND version = ?";

enum { WRITTEN = 17 };

/* The columns between key and version. */
static void values_of(const work *row, rowan_value *out)
{
    static const char *const labels[] = {"novel", "essay", "poem"};

    for (size_t i = 0; i < WRITTEN; i++) {
        const rowan_column *column = &work_table.columns[i + 1];
        out[i] = rowan_column_value(column, row);
        if (column->type == ROWAN_TYPE_ENUM) {
            out[i] = rowan_v_text(labels[row->kind]);
        }
    }
}

static rowan_status insert_raw(world *w, const work *values, size_t count)
{
    rowan_value params[WRITTEN];

    if (count != 1) {
        return rowan_raw_insert_all(w->scope, &work_table, values, count, NULL);
    }
    values_of(values, params);
    return rowan_raw_run(w->scope, insert_sql, (rowan_params){params, WRITTEN}, NULL);
}

static rowan_status find_raw(world *w, int64_t id, held *out)
{
    return rowan_raw_one(w->scope, "SELECT * FROM work WHERE id = :id", PARAMS(NAMED("id", id)),
                         &work_table, (void **)&out->row);
}

static rowan_status stale_unless(world *w, rowan_status status, uint64_t affected)
{
    return status == ROWAN_OK && affected == 0
               ? rowan_scope_report(w->scope, ROWAN_STALE, "the row was changed")
               : status;
}

static rowan_status store_raw(world *w, const held *row, const work *values)
{
    rowan_value params[WRITTEN + 2];
    uint64_t affected = 0;

    values_of(values, params);
    params[WRITTEN] = V(row->row->id);
    params[WRITTEN + 1] = V(row->row->version);
    rowan_status status =
        rowan_raw_run(w->scope, update_sql, (rowan_params){params, WRITTEN + 2}, &affected);
    return stale_unless(w, status, affected);
}

static rowan_status remove_raw(world *w, const held *row)
{
    uint64_t affected = 0;
    rowan_status status = rowan_raw_run(w->scope, "DELETE FROM work WHERE id = ? AND version = ?",
                                        PARAMS(V(row->row->id), V(row->row->version)), &affected);

    return stale_unless(w, status, affected);
}

static void refer_to(world *w, rowan_rows rows, rowan_refs *out)
{
    out->count = rows.count;
    out->at = rowan_scope_alloc(w->scope, (rows.count + 1) * sizeof *out->at);
    ck_assert_ptr_nonnull(out->at);
    for (size_t i = 0; i < rows.count; i++) {
        out->at[i] = (work *)rows.at + i;
    }
}

static rowan_status all_raw(world *w, const rowan_query *query, const char *sql, rowan_refs *out)
{
    rowan_rows rows;
    rowan_status status = rowan_raw_all(w->scope, sql, PARAMS(V(query->limit)), &work_table, &rows);

    refer_to(w, rows, out);
    return status;
}

/* --- The query builder. --- */

static rowan_status insert_built(world *w, const work *values, size_t count)
{
    const rowan_insert insert = {.into = &work_table, .rows = values, .row_count = count};
    uint64_t affected = 0;
    rowan_status status = rowan_query_insert(w->scope, &insert, NULL, &affected);

    ck_assert_uint_eq(affected, status == ROWAN_OK ? count : 0);
    return status;
}

static rowan_status find_built(world *w, int64_t id, held *out)
{
    return rowan_query_one(w->scope, &(rowan_query){.from = &work_table, .where = EQ(WORK.id, id)},
                           (void **)&out->row);
}

static rowan_status store_built(world *w, const held *row, const work *values)
{
    rowan_assignment set[WRITTEN + 1];
    uint64_t affected = 0;

    for (size_t i = 0; i < WRITTEN; i++) {
        const rowan_column *column = &work_table.columns[i + 1];
        set[i] = (rowan_assignment){column, rowan_o_value(rowan_column_value(column, values))};
    }
    set[WRITTEN] = (rowan_assignment){.column = NULL};
    const rowan_update update = {
        .table = &work_table,
        .set = set,
        .where = AND(EQ(WORK.id, row->row->id), EQ(WORK.version, row->row->version))};
    rowan_status status = rowan_query_update(w->scope, &update, NULL, &affected);
    return stale_unless(w, status, affected);
}

static rowan_status remove_built(world *w, const held *row)
{
    const rowan_delete remove = {
        .from = &work_table,
        .where = AND(EQ(WORK.id, row->row->id), EQ(WORK.version, row->row->version))};
    uint64_t affected = 0;
    rowan_status status = rowan_query_delete(w->scope, &remove, NULL, &affected);

    return stale_unless(w, status, affected);
}

static rowan_status all_built(world *w, const rowan_query *query, const char *sql, rowan_refs *out)
{
    rowan_rows rows;
    rowan_status status = rowan_query_all(w->scope, query, &rows);

    (void)sql;
    refer_to(w, rows, out);
    return status;
}

/* --- Records. --- */

static rowan_status insert_record(world *w, const work *values, size_t count)
{
    rowan_rows rows;
    void *one;

    if (count != 1) {
        rowan_status status = rowan_record_insert_all(w->scope, &work_table, values, count, &rows);
        for (size_t i = 0; i < rows.count; i++) {
            ck_assert_uint_eq(number_of((work *)rows.at + i), number_of(&values[i]));
        }
        return status;
    }
    return rowan_record_insert(w->scope, &work_table, values, &one);
}

static rowan_status find_record(world *w, int64_t id, held *out)
{
    return rowan_record_find(w->scope, &work_table, KEY(id), (void **)&out->row);
}

/* Everything but key and version, which the row keeps. */
static void assign(work *row, const work *values)
{
    work kept = *row;

    *row = *values;
    row->id = kept.id;
    row->version = kept.version;
}

static rowan_status store_record(world *w, const held *row, const work *values)
{
    bool changed;

    assign(row->row, values);
    ck_assert_int_eq(rowan_record_changed(w->scope, row->row, &changed), ROWAN_OK);
    ck_assert_int_eq(changed, w->changes);
    return rowan_record_save(w->scope, row->row);
}

static rowan_status remove_record(world *w, const held *row)
{
    return rowan_record_delete(w->scope, row->row);
}

static rowan_status all_records(world *w, const rowan_query *query, const char *sql,
                                rowan_refs *out)
{
    rowan_rows rows;
    rowan_status status = rowan_record_all(w->scope, query, &rows);

    (void)sql;
    refer_to(w, rows, out);
    return status;
}

/* --- Sessions, one for each step. --- */

static rowan_session *new_session(world *w)
{
    rowan_session *session;

    expect(w, rowan_session_begin(w->scope, &session), ROWAN_OK, "begin of a session");
    return session;
}

static rowan_status insert_session(world *w, const work *values, size_t count)
{
    rowan_session *session = new_session(w);
    rowan_status status = ROWAN_OK;
    work *row;

    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        status = rowan_session_new(session, &work_table, (void **)&row);
        if (status == ROWAN_OK) {
            *row = values[i];
        }
    }
    ck_assert_uint_eq(rowan_session_pending(session).inserts, count);
    status = status == ROWAN_OK ? rowan_session_flush(session) : status;
    rowan_session_end(session);
    return status;
}

static rowan_status find_session(world *w, int64_t id, held *out)
{
    out->session = new_session(w);
    rowan_status status =
        rowan_session_find(out->session, &work_table, KEY(id), (void **)&out->row);
    if (status != ROWAN_OK) {
        rowan_session_end(out->session);
    }
    return status;
}

static rowan_status flush(const held *row)
{
    rowan_status status = rowan_session_flush(row->session);

    rowan_session_end(row->session);
    return status;
}

static rowan_status store_session(world *w, const held *row, const work *values)
{
    (void)w;
    assign(row->row, values);
    return flush(row);
}

static rowan_status remove_session(world *w, const held *row)
{
    expect(w, rowan_session_remove(row->session, row->row), ROWAN_OK, "removing");
    ck_assert_uint_eq(rowan_session_pending(row->session).deletes, 1);
    return flush(row);
}

static rowan_status all_session(world *w, const rowan_query *query, const char *sql,
                                rowan_refs *out)
{
    rowan_session *session = new_session(w);
    rowan_status status = rowan_session_all(session, query, out);

    (void)sql;
    rowan_session_end(session);
    return status;
}

static const pattern patterns[] = {
    {"raw SQL", insert_raw, find_raw, store_raw, remove_raw, all_raw, 1, 1},
    {"the query builder", insert_built, find_built, store_built, remove_built, all_built, 1, 1},
    {"records", insert_record, find_record, store_record, remove_record, all_records, 1, 1},
    {"a session", insert_session, find_session, store_session, remove_session, all_session, 3, 3},
};
enum { PATTERNS = sizeof patterns / sizeof patterns[0] };

/* --- Steps. --- */

/* What the database made of rows that were inserted: their keys. */
static void learn_keys(world *w, work *rows, size_t count)
{
    rowan_rows found;

    cost(w);
    for (size_t i = 0; i < count; i++) {
        expect(w,
               rowan_query_all(
                   w->scope,
                   &(rowan_query){.from = &work_table, .where = EQ(WORK.code, rows[i].code)},
                   &found),
               ROWAN_OK, "looking up");
        ck_assert_uint_eq(found.count, 1);
        rows[i].id = ((work *)found.at)->id;
        rows[i].version = 1;
        w->now.rows[number_of(&rows[i])] = rows[i];
        w->now.there[number_of(&rows[i])] = true;
        expect_row(w, found.at);
    }
    expect_cost(w, count, "looking up");
}

static void step_insert(world *w)
{
    size_t count = below(w, 3) == 0 ? 2 + below(w, MOST_AT_ONCE - 1) : 1;
    work rows[MOST_AT_ONCE];

    for (size_t i = 0; i < count; i++) {
        rows[i] = new_row(w);
    }
    expect(w, w->by->insert(w, rows, count), ROWAN_OK, "inserting");
    if (w->by->insert == insert_raw && count > 1) {
        ck_assert_uint_le(cost(w), 3);
    } else {
        expect_cost(w, w->by->insert_cost, "inserting");
    }
    learn_keys(w, rows, count);
}

/* A row that cannot be: nobody's press, or no title. What it leaves is undone. */
static void step_refused(world *w)
{
    work row = new_row(w);
    bool no_title = below(w, 2) == 0;

    row.press_id = no_title ? row.press_id : 999999;
    row.title = no_title ? NULL : row.title;
    expect(w, rowan_begin(w->scope, NULL), ROWAN_OK, "beginning");
    rowan_status status = w->by->insert(w, &row, 1);
    expect(w, status, no_title ? ROWAN_NOT_NULL : ROWAN_FOREIGN_KEY, "a wrong insert");
    expect(w, rowan_rollback(w->scope), ROWAN_OK, "rolling back");
    w->refused++;
    cost(w);
}

static void step_find(world *w)
{
    work *wanted = some_row(w);
    int64_t id = wanted && below(w, 4) > 0 ? wanted->id : INT64_C(900000000000);
    held got = {NULL, NULL};
    rowan_status status = w->by->find(w, id, &got);

    expect_cost(w, 1, "finding");
    if (!wanted || id != wanted->id) {
        expect(w, status, ROWAN_NOT_FOUND, "finding what is not there");
        ck_assert_ptr_null(got.row);
        return;
    }
    expect(w, status, ROWAN_OK, "finding");
    expect_row(w, got.row);
    rowan_session_end(got.session);
}

/* Changes some of a row's columns, or none; another writer may have been there in between. */
static void step_change(world *w)
{
    work *row = some_row(w);
    held got = {NULL, NULL};

    if (!row) {
        return;
    }
    work wanted = *row;
    bool interfered = w->depth == 0 && below(w, 5) == 0;
    for (size_t i = 0; i < 3; i++) {
        static void (*const setters[])(world * w, work * row) = {set_numbers, set_texts, set_times};
        if (below(w, 2) == 0) {
            setters[i](w, &wanted);
        }
    }
    expect(w, w->by->find(w, row->id, &got), ROWAN_OK, "finding");
    cost(w);
    if (interfered) {
        wanted.cents = row->cents == 7 ? 8 : 7;
        ck_assert_int_eq(rowan_raw_run(w->other,
                                       "UPDATE work SET version = version + 1, stock = 77 "
                                       "WHERE id = ?",
                                       PARAMS(V(row->id)), NULL),
                         ROWAN_OK);
        row->stock = 77;
        row->version++;
        w->stale++;
    }
    w->changes = !same_row(w, got.row, &wanted);
    bool writes = w->changes || w->by->store == store_raw || w->by->store == store_built;
    rowan_status status = w->by->store(w, &got, &wanted);
    expect_cost(w, writes ? w->by->store_cost : 0, "changing");
    expect(w, status, interfered ? ROWAN_STALE : ROWAN_OK, "changing");
    if (!interfered) {
        wanted.version += writes ? 1 : 0;
        *row = wanted;
    }
}

static void step_remove(world *w)
{
    work *row = some_row(w);
    held got = {NULL, NULL};
    bool interfered = w->depth == 0 && below(w, 6) == 0;

    if (!row) {
        return;
    }
    expect(w, w->by->find(w, row->id, &got), ROWAN_OK, "finding");
    if (interfered) {
        ck_assert_int_eq(
            rowan_raw_run(w->other, "DELETE FROM work WHERE id = ?", PARAMS(V(row->id)), NULL),
            ROWAN_OK);
        w->stale++;
    }
    cost(w);
    rowan_status status = w->by->remove(w, &got);
    expect_cost(w, w->by->store_cost, "removing");
    expect(w, status, interfered ? ROWAN_STALE : ROWAN_OK, "removing");
    w->now.there[number_of(row)] = false;
}

/* The rows that cost something, by code, and no more of them than asked for. */
static void step_all(world *w)
{
    rowan_query query = {.from = &work_table,
                         .where = GT(WORK.cents, 0),
                         .order_by = ORDER(DESC(WORK.code)),
                         .limit = 1 + below(w, 30)};
    size_t at = w->made, met = 0;
    rowan_mark mark = rowan_scope_mark(w->scope);
    rowan_refs rows;

    expect(w,
           w->by->all(w, &query, "SELECT * FROM work WHERE cents > 0 ORDER BY code DESC LIMIT ?",
                      &rows),
           ROWAN_OK, "reading");
    expect_cost(w, 1, "reading");
    while (at-- > 0 && met < (size_t)query.limit) {
        if (w->now.there[at] && w->now.rows[at].cents > 0) {
            ck_assert_uint_lt(met, rows.count);
            ck_assert_uint_eq(number_of(rows.at[met]), at);
            expect_row(w, rows.at[met++]);
        }
    }
    ck_assert_uint_eq(met, rows.count);
    expect(w, rowan_scope_rewind(w->scope, mark), ROWAN_OK, "rewinding");
}

static void step_begin(world *w)
{
    if (w->depth < MOST_DEPTH) {
        expect(w, rowan_begin(w->scope, NULL), ROWAN_OK, "beginning");
        w->before[w->depth++] = w->now;
        expect_cost(w, 1, "beginning");
    }
    ck_assert_uint_eq(rowan_transaction_depth(w->scope), w->depth);
}

static void step_commit(world *w)
{
    rowan_status status = rowan_commit(w->scope);

    expect(w, status, w->depth > 0 ? ROWAN_OK : ROWAN_MISUSE, "committing");
    expect_cost(w, w->depth > 0 ? 1 : 0, "committing");
    w->depth -= w->depth > 0 ? 1 : 0;
}

static void step_rollback(world *w)
{
    rowan_status status = rowan_rollback(w->scope);

    expect(w, status, w->depth > 0 ? ROWAN_OK : ROWAN_MISUSE, "rolling back");
    expect_cost(w, w->depth > 1 ? 2 : w->depth, "rolling back"); /* a savepoint is given up, too */
    if (w->depth > 0) {
        w->now = w->before[--w->depth];
        w->undone++;
    }
}

static void begin_scope(world *w)
{
    ck_assert_int_eq(rowan_scope_begin(w->db, w->by->name, &w->scope, NULL), ROWAN_OK);
    w->sent = 0;
}

/* The scope ends, and what is open with it. */
static void step_leave(world *w)
{
    rowan_scope_end(w->scope);
    if (w->depth > 0) {
        w->now = w->before[0];
        w->depth = 0;
        w->undone++;
    }
    begin_scope(w);
}

/* All rows that are there, and no others, as the model has them. */
static void check_all(world *w)
{
    const rowan_query query = {.from = &work_table};
    size_t count = 0;
    rowan_rows rows;

    expect(w, rowan_query_all(w->scope, &query, &rows), ROWAN_OK, "reading all");
    for (size_t i = 0; i < w->made; i++) {
        count += w->now.there[i] ? 1 : 0;
    }
    ck_assert_uint_eq(rows.count, count);
    for (size_t i = 0; i < rows.count; i++) {
        expect_row(w, (work *)rows.at + i);
    }
    cost(w);
}

static void run(world *w)
{
    static void (*const steps[])(world * w) = {
        step_insert,   step_insert,  step_find, step_change, step_change,
        step_change,   step_remove,  step_all,  step_begin,  step_commit,
        step_rollback, step_refused, step_begin};

    for (int i = 0; i < STEPS; i++) {
        steps[below(w, sizeof steps / sizeof steps[0])](w);
        if (i % 40 == 39) {
            step_leave(w);
            check_all(w);
        }
    }
}

START_TEST(random_work_agrees_with_a_model_by_every_pattern)
{
    const pattern *by = &patterns[_i % PATTERNS];
    size_t engine = (size_t)_i / PATTERNS;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world *w = calloc(1, sizeof *w);
        ck_assert_ptr_nonnull(w);
        w->by = by;
        w->seed = seed * 104729;
        w->db = archive_open(engine, NULL);
        ck_assert_int_eq(rowan_scope_begin(w->db, "other", &w->other, NULL), ROWAN_OK);
        archive_fill(w->other);
        const rowan_delete all[] = {{.from = &loan_table, .all_rows = true},
                                    {.from = &work_table, .all_rows = true}};
        for (size_t i = 0; i < 2; i++) {
            ck_assert_int_eq(rowan_query_delete(w->other, &all[i], NULL, NULL), ROWAN_OK);
        }
        begin_scope(w);
        run(w);
        check_all(w);
        ck_assert(w->stale > 0 && w->refused > 0 && w->undone > 0);
        rowan_scope_end(w->scope);
        rowan_scope_end(w->other);
        engine_close(w->db);
        free(w);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random work by every pattern");
    TCase *tc = tcase_create("patterns");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, random_work_agrees_with_a_model_by_every_pattern, 0,
                        (int)engine_count() * PATTERNS);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
