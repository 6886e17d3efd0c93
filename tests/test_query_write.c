/*
 * Inserts, updates, deletes and upserts as golden SQL for each dialect, and what they do to the
 * table, which is the same on every engine; and the chunks, the order of returned rows and the
 * refusals of writes.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "sql/sql_private.h"
#include "support/archived.h"
#include "support/golden.h"
#include "support/suite.h"

static bool on_mariadb(golden *g)
{
    return strcmp(rowan_db_engine(rowan_scope_db(golden_scope(g))), "mariadb") == 0;
}

static void inserts(golden *g)
{
    const genre new_genres[] = {{0, "poetry", {.has = false}}, {0, "maps", {true, 4}}};
    const genre far = {-5, "minus five", {true, 1}};
    const loan lent = {8, 1, 3, {true, "Dee"}};

    golden_insert(g, "structs, their keys made by the database",
                  &(rowan_insert){
                      .into = &genre_table, .rows = new_genres, .row_count = 2, .returning = true});
    golden_insert(g, "a composite key",
                  &(rowan_insert){.into = &loan_table, .rows = &lent, .row_count = 1});
    golden_insert(g, "one row by assignments",
                  &(rowan_insert){.into = &press_table,
                                  .values = SET(TO(PRESS.id, 9), TO(PRESS.name, LOWER("NINE")),
                                                TO(PRESS.country, rowan_v_null()))});
    golden_insert(
        g, "the rows of a query",
        &(rowan_insert){
            .into = &genre_table,
            .columns = (const rowan_column *[]){GENRE.id.column, GENRE.name.column},
            .column_count = 2,
            .query = &(rowan_query){.from = &press_table,
                                    .select = SELECT(COL(ADD(PRESS.id, 100)), COL(PRESS.name))},
            .returning = false});
    golden_insert(
        g, "chosen columns of a struct",
        &(rowan_insert){.into = &genre_table,
                        .rows = &far,
                        .row_count = 1,
                        .columns = (const rowan_column *[]){GENRE.id.column, GENRE.name.column},
                        .column_count = 2});
}

static void upserts(golden *g)
{
    const press changed[] = {{2, "Northern Light", {true, "se"}}, {7, "Seven", {.has = false}}};
    const press again = {0, "Harbour", {true, "es"}};
    const rowan_column *const by_name[] = {PRESS.name.column};

    golden_insert(g, "overwrites by primary key",
                  &(rowan_insert){.into = &press_table,
                                  .rows = changed,
                                  .row_count = 2,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE,
                                  .returning = true});
    golden_insert(g, "sets what is said, by another key",
                  &(rowan_insert){.into = &press_table,
                                  .rows = &again,
                                  .row_count = 1,
                                  .on_conflict = ROWAN_CONFLICT_UPDATE,
                                  .target = by_name,
                                  .target_count = 1,
                                  .set = SET(TO(PRESS.country, CONCAT(EXCLUDED(PRESS.country), "")),
                                             TO(PRESS.name, CONCAT(PRESS.name, "!")))});
    golden_insert(
        g, "raises the version",
        &(rowan_insert){.into = &work_table,
                        .rows = archive_works,
                        .row_count = 1,
                        .on_conflict = ROWAN_CONFLICT_UPDATE,
                        .set = SET(TO(WORK.stock, ADD(WORK.stock, EXCLUDED(WORK.stock))))});
}

static void upserts_that_do_nothing(golden *g)
{
    const press changed[] = {{2, "Northern Light", {true, "se"}}, {7, "Seven", {.has = false}}};
    const rowan_insert lenient = {.into = &press_table,
                                  .rows = changed,
                                  .row_count = 2,
                                  .on_conflict = ROWAN_CONFLICT_NOTHING};
    rowan_rows rows;
    const char *sql;

    ck_assert_int_eq(rowan_insert_sql(golden_scope(g), &lenient, &sql), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(golden_scope(g), NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_query_insert(golden_scope(g), &lenient, NULL, NULL), ROWAN_OK);
    golden_query(g, "leaves what is there",
                 &(rowan_query){.from = &press_table, .order_by = ORDER(ASC(PRESS.id))});
    ck_assert_int_eq(rowan_rollback(golden_scope(g)), ROWAN_OK);
    if (on_mariadb(g)) {
        rowan_insert returning = lenient;
        returning.returning = true;
        ck_assert_int_eq(rowan_query_insert(golden_scope(g), &returning, &rows, NULL),
                         ROWAN_UNSUPPORTED);
    }
}

static void updates(golden *g)
{
    golden_update(g, "an update raises the version",
                  &(rowan_update){.table = &work_table,
                                  .set = SET(TO(WORK.stock, SUBTRACT(WORK.stock, 1)),
                                             TO(WORK.subtitle, "new"), TO(WORK.kind, WORK_POEM),
                                             TO(WORK.price, ((rowan_decimal){"007.5"}))),
                                  .where = IN(WORK.id, 1, 3)});
    golden_update(g, "assignments see the old values",
                  &(rowan_update){
                      .table = &loan_table,
                      .set = SET(TO(LOAN.days, LOAN.number), TO(LOAN.number, ADD(LOAN.days, 100))),
                      .where = EQ(LOAN.work_id, 1)});
    golden_update(
        g, "an update by a sub-query",
        &(rowan_update){.table = &press_table,
                        .set = SET(TO(PRESS.country, rowan_v_null())),
                        .where = EXISTS(&((rowan_query){
                            .from = &work_table,
                            .where = AND(EQ(WORK.press_id, PRESS.id), GT(WORK.stock, 100))}))});
    golden_update(g, "every row",
                  &(rowan_update){.table = &loan_table,
                                  .set = SET(TO(LOAN.reader, rowan_v_null())),
                                  .all_rows = true});
    golden_delete(g, "a delete", &(rowan_delete){.from = &loan_table, .where = LT(LOAN.days, 10)});
    golden_delete(
        g, "a delete that returns its rows",
        &(rowan_delete){.from = &loan_table, .where = EQ(LOAN.days, 2), .returning = true});
}

START_TEST(writes_are_what_the_golden_files_say_and_do_the_same_everywhere)
{
    golden *g = golden_begin((size_t)_i, "write");

    inserts(g);
    upserts(g);
    upserts_that_do_nothing(g);
    updates(g);
    golden_end(g);
}
END_TEST

/* --- Alone. --- */

START_TEST(an_update_that_returns_gives_the_new_rows_or_is_unsupported)
{
    const rowan_update raise = {.table = &press_table,
                                .set = SET(TO(PRESS.name, "Renamed")),
                                .where = EQ(PRESS.id, 2),
                                .returning = true};
    rowan_rows rows;
    uint64_t affected;
    uint64_t before;
    rowan_status status;

    open_on(_i);
    archive_fill(scope);
    before = rowan_scope_counts(scope).statements;
    status = rowan_query_update(scope, &raise, &rows, &affected);
    if (engine_is((size_t)_i, "mariadb")) {
        ck_assert_int_eq(status, ROWAN_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "mariadb"));
        ck_assert_uint_eq(rowan_scope_counts(scope).statements, before);
    } else {
        ok(status);
        ck_assert_uint_eq(affected, 1);
        ck_assert_uint_eq(rows.count, 1);
        ck_assert_str_eq(((press *)rows.at)[0].name, "Renamed");
    }
    close_all();
}
END_TEST

enum { MANY = 40000 };

START_TEST(rows_beyond_one_statement_go_in_chunks_and_come_back_in_order)
{
    static genre rows[MANY];
    static char names[MANY][12];
    rowan_rows returned;
    rowan_counts before, after;
    uint64_t affected, chunks;

    open_on(_i);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "g%zu", i);
        rows[i] = (genre){0, names[i], {.has = false}};
    }
    before = rowan_scope_counts(scope);
    ok(rowan_query_insert(
        scope,
        &(rowan_insert){.into = &genre_table, .rows = rows, .row_count = MANY, .returning = true},
        &returned, &affected));
    after = rowan_scope_counts(scope);
    ck_assert_uint_eq(affected, MANY);
    ck_assert_uint_eq(returned.count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const genre *row = &((genre *)returned.at)[i];
        ck_assert_str_eq(row->name, names[i]);
        ck_assert_int_eq(row->id, ((genre *)returned.at)[0].id + (int64_t)i);
    }
    /* PostgreSQL takes an array for each column; MariaDB takes arrays in packets, one or more. */
    chunks = engine_is((size_t)_i, "sqlite") ? MANY / 100 : 1;
    size_t ends = engine_is((size_t)_i, "postgresql") ? 0 : 2;
    ck_assert_uint_eq(after.transactions - before.transactions, ends);
    ck_assert_uint_eq(after.statements - before.statements - (after.setups - before.setups),
                      chunks + ends);
    close_all();
}
END_TEST

START_TEST(a_chunk_that_fails_takes_back_the_chunks_before_it)
{
    static loan rows[20000];
    int64_t count;

    open_on(_i);
    archive_fill(scope);
    for (size_t i = 0; i < 20000; i++) {
        rows[i] = (loan){5, (int32_t)i, 1, {.has = false}};
    }
    rows[19999].number = 0;
    ck_assert_int_eq(
        rowan_query_insert(scope,
                           &(rowan_insert){.into = &loan_table, .rows = rows, .row_count = 20000},
                           NULL, NULL),
        ROWAN_UNIQUE);
    ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_ROLLED_BACK);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    ok(rowan_query_count(scope, &(rowan_query){.from = &loan_table}, &count));
    ck_assert_int_eq(count, ARCHIVE_LOANS);

    ok(rowan_begin(scope, NULL));
    ck_assert_int_eq(
        rowan_query_insert(scope,
                           &(rowan_insert){.into = &loan_table, .rows = rows, .row_count = 20000},
                           NULL, NULL),
        ROWAN_UNIQUE);
    ck_assert_int_eq(rowan_scope_error(scope)->fate, ROWAN_FATE_OPEN);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    ok(rowan_rollback(scope));
    close_all();
}
END_TEST

START_TEST(keys_are_given_for_some_rows_and_made_for_others)
{
    const genre mixed[] = {{-5, "minus five", {.has = false}}, {0, "next", {true, 1}}};
    rowan_rows rows;

    open_on(_i);
    archive_fill(scope);
    ok(rowan_query_insert(
        scope,
        &(rowan_insert){.into = &genre_table, .rows = mixed, .row_count = 2, .returning = true},
        &rows, NULL));
    ck_assert_uint_eq(rows.count, 2);
    ck_assert_int_eq(((genre *)rows.at)[0].id, -5);
    ck_assert_int_eq(((genre *)rows.at)[1].id, ARCHIVE_GENRES + 1);
    ck_assert_str_eq(((genre *)rows.at)[1].name, "next");
    close_all();
}
END_TEST

/* As if an insert of rows had returned others. */
static rowan_status match(const rowan_table *table, const void *rows, size_t count, void *returned)
{
    const rowan_insert insert = {.into = table, .rows = rows, .row_count = count};
    const rowan_column *columns[32];
    const rowan__structs given = {.columns = columns,
                                  .column_count = table->column_count,
                                  .rows = rows,
                                  .stride = table->row_size,
                                  .count = count};

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = &table->columns[i];
    }
    return rowan__match_returned(scope, &insert, &given, returned, count);
}

/* No engine is known to do this, but one of them promises no order. */
START_TEST(rows_that_come_back_in_another_order_are_matched)
{
    const genre given[] = {
        {0, "a", {.has = false}}, {70, "b", {.has = false}}, {0, "c", {.has = false}}};
    const loan lent[] = {
        {1, 5, 1, {.has = false}}, {1, 4, 2, {.has = false}}, {2, 4, 3, {.has = false}}};
    genre made[] = {{9, "c", {.has = false}}, {70, "b", {.has = false}}, {8, "a", {.has = false}}};
    loan shuffled[] = {lent[2], lent[0], lent[1]};
    loan foreign[] = {lent[0], lent[1], {3, 3, 3, {.has = false}}};

    open_on(_i);
    ok(match(&genre_table, given, 3, made));
    ck_assert_str_eq(made[0].name, "a");
    ck_assert_str_eq(made[1].name, "b");
    ck_assert_str_eq(made[2].name, "c");
    ok(match(&loan_table, lent, 3, shuffled));
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(shuffled[i].days, lent[i].days);
    }
    ck_assert_int_eq(match(&loan_table, lent, 3, foreign), ROWAN_ENGINE);
    close_all();
}
END_TEST

/* Whether two rows have values in a column, and other ones. */
static bool differ(const rowan_column *column, const work *a, const work *b)
{
    rowan_value x = rowan_column_value(column, a), y = rowan_column_value(column, b);

    if (x.is_null || y.is_null) {
        return false;
    }
    switch (column->type) {
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_JSON:
        return x.as.bytes.size != y.as.bytes.size ||
               memcmp(x.as.bytes.data, y.as.bytes.data, x.as.bytes.size) != 0;
    case ROWAN_TYPE_UUID:
        return memcmp(&x.as.uuid, &y.as.uuid, sizeof x.as.uuid) != 0;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        return x.as.real < y.as.real || x.as.real > y.as.real;
    case ROWAN_TYPE_BOOL:
        return x.as.boolean != y.as.boolean;
    case ROWAN_TYPE_DATE:
        return x.as.date.days != y.as.date.days;
    default:
        return x.as.integer != y.as.integer;
    }
}

/* As if each column in turn were the key: of every type. */
START_TEST(a_key_of_any_type_tells_the_rows_apart)
{
    open_on(_i);
    for (size_t i = 1; i < work_table.column_count; i++) { /* the first is made by the database */
        const rowan_column *key = &work_table.columns[i];
        rowan_table table = work_table;
        unsigned told = 0;
        table.primary = &key;
        for (size_t pair = 0; pair < ARCHIVE_WORKS * ARCHIVE_WORKS; pair++) {
            const work given[] = {archive_works[pair / ARCHIVE_WORKS],
                                  archive_works[pair % ARCHIVE_WORKS]};
            work returned[] = {given[1], given[0]};
            if (differ(key, &given[0], &given[1])) {
                ok(match(&table, given, 2, returned));
                ck_assert_int_eq(returned[0].id, given[0].id);
                ck_assert_int_eq(returned[1].id, given[1].id);
                told++;
            }
        }
        ck_assert_msg(told > 0 || key->type == ROWAN_TYPE_JSON || key->type == ROWAN_TYPE_BLOB ||
                          key == work_table.version,
                      "%s", key->name);
    }
    close_all();
}
END_TEST

/* What a trigger has changed is no sign of another order, if the keys are in order or say nothing.
 */
START_TEST(rows_that_were_changed_stay_where_they_are)
{
    const genre given[] = {{0, "a", {.has = false}}, {0, "b", {.has = false}}};
    genre rising[] = {{8, "B", {.has = true, .value = 1}}, {9, "A", {.has = false}}};
    const rowan_column *key = &press_table.columns[1]; /* as if the database made the names */
    rowan_column made = *key;
    rowan_table names = press_table;
    const press unnamed[] = {{1, "", {.has = true, .value = "x"}}, {2, "", {.has = false}}};
    press named[] = {{1, "z", {.has = true, .value = "X"}}, {2, "y", {.has = false}}};

    open_on(_i);
    ok(match(&genre_table, given, 2, rising));
    ck_assert_str_eq(rising[0].name, "B");
    ck_assert_str_eq(rising[1].name, "A");
    made.flags |= ROWAN_GENERATED;
    key = &made;
    names.primary = &key;
    ok(match(&names, unnamed, 2, named));
    ck_assert_str_eq(named[0].name, "z");
    ck_assert_str_eq(named[1].name, "y");
    close_all();
}
END_TEST

START_TEST(no_rows_send_nothing)
{
    rowan_rows rows;
    uint64_t affected;

    open_on(_i);
    ok(rowan_query_insert(
        scope,
        &(rowan_insert){
            .into = &genre_table, .rows = archive_genres, .row_count = 0, .returning = true},
        &rows, &affected));
    ck_assert_uint_eq(rows.count, 0);
    ck_assert_uint_eq(affected, 0);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

START_TEST(a_value_that_the_column_cannot_hold_is_refused_before_anything_is_sent)
{
    static const char *const long_title = "0123456789012345678901234567890123456789x";
    const genre too_long = {0, long_title, {.has = false}};
    const struct {
        const rowan_assignment *set;
        const char *column;
        rowan_status status;
    } cases[] = {
        {SET(TO(WORK.stock, 40000)), "work.stock", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.cents, 3000000000)), "work.cents", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.price, ((rowan_decimal){"1.005"}))), "work.price", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.price, ((rowan_decimal){"123456789.0"}))), "work.price", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.price, ((rowan_decimal){"1e3"}))), "work.price", ROWAN_WRONG_TYPE},
        {SET(TO(WORK.kind, 3)), "work.kind", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.kind, rowan_v_text("prose"))), "work.kind", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.score, 1e300)), "work.score", ROWAN_OUT_OF_RANGE},
        {SET(TO(WORK.title, rowan_v_int64(1))), "work.title", ROWAN_WRONG_TYPE},
        {SET(TO(WORK.released, rowan_v_text("2020-01-01"))), "work.released", ROWAN_WRONG_TYPE},
        {SET(TO(WORK.cents, rowan_o_column(WORK.title.column, NULL))), "work.cents",
         ROWAN_WRONG_TYPE},
    };

    open_on(_i);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan_status status = rowan_query_update(
            scope, &(rowan_update){.table = &work_table, .set = cases[i].set, .all_rows = true},
            NULL, NULL);
        ck_assert_msg(status == cases[i].status, "%s: %s, %s", cases[i].column,
                      rowan_status_name(status), rowan_scope_error(scope)->message);
        ck_assert_msg(strstr(rowan_scope_error(scope)->message, cases[i].column) != NULL, "%s",
                      rowan_scope_error(scope)->message);
    }
    ck_assert_int_eq(
        rowan_query_insert(scope,
                           &(rowan_insert){.into = &genre_table, .rows = &too_long, .row_count = 1},
                           NULL, NULL),
        ROWAN_OUT_OF_RANGE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

START_TEST(decimals_are_stored_with_the_digits_of_their_column)
{
    static const char *const given[][2] = {
        {"1", "1.00"},      {"00.5", "0.50"},   {"-0.0", "0.00"},
        {"-7.5", "-7.50"},  {"12.50", "12.50"}, {"0", "0.00"},
        {"007.25", "7.25"}, {"3.1000", "3.10"}, {"99999999.99", "99999999.99"}};

    open_on(_i);
    archive_fill(scope);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        const rowan_update update = {.table = &work_table,
                                     .set = SET(TO(WORK.price, ((rowan_decimal){given[i][0]}))),
                                     .where = EQ(WORK.id, 1)};
        const rowan_query query = {.from = &work_table, .where = EQ(WORK.id, 1)};
        void *row;
        ok(rowan_query_update(scope, &update, NULL, NULL));
        ok(rowan_query_one(scope, &query, &row));
        ck_assert_str_eq(((work *)row)->price.text, given[i][1]);
    }
    close_all();
}
END_TEST

START_TEST(writes_that_cannot_be_meant_are_misuse)
{
    const rowan_assignment *twice = SET(TO(WORK.stock, 1), TO(WORK.stock, 2));
    const rowan_update updates[] = {
        {.table = &work_table, .set = SET(TO(WORK.stock, 1))},
        {.table = &work_table, .set = SET(TO(WORK.stock, 1)), .where = AND(NULL, AND(NULL))},
        {.table = &work_table, .set = SET(TO(PRESS.name, "x")), .all_rows = true},
        {.table = &work_table, .set = twice, .all_rows = true},
        {.table = &work_table, .all_rows = true},
        {.table = &work_table, .set = SET(TO(WORK.stock, 1)), .where = EQ(PRESS.id, 1)},
        {.set = SET(TO(WORK.stock, 1)), .all_rows = true},
        {.table = &work_table, .set = SET(TO(WORK.stock, 1)), .all_rows = true, .returning = true},
    };
    const rowan_insert inserts[] = {
        {.into = &genre_table},
        {.into = &genre_table,
         .rows = archive_genres,
         .row_count = 1,
         .values = SET(TO(GENRE.id, 1))},
        {.into = &genre_table, .query = &(rowan_query){.from = &genre_table}},
        {.into = &genre_table, .values = SET(TO(GENRE.id, PRESS.id))},
        {.into = &genre_table, .values = SET(TO(GENRE.id, EXCLUDED(GENRE.id)))},
    };

    open_on(_i);
    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
        ck_assert_msg(rowan_query_update(scope, &updates[i], NULL, NULL) == ROWAN_MISUSE,
                      "update %zu: %s", i, rowan_scope_error(scope)->message);
    }
    for (size_t i = 0; i < sizeof inserts / sizeof inserts[0]; i++) {
        ck_assert_msg(rowan_query_insert(scope, &inserts[i], NULL, NULL) == ROWAN_MISUSE,
                      "insert %zu: %s", i, rowan_scope_error(scope)->message);
    }
    ck_assert_int_eq(rowan_query_delete(scope, &(rowan_delete){.from = &work_table}, NULL, NULL),
                     ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query write");
    TCase *tc = tcase_create("writes");
    int engines = (int)golden_engines();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, writes_are_what_the_golden_files_say_and_do_the_same_everywhere, 0,
                        engines);
    tcase_add_loop_test(tc, an_update_that_returns_gives_the_new_rows_or_is_unsupported, 0,
                        engines);
    tcase_add_loop_test(tc, rows_beyond_one_statement_go_in_chunks_and_come_back_in_order, 0,
                        engines);
    tcase_add_loop_test(tc, a_chunk_that_fails_takes_back_the_chunks_before_it, 0, engines);
    tcase_add_loop_test(tc, keys_are_given_for_some_rows_and_made_for_others, 0, engines);
    tcase_add_test(tc, rows_that_come_back_in_another_order_are_matched);
    tcase_add_test(tc, a_key_of_any_type_tells_the_rows_apart);
    tcase_add_test(tc, rows_that_were_changed_stay_where_they_are);
    tcase_add_loop_test(tc, no_rows_send_nothing, 0, engines);
    tcase_add_loop_test(tc, a_value_that_the_column_cannot_hold_is_refused_before_anything_is_sent,
                        0, engines);
    tcase_add_loop_test(tc, decimals_are_stored_with_the_digits_of_their_column, 0, engines);
    tcase_add_loop_test(tc, writes_that_cannot_be_meant_are_misuse, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
