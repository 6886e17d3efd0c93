/*
 * The best that a person would write on SQLite itself.
 *
 * Statements are prepared once and kept. The connection belongs to one thread and has no mutex.
 * Cells are read through their sqlite3_value, looked up once for text and size together, straight
 * into the structs; text goes into one arena that is filled again by the next result. A read by key
 * is reset after its row, without a step that only says that there is no other.
 */
#include <sqlite3.h>
#include <stdio.h>

#include "arena.h"
#include "bench.h"
#include "floor.h"

/* Rows of one INSERT: twice as many would save a hundredth more, half as many cost three. */
enum { MOST_ROWS = 100, MOST_KEYS = 100 };

#define KEYS_10 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define KEYS_50 KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10 ", " KEYS_10
#define KEYS KEYS_50 ", " KEYS_50 /* MOST_KEYS of them */

typedef enum statement {
    BEGIN,
    BEGIN_READ,
    COMMIT,
    LOAD,
    JOIN,
    FIND,
    FILTER,
    POSTS,
    COMMENTS,
    POSTS_OF_ONE,
    COMMENTS_OF_ONE,
    UPDATE,
    STREAM,
    STATEMENT_COUNT
} statement;

static const char *const texts[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [BEGIN_READ] = "BEGIN",
    [COMMIT] = "COMMIT",
    [LOAD] = "SELECT id, name, hair_colour FROM person WHERE id <= ? ORDER BY id",
    [JOIN] = "SELECT person.id, person.name, post.id, post.title FROM person "
             "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
             "ORDER BY person.id, post.id LIMIT ?",
    [FIND] = "SELECT id, name, hair_colour FROM person WHERE id = ?",
    [FILTER] = "SELECT id, name, hair_colour FROM person WHERE id = ? AND id >= ? AND id <= ? "
               "AND name <> ? AND (hair_colour IS NULL OR hair_colour <> ?)",
    [POSTS] = "SELECT id, person_id, title, body FROM post WHERE person_id IN (" KEYS
              ") ORDER BY person_id, id",
    [COMMENTS] =
        "SELECT id, post_id, body FROM comment WHERE post_id IN (" KEYS ") ORDER BY post_id, id",
    [POSTS_OF_ONE] = "SELECT id, person_id, title, body FROM post WHERE person_id = ? ORDER BY id",
    [COMMENTS_OF_ONE] = "SELECT id, post_id, body FROM comment WHERE post_id = ? ORDER BY id",
    [UPDATE] = "UPDATE person SET name = ? WHERE id = ?",
    [STREAM] = "SELECT id, name, amount FROM event ORDER BY id",
};

typedef struct best {
    floor_kept kept; /* first */
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    sqlite3_stmt *inserts[MOST_ROWS + 1]; /* by the number of rows */
    bench_arena arena;
} best;

static bool fail(best *state)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s", sqlite3_errmsg(state->db));
    return false;
}

static sqlite3_stmt *prepare(best *state, const char *sql, sqlite3_stmt **slot)
{
    if (sqlite3_prepare_v3(state->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) !=
        SQLITE_OK) {
        fail(state);
    }
    return *slot;
}

static inline sqlite3_stmt *statement_of(best *state, statement which)
{
    sqlite3_stmt **slot = &state->statements[which];

    return *slot ? *slot : prepare(state, texts[which], slot);
}

/* Ends the statement after its last step, which tells whether it went well. */
static bool settle(best *state, sqlite3_stmt *stmt, int code, int wanted)
{
    bool good = code == wanted;

    if (!good) {
        fail(state);
    }
    sqlite3_reset(stmt);
    return good;
}

static bool execute(best *state, sqlite3_stmt *stmt)
{
    return stmt && settle(state, stmt, sqlite3_step(stmt), SQLITE_DONE);
}

static bool execute_text(best *state, statement which)
{
    return execute(state, statement_of(state, which));
}

/* Commits what went well and takes back what did not. */
static bool end(best *state, bool good)
{
    if (good && execute_text(state, COMMIT)) {
        return true;
    }
    sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* --- Reading. --- */

static inline int64_t int_at(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt, column);
}

/* NULL for SQL's NULL. */
static inline const char *text_at(best *state, sqlite3_stmt *stmt, int column)
{
    sqlite3_value *value = sqlite3_column_value(stmt, column);
    const char *text = (const char *)sqlite3_value_text(value);

    return text ? bench_arena_text(&state->arena, text, (size_t)sqlite3_value_bytes(value)) : NULL;
}

static inline void read_person(best *state, sqlite3_stmt *stmt, floor_person *person)
{
    person->id = int_at(stmt, 0);
    person->name = text_at(state, stmt, 1);
    person->hair_colour = text_at(state, stmt, 2);
}

static bool load(best *state, size_t n)
{
    sqlite3_stmt *stmt = statement_of(state, LOAD);
    int code = SQLITE_NOMEM;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, (int64_t)n);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_person *person = floor_list_add(&state->kept.rows.people, sizeof *person);
        if (!person) {
            break;
        }
        read_person(state, stmt, person);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

static bool join(best *state, size_t n)
{
    sqlite3_stmt *stmt = statement_of(state, JOIN);
    int code = SQLITE_NOMEM;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, (int64_t)n);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_pair *pair = floor_list_add(&state->kept.rows.pairs, sizeof *pair);
        if (!pair) {
            break;
        }
        pair->person_id = int_at(stmt, 0);
        pair->name = text_at(state, stmt, 1);
        pair->post_id = int_at(stmt, 2);
        pair->title = text_at(state, stmt, 3);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

/* Reads the one row of a statement that is bound. */
static bool read_one(best *state, sqlite3_stmt *stmt)
{
    floor_person *person = floor_list_add(&state->kept.rows.people, sizeof *person);
    int code = person ? sqlite3_step(stmt) : SQLITE_NOMEM;

    if (code == SQLITE_ROW) {
        read_person(state, stmt, person);
    }
    return settle(state, stmt, code, SQLITE_ROW);
}

static bool find(best *state, int64_t key)
{
    sqlite3_stmt *stmt = statement_of(state, FIND);

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, key);
    return read_one(state, stmt);
}

static bool filter(best *state, int64_t key)
{
    sqlite3_stmt *stmt = statement_of(state, FILTER);

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, key);
    sqlite3_bind_int64(stmt, 2, 1);
    sqlite3_bind_int64(stmt, 3, 10000);
    sqlite3_bind_text(stmt, 4, "", 0, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 5, "none", 4, SQLITE_STATIC);
    return read_one(state, stmt);
}

/* --- Trees. --- */

static bool read_authors(best *state, int64_t most)
{
    sqlite3_stmt *stmt = statement_of(state, LOAD);
    int code = SQLITE_NOMEM;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, most);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_author *author = floor_list_add(&state->kept.rows.authors, sizeof *author);
        if (!author) {
            break;
        }
        read_person(state, stmt, &author->person);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

/* Reads the posts of a statement that is bound. */
static bool read_posts(best *state, sqlite3_stmt *stmt)
{
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_post *post = floor_list_add(&state->kept.rows.posts, sizeof *post);
        if (!post) {
            break;
        }
        post->id = int_at(stmt, 0);
        post->person_id = int_at(stmt, 1);
        post->title = text_at(state, stmt, 2);
        post->body = text_at(state, stmt, 3);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

static bool read_comments(best *state, sqlite3_stmt *stmt)
{
    int code;

    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_comment *comment = floor_list_add(&state->kept.rows.comments, sizeof *comment);
        if (!comment) {
            break;
        }
        comment->id = int_at(stmt, 0);
        comment->post_id = int_at(stmt, 1);
        comment->body = text_at(state, stmt, 2);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

/*
 * A transaction around all reads takes the lock once and not for every statement. Children are
 * selected by the keys of the parents that were read, as on the servers; a join that repeats what
 * chose the parents would take 5 % less where it can be repeated.
 */

/*
 * Reads the children of many parents, MOST_KEYS at a time, so that there is one statement for lists
 * of any length: what is left of the last list is NULL, which no key equals.
 */
static bool read_children(best *state, statement which, const floor_list *parents, size_t size,
                          bool (*read)(best *state, sqlite3_stmt *stmt))
{
    sqlite3_stmt *stmt = statement_of(state, which);
    const char *at = parents->items;
    bool good = stmt != NULL;

    for (size_t done = 0; good && done < parents->count; done += MOST_KEYS) {
        for (int i = 1; i <= MOST_KEYS; i++, at += size) {
            if (done + (size_t)i <= parents->count) {
                sqlite3_bind_int64(stmt, i, *(const int64_t *)(const void *)at);
            } else {
                sqlite3_bind_null(stmt, i);
            }
        }
        good = read(state, stmt);
    }
    return good;
}

/* Both begin with their key, where read_children() finds it. */
_Static_assert(offsetof(floor_author, person.id) == 0 && offsetof(floor_post, id) == 0,
               "a parent begins with its key");

static bool tree(best *state)
{
    floor_rows *rows = &state->kept.rows;
    bool good = execute_text(state, BEGIN_READ) && read_authors(state, 100) &&
                read_children(state, POSTS, &rows->authors, sizeof(floor_author), read_posts) &&
                read_children(state, COMMENTS, &rows->posts, sizeof(floor_post), read_comments);

    floor_rows_link(rows);
    return end(state, good);
}

/* As a tree, with one query a parent. */
static bool read_children_of_each(best *state, statement which, const floor_list *parents,
                                  size_t size, bool (*read)(best *state, sqlite3_stmt *stmt))
{
    sqlite3_stmt *stmt = statement_of(state, which);
    const char *at = parents->items;
    bool good = stmt != NULL;

    for (size_t i = 0; good && i < parents->count; i++, at += size) {
        sqlite3_bind_int64(stmt, 1, *(const int64_t *)(const void *)at);
        good = read(state, stmt);
    }
    return good;
}

static bool tree_lazily(best *state)
{
    floor_rows *rows = &state->kept.rows;
    bool good = execute_text(state, BEGIN_READ) && read_authors(state, 100) &&
                read_children_of_each(state, POSTS_OF_ONE, &rows->authors, sizeof(floor_author),
                                      read_posts) &&
                read_children_of_each(state, COMMENTS_OF_ONE, &rows->posts, sizeof(floor_post),
                                      read_comments);

    floor_rows_link(rows);
    return end(state, good);
}

static bool stream(best *state)
{
    sqlite3_stmt *stmt = statement_of(state, STREAM);
    uint64_t digest = 0;
    int code;

    if (!stmt) {
        return false;
    }
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 1);
        if (!name) {
            break;
        }
        digest = bench_digest_event(digest, int_at(stmt, 0), name, int_at(stmt, 2));
    }
    state->kept.rows.digest = digest;
    return settle(state, stmt, code, SQLITE_DONE);
}

/* --- Writing. --- */

static sqlite3_stmt *insert_of(best *state, size_t count)
{
    static const char head[] = "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)";
    char sql[sizeof head + MOST_ROWS * 8];
    size_t size = sizeof head - 1;

    if (state->inserts[count]) {
        return state->inserts[count];
    }
    memcpy(sql, head, sizeof head);
    for (size_t i = 1; i < count; i++) {
        memcpy(sql + size, ", (?, ?)", sizeof ", (?, ?)");
        size += sizeof ", (?, ?)" - 1;
    }
    return prepare(state, sql, &state->inserts[count]);
}

/* Inserts up to MOST_ROWS rows by one statement. */
static bool insert_some(best *state, const bench_newcomer *newcomers, size_t count)
{
    sqlite3_stmt *stmt = insert_of(state, count);
    int parameter = 1;

    if (!stmt) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_text(stmt, parameter++, newcomers[i].name, -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, parameter++, newcomers[i].hair_colour, -1, SQLITE_STATIC);
    }
    return execute(state, stmt);
}

static bool insert_all(best *state, const bench_newcomer *newcomers, size_t count)
{
    for (size_t done = 0; done < count;) {
        size_t some = count - done < MOST_ROWS ? count - done : MOST_ROWS;
        if (!insert_some(state, newcomers + done, some)) {
            return false;
        }
        done += some;
    }
    return true;
}

/* One statement is a transaction of its own. */
static bool insert(best *state, const bench_newcomer *newcomers, size_t count)
{
    if (count <= MOST_ROWS) {
        return insert_some(state, newcomers, count);
    }
    return execute_text(state, BEGIN) && end(state, insert_all(state, newcomers, count));
}

/* The rows of one INSERT get keys that follow one another, and the last is known: RETURNING would
 * hand out the same keys in an order that SQLite does not promise either. */
static bool save_some(best *state, const bench_newcomer *newcomers, size_t count)
{
    if (!insert_some(state, newcomers, count)) {
        return false;
    }
    int64_t key = sqlite3_last_insert_rowid(state->db) - (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        int64_t *item = floor_list_add(&state->kept.rows.keys, sizeof *item);
        if (!item) {
            return false;
        }
        *item = ++key;
    }
    return true;
}

static bool save(best *state, const bench_newcomer *newcomers, size_t count)
{
    bool good = execute_text(state, BEGIN);

    for (size_t done = 0; good && done < count;) {
        size_t some = count - done < MOST_ROWS ? count - done : MOST_ROWS;
        good = save_some(state, newcomers + done, some);
        done += some;
    }
    return end(state, good);
}

static bool rename_person(best *state, int64_t key, const char *name)
{
    if (!find(state, key)) {
        return false;
    }
    floor_person *people = state->kept.rows.people.items;
    floor_person *person = &people[state->kept.rows.people.count - 1];
    sqlite3_stmt *stmt = statement_of(state, UPDATE);
    person->name = name;
    if (!stmt) {
        return false;
    }
    sqlite3_bind_text(stmt, 1, person->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, person->id);
    return execute(state, stmt);
}

static bool update(best *state, const bench_task *task)
{
    bool good = execute_text(state, BEGIN);

    for (size_t i = 0; good && i < task->n; i++) {
        good = rename_person(state, task->keys[i], task->names[i]);
    }
    return end(state, good);
}

/* --- The contestant. --- */

static void close_best(void *context)
{
    best *state = context;

    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(state->statements[i]);
    }
    for (size_t i = 0; i <= MOST_ROWS; i++) {
        sqlite3_finalize(state->inserts[i]);
    }
    sqlite3_close_v2(state->db);
    floor_rows_free(&state->kept.rows);
    bench_arena_free(&state->arena);
    free(state);
}

static void *open_best(const bench_place *place, char *why, size_t why_size)
{
    best *state = calloc(1, sizeof *state);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (!state) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    if (sqlite3_open_v2(place->path, &state->db, flags, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(state->db, 5000) != SQLITE_OK ||
        sqlite3_exec(state->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                     "PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON",
                     NULL, NULL, NULL) != SQLITE_OK) {
        snprintf(why, why_size, "%s", sqlite3_errmsg(state->db));
        close_best(state);
        return NULL;
    }
    return state;
}

static bool run(void *context, const bench_task *task)
{
    best *state = context;

    switch (task->work) {
    case BENCH_LOAD:
        return load(state, task->n);
    case BENCH_JOIN:
        return join(state, task->n);
    case BENCH_FIND:
        return find(state, task->keys[0]);
    case BENCH_FILTER:
        return filter(state, task->keys[0]);
    case BENCH_INSERT:
    case BENCH_BULK:
        return insert(state, task->newcomers, task->n);
    case BENCH_SAVE:
        return save(state, task->newcomers, task->n);
    case BENCH_TREE:
        return tree(state);
    case BENCH_TREE_LAZY:
        return tree_lazily(state);
    case BENCH_UPDATE:
        return update(state, task);
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

const bench_contestant bench_best_sqlite = {
    .name = "best",
    .engine = "sqlite",
    .can = floor_can,
    .open = open_best,
    .close = close_best,
    .run = run,
    .fold = floor_fold,
    .clear = clear,
    .why = floor_why,
};
