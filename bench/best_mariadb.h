/* What the files of MariaDB's best floor share. */
#ifndef ROWAN_BENCH_BEST_MARIADB_H
#define ROWAN_BENCH_BEST_MARIADB_H

#include <mysql.h>

#include "arena.h"
#include "bench.h"
#include "floor.h"

enum { BEST_POST_KEYS = 100, BEST_COMMENT_KEYS = 1000, BEST_INSERTED_ROWS = 100 };

typedef enum best_statement {
    BEST_LOAD,
    BEST_JOIN,
    BEST_FIND,
    BEST_FILTER,
    BEST_POSTS,
    BEST_COMMENTS,
    BEST_POSTS_OF_ONE,
    BEST_COMMENTS_OF_ONE,
    BEST_STREAM,
    BEST_UPDATE,
    BEST_STATEMENT_COUNT
} best_statement;

/** Where the texts of a row are sent from, as long as the columns are; bound once. */
typedef struct best_slot {
    char name[400], hair_colour[160];
    unsigned long name_size, hair_colour_size;
    my_bool no_hair_colour;
} best_slot;

typedef struct best {
    floor_kept kept; /* first */
    MYSQL *mysql;
    MYSQL_STMT *statements[BEST_STATEMENT_COUNT];
    MYSQL_STMT *inserts[BEST_INSERTED_ROWS + 1]; /* by the number of rows */
    best_slot slots[BEST_INSERTED_ROWS];
    int64_t integers[BEST_COMMENT_KEYS]; /* parameters: bound once, filled in each time */
    my_bool nulls[BEST_COMMENT_KEYS];
    const bench_task *copied; /* whose rows the server may ask for; or NULL */
    size_t given;             /* of them */
    void *row;                /* that is being read */
    const char *name;         /* of the event that is being read */
    const char *problem;      /* that the client library does not know of; or NULL */
    bench_arena arena;
} best;

/** A statement, prepared when it is first wanted; NULL if that fails. */
MYSQL_STMT *maria_prepare(best *state, const char *sql, MYSQL_BIND *parameters);
MYSQL_STMT *maria_statement_of(best *state, best_statement which);

/** Callbacks of the client library, which takes them by an object's address. */
typedef void best_read(void *state, unsigned column, unsigned char **at);
typedef my_bool best_bind(void *state, MYSQL_BIND *parameters, unsigned row);

/** Runs a text without parameters and rows. */
bool maria_query(best *state, const char *sql, size_t size);

/** Commits what went well and takes back what did not. */
bool maria_finish(best *state, bool good);

bool maria_find(best *state, int64_t key);
bool maria_fail(best *state, MYSQL_STMT *stmt);

best_bind maria_bind_update;

bool maria_insert(best *state, const bench_task *task);
bool maria_save(best *state, const bench_task *task);
bool maria_update(best *state, const bench_task *task);
bool maria_load_data(best *state, const bench_task *task);

/** Gives the server rows of a task when it asks for a file, and no file ever. */
void maria_guard_files(best *state);

#endif
