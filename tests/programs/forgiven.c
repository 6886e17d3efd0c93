/*
 * A program for rowan profile to run that does with SQLite what SQLite forgives: statements that
 * are none, texts with nothing in them, and a child that ends what its parent began. As in
 * profiled.c, SQLite's trace is the witness.
 */
#define _GNU_SOURCE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *told;

static int note(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind;
    (void)context;
    (void)statement;
    fprintf(told, "%s\n", (const char *)text);
    fflush(told);
    return 0;
}

static sqlite3 *open_database(void)
{
    sqlite3 *db;

    if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
        exit(99);
    }
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note, NULL);
    sqlite3_exec(db, "CREATE TABLE t (a INTEGER, b TEXT)", NULL, NULL, NULL);
    sqlite3_exec(db, "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')", NULL, NULL, NULL);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    printf("%s: %d\n", sql, sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
    return statement;
}

/* A statement that is there, and once it is gone one that is not, by all that takes one. */
static void nothing_after(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = prepare(db, sql), *none;

    printf("%d\n", sqlite3_step(statement));
    printf("%d\n", sqlite3_finalize(statement));
    none = prepare(db, "SELEC 1");
    printf("step %d\n", sqlite3_step(none));
    printf("reset %d\n", sqlite3_reset(none));
    printf("bind %d\n", sqlite3_bind_int(none, 1, 5));
    printf("column %d\n", sqlite3_column_int(none, 0));
    printf("type %d\n", sqlite3_column_type(none, 0));
    printf("finalize %d\n", sqlite3_finalize(none));
}

static void none(void)
{
    sqlite3 *db = open_database();

    nothing_after(db, "SELECT a FROM t");
    nothing_after(db, "INSERT INTO t VALUES (4, 'w')");
    nothing_after(db, "UPDATE t SET a = a + 1");
    sqlite3_finalize(NULL);
    printf("%d\n", sqlite3_close(NULL));
    sqlite3_close(db);
}

/* A value that SQLite does not take, because the statement runs, is not what it runs with next. */
static void busy(void)
{
    sqlite3 *db = open_database();
    sqlite3_stmt *rows = prepare(db, "SELECT ? + a, ? FROM t");

    printf("%d\n", sqlite3_bind_int(rows, 1, 5) + sqlite3_bind_text(rows, 2, "kept", 4, NULL));
    for (int i = 0; i < 2; i++) {
        printf("%d\n", sqlite3_step(rows));
        printf("%d\n", sqlite3_bind_int(rows, 1, 6));
        printf("%d\n", sqlite3_bind_text(rows, 2, "given too late", -1, SQLITE_TRANSIENT));
        printf("%d\n", sqlite3_bind_null(rows, 3)); /* there is no third */
        printf("%d %s\n", sqlite3_column_int(rows, 0), (const char *)sqlite3_column_text(rows, 1));
        sqlite3_reset(rows);
    }
    sqlite3_finalize(rows);
    sqlite3_exec(db, "CREATE INDEX i ON t (a)", NULL, NULL, NULL); /* changes no row */
    sqlite3_exec(db, "UPDATE t SET b = 'none' WHERE a > 99", NULL, NULL, NULL);
    sqlite3_exec(db, "DELETE FROM t WHERE a > 1", NULL, NULL, NULL);
    sqlite3_close(db);
}

static int print_row(void *context, int count, char **values, char **names)
{
    (void)context;
    for (int i = 0; i < count; i++) {
        printf("%s=%s\n", names[i], values[i]);
    }
    return 0;
}

static void empty(void)
{
    static const char *const texts[] = {"",
                                        " \n\t",
                                        ";",
                                        " ; ; ",
                                        "-- nothing",
                                        "/* nothing */ -- and nothing\n;",
                                        "SELECT a FROM t WHERE b = 'x' -- one",
                                        "; SELECT 5; ; -- two\n",
                                        "/* open"};
    sqlite3 *db = open_database();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char **table = NULL;
        int rows, columns;
        printf("%d\n", sqlite3_exec(db, texts[i], print_row, NULL, NULL));
        printf("%d\n", sqlite3_get_table(db, texts[i], &table, &rows, &columns, NULL));
        sqlite3_free_table(table);
        sqlite3_finalize(prepare(db, texts[i]));
    }
    printf("%d\n", sqlite3_exec(db, NULL, NULL, NULL, NULL));
    sqlite3_close(db);
}

/* The parent is in the middle of its rows; its children end the statement, each in another way. */
static void child(void)
{
    sqlite3 *db = open_database();
    sqlite3_stmt *rows = prepare(db, "SELECT a FROM t");
    int status;

    printf("%d\n", sqlite3_step(rows));
    for (int way = 0; way < 3; way++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            if (way == 0) {
                sqlite3_finalize(rows);
            } else if (way == 1) {
                sqlite3_reset(rows);
                sqlite3_exec(db, "SELECT 'of the child'", NULL, NULL, NULL);
            }
            exit(way);
        }
        waitpid(pid, &status, 0);
        printf("%d\n", WEXITSTATUS(status));
    }
    while (sqlite3_step(rows) == SQLITE_ROW) {
        printf("%d\n", sqlite3_column_int(rows, 0));
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {{"none", none}, {"busy", busy}, {"empty", empty}, {"child", child}};

    if (argc != 3 || (told = fopen(argv[2], "a")) == NULL) {
        return 98;
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run();
            return 0;
        }
    }
    return 97;
}
