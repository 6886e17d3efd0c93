/*
 * Very many rows on their way to MariaDB as a file that never was one: what they may hold, what the
 * server takes for a warning, what ends them early, and who else asks for a file.
 */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "support/fault.h"
#include "support/items.h"
#include "support/suite.h"

typedef struct note {
    int64_t id;
    const char *words;
    rowan_opt_blob raw;
    rowan_opt_double weight;
} note;

static const rowan_table note_table;
static const rowan_column note_columns[] = {
    ROWAN_COLUMN(note_table, note, id, 0),
    ROWAN_COLUMN(note_table, note, words, 0),
    ROWAN_OPT_COLUMN(note_table, note, raw, 0),
    ROWAN_OPT_COLUMN(note_table, note, weight, 0),
};
static const rowan_table note_table = ROWAN_SHAPE(note, note_columns);

static const rowan_column *const columns[] = {&note_columns[0], &note_columns[1], &note_columns[2],
                                              &note_columns[3]};
static subject it;
static int mariadb; /* the subject that is it, bare */

static void open_notes(void)
{
    subject_open(&it, mariadb);
    subject_ddl(&it, "CREATE TABLE note (id @int64 NOT NULL PRIMARY KEY, words @text NOT NULL, "
                     "raw @blob, weight @double);");
}

static void close_notes(void)
{
    subject_close(&it);
}

static rowan__structs structs_of(const note *notes, size_t count)
{
    return (rowan__structs){.columns = columns,
                            .column_count = 4,
                            .rows = (const char *)notes,
                            .stride = sizeof *notes,
                            .count = count};
}

static const char query_of_notes[] = "SELECT id, words, raw, weight FROM note";

/* Runs a copy of the notes into a table that has their columns. */
static rowan__operation copy_prepared(rowan__prepared *prepared, const char *table,
                                      const rowan__structs *structs, int64_t deadline_ns)
{
    static char copy[300];
    const rowan__dialect *dialect = it.driver->dialect;
    rowan__operation operation = {
        .prepared = prepared, .structs = structs, .deadline_ns = deadline_ns};

    snprintf(copy, sizeof copy, "%s%s%s(id, words, raw, weight)%s", dialect->copy_before, table,
             dialect->copy_between, dialect->copy_after);
    operation.copy_sql = copy;
    operation.copy_sql_size = strlen(copy);
    it.driver->run(it.connection, &operation, 1);
    return operation;
}

static rowan__operation copy_within(const char *table, const rowan__structs *structs,
                                    int64_t deadline_ns)
{
    rowan__prepared *prepared = subject_prepare(&it, query_of_notes);
    rowan__operation operation = copy_prepared(prepared, table, structs, deadline_ns);

    it.driver->unprepare(prepared);
    return operation;
}

static rowan__operation copy_notes(const rowan__structs *structs)
{
    return copy_within("note", structs, 0);
}

static void check_notes(const note *wanted, size_t count)
{
    reading all;

    reading_begin(&all, &it, "SELECT * FROM note ORDER BY id", &note_table);
    reading_run(&all);
    ck_assert_uint_eq(all.sink.count, count);
    for (size_t i = 0; i < count; i++) {
        const note *got = (const note *)(void *)all.sink.rows + i;
        ck_assert_int_eq(got->id, wanted[i].id);
        ck_assert_str_eq(got->words, wanted[i].words);
        ck_assert(got->raw.has == wanted[i].raw.has);
        ck_assert_uint_eq(got->raw.value.size, wanted[i].raw.value.size);
        ck_assert(got->raw.value.size == 0 ||
                  memcmp(got->raw.value.data, wanted[i].raw.value.data, got->raw.value.size) == 0);
        ck_assert(got->weight.has == wanted[i].weight.has);
        ck_assert(got->weight.value == wanted[i].weight.value);
    }
    reading_end(&all);
}

/* --- What rows may hold. --- */

/* Every byte in every place of a word, alone and in rows. */
START_TEST(bytes_of_all_values_arrive_as_they_are)
{
    enum { COUNT = 255, SIZE = 20 };
    static note notes[COUNT];
    static char words[COUNT][SIZE + 1], raw[COUNT][SIZE];
    rowan__structs structs = structs_of(notes, COUNT);

    for (int i = 0; i < COUNT; i++) {
        char byte = (char)(i + 1);
        memset(words[i], i < 127 && i % 2 ? byte : 'x', (size_t)(i % (SIZE + 1)));
        words[i][i % SIZE] = i < 127 ? byte : 'y';
        words[i][SIZE] = '\0';
        memset(raw[i], i % 3 ? (char)i : 0, SIZE);
        raw[i][i % SIZE] = byte;
        notes[i] = (note){i, words[i], {true, {raw[i], (size_t)(i % SIZE) + 1}}, {true, 0.1 * i}};
    }
    rowan__operation done = copy_notes(&structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    ck_assert_uint_eq(done.statements, 1);
    ck_assert_uint_eq(done.round_trips, 2);
    check_notes(notes, COUNT);
}
END_TEST

START_TEST(what_looks_like_an_escape_is_none)
{
    static const note notes[] = {
        {1, "", {false, {NULL, 0}}, {false, 0}},
        {2, "\\N", {true, {"\\N", 2}}, {true, -1e308}},
        {3, "NULL", {true, {"NULL", 4}}, {true, 4.9406564584124654e-324}},
        {4, "N", {true, {"\3N", 2}}, {true, 1.0 / 3}},
        {5, "\3N", {true, {"", 0}}, {true, -0.0}},
        {6, "\1\2\3\1\2\3\1\2\3", {true, {"\0\1\2\3\0\1\2\3\0", 9}}, {true, 2}},
        {7, "line\nline\r\n\t\"quoted\" 'and' more\\", {true, {"\n", 1}}, {true, 3}},
        {8,
         "h\xc3\xa4\xc3\x9flich \xf0\x9f\x98\x80",
         {true, {"\xff\xc3", 2}},
         {true, 123456789.123456789}},
    };
    rowan__structs structs = structs_of(notes, 8);
    rowan__operation done = copy_notes(&structs);

    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    check_notes(notes, 8);
}
END_TEST

/* The client library asks for 4096 bytes at once. */
START_TEST(rows_longer_than_what_is_asked_for_at_once_arrive_whole)
{
    static const size_t sizes[] = {1, 2000, 2040, 4090, 10, 4096, 5000, 0, 300000, 4095, 8192, 3};
    enum { COUNT = sizeof sizes / sizeof sizes[0], MOST = 300000 };
    char *text = malloc(MOST + 1);
    note notes[COUNT] = {{0}};
    rowan__structs structs = structs_of(notes, COUNT);

    memset(text, 'a', MOST);
    memset(text + MOST - 5000, 2, 5000);
    text[MOST] = '\0';
    for (int i = 0; i < COUNT; i++) {
        notes[i] = (note){i, text + MOST - sizes[i], {true, {text, sizes[i]}}, {false, 0}};
    }
    rowan__operation done = copy_notes(&structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    check_notes(notes, COUNT);
    free(text);
}
END_TEST

START_TEST(memory_that_runs_out_ends_the_copy)
{
    static char text[10000];
    note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}},
                    {2, text, {false, {NULL, 0}}, {false, 0}}};
    rowan__structs structs = structs_of(notes, 2);
    unsigned nth = 0;
    rowan_status status;

    memset(text, 'a', sizeof text - 1);
    do {
        ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
        rowan__prepared *prepared = subject_prepare(&it, query_of_notes);
        fault_arm(++nth);
        status = copy_prepared(prepared, "note", &structs, 0).status;
        bool fired = fault_fired();
        fault_arm(0);
        it.driver->unprepare(prepared);
        ck_assert_int_eq(status, fired ? ROWAN_NOMEM : ROWAN_OK);
        ck_assert_int_eq(subject_send(&it, status == ROWAN_OK ? "COMMIT" : "ROLLBACK"), ROWAN_OK);
    } while (status != ROWAN_OK);
    ck_assert_uint_gt(nth, 2);
    check_notes(notes, 2);
}
END_TEST

START_TEST(a_value_that_is_refused_ends_the_copy_and_is_named)
{
    static const note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}},
                                 {2, "b", {false, {NULL, 0}}, {true, (double)INFINITY}}};
    rowan__structs structs = structs_of(notes, 2);

    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    rowan__operation done = copy_notes(&structs);
    ck_assert_int_eq(done.status, ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(done.error.column, "weight");
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_OPEN);
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    check_notes(notes, 0);
}
END_TEST

/* --- What the server takes for a warning. --- */

static const struct {
    note second;
    const char *ddl; /* that it goes against */
} distrusted[] = {
    {{1, "the first one's key", {false, {NULL, 0}}, {false, 0}}, NULL},
    {{2, NULL, {false, {NULL, 0}}, {false, 0}}, NULL},
    {{2, "too long", {false, {NULL, 0}}, {false, 0}}, "ALTER TABLE note MODIFY words VARCHAR(3)"},
    {{2, "no\xff text", {false, {NULL, 0}}, {false, 0}}, NULL},
    {{2, "b", {false, {NULL, 0}}, {true, -1}}, "ALTER TABLE note ADD CHECK (weight > 0)"},
    {{2, "b", {false, {NULL, 0}}, {false, 0}},
     "ALTER TABLE note ADD FOREIGN KEY (id) REFERENCES other (id)"},
};

START_TEST(rows_that_the_server_leaves_out_or_alters_are_not_taken_for_done)
{
    note notes[3] = {{1, "a", {false, {NULL, 0}}, {false, 0}},
                     distrusted[_i].second,
                     {3, "c", {false, {NULL, 0}}, {false, 0}}};
    rowan__structs structs = structs_of(notes, 3);

    ck_assert_int_eq(subject_send(&it, "CREATE TABLE other (id BIGINT PRIMARY KEY)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "INSERT INTO other VALUES (1), (3)"), ROWAN_OK);
    if (distrusted[_i].ddl) {
        ck_assert_int_eq(subject_send(&it, distrusted[_i].ddl), ROWAN_OK);
    }
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "SAVEPOINT s"), ROWAN_OK);
    rowan__operation done = copy_notes(&structs);
    ck_assert_int_eq(done.status, ROWAN_UNSUPPORTED);
    ck_assert_uint_eq(done.affected, 0);
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_OPEN);
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK TO SAVEPOINT s"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "COMMIT"), ROWAN_OK);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), 0);
}
END_TEST

START_TEST(what_the_server_refuses_as_a_whole_is_its_own_error)
{
    static const note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}}};
    rowan__structs structs = structs_of(notes, 1);
    rowan__operation done = copy_within("nowhere", &structs, 0);

    ck_assert_int_eq(done.status, ROWAN_NO_SUCH);
    ck_assert_str_eq(done.error.table, "nowhere");
    done = copy_notes(&structs);
    ck_assert_int_eq(done.status, ROWAN_OK);
}
END_TEST

START_TEST(keys_are_generated_and_triggers_run_as_with_inserts)
{
    static const note notes[] = {{0, "a", {false, {NULL, 0}}, {false, 0}},
                                 {0, "b", {false, {NULL, 0}}, {false, 0}}};
    static const rowan_column *const some[] = {&note_columns[1]};
    rowan__structs structs = structs_of(notes, 2);
    char copy[300];

    structs.columns = some;
    structs.column_count = 1;
    ck_assert_int_eq(subject_send(&it, "ALTER TABLE note MODIFY id BIGINT AUTO_INCREMENT"),
                     ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "CREATE TRIGGER t BEFORE INSERT ON note FOR EACH ROW "
                                       "SET NEW.weight = length(NEW.words) + 0.5"),
                     ROWAN_OK);
    snprintf(copy, sizeof copy, "%snote%s(words)%s", it.driver->dialect->copy_before,
             it.driver->dialect->copy_between, it.driver->dialect->copy_after);
    rowan__operation operation = {.structs = &structs,
                                  .copy_sql = copy,
                                  .copy_sql_size = strlen(copy),
                                  .prepared = subject_prepare(&it, "SELECT words FROM note")};
    it.driver->run(it.connection, &operation, 1);
    it.driver->unprepare(operation.prepared);
    ck_assert_int_eq(operation.status, ROWAN_OK);
    ck_assert_int_eq(
        subject_number(&it, "SELECT count(*) FROM note WHERE weight = 1.5 AND id IN (1, 2)"), 2);
}
END_TEST

/* --- Who else asks for a file. --- */

static const char *const askers[] = {
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE note (words)",
    "LOAD DATA LOCAL INFILE 'rowan' INTO TABLE note (words)",
};

START_TEST(a_server_that_asks_for_a_file_gets_none)
{
    static const note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}}};
    rowan__structs structs = structs_of(notes, 1);

    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(subject_send(&it, askers[_i]), ROWAN_UNSUPPORTED);
        ck_assert(it.error.connection_usable);
        ck_assert_int_eq(subject_run(&it, askers[_i], NULL, NULL), ROWAN_UNSUPPORTED);
        ck_assert(it.error.connection_usable);
        ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), round);
        if (round == 0) {
            ck_assert_int_eq(copy_notes(&structs).status, ROWAN_OK);
        }
    }
}
END_TEST

/* The name is the server's to say. */
START_TEST(a_server_that_asks_for_another_file_gets_none)
{
    static const note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}}};
    static const char copy[] =
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE note (id, words, raw, weight)";
    rowan__structs structs = structs_of(notes, 1);
    rowan__operation operation = {
        .structs = &structs, .copy_sql = copy, .copy_sql_size = sizeof copy - 1};

    it.driver->run(it.connection, &operation, 1);
    ck_assert_int_eq(operation.status, ROWAN_UNSUPPORTED);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), 0);
}
END_TEST

/* --- What ends it early. --- */

enum { HEAVY = 4000 };

static subject other;

/* Rows that fill any buffer, and of the first the key is held by another transaction. */
static rowan__structs hold_first_row(void)
{
    static note notes[HEAVY];
    static char text[10000];

    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < HEAVY; i++) {
        notes[i] = (note){i, text, {false, {NULL, 0}}, {false, 0}};
    }
    subject_join(&other, &it);
    ck_assert_int_eq(subject_send(&other, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&other, "INSERT INTO note (id, words) VALUES (0, 'held')"),
                     ROWAN_OK);
    return structs_of(notes, HEAVY);
}

START_TEST(a_deadline_ends_a_copy)
{
    rowan__structs structs = hold_first_row();
    int64_t start_ns = rowan__now_ns();

    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    rowan__operation done = copy_within("note", &structs, start_ns + 300 * INT64_C(1000000));
    ck_assert_int_eq(done.status, ROWAN_TIMEOUT);
    ck_assert_int_lt(rowan__now_ns() - start_ns, INT64_C(5000000000));
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_OPEN);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    subject_close(&other);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), 0);
}
END_TEST

static void *stop_soon(void *sql)
{
    rowan_error error;

    nanosleep(&(struct timespec){0, 200000000L}, NULL);
    if (sql) {
        ck_assert_int_eq(subject_send(&other, sql), ROWAN_OK);
    } else {
        ck_assert_int_eq(it.driver->cancel(it.connection, &error), ROWAN_OK);
    }
    return NULL;
}

START_TEST(a_copy_that_is_stopped_leaves_nothing)
{
    char kill[60];
    bool killed = _i == 1;
    rowan__structs structs = hold_first_row();
    pthread_t thread;

    snprintf(kill, sizeof kill, "KILL %lld",
             (long long)subject_number(&it, "SELECT connection_id()"));
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, killed ? kill : NULL), 0);
    rowan__operation done = copy_notes(&structs);
    pthread_join(thread, NULL);
    ck_assert_int_eq(done.status, killed ? ROWAN_LOST : ROWAN_CANCELLED);
    ck_assert(done.error.connection_usable == !killed);
    ck_assert_int_eq(done.error.fate, killed ? ROWAN_FATE_ROLLED_BACK : ROWAN_FATE_OPEN);
    if (!killed) {
        ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
        ck_assert_int_eq(subject_number(&other, "SELECT 1"), 1);
    }
    ck_assert_int_eq(subject_number(&other, "SELECT count(*) FROM note"), 1);
    subject_close(&other);
}
END_TEST

static bool find_mariadb(void)
{
    for (mariadb = 0; mariadb < (int)engine_count(); mariadb++) {
        if (engine_is((size_t)mariadb, "mariadb")) {
            return true;
        }
    }
    return false;
}

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("mariadb copy");
    TCase *tc = tcase_create("mariadb copy");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, open_notes, close_notes);
    if (find_mariadb()) {
        tcase_add_test(tc, bytes_of_all_values_arrive_as_they_are);
        tcase_add_test(tc, what_looks_like_an_escape_is_none);
        tcase_add_test(tc, rows_longer_than_what_is_asked_for_at_once_arrive_whole);
        tcase_add_test(tc, memory_that_runs_out_ends_the_copy);
        tcase_add_test(tc, a_value_that_is_refused_ends_the_copy_and_is_named);
        tcase_add_loop_test(tc, rows_that_the_server_leaves_out_or_alters_are_not_taken_for_done, 0,
                            COUNT(distrusted));
        tcase_add_test(tc, what_the_server_refuses_as_a_whole_is_its_own_error);
        tcase_add_test(tc, keys_are_generated_and_triggers_run_as_with_inserts);
        tcase_add_loop_test(tc, a_server_that_asks_for_a_file_gets_none, 0, COUNT(askers));
        tcase_add_test(tc, a_server_that_asks_for_another_file_gets_none);
        tcase_add_test(tc, a_deadline_ends_a_copy);
        tcase_add_loop_test(tc, a_copy_that_is_stopped_leaves_nothing, 0, 2);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
