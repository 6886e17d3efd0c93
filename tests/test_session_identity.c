/* The identity map of a session: one row of the database is one pointer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

static rowan_session *begin(rowan_scope *scope)
{
    rowan_session *session;

    library_ok(scope, rowan_session_begin(scope, &session));
    return session;
}

static library_book *find_book(rowan_session *session, int64_t id)
{
    library_book *book;

    library_ok(rowan_session_scope(session),
               rowan_session_find(session, &library_book_table, KEY(id), (void **)&book));
    return book;
}

START_TEST(the_same_row_is_the_same_pointer_by_every_way)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books, published;
    library_publisher *publisher;

    library_fill(db, 6, 2, 3);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find_book(session, LIBRARY_FIRST + 2);
    ck_assert_uint_eq(library_sent(scope), 1);
    ck_assert_ptr_eq(find_book(session, LIBRARY_FIRST + 2), book);
    ck_assert_uint_eq(library_sent(scope), 0); /* the session has the row */

    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .fetch = FETCH({.relation = &library_book_publisher,
                                         .then = FETCH(RELATED(&library_publisher_books))})};
    library_ok(scope, rowan_session_all(session, &query, &books));
    ck_assert_uint_eq(books.count, 6);
    ck_assert_ptr_eq(books.at[2], book);
    ck_assert_ptr_eq(find_book(session, LIBRARY_FIRST + 5), books.at[5]);
    library_ok(scope,
               rowan_session_one(session, &library_book_publisher, book, (void **)&publisher));
    library_ok(scope, rowan_session_many(session, &library_publisher_books, publisher, &published));
    ck_assert_uint_eq(published.count, 3);
    ck_assert_ptr_eq(published.at[0], books.at[0]);
    ck_assert_ptr_eq(published.at[1], book);
    ck_assert_ptr_eq(published.at[2], books.at[4]);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(many_to_many_copies_become_one_row)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books, authors;
    void *seen[3] = {NULL, NULL, NULL};

    library_fill(db, 9, 1, 3);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    rowan_query query = {.from = &library_book_table};
    library_ok(scope, rowan_session_all(session, &query, &books));
    library_ok(scope, rowan_session_load(session, books, FETCH(RELATED(&library_book_authors))));
    ck_assert_uint_eq(library_sent(scope), 2);
    for (size_t i = 0; i < books.count; i++) {
        library_ok(scope,
                   rowan_session_many(session, &library_book_authors, books.at[i], &authors));
        ck_assert_uint_eq(authors.count, 2);
        for (size_t k = 0; k < 2; k++) {
            const library_author *author = authors.at[k];
            size_t at = (size_t)(author->id - LIBRARY_FIRST);
            ck_assert(seen[at] == NULL || seen[at] == authors.at[k]);
            seen[at] = authors.at[k];
        }
    }
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_known_row_keeps_its_members)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books;

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find_book(session, LIBRARY_FIRST);
    book->title = "Mine";
    library_ok(scope, rowan_raw_run(scope, "UPDATE book SET title = 'Theirs'", NO_PARAMS, NULL));
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    library_ok(scope, rowan_session_all(session, &query, &books));
    ck_assert_ptr_eq(books.at[0], book);
    ck_assert_str_eq(book->title, "Mine");
    ck_assert_str_eq(((library_book *)books.at[1])->title, "Theirs");
    ck_assert_uint_eq(rowan_session_pending(session).updates, 1);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Loads the books from one place of the table up to another, and compares their pointers. */
static void load_page(rowan_session *session, size_t from, size_t to, bool descending,
                      library_book **known)
{
    rowan_query query = {.from = &library_book_table,
                         .where = AND(GE(BOOK.id, LIBRARY_FIRST + (int64_t)from),
                                      LT(BOOK.id, LIBRARY_FIRST + (int64_t)to)),
                         .order_by = descending ? ORDER(DESC(BOOK.id)) : ORDER(ASC(BOOK.id))};
    rowan_refs books;

    library_ok(rowan_session_scope(session), rowan_session_all(session, &query, &books));
    ck_assert_uint_eq(books.count, to - from);
    for (size_t i = 0; i < books.count; i++) {
        size_t at = descending ? to - 1 - i : from + i;
        library_book *book = books.at[i];
        ck_assert_int_eq(book->id, LIBRARY_FIRST + (int64_t)at);
        ck_assert(known[at] == NULL || known[at] == book);
        known[at] = book;
    }
}

START_TEST(rows_are_known_in_whatever_order_they_came)
{
    enum { COUNT = 48 };
    static const struct {
        size_t from, to;
        bool descending;
    } pages[] = {
        {10, 14, false}, /* rising … */
        {14, 15, false}, /* … and from behind those … */
        {20, 24, false}, /* … with a gap */
        {2, 5, false},   /* before all of them */
        {12, 22, false}, /* some of them and the gap */
        {16, 19, false}, /* known by then */
        {30, 36, true},  /* from behind all, but falling */
        {33, 40, false}, /* some of those */
        {0, 40, true},   {40, 41, false}, {39, 44, false},
    };
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book *known[COUNT] = {NULL};

    library_fill(db, COUNT, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    for (size_t p = 0; p < sizeof pages / sizeof pages[0]; p++) {
        load_page(session, pages[p].from, pages[p].to, pages[p].descending, known);
        library_sent(scope);
        for (size_t i = 0; i < COUNT; i++) {
            if (known[i] != NULL) {
                ck_assert_ptr_eq(find_book(session, LIBRARY_FIRST + (int64_t)i), known[i]);
            }
        }
        ck_assert_uint_eq(library_sent(scope), 0);
    }
    for (size_t i = COUNT; i-- > 0;) {
        library_book *book = find_book(session, LIBRARY_FIRST + (int64_t)i);
        ck_assert(known[i] == NULL || known[i] == book);
        ck_assert_int_eq(book->id, LIBRARY_FIRST + (int64_t)i);
    }
    ck_assert_uint_eq(library_sent(scope), COUNT - 44);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_row_that_comes_again_after_its_removal_is_another)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book *known[6] = {NULL};
    library_book *again;

    library_fill(db, 6, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    load_page(session, 0, 6, _i % 2 != 0, known);
    library_ok(scope, rowan_session_remove(session, known[2]));
    library_ok(scope, rowan_session_flush(session));
    library_ok(scope, rowan_session_new(session, &library_book_table, (void **)&again));
    *again = *known[1];
    again->id = LIBRARY_FIRST + 2;
    again->title = "Again";
    library_ok(scope, rowan_session_flush(session));
    library_sent(scope);
    ck_assert_ptr_eq(find_book(session, LIBRARY_FIRST + 2), again);
    ck_assert_uint_eq(library_sent(scope), 0);
    known[2] = again;
    load_page(session, 0, 6, false, known);
    ck_assert_int_eq(rowan_session_remove(session, again), ROWAN_OK);
    library_ok(scope, rowan_session_flush(session));
    library_ok(scope,
               rowan_raw_run(
                   scope, "UPDATE book SET id = ? WHERE id = ?",
                   PARAMS(V((int64_t)(LIBRARY_FIRST + 2)), V((int64_t)(LIBRARY_FIRST + 3))), NULL));
    ck_assert_ptr_ne(find_book(session, LIBRARY_FIRST + 2), again);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_flush_that_failed_leaves_no_key_behind)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    library_book *known[4] = {NULL}, *made[3], *found;

    library_fill(db, 4, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    load_page(session, 0, 4, false, known);
    for (size_t i = 0; i < 3; i++) {
        library_ok(scope, rowan_session_new(session, &library_book_table, (void **)&made[i]));
        *made[i] = *known[0];
        made[i]->id = LIBRARY_FIRST + 10 + (int64_t)i;
    }
    known[3]->title = "Written by nobody";
    library_ok(scope, rowan_raw_run(scope, "DELETE FROM book WHERE id = ?",
                                    PARAMS(V((int64_t)(LIBRARY_FIRST + 3))), NULL));
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_STALE);
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 3);
    for (int64_t i = 0; i < 3; i++) {
        ck_assert_int_eq(rowan_session_find(session, &library_book_table,
                                            KEY((int64_t)(LIBRARY_FIRST + 10 + i)),
                                            (void **)&found),
                         ROWAN_NOT_FOUND);
    }
    library_ok(scope, rowan_session_remove(session, known[3]));
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_STALE);
    ck_assert_ptr_eq(find_book(session, LIBRARY_FIRST + 1), known[1]);
    rowan_session_end(session);
    session = begin(scope);
    memset(known, 0, sizeof known);
    load_page(session, 0, 3, false, known);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(removed_rows_are_not_found)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books;
    void *none;

    library_fill(db, 3, 1, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_ok(scope, rowan_session_remove(session, find_book(session, LIBRARY_FIRST)));
    ck_assert_int_eq(rowan_session_find(session, &library_book_table, KEY(LIBRARY_FIRST), &none),
                     ROWAN_NOT_FOUND);
    ck_assert_ptr_null(none);
    rowan_query query = {.from = &library_book_table};
    library_ok(scope, rowan_session_all(session, &query, &books));
    ck_assert_uint_eq(books.count, 2);
    library_ok(scope, rowan_session_flush(session));
    ck_assert_int_eq(rowan_session_find(session, &library_book_table, KEY(LIBRARY_FIRST), &none),
                     ROWAN_NOT_FOUND);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(nothing_is_loaded_by_itself)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs refs;
    void *one;

    library_fill(db, 2, 1, 2);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find_book(session, LIBRARY_FIRST);
    library_sent(scope);
    ck_assert_int_eq(rowan_session_one(session, &library_book_publisher, book, &one), ROWAN_LAZY);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "book.publisher"));
    ck_assert_int_eq(rowan_session_many(session, &library_book_authors, book, &refs), ROWAN_LAZY);
    ck_assert_int_eq(rowan_session_many(session, &library_book_publisher, book, &refs),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_one(session, &library_publisher_featured, book, &one),
                     ROWAN_MISUSE);
    library_book copy = *book;
    ck_assert_int_eq(rowan_session_one(session, &library_book_publisher, &copy, &one),
                     ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_scope_has_one_session_at_a_time)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_session *second;

    rowan_scope *scope = library_scope(db);
    rowan_mark mark = rowan_scope_mark(scope);
    rowan_session *session = begin(scope);
    ck_assert_int_eq(rowan_session_begin(scope, &second), ROWAN_MISUSE);
    ck_assert_ptr_null(second);
    ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_BUSY);
    rowan_session_end(session);
    library_ok(scope, rowan_scope_rewind(scope, mark));
    session = begin(scope);
    library_fill(db, 0, 0, 0);
    rowan_session_end(NULL);
    rowan_scope_end(scope); /* ends what it holds; nothing leaks */
    engine_close(db);
}
END_TEST

START_TEST(keys_of_the_wrong_form_are_refused)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    void *none;

    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    ck_assert_int_eq(rowan_session_find(session, &library_line_table, KEY(1), &none), ROWAN_MISUSE);
    ck_assert_int_eq(
        rowan_session_find(session, &library_book_table, PARAMS(rowan_v_null()), &none),
        ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_remove(session, &none), ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* --- Random operations against a model. --- */

enum { KEYS = 40, STEPS = 400 };

/* What the model knows of the book of a key. */
typedef struct modelled {
    bool in_database, is_known, is_removed;
    int32_t stored;  /* price in the database */
    int32_t current; /* price in the session */
    library_book *pointer;
} modelled;

typedef struct world {
    rowan_scope *scope;
    rowan_session *session;
    modelled books[KEYS];
    library_book *fresh[STEPS]; /* new and not flushed */
    size_t fresh_count;
    int32_t next_price;
    unsigned seed;
} world;

static unsigned random_below(world *w, unsigned limit)
{
    w->seed = w->seed * 1103515245u + 12345u;
    return (w->seed >> 16) % limit;
}

/* A row came: it has to be the pointer and the content that the model says. */
static void meet(world *w, library_book *book)
{
    modelled *m = &w->books[book->id - LIBRARY_FIRST];

    ck_assert(m->in_database && !m->is_removed);
    if (m->is_known) {
        ck_assert_ptr_eq(m->pointer, book);
    } else {
        m->is_known = true;
        m->pointer = book;
        m->current = m->stored;
    }
    ck_assert_int_eq(book->price_cents, m->current);
}

static void step_find(world *w)
{
    unsigned key = random_below(w, KEYS);
    modelled *m = &w->books[key];
    void *book;
    bool was_known = m->is_known;

    library_sent(w->scope);
    rowan_status status =
        rowan_session_find(w->session, &library_book_table, KEY(LIBRARY_FIRST + (int)key), &book);
    ck_assert_uint_eq(library_sent(w->scope), was_known ? 0 : 1);
    if (!m->in_database || m->is_removed) {
        ck_assert_int_eq(status, ROWAN_NOT_FOUND);
        ck_assert_ptr_null(book);
        return;
    }
    library_ok(w->scope, status);
    meet(w, book);
}

static void step_all(world *w)
{
    rowan_query query = {.from = &library_book_table,
                         .where = GE(BOOK.price_cents, (int)random_below(w, 50)),
                         .fetch = random_below(w, 2) == 0
                                      ? FETCH({.relation = &library_book_publisher,
                                               .then = FETCH(RELATED(&library_publisher_books))})
                                      : NULL};
    rowan_refs books, published;
    library_publisher *publisher;

    library_ok(w->scope, rowan_session_all(w->session, &query, &books));
    for (size_t i = 0; i < books.count; i++) {
        meet(w, books.at[i]);
    }
    if (query.fetch == NULL || books.count == 0) {
        return;
    }
    library_ok(w->scope, rowan_session_one(w->session, &library_book_publisher, books.at[0],
                                           (void **)&publisher));
    library_ok(w->scope,
               rowan_session_many(w->session, &library_publisher_books, publisher, &published));
    for (size_t i = 0; i < published.count; i++) {
        meet(w, published.at[i]);
    }
    /* All other known rows were met too, by way of their publishers. */
    for (size_t i = 0; i < KEYS; i++) {
        modelled *m = &w->books[i];
        void *book;
        if (m->in_database && !m->is_removed && !m->is_known) {
            library_ok(w->scope, rowan_session_find(w->session, &library_book_table,
                                                    KEY(LIBRARY_FIRST + (int)i), &book));
            meet(w, book);
        }
    }
}

static void step_change(world *w)
{
    modelled *m = &w->books[random_below(w, KEYS)];

    if (m->is_known && !m->is_removed) {
        m->current = random_below(w, 4) == 0 ? m->stored : ++w->next_price;
        m->pointer->price_cents = m->current;
    }
}

static void step_remove(world *w)
{
    modelled *m = &w->books[random_below(w, KEYS)];

    if (m->is_known && !m->is_removed) {
        library_ok(w->scope, rowan_session_remove(w->session, m->pointer));
        m->is_removed = true;
    } else if (w->fresh_count > 0) {
        library_ok(w->scope, rowan_session_remove(w->session, w->fresh[--w->fresh_count]));
    }
}

static void step_new(world *w)
{
    unsigned key = random_below(w, KEYS);
    modelled *m = &w->books[key];
    library_book *book;

    for (size_t i = 0; i < w->fresh_count; i++) {
        if (w->fresh[i]->id == (int64_t)(LIBRARY_FIRST + key)) {
            return;
        }
    }
    if (m->in_database) {
        return;
    }
    library_ok(w->scope, rowan_session_new(w->session, &library_book_table, (void **)&book));
    book->id = (int64_t)(LIBRARY_FIRST + key);
    book->publisher_id = (rowan_opt_i64){true, LIBRARY_FIRST};
    book->title = "New";
    book->price_cents = ++w->next_price;
    w->fresh[w->fresh_count++] = book;
}

static rowan_session_changes expected_changes(const world *w)
{
    rowan_session_changes changes = {.inserts = w->fresh_count};

    for (size_t i = 0; i < KEYS; i++) {
        const modelled *m = &w->books[i];
        changes.deletes += m->is_known && m->is_removed ? 1 : 0;
        changes.updates += m->is_known && !m->is_removed && m->current != m->stored ? 1 : 0;
    }
    return changes;
}

static void step_flush(world *w)
{
    rowan_session_changes changes = expected_changes(w);
    bool is_idle = changes.inserts + changes.updates + changes.deletes == 0;

    library_sent(w->scope);
    library_ok(w->scope, rowan_session_flush(w->session));
    if (is_idle) {
        ck_assert_uint_eq(library_sent(w->scope), 0);
    }
    for (size_t i = 0; i < KEYS; i++) {
        modelled *m = &w->books[i];
        if (m->is_known && m->is_removed) {
            *m = (modelled){.in_database = false};
        } else if (m->is_known) {
            m->stored = m->current;
        }
    }
    for (size_t i = 0; i < w->fresh_count; i++) {
        library_book *book = w->fresh[i];
        w->books[book->id - LIBRARY_FIRST] = (modelled){.in_database = true,
                                                        .is_known = true,
                                                        .stored = book->price_cents,
                                                        .current = book->price_cents,
                                                        .pointer = book};
    }
    w->fresh_count = 0;
}

static void check_database(world *w)
{
    rowan_rows rows;
    size_t count = 0;

    library_ok(w->scope, rowan_raw_all(w->scope, "SELECT * FROM book", NO_PARAMS,
                                       &library_book_table, &rows));
    for (size_t i = 0; i < KEYS; i++) {
        count += w->books[i].in_database ? 1 : 0;
    }
    ck_assert_uint_eq(rows.count, count);
    for (size_t i = 0; i < rows.count; i++) {
        const library_book *book = (library_book *)rows.at + i;
        ck_assert_int_eq(book->price_cents, w->books[book->id - LIBRARY_FIRST].stored);
    }
}

START_TEST(random_operations_agree_with_a_model)
{
    static void (*const steps[])(world * w) = {step_find,   step_find,   step_all, step_change,
                                               step_change, step_remove, step_new, step_flush};

    for (unsigned seed = 1; seed <= 6; seed++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        world *w = calloc(1, sizeof *w);
        ck_assert_ptr_nonnull(w);
        library_fill(db, KEYS / 2, 3, 0);
        w->scope = library_scope(db);
        w->session = begin(w->scope);
        w->seed = seed;
        w->next_price = 1000;
        for (int i = 0; i < KEYS / 2; i++) {
            w->books[i] = (modelled){.in_database = true, .stored = i};
        }
        for (int i = 0; i < STEPS; i++) {
            steps[random_below(w, sizeof steps / sizeof *steps)](w);
            rowan_session_changes expected = expected_changes(w);
            rowan_session_changes changes = rowan_session_pending(w->session);
            ck_assert_msg(changes.inserts == expected.inserts &&
                              changes.updates == expected.updates &&
                              changes.deletes == expected.deletes,
                          "seed %u, step %d", seed, i);
        }
        check_database(w);
        step_flush(w);
        check_database(w);
        rowan_session_end(w->session);
        rowan_scope_end(w->scope);
        free(w);
        engine_close(db);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sessions: identity map");
    TCase *tc = tcase_create("identity");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, the_same_row_is_the_same_pointer_by_every_way, 0, n);
    tcase_add_loop_test(tc, many_to_many_copies_become_one_row, 0, n);
    tcase_add_loop_test(tc, a_known_row_keeps_its_members, 0, n);
    tcase_add_loop_test(tc, rows_are_known_in_whatever_order_they_came, 0, n);
    tcase_add_loop_test(tc, a_row_that_comes_again_after_its_removal_is_another, 0, n);
    tcase_add_loop_test(tc, a_flush_that_failed_leaves_no_key_behind, 0, n);
    tcase_add_loop_test(tc, removed_rows_are_not_found, 0, n);
    tcase_add_loop_test(tc, nothing_is_loaded_by_itself, 0, n);
    tcase_add_loop_test(tc, a_scope_has_one_session_at_a_time, 0, n);
    tcase_add_loop_test(tc, keys_of_the_wrong_form_are_refused, 0, n);
    tcase_add_loop_test(tc, random_operations_agree_with_a_model, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
