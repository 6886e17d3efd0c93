/*
 * What each pattern's calls leave when anything fails in them: each call to the engine, each reply,
 * the connection before each call, each allocation. The failure is reported as what it is, the
 * database has all of the work or nothing of it, nothing leaks, the scope goes on; and where
 * nothing was done the same call on the same rows does all of it the next time.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 8, PUBLISHERS = 3, AUTHORS = 4, NEW = 5, MOST_TRIES = 400, AGAIN_EACH = 5 };

static rowan_db *db;
static rowan_scope *scope;

/* What the work is done with: loaded before anything fails. */
static struct material {
    rowan_session *session;
    library_book *books;
    library_author *authors;
    library_publisher *publisher;
    void *changed[BOOKS];
} have;

/* --- Work: what is loaded first, and the calls that may fail. --- */

static rowan_status load_books(void)
{
    const rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    const rowan_query others = {.from = &library_author_table, .order_by = ORDER(ASC(AUTHOR.id))};
    rowan_rows rows = {NULL, 0};
    rowan_status status = rowan_record_all(scope, &query, &rows);

    have.books = rows.at;
    if (status == ROWAN_OK) {
        status = rowan_record_all(scope, &others, &rows);
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
    return rowan_raw_insert_all(scope, &library_author_table, rows, NEW, &affected);
}

static rowan_status insert_built(void)
{
    library_author rows[NEW];
    rowan_rows returned;

    name_authors(rows);
    rowan_status status = rowan_query_insert(
        scope,
        &(rowan_insert){
            .into = &library_author_table, .rows = rows, .row_count = NEW, .returning = true},
        &returned, NULL);
    ck_assert_uint_eq(returned.count, status == ROWAN_OK ? NEW : 0);
    return status;
}

static rowan_status update_built(void)
{
    return rowan_query_update(
        scope,
        &(rowan_update){.table = &library_book_table,
                        .set = SET(TO(BOOK.price_cents, ADD(BOOK.price_cents, 100))),
                        .where = LT(BOOK.price_cents, 5)},
        NULL, NULL);
}

/* A transaction with a savepoint in it. */
static rowan_status write_raw(void)
{
    const rowan_value values[] = {V("One"), V("Two"), V("Three")};
    rowan_status status = rowan_begin(scope, NULL);

    if (status == ROWAN_OK) {
        status = rowan_raw_run_many(scope, "INSERT INTO author (name) VALUES (?)", values, 3, NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_begin(scope, NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_run(scope, "UPDATE book SET version = version + 1 WHERE price_cents > ?",
                               PARAMS(V(2)), NULL);
    }
    if (status == ROWAN_OK) {
        status = rowan_commit(scope);
    }
    return status == ROWAN_OK ? rowan_commit(scope) : status;
}

static rowan_status insert_record(void)
{
    const library_author row = {.name = "New"};
    library_author *made;
    rowan_status status = rowan_record_insert(scope, &library_author_table, &row, (void **)&made);

    ck_assert_int_eq(made != NULL, status == ROWAN_OK);
    return status;
}

static rowan_status insert_records(void)
{
    library_author rows[NEW];
    rowan_rows made;

    name_authors(rows);
    rowan_status status = rowan_record_insert_all(scope, &library_author_table, rows, NEW, &made);
    ck_assert_uint_eq(made.count, status == ROWAN_OK ? NEW : 0);
    return status;
}

static rowan_status save_record(void)
{
    bool changed;

    have.books[1].title = "Saved";
    have.books[1].rating = (rowan_opt_double){true, 0.5};
    rowan_status status = rowan_record_save(scope, &have.books[1]);
    ck_assert_int_eq(rowan_record_changed(scope, &have.books[1], &changed), ROWAN_OK);
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
    return rowan_record_save_all(scope, have.changed, BOOKS);
}

static rowan_status link_records(void)
{
    return rowan_record_link(scope, &library_book_authors, &have.books[0], &have.authors[3]);
}

static rowan_status unlink_records(void)
{
    return rowan_record_unlink(scope, &library_book_authors, &have.books[0], &have.authors[0]);
}

static rowan_status delete_record(void)
{
    return rowan_record_delete(scope, &have.books[BOOKS]); /* the one without authors */
}

static rowan_status load_graph(void)
{
    const rowan_query query = {.from = &library_publisher_table,
                               .fetch = FETCH({.relation = &library_publisher_books,
                                               .then = FETCH(RELATED(&library_book_authors))})};
    rowan_rows rows, books;
    rowan_status status = rowan_query_all(scope, &query, &rows);

    ck_assert_uint_eq(rows.count, status == ROWAN_OK ? PUBLISHERS : 0);
    for (size_t i = 0; i < rows.count; i++) {
        ck_assert_int_eq(rowan_loaded_many(scope, &library_publisher_books,
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
        rowan_record_one(scope, &library_book_publisher, &have.books[2], (void **)&publisher);

    ck_assert_int_eq(publisher != NULL, status == ROWAN_OK);
    return status;
}

static rowan_status stream_rows(void)
{
    const rowan_query query = {.from = &library_book_table};
    rowan_stream *stream;
    rowan_status status = rowan_query_stream(scope, &query, &stream);
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
    rowan_status status = rowan_session_begin(scope, &have.session);

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
    rowan_status status = rowan_session_begin(scope, &session);

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

typedef struct piece {
    const char *name;
    rowan_status (*load)(void);
    rowan_status (*act)(void);
    bool reads;  /* changes nothing */
    bool is_one; /* one statement by itself: once sent it is done, whatever becomes of the answer */
} piece;

static const piece pieces[] = {
    {"raw insert of many", load_nothing, insert_raw, false, true},
    {"raw transaction", load_nothing, write_raw, false, false},
    {"built insert", load_nothing, insert_built, false, true},
    {"built update", load_nothing, update_built, false, true},
    {"graph", load_nothing, load_graph, true, false},
    {"stream", load_nothing, stream_rows, true, false},
    {"record insert", load_nothing, insert_record, false, true},
    {"record insert of many", load_nothing, insert_records, false, true},
    {"save", load_books, save_record, false, true},
    {"save of many", load_books, save_records, false, false},
    {"link", load_books, link_records, false, true},
    {"unlink", load_books, unlink_records, false, true},
    {"delete", load_books, delete_record, false, true},
    {"lazy load", load_books, load_lazily, true, false},
    {"flush", load_session, flush_session, false, false},
    {"session's reads", load_nothing, find_in_session, true, false},
};
enum { PIECES = sizeof pieces / sizeof pieces[0] };

/* --- The state of the database, as one line. --- */

typedef struct state {
    char text[256];
} state;

static state look(void)
{
    state s;

    fault_plan_set((fault_plan){0});
    snprintf(s.text, sizeof s.text, "%d %d %d %d %d %d %d",
             (int)library_number(db, "SELECT count(*) FROM author"),
             (int)library_number(db, "SELECT count(*) FROM book_author"),
             (int)library_number(db, "SELECT count(*) FROM publisher"),
             (int)library_number(db, "SELECT count(*) FROM book"),
             (int)library_number(db, "SELECT count(*) FROM book WHERE price_cents >= 100"),
             (int)library_number(db, "SELECT count(*) FROM book WHERE version > 1"),
             (int)library_number(db, "SELECT count(*) FROM book WHERE title NOT LIKE 'Book%'"));
    return s;
}

static bool same(const state *a, const state *b)
{
    return strcmp(a->text, b->text) == 0;
}

static void fill(void)
{
    static const char *const clear[] = {"DELETE FROM book_author", "DELETE FROM book",
                                        "DELETE FROM publisher", "DELETE FROM author"};

    fault_plan_set((fault_plan){0});
    for (size_t i = 0; i < sizeof clear / sizeof clear[0]; i++) {
        library_run(db, clear[i]);
    }
    library_fill(db, BOOKS, PUBLISHERS, AUTHORS);
    library_run(db, "INSERT INTO book (id, publisher_id, title, price_cents, in_print, binding, "
                    "cover, version) SELECT 5900, publisher_id, 'Book without', 50, in_print, "
                    "binding, cover, 1 FROM book WHERE id = 5001");
}

static void open_on(size_t engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    fault_arm(0);
    fault_plan_set((fault_plan){0});
    options.allocator = &fault_allocator;
    options.no_detector = true;
    options.max_open = 2;
    db = library_open(engine, &options);
    fault_install(db);
    fill();
}

static void begin_work(const piece *p)
{
    memset(&have, 0, sizeof have);
    ck_assert_int_eq(rowan_scope_begin(db, p->name, &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(p->load(), ROWAN_OK);
}

static void end_work(void)
{
    rowan_session_end(have.session);
    rowan_scope_end(scope);
}

/* The state before the work and the one behind it. */
typedef struct ends {
    state before, after;
} ends;

static ends learn(const piece *p)
{
    ends e = {.before = look()};

    begin_work(p);
    ck_assert_int_eq(p->act(), ROWAN_OK);
    end_work();
    e.after = look();
    ck_assert_msg(same(&e.before, &e.after) == p->reads, "%s: %s", p->name, e.after.text);
    fill();
    return e;
}

/* Nothing was done: the same call on the same rows does it now. */
static void act_again(const piece *p, const ends *e)
{
    while (rowan_transaction_depth(scope) > 0) {
        ck_assert_int_eq(rowan_rollback(scope), ROWAN_OK);
    }
    rowan_status status = p->act();
    ck_assert_msg(status == ROWAN_OK, "%s again: %s %s", p->name, rowan_status_name(status),
                  rowan_scope_error(scope)->message);
    end_work();
    state s = look();
    ck_assert_msg(same(&s, &e->after), "%s again: %s instead of %s", p->name, s.text,
                  e->after.text);
}

/* --- Faults of the engine. --- */

/* One try. @return whether the fault was met */
static bool try_fault(const piece *p, const ends *e, fault_plan plan, unsigned nth,
                      rowan_status wanted)
{
    begin_work(p);
    fault_plan_set(plan);
    rowan_status status = p->act();
    bool met = fault_calls() >= nth;
    rowan_error error = *rowan_scope_error(scope);
    fault_plan_set((fault_plan){0});
    if (!met) {
        ck_assert_int_eq(status, ROWAN_OK);
        end_work();
        fill();
        return false;
    }
    ck_assert_msg(status == wanted, "%s, call %u: %s %s", p->name, nth, rowan_status_name(status),
                  error.message);
    ck_assert_int_eq(error.status, wanted);
    ck_assert_int_eq(error.connection_usable, wanted != ROWAN_LOST);
    if (plan.lose_call == 0) {
        act_again(p, e);
        fill();
        return true;
    }
    end_work();
    state s = look();
    ck_assert_msg(same(&s, &e->before) || same(&s, &e->after), "%s, reply %u: %s", p->name, nth,
                  s.text);
    if (!same(&s, &e->before)) {
        ck_assert_int_eq(error.fate, ROWAN_FATE_UNKNOWN);
        fill();
    }
    return true;
}

START_TEST(each_call_that_fails_is_reported_and_can_be_made_again)
{
    const piece *p = &pieces[_i % PIECES];
    unsigned met[3] = {0, 0, 0};

    open_on((size_t)_i / PIECES);
    ends e = learn(p);
    for (int mode = 0; mode < 3; mode++) {
        bool goes_on = true;
        for (unsigned nth = 1; goes_on; nth++) {
            fault_plan plan = {.fail_call = mode == 0 ? nth : 0,
                               .fail_status = ROWAN_IO,
                               .cut_call = mode == 1 ? nth : 0,
                               .lose_call = mode == 2 ? nth : 0};
            goes_on = try_fault(p, &e, plan, nth, mode == 0 ? ROWAN_IO : ROWAN_LOST);
            met[mode] += goes_on;
        }
    }
    ck_assert_uint_ge(met[0], 1);
    ck_assert_uint_eq(met[0], met[1]);
    ck_assert_uint_ge(met[2], met[0]); /* a new connection has to prepare, too */
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* --- Memory. --- */

START_TEST(each_allocation_that_fails_leaves_all_or_nothing)
{
    const piece *p = &pieces[_i % PIECES];
    unsigned nth = 1;

    open_on((size_t)_i / PIECES);
    ends e = learn(p);
    for (;; nth++) {
        ck_assert_uint_lt(nth, MOST_TRIES);
        begin_work(p);
        if (p->load == load_nothing) {
            fault_close_idle(db); /* a new connection, whose memory is counted, too */
        }
        fault_arm(nth);
        rowan_status status = p->act();
        bool fired = fault_fired();
        fault_arm(0);
        ck_assert_msg(status == ROWAN_OK || (fired && status == ROWAN_NOMEM),
                      "%s, allocation %u: %s", p->name, nth, rowan_status_name(status));
        if (status == ROWAN_NOMEM && !p->is_one && nth % AGAIN_EACH == 1) {
            act_again(p, &e);
            fill();
            continue;
        }
        end_work();
        state s = look();
        bool done = same(&s, &e.after);
        ck_assert_msg(done || same(&s, &e.before), "%s, allocation %u: %s", p->name, nth, s.text);
        ck_assert(status != ROWAN_OK || done);
        ck_assert(status == ROWAN_OK || p->is_one || same(&s, &e.before));
        if (!same(&s, &e.before)) {
            fill();
        }
        if (!fired) {
            break;
        }
    }
    ck_assert_uint_gt(nth, 1);
    engine_close(db);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("faults in every pattern");
    TCase *tc = tcase_create("faults");
    int n = (int)engine_count() * PIECES;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, each_call_that_fails_is_reported_and_can_be_made_again, 0, n);
    tcase_add_loop_test(tc, each_allocation_that_fails_leaves_all_or_nothing, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
