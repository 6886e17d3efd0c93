/*
 * What the generated functions of a table make of queries: those that give rows of the table are
 * passed on, any others are refused before anything is sent, because the rows would be other
 * structs.
 */
#include <check.h>

#include <rowan/rowan.h>

#include "bookshop.h"
#include "support/engine.h"
#include "support/suite.h"

static rowan_db *db;
static rowan_scope *scope;
static rowan_session *session;

static void open_shop(size_t engine)
{
    static const author authors[] = {{1, "Ada", {0}, "GB", {0}, 0},
                                     {2, "Bea", {0}, "DE", {0}, 1},
                                     {3, "Cid", {0}, "ES", {0}, 2}};

    db = engine_bookshop(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "typed", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(author_insert_all(scope, authors, 3, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_session_begin(scope, &session), ROWAN_OK);
}

static void close_shop(void)
{
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}

/* Whether nothing came of a query, for a reason that says what is wrong with it. */
static bool is_refused(rowan_status status, const void *at, size_t count)
{
    return status == ROWAN_MISUSE && at == NULL && count == 0 &&
           strstr(rowan_scope_error(scope)->message, "rows of another table") != NULL;
}

static const rowan_query others[] = {
    {.from = &book_table},
    {.from = &author_table, .into = &book_table},
    {.from = NULL},
};

START_TEST(a_query_of_another_table_is_refused_by_every_pattern)
{
    open_shop((size_t)_i);
    uint64_t before = rowan_scope_counts(scope).statements;
    for (size_t i = 0; i <= sizeof others / sizeof others[0]; i++) {
        const rowan_query *query = i > 0 ? &others[i - 1] : NULL;
        author one = {0};
        author_rows rows = {&one, 1};
        author *row = &one;
        rowan_refs refs = {(void **)&row, 1};

        rowan_status status = author_query_all(scope, query, &rows);
        ck_assert_msg(is_refused(status, rows.at, rows.count), "all, %zu", i);
        status = author_query_one(scope, query, &row);
        ck_assert_msg(is_refused(status, row, 0), "one, %zu", i);
        rows = (author_rows){&one, 1};
        status = author_all(scope, query, &rows);
        ck_assert_msg(is_refused(status, rows.at, rows.count), "records, %zu", i);
        row = &one;
        status = author_first(scope, query, &row);
        ck_assert_msg(is_refused(status, row, 0), "the first record, %zu", i);
        status = author_session_all(session, query, &refs);
        ck_assert_msg(is_refused(status, refs.at, refs.count), "a session, %zu", i);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
    close_shop();
}
END_TEST

START_TEST(rows_of_the_table_are_given_wherever_they_come_from)
{
    const rowan_query own[] = {
        {.from = &author_table},
        {.from = &author_table, .into = &author_table},
    };

    open_shop((size_t)_i);
    for (size_t i = 0; i < 2; i++) {
        author_rows rows;
        rowan_refs refs;

        ck_assert_int_eq(author_query_all(scope, &own[i], &rows), ROWAN_OK);
        ck_assert_uint_eq(rows.count, 3);
        ck_assert_int_eq(author_session_all(session, &own[i], &refs), ROWAN_OK);
        ck_assert_uint_eq(refs.count, 3);
        for (size_t k = 0; k < 3; k++) {
            const author *known = refs.at[k];
            ck_assert_int_eq(rows.at[k].id, known->id);
            ck_assert_str_eq(rows.at[k].name, known->name);
        }
    }
    close_shop();
}
END_TEST

START_TEST(no_session_is_refused)
{
    const rowan_query own = {.from = &author_table};
    rowan_refs refs = {NULL, 1};

    ck_assert_int_eq(author_session_all(NULL, &own, &refs), ROWAN_MISUSE);
    ck_assert_uint_eq(refs.count, 0);
    refs.count = 1;
    ck_assert_int_eq(author_session_all(NULL, &others[0], &refs), ROWAN_MISUSE);
    ck_assert_uint_eq(refs.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("typed functions");
    TCase *tc = tcase_create("every engine");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_query_of_another_table_is_refused_by_every_pattern, 0, engines);
    tcase_add_loop_test(tc, rows_of_the_table_are_given_wherever_they_come_from, 0, engines);
    tcase_add_test(tc, no_session_is_refused);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
