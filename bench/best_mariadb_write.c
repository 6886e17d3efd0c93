/*
 * The best that a person would write on MariaDB's Connector/C: writing.
 *
 * Rows to insert are one statement with many rows, kept for each number of them: the keys of its
 * rows follow one another. The client library sends a packet that it finds ready in the statement,
 * and would take several times the work to make it from bound parameters, so packets are made here.
 * Very many rows go by LOAD DATA LOCAL, out of memory.
 */
#include "best_mariadb.h"

#include <stdio.h>

/* --- Packets. --- */

enum { EXECUTION_HEAD = 9, BULK_HEAD = 6, TEXT_SIZES = 9 };

/* The client library frees what it has sent, so this is of malloc(). */
typedef struct packet {
    unsigned char *bytes, *at, *end;
} packet;

static bool begin_packet(best *state, packet *p)
{
    size_t room = state->packet_room ? state->packet_room : 1024;

    p->bytes = p->at = malloc(room);
    p->end = p->bytes + room;
    return p->bytes != NULL;
}

static bool grow_packet(packet *p, size_t more)
{
    size_t used = (size_t)(p->at - p->bytes);
    size_t room = 2 * (size_t)(p->end - p->bytes) + more;
    unsigned char *bytes = realloc(p->bytes, room);

    if (!bytes) {
        return false;
    }
    p->bytes = bytes;
    p->at = bytes + used;
    p->end = bytes + room;
    return true;
}

static inline bool has_room(packet *p, size_t size)
{
    return (size_t)(p->end - p->at) >= size || grow_packet(p, size);
}

/* Puts a number in as many bytes as it has there; there is room. */
static inline void put_number(packet *p, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        *p->at++ = (unsigned char)(number >> 8 * i);
    }
}

static inline bool put_text(packet *p, const char *text)
{
    size_t size = strlen(text);

    if (!has_room(p, size + TEXT_SIZES)) {
        return false;
    }
    if (size < 251) {
        *p->at++ = (unsigned char)size;
    } else {
        *p->at++ = size <= UINT16_MAX ? 252 : 254;
        put_number(p, size, size <= UINT16_MAX ? 2 : 8);
    }
    memcpy(p->at, text, size);
    p->at += size;
    return true;
}

/* Sends a packet, or gives it up. @param rows of a bulk; 0: it is none */
static bool send_packet(best *state, MYSQL_STMT *stmt, packet *p, bool good, unsigned rows)
{
    if (!good) {
        free(p->bytes);
        snprintf(state->why, sizeof state->why, "out of memory");
        return false;
    }
    state->packet_room = (size_t)(p->end - p->bytes);
    stmt->request_buffer = p->bytes;
    stmt->request_length = (size_t)(p->at - p->bytes);
    mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &rows);
    return mysql_stmt_execute(stmt) == 0 || maria_fail(state, stmt);
}

/* --- Inserts. --- */

static MYSQL_STMT *prepare_insert(best *state, size_t count)
{
    static const char head[] = "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)";
    char sql[sizeof head + BEST_INSERTED_ROWS * 8];
    MYSQL_BIND parameters[2 * BEST_INSERTED_ROWS];
    size_t size = sizeof head - 1;

    memset(parameters, 0, sizeof parameters);
    memcpy(sql, head, sizeof head);
    for (size_t i = 1; i < count; i++) {
        memcpy(sql + size, ", (?, ?)", sizeof ", (?, ?)");
        size += sizeof ", (?, ?)" - 1;
    }
    for (size_t i = 0; i < 2 * count; i++) {
        parameters[i].buffer_type = MYSQL_TYPE_STRING;
    }
    state->inserts[count] = maria_prepare(state, sql, parameters);
    return state->inserts[count];
}

/* An execution: its head, which values are NULL, their types if the server does not have them yet,
 * and those that are not NULL. */
static bool put_newcomers(packet *p, MYSQL_STMT *stmt, const bench_newcomer *newcomers,
                          size_t count)
{
    const size_t nulls = (2 * count + 7) / 8;
    bool with_types = stmt->execute_count == 0;
    bool good = has_room(p, EXECUTION_HEAD + nulls + 1 + 4 * count);

    if (!good) {
        return false;
    }
    put_number(p, stmt->stmt_id, 4);
    put_number(p, 0, 1);
    put_number(p, 1, 4);
    memset(p->at, 0, nulls);
    p->at += nulls;
    put_number(p, with_types, 1);
    for (size_t i = 0; with_types && i < 2 * count; i++) {
        put_number(p, MYSQL_TYPE_STRING, 2);
    }
    for (size_t i = 0; good && i < count; i++) {
        good = put_text(p, newcomers[i].name);
        if (newcomers[i].hair_colour) {
            good = good && put_text(p, newcomers[i].hair_colour);
        } else {
            p->bytes[EXECUTION_HEAD + i / 4] |= (unsigned char)(2 << i % 4 * 2);
        }
    }
    return good;
}

/* Inserts up to BEST_INSERTED_ROWS rows. @return the first row's key, the others' follow it; 0: it
 * failed */
static int64_t insert_some(best *state, const bench_newcomer *newcomers, size_t count)
{
    MYSQL_STMT *stmt = state->inserts[count] ? state->inserts[count] : prepare_insert(state, count);
    packet p;

    if (!stmt) {
        return 0;
    }
    bool good = begin_packet(state, &p) && put_newcomers(&p, stmt, newcomers, count);
    return send_packet(state, stmt, &p, good, 0) ? (int64_t)mysql_stmt_insert_id(stmt) : 0;
}

static size_t part_of(size_t left)
{
    return left < BEST_INSERTED_ROWS ? left : BEST_INSERTED_ROWS;
}

/* One statement is a transaction of its own. */
bool maria_insert(best *state, const bench_task *task)
{
    if (task->n <= BEST_INSERTED_ROWS) {
        return insert_some(state, task->newcomers, task->n) != 0;
    }
    bool good = maria_query(state, "BEGIN", 5);
    for (size_t done = 0; good && done < task->n; done += BEST_INSERTED_ROWS) {
        good = insert_some(state, task->newcomers + done, part_of(task->n - done)) != 0;
    }
    return maria_finish(state, good);
}

static bool add_keys(best *state, int64_t first, size_t count)
{
    int64_t *keys = floor_list_add_many(&state->rows.keys, count, sizeof *keys);

    for (size_t i = 0; keys && i < count; i++) {
        keys[i] = first + (int64_t)i;
    }
    return keys && first != 0;
}

bool maria_save(best *state, const bench_task *task)
{
    bool good = maria_query(state, "BEGIN", 5);

    for (size_t done = 0; good && done < task->n; done += BEST_INSERTED_ROWS) {
        size_t count = part_of(task->n - done);
        good = add_keys(state, insert_some(state, task->newcomers + done, count), count);
    }
    return maria_finish(state, good);
}

/* --- Updates. --- */

/* Many rows of parameters: their types, and each value behind a byte that says whether it is there.
 */
static bool put_people(packet *p, const MYSQL_STMT *stmt, const floor_list *people)
{
    const floor_person *at = people->items;
    bool good = has_room(p, BULK_HEAD + 4);

    if (!good) {
        return false;
    }
    put_number(p, stmt->stmt_id, 4);
    put_number(p, STMT_BULK_FLAG_CLIENT_SEND_TYPES, 2);
    put_number(p, MYSQL_TYPE_STRING, 2);
    put_number(p, MYSQL_TYPE_LONGLONG, 2);
    for (size_t i = 0; good && i < people->count; i++) {
        good = has_room(p, 1);
        if (good) {
            put_number(p, STMT_INDICATOR_NONE, 1);
            good = put_text(p, at[i].name) && has_room(p, 9);
        }
        if (good) {
            put_number(p, STMT_INDICATOR_NONE, 1);
            put_number(p, (uint64_t)at[i].id, 8);
        }
    }
    return good;
}

/* Writes all people that were read back, in one packet. */
static bool write_back(best *state)
{
    MYSQL_STMT *stmt = maria_statement_of(state, BEST_UPDATE);
    packet p;

    if (!stmt) {
        return false;
    }
    bool good = begin_packet(state, &p) && put_people(&p, stmt, &state->rows.people);
    return send_packet(state, stmt, &p, good, (unsigned)state->rows.people.count);
}

bool maria_update(best *state, const bench_task *task)
{
    bool good = maria_query(state, "BEGIN", 5);

    for (size_t i = 0; good && i < task->n; i++) {
        good = maria_find(state, task->keys[i]);
        if (good) {
            floor_last_person(&state->rows)->name = task->names[i];
        }
    }
    good = good && write_back(state);
    return maria_finish(state, good);
}

/* --- LOAD DATA. --- */

/* Fields and lines end in control characters, as rare as possible, and those below ESCAPE_END are
 * escaped. */
enum { FIELD_END = 1, LINE_END = 2, ESCAPE = 3, ESCAPE_END = 4 };

static const char load_data[] =
    "LOAD DATA LOCAL INFILE 'newcomers' INTO TABLE newcomer CHARACTER SET utf8mb4 "
    "FIELDS TERMINATED BY x'01' ESCAPED BY x'03' LINES TERMINATED BY x'02' (name, hair_colour)";

/* Room for a text of @p size bytes, all of it escaped or NULL, and for what ends it. */
static inline size_t room_for(size_t size)
{
    return 2 * size + 3;
}

/* Whether a byte of the word is below ESCAPE_END; it may say so of no other. */
static inline uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return (word - ones * ESCAPE_END) & ~word & ones << 7;
}

static inline bool has_special(const char *text, size_t size)
{
    uint64_t special = 0;
    uint64_t word;

    if (size < sizeof word) {
        for (size_t i = 0; i < size; i++) {
            special |= (unsigned char)text[i] < ESCAPE_END;
        }
        return special != 0;
    }
    for (size_t i = 0; i + sizeof word < size; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        special |= special_bytes(word);
    }
    memcpy(&word, text + size - sizeof word, sizeof word);
    return (special | special_bytes(word)) != 0;
}

static inline char *escape_text(char *out, const char *text, size_t size)
{
    if (!text) {
        out[0] = ESCAPE;
        out[1] = 'N';
        return out + 2;
    }
    if (!has_special(text, size)) {
        memcpy(out, text, size);
        return out + size;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ESCAPE_END) {
            *out++ = ESCAPE;
        }
        *out++ = text[i];
    }
    return out;
}

static int begin_file(void **file, const char *name, void *context)
{
    best *state = context;

    *file = state;
    return state->copied == NULL || strcmp(name, "newcomers") != 0;
}

/* As many whole rows as there is room for: a piece has room for many. */
static int read_file(void *file, char *out, unsigned room)
{
    best *state = file;
    const bench_task *task = state->copied;
    char *at = out;
    size_t left = room;

    for (; state->given < task->n; state->given++) {
        const bench_newcomer *newcomer = &task->newcomers[state->given];
        size_t name = strlen(newcomer->name);
        size_t hair = newcomer->hair_colour ? strlen(newcomer->hair_colour) : 0;
        if (room_for(name) + room_for(hair) > left) {
            break;
        }
        at = escape_text(at, newcomer->name, name);
        *at++ = FIELD_END;
        at = escape_text(at, newcomer->hair_colour, hair);
        *at++ = LINE_END;
        left = room - (size_t)(at - out);
    }
    return (int)(at - out);
}

static void end_file(void *file)
{
    (void)file;
}

static int why_no_file(void *file, char *message, unsigned room)
{
    (void)file;
    snprintf(message, room, "no file is given to the server");
    return 1;
}

void maria_guard_files(best *state)
{
    mysql_set_local_infile_handler(state->mysql, begin_file, read_file, end_file, why_no_file,
                                   state);
}

/* The server takes what it cannot insert as it is for a warning. */
bool maria_load_data(best *state, const bench_task *task)
{
    state->copied = task;
    state->given = 0;
    bool good = maria_query(state, load_data, sizeof load_data - 1);
    state->copied = NULL;
    if (good &&
        (mysql_affected_rows(state->mysql) != task->n || mysql_warning_count(state->mysql) != 0)) {
        snprintf(state->why, sizeof state->why, "the server did not take all rows as they are");
        good = false;
    }
    return good;
}
