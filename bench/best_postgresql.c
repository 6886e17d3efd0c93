/*
 * The best that a person would write on libpq: reading.
 *
 * Statements are prepared once; parameters and results are binary. Texts are not copied: a result
 * is kept until the rows are given back, and they point into it. Statements that do not need each
 * other's results are sent in a pipeline.
 */
#include "best_postgresql.h"

#include <stdio.h>

static const char *const texts[BEST_STATEMENT_COUNT] = {
    [BEST_BEGIN] = "BEGIN",
    [BEST_COMMIT] = "COMMIT",
    [BEST_LOAD] = "SELECT id, name, hair_colour FROM person WHERE id <= $1 ORDER BY id",
    [BEST_JOIN] = "SELECT person.id, person.name, post.id, post.title FROM person "
                  "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
                  "ORDER BY person.id, post.id LIMIT $1",
    [BEST_FIND] = "SELECT id, name, hair_colour FROM person WHERE id = $1",
    [BEST_FILTER] = "SELECT id, name, hair_colour FROM person WHERE id = $1 AND id >= $2 "
                    "AND id <= $3 AND name <> $4 AND (hair_colour IS NULL OR hair_colour <> $5)",
    [BEST_POSTS] = "SELECT id, person_id, title, body FROM post "
                   "WHERE person_id = ANY ($1::bigint[]) ORDER BY person_id, id",
    [BEST_COMMENTS] = "SELECT id, post_id, body FROM comment "
                      "WHERE post_id = ANY ($1::bigint[]) ORDER BY post_id, id",
    [BEST_POSTS_OF_ONE] =
        "SELECT id, person_id, title, body FROM post WHERE person_id = $1 ORDER BY id",
    [BEST_COMMENTS_OF_ONE] = "SELECT id, post_id, body FROM comment WHERE post_id = $1 ORDER BY id",
    [BEST_DECLARE] = "DECLARE events NO SCROLL CURSOR FOR "
                     "SELECT id, name, amount FROM event ORDER BY id",
    [BEST_FETCH] = "FETCH 1000 FROM events",
    [BEST_INSERT_ONE] = "INSERT INTO newcomer (name, hair_colour) VALUES ($1, $2)",
    [BEST_INSERT] = "INSERT INTO newcomer (name, hair_colour) "
                    "SELECT * FROM unnest($1::text[], $2::text[])",
    [BEST_SAVE] = "INSERT INTO newcomer (name, hair_colour) "
                  "SELECT * FROM unnest($1::text[], $2::text[]) RETURNING id",
    [BEST_UPDATE] = "UPDATE person SET name = changed.name "
                    "FROM unnest($1::bigint[], $2::text[]) AS changed (id, name) "
                    "WHERE person.id = changed.id",
};

/* Every statement's name is sent each time: they are short. */
static const char *const names[BEST_STATEMENT_COUNT] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                                        "i", "j", "k", "l", "m", "n", "o", "p"};

/* --- Talking to the server. --- */

bool pg_fail(best *state)
{
    snprintf(state->kept.why, sizeof state->kept.why, "%s", PQerrorMessage(state->pg));
    return false;
}

bool pg_prepare(best *state, best_statement which)
{
    if (state->prepared[which]) {
        return true;
    }
    PGresult *result = PQprepare(state->pg, names[which], texts[which], 0, NULL);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK || pg_fail(state);
    PQclear(result);
    state->prepared[which] = good;
    return good;
}

bool pg_send(best *state, best_statement which, const best_parameters *parameters)
{
    static const int formats[BEST_MOST_PARAMETERS] = {1, 1, 1, 1, 1};

    return PQsendQueryPrepared(state->pg, names[which], parameters->count, parameters->values,
                               parameters->sizes, formats, 1) == 1 ||
           pg_fail(state);
}

PGresult *pg_take(best *state, ExecStatusType wanted)
{
    PGresult *result = PQgetResult(state->pg);

    if (PQresultStatus(result) == wanted) {
        PGresult **kept = floor_list_add(&state->results, sizeof(PGresult *));
        if (kept) {
            *kept = result;
            return result;
        }
    } else {
        pg_fail(state);
    }
    PQclear(result);
    return NULL;
}

bool pg_skip(best *state, ExecStatusType wanted)
{
    PGresult *result = PQgetResult(state->pg);
    bool good = PQresultStatus(result) == wanted || pg_fail(state);

    PQclear(result);
    return good;
}

bool pg_end(best *state)
{
    PGresult *result = PQgetResult(state->pg);

    PQclear(result);
    return result == NULL;
}

bool pg_leave_pipeline(best *state, bool good)
{
    if (!PQpipelineSync(state->pg)) {
        return pg_fail(state);
    }
    for (bool synchronised = false; !synchronised;) {
        PGresult *result = PQgetResult(state->pg);
        ExecStatusType status = PQresultStatus(result);
        synchronised = status == PGRES_PIPELINE_SYNC;
        good = good && (!result || synchronised || status == PGRES_COMMAND_OK);
        PQclear(result);
        if (PQstatus(state->pg) != CONNECTION_OK) {
            return pg_fail(state);
        }
    }
    return PQexitPipelineMode(state->pg) == 1 && (good || pg_fail(state));
}

bool pg_run(best *state, best_statement which)
{
    const best_parameters none = {0};

    return pg_prepare(state, which) && pg_send(state, which, &none) &&
           pg_skip(state, PGRES_COMMAND_OK) && pg_end(state);
}

/* A statement on its own: its one result. */
static PGresult *query(best *state, best_statement which, const best_parameters *parameters)
{
    if (!pg_prepare(state, which) || !pg_send(state, which, parameters)) {
        return NULL;
    }
    PGresult *result = pg_take(state, PGRES_TUPLES_OK);
    return pg_end(state) ? result : NULL;
}

/* --- Rows. --- */

/* NULL for SQL's NULL, which libpq shows as an empty text. */
static inline const char *text_or_null(const PGresult *result, int row, int column)
{
    const char *text = PQgetvalue(result, row, column);

    return *text || !PQgetisnull(result, row, column) ? text : NULL;
}

static inline void read_person(const PGresult *result, int row, floor_person *person)
{
    person->id = best_int8(PQgetvalue(result, row, 0));
    person->name = PQgetvalue(result, row, 1);
    person->hair_colour = text_or_null(result, row, 2);
}

bool pg_read_people(best *state, const PGresult *result)
{
    int count = PQntuples(result);
    floor_person *people =
        floor_list_add_many(&state->kept.rows.people, (size_t)count, sizeof *people);

    if (!people) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        read_person(result, i, &people[i]);
    }
    return true;
}

static bool load(best *state, size_t n)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, (int64_t)n);
    const PGresult *result = query(state, BEST_LOAD, &parameters);
    return result && pg_read_people(state, result);
}

static bool find(best *state, int64_t key)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, key);
    const PGresult *result = query(state, BEST_FIND, &parameters);
    return result && pg_read_people(state, result);
}

static bool filter(best *state, int64_t key)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, key);
    best_add_int(&parameters, 1);
    best_add_int(&parameters, 10000);
    best_add_text(&parameters, "");
    best_add_text(&parameters, "none");
    const PGresult *result = query(state, BEST_FILTER, &parameters);
    return result && pg_read_people(state, result);
}

static bool join(best *state, size_t n)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, (int64_t)n);
    const PGresult *result = query(state, BEST_JOIN, &parameters);
    int count = result ? PQntuples(result) : 0;
    floor_pair *pairs = floor_list_add_many(&state->kept.rows.pairs, (size_t)count, sizeof *pairs);
    if (!result || !pairs) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        floor_pair *pair = &pairs[i];
        pair->person_id = best_int8(PQgetvalue(result, i, 0));
        pair->name = PQgetvalue(result, i, 1);
        pair->title = text_or_null(result, i, 3);
        pair->post_id = pair->title ? best_int8(PQgetvalue(result, i, 2)) : 0;
    }
    return true;
}

/* --- Trees. --- */

static bool read_authors(best *state)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, 100);
    const PGresult *result = query(state, BEST_LOAD, &parameters);
    int count = result ? PQntuples(result) : 0;
    floor_author *authors =
        floor_list_add_many(&state->kept.rows.authors, (size_t)count, sizeof *authors);
    if (!result || !authors) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        read_person(result, i, &authors[i].person);
    }
    return true;
}

static bool read_posts(best *state, const PGresult *result)
{
    int count = PQntuples(result);
    floor_post *posts = floor_list_add_many(&state->kept.rows.posts, (size_t)count, sizeof *posts);

    if (!posts) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        floor_post *post = &posts[i];
        post->id = best_int8(PQgetvalue(result, i, 0));
        post->person_id = best_int8(PQgetvalue(result, i, 1));
        post->title = PQgetvalue(result, i, 2);
        post->body = PQgetvalue(result, i, 3);
    }
    return true;
}

static bool read_comments(best *state, const PGresult *result)
{
    int count = PQntuples(result);
    floor_comment *comments =
        floor_list_add_many(&state->kept.rows.comments, (size_t)count, sizeof *comments);

    if (!comments) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        floor_comment *comment = &comments[i];
        comment->id = best_int8(PQgetvalue(result, i, 0));
        comment->post_id = best_int8(PQgetvalue(result, i, 1));
        comment->body = PQgetvalue(result, i, 2);
    }
    return true;
}

/* What tells how to read a level of the tree. */
typedef struct level {
    best_statement of_many, of_one;
    size_t parent_size; /* a parent begins with its key */
    bool (*read)(best *state, const PGresult *result);
} level;

_Static_assert(offsetof(floor_author, person.id) == 0 && offsetof(floor_post, id) == 0,
               "a parent begins with its key");

static const level level_posts = {BEST_POSTS, BEST_POSTS_OF_ONE, sizeof(floor_author), read_posts};
static const level level_comments = {BEST_COMMENTS, BEST_COMMENTS_OF_ONE, sizeof(floor_post),
                                     read_comments};

/* The keys as a binary array: five numbers, and each key behind its size. */
static bool encode_keys(best *state, const floor_list *parents, size_t parent_size)
{
    enum { INT8_OID = 20 };
    const uint32_t head[] = {__builtin_bswap32(1), 0, __builtin_bswap32(INT8_OID),
                             __builtin_bswap32((uint32_t)parents->count), __builtin_bswap32(1)};
    const uint32_t size = __builtin_bswap32(sizeof(int64_t));
    const char *parent = parents->items;

    state->encoding.count = 0;
    char *at = floor_list_add_many(&state->encoding, sizeof head + parents->count * 12, 1);
    if (!at) {
        return false;
    }
    memcpy(at, head, sizeof head);
    at += sizeof head;
    for (size_t i = 0; i < parents->count; i++, parent += parent_size, at += 12) {
        uint64_t key;
        memcpy(&key, parent, sizeof key);
        key = __builtin_bswap64(key);
        memcpy(at, &size, sizeof size);
        memcpy(at + sizeof size, &key, sizeof key);
    }
    return true;
}

static bool read_level(best *state, const level *what, const floor_list *parents)
{
    best_parameters parameters;

    if (!encode_keys(state, parents, what->parent_size)) {
        return false;
    }
    parameters.count = 0;
    best_add_bytes(&parameters, state->encoding.items, state->encoding.count);
    const PGresult *result = query(state, what->of_many, &parameters);
    return result && what->read(state, result);
}

static bool tree(best *state)
{
    bool good = read_authors(state) && read_level(state, &level_posts, &state->kept.rows.authors) &&
                read_level(state, &level_comments, &state->kept.rows.posts);

    floor_rows_link(&state->kept.rows);
    return good;
}

/* One query a parent, all on their way together. */
static bool read_level_lazily(best *state, const level *what, const floor_list *parents)
{
    const char *parent = parents->items;
    best_parameters parameters;
    bool good = pg_prepare(state, what->of_one) && PQenterPipelineMode(state->pg);

    for (size_t i = 0; good && i < parents->count; i++, parent += what->parent_size) {
        int64_t key;
        memcpy(&key, parent, sizeof key);
        parameters.count = 0;
        best_add_int(&parameters, key);
        good = pg_send(state, what->of_one, &parameters);
    }
    good = good && PQsendFlushRequest(state->pg);
    for (size_t i = 0; good && i < parents->count; i++) {
        const PGresult *result = pg_take(state, PGRES_TUPLES_OK);
        good = result && what->read(state, result) && pg_end(state);
    }
    return pg_leave_pipeline(state, good);
}

static bool tree_lazily(best *state)
{
    bool good = read_authors(state) &&
                read_level_lazily(state, &level_posts, &state->kept.rows.authors) &&
                read_level_lazily(state, &level_comments, &state->kept.rows.posts);

    floor_rows_link(&state->kept.rows);
    return good;
}

/* --- Streams. --- */

/* Reads what a FETCH gave. @return whether there may be more */
static bool read_events(const PGresult *result, uint64_t *digest)
{
    int count = PQntuples(result);

    for (int i = 0; i < count; i++) {
        *digest = bench_digest_event(*digest, best_int8(PQgetvalue(result, i, 0)),
                                     PQgetvalue(result, i, 1), best_int8(PQgetvalue(result, i, 2)));
    }
    return count > 0;
}

/*
 * A cursor gives results of many rows: in single-row mode each row is a PGresult of its own, which
 * costs three times as much. COPY would cost half, but takes no parameters. The server reads ahead:
 * while the rows of one FETCH are looked at, the next is on its way.
 */
static bool stream(best *state)
{
    const best_parameters none = {0};
    bool good = pg_prepare(state, BEST_FETCH) && pg_run(state, BEST_BEGIN) &&
                pg_run(state, BEST_DECLARE) && PQenterPipelineMode(state->pg);

    if (!good) {
        return false;
    }
    good = pg_send(state, BEST_FETCH, &none);
    for (bool more = good; more;) {
        good = pg_send(state, BEST_FETCH, &none) && PQsendFlushRequest(state->pg) &&
               PQflush(state->pg) == 0;
        PGresult *result = good ? PQgetResult(state->pg) : NULL;
        good = PQresultStatus(result) == PGRES_TUPLES_OK || pg_fail(state);
        more = good && read_events(result, &state->kept.rows.digest);
        PQclear(result);
        good = good && pg_end(state);
    }
    good = good && pg_skip(state, PGRES_TUPLES_OK); /* the one ahead, which is empty too */
    return pg_leave_pipeline(state, good) && pg_run(state, BEST_COMMIT);
}

/* --- The contestant. --- */

static void clear(void *context, const bench_task *task)
{
    best *state = context;
    PGresult *const *results = state->results.items;

    (void)task;
    for (size_t i = 0; i < state->results.count; i++) {
        PQclear(results[i]);
    }
    state->results.count = 0;
    floor_rows_reset(&state->kept.rows);
}

static void close_best(void *context)
{
    best *state = context;

    clear(state, NULL);
    PQfinish(state->pg);
    floor_rows_free(&state->kept.rows);
    free(state->results.items);
    free(state->encoding.items);
    free(state);
}

static void *open_best(const bench_place *place, char *why, size_t why_size)
{
    best *state = calloc(1, sizeof *state);

    if (!state) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    state->pg = PQconnectdb(place->conninfo);
    if (PQstatus(state->pg) != CONNECTION_OK || PQsetClientEncoding(state->pg, "UTF8") != 0) {
        snprintf(why, why_size, "%s", PQerrorMessage(state->pg));
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
        return pg_insert(state, task);
    case BENCH_SAVE:
        return pg_save(state, task);
    case BENCH_TREE:
        return tree(state);
    case BENCH_TREE_LAZY:
        return tree_lazily(state);
    case BENCH_UPDATE:
        return pg_update(state, task);
    case BENCH_BULK:
        return pg_copy(state, task);
    case BENCH_STREAM:
        return stream(state);
    case BENCH_WORK_COUNT:
        break;
    }
    return false;
}

const bench_contestant bench_best_postgresql = {
    .name = "best",
    .engine = "postgresql",
    .can = floor_can,
    .open = open_best,
    .close = close_best,
    .run = run,
    .fold = floor_fold,
    .clear = clear,
    .why = floor_why,
};
