/*
 * What Active Record, Data Mapper and the loading of relations refuse: before anything is sent,
 * with nothing in what they give out, and in words that say what is wrong.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

#define NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What calls work with, and where they give something out. */
static rowan_scope *scope;
static rowan_session *session;
static library_book *book;           /* a record, and a row of the session */
static library_book *books;          /* three records, side by side */
static library_publisher *publisher; /* as the book */
static library_book stranger;        /* a copy of the book */
static void *one;
static rowan_rows many;
static rowan_refs refs;
static uint64_t affected;

static const rowan_table shape = {.column_count = 0, .row_size = 8, .row_align = 8};
static const rowan_query whole = {.from = &library_book_table};

/* --- Active Record --- */

#define CALL(name) static rowan_status name(void)

CALL(find_without_table)
{
    return rowan_record_find(scope, NULL, KEY(1), &one);
}

CALL(find_in_a_shape)
{
    return rowan_record_find(scope, &shape, KEY(1), &one);
}

CALL(find_by_half_a_key)
{
    return rowan_record_find(scope, &library_line_table, KEY(1), &one);
}

CALL(find_by_too_much)
{
    return rowan_record_find(scope, &library_book_table, PARAMS(V(1), V(2)), &one);
}

CALL(find_by_null)
{
    return rowan_record_find(scope, &library_line_table, PARAMS(V(1), rowan_v_null()), &one);
}

CALL(find_by_a_typed_null)
{
    rowan_value nothing = rowan_v_int64(1);

    nothing.is_null = true;
    return rowan_record_find(scope, &library_book_table, PARAMS(nothing), &one);
}

CALL(find_by_an_empty_value)
{
    const rowan_value empty = {.is_null = false};

    return rowan_record_find(scope, &library_book_table, PARAMS(empty), &one);
}

/* A query that is not of whole rows, of several kinds. */
static rowan_query no_table, some_columns, elsewhere;

CALL(all_of_no_table)
{
    return rowan_record_all(scope, &no_table, &many);
}

CALL(all_of_some_columns)
{
    some_columns.select = SELECT(COL(BOOK.id));
    return rowan_record_all(scope, &some_columns, &many);
}

CALL(all_of_groups)
{
    const rowan_query query = {.from = &library_book_table, GROUP_BY(OPERAND(BOOK.id))};

    return rowan_record_all(scope, &query, &many);
}

CALL(all_into_another_table)
{
    return rowan_record_all(scope, &elsewhere, &many);
}

CALL(first_of_no_table)
{
    return rowan_record_first(scope, &no_table, &one);
}

CALL(first_of_some_columns)
{
    some_columns.select = SELECT(COL(BOOK.id));
    return rowan_record_first(scope, &some_columns, &one);
}

CALL(insert_into_nothing)
{
    return rowan_record_insert(scope, NULL, &stranger, &one);
}

CALL(insert_into_a_shape)
{
    return rowan_record_insert(scope, &shape, &stranger, &one);
}

CALL(insert_nothing)
{
    return rowan_record_insert(scope, &library_book_table, NULL, &one);
}

CALL(insert_many_into_nothing)
{
    return rowan_record_insert_all(scope, NULL, &stranger, 1, &many);
}

CALL(insert_many_of_nothing)
{
    return rowan_record_insert_all(scope, &library_book_table, NULL, 2, &many);
}

CALL(save_nothing)
{
    return rowan_record_save(scope, NULL);
}

CALL(save_a_copy)
{
    return rowan_record_save(scope, &stranger);
}

CALL(save_many_and_a_copy)
{
    void *rows[] = {book, &stranger};

    book->title = "Changed";
    return rowan_record_save_all(scope, rows, 2);
}

CALL(save_many_and_nothing)
{
    void *rows[] = {NULL, book};

    return rowan_record_save_all(scope, rows, 2);
}

CALL(save_many_with_another_key)
{
    void *rows[] = {&books[1], &books[2]};

    books[1].title = "Changed";
    books[2].id++;
    rowan_status status = rowan_record_save_all(scope, rows, 2);
    books[2].id--;
    return status;
}

CALL(delete_a_copy)
{
    return rowan_record_delete(scope, &stranger);
}

CALL(reload_a_copy)
{
    return rowan_record_reload(scope, &stranger);
}

CALL(ask_a_copy_for_changes)
{
    bool changed = true;
    rowan_status status = rowan_record_changed(scope, &stranger, &changed);

    ck_assert(!changed);
    return status;
}

CALL(one_of_many)
{
    return rowan_record_one(scope, &library_publisher_books, publisher, &one);
}

CALL(many_of_one)
{
    return rowan_record_many(scope, &library_book_publisher, book, &many);
}

CALL(one_for_another_table)
{
    return rowan_record_one(scope, &library_book_publisher, publisher, &one);
}

CALL(one_for_a_copy)
{
    return rowan_record_one(scope, &library_book_publisher, &stranger, &one);
}

CALL(many_for_a_copy)
{
    return rowan_record_many(scope, &library_book_authors, &stranger, &many);
}

CALL(link_without_a_table_between)
{
    return rowan_record_link(scope, &library_book_publisher, book, publisher);
}

CALL(link_the_wrong_row)
{
    return rowan_record_link(scope, &library_book_authors, publisher, book);
}

CALL(link_to_the_wrong_row)
{
    return rowan_record_link(scope, &library_book_authors, book, publisher);
}

CALL(link_to_a_copy)
{
    return rowan_record_link(scope, &library_book_authors, book, &stranger);
}

CALL(unlink_without_a_table_between)
{
    return rowan_record_unlink(scope, &library_publisher_books, publisher, book);
}

CALL(unlink_from_the_wrong_row)
{
    return rowan_record_unlink(scope, &library_book_authors, book, publisher);
}

/* --- Data Mapper --- */

CALL(a_second_session)
{
    rowan_session *second = session;
    rowan_status status = rowan_session_begin(scope, &second);

    ck_assert_ptr_null(second);
    return status;
}

CALL(new_row_of_a_shape)
{
    return rowan_session_new(session, &shape, &one);
}

CALL(find_a_shape)
{
    return rowan_session_find(session, &shape, KEY(1), &one);
}

CALL(look_for_half_a_key)
{
    return rowan_session_find(session, &library_line_table, KEY(1), &one);
}

CALL(look_for_null)
{
    return rowan_session_find(session, &library_book_table, PARAMS(rowan_v_null()), &one);
}

CALL(look_for_an_empty_value)
{
    const rowan_value empty = {.is_null = false};

    return rowan_session_find(session, &library_book_table, PARAMS(empty), &one);
}

CALL(load_no_table)
{
    return rowan_session_all(session, &no_table, &refs);
}

CALL(load_some_columns)
{
    some_columns.select = SELECT(COL(BOOK.id));
    return rowan_session_all(session, &some_columns, &refs);
}

CALL(load_groups)
{
    const rowan_query query = {.from = &library_book_table, GROUP_BY(OPERAND(BOOK.id))};

    return rowan_session_all(session, &query, &refs);
}

CALL(load_into_another_table)
{
    return rowan_session_all(session, &elsewhere, &refs);
}

CALL(load_for_a_new_row)
{
    void *row;

    library_ok(scope, rowan_session_new(session, &library_book_table, &row));
    return rowan_session_load(session, (rowan_refs){&row, 1},
                              FETCH(RELATED(&library_book_publisher)));
}

CALL(load_for_another_table)
{
    void *rows[] = {book, publisher};

    return rowan_session_load(session, (rowan_refs){rows, 2},
                              FETCH(RELATED(&library_book_publisher)));
}

CALL(load_for_a_copy)
{
    void *row = &stranger;

    return rowan_session_load(session, (rowan_refs){&row, 1},
                              FETCH(RELATED(&library_book_publisher)));
}

CALL(load_a_plan_of_two_tables)
{
    void *row = book;

    return rowan_session_load(
        session, (rowan_refs){&row, 1},
        FETCH(RELATED(&library_book_publisher), RELATED(&library_publisher_books)));
}

CALL(the_one_of_many)
{
    return rowan_session_one(session, &library_publisher_books, publisher, &one);
}

CALL(the_many_of_one)
{
    return rowan_session_many(session, &library_book_publisher, book, &refs);
}

CALL(the_one_of_another_table)
{
    return rowan_session_one(session, &library_book_publisher, publisher, &one);
}

CALL(the_one_of_nothing)
{
    return rowan_session_one(session, &library_book_publisher, NULL, &one);
}

CALL(the_many_of_a_copy)
{
    return rowan_session_many(session, &library_book_authors, &stranger, &refs);
}

CALL(refer_from_a_copy)
{
    return rowan_session_refer(session, &library_book_publisher, &stranger, publisher);
}

CALL(refer_to_a_copy)
{
    return rowan_session_refer(session, &library_publisher_featured, publisher, &stranger);
}

CALL(refer_to_another_table)
{
    return rowan_session_refer(session, &library_book_publisher, book, book);
}

CALL(refer_by_has_many)
{
    return rowan_session_refer(session, &library_publisher_books, publisher, book);
}

CALL(clear_what_is_never_null)
{
    void *line;

    library_ok(scope, rowan_session_new(session, &library_line_table, &line));
    return rowan_session_refer(session, &library_line_purchase, line, NULL);
}

CALL(refer_to_what_goes)
{
    library_ok(scope, rowan_session_remove(session, publisher));
    return rowan_session_refer(session, &library_book_publisher, book, publisher);
}

CALL(refer_from_what_goes)
{
    library_ok(scope, rowan_session_remove(session, book));
    return rowan_session_refer(session, &library_book_publisher, book, publisher);
}

CALL(remove_nothing)
{
    return rowan_session_remove(session, NULL);
}

CALL(remove_what_was_dropped)
{
    void *row;

    library_ok(scope, rowan_session_new(session, &library_line_table, &row));
    library_ok(scope, rowan_session_remove(session, row));
    return rowan_session_remove(session, row);
}

CALL(insert_many_past_the_unit_into_nothing)
{
    return rowan_session_insert_all(session, NULL, &stranger, 1, &affected);
}

CALL(insert_many_past_the_unit_of_nothing)
{
    return rowan_session_insert_all(session, &library_book_table, NULL, 1, &affected);
}

CALL(flush_with_another_key)
{
    book->id++;
    rowan_status status = rowan_session_flush(session);
    book->id--;
    return status;
}

CALL(flush_a_reference_to_what_goes)
{
    void *heir;

    library_ok(scope, rowan_session_new(session, &library_publisher_table, &heir));
    library_ok(scope, rowan_session_refer(session, &library_book_publisher, book, heir));
    library_ok(scope, rowan_session_remove(session, heir));
    return rowan_session_flush(session);
}

/* --- Loading --- */

CALL(load_without_table)
{
    return rowan_load(scope, NULL, book, 1, FETCH(RELATED(&library_book_publisher)));
}

CALL(load_without_rows)
{
    return rowan_load(scope, &library_book_table, NULL, 1, FETCH(RELATED(&library_book_publisher)));
}

CALL(load_rows_of_another_table)
{
    return rowan_load(scope, &library_publisher_table, book, 1,
                      FETCH(RELATED(&library_publisher_books)));
}

CALL(load_by_a_plan_of_another_table)
{
    return rowan_load(scope, &library_book_table, book, 1,
                      FETCH(RELATED(&library_publisher_books)));
}

CALL(load_more_rows_than_there_are)
{
    return rowan_load(scope, &library_book_table, books, 4,
                      FETCH(RELATED(&library_book_publisher)));
}

CALL(loaded_one_of_many)
{
    return rowan_loaded_one(scope, &library_publisher_books, publisher, &one);
}

CALL(loaded_many_of_one)
{
    return rowan_loaded_many(scope, &library_book_publisher, book, &many);
}

CALL(loaded_for_another_table)
{
    return rowan_loaded_one(scope, &library_book_publisher, publisher, &one);
}

CALL(loaded_for_a_copy)
{
    return rowan_loaded_many(scope, &library_book_authors, &stranger, &many);
}

CALL(join_in_an_order)
{
    rowan_query query = {.from = &library_book_table,
                         .fetch = FETCH({.relation = &library_book_publisher,
                                         .way = ROWAN_FETCH_JOIN,
                                         .order_by = ORDER(ASC(PUBLISHER.id))})};

    return rowan_query_all(scope, &query, &many);
}

CALL(join_the_own_table_on_a_condition)
{
    rowan_query query = {.from = &library_category_table,
                         .fetch = FETCH({.relation = &library_category_parent,
                                         .way = ROWAN_FETCH_JOIN,
                                         .where = GT(CATEGORY.id, 1)})};

    return rowan_query_all(scope, &query, &many);
}

CALL(join_too_many)
{
    rowan_fetch plan[17] = {{.relation = NULL}};
    rowan_query query = {.from = &library_book_table, .fetch = plan};

    for (size_t i = 0; i < 16; i++) {
        plan[i] = (rowan_fetch){.relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN};
    }
    return rowan_query_all(scope, &query, &many);
}

CALL(join_a_query_of_groups)
{
    rowan_query query = {.from = &library_book_table,
                         GROUP_BY(OPERAND(BOOK.id)),
                         .fetch =
                             FETCH({.relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN})};

    return rowan_query_all(scope, &query, &many);
}

CALL(plan_for_another_shape)
{
    rowan_query query = elsewhere;

    query.fetch = FETCH(RELATED(&library_book_publisher));
    return rowan_query_all(scope, &query, &many);
}

CALL(order_by_too_much)
{
    static rowan_order order[66];
    rowan_query query = {.from = &library_publisher_table,
                         .fetch = FETCH({.relation = &library_publisher_books, .order_by = order})};

    for (size_t i = 0; i < 65; i++) {
        order[i] = (rowan_order)ASC(BOOK.id);
    }
    ck_assert_int_eq(rowan_query_all(scope, &query, &many), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 1); /* that of the publishers */
    return ROWAN_MISUSE;
}

/* --- All of them. --- */

#define NOT_WHOLE(what) what " whole rows of a table: the query selects, groups or reads into"

static const struct {
    const char *name;
    rowan_status (*call)(void);
    const char *message; /* how it begins */
    rowan_status status; /* 0: ROWAN_MISUSE */
} refused[] = {
#define REFUSED(call, message)                                                                     \
    {                                                                                              \
#call, call, message, 0                                                                    \
    }
    REFUSED(find_without_table, "rows can be found by key only in a table with one"),
    REFUSED(find_in_a_shape, "rows can be found by key only in a table with one"),
    REFUSED(find_by_half_a_key, "the key of purchase_line has 2 columns, not 1"),
    REFUSED(find_by_too_much, "the key of book has 1 columns, not 2"),
    REFUSED(find_by_null, "the key column purchase_line.line_no is never NULL"),
    REFUSED(find_by_a_typed_null, "the key column book.id is never NULL"),
    REFUSED(find_by_an_empty_value, "the key column book.id is never NULL"),
    REFUSED(all_of_no_table, NOT_WHOLE("records are")),
    REFUSED(all_of_some_columns, NOT_WHOLE("records are")),
    REFUSED(all_of_groups, NOT_WHOLE("records are")),
    REFUSED(all_into_another_table, NOT_WHOLE("records are")),
    REFUSED(first_of_no_table, NOT_WHOLE("records are")),
    REFUSED(first_of_some_columns, NOT_WHOLE("records are")),
    REFUSED(insert_into_nothing, "rows can be inserted only into a table"),
    REFUSED(insert_into_a_shape, "rows can be inserted only into a table"),
    REFUSED(insert_nothing, "the rows to insert into book are NULL"),
    REFUSED(insert_many_into_nothing, "rows can be inserted only into a table"),
    REFUSED(insert_many_of_nothing, "the rows to insert into book are NULL"),
    REFUSED(save_nothing, "the row"),
    REFUSED(save_a_copy, "the row"),
    REFUSED(save_many_and_a_copy, "the row"),
    REFUSED(save_many_and_nothing, "the row"),
    REFUSED(save_many_with_another_key,
            "the key column book.id was changed: insert a new row instead"),
    REFUSED(delete_a_copy, "the row"),
    REFUSED(reload_a_copy, "the row"),
    REFUSED(ask_a_copy_for_changes, "the row"),
    REFUSED(one_of_many, "publisher.books has many rows, not one"),
    REFUSED(many_of_one, "book.publisher has one row, not many"),
    REFUSED(one_for_another_table, "the row is of table publisher, not book, which has publisher"),
    REFUSED(one_for_a_copy, "the row"),
    REFUSED(many_for_a_copy, "the row"),
    REFUSED(link_without_a_table_between,
            "book.publisher has no table between to write pairs into"),
    REFUSED(link_the_wrong_row, "the row is of table publisher, not book"),
    REFUSED(link_to_the_wrong_row, "the row is of table publisher, not author"),
    REFUSED(link_to_a_copy, "the row"),
    REFUSED(unlink_without_a_table_between,
            "publisher.books has no table between to write pairs into"),
    REFUSED(unlink_from_the_wrong_row, "the row is of table publisher, not author"),
    REFUSED(a_second_session, "the scope has a session already: end it first"),
    REFUSED(new_row_of_a_shape,
            "rows of a shape that is no table cannot be written: it has no key"),
    REFUSED(find_a_shape, "rows of a shape that is no table cannot be written: it has no key"),
    REFUSED(look_for_half_a_key, "the key of purchase_line has 2 columns, not 1"),
    REFUSED(look_for_null, "the key column book.id is never NULL"),
    REFUSED(look_for_an_empty_value, "the key column book.id is never NULL"),
    REFUSED(load_no_table, NOT_WHOLE("a session loads")),
    REFUSED(load_some_columns, NOT_WHOLE("a session loads")),
    REFUSED(load_groups, NOT_WHOLE("a session loads")),
    REFUSED(load_into_another_table, NOT_WHOLE("a session loads")),
    REFUSED(load_for_a_new_row, "book.publisher cannot be loaded for a row that is not flushed"),
    REFUSED(load_for_another_table, "book.publisher cannot be loaded for a row of another table"),
    REFUSED(load_for_a_copy, "the row is not of this session"),
    REFUSED(load_a_plan_of_two_tables,
            "the plan loads publisher.books for rows of another table, book"),
    REFUSED(the_one_of_many, "publisher.books is no to-one relation of a row of publisher"),
    REFUSED(the_many_of_one, "book.publisher is no to-many relation of a row of book"),
    REFUSED(the_one_of_another_table, "book.publisher is no to-one relation of a row of publisher"),
    REFUSED(the_one_of_nothing, "the row is NULL"),
    REFUSED(the_many_of_a_copy, "the row is not of this session"),
    REFUSED(refer_from_a_copy, "the row is not of this session"),
    REFUSED(refer_to_a_copy, "the row is not of this session"),
    REFUSED(
        refer_to_another_table,
        "book.publisher cannot be set so: it takes a row of publisher by a belongs-to relation"),
    REFUSED(refer_by_has_many,
            "publisher.books cannot be set so: it takes a row of book by a belongs-to relation"),
    REFUSED(clear_what_is_never_null, "purchase_line.purchase cannot be cleared: it is never NULL"),
    REFUSED(refer_to_what_goes, "book.publisher: one of the rows is to be removed"),
    REFUSED(refer_from_what_goes, "book.publisher: one of the rows is to be removed"),
    REFUSED(remove_nothing, "the row is NULL"),
    REFUSED(remove_what_was_dropped, "the row of purchase_line was removed"),
    REFUSED(insert_many_past_the_unit_into_nothing, "the table or its rows are NULL"),
    REFUSED(insert_many_past_the_unit_of_nothing, "the table or its rows are NULL"),
    REFUSED(flush_with_another_key, "the key column book.id was changed: insert a new row instead"),
    REFUSED(flush_a_reference_to_what_goes, "book.publisher refers to a row that was removed"),
    REFUSED(load_without_table, "there are no rows to load relations for"),
    REFUSED(load_without_rows, "there are no rows to load relations for"),
    REFUSED(load_rows_of_another_table, "the rows are not of table publisher"),
    REFUSED(load_by_a_plan_of_another_table,
            "the plan loads publisher.books for rows of another table, book"),
    REFUSED(load_more_rows_than_there_are, "the row"),
    REFUSED(loaded_one_of_many, "publisher.books has many rows, not one"),
    REFUSED(loaded_many_of_one, "book.publisher has one row, not many"),
    REFUSED(loaded_for_another_table,
            "the row is of table publisher, not book, which has publisher"),
    REFUSED(loaded_for_a_copy, "the row"),
    REFUSED(join_in_an_order,
            "book.publisher is joined and takes no order or limit: load it by batch"),
    REFUSED(join_the_own_table_on_a_condition,
            "category.parent cannot be joined with a condition, since the query has table category "
            "already: load it by batch"),
    REFUSED(join_too_many, "the plan joins more than 15 relations"),
    REFUSED(join_a_query_of_groups,
            "a query with groups or set operations cannot join its fetch plan: load it by batch"),
    REFUSED(plan_for_another_shape,
            "a fetch plan needs rows of the table that the query reads from"),
    REFUSED(order_by_too_much, "the order of books has more than 64 terms"),
};

static void begin_world(rowan_db *db)
{
    const rowan_query three = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};

    no_table = (rowan_query){.from = NULL};
    some_columns = elsewhere = whole;
    elsewhere.into = &library_publisher_table;
    scope = library_scope(db);
    library_ok(scope, rowan_session_begin(scope, &session));
    library_ok(scope, rowan_session_find(session, &library_book_table, KEY(LIBRARY_FIRST),
                                         (void **)&book));
    library_ok(scope, rowan_session_find(session, &library_publisher_table, KEY(LIBRARY_FIRST),
                                         (void **)&publisher));
    library_ok(scope, rowan_query_all(scope, &three, &many));
    books = many.at;
    stranger = *book;
    (void)library_sent(scope);
    one = &stranger;
    many = (rowan_rows){&stranger, 1};
    refs = (rowan_refs){&one, 1};
    affected = 1;
}

/* What a call could have given out, and left alone or emptied. */
static bool gave_nothing(void)
{
    return (one == NULL || one == &stranger) &&
           (many.count == 0 ? many.at == NULL : many.at == &stranger) &&
           (refs.count == 0 ? refs.at == NULL : refs.at == &one) && affected <= 1;
}

START_TEST(nonsense_is_refused_before_anything_is_sent)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 3, 1, 2);
    for (size_t i = 0; i < NUMBER_OF(refused); i++) {
        begin_world(db);
        rowan_status status = refused[i].call();
        const rowan_error *error = rowan_scope_error(scope);
        ck_assert_msg(status == ROWAN_MISUSE && error->status == status, "%s: %s: %s",
                      refused[i].name, rowan_status_name(status), error->message);
        ck_assert_msg(strncmp(error->message, refused[i].message, strlen(refused[i].message)) == 0,
                      "%s: %s", refused[i].name, error->message);
        ck_assert_msg(library_sent(scope) == 0, "%s sent something", refused[i].name);
        ck_assert_msg(gave_nothing(), "%s gave something", refused[i].name);
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        rowan_session_end(session);
        rowan_scope_end(scope);
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title = 'Changed'"), 0);
    engine_close(db);
}
END_TEST

/* Outputs that were asked for are empty, whatever was in them. */
START_TEST(what_was_asked_for_is_empty)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 3, 1, 2);
    begin_world(db);
    ck_assert_int_eq(find_by_null(), ROWAN_MISUSE);
    ck_assert_ptr_null(one);
    one = &stranger;
    ck_assert_int_eq(first_of_no_table(), ROWAN_MISUSE);
    ck_assert_ptr_null(one);
    one = &stranger;
    ck_assert_int_eq(insert_nothing(), ROWAN_MISUSE);
    ck_assert_ptr_null(one);
    one = &stranger;
    ck_assert_int_eq(look_for_null(), ROWAN_MISUSE);
    ck_assert_ptr_null(one);
    one = &stranger;
    ck_assert_int_eq(the_one_of_nothing(), ROWAN_MISUSE);
    ck_assert_ptr_null(one);
    ck_assert_int_eq(insert_many_of_nothing(), ROWAN_MISUSE);
    ck_assert(many.at == NULL && many.count == 0);
    ck_assert_int_eq(load_groups(), ROWAN_MISUSE);
    ck_assert(refs.at == NULL && refs.count == 0);
    ck_assert_int_eq(insert_many_past_the_unit_of_nothing(), ROWAN_MISUSE);
    ck_assert_uint_eq(affected, 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refused");
    TCase *tc = tcase_create("refused");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, nonsense_is_refused_before_anything_is_sent, 0, n);
    tcase_add_loop_test(tc, what_was_asked_for_is_empty, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
