/*
 * NULL where something belongs, in every call that takes a pointer: it is refused before anything
 * is sent, what is given out is empty, and the scope goes on working. Where the scope itself is
 * NULL, the status says so, and rowan_scope_error(NULL) has the words.
 */
#include <check.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

static rowan_db *db;
static rowan_scope *scope;
static library_book *book, *mapped; /* a record, and a row of a session */
static rowan_session *session;

/* Where calls give something out; never what it was before. */
static void *one;
static rowan_rows many;
static rowan_refs refs;
static rowan_stream *stream;
static rowan_cursor *cursor;
static const char *text;
static int64_t number;
static uint64_t affected;
static bool answer;
static rowan_error error;

static const rowan_query whole = {.from = &library_book_table};
static const rowan_params lost_params = {NULL, 1};

static void setup(int engine)
{
    db = library_open((size_t)engine, NULL);
    library_fill(db, 3, 2, 2);
    scope = library_scope(db);
    ck_assert_int_eq(rowan_record_find(scope, &library_book_table, KEY(LIBRARY_FIRST), &one),
                     ROWAN_OK);
    book = one;
}

static void begin_session(void)
{
    ck_assert_int_eq(rowan_session_begin(scope, &session), ROWAN_OK);
    ck_assert_int_eq(rowan_session_find(session, &library_book_table, KEY(LIBRARY_FIRST + 1), &one),
                     ROWAN_OK);
    mapped = one;
}

/* The scope works as if nothing had been. */
static void teardown(void)
{
    int64_t books;

    ck_assert_int_eq(rowan_query_count(scope, &whole, &books), ROWAN_OK);
    ck_assert_int_eq(books, 3);
    rowan_scope_end(scope);
    engine_close(db);
}

/* Refused, with a message that has these words, and nothing was sent. */
static void refused(rowan_status status, const char *words, uint64_t sent_before, int line)
{
    const char *message = rowan_scope_error(scope)->message;

    ck_assert_msg(status == ROWAN_MISUSE, "line %d: %s", line, rowan_status_name(status));
    ck_assert_msg(strstr(message, words) != NULL, "line %d: %s", line, message);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, sent_before);
}

#define REFUSED(words, call)                                                                       \
    do {                                                                                           \
        uint64_t sent_before = rowan_scope_counts(scope).statements;                               \
        refused((call), (words), sent_before, __LINE__);                                           \
    } while (0)

#define REFUSED_QUERY(words, ...)                                                                  \
    REFUSED(words, rowan_query_all(                                                                \
                       scope, &(rowan_query){.from = &library_book_table, __VA_ARGS__}, &many))

/* --- Raw SQL. --- */

START_TEST(raw_statements)
{
    setup(_i);
    REFUSED("the statement is NULL", rowan_raw_run(scope, NULL, NO_PARAMS, &affected));
    REFUSED("what the parameters are in", rowan_raw_run(scope, "SELECT ?", lost_params, &affected));
    REFUSED("counts values but is NULL",
            rowan_raw_run(scope, "SELECT 1 WHERE 1 IN (?)", PARAMS(rowan_v_list(NULL, 2)), NULL));
    REFUSED("are NULL", rowan_raw_run_many(scope, NULL, NULL, 0, &affected));
    REFUSED("are NULL", rowan_raw_run_many(scope, "SELECT ?", NULL, 2, &affected));
    REFUSED("the script is NULL", rowan_raw_script(scope, NULL, NULL));
    REFUSED("the table or its rows", rowan_raw_insert_all(scope, NULL, book, 1, &affected));
    REFUSED("the table or its rows",
            rowan_raw_insert_all(scope, &library_book_table, NULL, 1, &affected));
    number = 7;
    REFUSED("the table or its rows", rowan_raw_insert_keys(scope, NULL, book, 1, &number));
    ck_assert_int_eq(number, 0);
    REFUSED("the place for the keys",
            rowan_raw_insert_keys(scope, &library_book_table, book, 1, NULL));
    ck_assert_int_eq(rowan_raw_insert_keys(scope, &library_book_table, NULL, 0, NULL), ROWAN_OK);
    teardown();
}
END_TEST

/* A list is read anew each time that its text is sent. */
START_TEST(a_list_that_is_null_where_another_was_known)
{
    const rowan_value keys[2] = {V(LIBRARY_FIRST), V(LIBRARY_FIRST + 1)};
    static const char in[] = "SELECT * FROM book WHERE id IN (?)";

    setup(_i);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(
            rowan_raw_all(scope, in, PARAMS(rowan_v_list(keys, 2)), &library_book_table, &many),
            ROWAN_OK);
        ck_assert_uint_eq(many.count, 2);
        REFUSED("counts values", rowan_raw_all(scope, in, PARAMS(rowan_v_list(NULL, 2)),
                                               &library_book_table, &many));
        ck_assert_uint_eq(many.count, 0);
    }
    teardown();
}
END_TEST

START_TEST(raw_rows)
{
    static const char sql[] = "SELECT * FROM book";

    setup(_i);
    many = (rowan_rows){book, 1};
    REFUSED("the statement", rowan_raw_all(scope, NULL, NO_PARAMS, &library_book_table, &many));
    ck_assert(many.at == NULL && many.count == 0);
    REFUSED("the shape", rowan_raw_all(scope, sql, NO_PARAMS, NULL, &many));
    REFUSED("the place", rowan_raw_all(scope, sql, NO_PARAMS, &library_book_table, NULL));
    one = book;
    REFUSED("the statement", rowan_raw_one(scope, NULL, NO_PARAMS, &library_book_table, &one));
    ck_assert_ptr_null(one);
    REFUSED("the shape", rowan_raw_one(scope, sql, NO_PARAMS, NULL, &one));
    REFUSED("the place", rowan_raw_one(scope, sql, NO_PARAMS, &library_book_table, NULL));
    REFUSED("the statement",
            rowan_raw_stream(scope, NULL, NO_PARAMS, &library_book_table, &stream));
    ck_assert_ptr_null(stream);
    REFUSED("the shape", rowan_raw_stream(scope, sql, NO_PARAMS, NULL, &stream));
    REFUSED("the place", rowan_raw_stream(scope, sql, NO_PARAMS, &library_book_table, NULL));
    REFUSED("what the parameters are in",
            rowan_raw_stream(scope, "SELECT ? AS id", lost_params, &library_book_table, &stream));
    ck_assert_int_eq(rowan_raw_stream(scope, sql, NO_PARAMS, &library_book_table, &stream),
                     ROWAN_OK);
    REFUSED("the place for the row", rowan_stream_next(stream, NULL));
    ck_assert_int_eq(rowan_stream_next(stream, &one), ROWAN_OK);
    rowan_stream_close(stream);
    teardown();
}
END_TEST

START_TEST(cursors)
{
    setup(_i);
    REFUSED("the statement", rowan_raw_open(scope, NULL, NO_PARAMS, &cursor));
    ck_assert_ptr_null(cursor);
    REFUSED("the place", rowan_raw_open(scope, "SELECT 1", NO_PARAMS, NULL));
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT 1 AS one", NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    REFUSED("the place for the value", rowan_cursor_bool(cursor, 0, NULL));
    REFUSED("the place for the value", rowan_cursor_int64(cursor, 0, NULL));
    REFUSED("the place for the value", rowan_cursor_double(cursor, 0, NULL));
    REFUSED("the place for the value", rowan_cursor_text(cursor, 0, NULL));
    REFUSED("the place for the value", rowan_cursor_blob(cursor, 0, NULL));
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &number), ROWAN_OK);
    ck_assert_int_eq(number, 1);
    rowan_cursor_close(cursor);
    teardown();
}
END_TEST

/* --- Queries. --- */

START_TEST(queries_and_their_places)
{
    setup(_i);
    many = (rowan_rows){book, 1};
    REFUSED("the query is NULL", rowan_query_all(scope, NULL, &many));
    ck_assert(many.at == NULL && many.count == 0);
    REFUSED("the place", rowan_query_all(scope, &whole, NULL));
    one = book;
    REFUSED("the query", rowan_query_one(scope, NULL, &one));
    ck_assert_ptr_null(one);
    REFUSED("the place", rowan_query_one(scope, &whole, NULL));
    number = 7;
    REFUSED("the query", rowan_query_count(scope, NULL, &number));
    ck_assert_int_eq(number, 0);
    REFUSED("the place", rowan_query_count(scope, &whole, NULL));
    answer = true;
    REFUSED("a query is missing", rowan_query_exists(scope, NULL, &answer));
    ck_assert(!answer);
    REFUSED("the place", rowan_query_exists(scope, &whole, NULL));
    REFUSED("the query", rowan_query_stream(scope, NULL, &stream));
    ck_assert_ptr_null(stream);
    REFUSED("the place", rowan_query_stream(scope, &whole, NULL));
    text = "";
    REFUSED("what to render", rowan_query_sql(scope, NULL, &text));
    ck_assert_ptr_null(text);
    REFUSED("the place", rowan_query_sql(scope, &whole, NULL));
    ck_assert_ptr_null(rowan_expr_dup(scope, NULL));
    ck_assert_ptr_null(rowan_query_dup(scope, NULL));
    teardown();
}
END_TEST

START_TEST(writes)
{
    setup(_i);
    const rowan_insert insert = {.into = &library_book_table, .rows = book, .row_count = 1};
    affected = 7;
    REFUSED("insert, update or delete", rowan_query_insert(scope, NULL, NULL, &affected));
    ck_assert_uint_eq(affected, 0);
    REFUSED("insert, update or delete", rowan_query_update(scope, NULL, &many, &affected));
    REFUSED("insert, update or delete", rowan_query_delete(scope, NULL, NULL, NULL));
    REFUSED("the insert", rowan_query_insert_keys(scope, NULL, &number));
    REFUSED("the place for the keys", rowan_query_insert_keys(scope, &insert, NULL));
    REFUSED("what to render", rowan_insert_sql(scope, NULL, &text));
    REFUSED("what to render", rowan_update_sql(scope, NULL, &text));
    REFUSED("what to render", rowan_delete_sql(scope, NULL, &text));
    REFUSED("the place", rowan_insert_sql(scope, &insert, NULL));
    teardown();
}
END_TEST

/* A column that was looked up by a name that there is not. */
START_TEST(columns_of_an_insert)
{
    const rowan_column *none = rowan_table_column(&library_book_table, "isbn");
    const rowan_column *const columns[] = {BOOK.title.column, none};
    const rowan_column *const keys[] = {none};
    rowan_insert insert = {.into = &library_book_table, .row_count = 1};

    setup(_i);
    insert.rows = book;
    insert.columns = columns;
    insert.column_count = 2;
    REFUSED("is NULL", rowan_query_insert(scope, &insert, NULL, NULL));
    insert.columns = NULL;
    insert.column_count = 0;
    insert.on_conflict = ROWAN_CONFLICT_UPDATE;
    insert.target = keys;
    insert.target_count = 1;
    REFUSED("is NULL", rowan_query_insert(scope, &insert, NULL, NULL));
    insert = (rowan_insert){.into = &library_book_table, .query = &whole, .column_count = 2};
    REFUSED("needs `columns`", rowan_query_insert(scope, &insert, NULL, NULL));
    insert.columns = columns;
    REFUSED("is NULL", rowan_query_insert(scope, &insert, NULL, NULL));
    /* No target is the primary key, whatever is counted. */
    insert = (rowan_insert){.into = &library_book_table,
                            .rows = book,
                            .row_count = 1,
                            .on_conflict = ROWAN_CONFLICT_UPDATE,
                            .target_count = 3};
    ck_assert_int_eq(rowan_query_insert(scope, &insert, NULL, &affected), ROWAN_OK);
    ck_assert_uint_eq(affected, 1);
    teardown();
}
END_TEST

START_TEST(parts_of_a_query)
{
    const rowan_expr call = {
        .kind = ROWAN_EXPR_CALL, .function = ROWAN_FN_ABS, .argument_count = 1};
    const rowan_expr fragment = {.kind = ROWAN_EXPR_RAW, .sql = "? = 1", .argument_count = 1};
    const rowan_expr *window = OVER(ROW_NUMBER, .partition_count = 1, .order = NULL);

    setup(_i);
    REFUSED_QUERY("counts 3 values", .where = IN_VALUES(BOOK.id, NULL, 3));
    REFUSED_QUERY("a query is missing", .where = EXISTS(NULL));
    REFUSED_QUERY("a query is missing", .where = IN_QUERY(BOOK.id, NULL));
    REFUSED_QUERY("a query is missing", .where = EQ(BOOK.id, SUBQUERY(NULL)));
    REFUSED_QUERY("has no text", .where = RAW_0(NULL));
    REFUSED_QUERY("more `?`", .where = &fragment);
    REFUSED_QUERY("1 arguments", .where = EQ(&call, 1));
    REFUSED_QUERY("needs a condition", .where = CASE(NULL, true, false));
    REFUSED_QUERY("no partition", .select = SELECT(COL(BOOK.id), AS(window, "title")));
    REFUSED_QUERY("a query is missing", .with = WITH(CTE("x", NULL)));
    REFUSED_QUERY("a query is missing", .sets = SETS(UNION(NULL)));
    REFUSED_QUERY("a shape", .joins = JOINS(JOIN(NULL, EQ(BOOK.id, 1))));
    REFUSED_QUERY("`group_by` is NULL", .group_count = 2);
    REFUSED_QUERY("a value for each term", .order_by = ORDER(ASC(BOOK.id)), .after = {NULL, 1});
    /* What is equal to a call is found equal still: no argument is none on either side. */
    const rowan_query groups = {.from = &library_book_table,
                                .select = SELECT(AS(COUNT_ALL, "id"), COL(BOOK.publisher_id)),
                                GROUP_BY(BOOK.publisher_id),
                                .order_by = ORDER(DESC(COUNT_ALL))};
    ck_assert_int_eq(rowan_query_all(scope, &groups, &many), ROWAN_OK);
    ck_assert_uint_eq(many.count, 2);
    ck_assert_int_eq(((library_book *)many.at)->id, 2);
    teardown();
}
END_TEST

/* --- Records. --- */

START_TEST(records)
{
    setup(_i);
    one = book;
    REFUSED("what the key is in", rowan_record_find(scope, &library_book_table, lost_params, &one));
    ck_assert_ptr_null(one);
    REFUSED("the place", rowan_record_find(scope, &library_book_table, KEY(1), NULL));
    REFUSED("the query", rowan_record_all(scope, NULL, &many));
    REFUSED("the place", rowan_record_all(scope, &whole, NULL));
    REFUSED("the query", rowan_record_first(scope, NULL, &one));
    REFUSED("the place", rowan_record_first(scope, &whole, NULL));
    REFUSED("what the rows are in", rowan_record_save_all(scope, NULL, 1));
    REFUSED("the row is NULL", rowan_record_save_all(scope, (void *[]){book, NULL}, 2));
    REFUSED("the place", rowan_record_changed(scope, book, NULL));
    REFUSED("the row is NULL", rowan_record_changed(scope, NULL, &answer));
    REFUSED("the relation", rowan_record_one(scope, NULL, book, &one));
    REFUSED("the place", rowan_record_one(scope, &library_book_publisher, book, NULL));
    REFUSED("the relation", rowan_record_many(scope, NULL, book, &many));
    REFUSED("the place", rowan_record_many(scope, &library_book_authors, book, NULL));
    REFUSED("the relation", rowan_record_link(scope, NULL, book, book));
    REFUSED("the relation", rowan_record_unlink(scope, NULL, book, book));
    REFUSED("the row is NULL", rowan_record_link(scope, &library_book_authors, book, NULL));
    REFUSED("no rows to load", rowan_load(scope, NULL, book, 1, FETCH(RELATED(NULL))));
    REFUSED("the relation", rowan_loaded_one(scope, NULL, book, &one));
    REFUSED("the place", rowan_loaded_one(scope, &library_book_publisher, book, NULL));
    REFUSED("the relation", rowan_loaded_many(scope, NULL, book, &many));
    REFUSED("the place", rowan_loaded_many(scope, &library_book_authors, book, NULL));
    teardown();
}
END_TEST

/* --- Sessions. --- */

START_TEST(sessions)
{
    setup(_i);
    REFUSED("the place", rowan_session_begin(scope, NULL));
    begin_session();
    REFUSED("the table", rowan_session_find(session, NULL, KEY(1), &one));
    REFUSED("the key is in", rowan_session_find(session, &library_book_table, lost_params, &one));
    REFUSED("the place", rowan_session_find(session, &library_book_table, KEY(1), NULL));
    REFUSED("the query", rowan_session_all(session, NULL, &refs));
    REFUSED("the place", rowan_session_all(session, &whole, NULL));
    REFUSED("what the rows are in", rowan_session_load(session, (rowan_refs){NULL, 2},
                                                       FETCH(RELATED(&library_book_publisher))));
    REFUSED("the relation", rowan_session_one(session, NULL, mapped, &one));
    REFUSED("the place", rowan_session_one(session, &library_book_publisher, mapped, NULL));
    REFUSED("the relation", rowan_session_many(session, NULL, mapped, &refs));
    REFUSED("the place", rowan_session_many(session, &library_book_authors, mapped, NULL));
    REFUSED("the table", rowan_session_new(session, NULL, &one));
    REFUSED("the place", rowan_session_new(session, &library_book_table, NULL));
    REFUSED("the relation", rowan_session_refer(session, NULL, mapped, NULL));
    REFUSED("the row is NULL", rowan_session_refer(session, &library_book_publisher, NULL, NULL));
    REFUSED("the row is NULL", rowan_session_remove(session, NULL));
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 0);
    rowan_session_end(session);
    teardown();
}
END_TEST

/* --- Scopes, databases and what needs neither. --- */

START_TEST(calls_without_a_scope)
{
    setup(_i);
    ck_assert_int_eq(rowan_begin(NULL, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_commit(NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_rollback(NULL), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_transaction_depth(NULL), 0);
    ck_assert_int_eq(rowan_raw_run(NULL, "SELECT 1", NO_PARAMS, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_run_many(NULL, "SELECT 1", NULL, 0, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_script(NULL, "SELECT 1", NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_open(NULL, "SELECT 1", NO_PARAMS, &cursor), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_all(NULL, &library_book_table, book, 1, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_all(NULL, &whole, &many), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_one(NULL, &whole, &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_count(NULL, &whole, &number), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_sql(NULL, &whole, &text), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_query_update(NULL, &(rowan_update){0}, NULL, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_find(NULL, &library_book_table, KEY(1), &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_all(NULL, &whole, &many), ROWAN_MISUSE);
    for (int joined = 0; joined < 2; joined++) {
        const rowan_fetch plan[] = {
            {.relation = &library_book_publisher,
             .way = joined ? ROWAN_FETCH_JOIN : ROWAN_FETCH_AUTO},
            {.relation = NULL},
        };
        const rowan_query planned = {.from = &library_book_table, .fetch = plan};
        ck_assert_int_eq(rowan_query_all(NULL, &planned, &many), ROWAN_MISUSE);
        ck_assert_int_eq(rowan_record_all(NULL, &planned, &many), ROWAN_MISUSE);
        ck_assert_ptr_null(many.at);
    }
    ck_assert_int_eq(rowan_record_save(NULL, book), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_insert(NULL, &library_book_table, book, &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_one(NULL, &library_book_publisher, book, &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_load(NULL, &library_book_table, book, 1, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_begin(NULL, &session), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_tag(NULL, "key", "value"), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_cancel(NULL, &error), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_rewind(NULL, rowan_scope_mark(NULL)), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_findings(NULL, &(rowan_findings){0}), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_expect_statements(NULL, 0), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_expect_no_findings(NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_report(NULL, ROWAN_BUSY, "words"), ROWAN_BUSY);
    rowan_scope_deadline(NULL, 1);
    ck_assert_ptr_null(rowan_scope_alloc(NULL, 1));
    ck_assert_ptr_null(rowan_scope_strdup(NULL, "a"));
    ck_assert_ptr_null(rowan_scope_db(NULL));
    ck_assert_ptr_null(rowan_scope_slot(NULL, NULL));
    const rowan_expr *condition = EQ(BOOK.id, 1);
    ck_assert_ptr_null(rowan_expr_dup(NULL, condition));
    ck_assert_uint_eq(rowan_scope_counts(NULL).statements, 0);
    ck_assert_int_eq(rowan_scope_error(NULL)->status, ROWAN_MISUSE);
    ck_assert_str_eq(rowan_scope_error(NULL)->message,
                     "the scope is NULL: see what rowan_scope_begin() returned");
    teardown();
}
END_TEST

START_TEST(calls_without_a_handle)
{
    rowan_session *other = NULL;

    setup(_i);
    rowan_scope *first = scope;
    ck_assert_int_eq(rowan_open(NULL, NULL, &db, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(db);
    ck_assert_int_eq(rowan_open("sqlite::memory:", NULL, NULL, &error), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(error.message, "the place for the database"));
    db = rowan_scope_db(scope);
    ck_assert_int_eq(rowan_scope_begin(NULL, "work", &scope, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(scope);
    ck_assert_int_eq(rowan_scope_begin(db, NULL, &scope, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_scope_begin(db, "work", NULL, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(rowan_db_engine(NULL));
    ck_assert_uint_eq(rowan_db_counts(NULL).statements, 0);
    ck_assert_int_eq(rowan_expect_no_growth(db, NULL, NULL, &error), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_stream_next(NULL, &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_cursor_next(NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_cursor_text(NULL, 0, &text), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_cursor_int64_or(NULL, 0, 42), 42);
    ck_assert_uint_eq(rowan_cursor_column_count(NULL), 0);
    ck_assert_ptr_null(rowan_cursor_column_name(NULL, 0));
    ck_assert_ptr_null(rowan_session_scope(other));
    ck_assert_int_eq(rowan_session_find(other, &library_book_table, KEY(1), &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_all(other, &whole, &refs), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_new(other, &library_book_table, &one), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_remove(other, &number), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_insert_all(other, &library_book_table, NULL, 0, NULL),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_flush(other), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_session_pending(other).inserts, 0);
    scope = first;
    teardown();
}
END_TEST

START_TEST(models_and_values)
{
    rowan_trace *trace;
    char words[8] = "words";

    ck_assert_ptr_null(rowan_table_column(NULL, "id"));
    ck_assert_ptr_null(rowan_table_column(&library_book_table, NULL));
    ck_assert_ptr_null(rowan_table_relation(NULL, "publisher"));
    ck_assert_ptr_null(rowan_table_relation(&library_book_table, NULL));
    ck_assert(rowan_column_value(NULL, &number).is_null);
    ck_assert(rowan_column_value(BOOK.id.column, NULL).is_null);
    ck_assert(rowan_batch_value(NULL, 0, 0).is_null);
    ck_assert_uint_eq(rowan_finding_text(NULL, words, sizeof words), 0);
    ck_assert_str_eq(words, "");
    ck_assert_uint_gt(rowan_finding_text(&(rowan_finding){0}, NULL, 0), 0);
    ck_assert_int_eq(rowan_date_read("2024-02-29", NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_time_read("09:30:00", NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_timestamp_read("2024-02-29", NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_uuid_read("", NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_date_of(2024, 2, 29, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_trace_open(NULL, NULL, &trace, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(trace);
    ck_assert_int_eq(rowan_trace_open("unused.jsonl", NULL, NULL, &error), ROWAN_MISUSE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("null");
    TCase *tc = tcase_create("null");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, raw_statements, 0, n);
    tcase_add_loop_test(tc, a_list_that_is_null_where_another_was_known, 0, n);
    tcase_add_loop_test(tc, raw_rows, 0, n);
    tcase_add_loop_test(tc, cursors, 0, n);
    tcase_add_loop_test(tc, queries_and_their_places, 0, n);
    tcase_add_loop_test(tc, writes, 0, n);
    tcase_add_loop_test(tc, columns_of_an_insert, 0, n);
    tcase_add_loop_test(tc, parts_of_a_query, 0, n);
    tcase_add_loop_test(tc, records, 0, n);
    tcase_add_loop_test(tc, sessions, 0, n);
    tcase_add_loop_test(tc, calls_without_a_scope, 0, n);
    tcase_add_loop_test(tc, calls_without_a_handle, 0, n);
    tcase_add_test(tc, models_and_values);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
