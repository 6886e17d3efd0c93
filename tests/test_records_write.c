/* Records: find, insert, save what changed, delete, reload, and pairs of many-to-many relations. */
#include <check.h>
#include <stdio.h>
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

/* How often a word stands in the SQL between two keywords. */
static size_t count_between(const char *sql, const char *from, const char *to, const char *what)
{
    const char *at = strstr(sql, from), *end = at != NULL ? strstr(at, to) : NULL;
    size_t count = 0;

    ck_assert_msg(at != NULL && end != NULL, "%s", sql);
    while ((at = strstr(at, what)) != NULL && at < end) {
        count++;
        at += strlen(what);
    }
    return count;
}

START_TEST(find_gives_the_row_or_not_found)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *none;

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST + 1);
    ck_assert_str_eq(book->title, "Book 1");
    ck_assert_ptr_ne(book, find_book(scope, LIBRARY_FIRST + 1)); /* each call loads anew */
    ck_assert_uint_eq(library_sent(scope), 2);
    ck_assert_int_eq(rowan_record_find(scope, &library_book_table, KEY(1), &none), ROWAN_NOT_FOUND);
    ck_assert_ptr_null(none);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(find_takes_a_value_for_each_key_column)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_line *line;
    void *none;

    library_run(db, "INSERT INTO purchase (id, customer) VALUES (1, 'C'), (2, 'D')");
    library_run(
        db,
        "INSERT INTO purchase_line (purchase_id, line_no, quantity) VALUES (1, 2, 12), (2, 1, 21)");
    rowan_scope *scope = library_scope(db);
    library_ok(scope,
               rowan_record_find(scope, &library_line_table, PARAMS(V(2), V(1)), (void **)&line));
    ck_assert_int_eq(line->quantity, 21);
    line->quantity = 22;
    library_ok(scope, rowan_record_save(scope, line));
    library_sent(scope);
    ck_assert_int_eq(rowan_record_find(scope, &library_line_table, KEY(2), &none), ROWAN_MISUSE);
    ck_assert_int_eq(
        rowan_record_find(scope, &library_line_table, PARAMS(V(2), rowan_v_null()), &none),
        ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    library_ok(scope, rowan_record_delete(scope, line));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM purchase_line WHERE quantity = 12"),
                     1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM purchase_line"), 1);
    engine_close(db);
}
END_TEST

/* A book in which every column has a value. */
static library_book full_book(void)
{
    return (library_book){.title = "Full",
                          .subtitle = {true, "of values"},
                          .price_cents = 1999,
                          .in_print = true,
                          .rating = {true, 4.5},
                          .binding = LIBRARY_PAPERBACK,
                          .published_on = {true, {19000}},
                          .cover = {"\x00\x01\xff", 3}};
}

static void check_full(const library_book *book)
{
    ck_assert_str_eq(book->title, "Full");
    ck_assert(book->subtitle.has && strcmp(book->subtitle.value, "of values") == 0);
    ck_assert_int_eq(book->price_cents, 1999);
    ck_assert(book->in_print);
    ck_assert(book->rating.has && book->rating.value > 4.4 && book->rating.value < 4.6);
    ck_assert_int_eq(book->binding, LIBRARY_PAPERBACK);
    ck_assert(book->published_on.has && book->published_on.value.days == 19000);
    ck_assert_uint_eq(book->cover.size, 3);
    ck_assert_mem_eq(book->cover.data, "\x00\x01\xff", 3);
    ck_assert(!book->publisher_id.has);
}

START_TEST(insert_gives_the_row_as_the_database_has_it)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book values = full_book(), *book, *second;

    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_insert(scope, &library_book_table, &values, (void **)&book));
    ck_assert_uint_eq(library_sent(scope), 1);
    ck_assert_int_gt(book->id, 0);
    ck_assert_int_eq(book->version, 1);
    ck_assert_int_eq(values.id, 0); /* the program's own struct is left alone */
    check_full(book);
    check_full(find_book(scope, book->id));
    library_ok(scope, rowan_record_insert(scope, &library_book_table, &values, (void **)&second));
    ck_assert_int_gt(second->id, book->id);
    values.id = 77;
    library_ok(scope, rowan_record_insert(scope, &library_book_table, &values, NULL));
    check_full(find_book(scope, 77));
    /* What was inserted is a record. */
    second->price_cents++;
    library_ok(scope, rowan_record_save(scope, second));
    ck_assert_int_eq(second->version, 2);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(insert_all_keeps_the_order)
{
    static library_author values[500];
    static const size_t sizes[] = {1, 2, 3, 500};
    rowan_db *db = library_open((size_t)_i, NULL);

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        rowan_scope *scope = library_scope(db);
        rowan_rows rows;
        char names[500][32];
        for (size_t i = 0; i < sizes[s]; i++) {
            snprintf(names[i], sizeof names[i], "Author %zu", i);
            values[i] = (library_author){.name = names[i], .born = {i % 2 == 0, {(int32_t)i}}};
        }
        library_ok(scope,
                   rowan_record_insert_all(scope, &library_author_table, values, sizes[s], &rows));
        bool many = engine_is((size_t)_i, "sqlite") && sizes[s] > 100;
        ck_assert_uint_eq(library_sent(scope), many ? sizes[s] / 100 + 2 : 1);
        ck_assert_uint_eq(rows.count, sizes[s]);
        const library_author *at = rows.at;
        for (size_t i = 0; i < sizes[s]; i++) {
            ck_assert_str_eq(at[i].name, names[i]);
            ck_assert_int_eq(at[i].born.has, i % 2 == 0);
            ck_assert_int_gt(at[i].id, i == 0 ? 0 : at[i - 1].id);
        }
        rowan_scope_end(scope);
    }
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_insert_all(scope, &library_author_table, NULL, 0, NULL));
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(rows_with_and_without_keys_can_be_inserted_together)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    const library_author values[] = {
        {.id = 900, .name = "a"}, {.name = "b"}, {.id = 901, .name = "c"}, {.name = "d"}};
    rowan_rows rows;

    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_insert_all(scope, &library_author_table, values, 4, &rows));
    ck_assert_uint_eq(library_sent(scope), 4); /* a transaction's two and two groups */
    library_author *at = rows.at;
    ck_assert_uint_eq(rows.count, 4);
    ck_assert_int_eq(at[0].id, 900);
    ck_assert_str_eq(at[1].name, "b");
    ck_assert_int_gt(at[1].id, 0);
    ck_assert_int_eq(at[2].id, 901);
    ck_assert_str_eq(at[3].name, "d");
    at[3].name = "dd";
    library_ok(scope, rowan_record_save(scope, &at[3]));
    /* One that cannot be inserted undoes all. */
    const library_author wrong[] = {{.name = "x"}, {.id = 900, .name = "y"}};
    ck_assert_int_eq(rowan_record_insert_all(scope, &library_author_table, wrong, 2, &rows),
                     ROWAN_UNIQUE);
    ck_assert_ptr_null(rows.at);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author"), 4);
    engine_close(db);
}
END_TEST

START_TEST(one_changed_column_is_one_column_set)
{
    library_log log;
    rowan_db *db = library_open_logged((size_t)_i, &log, 0);
    library_author *author;

    library_fill(db, 1, 1, 1);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST),
                                        (void **)&author));
    author->name = "Someone";
    library_ok(scope, rowan_record_save(scope, author));
    ck_assert_uint_eq(count_between(log.sql, "SET", "WHERE", "="), 1);
    ck_assert_uint_eq(count_between(log.sql, "SET", "WHERE", "name"), 1);

    library_book *book = find_book(scope, LIBRARY_FIRST);
    book->price_cents = 5;
    library_sent(scope);
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_uint_eq(library_sent(scope), 1);
    /* Of ten columns the one that changed, and the version. */
    ck_assert_uint_eq(count_between(log.sql, "SET", "WHERE", " = "), 2);
    ck_assert_uint_eq(count_between(log.sql, "SET", "WHERE", "price_cents"), 1);
    library_ok(scope, rowan_record_save(scope, book));
    library_ok(scope, rowan_record_save(scope, author));
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Each changes one column of a book that full_book() made. */
static void change(library_book *book, int column)
{
    static const char *const texts[] = {"Other", "words"};

    switch (column) {
    case 0:
        book->title = texts[0];
        break;
    case 1:
        book->subtitle = (rowan_opt_text){true, texts[1]};
        break;
    case 2:
        book->subtitle = (rowan_opt_text){false, NULL};
        break;
    case 3:
        book->price_cents = -1;
        break;
    case 4:
        book->in_print = false;
        break;
    case 5:
        book->rating.has = false;
        break;
    case 6:
        book->rating.value = 0.5;
        break;
    case 7:
        book->binding = LIBRARY_HARDCOVER;
        break;
    case 8:
        book->published_on.value.days = 0;
        break;
    case 9:
        book->cover = (rowan_blob){"\x00\x01\xfe", 3};
        break;
    case 10:
        book->cover = (rowan_blob){NULL, 0};
        break;
    }
}

START_TEST(a_change_of_every_column_is_seen_and_written)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book values = full_book(), *book;

    values.id = 1;
    for (int column = 0; column <= 10; column++) {
        rowan_scope *scope = library_scope(db);
        bool changed;
        library_ok(scope, rowan_raw_run(scope, "DELETE FROM book", NO_PARAMS, NULL));
        library_ok(scope, rowan_record_insert(scope, &library_book_table, &values, NULL));
        book = find_book(scope, 1);
        library_ok(scope, rowan_record_changed(scope, book, &changed));
        ck_assert(!changed);
        change(book, column);
        library_ok(scope, rowan_record_changed(scope, book, &changed));
        ck_assert_msg(changed, "column %d", column);
        library_sent(scope);
        library_ok(scope, rowan_record_save(scope, book));
        ck_assert_uint_eq(library_sent(scope), 1);
        /* Read back, changed the same way: nothing is left to save. */
        library_book *again = find_book(scope, 1);
        change(again, column);
        library_ok(scope, rowan_record_changed(scope, again, &changed));
        ck_assert_msg(!changed, "column %d", column);
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

START_TEST(equal_content_at_another_address_is_no_change)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book values = full_book();
    char title[] = "Full", cover[] = {0, 1, (char)0xff};
    void *book;

    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_insert(scope, &library_book_table, &values, &book));
    ((library_book *)book)->title = title;
    ((library_book *)book)->cover = (rowan_blob){cover, 3};
    library_sent(scope);
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_reused_buffer_hides_no_change)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    char buffer[16] = "first";

    library_fill(db, 1, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    book->title = buffer;
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_ptr_ne(book->title, buffer);
    memcpy(buffer, "later", 6);
    ck_assert_str_eq(book->title, "first");
    book->title = buffer;
    library_sent(scope);
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_uint_eq(library_sent(scope), 1);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title = 'later'"), 1);
    engine_close(db);
}
END_TEST

START_TEST(what_is_no_record_is_refused_before_anything_is_sent)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows partial;

    library_fill(db, 2, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    library_book copy = *book;
    library_ok(scope, rowan_raw_all(scope, "SELECT title, version FROM book", NO_PARAMS,
                                    &library_book_table, &partial));
    library_sent(scope);
    copy.price_cents = 1;
    ck_assert_int_eq(rowan_record_save(scope, &copy), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_save(scope, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_save(scope, &book->title), ROWAN_MISUSE); /* inside a row */
    ck_assert_int_eq(rowan_record_save(scope, partial.at), ROWAN_MISUSE);
    book->id = 4;
    ck_assert_int_eq(rowan_record_save(scope, book), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "id"));
    book->id = LIBRARY_FIRST;

    /* A row of another scope. */
    rowan_scope *other = library_scope(db);
    ck_assert_int_eq(rowan_record_save(other, book), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_scope_counts(other).statements, 0);
    rowan_scope_end(other);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(columns_that_were_not_read_are_not_written)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows rows;

    library_fill(db, 1, 1, 0);
    library_run(db, "UPDATE book SET subtitle = 'kept', price_cents = 42");
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_raw_all(scope, "SELECT id, version, title FROM book", NO_PARAMS,
                                    &library_book_table, &rows));
    library_book *book = rows.at;
    book->title = "Partly";
    library_ok(scope, rowan_record_save(scope, book));
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title = 'Partly' AND "
                                        "subtitle = 'kept' AND price_cents = 42"),
                     1);
    book->price_cents = 43; /* one that was not read, but is set */
    library_ok(scope, rowan_record_save(scope, book));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE subtitle = 'kept' AND "
                                        "price_cents = 43"),
                     1);
    engine_close(db);
}
END_TEST

START_TEST(a_deleted_row_is_no_record)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    library_sent(scope);
    library_ok(scope, rowan_record_delete(scope, book));
    ck_assert_uint_eq(library_sent(scope), 1);
    book->title = "Ghost";
    ck_assert_int_eq(rowan_record_save(scope, book), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_delete(scope, book), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_reload(scope, book), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book"), 2);
    engine_close(db);
}
END_TEST

START_TEST(a_row_that_is_referred_to_cannot_be_deleted)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *publisher;

    library_fill(db, 1, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_ok(scope,
               rowan_record_find(scope, &library_publisher_table, KEY(LIBRARY_FIRST), &publisher));
    ck_assert_int_eq(rowan_record_delete(scope, publisher), ROWAN_FOREIGN_KEY);
    ((library_publisher *)publisher)->name = "Alive"; /* it is a record still */
    library_ok(scope, rowan_record_save(scope, publisher));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(reload_forgets_changes_and_relations)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;

    library_fill(db, 4, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .fetch = FETCH(RELATED(&library_book_publisher))};
    rowan_rows books;
    library_ok(scope, rowan_record_all(scope, &query, &books));
    library_book *book = books.at;
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET publisher_id = 5002, title = 'Moved'",
                                    NO_PARAMS, NULL));
    book->title = "Mine";
    library_sent(scope);
    library_ok(scope, rowan_record_reload(scope, book));
    ck_assert_uint_eq(library_sent(scope), 1);
    ck_assert_str_eq(book->title, "Moved");
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_int_eq(publisher->id, 5002);
    ck_assert_uint_eq(library_sent(scope), 1);
    /* The others of the result keep what was loaded for them. */
    library_ok(scope,
               rowan_record_one(scope, &library_book_publisher, &book[2], (void **)&publisher));
    ck_assert_int_eq(publisher->id, 5001);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_saved_reference_leads_to_the_new_row)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;

    library_fill(db, 2, 2, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_str_eq(publisher->name, "Publisher 0");
    book->publisher_id.value = LIBRARY_FIRST + 1;
    library_ok(scope, rowan_record_save(scope, book));
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
    ck_assert_str_eq(publisher->name, "Publisher 1");
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(save_all_groups_rows_by_what_changed)
{
    library_log log;
    rowan_db *db = library_open_logged((size_t)_i, &log, 0);
    void *rows[21];
    size_t n = 0;

    library_fill(db, 20, 1, 1);
    rowan_scope *scope = library_scope(db);
    for (int i = 0; i < 20; i++) {
        library_book *book = find_book(scope, LIBRARY_FIRST + i);
        if (i < 10) {
            book->price_cents = 100 + i;
        } else if (i < 18) {
            book->title = i % 2 == 0 ? "Even" : "Odd";
        }
        rows[n++] = book;
    }
    library_ok(scope,
               rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST), &rows[n++]));
    ((library_author *)rows[20])->name = "Also";
    size_t events = log.events;
    rowan_counts before = rowan_scope_counts(scope);
    library_ok(scope, rowan_record_save_all(scope, rows, n));
    rowan_counts after = rowan_scope_counts(scope);
    ck_assert_uint_eq(log.events - events, 3); /* prices, titles, the author */
    ck_assert_uint_eq(after.transactions - before.transactions, 2);
    ck_assert_uint_eq(after.affected - before.affected, 19);
    library_sent(scope);
    library_ok(scope, rowan_record_save_all(scope, rows, n));
    ck_assert_uint_eq(library_sent(scope), 0);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(((library_book *)rows[i])->version, i < 18 ? 2 : 1);
    }
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 100"), 10);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE title IN ('Even', 'Odd')"),
                     8);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'Also'"), 1);
    engine_close(db);
}
END_TEST

START_TEST(save_all_inside_a_transaction_undoes_only_itself)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *rows[2];

    library_fill(db, 2, 1, 1);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_begin(scope, NULL));
    library_ok(scope, rowan_raw_run(scope, "UPDATE author SET name = 'Kept'", NO_PARAMS, NULL));
    for (int i = 0; i < 2; i++) {
        rows[i] = find_book(scope, LIBRARY_FIRST + i);
        ((library_book *)rows[i])->price_cents = 500;
    }
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET version = 8 WHERE id = 5002", NO_PARAMS,
                                    NULL));
    ck_assert_int_eq(rowan_record_save_all(scope, rows, 2), ROWAN_STALE);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    library_ok(scope, rowan_commit(scope));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author WHERE name = 'Kept'"), 1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents = 500"), 0);
    engine_close(db);
}
END_TEST

START_TEST(a_row_named_twice_is_saved_once)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 1, 1, 0);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    void *rows[] = {book, book};
    book->price_cents = 3;
    library_ok(scope, rowan_record_save_all(scope, rows, 2));
    ck_assert_int_eq(book->version, 2);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_refused_save_leaves_the_row_to_be_saved_again)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_publisher *publisher;
    bool changed;

    library_fill(db, 0, 2, 0);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_find(scope, &library_publisher_table, KEY(LIBRARY_FIRST),
                                        (void **)&publisher));
    publisher->name = "Publisher 1";
    ck_assert_int_eq(rowan_record_save(scope, publisher), ROWAN_UNIQUE);
    library_ok(scope, rowan_record_changed(scope, publisher, &changed));
    ck_assert(changed);
    publisher->name = "Publisher 2";
    library_ok(scope, rowan_record_save(scope, publisher));
    rowan_scope_end(scope);
    ck_assert_int_eq(
        library_number(db, "SELECT count(*) FROM publisher WHERE name = 'Publisher 2'"), 1);
    engine_close(db);
}
END_TEST

START_TEST(pairs_are_linked_and_unlinked)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_author *author;
    rowan_rows authors;

    library_fill(db, 1, 1, 3);
    rowan_scope *scope = library_scope(db);
    library_book *book = find_book(scope, LIBRARY_FIRST);
    library_ok(scope, rowan_record_find(scope, &library_author_table, KEY(LIBRARY_FIRST + 2),
                                        (void **)&author));
    library_ok(scope, rowan_record_many(scope, &library_book_authors, book, &authors));
    ck_assert_uint_eq(authors.count, 2);
    library_sent(scope);
    library_ok(scope, rowan_record_link(scope, &library_book_authors, book, author));
    ck_assert_uint_eq(library_sent(scope), 1);
    library_ok(scope, rowan_record_many(scope, &library_book_authors, book, &authors));
    ck_assert_uint_eq(authors.count, 3);
    ck_assert_int_eq(rowan_record_link(scope, &library_book_authors, book, author), ROWAN_UNIQUE);
    library_ok(scope, rowan_record_unlink(scope, &library_author_books, author, book));
    ck_assert_int_eq(rowan_record_unlink(scope, &library_book_authors, book, author),
                     ROWAN_NOT_FOUND);
    library_ok(scope, rowan_record_many(scope, &library_book_authors, book, &authors));
    ck_assert_uint_eq(authors.count, 2);
    library_sent(scope);
    ck_assert_int_eq(rowan_record_link(scope, &library_book_authors, author, book), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_link(scope, &library_book_publisher, book, author), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book_author WHERE role = 'author'"),
                     2);
    engine_close(db);
}
END_TEST

/* Everything that allocates; the status of the first call that did not go well. */
static rowan_status write_everything(rowan_scope *scope)
{
    library_book values[2] = {full_book(), full_book()}, *book;
    rowan_rows rows;
    void *both[2];
    rowan_status status =
        rowan_record_insert(scope, &library_book_table, &values[0], (void **)&book);

    if (status == ROWAN_OK) {
        book->title = "Changed";
        status = rowan_record_save(scope, book);
    }
    values[1].id = 4000;
    if (status == ROWAN_OK) {
        status = rowan_record_insert_all(scope, &library_book_table, values, 2, &rows);
    }
    if (status == ROWAN_OK) {
        both[0] = rows.at;
        both[1] = (library_book *)rows.at + 1;
        ((library_book *)both[0])->title = "One";
        ((library_book *)both[1])->title = "Two";
        status = rowan_record_save_all(scope, both, 2);
    }
    if (status == ROWAN_OK) {
        status = rowan_record_reload(scope, book);
    }
    if (status == ROWAN_OK) {
        status = rowan_record_delete(scope, book);
    }
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    library_memory memory;
    rowan_options options = ROWAN_OPTIONS_INIT;

    library_memory_init(&memory);
    options.allocator = &memory.allocator;
    rowan_db *db = library_open((size_t)_i, &options);
    for (size_t nth = 1;; nth++) {
        rowan_scope *scope = library_scope(db);
        library_ok(scope, rowan_begin(scope, NULL));
        memory.has_failed = false;
        memory.count = 0;
        memory.fail_at = nth;
        rowan_status status = write_everything(scope);
        memory.fail_at = 0;
        if (status != ROWAN_OK && memory.has_failed) {
            ck_assert_int_eq(status, ROWAN_NOMEM);
        } else {
            library_ok(scope, status);
        }
        library_ok(scope, rowan_rollback(scope));
        rowan_scope_end(scope);
        if (!memory.has_failed) {
            break;
        }
    }
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book"), 0);
    engine_close(db);
    ck_assert_uint_eq(memory.live, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("records: writing");
    TCase *tc = tcase_create("writing");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, find_gives_the_row_or_not_found, 0, n);
    tcase_add_loop_test(tc, find_takes_a_value_for_each_key_column, 0, n);
    tcase_add_loop_test(tc, insert_gives_the_row_as_the_database_has_it, 0, n);
    tcase_add_loop_test(tc, insert_all_keeps_the_order, 0, n);
    tcase_add_loop_test(tc, rows_with_and_without_keys_can_be_inserted_together, 0, n);
    tcase_add_loop_test(tc, one_changed_column_is_one_column_set, 0, n);
    tcase_add_loop_test(tc, a_change_of_every_column_is_seen_and_written, 0, n);
    tcase_add_loop_test(tc, equal_content_at_another_address_is_no_change, 0, n);
    tcase_add_loop_test(tc, a_reused_buffer_hides_no_change, 0, n);
    tcase_add_loop_test(tc, what_is_no_record_is_refused_before_anything_is_sent, 0, n);
    tcase_add_loop_test(tc, columns_that_were_not_read_are_not_written, 0, n);
    tcase_add_loop_test(tc, a_deleted_row_is_no_record, 0, n);
    tcase_add_loop_test(tc, a_row_that_is_referred_to_cannot_be_deleted, 0, n);
    tcase_add_loop_test(tc, reload_forgets_changes_and_relations, 0, n);
    tcase_add_loop_test(tc, a_saved_reference_leads_to_the_new_row, 0, n);
    tcase_add_loop_test(tc, save_all_groups_rows_by_what_changed, 0, n);
    tcase_add_loop_test(tc, save_all_inside_a_transaction_undoes_only_itself, 0, n);
    tcase_add_loop_test(tc, a_row_named_twice_is_saved_once, 0, n);
    tcase_add_loop_test(tc, a_refused_save_leaves_the_row_to_be_saved_again, 0, n);
    tcase_add_loop_test(tc, pairs_are_linked_and_unlinked, 0, n);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
