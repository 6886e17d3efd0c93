/*
 * Relations that a plan joins to the query's own statement: under names that the query has already,
 * by every kind of key, for rows that are read in part, and with what else the plan loads.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 12, PUBLISHERS = 5 };

static rowan_db *db;
static rowan_scope *scope;

static void begin_books(size_t engine, size_t books)
{
    db = library_open(engine, NULL);
    library_fill(db, books, PUBLISHERS, 4);
    scope = library_scope(db);
}

static void end_books(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void *loaded(const rowan_relation *relation, const void *row)
{
    void *other = &other;

    library_ok(scope, rowan_loaded_one(scope, relation, row, &other));
    return other;
}

/* Runs a query by one statement, and nothing more is sent for what it joined. */
static rowan_rows run(const rowan_query *query, size_t count)
{
    rowan_rows rows;

    library_sent(scope);
    library_ok(scope, rowan_query_all(scope, query, &rows));
    ck_assert_uint_eq(library_sent(scope), 1);
    ck_assert_uint_eq(rows.count, count);
    return rows;
}

static void check_publisher(const library_book *book)
{
    const library_publisher *publisher = loaded(&library_book_publisher, book);
    char name[64];

    ck_assert_int_eq(publisher->id, book->publisher_id.value);
    snprintf(name, sizeof name, "Publisher %d", (int)(publisher->id - LIBRARY_FIRST));
    ck_assert_str_eq(publisher->name, name);
}

#define PUBLISHER_JOINED                                                                           \
    {                                                                                              \
        .relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN                               \
    }

/* The query joins the publisher for its condition, the plan once more for the rows. */
START_TEST(a_table_that_the_query_joins_is_joined_again)
{
    begin_books((size_t)_i, BOOKS);
    const rowan_query query = {
        .from = &library_book_table,
        .joins = JOINS(JOIN(&library_publisher_table, EQ(PUBLISHER.id, BOOK.publisher_id))),
        .where = NE(PUBLISHER.name, "Publisher 1"),
        .order_by = ORDER(ASC(BOOK.id)),
        .fetch = FETCH(PUBLISHER_JOINED)};
    rowan_rows books = run(&query, 9); /* all but 1, 6 and 11 */
    for (size_t i = 0; i < books.count; i++) {
        check_publisher((library_book *)books.at + i);
    }
    end_books();
}
END_TEST

START_TEST(a_query_may_call_its_table_otherwise)
{
    begin_books((size_t)_i, BOOKS);
    const rowan_query query = {.from = &library_book_table,
                               .as = "b",
                               .where = LT(OF("b", BOOK.price_cents), 7),
                               .order_by = ORDER(DESC(OF("b", BOOK.id))),
                               .limit = 5,
                               .offset = 1,
                               .fetch = FETCH(PUBLISHER_JOINED)};
    rowan_rows books = run(&query, 5);
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = (library_book *)books.at + i;
        ck_assert_int_eq(book->id, (int64_t)(LIBRARY_FIRST + 5 - i));
        check_publisher(book);
    }
    end_books();
}
END_TEST

/* The columns of the rows are the query's choice; those of what is joined are all there. */
START_TEST(rows_that_are_read_in_part_have_whole_relations)
{
    bool changed = true;

    begin_books((size_t)_i, BOOKS);
    const rowan_query query = {.from = &library_book_table,
                               .select =
                                   SELECT(COL(BOOK.id), COL(BOOK.title), COL(BOOK.publisher_id)),
                               .order_by = ORDER(ASC(BOOK.id)),
                               .fetch = FETCH(PUBLISHER_JOINED)};
    rowan_rows books = run(&query, BOOKS);
    for (size_t i = 0; i < books.count; i++) {
        library_book *book = (library_book *)books.at + i;
        char title[32];
        snprintf(title, sizeof title, "Book %zu", i);
        ck_assert_str_eq(book->title, title);
        ck_assert_int_eq(book->price_cents, 0); /* not read */
        ck_assert_int_eq(book->version, 0);
        check_publisher(book);
        library_ok(scope, rowan_record_changed(scope, book, &changed));
        ck_assert(!changed);
    }
    ck_assert_int_eq(rowan_record_save(scope, books.at), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "version"));
    library_publisher *publisher = loaded(&library_book_publisher, books.at);
    publisher->name = "Renamed";
    library_ok(scope, rowan_record_save(scope, publisher));
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher WHERE name = 'Renamed'"),
                     1);
    end_books();
}
END_TEST

/* A parent that is a row of the same table, and its parent: each under a name of its own. */
START_TEST(a_tree_is_joined_to_itself)
{
    db = library_open((size_t)_i, NULL);
    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (1, NULL, 'root')");
    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (2, 1, 'child'), "
                    "(3, 1, 'other')");
    library_run(db, "INSERT INTO category (id, parent_id, name) VALUES (4, 2, 'leaf')");
    scope = library_scope(db);
    const rowan_fetch up = {.relation = &library_category_parent, .way = ROWAN_FETCH_JOIN};
    const rowan_fetch twice[] = {{.relation = &library_category_parent,
                                  .way = ROWAN_FETCH_JOIN,
                                  .then = (const rowan_fetch[]){up, {.relation = NULL}}},
                                 {.relation = NULL}};
    const rowan_query query = {
        .from = &library_category_table, .order_by = ORDER(ASC(CATEGORY.id)), .fetch = twice};
    rowan_rows rows = run(&query, 4);
    const library_category *at = rows.at;
    ck_assert_ptr_null(loaded(&library_category_parent, &at[0]));
    for (size_t i = 1; i < 4; i++) {
        const library_category *parent = loaded(&library_category_parent, &at[i]);
        ck_assert_str_eq(parent->name, i == 3 ? "child" : "root");
        const library_category *above = loaded(&library_category_parent, parent);
        if (i == 3) {
            ck_assert_str_eq(above->name, "root");
        } else {
            ck_assert_ptr_null(above);
        }
    }
    ck_assert_ptr_eq(loaded(&library_category_parent, &at[1]),
                     loaded(&library_category_parent, &at[2])); /* kept once */
    end_books();
}
END_TEST

/* Only what a tag says that it is of is joined, although other rows have the same key. */
START_TEST(a_polymorphic_reference_joins_rows_of_its_type)
{
    begin_books((size_t)_i, 3);
    library_run(db, "INSERT INTO tag (id, subject_type, subject_id, label) VALUES "
                    "(1, 'book', 5001, 'a'), (2, 'author', 5001, 'b'), (3, 'book', 5003, 'c'), "
                    "(4, 'shelf', 5002, 'd'), (5, 'author', 5004, 'e')");
    const rowan_query query = {
        .from = &library_tag_table,
        .order_by = ORDER(ASC(TAG.label)),
        .fetch = FETCH({.relation = &library_tag_book, .way = ROWAN_FETCH_JOIN},
                       {.relation = &library_tag_author, .way = ROWAN_FETCH_JOIN})};
    rowan_rows rows = run(&query, 5);
    for (size_t i = 0; i < rows.count; i++) {
        const library_tag *tag = (library_tag *)rows.at + i;
        const library_book *book = loaded(&library_tag_book, tag);
        const library_author *author = loaded(&library_tag_author, tag);
        bool of_book = strcmp(tag->subject_type, "book") == 0;
        bool of_author = strcmp(tag->subject_type, "author") == 0;
        ck_assert_int_eq(book != NULL, of_book);
        ck_assert_int_eq(author != NULL, of_author);
        ck_assert(book == NULL || book->id == tag->subject_id);
        ck_assert(author == NULL || author->id == tag->subject_id);
    }
    end_books();
}
END_TEST

/* By two columns, then by one of them, and a collection of the far end by a statement of its own.
 */
START_TEST(a_chain_of_keys_is_joined_and_the_rest_loaded)
{
    rowan_rows rows, lines;

    db = library_open((size_t)_i, NULL);
    library_fill_lines(db, 3, 4);
    library_run(db, "UPDATE purchase_line SET quantity = 1 WHERE line_no = 4");
    scope = library_scope(db);
    const rowan_query query = {
        .from = &library_parcel_table,
        .fetch = FETCH({.relation = &library_parcel_line,
                        .way = ROWAN_FETCH_JOIN,
                        .where = GT(LINE.quantity, 1),
                        .then = FETCH({.relation = &library_line_purchase,
                                       .way = ROWAN_FETCH_JOIN,
                                       .then = FETCH(RELATED(&library_purchase_lines))})})};
    library_ok(scope, rowan_query_all(scope, &query, &rows));
    ck_assert_uint_eq(library_sent(scope), 2);
    ck_assert_uint_eq(rows.count, 12);
    for (size_t i = 0; i < rows.count; i++) {
        const library_parcel *parcel = (library_parcel *)rows.at + i;
        const library_line *line = loaded(&library_parcel_line, parcel);
        ck_assert_int_eq(line == NULL, parcel->line_no == 4); /* the plan's condition */
        if (line == NULL) {
            continue;
        }
        ck_assert_int_eq(line->quantity, (int32_t)(100 * parcel->purchase_id + parcel->line_no));
        const library_purchase *purchase = loaded(&library_line_purchase, line);
        ck_assert_int_eq(purchase->id, parcel->purchase_id);
        library_ok(scope, rowan_loaded_many(scope, &library_purchase_lines, purchase, &lines));
        ck_assert_uint_eq(lines.count, 4);
    }
    ck_assert_uint_eq(library_sent(scope), 0);
    end_books();
}
END_TEST

START_TEST(no_rows_and_rows_without_other_end_are_joined_with_nothing)
{
    rowan_rows rows;

    for (size_t count = 0; count < 3; count++) {
        db = library_open((size_t)_i, NULL);
        library_fill(db, count, 0, 0);
        scope = library_scope(db);
        const rowan_query query = {.from = &library_book_table,
                                   .fetch =
                                       FETCH({.relation = &library_book_publisher,
                                              .way = ROWAN_FETCH_JOIN,
                                              .then = FETCH(RELATED(&library_publisher_books))})};
        rows = run(&query, count);
        for (size_t i = 0; i < count; i++) {
            ck_assert_ptr_null(loaded(&library_book_publisher, (library_book *)rows.at + i));
        }
        ck_assert_int_eq(rows.at == NULL, count == 0);
        end_books();
    }
}
END_TEST

/* What is joined comes under the query's lazy policy, as the rows do. */
START_TEST(a_policy_holds_for_what_is_joined)
{
    rowan_rows books;

    begin_books((size_t)_i, BOOKS);
    const rowan_query query = {
        .from = &library_book_table, .lazy = ROWAN_LAZY_FORBID, .fetch = FETCH(PUBLISHER_JOINED)};
    rowan_rows rows = run(&query, BOOKS);
    void *publisher = loaded(&library_book_publisher, rows.at);
    ck_assert_int_eq(rowan_record_many(scope, &library_publisher_books, publisher, &books),
                     ROWAN_LAZY);
    ck_assert_int_eq(rowan_record_many(scope, &library_book_authors, rows.at, &books), ROWAN_LAZY);
    ck_assert_uint_eq(library_sent(scope), 0);
    const rowan_query free_query = {.from = &library_book_table, .fetch = FETCH(PUBLISHER_JOINED)};
    rows = run(&free_query, BOOKS);
    publisher = loaded(&library_book_publisher, rows.at);
    library_ok(scope, rowan_record_many(scope, &library_publisher_books, publisher, &books));
    ck_assert_uint_eq(library_sent(scope), 1); /* for all publishers that came */
    end_books();
}
END_TEST

/* A join that fails leaves nothing behind, and the query can be run without it. */
START_TEST(a_join_that_fails_gives_nothing)
{
    begin_books((size_t)_i, 2);
    const rowan_query wrong = {.from = &library_book_table,
                               .fetch = FETCH({.relation = &library_book_publisher,
                                               .way = ROWAN_FETCH_JOIN,
                                               .where = RAW_0("no_such = 1")})};
    const rowan_query right = {.from = &library_book_table, .fetch = FETCH(PUBLISHER_JOINED)};
    rowan_rows rows = {&db, 1};
    ck_assert_int_ne(rowan_query_all(scope, &wrong, &rows), ROWAN_OK);
    ck_assert(rows.at == NULL && rows.count == 0);
    rows = run(&right, 2);
    check_publisher(rows.at);
    end_books();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fetch_joins");
    TCase *tc = tcase_create("fetch_joins");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, a_table_that_the_query_joins_is_joined_again, 0, n);
    tcase_add_loop_test(tc, a_query_may_call_its_table_otherwise, 0, n);
    tcase_add_loop_test(tc, rows_that_are_read_in_part_have_whole_relations, 0, n);
    tcase_add_loop_test(tc, a_tree_is_joined_to_itself, 0, n);
    tcase_add_loop_test(tc, a_polymorphic_reference_joins_rows_of_its_type, 0, n);
    tcase_add_loop_test(tc, a_chain_of_keys_is_joined_and_the_rest_loaded, 0, n);
    tcase_add_loop_test(tc, no_rows_and_rows_without_other_end_are_joined_with_nothing, 0, n);
    tcase_add_loop_test(tc, a_policy_holds_for_what_is_joined, 0, n);
    tcase_add_loop_test(tc, a_join_that_fails_gives_nothing, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
