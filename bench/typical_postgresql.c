/*
 * What a careful programmer writes first on libpq.
 *
 * Every statement is a PQexecParams with its parameters and results in text; numbers are printed
 * and parsed, every text is a strdup, and a result is cleared as soon as it was read. Many rows to
 * insert are one INSERT with many rows of placeholders, written anew each time. A tree is loaded by
 * three queries, a stream in single-row mode.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "floor.h"

enum { MOST_ROWS = 1000, MOST_PARAMETERS = 2 * MOST_ROWS, NUMBER_SIZE = 24 };

typedef struct typical {
    floor_kept kept; /* first */
    PGconn *pg;
} typical;

static bool fail(typical *state)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s", PQerrorMessage(state->pg));
    return false;
}

/* Runs a statement. NULL: it failed. */
static PGresult *query(typical *state, const char *sql, int count, const char *const *parameters)
{
    PGresult *result = PQexecParams(state->pg, sql, count, NULL, parameters, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return result;
    }
    fail(state);
    PQclear(result);
    return NULL;
}

static PGresult *query_by_number(typical *state, const char *sql, int64_t number)
{
    char text[NUMBER_SIZE];
    const char *const parameters[] = {text};

    snprintf(text, sizeof text, "%" PRId64, number);
    return query(state, sql, 1, parameters);
}

static bool execute(typical *state, const char *sql, int count, const char *const *parameters)
{
    PGresult *result = query(state, sql, count, parameters);

    PQclear(result);
    return result != NULL;
}

/* Commits what went well and takes back what did not. */
static bool end(typical *state, bool good)
{
    if (good) {
        return execute(state, "COMMIT", 0, NULL);
    }
    PQclear(PQexec(state->pg, "ROLLBACK"));
    return false;
}

/* --- Reading. --- */

static int64_t int_at(const PGresult *result, int row, int column)
{
    return atoll(PQgetvalue(result, row, column));
}

/* NULL for SQL's NULL. */
static char *text_at(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : strdup(PQgetvalue(result, row, column));
}

static void read_person(const PGresult *result, int row, floor_person *person)
{
    person->id = int_at(result, row, 0);
    person->name = text_at(result, row, 1);
    person->hair_colour = text_at(result, row, 2);
}

/* Reads all people of a result, which it clears. */
static bool read_people(typical *state, PGresult *result)
{
    int count = PQntuples(result);
    floor_person *people =
        floor_list_add_many(&state->kept.rows.people, (size_t)count, sizeof *people);

    for (int i = 0; people && i < count; i++) {
        read_person(result, i, &people[i]);
    }
    PQclear(result);
    return people != NULL;
}

static bool load(typical *state, size_t n)
{
    PGresult *result = query_by_number(
        state, "SELECT id, name, hair_colour FROM person WHERE id <= $1 ORDER BY id", (int64_t)n);

    return result && read_people(state, result);
}

static bool find(typical *state, int64_t key)
{
    PGresult *result =
        query_by_number(state, "SELECT id, name, hair_colour FROM person WHERE id = $1", key);

    return result && read_people(state, result);
}

static bool filter(typical *state, int64_t key)
{
    char text[NUMBER_SIZE];
    const char *const parameters[] = {text, "1", "10000", "", "none"};

    snprintf(text, sizeof text, "%" PRId64, key);
    PGresult *result =
        query(state,
              "SELECT id, name, hair_colour FROM person WHERE id = $1 AND id >= $2 AND id <= $3 "
              "AND name <> $4 AND (hair_colour IS NULL OR hair_colour <> $5)",
              5, parameters);
    return result && read_people(state, result);
}

static bool join(typical *state, size_t n)
{
    PGresult *result =
        query_by_number(state,
                        "SELECT person.id, person.name, post.id, post.title FROM person "
                        "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
                        "ORDER BY person.id, post.id LIMIT $1",
                        (int64_t)n);
    int count = PQntuples(result);
    floor_pair *pairs = floor_list_add_many(&state->kept.rows.pairs, (size_t)count, sizeof *pairs);

    for (int i = 0; pairs && i < count; i++) {
        pairs[i].person_id = int_at(result, i, 0);
        pairs[i].name = text_at(result, i, 1);
        pairs[i].post_id = PQgetisnull(result, i, 2) ? 0 : int_at(result, i, 2);
        pairs[i].title = text_at(result, i, 3);
    }
    PQclear(result);
    return result && pairs;
}

static bool read_authors(typical *state)
{
    PGresult *result = query_by_number(
        state, "SELECT id, name, hair_colour FROM person WHERE id <= $1 ORDER BY id", 100);
    int count = PQntuples(result);
    floor_author *authors =
        floor_list_add_many(&state->kept.rows.authors, (size_t)count, sizeof *authors);

    for (int i = 0; authors && i < count; i++) {
        read_person(result, i, &authors[i].person);
    }
    PQclear(result);
    return result && authors;
}

/* Reads the posts that a query selects by one number. */
static bool read_posts(typical *state, const char *sql, int64_t number)
{
    PGresult *result = query_by_number(state, sql, number);
    int count = PQntuples(result);
    floor_post *posts = floor_list_add_many(&state->kept.rows.posts, (size_t)count, sizeof *posts);

    for (int i = 0; posts && i < count; i++) {
        posts[i].id = int_at(result, i, 0);
        posts[i].person_id = int_at(result, i, 1);
        posts[i].title = text_at(result, i, 2);
        posts[i].body = text_at(result, i, 3);
    }
    PQclear(result);
    return result && posts;
}

static bool read_comments(typical *state, const char *sql, int64_t number)
{
    PGresult *result = query_by_number(state, sql, number);
    int count = PQntuples(result);
    floor_comment *comments =
        floor_list_add_many(&state->kept.rows.comments, (size_t)count, sizeof *comments);

    for (int i = 0; comments && i < count; i++) {
        comments[i].id = int_at(result, i, 0);
        comments[i].post_id = int_at(result, i, 1);
        comments[i].body = text_at(result, i, 2);
    }
    PQclear(result);
    return result && comments;
}

static bool tree(typical *state)
{
    bool good = read_authors(state) &&
                read_posts(state,
                           "SELECT id, person_id, title, body FROM post WHERE person_id <= $1 "
                           "ORDER BY person_id, id",
                           100) &&
                read_comments(state,
                              "SELECT comment.id, comment.post_id, comment.body FROM comment "
                              "JOIN post ON post.id = comment.post_id WHERE post.person_id <= $1 "
                              "ORDER BY post.person_id, post.id, comment.id",
                              100);

    floor_rows_link(&state->kept.rows);
    return good;
}

static bool tree_lazily(typical *state)
{
    floor_rows *rows = &state->kept.rows;
    bool good = read_authors(state);

    for (size_t i = 0; good && i < rows->authors.count; i++) {
        const floor_author *authors = rows->authors.items;
        good = read_posts(state,
                          "SELECT id, person_id, title, body FROM post WHERE person_id = $1 "
                          "ORDER BY id",
                          authors[i].person.id);
    }
    for (size_t i = 0; good && i < rows->posts.count; i++) {
        const floor_post *posts = rows->posts.items;
        good = read_comments(state,
                             "SELECT id, post_id, body FROM comment WHERE post_id = $1 ORDER BY id",
                             posts[i].id);
    }
    floor_rows_link(rows);
    return good;
}

static bool stream(typical *state)
{
    uint64_t digest = 0;
    bool good = PQsendQueryParams(state->pg, "SELECT id, name, amount FROM event ORDER BY id", 0,
                                  NULL, NULL, NULL, NULL, 0) &&
                PQsetSingleRowMode(state->pg);
    PGresult *result;

    while (good && (result = PQgetResult(state->pg)) != NULL) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
            char *name = text_at(result, 0, 1);
            good = name != NULL;
            if (good) {
                digest =
                    bench_digest_event(digest, int_at(result, 0, 0), name, int_at(result, 0, 2));
            }
            free(name);
        } else {
            good = PQresultStatus(result) == PGRES_TUPLES_OK || fail(state);
        }
        PQclear(result);
    }
    state->kept.rows.digest = digest;
    return good;
}

/* --- Writing. --- */

/* Inserts up to MOST_ROWS rows. */
static bool insert_some(typical *state, const bench_newcomer *newcomers, size_t count)
{
    static const char head[] = "INSERT INTO newcomer (name, hair_colour) VALUES ";
    const char *parameters[MOST_PARAMETERS];
    size_t size = sizeof head + count * sizeof "($1000, $1001), ";
    char *sql = malloc(size);
    size_t at = sizeof head - 1;

    if (!sql) {
        return false;
    }
    memcpy(sql, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        at += (size_t)snprintf(sql + at, size - at, "%s($%zu, $%zu)", i > 0 ? ", " : "", 2 * i + 1,
                               2 * i + 2);
        parameters[2 * i] = newcomers[i].name;
        parameters[2 * i + 1] = newcomers[i].hair_colour;
    }
    bool good = execute(state, sql, (int)(2 * count), parameters);
    free(sql);
    return good;
}

static bool insert(typical *state, const bench_newcomer *newcomers, size_t count)
{
    if (count <= MOST_ROWS) {
        return insert_some(state, newcomers, count);
    }
    bool good = execute(state, "BEGIN", 0, NULL);
    if (!good) {
        return false;
    }
    for (size_t done = 0; good && done < count; done += MOST_ROWS) {
        size_t left = count - done;
        good = insert_some(state, newcomers + done, left < MOST_ROWS ? left : MOST_ROWS);
    }
    return end(state, good);
}

/* A function that saves one object knows nothing of those that follow. */
static bool save_one(typical *state, const bench_newcomer *newcomer, int64_t *key)
{
    const char *const parameters[] = {newcomer->name, newcomer->hair_colour};
    PGresult *result =
        query(state, "INSERT INTO newcomer (name, hair_colour) VALUES ($1, $2) RETURNING id", 2,
              parameters);

    if (!result) {
        return false;
    }
    *key = int_at(result, 0, 0);
    PQclear(result);
    return true;
}

static bool save(typical *state, const bench_newcomer *newcomers, size_t count)
{
    bool good = execute(state, "BEGIN", 0, NULL);

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
    char key[NUMBER_SIZE];
    const char *const parameters[] = {person->name, person->hair_colour, key};

    snprintf(key, sizeof key, "%" PRId64, person->id);
    return execute(state, "UPDATE person SET name = $1, hair_colour = $2 WHERE id = $3", 3,
                   parameters);
}

static bool update(typical *state, const bench_task *task)
{
    bool good = execute(state, "BEGIN", 0, NULL);

    if (!good) {
        return false;
    }
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

    PQfinish(state->pg);
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
    state->pg = PQconnectdb(place->conninfo);
    if (PQstatus(state->pg) != CONNECTION_OK || PQsetClientEncoding(state->pg, "UTF8") != 0) {
        snprintf(why, why_size, "%s", PQerrorMessage(state->pg));
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

const bench_contestant bench_typical_postgresql = {
    .name = "typical",
    .engine = "postgresql",
    .can = floor_can,
    .open = open_typical,
    .close = close_typical,
    .run = run,
    .fold = floor_fold,
    .clear = floor_clear_texts,
    .why = floor_why,
};
