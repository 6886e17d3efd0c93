/*
 * What only MariaDB has: its URLs, types without a counterpart, catalogue, wordings of its errors.
 */
#include <rowan/rowan.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "database/execute.h"
#include "support/engine.h"
#include "support/suite.h"

static size_t engine;
static rowan_db *db;
static rowan_scope *scope;

static void open_fresh(void)
{
    db = engine_open(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "test", &scope, NULL), ROWAN_OK);
}

static void close_all(void)
{
    rowan_scope_end(scope);
    engine_close(db);
}

static void ok(rowan_status status)
{
    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status),
                  rowan_scope_error(scope)->message, rowan_scope_error(scope)->engine_message);
}

static void run(const char *sql)
{
    ok(rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
}

/* The one integer that a query gives. */
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

/* --- URLs. --- */

static const struct {
    const char *url;
    const char *hint; /* that the message must have */
} bad_urls[] = {
    {"mariadb:rowan", "names no database"},
    {"mariadb://rowan:s3cret@localhost", "names no database"},
    {"mariadb://rowan:s3cret@localhost/", "names no database"},
    {"mariadb://rowan:s3cret@localhost:0/rowan", "port"},
    {"mariadb://rowan:s3cret@localhost:65536/rowan", "port"},
    {"mariadb://rowan:s3cret@localhost:33o6/rowan", "port"},
    {"mariadb://rowan:s3cret@localhost:99999999999/rowan", "port"},
    {"mariadb://rowan:s3cret@[::1/rowan", "["},
    {"mariadb://rowan:s3cret%4@localhost/rowan", "%25"},
    {"mariadb://rowan:s3cret%zz@localhost/rowan", "%25"},
    {"mariadb://rowan:s3cret%00@localhost/rowan", "%25"},
    {"mariadb://rowan:s3cret@localhost/rowan?soket=/tmp/x", "\"soket\""},
    {"mariadb://rowan:s3cret@localhost/rowan?socket", "\"socket\""},
    {"mariadb://rowan:s3cret@localhost/rowan?connect_timeout=0", "connect_timeout"},
    {"mariadb://rowan:s3cret@localhost/rowan?ssl=maybe", "ssl"},
    {"mariadb://rowan:s3cret@elsewhere/rowan?socket=/tmp/x", "localhost"},
    {"mysql://rowan:s3cret@localhost/rowan", "mariadb:"},
};

START_TEST(a_url_with_a_mistake_is_misuse_and_its_password_stays_secret)
{
    rowan_error error;
    rowan_db *none = NULL;

    ck_assert_int_eq(rowan_open(bad_urls[_i].url, NULL, &none, &error), ROWAN_MISUSE);
    ck_assert_ptr_null(none);
    ck_assert_msg(strstr(error.message, bad_urls[_i].hint) != NULL, "%s: %s", bad_urls[_i].url,
                  error.message);
    ck_assert_ptr_null(strstr(error.message, "s3cret"));
    ck_assert_ptr_null(strstr(error.engine_message, "s3cret"));
}
END_TEST

/* The URL of a fresh database, with something else for one of its parts. */
static void change_url(const char *from, const char *part, const char *instead, char *out,
                       size_t size)
{
    const char *at = strstr(from, part);

    ck_assert_msg(at != NULL, "the test's URL lacks %s", part);
    snprintf(out, size, "%.*s%s%s", (int)(at - from), from, instead, at + strlen(part));
}

START_TEST(parts_of_a_url_may_have_special_characters)
{
    char user[40], sql[200], part[100], changed[500];
    const char *url = engine_url_new(engine);
    const char *authority = strstr(url, "//") + 2;
    rowan_error error;

    snprintf(user, sizeof user, "r%ld", (long)getpid());
    snprintf(sql, sizeof sql, "CREATE USER %s IDENTIFIED BY 'p@:/?%%& ü'", user);
    engine_send(url, sql);
    snprintf(sql, sizeof sql, "GRANT ALL ON *.* TO %s", user);
    engine_send(url, sql);
    snprintf(part, sizeof part, "%.*s", (int)strcspn(authority, "@"), authority);
    snprintf(sql, sizeof sql, "%s:p%%40%%3A%%2f%%3F%%25%%26%%20%%c3%%bc", user);
    change_url(url, part, sql, changed, sizeof changed);
    rowan_status status = rowan_open(changed, NULL, &db, &error);
    snprintf(sql, sizeof sql, "DROP USER %s", user);
    engine_send(url, sql);
    ck_assert_msg(status == ROWAN_OK, "%s %s", error.message, error.engine_message);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

static rowan_status open_port(int port, rowan_error *error)
{
    char url[100];

    snprintf(url, sizeof url, "mariadb://rowan:secret@localhost:%d/rowan", port);
    return rowan_open(url, NULL, &db, error);
}

/* The client library takes localhost for its socket, and so perhaps another server. */
START_TEST(a_port_is_heeded_on_localhost_too)
{
    rowan_cursor *cursor;
    rowan_error error;
    int64_t port = 0;

    db = engine_open(engine, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "port", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_raw_open(scope, "SELECT @@port", ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &port), ROWAN_OK);
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    engine_close(db);
    if (port != 0) {
        ck_assert_msg(open_port((int)port, &error) == ROWAN_OK, "%s", error.engine_message);
        rowan_close(db);
    }
    ck_assert_int_eq(open_port(1, &error), ROWAN_CONNECT);
    ck_assert_msg(strstr(error.engine_message, ".sock") == NULL, "%s", error.engine_message);
}
END_TEST

START_TEST(a_server_that_does_not_encrypt_is_refused_if_the_url_asks_for_it)
{
    const char *url = engine_url_new(engine);
    char changed[500];
    rowan_error error;

    snprintf(changed, sizeof changed, "%s&ssl=require", url);
    ck_assert_int_eq(rowan_open(changed, NULL, &db, &error), ROWAN_CONNECT);
    ck_assert_ptr_nonnull(strstr(error.message, "encrypt"));
    snprintf(changed, sizeof changed, "%s&ssl=off", url);
    ck_assert_int_eq(rowan_open(changed, NULL, &db, &error), ROWAN_OK);
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

START_TEST(a_wrong_password_is_denied_and_never_repeated)
{
    const char *url = engine_url_new(engine);
    const char *authority = strstr(url, "//") + 2;
    char part[100], instead[120], changed[500];
    rowan_error error;

    snprintf(part, sizeof part, "%.*s", (int)strcspn(authority, "@"), authority);
    snprintf(instead, sizeof instead, "%.*s:not-s3cret", (int)strcspn(part, ":"), part);
    change_url(url, part, instead, changed, sizeof changed);
    ck_assert_int_eq(rowan_open(changed, NULL, &db, &error), ROWAN_DENIED);
    ck_assert_int_eq(error.native, 1045);
    ck_assert_ptr_null(strstr(error.message, "s3cret"));
    ck_assert_ptr_null(strstr(error.engine_message, "s3cret"));
    engine_url_drop(url);
}
END_TEST

START_TEST(an_unknown_database_is_named)
{
    const char *url = engine_url_new(engine);
    const char *name = strstr(strstr(url, "//") + 2, "/") + 1;
    char part[100], changed[500];
    rowan_error error;

    snprintf(part, sizeof part, "/%.*s", (int)strcspn(name, "?"), name);
    change_url(url, part, "/nowhere_at_all", changed, sizeof changed);
    ck_assert_int_eq(rowan_open(changed, NULL, &db, &error), ROWAN_CONNECT);
    ck_assert_ptr_nonnull(strstr(error.message, "nowhere_at_all"));
    ck_assert_int_eq(error.native, 1049);
    engine_url_drop(url);
}
END_TEST

/* --- Types. --- */

static const struct {
    const char *type;
    const char *literal;
    rowan_type expected; /* 0: refused */
    const char *named;   /* in the refusal */
} types[] = {
    {"BIT(3)", "b'101'", 0, "BIT"},
    {"YEAR", "2020", 0, "YEAR"},
    {"POINT", "POINT(1, 2)", 0, "GEOMETRY"},
    {"BOOLEAN", "TRUE", ROWAN_TYPE_BOOL, NULL},
    {"TINYINT", "-128", ROWAN_TYPE_INT16, NULL},
    {"TINYINT UNSIGNED", "255", ROWAN_TYPE_INT16, NULL},
    {"SMALLINT UNSIGNED", "65535", ROWAN_TYPE_INT32, NULL},
    {"MEDIUMINT UNSIGNED", "16777215", ROWAN_TYPE_INT32, NULL},
    {"MEDIUMINT", "-8388608", ROWAN_TYPE_INT32, NULL},
    {"INT UNSIGNED", "4294967295", ROWAN_TYPE_INT64, NULL},
    {"BIGINT UNSIGNED", "9223372036854775807", ROWAN_TYPE_INT64, NULL},
    {"ENUM('a', 'b')", "'b'", ROWAN_TYPE_TEXT, NULL},
    {"SET('a', 'b')", "'a,b'", ROWAN_TYPE_TEXT, NULL},
    {"INET6", "'::1'", ROWAN_TYPE_TEXT, NULL},
    {"BINARY(2)", "'ab'", ROWAN_TYPE_BLOB, NULL},
    {"TINYTEXT", "'x'", ROWAN_TYPE_TEXT, NULL},
    {"TIMESTAMP(3)", "'2020-02-29 23:59:59.123'", ROWAN_TYPE_TIMESTAMP, NULL},
    {"UUID", "'00112233-4455-6677-8899-aabbccddeeff'", ROWAN_TYPE_UUID, NULL},
    {"JSON", "'{\"a\": [1]}'", ROWAN_TYPE_JSON, NULL},
};

/* Its text on the server and the value that we read are the same thing. */
static void compare_with_server(const rowan_value *value, const char *literal)
{
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        ck_assert(value->as.boolean);
        break;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        ck_assert_int_eq(value->as.integer, strtoll(literal, NULL, 10));
        break;
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
        ck_assert_uint_eq(value->as.bytes.size, strlen(literal) - 2);
        ck_assert_mem_eq(value->as.bytes.data, literal + 1, value->as.bytes.size);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        ck_assert_int_eq(value->as.timestamp.us, 1583020799123000);
        break;
    case ROWAN_TYPE_UUID:
        for (unsigned i = 0; i < 16; i++) {
            ck_assert_uint_eq(value->as.uuid.bytes[i], i * 0x11);
        }
        break;
    default:
        ck_abort_msg("unexpected type %d", (int)value->type);
    }
}

START_TEST(a_type_of_its_own_is_read_or_refused_by_name)
{
    char sql[200];
    rowan_cursor *cursor;

    open_fresh();
    snprintf(sql, sizeof sql, "CREATE TABLE t (n INT, odd %s)", types[_i].type);
    run(sql);
    snprintf(sql, sizeof sql, "INSERT INTO t VALUES (1, %s)", types[_i].literal);
    run(sql);
    rowan_status status = rowan_raw_open(scope, "SELECT odd, n FROM t", ROWAN_NO_PARAMS, &cursor);
    if (types[_i].expected == 0) {
        ck_assert_int_eq(status, ROWAN_UNSUPPORTED);
        ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, types[_i].named));
        ck_assert_str_eq(rowan_scope_error(scope)->column, "odd");
        ck_assert_int_eq(number("SELECT n FROM t"), 1); /* and the connection is in step */
    } else {
        ok(status);
        ok(rowan_cursor_next(cursor));
        ck_assert_int_eq(rowan_cursor_value(cursor, 0)->type, types[_i].expected);
        compare_with_server(rowan_cursor_value(cursor, 0), types[_i].literal);
        ck_assert_int_eq(rowan_cursor_value(cursor, 1)->as.integer,
                         1); /* the next cell is where it should be */
        rowan_cursor_close(cursor);
    }
    close_all();
}
END_TEST

static const char *const beyond[] = {
    "SELECT CAST(18446744073709551615 AS UNSIGNED) AS odd",
    "SELECT CAST('25:00:00' AS TIME) AS odd",
    "SELECT CAST('-00:00:01' AS TIME(6)) AS odd",
    "SELECT CAST('838:59:59' AS TIME) AS odd",
    "SELECT d AS odd FROM zero",
    "SELECT t AS odd FROM zero",
    "SELECT half AS odd FROM zero",
};

START_TEST(a_value_beyond_our_types_is_out_of_range_and_names_its_column)
{
    rowan_cursor *cursor;

    open_fresh();
    run("SET sql_mode = ''");
    run("CREATE TABLE zero (d DATE, t DATETIME(6), half DATE)");
    run("INSERT INTO zero VALUES ('0000-00-00', '0000-00-00 00:00:00', '2020-00-01')");
    ok(rowan_raw_open(scope, beyond[_i], ROWAN_NO_PARAMS, &cursor));
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OUT_OF_RANGE);
    ck_assert_str_eq(rowan_scope_error(scope)->column, "odd");
    ck_assert(rowan_scope_error(scope)->connection_usable);
    rowan_cursor_close(cursor);
    ck_assert_int_eq(number("SELECT count(*) FROM zero"), 1);
    close_all();
}
END_TEST

/* Of each version and variant: taken and read again, or refused in words that say what is missing.
 */
START_TEST(a_uuid_of_no_version_is_refused_as_one_and_not_as_a_text)
{
    unsigned refused = 0;

    open_fresh();
    run("CREATE TABLE t (id UUID)");
    for (unsigned kind = 0; kind < 256; kind++) {
        rowan_uuid uuid = {{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, (uint8_t)(kind & 0xf0), 0x77,
                            (uint8_t)(kind << 4 & 0xf0), 0x99}};
        rowan_status status =
            rowan_raw_run(scope, "INSERT INTO t VALUES (?)", ROWAN_PARAMS(ROWAN_V(uuid)), NULL);
        if (status != ROWAN_OK) {
            refused++;
            ck_assert_int_eq(status, ROWAN_OUT_OF_RANGE);
            ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "a version and a"));
            ck_assert_str_eq(rowan_scope_error(scope)->column, "id");
        }
        /* As the guide says to make one of random bytes. */
        uuid.bytes[6] = (uuid.bytes[6] & 0x0f) | 0x40;
        uuid.bytes[8] = (uuid.bytes[8] & 0x3f) | 0x80;
        ok(rowan_raw_run(scope, "INSERT INTO t VALUES (?)", ROWAN_PARAMS(ROWAN_V(uuid)), NULL));
    }
    ck_assert_uint_eq(refused, 64); /* versions from 8 on, of variants below 8 */
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 512 - 64);
    ck_assert_int_eq(
        rowan_raw_run(scope, "INSERT INTO t VALUES ('00112233-4455')", ROWAN_NO_PARAMS, NULL),
        ROWAN_WRONG_TYPE);
    close_all();
}
END_TEST

START_TEST(the_type_of_a_bare_parameter_is_that_of_its_value_each_time)
{
    rowan_cursor *cursor;
    const rowan_value values[] = {ROWAN_V(INT64_MIN),
                                  ROWAN_V("text"),
                                  ROWAN_V(0.1),
                                  rowan_v_null(),
                                  ROWAN_V(((rowan_date){-719162})),
                                  ROWAN_V(((rowan_decimal){"-0.10"})),
                                  ROWAN_V(((rowan_blob){"a\0b", 3})),
                                  ROWAN_V("")};
    const rowan_type expected[] = {
        ROWAN_TYPE_INT64, ROWAN_TYPE_TEXT,    ROWAN_TYPE_DOUBLE, 0,
        ROWAN_TYPE_DATE,  ROWAN_TYPE_DECIMAL, ROWAN_TYPE_BLOB,   ROWAN_TYPE_TEXT};

    open_fresh();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        ok(rowan_raw_open(scope, "SELECT ? AS a, 7 AS b", ROWAN_PARAMS(values[i]), &cursor));
        ok(rowan_cursor_next(cursor));
        const rowan_value *got = rowan_cursor_value(cursor, 0);
        ck_assert_msg(got->type == expected[i], "value %zu came as type %d", i, (int)got->type);
        ck_assert_int_eq(got->is_null, values[i].is_null);
        ck_assert_int_eq(rowan_cursor_int64_or(cursor, 1, 0), 7);
        ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_DONE);
        rowan_cursor_close(cursor);
    }
    ck_assert_uint_eq(rowan_scope_counts(scope).cache_misses, 1);
    close_all();
}
END_TEST

/* NULLs are bits, eight in a byte; each statement has its own number of them. */
START_TEST(any_parameter_of_any_number_may_be_null)
{
    enum { MOST = 19 };
    rowan_value values[MOST];
    rowan_cursor *cursor;
    char sql[16 + 3 * MOST];

    open_fresh();
    for (size_t count = 1; count <= MOST; count++) {
        size_t size = (size_t)snprintf(sql, sizeof sql, "SELECT ?");
        for (size_t i = 1; i < count; i++) {
            size += (size_t)snprintf(sql + size, sizeof sql - size, ", ?");
        }
        for (size_t nulls = 0; nulls <= count; nulls++) { /* one, or none */
            for (size_t i = 0; i < count; i++) {
                values[i] = i + 1 == nulls ? rowan_v_null() : ROWAN_V((int64_t)(100 * i + nulls));
            }
            ok(rowan_raw_open(scope, sql, (rowan_params){values, count}, &cursor));
            ok(rowan_cursor_next(cursor));
            for (size_t i = 0; i < count; i++) {
                const rowan_value *got = rowan_cursor_value(cursor, i);
                ck_assert(got->is_null == values[i].is_null);
                ck_assert(got->is_null || got->as.integer == values[i].as.integer);
            }
            rowan_cursor_close(cursor);
        }
    }
    close_all();
}
END_TEST

START_TEST(texts_of_all_lengths_are_sent_whole)
{
    static const size_t sizes[] = {0, 1, 7, 8, 16, 17, 250, 251, 65535, 65536, 5 << 20, 3};
    char *text = malloc((5 << 20) + 1);
    rowan_cursor *cursor;

    open_fresh();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *got;
        memset(text, (int)('a' + i), sizes[i]);
        text[sizes[i]] = '\0';
        ok(rowan_raw_open(scope, "SELECT ?, length(?)", ROWAN_PARAMS(ROWAN_V(text), ROWAN_V(text)),
                          &cursor));
        ok(rowan_cursor_next(cursor));
        ok(rowan_cursor_text(cursor, 0, &got));
        ck_assert_str_eq(got, text);
        ck_assert_int_eq(rowan_cursor_int64_or(cursor, 1, -1), (int64_t)sizes[i]);
        rowan_cursor_close(cursor);
    }
    free(text);
    close_all();
}
END_TEST

/* Rows in a packet and single ones share what the server knows of the types. */
START_TEST(one_row_and_many_may_take_turns)
{
    const rowan_value numbers[] = {ROWAN_V(1), ROWAN_V(2), ROWAN_V(3)};
    const rowan_value words[] = {ROWAN_V("4"), ROWAN_V("5")};

    open_fresh();
    run("CREATE TABLE turn (at bigint)");
    for (int round = 0; round < 3; round++) {
        ok(rowan_raw_run_many(scope, "INSERT INTO turn VALUES (?)", numbers, 3, NULL));
        ok(rowan_raw_run(scope, "INSERT INTO turn VALUES (?)", ROWAN_PARAMS(ROWAN_V("6")), NULL));
        ok(rowan_raw_run_many(scope, "INSERT INTO turn VALUES (?)", words, 2, NULL));
        ok(rowan_raw_run(scope, "INSERT INTO turn VALUES (?)", ROWAN_PARAMS(ROWAN_V(7)), NULL));
        ok(rowan_raw_run(scope, "INSERT INTO turn VALUES (?)", ROWAN_PARAMS(ROWAN_V(8)), NULL));
        ck_assert_int_eq(number("SELECT sum(at) DIV 1 FROM turn"), 36 * (round + 1));
    }
    close_all();
}
END_TEST

typedef struct total {
    int64_t sum;
} total;

static const rowan_table total_shape;
static const rowan_column total_columns[] = {ROWAN_COLUMN(total_shape, total, sum, 0)};
static const rowan_table total_shape = ROWAN_SHAPE(total, total_columns);

START_TEST(a_sum_of_integers_which_is_a_decimal_goes_into_an_integer_if_it_fits)
{
    void *row;

    open_fresh();
    run("CREATE TABLE t (n BIGINT, price DECIMAL(10, 2))");
    run("INSERT INTO t VALUES (9223372036854775806, 1.00), (1, 2.00)");
    ok(rowan_raw_one(scope, "SELECT sum(n) AS sum FROM t", ROWAN_NO_PARAMS, &total_shape, &row));
    ck_assert_int_eq(((total *)row)->sum, INT64_MAX);
    ok(rowan_raw_one(scope, "SELECT sum(-n) - 1 AS sum FROM t", ROWAN_NO_PARAMS, &total_shape,
                     &row));
    ck_assert_int_eq(((total *)row)->sum, INT64_MIN);
    run("INSERT INTO t VALUES (1, 3.00)");
    ck_assert_int_eq(
        rowan_raw_one(scope, "SELECT sum(n) AS sum FROM t", ROWAN_NO_PARAMS, &total_shape, &row),
        ROWAN_OUT_OF_RANGE);
    ck_assert_int_eq(rowan_raw_one(scope, "SELECT sum(price) AS sum FROM t", ROWAN_NO_PARAMS,
                                   &total_shape, &row),
                     ROWAN_WRONG_TYPE);
    close_all();
}
END_TEST

/* --- The catalogue. --- */

static const char odd_tables[] =
    "CREATE TABLE parent (a INT, b VARCHAR(10), PRIMARY KEY (b, a)) COMMENT 'of ''all''';"
    "CREATE TABLE odd (n INT);"
    "CREATE TABLE Odd (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, "
    "truth BOOLEAN NOT NULL DEFAULT TRUE, "
    "tiny TINYINT(1) UNSIGNED, state ENUM('a', 'it''s', 'x,y') NOT NULL COMMENT 'now', "
    "role VARCHAR(20) CHECK (role IN ('it''s', 'b\\\\c', 'd')), "
    "only_one VARCHAR(20) CHECK (only_one = 'x'), "
    "either VARCHAR(20) CHECK (either IN ('x', 'y') OR either IS NULL), doc JSON, "
    "half DOUBLE AS (tiny / 2) STORED, y YEAR, price DECIMAL(12, 3) UNIQUE, "
    "ref_b VARCHAR(10), ref_a INT, "
    "note TEXT, at DATETIME DEFAULT CURRENT_TIMESTAMP, "
    "CONSTRAINT fk FOREIGN KEY (ref_b, ref_a) REFERENCES parent (b, a), UNIQUE (ref_b, ref_a), "
    "UNIQUE (note(20)));"
    "CREATE VIEW seen AS SELECT * FROM parent;";

typedef struct expected_column {
    const char *name;
    rowan_type type;
    unsigned length, scale, labels;
    bool nullable, generated, has_default;
} expected_column;

static const expected_column odd_columns[] = {
    {"id", ROWAN_TYPE_INT64, 0, 0, 0, false, true, false},
    {"truth", ROWAN_TYPE_BOOL, 0, 0, 0, false, false, true},
    {"tiny", ROWAN_TYPE_INT16, 0, 0, 0, true, false, false},
    {"state", ROWAN_TYPE_ENUM, 0, 0, 3, false, false, false},
    {"role", ROWAN_TYPE_ENUM, 20, 0, 3, true, false, false},
    {"only_one", ROWAN_TYPE_ENUM, 20, 0, 1, true, false, false},
    {"either", ROWAN_TYPE_TEXT, 20, 0, 0, true, false, false},
    {"doc", ROWAN_TYPE_JSON, 0, 0, 0, true, false, false},
    {"half", ROWAN_TYPE_DOUBLE, 0, 0, 0, true, true, false},
    {"y", 0, 0, 0, 0, true, false, false},
    {"price", ROWAN_TYPE_DECIMAL, 12, 3, 0, true, false, false},
    {"ref_b", ROWAN_TYPE_TEXT, 10, 0, 0, true, false, false},
    {"ref_a", ROWAN_TYPE_INT32, 0, 0, 0, true, false, false},
    {"note", ROWAN_TYPE_TEXT, 0, 0, 0, true, false, false},
    {"at", ROWAN_TYPE_TIMESTAMP, 0, 0, 0, true, false, true},
};

static void check_odd_columns(const rowan__found_table *odd)
{
    ck_assert_uint_eq(odd->column_count, sizeof odd_columns / sizeof odd_columns[0]);
    for (size_t i = 0; i < odd->column_count; i++) {
        const rowan__found_column *got = &odd->columns[i];
        const expected_column *want = &odd_columns[i];
        ck_assert_str_eq(got->name, want->name);
        ck_assert_msg(got->type == want->type, "%s: type %d", got->name, (int)got->type);
        ck_assert_msg(got->length == want->length && got->scale == want->scale,
                      "%s: length %u, scale %u", got->name, got->length, got->scale);
        ck_assert_msg(got->label_count == want->labels, "%s: %zu labels", got->name,
                      got->label_count);
        ck_assert_msg(got->nullable == want->nullable, "%s: nullable", got->name);
        ck_assert_msg(got->generated == want->generated, "%s: generated", got->name);
        ck_assert_msg(got->has_default == want->has_default, "%s: default", got->name);
    }
    ck_assert_str_eq(odd->columns[3].labels[1], "it's");
    ck_assert_str_eq(odd->columns[3].labels[2], "x,y");
    ck_assert_str_eq(odd->columns[3].comment, "now");
    ck_assert_str_eq(odd->columns[4].labels[0], "it's");
    ck_assert_str_eq(odd->columns[4].labels[1], "b\\c");
}

static void check_odd_keys(const rowan__found_table *odd)
{
    const rowan__found_key *price = &odd->keys[0], *both = &odd->keys[1], *foreign = &odd->keys[2];

    ck_assert_uint_eq(odd->key_count,
                      3); /* a key of the beginning of a text makes nothing unique */
    ck_assert_str_eq(price->columns[0], "price");
    ck_assert_ptr_null(price->to_table);
    ck_assert_uint_eq(both->column_count, 2);
    ck_assert_str_eq(both->columns[0], "ref_b");
    ck_assert_str_eq(both->columns[1], "ref_a");
    ck_assert_ptr_null(both->to_table);
    ck_assert_str_eq(foreign->to_table, "parent");
    ck_assert_str_eq(foreign->columns[1], "ref_a");
    ck_assert_str_eq(foreign->to_columns[1], "a");
}

START_TEST(the_catalogue_has_what_only_this_engine_declares)
{
    rowan__found found;

    open_fresh();
    ok(rowan_raw_script(scope, odd_tables, NULL));
    ok(rowan__scope_introspect(scope, &found));
    ck_assert_uint_eq(found.table_count, 3); /* the view is none */
    ck_assert_str_eq(found.tables[0].name, "Odd");
    ck_assert_str_eq(found.tables[1].name, "odd");
    ck_assert_uint_eq(found.tables[1].column_count, 1);
    check_odd_columns(&found.tables[0]);
    check_odd_keys(&found.tables[0]);
    const rowan__found_table *parent = &found.tables[2];
    ck_assert_str_eq(parent->comment, "of 'all'");
    ck_assert_uint_eq(parent->columns[0].key_position, 2);
    ck_assert_uint_eq(parent->columns[1].key_position, 1);
    ck_assert_uint_eq(parent->key_count, 0);
    close_all();
}
END_TEST

/* --- Errors. --- */

static const struct {
    const char *sql;
    rowan_status status;
    const char *constraint, *table, *column;
} failures[] = {
    {"INSERT INTO child (id, parent_id) VALUES (1, 99)", ROWAN_FOREIGN_KEY, "fk_parent", "child",
     "parent_id"},
    {"DELETE FROM parent", ROWAN_FOREIGN_KEY, "fk_parent", "child", "parent_id"},
    /* A value may look like the words behind which the name stands. */
    {"INSERT INTO parent (id, word) VALUES (2, 'x'' for key ''trap')", ROWAN_UNIQUE, "uq_word", "",
     ""},
    {"INSERT INTO parent (id, word) VALUES (2, NULL)", ROWAN_NOT_NULL, "", "", "word"},
    {"INSERT INTO parent (id) VALUES (2)", ROWAN_NOT_NULL, "", "", "word"},
    {"INSERT INTO parent VALUES (2, 'y', -1)", ROWAN_CHECK, "ck_n", "parent", ""},
    {"INSERT INTO parent VALUES (2, repeat('y', 51), 1)", ROWAN_OUT_OF_RANGE, "", "", "word"},
    {"INSERT INTO parent VALUES (2, 'y', 99999999999)", ROWAN_OUT_OF_RANGE, "", "", "n"},
    {"INSERT INTO parent VALUES (2, 'y', 'for column `a`.`b`.`c')", ROWAN_WRONG_TYPE, "", "parent",
     "n"},
    {"SELECT * FROM nowhere", ROWAN_NO_SUCH, "", "nowhere", ""},
    {"SELECT p.nothing FROM parent p", ROWAN_NO_SUCH, "", "", "nothing"},
    {"SELECT no_function(1)", ROWAN_NO_SUCH, "", "", ""},
    {"SELECT 1; SELECT 2", ROWAN_SYNTAX, "", "", ""},
};

START_TEST(an_error_has_its_status_and_the_names_that_the_server_tells)
{
    open_fresh();
    run("CREATE TABLE parent (id INT PRIMARY KEY, word VARCHAR(50) NOT NULL, n INT, "
        "CONSTRAINT uq_word UNIQUE (word), CONSTRAINT ck_n CHECK (n >= 0))");
    run("CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, "
        "CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id))");
    run("INSERT INTO parent (id, word) VALUES (1, 'x'' for key ''trap')");
    run("INSERT INTO child VALUES (7, 1)");
    ck_assert_int_eq(rowan_raw_run(scope, failures[_i].sql, ROWAN_NO_PARAMS, NULL),
                     failures[_i].status);
    const rowan_error *error = rowan_scope_error(scope);
    ck_assert_str_eq(error->constraint, failures[_i].constraint);
    ck_assert_str_eq(error->table, failures[_i].table);
    ck_assert_str_eq(error->column, failures[_i].column);
    ck_assert(error->native > 1000 && error->connection_usable);
    ck_assert_ptr_null(strstr(error->message, "trap"));
    ck_assert_int_eq(number("SELECT count(*) FROM parent"), 1);
    close_all();
}
END_TEST

static const struct {
    const char *sql;
    int position; /* in characters, from 1 */
} misspelt[] = {
    {"SELECT 1 FRM t", 14},
    {"SELECT 'äöü', 'x' x x", 21},
    {"SELECT (1", 10},
    {"x", 1},
    {"SELECT 1, 'near', 2 2, 'a very long tail that the server cuts in its message, "
     "a very long tail that the "
     "server cuts in its message'",
     21},
};

START_TEST(a_syntax_error_has_its_position)
{
    open_fresh();
    ck_assert_int_eq(rowan_raw_run(scope, misspelt[_i].sql, ROWAN_NO_PARAMS, NULL), ROWAN_SYNTAX);
    ck_assert_msg(rowan_scope_error(scope)->position == misspelt[_i].position, "%d: %s",
                  rowan_scope_error(scope)->position, rowan_scope_error(scope)->engine_message);
    close_all();
}
END_TEST

START_TEST(a_session_is_strict_and_in_utc)
{
    open_fresh();
    ck_assert_int_eq(
        number("SELECT @@sql_mode LIKE '%STRICT_ALL_TABLES%' AND @@time_zone = '+00:00' AND "
               "@@collation_connection = 'utf8mb4_nopad_bin'"),
        1);
    run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY)");
    run("INSERT INTO t VALUES (0)");
    ck_assert_int_eq(number("SELECT id FROM t"), 0);
    close_all();
}
END_TEST

/* The engine's index; false if its server is not known. */
static bool find_engine(void)
{
    for (engine = 0; engine < engine_count(); engine++) {
        if (engine_is(engine, "mariadb")) {
            return true;
        }
    }
    return false;
}

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void add_server_tests(TCase *tc)
{
    tcase_add_test(tc, parts_of_a_url_may_have_special_characters);
    tcase_add_test(tc, a_port_is_heeded_on_localhost_too);
    tcase_add_test(tc, a_server_that_does_not_encrypt_is_refused_if_the_url_asks_for_it);
    tcase_add_test(tc, a_wrong_password_is_denied_and_never_repeated);
    tcase_add_test(tc, an_unknown_database_is_named);
    tcase_add_loop_test(tc, a_type_of_its_own_is_read_or_refused_by_name, 0, COUNT(types));
    tcase_add_loop_test(tc, a_value_beyond_our_types_is_out_of_range_and_names_its_column, 0,
                        COUNT(beyond));
    tcase_add_test(tc, a_uuid_of_no_version_is_refused_as_one_and_not_as_a_text);
    tcase_add_test(tc, the_type_of_a_bare_parameter_is_that_of_its_value_each_time);
    tcase_add_test(tc, any_parameter_of_any_number_may_be_null);
    tcase_add_test(tc, texts_of_all_lengths_are_sent_whole);
    tcase_add_test(tc, one_row_and_many_may_take_turns);
    tcase_add_test(tc, a_sum_of_integers_which_is_a_decimal_goes_into_an_integer_if_it_fits);
    tcase_add_loop_test(tc, an_error_has_its_status_and_the_names_that_the_server_tells, 0,
                        COUNT(failures));
    tcase_add_loop_test(tc, a_syntax_error_has_its_position, 0, COUNT(misspelt));
    tcase_add_test(tc, a_session_is_strict_and_in_utc);
    tcase_add_test(tc, the_catalogue_has_what_only_this_engine_declares);
}

int main(void)
{
    Suite *suite = suite_create("mariadb");
    TCase *tc = tcase_create("mariadb");

    tcase_set_timeout(tc, 60);
#ifdef ROWAN_WITH_MARIADB
    tcase_add_loop_test(tc, a_url_with_a_mistake_is_misuse_and_its_password_stays_secret, 0,
                        COUNT(bad_urls));
#endif
    if (find_engine()) {
        add_server_tests(tc);
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
