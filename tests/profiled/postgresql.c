/*
 * What tests/test_profile_postgresql.sh profiles: `postgresql URL CASE` makes statements by one
 * part of libpq's interface. It knows nothing of Rowan; the server's log tells what was sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

enum { INT4 = 23, INT8 = 20, TEXT = 25, FLOAT8 = 701 };

static const char *url;

static void fail(const char *what, PGconn *conn)
{
    fprintf(stderr, "%s: %s\n", what, PQerrorMessage(conn));
    exit(3);
}

static PGconn *connect_to(const char *where)
{
    PGconn *conn = PQconnectdb(where);

    if (PQstatus(conn) != CONNECTION_OK) {
        fail("connection", conn);
    }
    return conn;
}

/* Takes a result of this status and lets go of it. */
static void expect(PGconn *conn, PGresult *result, ExecStatusType status)
{
    if (PQresultStatus(result) != status) {
        fprintf(stderr, "%s instead of %s\n", PQresStatus(PQresultStatus(result)),
                PQresStatus(status));
        fail("result", conn);
    }
    PQclear(result);
}

static void run(PGconn *conn, const char *sql)
{
    expect(conn, PQexec(conn, sql), PGRES_COMMAND_OK);
}

static void ask(PGconn *conn, const char *sql)
{
    expect(conn, PQexec(conn, sql), PGRES_TUPLES_OK);
}

/* The results of what was sent, as an event loop takes them; how many rows there were. */
static int drain(PGconn *conn)
{
    int rows = 0;

    for (;;) {
        while (PQisBusy(conn)) {
            struct pollfd wait = {.fd = PQsocket(conn), .events = POLLIN};
            if (poll(&wait, 1, 5000) != 1 || !PQconsumeInput(conn)) {
                fail("waiting", conn);
            }
        }
        PGresult *result = PQgetResult(conn);
        if (result == NULL) {
            return rows;
        }
        rows += PQntuples(result);
        PQclear(result);
    }
}

static void sent(PGconn *conn, int ok)
{
    if (ok != 1) {
        fail("sending", conn);
    }
}

static void make_tables(PGconn *conn)
{
    run(conn, "CREATE TEMPORARY TABLE parent (id bigint PRIMARY KEY, name text)");
    run(conn,
        "CREATE TEMPORARY TABLE child (id serial, parent_id bigint, code uuid, price float8)");
    run(conn, "INSERT INTO parent SELECT 1000 + 7 * i, 'name ' || i FROM generate_series(1, 12) i");
    run(conn, "INSERT INTO child (parent_id, price) SELECT 1000 + 7 * (i % 12 + 1), i / 4.0 "
              "FROM generate_series(1, 36) i");
}

/* --- Ways to send. --- */

static void case_exec(PGconn *conn)
{
    make_tables(conn);
    ask(conn, "SELECT count(*) FROM parent");
    ask(conn, "UPDATE parent SET name = 'x' WHERE id < 1021 RETURNING id");
    ask(conn, "SELECT 1; SELECT 2; SELECT name FROM parent");
    run(conn, "BEGIN");
    expect(conn, PQexec(conn, "SELECT 1 / (id - id) FROM parent"), PGRES_FATAL_ERROR);
    expect(conn, PQexec(conn, "SELECT 1"), PGRES_FATAL_ERROR); /* the transaction has failed */
    run(conn, "ROLLBACK");
    PQsetClientEncoding(conn, "LATIN1"); /* sends by itself */
}

/* In a locale of its own for numbers, if there is one. */
static void case_reals(PGconn *conn)
{
    setlocale(LC_NUMERIC, "");
    printf("%.1f\n", 1.5);
    ask(conn, "SELECT 1.25::float8, -0.5::float4, 3e10::float8");
}

static void case_params(PGconn *conn)
{
    const char *text[] = {"1007", NULL};
    Oid types[] = {INT8, TEXT};
    uint32_t number = htonl(1014);
    double price = 2.5;
    char turned[8];
    const char *binary[] = {(const char *)&number, turned};
    int sizes[] = {4, 8}, formats[] = {1, 1};
    Oid binary_types[] = {INT4, FLOAT8};

    make_tables(conn);
    expect(conn,
           PQexecParams(conn, "SELECT * FROM parent WHERE id = $1 OR name = $2", 2, types, text,
                        NULL, NULL, 0),
           PGRES_TUPLES_OK);
    expect(conn,
           PQexecParams(conn, "SELECT * FROM parent WHERE id = $1 OR name = $2", 2, NULL, text,
                        NULL, NULL, 1),
           PGRES_TUPLES_OK);
    for (int i = 0; i < 8; i++) {
        turned[i] = ((const char *)&price)[7 - i];
    }
    expect(conn,
           PQexecParams(conn, "SELECT * FROM child WHERE parent_id = $1 AND price > $2", 2,
                        binary_types, binary, sizes, formats, 1),
           PGRES_TUPLES_OK);
    expect(conn, PQexecParams(conn, "SELECT 1", 0, NULL, NULL, NULL, NULL, 0), PGRES_TUPLES_OK);
}

/* A name that is taken goes on to mean what it did, whatever the types of the other text are. */
static void prepare_again(PGconn *conn)
{
    const unsigned char key[] = {0, 0, 0, 0, 0, 0, 0x03, 0xf6}; /* 1014 */
    const char *ids[] = {(const char *)key};
    const int size = sizeof key, is_binary = 1;
    const Oid types[] = {17};

    expect(conn, PQprepare(conn, "one", "SELECT length($1)", 1, types), PGRES_FATAL_ERROR);
    expect(conn, PQexecPrepared(conn, "one", 1, ids, &size, &is_binary, 0), PGRES_TUPLES_OK);
}

static void case_prepared(PGconn *conn)
{
    const char *ids[] = {"1007"};

    make_tables(conn);
    expect(conn, PQprepare(conn, "one", "SELECT name FROM parent WHERE id = $1", 1, NULL),
           PGRES_COMMAND_OK);
    expect(conn, PQprepare(conn, "", "SELECT count(*) FROM child WHERE parent_id = $1", 1, NULL),
           PGRES_COMMAND_OK);
    expect(conn, PQprepare(conn, "bad", "SELECT nothing FROM nowhere", 0, NULL), PGRES_FATAL_ERROR);
    for (int i = 0; i < 3; i++) {
        expect(conn, PQexecPrepared(conn, "one", 1, ids, NULL, NULL, 0), PGRES_TUPLES_OK);
        expect(conn, PQexecPrepared(conn, "", 1, ids, NULL, NULL, 1), PGRES_TUPLES_OK);
    }
    prepare_again(conn);
    expect(conn, PQdescribePrepared(conn, "one"), PGRES_COMMAND_OK);
    run(conn, "DEALLOCATE one");
    expect(conn, PQexecPrepared(conn, "one", 1, ids, NULL, NULL, 0), PGRES_FATAL_ERROR);
    expect(conn, PQprepare(conn, "one", "SELECT id FROM parent WHERE name = $1", 1, NULL),
           PGRES_COMMAND_OK);
    expect(conn, PQexecPrepared(conn, "one", 1, ids, NULL, NULL, 0), PGRES_TUPLES_OK);
}

/* Every type that is known again, as it comes and as it is sent; what only looks like one is a
 * text.
 */
static void case_values(PGconn *conn)
{
    static const char values[] =
        "SELECT true, false, 7::int2, -7::int4, 9007199254740993::int8, 4294967295::oid, "
        "1.5::float4, "
        "-2.25::float8, 12.50::numeric, 'text'::text, 'vc'::varchar(5), 'bc'::bpchar, 'na'::name, "
        "'\\x0aff'::bytea, '\\x'::bytea, '00112233-4455-6677-8899-aabbccddeeff'::uuid, "
        "'[1]'::json, '[1]'::jsonb, NULL::int4";
    static const char *const texts[] = {"\\x0aff", "\\x0A", "\\x0", "\\xgg", "\\y00", "",  "t", "f",
                                        "1",       "-12",   "2.5",  "7.10",  "\\x09", NULL};
    static const Oid types[] = {0, 0, 0, 0, 0, 0, 16, 16, 16, 20, 701, 1700, 17, 23};
    static const char *const bytes[] = {"\0\3",
                                        "\377\377\377\376",
                                        "\0\0\0\0\0\0\1\0",
                                        "\1\2\3",
                                        "abcd",
                                        "",
                                        "\1",
                                        "\0",
                                        "\0\0\0\t",
                                        "z"};
    static const int sizes[] = {2, 4, 8, 3, 4, 0, 1, 1, 4, 1};
    static const int are_binary[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const Oid binary_types[] = {0, 0, 0, 0, 0, 0, 16, 16, 26, 25};

    for (int is_binary = 0; is_binary < 2; is_binary++) {
        expect(conn, PQexecParams(conn, values, 0, NULL, NULL, NULL, NULL, is_binary),
               PGRES_TUPLES_OK);
    }
    expect(
        conn,
        PQexecParams(conn,
                     "SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7, $8, "
                     "$9, $10, $11, $12, $13, $14",
                     14, types, texts, NULL, NULL, 0),
        PGRES_TUPLES_OK);
    expect(
        conn,
        PQexecParams(conn,
                     "SELECT 1 WHERE $1::int2 + $2::int4 + $3::int8 > 0 AND $4 <> ''::bytea AND $5 "
                     "|| $6::text <> '' AND $7 AND NOT $8 AND $9 > 0 AND $10 <> ''",
                     10, binary_types, bytes, sizes, are_binary, 0),
        PGRES_TUPLES_OK);
}

static void case_send(PGconn *conn)
{
    const char *ids[] = {"1021"};

    make_tables(conn);
    PQsetnonblocking(conn, 1);
    sent(conn, PQsendQuery(conn, "SELECT * FROM parent; SELECT * FROM child"));
    drain(conn);
    sent(conn, PQsendQueryParams(conn, "SELECT * FROM parent WHERE id = $1", 1, NULL, ids, NULL,
                                 NULL, 0));
    drain(conn);
    sent(conn, PQsendPrepare(conn, "later", "SELECT * FROM child WHERE parent_id = $1", 1, NULL));
    drain(conn);
    sent(conn, PQsendDescribePrepared(conn, "later"));
    drain(conn);
    for (int i = 0; i < 4; i++) {
        sent(conn, PQsendQueryPrepared(conn, "later", 1, ids, NULL, NULL, 1));
        drain(conn);
    }
    sent(conn, PQsendQuery(conn, "SELECT 1 / (id - id) FROM parent"));
    drain(conn);
    if (PQsendQuery(conn, "SELECT 1") == 1 && PQsendQuery(conn, "SELECT 2") == 1) {
        fail("a second statement was sent before the first was read", conn);
    }
    drain(conn);
}

static void case_single_row(PGconn *conn)
{
    make_tables(conn);
    for (int times = 0; times < 2; times++) {
        sent(conn, PQsendQuery(conn, "SELECT i, 'row ' || i FROM generate_series(1, 700) i"));
        sent(conn, PQsetSingleRowMode(conn));
        if (drain(conn) != 700) {
            fail("rows", conn);
        }
    }
    sent(conn, PQsendQuery(conn, "SELECT 1 WHERE false"));
    sent(conn, PQsetSingleRowMode(conn));
    drain(conn);
}

/* Takes the results of a pipeline up to the n-th synchronisation; how many were aborted. */
static int drain_pipeline(PGconn *conn, int syncs)
{
    int aborted = 0;

    while (syncs > 0) {
        PGresult *result = PQgetResult(conn);
        ExecStatusType status = PQresultStatus(result);
        if (result == NULL) {
            continue; /* between two statements */
        }
        syncs -= status == PGRES_PIPELINE_SYNC;
        aborted += status == PGRES_PIPELINE_ABORTED;
        PQclear(result);
    }
    return aborted;
}

static void send_params(PGconn *conn, const char *sql, const char *value)
{
    sent(conn, PQsendQueryParams(conn, sql, value ? 1 : 0, NULL, &value, NULL, NULL, 0));
}

static void case_pipeline(PGconn *conn)
{
    const char *ids[] = {"1028"};

    make_tables(conn);
    sent(conn, PQenterPipelineMode(conn));
    sent(conn, PQsendPrepare(conn, "p", "SELECT name FROM parent WHERE id = $1", 1, NULL));
    for (int i = 0; i < 3; i++) {
        sent(conn, PQsendQueryPrepared(conn, "p", 1, ids, NULL, NULL, 0));
    }
    send_params(conn, "SELECT count(*) FROM child", NULL);
    sent(conn, PQpipelineSync(conn));
    send_params(conn, "SELECT 1 / ($1 - 7)", "7"); /* what follows it is not executed */
    send_params(conn, "SELECT 2", NULL);
    send_params(conn, "SELECT 3", NULL);
    sent(conn, PQpipelineSync(conn));
    send_params(conn, "SELECT 4", NULL);
    sent(conn, PQpipelineSync(conn));
    if (drain_pipeline(conn, 3) != 2) {
        fail("aborted statements", conn);
    }
    send_params(conn, "SELECT i FROM generate_series(1, 50) i", NULL);
    sent(conn, PQsendFlushRequest(conn));
    sent(conn, PQflush(conn) == 0);
    sent(conn, PQsetSingleRowMode(conn));
    if (drain(conn) != 50) {
        fail("rows in a pipeline", conn);
    }
    sent(conn, PQpipelineSync(conn));
    drain_pipeline(conn, 1);
    sent(conn, PQexitPipelineMode(conn));
    ask(conn, "SELECT 5");
}

static void copy_out(PGconn *conn)
{
    char *line;

    while (PQgetCopyData(conn, &line, 0) > 0) {
        PQfreemem(line);
    }
    expect(conn, PQgetResult(conn), PGRES_COMMAND_OK);
}

static void case_copy(PGconn *conn)
{
    make_tables(conn);
    expect(conn, PQexec(conn, "COPY parent FROM STDIN"), PGRES_COPY_IN);
    sent(conn, PQputCopyData(conn, "1\tone\n2\ttwo\n", 12));
    sent(conn, PQputCopyEnd(conn, NULL));
    drain(conn);
    expect(conn, PQexec(conn, "COPY parent TO STDOUT"), PGRES_COPY_OUT);
    copy_out(conn);
    ask(conn, "SELECT count(*) FROM parent"); /* without reading to the end before */
    sent(conn, PQsendQuery(conn, "COPY parent FROM STDIN"));
    expect(conn, PQgetResult(conn), PGRES_COPY_IN);
    sent(conn, PQputCopyEnd(conn, "given up"));
    expect(conn, PQgetResult(conn), PGRES_FATAL_ERROR);
    drain(conn);
    expect(conn, PQexec(conn, "COPY (SELECT 1; ) TO STDOUT; SELECT 2"), PGRES_FATAL_ERROR);
    expect(conn, PQexec(conn, "COPY parent TO STDOUT; SELECT 2"), PGRES_COPY_OUT);
    copy_out(conn);
    drain(conn);
}

static void case_function(PGconn *conn)
{
    int answer = 0, size = 0;
    PQArgBlock argument = {.len = 4, .isint = 1, .u.integer = -9};

    /* abs(int4) */
    expect(conn, PQfn(conn, 1397, &answer, &size, 1, &argument, 1), PGRES_COMMAND_OK);
    if (answer != 9) {
        fail("abs", conn);
    }
}

static void case_finish(PGconn *conn)
{
    PGconn *second = connect_to(url);

    sent(conn, PQsendQuery(conn, "SELECT * FROM generate_series(1, 10)")); /* nobody reads it */
    ask(second, "SELECT 1");
    PQreset(second);
    ask(second, "SELECT 2");
    PQfinish(second);
    second = connect_to(url); /* perhaps where the last one was */
    expect(second, PQexecPrepared(second, "gone", 0, NULL, NULL, NULL, 0), PGRES_FATAL_ERROR);
    ask(second, "SELECT 3");
    PQfinish(second);
}

/* By its name, out of libpq itself, as the default one, and as the next one behind this program. */
static void case_lookup(PGconn *conn)
{
    void *places[] = {dlopen("libpq.so.5", RTLD_LAZY), RTLD_DEFAULT, RTLD_NEXT};
    PGresult *(*found)(PGconn * conn, const char *sql);

    for (int i = 0; i < 3; i++) {
        *(void **)&found = dlsym(places[i], "PQexec");
        expect(conn, found(conn, "SELECT 1"), PGRES_TUPLES_OK);
    }
    if (dlsym(places[0], "PQnothing") != NULL || dlerror() == NULL) {
        fail("a function that is not there", conn);
    }
    dlclose(places[0]);
}

/* Texts that the parser refuses: the log has them as errors only. */
static void case_refused(PGconn *conn)
{
    expect(conn, PQexec(conn, "SELEC 'very secret'"), PGRES_FATAL_ERROR);
    expect(conn, PQexecParams(conn, "SELECT * FROM nowhere", 0, NULL, NULL, NULL, NULL, 0),
           PGRES_FATAL_ERROR);
    sent(conn, PQsendQueryParams(conn, "SELECT $1 + nothing", 0, NULL, NULL, NULL, NULL, 0));
    drain(conn);
    expect(conn, PQexec(conn, ""), PGRES_EMPTY_QUERY);
}

/* --- Threads and processes. --- */

static void *thread_main(void *unused)
{
    PGconn *conn = connect_to(url);

    (void)unused;
    for (int i = 0; i < 60; i++) {
        char number[16];
        const char *value = number;
        snprintf(number, sizeof number, "%d", i);
        expect(conn, PQexecParams(conn, "SELECT $1::int + 1", 1, NULL, &value, NULL, NULL, i % 2),
               PGRES_TUPLES_OK);
    }
    PQfinish(conn);
    return unused;
}

static void case_threads(PGconn *conn)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, thread_main, NULL);
    }
    ask(conn, "SELECT 1");
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void case_fork(PGconn *conn)
{
    ask(conn, "SELECT 'before'");
    pid_t child = fork();
    if (child == 0) {
        PGconn *own = connect_to(url);
        ask(own, "SELECT 'in the child'");
        ask(own, "SELECT 'in the child, again'");
        PQfinish(own);
        exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    if (status != 0) {
        fail("the child", conn);
    }
    ask(conn, "SELECT 'after'");
}

/* --- Loops: each parent's children, asked for in every way. --- */

enum { PARENTS = 12 };

static PGresult *load_parents(PGconn *conn, int binary)
{
    PGresult *parents =
        PQexecParams(conn, "SELECT name, id FROM parent", 0, NULL, NULL, NULL, NULL, binary);

    if (PQntuples(parents) != PARENTS || PQgetisnull(parents, 0, 0)) {
        fail("parents", conn);
    }
    return parents;
}

static void case_loop_literal(PGconn *conn)
{
    make_tables(conn);
    PGresult *parents = load_parents(conn, 0);
    for (int i = 0; i < PARENTS; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT id FROM child WHERE parent_id = %s",
                 PQgetvalue(parents, i, 1));
        ask(conn, sql);
    }
    PQclear(parents);
}

static void case_loop_text(PGconn *conn)
{
    make_tables(conn);
    PGresult *parents = load_parents(conn, 1); /* binary values, and texts go back */
    for (int i = 0; i < PARENTS; i++) {
        char number[32];
        const char *value = number;
        snprintf(number, sizeof number, "%d", 1000 + 7 * (i + 1));
        expect(conn,
               PQexecParams(conn, "SELECT id FROM child WHERE parent_id = $1", 1, NULL, &value,
                            NULL, NULL, 1),
               PGRES_TUPLES_OK);
    }
    PQclear(parents);
}

static void case_loop_prepared(PGconn *conn)
{
    make_tables(conn);
    expect(conn, PQprepare(conn, "of", "SELECT id FROM child WHERE parent_id = $1", 1, NULL),
           PGRES_COMMAND_OK);
    PGresult *parents = load_parents(conn, 1); /* binary values go back as they came */
    for (int i = 0; i < PARENTS; i++) {
        const char *value = PQgetvalue(parents, i, 1);
        int size = 8, binary = 1;
        expect(conn, PQexecPrepared(conn, "of", 1, &value, &size, &binary, 0), PGRES_TUPLES_OK);
    }
    PQclear(parents);
}

static void case_loop_async(PGconn *conn)
{
    make_tables(conn);
    PGresult *parents = load_parents(conn, 0);
    for (int i = 0; i < PARENTS; i++) {
        const char *value = PQgetvalue(parents, i, 1);
        sent(conn, PQsendQueryParams(conn, "SELECT id FROM child WHERE parent_id = $1", 1, NULL,
                                     &value, NULL, NULL, 0));
        drain(conn);
    }
    PQclear(parents);
}

/* The parents come row by row on one connection, their children on another. */
static void case_loop_stream(PGconn *conn)
{
    PGconn *second = connect_to(url);
    PGresult *row;

    run(conn, "CREATE TABLE profiled_parent AS SELECT 1000 + 7 * i AS id FROM "
              "generate_series(1, 12) i");
    sent(conn, PQsendQuery(conn, "SELECT id FROM profiled_parent"));
    PQsetSingleRowMode(conn);
    while ((row = PQgetResult(conn)) != NULL) {
        if (PQntuples(row) == 1) {
            const char *value = PQgetvalue(row, 0, 0);
            expect(second,
                   PQexecParams(second, "SELECT 1 FROM profiled_parent WHERE id = $1", 1, NULL,
                                &value, NULL, NULL, 0),
                   PGRES_TUPLES_OK);
        }
        PQclear(row);
    }
    run(conn, "DROP TABLE profiled_parent");
    PQfinish(second);
}

/* --- What is read of what was fetched. --- */

static int count_read(const PGresult *result, int rows, int column)
{
    int size = 0;

    for (int i = 0; i < rows; i++) {
        size += PQgetlength(result, i, column);
    }
    return size;
}

/* Reads columns of the first rows of a result that comes row by row. */
static void read_stream(PGconn *conn, const char *sql, int rows, int column, int other)
{
    PGresult *result;

    sent(conn, PQsendQuery(conn, sql));
    sent(conn, PQsetSingleRowMode(conn));
    for (int row = 0; (result = PQgetResult(conn)) != NULL; row++) {
        int count = row < rows ? PQntuples(result) : 0;
        count_read(result, count, row % 2 ? column : other);
        PQclear(result);
    }
}

/* The rows of two streams, some of which are kept until after the end. */
static void case_unread_stream(PGconn *conn)
{
    PGresult *kept, *result;

    make_tables(conn);
    read_stream(conn, "SELECT id, parent_id, price FROM child", 100, 1, 0);
    read_stream(conn, "SELECT id, parent_id, price FROM child", 100, 0, 0);
    read_stream(conn, "SELECT i FROM generate_series(1, 300) i", 7, 0, 0);
    sent(conn, PQsendQuery(conn, "SELECT code, id FROM child ORDER BY id"));
    sent(conn, PQsetSingleRowMode(conn));
    kept = PQgetResult(conn);
    while ((result = PQgetResult(conn)) != NULL) {
        count_read(result, PQntuples(result), 1);
        PQclear(result);
    }
    count_read(kept, 1, 0); /* so all columns are read */
    PQclear(kept);
}

static void case_unread_pipeline(PGconn *conn)
{
    make_tables(conn);
    sent(conn, PQenterPipelineMode(conn));
    for (int i = 0; i < 3; i++) {
        send_params(conn, "SELECT id, parent_id, price FROM child", NULL);
        send_params(conn, "SELECT id, code FROM child", NULL);
    }
    sent(conn, PQpipelineSync(conn));
    for (int i = 0; i < 6; i++) {
        PGresult *result = PQgetResult(conn);
        count_read(result, PQntuples(result), i % 2 ? i / 2 % 2 : 2 * (i % 4 / 2));
        PQclear(result);
        PQclear(PQgetResult(conn));
    }
    drain_pipeline(conn, 1);
    sent(conn, PQexitPipelineMode(conn));
}

/* What was read cannot be known where a program knows how libpq lays out its results. */
static void case_unasked(PGconn *conn)
{
    PQclear(PQexec(conn, "SELECT i, -i AS j FROM generate_series(1, 300) i"));
    sent(conn, PQsendQuery(conn, "SELECT i FROM generate_series(1, 300) i"));
    sent(conn, PQsetSingleRowMode(conn));
    drain(conn);
}

static void case_unread_columns(PGconn *conn)
{
    make_tables(conn);
    for (int times = 0; times < 2; times++) { /* one column each time, and never the last */
        PGresult *children = PQexec(conn, "SELECT id, parent_id, price FROM child");
        count_read(children, PQntuples(children), times);
        PQclear(children);
    }
}

static void case_unread_rows(PGconn *conn)
{
    PGresult *result = PQexec(conn, "SELECT i FROM generate_series(1, 300) i");

    count_read(result, 7, 0);
    PQclear(result);
    sent(conn, PQsendQuery(conn, "SELECT i, -i AS j FROM generate_series(1, 200) i"));
    result = PQgetResult(conn);
    count_read(result, 5, 1); /* before its statement has ended */
    PQclear(result);
    drain(conn);
}

/* All of it is read, or it cannot be known what is. */
static void case_read(PGconn *conn)
{
    PGresult *result, *copy;

    make_tables(conn);
    result = PQexec(conn, "SELECT name, id FROM parent ORDER BY id");
    count_read(result, PARENTS, 0);
    PQgetisnull(result, 3, 1);
    PQclear(result);
    result = PQexec(conn, "SELECT id, parent_id FROM child");
    count_read(result, 20, 0);
    copy = PQcopyResult(result, PG_COPYRES_TUPLES);
    PQclear(result);
    PQclear(copy);
    sent(conn, PQsendQuery(conn, "SELECT id, price FROM child; SELECT i FROM "
                                 "generate_series(1, 500) i"));
    result = PQgetResult(conn);
    count_read(result, 20, 0);
    PQclear(result);
    drain(conn);
    read_stream(conn, "SELECT id, code FROM child", 100, 1, 0);
    read_stream(conn, "SELECT id FROM child; SELECT code, id FROM child", 100, 0, 0);
    result = PQexec(conn, "SELECT 1, 2 FROM child"); /* is there any? */
    PQclear(result);
}

static void case_batched(PGconn *conn)
{
    make_tables(conn);
    PQclear(load_parents(conn, 0));
    ask(conn, "SELECT id, parent_id FROM child WHERE parent_id IN (SELECT id FROM parent)");
    const char *list = "{1007,1014,1021,1028,1035,1042}";
    expect(conn,
           PQexecParams(conn, "SELECT id FROM child WHERE parent_id = ANY($1)", 1, NULL, &list,
                        NULL, NULL, 0),
           PGRES_TUPLES_OK);
}

/* For counting instructions: argument 3 is how many executions. */
static int turns = 1000;

static void case_cost(PGconn *conn)
{
    make_tables(conn);
    expect(conn, PQprepare(conn, "one", "SELECT id, name FROM parent WHERE id = $1", 1, NULL),
           PGRES_COMMAND_OK);
    for (int i = 0; i < turns; i++) {
        char number[32];
        const char *value = number;
        snprintf(number, sizeof number, "%d", 1000 + 7 * (i % PARENTS + 1));
        expect(conn, PQexecPrepared(conn, "one", 1, &value, NULL, NULL, 0), PGRES_TUPLES_OK);
    }
}

static const struct {
    const char *name;
    void (*run)(PGconn *conn);
} cases[] = {
    {"exec", case_exec},
    {"reals", case_reals},
    {"params", case_params},
    {"prepared", case_prepared},
    {"values", case_values},
    {"send", case_send},
    {"single_row", case_single_row},
    {"pipeline", case_pipeline},
    {"copy", case_copy},
    {"function", case_function},
    {"finish", case_finish},
    {"lookup", case_lookup},
    {"refused", case_refused},
    {"threads", case_threads},
    {"fork", case_fork},
    {"loop_literal", case_loop_literal},
    {"loop_text", case_loop_text},
    {"loop_prepared", case_loop_prepared},
    {"loop_async", case_loop_async},
    {"loop_stream", case_loop_stream},
    {"unread_columns", case_unread_columns},
    {"unread_rows", case_unread_rows},
    {"unread_stream", case_unread_stream},
    {"unread_pipeline", case_unread_pipeline},
    {"unasked", case_unasked},
    {"read", case_read},
    {"batched", case_batched},
    {"cost", case_cost},
};

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: postgresql URL CASE [TURNS]\n");
        return 2;
    }
    url = argv[1];
    turns = argc > 3 ? (int)strtol(argv[3], NULL, 10) : turns;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, argv[2]) == 0) {
            PGconn *conn = connect_to(url);
            cases[i].run(conn);
            PQfinish(conn);
            return 0;
        }
    }
    fprintf(stderr, "there is no case %s\n", argv[2]);
    return 2;
}
