/*
 * A program for rowan profile to run: each scenario uses SQLite in another way. SQLite itself is
 * the witness: what its trace tells is written to the file that the last argument names, a line a
 * statement, and has to be what was recorded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *told; /* appended to, so that several processes can */

static void check(int result, int wanted, const char *what)
{
    if (result != wanted) {
        fprintf(stderr, "%s: %d instead of %d\n", what, result, wanted);
        _exit(99);
    }
}

/* Whether it is the copy of SQLite that this program is bound to that tells. */
static void check_module(const void *caller)
{
    const char *wanted = getenv("MODULE");
    Dl_info info;

    if (wanted != NULL && (dladdr(caller, &info) == 0 || strstr(info.dli_fname, wanted) == NULL)) {
        fprintf(stderr, "%s is at work and not %s\n", info.dli_fname, wanted);
        _exit(95);
    }
}

static int note(unsigned kind, void *context, void *statement, void *text)
{
    check_module(__builtin_return_address(0));
    (void)kind;
    (void)context;
    (void)statement;
    if (strncmp(text, "--", 2) != 0) { /* of a trigger, or sent by SQLite itself */
        fprintf(told, "%s\n", (const char *)text);
        fflush(told);
    }
    return 0;
}

static sqlite3 *open_database(const char *path)
{
    sqlite3 *db;

    check(sqlite3_open(path, &db), SQLITE_OK, "open");
    sqlite3_busy_timeout(db, 20000);
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note, NULL);
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    check(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;

    check(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, sql);
    return statement;
}

static void fill(sqlite3 *db, int rows)
{
    char sql[256];

    run(db, "CREATE TABLE IF NOT EXISTS post(id INTEGER PRIMARY KEY, title TEXT)");
    run(db, "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, post_id INT, body TEXT)");
    snprintf(sql, sizeof sql,
             "INSERT INTO post SELECT value * 1000 + 7, 'title ' || value FROM"
             " (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE"
             " value < %d) SELECT value FROM n)",
             rows);
    run(db, sql);
    run(db, "INSERT INTO note(post_id, body) SELECT id, 'note of ' || title FROM post");
}

/* --- Loops. --- */

static void look_up(sqlite3_stmt *child, sqlite3_int64 id)
{
    sqlite3_bind_int64(child, 1, id);
    check(sqlite3_step(child), SQLITE_ROW, "child");
    printf("%s\n", sqlite3_column_text(child, 0));
    check(sqlite3_step(child), SQLITE_DONE, "child's end");
    sqlite3_reset(child);
}

/* The classic: a statement for each row of another. */
static void list_notes(sqlite3 *db)
{
    sqlite3_stmt *parent = prepare(db, "SELECT id, title FROM post ORDER BY id");
    sqlite3_stmt *child = prepare(db, "SELECT body FROM note WHERE post_id = ?");

    while (sqlite3_step(parent) == SQLITE_ROW) {
        look_up(child, sqlite3_column_int64(parent, 0));
    }
    sqlite3_finalize(parent);
    sqlite3_finalize(child);
}

static void loop(const char *path)
{
    sqlite3 *db = open_database(path);

    fill(db, 12);
    list_notes(db);
    sqlite3_close(db);
}

/* --- Every way to prepare, bind and run. --- */

static void prepare_variants(sqlite3 *db)
{
    static const char sql[] = "SELECT id FROM post WHERE id = 1; SELECT 2";
    static const unsigned short wide[] = {'S', 'E', 'L', 'E', 'C', 'T', ' ', '3', 0};
    const char *tail;
    const void *wide_tail;
    sqlite3_stmt *all[6];

    check(sqlite3_prepare(db, sql, -1, &all[0], &tail), SQLITE_OK, "prepare");
    check(sqlite3_prepare_v2(db, tail, -1, &all[1], NULL), SQLITE_OK, "prepare_v2");
    check(sqlite3_prepare_v3(db, "SELECT 4", 8, SQLITE_PREPARE_PERSISTENT, &all[2], NULL),
          SQLITE_OK, "prepare_v3");
    check(sqlite3_prepare16(db, wide, -1, &all[3], &wide_tail), SQLITE_OK, "prepare16");
    check(sqlite3_prepare16_v2(db, wide, -1, &all[4], NULL), SQLITE_OK, "prepare16_v2");
    check(sqlite3_prepare16_v3(db, wide, -1, 0, &all[5], NULL), SQLITE_OK, "prepare16_v3");
    for (int i = 0; i < 6; i++) {
        while (sqlite3_step(all[i]) == SQLITE_ROW) {
        }
        sqlite3_finalize(all[i]);
    }
}

static void bind_variants(sqlite3 *db)
{
    static const unsigned short wide[] = {'x', 0xe4, 0xd83d, 0xde00, 0};
    sqlite3_stmt *from = prepare(db, "SELECT 'of a value'");
    sqlite3_stmt *s = prepare(db, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?");
    char *given = sqlite3_mprintf("given away");

    check(sqlite3_step(from), SQLITE_ROW, "value");
    sqlite3_bind_null(s, 1);
    sqlite3_bind_int(s, 2, 5);
    sqlite3_bind_int64(s, 3, 5000000000);
    sqlite3_bind_double(s, 4, 2.5);
    sqlite3_bind_text(s, 5, given, -1, sqlite3_free);
    sqlite3_bind_text64(s, 6, "five!", 4, SQLITE_TRANSIENT, SQLITE_UTF8);
    sqlite3_bind_text16(s, 7, wide, -1, SQLITE_STATIC);
    sqlite3_bind_blob(s, 8, "\0\1", 2, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 9, "\2", 1, SQLITE_TRANSIENT);
    sqlite3_bind_zeroblob(s, 10, 3);
    sqlite3_bind_zeroblob64(s, 11, 4);
    sqlite3_bind_value(s, 12, sqlite3_column_value(from, 0));
    sqlite3_bind_pointer(s, 13, s, "a pointer", NULL);
    check(sqlite3_bind_int(s, 14, 1), SQLITE_RANGE, "out of range");
    check(sqlite3_step(s), SQLITE_ROW, "bound");
    check(sqlite3_bind_int(s, 2, 6), SQLITE_MISUSE, "bound while it runs");
    for (int i = 0; i < 13; i++) {
        printf("%d/%d ", sqlite3_column_type(s, i), sqlite3_column_bytes(s, i));
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    check(sqlite3_step(s), SQLITE_ROW, "cleared");
    check(sqlite3_column_type(s, 2), SQLITE_NULL, "cleared value");
    sqlite3_finalize(s);
    sqlite3_finalize(from);
}

static void named_variants(sqlite3 *db)
{
    sqlite3_stmt *s = prepare(db, "SELECT :b, ?5, @c, :b, $d, ?");

    check(sqlite3_bind_parameter_count(s), 8, "parameters");
    for (int i = 1; i <= 8; i++) {
        sqlite3_bind_int(s, i, i * 11);
    }
    check(sqlite3_step(s), SQLITE_ROW, "named");
    for (int i = 0; i < 6; i++) {
        printf("%d ", sqlite3_column_int(s, i));
    }
    sqlite3_finalize(s);
}

static int print_row(void *db, int count, char **values, char **names)
{
    for (int i = 0; i < count; i++) {
        printf("%s=%s ", names[i], values[i] != NULL ? values[i] : "NULL");
    }
    if (db != NULL) {
        run(db, "SELECT 'sent by a callback'");
    }
    return 0;
}

static void run_variants(sqlite3 *db)
{
    char **table;
    int rows, columns;

    check(sqlite3_exec(db, "SELECT 5 AS five; SELECT id FROM post; UPDATE post SET title = 'x'",
                       print_row, db, NULL),
          SQLITE_OK, "exec");
    check(sqlite3_get_table(db, "SELECT id, title FROM post", &table, &rows, &columns, NULL),
          SQLITE_OK, "get_table");
    printf("%d rows\n", rows);
    sqlite3_free_table(table);
    check(sqlite3_exec(db, "SELECT 1; SELECT nothing", NULL, NULL, NULL), SQLITE_ERROR,
          "no column");
}

/* What SQLite sends to itself is no statement of the program. */
static void internal(sqlite3 *db)
{
    run(db, "CREATE VIRTUAL TABLE words USING fts5(body)");
    run(db, "INSERT INTO words VALUES ('one two three'), ('two four')");
    run(db, "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)");
    run(db, "INSERT INTO boxes VALUES (1, 0, 4)");
    run(db, "CREATE TABLE log(what)");
    run(db, "CREATE TRIGGER logged AFTER INSERT ON post BEGIN INSERT INTO log VALUES (new.id);"
            " UPDATE log SET what = what + 1; END");
    run(db, "INSERT INTO post VALUES (1, 'logged')");
    sqlite3_stmt *s = prepare(db, "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank");
    sqlite3_bind_text(s, 1, "two", -1, SQLITE_STATIC);
    while (sqlite3_step(s) == SQLITE_ROW) {
        printf("%d ", sqlite3_column_int(s, 0));
    }
    sqlite3_finalize(s);
    run(db, "VACUUM");
}

/* A function of the program that sends a statement itself, while another runs. */
static void answer(sqlite3_context *context, int count, sqlite3_value **values)
{
    sqlite3 *other = sqlite3_user_data(context);
    sqlite3_stmt *s = prepare(other, "SELECT ? * 2");

    (void)count;
    sqlite3_bind_value(s, 1, values[0]);
    check(sqlite3_step(s), SQLITE_ROW, "function");
    sqlite3_result_int(context, sqlite3_column_int(s, 0));
    sqlite3_finalize(s);
}

static void callbacks(sqlite3 *db)
{
    sqlite3 *other = open_database(":memory:");

    sqlite3_create_function(db, "doubled", 1, SQLITE_UTF8, other, answer, NULL, NULL);
    check(sqlite3_exec(db, "SELECT doubled(4), doubled(5)", print_row, NULL, NULL), SQLITE_OK,
          "function");
    sqlite3_close_v2(other);
}

static void unfinished(sqlite3 *db)
{
    sqlite3_stmt *s = prepare(db, "SELECT id FROM post ORDER BY id");

    check(sqlite3_step(s), SQLITE_ROW, "first");
    sqlite3_reset(s);
    check(sqlite3_step(s), SQLITE_ROW, "again");
    check(sqlite3_step(s), SQLITE_ROW, "second");
    sqlite3_finalize(s); /* in the middle */
    sqlite3_finalize(prepare(db, "SELECT 'never run'"));
    sqlite3_finalize(NULL);
    check(sqlite3_prepare_v2(db, "SELEKT", -1, &s, NULL), SQLITE_ERROR, "syntax");
    check(sqlite3_prepare_v2(db, " -- nothing", -1, &s, NULL), SQLITE_OK, "no statement");
}

static void variants(const char *path)
{
    sqlite3 *db = open_database(path);

    fill(db, 3);
    prepare_variants(db);
    bind_variants(db);
    named_variants(db);
    run_variants(db);
    internal(db);
    callbacks(db);
    unfinished(db);
    sqlite3_close(db);
}

/* --- What fails. --- */

static void errors(const char *path)
{
    sqlite3 *db = open_database(path), *other;
    sqlite3_stmt *s;

    fill(db, 2);
    s = prepare(db, "INSERT INTO post VALUES (1007, 'twice')");
    check(sqlite3_step(s), SQLITE_CONSTRAINT, "constraint");
    sqlite3_finalize(s);
    check(sqlite3_open(path, &other), SQLITE_OK, "open");
    check(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK, "lock");
    sqlite3_busy_timeout(db, 0);
    s = prepare(db, "DELETE FROM note");
    check(sqlite3_step(s), SQLITE_BUSY, "busy");
    sqlite3_reset(s);
    check(sqlite3_step(s), SQLITE_BUSY, "busy");
    sqlite3_reset(s);
    check(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK, "unlock");
    check(sqlite3_step(s), SQLITE_DONE, "free");
    check(sqlite3_close(db), SQLITE_BUSY, "closed too early");
    sqlite3_finalize(s);
    sqlite3_close(other);
    sqlite3_close(db);
}

/* --- Texts of two bytes a character: what the program reads is what it would read alone. --- */

static void wide(const char *path)
{
    sqlite3 *db = open_database(path);
    sqlite3_stmt *s;

    run(db, "PRAGMA encoding = 'UTF-16'");
    fill(db, 4);
    s = prepare(db, "SELECT id, title, id || '', 2.5, x'00ff', NULL FROM post");
    while (sqlite3_step(s) == SQLITE_ROW) {
        const unsigned short *text = sqlite3_column_text16(s, 1);
        printf("%d %d %x %x", sqlite3_column_bytes16(s, 1), sqlite3_column_type(s, 0), text[0],
               text[6]);
        for (int i = 0; i < 6; i++) {
            printf(" %d", sqlite3_column_type(s, i));
        }
        printf(" %s\n", sqlite3_column_text(s, 0));
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* --- Processes and threads. --- */

static void send(sqlite3 *db, int count)
{
    for (int i = 0; i < count; i++) {
        run(db, "SELECT count(*) FROM post");
    }
}

static void forks(const char *path)
{
    sqlite3 *db = open_database(path);
    int status;

    fill(db, 2);
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            sqlite3 *own = open_database(path);
            send(own, 5);
            if (fork() == 0) { /* and a child's child, which goes without a word */
                send(open_database(path), 4);
                _exit(0);
            }
            wait(NULL);
            send(own, 1);
            _exit(0); /* nothing is cleaned up */
        }
        send(db, 2);
        waitpid(child, &status, 0);
    }
    send(db, 1);
    sqlite3_close(db);
}

static void *work(void *path)
{
    for (int i = 0; i < 3; i++) {
        sqlite3 *db = open_database(path);
        send(db, 20);
        sqlite3_close(db);
    }
    return NULL;
}

typedef struct meeting {
    const char *path;
    pthread_barrier_t barrier;
} meeting;

/* Sends before the fork, and waits for what is after it. */
static void *wait_for_fork(void *context)
{
    meeting *m = context;
    sqlite3 *db = open_database(m->path);

    send(db, 3);
    sqlite3_close(db);
    pthread_barrier_wait(&m->barrier);
    pthread_barrier_wait(&m->barrier);
    return NULL;
}

/* A child that ends as programs do, of a parent with another thread. */
static void exits(const char *path)
{
    meeting m = {.path = path};
    sqlite3 *db = open_database(path);
    pthread_t other;
    int status;

    fill(db, 2);
    pthread_barrier_init(&m.barrier, NULL, 2);
    pthread_create(&other, NULL, wait_for_fork, &m);
    pthread_barrier_wait(&m.barrier);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *own = open_database(path);
        send(own, 4);
        sqlite3_close(own);
        pthread_create(&other, NULL, work, (void *)(uintptr_t)path);
        pthread_join(other, NULL);
        exit(0);
    }
    waitpid(child, &status, 0);
    pthread_barrier_wait(&m.barrier);
    pthread_join(other, NULL);
    sqlite3_close(db);
    check(status, 0, "the child's end");
}
static void threads(const char *path)
{
    pthread_t all[8];
    sqlite3 *db = open_database(path);

    fill(db, 2);
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < 8; i++) {
            pthread_create(&all[i], NULL, work, (void *)path);
        }
        for (int i = 0; i < 8; i++) {
            pthread_join(all[i], NULL);
        }
    }
    sqlite3_close(db);
}

/* --- Endings. --- */

static void endings(const char *path, const char *how)
{
    sqlite3 *db = open_database(path);

    fill(db, 8);
    list_notes(db);
    fflush(stdout);
    if (strcmp(how, "kill") == 0) {
        raise(SIGKILL);
    } else if (strcmp(how, "abort") == 0) {
        abort();
    } else if (strcmp(how, "_exit") == 0) {
        _exit(0);
    } else if (strcmp(how, "status") == 0) {
        exit(7);
    } else if (strcmp(how, "exec") == 0) {
        execl("/proc/self/exe", "profiled", "loop", ":memory:", getenv("TOLD"), (char *)NULL);
    } else if (strcmp(how, "wait") == 0) {
        printf("waiting\n");
        fflush(stdout);
        pause();
    }
}

/* --- Growth: statements in steps that are known. --- */

static void grow(const char *path, int n)
{
    sqlite3 *db = open_database(path);

    fill(db, n);
    list_notes(db);
    for (int i = 0; i < n * n; i++) {
        run(db, "SELECT max(id) FROM note");
    }
    for (int i = n; i < 20; i++) {
        run(db, "SELECT min(id) FROM note");
    }
    run(db, "SELECT count(*) FROM note");
    sqlite3_close(db);
}

static void nothing(const char *path)
{
    sqlite3 *db;

    check(sqlite3_open(path, &db), SQLITE_OK, "open");
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(const char *path);
    } scenarios[] = {{"loop", loop},       {"variants", variants}, {"errors", errors},
                     {"wide", wide},       {"forks", forks},       {"threads", threads},
                     {"nothing", nothing}, {"exits", exits}};

    if (argc < 4 || (told = fopen(argv[3], "ae")) == NULL) {
        return 98;
    }
    setenv("TOLD", argv[3], 1);
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(argv[1], scenarios[i].name) == 0) {
            scenarios[i].run(argv[2]);
            return 0;
        }
    }
    if (strcmp(argv[1], "grow") == 0) {
        grow(argv[2], atoi(argv[4]));
    } else {
        endings(argv[2], argv[1]);
    }
    return 0;
}
