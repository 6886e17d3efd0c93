/* Pieces of work. */
#include "support/pieces.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/short.h>

#include "support/library.h"

enum { BOOKS = 8, PUBLISHERS = 3, AUTHORS = 4, NEW = 5 };

rowan_scope *piece_scope;

/* What the work is done with: loaded before anything fails. */
static struct material {
    rowan_session *session;
    library_book *books;
    library_author *authors;
    library_publisher *publisher;
    void *changed[BOOKS];
} have;

/* --- Work. --- */

static rowan_status load_books(void)
{
    const rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    const rowan_query others = {.from = &library_author_table, .order_by = ORDER(ASC(AUTHOR.id))};
    rowan_rows rows = {NULL, 0};
    rowan_status status = rowan_record_all(piece_scope, &query, &rows);

    have.books = rows.at;
    if (status == ROWAN_OK) {
        status = rowan_record_all(piece_scope, &others, &rows);
        have.authors = rows.at;
    }
    return status;
}

static rowan_status load_nothing(void)
{
    return ROWAN_OK;
}

static void name_authors(library_author *rows)
{
    memset(rows, 0, NEW * sizeof *rows);
    for (size_t i = 0; i < NEW; i++) {
        rows[i].name = "New";
    }
}

static rowan_status insert_raw(void)
{
    library_author rows[NEW];
    uint64_t affected;

    name_authors(rows);
    return rowan_raw_insert_all(piece_scope, &library_author_table, rows, NEW, &affected);
}

static rowan_status insert_built(void)
{
    library_author rows[NEW];
    rowan_rows returned;

    name_authors(rows);
    rowan_status status = rowan_query_insert(
        piece_scope,
        &(rowan_insert){
            .into = &library_author_table, .rows = rows, .row_count = NEW, .returning = true},
        &returned, NULL);
    ck_assert_uint_eq(returned.count, status == ROWAN_OK ? NEW : 0);
    return status;
}

static rowan_status update_built(void)
{
    return rowan_query_update(
        piece_scope,
        &(rowan_update){.table = &library_book_table,
                        .set = SET(TO(BOOK.price_cents, ADD(BOOK.price_cents, 100))),
                        .where = LT(BOOK.price_cents, 5)},
        NULL, NULL);
}

/* A transaction with a savepoint in it. */
static rowan_status write_raw(void)
{
    const rowan_value values[] = {V("One"), V("Two"), V("Three")};
    rowan_status status = rowan_begin(piece_scope, NULL);

    if (status == ROWAN_OK) {
        status = rowan_raw_run_many(piece_scope, "INSERT INTO author (name) VALUES (?)", values, 3,
                                    NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_begin(piece_scope, NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_run(piece_scope,
                               "UPDATE book SET version = version + 1 WHERE price_cents > ?",
                               PARAMS(V(2)), NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_commit(piece_scope);
    }
    return status == ROWAN_OK ? rowan_commit(piece_scope) : status;
}

static rowan_status insert_record(void)
{
    const library_author row = {.name = "New"};
    library_author *made;
    rowan_status status =
        rowan_record_insert(piece_scope, &library_author_table, &row, (void **)&made);

    ck_assert_int_eq(made != NULL, status == ROWAN_OK);
    return status;
}

static rowan_status insert_records(void)
{
    library_author rows[NEW];
    rowan_rows made;

    name_authors(rows);
    rowan_status status =
        rowan_record_insert_all(piece_scope, &library_author_table, rows, NEW, &made);
    ck_assert_uint_eq(made.count, status == ROWAN_OK ? NEW : 0);
    return status;
}

static rowan_status save_record(void)
{
    bool changed;

    have.books[1].title = "Saved";
    have.books[1].rating = (rowan_opt_double){true, 0.5};
    rowan_status status = rowan_record_save(piece_scope, &have.books[1]);
    ck_assert_int_eq(rowan_record_changed(piece_scope, &have.books[1], &changed), ROWAN_OK);
    ck_assert_int_eq(changed, status != ROWAN_OK);
    return status;
}

static rowan_status save_records(void)
{
    for (size_t i = 0; i < BOOKS; i++) {
        have.books[i].price_cents = 1000;
        have.books[i].title = i % 3 == 0 ? "Third" : have.books[i].title;
        have.changed[i] = &have.books[i];
    }
    return rowan_record_save_all(piece_scope, have.changed, BOOKS);
}

static rowan_status link_records(void)
{
    return rowan_record_link(piece_scope, &library_book_authors, &have.books[0], &have.authors[3]);
}

static rowan_status unlink_records(void)
{
    return rowan_record_unlink(piece_scope, &library_book_authors, &have.books[0],
                               &have.authors[0]);
}

static rowan_status delete_record(void)
{
    return rowan_record_delete(piece_scope, &have.books[BOOKS]); /* the one without authors */
}

static rowan_status load_graph(void)
{
    const rowan_query query = {.from = &library_publisher_table,
                               .fetch = FETCH({.relation = &library_publisher_books,
                                               .then = FETCH(RELATED(&library_book_authors))})};
    rowan_rows rows, books;
    rowan_status status = rowan_query_all(piece_scope, &query, &rows);

    ck_assert_uint_eq(rows.count, status == ROWAN_OK ? PUBLISHERS : 0);
    for (size_t i = 0; i < rows.count; i++) {
        ck_assert_int_eq(rowan_loaded_many(piece_scope, &library_publisher_books,
                                           (library_publisher *)rows.at + i, &books),
                         ROWAN_OK);
        ck_assert_uint_ge(books.count, 2);
    }
    return status;
}

static rowan_status load_lazily(void)
{
    library_publisher *publisher;
    rowan_status status =
        rowan_record_one(piece_scope, &library_book_publisher, &have.books[2], (void **)&publisher);

    ck_assert_int_eq(publisher != NULL, status == ROWAN_OK);
    return status;
}

static rowan_status read_together(void)
{
    const rowan_value keys[] = {V(LIBRARY_FIRST), V(LIBRARY_FIRST + 1)};
    const rowan_raw_read reads[] = {
        {"SELECT * FROM book WHERE id = ?", {&keys[0], 1}, &library_book_table},
        {"SELECT * FROM author", {NULL, 0}, &library_author_table},
        {"SELECT * FROM book WHERE id = ?", {&keys[1], 1}, &library_book_table},
        {"SELECT * FROM publisher WHERE id < ?", {&keys[1], 1}, &library_publisher_table},
        {"SELECT * FROM author", {NULL, 0}, &library_author_table},
        {"SELECT * FROM book WHERE id = ?", {&keys[1], 1}, &library_book_table},
    };
    enum { COUNT = sizeof reads / sizeof reads[0] };
    static const size_t wanted[COUNT] = {1, AUTHORS, 1, 1, AUTHORS, 1};
    rowan_rows rows[COUNT];
    rowan_status status = rowan_raw_pipeline(piece_scope, reads, COUNT, rows);

    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(rows[i].count, status == ROWAN_OK ? wanted[i] : 0);
    }
    return status;
}

static rowan_status query_together(void)
{
    const rowan_query queries[] = {
        {.from = &library_book_table, .where = LT(BOOK.id, LIBRARY_FIRST + 2)},
        {.from = &library_author_table},
        {.from = &library_book_table, .where = LT(BOOK.id, LIBRARY_FIRST + 1)},
        {.from = &library_publisher_table, .limit = 1},
        {.from = &library_book_table, .where = LT(BOOK.id, LIBRARY_FIRST)},
    };
    enum { COUNT = sizeof queries / sizeof queries[0] };
    static const size_t wanted[COUNT] = {2, AUTHORS, 1, 1, 0};
    rowan_rows rows[COUNT];
    rowan_status status = rowan_query_pipeline(piece_scope, queries, COUNT, rows);

    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(rows[i].count, status == ROWAN_OK ? wanted[i] : 0);
    }
    return status;
}

static rowan_status stream_rows(void)
{
    const rowan_query query = {.from = &library_book_table};
    rowan_stream *stream;
    rowan_status status = rowan_query_stream(piece_scope, &query, &stream);
    size_t count = 0;
    void *row;

    if (status != ROWAN_OK) {
        ck_assert_ptr_null(stream);
        return status;
    }
    while ((status = rowan_stream_next(stream, &row)) == ROWAN_OK) {
        count++;
    }
    rowan_stream_close(stream);
    ck_assert(status != ROWAN_DONE || count == BOOKS + 1);
    return status == ROWAN_DONE ? ROWAN_OK : status;
}

/* A graph in a session: a publisher with new books, changed books, and one that goes. */
static rowan_status load_session(void)
{
    const rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    rowan_refs books;
    rowan_status status = rowan_session_begin(piece_scope, &have.session);

    if (status == ROWAN_OK) {
        status = rowan_session_all(have.session, &query, &books);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    ck_assert_uint_eq(books.count, BOOKS + 1);
    ((library_book *)books.at[0])->price_cents = 700;
    ((library_book *)books.at[1])->title = "Changed";
    ck_assert_int_eq(rowan_session_remove(have.session, books.at[BOOKS]), ROWAN_OK);
    ck_assert_int_eq(
        rowan_session_new(have.session, &library_publisher_table, (void **)&have.publisher),
        ROWAN_OK);
    have.publisher->name = "New";
    for (size_t i = 0; i < NEW; i++) {
        library_book *book;
        ck_assert_int_eq(rowan_session_new(have.session, &library_book_table, (void **)&book),
                         ROWAN_OK);
        book->title = "New";
        ck_assert_int_eq(
            rowan_session_refer(have.session, &library_book_publisher, book, have.publisher),
            ROWAN_OK);
    }
    return status;
}

static rowan_status flush_session(void)
{
    rowan_status status = rowan_session_flush(have.session);
    rowan_session_changes left = rowan_session_pending(have.session);
    bool done = status == ROWAN_OK;

    ck_assert_uint_eq(left.inserts, done ? 0 : NEW + 1);
    ck_assert_uint_eq(left.updates, done ? 0 : 2);
    ck_assert_uint_eq(left.deletes, done ? 0 : 1);
    ck_assert(done || have.publisher->id == 0);
    return status;
}

static rowan_status find_in_session(void)
{
    rowan_session *session = NULL;
    library_book *book = NULL;
    rowan_refs books;
    rowan_status status = rowan_session_begin(piece_scope, &session);

    if (status == ROWAN_OK) {
        status = rowan_session_find(session, &library_book_table, KEY((int64_t)LIBRARY_FIRST),
                                    (void **)&book);
        ck_assert_int_eq(book != NULL, status == ROWAN_OK);
    }
    if (status == ROWAN_OK) {
        const rowan_query query = {.from = &library_book_table,
                                   .where = EQ(BOOK.id, LIBRARY_FIRST),
                                   .fetch = FETCH(RELATED(&library_book_publisher))};
        status = rowan_session_all(session, &query, &books);
        ck_assert(status != ROWAN_OK || books.at[0] == book);
    }
    rowan_session_end(session);
    return status;
}

const piece pieces[PIECES] = {
    {"raw insert of many", load_nothing, insert_raw, true, false, true},
    {"raw transaction", load_nothing, write_raw, true, false, false},
    {"built insert", load_nothing, insert_built, true, false, true},
    {"built update", load_nothing, update_built, true, false, true},
    {"graph", load_nothing, load_graph, true, true, false},
    {"reads at once", load_nothing, read_together, true, true, false},
    {"queries at once", load_nothing, query_together, true, true, false},
    {"stream", load_nothing, stream_rows, true, true, false},
    {"record insert", load_nothing, insert_record, true, false, true},
    {"record insert of many", load_nothing, insert_records, true, false, true},
    {"save", load_books, save_record, false, false, true},
    {"save of many", load_books, save_records, false, false, false},
    {"link", load_books, link_records, false, false, true},
    {"unlink", load_books, unlink_records, false, false, true},
    {"delete", load_books, delete_record, false, false, true},
    {"lazy load", load_books, load_lazily, false, true, false},
    {"flush", load_session, flush_session, false, false, false},
    {"session's reads", load_nothing, find_in_session, true, true, false},
};

/* --- States. --- */

piece_state pieces_look(rowan_db *db)
{
    static const char sql[] =
        "SELECT (SELECT count(*) FROM author), (SELECT count(*) FROM book_author), "
        "(SELECT count(*) FROM publisher), (SELECT count(*) FROM book), "
        "(SELECT count(*) FROM book WHERE price_cents >= 100), "
        "(SELECT count(*) FROM book WHERE version > 1), "
        "(SELECT count(*) FROM book WHERE title NOT LIKE 'Book%')";
    rowan_scope *scope = library_scope(db);
    piece_state s = {""};
    rowan_cursor *cursor;
    size_t used = 0;

    library_ok(scope, rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    library_ok(scope, rowan_cursor_next(cursor));
    for (size_t i = 0; i < rowan_cursor_column_count(cursor); i++) {
        int64_t count;
        library_ok(scope, rowan_cursor_int64(cursor, i, &count));
        used += (size_t)snprintf(s.text + used, sizeof s.text - used, "%d ", (int)count);
    }
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    return s;
}

bool piece_state_same(const piece_state *a, const piece_state *b)
{
    return strcmp(a->text, b->text) == 0;
}

void pieces_fill(rowan_db *db)
{
    static const char *const clear[] = {"DELETE FROM book_author", "DELETE FROM book",
                                        "DELETE FROM publisher", "DELETE FROM author"};
    rowan_scope *scope = library_scope(db);

    library_ok(scope, rowan_begin(scope, NULL));
    for (size_t i = 0; i < sizeof clear / sizeof clear[0]; i++) {
        library_ok(scope, rowan_raw_run(scope, clear[i], ROWAN_NO_PARAMS, NULL));
    }
    library_ok(scope, rowan_commit(scope));
    rowan_scope_end(scope);
    library_fill(db, BOOKS, PUBLISHERS, AUTHORS);
    library_run(db, "INSERT INTO book (id, publisher_id, title, price_cents, in_print, binding, "
                    "cover, version) SELECT 5900, publisher_id, 'Book without', 50, in_print, "
                    "binding, cover, 1 FROM book WHERE id = 5001");
}

void piece_begin(rowan_db *db, const piece *p)
{
    memset(&have, 0, sizeof have);
    ck_assert_int_eq(rowan_scope_begin(db, p->name, &piece_scope, NULL), ROWAN_OK);
    ck_assert_int_eq(p->load(), ROWAN_OK);
}

void piece_end(void)
{
    rowan_session_end(have.session);
    rowan_scope_end(piece_scope);
}

piece_ends piece_learn(rowan_db *db, const piece *p)
{
    piece_ends e = {.before = pieces_look(db)};

    piece_begin(db, p);
    ck_assert_int_eq(p->act(), ROWAN_OK);
    piece_end();
    e.after = pieces_look(db);
    ck_assert_msg(piece_state_same(&e.before, &e.after) == p->reads, "%s: %s", p->name,
                  e.after.text);
    pieces_fill(db);
    return e;
}

void piece_again(rowan_db *db, const piece *p, const piece_ends *ends)
{
    while (rowan_transaction_depth(piece_scope) > 0) {
        ck_assert_int_eq(rowan_rollback(piece_scope), ROWAN_OK);
    }
    rowan_status status = p->act();
    ck_assert_msg(status == ROWAN_OK, "%s again: %s %s", p->name, rowan_status_name(status),
                  rowan_scope_error(piece_scope)->message);
    piece_end();
    piece_state s = pieces_look(db);
    ck_assert_msg(piece_state_same(&s, &ends->after), "%s again: %s instead of %s", p->name, s.text,
                  ends->after.text);
}
