/*
 * What many statements refer to: connections, texts, columns. Each is written once and has a number
 * from a counter of the session, so a number means the same in every process. A thread remembers
 * those that it told of lately by a hash of 128 bits of what they are.
 */
#include "preload/recorder.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

#include "base/alloc.h"
#include "detector/fold.h"
#include "preload/buffer.h"

enum { REMEMBERED = 512 /* a power of two */ };

/* What a thread told of. A place is taken over by the next that falls on it. */
typedef struct memory {
    struct {
        XXH128_hash_t hash;
        uint32_t id;
    } at[REMEMBERED];
} memory;

static const char *dialect_name(recorder_dialect dialect)
{
    switch (dialect) {
    case RECORDER_SQLITE:
        return "sqlite";
    case RECORDER_POSTGRESQL:
        return "postgresql";
    case RECORDER_MARIADB:
        return "mariadb";
    }
    return "";
}

bool recorder_is_on(void)
{
    return buffer_session() != NULL;
}

uint64_t recorder_trip(void)
{
    profile_session *session = buffer_session();

    return session != NULL ? atomic_fetch_add(&session->trips, 1) + 1 : 0;
}

static uint32_t next_id(void)
{
    return atomic_fetch_add(&buffer_session()->next_id, 1) + 1;
}

/* Where a hash is remembered, or is to be. NULL: there is no memory. */
static uint32_t *recall(XXH128_hash_t hash)
{
    memory *remembered = buffer_remembered(BUFFER_TOLD, sizeof *remembered);
    size_t index = (size_t)hash.low64 & (REMEMBERED - 1);
    if (remembered == NULL) {
        return NULL;
    }
    if (!XXH128_isEqual(remembered->at[index].hash, hash)) {
        remembered->at[index].hash = hash;
        remembered->at[index].id = 0;
    }
    return &remembered->at[index].id;
}

/* --- Connections. --- */

uint32_t recorder_connection(recorder_dialect dialect, const char *database)
{
    size_t size = database != NULL ? strlen(database) : 0;
    profile_connection *out;

    if (!recorder_is_on() ||
        (out = buffer_reserve(PROFILE_CONNECTION, sizeof *out + size)) == NULL) {
        return 0;
    }
    uint32_t id = next_id();
    out->id = id;
    out->dialect = (uint32_t)dialect;
    out->name_size = (uint32_t)size;
    if (size > 0) {
        memcpy(out + 1, database, size);
    }
    buffer_publish(out);
    return id;
}

/* --- Texts. --- */

static void write_slots(profile_slot *out, const rowan__trace_text *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i].literal = text->slots[i].literal;
        out[i].param = text->slots[i].param;
        out[i].reserved = 0;
    }
}

/* With values as they are, parameters are told as they are bound, unless they are named: the
 * detector counts names as they come. */
static uint32_t write_text(recorder_dialect dialect, const rowan__trace_text *text, bool values)
{
    size_t slots = !values || text->has_names ? text->slot_count : 0;
    profile_text *out =
        buffer_reserve(PROFILE_TEXT, sizeof *out + slots * sizeof(profile_slot) + text->sql.size);

    if (out == NULL) {
        return 0;
    }
    uint32_t id = next_id();
    out->id = id;
    out->dialect = (uint32_t)dialect;
    out->slot_count = (uint32_t)slots;
    out->sql_size = (uint32_t)text->sql.size;
    write_slots((profile_slot *)(void *)(out + 1), text, slots);
    if (text->sql.size > 0) {
        memcpy((char *)(out + 1) + slots * sizeof(profile_slot), text->sql.data, text->sql.size);
    }
    buffer_publish(out);
    return id;
}

static uint32_t tell_text(recorder_dialect dialect, const char *sql, size_t size)
{
    const rowan__trace_writer *writer = &buffer_session()->writer;
    rowan__trace_text text;
    uint32_t id = 0;

    rowan__trace_text_init(&text, &rowan__default_allocator);
    rowan__trace_text_read(writer, rowan__engine_reading(dialect_name(dialect)), sql, size, &text);
    if (text.sql.failed) {
        buffer_lose(ENOMEM);
    } else {
        id = write_text(dialect, &text, writer->values);
    }
    rowan__trace_text_fini(&text);
    return id;
}

uint32_t recorder_text(recorder_dialect dialect, const char *sql, size_t size)
{
    uint32_t *known;
    uint32_t id;

    if (!recorder_is_on()) {
        return 0;
    }
    known = recall(XXH3_128bits_withSeed(sql, size, (uint64_t)dialect));
    if (known != NULL && *known != 0) {
        return *known;
    }
    id = tell_text(dialect, sql, size);
    if (known != NULL) {
        *known = id;
    }
    return id;
}

/* --- Columns. --- */

static uint32_t write_columns(const rowan__text *names, size_t count)
{
    profile_columns *out = buffer_reserve(PROFILE_COLUMNS, sizeof *out + names->size);

    if (out == NULL) {
        return 0;
    }
    uint32_t id = next_id();
    out->id = id;
    out->count = (uint32_t)count;
    out->names_size = (uint32_t)names->size;
    memcpy(out + 1, names->data, names->size);
    buffer_publish(out);
    return id;
}

uint32_t recorder_columns(const char *const *names, size_t count)
{
    rowan__text all;
    uint32_t *known, id = 0;

    if (count == 0 || !recorder_is_on()) {
        return 0;
    }
    rowan__text_init(&all, &rowan__default_allocator);
    for (size_t i = 0; i < count; i++) {
        const char *name = names[i] != NULL ? names[i] : "";
        rowan__text_add(&all, name, strlen(name) + 1);
    }
    if (all.failed) {
        buffer_lose(ENOMEM);
    } else {
        known = recall(XXH3_128bits_withSeed(all.data, all.size, 0));
        id = known != NULL && *known != 0 ? *known : write_columns(&all, count);
        if (known != NULL) {
            *known = id;
        }
    }
    rowan__text_fini(&all);
    return id;
}
