/*
 * What subscribers are told: one event for each statement with what it was and what came of it, the
 * rows as they were read for those who want them, and a place of their own in every scope.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

enum { MOST = 64 };

/* Of an event what may be kept. */
typedef struct seen {
    rowan_event event; /* its pointers not to be followed, but for table and engine */
    rowan_status status;
    bool has_batch;
    size_t batch_rows;
    rowan_reads reads;
    char sql[200];
    size_t params;
} seen;

typedef struct recorder {
    rowan_subscriber subscriber;
    seen events[MOST];
    size_t count;
    void (*look)(const rowan_event *event); /* while it is there */
} recorder;

static rowan_db *db;
static rowan_scope *scope;
static recorder watcher, other;

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

static void record(void *context, const rowan_event *event)
{
    recorder *r = context;
    seen *s = &r->events[r->count % MOST];

    if (event->kind == ROWAN_EVENT_STATEMENT && event->purpose == ROWAN_PURPOSE_SETUP) {
        return;
    }
    r->count++;
    memset(s, 0, sizeof *s);
    s->event = *event;
    s->status = event->error ? event->error->status : ROWAN_OK;
    s->has_batch = event->batch != NULL;
    s->batch_rows = event->batch ? event->batch->row_count : 0;
    if (event->reads) {
        s->reads = *event->reads;
    }
    if (event->sql) {
        ck_assert_uint_eq(strlen(event->sql), event->sql_size);
        snprintf(s->sql, sizeof s->sql, "%s", event->sql);
    }
    s->params = event->param_count * event->param_rows;
    if (r->look) {
        r->look(event);
    }
}

static void watch(recorder *r, bool wants_rows)
{
    memset(r, 0, sizeof *r);
    r->subscriber = (rowan_subscriber){.on_event = record, .context = r, .wants_rows = wants_rows};
}

static void open_on(int engine)
{
    rowan_subscriber *const subscribers[] = {&watcher.subscriber, &other.subscriber};
    rowan_options options = ROWAN_OPTIONS_INIT;

    watch(&watcher, true);
    watch(&other, false);
    options.no_detector = true;
    options.subscribers = subscribers;
    options.subscriber_count = 2;
    db = archive_open((size_t)engine, &options);
    ck_assert_int_eq(rowan_scope_begin(db, "events", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
    watcher.count = other.count = 0;
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* The last statement; of the two who watch, one sees no rows and else the same. */
static const seen *last(void)
{
    const seen *s = &watcher.events[(watcher.count - 1) % MOST];
    const seen *same = &other.events[(other.count - 1) % MOST];

    ck_assert_uint_gt(watcher.count, 0);
    ck_assert_uint_eq(watcher.count, other.count);
    ck_assert(!same->has_batch);
    ck_assert_int_eq(s->event.kind, same->event.kind);
    ck_assert_uint_eq(s->event.sequence, same->event.sequence);
    ck_assert_str_eq(s->sql, same->sql);
    ck_assert(s->event.slot != same->event.slot);
    return s;
}

/* --- One event for each statement. --- */

static const seen *expect(rowan_pattern pattern, const rowan_table *table, uint64_t rows,
                          uint64_t affected, size_t params)
{
    const seen *s = last();

    ck_assert_uint_eq(watcher.count, 1);
    ck_assert_int_eq(s->event.kind, ROWAN_EVENT_STATEMENT);
    ck_assert_int_eq(s->event.purpose, ROWAN_PURPOSE_QUERY);
    ck_assert_int_eq(s->event.pattern, pattern);
    ck_assert_ptr_eq(s->event.table, table);
    ck_assert_ptr_eq(s->event.scope, scope);
    ck_assert_str_eq(s->event.engine, rowan_db_engine(db));
    ck_assert_ptr_nonnull(strstr(s->event.site.file, "test_events.c"));
    ck_assert_uint_eq(s->event.rows, rows);
    ck_assert_uint_eq(s->event.affected, affected);
    ck_assert_uint_eq(s->params, params);
    ck_assert_int_eq(s->status, ROWAN_OK);
    ck_assert(s->has_batch == (rows > 0));
    ck_assert_uint_eq(s->batch_rows, rows);
    ck_assert_uint_eq(s->event.statements, 1);
    watcher.count = other.count = 0;
    return s;
}

START_TEST(an_event_says_who_sent_what_and_what_came_of_it)
{
    const genre fresh = {60, "fresh", {.has = false}};
    rowan_rows rows;
    int64_t count;
    void *row;

    open_on(_i);
    ok(rowan_raw_run(scope, "UPDATE genre SET name = ? WHERE id > ?",
                     ROWAN_PARAMS(ROWAN_V("x"), ROWAN_V(3)), NULL));
    const seen *s = expect(ROWAN_PATTERN_RAW, NULL, 0, 2, 2);
    ck_assert_ptr_nonnull(strstr(s->sql, "UPDATE genre"));
    ok(rowan_raw_all(scope, "SELECT * FROM genre", ROWAN_NO_PARAMS, &genre_table, &rows));
    expect(ROWAN_PATTERN_RAW, &genre_table, ARCHIVE_GENRES, 0, 0);
    ok(rowan_raw_one(scope, "SELECT * FROM genre WHERE id = ?", ROWAN_PARAMS(ROWAN_V(1)),
                     &genre_table, &row));
    expect(ROWAN_PATTERN_RAW, &genre_table, 1, 0, 1);
    ok(rowan_query_all(scope, &(rowan_query){.from = &genre_table, .where = IN(GENRE.id, 1, 2)},
                       &rows));
    s = expect(ROWAN_PATTERN_QUERY_BUILDER, &genre_table, 2, 0,
               engine_is((size_t)_i, "postgresql") ? 1 : 2);
    ok(rowan_query_count(scope, &(rowan_query){.from = &genre_table}, &count));
    expect(ROWAN_PATTERN_QUERY_BUILDER, &genre_table, 1, 0, 0);
    ok(rowan_query_insert(
        scope, &(rowan_insert){.into = &genre_table, .rows = &fresh, .row_count = 1}, NULL, NULL));
    s = last();
    ck_assert_int_eq(s->event.pattern, ROWAN_PATTERN_QUERY_BUILDER);
    ck_assert_uint_eq(s->event.affected, 1);
    watcher.count = other.count = 0;
    ok(rowan_query_delete(scope, &(rowan_delete){.from = &genre_table, .where = EQ(GENRE.id, 60)},
                          NULL, NULL));
    expect(ROWAN_PATTERN_QUERY_BUILDER, &genre_table, 0, 1, 1);
    ok(rowan_record_find(scope, &genre_table, KEY(2), &row));
    expect(ROWAN_PATTERN_ACTIVE_RECORD, &genre_table, 1, 0, 1);
    ok(rowan_raw_all(scope, "SELECT * FROM genre WHERE id < 0", ROWAN_NO_PARAMS, &genre_table,
                     &rows));
    expect(ROWAN_PATTERN_RAW, &genre_table, 0, 0, 0);
    close_all();
}
END_TEST

START_TEST(transactions_are_told_as_such)
{
    static const char *const words[] = {"BEGIN", "SAVEPOINT", "ROLLBACK TO", "RELEASE", "COMMIT"};

    open_on(_i);
    ok(rowan_begin(scope, NULL));
    ok(rowan_begin(scope, NULL));
    ok(rowan_rollback(scope));
    ok(rowan_commit(scope));
    ck_assert_uint_eq(watcher.count, sizeof words / sizeof words[0]);
    for (size_t i = 0; i < watcher.count; i++) {
        const seen *s = &watcher.events[i];
        ck_assert_int_eq(s->event.purpose, ROWAN_PURPOSE_TRANSACTION);
        ck_assert_int_eq(s->event.pattern, ROWAN_PATTERN_NONE);
        ck_assert_msg(strstr(s->sql, words[i]) || (i == 0 && strstr(s->sql, "START")), "%s",
                      s->sql);
        ck_assert_ptr_nonnull(strstr(s->event.site.file, "test_events.c"));
    }
    close_all();
}
END_TEST

START_TEST(sequences_count_the_statements_of_a_scope)
{
    rowan_scope *second;
    rowan_rows rows;

    open_on(_i);
    uint64_t before = rowan_scope_counts(scope).statements;
    ck_assert_int_eq(rowan_scope_begin(db, "second", &second, NULL), ROWAN_OK);
    const seen *s = last();
    ck_assert_int_eq(s->event.kind, ROWAN_EVENT_SCOPE_BEGIN);
    ck_assert_str_eq(s->event.scope_name, "second");
    ck_assert_uint_eq(s->event.connection_id, 0);
    uint64_t first_id = s->event.scope_id;
    for (uint64_t i = 1; i <= 5; i++) {
        ok(rowan_raw_all(second, "SELECT * FROM genre", ROWAN_NO_PARAMS, &genre_table, &rows));
        s = last();
        ck_assert_uint_eq(s->event.sequence, i);
        ck_assert_uint_eq(s->event.scope_id, first_id);
        uint64_t connection = s->event.connection_id;
        ok(rowan_raw_all(scope, "SELECT * FROM genre", ROWAN_NO_PARAMS, &genre_table, &rows));
        s = last();
        ck_assert_uint_ge(s->event.sequence, i);
        ck_assert_uint_lt(s->event.scope_id, first_id);
        ck_assert_uint_ne(s->event.connection_id, connection); /* both are open */
        ck_assert_uint_ne(s->event.connection_id, 0);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before + 5);
    rowan_scope_end(second);
    s = last();
    ck_assert_int_eq(s->event.kind, ROWAN_EVENT_SCOPE_END);
    ck_assert_uint_eq(s->event.scope_id, first_id);
    close_all();
}
END_TEST

START_TEST(a_failure_is_told_with_its_error)
{
    open_on(_i);
    rowan_status status = rowan_raw_run(scope, "INSERT INTO genre (id, name) VALUES (?, ?)",
                                        ROWAN_PARAMS(ROWAN_V(1), ROWAN_V("twice")), NULL);
    ck_assert_int_eq(status, ROWAN_UNIQUE);
    const seen *s = last();
    ck_assert_uint_eq(watcher.count, 1);
    ck_assert_int_eq(s->status, ROWAN_UNIQUE);
    ck_assert_uint_eq(s->params, 2);
    ck_assert_uint_eq(s->event.affected, 0);
    ck_assert(!s->has_batch);
    ck_assert_int_eq(rowan_raw_run(scope, "SELECT nonsense(", ROWAN_NO_PARAMS, NULL), ROWAN_SYNTAX);
    s = last();
    ck_assert_int_eq(s->status, ROWAN_SYNTAX);
    ck_assert_str_eq(s->sql, "SELECT nonsense(");
    ok(rowan_raw_run(scope, "DELETE FROM loan", ROWAN_NO_PARAMS, NULL));
    ck_assert_int_eq(last()->status, ROWAN_OK);
    close_all();
}
END_TEST

/* --- Rows. --- */

static size_t values_seen;

static bool same(rowan_value a, rowan_value b)
{
    if (a.is_null || b.is_null) {
        return a.is_null == b.is_null;
    }
    if (a.type != b.type) {
        return false;
    }
    switch (a.type) {
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
        return a.as.bytes.size == b.as.bytes.size &&
               (a.as.bytes.size == 0 ||
                memcmp(a.as.bytes.data, b.as.bytes.data, a.as.bytes.size) == 0);
    case ROWAN_TYPE_UUID:
        return memcmp(&a.as.uuid, &b.as.uuid, sizeof a.as.uuid) == 0;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return !(a.as.real < b.as.real) && !(a.as.real > b.as.real);
    case ROWAN_TYPE_BOOL:
        return a.as.boolean == b.as.boolean;
    case ROWAN_TYPE_DATE:
        return a.as.date.days == b.as.date.days;
    default:
        return a.as.integer == b.as.integer;
    }
}

/* The archive's works as they are lent: in the order of their ids, every type. */
static void look_at_works(const rowan_event *event)
{
    const rowan_batch *batch = event->batch;

    ck_assert_uint_eq(batch->column_count, work_table.column_count);
    ck_assert(!batch->is_dynamic);
    for (size_t i = 0; i < batch->row_count; i++) {
        for (size_t k = 0; k < batch->column_count; k++) {
            const rowan_column *column = rowan_table_column(&work_table, batch->columns[k].name);
            rowan_value given = rowan_column_value(column, &archive_works[i]);
            if (column->type == ROWAN_TYPE_ENUM) {
                given = rowan_v_text(column->enumeration->labels[given.as.integer]);
            }
            ck_assert_msg(same(rowan_batch_value(batch, i, k), given), "%s of row %zu",
                          column->name, i);
            values_seen++;
        }
        ck_assert(rowan_batch_value(batch, i, batch->column_count).is_null);
        ck_assert(rowan_batch_value(batch, i, SIZE_MAX).is_null);
    }
    ck_assert(rowan_batch_value(batch, batch->row_count, 0).is_null);
    ck_assert(rowan_batch_value(batch, SIZE_MAX, 0).is_null);
}

START_TEST(rows_are_lent_as_they_were_read)
{
    rowan_rows rows;

    open_on(_i);
    watcher.look = look_at_works;
    values_seen = 0;
    ok(rowan_query_all(scope, &(rowan_query){.from = &work_table, .order_by = ORDER(ASC(WORK.id))},
                       &rows));
    ck_assert_uint_eq(values_seen, ARCHIVE_WORKS * work_table.column_count);
    watcher.look = NULL;
    close_all();
}
END_TEST

static void look_at_values(const rowan_event *event)
{
    const rowan_batch *batch = event->batch;

    for (size_t i = 0; batch && i < batch->row_count; i++) {
        rowan_value id = rowan_batch_value(batch, i, 0), name = rowan_batch_value(batch, i, 1),
                    parent = rowan_batch_value(batch, i, 2);
        const genre *given = &archive_genres[values_seen++];
        ck_assert(batch->is_dynamic);
        ck_assert_int_eq(id.as.integer, given->id);
        ck_assert(same(name, rowan_v_text(given->name)));
        ck_assert(parent.is_null == !given->parent_id.has);
        ck_assert(parent.is_null || parent.as.integer == given->parent_id.value);
        ck_assert(rowan_batch_value(batch, i, 3).is_null);
    }
}

START_TEST(values_of_a_cursor_are_lent_too)
{
    rowan_cursor *cursor;

    open_on(_i);
    watcher.look = look_at_values;
    values_seen = 0;
    ok(rowan_raw_open(scope, "SELECT id, name, parent_id FROM genre ORDER BY id", ROWAN_NO_PARAMS,
                      &cursor));
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
    }
    rowan_cursor_close(cursor);
    watcher.look = NULL;
    ck_assert_uint_eq(values_seen, ARCHIVE_GENRES);
    close_all();
}
END_TEST

/* --- Streams. --- */

static void add_genres(size_t count)
{
    ok(rowan_raw_run(scope, "UPDATE work SET genre_id = NULL", ROWAN_NO_PARAMS, NULL));
    ok(rowan_raw_run(scope, "UPDATE genre SET parent_id = NULL", ROWAN_NO_PARAMS, NULL));
    ok(rowan_raw_run(scope, "DELETE FROM genre", ROWAN_NO_PARAMS, NULL));
    for (size_t i = 0; i < count; i++) {
        ok(rowan_raw_run(scope, "INSERT INTO genre (id, name) VALUES (?, 'one')",
                         ROWAN_PARAMS(ROWAN_V((int64_t)i + 1)), NULL));
    }
    watcher.count = other.count = 0;
}

/* What a stream of so many rows told, of which so many were taken. */
static void check_stream(size_t count, size_t taken, uint64_t columns)
{
    size_t lent = 0, batches = watcher.count - 1;

    for (size_t i = 0; i < batches; i++) {
        const seen *s = &watcher.events[i];
        ck_assert_int_eq(s->event.kind, ROWAN_EVENT_ROWS);
        ck_assert_uint_gt(s->batch_rows, 0);
        ck_assert(!other.events[i].has_batch); /* is told, but lent none */
        ck_assert_uint_eq(s->event.rows, s->batch_rows);
        lent += s->batch_rows;
    }
    const seen *s = &watcher.events[batches];
    ck_assert_int_eq(s->event.kind, ROWAN_EVENT_STATEMENT);
    ck_assert_uint_eq(s->event.rows, lent);
    ck_assert_uint_ge(lent, taken);
    ck_assert_uint_le(lent, count);
    ck_assert_uint_eq(s->reads.rows, taken);
    ck_assert_uint_eq(s->reads.columns, columns);
    ck_assert_uint_eq(s->reads.column_count, genre_table.column_count);
    ck_assert_uint_eq(other.count, watcher.count);
    for (size_t i = 0; i <= batches; i++) {
        ck_assert_uint_eq(watcher.events[i].event.sequence, s->event.sequence);
        ck_assert_str_eq(watcher.events[i].sql, s->sql);
        ck_assert_uint_eq(watcher.events[i].params, 1);
    }
    watcher.count = other.count = 0;
}

START_TEST(a_stream_lends_its_rows_batch_by_batch)
{
    static const size_t counts[] = {0, 1, 63, 64, 65, 128, 129};
    static const char sql[] = "SELECT * FROM genre WHERE id > ? ORDER BY id";

    open_on(_i);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        add_genres(counts[i]);
        for (size_t taken = 0; taken <= counts[i]; taken += taken < 2 ? 1 : 31) {
            rowan_stream *stream;
            rowan_cursor *cursor;
            void *row;
            ok(rowan_raw_stream(scope, sql, ROWAN_PARAMS(ROWAN_V(0)), &genre_table, &stream));
            for (size_t k = 0; k < taken; k++) {
                ok(rowan_stream_next(stream, &row));
                ck_assert_int_eq(((genre *)row)->id, (int64_t)k + 1);
            }
            rowan_stream_close(stream);
            check_stream(counts[i], taken, UINT64_MAX);
            ok(rowan_raw_open(scope, sql, ROWAN_PARAMS(ROWAN_V(0)), &cursor));
            for (size_t k = 0; k < taken; k++) {
                ok(rowan_cursor_next(cursor));
                ck_assert_int_eq(rowan_cursor_int64_or(cursor, 2, -1), -1); /* the parent */
            }
            rowan_cursor_close(cursor);
            check_stream(counts[i], taken, taken > 0 ? 1u << 2 : 0);
        }
    }
    close_all();
}
END_TEST

/* --- A place of their own. --- */

static void count_in_slot(const rowan_event *event)
{
    if (event->kind == ROWAN_EVENT_SCOPE_BEGIN) {
        ck_assert_ptr_null(*event->slot);
        *event->slot = rowan_scope_alloc(event->scope, sizeof(int));
        *(int *)*event->slot = 0;
    } else if (event->slot && *event->slot) {
        ++*(int *)*event->slot;
    }
}

START_TEST(each_subscriber_has_a_place_in_each_scope)
{
    const rowan_subscriber stranger = {.on_event = record};
    rowan_scope *scopes[3];

    open_on(_i);
    watcher.look = count_in_slot;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(rowan_scope_begin(db, "slot", &scopes[i], NULL), ROWAN_OK);
        for (int k = 0; k < i; k++) {
            ok(rowan_raw_run(scopes[i], "DELETE FROM loan", ROWAN_NO_PARAMS, NULL));
        }
    }
    for (int i = 0; i < 3; i++) {
        void **place = rowan_scope_slot(scopes[i], &watcher.subscriber);
        ck_assert_int_eq(*(int *)*place, i);
        ck_assert_ptr_null(*rowan_scope_slot(scopes[i], &other.subscriber));
        ck_assert_ptr_null(rowan_scope_slot(scopes[i], &stranger));
        ck_assert_ptr_eq(rowan_scope_subscriber(scopes[i], record), &watcher.subscriber);
        ck_assert_ptr_null(rowan_scope_subscriber(scopes[i], NULL));
    }
    for (int i = 0; i < 3; i++) {
        rowan_scope_end(scopes[i]);
    }
    watcher.look = NULL;
    close_all();
}
END_TEST

/* --- Options. --- */

START_TEST(options_that_cannot_be_are_refused)
{
    rowan_subscriber *many[40];
    const struct {
        rowan_options options;
        const char *words;
    } cases[] = {
        {{.size = 0}, "rowan_options.size is 0"},
        {{.size = 1}, "rowan_options.size is 1"},
        {{.size = sizeof(rowan_options) + 8}, "ROWAN_OPTIONS_INIT"},
        {{.size = sizeof(rowan_options), .subscribers = many, .subscriber_count = 40},
         "subscribers"},
        {{.size = sizeof(rowan_options), .lazy = (rowan_lazy)99}, "no lazy policy 99"},
        {{.size = sizeof(rowan_options), .comments = 1u << 20}, "no comment 1048576"},
    };
    const char *url = engine_url_new((size_t)_i);

    watch(&watcher, false);
    for (size_t i = 0; i < 40; i++) {
        many[i] = &watcher.subscriber;
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan_error error;
        rowan_db *none = (rowan_db *)(void *)&error;
        ck_assert_int_eq(rowan_open(url, &cases[i].options, &none, &error), ROWAN_MISUSE);
        ck_assert_msg(strstr(error.message, cases[i].words) != NULL, "%s", error.message);
        ck_assert_ptr_null(none);
    }
    engine_url_drop(url);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events");
    TCase *tc = tcase_create("events");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, an_event_says_who_sent_what_and_what_came_of_it, 0, engines);
    tcase_add_loop_test(tc, transactions_are_told_as_such, 0, engines);
    tcase_add_loop_test(tc, sequences_count_the_statements_of_a_scope, 0, engines);
    tcase_add_loop_test(tc, a_failure_is_told_with_its_error, 0, engines);
    tcase_add_loop_test(tc, rows_are_lent_as_they_were_read, 0, engines);
    tcase_add_loop_test(tc, values_of_a_cursor_are_lent_too, 0, engines);
    tcase_add_loop_test(tc, a_stream_lends_its_rows_batch_by_batch, 0, engines);
    tcase_add_loop_test(tc, each_subscriber_has_a_place_in_each_scope, 0, engines);
    tcase_add_loop_test(tc, options_that_cannot_be_are_refused, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
