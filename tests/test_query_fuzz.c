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

/* What every value contains, with quotes of every kind and what would end a statement. */
#define MARK "KANARIE' \" ` \\ ; -- /* "
enum { MARKED_NUMBER = 7771777, TREES = 400, DEEPEST = 5 };

static rowan_db *db;
static rowan_scope *scope;
static uint64_t state;

/* The same numbers on every run, so that a failure can be looked at. */
static unsigned below(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

static rowan_expr *node(rowan_expr_kind kind)
{
    rowan_expr *made = rowan_scope_alloc(scope, sizeof *made);

    ck_assert_ptr_nonnull(made);
    memset(made, 0, sizeof *made);
    made->kind = kind;
    return made;
}

static const rowan_expr *condition(unsigned depth);

static const rowan_expr *call(rowan_function function, size_t count, const rowan_operand *arguments)
{
    rowan_expr *made = node(ROWAN_EXPR_CALL);
    rowan_operand *kept = rowan_scope_alloc(scope, count * sizeof *kept);

    memcpy(kept, arguments, count * sizeof *kept);
    made->function = function;
    made->arguments = kept;
    made->argument_count = count;
    return made;
}

static rowan_operand choose(const rowan_expr *test, rowan_operand then, rowan_operand otherwise)
{
    const rowan_expr **items = rowan_scope_alloc(scope, 2 * sizeof *items);
    rowan_expr *made = node(ROWAN_EXPR_CASE);

    items[0] = test;
    items[1] = ROWAN_END;
    made->items = items;
    made->left = then;
    made->right = otherwise;
    return rowan_o_expr(made);
}

static rowan_operand text(unsigned depth)
{
    const rowan_operand leaves[] = {rowan_o_text_column(WORK.title),
                                    rowan_o_text_column(WORK.subtitle), rowan_o_text(MARK),
                                    rowan_o_text("%" MARK "_")};

    if (depth == 0) {
        return leaves[below(4)];
    }
    switch (below(6)) {
    case 0:
        return rowan_o_expr(
            call(ROWAN_FN_CONCAT, 3, (rowan_operand[]){text(depth - 1), text(0), text(depth - 1)}));
    case 1:
        return rowan_o_expr(
            call(ROWAN_FN_COALESCE, 2, (rowan_operand[]){text(depth - 1), text(depth - 1)}));
    case 2:
        return rowan_o_expr(call(below(2) ? ROWAN_FN_LOWER : ROWAN_FN_UPPER, 1,
                                 (rowan_operand[]){text(depth - 1)}));
    case 3:
        return choose(condition(depth - 1), text(depth - 1), text(depth - 1));
    default:
        return leaves[below(4)];
    }
}

static rowan_operand number(unsigned depth)
{
    const rowan_operand leaves[] = {rowan_o_int_column(WORK.id), rowan_o_int_column(WORK.stock),
                                    rowan_o_int_column(WORK.genre_id),
                                    rowan_o_int64(MARKED_NUMBER)};
    static const rowan_function math[] = {ROWAN_FN_ADD, ROWAN_FN_SUBTRACT, ROWAN_FN_DIVIDE,
                                          ROWAN_FN_MODULO, ROWAN_FN_COALESCE};

    if (depth == 0) {
        return leaves[below(4)];
    }
    switch (below(5)) {
    case 0:
        return rowan_o_expr(
            call(math[below(5)], 2, (rowan_operand[]){number(depth - 1), number(depth - 1)}));
    case 1:
        return rowan_o_expr(call(ROWAN_FN_LENGTH, 1, (rowan_operand[]){text(depth - 1)}));
    case 2:
        return choose(condition(depth - 1), number(depth - 1), number(depth - 1));
    default:
        return leaves[below(4)];
    }
}

static const rowan_expr *compare(rowan_compare how, rowan_operand left, rowan_operand right)
{
    rowan_expr *made = node(ROWAN_EXPR_COMPARE);

    made->compare = how;
    made->left = left;
    made->right = right;
    return made;
}

static const rowan_expr *membership(unsigned depth)
{
    rowan_expr *made = node(ROWAN_EXPR_IN);
    size_t count = below(5);
    rowan_value *values = rowan_scope_alloc(scope, 5 * sizeof *values);
    bool texts = below(2) == 0;

    for (size_t i = 0; i < count; i++) {
        values[i] = texts ? rowan_v_text(MARK) : rowan_v_int64(MARKED_NUMBER);
    }
    made->left = texts ? text(depth) : number(depth);
    made->right.value = rowan_v_list(values, count);
    return made;
}

static const rowan_expr *connective(unsigned depth)
{
    rowan_expr *made = node(below(2) ? ROWAN_EXPR_AND : ROWAN_EXPR_OR);
    size_t count = below(4);
    const rowan_expr **items = rowan_scope_alloc(scope, 5 * sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i] = below(5) == 0 ? NULL : condition(depth - 1);
    }
    items[count] = ROWAN_END;
    made->items = items;
    return made;
}

static const rowan_expr *negation(unsigned depth)
{
    rowan_expr *made = node(ROWAN_EXPR_NOT);
    const rowan_expr **items = rowan_scope_alloc(scope, 2 * sizeof *items);

    items[0] = condition(depth - 1);
    items[1] = ROWAN_END;
    made->items = items;
    return made;
}

static const rowan_expr *existence(unsigned depth)
{
    rowan_expr *made = node(below(2) ? ROWAN_EXPR_EXISTS : ROWAN_EXPR_IN_QUERY);
    rowan_query *query = rowan_scope_alloc(scope, sizeof *query);
    rowan_selected *selected = rowan_scope_alloc(scope, 2 * sizeof *selected);

    memset(query, 0, sizeof *query);
    memset(selected, 0, 2 * sizeof *selected);
    selected[0] = (rowan_selected){.what = rowan_o_int_column(PRESS.id), .given = true};
    query->select = selected;
    query->from = &press_table;
    query->where = compare(ROWAN_COMPARE_EQ, rowan_o_text_column(PRESS.name), text(depth - 1));
    query->limit = below(2);
    made->left = rowan_o_int_column(WORK.press_id);
    made->query = query;
    return made;
}

static const rowan_expr *fragment(unsigned depth)
{
    rowan_expr *made = node(ROWAN_EXPR_RAW);
    rowan_operand *arguments = rowan_scope_alloc(scope, 2 * sizeof *arguments);

    arguments[0] = rowan_o_text_column(WORK.title);
    arguments[1] = text(depth - 1);
    made->sql = "? /* '?' */ = ?";
    made->arguments = arguments;
    made->argument_count = 2;
    return made;
}

static const rowan_expr *condition(unsigned depth)
{
    if (depth == 0) {
        return compare(ROWAN_COMPARE_NE, rowan_o_text_column(WORK.title), rowan_o_text(MARK));
    }
    switch (below(9)) {
    case 0:
    case 1:
        return connective(depth);
    case 2:
        return negation(depth);
    case 3:
        return membership(depth - 1);
    case 4:
        return existence(depth);
    case 5:
        return fragment(depth);
    case 6:
        return compare(below(2) ? ROWAN_COMPARE_LIKE : ROWAN_COMPARE_ILIKE,
                       rowan_o_text_column(WORK.title), rowan_o_text("%" MARK "%"));
    case 7:
        return compare((rowan_compare)(1 + below(6)), number(depth - 1), number(depth - 1));
    default:
        return compare(below(3) == 0 ? ROWAN_COMPARE_SAME : ROWAN_COMPARE_LT, text(depth - 1),
                       text(depth - 1));
    }
}

static void expect_no_mark(const char *sql)
{
    ck_assert_msg(strstr(sql, "KANARIE") == NULL && strstr(sql, "7771777") == NULL,
                  "a value in the text: %s", sql);
}

START_TEST(no_byte_of_a_value_is_ever_in_the_text_and_servers_take_it)
{
    unsigned unsupported = 0;

    db = archive_open((size_t)_i, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "fuzz", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
    state = 20261122;
    for (unsigned i = 0; i < TREES; i++) {
        rowan_mark mark = rowan_scope_mark(scope);
        const rowan_selected selected[] = {
            {.what = rowan_o_int_column(WORK.id), .given = true},
            {.what = text(below(DEEPEST)), .as = "title", .given = true},
            {.given = false},
        };
        const rowan_order order[] = {
            {.by = rowan_o_int_column(WORK.id), .descending = below(2) == 0, .given = true},
            {.given = false}};
        const rowan_value after = rowan_v_int64(MARKED_NUMBER);
        rowan_query q = {.from = &work_table,
                         .select = selected,
                         .where = condition(below(DEEPEST + 1)),
                         .order_by = order};
        rowan_rows rows;
        rowan_status status;
        const char *sql;
        if (below(3) == 0) {
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
    const genre rows[] = {{0, MARK, {true, MARKED_NUMBER}}, {MARKED_NUMBER, MARK, {.has = false}}};
    const rowan_insert insert = {.into = &genre_table,
                                 .rows = rows,
                                 .row_count = 2,
                                 .on_conflict = ROWAN_CONFLICT_UPDATE,
                                 .set = SET(TO(GENRE.name, CONCAT(EXCLUDED(GENRE.name), MARK)))};
    const rowan_update update = {.table = &genre_table,
                                 .set =
                                     SET(TO(GENRE.name, MARK), TO(GENRE.parent_id, MARKED_NUMBER)),
                                 .where = EQ(GENRE.name, MARK)};
    const rowan_delete remove = {.from = &genre_table, .where = IN(GENRE.id, MARKED_NUMBER, 1)};
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
