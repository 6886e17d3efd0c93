/* Optimistic locking: a version column, and who is told that a row is stale. */
#include <check.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

static library_book *find_book(rowan_scope *scope, int64_t id)
{
    library_book *book;

    library_ok(scope, rowan_record_find(scope, &library_book_table, KEY(id), (void **)&book));
    return book;
}

static rowan_db *open_filled(size_t engine, size_t books)
{
    rowan_db *db = library_open(engine, NULL);

    library_fill(db, books, 1, 0);
    return db;
}

START_TEST(every_save_raises_the_version)
{
    rowan_db *db = open_filled((size_t)_i, 1);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);

    ck_assert_int_eq(book->version, 1);
    for (int i = 0; i < 3; i++) {
        book->price_cents += 10;
        library_ok(scope, rowan_record_save(scope, book));
        ck_assert_int_eq(book->version, 2 + i);
    }
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_int_eq(book->version, 4);
    ck_assert_uint_eq(library_sent(scope), 4);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT version FROM book"), 4);
    engine_close(db);
}
END_TEST

START_TEST(the_second_of_two_writers_is_stale)
{
    rowan_db *db = open_filled((size_t)_i, 1);
    rowan_scope *one = library_scope(db);
    library_book *mine = find_book(one, LIBRARY_FIRST);
    /* The other writer: the same statement that its save would send. */
    library_ok(one, rowan_raw_run(one, "UPDATE book SET title = 'Theirs', version = version + 1",
                                  NO_PARAMS, NULL));

    mine->price_cents = 777;
    ck_assert_int_eq(rowan_record_save(one, mine), ROWAN_STALE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(one)->message, "book"));
    ck_assert_int_eq(mine->version, 1);
    ck_assert_int_eq(mine->price_cents, 777);
    ck_assert_int_eq(rowan_record_delete(one, mine), ROWAN_STALE);
    /* Reload, and it can be written. */
    library_ok(one, rowan_record_reload(one, mine));
    ck_assert_str_eq(mine->title, "Theirs");
    ck_assert_int_eq(mine->version, 2);
    mine->price_cents = 777;
    library_ok(one, rowan_record_save(one, mine));
    rowan_scope_end(one);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title = 'Theirs' AND "
                                        "price_cents = 777 AND version = 3"),
                     1);
    engine_close(db);
}
END_TEST

START_TEST(two_scopes_cannot_both_save)
{
    rowan_db *db = open_filled((size_t)_i, 1);
    rowan_scope *one, *two;

    one = library_scope(db);
    library_book *mine = find_book(one, LIBRARY_FIRST);
    two = library_scope(db);
    library_book *theirs = find_book(two, LIBRARY_FIRST);
    theirs->title = "Theirs";
    library_ok(two, rowan_record_save(two, theirs));
    rowan_scope_end(two);
    mine->title = "Mine";
    ck_assert_int_eq(rowan_record_save(one, mine), ROWAN_STALE);
    rowan_scope_end(one);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title = 'Theirs'"), 1);
    engine_close(db);
}
END_TEST

START_TEST(a_row_that_is_gone_is_stale)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_author *author;

    library_fill(db, 0, 0, 2);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST),
                                        (void **)&author));
    library_ok(scope, rowan_raw_run(scope, "DELETE FROM author", NO_PARAMS, NULL));
    author->name = "Nobody";
    ck_assert_int_eq(rowan_record_save(scope, author), ROWAN_STALE);
    ck_assert_int_eq(rowan_record_delete(scope, author), ROWAN_STALE);
    ck_assert_int_eq(rowan_record_reload(scope, author), ROWAN_NOT_FOUND);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(without_a_version_the_last_writer_wins)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_author *author;

    library_fill(db, 0, 0, 1);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST),
                                        (void **)&author));
    library_ok(scope, rowan_raw_run(scope, "UPDATE author SET name = 'Theirs', born = '2000-01-01'",
                                    NO_PARAMS, NULL));
    author->name = "Mine";
    library_ok(scope, rowan_record_save(scope, author));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'Mine' AND "
                                        "born = '2000-01-01'"),
                     1);
    engine_close(db);
}
END_TEST

START_TEST(saving_what_is_there_already_is_not_stale)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_author *author;

    library_fill(db, 0, 0, 1);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST),
                                        (void **)&author));
    library_ok(scope, rowan_raw_run(scope, "UPDATE author SET name = 'Same'", NO_PARAMS, NULL));
    author->name = "Same"; /* the row is matched, though nothing in it changes */
    library_ok(scope, rowan_record_save(scope, author));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(one_stale_row_of_many_undoes_all)
{
    rowan_db *db = open_filled((size_t)_i, 5);
    rowan_scope *scope = library_scope(db);
    void *rows[5];

    for (int i = 0; i < 5; i++) {
        library_book *book = find_book(scope, LIBRARY_FIRST + i);
        book->price_cents = 1000 + i;
        book->in_print = i == 4 ? !book->in_print : book->in_print; /* a group of its own */
        rows[i] = book;
    }
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET version = 9 WHERE id = 5004", NO_PARAMS,
                                    NULL));
    ck_assert_int_eq(rowan_record_save_all(scope, rows, 5), ROWAN_STALE);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    for (int i = 0; i < 5; i++) {
        bool changed;
        const library_book *book = rows[i];
        ck_assert_int_eq(book->version, 1);
        ck_assert_int_eq(book->price_cents, 1000 + i);
        library_ok(scope, rowan_record_changed(scope, book, &changed));
        ck_assert(changed);
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 1000"), 0);
    library_ok(scope, rowan_record_reload(scope, rows[3]));
    library_ok(scope, rowan_record_save_all(scope, rows, 5));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 1000"), 4);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE version = 2"), 4);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE version = 9"), 1);
    engine_close(db);
}
END_TEST

START_TEST(a_row_read_without_its_version_is_refused)
{
    rowan_db *db = open_filled((size_t)_i, 1);
    rowan_scope *scope = library_scope(db);
    rowan_rows books;

    library_ok(scope, rowan_raw_all(scope, "SELECT id, title FROM book", NO_PARAMS,
                                    &library_book_table, &books));
    ((library_book *)books.at)->title = "Blind";
    ck_assert_int_eq(rowan_record_save(scope, books.at), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "version"));
    ck_assert_int_eq(rowan_record_delete(scope, books.at), ROWAN_MISUSE);
    library_ok(scope, rowan_record_reload(scope, books.at)); /* which needs the key only */
    ck_assert_str_eq(((library_book *)books.at)->title, "Book 0");
    ((library_book *)books.at)->title = "Seen";
    library_ok(scope, rowan_record_save(scope, books.at));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("records: optimistic locking");
    TCase *tc = tcase_create("versions");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_save_raises_the_version, 0, n);
    tcase_add_loop_test(tc, the_second_of_two_writers_is_stale, 0, n);
    tcase_add_loop_test(tc, two_scopes_cannot_both_save, 0, n);
    tcase_add_loop_test(tc, a_row_that_is_gone_is_stale, 0, n);
    tcase_add_loop_test(tc, without_a_version_the_last_writer_wins, 0, n);
    tcase_add_loop_test(tc, saving_what_is_there_already_is_not_stale, 0, n);
    tcase_add_loop_test(tc, one_stale_row_of_many_undoes_all, 0, n);
    tcase_add_loop_test(tc, a_row_read_without_its_version_is_refused, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
