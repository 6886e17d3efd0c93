/* Fetch plans: one plan for every pattern, and ways of loading that agree with one another. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

/* The books with their publishers, and the publishers' books with their authors. */
static const rowan_fetch authors_plan[] = {{.relation = &library_book_authors}, {.relation = NULL}};
static const rowan_fetch books_plan[] = {
    {.relation = &library_publisher_books, .then = authors_plan}, {.relation = NULL}};
static const rowan_fetch shared_plan[] = {{.relation = &library_book_publisher, .then = books_plan},
                                          {.relation = NULL}};

/* Adds what a graph holds to a text: it is the same for every pattern. */
static void describe(char *out, size_t size, const library_book *book, const char *publisher,
                     size_t published, size_t authors)
{
    size_t used = strlen(out);

    snprintf(out + used, size - used, "%s of %s with %zu others by %zu\n", book->title, publisher,
             published, authors);
}

static void by_query(rowan_scope *scope, const rowan_query *query, char *out, size_t size)
{
    rowan_rows books, published, authors;
    library_publisher *publisher;

    library_ok(scope, rowan_query_all(scope, query, &books));
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = (library_book *)books.at + i;
        library_ok(scope,
                   rowan_loaded_one(scope, &library_book_publisher, book, (void **)&publisher));
        library_ok(scope,
                   rowan_loaded_many(scope, &library_publisher_books, publisher, &published));
        library_ok(scope, rowan_loaded_many(scope, &library_book_authors, published.at, &authors));
        describe(out, size, book, publisher->name, published.count, authors.count);
    }
}

static void by_record(rowan_scope *scope, const rowan_query *query, char *out, size_t size)
{
    rowan_rows books, published, authors;
    library_publisher *publisher;

    library_ok(scope, rowan_record_all(scope, query, &books));
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = (library_book *)books.at + i;
        library_ok(scope,
                   rowan_record_one(scope, &library_book_publisher, book, (void **)&publisher));
        library_ok(scope,
                   rowan_record_many(scope, &library_publisher_books, publisher, &published));
        library_ok(scope, rowan_record_many(scope, &library_book_authors, published.at, &authors));
        describe(out, size, book, publisher->name, published.count, authors.count);
    }
}

static void by_session(rowan_scope *scope, const rowan_query *query, char *out, size_t size)
{
    rowan_refs books, published, authors;
    library_publisher *publisher;
    rowan_session *session;

    library_ok(scope, rowan_session_begin(scope, &session));
    library_ok(scope, rowan_session_all(session, query, &books));
    for (size_t i = 0; i < books.count; i++) {
        const library_book *book = books.at[i];
        library_ok(scope,
                   rowan_session_one(session, &library_book_publisher, book, (void **)&publisher));
        library_ok(scope,
                   rowan_session_many(session, &library_publisher_books, publisher, &published));
        library_ok(scope,
                   rowan_session_many(session, &library_book_authors, published.at[0], &authors));
        describe(out, size, book, publisher->name, published.count, authors.count);
    }
    rowan_session_end(session);
}

START_TEST(one_plan_serves_every_pattern)
{
    static void (*const patterns[])(rowan_scope * scope, const rowan_query *query, char *out,
                                    size_t size) = {by_query, by_record, by_session};
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_query query = {
        .from = &library_book_table, .order_by = ORDER(ASC(BOOK.id)), .fetch = shared_plan};
    char texts[3][4096] = {"", "", ""};

    library_fill(db, 20, 3, 4);
    for (size_t p = 0; p < 3; p++) {
        rowan_scope *scope = library_scope(db);
        patterns[p](scope, &query, texts[p], sizeof texts[p]);
        ck_assert_uint_eq(library_sent(scope), 4);
        rowan_scope_end(scope);
    }
    ck_assert_ptr_nonnull(strstr(texts[0], "Book 19 of Publisher 1 with 7 others by 2\n"));
    ck_assert_str_eq(texts[0], texts[1]);
    ck_assert_str_eq(texts[0], texts[2]);
    engine_close(db);
}
END_TEST

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* Scatters the books over publishers, some without one; some publishers feature a book. */
static void scatter(rowan_db *db, size_t books, size_t publishers, unsigned *seed)
{
    rowan_scope *scope = library_scope(db);

    library_ok(scope, rowan_begin(scope, NULL));
    for (size_t i = 0; i < books; i++) {
        size_t publisher = next_random(seed) % (publishers + 1);
        library_ok(scope, rowan_raw_run(scope, "UPDATE book SET publisher_id = ? WHERE id = ?",
                                        PARAMS(publisher == publishers
                                                   ? rowan_v_null()
                                                   : V((int64_t)(LIBRARY_FIRST + publisher)),
                                               V((int64_t)(LIBRARY_FIRST + i))),
                                        NULL));
    }
    for (size_t i = 0; i < publishers; i += 2) {
        library_ok(scope,
                   rowan_raw_run(scope, "UPDATE publisher SET featured_id = ? WHERE id = ?",
                                 PARAMS(V((int64_t)(LIBRARY_FIRST + next_random(seed) % books)),
                                        V((int64_t)(LIBRARY_FIRST + i))),
                                 NULL));
    }
    library_ok(scope, rowan_commit(scope));
    rowan_scope_end(scope);
}

static rowan_rows load(rowan_scope *scope, const rowan_table *table, const rowan_fetch *plan)
{
    rowan_query query = {.from = table,
                         .order_by = table == &library_book_table ? ORDER(ASC(BOOK.id))
                                                                  : ORDER(ASC(PUBLISHER.id)),
                         .fetch = plan};
    rowan_rows rows;

    library_ok(scope, rowan_query_all(scope, &query, &rows));
    return rows;
}

START_TEST(batch_and_join_agree)
{
    unsigned seed = 7;

    for (int round = 0; round < 5; round++) {
        rowan_db *db = library_open((size_t)_i, NULL);
        library_fill(db, 40, 6, 0);
        scatter(db, 40, 6, &seed);
        rowan_scope *scope = library_scope(db);
        rowan_rows batched = load(scope, &library_book_table,
                                  FETCH({.relation = &library_book_publisher,
                                         .then = FETCH(RELATED(&library_publisher_featured))}));
        ck_assert_uint_eq(library_sent(scope), 3);
        rowan_rows joined = load(scope, &library_book_table,
                                 FETCH({.relation = &library_book_publisher,
                                        .way = ROWAN_FETCH_JOIN,
                                        .then = FETCH({.relation = &library_publisher_featured,
                                                       .way = ROWAN_FETCH_JOIN})}));
        ck_assert_uint_eq(library_sent(scope), 1);
        ck_assert_uint_eq(batched.count, joined.count);
        for (size_t i = 0; i < batched.count; i++) {
            const library_book *a = (library_book *)batched.at + i,
                               *b = (library_book *)joined.at + i;
            library_publisher *p, *q;
            library_book *f = NULL, *g = NULL;
            ck_assert_str_eq(a->title, b->title);
            library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, a, (void **)&p));
            library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, b, (void **)&q));
            ck_assert_int_eq(p != NULL, a->publisher_id.has);
            ck_assert_int_eq(p != NULL, q != NULL);
            if (p == NULL) {
                continue;
            }
            ck_assert_str_eq(p->name, q->name);
            library_ok(scope, rowan_loaded_one(scope, &library_publisher_featured, p, (void **)&f));
            library_ok(scope, rowan_loaded_one(scope, &library_publisher_featured, q, (void **)&g));
            ck_assert_int_eq(f != NULL, g != NULL);
            ck_assert(f == NULL || (strcmp(f->title, g->title) == 0 && f->id == g->id));
        }
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

START_TEST(a_limit_is_the_beginning_of_the_whole)
{
    unsigned seed = 11;
    rowan_db *db = library_open((size_t)_i, NULL);

    library_fill(db, 60, 8, 5);
    scatter(db, 60, 8, &seed);
    rowan_scope *scope = library_scope(db);
    for (int64_t limit = 1; limit <= 12; limit += 3) {
        const rowan_order *order = ORDER(ASC(BOOK.in_print), DESC(BOOK.id));
        rowan_rows all = load(scope, &library_publisher_table,
                              FETCH({.relation = &library_publisher_books, .order_by = order}));
        rowan_rows some =
            load(scope, &library_publisher_table,
                 FETCH({.relation = &library_publisher_books, .order_by = order, .limit = limit}));
        for (size_t i = 0; i < all.count; i++) {
            rowan_rows whole, part;
            library_ok(scope, rowan_loaded_many(scope, &library_publisher_books,
                                                (library_publisher *)all.at + i, &whole));
            library_ok(scope, rowan_loaded_many(scope, &library_publisher_books,
                                                (library_publisher *)some.at + i, &part));
            ck_assert_uint_eq(part.count,
                              whole.count < (size_t)limit ? whole.count : (size_t)limit);
            for (size_t k = 0; k < part.count; k++) {
                ck_assert_int_eq(((library_book *)part.at)[k].id, ((library_book *)whole.at)[k].id);
            }
        }
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(a_page_with_two_collections_is_no_product)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    rowan_rows publishers;

    library_fill(db, 60, 10, 5);
    for (int tag = 0; tag < 4; tag++) {
        library_run(db,
                    "INSERT INTO tag (subject_type, subject_id, label) VALUES ('book', 5001, 't')");
    }
    rowan_scope *scope = library_scope(db);
    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .limit = 5,
                         .fetch =
                             FETCH(RELATED(&library_book_authors), RELATED(&library_book_tags))};
    library_ok(scope, rowan_query_all(scope, &query, &publishers));
    ck_assert_uint_eq(library_sent(scope), 3);
    ck_assert_uint_eq(rowan_scope_counts(scope).rows, 5 + 10 + 4);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(lists_of_any_length_have_few_texts)
{
    rowan_db *db = library_open((size_t)_i, NULL);
    const uint64_t texts_of_lists = 7; /* 1, 2, 4 … 64 values */

    library_fill(db, 64, 64, 0);
    rowan_scope *scope = library_scope(db);
    rowan_rows books = load(scope, &library_book_table, NULL);
    uint64_t misses = rowan_scope_counts(scope).cache_misses;
    for (size_t first = 0, count = 1; count <= 64; count++, first = (first + 13) % 64) {
        /* With a condition, so that what is loaded already is loaded anew. */
        library_ok(scope, rowan_load(scope, &library_book_table,
                                     (library_book *)books.at + first % (65 - count), count,
                                     FETCH({.relation = &library_book_publisher,
                                            .where = GE(PUBLISHER.id, 0)})));
    }
    ck_assert_uint_le(rowan_scope_counts(scope).cache_misses - misses, texts_of_lists);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fetch plans");
    TCase *tc = tcase_create("plans");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, one_plan_serves_every_pattern, 0, n);
    tcase_add_loop_test(tc, batch_and_join_agree, 0, n);
    tcase_add_loop_test(tc, a_limit_is_the_beginning_of_the_whole, 0, n);
    tcase_add_loop_test(tc, a_page_with_two_collections_is_no_product, 0, n);
    tcase_add_loop_test(tc, lists_of_any_length_have_few_texts, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
