/*
 * The best that a person would write on MariaDB's Connector/C: reading.
 *
 * Statements are prepared once, their parameters bound once to places that are filled in each time.
 * Rows are binary and are read as they come; a callback of the client library takes each cell out
 * of the packet straight into its struct, which is a quarter less work than bound buffers. Rows as
 * text would take a fifth fewer instructions of the client where there are many, and no less time:
 * the server has to write the numbers.
 */
#include "best_mariadb.h"

#include <stdio.h>

#define KEYS_10 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define KEYS_100                                                                                   \
    KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10          \
            ", " KEYS_10 ", " KEYS_10 ", " KEYS_10
#define KEYS_1000                                                                                  \
    KEYS_100 ", " KEYS_100 ", " KEYS_100 ", " KEYS_100 ", " KEYS_100 ", " KEYS_100 ", " KEYS_100   \
             ", " KEYS_100 ", " KEYS_100 ", " KEYS_100

/* --- Cells. --- */

static inline int64_t int_at(unsigned char **at)
{
    int64_t value;

    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

/* Bytes of what follows, which has its size before it. */
static inline size_t size_at(unsigned char **at)
{
    const unsigned char *size = *at;

    if (size[0] < 251) {
        *at += 1;
        return size[0];
    }
    if (size[0] == 252) {
        *at += 3;
        return (size_t)(size[1] | size[2] << 8);
    }
    *at += size[0] == 253 ? 4 : 9;
    return (size_t)(size[1] | size[2] << 8) | (size_t)size[3] << 16;
}

/* NULL for SQL's NULL. */
static inline const char *text_at(best *state, unsigned char **at)
{
    if (!at) {
        return NULL;
    }
    size_t size = size_at(at);
    const char *text = bench_arena_text(&state->arena, (const char *)*at, size);
    *at += size;
    if (!text) {
        state->problem = "out of memory";
    }
    return text;
}

static void read_person(void *context, unsigned column, unsigned char **at)
{
    best *state = context;
    floor_person *person = state->row;

    switch (column) {
    case 0:
        person->id = int_at(at);
        break;
    case 1:
        person->name = text_at(state, at);
        break;
    default:
        person->hair_colour = text_at(state, at);
        break;
    }
}

static void read_pair(void *context, unsigned column, unsigned char **at)
{
    best *state = context;
    floor_pair *pair = state->row;

    switch (column) {
    case 0:
        pair->person_id = int_at(at);
        break;
    case 1:
        pair->name = text_at(state, at);
        break;
    case 2:
        pair->post_id = at ? int_at(at) : 0;
        break;
    default:
        pair->title = text_at(state, at);
        break;
    }
}

static void read_post(void *context, unsigned column, unsigned char **at)
{
    best *state = context;
    floor_post *post = state->row;

    switch (column) {
    case 0:
        post->id = int_at(at);
        break;
    case 1:
        post->person_id = int_at(at);
        break;
    case 2:
        post->title = text_at(state, at);
        break;
    default:
        post->body = text_at(state, at);
        break;
    }
}

static void read_comment(void *context, unsigned column, unsigned char **at)
{
    best *state = context;
    floor_comment *comment = state->row;

    switch (column) {
    case 0:
        comment->id = int_at(at);
        break;
    case 1:
        comment->post_id = int_at(at);
        break;
    default:
        comment->body = text_at(state, at);
        break;
    }
}

/* The name stays in the packet: the byte behind it is the amount's first, which has been read when
 * the NUL goes there. */
static void read_event(void *context, unsigned column, unsigned char **at)
{
    best *state = context;

    if (column == 0) {
        *(int64_t *)state->row = int_at(at);
    } else if (column == 1) {
        size_t size = size_at(at);
        state->name = (const char *)*at;
        *at += size;
    } else {
        unsigned char *behind = *at;
        int64_t amount = int_at(at);
        *behind = '\0';
        state->kept.rows.digest = bench_digest_event(state->kept.rows.digest,
                                                     *(int64_t *)state->row, state->name, amount);
    }
}

/* --- Statements. --- */

/* How many of a statement's parameters are the integers of the state; and what reads its rows, or
 * fills in its rows of parameters. */
static const struct {
    const char *sql;
    unsigned integers;
    best_read *read;
    best_bind *bind;
} plans[BEST_STATEMENT_COUNT] = {
    [BEST_LOAD] = {"SELECT id, name, hair_colour FROM person WHERE id <= ? ORDER BY id", 1,
                   read_person, NULL},
    [BEST_JOIN] = {"SELECT person.id, person.name, post.id, post.title FROM person "
                   "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
                   "ORDER BY person.id, post.id LIMIT ?",
                   1, read_pair, NULL},
    [BEST_FIND] = {"SELECT id, name, hair_colour FROM person WHERE id = ?", 1, read_person, NULL},
    [BEST_FILTER] = {"SELECT id, name, hair_colour FROM person WHERE id = ? AND id >= ? "
                     "AND id <= ? AND name <> ? AND (hair_colour IS NULL OR hair_colour <> ?)",
                     3, read_person, NULL},
    [BEST_POSTS] = {"SELECT id, person_id, title, body FROM post WHERE person_id IN (" KEYS_100
                    ") ORDER BY person_id, id",
                    BEST_POST_KEYS, read_post, NULL},
    [BEST_COMMENTS] = {"SELECT id, post_id, body FROM comment WHERE post_id IN (" KEYS_1000
                       ") ORDER BY post_id, id",
                       BEST_COMMENT_KEYS, read_comment, NULL},
    [BEST_POSTS_OF_ONE] = {"SELECT id, person_id, title, body FROM post WHERE person_id = ? "
                           "ORDER BY id",
                           1, read_post, NULL},
    [BEST_COMMENTS_OF_ONE] = {"SELECT id, post_id, body FROM comment WHERE post_id = ? ORDER BY id",
                              1, read_comment, NULL},
    [BEST_STREAM] = {"SELECT id, name, amount FROM event ORDER BY id", 0, read_event, NULL},
    [BEST_UPDATE] = {"UPDATE person SET name = ? WHERE id = ?", 0, NULL, maria_bind_update},
};

/* What callbacks are passed as: C has no cast from a function to the address of an object. */
typedef union callback {
    best_read *read;
    best_bind *bind;
    const void *address;
} callback;

bool maria_fail(best *state, MYSQL_STMT *stmt)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s",
             stmt ? mysql_stmt_error(stmt) : mysql_error(state->mysql));
    return false;
}

MYSQL_STMT *maria_prepare(best *state, const char *sql, MYSQL_BIND *parameters)
{
    MYSQL_STMT *stmt = mysql_stmt_init(state->mysql);

    if (!stmt) {
        maria_fail(state, NULL);
        return NULL;
    }
    if (mysql_stmt_prepare(stmt, sql, (unsigned long)strlen(sql)) != 0 ||
        (parameters && mysql_stmt_bind_param(stmt, parameters) != 0)) {
        maria_fail(state, stmt);
        mysql_stmt_close(stmt);
        return NULL;
    }
    return stmt;
}

static MYSQL_STMT *prepare(best *state, best_statement which)
{
    MYSQL_BIND parameters[BEST_COMMENT_KEYS + 2];
    unsigned count = plans[which].integers;

    memset(parameters, 0, sizeof parameters);
    for (unsigned i = 0; i < count; i++) {
        parameters[i].buffer_type = MYSQL_TYPE_LONGLONG;
        parameters[i].buffer = &state->integers[i];
        parameters[i].is_null = &state->nulls[i];
    }
    parameters[count].buffer_type = MYSQL_TYPE_STRING;
    parameters[count + 1].buffer_type = MYSQL_TYPE_STRING;
    if (which == BEST_FILTER) {
        parameters[count].buffer = "";
        parameters[count + 1].buffer = "none";
        parameters[count + 1].buffer_length = 4;
    } else if (which == BEST_UPDATE) {
        parameters[1].buffer_type = MYSQL_TYPE_LONGLONG;
    }
    MYSQL_STMT *stmt = maria_prepare(state, plans[which].sql, parameters);
    if (stmt) {
        mysql_stmt_attr_set(stmt, STMT_ATTR_CB_USER_DATA, state);
        mysql_stmt_attr_set(stmt, STMT_ATTR_CB_RESULT, (callback){plans[which].read}.address);
        mysql_stmt_attr_set(stmt, STMT_ATTR_CB_PARAM,
                            (callback){.bind = plans[which].bind}.address);
    }
    state->statements[which] = stmt;
    return stmt;
}

MYSQL_STMT *maria_statement_of(best *state, best_statement which)
{
    return state->statements[which] ? state->statements[which] : prepare(state, which);
}

/* Runs a statement, whose integers are filled in, and reads its rows into new items of a list. */
static bool read_all(best *state, best_statement which, floor_list *list, size_t size)
{
    MYSQL_STMT *stmt = maria_statement_of(state, which);
    int code;

    if (!stmt || mysql_stmt_execute(stmt) != 0) {
        return stmt && maria_fail(state, stmt);
    }
    do {
        state->row = floor_list_add(list, size);
        if (!state->row) {
            return false;
        }
        code = mysql_stmt_fetch(stmt);
    } while (code == 0);
    list->count--;
    if (state->problem) {
        snprintf(state->kept.why, sizeof state->kept.why, "%s", state->problem);
        return false;
    }
    return code == MYSQL_NO_DATA || maria_fail(state, stmt);
}

bool maria_query(best *state, const char *sql, size_t size)
{
    return mysql_real_query(state->mysql, sql, (unsigned long)size) == 0 || maria_fail(state, NULL);
}

bool maria_finish(best *state, bool good)
{
    if (good) {
        return maria_query(state, "COMMIT", 6);
    }
    mysql_real_query(state->mysql, "ROLLBACK", 8);
    return false;
}

/* --- Rows. --- */

static bool read_people(best *state, best_statement which, int64_t number)
{
    state->integers[0] = number;
    state->nulls[0] = 0;
    return read_all(state, which, &state->kept.rows.people, sizeof(floor_person));
}

bool maria_find(best *state, int64_t key)
{
    return read_people(state, BEST_FIND, key);
}

static bool filter(best *state, int64_t key)
{
    state->integers[1] = 1;
    state->integers[2] = 10000;
    state->nulls[1] = state->nulls[2] = 0;
    return read_people(state, BEST_FILTER, key);
}

static bool join(best *state, size_t n)
{
    state->integers[0] = (int64_t)n;
    state->nulls[0] = 0;
    return read_all(state, BEST_JOIN, &state->kept.rows.pairs, sizeof(floor_pair));
}

/* --- Trees. --- */

/* A parent begins with its key. */
_Static_assert(offsetof(floor_author, person.id) == 0 && offsetof(floor_post, id) == 0,
               "a parent begins with its key");

/* What tells how to read a level of the tree. */
typedef struct level {
    best_statement of_many, of_one;
    size_t most_keys;
    size_t parent_size, child_size;
} level;

static const level level_posts = {BEST_POSTS, BEST_POSTS_OF_ONE, BEST_POST_KEYS,
                                  sizeof(floor_author), sizeof(floor_post)};
static const level level_comments = {BEST_COMMENTS, BEST_COMMENTS_OF_ONE, BEST_COMMENT_KEYS,
                                     sizeof(floor_post), sizeof(floor_comment)};

/* One statement serves lists of any length: what is left of the last list is NULL, which no key
 * equals. */
static bool read_level(best *state, const level *what, const floor_list *parents,
                       floor_list *children)
{
    const char *parent = parents->items;
    bool good = true;

    for (size_t done = 0; good && done < parents->count; done += what->most_keys) {
        for (size_t i = 0; i < what->most_keys; i++) {
            state->nulls[i] = done + i >= parents->count;
            if (!state->nulls[i]) {
                memcpy(&state->integers[i], parent, sizeof(int64_t));
                parent += what->parent_size;
            }
        }
        good = read_all(state, what->of_many, children, what->child_size);
    }
    return good;
}

static bool read_level_lazily(best *state, const level *what, const floor_list *parents,
                              floor_list *children)
{
    const char *parent = parents->items;
    bool good = true;

    state->nulls[0] = 0;
    for (size_t i = 0; good && i < parents->count; i++, parent += what->parent_size) {
        memcpy(&state->integers[0], parent, sizeof(int64_t));
        good = read_all(state, what->of_one, children, what->child_size);
    }
    return good;
}

static bool tree(best *state, bool (*read)(best *, const level *, const floor_list *, floor_list *))
{
    floor_rows *rows = &state->kept.rows;

    state->integers[0] = 100;
    state->nulls[0] = 0;
    bool good = read_all(state, BEST_LOAD, &rows->authors, sizeof(floor_author)) &&
                read(state, &level_posts, &rows->authors, &rows->posts) &&
                read(state, &level_comments, &rows->posts, &rows->comments);
    floor_rows_link(rows);
    return good;
}

/* --- Streams. --- */

static bool stream(best *state)
{
    MYSQL_STMT *stmt = maria_statement_of(state, BEST_STREAM);
    int64_t id;
    int code;

    if (!stmt || mysql_stmt_execute(stmt) != 0) {
        return stmt && maria_fail(state, stmt);
    }
    state->row = &id;
    do {
        code = mysql_stmt_fetch(stmt);
    } while (code == 0);
    return code == MYSQL_NO_DATA || maria_fail(state, stmt);
}

/* --- The contestant. --- */

static void close_best(void *context)
{
    best *state = context;

    for (size_t i = 0; i < BEST_STATEMENT_COUNT; i++) {
        if (state->statements[i]) {
            mysql_stmt_close(state->statements[i]);
        }
    }
    for (size_t i = 0; i <= BEST_INSERTED_ROWS; i++) {
        if (state->inserts[i]) {
            mysql_stmt_close(state->inserts[i]);
        }
    }
    mysql_close(state->mysql);
    floor_rows_free(&state->kept.rows);
    bench_arena_free(&state->arena);
    free(state);
}

static void *open_best(const bench_place *place, char *why, size_t why_size)
{
    static const char settings[] = FLOOR_MARIADB_SETTINGS;
    best *state = calloc(1, sizeof *state);
    unsigned yes = 1;

    if (state) {
        state->mysql = mysql_init(NULL);
    }
    if (!state || !state->mysql) {
        snprintf(why, why_size, "out of memory");
        free(state);
        return NULL;
    }
    mysql_options(state->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(state->mysql, MYSQL_OPT_LOCAL_INFILE, &yes);
    if (!mysql_real_connect(state->mysql, NULL, place->user, place->password, place->database, 0,
                            place->socket, CLIENT_FOUND_ROWS) ||
        mysql_real_query(state->mysql, settings, sizeof settings - 1) != 0) {
        snprintf(why, why_size, "%s", mysql_error(state->mysql));
        close_best(state);
        return NULL;
    }
    maria_guard_files(state);
    return state;
}

static bool run(void *context, const bench_task *task)
{
    best *state = context;

    switch (task->work) {
    case BENCH_LOAD:
        return read_people(state, BEST_LOAD, (int64_t)task->n);
    case BENCH_JOIN:
        return join(state, task->n);
    case BENCH_FIND:
        return maria_find(state, task->keys[0]);
    case BENCH_FILTER:
        return filter(state, task->keys[0]);
    case BENCH_INSERT:
        return maria_insert(state, task);
    case BENCH_SAVE:
        return maria_save(state, task);
    case BENCH_TREE:
        return tree(state, read_level);
    case BENCH_TREE_LAZY:
        return tree(state, read_level_lazily);
    case BENCH_UPDATE:
        return maria_update(state, task);
    case BENCH_BULK:
        return maria_load_data(state, task);
    case BENCH_STREAM:
        return stream(state);
    case BENCH_WORK_COUNT:
        break;
    }
    return false;
}

static void clear(void *context, const bench_task *task)
{
    best *state = context;

    (void)task;
    floor_rows_reset(&state->kept.rows);
    bench_arena_reset(&state->arena);
}

const bench_contestant bench_best_mariadb = {
    .name = "best",
    .engine = "mariadb",
    .can = floor_can,
    .open = open_best,
    .close = close_best,
    .run = run,
    .fold = floor_fold,
    .clear = clear,
    .why = floor_why,
};
