/*
 * Rows that are inserted and come back: where the key is all that the database makes, only that is
 * asked for. Whatever the way, each row gets the key that it has in the database, and the rest as
 * it was given.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/suite.h"

enum { MOST = 1100 };

/* A table that each test makes as it needs it. */
typedef struct note {
    int64_t id;
    const char *body;
    int32_t version;
} note;

static const rowan_table note_table;
static const rowan_column note_columns[] = {
    {&note_table, "id", ROWAN_TYPE_INT64, ROWAN_PRIMARY | ROWAN_GENERATED, offsetof(note, id),
     offsetof(note, id), NULL, 0, 0},
    {&note_table, "body", ROWAN_TYPE_TEXT, 0, offsetof(note, body), offsetof(note, body), NULL, 0,
     0},
    {&note_table, "version", ROWAN_TYPE_INT32, ROWAN_VERSION, offsetof(note, version),
     offsetof(note, version), NULL, 0, 0},
};
static const rowan_column *const note_key[] = {&note_columns[0]};
static const rowan_table note_table = {.name = "note",
                                       .columns = note_columns,
                                       .column_count = 3,
                                       .primary = note_key,
                                       .primary_count = 1,
                                       .version = &note_columns[2],
                                       .row_size = sizeof(note),
                                       .row_align = _Alignof(note)};

static const char make_notes[] =
    "CREATE TABLE note (id @key, body @text NOT NULL, version @int32 NOT NULL)";
static const char plain[] = "id INTEGER PRIMARY KEY, body TEXT, version INT";

static rowan_db *db;
static rowan_scope *scope;
static note notes[MOST];
static char bodies[MOST][16];

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s (%s)", rowan_scope_error(scope)->message,
                  rowan_scope_error(scope)->engine_message);
}

static void send(const char *sql)
{
    ok(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
}

static void make_rows(void)
{
    for (size_t i = 0; i < MOST; i++) {
        snprintf(bodies[i], sizeof bodies[i], "note %zu", i);
        notes[i] = (note){0, bodies[i], 0};
    }
}

static void open_on(size_t engine, const char *ddl)
{
    rowan_error error;

    db = engine_open(engine, NULL);
    engine_script(db, ddl);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    make_rows();
}

/* On SQLite, with a table that is made of these columns. */
static void open_with(const char *columns)
{
    char sql[200];

    snprintf(sql, sizeof sql, "CREATE TABLE note (%s)", columns);
    open_on(0, sql);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

/* Each row is in the database as it came back. */
static void check_rows(const note *rows, size_t count)
{
    rowan_rows stored;

    ok(rowan_raw_all(scope, "SELECT id, body, version FROM note ORDER BY id", ROWAN_NO_PARAMS,
                     &note_table, &stored));
    for (size_t i = 0; i < count; i++) {
        const note *found = NULL;
        for (size_t k = 0; k < stored.count && !found; k++) {
            const note *one = (const note *)stored.at + k;
            found = one->id == rows[i].id ? one : NULL;
        }
        ck_assert_msg(found, "no row %lld", (long long)rows[i].id);
        ck_assert_str_eq(found->body, rows[i].body);
        ck_assert_int_eq(found->version, rows[i].version);
        ck_assert_str_eq(rows[i].body, bodies[i]);
    }
}

static const size_t sizes[] = {1, 2, 99, 100, 101, 250, MOST};

/* --- Keys on every engine. --- */

START_TEST(records_get_their_keys_whatever_their_number)
{
    rowan_rows rows;

    open_on((size_t)_i, make_notes);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        ok(rowan_record_insert_all(scope, &note_table, notes, sizes[s], &rows));
        ck_assert_uint_eq(rows.count, sizes[s]);
        check_rows(rows.at, rows.count);
        for (size_t i = 0; i < rows.count; i++) {
            ck_assert_int_eq(((note *)rows.at)[i].version, 1);
        }
        ck_assert_int_eq(notes[0].id, 0);
        ck_assert_int_eq(notes[0].version, 0);
    }
    close_all();
}
END_TEST

START_TEST(texts_are_the_scopes)
{
    char body[] = "before";
    note given = {.body = body};
    void *out;

    open_on((size_t)_i, make_notes);
    ok(rowan_record_insert(scope, &note_table, &given, &out));
    note *row = out;
    memcpy(body, "after!", sizeof body);
    ck_assert_str_eq(row->body, "before");
    row->body = "changed";
    ok(rowan_record_save(scope, row));
    ck_assert_int_eq(row->version, 2);
    ok(rowan_record_reload(scope, row));
    ck_assert_str_eq(row->body, "changed");
    close_all();
}
END_TEST

START_TEST(one_statement_carries_rows_and_keys)
{
    rowan_rows rows;

    open_on((size_t)_i, make_notes);
    for (int turn = 0; turn < 3; turn++) {
        rowan_counts before = rowan_scope_counts(scope);
        ok(rowan_record_insert_all(scope, &note_table, notes, 60, &rows));
        ck_assert_uint_eq(rowan_scope_counts(scope).statements - before.statements, 1);
        ck_assert_uint_eq(rowan_scope_counts(scope).affected - before.affected, 60);
    }
    close_all();
}
END_TEST

START_TEST(rows_that_bring_their_keys_keep_them)
{
    rowan_rows rows;

    open_on((size_t)_i, make_notes);
    for (size_t i = 0; i < 120; i++) {
        notes[i].id = 5000 - (int64_t)i;
    }
    rowan_counts before = rowan_scope_counts(scope);
    ok(rowan_record_insert_all(scope, &note_table, notes, 100, &rows));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before.statements, 1);
    check_rows(rows.at, rows.count);
    ck_assert_int_eq(((note *)rows.at)[99].id, 4901);
    ck_assert_int_eq(rowan_record_insert_all(scope, &note_table, notes + 60, 60, &rows),
                     ROWAN_UNIQUE);
    ck_assert_ptr_null(rows.at);
    close_all();
}
END_TEST

START_TEST(what_else_the_database_makes_is_read_back)
{
    rowan_rows rows;
    static genre genres[70];

    db = archive_open((size_t)_i, NULL);
    rowan_error error;
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
    for (size_t i = 0; i < 70; i++) {
        genres[i] = (genre){i % 2 == 0 ? 0 : 4000 + (int64_t)i, "one", {.has = false}};
    }
    ok(rowan_record_insert_all(scope, &genre_table, genres, 70, &rows)); /* some bring a key */
    for (size_t i = 0; i < 70; i++) {
        const genre *row = (genre *)rows.at + i;
        ck_assert_msg(i % 2 == 0 ? row->id > 0 : row->id == 4000 + (int64_t)i, "row %zu", i);
        ck_assert_str_eq(row->name, "one");
    }
    close_all();
}
END_TEST

/* --- Keys and nothing else. --- */

/* By raw SQL and by the query builder: the loops have two turns an engine. */
static rowan_status insert_for_keys(bool is_query, const note *rows, size_t count, int64_t *keys)
{
    const rowan_insert insert = {.into = &note_table, .rows = rows, .row_count = count};

    return is_query ? rowan_query_insert_keys(scope, &insert, keys)
                    : rowan_raw_insert_keys(scope, &note_table, rows, count, keys);
}

/* Each key is that of its row. */
static void check_keys(const int64_t *keys, size_t count)
{
    static note rows[MOST];

    for (size_t i = 0; i < count; i++) {
        rows[i] = (note){keys[i], bodies[i], 1};
    }
    check_rows(rows, count);
}

static bool are_zero(const int64_t *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (keys[i] != 0) {
            return false;
        }
    }
    return true;
}

START_TEST(keys_are_those_of_their_rows_whatever_their_number)
{
    static int64_t keys[MOST];

    open_on((size_t)_i / 2, make_notes);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        ok(insert_for_keys(_i % 2, notes, sizes[s], keys));
        check_keys(keys, sizes[s]);
        ck_assert_int_eq(notes[0].id, 0);
        ck_assert_int_eq(notes[0].version, 0);
    }
    rowan_counts before = rowan_scope_counts(scope);
    ok(insert_for_keys(_i % 2, notes, 0, keys));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before.statements, 0);
    ok(insert_for_keys(_i % 2, notes, 60, keys));
    ck_assert_uint_eq(rowan_scope_counts(scope).statements - before.statements, 1);
    ck_assert_uint_eq(rowan_scope_counts(scope).affected - before.affected, 60);
    close_all();
}
END_TEST

START_TEST(keys_that_rows_bring_are_kept)
{
    int64_t keys[50];

    open_on((size_t)_i / 2, make_notes);
    for (size_t i = 0; i < 50; i++) {
        notes[i].id = 5000 - (int64_t)i;
    }
    ok(insert_for_keys(_i % 2, notes, 50, keys));
    check_keys(keys, 50);
    ck_assert_int_eq(keys[49], 4951);
    for (size_t i = 0; i < 50; i++) { /* every other one brings a key, in falling order */
        notes[i].id = i % 2 == 0 ? 0 : 4000 - (int64_t)i;
    }
    ok(insert_for_keys(_i % 2, notes, 50, keys));
    check_keys(keys, 50);
    ck_assert_int_eq(keys[49], 3951);
    ck_assert_int_ne(keys[48], 0);
    close_all();
}
END_TEST

START_TEST(no_key_is_told_of_an_insert_that_fails)
{
    static int64_t keys[MOST];

    open_on((size_t)_i / 2, make_notes);
    send("CREATE UNIQUE INDEX one_version ON note (version)");
    for (size_t i = 0; i < MOST; i++) {
        notes[i].version = (int32_t)i + 1;
    }
    notes[MOST - 1].version = 3; /* in the last of SQLite's chunks */
    memset(keys, 1, sizeof keys);
    ck_assert_int_eq(insert_for_keys(_i % 2, notes, MOST, keys), ROWAN_UNIQUE);
    ck_assert(are_zero(keys, MOST));
    ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
    notes[0].id = 9;
    memset(keys, 1, sizeof keys);
    ck_assert_int_eq(insert_for_keys(_i % 2, notes, MOST, keys), ROWAN_UNIQUE);
    ck_assert(are_zero(keys, MOST));
    rowan_rows rows;
    ok(rowan_raw_all(scope, "SELECT id, body, version FROM note", ROWAN_NO_PARAMS, &note_table,
                     &rows));
    ck_assert_uint_eq(rows.count, 0);
    close_all();
}
END_TEST

START_TEST(keys_are_refused_where_there_can_be_none)
{
    const rowan_table shape = ROWAN_SHAPE(note, note_columns);
    rowan_table doubly = note_table;
    const rowan_column *const both[] = {&note_columns[0], &note_columns[1]};
    int64_t key = 7;

    open_on((size_t)_i, make_notes);
    doubly.primary = both;
    doubly.primary_count = 2;
    ck_assert_int_eq(rowan_raw_insert_keys(scope, &shape, notes, 1, &key), ROWAN_MISUSE);
    ck_assert_int_eq(key, 0);
    ck_assert_int_eq(rowan_raw_insert_keys(scope, NULL, notes, 1, &key), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_keys(scope, &note_table, NULL, 1, &key), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_raw_insert_keys(scope, &doubly, notes, 1, &key), ROWAN_MISUSE);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "ask for whole rows"));
    rowan_insert insert = {.into = &note_table, .rows = notes, .row_count = 1, .returning = true};
    ck_assert_int_eq(rowan_query_insert_keys(scope, &insert, &key), ROWAN_MISUSE);
    insert.returning = false;
    insert.on_conflict = ROWAN_CONFLICT_UPDATE;
    ck_assert_int_eq(rowan_query_insert_keys(scope, &insert, &key), ROWAN_MISUSE);
    ck_assert_uint_eq(rowan_scope_counts(scope).statements, 0);
    close_all();
}
END_TEST

/* The database makes keys that fall: where rows come back in their order, so do the keys. */
START_TEST(keys_need_not_rise_where_rows_come_back_in_order)
{
    int64_t keys[30];

    open_on((size_t)_i, engine_is((size_t)_i, "postgresql")
                            ? "CREATE TABLE note (id @key, body @text NOT NULL, version @int32 NOT "
                              "NULL); CREATE SEQUENCE falling INCREMENT -1; ALTER TABLE note ALTER "
                              "COLUMN id DROP IDENTITY IF EXISTS; ALTER TABLE note ALTER COLUMN id "
                              "SET DEFAULT nextval('falling')"
                            : "CREATE SEQUENCE falling START -1 INCREMENT -1; CREATE TABLE note ("
                              "id bigint PRIMARY KEY DEFAULT (NEXT VALUE FOR falling), "
                              "body @text NOT NULL, version @int32 NOT NULL)");
    ok(rowan_raw_insert_keys(scope, &note_table, notes, 30, keys));
    check_keys(keys, 30);
    ck_assert_int_lt(keys[1], keys[0]);
    close_all();
}
END_TEST

/* --- A unit of work. --- */

START_TEST(a_flush_gives_every_row_its_key)
{
    rowan_session *session;
    static note *made[MOST];

    open_on((size_t)_i, make_notes);
    ok(rowan_session_begin(scope, &session));
    for (size_t i = 0; i < MOST; i++) {
        void *row;
        ok(rowan_session_new(session, &note_table, &row));
        made[i] = row;
        made[i]->body = bodies[i];
        if (i % 100 == 99) {
            ok(rowan_session_remove(session, row)); /* the rest no longer lie side by side */
        }
    }
    ok(rowan_session_flush(session));
    for (size_t i = 0; i < MOST; i++) {
        void *found = NULL;
        if (i % 100 == 99) {
            continue;
        }
        ck_assert_int_gt(made[i]->id, 0);
        ck_assert_int_eq(made[i]->version, 1);
        ok(rowan_session_find(session, &note_table, PARAMS(V(made[i]->id)), &found));
        ck_assert_ptr_eq(found, made[i]);
        made[i]->body = "changed";
    }
    ck_assert_uint_eq(rowan_session_pending(session).updates, MOST - MOST / 100);
    ok(rowan_session_flush(session));
    ck_assert_int_eq(made[0]->version, 2);
    ck_assert_uint_eq(rowan_session_pending(session).updates, 0);
    rowan_session_end(session);
    close_all();
}
END_TEST

START_TEST(a_flush_that_fails_leaves_its_rows_new)
{
    rowan_session *session;
    note *made[40];

    open_on((size_t)_i,
            "CREATE TABLE note (id @key, body @text(40) NOT NULL UNIQUE, version @int32 "
            "NOT NULL)");
    ok(rowan_session_begin(scope, &session));
    for (size_t i = 0; i < 40; i++) {
        void *row;
        ok(rowan_session_new(session, &note_table, &row));
        made[i] = row;
        made[i]->body = bodies[i % 39]; /* the last is there already */
    }
    ck_assert_int_eq(rowan_session_flush(session), ROWAN_UNIQUE);
    for (size_t i = 0; i < 40; i++) {
        ck_assert_int_eq(made[i]->id, 0);
        ck_assert_int_eq(made[i]->version, 0);
        ck_assert_int_eq(rowan_record_save(scope, made[i]), ROWAN_MISUSE);
    }
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 40);
    ok(rowan_session_remove(session, made[20]));
    made[39]->body = "another";
    ok(rowan_session_flush(session));
    for (size_t i = 0; i < 40; i++) {
        ck_assert_msg(i == 20 ? made[i]->id == 0 : made[i]->id > 0, "row %zu", i);
    }
    made[30]->body = "changed";
    ok(rowan_record_save(scope, made[30])); /* known to every pattern */
    rowan_session_end(session);
    close_all();
}
END_TEST

START_TEST(an_address_inside_a_made_row_is_no_row)
{
    rowan_session *session;
    void *row;

    open_on((size_t)_i, make_notes);
    ok(rowan_session_begin(scope, &session));
    ok(rowan_session_new(session, &note_table, &row));
    ck_assert_int_eq(rowan_session_remove(session, (char *)row + 8), ROWAN_MISUSE);
    ck_assert_int_eq(rowan_session_remove(session, (char *)row + sizeof(note)), ROWAN_MISUSE);
    ok(rowan_session_remove(session, row));
    rowan_session_end(session);
    close_all();
}
END_TEST

/* Every allocation fails in turn. */
START_TEST(memory_that_runs_out_is_reported)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_rows rows;
    rowan_error error;
    rowan_status status = ROWAN_NOMEM;
    int64_t keys[300];

    make_rows();
    for (unsigned nth = 1; status != ROWAN_OK; nth++) {
        options.allocator = &fault_allocator;
        db = engine_open((size_t)_i, &options);
        engine_script(db, make_notes);
        ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, &error), ROWAN_OK);
        send("SELECT 1");
        fault_arm(nth);
        status = rowan_record_insert_all(scope, &note_table, notes, 300, &rows);
        bool fired = fault_fired();
        fault_arm(0);
        ck_assert_int_eq(status, fired && status != ROWAN_OK ? ROWAN_NOMEM : ROWAN_OK);
        if (status == ROWAN_OK) {
            check_rows(rows.at, rows.count);
        } else {
            ck_assert_ptr_null(rows.at);
        }
        fault_arm(nth);
        status = rowan_raw_insert_keys(scope, &note_table, notes, 300, keys);
        fired = fault_fired() || fired;
        fault_arm(0);
        ck_assert_msg(status == ROWAN_OK || status == ROWAN_NOMEM, "%u %s (%s)", nth,
                      rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
        ck_assert(status == ROWAN_OK || are_zero(keys, 300));
        ok(rowan_record_insert_all(scope, &note_table, notes, 3, &rows));
        status = fired ? ROWAN_NOMEM : status;
        close_all();
        ck_assert_uint_eq(fault_out_bytes(), 0);
    }
}
END_TEST

/* --- What SQLite's row numbers may be. --- */

START_TEST(keys_are_exact_when_numbers_are_taken_at_random)
{
    note last = {INT64_MAX, "last", 1};
    rowan_rows rows;

    open_with(plain);
    ok(rowan_record_insert_all(scope, &note_table, notes, 10, &rows));
    ok(rowan_raw_insert_all(scope, &note_table, &last, 1, NULL));
    ok(rowan_record_insert_all(scope, &note_table, notes, 150, &rows));
    check_rows(rows.at, rows.count);
    close_all();
}
END_TEST

START_TEST(keys_are_exact_where_a_trigger_inserts_into_the_table)
{
    rowan_rows rows;

    open_with(plain);
    send("CREATE TRIGGER twice AFTER INSERT ON note WHEN NEW.version < 7 BEGIN "
         "INSERT INTO note (body, version) VALUES ('echo', 7); END");
    for (int turn = 0; turn < 2; turn++) {
        ok(rowan_record_insert_all(scope, &note_table, notes, 120, &rows));
        check_rows(rows.at, rows.count);
    }
    close_all();
}
END_TEST

START_TEST(a_trigger_elsewhere_changes_nothing)
{
    rowan_rows rows;

    open_with(plain);
    send("CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT)");
    send("INSERT INTO log VALUES (9000, 'first')");
    send("CREATE TRIGGER noted AFTER INSERT ON note BEGIN "
         "INSERT INTO log (what) VALUES (NEW.body); END");
    ok(rowan_record_insert_all(scope, &note_table, notes, 120, &rows));
    check_rows(rows.at, rows.count);
    ck_assert_int_lt(((note *)rows.at)[0].id, 9000);
    close_all();
}
END_TEST

START_TEST(a_trigger_that_comes_later_is_told_of)
{
    rowan_rows rows;

    open_with(plain);
    ok(rowan_record_insert_all(scope, &note_table, notes, 5, &rows));
    send("CREATE TRIGGER twice AFTER INSERT ON note WHEN NEW.version < 7 BEGIN "
         "INSERT INTO note (body, version) VALUES ('echo', 7); END");
    ok(rowan_begin(scope, NULL));
    ck_assert_int_eq(rowan_record_insert_all(scope, &note_table, notes, 5, &rows), ROWAN_CONFLICT);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "altered"));
    ok(rowan_rollback(scope));
    ok(rowan_record_insert_all(scope, &note_table, notes, 5, &rows)); /* known by now */
    check_rows(rows.at, rows.count);
    close_all();
}
END_TEST

START_TEST(another_table_of_the_name_is_looked_at_anew)
{
    rowan_rows rows;

    open_with(plain);
    ok(rowan_record_insert_all(scope, &note_table, notes, 1, &rows));
    send("DROP TABLE note");
    send("CREATE TABLE note (number INTEGER PRIMARY KEY, id INT UNIQUE DEFAULT (abs(random())), "
         "body TEXT, version INT)");
    ok(rowan_begin(scope, NULL));
    ck_assert_int_eq(rowan_record_insert_all(scope, &note_table, notes, 1, &rows), ROWAN_CONFLICT);
    ok(rowan_rollback(scope));
    ok(rowan_record_insert_all(scope, &note_table, notes, 1, &rows));
    check_rows(rows.at, rows.count);
    close_all();
}
END_TEST

/* Keys that are not the row's number: they come back by RETURNING. */
static const char *const others[] = {
    "id INT PRIMARY KEY DEFAULT (abs(random())), body TEXT, version INT",
    "id INTEGER DEFAULT (abs(random())) UNIQUE, body TEXT, version INT",
    "number INTEGER PRIMARY KEY, id INT DEFAULT (abs(random())), body TEXT, version INT",
    "_rowid_ INTEGER, id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT, version INT",
    "id INTEGER DEFAULT (abs(random())), body TEXT, version INT, PRIMARY KEY (id)) WITHOUT ROWID; "
    "CREATE TABLE unused (id INT",
};

START_TEST(keys_that_are_no_row_numbers_come_back)
{
    static const size_t counts[] = {1, 1, 2, 3, 7, 120};
    int64_t keys[120];
    rowan_rows rows;

    open_with(others[_i]);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        ok(rowan_record_insert_all(scope, &note_table, notes, counts[i], &rows));
        ck_assert_uint_eq(rows.count, counts[i]);
        check_rows(rows.at, rows.count);
        ok(rowan_raw_insert_keys(scope, &note_table, notes, counts[i], keys));
        check_keys(keys, counts[i]);
    }
    close_all();
}
END_TEST

/* Neither does the trigger's own row number come between. */
START_TEST(keys_at_random_are_exact_where_a_trigger_inserts_into_the_table)
{
    note last = {INT64_MAX, "last", 7};
    int64_t keys[120];

    open_with(plain);
    send("CREATE TRIGGER twice AFTER INSERT ON note WHEN NEW.version < 7 BEGIN "
         "INSERT INTO note (body, version) VALUES ('echo', 7); END");
    ok(rowan_raw_insert_all(scope, &note_table, &last, 1, NULL));
    for (size_t count = 1; count <= 120; count += 17) {
        ok(rowan_raw_insert_keys(scope, &note_table, notes, count, keys));
        check_keys(keys, count);
    }
    close_all();
}
END_TEST

static void add_engine_tests(Suite *suite)
{
    TCase *tc = tcase_create("every engine");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, records_get_their_keys_whatever_their_number, 0, engines);
    tcase_add_loop_test(tc, texts_are_the_scopes, 0, engines);
    tcase_add_loop_test(tc, one_statement_carries_rows_and_keys, 0, engines);
    tcase_add_loop_test(tc, rows_that_bring_their_keys_keep_them, 0, engines);
    tcase_add_loop_test(tc, what_else_the_database_makes_is_read_back, 0, engines);
    tcase_add_loop_test(tc, keys_are_those_of_their_rows_whatever_their_number, 0, 2 * engines);
    tcase_add_loop_test(tc, keys_that_rows_bring_are_kept, 0, 2 * engines);
    tcase_add_loop_test(tc, no_key_is_told_of_an_insert_that_fails, 0, 2 * engines);
    tcase_add_loop_test(tc, keys_are_refused_where_there_can_be_none, 0, engines);
    tcase_add_loop_test(tc, keys_need_not_rise_where_rows_come_back_in_order, 1, engines);
    tcase_add_loop_test(tc, a_flush_gives_every_row_its_key, 0, engines);
    tcase_add_loop_test(tc, a_flush_that_fails_leaves_its_rows_new, 0, engines);
    tcase_add_loop_test(tc, an_address_inside_a_made_row_is_no_row, 0, engines);
    tcase_add_loop_test(tc, memory_that_runs_out_is_reported, 0, engines);
    suite_add_tcase(suite, tc);
}

static void add_sqlite_tests(Suite *suite)
{
    TCase *tc = tcase_create("row numbers of SQLite");

    tcase_add_test(tc, keys_are_exact_when_numbers_are_taken_at_random);
    tcase_add_test(tc, keys_are_exact_where_a_trigger_inserts_into_the_table);
    tcase_add_test(tc, keys_at_random_are_exact_where_a_trigger_inserts_into_the_table);
    tcase_add_test(tc, a_trigger_elsewhere_changes_nothing);
    tcase_add_test(tc, a_trigger_that_comes_later_is_told_of);
    tcase_add_test(tc, another_table_of_the_name_is_looked_at_anew);
    tcase_add_loop_test(tc, keys_that_are_no_row_numbers_come_back, 0,
                        (int)(sizeof others / sizeof others[0]));
    suite_add_tcase(suite, tc);
}

int main(void)
{
    Suite *suite = suite_create("inserted keys");

    add_engine_tests(suite);
    add_sqlite_tests(suite);
    return suite_run(suite);
}
