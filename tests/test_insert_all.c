/*
 * Many rows at once: from few to those that go by a copy, in every form that an engine has for
 * them, rows arrive as they are, come back in their order, and arrive all or not at all.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "relation/member.h"
#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

enum { MOST = 10000 };

static rowan_db *db;
static rowan_scope *scope;
static genre genres[MOST];
static char names[MOST][16];

/* Their keys are not among those that a database makes first. */
static const genre root = {900000, "root", {.has = false}};
static const genre other = {900001, "other", {true, 900000}};

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
}

static void open_on(int engine)
{
    rowan_error error;

    db = archive_open((size_t)engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    for (size_t i = 0; i < MOST; i++) {
        snprintf(names[i], sizeof names[i], "genre %zu", i);
        genres[i] = (genre){0, names[i], {i % 3 == 1, root.id}};
    }
    ok(rowan_raw_insert_all(scope, &genre_table, &root, 1, NULL));
    ok(rowan_raw_insert_all(scope, &press_table, archive_presses, ARCHIVE_PRESSES, NULL));
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static int64_t count_of(const rowan_table *table)
{
    int64_t count;

    ok(rowan_query_count(scope, &(rowan_query){.from = table}, &count));
    return count;
}

/* --- What arrives. --- */

static const size_t sizes[] = {1, 2, 49, 50, 51, 130, 3000};

START_TEST(rows_of_every_type_arrive_as_they_are)
{
    static work works[3000];
    rowan_rows stored;
    uint64_t affected;

    open_on(_i);
    ok(rowan_raw_insert_all(scope, &genre_table, archive_genres, ARCHIVE_GENRES, NULL));
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t i = 0; i < sizes[s]; i++) {
            works[i] = archive_works[i % ARCHIVE_WORKS];
            works[i].id = (int64_t)i + 1;
            works[i].version = 1 + (int32_t)(i % 4);
        }
        ok(rowan_raw_run(scope, "DELETE FROM work", ROWAN_NO_PARAMS, NULL));
        ok(rowan_raw_insert_all(scope, &work_table, works, sizes[s], &affected));
        ck_assert_uint_eq(affected, sizes[s]);
        ok(rowan_query_all(
            scope, &(rowan_query){.from = &work_table, .order_by = ORDER(ASC(WORK.id))}, &stored));
        ck_assert_uint_eq(stored.count, sizes[s]);
        for (size_t i = 0; i < stored.count; i++) {
            for (size_t c = 0; c < work_table.column_count; c++) {
                const rowan_column *column = &work_table.columns[c];
                ck_assert_msg(rowan__member_same(column, &works[i], (work *)stored.at + i),
                              "row %zu of %zu: %s", i, sizes[s], column->name);
            }
        }
    }
    close_all();
}
END_TEST

START_TEST(decimals_get_the_digits_of_their_column)
{
    static work works[60];
    rowan_rows stored;

    open_on(_i);
    ok(rowan_raw_insert_all(scope, &genre_table, archive_genres, ARCHIVE_GENRES, NULL));
    for (size_t i = 0; i < 60; i++) {
        works[i] = archive_works[0];
        works[i].id = (int64_t)i + 1;
        works[i].price = (rowan_decimal){i == 31 ? "007.5" : "7.50"};
    }
    ok(rowan_raw_insert_all(scope, &work_table, works, 60, NULL));
    ok(rowan_query_all(scope, &(rowan_query){.from = &work_table}, &stored));
    for (size_t i = 0; i < stored.count; i++) {
        ck_assert_str_eq(((work *)stored.at)[i].price.text, "7.50");
    }
    close_all();
}
END_TEST

START_TEST(a_version_begins_at_1_and_the_struct_stays_as_it_is)
{
    static work works[1200];
    int64_t count;

    open_on(_i);
    ok(rowan_raw_insert_all(scope, &genre_table, archive_genres, ARCHIVE_GENRES, NULL));
    for (size_t i = 0; i < 1200; i++) {
        works[i] = archive_works[0];
        works[i].id = (int64_t)i + 1;
        works[i].version = i == 7 ? 5 : 0;
    }
    ok(rowan_raw_insert_all(scope, &work_table, works, 1200, NULL));
    ck_assert_int_eq(works[0].version, 0);
    ok(rowan_query_count(scope, &(rowan_query){.from = &work_table, .where = EQ(WORK.version, 1)},
                         &count));
    ck_assert_int_eq(count, 1199);
    close_all();
}
END_TEST

START_TEST(ten_thousand_rows_come_back_in_their_order)
{
    rowan_rows rows;
    rowan_counts before, after;

    open_on(_i);
    before = rowan_scope_counts(scope);
    ok(rowan_query_insert(
        scope,
        &(rowan_insert){.into = &genre_table, .rows = genres, .row_count = MOST, .returning = true},
        &rows, NULL));
    after = rowan_scope_counts(scope);
    ck_assert_uint_eq(rows.count, MOST);
    ck_assert_uint_le(after.round_trips - before.round_trips, 10);
    for (size_t i = 0; i < MOST; i++) {
        const genre *row = (genre *)rows.at + i;
        ck_assert_str_eq(row->name, names[i]);
        ck_assert_int_gt(row->id, i == 0 ? 0 : row[-1].id);
    }
    close_all();
}
END_TEST

START_TEST(ten_thousand_rows_take_few_trips)
{
    rowan_counts before, after;
    uint64_t affected;

    open_on(_i);
    before = rowan_scope_counts(scope);
    ok(rowan_raw_insert_all(scope, &genre_table, genres, MOST, &affected));
    after = rowan_scope_counts(scope);
    ck_assert_uint_eq(affected, MOST);
    ck_assert_uint_le(after.round_trips - before.round_trips, 10);
    ck_assert_int_eq(count_of(&genre_table), MOST + 1);
    close_all();
}
END_TEST

/* --- All or nothing. --- */

/* Inserts rows of which the last cannot be, alone and within a transaction. */
static void refuse(size_t count, rowan_status status)
{
    ck_assert_int_eq(rowan_raw_insert_all(scope, &genre_table, genres, count, NULL), status);
    ck_assert_int_eq(count_of(&genre_table), 1);
    ok(rowan_begin(scope, NULL));
    ok(rowan_raw_insert_all(scope, &genre_table, &other, 1, NULL));
    ck_assert_int_eq(rowan_raw_insert_all(scope, &genre_table, genres, count, NULL), status);
    ck_assert_uint_eq(rowan_transaction_depth(scope), 1);
    if (rowan_scope_error(scope)->fate != ROWAN_FATE_MUST_ROLLBACK) {
        ck_assert_int_eq(count_of(&genre_table), 2);
    }
    ok(rowan_rollback(scope));
}

START_TEST(a_text_that_is_too_long_leaves_nothing_behind)
{
    static const size_t some[] = {1, 3, 120, 3000};
    char text[400];

    open_on(_i);
    for (size_t s = 0; s < sizeof some / sizeof some[0]; s++) {
        genre *last = &genres[some[s] - 1];
        const char *name = last->name;
        const rowan_column *column = GENRE.name.column;
        size_t letters = column->length;
        ck_assert_uint_gt(letters, 0);
        ck_assert_uint_lt(2 * letters + 2, sizeof text);
        for (size_t i = 0; i <= letters; i++) { /* two bytes each */
            memcpy(text + 2 * i, "é", 3);
        }
        last->name = text;
        refuse(some[s], ROWAN_OUT_OF_RANGE);
        text[2 * letters] = '\0';
        ok(rowan_raw_insert_all(scope, &genre_table, genres, some[s], NULL));
        ok(rowan_raw_run(scope, "DELETE FROM genre WHERE id <> 900000", ROWAN_NO_PARAMS, NULL));
        last->name = name;
    }
    close_all();
}
END_TEST

START_TEST(a_key_that_is_there_leaves_nothing_behind)
{
    static const size_t some[] = {1, 3, 120, 3000};

    open_on(_i);
    for (size_t s = 0; s < sizeof some / sizeof some[0]; s++) {
        for (size_t i = 0; i < some[s]; i++) {
            genres[i].id = 100 + (int64_t)i;
        }
        genres[some[s] - 1].id = root.id;
        refuse(some[s], ROWAN_UNIQUE);
    }
    close_all();
}
END_TEST

START_TEST(a_text_that_is_missing_is_null)
{
    static const size_t some[] = {1, 3, 120, 3000};

    open_on(_i);
    for (size_t s = 0; s < sizeof some / sizeof some[0]; s++) {
        const char *name = genres[some[s] - 1].name;
        genres[some[s] - 1].name = NULL;
        refuse(some[s], ROWAN_NOT_NULL);
        genres[some[s] - 1].name = name;
    }
    close_all();
}
END_TEST

/* --- Upserts. --- */

START_TEST(many_rows_overwrite_those_that_are_there)
{
    uint64_t affected;
    int64_t count;

    open_on(_i);
    for (size_t i = 0; i < 130; i++) {
        genres[i].id = 100 + (int64_t)i;
    }
    rowan_insert insert = {.into = &genre_table, .rows = genres, .row_count = 100};
    ok(rowan_query_insert(scope, &insert, NULL, &affected));
    ck_assert_uint_eq(affected, 100);
    for (size_t i = 0; i < 130; i++) {
        genres[i].name = "again";
    }
    insert.row_count = 130;
    insert.on_conflict = ROWAN_CONFLICT_UPDATE;
    ok(rowan_query_insert(scope, &insert, NULL, &affected));
    ck_assert_uint_eq(affected, 130);
    ok(rowan_query_count(
        scope, &(rowan_query){.from = &genre_table, .where = EQ(GENRE.name, "again")}, &count));
    ck_assert_int_eq(count, 130);
    genres[0].name = "never";
    insert.on_conflict = ROWAN_CONFLICT_NOTHING;
    ok(rowan_query_insert(scope, &insert, NULL, NULL));
    ok(rowan_query_count(
        scope, &(rowan_query){.from = &genre_table, .where = EQ(GENRE.name, "never")}, &count));
    ck_assert_int_eq(count, 0);
    close_all();
}
END_TEST

START_TEST(what_an_upsert_sets_may_have_values)
{
    int64_t count;

    open_on(_i);
    for (size_t i = 0; i < 60; i++) {
        genres[i].id = 100 + (int64_t)i;
    }
    rowan_insert insert = {.into = &genre_table, .rows = genres, .row_count = 60};
    ok(rowan_query_insert(scope, &insert, NULL, NULL));
    insert.on_conflict = ROWAN_CONFLICT_UPDATE;
    insert.set = SET(TO(GENRE.name, "was there"));
    ok(rowan_query_insert(scope, &insert, NULL, NULL));
    ok(rowan_query_count(
        scope, &(rowan_query){.from = &genre_table, .where = EQ(GENRE.name, "was there")}, &count));
    ck_assert_int_eq(count, 60);
    close_all();
}
END_TEST

/* --- What is no insert. --- */

START_TEST(no_rows_and_no_table)
{
    static const rowan_table shape = {.row_size = sizeof(genre)};
    uint64_t affected = 7;

    open_on(_i);
    rowan_counts before = rowan_scope_counts(scope);
    ok(rowan_raw_insert_all(scope, &genre_table, genres, 0, &affected));
    ck_assert_uint_eq(affected, 0);
    ok(rowan_raw_insert_all(scope, &genre_table, NULL, 0, NULL));
    ck_assert_int_eq(rowan_raw_insert_all(scope, &genre_table, NULL, 1, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_all(scope, NULL, genres, 1, NULL), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_all(scope, &shape, genres, 1, NULL), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "the shape of a result"));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, before.statements);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("insert all");
    TCase *tc = tcase_create("insert all");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, rows_of_every_type_arrive_as_they_are, 0, engines);
    tcase_add_loop_test(tc, decimals_get_the_digits_of_their_column, 0, engines);
    tcase_add_loop_test(tc, a_version_begins_at_1_and_the_struct_stays_as_it_is, 0, engines);
    tcase_add_loop_test(tc, ten_thousand_rows_come_back_in_their_order, 0, engines);
    tcase_add_loop_test(tc, ten_thousand_rows_take_few_trips, 0, engines);
    tcase_add_loop_test(tc, a_text_that_is_too_long_leaves_nothing_behind, 0, engines);
    tcase_add_loop_test(tc, a_key_that_is_there_leaves_nothing_behind, 0, engines);
    tcase_add_loop_test(tc, a_text_that_is_missing_is_null, 0, engines);
    tcase_add_loop_test(tc, many_rows_overwrite_those_that_are_there, 0, engines);
    tcase_add_loop_test(tc, what_an_upsert_sets_may_have_values, 0, engines);
    tcase_add_loop_test(tc, no_rows_and_no_table, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
