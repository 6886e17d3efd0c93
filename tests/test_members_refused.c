/*
 * Members of structs that their columns cannot hold, by every way to write a struct: nothing is
 * written, and the error says of what column it is. Who wrote a struct has no parameters to count.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/suite.h"

#define NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))

static rowan_db *db;
static rowan_scope *scope;

/* --- What is wrong with a row. --- */

static void late_day(work *row)
{
    row->released = (rowan_opt_date){true, {INT32_MAX}};
}

static void early_instant(work *row)
{
    row->added.us = INT64_MIN;
}

static void time_of_tomorrow(work *row)
{
    row->opens = (rowan_opt_time){true, {86400000000}};
}

static void no_decimal(work *row)
{
    row->price.text = "12,50";
}

static void large_decimal(work *row)
{
    row->price.text = "123456789.00";
}

static void fine_decimal(work *row)
{
    row->price.text = "1.005";
}

static void no_label(work *row)
{
    row->kind = (work_kind)77;
}

static void long_text(work *row)
{
    static char text[202];

    row->title = memset(text, 't', sizeof text - 1);
}

static void no_number(work *row)
{
    row->weight = (rowan_opt_double){true, (double)NAN};
}

static void no_unicode(work *row)
{
    row->subtitle = (rowan_opt_text){true, "\xff"};
}

enum { SQLITE = 1, POSTGRESQL = 2, MARIADB = 4, ALL = 7 };

static const struct {
    void (*spoil)(work *row);
    const char *column;
    rowan_status status;
    int engines;    /* that refuse it, and can tell the column */
    bool by_driver; /* which takes what a save writes for parameters */
} mistakes[] = {
    {late_day, "released", ROWAN_OUT_OF_RANGE, ALL, false},
    {early_instant, "added", ROWAN_OUT_OF_RANGE, ALL, false},
    {time_of_tomorrow, "opens", ROWAN_OUT_OF_RANGE, ALL, false},
    {no_decimal, "price", ROWAN_WRONG_TYPE, ALL, false},
    {large_decimal, "price", ROWAN_OUT_OF_RANGE, ALL, false},
    {fine_decimal, "price", ROWAN_OUT_OF_RANGE, ALL, false},
    {no_label, "kind", ROWAN_OUT_OF_RANGE, ALL, false},
    {long_text, "title", ROWAN_OUT_OF_RANGE, ALL, false},
    {no_number, "weight", ROWAN_OUT_OF_RANGE, SQLITE | MARIADB, true},
    {no_unicode, "subtitle", ROWAN_OUT_OF_RANGE, SQLITE, true},
};

/* --- The ways to write rows: three of them, of which the second is spoilt. --- */

enum { ROWS = 3, SPOILT = 1 };

static rowan_status raw_insert_all(const work *rows)
{
    return rowan_raw_insert_all(scope, &work_table, rows, ROWS, NULL);
}

static rowan_status raw_insert_keys(const work *rows)
{
    int64_t keys[ROWS];

    return rowan_raw_insert_keys(scope, &work_table, rows, ROWS, keys);
}

static rowan_status query_insert(const work *rows)
{
    const rowan_insert insert = {.into = &work_table, .rows = rows, .row_count = ROWS};

    return rowan_query_insert(scope, &insert, NULL, NULL);
}

static rowan_status record_insert(const work *rows)
{
    return rowan_record_insert(scope, &work_table, &rows[SPOILT], NULL);
}

static rowan_status record_insert_all(const work *rows)
{
    return rowan_record_insert_all(scope, &work_table, rows, ROWS, NULL);
}

static rowan_status session_flush(const work *rows)
{
    rowan_session *session;
    rowan_status status = rowan_session_begin(scope, &session);

    for (size_t i = 0; i < ROWS && status == ROWAN_OK; i++) {
        void *row;
        status = rowan_session_new(session, &work_table, &row);
        if (status == ROWAN_OK) {
            *(work *)row = rows[i];
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_session_flush(session);
    }
    rowan_session_end(session);
    return status;
}

/* Puts the members of rows into records, which keep their keys and versions. */
static rowan_status change(const work *rows, rowan_rows *out)
{
    const rowan_query all = {.from = &work_table, .order_by = ORDER(ASC(WORK.id)), .limit = ROWS};
    rowan_status status = rowan_record_all(scope, &all, out);

    for (size_t i = 0; i < out->count; i++) {
        work *record = (work *)out->at + i;
        int64_t id = record->id;
        int32_t version = record->version;
        *record = rows[i];
        record->id = id;
        record->version = version;
    }
    return status;
}

static rowan_status record_save(const work *rows)
{
    rowan_rows records;
    rowan_status status = change(rows, &records);

    return status == ROWAN_OK ? rowan_record_save(scope, (work *)records.at + SPOILT) : status;
}

static rowan_status record_save_all(const work *rows)
{
    rowan_rows records;
    rowan_status status = change(rows, &records);
    void *pointers[ROWS];

    for (size_t i = 0; i < ROWS && status == ROWAN_OK; i++) {
        pointers[i] = (work *)records.at + i;
    }
    return status == ROWAN_OK ? rowan_record_save_all(scope, pointers, ROWS) : status;
}

static const struct {
    const char *name;
    rowan_status (*write)(const work *rows);
    bool writes_parameters;
} ways[] = {
    {"rowan_raw_insert_all", raw_insert_all, false},
    {"rowan_raw_insert_keys", raw_insert_keys, false},
    {"rowan_query_insert", query_insert, false},
    {"rowan_record_insert", record_insert, false},
    {"rowan_record_insert_all", record_insert_all, false},
    {"rowan_session_flush", session_flush, false},
    {"rowan_record_save", record_save, true},
    {"rowan_record_save_all", record_save_all, true},
};

static void open_archive(size_t engine)
{
    db = archive_open(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "members", &scope, NULL), ROWAN_OK);
    archive_fill(scope);
}

static void close_archive(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static const char *dump(void)
{
    const rowan_query all = {.from = &work_table, .order_by = ORDER(ASC(WORK.id))};
    rowan_rows rows;

    ck_assert_int_eq(rowan_query_all(scope, &all, &rows), ROWAN_OK);
    return archive_dump(scope, &work_table, rows);
}

static int engine_bit(size_t engine)
{
    return engine_is(engine, "sqlite")       ? SQLITE
           : engine_is(engine, "postgresql") ? POSTGRESQL
                                             : MARIADB;
}

START_TEST(the_column_is_named_whatever_the_way)
{
    unsigned tried = 0;

    open_archive((size_t)_i);
    const char *before = dump();
    for (size_t m = 0; m < NUMBER_OF(mistakes); m++) {
        work rows[ROWS];
        if ((mistakes[m].engines & engine_bit((size_t)_i)) == 0) {
            continue;
        }
        for (size_t i = 0; i < ROWS; i++) {
            rows[i] = archive_works[i];
            rows[i].id = 0;
        }
        mistakes[m].spoil(&rows[SPOILT]);
        for (size_t w = 0; w < NUMBER_OF(ways); w++) {
            char label[40];
            rowan_status status = ways[w].write(rows);
            const rowan_error *error = rowan_scope_error(scope);
            ck_assert_msg(status == mistakes[m].status && error->status == status,
                          "%s of %zu: %s: %s", ways[w].name, m, rowan_status_name(status),
                          error->message);
            tried++;
            if (mistakes[m].by_driver && ways[w].writes_parameters) {
                continue;
            }
            ck_assert_msg(strcmp(error->column, mistakes[m].column) == 0 &&
                              strcmp(error->table, "work") == 0,
                          "%s: \"%s\".\"%s\" is named: %s", ways[w].name, error->table,
                          error->column, error->message);
            snprintf(label, sizeof label, "column work.%s ", mistakes[m].column);
            ck_assert_msg(strncmp(error->message, label, strlen(label) - 1) == 0, "%s: %s",
                          ways[w].name, error->message);
            ck_assert(error->connection_usable);
        }
    }
    ck_assert_uint_ge(tried, 8 * NUMBER_OF(ways));
    ck_assert_str_eq(dump(), before);
    close_archive();
}
END_TEST

/* As a value of parameters is: the size of what is not there says nothing. */
START_TEST(bytes_that_are_not_there_are_null)
{
    open_archive((size_t)_i);
    for (size_t w = 0; w < NUMBER_OF(ways) - 2; w++) { /* all that insert */
        const rowan_query last = {
            .from = &work_table, .order_by = ORDER(DESC(WORK.id)), .limit = ROWS};
        const rowan_query known = {.from = &work_table, .select = SELECT(COL(WORK.id))};
        rowan_rows found;
        int64_t before, after;
        work rows[ROWS];
        for (size_t i = 0; i < ROWS; i++) {
            rows[i] = archive_works[i];
            rows[i].id = 0;
            rows[i].cover = (rowan_opt_blob){true, {NULL, 5}};
        }
        ck_assert_int_eq(rowan_query_count(scope, &known, &before), ROWAN_OK);
        ck_assert_int_eq(ways[w].write(rows), ROWAN_OK);
        ck_assert_int_eq(rowan_query_count(scope, &known, &after), ROWAN_OK);
        ck_assert_int_ge(after, before + 1);
        ck_assert_int_eq(rowan_query_all(scope, &last, &found), ROWAN_OK);
        for (size_t i = 0; i < (size_t)(after - before); i++) {
            ck_assert_msg(!((work *)found.at)[i].cover.has, "%s wrote bytes", ways[w].name);
        }
    }
    close_archive();
}
END_TEST

/* --- Saves of rows that are changed, by records and by sessions. --- */

static rowan_status save_records(rowan_session *session, void *const *rows)
{
    rowan_status status = ROWAN_OK;

    (void)session;
    for (size_t i = 0; i < ROWS && status == ROWAN_OK; i++) {
        status = rowan_record_save(scope, rows[i]);
    }
    return status;
}

static rowan_status save_all_records(rowan_session *session, void *const *rows)
{
    (void)session;
    return rowan_record_save_all(scope, rows, ROWS);
}

static rowan_status flush(rowan_session *session, void *const *rows)
{
    (void)rows;
    return rowan_session_flush(session);
}

static const struct {
    const char *name;
    rowan_status (*save)(rowan_session *session, void *const *rows);
    bool in_session;
} saves[] = {
    {"rowan_record_save", save_records, false},
    {"rowan_record_save_all", save_all_records, false},
    {"rowan_session_flush", flush, true},
};

/* Gives rows a cover and saves them. @return how many statements that took. */
static uint64_t save_cover(size_t way, rowan_session *session, void *const *rows, rowan_blob cover)
{
    uint64_t before = rowan_scope_counts(scope).statements;

    for (size_t i = 0; i < ROWS; i++) {
        ((work *)rows[i])->cover = (rowan_opt_blob){true, cover};
    }
    rowan_status status = saves[way].save(session, rows);
    ck_assert_msg(status == ROWAN_OK, "%s: %s", saves[way].name, rowan_scope_error(scope)->message);
    return rowan_scope_counts(scope).statements - before;
}

static int64_t count_covered(void)
{
    const rowan_query covered = {.from = &work_table, .where = IS_NOT_NULL(WORK.cover)};
    int64_t count;

    ck_assert_int_eq(rowan_query_count(scope, &covered, &count), ROWAN_OK);
    return count;
}

START_TEST(bytes_that_are_not_there_are_saved_as_null)
{
    const unsigned char bytes[] = {1, 2, 3, 4, 5};
    const rowan_blob five = {bytes, 5}, no_five = {NULL, 5}, no_seven = {NULL, 7};
    const rowan_query bare = {.from = &work_table,
                              .where = IS_NULL(WORK.cover),
                              .order_by = ORDER(ASC(WORK.id)),
                              .limit = ROWS};

    for (size_t w = 0; w < NUMBER_OF(saves); w++) {
        rowan_session *session = NULL;
        void *rows[ROWS];
        open_archive((size_t)_i);
        int64_t others = count_covered();
        if (saves[w].in_session) {
            rowan_refs found;
            ck_assert_int_eq(rowan_session_begin(scope, &session), ROWAN_OK);
            ck_assert_int_eq(rowan_session_all(session, &bare, &found), ROWAN_OK);
            ck_assert_uint_eq(found.count, ROWS);
            memcpy(rows, found.at, sizeof rows);
        } else {
            rowan_rows found;
            ck_assert_int_eq(rowan_record_all(scope, &bare, &found), ROWAN_OK);
            ck_assert_uint_eq(found.count, ROWS);
            for (size_t i = 0; i < ROWS; i++) {
                rows[i] = (work *)found.at + i;
            }
        }
        ck_assert_uint_eq(save_cover(w, session, rows, no_five), 0); /* as it was */
        for (size_t round = 0; round < 2; round++) {
            ck_assert_uint_gt(save_cover(w, session, rows, five), 0);
            ck_assert_int_eq(count_covered(), others + ROWS);
            ck_assert_uint_gt(save_cover(w, session, rows, no_five), 0);
            ck_assert_int_eq(count_covered(), others);
            ck_assert_uint_eq(save_cover(w, session, rows, no_seven), 0);
        }
        rowan_session_end(session);
        close_archive();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("members that are refused");
    TCase *tc = tcase_create("members");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_column_is_named_whatever_the_way, 0, (int)engine_count());
    tcase_add_loop_test(tc, bytes_that_are_not_there_are_null, 0, (int)engine_count());
    tcase_add_loop_test(tc, bytes_that_are_not_there_are_saved_as_null, 0, (int)engine_count());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
