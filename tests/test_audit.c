/*
 * The audit of the counters: for every public function that can send a statement, Rowan's own count
 * must be what an independent witness in the engine saw. Which functions those are is derived from
 * the library's machine code by test_audited.sh, which asks this program for its list (--list) and
 * fails on a function that is not in it.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

#include "database/database_private.h"
#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/witness.h"

static rowan_db *db;
static rowan_scope *scope;
static witness *watcher;
static const char *url;

static void ok(rowan_status status)
{
    library_ok(scope, status);
}

static const rowan_query all_books = {.from = &library_book_table};

/* The books that library_fill() made, loaded through raw SQL. */
static rowan_rows books(void)
{
    rowan_rows rows;

    ok(rowan_raw_all(scope, "SELECT * FROM book ORDER BY id", ROWAN_NO_PARAMS, &library_book_table,
                     &rows));
    return rows;
}

static library_book *first_book(void)
{
    return books().at;
}

/* --- One exercise for each function. --- */

static void exercise_open(void)
{
    rowan_db *other;

    ck_assert_int_eq(rowan_open(witness_url(watcher), NULL, &other, NULL), ROWAN_OK);
    /* Its set-up is counted there, not here: enter it as if this database had sent it. */
    db->counts.statements += rowan_db_counts(other).statements;
    rowan_close(other);
}

static rowan_status read_books(rowan_scope *other, unsigned n, void *context)
{
    rowan_rows rows;

    (void)context;
    return rowan_raw_all(other, "SELECT * FROM book WHERE id < ?", ROWAN_PARAMS(ROWAN_V((int)n)),
                         &library_book_table, &rows);
}

static void exercise_no_growth(void)
{
    ok(rowan_expect_no_growth(db, read_books, NULL, NULL));
}

static void exercise_scope_end(void)
{
    rowan_scope *other;

    ck_assert_int_eq(rowan_scope_begin(db, "left open", &other, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(other, NULL), ROWAN_OK);
    rowan_scope_end(other);
}

static void exercise_transaction(void)
{
    ok(rowan_begin(scope, NULL));
    ok(rowan_begin(scope, NULL));
    ok(rowan_rollback(scope));
    ok(rowan_begin(scope, NULL));
    ok(rowan_commit(scope));
    ok(rowan_commit(scope));
    static const rowan_transaction_options options = {.isolation = ROWAN_SERIALIZABLE};
    ok(rowan_begin(scope, &options));
    ok(rowan_rollback(scope));
}

static void exercise_raw_run(void)
{
    ok(rowan_raw_run(scope, "UPDATE book SET price_cents = price_cents + ?",
                     ROWAN_PARAMS(ROWAN_V(1)), NULL));
}

static void exercise_raw_run_many(void)
{
    rowan_value values[10];

    for (int i = 0; i < 5; i++) {
        values[2 * i] = ROWAN_V(i);
        values[2 * i + 1] = ROWAN_V(LIBRARY_FIRST + i);
    }
    ok(rowan_raw_run_many(scope, "UPDATE book SET price_cents = ? WHERE id = ?", values, 5, NULL));
    ok(rowan_raw_run_many(scope, "UPDATE book SET price_cents = ? WHERE id = ?", values, 1, NULL));
    ok(rowan_raw_run_many(scope, "UPDATE book SET price_cents = ? WHERE id = ?", values, 0, NULL));
}

/* As many as go one statement at a time, and as go in a copy where the engine has one. */
static void exercise_raw_insert_all(void)
{
    static library_author authors[12000];
    static int64_t last_key = 1000000;

    for (size_t i = 0; i < 12000; i++) {
        authors[i] = (library_author){.id = ++last_key, .name = "one of very many"};
    }
    ok(rowan_raw_insert_all(scope, &library_author_table, authors, 0, NULL));
    ok(rowan_raw_insert_all(scope, &library_author_table, authors, 3, NULL));
    ok(rowan_raw_insert_all(scope, &library_author_table, authors + 3, 120, NULL));
    ok(rowan_raw_insert_all(scope, &library_author_table, authors + 123, 11877, NULL));
}

static void exercise_raw_insert_keys(void)
{
    const library_author authors[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    int64_t keys[3];

    ok(rowan_raw_insert_keys(scope, &library_author_table, authors, 3, keys));
}

static void exercise_raw_all(void)
{
    books();
}

static void exercise_raw_pipeline(void)
{
    const rowan_value key = ROWAN_V(LIBRARY_FIRST);
    const rowan_raw_read one = {"SELECT * FROM book WHERE id = ?", {&key, 1}, &library_book_table};
    const rowan_raw_read all = {"SELECT * FROM author", {NULL, 0}, &library_author_table};
    const rowan_raw_read reads[] = {one, all, one, all, one, one};
    rowan_rows rows[6];

    ok(rowan_raw_pipeline(scope, reads, 1, rows));
    ok(rowan_raw_pipeline(scope, reads, 6, rows));
}

static void exercise_raw_one(void)
{
    void *row;

    ok(rowan_raw_one(scope, "SELECT * FROM book WHERE id = :id",
                     ROWAN_PARAMS(ROWAN_NAMED("id", LIBRARY_FIRST)), &library_book_table, &row));
}

static void exercise_raw_stream(void)
{
    rowan_stream *stream;
    void *row;

    ok(rowan_raw_stream(scope, "SELECT * FROM book", ROWAN_NO_PARAMS, &library_book_table,
                        &stream));
    while (rowan_stream_next(stream, &row) == ROWAN_OK) {
    }
    rowan_stream_close(stream);
}

static void exercise_raw_open(void)
{
    rowan_cursor *cursor;

    ok(rowan_raw_open(scope, "SELECT id FROM book", ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    rowan_cursor_close(cursor); /* early */
}

static void exercise_raw_script(void)
{
    size_t done;

    ok(rowan_raw_script(
        scope, "UPDATE book SET price_cents = 1; -- one\nUPDATE book SET price_cents = 2;;",
        &done));
    ck_assert_uint_eq(done, 2);
}

static void exercise_query_all(void)
{
    rowan_query query = all_books;
    rowan_rows rows;

    query.fetch =
        ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher), ROWAN_RELATED(&library_book_authors));
    ok(rowan_query_all(scope, &query, &rows));
}

static void exercise_query_pipeline(void)
{
    const rowan_query one = {.from = &library_author_table, .limit = 1};
    const rowan_query queries[] = {all_books, one, one, all_books, one};
    rowan_rows rows[5];

    ok(rowan_query_pipeline(scope, queries, 2, rows));
    ok(rowan_query_pipeline(scope, queries, 5, rows));
}

static void exercise_query_one(void)
{
    void *row;

    ok(rowan_query_one(scope, &all_books, &row));
}

static void exercise_query_count(void)
{
    int64_t count;

    ok(rowan_query_count(scope, &all_books, &count));
}

static void exercise_query_exists(void)
{
    bool exists;

    ok(rowan_query_exists(scope, &all_books, &exists));
}

static void exercise_query_stream(void)
{
    rowan_stream *stream;
    void *row;

    ok(rowan_query_stream(scope, &all_books, &stream));
    ok(rowan_stream_next(stream, &row));
    rowan_stream_close(stream);
}

static void exercise_query_insert(void)
{
    library_author authors[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    const rowan_insert insert = {
        .into = &library_author_table, .rows = authors, .row_count = 3, .returning = true};
    rowan_rows rows;

    ok(rowan_query_insert(scope, &insert, &rows, NULL));
}

static void exercise_query_insert_keys(void)
{
    static int64_t last_key = 900000;
    const library_author authors[2] = {{.name = "a"}, {.id = ++last_key, .name = "b"}};
    const rowan_insert insert = {.into = &library_author_table, .rows = authors, .row_count = 2};
    int64_t keys[2];

    ok(rowan_query_insert_keys(scope, &insert, keys));
}

static void exercise_query_update(void)
{
    const rowan_update update = {.table = &library_book_table,
                                 .set = ROWAN_SET(ROWAN_TO(BOOK.price_cents, 5)),
                                 .where = ROWAN_GT(BOOK.price_cents, 3)};

    ok(rowan_query_update(scope, &update, NULL, NULL));
}

static void exercise_query_delete(void)
{
    const rowan_delete remove = {.from = &library_tag_table, .all_rows = true};

    ok(rowan_query_delete(scope, &remove, NULL, NULL));
}

static void exercise_load(void)
{
    rowan_rows rows = books();

    ok(rowan_load(scope, &library_book_table, rows.at, rows.count,
                  ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher))));
}

static void exercise_record_find(void)
{
    void *row;

    ok(rowan_record_find(scope, &library_book_table, ROWAN_KEY(LIBRARY_FIRST), &row));
    ck_assert_int_eq(rowan_record_find(scope, &library_book_table, ROWAN_KEY(-1), &row),
                     ROWAN_NOT_FOUND);
}

static void exercise_record_all(void)
{
    rowan_rows rows;

    ok(rowan_record_all(scope, &all_books, &rows));
}

static void exercise_record_first(void)
{
    void *row;

    ok(rowan_record_first(scope, &all_books, &row));
}

static void exercise_record_insert(void)
{
    const library_author author = {.name = "new"};

    ok(rowan_record_insert(scope, &library_author_table, &author, NULL));
}

static void exercise_record_insert_all(void)
{
    library_author authors[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};

    ok(rowan_record_insert_all(scope, &library_author_table, authors, 3, NULL));
}

static void exercise_record_save(void)
{
    library_book *book = first_book();

    ok(rowan_record_save(scope, book));
    book->title = "Another";
    ok(rowan_record_save(scope, book));
}

static void exercise_record_save_all(void)
{
    rowan_rows rows = books();
    library_book *at = rows.at;
    void *changed[8];

    for (size_t i = 0; i < 8; i++) {
        at[i].price_cents += 1;
        changed[i] = &at[i];
    }
    ok(rowan_record_save_all(scope, changed, 8));
}

static void exercise_record_delete(void)
{
    void *line;

    ok(rowan_raw_run(scope,
                     "INSERT INTO tag (subject_type, subject_id, label) VALUES ('book', 1, 'x')",
                     ROWAN_NO_PARAMS, NULL));
    ok(rowan_record_first(scope, &(rowan_query){.from = &library_tag_table}, &line));
    ok(rowan_record_delete(scope, line));
}

static void exercise_record_reload(void)
{
    ok(rowan_record_reload(scope, first_book()));
}

static void exercise_record_one(void)
{
    rowan_query query = all_books;
    rowan_rows rows;
    void *publisher;

    query.lazy = ROWAN_LAZY_EACH;
    ok(rowan_record_all(scope, &query, &rows));
    library_book *at = rows.at;
    for (size_t i = 0; i < rows.count; i++) {
        ok(rowan_record_one(scope, &library_book_publisher, &at[i], &publisher));
    }
}

static void exercise_record_many(void)
{
    rowan_rows rows = books();
    rowan_rows authors;
    library_book *at = rows.at;

    for (size_t i = 0; i < rows.count; i++) {
        ok(rowan_record_many(scope, &library_book_authors, &at[i], &authors));
    }
}

static void exercise_record_link(void)
{
    library_author author = {.name = "linked"};
    void *row;
    library_book *book = first_book();

    ok(rowan_raw_run(scope, "DELETE FROM book_author WHERE book_id = ?",
                     ROWAN_PARAMS(ROWAN_V(book->id)), NULL));
    ok(rowan_record_insert(scope, &library_author_table, &author, &row));
    ok(rowan_record_link(scope, &library_book_authors, book, row));
    ok(rowan_record_unlink(scope, &library_book_authors, book, row));
}

static void exercise_session(void)
{
    rowan_session *session;
    rowan_refs rows;
    void *found, *made;

    ok(rowan_session_begin(scope, &session));
    ok(rowan_session_find(session, &library_book_table, ROWAN_KEY(LIBRARY_FIRST), &found));
    ok(rowan_session_all(session, &all_books, &rows));
    ok(rowan_session_load(session, rows, ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher))));
    for (size_t i = 0; i < 5; i++) {
        ((library_book *)rows.at[i])->price_cents += 7;
        ok(rowan_session_new(session, &library_author_table, &made));
        ((library_author *)made)->name = "made";
    }
    ok(rowan_session_flush(session));
    static const library_purchase purchases[] = {{.customer = "one"}, {.customer = "two"}};
    ok(rowan_session_insert_all(session, &library_purchase_table, purchases, 2, NULL));
    rowan_session_end(session);
}

static const struct {
    const char *functions; /* separated by blanks */
    void (*exercise)(void);
} audited[] = {
    {"rowan_open", exercise_open},
    {"rowan_scope_end", exercise_scope_end},
    {"rowan_begin rowan_commit rowan_rollback", exercise_transaction},
    {"rowan_expect_no_growth", exercise_no_growth},
    {"rowan_raw_run", exercise_raw_run},
    {"rowan_raw_run_many", exercise_raw_run_many},
    {"rowan_raw_insert_all", exercise_raw_insert_all},
    {"rowan_raw_insert_keys", exercise_raw_insert_keys},
    {"rowan_raw_all", exercise_raw_all},
    {"rowan_raw_pipeline", exercise_raw_pipeline},
    {"rowan_raw_one", exercise_raw_one},
    {"rowan_raw_stream rowan_stream_next rowan_stream_close", exercise_raw_stream},
    {"rowan_raw_open rowan_cursor_next rowan_cursor_close", exercise_raw_open},
    {"rowan_raw_script", exercise_raw_script},
    {"rowan_query_all", exercise_query_all},
    {"rowan_query_pipeline", exercise_query_pipeline},
    {"rowan_query_one", exercise_query_one},
    {"rowan_query_count", exercise_query_count},
    {"rowan_query_exists", exercise_query_exists},
    {"rowan_query_stream", exercise_query_stream},
    {"rowan_query_insert", exercise_query_insert},
    {"rowan_query_insert_keys", exercise_query_insert_keys},
    {"rowan_query_update", exercise_query_update},
    {"rowan_query_delete", exercise_query_delete},
    {"rowan_load", exercise_load},
    {"rowan_record_find", exercise_record_find},
    {"rowan_record_all", exercise_record_all},
    {"rowan_record_first", exercise_record_first},
    {"rowan_record_insert", exercise_record_insert},
    {"rowan_record_insert_all", exercise_record_insert_all},
    {"rowan_record_save", exercise_record_save},
    {"rowan_record_save_all", exercise_record_save_all},
    {"rowan_record_delete", exercise_record_delete},
    {"rowan_record_reload", exercise_record_reload},
    {"rowan_record_one", exercise_record_one},
    {"rowan_record_many", exercise_record_many},
    {"rowan_record_link rowan_record_unlink", exercise_record_link},
    {"rowan_session_find rowan_session_all rowan_session_load rowan_session_flush "
     "rowan_session_insert_all",
     exercise_session},
};

/* --- The reconciliation. --- */

/*
 * MariaDB's log has an entry for each parameter row of one array execution, which is one statement
 * with many rows to us: the rows beyond the first are counted here. Of rows inserted from structs
 * it has one.
 */
static uint64_t rows_beyond_first;

static void on_event(void *context, const rowan_event *event)
{
    (void)context;
    if (event->kind == ROWAN_EVENT_STATEMENT && event->statements == 1 && event->param_count > 0) {
        rows_beyond_first += event->param_rows - 1;
    }
}

static rowan_subscriber row_counter = {.on_event = on_event};

static void begin(size_t engine)
{
    rowan_subscriber *subscribers[] = {&row_counter};
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.subscribers = subscribers;
    options.subscriber_count = 1;
    url = engine_url_new(engine);
    watcher = witness_open(engine, url);
    db = engine_open_url(witness_url(watcher), &options);
    library_create(db, engine);
    library_fill(db, 12, 4, 3);
    scope = library_scope(db);
}

static void end(void)
{
    rowan_scope_end(scope);
    rowan_close(db);
    witness_close(watcher);
    engine_url_drop(url);
}

/* Statements by our count: the database's, and those of the scope that is still open. */
static uint64_t own_count(void)
{
    return rowan_db_counts(db).statements + rowan_scope_counts(scope).statements +
           rows_beyond_first;
}

START_TEST(every_count_is_what_the_witness_saw)
{
    size_t engine = (size_t)_i;

    begin(engine);
    for (size_t i = 0; i < sizeof audited / sizeof audited[0]; i++) {
        for (int round = 0; round < 2;
             round++) { /* the second time statements are prepared already */
            uint64_t seen = witness_count(watcher);
            uint64_t counted = own_count();
            audited[i].exercise();
            seen = witness_count(watcher) - seen;
            counted = own_count() - counted;
            ck_assert_msg(counted == seen, "%s on %s, round %d: counted %llu, the witness saw %llu",
                          audited[i].functions, engine_name(engine), round + 1,
                          (unsigned long long)counted, (unsigned long long)seen);
            ck_assert_uint_gt(counted, 0);
        }
    }
    end();
}
END_TEST

/* Sends a statement behind the choke point's back, as a bug would. */
static void bypass(void)
{
    rowan__operation operation = {.sql = "UPDATE book SET price_cents = 3",
                                  .sql_size = strlen("UPDATE book SET price_cents = 3"),
                                  .param_rows = 1};

    ok(rowan_raw_run(scope, "UPDATE book SET price_cents = 2", ROWAN_NO_PARAMS, NULL));
    db->driver->run(scope->link->connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_OK);
}

START_TEST(a_bypass_does_not_go_unseen)
{
    begin((size_t)_i);
    uint64_t seen = witness_count(watcher);
    uint64_t counted = own_count();
    bypass();
    ck_assert_uint_eq(own_count() - counted, 1);
    ck_assert_uint_eq(witness_count(watcher) - seen, 2);
    end();
}
END_TEST

static int list(void)
{
    for (size_t i = 0; i < sizeof audited / sizeof audited[0]; i++) {
        puts(audited[i].functions);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        return list();
    }
    Suite *suite = suite_create("audit");
    TCase *tc = tcase_create("audit");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, every_count_is_what_the_witness_saw, 0, engines);
    tcase_add_loop_test(tc, a_bypass_does_not_go_unseen, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
