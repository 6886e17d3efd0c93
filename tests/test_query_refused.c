/*
 * Queries and writes that cannot be meant: each is refused on every engine, by name, before
 * anything is sent, in each way of running it, and the scope goes on. And what stands at the edge
 * of what is refused: it is taken.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archived.h"
#include "support/suite.h"

/* --- Queries. --- */

/* All ways of running a query. */
static rowan_status run_query(size_t way, const rowan_query *query)
{
    rowan_rows rows = {NULL, 0};
    rowan_stream *stream = NULL;
    const char *sql = NULL;
    bool exists = false;
    int64_t count = 0;
    void *row = NULL;
    rowan_status status = ROWAN_OK;

    switch (way) {
    case 0:
        status = rowan_query_all(scope, query, &rows);
        break;
    case 1:
        status = rowan_query_one(scope, query, &row);
        break;
    case 2:
        status = rowan_query_sql(scope, query, &sql);
        break;
    case 3:
        status = rowan_query_stream(scope, query, &stream);
        break;
    case 4:
        status = rowan_query_count(scope, query, &count);
        break;
    default:
        status = rowan_query_exists(scope, query, &exists);
    }
    ck_assert(status == ROWAN_OK ||
              (!rows.at && rows.count == 0 && !row && !sql && !stream && count == 0 && !exists));
    rowan_stream_close(stream);
    return status;
}

enum { WAYS_TO_LOAD = 4 }; /* what is not selected is no matter to those behind them */

static void expect(rowan_status wanted, const char *words, const rowan_query *query)
{
    for (size_t way = 0; way < WAYS_TO_LOAD; way++) {
        uint64_t before = rowan_scope_counts(scope).statements;
        rowan_status status = run_query(way, query);
        const rowan_error *error = rowan_scope_error(scope);
        ck_assert_msg(status == wanted, "%s: %s, %s", words, rowan_status_name(status),
                      error->message);
        ck_assert_int_eq(error->status, wanted);
        ck_assert_msg(strstr(error->message, words) != NULL, "no \"%s\" in: %s", words,
                      error->message);
        ck_assert(error->connection_usable);
        ck_assert_int_eq(error->fate, ROWAN_FATE_NONE);
        ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
    }
}

#define REFUSED(words, ...)                                                                        \
    expect(ROWAN_MISUSE, words, &(rowan_query){.from = &work_table, __VA_ARGS__})
#define WRONG_TYPE(words, ...)                                                                     \
    expect(ROWAN_WRONG_TYPE, words, &(rowan_query){.from = &work_table, __VA_ARGS__})

static const rowan_expr *call(int function, size_t count)
{
    static rowan_operand arguments[3];
    static rowan_expr made;

    for (size_t i = 0; i < 3; i++) {
        arguments[i] = rowan_o_column(WORK.version.column, NULL);
    }
    made = (rowan_expr){.kind = ROWAN_EXPR_CALL, .arguments = arguments, .argument_count = count};
    memcpy(&made.function, &function, sizeof function);
    return &made;
}

START_TEST(expressions_that_are_none_are_refused)
{
    const rowan_expr nothing = {.kind = ROWAN_EXPR_END};
    rowan_expr compared = *EQ(WORK.id, 1), no_list = *IN(WORK.id, 1), no_case = *CASE(NULL, 1, 2);
    const rowan_expr no_items = {.kind = ROWAN_EXPR_CASE}, no_text = {.kind = ROWAN_EXPR_RAW},
                     no_query = {.kind = ROWAN_EXPR_SUBQUERY};

    open_on(_i);
    REFUSED("ROWAN_END stands where", .where = &nothing);
    REFUSED("ROWAN_END stands where", .where = EQ(rowan_o_expr(&nothing), 1));
    for (int compare = -1; compare <= ROWAN_COMPARE_SAME + 1; compare += ROWAN_COMPARE_SAME + 2) {
        memcpy(&compared.compare, &compare, sizeof compare);
        REFUSED("there is no comparison of number", .where = &compared);
    }
    compared.compare = (rowan_compare)0;
    REFUSED("there is no comparison of number 0", .where = &compared);
    no_list.right = rowan_o_int64(1);
    REFUSED("make it with rowan_v_list()", .where = &no_list);
    REFUSED("CASE needs a condition", .where = EQ(&no_case, 1));
    REFUSED("CASE needs a condition", .where = EQ(&no_items, 1));
    REFUSED("a fragment has no text", .where = &no_text);
    REFUSED("a fragment has 1 `?` for its 2 values", .where = RAW("? = 1", 1, 2));
    REFUSED("a fragment has more `?` than its 1 values", .where = RAW("? = ?", 1));
    REFUSED("not \":a\"", .where = RAW("? = :a", 1));
    REFUSED("a query is missing where one belongs", .where = EQ(&no_query, 1));
    REFUSED("a query is missing where one belongs", .where = EXISTS(NULL));
    REFUSED("a query is missing where one belongs", .where = IN_QUERY(WORK.id, NULL));
    REFUSED("OVER takes a call", .select = SELECT(AS(OVER(EQ(WORK.id, 1), NO_PARTITION), "n")));
    REFUSED("EXCLUDED names", .where = EQ(WORK.id, EXCLUDED(WORK.id)));
    REFUSED("an enum value stands where no column", .select = SELECT(AS(rowan_o_enum(1), "id")));
    close_all();
}
END_TEST

START_TEST(values_alone_need_a_struct_to_go_to)
{
    const rowan_query query = {.select = SELECT(AS(1, "id"))};
    const char *sql;
    rowan_rows rows;
    void *row;

    open_on(_i);
    ck_assert_int_eq(rowan_query_all(scope, &query, &rows), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "what structs its rows go to"));
    ck_assert_int_eq(rowan_query_one(scope, &query, &row), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    ok(rowan_query_sql(scope, &query, &sql)); /* as a text it is one */
    close_all();
}
END_TEST

START_TEST(functions_take_what_they_take)
{
    static const struct {
        rowan_function function;
        size_t least, most; /* of integers */
    } rules[] = {
        {ROWAN_FN_COUNT, 0, 1},    {ROWAN_FN_COUNT_DISTINCT, 1, 1},
        {ROWAN_FN_SUM, 1, 1},      {ROWAN_FN_AVG, 1, 1},
        {ROWAN_FN_MIN, 1, 1},      {ROWAN_FN_MAX, 1, 1},
        {ROWAN_FN_COALESCE, 2, 3}, {ROWAN_FN_ABS, 1, 1},
        {ROWAN_FN_ADD, 2, 3},      {ROWAN_FN_SUBTRACT, 2, 3},
        {ROWAN_FN_MULTIPLY, 2, 3}, {ROWAN_FN_DIVIDE, 2, 2},
        {ROWAN_FN_MODULO, 2, 2},
    };
    rowan_rows rows;

    open_on(_i);
    archive_fill(scope);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        for (size_t count = 0; count <= 3; count++) {
            const char *name = rules[i].function == ROWAN_FN_AVG ? "weight" : "id";
            const rowan_query query = {.from = &work_table,
                                       .select =
                                           SELECT(AS(call((int)rules[i].function, count), name))};
            if (count >= rules[i].least && count <= rules[i].most) {
                ok(rowan_query_all(scope, &query, &rows));
            } else {
                char words[64];
                snprintf(words, sizeof words, "does not take %zu arguments", count);
                expect(ROWAN_MISUSE, words, &query);
            }
        }
    }
    REFUSED("there is no function of number 0", .select = SELECT(AS(call(0, 1), "id")));
    REFUSED("there is no function of number -1", .select = SELECT(AS(call(-1, 1), "id")));
    REFUSED("there is no function of number",
            .select = SELECT(AS(call(ROWAN_FN_LEAD + 1, 1), "id")));
    close_all();
}
END_TEST

START_TEST(arguments_of_another_type_are_refused_by_name)
{
    open_on(_i);
    WRONG_TYPE("SUM does not take a value of type text",
               .select = SELECT(AS(SUM(WORK.title), "id")));
    WRONG_TYPE("AVG does not take a value of type date",
               .select = SELECT(AS(AVG(WORK.released), "id")));
    WRONG_TYPE("ABS does not take a value of type bool",
               .select = SELECT(AS(ABS(WORK.in_print), "id")));
    WRONG_TYPE("ADD does not take a value of type blob",
               .select = SELECT(AS(ADD(1, WORK.cover), "id")));
    WRONG_TYPE("LOWER does not take a value of type integer",
               .select = SELECT(AS(LOWER(WORK.cents), "title")));
    WRONG_TYPE("UPPER does not take a value of type uuid",
               .select = SELECT(AS(UPPER(WORK.code), "title")));
    WRONG_TYPE("CONCAT does not take a value of type real",
               .select = SELECT(AS(CONCAT(WORK.title, WORK.weight), "title")));
    WRONG_TYPE("LENGTH does not take a value of type timestamp",
               .select = SELECT(AS(LENGTH(WORK.added), "id")));
    WRONG_TYPE("work.title is put beside another type",
               .select = SELECT(AS(COALESCE(WORK.title, WORK.id), "title")));
    WRONG_TYPE("work.cents",
               .select = SELECT(AS(CASE(EQ(WORK.id, 1), WORK.cents, WORK.title), "id")));
    WRONG_TYPE("LIKE compares texts, not integer",
               .where = LIKE(rowan_o_column(WORK.id.column, NULL), "%"));
    WRONG_TYPE("LIKE compares texts, not date",
               .where = ILIKE(rowan_o_column(WORK.released.column, NULL), "%"));
    WRONG_TYPE("work.id is of type integer, not real", .where = EQ(WORK.id, rowan_v_double(1)));
    close_all();
}
END_TEST

START_TEST(windows_are_where_they_belong)
{
    open_on(_i);
    REFUSED("ROW_NUMBER needs a window", .select = SELECT(AS(ROW_NUMBER, "id")));
    REFUSED("RANK needs a window", .select = SELECT(AS(RANK, "id")));
    REFUSED("DENSE_RANK needs a window", .select = SELECT(AS(DENSE_RANK, "id")));
    REFUSED("LAG needs a window", .select = SELECT(AS(LAG(WORK.id), "id")));
    REFUSED("LEAD needs a window", .select = SELECT(AS(LEAD(WORK.id), "id")));
    REFUSED("ROW_NUMBER does not take 1 arguments",
            .select = SELECT(AS(OVER(call(ROWAN_FN_ROW_NUMBER, 1), NO_PARTITION), "id")));
    REFUSED("LAG does not take 2 arguments",
            .select = SELECT(AS(OVER(call(ROWAN_FN_LAG, 2), NO_PARTITION), "id")));
    expect(ROWAN_UNSUPPORTED, "COUNT_DISTINCT over a window",
           &(rowan_query){
               .from = &work_table,
               .select = SELECT(AS(OVER(COUNT_DISTINCT(WORK.id), PARTITION(WORK.kind)), "id"))});
    close_all();
}
END_TEST

START_TEST(clauses_that_cannot_be_are_refused)
{
    const rowan_query works = {.from = &work_table}, no_name = {.from_query = &works},
                      presses = {.from = &press_table, .select = SELECT(COL(PRESS.id))};
    const rowan_table shape = {.columns = genre_table.columns,
                               .column_count = genre_table.column_count,
                               .row_size = genre_table.row_size,
                               .row_align = genre_table.row_align};
    const rowan_operand one = rowan_o_int64(1);

    open_on(_i);
    REFUSED("selects nothing", .select = (const rowan_selected[]){{.given = false}});
    REFUSED("a cross join has no condition",
            .joins =
                JOINS({.kind = ROWAN_JOIN_CROSS, .table = &press_table, .on = EQ(PRESS.id, 1)}));
    REFUSED("a bound value is nothing to group by", .select = SELECT(COL(WORK.id)),
            .group_by = &one, .group_count = 1);
    REFUSED("a bound value is nothing to order by", .order_by = ORDER(ASC(1)));
    REFUSED("limit and offset are not negative", .limit = -1);
    REFUSED("limit and offset are not negative", .offset = -1);
    REFUSED("limit and offset are not negative", .limit = INT64_MIN);
    REFUSED("CTE \"a\" is there twice", .with = WITH(CTE("a", &works), CTE("a", &works)));
    REFUSED("a query is missing where one belongs", .with = WITH(CTE("a", NULL)));
    REFUSED("there is no CTE \"b\"", .with = WITH(CTE("a", &works)), .from_cte = "b");
    REFUSED("a query that is read from needs a name",
            .joins = JOINS(JOIN_QUERY(&works, NULL, NULL)));
    REFUSED("\"work\" is in the query twice", .joins = JOINS(JOIN(&work_table, NULL)));
    REFUSED("the rows of set operations are ordered by columns", .select = SELECT(COL(WORK.id)),
            .sets = SETS(UNION(&presses)), .order_by = ORDER(ASC(WORK.cents)));
    expect(ROWAN_MISUSE, "CTE \"a\": say by a table",
           &(rowan_query){.with = WITH(CTE("a", &works)), .from_cte = "a", .into = &work_table});
    expect(ROWAN_MISUSE, "a shape is no table", &(rowan_query){.from = &shape});
    expect(ROWAN_MISUSE, "needs a name",
           &(rowan_query){.from_query = &no_name, .as = "x", .into = &work_table});
    close_all();
}
END_TEST

/* What is nested as deep as that is refused, on SQLite earlier by the engine; less is taken. */
START_TEST(nesting_is_taken_up_to_its_limit)
{
    enum { MOST = 400 };
    rowan_expr nodes[MOST];
    const rowan_expr *items[MOST][2];
    const rowan_expr *innermost = EQ(WORK.id, 1);
    bool was_taken = true;
    unsigned taken = 0;
    rowan_rows rows;

    open_on(_i);
    for (size_t i = 0; i < MOST; i++) {
        items[i][0] = i == 0 ? innermost : &nodes[i - 1];
        items[i][1] = ROWAN_END;
        nodes[i] = (rowan_expr){.kind = ROWAN_EXPR_NOT, .items = items[i]};
    }
    for (size_t i = 1; i < MOST; i++) {
        rowan_query query = {.from = &work_table, .where = &nodes[i]};
        rowan_status status = rowan_query_all(scope, &query, &rows);
        ck_assert(status == ROWAN_OK || status == ROWAN_MISUSE ||
                  strstr(rowan_scope_error(scope)->engine_message, "parser stack overflow"));
        ck_assert_msg(was_taken || status != ROWAN_OK, "%zu is taken, and less was not", i);
        was_taken = status == ROWAN_OK;
        taken += was_taken;
    }
    ck_assert_uint_ge(taken, 40);
    ck_assert(!was_taken);
    close_all();
}
END_TEST

/* --- Lists. --- */

START_TEST(lists_of_what_cannot_be_listed_are_refused)
{
    const rowan_value null[] = {rowan_v_null()}, nested[] = {rowan_v_list(null, 1)},
                      mixed[] = {rowan_v_int64(1), rowan_v_text("a")},
                      wide[] = {rowan_v_int64(1), rowan_v_double(1.5)};

    open_on(_i);
    REFUSED("has NULL or a list in it", .where = IN_VALUES(WORK.id, null, 1));
    REFUSED("has NULL or a list in it", .where = IN_VALUES(WORK.id, nested, 1));
    WRONG_TYPE("work.id is of type integer, not text", .where = IN_VALUES(WORK.id, mixed, 2));
    WRONG_TYPE("work.id is of type integer, not real", .where = IN_VALUES(WORK.id, wide, 2));
    WRONG_TYPE("has values of several types", .where = IN_VALUES(ADD(1, 2), mixed, 2));
    close_all();
}
END_TEST

/* --- Writes. --- */

typedef struct diary {
    int64_t day;
    const char *text;
} diary;

static const rowan_table diary_table;
static const rowan_column diary_columns[] = {
    ROWAN_COLUMN(diary_table, diary, day, 0),
    ROWAN_COLUMN(diary_table, diary, text, 0),
};
/* No key. */
static const rowan_table diary_table = {.name = "diary",
                                        .columns = diary_columns,
                                        .column_count = 2,
                                        .row_size = sizeof(diary),
                                        .row_align = _Alignof(diary)};

/* All ways of an insert. */
static void expect_insert(rowan_status wanted, const char *words, const rowan_insert *insert)
{
    uint64_t before = rowan_scope_counts(scope).statements;

    for (int way = 0; way < 2; way++) {
        const char *sql = NULL;
        rowan_rows rows = {NULL, 0};
        uint64_t affected = 9;
        rowan_status status =
            way == 0
                ? rowan_query_insert(scope, insert, insert->returning ? &rows : NULL, &affected)
                : rowan_insert_sql(scope, insert, &sql);
        const char *message = rowan_scope_error(scope)->message;
        ck_assert_msg(status == wanted, "%s: %s, %s", words, rowan_status_name(status), message);
        ck_assert_msg(strstr(message, words) != NULL, "no \"%s\" in: %s", words, message);
        ck_assert(affected == (way == 0 ? 0 : 9));
        ck_assert_ptr_null(sql);
        ck_assert_ptr_null(rows.at);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
}

START_TEST(inserts_that_cannot_be_meant_are_refused)
{
    static const diary entries[] = {{1, "a"}, {2, "b"}};
    const genre with_key[] = {{7, "a", {0}}};
    const rowan_column *const key_only[] = {GENRE.id.column};
    const rowan_column *const foreign[] = {PRESS.name.column};
    const rowan_query genres = {.from = &genre_table};
    const rowan_assignment *none = (const rowan_assignment[]){{.column = NULL}};

    open_on(_i);
    expect_insert(ROWAN_MISUSE, "the table has no key",
                  &(rowan_insert){.into = &diary_table,
                                  .rows = entries,
                                  .row_count = 2,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE});
    expect_insert(ROWAN_MISUSE, "the table has no key",
                  &(rowan_insert){.into = &diary_table,
                                  .values = SET(TO(rowan_o_column(&diary_columns[0], NULL), 1)),
                                  .on_conflict = ROWAN_CONFLICT_NOTHING});
    expect_insert(ROWAN_MISUSE, "nothing to set",
                  &(rowan_insert){.into = &genre_table,
                                  .rows = with_key,
                                  .row_count = 1,
                                  .columns = key_only,
                                  .column_count = 1,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE});
    expect_insert(ROWAN_MISUSE, "is not of the table that is written",
                  &(rowan_insert){.into = &genre_table,
                                  .rows = with_key,
                                  .row_count = 1,
                                  .target = foreign,
                                  .target_count = 1,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE});
    expect_insert(ROWAN_MISUSE, "is not of the table that is written",
                  &(rowan_insert){.into = &genre_table, .values = SET(TO(PRESS.name, "x"))});
    expect_insert(ROWAN_MISUSE, "set twice",
                  &(rowan_insert){.into = &genre_table,
                                  .rows = with_key,
                                  .row_count = 1,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE,
                                  .set = SET(TO(GENRE.name, "x"), TO(GENRE.name, "y"))});
    expect_insert(ROWAN_MISUSE, "without any value",
                  &(rowan_insert){
                      .into = &genre_table, .values = none, .on_conflict = ROWAN_CONFLICT_NOTHING});
    expect_insert(ROWAN_MISUSE, "needs `columns`",
                  &(rowan_insert){.into = &genre_table, .query = &genres});
    expect_insert(ROWAN_MISUSE, "needs a table and one of",
                  &(rowan_insert){.rows = with_key, .row_count = 1});
    expect_insert(ROWAN_MISUSE, "needs a table and one of",
                  &(rowan_insert){.into = &genre_table, .query = &genres, .values = none});
    close_all();
}
END_TEST

START_TEST(updates_and_deletes_that_cannot_be_meant_are_refused)
{
    const rowan_assignment *set = SET(TO(WORK.stock, 1));
    const rowan_expr *absent = AND(NULL, NOT(NULL));
    const struct {
        rowan_update update;
        const char *words;
    } updates[] = {
        {{.table = &work_table, .set = set}, "has no condition"},
        {{.table = &work_table, .set = set, .where = absent}, "has no condition"},
        {{.table = &work_table, .all_rows = true}, "needs something to set"},
        {{.set = set, .all_rows = true}, "needs a table"},
        {{.table = &work_table, .set = SET(TO(WORK.stock, 1), TO(WORK.stock, 2)), .all_rows = true},
         "set twice"},
        {{.table = &work_table, .set = SET(TO(PRESS.name, "a")), .all_rows = true},
         "is not of the table"},
        {{.table = &work_table, .set = set, .where = EQ(PRESS.id, 1)}, "press.id"},
    };
    const struct {
        rowan_delete remove;
        const char *words;
    } deletes[] = {
        {{.from = &work_table}, "has no condition"},
        {{.from = &work_table, .where = absent}, "has no condition"},
        {{.all_rows = true}, "needs a table"},
        {{.from = &work_table, .where = EQ(PRESS.id, 1)}, "press.id"},
    };
    const char *message;
    const char *sql;

    open_on(_i);
    message = rowan_scope_error(scope)->message;
    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
        ck_assert_int_eq(rowan_query_update(scope, &updates[i].update, NULL, NULL), ROWAN_MISUSE);
        ck_assert_msg(strstr(message, updates[i].words) != NULL, "update %zu: %s", i, message);
        ck_assert_int_eq(rowan_update_sql(scope, &updates[i].update, &sql), ROWAN_MISUSE);
        ck_assert_ptr_null(sql);
    }
    for (size_t i = 0; i < sizeof deletes / sizeof deletes[0]; i++) {
        ck_assert_int_eq(rowan_query_delete(scope, &deletes[i].remove, NULL, NULL), ROWAN_MISUSE);
        ck_assert_msg(strstr(message, deletes[i].words) != NULL, "delete %zu: %s", i, message);
        ck_assert_int_eq(rowan_delete_sql(scope, &deletes[i].remove, &sql), ROWAN_MISUSE);
        ck_assert_ptr_null(sql);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

/* --- Raw SQL. --- */

START_TEST(raw_calls_without_what_they_need_are_refused)
{
    rowan_rows rows = {&db, 9};
    rowan_cursor *cursor = NULL;
    rowan_stream *stream = (rowan_stream *)(void *)&db;
    uint64_t affected = 9;
    void *row = &db;
    const char *message;

    open_on(_i);
    message = rowan_scope_error(scope)->message;
    ck_assert_int_eq(rowan_raw_run(scope, NULL, ROWAN_NO_PARAMS, &affected), ROWAN_MISUSE);
    ck_assert_str_eq(message, "the statement is NULL");
    ck_assert_int_eq(rowan_raw_run_many(scope, NULL, NULL, 0, &affected), ROWAN_MISUSE);
    ck_assert_str_eq(message, "the statement or its values are NULL");
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "DELETE FROM genre WHERE id = ?", NULL, 1, &affected),
        ROWAN_MISUSE);
    ck_assert_str_eq(message, "the statement or its values are NULL");
    ck_assert_int_eq(rowan_raw_all(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL, &rows), ROWAN_MISUSE);
    ck_assert_str_eq(message, "the shape of the rows is NULL");
    ck_assert_ptr_null(rows.at);
    ck_assert_int_eq(rowan_raw_all(scope, NULL, ROWAN_NO_PARAMS, &genre_table, &rows),
                     ROWAN_MISUSE);
    ck_assert_str_eq(message, "the statement is NULL");
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL, &row), ROWAN_MISUSE);
    ck_assert_str_eq(message, "the shape of the rows is NULL");
    ck_assert_ptr_null(row);
    ck_assert_int_eq(rowan_raw_stream(scope, "SELECT 1", ROWAN_NO_PARAMS, NULL, &stream),
                     ROWAN_MISUSE);
    ck_assert_str_eq(message, "the shape of the rows is NULL");
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(rowan_raw_stream(scope, NULL, ROWAN_NO_PARAMS, &genre_table, &stream),
                     ROWAN_MISUSE);
    ck_assert_str_eq(message, "the statement is NULL");
    ck_assert_int_eq(rowan_raw_open(scope, NULL, ROWAN_NO_PARAMS, &cursor), ROWAN_MISUSE);
    ck_assert_ptr_null(cursor);
    ck_assert_int_eq(rowan_raw_insert_all(scope, NULL, &db, 1, &affected), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_all(scope, &genre_table, NULL, 1, &affected), ROWAN_MISUSE);
    ck_assert_str_eq(message, "the table or its rows are NULL");
    ck_assert_uint_eq(affected, 0);
    ok(rowan_raw_insert_all(scope, &genre_table, NULL, 0, &affected));
    ok(rowan_raw_run_many(scope, "DELETE FROM genre WHERE id = ?", NULL, 0, &affected));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refused queries");
    TCase *tc = tcase_create("refused");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, expressions_that_are_none_are_refused, 0, engines);
    tcase_add_loop_test(tc, values_alone_need_a_struct_to_go_to, 0, engines);
    tcase_add_loop_test(tc, functions_take_what_they_take, 0, engines);
    tcase_add_loop_test(tc, arguments_of_another_type_are_refused_by_name, 0, engines);
    tcase_add_loop_test(tc, windows_are_where_they_belong, 0, engines);
    tcase_add_loop_test(tc, clauses_that_cannot_be_are_refused, 0, engines);
    tcase_add_loop_test(tc, nesting_is_taken_up_to_its_limit, 0, engines);
    tcase_add_loop_test(tc, lists_of_what_cannot_be_listed_are_refused, 0, engines);
    tcase_add_loop_test(tc, inserts_that_cannot_be_meant_are_refused, 0, engines);
    tcase_add_loop_test(tc, updates_and_deletes_that_cannot_be_meant_are_refused, 0, engines);
    tcase_add_loop_test(tc, raw_calls_without_what_they_need_are_refused, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
