/*
 * What tests/test_profile_mariadb.sh profiles: `mariadb SOCKET USER CASE` makes statements by one
 * part of the interface of MariaDB Connector/C. It knows nothing of Rowan; the server's log tells
 * what was sent.
 */
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mysql.h>

enum { PARENTS = 12 };

static const char *socket_path, *user;

static void fail(const char *what, MYSQL *mysql)
{
    fprintf(stderr, "%s: %s\n", what, mysql_error(mysql));
    exit(3);
}

static void check(int ok, const char *what, MYSQL *mysql)
{
    if (!ok) {
        fail(what, mysql);
    }
}

static int wait_for(MYSQL *mysql, int status)
{
    struct pollfd socket = {.fd = (int)mysql_get_socket(mysql)};

    socket.events = (short)((status & MYSQL_WAIT_READ ? POLLIN : 0) |
                            (status & MYSQL_WAIT_WRITE ? POLLOUT : 0));
    check(poll(&socket, 1, 5000) == 1, "waiting", mysql);
    return (socket.revents & POLLIN ? MYSQL_WAIT_READ : 0) |
           (socket.revents & POLLOUT ? MYSQL_WAIT_WRITE : 0);
}

/* Goes on with …_cont() until …_start() is done. */
#define FINISH(function, start, ...)                                                               \
    for (int wait = start; wait != 0;) {                                                           \
        wait = function##_cont(__VA_ARGS__, wait_for(mysql, wait));                                \
    }

static void connect_to(MYSQL *mysql, int waits)
{
    MYSQL *connected;

    if (waits) {
        connected = mysql_real_connect(mysql, "localhost", user, "secret", "rowan", 0, socket_path,
                                       CLIENT_MULTI_STATEMENTS);
    } else {
        FINISH(mysql_real_connect,
               mysql_real_connect_start(&connected, mysql, "localhost", user, "secret", "rowan", 0,
                                        socket_path, CLIENT_MULTI_STATEMENTS),
               &connected, mysql)
    }
    check(connected != NULL, "connection", mysql);
}

static MYSQL *open_connection(void)
{
    MYSQL *mysql = mysql_init(NULL);

    mysql_options(mysql, MYSQL_OPT_NONBLOCK, NULL);
    connect_to(mysql, 1);
    return mysql;
}

static void run(MYSQL *mysql, const char *sql)
{
    check(mysql_query(mysql, sql) == 0, sql, mysql);
}

/* Reads a stored result through; how many rows it had. */
static unsigned read_stored(MYSQL *mysql, const char *first)
{
    MYSQL_RES *result = mysql_store_result(mysql);
    MYSQL_ROW row;
    unsigned rows = 0;

    check(result != NULL, "result", mysql);
    while ((row = mysql_fetch_row(result)) != NULL) {
        check(rows > 0 || first == NULL || strcmp(row[0], first) == 0, "first row", mysql);
        rows++;
    }
    mysql_free_result(result);
    return rows;
}

static void ask(MYSQL *mysql, const char *sql)
{
    run(mysql, sql);
    read_stored(mysql, NULL);
}

static void make_tables(MYSQL *mysql)
{
    run(mysql, "CREATE TEMPORARY TABLE parent (id bigint PRIMARY KEY, name varchar(40))");
    run(mysql, "CREATE TEMPORARY TABLE child (id int AUTO_INCREMENT PRIMARY KEY, parent_id bigint, "
               "price double, born datetime(6), code binary(4))");
    run(mysql, "INSERT INTO parent SELECT 1000 + 7 * seq, concat('name ', seq) FROM seq_1_to_12");
    run(mysql, "INSERT INTO child (parent_id, price, born, code) SELECT 1000 + 7 * (seq % 12 + 1), "
               "seq / 4, '2024-02-03 04:05:06.5', 'abcd' FROM seq_1_to_36");
}

/* --- Texts. --- */

static void case_query(MYSQL *mysql)
{
    make_tables(mysql);
    run(mysql, "SELECT id, name, NULL FROM parent ORDER BY id");
    check(read_stored(mysql, "1007") == PARENTS, "rows", mysql); /* from the first row on */
    const char *sql = "SELECT id FROM child WHERE price > 2 -- and more";
    check(mysql_real_query(mysql, sql, 36) == 0, "real query", mysql);
    check(read_stored(mysql, NULL) == 28, "rows of a part of a text", mysql);
    check(mysql_send_query(mysql, "SELECT 2", 8) == 0, "send", mysql);
    check(mysql_read_query_result(mysql) == 0, "read", mysql);
    check(read_stored(mysql, "2") == 1, "rows", mysql);
    run(mysql, "UPDATE parent SET name = 'x' WHERE id < 1021");
    check(mysql_affected_rows(mysql) == 2, "changed rows", mysql);
    check(mysql_query(mysql, "SELECT nothing FROM parent") != 0, "an error", mysql);
    check(mysql_query(mysql, "SELEC 'very secret'") != 0, "an error", mysql);
    check(mysql_query(mysql, "INSERT INTO parent VALUES (1007, 'twice')") != 0, "an error", mysql);
    ask(mysql, "SELECT 3");
}

static void case_several(MYSQL *mysql)
{
    int status;

    make_tables(mysql);
    run(mysql, "SELECT 1; UPDATE parent SET name = 'y'; SELECT id FROM child");
    check(read_stored(mysql, "1") == 1, "the first result", mysql);
    while ((status = mysql_next_result(mysql)) == 0) {
        if (mysql_field_count(mysql) > 0) {
            check(read_stored(mysql, NULL) == 36, "the third result", mysql);
        }
    }
    check(status == -1, "no further result", mysql);
    run(mysql, "SELECT 1; SELECT nothing");
    read_stored(mysql, NULL);
    check(mysql_next_result(mysql) > 0, "a result that is an error", mysql);
    ask(mysql, "SELECT 2");
}

static void case_use(MYSQL *mysql)
{
    MYSQL_RES *result;
    unsigned rows = 0;

    make_tables(mysql);
    run(mysql, "SELECT seq, concat('row ', seq) FROM seq_1_to_500");
    result = mysql_use_result(mysql);
    while (mysql_fetch_row(result) != NULL) {
        rows++;
    }
    check(rows == 500, "rows", mysql);
    mysql_free_result(result);
    run(mysql, "SELECT seq FROM seq_1_to_500"); /* of which one row is read */
    result = mysql_use_result(mysql);
    check(mysql_fetch_row(result) != NULL, "row", mysql);
    check(mysql_query(mysql, "SELECT 1") != 0, "another statement is refused", mysql);
    mysql_free_result(result);
    ask(mysql, "SELECT 2");
    run(mysql, "SELECT seq FROM seq_1_to_9"); /* of which none is read */
}

static void case_own(MYSQL *mysql)
{
    for (int times = 0; times < 2; times++) { /* a command that it wants on connecting */
        MYSQL *second = mysql_init(NULL);
        mysql_options(second, MYSQL_INIT_COMMAND, "SET @wanted = 5");
        mysql_options(second, MYSQL_OPT_NONBLOCK, NULL);
        connect_to(second, times == 1);
        mysql_close(second);
    }
    mysql_autocommit(mysql, 0);
    ask(mysql, "SELECT 1");
    mysql_commit(mysql);
    mysql_rollback(mysql);
    mysql_autocommit(mysql, 1);
    mysql_set_character_set(mysql, "utf8mb4");
    mysql_free_result(mysql_list_dbs(mysql, "ro%"));
    mysql_free_result(mysql_list_tables(mysql, NULL));
    mysql_ping(mysql);
    mysql_select_db(mysql, "information_schema");
    ask(mysql, "SELECT 2");
    mysql_reset_connection(mysql);
    mysql_change_user(mysql, user, "secret", "rowan");
    ask(mysql, "SELECT 3");
}

/* --- Prepared statements. --- */

static MYSQL_STMT *prepare(MYSQL *mysql, const char *sql)
{
    MYSQL_STMT *stmt = mysql_stmt_init(mysql);

    check(mysql_stmt_prepare(stmt, sql, strlen(sql)) == 0, mysql_stmt_error(stmt), mysql);
    return stmt;
}

static void execute(MYSQL *mysql, MYSQL_STMT *stmt)
{
    check(mysql_stmt_execute(stmt) == 0, mysql_stmt_error(stmt), mysql);
}

static unsigned fetch_all(MYSQL_STMT *stmt)
{
    unsigned rows = 0;
    int status;

    while ((status = mysql_stmt_fetch(stmt)) == 0 || status == MYSQL_DATA_TRUNCATED) {
        rows++;
    }
    return rows;
}

static void bind_long(MYSQL_STMT *stmt, long long *number)
{
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = number};

    mysql_stmt_bind_param(stmt, &bind);
}

static void case_statement(MYSQL *mysql)
{
    MYSQL_STMT *stmt;
    long long id = 1014, first = 0;
    char name[4], born[40];
    unsigned long length = 0;
    MYSQL_BIND out[2] = {
        {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &first},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = name, .buffer_length = 2, .length = &length}};
    MYSQL_BIND text = {.buffer_type = MYSQL_TYPE_STRING, .buffer = born, .length = &length};

    make_tables(mysql);
    stmt = prepare(mysql, "SELECT id, born, price, code FROM child WHERE parent_id = ?");
    bind_long(stmt, &id);
    execute(mysql, stmt); /* stored, and nothing bound */
    check(mysql_stmt_store_result(stmt) == 0 && fetch_all(stmt) == 3, "stored rows", mysql);
    mysql_stmt_free_result(stmt);
    execute(mysql, stmt); /* fetched one by one */
    check(fetch_all(stmt) == 3, "rows", mysql);
    id = 5;
    execute(mysql, stmt);
    check(mysql_stmt_store_result(stmt) == 0 && mysql_stmt_num_rows(stmt) == 0, "none", mysql);
    mysql_stmt_close(stmt);

    stmt = prepare(mysql, "SELECT id, name FROM parent ORDER BY id");
    execute(mysql, stmt);
    mysql_stmt_bind_result(stmt, out);
    check(fetch_all(stmt) == PARENTS && first == 1084, "bound rows, cut", mysql);
    execute(mysql, stmt);
    check(mysql_stmt_fetch(stmt) == MYSQL_DATA_TRUNCATED, "row", mysql);
    mysql_stmt_reset(stmt);
    mysql_stmt_close(stmt);

    stmt = prepare(mysql, "UPDATE child SET price = price + 1 WHERE born = ?");
    length = (unsigned long)snprintf(born, sizeof born, "2024-02-03 04:05:06.500000");
    mysql_stmt_bind_param(stmt, &text);
    execute(mysql, stmt);
    check(mysql_stmt_affected_rows(stmt) == 36, "changed rows", mysql);
    mysql_stmt_close(stmt);

    stmt = mysql_stmt_init(mysql);
    check(mysql_stmt_prepare(stmt, "SELECT nothing", 14) != 0, "an error", mysql);
    mysql_stmt_close(stmt);
    stmt = prepare(mysql, "INSERT INTO parent VALUES (?, 'twice')");
    id = 1007;
    bind_long(stmt, &id);
    check(mysql_stmt_execute(stmt) != 0, "an error", mysql);
    mysql_stmt_close(stmt);
}

static void case_direct(MYSQL *mysql)
{
    MYSQL_STMT *stmt = mysql_stmt_init(mysql);
    unsigned count = 1;
    int number = 7;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_LONG, .buffer = &number};

    check(mariadb_stmt_execute_direct(stmt, "SELECT 1, 'two'", 15) == 0, "direct", mysql);
    check(mysql_stmt_store_result(stmt) == 0 && fetch_all(stmt) == 1, "rows", mysql);
    mysql_stmt_close(stmt);
    stmt = mysql_stmt_init(mysql);
    mysql_stmt_attr_set(stmt, STMT_ATTR_PREBIND_PARAMS, &count);
    mysql_stmt_bind_param(stmt, &bind);
    check(mariadb_stmt_execute_direct(stmt, "SELECT ? + 1", (size_t)-1) == 0, "direct", mysql);
    check(fetch_all(stmt) == 1, "rows", mysql);
    mysql_stmt_close(stmt);
    run(mysql, "CREATE OR REPLACE PROCEDURE profiled_two() BEGIN SELECT 1; SELECT 2, 3; END");
    stmt = prepare(mysql, "CALL profiled_two()");
    execute(mysql, stmt);
    do {
        if (mysql_stmt_field_count(stmt) > 0) {
            check(mysql_stmt_store_result(stmt) == 0 && fetch_all(stmt) == 1, "rows", mysql);
        }
    } while (mysql_stmt_next_result(stmt) == 0);
    mysql_stmt_close(stmt);
    run(mysql, "DROP PROCEDURE profiled_two");
}

static void case_cursor(MYSQL *mysql)
{
    unsigned long type = CURSOR_TYPE_READ_ONLY, rows = 5;
    MYSQL_STMT *stmt = mysql_stmt_init(mysql);

    mysql_stmt_attr_set(stmt, STMT_ATTR_CURSOR_TYPE, &type);
    mysql_stmt_attr_set(stmt, STMT_ATTR_PREFETCH_ROWS, &rows);
    check(mysql_stmt_prepare(stmt, "SELECT seq FROM seq_1_to_100", 28) == 0, "prepare", mysql);
    execute(mysql, stmt);
    check(fetch_all(stmt) == 100, "rows by a cursor", mysql);
    mysql_stmt_close(stmt);
}

static void case_array(MYSQL *mysql)
{
    MYSQL_STMT *stmt;
    int ids[] = {1, 2, 3};
    char *names[] = {"one", "two", "three"};
    char indicators[] = {STMT_INDICATOR_NTS, STMT_INDICATOR_NTS, STMT_INDICATOR_NULL};
    unsigned count = 3;
    MYSQL_BIND bind[] = {
        {.buffer_type = MYSQL_TYPE_LONG, .buffer = ids},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = names, .u.indicator = indicators}};

    make_tables(mysql);
    stmt = prepare(mysql, "INSERT INTO parent VALUES (?, ?)");
    mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &count);
    mysql_stmt_bind_param(stmt, bind);
    execute(mysql, stmt);
    check(mysql_stmt_affected_rows(stmt) == 3, "rows of an array", mysql);
    mysql_stmt_close(stmt);

    struct {
        int id;
        char name[8];
        unsigned long length;
        char indicator;
    } rows[] = {{11, "eleven", 6, 0}, {12, "twelve", 6, 0}};
    size_t row_size = sizeof rows[0];
    MYSQL_BIND by_row[] = {{.buffer_type = MYSQL_TYPE_LONG, .buffer = &rows[0].id},
                           {.buffer_type = MYSQL_TYPE_STRING,
                            .buffer = rows[0].name,
                            .length = &rows[0].length,
                            .u.indicator = &rows[0].indicator}};
    count = 2;
    stmt = prepare(mysql, "INSERT INTO parent VALUES (?, ?)");
    mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &count);
    mysql_stmt_attr_set(stmt, STMT_ATTR_ROW_SIZE, &row_size);
    mysql_stmt_bind_param(stmt, by_row);
    execute(mysql, stmt);
    check(mysql_stmt_affected_rows(stmt) == 2, "rows of an array of rows", mysql);
    mysql_stmt_close(stmt);
}

/* --- What does not wait. --- */

static void case_async(MYSQL *mysql)
{
    MYSQL_RES *result;
    MYSQL_ROW row;
    my_bool bad;
    int failed, rows = 0;

    make_tables(mysql);
    FINISH(mysql_real_query, mysql_real_query_start(&failed, mysql, "SELECT 1", 8), &failed, mysql)
    FINISH(mysql_store_result, mysql_store_result_start(&result, mysql), &result, mysql)
    mysql_free_result(result);
    FINISH(mysql_query, mysql_query_start(&failed, mysql, "SELECT seq FROM seq_1_to_300"), &failed,
           mysql)
    result = mysql_use_result(mysql);
    do {
        FINISH(mysql_fetch_row, mysql_fetch_row_start(&row, result), &row, result)
        rows += row != NULL;
    } while (row != NULL);
    check(rows == 300, "rows", mysql);
    mysql_free_result(result);
    FINISH(mysql_send_query, mysql_send_query_start(&failed, mysql, "SELECT 2; SELECT 3", 18),
           &failed, mysql)
    FINISH(mysql_read_query_result, mysql_read_query_result_start(&bad, mysql), &bad, mysql)
    read_stored(mysql, "2");
    FINISH(mysql_next_result, mysql_next_result_start(&failed, mysql), &failed, mysql)
    check(failed == 0 && read_stored(mysql, "3") == 1, "the second result", mysql);
    FINISH(mysql_autocommit, mysql_autocommit_start(&bad, mysql, 0), &bad, mysql)
    FINISH(mysql_commit, mysql_commit_start(&bad, mysql), &bad, mysql)
    FINISH(mysql_rollback, mysql_rollback_start(&bad, mysql), &bad, mysql)
    FINISH(mysql_set_character_set, mysql_set_character_set_start(&failed, mysql, "latin1"),
           &failed, mysql)
    FINISH(mysql_query, mysql_query_start(&failed, mysql, "SELECT nothing"), &failed, mysql)
    check(failed != 0, "an error", mysql);
    run(mysql, "SELECT seq FROM seq_1_to_300");
    result = mysql_use_result(mysql);
    for (int wait = mysql_free_result_start(result); wait != 0;) {
        wait = mysql_free_result_cont(result, wait_for(mysql, wait));
    }
}

static void case_async_statement(MYSQL *mysql)
{
    MYSQL_STMT *stmt = mysql_stmt_init(mysql);
    long long id = 1021;
    my_bool bad;
    int failed, rows = 0;

    make_tables(mysql);
    FINISH(mysql_stmt_prepare,
           mysql_stmt_prepare_start(&failed, stmt, "SELECT id FROM child WHERE parent_id = ?", 40),
           &failed, stmt)
    bind_long(stmt, &id);
    for (int times = 0; times < 2; times++) {
        FINISH(mysql_stmt_execute, mysql_stmt_execute_start(&failed, stmt), &failed, stmt)
        check(failed == 0, mysql_stmt_error(stmt), mysql);
        if (times == 0) {
            FINISH(mysql_stmt_store_result, mysql_stmt_store_result_start(&failed, stmt), &failed,
                   stmt)
        }
        do {
            FINISH(mysql_stmt_fetch, mysql_stmt_fetch_start(&failed, stmt), &failed, stmt)
            rows += failed == 0;
        } while (failed == 0);
        FINISH(mysql_stmt_free_result, mysql_stmt_free_result_start(&bad, stmt), &bad, stmt)
    }
    check(rows == 6, "rows", mysql);
    FINISH(mysql_stmt_execute, mysql_stmt_execute_start(&failed, stmt), &failed, stmt)
    FINISH(mysql_stmt_reset, mysql_stmt_reset_start(&bad, stmt), &bad, stmt)
    FINISH(mysql_stmt_close, mysql_stmt_close_start(&bad, stmt), &bad, stmt)
}

/* --- Threads and processes. --- */

static void *thread_main(void *unused)
{
    MYSQL *mysql = open_connection();
    MYSQL_STMT *stmt = prepare(mysql, "SELECT ? + 1");

    for (long long i = 0; i < 60; i++) {
        bind_long(stmt, &i);
        execute(mysql, stmt);
        mysql_stmt_store_result(stmt);
        ask(mysql, "SELECT 1");
    }
    mysql_stmt_close(stmt);
    mysql_close(mysql);
    return unused;
}

static void case_threads(MYSQL *mysql)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, thread_main, NULL);
    }
    ask(mysql, "SELECT 1");
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void case_fork(MYSQL *mysql)
{
    int status = 1;

    ask(mysql, "SELECT 'before'");
    run(mysql, "SELECT seq FROM seq_1_to_9"); /* under way while the child comes and goes */
    pid_t child = fork();
    if (child == 0) {
        MYSQL *own = open_connection();
        ask(own, "SELECT 'in the child'");
        mysql_close(own);
        exit(0);
    }
    waitpid(child, &status, 0);
    check(status == 0, "the child", mysql);
    read_stored(mysql, NULL);
    ask(mysql, "SELECT 'after'");
}

/* --- Loops: each parent's children. --- */

static void case_loop_text(MYSQL *mysql)
{
    MYSQL_RES *parents;
    MYSQL_ROW row;

    make_tables(mysql);
    run(mysql, "SELECT name, id FROM parent");
    parents = mysql_store_result(mysql);
    while ((row = mysql_fetch_row(parents)) != NULL) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT id FROM child WHERE parent_id = %s", row[1]);
        ask(mysql, sql);
    }
    mysql_free_result(parents);
}

static void case_loop_statement(MYSQL *mysql)
{
    long long id;
    char name[20];
    MYSQL_BIND out[2] = {{.buffer_type = MYSQL_TYPE_STRING, .buffer = name, .buffer_length = 20},
                         {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id}};

    make_tables(mysql);
    MYSQL_STMT *parents = prepare(mysql, "SELECT name, id FROM parent");
    MYSQL_STMT *children = prepare(mysql, "SELECT id FROM child WHERE parent_id = ?");
    execute(mysql, parents);
    mysql_stmt_bind_result(parents, out);
    mysql_stmt_store_result(parents);
    while (mysql_stmt_fetch(parents) != MYSQL_NO_DATA) {
        char number[24];
        unsigned long size = (unsigned long)snprintf(number, sizeof number, "%lld", id);
        MYSQL_BIND in = {.buffer_type = MYSQL_TYPE_STRING, .buffer = number, .length = &size};
        mysql_stmt_bind_param(children, &in);
        execute(mysql, children);
        mysql_stmt_store_result(children);
    }
    mysql_stmt_close(parents);
    mysql_stmt_close(children);
}

/* The parents come row by row on one connection, their children on another. */
static void case_loop_stream(MYSQL *mysql)
{
    MYSQL *second = open_connection();
    long long id;
    MYSQL_BIND out = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id};

    run(mysql, "CREATE OR REPLACE TABLE profiled_parent AS SELECT 1000 + 7 * seq AS id FROM "
               "seq_1_to_12");
    MYSQL_STMT *parents = prepare(mysql, "SELECT id FROM profiled_parent");
    execute(mysql, parents);
    mysql_stmt_bind_result(parents, &out);
    while (mysql_stmt_fetch(parents) == 0) {
        char sql[100];
        snprintf(sql, sizeof sql, "SELECT 1 FROM profiled_parent WHERE id = %lld", id);
        ask(second, sql);
    }
    mysql_stmt_close(parents);
    run(mysql, "DROP TABLE profiled_parent");
    mysql_close(second);
}

/* --- What is read of what was fetched. --- */

static void read_some(MYSQL *mysql, const char *sql, int count)
{
    run(mysql, sql);
    MYSQL_RES *result = mysql_store_result(mysql);
    for (int i = 0; i < count; i++) {
        check(mysql_fetch_row(result) != NULL, "row", mysql);
    }
    mysql_free_result(result);
}

static void case_unread_rows(MYSQL *mysql)
{
    read_some(mysql, "SELECT seq FROM seq_1_to_300 WHERE seq > 0", 7);
    read_some(mysql, "SELECT seq FROM seq_1_to_300 WHERE seq > 1000", 0);
    read_some(mysql, "SELECT seq, -seq FROM seq_1_to_300", 300);
    read_some(mysql, "SELECT seq, seq FROM seq_1_to_300; SELECT seq FROM seq_1_to_300", 1);
    mysql_next_result(mysql);
    mysql_free_result(mysql_store_result(mysql));
}

/* Reads rows of a statement with what is bound; stored, if they are to be. */
static void read_bound(MYSQL *mysql, MYSQL_STMT *stmt, MYSQL_BIND *out, bool is_stored, int rows)
{
    execute(mysql, stmt);
    check(mysql_stmt_bind_result(stmt, out) == 0, "binding", mysql);
    if (is_stored) {
        check(mysql_stmt_store_result(stmt) == 0, "rows", mysql);
    }
    for (int i = 0; i < rows && mysql_stmt_fetch(stmt) != MYSQL_NO_DATA; i++) {
    }
}

static void case_unread_columns(MYSQL *mysql)
{
    long long id, parent;
    char code[20], column[8];
    unsigned long length;
    MYSQL_BIND first[3] = {{.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id},
                           {.buffer_type = MYSQL_TYPE_NULL},
                           {.buffer_type = MYSQL_TYPE_NULL}};
    MYSQL_BIND second[3] = {{.buffer_type = MYSQL_TYPE_NULL},
                            {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &parent},
                            {.buffer_type = MYSQL_TYPE_STRING, .flags = MADB_BIND_DUMMY}};
    MYSQL_BIND all[3] = {{.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id},
                         {.buffer_type = MYSQL_TYPE_STRING, .length = &length},
                         {.buffer_type = MYSQL_TYPE_STRING, .flags = MADB_BIND_DUMMY}};
    MYSQL_BIND one = {.buffer_type = MYSQL_TYPE_STRING, .buffer = column, .buffer_length = 8};
    MYSQL_STMT *stmt;

    make_tables(mysql);
    stmt = prepare(mysql, "SELECT id, parent_id, price FROM child"); /* never the price */
    read_bound(mysql, stmt, first, true, 100);
    read_bound(mysql, stmt, second, false, 100);
    mysql_stmt_close(stmt);
    stmt = prepare(mysql, "SELECT id, code, born FROM child"); /* one by its size, one by itself */
    read_bound(mysql, stmt, all, true, 6);
    mysql_stmt_fetch_column(stmt, &one, 2, 0);
    mysql_stmt_close(stmt);
    stmt = prepare(mysql, "SELECT id, code, price FROM child"); /* bound before it is executed */
    first[1] = (MYSQL_BIND){
        .buffer_type = MYSQL_TYPE_STRING, .buffer = code, .buffer_length = sizeof code};
    mysql_stmt_bind_result(stmt, first);
    execute(mysql, stmt);
    check(fetch_all(stmt) == 36, "rows", mysql);
    mysql_stmt_close(stmt);
}

/* Rows that nobody goes to. */
static void case_unread_stored(MYSQL *mysql)
{
    long long number;
    MYSQL_BIND out = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &number};
    MYSQL_STMT *stmt = prepare(mysql, "SELECT seq FROM seq_1_to_300");

    read_bound(mysql, stmt, &out, true, 7);
    mysql_stmt_close(stmt);
    stmt = prepare(mysql, "SELECT seq, -seq FROM seq_1_to_300"); /* it may read them otherwise */
    execute(mysql, stmt);
    mysql_stmt_store_result(stmt);
    mysql_stmt_close(stmt);
}

static void case_batched(MYSQL *mysql)
{
    make_tables(mysql);
    ask(mysql, "SELECT name, id FROM parent");
    ask(mysql, "SELECT id, parent_id FROM child WHERE parent_id IN (1007, 1014, 1021, 1028, 1035, "
               "1042, 1049, 1056, 1063, 1070, 1077, 1084)");
}

/* For counting instructions: argument 4 is how many executions. */
static int turns = 1000;

static void case_cost(MYSQL *mysql)
{
    make_tables(mysql);
    for (int i = 0; i < turns; i++) {
        char sql[100];
        int size = snprintf(sql, sizeof sql, "SELECT id, name FROM parent WHERE id = %d",
                            1000 + 7 * (i % PARENTS + 1));
        check(mysql_real_query(mysql, sql, (unsigned long)size) == 0, sql, mysql);
        read_stored(mysql, NULL);
    }
}

static const struct {
    const char *name;
    void (*run)(MYSQL *mysql);
} cases[] = {
    {"query", case_query},
    {"several", case_several},
    {"use", case_use},
    {"own", case_own},
    {"statement", case_statement},
    {"direct", case_direct},
    {"cursor", case_cursor},
    {"array", case_array},
    {"async", case_async},
    {"async_statement", case_async_statement},
    {"threads", case_threads},
    {"fork", case_fork},
    {"loop_text", case_loop_text},
    {"loop_statement", case_loop_statement},
    {"loop_stream", case_loop_stream},
    {"unread_rows", case_unread_rows},
    {"unread_columns", case_unread_columns},
    {"unread_stored", case_unread_stored},
    {"batched", case_batched},
    {"cost", case_cost},
};

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: mariadb SOCKET USER CASE [TURNS]\n");
        return 2;
    }
    socket_path = argv[1];
    user = argv[2];
    turns = argc > 4 ? (int)strtol(argv[4], NULL, 10) : turns;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, argv[3]) == 0) {
            MYSQL *mysql = open_connection();
            cases[i].run(mysql);
            mysql_close(mysql);
            return 0;
        }
    }
    fprintf(stderr, "there is no case %s\n", argv[3]);
    return 2;
}
