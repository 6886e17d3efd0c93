/*
 * The best that a person would write on MariaDB's Connector/C: writing.
 *
 * Rows to insert are one statement with many rows, kept for each number of them. Its parameters are
 * bound once, to slots as long as the columns, into which texts are copied: an array for each
 * parameter takes a quarter more instructions and as much time, and promises no keys that follow
 * one another. What changes rows goes with arrays, which the client library fills by a callback.
 * Very many rows go by LOAD DATA LOCAL, out of memory.
 */
#include "best_mariadb.h"

#include <stdio.h>

/* --- Inserts. --- */

static MYSQL_STMT *prepare_insert(best *state, size_t count)
{
    static const char head[] = "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)";
    char sql[sizeof head + BEST_INSERTED_ROWS * 8];
    MYSQL_BIND parameters[2 * BEST_INSERTED_ROWS];
    size_t size = sizeof head - 1;

    memset(parameters, 0, sizeof parameters);
    memcpy(sql, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        MYSQL_BIND *parameter = &parameters[2 * i];
        best_slot *slot = &state->slots[i];
        parameter[0].buffer_type = parameter[1].buffer_type = MYSQL_TYPE_STRING;
        parameter[0].buffer = slot->name;
        parameter[0].length = &slot->name_size;
        parameter[1].buffer = slot->hair_colour;
        parameter[1].length = &slot->hair_colour_size;
        parameter[1].is_null = &slot->no_hair_colour;
        if (i > 0) {
            memcpy(sql + size, ", (?, ?)", sizeof ", (?, ?)");
            size += sizeof ", (?, ?)" - 1;
        }
    }
    state->inserts[count] = maria_prepare(state, sql, parameters);
    return state->inserts[count];
}

static inline bool fill_slot(best_slot *slot, const bench_newcomer *newcomer)
{
    size_t name = strlen(newcomer->name);
    size_t hair = newcomer->hair_colour ? strlen(newcomer->hair_colour) : 0;

    if (name > sizeof slot->name || hair > sizeof slot->hair_colour) {
        return false;
    }
    memcpy(slot->name, newcomer->name, name);
    slot->name_size = name;
    slot->no_hair_colour = !newcomer->hair_colour;
    if (newcomer->hair_colour) {
        memcpy(slot->hair_colour, newcomer->hair_colour, hair);
        slot->hair_colour_size = hair;
    }
    return true;
}

/* Inserts up to BEST_INSERTED_ROWS rows. @return the first row's key, the others' follow it; 0: it
 * failed */
static int64_t insert_some(best *state, const bench_newcomer *newcomers, size_t count)
{
    MYSQL_STMT *stmt = state->inserts[count] ? state->inserts[count] : prepare_insert(state, count);

    if (!stmt) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (!fill_slot(&state->slots[i], &newcomers[i])) {
            snprintf(state->kept.why, sizeof state->kept.why, "a text is longer than its column");
            return 0;
        }
    }
    if (mysql_stmt_execute(stmt) != 0) {
        maria_fail(state, stmt);
        return 0;
    }
    return (int64_t)mysql_stmt_insert_id(stmt);
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
    int64_t *keys = floor_list_add_many(&state->kept.rows.keys, count, sizeof *keys);

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

my_bool maria_bind_update(void *context, MYSQL_BIND *parameters, unsigned row)
{
    static char is_there = STMT_INDICATOR_NONE;
    const best *state = context;
    floor_person *person = (floor_person *)state->kept.rows.people.items + row;

    parameters[0].buffer = (void *)(uintptr_t)person->name;
    parameters[0].buffer_length = (unsigned long)strlen(person->name);
    parameters[0].u.indicator = parameters[1].u.indicator = &is_there;
    parameters[1].buffer = &person->id;
    return 0;
}

/* Writes all people that were read back, in one packet. */
static bool write_back(best *state)
{
    MYSQL_STMT *stmt = maria_statement_of(state, BEST_UPDATE);
    unsigned count = (unsigned)state->kept.rows.people.count;

    if (!stmt) {
        return false;
    }
    mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &count);
    return mysql_stmt_execute(stmt) == 0 || maria_fail(state, stmt);
}

bool maria_update(best *state, const bench_task *task)
{
    bool good = maria_query(state, "BEGIN", 5);

    for (size_t i = 0; good && i < task->n; i++) {
        good = maria_find(state, task->keys[i]);
        if (good) {
            floor_last_person(&state->kept.rows)->name = task->names[i];
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

static inline char *put_text(char *out, const char *text, size_t size)
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
        at = put_text(at, newcomer->name, name);
        *at++ = FIELD_END;
        at = put_text(at, newcomer->hair_colour, hair);
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
        snprintf(state->kept.why, sizeof state->kept.why,
                 "the server did not take all rows as they are");
        good = false;
    }
    return good;
}
