/*
 * Random expressions whose values carry a mark: no byte of a value ever gets into the text of a
 * statement, and every text is one that the server takes.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"
#include "support/trees.h"

enum { TREES = 400, DEEPEST = 5 };

static rowan_db *db;
static rowan_scope *scope;

static void expect_no_mark(const char *sql)
{
    ck_assert_msg(strstr(sql, "KANARIE") == NULL && strstr(sql, "7771777") == NULL,
                  "a value in the text: %s", sql);
}

START_TEST(no_byte_of_a_value_is_ever_in_the_text_and_servers_take_it)
{
    trees t = {.variant = 0};
    unsigned unsupported = 0;

    db = archive_open((size_t)_i, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "fuzz", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
    trees_begin(&t, scope, 20261122);
    for (unsigned i = 0; i < TREES; i++) {
        rowan_mark mark = rowan_scope_mark(scope);
        const rowan_selected selected[] = {
            {.what = rowan_o_int_column(WORK.id), .given = true},
            {.what = trees_text(&t, trees_below(&t, DEEPEST)), .as = "title", .given = true},
            {.given = false},
        };
        const rowan_order order[] = {{.by = rowan_o_int_column(WORK.id),
                                      .descending = trees_below(&t, 2) == 0,
                                      .given = true},
                                     {.given = false}};
        const rowan_value after = rowan_v_int64(TREES_NUMBER);
        rowan_query q = {.from = &work_table,
                         .select = selected,
                         .where = trees_condition(&t, trees_below(&t, DEEPEST + 1)),
                         .order_by = order};
        rowan_rows rows;
        rowan_status status;
        const char *sql;
        if (trees_below(&t, 3) == 0) {
            q.after = (rowan_params){&after, 1};
        }
        status = rowan_query_sql(scope, &q, &sql);
        if (status == ROWAN_UNSUPPORTED && engine_is((size_t)_i, "mariadb")) {
            unsupported++; /* a limited IN that refers to the query around it */
            ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
            continue;
        }
        ck_assert_msg(status == ROWAN_OK, "%s", rowan_scope_error(scope)->message);
        expect_no_mark(sql);
        status = rowan_query_all(scope, &q, &rows);
        /* A title that came out NULL is the one thing that may be wrong with these. */
        ck_assert_msg(status == ROWAN_OK || status == ROWAN_NOT_NULL, "%s: %s\n%s",
                      rowan_status_name(status), rowan_scope_error(scope)->engine_message, sql);
        ck_assert_int_eq(rowan_scope_rewind(scope, mark), ROWAN_OK);
    }
    ck_assert_uint_lt(unsupported, TREES / 4);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(no_byte_of_a_value_is_in_the_text_of_a_write)
{
    const genre rows[] = {{0, TREES_MARK, {true, TREES_NUMBER}},
                          {TREES_NUMBER, TREES_MARK, {.has = false}}};
    const rowan_insert insert = {.into = &genre_table,
                                 .rows = rows,
                                 .row_count = 2,
                                 .on_conflict = ROWAN_CONFLICT_UPDATE,
                                 .set =
                                     SET(TO(GENRE.name, CONCAT(EXCLUDED(GENRE.name), TREES_MARK)))};
    const rowan_update update = {
        .table = &genre_table,
        .set = SET(TO(GENRE.name, TREES_MARK), TO(GENRE.parent_id, TREES_NUMBER)),
        .where = EQ(GENRE.name, TREES_MARK)};
    const rowan_delete remove = {.from = &genre_table, .where = IN(GENRE.id, TREES_NUMBER, 1)};
    const char *sql;

    db = archive_open((size_t)_i, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "fuzz", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_insert_sql(scope, &insert, &sql), ROWAN_OK);
    expect_no_mark(sql);
    ck_assert_int_eq(rowan_update_sql(scope, &update, &sql), ROWAN_OK);
    expect_no_mark(sql);
    ck_assert_int_eq(rowan_delete_sql(scope, &remove, &sql), ROWAN_OK);
    expect_no_mark(sql);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

START_TEST(names_are_quoted_whatever_is_in_them)
{
    const rowan_table odd = {
        .name = "o\"d`d ' ; --",
        .columns = (rowan_column[]){{&odd, "a\"`' b", ROWAN_TYPE_INT64, 0, 0, 0, NULL, 0, 0}},
        .column_count = 1,
        .row_size = 8,
        .row_align = 8};
    const rowan_table nameless = {
        .name = "t",
        .columns = (rowan_column[]){{&nameless, "", ROWAN_TYPE_INT64, 0, 0, 0, NULL, 0, 0}},
        .column_count = 1,
        .row_size = 8,
        .row_align = 8};
    const char *sql;

    db = archive_open((size_t)_i, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "names", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_query_sql(scope, &(rowan_query){.from = &odd}, &sql), ROWAN_OK);
    if (engine_is((size_t)_i, "mariadb")) {
        ck_assert_str_eq(sql, "SELECT `o\"d``d ' ; --`.`a\"``' b` FROM `o\"d``d ' ; --`");
    } else {
        ck_assert_str_eq(sql, "SELECT \"o\"\"d`d ' ; --\".\"a\"\"`' b\" FROM \"o\"\"d`d ' ; --\"");
    }
    ck_assert_int_eq(rowan_query_sql(scope, &(rowan_query){.from = &nameless}, &sql), ROWAN_MISUSE);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query fuzz");
    TCase *tc = tcase_create("values and text");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, no_byte_of_a_value_is_ever_in_the_text_and_servers_take_it, 0, engines);
    tcase_add_loop_test(tc, no_byte_of_a_value_is_in_the_text_of_a_write, 0, engines);
    tcase_add_loop_test(tc, names_are_quoted_whatever_is_in_them, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
