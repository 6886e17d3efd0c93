/*
 * The best that a person would write on libpq: writing.
 *
 * Rows of a batch are one statement with an array for each column. A transaction begins and ends in
 * the same round trips as what is in it. Very many rows go by COPY.
 */
#include "best_postgresql.h"

enum { INT8_OID = 20, TEXT_OID = 25, COPY_PIECE = 32 * 1024 };

/* Adds a text behind its size, or the size that means NULL: so are elements of arrays and fields of
 * copied rows. */
static inline bool put_text(floor_list *out, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    uint32_t prefix = text ? __builtin_bswap32((uint32_t)size) : UINT32_MAX;
    char *at = floor_list_add_many(out, sizeof prefix + size, 1);

    if (!at) {
        return false;
    }
    memcpy(at, &prefix, sizeof prefix);
    if (text) {
        memcpy(at + sizeof prefix, text, size);
    }
    return true;
}

static bool put_bytes(floor_list *out, const void *bytes, size_t size)
{
    char *at = floor_list_add_many(out, size, 1);

    if (!at) {
        return false;
    }
    memcpy(at, bytes, size);
    return true;
}

/* What an array begins with: dimensions, whether there are NULLs, type, elements, lower bound. */
static bool put_array(floor_list *out, size_t count, uint32_t type)
{
    const uint32_t head[] = {__builtin_bswap32(1), __builtin_bswap32(1), __builtin_bswap32(type),
                             __builtin_bswap32((uint32_t)count), __builtin_bswap32(1)};

    return put_bytes(out, head, sizeof head);
}

/* The rows as two arrays. */
static bool encode_columns(best *state, const bench_task *task, best_parameters *parameters)
{
    floor_list *out = &state->encoding;

    out->count = 0;
    bool good = put_array(out, task->n, TEXT_OID);
    for (size_t i = 0; good && i < task->n; i++) {
        good = put_text(out, task->newcomers[i].name);
    }
    size_t middle = out->count;
    good = good && put_array(out, task->n, TEXT_OID);
    for (size_t i = 0; good && i < task->n; i++) {
        good = put_text(out, task->newcomers[i].hair_colour);
    }
    if (good) {
        const char *bytes = out->items;
        parameters->count = 0;
        best_add_bytes(parameters, bytes, middle);
        best_add_bytes(parameters, bytes + middle, out->count - middle);
    }
    return good;
}

bool pg_insert(best *state, const bench_task *task)
{
    best_statement which = task->n == 1 ? BEST_INSERT_ONE : BEST_INSERT;
    best_parameters parameters;
    bool good = pg_prepare(state, which);

    if (good && task->n == 1) { /* arrays of one element cost more than they save */
        parameters.count = 0;
        best_add_text(&parameters, task->newcomers[0].name);
        best_add_text(&parameters, task->newcomers[0].hair_colour);
    } else {
        good = good && encode_columns(state, task, &parameters);
    }
    good = good && pg_send(state, which, &parameters) && pg_skip(state, PGRES_COMMAND_OK);
    return good && pg_end(state);
}

static bool send_alone(best *state, best_statement which)
{
    const best_parameters none = {0};

    return pg_send(state, which, &none);
}

/* The result of a statement in a pipeline that gives no rows. */
static bool finish(best *state)
{
    return pg_skip(state, PGRES_COMMAND_OK) && pg_end(state);
}

static bool take_keys(best *state)
{
    const PGresult *result = pg_take(state, PGRES_TUPLES_OK);
    int count = result ? PQntuples(result) : 0;
    int64_t *keys = floor_list_add_many(&state->kept.rows.keys, (size_t)count, sizeof *keys);

    if (!result || !keys) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        keys[i] = best_int8(PQgetvalue(result, i, 0));
    }
    return pg_end(state);
}

bool pg_save(best *state, const bench_task *task)
{
    best_parameters parameters;
    bool good = pg_prepare(state, BEST_BEGIN) && pg_prepare(state, BEST_SAVE) &&
                pg_prepare(state, BEST_COMMIT) && encode_columns(state, task, &parameters) &&
                PQenterPipelineMode(state->pg);

    if (!good) {
        return false;
    }
    good = send_alone(state, BEST_BEGIN) && pg_send(state, BEST_SAVE, &parameters) &&
           send_alone(state, BEST_COMMIT) && PQsendFlushRequest(state->pg) && finish(state) &&
           take_keys(state) && finish(state);
    return pg_leave_pipeline(state, good);
}

/* Reads one person, behind the BEGIN if it is the first. */
static bool read_one(best *state, int64_t key, bool first)
{
    best_parameters parameters;

    parameters.count = 0;
    best_add_int(&parameters, key);
    bool good = pg_send(state, BEST_FIND, &parameters) && PQsendFlushRequest(state->pg) &&
                (!first || finish(state));
    const PGresult *result = good ? pg_take(state, PGRES_TUPLES_OK) : NULL;
    return result && pg_read_people(state, result) && pg_end(state);
}

/* All people that were read, as two arrays. */
static bool send_update(best *state)
{
    const floor_person *people = state->kept.rows.people.items;
    size_t count = state->kept.rows.people.count;
    floor_list *out = &state->encoding;
    best_parameters parameters;

    out->count = 0;
    bool good = put_array(out, count, INT8_OID);
    for (size_t i = 0; good && i < count; i++) {
        const uint64_t key = __builtin_bswap64((uint64_t)people[i].id);
        const uint32_t size = __builtin_bswap32(sizeof key);
        good = put_bytes(out, &size, sizeof size) && put_bytes(out, &key, sizeof key);
    }
    size_t middle = out->count;
    good = good && put_array(out, count, TEXT_OID);
    for (size_t i = 0; good && i < count; i++) {
        good = put_text(out, people[i].name);
    }
    if (!good) {
        return false;
    }
    const char *bytes = out->items;
    parameters.count = 0;
    best_add_bytes(&parameters, bytes, middle);
    best_add_bytes(&parameters, bytes + middle, out->count - middle);
    return pg_send(state, BEST_UPDATE, &parameters);
}

/* Reading waits for each person; what was changed is written back together. */
bool pg_update(best *state, const bench_task *task)
{
    bool good = pg_prepare(state, BEST_BEGIN) && pg_prepare(state, BEST_FIND) &&
                pg_prepare(state, BEST_UPDATE) && pg_prepare(state, BEST_COMMIT) &&
                PQenterPipelineMode(state->pg);

    if (!good) {
        return false;
    }
    good = send_alone(state, BEST_BEGIN);
    for (size_t i = 0; good && i < task->n; i++) {
        good = read_one(state, task->keys[i], i == 0);
        if (good) {
            floor_last_person(&state->kept.rows)->name = task->names[i];
        }
    }
    good = good && send_update(state) && send_alone(state, BEST_COMMIT) &&
           PQsendFlushRequest(state->pg) && finish(state) && finish(state);
    return pg_leave_pipeline(state, good);
}

static bool send_piece(best *state)
{
    bool good = PQputCopyData(state->pg, state->encoding.items, (int)state->encoding.count) == 1 ||
                pg_fail(state);

    state->encoding.count = 0;
    return good;
}

static bool copy_rows(best *state, const bench_task *task)
{
    static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the NUL behind it */
    static const char fields[2] = {0, 2};
    static const char end[2] = {'\377', '\377'};
    floor_list *out = &state->encoding;

    out->count = 0;
    bool good = put_bytes(out, head, sizeof head);
    for (size_t i = 0; good && i < task->n; i++) {
        good = put_bytes(out, fields, sizeof fields) && put_text(out, task->newcomers[i].name) &&
               put_text(out, task->newcomers[i].hair_colour);
        if (good && out->count >= COPY_PIECE) {
            good = send_piece(state);
        }
    }
    return good && put_bytes(out, end, sizeof end) && send_piece(state);
}

bool pg_copy(best *state, const bench_task *task)
{
    PGresult *result =
        PQexec(state->pg, "COPY newcomer (name, hair_colour) FROM STDIN (FORMAT binary)");
    bool good = PQresultStatus(result) == PGRES_COPY_IN || pg_fail(state);

    PQclear(result);
    if (!good) {
        return false;
    }
    good = copy_rows(state, task);
    return PQputCopyEnd(state->pg, good ? NULL : "out of memory") == 1 &&
           pg_skip(state, PGRES_COMMAND_OK) && pg_end(state) && good;
}
