/*
 * References in a session that are no single number to a fixed table: to rows of several tables, by
 * keys of two columns, set again, cleared, and set before what the database says is loaded.
 */
#include <check.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/session.h"
#include "support/suite.h"

static library_tag *make_tag(rowan_session *session, const char *label)
{
    library_tag *tag = make(session, &library_tag_table);

    tag->label = label;
    tag->subject_type = "";
    return tag;
}

static library_author *make_author(rowan_session *session, const char *name)
{
    library_author *author = make(session, &library_author_table);

    author->name = name;
    return author;
}

/* A tag gets the type of what it is of, with its key, whether that is known or comes by the flush.
 */
START_TEST(a_polymorphic_reference_says_the_type_of_its_other_end)
{
    for (int new_subjects = 0; new_subjects < 2; new_subjects++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        library_book *book = make_book(session, "Tagged", 1);
        library_author *author = make_author(session, "Tagged");
        library_tag *tags[6];

        if (new_subjects == 0) {
            flush(session);
        }
        for (size_t i = 0; i < 6; i++) {
            tags[i] = make_tag(session, i % 2 == 0 ? "of a book" : "of an author");
            refer(session, i % 2 == 0 ? &library_tag_book : &library_tag_author, tags[i],
                  i % 2 == 0 ? (void *)book : (void *)author);
        }
        flush(session);
        for (size_t i = 0; i < 6; i++) {
            ck_assert_str_eq(tags[i]->subject_type, i % 2 == 0 ? "book" : "author");
            ck_assert_int_eq(tags[i]->subject_id, i % 2 == 0 ? book->id : author->id);
        }
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM tag t JOIN book b ON b.id = "
                                            "t.subject_id WHERE t.subject_type = 'book'"),
                         3);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM tag t JOIN author a ON a.id = "
                                            "t.subject_id WHERE t.subject_type = 'author'"),
                         3);

        /* The other type, of a row that is known. */
        refer(session, &library_tag_author, tags[0], author);
        ck_assert_str_eq(tags[0]->subject_type, "author");
        ck_assert_int_eq(tags[0]->subject_id, author->id);
        ck_assert_uint_eq(rowan_session_pending(session).updates, 1);
        flush(session);
        ck_assert_int_eq(
            library_number(db, "SELECT count(*) FROM tag WHERE subject_type = 'author'"), 4);
        rowan_session_end(session);
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

/* A tag is no foreign key: its subject can be deleted before it, with it or without it. */
START_TEST(a_polymorphic_reference_orders_no_deletes)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_author *author = make_author(session, "Tagged");
    library_tag *tag = make_tag(session, "label");

    refer(session, &library_tag_author, tag, author);
    flush(session);
    library_ok(scope, rowan_session_remove(session, author));
    library_ok(scope, rowan_session_remove(session, tag));
    flush(session);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM tag"), 0);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author"), 0);
    engine_close(db);
}
END_TEST

/* Both columns of the other end's key are taken, those of a row that the same flush inserts. */
START_TEST(a_reference_by_two_columns_takes_both)
{
    enum { LINES = 5 };
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_purchase *purchase = make(session, &library_purchase_table);
    library_line *lines[LINES];
    library_parcel *parcels[LINES];

    purchase->customer = "Anybody";
    for (int32_t i = LINES; i-- > 0;) { /* parcels before what they are of */
        parcels[i] = make(session, &library_parcel_table);
        parcels[i]->code = "code";
        lines[i] = make(session, &library_line_table);
        lines[i]->line_no = 10 * (i + 1);
        lines[i]->quantity = 1;
        refer(session, &library_parcel_line, parcels[i], lines[i]);
        refer(session, &library_line_purchase, lines[i], purchase);
    }
    library_sent(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 5); /* three inserts in their transaction */
    for (int32_t i = 0; i < LINES; i++) {
        ck_assert_int_eq(lines[i]->purchase_id, purchase->id);
        ck_assert_int_eq(parcels[i]->purchase_id, purchase->id);
        ck_assert_int_eq(parcels[i]->line_no, 10 * (i + 1));
    }
    refer(session, &library_parcel_line, parcels[0], lines[4]);
    ck_assert_int_eq(parcels[0]->line_no, 50);
    library_ok(scope, rowan_session_remove(session, lines[0])); /* nobody refers to it any more */
    flush(session);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM purchase_line"), LINES - 1);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM parcel WHERE line_no = 50"), 2);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(the_last_reference_that_was_set_holds)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_publisher *houses[3];
    library_book *book = make_book(session, "Moved", 1);
    void *other;

    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"One", "Two", "Three"};
        houses[i] = make(session, &library_publisher_table);
        houses[i]->name = names[i];
        refer(session, &library_book_publisher, book, houses[i]);
        library_ok(scope, rowan_session_one(session, &library_book_publisher, book, &other));
        ck_assert_ptr_eq(other, houses[i]);
    }
    flush(session);
    ck_assert_int_eq(book->publisher_id.value, houses[2]->id);
    refer(session, &library_book_publisher, book, houses[0]);
    refer(session, &library_book_publisher, book, NULL);
    ck_assert(!book->publisher_id.has);
    library_ok(scope, rowan_session_one(session, &library_book_publisher, book, &other));
    ck_assert_ptr_null(other);
    refer(session, &library_book_publisher, book, houses[2]); /* as it was: nothing to write */
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    library_sent(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* What the program set stays, whatever a plan loads afterwards; the rest comes from the database.
 */
START_TEST(loading_keeps_the_reference_that_was_set)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books;
    void *of_first, *of_second;

    library_fill(db, 2, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *first = find(session, &library_book_table, LIBRARY_FIRST);
    library_publisher *fresh = make(session, &library_publisher_table);
    fresh->name = "Fresh";
    refer(session, &library_book_publisher, first, fresh);
    const rowan_query query = {.from = &library_book_table,
                               .order_by = ORDER(ASC(BOOK.id)),
                               .fetch = FETCH(RELATED(&library_book_publisher))};
    for (int round = 0; round < 2; round++) {
        library_ok(scope, rowan_session_all(session, &query, &books));
        ck_assert_uint_eq(books.count, 2);
        ck_assert_ptr_eq(books.at[0], first);
        library_ok(scope, rowan_session_one(session, &library_book_publisher, first, &of_first));
        ck_assert_ptr_eq(of_first, fresh);
        library_ok(scope,
                   rowan_session_one(session, &library_book_publisher, books.at[1], &of_second));
        ck_assert_ptr_eq(of_second, find(session, &library_publisher_table, LIBRARY_FIRST + 1));
        flush(session); /* and afterwards the database says so, too */
    }
    ck_assert_int_eq(first->publisher_id.value, fresh->id);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Pairs of a table between go before either of their ends, though they have no relation of their
 * own that says so. */
START_TEST(pairs_go_before_their_ends_and_come_after_them)
{
    static const size_t sizes[] = {1, 2, 9};

    for (size_t s = 0; s < 3; s++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        rowan_refs books, authors, pairs;
        const rowan_query all_books = {.from = &library_book_table};
        const rowan_query all_authors = {.from = &library_author_table};
        const rowan_query all_pairs = {.from = &library_book_author_table};

        library_fill(db, sizes[s], 1, 3);
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        library_ok(scope, rowan_session_all(session, &all_books, &books));
        library_ok(scope, rowan_session_all(session, &all_authors, &authors));
        library_ok(scope, rowan_session_all(session, &all_pairs, &pairs));
        ck_assert_uint_eq(pairs.count, 2 * sizes[s]);
        rowan_refs *all[] = {&books, &authors, &pairs};
        for (size_t k = 0; k < 3; k++) {
            for (size_t i = 0; i < all[k]->count; i++) {
                library_ok(scope, rowan_session_remove(session, all[k]->at[i]));
            }
        }
        flush(session);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book_author"), 0);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM author"), 0);

        library_book_author *pair = make(session, &library_book_author_table);
        *pair = (library_book_author){.book_id = 71, .author_id = 72, .role = "editor"};
        make_author(session, "After")->id = 72;
        make_book(session, "After", 1)->id = 71;
        flush(session);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book_author"), 1);
        rowan_session_end(session);
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

/* A tree is taken down from its leaves, in whatever order its nodes were marked. */
START_TEST(a_tree_is_removed_from_its_leaves)
{
    enum { NODES = 15 };
    rowan_db *db = library_open((size_t)_i, NULL);

    for (int backwards = 0; backwards < 2; backwards++) {
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        library_category *nodes[NODES];
        for (size_t i = 0; i < NODES; i++) {
            nodes[i] = make(session, &library_category_table);
            nodes[i]->name = "node";
            if (i > 0) {
                refer(session, &library_category_parent, nodes[i], nodes[(i - 1) / 2]);
            }
        }
        flush(session);
        for (size_t i = 0; i < NODES; i++) {
            library_ok(scope,
                       rowan_session_remove(session, nodes[backwards != 0 ? NODES - 1 - i : i]));
        }
        ck_assert_uint_eq(rowan_session_pending(session).deletes, NODES);
        library_sent(scope);
        flush(session);
        /* Four levels; where rows are deleted one by one, each is a statement. */
        ck_assert_uint_eq(library_sent(scope), engine_is((size_t)_i, "mariadb") ? 6 : NODES + 2);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM category"), 0);
        rowan_session_end(session);
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session_refer");
    TCase *tc = tcase_create("session_refer");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, a_polymorphic_reference_says_the_type_of_its_other_end, 0, n);
    tcase_add_loop_test(tc, a_polymorphic_reference_orders_no_deletes, 0, n);
    tcase_add_loop_test(tc, a_reference_by_two_columns_takes_both, 0, n);
    tcase_add_loop_test(tc, the_last_reference_that_was_set_holds, 0, n);
    tcase_add_loop_test(tc, loading_keeps_the_reference_that_was_set, 0, n);
    tcase_add_loop_test(tc, pairs_go_before_their_ends_and_come_after_them, 0, n);
    tcase_add_loop_test(tc, a_tree_is_removed_from_its_leaves, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
