/* Recorded traces: what is read of them, and what is refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/fault.h"
#include "support/suite.h"
#include "support/traced.h"

/* The key of `SELECT *` with so many columns, of two rows. */
static const char *wide(size_t columns)
{
    static char text[16384];
    size_t size = (size_t)sprintf(text, ",\"nrows\":9,\"cols\":[");

    for (size_t c = 0; c < columns; c++) {
        size += (size_t)sprintf(text + size, "%s\"c%zu\"", c > 0 ? "," : "", c);
    }
    size += (size_t)sprintf(text + size, "],\"rows\":[");
    for (size_t r = 0; r < 2; r++) {
        for (size_t c = 0; c < columns; c++) {
            size += (size_t)sprintf(text + size, "%s%zu",
                                    c > 0   ? ","
                                    : r > 0 ? "],["
                                            : "[",
                                    1000000 * (r + 1) + c);
        }
    }
    sprintf(text + size, "]]");
    return text;
}

START_TEST(every_key_is_read)
{
    traced_begin();
    traced_line(
        "{\"seq\":7,\"scope\":\"GET /\",\"sql\":\"SELECT 1\","
        "\"params\":[1,\"a\",null,true,1.5,[2,3]],"
        "\"cols\":[\"x\",\"y\"],\"rows\":[[1,\"#ab\"],[2]],\"nrows\":50,"
        "\"callsite\":\"a.c:1 f\",\"through\":[\"db.c:2 all\",7,\"db.c:1 step\"],"
        "\"t_us\":12.5,\"ts_us\":3,\"dialect\":\"sqlite\",\"conn\":4,"
        "\"thread\":\"t\",\"db\":\"d\",\"err\":\"23505\",\"cached\":true,\"pattern\":\"raw\","
        "\"model\":\"post\",\"relation\":\"blog.post.notes\",\"trip\":9,"
        "\"eager\":{\"assoc\":\"a\",\"parent_seq\":1,"
        "\"owners\":2,\"touched\":0},\"other\":{}}");
    traced_analyze();
    ck_assert_uint_eq(traced.trace.count, 1);
    const rowan__traced *one = &traced.trace.at[0];
    ck_assert_uint_eq(one->seq, 7);
    ck_assert_str_eq(one->scope, "GET /");
    ck_assert_uint_eq(one->param_count, 6);
    ck_assert_int_eq(one->params[0].as.integer, 1);
    ck_assert(one->params[2].is_null);
    ck_assert_uint_eq(one->params[5].as.list.count, 2);
    ck_assert_uint_eq(one->column_count, 2);
    ck_assert_uint_eq(one->row_count, 2);
    ck_assert(one->rows[3].is_null);
    ck_assert_uint_eq(one->all_rows, 50);
    ck_assert_str_eq(one->callsite, "a.c:1 f");
    ck_assert_str_eq(one->through[0], "db.c:2 all");
    ck_assert_str_eq(one->through[1], "db.c:1 step"); /* what is no text is left out */
    ck_assert_ptr_null(one->through[2]);
    ck_assert_int_eq(one->elapsed_ns, 12500);
    ck_assert_int_eq(one->start_ns, 3000);
    ck_assert_str_eq(one->model, "post");
    ck_assert_str_eq(one->relation_of, "blog.post");
    ck_assert_str_eq(one->relation, "notes");
    ck_assert_str_eq(one->connection, "4");
    ck_assert_str_eq(one->thread, "t");
    ck_assert_str_eq(one->database, "d");
    ck_assert_str_eq(one->error, "23505");
    ck_assert(one->is_cached);
    ck_assert_int_eq(one->trip, 9);
    ck_assert_uint_eq(one->eager->owners, 2);
    ck_assert_str_eq(one->eager->association, "a");
    traced_end();
}
END_TEST

START_TEST(what_cannot_be_read_is_named_and_the_rest_is_analysed)
{
    static const char *const bad[] = {
        "nonsense",
        "{\"seq\":1",
        "[1]",
        "\"text\"",
        "{}",
        "{\"sql\":5}",
        "{\"sql\":\"x\",\"params\":7}",
        "{\"sql\":\"x\",\"rows\":5}",
        "{\"sql\":\"x\",\"rows\":[5]}",
        "{\"sql\":\"x\",\"seq\":-1}",
        "{\"sql\":\"x\",\"scope\":[]}",
        "{\"sql\":\"x\",\"t_us\":\"soon\"}",
        "{\"sql\":\"\xff\xfe\"}",
    };
    size_t count = sizeof bad / sizeof bad[0];

    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < count; i++) {
        traced_line(bad[i]);
    }
    traced_line("");
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    ck_assert_uint_eq(traced_only("n_plus_one")->count, 6);
    ck_assert_uint_eq(traced.complaints, count);
    ck_assert_uint_eq(traced.last_complaint, count + 1);
    ck_assert_uint_eq(traced.trace.lines_refused, count);
    traced_end();
}
END_TEST

/* Values by name, and engines as others call them. */
START_TEST(parameters_may_have_names_and_engines_others)
{
    static const struct {
        const char *dialect, *known, *sql, *params;
    } lines[] = {
        {"sqlite3", "sqlite", "SELECT 1 FROM t WHERE a = :x AND b = @y AND c = :x",
         "{\"y\":7,\"x\":\"five\",\"z\":1}"},
        {"SQLite", "sqlite", "SELECT 1 FROM t WHERE a = $x AND b = :y",
         "{\":y\":7,\"$x\":\"five\"}"},
        {"postgres", "postgresql", "SELECT 1 FROM t WHERE a = $1 AND b = $2",
         "{\"2\":7,\"1\":\"five\"}"},
        {"MySQL", "mariadb", "SELECT 1 FROM t WHERE a = ? AND b = ?", "[\"five\",7]"},
    };

    traced_begin();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"sql\":\"%s\",\"params\":%s,\"dialect\":\"%s\"}",
                 lines[i].sql, lines[i].params, lines[i].dialect);
        traced_line(text);
    }
    traced_analyze();
    ck_assert_uint_eq(traced.complaints, 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ck_assert_str_eq(traced.trace.at[i].dialect, lines[i].known);
        ck_assert_uint_eq(traced.trace.at[i].param_count, 2);
        ck_assert_str_eq(traced.trace.at[i].params[0].as.bytes.data, "five");
        ck_assert_int_eq(traced.trace.at[i].params[1].as.integer, 7);
    }
    traced_end();
}
END_TEST

START_TEST(odd_but_readable_lines_are_read)
{
    traced_begin();
    traced_line("{\"sql\":\"SELECT 1\",\"params\":[18446744073709551615,{\"a\":1},[[1]]]}");
    traced_line("{\"sql\":\"\",\"rows\":null,\"params\":null,\"cols\":null,\"t_us\":1e300}");
    traced_line("{\"sql\":\"SELECT \\u0000\",\"rows\":[[]]}");
    traced_analyze();
    ck_assert_uint_eq(traced.complaints, 0);
    ck_assert_uint_eq(traced.trace.count, 3);
    ck_assert_int_eq(traced.trace.at[1].elapsed_ns, 0);
    traced_end();
}
END_TEST

/* As many as are looked at, more, and fewer again, until there is no room for further ones. */
START_TEST(a_statement_may_have_other_columns_each_time)
{
    static const size_t columns[] = {1, 64, 300, 2, 65, 64, 1, 63};

    traced_begin();
    for (size_t i = 0; i < 40; i++) {
        traced_statement("SELECT * FROM t", "[]", wide(columns[i % 8]));
    }
    traced_analyze();
    ck_assert_uint_eq(traced.complaints, 0);
    ck_assert_uint_eq(traced.analysis.statements, 40);
    ck_assert_uint_gt(traced.analysis.dropped.rows, 0);
    traced_end();
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
    traced_begin();
    fclose(traced.file);
    unlink(traced.path);
    ck_assert_int_eq(traced_read_and_analyze(), ROWAN_IO);
    traced_release();
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_leaks_nothing)
{
    bool ended = false;

    traced_begin();
    traced_parent(6, "");
    for (size_t i = 0; i < 6; i++) {
        traced_child(i, "");
    }
    fprintf(traced.file, "{\"seq\":1,\"eager\":{\"assoc\":\"notes\",\"owners\":6,\"rows\":2,"
                         "\"touched\":0}}\n");
    fclose(traced.file);
    for (unsigned nth = 1; !ended; nth++) {
        fault_arm(nth);
        rowan_status status = traced_read_and_analyze();
        ended = !fault_fired();
        fault_arm(0);
        ck_assert(status == ROWAN_NOMEM || status == ROWAN_OK); /* the watch may see less instead */
        traced_release();
    }
    unlink(traced.path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace_read");
    TCase *tc = tcase_create("trace_read");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, every_key_is_read);
    tcase_add_test(tc, what_cannot_be_read_is_named_and_the_rest_is_analysed);
    tcase_add_test(tc, parameters_may_have_names_and_engines_others);
    tcase_add_test(tc, odd_but_readable_lines_are_read);
    tcase_add_test(tc, a_statement_may_have_other_columns_each_time);
    tcase_add_test(tc, a_missing_file_is_an_error);
    tcase_add_test(tc, running_out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
