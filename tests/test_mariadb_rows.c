/* Rows on their way to MariaDB, many at once, and rows that its writes return. */
#include <rowan/rowan.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/engine.h"
#include "support/suite.h"

static size_t engine;
static rowan_db *db;
static rowan_scope *scope;

static void open_fresh(void)
{
    db = engine_open(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

static void run(const char *sql)
{
    ok(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
}

/* The one integer that a query gives. */
static int64_t number(const char *sql)
{
    rowan_cursor *cursor;
    int64_t value;

    ok(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    ok(rowan_cursor_int64(cursor, 0, &value));
    rowan_cursor_close(cursor);
    return value;
}

typedef struct total {
    int64_t sum;
} total;

static const rowan_table total_shape;
static const rowan_column total_columns[] = {ROWAN_COLUMN(total_shape, total, sum, 0)};
static const rowan_table total_shape = ROWAN_SHAPE(total, total_columns);

/* --- Many parameter rows. --- */

enum { BULK_COLUMNS = 7 };

static const char bulk_table[] =
    "CREATE TABLE bulk (id BIGINT PRIMARY KEY, word VARCHAR(40), price DECIMAL(38, 10), "
    "born DATE, seen DATETIME(6), tag UUID, raw LONGBLOB)";

/* Row i; every third value is NULL. */
static void fill_row(rowan_value *row, int i)
{
    const rowan_value values[BULK_COLUMNS] = {
        ROWAN_V(i),
        ROWAN_V(i % 2 ? "häßlich 😀" : ""),
        ROWAN_V(((rowan_decimal){"-12345678901234567890.0000000001"})),
        ROWAN_V(((rowan_date){i - 719162})),
        ROWAN_V(((rowan_timestamp){(int64_t)i * 1000003 - 1})),
        ROWAN_V(((rowan_uuid){{(uint8_t)i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}})),
        ROWAN_V(((rowan_blob){"\0\xff", (size_t)(i % 3)})),
    };

    memcpy(row, values, sizeof values);
    for (int column = 1; column < BULK_COLUMNS; column++) {
        if ((i + column) % 3 == 0) {
            row[column] = rowan_v_null();
        }
    }
}

static void check_bulk_row(rowan_cursor *cursor, const rowan_value *row)
{
    for (size_t column = 0; column < BULK_COLUMNS; column++) {
        const rowan_value *got = rowan_cursor_value(cursor, column);
        const rowan_value *sent = &row[column];
        ck_assert_int_eq(got->is_null, sent->is_null);
        if (sent->is_null) {
            continue;
        }
        ck_assert_int_eq(got->type, sent->type);
        if (sent->type == ROWAN_TYPE_TEXT || sent->type == ROWAN_TYPE_DECIMAL ||
            sent->type == ROWAN_TYPE_BLOB) {
            ck_assert_uint_eq(got->as.bytes.size, sent->as.bytes.size);
            ck_assert(memcmp(got->as.bytes.data, sent->as.bytes.data, sent->as.bytes.size) == 0);
        } else if (sent->type == ROWAN_TYPE_UUID) {
            ck_assert_mem_eq(got->as.uuid.bytes, sent->as.uuid.bytes, 16);
        } else if (sent->type == ROWAN_TYPE_DATE) {
            ck_assert_int_eq(got->as.date.days, sent->as.date.days);
        } else {
            ck_assert_int_eq(got->as.integer, sent->as.integer);
        }
    }
}

static const int bulk_sizes[] = {1, 2, 3, 64, 1000};

START_TEST(rows_sent_at_once_arrive_whole_with_their_nulls)
{
    int rows = bulk_sizes[_i];
    rowan_value *values = calloc((size_t)rows * BULK_COLUMNS, sizeof *values);
    rowan_cursor *cursor;
    uint64_t affected;

    open_fresh();
    run(bulk_table);
    for (int i = 0; i < rows; i++) {
        fill_row(&values[i * BULK_COLUMNS], i);
    }
    uint64_t before = rowan_scope_counts(scope).statements;
    ok(rowan_raw_run_many(scope, "INSERT INTO bulk VALUES (?, ?, ?, ?, ?, ?, ?)", values,
                          (size_t)rows, &affected));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, 1);
    ck_assert_uint_eq(affected, (uint64_t)rows);
    ok(rowan_raw_open(scope, "SELECT * FROM bulk ORDER BY id", ROWAN_NO_PARAMS, &cursor));
    for (int i = 0; i < rows; i++) {
        ok(rowan_cursor_next(cursor));
        check_bulk_row(cursor, &values[i * BULK_COLUMNS]);
    }
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
    rowan_cursor_close(cursor);
    free(values);
    close_all();
}
END_TEST

START_TEST(rows_sent_at_once_count_those_that_matched_even_if_nothing_changed)
{
    const rowan_value ids[] = {ROWAN_V(1), ROWAN_V(2), ROWAN_V(3), ROWAN_V(99)};
    uint64_t affected;

    open_fresh();
    run("CREATE TABLE t (id INT PRIMARY KEY, n INT)");
    run("INSERT INTO t VALUES (1, 7), (2, 7), (3, 8)");
    ok(rowan_raw_run_many(scope, "UPDATE t SET n = 7 WHERE id = ?", ids, 4, &affected));
    ck_assert_uint_eq(affected, 3);
    ok(rowan_raw_run_many(scope, "DELETE FROM t WHERE id = ?", ids, 4, &affected));
    ck_assert_uint_eq(affected, 3);
    close_all();
}
END_TEST

/* Types of the second column, row by row: i integer, t text, n NULL. */
static const struct {
    const char *row_types;
    unsigned statements;
} mixtures[] = {{"iiii", 1}, {"itit", 4}, {"nnin", 1},      {"nntt", 1},
                {"intn", 2}, {"nnnn", 1}, {"iiitttnnni", 3}};

START_TEST(rows_go_together_as_long_as_their_values_keep_their_types)
{
    const char *row_types = mixtures[_i].row_types;
    size_t rows = strlen(row_types);
    rowan_value values[20];
    uint64_t affected;

    open_fresh();
    run("CREATE TABLE t (id INT PRIMARY KEY, n VARCHAR(5))");
    for (size_t i = 0; i < rows; i++) {
        values[2 * i] = rowan_v_int64((int64_t)i);
        values[2 * i + 1] = row_types[i] == 'i'   ? ROWAN_V(7)
                            : row_types[i] == 't' ? ROWAN_V("7")
                                                  : rowan_v_null();
    }
    uint64_t before = rowan_scope_counts(scope).statements;
    ok(rowan_raw_run_many(scope, "INSERT INTO t VALUES (?, ?)", values, rows, &affected));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, mixtures[_i].statements);
    ck_assert_uint_eq(affected, rows);
    int64_t nulls = 0;
    for (size_t i = 0; i < rows; i++) {
        nulls += row_types[i] == 'n';
    }
    ck_assert_int_eq(number("SELECT count(*) FROM t WHERE n IS NULL"), nulls);
    ck_assert_int_eq(number("SELECT count(*) FROM t WHERE n = '7'"), (int64_t)rows - nulls);
    close_all();
}
END_TEST

START_TEST(rows_that_are_too_large_for_one_packet_are_sent_in_several)
{
    enum { ROWS = 6, SIZE = 3 << 20, LARGE = 9 << 20 };
    char *bytes = malloc(LARGE);
    rowan_value values[2 * ROWS];
    uint64_t affected;

    open_fresh();
    run("CREATE TABLE t (id INT PRIMARY KEY, raw LONGBLOB)");
    memset(bytes, 'x', LARGE);
    for (int i = 0; i < ROWS; i++) {
        values[2 * i] = ROWAN_V(i);
        values[2 * i + 1] = ROWAN_V(((rowan_blob){bytes, i == 3 ? LARGE : SIZE}));
    }
    uint64_t before = rowan_scope_counts(scope).statements;
    ok(rowan_raw_run_many(scope, "INSERT INTO t VALUES (?, ?)", values, ROWS, &affected));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before, 4);
    ck_assert_uint_eq(affected, ROWS);
    ck_assert_int_eq(number("SELECT sum(length(raw)) DIV 1 FROM t"),
                     (int64_t)(ROWS - 1) * SIZE + LARGE);
    free(bytes);
    close_all();
}
END_TEST

START_TEST(a_value_that_is_refused_among_many_sends_nothing)
{
    const rowan_value values[] = {ROWAN_V(1), ROWAN_V(1.5), ROWAN_V(2), rowan_v_double(HUGE_VAL)};

    open_fresh();
    run("CREATE TABLE t (id INT PRIMARY KEY, n DOUBLE)");
    uint64_t before = rowan_scope_counts(scope).statements;
    ck_assert_int_eq(rowan_raw_run_many(scope, "INSERT INTO t VALUES (?, ?)", values, 2, NULL),
                     ROWAN_OUT_OF_RANGE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
    close_all();
}
END_TEST

/* --- Results. --- */

/* The server does not describe what RETURNING gives before it is executed. */
static const char *const returning[] = {
    "INSERT INTO t (n) VALUES (1), (2), (3) RETURNING sum",
    "/* first */ INSERT LOW_PRIORITY INTO t (n) SELECT (n) FROM u /* RETURNING n */ "
    "RETURNING sum + 0 AS sum;",
    "REPLACE `t` SET n = 3 RETURNING (SELECT max(n) FROM u) AS sum",
    "DELETE FROM u WHERE n < 4 RETURNING n AS `sum`",
};

START_TEST(returning_gives_rows_and_counts_them)
{
    const int64_t last[] = {3, 3, 3, 3};
    const size_t counts[] = {3, 3, 1, 3};
    rowan_rows rows;

    open_fresh();
    run("CREATE TABLE t (sum BIGINT AUTO_INCREMENT PRIMARY KEY, n INT)");
    run("CREATE TABLE u (n BIGINT PRIMARY KEY)");
    run("INSERT INTO u VALUES (1), (2), (3)");
    uint64_t before = rowan_scope_counts(scope).affected;
    for (int round = 0; round < 2; round++) {
        ok(rowan_raw_all(scope, returning[_i], ROWAN_NO_PARAMS, &total_shape, &rows));
        if (round == 0) {
            ck_assert_uint_eq(rows.count, counts[_i]);
            ck_assert_int_eq(((total *)rows.at)[rows.count - 1].sum, last[_i]);
            ck_assert_uint_eq(rowan_scope_counts(scope).affected - before, counts[_i]);
        }
    }
    close_all();
}
END_TEST

/* The table may be written with its database, whatever stands between the two. */
START_TEST(returning_finds_the_table_by_its_whole_name)
{
    static const char *const forms[] = {
        "INSERT INTO %s.u (n) VALUES (9) RETURNING n AS sum",
        "INSERT INTO `%s`.`u` (n) VALUES (9) RETURNING n AS sum",
        "INSERT INTO `%s` . `u`(n) VALUES (9) RETURNING n AS sum",
        "INSERT IGNORE `%s` /* the */ . u VALUES (9) RETURNING n AS sum",
        "DELETE FROM %s.u WHERE n = 1 RETURNING n + 8 AS sum",
        "REPLACE INTO %s.u VALUES (9) RETURNING (n) AS sum"};
    char sql[300];
    rowan_rows rows;
    const char *name;
    rowan_cursor *cursor;

    open_fresh();
    run("CREATE TABLE u (n BIGINT PRIMARY KEY)");
    ok(rowan_raw_open(scope, "SELECT database()", ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    ok(rowan_cursor_text(cursor, 0, &name));
    name = rowan_scope_strdup(scope, name);
    rowan_cursor_close(cursor);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        run("DELETE FROM u");
        run("INSERT INTO u VALUES (1)");
        snprintf(sql, sizeof sql, forms[i], name);
        ok(rowan_raw_all(scope, sql, ROWAN_NO_PARAMS, &total_shape, &rows));
        ck_assert_uint_eq(rows.count, 1);
        ck_assert_int_eq(((total *)rows.at)[0].sum, 9);
    }
    close_all();
}
END_TEST

/* Columns that change between two executions: one more, another name, another type; and what is
 * then returned. */
static const struct {
    const char *returning;
    const char *ddl;
    bool fails_once;
    unsigned columns;
} alterations[] = {
    {"*", "ALTER TABLE t ADD m INT", false, 2},
    {"t.*", "ALTER TABLE t CHANGE n m INT", false, 2},
    {"`t` . *", "ALTER TABLE t MODIFY n VARCHAR(20)", false, 2},
    {"(n * 2) AS twice, t . * , 3*3 AS nine", "ALTER TABLE t CHANGE `a``b` m INT", false, 4},
    {"t.*, 1, t.*", "ALTER TABLE t ADD m INT", true, 7}, /* too odd to be rewritten */
};

START_TEST(a_write_whose_returned_columns_changed_is_done_once_each_time)
{
    char sql[200];
    rowan_cursor *cursor;

    open_fresh();
    run("CREATE TABLE t (n INT, `a``b` INT)");
    snprintf(sql, sizeof sql, "INSERT INTO t VALUES () RETURNING %s", alterations[_i].returning);
    ok(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    rowan_cursor_close(cursor);
    run(alterations[_i].ddl);
    rowan_status status = rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor);
    if (alterations[_i].fails_once) {
        ck_assert_int_eq(status, ROWAN_ENGINE);
        ck_assert(rowan_scope_error(scope)->connection_usable);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "was done"));
    } else {
        ok(status);
        rowan_cursor_close(cursor);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 2);
    ok(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    ok(rowan_cursor_next(cursor));
    ck_assert_uint_eq(rowan_cursor_column_count(cursor), alterations[_i].columns);
    rowan_cursor_close(cursor);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 3);
    close_all();
}
END_TEST

START_TEST(a_procedure_with_several_results_leaves_the_connection_in_step)
{
    open_fresh();
    run("CREATE PROCEDURE p() BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; "
        "INSERT INTO t VALUES (5); END");
    run("CREATE TABLE t (n INT)");
    run("CALL p()");
    run("CALL p()");
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 2);
    run("CREATE PROCEDURE q() BEGIN SELECT 1 AS a; SELECT 2 AS b FROM nowhere; END");
    ck_assert_int_eq(rowan_raw_run(scope, "CALL q()", ROWAN_NO_PARAMS, NULL), ROWAN_NO_SUCH);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 2);
    close_all();
}
END_TEST

/* An error in the middle of rows, over and over: the client library would wait for more rows for
 * ever. */
START_TEST(a_statement_whose_rows_ended_in_an_error_can_run_again)
{
    rowan_cursor *cursor;

    open_fresh();
    run("CREATE TABLE t (n INT)");
    run("INSERT INTO t VALUES (1), (1000)");
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(rowan_raw_run(scope, "SELECT exp(n) FROM t", ROWAN_NO_PARAMS, NULL),
                         ROWAN_OUT_OF_RANGE);
        ck_assert_int_eq(number("SELECT count(*) FROM t"), 2);
        ok(rowan_raw_open(scope, "SELECT exp(n) FROM t", ROWAN_NO_PARAMS, &cursor));
        rowan_status status = rowan_cursor_next(cursor);
        status = status == ROWAN_OK ? rowan_cursor_next(cursor) : status;
        ck_assert_int_eq(status, ROWAN_OUT_OF_RANGE);
        rowan_cursor_close(cursor);
    }
    close_all();
}
END_TEST

/* The engine's index; false if its server is not known. */
static bool find_engine(void)
{
    for (engine = 0; engine < engine_count(); engine++) {
        if (engine_is(engine, "mariadb")) {
            return true;
        }
    }
    return false;
}

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("mariadb rows");
    TCase *tc = tcase_create("mariadb rows");

    tcase_set_timeout(tc, 60);
    if (find_engine()) {
        tcase_add_loop_test(tc, rows_sent_at_once_arrive_whole_with_their_nulls, 0,
                            COUNT(bulk_sizes));
        tcase_add_test(tc, rows_sent_at_once_count_those_that_matched_even_if_nothing_changed);
        tcase_add_loop_test(tc, rows_go_together_as_long_as_their_values_keep_their_types, 0,
                            COUNT(mixtures));
        tcase_add_test(tc, rows_that_are_too_large_for_one_packet_are_sent_in_several);
        tcase_add_test(tc, a_value_that_is_refused_among_many_sends_nothing);
        tcase_add_loop_test(tc, returning_gives_rows_and_counts_them, 0, COUNT(returning));
        tcase_add_test(tc, returning_finds_the_table_by_its_whole_name);
        tcase_add_loop_test(tc, a_write_whose_returned_columns_changed_is_done_once_each_time, 0,
                            COUNT(alterations));
        tcase_add_test(tc, a_procedure_with_several_results_leaves_the_connection_in_step);
        tcase_add_test(tc, a_statement_whose_rows_ended_in_an_error_can_run_again);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
