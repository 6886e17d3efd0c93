/* The order in which a flush writes: what it removes, what it inserts, what it changes. */
#include <check.h>
#include <stdio.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/session.h"
#include "support/suite.h"

static library_publisher *make_publisher(rowan_session *session, const char *name)
{
    library_publisher *publisher = make(session, &library_publisher_table);

    publisher->name = name;
    return publisher;
}

static library_line *make_line(rowan_session *session, int64_t purchase_id, int32_t quantity)
{
    library_line *line = make(session, &library_line_table);

    *line = (library_line){.purchase_id = purchase_id, .line_no = 1, .quantity = quantity};
    return line;
}

static void remove_row(rowan_session *session, void *row)
{
    library_ok(rowan_session_scope(session), rowan_session_remove(session, row));
}

START_TEST(a_new_row_takes_over_what_is_unique_in_a_removed_one)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_publisher *publisher = make_publisher(session, "Only One");
    library_purchase *purchase = make(session, &library_purchase_table);
    void *found;

    purchase->customer = "Anybody";
    flush(session);
    library_line *line = make_line(session, purchase->id, 1);
    flush(session);
    for (int round = 0; round < 3; round++) {
        library_publisher *next = make_publisher(session, "Only One");
        library_line *next_line = make_line(session, purchase->id, round + 2);
        remove_row(session, publisher);
        remove_row(session, line);
        flush(session);
        ck_assert_int_ne(next->id, 0);
        const rowan_value key[] = {V(purchase->id), V(1)};
        library_ok(scope, rowan_session_find(session, &library_line_table, (rowan_params){key, 2},
                                             &found));
        ck_assert_ptr_eq(found, next_line);
        publisher = next;
        line = next_line;
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher"), 1);
    ck_assert_int_eq(library_number(db, "SELECT quantity FROM purchase_line"), 4);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* A line lets go of a book; the book and its publisher go behind that, other rows before. */
START_TEST(removed_rows_wait_for_those_that_let_go_of_them)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_publisher *old = make_publisher(session, "Old");
    library_publisher *idle = make_publisher(session, "Idle");
    library_publisher *kept = make_publisher(session, "Kept");
    library_book *book = make_book(session, "Removed", 1);
    library_book *moved = make_book(session, "Moved", 2);
    library_purchase *purchase = make(session, &library_purchase_table);

    purchase->customer = "Anybody";
    refer(session, &library_book_publisher, book, old);
    refer(session, &library_book_publisher, moved, old);
    flush(session);
    library_line *line = make_line(session, purchase->id, 1);
    line->book_id = (rowan_opt_i64){true, book->id};
    flush(session);

    line->book_id = (rowan_opt_i64){.has = false};
    refer(session, &library_book_publisher, moved, kept);
    remove_row(session, old);
    remove_row(session, book);
    remove_row(session, idle);
    library_publisher *heir = make_publisher(session, "Idle");
    flush(session);
    ck_assert_int_ne(heir->id, 0);
    ck_assert_int_eq(moved->publisher_id.value, kept->id);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher"), 2);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE publisher_id IS NOT NULL"),
                     1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book"), 1);
    rowan_session_changes pending = rowan_session_pending(session);
    ck_assert_uint_eq(pending.inserts + pending.updates + pending.deletes, 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* What the one order needs the other forbids: nothing is written, and the session stays. */
START_TEST(a_value_that_is_let_go_of_too_late_is_not_taken_over)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_publisher *old = make_publisher(session, "The Name");
    library_book *book = make_book(session, "Moved", 2);

    refer(session, &library_book_publisher, book, old);
    flush(session);
    library_publisher *heir = make_publisher(session, "The Name");
    refer(session, &library_book_publisher, book, heir);
    remove_row(session, old);
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_UNIQUE);
    ck_assert_int_eq(heir->id, 0);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher"), 1);
    heir->name = "Another Name";
    flush(session);
    ck_assert_int_eq(book->publisher_id.value, heir->id);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher"), 1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM publisher WHERE name = 'The Name'"),
                     0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Rows of one table some of which bring their keys, in one flush with rows of others. */
START_TEST(rows_that_bring_keys_and_rows_that_do_not_are_flushed_together)
{
    enum { COUNT = 30 };
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_author *authors[COUNT];
    library_category *categories[COUNT];
    char name[32];

    for (int64_t i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "Name %d", (int)i);
        authors[i] = make(session, &library_author_table);
        authors[i]->id = i % 3 == 1 ? 5000 + i : 0;
        authors[i]->name = rowan_scope_strdup(scope, name);
        categories[i] = make(session, &library_category_table);
        categories[i]->name = authors[i]->name;
    }
    flush(session);
    for (int64_t i = 0; i < COUNT; i++) {
        void *found;
        ck_assert(i % 3 == 1 ? authors[i]->id == 5000 + i : authors[i]->id > 0);
        library_ok(scope, rowan_session_find(session, &library_author_table,
                                             PARAMS(V(authors[i]->id)), &found));
        ck_assert_ptr_eq(found, authors[i]);
        ck_assert_int_gt(categories[i]->id, i == 0 ? 0 : categories[i - 1]->id);
        rowan_value values[] = {V(authors[i]->id), V(authors[i]->name)};
        rowan_rows rows;
        library_ok(scope, rowan_raw_all(scope, "SELECT * FROM author WHERE id = ? AND name = ?",
                                        (rowan_params){values, 2}, &library_author_table, &rows));
        ck_assert_uint_eq(rows.count, 1);
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author"), COUNT);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category"), COUNT);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("order of a flush");
    TCase *tc = tcase_create("every engine");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, a_new_row_takes_over_what_is_unique_in_a_removed_one, 0, n);
    tcase_add_loop_test(tc, removed_rows_wait_for_those_that_let_go_of_them, 0, n);
    tcase_add_loop_test(tc, a_value_that_is_let_go_of_too_late_is_not_taken_over, 0, n);
    tcase_add_loop_test(tc, rows_that_bring_keys_and_rows_that_do_not_are_flushed_together, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
