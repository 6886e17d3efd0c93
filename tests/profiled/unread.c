/* A program that reads columns of SQLite in each way that there is, or does not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 12 };

typedef void reader(sqlite3_stmt *statement, int row);

static sqlite3 *open_database(void)
{
    sqlite3 *db;

    sqlite3_open(":memory:", &db);
    sqlite3_exec(
        db,
        "CREATE TABLE t(a INT, b TEXT, c REAL, d BLOB, e TEXT, f TEXT, g INT, h INT, i TEXT,"
        " j TEXT);"
        "INSERT INTO t SELECT value, 'b', 1.5, x'00', 'e', 'f', 7, 8, 'i', 'j' FROM"
        " (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE"
        " value < 12) SELECT * FROM n)",
        NULL, NULL, NULL);
    return db;
}

/* Runs a text once, with a reader for each row. */
static void run(sqlite3 *db, const char *sql, reader *read)
{
    sqlite3_stmt *statement;
    int rows = 0;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        abort();
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        read(statement, rows++);
    }
    sqlite3_finalize(statement);
    if (rows != ROWS) {
        abort();
    }
}

static void first_two(sqlite3_stmt *statement, int row)
{
    if (row % 2 == 0) {
        sqlite3_column_int(statement, 0);
    } else {
        sqlite3_column_text(statement, 1);
    }
}

/* By any function; not every column of every row. */
static void all_ways(sqlite3_stmt *statement, int row)
{
    sqlite3_value *value;

    switch (row % 10) {
    case 0:
        sqlite3_column_int(statement, 0);
        break;
    case 1:
        sqlite3_column_int64(statement, 1);
        break;
    case 2:
        sqlite3_column_double(statement, 2);
        break;
    case 3:
        sqlite3_column_blob(statement, 3);
        break;
    case 4:
        sqlite3_column_text(statement, 4);
        break;
    case 5:
        sqlite3_column_text16(statement, 5);
        break;
    case 6:
        sqlite3_column_bytes(statement, 6);
        break;
    case 7:
        sqlite3_column_bytes16(statement, 7);
        break;
    case 8:
        sqlite3_column_type(statement, 8);
        break;
    default:
        value = sqlite3_value_dup(sqlite3_column_value(statement, 9));
        sqlite3_value_text(value);
        sqlite3_value_free(value);
    }
}

static void by_name(sqlite3_stmt *statement, int row)
{
    static int (*get)(sqlite3_stmt *, int);

    if (get == NULL) {
        void *library = dlopen("libsqlite3.so.0", RTLD_LAZY);
        *(void **)&get = dlsym(library, "sqlite3_column_int");
    }
    get(statement, row % 2);
}

static void nothing(sqlite3_stmt *statement, int row)
{
    (void)statement;
    (void)row;
}

static int print_row(void *context, int count, char **values, char **names)
{
    (void)context;
    (void)count;
    (void)names;
    return values[0] == NULL;
}

static void unread(sqlite3 *db)
{
    run(db, "SELECT a, b, c FROM t", first_two);
}

/* One column in one execution, the other in the next. */
static void once_each(sqlite3 *db)
{
    sqlite3_stmt *statement;

    sqlite3_prepare_v2(db, "SELECT a, b, c FROM t WHERE a <= ?", -1, &statement, NULL);
    for (int i = 1; i <= ROWS; i++) {
        sqlite3_bind_int(statement, 1, i);
        sqlite3_step(statement);
        sqlite3_column_text(statement, i % 3);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
}

static void otherwise(sqlite3 *db)
{
    char **table;
    int rows, columns;

    run(db, "SELECT * FROM t", all_ways);
    run(db, "SELECT a, g FROM t", by_name);
    run(db, "SELECT a, h FROM t", nothing);
    once_each(db);
    sqlite3_exec(db, "SELECT a, b FROM t", print_row, NULL, NULL);
    sqlite3_exec(db, "SELECT a, c FROM t", NULL, NULL, NULL);
    sqlite3_get_table(db, "SELECT a, d FROM t", &table, &rows, &columns, NULL);
    sqlite3_free_table(table);
}

/* More columns than are followed. */
static void wide(sqlite3 *db)
{
    char sql[2000] = "SELECT a";

    for (int i = 1; i < 70; i++) {
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), ", %d AS x%d", i, i);
    }
    strcat(sql, " FROM t");
    run(db, sql, first_two);
}

int main(int argc, char **argv)
{
    sqlite3 *db = open_database();

    if (argc > 1 && strcmp(argv[1], "unread") == 0) {
        unread(db);
    } else if (argc > 1 && strcmp(argv[1], "wide") == 0) {
        wide(db);
    } else {
        otherwise(db);
    }
    sqlite3_close(db);
    return 0;
}
