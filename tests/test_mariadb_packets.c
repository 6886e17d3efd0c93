/*
 * Rows that are more than the server takes in one packet, whatever it takes: its limit is read from
 * it. tests/test_small_packets.sh runs this on a server that takes little.
 */
#include <rowan/rowan.h>
#include <rowan/short.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"
#include "support/suite.h"

typedef struct note {
    int64_t id;
    const char *body;
} note;

static const rowan_table note_table;
static const rowan_column note_columns[] = {
    ROWAN_COLUMN(note_table, note, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(note_table, note, body, 0),
};
static const rowan_column *const note_key[] = {&note_columns[0]};
static const rowan_table note_table = {.name = "note",
                                       .columns = note_columns,
                                       .column_count = 2,
                                       .primary = note_key,
                                       .primary_count = 1,
                                       .row_size = sizeof(note),
                                       .row_align = _Alignof(note)};

enum { ROWS = 40, ROWS_IN_PACKET = 16 };

static size_t engine;
static rowan_db *db;
static rowan_scope *scope;
static note notes[ROWS];
static char *body;

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
}

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

/* Texts of which ROWS_IN_PACKET are a packet's worth. */
static void open_all(void)
{
    db = engine_open(engine, NULL);
    engine_script(db, "CREATE TABLE note (id @key, body @text NOT NULL)");
    ck_assert_int_eq(rowan_scope_begin(db, "packets", &scope, NULL), ROWAN_OK);
    size_t size = (size_t)number("SELECT @@max_allowed_packet") / ROWS_IN_PACKET;
    body = malloc(size + 1);
    memset(body, 'b', size);
    body[size] = '\0';
    for (size_t i = 0; i < ROWS; i++) {
        notes[i] = (note){0, body};
    }
}

static void close_all(void)
{
    free(body);
    rowan_scope_end(scope);
    engine_close(db);
}

static void check(int64_t count)
{
    ck_assert_int_eq(number("SELECT count(*) FROM note"), count);
    ck_assert_int_eq(number("SELECT CAST(sum(length(body)) AS SIGNED) FROM note"),
                     count * (int64_t)strlen(body));
}

START_TEST(an_insert_of_more_than_a_packet_is_cut)
{
    uint64_t affected;

    open_all();
    rowan_counts before = rowan_scope_counts(scope);
    ok(rowan_raw_insert_all(scope, &note_table, notes, ROWS, &affected));
    rowan_counts after = rowan_scope_counts(scope);
    ck_assert_uint_eq(affected, ROWS);
    ck_assert_uint_eq(after.transactions - before.transactions, 2); /* all or none */
    ck_assert_uint_ge(after.statements - before.statements, 2 + ROWS / ROWS_IN_PACKET + 1);
    check(ROWS);
    close_all();
}
END_TEST

START_TEST(an_insert_by_a_first_statement_is_cut_too)
{
    rowan_scope *fresh;

    open_all();
    ok(rowan_begin(scope, NULL)); /* so that the next scope gets a connection of its own */
    ck_assert_int_eq(rowan_scope_begin(db, "fresh", &fresh, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_insert_all(fresh, &note_table, notes, ROWS, NULL), ROWAN_OK);
    rowan_scope_end(fresh);
    ok(rowan_commit(scope));
    check(ROWS);
    close_all();
}
END_TEST

START_TEST(keys_and_rows_come_back_from_all_packets)
{
    int64_t keys[ROWS];
    rowan_rows rows;

    open_all();
    ok(rowan_raw_insert_keys(scope, &note_table, notes, ROWS, keys));
    ok(rowan_record_insert_all(scope, &note_table, notes, ROWS, &rows));
    ck_assert_uint_eq(rows.count, ROWS);
    for (size_t i = 1; i < ROWS; i++) {
        ck_assert_int_gt(keys[i], keys[i - 1]);
        ck_assert_int_gt(((note *)rows.at)[i].id, ((note *)rows.at)[i - 1].id);
    }
    check(2 * ROWS);
    close_all();
}
END_TEST

START_TEST(rows_of_values_are_cut_and_so_are_inserts_with_some_keys)
{
    rowan_value values[ROWS];

    open_all();
    for (size_t i = 0; i < ROWS; i++) {
        values[i] = ROWAN_V(body);
        notes[i].id = i % 2 == 0 ? 1000 - (int64_t)i : 0;
    }
    ok(rowan_raw_run_many(scope, "INSERT INTO note (body) VALUES (?)", values, ROWS, NULL));
    ok(rowan_raw_insert_all(scope, &note_table, notes, ROWS, NULL));
    check(2 * ROWS);
    close_all();
}
END_TEST

/* What is larger than a packet by itself, by each way to send it. */
static rowan_status insert_record(const note *large)
{
    return rowan_record_insert(scope, &note_table, large, NULL);
}

static rowan_status insert_all(const note *large)
{
    const note some[] = {{0, "short"}, *large, {0, "short"}};

    return rowan_raw_insert_all(scope, &note_table, some, 3, NULL);
}

static rowan_status insert_value(const note *large)
{
    return rowan_raw_run(scope, "INSERT INTO note (body) VALUES (?)", PARAMS(V(large->body)), NULL);
}

static rowan_status insert_values(const note *large)
{
    const rowan_value values[] = {V("short"), V(large->body)};

    return rowan_raw_run_many(scope, "INSERT INTO note (body) VALUES (?)", values, 2, NULL);
}

static rowan_status insert_text(const note *large)
{
    size_t size = strlen(large->body) + 64;
    char *sql = malloc(size);

    snprintf(sql, size, "INSERT INTO note (body) VALUES ('%s')", large->body);
    rowan_status status = rowan_raw_run(scope, sql, NO_PARAMS, NULL);
    if (status == ROWAN_OUT_OF_RANGE) {
        status = rowan_raw_script(scope, sql, NULL);
    }
    free(sql);
    return status;
}

static rowan_status (*const large_inserts[])(const note *large) = {
    insert_record, insert_all, insert_value, insert_values, insert_text};

/* Sent, it would end the connection and the transaction, and be worth no other try. */
START_TEST(more_than_a_packet_is_refused_before_it_is_sent)
{
    open_all();
    size_t size = (size_t)number("SELECT @@max_allowed_packet");
    note large = {0, NULL};
    char *text = malloc(size + 1);
    memset(text, 'l', size);
    text[size] = '\0';
    large.body = text;
    for (int attempt = 0; attempt < 2;
         attempt++) { /* by a new statement, and by one that is known */
        ok(rowan_begin(scope, NULL));
        ok(rowan_record_insert(scope, &note_table, &notes[0], NULL));
        ck_assert_int_eq(large_inserts[_i](&large), ROWAN_OUT_OF_RANGE);
        const rowan_error *error = rowan_scope_error(scope);
        ck_assert_ptr_nonnull(strstr(error->message, "max_allowed_packet"));
        ck_assert_int_eq(error->fate, ROWAN_FATE_OPEN);
        ck_assert_int_eq(error->retry, ROWAN_RETRY_NEVER);
        ck_assert(error->connection_usable);
        ok(rowan_record_insert(scope, &note_table, &notes[0], NULL));
        ok(insert_value(&notes[0]));
        ok(rowan_raw_run(scope, "DELETE FROM note WHERE body = 'short'", NO_PARAMS, NULL));
        ok(rowan_commit(scope));
        check(3 * (attempt + 1));
    }
    free(text);
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("packets of MariaDB");
    TCase *tc = tcase_create("packets");

    while (engine < engine_count() && !engine_is(engine, "mariadb")) {
        engine++;
    }
    if (engine < engine_count()) {
        tcase_add_test(tc, an_insert_of_more_than_a_packet_is_cut);
        tcase_add_test(tc, an_insert_by_a_first_statement_is_cut_too);
        tcase_add_test(tc, keys_and_rows_come_back_from_all_packets);
        tcase_add_test(tc, rows_of_values_are_cut_and_so_are_inserts_with_some_keys);
        tcase_add_loop_test(tc, more_than_a_packet_is_refused_before_it_is_sent, 0,
                            sizeof large_inserts / sizeof large_inserts[0]);
    }
    tcase_set_timeout(tc, 120);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
