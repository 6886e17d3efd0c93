/*
 * What queries as values promise: forks leave the parent alone, threads share one, clauses come and
 * go, copies outlive the block, counting and streaming agree with loading, and what cannot be is
 * refused unsent.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

static const char *sql_of(const rowan_query *query)
{
    const char *sql = NULL;

    ok(rowan_query_sql(scope, query, &sql));
    return sql;
}

static size_t load(const rowan_query *query)
{
    rowan_rows rows;

    ok(rowan_query_all(scope, query, &rows));
    return rows.count;
}

START_TEST(a_fork_leaves_its_parent_unchanged)
{
    const rowan_query parent = {.from = &work_table,
                                .where = LT(WORK.cents, 1300),
                                .order_by = ORDER(ASC(WORK.id)),
                                .limit = 4};
    rowan_query before = parent;
    rowan_query narrow = parent, wide = parent;
    const char *text;

    open_filled(_i);
    text = sql_of(&parent);
    narrow.where = AND(parent.where, EQ(WORK.kind, WORK_ESSAY));
    narrow.offset = 1;
    wide.where = OR(parent.where, GT(WORK.cents, 1300));
    wide.limit = 0;
    ck_assert_uint_eq(load(&narrow), 1);
    ck_assert_uint_eq(load(&wide), 8);
    ck_assert_uint_eq(load(&parent), 4);
    ck_assert_int_eq(memcmp(&parent, &before, sizeof parent), 0);
    ck_assert_str_eq(sql_of(&parent), text);
    close_all();
}
END_TEST

/* --- Threads. --- */

enum { THREADS = 6, ROUNDS = 30 };

typedef struct worker {
    const rowan_query *query;
    pthread_t thread;
    bool failed;
} worker;

static void *run_shared(void *argument)
{
    worker *w = argument;

    for (int i = 0; i < ROUNDS && !w->failed; i++) {
        rowan_scope *own = NULL;
        rowan_rows rows = {NULL, 0};
        w->failed = rowan_scope_begin(db, "worker", &own, NULL) != ROWAN_OK ||
                    rowan_query_all(own, w->query, &rows) != ROWAN_OK || rows.count != 3;
        rowan_scope_end(own);
    }
    return NULL;
}

START_TEST(threads_share_one_query)
{
    const rowan_query shared = {.from = &work_table,
                                .where = AND(IN(WORK.kind, WORK_POEM), LIKE(WORK.title, "%")),
                                .order_by = ORDER(DESC(WORK.weight))};
    worker workers[THREADS];

    open_filled(_i);
    rowan_scope_end(scope);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){.query = &shared};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, run_shared, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert(!workers[i].failed);
    }
    scope = NULL;
    close_all();
}
END_TEST

/* --- Clauses. --- */

enum {
    WHERE = 1,
    JOINED = 2,
    GROUPED = 4,
    HAVING = 8,
    ORDERED = 16,
    LIMITED = 32,
    SKIPPING = 64,
    DISTINCT = 128,
    ALL_CLAUSES = 256
};

typedef struct tally {
    work_kind kind;
    rowan_opt_i64 n;
} tally;

START_TEST(every_clause_may_come_or_not)
{
    const rowan_table shape = ROWAN_SHAPE(
        tally, ((rowan_column[]){{NULL, "kind", ROWAN_TYPE_ENUM, 0, offsetof(tally, kind),
                                  offsetof(tally, kind), WORK.kind.column->enumeration, 0, 0},
                                 {NULL, "n", ROWAN_TYPE_INT64, ROWAN_NULLABLE, offsetof(tally, n),
                                  offsetof(tally, n.value), NULL, 0, 0}}));

    open_filled(_i);
    for (unsigned with = 0; with < ALL_CLAUSES; with++) {
        rowan_query q = {.into = &shape};
        if ((with & HAVING) != 0 && (with & GROUPED) == 0) {
            continue;
        }
        q.limit = with & LIMITED ? 2 : 0;
        q.having = with & HAVING ? GE(COUNT_ALL, 3) : NULL;
        q.order_by = with & ORDERED ? ORDER(DESC(WORK.kind)) : NULL;
        q.select =
            with & GROUPED ? SELECT(COL(WORK.kind), AS(COUNT_ALL, "n")) : SELECT(COL(WORK.kind));
        q.group_by = with & GROUPED ? ROWAN_OPERANDS(WORK.kind) : NULL;
        q.group_count = with & GROUPED ? 1 : 0;
        q.joins = with & JOINED ? JOINS(JOIN(&press_table, EQ(PRESS.id, WORK.press_id))) : NULL;
        q.where = AND(with & WHERE ? GT(WORK.cents, 0) : NULL,
                      with & JOINED ? LIKE(PRESS.name, "%") : NULL);
        q.distinct = with & DISTINCT;
        q.offset = with & SKIPPING ? 1 : 0;
        q.from = &work_table;

        size_t rows = with & (GROUPED | DISTINCT) ? 3 : (with & WHERE ? 7 : 8);
        if (with & HAVING) {
            rows = with & WHERE ? 1 : 2;
        }
        rows -= with & SKIPPING ? 1 : 0;
        rows = with & LIMITED && rows > 2 ? 2 : rows;
        ck_assert_msg(load(&q) == rows, "clauses %u: %s", with, sql_of(&q));
    }
    close_all();
}
END_TEST

/* --- Copies. --- */

static const rowan_expr *dear_or_named(rowan_scope *in, const char *name)
{
    char local[32];
    const rowan_expr *copy;

    snprintf(local, sizeof local, "%s", name);
    copy = rowan_expr_dup(
        in, OR(GT(WORK.cents, 100000), EQ(WORK.title, local), NULL,
               IN_QUERY(WORK.press_id, &((rowan_query){.from = &press_table,
                                                       .as = "p",
                                                       .select = SELECT(COL(OF("p", PRESS.id))),
                                                       .where = EQ(OF("p", PRESS.name), local)})),
               RAW("? = ?", WORK.title, local), IN(WORK.title, local)));
    memset(local, '#', sizeof local - 1);
    return copy;
}

static const rowan_query *whole_query(rowan_scope *in)
{
    return rowan_query_dup(
        in, &(rowan_query){.with = WITH(CTE("w", &((rowan_query){.from = &work_table,
                                                                 .where = GT(WORK.cents, 400)}))),
                           .from_cte = "w",
                           .from = &work_table,
                           .as = "v",
                           .joins = JOINS(LEFT_JOIN_AS(
                               &genre_table, "g", EQ(OF("g", GENRE.id), OF("v", WORK.genre_id)))),
                           .select = SELECT(COL(OF("v", WORK.id)),
                                            AS(COALESCE(OF("g", GENRE.name), "?"), "title")),
                           .where = AND(NULL, NOT(NULL), SAME(OF("v", WORK.kind), WORK_ESSAY)),
                           .order_by = ORDER(ASC(OF("v", WORK.id))),
                           .after = PARAMS(V(3)),
                           .limit = 5});
}

/* Writes over the stack that the literals lived on. */
static void scribble(void)
{
    volatile unsigned char stack[16384];

    for (size_t i = 0; i < sizeof stack; i++) {
        stack[i] = 0xA5;
    }
}

START_TEST(a_copy_outlives_what_it_was_made_of)
{
    const rowan_expr *kept;
    const rowan_query *query;
    rowan_rows rows;

    open_filled(_i);
    kept = dear_or_named(scope, "The Fjord");
    query = whole_query(scope);
    scribble();
    ck_assert_uint_eq(load(&(rowan_query){.from = &work_table, .where = kept}), 2);
    ok(rowan_query_all(scope, query, &rows));
    ck_assert_uint_eq(rows.count, 2);
    ck_assert_str_eq(((work *)rows.at)[0].title, "?");
    ck_assert_str_eq(((work *)rows.at)[1].title, "travel");
    ck_assert_ptr_null(rowan_expr_dup(scope, NULL));
    close_all();
}
END_TEST

/* --- Running. --- */

START_TEST(count_and_exists_agree_with_loading)
{
    const rowan_query queries[] = {
        {.from = &work_table},
        {.from = &work_table, .where = EQ(WORK.id, 0)},
        {.from = &work_table, .where = LT(WORK.cents, 1000), .order_by = ORDER(ASC(WORK.weight))},
        {.from = &work_table, .limit = 3, .offset = 6, .order_by = ORDER(ASC(WORK.id))},
        {.from = &work_table, .offset = 8, .order_by = ORDER(ASC(WORK.id))},
        {.from = &work_table, .select = SELECT(COL(WORK.kind)), .distinct = true},
        {.from = &work_table,
         .select = SELECT(COL(WORK.kind)),
         GROUP_BY(WORK.kind),
         .having = GT(COUNT_ALL, 2)},
        {.from = &work_table, .select = SELECT(AS(COUNT_ALL, "id")), .where = EQ(WORK.id, 0)},
        {.from = &work_table, .order_by = ORDER(DESC(WORK.id)), .after = PARAMS(V(3))},
        {.from = &work_table,
         .select = SELECT(COL(WORK.id)),
         .sets = SETS(
             EXCEPT(&((rowan_query){.from = &loan_table, .select = SELECT(COL(LOAN.work_id))})))},
        {.from = &work_table, .joins = JOINS(JOIN(&loan_table, EQ(LOAN.work_id, WORK.id)))},
    };

    open_filled(_i);
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        size_t rows = load(&queries[i]);
        uint64_t before = rowan_scope_counts(scope).statements;
        int64_t count;
        bool exists;
        ok(rowan_query_count(scope, &queries[i], &count));
        ok(rowan_query_exists(scope, &queries[i], &exists));
        ck_assert_msg((size_t)count == rows, "query %zu: %zu rows, counted %lld", i, rows,
                      (long long)count);
        ck_assert_msg(exists == (rows > 0), "query %zu: %zu rows", i, rows);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, 2);
    }
    close_all();
}
END_TEST

START_TEST(one_is_the_first_row_or_not_found)
{
    const rowan_query last = {.from = &work_table, .order_by = ORDER(DESC(WORK.id))};
    const rowan_query none = {.from = &work_table, .where = EQ(WORK.id, 0)};
    void *row;

    open_filled(_i);
    ok(rowan_query_one(scope, &last, &row));
    ck_assert_int_eq(((work *)row)->id, 8);
    ck_assert_int_eq(rowan_query_one(scope, &none, &row), ROWAN_NOT_FOUND);
    ck_assert_ptr_null(row);
    close_all();
}
END_TEST

START_TEST(a_stream_gives_the_same_rows_one_by_one)
{
    const rowan_query q = {
        .from = &work_table, .where = GT(WORK.cents, 0), .order_by = ORDER(ASC(WORK.id))};
    const rowan_relation any = {.name = "any", .from = &work_table, .to = &press_table};
    rowan_query fetching = q;
    rowan_stream *stream;
    rowan_rows rows;
    void *row;

    open_filled(_i);
    ok(rowan_query_all(scope, &q, &rows));
    ok(rowan_query_stream(scope, &q, &stream));
    for (size_t i = 0; i < rows.count; i++) {
        ok(rowan_stream_next(stream, &row));
        ck_assert_str_eq(((work *)row)->title, ((work *)rows.at)[i].title);
    }
    ck_assert_int_eq(rowan_stream_next(stream, &row), ROWAN_DONE);
    rowan_stream_close(stream);
    fetching.fetch = FETCH(RELATED(&any));
    ck_assert_int_eq(rowan_query_stream(scope, &fetching, &stream), ROWAN_MISUSE);
    ck_assert_ptr_null(stream);
    close_all();
}
END_TEST

/* --- Refusals. --- */

static void expect_refused(const rowan_query *query, rowan_status wanted, const char *words)
{
    uint64_t before = rowan_scope_counts(scope).statements;
    rowan_rows rows = {&rows, 1};
    rowan_status status = rowan_query_all(scope, query, &rows);
    const char *message = rowan_scope_error(scope)->message;

    ck_assert_msg(status == wanted, "%s instead of %s: %s", rowan_status_name(status),
                  rowan_status_name(wanted), message);
    ck_assert_msg(strstr(message, words) != NULL, "no \"%s\" in: %s", words, message);
    ck_assert_ptr_null(rows.at);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
}

START_TEST(columns_and_names_that_are_not_there_are_misuse)
{
    open_filled(_i);
    expect_refused(&(rowan_query){.from = &work_table, .where = EQ(PRESS.id, 1)}, ROWAN_MISUSE,
                   "press.id");
    expect_refused(&(rowan_query){.from = &work_table, .as = "w", .where = EQ(WORK.id, 1)},
                   ROWAN_MISUSE, "work.id");
    expect_refused(&(rowan_query){.from = &work_table, .where = EQ(OF("w", WORK.id), 1)},
                   ROWAN_MISUSE, "\"w\"");
    expect_refused(
        &(rowan_query){.from = &work_table, .as = "w", .where = EQ(OF("w", PRESS.id), 1)},
        ROWAN_MISUSE, "press.id");
    expect_refused(&(rowan_query){.from = &work_table, .joins = JOINS(JOIN(&work_table, NULL))},
                   ROWAN_MISUSE, "\"work\"");
    expect_refused(&(rowan_query){.from = &work_table,
                                  .joins = JOINS(JOIN(&press_table, EQ(GENRE.id, 1)),
                                                 JOIN(&genre_table, NULL))},
                   ROWAN_MISUSE, "genre.id");
    expect_refused(&(rowan_query){.from = &work_table, .from_cte = "none"}, ROWAN_MISUSE,
                   "\"none\"");
    expect_refused(
        &(rowan_query){.from_query = &(rowan_query){.from = &work_table}, .into = &work_table},
        ROWAN_MISUSE, "name");
    expect_refused(&(rowan_query){.from = &work_table, .select = SELECT(COL(COUNT_ALL))},
                   ROWAN_MISUSE, "name");
    expect_refused(&(rowan_query){.from = &work_table, .into = &press_table}, ROWAN_MISUSE, "name");
    expect_refused(&(rowan_query){.from = &work_table, .limit = -1}, ROWAN_MISUSE, "negative");
    expect_refused(&(rowan_query){.into = &work_table}, ROWAN_MISUSE, "from");
    close_all();
}
END_TEST

START_TEST(operands_made_at_run_time_are_checked_too)
{
    open_filled(_i);
    expect_refused(&(rowan_query){.from = &work_table, .where = EQ(WORK.id, rowan_v_text("1"))},
                   ROWAN_WRONG_TYPE, "work.id");
    expect_refused(
        &(rowan_query){.from = &work_table, .where = EQ(WORK.id, rowan_o_text_column(WORK.title))},
        ROWAN_WRONG_TYPE, "work.id");
    expect_refused(&(rowan_query){.from = &work_table, .where = EQ(COUNT(WORK.id), "x")},
                   ROWAN_WRONG_TYPE, "integer");
    expect_refused(&(rowan_query){.from = &work_table, .where = LIKE(ABS(WORK.cents), "x")},
                   ROWAN_WRONG_TYPE, "LIKE");
    expect_refused(&(rowan_query){.from = &work_table, .where = GT(LENGTH(WORK.cents), 1)},
                   ROWAN_WRONG_TYPE, "LENGTH");
    expect_refused(&(rowan_query){.from = &work_table, .where = GT(ADD(WORK.cents, WORK.title), 1)},
                   ROWAN_WRONG_TYPE, "ADD");
    expect_refused(&(rowan_query){.from = &work_table, .where = EQ(WORK.kind, 3)},
                   ROWAN_OUT_OF_RANGE, "work.kind");
    expect_refused(&(rowan_query){.from = &work_table, .where = GT(ROW_NUMBER, 1)}, ROWAN_MISUSE,
                   "window");
    close_all();
}
END_TEST

START_TEST(what_an_engine_cannot_do_names_feature_and_engine)
{
    const rowan_query of_decimals = {.from = &work_table,
                                     .select = SELECT(AS(SUM(WORK.price), "price"))};
    const rowan_query of_reals = {.from = &work_table,
                                  .select = SELECT(AS(MODULO(WORK.weight, 2), "weight"))};
    rowan_rows rows;

    open_filled(_i);
    if (engine_is((size_t)_i, "sqlite")) {
        expect_refused(&of_decimals, ROWAN_UNSUPPORTED,
                       "sqlite cannot do this: SUM of type decimal");
    } else {
        ok(rowan_query_all(scope, &of_decimals, &rows));
        ck_assert_str_eq(((work *)rows.at)[0].price.text, "156.40");
    }
    expect_refused(&of_reals, ROWAN_UNSUPPORTED, "MODULO of type real");
    close_all();
}
END_TEST

START_TEST(fragments_must_close_what_they_open)
{
    const rowan_expr *bad[] = {
        RAW_0("1 = 1) OR (1 = 1"),   RAW_0("'open"), RAW_0("\"open"), RAW_0("1 /* open"),
        RAW_0("1; DROP TABLE work"), RAW_0("? = 1"), RAW("1 = 1", 1), RAW("? = ?", 1),
        RAW("? = :name", 1),         RAW_0("(1")};

    open_filled(_i);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_refused(&(rowan_query){.from = &work_table, .where = bad[i]}, ROWAN_MISUSE,
                       "fragment");
    }
    close_all();
}
END_TEST

START_TEST(a_tree_that_is_too_deep_is_refused)
{
    rowan_expr nodes[1000];
    const rowan_expr *items[1000][2];
    const rowan_expr *innermost = EQ(WORK.id, 1);

    open_filled(_i);
    for (size_t i = 0; i < 1000; i++) {
        items[i][0] = i == 0 ? innermost : &nodes[i - 1];
        items[i][1] = ROWAN_END;
        nodes[i] = (rowan_expr){.kind = ROWAN_EXPR_NOT, .items = items[i]};
    }
    expect_refused(&(rowan_query){.from = &work_table, .where = &nodes[999]}, ROWAN_MISUSE, "deep");
    ck_assert_uint_eq(load(&(rowan_query){.from = &work_table, .where = &nodes[19]}), 1);
    close_all();
}
END_TEST

static void add(TCase *tc)
{
    int engines = (int)engine_count();

    tcase_add_loop_test(tc, a_fork_leaves_its_parent_unchanged, 0, engines);
    tcase_add_loop_test(tc, threads_share_one_query, 0, engines);
    tcase_add_loop_test(tc, every_clause_may_come_or_not, 0, engines);
    tcase_add_loop_test(tc, a_copy_outlives_what_it_was_made_of, 0, engines);
    tcase_add_loop_test(tc, count_and_exists_agree_with_loading, 0, engines);
    tcase_add_loop_test(tc, one_is_the_first_row_or_not_found, 0, engines);
    tcase_add_loop_test(tc, a_stream_gives_the_same_rows_one_by_one, 0, engines);
    tcase_add_loop_test(tc, columns_and_names_that_are_not_there_are_misuse, 0, engines);
    tcase_add_loop_test(tc, operands_made_at_run_time_are_checked_too, 0, engines);
    tcase_add_loop_test(tc, what_an_engine_cannot_do_names_feature_and_engine, 0, engines);
    tcase_add_loop_test(tc, fragments_must_close_what_they_open, 0, engines);
    tcase_add_loop_test(tc, a_tree_that_is_too_deep_is_refused, 0, engines);
}

int main(void)
{
    Suite *suite = suite_create("query run");
    TCase *tc = tcase_create("queries");

    tcase_set_timeout(tc, 60);
    add(tc);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
