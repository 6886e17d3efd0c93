/*
 * Relations that are loaded for one row: what comes, the statements that it takes, and that they
 * are those of loading for many. Where a relation goes by one number nothing is collected on the
 * way; where it does not, the same has to come of it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

#include "support/engine.h"
#include "support/session.h"
#include "support/suite.h"

/* The last statement of the program's own work, and what it loaded ahead. */
typedef struct seen {
    rowan_subscriber subscriber;
    char sql[1024];
    size_t params;
    rowan_pattern pattern;
    const rowan_relation *relation;
    size_t fetched_count;
    const rowan_fetched *fetched;
} seen;

static void see(void *context, const rowan_event *event)
{
    seen *s = context;

    if (event->purpose != ROWAN_PURPOSE_QUERY) {
        return;
    }
    snprintf(s->sql, sizeof s->sql, "%.*s", (int)event->sql_size, event->sql);
    s->params = event->param_count;
    s->pattern = event->pattern;
    s->relation = event->relation;
    s->fetched_count = event->fetched_count;
    s->fetched = event->fetched_count != 0 ? event->fetched[0] : NULL;
}

static rowan_db *open_seen(size_t engine, seen *s, rowan_lazy lazy)
{
    rowan_subscriber *subscribers[] = {&s->subscriber};
    rowan_options options = ROWAN_OPTIONS_INIT;

    memset(s, 0, sizeof *s);
    s->subscriber.on_event = see;
    s->subscriber.context = s;
    options.no_detector = true;
    options.lazy = lazy;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    return library_open(engine, &options);
}

/* The row of a key, alone in its block. */
static void *found(rowan_scope *scope, const rowan_table *table, int64_t key)
{
    void *row;

    library_ok(scope, rowan_record_find(scope, table, KEY(key), &row));
    return row;
}

static rowan_rows load_many(rowan_scope *scope, const rowan_relation *relation, const void *row)
{
    const rowan_fetch plan[] = {{.relation = relation}, {.relation = NULL}};
    rowan_rows rows;

    library_ok(scope, rowan_load(scope, relation->from, row, 1, plan));
    library_ok(scope, rowan_loaded_many(scope, relation, row, &rows));
    return rows;
}

static void *load_one(rowan_scope *scope, const rowan_relation *relation, const void *row)
{
    const rowan_fetch plan[] = {{.relation = relation}, {.relation = NULL}};
    void *one;

    library_ok(scope, rowan_load(scope, relation->from, row, 1, plan));
    library_ok(scope, rowan_loaded_one(scope, relation, row, &one));
    return one;
}

START_TEST(none_one_and_many_rows_come_in_the_order_of_their_keys)
{
    static const size_t counts[] = {0, 1, 2, 25};

    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        library_fill(db, 0, 1, 0);
        rowan_scope *scope = library_scope(db);
        for (size_t i = counts[c]; i > 0; i--) {
            library_book book = {.id = (int64_t)i,
                                 .title = "A book",
                                 .publisher_id = {true, LIBRARY_FIRST},
                                 .cover = {"", 0}};
            void *made;
            library_ok(scope, rowan_record_insert(scope, &library_book_table, &book, &made));
        }
        const library_publisher *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST);
        library_sent(scope);
        rowan_rows books = load_many(scope, &library_publisher_books, publisher);
        ck_assert_uint_eq(library_sent(scope), 1);
        ck_assert_uint_eq(books.count, counts[c]);
        ck_assert(counts[c] != 0 || books.at == NULL);
        for (size_t i = 0; i < books.count; i++) {
            ck_assert_int_eq(((library_book *)books.at)[i].id, (int64_t)i + 1);
        }
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

START_TEST(the_other_end_is_found_is_none_or_is_null)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 3, 2, 1);
    rowan_scope *scope = library_scope(db);
    library_book *book = found(scope, &library_book_table, LIBRARY_FIRST + 1);
    library_author *author = found(scope, &library_author_table, LIBRARY_FIRST);
    library_sent(scope);
    const library_publisher *publisher = load_one(scope, &library_book_publisher, book);
    ck_assert_int_eq(publisher->id, LIBRARY_FIRST + 1);
    ck_assert_ptr_null(load_one(scope, &library_author_profile, author)); /* there is none */
    ck_assert_uint_eq(library_sent(scope), 2);
    library_publisher *other = found(scope, &library_publisher_table, LIBRARY_FIRST);
    library_sent(scope);
    ck_assert_ptr_null(load_one(scope, &library_publisher_featured, other)); /* its key is NULL */
    ck_assert_uint_eq(library_sent(scope), 0);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(what_is_loaded_is_not_asked_for_again)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 6, 2, 0);
    rowan_scope *scope = library_scope(db);
    const library_publisher *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST);
    library_sent(scope);
    rowan_rows books = load_many(scope, &library_publisher_books, publisher);
    ck_assert_uint_eq(books.count, 3);
    ck_assert_ptr_eq(load_many(scope, &library_publisher_books, publisher).at, books.at);
    ck_assert_uint_eq(library_sent(scope), 1);
    /* What came is a row like any other: it is known, and can be saved. */
    ((library_book *)books.at)[1].price_cents = 4711;
    library_ok(scope, rowan_record_save(scope, (library_book *)books.at + 1));
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT count(*) FROM book WHERE price_cents = 4711"), 1);
    engine_close(db);
}
END_TEST

/* What a plan sends that says what is loaded further, of which there is nothing here. */
static void load_further(rowan_scope *scope, const rowan_relation *relation, const void *row,
                         const rowan_relation *further)
{
    const rowan_fetch then[] = {{.relation = further}, {.relation = NULL}};
    const rowan_fetch plan[] = {{.relation = relation, .then = then}, {.relation = NULL}};

    library_ok(scope, rowan_load(scope, relation->from, row, 1, plan));
}

START_TEST(the_statement_is_that_of_every_plan)
{
    seen s;
    rowan_db *db = open_seen((size_t)_i, &s, ROWAN_LAZY_DEFAULT);
    char sql[sizeof s.sql];

    library_fill(db, 0, 2, 0);
    library_fill_lines(db, 2, 0);
    rowan_scope *scope = library_scope(db);
    const library_publisher *one = found(scope, &library_publisher_table, LIBRARY_FIRST);
    const library_publisher *two = found(scope, &library_publisher_table, LIBRARY_FIRST + 1);
    load_further(scope, &library_publisher_books, one, &library_book_lines);
    strcpy(sql, s.sql);
    ck_assert_uint_eq(load_many(scope, &library_publisher_books, two).count, 0);
    ck_assert_str_eq(s.sql, sql);
    ck_assert_ptr_nonnull(strstr(sql, "ORDER BY"));
    ck_assert_uint_eq(s.params, 1);
    ck_assert_ptr_eq(s.relation, &library_publisher_books);
    ck_assert_int_eq(s.pattern, ROWAN_PATTERN_QUERY_BUILDER);
    /* A key of two columns behind it. */
    load_further(scope, &library_purchase_lines, found(scope, &library_purchase_table, 1),
                 &library_line_parcels);
    strcpy(sql, s.sql);
    ck_assert_uint_eq(
        load_many(scope, &library_purchase_lines, found(scope, &library_purchase_table, 2)).count,
        0);
    ck_assert_str_eq(s.sql, sql);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(further_keys_and_scopes_prepare_nothing_anew)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 10, 5, 0);
    for (int round = 0; round < 2; round++) {
        rowan_scope *scope = library_scope(db);
        uint64_t misses = 0;
        for (int64_t i = 0; i < 5; i++) {
            void *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST + i);
            misses = i == 0 ? rowan_scope_counts(scope).cache_misses : misses;
            ck_assert_uint_eq(load_many(scope, &library_publisher_books, publisher).count, 2);
        }
        ck_assert_uint_eq(rowan_scope_counts(scope).cache_misses - misses, round == 0 ? 1 : 0);
        rowan_scope_end(scope);
    }
    engine_close(db);
}
END_TEST

/* Relations that go by more than one number take the way of many rows. */
START_TEST(two_columns_texts_and_tables_between_come_as_well)
{
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 4, 1, 2);
    library_fill_lines(db, 2, 2);
    library_run(db, "INSERT INTO tag (subject_type, subject_id, label) VALUES "
                    "('author', 5001, 'of an author'), ('book', 5001, 'of a book')");
    rowan_scope *scope = library_scope(db);
    const library_purchase *purchase = found(scope, &library_purchase_table, 2);
    const library_author *author = found(scope, &library_author_table, LIBRARY_FIRST);
    library_sent(scope);
    rowan_rows lines = load_many(scope, &library_purchase_lines, purchase);
    const library_line *line = (library_line *)lines.at + 1;
    rowan_rows parcels = load_many(scope, &library_line_parcels, line);
    rowan_rows tags = load_many(scope, &library_author_tags, author);
    rowan_rows books = load_many(scope, &library_author_books, author);
    ck_assert_uint_eq(library_sent(scope), 4);
    ck_assert_uint_eq(lines.count, 2);
    ck_assert_uint_eq(parcels.count, 1);
    ck_assert_int_eq(((library_parcel *)parcels.at)->line_no, 2);
    ck_assert_uint_eq(tags.count, 1);
    ck_assert_str_eq(((library_tag *)tags.at)->label, "of an author");
    ck_assert_uint_eq(books.count, 4);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_plan_that_says_which_or_how_many_is_kept_to)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows books;

    library_fill(db, 9, 1, 0);
    rowan_scope *scope = library_scope(db);
    const library_publisher *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST);
    const rowan_fetch plans[][2] = {
        {{.relation = &library_publisher_books, .limit = 2}},
        {{.relation = &library_publisher_books, .where = GE(BOOK.price_cents, 6)}},
        {{.relation = &library_publisher_books, .order_by = ORDER(DESC(BOOK.id))}}};
    const size_t counts[] = {2, 3, 9}, firsts[] = {0, 6, 8};

    for (size_t i = 0; i < 3; i++) {
        library_ok(scope, rowan_load(scope, &library_publisher_table, publisher, 1, plans[i]));
        library_ok(scope, rowan_loaded_many(scope, &library_publisher_books, publisher, &books));
        ck_assert_uint_eq(books.count, counts[i]);
        ck_assert_int_eq(((library_book *)books.at)->id, LIBRARY_FIRST + (int64_t)firsts[i]);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_plan_for_one_row_is_noted_and_its_reading_too)
{
    seen s;
    rowan_db *db = open_seen((size_t)_i, &s, ROWAN_LAZY_DEFAULT);
    rowan_rows books;

    library_fill(db, 4, 2, 0);
    rowan_scope *scope = library_scope(db);
    const library_publisher *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST);
    ck_assert_uint_eq(s.fetched_count, 0);
    library_ok(scope, rowan_load(scope, &library_publisher_table, publisher, 1,
                                 FETCH(RELATED(&library_publisher_books))));
    const rowan_fetched *fetched = s.fetched;
    ck_assert_uint_eq(s.fetched_count, 1);
    ck_assert_ptr_eq(fetched->relation, &library_publisher_books);
    ck_assert_uint_eq(fetched->owners, 0); /* one row proves nothing */
    ck_assert(!fetched->is_read);
    library_ok(scope, rowan_loaded_many(scope, &library_publisher_books, publisher, &books));
    ck_assert(fetched->is_read);
    (void)found(scope, &library_publisher_table, LIBRARY_FIRST + 1);
    ck_assert_uint_eq(s.fetched_count, 0); /* it ends with the statement */
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(what_a_record_asks_for_itself_is_of_no_plan)
{
    seen s;
    rowan_db *db = open_seen((size_t)_i, &s, ROWAN_LAZY_EACH);
    rowan_query query = {.from = &library_publisher_table, .order_by = ORDER(ASC(PUBLISHER.id))};
    rowan_rows publishers, books;

    library_fill(db, 6, 3, 0);
    rowan_scope *scope = library_scope(db);
    library_ok(scope, rowan_record_all(scope, &query, &publishers));
    library_sent(scope);
    for (size_t i = 0; i < publishers.count; i++) {
        const library_publisher *publisher = (library_publisher *)publishers.at + i;
        library_ok(scope, rowan_record_many(scope, &library_publisher_books, publisher, &books));
        ck_assert_uint_eq(library_sent(scope), 1);
        ck_assert_uint_eq(books.count, 2);
        ck_assert_int_eq(s.pattern, ROWAN_PATTERN_ACTIVE_RECORD);
        ck_assert_ptr_eq(s.relation, &library_publisher_books);
        ck_assert_uint_eq(s.fetched_count, 0);
        /* The policy goes on to what came. */
        void *back;
        library_ok(scope, rowan_record_one(scope, &library_book_publisher,
                                           (library_book *)books.at + 1, &back));
        ck_assert_uint_eq(library_sent(scope), 1);
        ck_assert_int_eq(((library_publisher *)back)->id, publisher->id);
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_session_gives_the_rows_that_it_knows)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_refs books;
    void *publisher;

    library_fill(db, 6, 2, 0);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    library_book *book = find(session, &library_book_table, LIBRARY_FIRST + 2);
    book->price_cents = 99;
    library_publisher *first = find(session, &library_publisher_table, LIBRARY_FIRST);
    const rowan_refs refs = {(void **)&first, 1}, book_refs = {(void **)&book, 1};
    library_sent(scope);
    for (int round = 0; round < 2; round++) { /* it loads anew, and keeps what was changed */
        library_ok(scope,
                   rowan_session_load(session, refs, FETCH(RELATED(&library_publisher_books))));
        ck_assert_uint_eq(library_sent(scope), 1);
        library_ok(scope, rowan_session_many(session, &library_publisher_books, first, &books));
        ck_assert_uint_eq(books.count, 3);
        ck_assert_ptr_eq(books.at[1], book);
        ck_assert_int_eq(book->price_cents, 99);
    }
    library_ok(scope,
               rowan_session_load(session, book_refs, FETCH(RELATED(&library_book_publisher))));
    library_ok(scope, rowan_session_one(session, &library_book_publisher, book, &publisher));
    ck_assert_ptr_eq(publisher, first);
    library_run(db, "UPDATE book SET publisher_id = NULL WHERE id = 5001");
    library_ok(scope, rowan_session_load(session, refs, FETCH(RELATED(&library_publisher_books))));
    library_ok(scope, rowan_session_many(session, &library_publisher_books, first, &books));
    ck_assert_uint_eq(books.count, 2);
    flush(session);
    rowan_session_end(session);
    rowan_scope_end(scope);
    ck_assert_int_eq(library_number(db, "SELECT price_cents FROM book WHERE id = 5003"), 99);
    engine_close(db);
}
END_TEST

START_TEST(a_failure_attaches_nothing_and_names_what_is_wrong)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_query narrow = {.select = SELECT(COL(PUBLISHER.name)), .from = &library_publisher_table};
    rowan_rows publishers, books;

    library_fill(db, 4, 2, 0);
    rowan_scope *scope = library_scope(db);
    library_publisher *publisher = found(scope, &library_publisher_table, LIBRARY_FIRST);
    library_ok(scope, rowan_query_all(scope, &narrow, &publishers));
    library_sent(scope);
    ck_assert_int_eq(rowan_load(scope, &library_publisher_table, publishers.at, 1,
                                FETCH(RELATED(&library_publisher_books))),
                     ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "column id"));
    ck_assert_int_eq(rowan_load(scope, &library_publisher_table, publisher, 1,
                                FETCH(RELATED(&library_author_tags))),
                     ROWAN_MISUSE);
    ck_assert_uint_eq(library_sent(scope), 0);
    library_run(db, "ALTER TABLE book RENAME TO tome");
    ck_assert_int_ne(rowan_load(scope, &library_publisher_table, publisher, 1,
                                FETCH(RELATED(&library_publisher_books))),
                     ROWAN_OK);
    ck_assert_int_eq(rowan_loaded_many(scope, &library_publisher_books, publisher, &books),
                     ROWAN_LAZY);
    library_run(db, "ALTER TABLE tome RENAME TO book");
    ck_assert_uint_eq(load_many(scope, &library_publisher_books, publisher).count, 2);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* --- Numbers of different widths. --- */

typedef struct holder {
    int64_t id;
} holder;

typedef struct held {
    int64_t id;
    rowan_opt_i32 holder_id;
} held;

static const rowan_table holder_table, held_table;
static const rowan_column holder_columns[] = {
    ROWAN_COLUMN(holder_table, holder, id, ROWAN_PRIMARY)};
static const rowan_column held_columns[] = {ROWAN_COLUMN(held_table, held, id, ROWAN_PRIMARY),
                                            ROWAN_OPT_COLUMN(held_table, held, holder_id, 0)};
static const rowan_column *const holder_key[] = {&holder_columns[0]};
static const rowan_column *const held_key[] = {&held_columns[0]};
static const rowan_column *const held_to_holder[] = {&held_columns[1]};
static const rowan_relation holder_helds = {.name = "helds",
                                            .kind = ROWAN_HAS_MANY,
                                            .from = &holder_table,
                                            .to = &held_table,
                                            .column_count = 1,
                                            .from_columns = holder_key,
                                            .to_columns = held_to_holder,
                                            .index = 0};
static const rowan_relation held_holder = {.name = "holder",
                                           .kind = ROWAN_BELONGS_TO,
                                           .from = &held_table,
                                           .to = &holder_table,
                                           .column_count = 1,
                                           .from_columns = held_to_holder,
                                           .to_columns = holder_key,
                                           .index = 0};
static const rowan_relation *const holder_relations[] = {&holder_helds};
static const rowan_relation *const held_relations[] = {&held_holder};
static const rowan_table holder_table = {.name = "holder",
                                         .columns = holder_columns,
                                         .column_count = 1,
                                         .primary = holder_key,
                                         .primary_count = 1,
                                         .relations = holder_relations,
                                         .relation_count = 1,
                                         .row_size = sizeof(holder),
                                         .row_align = _Alignof(holder)};
static const rowan_table held_table = {.name = "held",
                                       .columns = held_columns,
                                       .column_count = 2,
                                       .primary = held_key,
                                       .primary_count = 1,
                                       .relations = held_relations,
                                       .relation_count = 1,
                                       .row_size = sizeof(held),
                                       .row_align = _Alignof(held)};

START_TEST(a_number_that_the_other_column_cannot_hold_has_no_rows)
{
    rowan_db *db = engine_open((size_t)_i, NULL);

    engine_script(db, "CREATE TABLE holder (id @key);\n"
                      "CREATE TABLE held (id @key, holder_id @int32);\n");
    library_run(db, "INSERT INTO holder (id) VALUES (7), (5000000007)");
    library_run(db, "INSERT INTO held (id, holder_id) VALUES (1, 7), (2, 705032711), (3, NULL)");
    rowan_scope *scope = library_scope(db);
    const holder *small = found(scope, &holder_table, 7);
    const holder *large = found(scope, &holder_table, INT64_C(5000000007));
    ck_assert_uint_eq(load_many(scope, &holder_helds, large).count, 0);
    rowan_rows helds = load_many(scope, &holder_helds, small);
    ck_assert_uint_eq(helds.count, 1);
    const holder *back = load_one(scope, &held_holder, helds.at);
    ck_assert_int_eq(back->id, 7);
    ck_assert_ptr_null(load_one(scope, &held_holder, found(scope, &held_table, 3)));
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* --- Memory. --- */

static rowan_status load_by_all(rowan_scope *scope)
{
    rowan_session *session;
    void *publisher = NULL, *book = NULL;
    rowan_status status = rowan_session_begin(scope, &session);

    if (status == ROWAN_OK) {
        status =
            rowan_session_find(session, &library_publisher_table, KEY(LIBRARY_FIRST), &publisher);
    }
    if (status == ROWAN_OK) {
        status = rowan_session_load(session, (rowan_refs){&publisher, 1},
                                    FETCH(RELATED(&library_publisher_books)));
    }
    rowan_session_end(session);
    if (status == ROWAN_OK) {
        status = rowan_record_find(scope, &library_book_table, KEY(LIBRARY_FIRST), &book);
    }
    if (status == ROWAN_OK) {
        status = rowan_record_one(scope, &library_book_publisher, book, &publisher);
    }
    return status;
}

/* Each time by a connection that knows no statement. */
START_TEST(memory_may_run_out_anywhere)
{
    const char *url = engine_url_new((size_t)_i);
    rowan_options options = ROWAN_OPTIONS_INIT;
    library_memory memory;
    rowan_db *db = engine_open_url(url, NULL);

    library_create(db, (size_t)_i);
    library_fill(db, 60, 1, 0);
    rowan_close(db);
    library_memory_init(&memory);
    options.allocator = &memory.allocator;
    do {
        size_t nth = memory.fail_at + 1;
        db = engine_open_url(url, &options);
        rowan_scope *scope = library_scope(db);
        memory.has_failed = false;
        memory.count = 0;
        memory.fail_at = nth;
        rowan_status status = load_by_all(scope);
        memory.fail_at = SIZE_MAX;
        ck_assert(status == ROWAN_OK || (memory.has_failed && status == ROWAN_NOMEM));
        library_ok(scope, load_by_all(scope));
        rowan_scope_end(scope);
        rowan_close(db);
        ck_assert_uint_eq(memory.live, 0);
        memory.fail_at = nth;
    } while (memory.has_failed);
    ck_assert_uint_gt(memory.fail_at, 10);
    engine_url_drop(url);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("relations of one row");
    TCase *tc = tcase_create("one");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, none_one_and_many_rows_come_in_the_order_of_their_keys, 0, n);
    tcase_add_loop_test(tc, the_other_end_is_found_is_none_or_is_null, 0, n);
    tcase_add_loop_test(tc, what_is_loaded_is_not_asked_for_again, 0, n);
    tcase_add_loop_test(tc, the_statement_is_that_of_every_plan, 0, n);
    tcase_add_loop_test(tc, further_keys_and_scopes_prepare_nothing_anew, 0, n);
    tcase_add_loop_test(tc, two_columns_texts_and_tables_between_come_as_well, 0, n);
    tcase_add_loop_test(tc, a_plan_that_says_which_or_how_many_is_kept_to, 0, n);
    tcase_add_loop_test(tc, a_plan_for_one_row_is_noted_and_its_reading_too, 0, n);
    tcase_add_loop_test(tc, what_a_record_asks_for_itself_is_of_no_plan, 0, n);
    tcase_add_loop_test(tc, a_session_gives_the_rows_that_it_knows, 0, n);
    tcase_add_loop_test(tc, a_failure_attaches_nothing_and_names_what_is_wrong, 0, n);
    tcase_add_loop_test(tc, a_number_that_the_other_column_cannot_hold_has_no_rows, 0, n);
    tcase_add_loop_test(tc, memory_may_run_out_anywhere, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
