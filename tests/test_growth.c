/*
 * What a test says of statements that grow with their rows: each pattern's tempting way grows, its
 * good way does not, and what grows is not made up for by what shrinks.
 */
#include <check.h>
#include <string.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"

enum { BOOKS = 12, PUBLISHERS = 12 };

static rowan_db *db;
static rowan_error error;

static void begin(size_t engine)
{
    db = library_open(engine, NULL);
    library_fill(db, BOOKS, PUBLISHERS, 4);
}

static rowan_status load(rowan_scope *scope, unsigned n, rowan_lazy lazy, const rowan_fetch *fetch,
                         rowan_rows *out)
{
    const rowan_query query = {.from = &library_book_table,
                               .order_by = ROWAN_ORDER(ROWAN_ASC(BOOK.id)),
                               .limit = n,
                               .lazy = lazy,
                               .fetch = fetch};

    return rowan_record_all(scope, &query, out);
}

/* --- Blocks: each reads n books with their publishers. --- */

static rowan_status raw_in_a_loop(rowan_scope *scope, unsigned n, void *context)
{
    rowan_rows books;
    rowan_status status = rowan_raw_all(scope, "SELECT * FROM book ORDER BY id LIMIT ?",
                                        ROWAN_PARAMS(ROWAN_V((int)n)), &library_book_table, &books);

    (void)context;
    for (size_t i = 0; i < books.count && status == ROWAN_OK; i++) {
        const library_book *book = &((const library_book *)books.at)[i];
        void *publisher;
        status = rowan_raw_one(scope, "SELECT name FROM publisher WHERE id = ?",
                               ROWAN_PARAMS(ROWAN_V(book->publisher_id.value)),
                               &library_publisher_table, &publisher);
    }
    return status;
}

static rowan_status records_one_by_one(rowan_scope *scope, unsigned n, void *context)
{
    rowan_rows books;
    rowan_status status = load(scope, n, ROWAN_LAZY_EACH, NULL, &books);

    (void)context;
    for (size_t i = 0; i < books.count && status == ROWAN_OK; i++) {
        void *publisher;
        status = rowan_record_one(scope, &library_book_publisher, &((library_book *)books.at)[i],
                                  &publisher);
    }
    return status;
}

static rowan_status records_with_a_plan(rowan_scope *scope, unsigned n, void *context)
{
    rowan_rows books;

    (void)context;
    return load(scope, n, ROWAN_LAZY_PEERS, ROWAN_FETCH(ROWAN_RELATED(&library_book_publisher)),
                &books);
}

static rowan_status raw_joined(rowan_scope *scope, unsigned n, void *context)
{
    rowan_rows books;

    (void)context;
    return rowan_raw_all(scope,
                         "SELECT b.* FROM book b JOIN publisher p ON p.id = b.publisher_id"
                         " ORDER BY b.id LIMIT ?",
                         ROWAN_PARAMS(ROWAN_V((int)n)), &library_book_table, &books);
}

static rowan_status count_of(rowan_scope *scope, const char *sql, unsigned times)
{
    rowan_status status = ROWAN_OK;

    for (unsigned i = 0; i < times && status == ROWAN_OK; i++) {
        status = rowan_raw_run(scope, sql, ROWAN_PARAMS(ROWAN_V((int)i)), NULL);
    }
    return status;
}

/* One statement grows as another shrinks: their sum is the same. */
static rowan_status even_in_sum(rowan_scope *scope, unsigned n, void *context)
{
    rowan_status status = count_of(scope, "UPDATE book SET price_cents = 1 WHERE id = ?", n);

    (void)context;
    return status != ROWAN_OK ? status
                              : count_of(scope, "UPDATE author SET name = 'x' WHERE id = ?", 8 - n);
}

static rowan_status shrinking(rowan_scope *scope, unsigned n, void *context)
{
    (void)context;
    return count_of(scope, "UPDATE book SET price_cents = 1 WHERE id = ?", 8 - n);
}

static rowan_status silent(rowan_scope *scope, unsigned n, void *context)
{
    unsigned *seen = context;

    (void)scope;
    *seen = *seen * 10 + n;
    return ROWAN_OK;
}

static rowan_status failing_at_four(rowan_scope *scope, unsigned n, void *context)
{
    (void)context;
    return n == 4 ? rowan_raw_run(scope, "UPDATE nothing SET id = 1", ROWAN_NO_PARAMS, NULL)
                  : ROWAN_OK;
}

/* --- Tests. --- */

static const struct {
    rowan_scale_block block;
    const char *says; /* NULL: nothing grows */
} blocks[] = {
    {raw_in_a_loop, "2, 4 and 8 executions at n = 2, 4 and 8 of select name from publisher"},
    {raw_in_a_loop, "; values from publisher_id of select * from book"},
    {records_one_by_one, "2, 4 and 8 executions at n = 2, 4 and 8 of select "},
    {even_in_sum, "2, 4 and 8 executions at n = 2, 4 and 8 of update book"},
    {records_with_a_plan, NULL},
    {raw_joined, NULL},
    {shrinking, NULL},
};

START_TEST(what_grows_is_named_and_nothing_else_is)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        begin((size_t)_i);
        rowan_counts before = rowan_db_counts(db);
        rowan_status status = rowan_expect_no_growth(db, blocks[i].block, NULL, &error);
        if (blocks[i].says == NULL) {
            ck_assert_msg(status == ROWAN_OK, "block %zu: %s", i, error.message);
        } else {
            ck_assert_int_eq(status, ROWAN_UNEXPECTED);
            ck_assert_msg(strstr(error.message, blocks[i].says) != NULL, "block %zu: %s", i,
                          error.message);
        }
        ck_assert_uint_ge(rowan_db_counts(db).statements, before.statements + 3);
        engine_close(db);
    }
}
END_TEST

START_TEST(a_block_is_run_three_times_and_may_send_nothing)
{
    unsigned seen = 0;

    begin((size_t)_i);
    ck_assert_int_eq(rowan_expect_no_growth(db, silent, &seen, NULL), ROWAN_OK);
    ck_assert_uint_eq(seen, 248);
    engine_close(db);
}
END_TEST

START_TEST(a_block_that_fails_ends_it_with_its_error)
{
    begin((size_t)_i);
    rowan_status status = rowan_expect_no_growth(db, failing_at_four, NULL, &error);
    ck_assert_int_ne(status, ROWAN_OK);
    ck_assert_int_ne(status, ROWAN_UNEXPECTED);
    ck_assert_int_eq(status, error.status);
    ck_assert_ptr_nonnull(strstr(error.engine_message, "nothing"));
    engine_close(db);
}
END_TEST

START_TEST(a_database_without_a_detector_is_told_of)
{
    rowan_options none = ROWAN_OPTIONS_INIT;

    none.no_detector = true;
    db = engine_open((size_t)_i, &none);
    unsigned seen = 0;
    ck_assert_int_eq(rowan_expect_no_growth(db, silent, &seen, &error), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(error.message, "detector"));
    ck_assert_uint_eq(seen, 0);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("growth");
    TCase *tc = tcase_create("growth");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, what_grows_is_named_and_nothing_else_is, 0, engines);
    tcase_add_loop_test(tc, a_block_is_run_three_times_and_may_send_nothing, 0, engines);
    tcase_add_loop_test(tc, a_block_that_fails_ends_it_with_its_error, 0, engines);
    tcase_add_loop_test(tc, a_database_without_a_detector_is_told_of, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
