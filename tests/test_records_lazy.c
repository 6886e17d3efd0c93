/* The four lazy policies, through every route to rows, with the statements that they cost. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 100, PUBLISHERS = 7 };

/* A way to get all books, in the order of their keys, with a database's own policy. */
typedef rowan_rows (*route)(rowan_scope *scope);

static rowan_rows by_raw(rowan_scope *scope)
{
    rowan_rows books;

    library_ok(scope, rowan_raw_all(scope, "SELECT * FROM book ORDER BY id", NO_PARAMS,
                                    &library_book_table, &books));
    return books;
}

static rowan_rows by_query(rowan_scope *scope)
{
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    rowan_rows books;

    library_ok(scope, rowan_query_all(scope, &query, &books));
    return books;
}

static rowan_rows by_record(rowan_scope *scope)
{
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    rowan_rows books;

    library_ok(scope, rowan_record_all(scope, &query, &books));
    return books;
}

/* The children of one row, loaded by a plan: all books are of one author. */
static rowan_rows by_plan(rowan_scope *scope)
{
    rowan_query query = {.from = &library_author_table,
                         .fetch = FETCH(RELATED(&library_author_books))};
    rowan_rows authors, books;

    library_ok(scope, rowan_query_all(scope, &query, &authors));
    library_ok(scope, rowan_loaded_many(scope, &library_author_books, authors.at, &books));
    return books;
}

/* The rows that an insert gives back. */
static rowan_rows by_insert(rowan_scope *scope)
{
    static library_book values[BOOKS];
    rowan_rows books;

    for (size_t i = 0; i < BOOKS; i++) {
        values[i] =
            (library_book){.title = "New",
                           .price_cents = 1,
                           .publisher_id = {true, (int64_t)(LIBRARY_FIRST + i % PUBLISHERS)}};
    }
    library_ok(scope, rowan_record_insert_all(scope, &library_book_table, values, BOOKS, &books));
    return books;
}

static const route routes[] = {by_raw, by_query, by_record, by_plan, by_insert};

/* Touches the publisher of every book. @return the status of the first touch that did not go well.
 */
static rowan_status touch_all(rowan_scope *scope, rowan_rows books)
{
    for (size_t i = 0; i < books.count; i++) {
        library_publisher *publisher;
        char name[64];
        rowan_status status = rowan_record_one(scope, &library_book_publisher,
                                               (library_book *)books.at + i, (void **)&publisher);
        if (status != ROWAN_OK) {
            ck_assert_ptr_null(publisher);
            return status;
        }
        snprintf(name, sizeof name, "Publisher %zu", i % PUBLISHERS);
        ck_assert_str_eq(publisher->name, name);
    }
    return ROWAN_OK;
}

/* What touching all costs by every route under a policy of the database. */
static void check_routes(size_t engine, rowan_lazy lazy, rowan_status status, uint64_t statements)
{
    for (size_t r = 0; r < sizeof routes / sizeof *routes; r++) {
        library_log log;
        rowan_db *db = library_open_logged(engine, &log, lazy);
        library_fill(db, BOOKS, PUBLISHERS, 1);
        rowan_scope *scope = library_scope(db);
        rowan_rows books = routes[r](scope);
        ck_assert_uint_eq(books.count, BOOKS);
        library_sent(scope);
        ck_assert_int_eq(touch_all(scope, books), status);
        ck_assert_msg(library_sent(scope) == statements, "route %zu", r);
        if (statements != 0) {
            ck_assert_int_eq(log.pattern, ROWAN_PATTERN_ACTIVE_RECORD);
            ck_assert_ptr_eq(log.relation, &library_book_publisher);
        }
        rowan_scope_end(scope);
        engine_close(db);
    }
}

START_TEST(each_costs_a_statement_a_row)
{
    check_routes((size_t)_i, ROWAN_LAZY_EACH, ROWAN_OK, BOOKS);
}
END_TEST

START_TEST(peers_costs_one_statement)
{
    check_routes((size_t)_i, ROWAN_LAZY_PEERS, ROWAN_OK, 1);
}
END_TEST

START_TEST(peers_is_the_default)
{
    check_routes((size_t)_i, ROWAN_LAZY_DEFAULT, ROWAN_OK, 1);
}
END_TEST

START_TEST(forbid_sends_nothing)
{
    check_routes((size_t)_i, ROWAN_LAZY_FORBID, ROWAN_LAZY, 0);
}
END_TEST

START_TEST(single_refuses_rows_that_came_with_others)
{
    check_routes((size_t)_i, ROWAN_LAZY_SINGLE, ROWAN_LAZY, 0);
}
END_TEST

START_TEST(what_a_plan_loaded_is_free_under_every_policy)
{
    static const rowan_lazy policies[] = {ROWAN_LAZY_EACH, ROWAN_LAZY_PEERS, ROWAN_LAZY_SINGLE,
                                          ROWAN_LAZY_FORBID};
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, BOOKS, PUBLISHERS, 0);
    for (size_t p = 0; p < 4; p++) {
        rowan_scope *scope = library_scope(db);
        rowan_query query = {.from = &library_book_table,
                             .order_by = ORDER(ASC(BOOK.id)),
                             .fetch = FETCH(RELATED(&library_book_publisher)),
                             .lazy = policies[p]};
        rowan_rows books;
        library_ok(scope, rowan_record_all(scope, &query, &books));
        ck_assert_int_eq(touch_all(scope, books), ROWAN_OK);
        ck_assert_uint_eq(library_sent(scope), 2);
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

START_TEST(a_refusal_names_relation_and_call_site)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    const rowan_relation *relation = &library_book_publisher;
    void *one;
    rowan_rows books;
    char line[16];

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table, .lazy = ROWAN_LAZY_FORBID};
    library_ok(scope, rowan_record_all(scope, &query, &books));
    snprintf(line, sizeof line, ":%d", __LINE__ + 1);
    ck_assert_int_eq(rowan_record_one(scope, relation, books.at, &one), ROWAN_LAZY);
    const char *message = rowan_scope_error(scope)->message;
    ck_assert_ptr_nonnull(strstr(message, "book.publisher"));
    ck_assert_ptr_nonnull(strstr(message, "test_records_lazy.c"));
    ck_assert_ptr_nonnull(strstr(message, line));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_policy_is_inherited_by_what_is_loaded)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows publishers, books;
    void *publisher;

    library_fill(db, 20, 4, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_publisher_table, .lazy = ROWAN_LAZY_EACH};
    library_ok(scope, rowan_record_all(scope, &query, &publishers));
    library_sent(scope);
    for (size_t p = 0; p < 4; p++) { /* 4 statements, and in each of its 5 books one more */
        library_ok(scope, rowan_record_many(scope, &library_publisher_books,
                                            (library_publisher *)publishers.at + p, &books));
        for (size_t b = 0; b < books.count; b++) {
            library_ok(scope, rowan_record_one(scope, &library_book_publisher,
                                               (library_book *)books.at + b, &publisher));
        }
    }
    ck_assert_uint_eq(library_sent(scope), 4 + 20);

    query.lazy = ROWAN_LAZY_FORBID;
    query.fetch = FETCH(RELATED(&library_publisher_books));
    library_ok(scope, rowan_record_all(scope, &query, &publishers));
    library_ok(scope, rowan_record_many(scope, &library_publisher_books, publishers.at, &books));
    ck_assert_int_eq(rowan_record_one(scope, &library_book_publisher, books.at, &publisher),
                     ROWAN_LAZY);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(peers_of_grandchildren_are_all_grandchildren)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows publishers, books, authors;

    library_fill(db, 30, 3, 5);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_publisher_table, .order_by = ORDER(ASC(PUBLISHER.id))};
    library_ok(scope, rowan_record_all(scope, &query, &publishers));
    for (size_t p = 0; p < publishers.count; p++) {
        library_ok(scope, rowan_record_many(scope, &library_publisher_books,
                                            (library_publisher *)publishers.at + p, &books));
        for (size_t b = 0; b < books.count; b++) {
            library_ok(scope, rowan_record_many(scope, &library_book_authors,
                                                (library_book *)books.at + b, &authors));
            ck_assert_uint_eq(authors.count, 2);
        }
    }
    ck_assert_uint_eq(library_sent(scope), 3);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* The parcels of all lines: they come in more than one chunk, since a line has a composite key. */
static rowan_rows load_lines(rowan_scope *scope, rowan_lazy lazy, size_t count)
{
    rowan_query query = {.from = &library_line_table,
                         .order_by = ORDER(ASC(LINE.purchase_id), ASC(LINE.line_no)),
                         .fetch = FETCH(RELATED(&library_line_parcels)),
                         .lazy = lazy};
    rowan_rows lines;

    library_ok(scope, rowan_record_all(scope, &query, &lines));
    ck_assert_uint_eq(lines.count, count);
    ck_assert_uint_eq(library_sent(scope), 1 + (count + 255) / 256);
    return lines;
}

START_TEST(rows_of_several_chunks_are_peers)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows first, last;
    library_line *line;

    library_fill_lines(db, 30, 20);
    rowan_scope *scope = library_scope(db);
    rowan_rows lines = load_lines(scope, ROWAN_LAZY_PEERS, 600);
    library_ok(scope, rowan_record_many(scope, &library_line_parcels, lines.at, &first));
    library_ok(scope, rowan_record_many(scope, &library_line_parcels,
                                        (library_line *)lines.at + 599, &last));
    library_ok(scope, rowan_record_one(scope, &library_parcel_line, first.at, (void **)&line));
    ck_assert_uint_eq(library_sent(scope), 3);
    library_ok(scope, rowan_loaded_one(scope, &library_parcel_line, last.at, (void **)&line));
    ck_assert_int_eq(line->quantity, 3020);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_row_that_is_alone_in_its_chunk_did_not_come_alone)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows last;
    void *line;

    library_fill_lines(db, 1, 257);
    rowan_scope *scope = library_scope(db);
    rowan_rows lines = load_lines(scope, ROWAN_LAZY_SINGLE, 257);
    library_ok(scope, rowan_record_many(scope, &library_line_parcels,
                                        (library_line *)lines.at + 256, &last));
    ck_assert_uint_eq(last.count, 1);
    ck_assert_int_eq(rowan_record_one(scope, &library_parcel_line, last.at, &line), ROWAN_LAZY);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(single_allows_a_row_that_came_alone)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    library_publisher *publisher;
    library_book *book;
    rowan_rows books;

    options.lazy = ROWAN_LAZY_SINGLE;
    rowan_db *db = library_open((size_t)_i, &options);
    library_fill(db, 6, 2, 0);
    rowan_scope *scope = library_scope(db);
    library_ok(scope,
               rowan_record_find(scope, &library_book_table, KEY(LIBRARY_FIRST), (void **)&book));
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_str_eq(publisher->name, "Publisher 0");
    /* That publisher came alone, its books do not. */
    library_ok(scope, rowan_record_many(scope, &library_publisher_books, publisher, &books));
    ck_assert_uint_eq(books.count, 3);
    ck_assert_int_eq(
        rowan_record_one(scope, &library_book_publisher, books.at, (void **)&publisher),
        ROWAN_LAZY);

    rowan_query query = {.from = &library_book_table, .order_by = ORDER(DESC(BOOK.id))};
    library_ok(scope, rowan_record_first(scope, &query, (void **)&book));
    ck_assert_str_eq(book->title, "Book 5");
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_str_eq(publisher->name, "Publisher 1");
    ck_assert_uint_eq(library_sent(scope), 5);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(first_orders_by_key_unless_told_otherwise)
{
    library_log log;
    rowan_db *db = library_open_logged((size_t)_i, &log, 0);
    library_book *book;

    library_fill(db, 6, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table, .where = GE(BOOK.price_cents, 2)};
    library_ok(scope, rowan_record_first(scope, &query, (void **)&book));
    ck_assert_int_eq(book->id, LIBRARY_FIRST + 2);
    ck_assert_ptr_nonnull(strstr(log.sql, "ORDER BY"));
    ck_assert_ptr_nonnull(strstr(log.sql, "LIMIT"));
    ck_assert_uint_eq(rowan_scope_counts(scope).rows, 1);
    query.where = GE(BOOK.price_cents, 99);
    ck_assert_int_eq(rowan_record_first(scope, &query, (void **)&book), ROWAN_NOT_FOUND);
    ck_assert_ptr_null(book);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(null_keys_cost_no_statement_under_any_policy)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;
    rowan_rows books;

    library_fill(db, 4, 0, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table, .lazy = ROWAN_LAZY_EACH};
    library_ok(scope, rowan_record_all(scope, &query, &books));
    library_sent(scope);
    for (size_t i = 0; i < books.count; i++) {
        library_ok(scope, rowan_record_one(scope, &library_book_publisher,
                                           (library_book *)books.at + i, (void **)&publisher));
        ck_assert_ptr_null(publisher);
    }
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("records: lazy loading");
    TCase *tc = tcase_create("policies");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, each_costs_a_statement_a_row, 0, n);
    tcase_add_loop_test(tc, peers_costs_one_statement, 0, n);
    tcase_add_loop_test(tc, peers_is_the_default, 0, n);
    tcase_add_loop_test(tc, forbid_sends_nothing, 0, n);
    tcase_add_loop_test(tc, single_refuses_rows_that_came_with_others, 0, n);
    tcase_add_loop_test(tc, what_a_plan_loaded_is_free_under_every_policy, 0, n);
    tcase_add_loop_test(tc, a_refusal_names_relation_and_call_site, 0, n);
    tcase_add_loop_test(tc, a_policy_is_inherited_by_what_is_loaded, 0, n);
    tcase_add_loop_test(tc, peers_of_grandchildren_are_all_grandchildren, 0, n);
    tcase_add_loop_test(tc, rows_of_several_chunks_are_peers, 0, n);
    tcase_add_loop_test(tc, a_row_that_is_alone_in_its_chunk_did_not_come_alone, 0, n);
    tcase_add_loop_test(tc, single_allows_a_row_that_came_alone, 0, n);
    tcase_add_loop_test(tc, first_orders_by_key_unless_told_otherwise, 0, n);
    tcase_add_loop_test(tc, null_keys_cost_no_statement_under_any_policy, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
