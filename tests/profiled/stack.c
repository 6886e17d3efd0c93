/*
 * A program whose statements go through wrappers, for rowan profile to say where they come from.
 * Lines that it should name have their function in a comment; the wrappers are in stack_wrap.c, but
 * for one.
 */
#include <alloca.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack_wrap.h"

#define ALONE __attribute__((noinline, noclone))

static sqlite3 *open_database(void)
{
    sqlite3 *db;

    sqlite3_open(":memory:", &db);
    sqlite3_exec(
        db,
        "CREATE TABLE post(id INTEGER PRIMARY KEY, parent INT, title TEXT);"
        "CREATE TABLE note(id INTEGER PRIMARY KEY, post INT);"
        "CREATE TABLE tag(id INTEGER PRIMARY KEY, post INT);"
        "INSERT INTO post SELECT value, value / 2, 'title' FROM (WITH RECURSIVE n(value) AS"
        " (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 40) SELECT * FROM n);"
        "INSERT INTO note SELECT id, id FROM post; INSERT INTO tag SELECT id, id FROM post",
        NULL, NULL, NULL);
    return db;
}

/* --- A wrapper, and functions that send something through it. --- */

static ALONE int load_posts(sqlite3 *db, wrap_row *row, void *context)
{
    return wrap_all(db, "SELECT id FROM post WHERE id > ?", 0, row, context) + 1; /* load_posts */
}

static ALONE void load_note(void *context, int post)
{
    wrap_all(context, "SELECT id FROM note WHERE post = ?", post, NULL, NULL); /* load_note */
    __asm__ volatile("");
}

static ALONE int count_tags(sqlite3 *db, int post)
{
    return wrap_count(db, "SELECT id FROM tag WHERE post = ?", post) + 1; /* count_tags */
}

static ALONE int count_notes(sqlite3 *db)
{
    return wrap_count(db, "SELECT id FROM note WHERE id > ?", 1) + 1; /* count_notes */
}

static void *pass(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    load_posts(db, load_note, db);
    for (int i = 1; i <= 20; i++) {
        count_tags(db, i);
    }
    count_notes(db);
    sqlite3_close(db);
    return NULL;
}

/* --- A recursion: the stack is another with every statement. --- */

static ALONE int walk(sqlite3 *db, int post);

static ALONE void walk_child(void *context, int post)
{
    walk(context, post);
    __asm__ volatile("");
}

static ALONE int walk(sqlite3 *db, int post)
{
    return 1 +
           wrap_all(db, "SELECT id FROM post WHERE parent = ?", post, walk_child, db); /* walk */
}

/* Any depth is met once: too many stacks to look at each. */
static ALONE int descend(sqlite3 *db, int depth)
{
    volatile char *room = alloca((size_t)(16 + depth % 7 * 16));
    int rows;

    room[0] = 1;
    rows = wrap_count(db, "SELECT id FROM tag WHERE id = ?", depth % 40); /* descend */
    return depth > 0 ? descend(db, depth - 1) + rows + room[0] : rows;
}

static void *recurse(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    walk(db, 1);
    load_posts(db, NULL, NULL);
    count_notes(db);
    descend(db, 6000);
    sqlite3_close(db);
    return NULL;
}

/* --- Wrappers that the compiler puts into their callers. --- */

static inline __attribute__((always_inline)) int inlined(sqlite3 *db, const char *sql, int value)
{
    sqlite3_stmt *statement;
    int rows = 0;

    sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, value);
    while (sqlite3_step(statement) == SQLITE_ROW) { /* inlined */
        rows += sqlite3_column_int(statement, 0) > 0;
    }
    sqlite3_finalize(statement);
    return rows;
}

static ALONE int first_caller(sqlite3 *db, int value)
{
    return inlined(db, "SELECT id FROM note WHERE post = ?", value); /* first_caller */
}

static ALONE int second_caller(sqlite3 *db, int value)
{
    return inlined(db, "SELECT id FROM tag WHERE post = ?", value); /* second_caller */
}

static void *inside(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (int i = 1; i <= 12; i++) {
        first_caller(db, i);
        second_caller(db, i + 1);
    }
    sqlite3_close(db);
    return NULL;
}

/* --- No wrapper: it makes up its statement itself, the same ones whoever calls. --- */

static ALONE int search(sqlite3 *db, int value)
{
    char sql[100];
    sqlite3_stmt *statement;
    int rows = 0;

    snprintf(sql, sizeof sql, "SELECT id FROM note WHERE %s = ?", value % 2 ? "id" : "post");
    sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, value);
    while (sqlite3_step(statement) == SQLITE_ROW) { /* search */
        rows += sqlite3_column_int(statement, 0) > 0;
    }
    sqlite3_finalize(statement);
    return rows;
}

static ALONE int first_search(sqlite3 *db, int value)
{
    return search(db, value) + 1;
}

static ALONE int second_search(sqlite3 *db, int value)
{
    return search(db, value) + 2;
}

static void *none(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (int i = 1; i <= 20; i++) {
        first_search(db, i);
        second_search(db, i + 20);
    }
    sqlite3_close(db);
    return NULL;
}

/* Variants of one statement, which its callers choose. */
static ALONE int load_tags(sqlite3 *db, int value, int is_by_post)
{
    sqlite3_stmt *statement;
    int rows = 0;

    sqlite3_prepare_v2(
        db, is_by_post ? "SELECT id FROM tag WHERE post = ?" : "SELECT id FROM tag WHERE id = ?",
        -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, value);
    while (sqlite3_step(statement) == SQLITE_ROW) { /* load_tags */
        rows += sqlite3_column_int(statement, 0) > 0;
    }
    sqlite3_finalize(statement);
    return rows;
}

static ALONE int tags_of_post(sqlite3 *db, int post)
{
    return load_tags(db, post, 1) + 1;
}

static ALONE int tag(sqlite3 *db, int id)
{
    return load_tags(db, id, 0) + 2;
}

static void *variants(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (int i = 1; i <= 20; i++) {
        tags_of_post(db, i);
        tag(db, i + 20);
    }
    sqlite3_close(db);
    return NULL;
}

/* --- Statements that SQLite sends for the program, and from within its calls. --- */

static ALONE int row_of(void *db, int count, char **values, char **names)
{
    int post = (int)strtol(values[0], NULL, 10);

    (void)count;
    (void)names;
    wrap_count(db, "SELECT id FROM tag WHERE post = ?", post); /* row_of */
    __asm__ volatile("");
    return 0;
}

static void *exec(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    sqlite3_exec(db, "SELECT id FROM post WHERE id < 14", row_of, db, NULL); /* exec */
    count_notes(db);
    sqlite3_close(db);
    return NULL;
}

/* --- What an interpreter calls: a binding, and a part of the program that was written for speed.
 * The library that wrap_each() is in is called like one. --- */

static ALONE void binding(sqlite3 *db, const char *sql, int value)
{
    sqlite3_stmt *statement;

    sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, value);
    sqlite3_step(statement); /* binding */
    sqlite3_finalize(statement);
}

static void *interpreted(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (int i = 1; i <= 12; i++) {
        wrap_each(binding, db, "SELECT id FROM note WHERE post = ?", i);
        wrap_each(binding, db, "SELECT id FROM tag WHERE post = ?", i * 3);
    }
    sqlite3_close(db);
    return NULL;
}

static ALONE void fast_notes(sqlite3 *db, const char *unused, int value)
{
    (void)unused;
    binding(db, "SELECT id FROM note WHERE post = ?", value); /* fast_notes */
    __asm__ volatile("");
}

static ALONE void fast_tags(sqlite3 *db, const char *unused, int value)
{
    (void)unused;
    binding(db, "SELECT id FROM tag WHERE post = ?", value); /* fast_tags */
    __asm__ volatile("");
}

static void *extended(void *unused)
{
    sqlite3 *db = open_database();

    (void)unused;
    for (int i = 1; i <= 12; i++) {
        wrap_each(fast_notes, db, NULL, i);
        wrap_each(fast_tags, db, NULL, i * 3);
    }
    sqlite3_close(db);
    return NULL;
}

static void *threads(void *unused)
{
    enum { COUNT = 4 };
    pthread_t all[COUNT];

    for (int i = 0; i < COUNT; i++) {
        pthread_create(&all[i], NULL, pass, unused);
    }
    for (int i = 0; i < COUNT; i++) {
        pthread_join(all[i], NULL);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void *(*run)(void *unused);
    } cases[] = {{"pass", pass},         {"recurse", recurse}, {"inside", inside},
                 {"none", none},         {"exec", exec},       {"interpreted", interpreted},
                 {"extended", extended}, {"threads", threads}, {"variants", variants}};

    for (size_t i = 0; argc > 1 && i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, argv[1]) == 0) {
            cases[i].run(NULL);
            return 0;
        }
    }
    return 2;
}
