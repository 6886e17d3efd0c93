/*
 * Rows on their way from structs to MariaDB, in packets that the driver makes: what they may hold,
 * how many go together, what the server refuses, and what ends them early.
 */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
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

static rowan__operation insert_within(const char *sql, const rowan__structs *structs,
                                      int64_t deadline_ns)
{
    rowan__operation operation = {
        .prepared = subject_prepare(&it, sql), .structs = structs, .deadline_ns = deadline_ns};

    it.driver->run(it.connection, &operation, 1);
    it.driver->unprepare(operation.prepared);
    operation.prepared = NULL;
    return operation;
}

static const char insert_sql[] = "INSERT INTO note (id, words, raw, weight) VALUES (?, ?, ?, ?)";

static rowan__operation insert_notes(const rowan__structs *structs)
{
    return insert_within(insert_sql, structs, 0);
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
    rowan__operation done = insert_notes(&structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    ck_assert_uint_eq(done.statements, 1);
    ck_assert_uint_eq(done.round_trips, 1);
    ck_assert_uint_gt(done.bytes_sent, COUNT * SIZE);
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
    rowan__operation done = insert_notes(&structs);

    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    check_notes(notes, 8);
}
END_TEST

/* Of which the lengths take one byte, three and nine. */
START_TEST(texts_and_blobs_of_all_lengths_arrive_whole)
{
    static const size_t sizes[] = {1,   7,    8,     16,    17,     250, 251,
                                   252, 1000, 65535, 65536, 300000, 0,   3};
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
    rowan__operation done = insert_notes(&structs);
    ck_assert_msg(done.status == ROWAN_OK, "%s (%s)", done.error.message,
                  done.error.engine_message);
    check_notes(notes, COUNT);
    free(text);
}
END_TEST

START_TEST(rows_that_are_too_large_for_one_packet_are_sent_in_several)
{
    enum { COUNT = 6, SIZE = 3 << 20, LARGE = 9 << 20 };
    char *bytes = calloc(1, LARGE);
    note notes[COUNT] = {{0}};
    rowan__structs structs = structs_of(notes, COUNT);

    for (int i = 0; i < COUNT; i++) {
        notes[i] = (note){i, "", {true, {bytes, i == 3 ? LARGE : SIZE}}, {false, 0}};
    }
    rowan__operation done = insert_notes(&structs);
    ck_assert_int_eq(done.status, ROWAN_OK);
    ck_assert_uint_eq(done.statements, 4); /* 2, 1, 1 and 2 of them */
    ck_assert_uint_eq(done.affected, COUNT);
    ck_assert_uint_gt(done.bytes_sent, (COUNT - 1) * SIZE + LARGE);
    ck_assert_int_eq(subject_number(&it, "SELECT sum(length(raw)) DIV 1 FROM note"),
                     (COUNT - 1) * SIZE + LARGE);
    free(bytes);
}
END_TEST

START_TEST(rows_that_packets_return_come_back_in_their_order)
{
    enum { COUNT = 6, SIZE = 3 << 20 };
    char *bytes = calloc(1, SIZE);
    note notes[COUNT] = {{0}};
    rowan__structs structs = structs_of(notes, COUNT);
    reading all;

    for (int i = 0; i < COUNT; i++) {
        notes[i] = (note){COUNT - i, i % 2 ? "odd" : "even", {true, {bytes, SIZE}}, {false, 0}};
    }
    reading_begin(&all, &it,
                  "INSERT INTO note (id, words, raw, weight) VALUES (?, ?, ?, ?) "
                  "RETURNING id, words",
                  &note_table);
    all.operation.structs = &structs;
    reading_run(&all);
    ck_assert_uint_eq(all.operation.statements, 3); /* of two rows each */
    ck_assert_uint_eq(all.operation.affected, COUNT);
    ck_assert_uint_eq(all.sink.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const note *got = (const note *)(void *)all.sink.rows + i;
        ck_assert_int_eq(got->id, notes[i].id);
        ck_assert_str_eq(got->words, notes[i].words);
    }
    reading_end(&all);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), COUNT);
    free(bytes);
}
END_TEST

START_TEST(a_value_that_is_refused_sends_nothing_and_is_named)
{
    static const note notes[] = {{1, "a", {false, {NULL, 0}}, {false, 0}},
                                 {2, "b", {false, {NULL, 0}}, {true, (double)INFINITY}}};
    rowan__structs structs = structs_of(notes, 2);

    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    rowan__operation done = insert_notes(&structs);
    ck_assert_int_eq(done.status, ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(done.error.column, "weight");
    ck_assert_uint_eq(done.statements, 0);
    ck_assert_int_eq(done.error.fate, ROWAN_FATE_OPEN);
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(subject_send(&it, "ROLLBACK"), ROWAN_OK);
    check_notes(notes, 0);
}
END_TEST

/* --- Single rows, by one prepared statement. --- */

/* Executes it for a row of a struct. */
static rowan_status insert_one(rowan__prepared *prepared, const note *row, rowan__operation *out)
{
    rowan__structs structs = structs_of(row, 1);

    *out = (rowan__operation){.prepared = prepared, .structs = &structs};
    it.driver->run(it.connection, out, 1);
    return out->status;
}

/* The same for values; a weight that is an integer is sent as another type than a member. */
static rowan_status insert_values(rowan__prepared *prepared, const note *row)
{
    rowan_value values[] = {rowan_v_int64(row->id), rowan_v_text(row->words),
                            rowan_v_blob(row->raw.value),
                            rowan_v_int64((int64_t)row->weight.value)};
    rowan__operation operation = {.prepared = prepared, .params = values, .param_rows = 1};

    if (!row->raw.has) {
        values[2] = rowan_v_null();
    }
    it.driver->run(it.connection, &operation, 1);
    return operation.status;
}

/* NULLs come and go, texts outgrow those before them, and values of other types come between. */
START_TEST(single_rows_of_any_form_may_follow_one_another)
{
    static const size_t sizes[] = {0,   1,   3,   4,   7,   8,     16, 17,
                                   239, 240, 241, 250, 251, 70000, 5,  300};
    enum { COUNT = sizeof sizes / sizeof sizes[0], MOST = 70000 };
    char *text = calloc(1, MOST + 1);
    note notes[COUNT] = {{0}};
    rowan__prepared *prepared = subject_prepare(&it, insert_sql);
    rowan__operation done;

    memset(text, 'a', MOST);
    for (int i = 0; i < COUNT; i++) {
        const char *words = text + MOST - sizes[i];
        notes[i] = (note){i,
                          words,
                          {i % 3 > 0, {i % 3 ? text : NULL, i % 3 ? sizes[i] : 0}},
                          {i % 2 > 0 || i % 4 == 2, i % 2 > 0 || i % 4 == 2 ? i : 0}};
        if (i % 4 == 2) {
            ck_assert_int_eq(insert_values(prepared, &notes[i]), ROWAN_OK);
            continue;
        }
        ck_assert_int_eq(insert_one(prepared, &notes[i], &done), ROWAN_OK);
        ck_assert_uint_eq(done.affected, 1);
        ck_assert_uint_eq(done.round_trips, 1);
        ck_assert_uint_eq(done.bytes_sent,
                          8 + sizes[i] + notes[i].raw.value.size + (notes[i].weight.has ? 8 : 0));
    }
    it.driver->unprepare(prepared);
    check_notes(notes, COUNT);
    free(text);
}
END_TEST

/* Each packet has the types that the server does not know of the one before. */
START_TEST(rows_alone_and_together_may_follow_one_another)
{
    enum { COUNT = 64, TOGETHER = 3 };
    note notes[COUNT];
    rowan__prepared *prepared = subject_prepare(&it, insert_sql);

    for (int i = 0; i < COUNT; i++) { /* NULLs in every order, and in none for a while */
        bool has_raw = i % 3 != 0 || i > 40, has_weight = i % 4 > 1 || i > 40;
        notes[i] = (note){
            i, "words", {has_raw, {has_raw ? "raw" : NULL, has_raw ? 3 : 0}}, {has_weight, 0}};
        notes[i].weight.value = has_weight ? i : 0;
    }
    for (size_t i = 0, turn = 0, count; i < COUNT; i += count, turn++) {
        count = turn % 5 == 4 && i + TOGETHER <= COUNT ? TOGETHER : 1;
        rowan__structs structs = structs_of(&notes[i], count);
        rowan__operation done = {.prepared = prepared, .structs = &structs};
        it.driver->run(it.connection, &done, 1);
        ck_assert_msg(done.status == ROWAN_OK, "row %zu: %s", i, done.error.engine_message);
        ck_assert_uint_eq(done.affected, count);
        ck_assert_uint_eq(done.round_trips, 1);
    }
    it.driver->unprepare(prepared);
    check_notes(notes, COUNT);
}
END_TEST

START_TEST(a_single_row_that_is_refused_leaves_the_statement_as_it_was)
{
    static const note notes[] = {{1, "a", {true, {"a", 1}}, {true, 1}},
                                 {2, "b", {false, {NULL, 0}}, {true, (double)INFINITY}},
                                 {2, NULL, {false, {NULL, 0}}, {true, 2}},
                                 {1, "the first one's key", {true, {"c", 1}}, {true, 3}},
                                 {2, "d", {true, {"d", 1}}, {true, 4}}};
    static const rowan_status wanted[] = {ROWAN_OK, ROWAN_OUT_OF_RANGE, ROWAN_NOT_NULL,
                                          ROWAN_UNIQUE, ROWAN_OK};
    rowan__prepared *prepared = subject_prepare(&it, insert_sql);
    rowan__operation done;

    ck_assert_int_eq(insert_one(prepared, &notes[0], &done), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "DELETE FROM note"), ROWAN_OK);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(insert_one(prepared, &notes[i], &done), wanted[i]);
        ck_assert_uint_eq(done.statements, i == 1 ? 0 : 1);
        ck_assert(done.status == ROWAN_OK || done.error.connection_usable);
    }
    ck_assert_int_eq(insert_one(prepared, &notes[1], &done), ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(done.error.column, "weight");
    it.driver->unprepare(prepared);
    check_notes((const note[]){notes[0], notes[4]}, 2);
}
END_TEST

/* --- What the server refuses. --- */

static const struct {
    note second;
    rowan_status status;
    const char *ddl; /* that it goes against */
} refused[] = {
    {{1, "the first one's key", {false, {NULL, 0}}, {false, 0}}, ROWAN_UNIQUE, NULL},
    {{2, NULL, {false, {NULL, 0}}, {false, 0}}, ROWAN_NOT_NULL, NULL},
    {{2, "too long", {false, {NULL, 0}}, {false, 0}},
     ROWAN_OUT_OF_RANGE,
     "ALTER TABLE note MODIFY words VARCHAR(3)"},
    {{2, "no\xff text", {false, {NULL, 0}}, {false, 0}}, ROWAN_OUT_OF_RANGE, NULL},
    {{2, "b", {false, {NULL, 0}}, {true, -1}},
     ROWAN_CHECK,
     "ALTER TABLE note ADD CHECK (weight > 0)"},
    {{2, "b", {false, {NULL, 0}}, {false, 0}},
     ROWAN_FOREIGN_KEY,
     "ALTER TABLE note ADD FOREIGN KEY (id) REFERENCES other (id)"},
};

START_TEST(a_row_that_the_server_refuses_takes_the_others_with_it)
{
    note notes[3] = {{1, "a", {false, {NULL, 0}}, {false, 0}},
                     refused[_i].second,
                     {3, "c", {false, {NULL, 0}}, {false, 0}}};
    rowan__structs structs = structs_of(notes, 3);

    ck_assert_int_eq(subject_send(&it, "CREATE TABLE other (id BIGINT PRIMARY KEY)"), ROWAN_OK);
    ck_assert_int_eq(subject_send(&it, "INSERT INTO other VALUES (1), (3)"), ROWAN_OK);
    if (refused[_i].ddl) {
        ck_assert_int_eq(subject_send(&it, refused[_i].ddl), ROWAN_OK);
    }
    rowan__operation done = insert_notes(&structs);
    ck_assert_int_eq(done.status, refused[_i].status);
    ck_assert(done.error.connection_usable);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), 0);
}
END_TEST

static const char *const askers[] = {
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE note (words)",
    "LOAD DATA LOCAL INFILE 'note' INTO TABLE note (words)",
};

START_TEST(a_server_gets_no_file_of_the_clients)
{
    ck_assert_int_eq(subject_send(&it, askers[_i]), ROWAN_UNSUPPORTED);
    ck_assert(it.error.connection_usable);
    ck_assert_int_eq(subject_run(&it, askers[_i], NULL, NULL), ROWAN_UNSUPPORTED);
    ck_assert(it.error.connection_usable);
    ck_assert_int_eq(subject_number(&it, "SELECT count(*) FROM note"), 0);
}
END_TEST

/* --- What ends it early. --- */

enum { HEAVY = 700 };

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

START_TEST(a_deadline_ends_an_insert)
{
    rowan__structs structs = hold_first_row();
    int64_t start_ns = rowan__now_ns();

    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    rowan__operation done = insert_within(insert_sql, &structs, start_ns + 300 * INT64_C(1000000));
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

START_TEST(an_insert_that_is_stopped_leaves_nothing)
{
    char kill[60];
    bool killed = _i == 1;
    rowan__structs structs = hold_first_row();
    pthread_t thread;

    snprintf(kill, sizeof kill, "KILL %lld",
             (long long)subject_number(&it, "SELECT connection_id()"));
    ck_assert_int_eq(subject_send(&it, "BEGIN"), ROWAN_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, killed ? kill : NULL), 0);
    rowan__operation done = insert_notes(&structs);
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
    Suite *suite = suite_create("mariadb structs");
    TCase *tc = tcase_create("mariadb structs");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, open_notes, close_notes);
    if (find_mariadb()) {
        tcase_add_test(tc, bytes_of_all_values_arrive_as_they_are);
        tcase_add_test(tc, what_looks_like_an_escape_is_none);
        tcase_add_test(tc, texts_and_blobs_of_all_lengths_arrive_whole);
        tcase_add_test(tc, rows_that_are_too_large_for_one_packet_are_sent_in_several);
        tcase_add_test(tc, rows_that_packets_return_come_back_in_their_order);
        tcase_add_test(tc, a_value_that_is_refused_sends_nothing_and_is_named);
        tcase_add_test(tc, single_rows_of_any_form_may_follow_one_another);
        tcase_add_test(tc, rows_alone_and_together_may_follow_one_another);
        tcase_add_test(tc, a_single_row_that_is_refused_leaves_the_statement_as_it_was);
        tcase_add_loop_test(tc, a_row_that_the_server_refuses_takes_the_others_with_it, 0,
                            COUNT(refused));
        tcase_add_loop_test(tc, a_server_gets_no_file_of_the_clients, 0, COUNT(askers));
        tcase_add_test(tc, a_deadline_ends_an_insert);
        tcase_add_loop_test(tc, an_insert_that_is_stopped_leaves_nothing, 0, 2);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
