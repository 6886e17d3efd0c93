/*
 * What a careful programmer writes first on MariaDB's Connector/C.
 *
 * Every statement is a text with its values in it, numbers printed and texts escaped; results are
 * stored by the client library, numbers parsed, every text is a strdup, and a result is freed as
 * soon as it was read. Many rows to insert are one INSERT with many rows. A tree is loaded by three
 * queries, a stream read without storing it.
 */
#include <inttypes.h>
#include <mysql.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "floor.h"

enum { MOST_ROWS = 1000, SQL_SIZE = 512 };

typedef struct typical {
    floor_kept kept; /* first */
    MYSQL *mysql;
} typical;

static bool fail(typical *state)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s", mysql_error(state->mysql));
    return false;
}

static bool execute(typical *state, const char *sql)
{
    return mysql_real_query(state->mysql, sql, (unsigned long)strlen(sql)) == 0 || fail(state);
}

/* Runs a query and stores its rows. NULL: it failed. */
static MYSQL_RES *query(typical *state, const char *sql)
{
    MYSQL_RES *result = execute(state, sql) ? mysql_store_result(state->mysql) : NULL;

    if (!result) {
        fail(state);
    }
    return result;
}

/* Commits what went well and takes back what did not. */
static bool end(typical *state, bool good)
{
    if (good) {
        return execute(state, "COMMIT");
    }
    mysql_query(state->mysql, "ROLLBACK");
    return false;
}

/* --- Reading. --- */

/* NULL for SQL's NULL. */
static char *text_of(const char *cell)
{
    return cell ? strdup(cell) : NULL;
}

static void read_person(MYSQL_ROW row, floor_person *person)
{
    person->id = atoll(row[0]);
    person->name = text_of(row[1]);
    person->hair_colour = text_of(row[2]);
}

/* Reads all people of a query. */
static bool read_people(typical *state, const char *sql)
{
    MYSQL_RES *result = query(state, sql);
    MYSQL_ROW row;

    if (!result) {
        return false;
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        floor_person *person = floor_list_add(&state->kept.rows.people, sizeof *person);
        if (!person) {
            break;
        }
        read_person(row, person);
    }
    mysql_free_result(result);
    return row == NULL;
}

static bool load(typical *state, size_t n)
{
    char sql[SQL_SIZE];

    snprintf(sql, sizeof sql,
             "SELECT id, name, hair_colour FROM person WHERE id <= %zu ORDER BY id", n);
    return read_people(state, sql);
}

static bool find(typical *state, int64_t key)
{
    char sql[SQL_SIZE];

    snprintf(sql, sizeof sql, "SELECT id, name, hair_colour FROM person WHERE id = %" PRId64, key);
    return read_people(state, sql);
}

static bool filter(typical *state, int64_t key)
{
    char sql[SQL_SIZE];
    char name[1];
    char hair[9];

    mysql_real_escape_string(state->mysql, name, "", 0);
    mysql_real_escape_string(state->mysql, hair, "none", 4);
    snprintf(sql, sizeof sql,
             "SELECT id, name, hair_colour FROM person WHERE id = %" PRId64 " AND id >= %d "
             "AND id <= %d AND name <> '%s' AND (hair_colour IS NULL OR hair_colour <> '%s')",
             key, 1, 10000, name, hair);
    return read_people(state, sql);
}

static bool join(typical *state, size_t n)
{
    char sql[SQL_SIZE];
    MYSQL_ROW row;

    snprintf(sql, sizeof sql,
             "SELECT person.id, person.name, post.id, post.title FROM person "
             "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
             "ORDER BY person.id, post.id LIMIT %zu",
             n);
    MYSQL_RES *result = query(state, sql);
    if (!result) {
        return false;
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        floor_pair *pair = floor_list_add(&state->kept.rows.pairs, sizeof *pair);
        if (!pair) {
            break;
        }
        pair->person_id = atoll(row[0]);
        pair->name = text_of(row[1]);
        pair->post_id = row[2] ? atoll(row[2]) : 0;
        pair->title = text_of(row[3]);
    }
    mysql_free_result(result);
    return row == NULL;
}

static bool read_authors(typical *state)
{
    MYSQL_RES *result =
        query(state, "SELECT id, name, hair_colour FROM person WHERE id <= 100 ORDER BY id");
    MYSQL_ROW row;

    if (!result) {
        return false;
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        floor_author *author = floor_list_add(&state->kept.rows.authors, sizeof *author);
        if (!author) {
            break;
        }
        read_person(row, &author->person);
    }
    mysql_free_result(result);
    return row == NULL;
}

static bool read_posts(typical *state, const char *sql)
{
    MYSQL_RES *result = query(state, sql);
    MYSQL_ROW row;

    if (!result) {
        return false;
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        floor_post *post = floor_list_add(&state->kept.rows.posts, sizeof *post);
        if (!post) {
            break;
        }
        post->id = atoll(row[0]);
        post->person_id = atoll(row[1]);
        post->title = text_of(row[2]);
        post->body = text_of(row[3]);
    }
    mysql_free_result(result);
    return row == NULL;
}

static bool read_comments(typical *state, const char *sql)
{
    MYSQL_RES *result = query(state, sql);
    MYSQL_ROW row;

    if (!result) {
        return false;
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        floor_comment *comment = floor_list_add(&state->kept.rows.comments, sizeof *comment);
        if (!comment) {
            break;
        }
        comment->id = atoll(row[0]);
        comment->post_id = atoll(row[1]);
        comment->body = text_of(row[2]);
    }
    mysql_free_result(result);
    return row == NULL;
}

static bool tree(typical *state)
{
    bool good =
        read_authors(state) &&
        read_posts(state, "SELECT id, person_id, title, body FROM post "
                          "WHERE person_id <= 100 ORDER BY person_id, id") &&
        read_comments(state, "SELECT comment.id, comment.post_id, comment.body FROM comment "
                             "JOIN post ON post.id = comment.post_id WHERE post.person_id <= 100 "
                             "ORDER BY post.person_id, post.id, comment.id");

    floor_rows_link(&state->kept.rows);
    return good;
}

static bool tree_lazily(typical *state)
{
    floor_rows *rows = &state->kept.rows;
    char sql[SQL_SIZE];
    bool good = read_authors(state);

    for (size_t i = 0; good && i < rows->authors.count; i++) {
        const floor_author *authors = rows->authors.items;
        snprintf(sql, sizeof sql,
                 "SELECT id, person_id, title, body FROM post WHERE person_id = %" PRId64
                 " ORDER BY id",
                 authors[i].person.id);
        good = read_posts(state, sql);
    }
    for (size_t i = 0; good && i < rows->posts.count; i++) {
        const floor_post *posts = rows->posts.items;
        snprintf(sql, sizeof sql,
                 "SELECT id, post_id, body FROM comment WHERE post_id = %" PRId64 " ORDER BY id",
                 posts[i].id);
        good = read_comments(state, sql);
    }
    floor_rows_link(rows);
    return good;
}

static bool stream(typical *state)
{
    uint64_t digest = 0;
    MYSQL_ROW row;

    if (!execute(state, "SELECT id, name, amount FROM event ORDER BY id")) {
        return false;
    }
    MYSQL_RES *result = mysql_use_result(state->mysql);
    if (!result) {
        return fail(state);
    }
    while ((row = mysql_fetch_row(result)) != NULL) {
        char *name = text_of(row[1]);
        if (!name) {
            break;
        }
        digest = bench_digest_event(digest, atoll(row[0]), name, atoll(row[2]));
        free(name);
    }
    bool good = row == NULL && (mysql_errno(state->mysql) == 0 || fail(state));
    mysql_free_result(result);
    state->kept.rows.digest = digest;
    return good;
}

/* --- Writing. --- */

/* Writes a text as a literal. @return behind it */
static char *put_literal(typical *state, char *at, const char *text)
{
    if (!text) {
        memcpy(at, "NULL", 4);
        return at + 4;
    }
    *at++ = '\'';
    at += mysql_real_escape_string(state->mysql, at, text, (unsigned long)strlen(text));
    *at++ = '\'';
    return at;
}

/* Most bytes that put_literal() writes. */
static size_t literal_size(const char *text)
{
    return text ? 2 * strlen(text) + 3 : 4;
}

/* Inserts up to MOST_ROWS rows by one statement. */
static bool insert_some(typical *state, const bench_newcomer *newcomers, size_t count)
{
    static const char head[] = "INSERT INTO newcomer (name, hair_colour) VALUES ";
    size_t size = sizeof head;

    for (size_t i = 0; i < count; i++) {
        size += literal_size(newcomers[i].name) + literal_size(newcomers[i].hair_colour) + 6;
    }
    char *sql = malloc(size);
    if (!sql) {
        return false;
    }
    memcpy(sql, head, sizeof head);
    char *at = sql + sizeof head - 1;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            *at++ = ',';
        }
        *at++ = '(';
        at = put_literal(state, at, newcomers[i].name);
        *at++ = ',';
        at = put_literal(state, at, newcomers[i].hair_colour);
        *at++ = ')';
    }
    bool good = mysql_real_query(state->mysql, sql, (unsigned long)(at - sql)) == 0 || fail(state);
    free(sql);
    return good;
}

static bool insert(typical *state, const bench_newcomer *newcomers, size_t count)
{
    if (count <= MOST_ROWS) {
        return insert_some(state, newcomers, count);
    }
    bool good = execute(state, "BEGIN");
    for (size_t done = 0; good && done < count; done += MOST_ROWS) {
        size_t left = count - done;
        good = insert_some(state, newcomers + done, left < MOST_ROWS ? left : MOST_ROWS);
    }
    return end(state, good);
}

/* A function that saves one object knows nothing of those that follow. */
static bool save(typical *state, const bench_newcomer *newcomers, size_t count)
{
    bool good = execute(state, "BEGIN");

    for (size_t i = 0; good && i < count; i++) {
        int64_t *key = floor_list_add(&state->kept.rows.keys, sizeof *key);
        good = key && insert_some(state, &newcomers[i], 1);
        if (good) {
            *key = (int64_t)mysql_insert_id(state->mysql);
        }
    }
    return end(state, good);
}

static bool write_back(typical *state, const floor_person *person)
{
    char sql[SQL_SIZE];
    size_t hair = literal_size(person->hair_colour);

    if (literal_size(person->name) + hair > sizeof sql - 100) {
        snprintf(state->kept.why, sizeof state->kept.why, "the name is too long");
        return false;
    }
    char *at = sql + snprintf(sql, sizeof sql, "UPDATE person SET name = ");
    at = put_literal(state, at, person->name);
    at += snprintf(at, 20, ", hair_colour = ");
    at = put_literal(state, at, person->hair_colour);
    snprintf(at, 40, " WHERE id = %" PRId64, person->id);
    return execute(state, sql);
}

static bool update(typical *state, const bench_task *task)
{
    bool good = execute(state, "BEGIN");

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

    mysql_close(state->mysql);
    floor_rows_free(&state->kept.rows);
    free(state);
}

static void *open_typical(const bench_place *place, char *why, size_t why_size)
{
    typical *state = calloc(1, sizeof *state);

    if (state) {
        state->mysql = mysql_init(NULL);
    }
    if (!state || !state->mysql) {
        snprintf(why, why_size, "out of memory");
        free(state);
        return NULL;
    }
    mysql_options(state->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(state->mysql, NULL, place->user, place->password, place->database, 0,
                            place->socket, CLIENT_FOUND_ROWS) ||
        mysql_query(state->mysql, FLOOR_MARIADB_SETTINGS) != 0) {
        snprintf(why, why_size, "%s", mysql_error(state->mysql));
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

const bench_contestant bench_typical_mariadb = {
    .name = "typical",
    .engine = "mariadb",
    .can = floor_can,
    .open = open_typical,
    .close = close_typical,
    .run = run,
    .fold = floor_fold,
    .clear = floor_clear_texts,
    .why = floor_why,
};
