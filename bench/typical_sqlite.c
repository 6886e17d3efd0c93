/*
 * What a careful programmer writes first on SQLite.
 *
 * The connection is opened by default, every statement is prepared where it is needed and finalised
 * after it, and every text is a strdup. Many rows to insert share a transaction and one prepared
 * single-row INSERT, which is in every tutorial; a tree is loaded by three queries.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "floor.h"

typedef struct typical {
    floor_kept kept; /* first */
    sqlite3 *db;
} typical;

static bool fail(typical *state)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s", sqlite3_errmsg(state->db));
    return false;
}

static sqlite3_stmt *prepare(typical *state, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(state->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail(state);
    }
    return stmt;
}

static bool execute(typical *state, const char *sql)
{
    return sqlite3_exec(state->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(state);
}

/* Commits what went well and takes back what did not. */
static bool end(typical *state, bool good)
{
    if (good && execute(state, "COMMIT")) {
        return true;
    }
    sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* Finalises the statement after its last step, which tells whether it went well. */
static bool settle(typical *state, sqlite3_stmt *stmt, int code, int wanted)
{
    bool good = code == wanted || fail(state);

    sqlite3_finalize(stmt);
    return good;
}

/* --- Reading. --- */

/* NULL for SQL's NULL. */
static char *text_at(sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        return NULL;
    }
    return strdup((const char *)sqlite3_column_text(stmt, column));
}

static void read_person(sqlite3_stmt *stmt, floor_person *person)
{
    person->id = sqlite3_column_int64(stmt, 0);
    person->name = text_at(stmt, 1);
    person->hair_colour = text_at(stmt, 2);
}

static bool load(typical *state, size_t n)
{
    sqlite3_stmt *stmt =
        prepare(state, "SELECT id, name, hair_colour FROM person WHERE id <= ? ORDER BY id");
    int code;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, (int64_t)n);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_person *person = floor_list_add(&state->kept.rows.people, sizeof *person);
        if (!person) {
            break;
        }
        read_person(stmt, person);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

static bool join(typical *state, size_t n)
{
    sqlite3_stmt *stmt =
        prepare(state, "SELECT person.id, person.name, post.id, post.title FROM person "
                       "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
                       "ORDER BY person.id, post.id LIMIT ?");
    int code;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, (int64_t)n);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_pair *pair = floor_list_add(&state->kept.rows.pairs, sizeof *pair);
        if (!pair) {
            break;
        }
        pair->person_id = sqlite3_column_int64(stmt, 0);
        pair->name = text_at(stmt, 1);
        pair->post_id = sqlite3_column_int64(stmt, 2);
        pair->title = text_at(stmt, 3);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

/* Reads the one row of a statement that is bound. */
static bool read_one(typical *state, sqlite3_stmt *stmt)
{
    floor_person *person = floor_list_add(&state->kept.rows.people, sizeof *person);
    int code = person ? sqlite3_step(stmt) : SQLITE_NOMEM;

    if (code == SQLITE_ROW) {
        read_person(stmt, person);
    } else if (person) {
        state->kept.rows.people.count--;
    }
    return settle(state, stmt, code, SQLITE_ROW);
}

static bool find(typical *state, int64_t key)
{
    sqlite3_stmt *stmt = prepare(state, "SELECT id, name, hair_colour FROM person WHERE id = ?");

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, key);
    return read_one(state, stmt);
}

static bool filter(typical *state, int64_t key)
{
    sqlite3_stmt *stmt =
        prepare(state, "SELECT id, name, hair_colour FROM person WHERE id = ? AND id >= ? "
                       "AND id <= ? AND name <> ? AND (hair_colour IS NULL OR hair_colour <> ?)");

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, key);
    sqlite3_bind_int64(stmt, 2, 1);
    sqlite3_bind_int64(stmt, 3, 10000);
    sqlite3_bind_text(stmt, 4, "", -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 5, "none", -1, SQLITE_STATIC);
    return read_one(state, stmt);
}

static bool read_authors(typical *state)
{
    sqlite3_stmt *stmt =
        prepare(state, "SELECT id, name, hair_colour FROM person WHERE id <= ? ORDER BY id");
    int code;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, 100);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_author *author = floor_list_add(&state->kept.rows.authors, sizeof *author);
        if (!author) {
            break;
        }
        *author = (floor_author){0};
        read_person(stmt, &author->person);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

/* Reads the posts that a query selects by one number. */
static bool read_posts(typical *state, const char *sql, int64_t number)
{
    sqlite3_stmt *stmt = prepare(state, sql);
    int code;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, number);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_post *post = floor_list_add(&state->kept.rows.posts, sizeof *post);
        if (!post) {
            break;
        }
        *post = (floor_post){0};
        post->id = sqlite3_column_int64(stmt, 0);
        post->person_id = sqlite3_column_int64(stmt, 1);
        post->title = text_at(stmt, 2);
        post->body = text_at(stmt, 3);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

static bool read_comments(typical *state, const char *sql, int64_t number)
{
    sqlite3_stmt *stmt = prepare(state, sql);
    int code;

    if (!stmt) {
        return false;
    }
    sqlite3_bind_int64(stmt, 1, number);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        floor_comment *comment = floor_list_add(&state->kept.rows.comments, sizeof *comment);
        if (!comment) {
            break;
        }
        comment->id = sqlite3_column_int64(stmt, 0);
        comment->post_id = sqlite3_column_int64(stmt, 1);
        comment->body = text_at(stmt, 2);
    }
    return settle(state, stmt, code, SQLITE_DONE);
}

static bool tree(typical *state)
{
    if (!read_authors(state) ||
        !read_posts(state,
                    "SELECT id, person_id, title, body FROM post WHERE person_id <= ? "
                    "ORDER BY person_id, id",
                    100) ||
        !read_comments(state,
                       "SELECT comment.id, comment.post_id, comment.body FROM comment "
                       "JOIN post ON post.id = comment.post_id WHERE post.person_id <= ? "
                       "ORDER BY post.person_id, post.id, comment.id",
                       100)) {
        return false;
    }
    floor_rows_link(&state->kept.rows);
    return true;
}

static bool tree_lazily(typical *state)
{
    floor_rows *rows = &state->kept.rows;
    bool good = read_authors(state);

    for (size_t i = 0; good && i < rows->authors.count; i++) {
        const floor_author *authors = rows->authors.items;
        good = read_posts(state,
                          "SELECT id, person_id, title, body FROM post WHERE person_id = ? "
                          "ORDER BY id",
                          authors[i].person.id);
    }
    for (size_t i = 0; good && i < rows->posts.count; i++) {
        const floor_post *posts = rows->posts.items;
        good = read_comments(state,
                             "SELECT id, post_id, body FROM comment WHERE post_id = ? ORDER BY id",
                             posts[i].id);
    }
    floor_rows_link(rows);
    return good;
}

static bool stream(typical *state)
{
    sqlite3_stmt *stmt = prepare(state, "SELECT id, name, amount FROM event ORDER BY id");
    uint64_t digest = 0;
    int code;

    if (!stmt) {
        return false;
    }
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        char *name = text_at(stmt, 1);
        if (!name) {
            break;
        }
        digest = bench_digest_event(digest, sqlite3_column_int64(stmt, 0), name,
                                    sqlite3_column_int64(stmt, 2));
        free(name);
    }
    state->kept.rows.digest = digest;
    return settle(state, stmt, code, SQLITE_DONE);
}

/* --- Writing. --- */

static bool insert_row(sqlite3_stmt *stmt, const bench_newcomer *newcomer)
{
    sqlite3_bind_text(stmt, 1, newcomer->name, -1, SQLITE_TRANSIENT);
    if (newcomer->hair_colour) {
        sqlite3_bind_text(stmt, 2, newcomer->hair_colour, -1, SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_null(stmt, 2);
    }
    return sqlite3_step(stmt) == SQLITE_DONE && sqlite3_reset(stmt) == SQLITE_OK;
}

static bool insert(typical *state, const bench_newcomer *newcomers, size_t count)
{
    if (!execute(state, "BEGIN")) {
        return false;
    }
    sqlite3_stmt *stmt = prepare(state, "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)");
    bool good = stmt != NULL;
    for (size_t i = 0; good && i < count; i++) {
        good = insert_row(stmt, &newcomers[i]) || fail(state);
    }
    sqlite3_finalize(stmt);
    return end(state, good);
}

/* A function that saves one object knows nothing of those that follow. */
static bool save_one(typical *state, const bench_newcomer *newcomer, int64_t *key)
{
    sqlite3_stmt *stmt = prepare(state, "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)");

    if (!stmt) {
        return false;
    }
    bool good = insert_row(stmt, newcomer) || fail(state);
    sqlite3_finalize(stmt);
    *key = sqlite3_last_insert_rowid(state->db);
    return good;
}

static bool save(typical *state, const bench_newcomer *newcomers, size_t count)
{
    bool good = execute(state, "BEGIN");

    if (!good) {
        return false;
    }
    for (size_t i = 0; good && i < count; i++) {
        int64_t *key = floor_list_add(&state->kept.rows.keys, sizeof *key);
        good = key && save_one(state, &newcomers[i], key);
    }
    return end(state, good);
}

static bool write_back(typical *state, const floor_person *person)
{
    sqlite3_stmt *stmt = prepare(state, "UPDATE person SET name = ?, hair_colour = ? WHERE id = ?");

    if (!stmt) {
        return false;
    }
    sqlite3_bind_text(stmt, 1, person->name, -1, SQLITE_TRANSIENT);
    if (person->hair_colour) {
        sqlite3_bind_text(stmt, 2, person->hair_colour, -1, SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_null(stmt, 2);
    }
    sqlite3_bind_int64(stmt, 3, person->id);
    return settle(state, stmt, sqlite3_step(stmt), SQLITE_DONE);
}

static bool update(typical *state, const bench_task *task)
{
    if (!execute(state, "BEGIN")) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; good && i < task->n; i++) {
        good = find(state, task->keys[i]) && floor_rename_last(&state->kept.rows, task->names[i]) &&
               write_back(state, floor_last_person(&state->kept.rows));
    }
    return end(state, good);
}

/* --- The contestant. --- */

static void close_typical(void *context)
{
    typical *state = context;

    sqlite3_close(state->db);
    floor_rows_free(&state->kept.rows);
    free(state);
}

static void *open_typical(const bench_place *place, char *why, size_t why_size)
{
    typical *state = calloc(1, sizeof *state);

    if (!state) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    if (sqlite3_open(place->path, &state->db) != SQLITE_OK ||
        sqlite3_busy_timeout(state->db, 5000) != SQLITE_OK ||
        sqlite3_exec(state->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                     "PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON",
                     NULL, NULL, NULL) != SQLITE_OK) {
        snprintf(why, why_size, "%s", sqlite3_errmsg(state->db));
        close_typical(state);
        return NULL;
    }
    return state;
}

static bool run(void *context, const bench_task *task)
{
    typical *state = context;

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

const bench_contestant bench_typical_sqlite = {
    .name = "typical",
    .engine = "sqlite",
    .can = floor_can,
    .open = open_typical,
    .close = close_typical,
    .run = run,
    .fold = floor_fold,
    .clear = floor_clear_texts,
    .why = floor_why,
};
