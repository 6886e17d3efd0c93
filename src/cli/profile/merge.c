/* From the records of all processes to one trace, a line a statement, in the order of time. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "cli/profile/profile.h"

typedef struct merge {
    const profile_records *records;
    const profile_folder *folder;
    profile_places *places;
    rowan__trace_writer plain; /* what is here is written as it is */
    rowan__text line;
    size_t number;
} merge;

/* Where the reading of an execution's values is. */
typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *c, void *out, size_t size)
{
    bool fits = (size_t)(c->end - c->at) >= size;

    if (fits) {
        memcpy(out, c->at, size);
        c->at += size;
    }
    return fits;
}

/* --- Values. --- */

static bool add_bytes(merge *m, cursor *c, rowan_type type)
{
    uint32_t size;

    if (!take(c, &size, sizeof size) || (size_t)(c->end - c->at) < size) {
        return false;
    }
    rowan_value value = rowan_v_bytes(type, c->at, size);
    rowan__trace_value(&m->plain, &m->line, &value);
    c->at += size;
    return true;
}

/* @return false if there is none left */
static bool add_value(merge *m, cursor *c)
{
    rowan_value value = rowan_v_null();
    uint64_t hash;
    char tag;
    bool truth, taken = true;

    if (!take(c, &tag, 1)) {
        return false;
    }
    switch ((profile_value)tag) {
    case PROFILE_NULL:
        break;
    case PROFILE_HASH:
        taken = take(c, &hash, sizeof hash);
        rowan__trace_hashed(&m->line, taken ? hash : 0);
        return taken;
    case PROFILE_INT:
        value = rowan_v_int64(0);
        taken = take(c, &value.as.integer, sizeof value.as.integer);
        break;
    case PROFILE_REAL:
        value = rowan_v_double(0);
        taken = take(c, &value.as.real, sizeof value.as.real);
        break;
    case PROFILE_TRUTH:
        taken = take(c, &truth, sizeof truth);
        value = rowan_v_bool(taken && truth);
        break;
    case PROFILE_BYTES:
        return add_bytes(m, c, ROWAN_TYPE_TEXT);
    case PROFILE_BLOB:
        return add_bytes(m, c, ROWAN_TYPE_BLOB);
    }
    rowan__trace_value(&m->plain, &m->line, &value);
    return taken;
}

static bool skip_value(cursor *c)
{
    static const size_t sizes[] = {0, 8, 8, 8, 1, 0, 0};
    uint32_t size = 0;
    unsigned char tag;

    if (!take(c, &tag, 1) || tag > PROFILE_BLOB) {
        return false;
    }
    if (tag >= PROFILE_BYTES && !take(c, &size, sizeof size)) {
        return false;
    }
    size += (uint32_t)sizes[tag];
    if ((size_t)(c->end - c->at) < size) {
        return false;
    }
    c->at += size;
    return true;
}

static const char *dialect_of(uint32_t dialect)
{
    static const char *const names[] = {"", "sqlite", "postgresql", "mariadb"};

    return dialect < sizeof names / sizeof names[0] ? names[dialect] : "";
}

/* --- The parts of a line. --- */

static void add_key(merge *m, const char *key)
{
    rowan__text_format(&m->line, ",\"%s\":", key);
}

static void add_text(merge *m, const char *key, const char *text, size_t size)
{
    add_key(m, key);
    rowan__json_string(&m->line, text, size);
}

/* A value of the text: a literal's hash, or the parameter, which may stand in several places. */
static void add_slot(merge *m, const profile_slot *slot, const cursor *params, uint32_t count)
{
    cursor c = *params;
    bool found = slot->param < count;

    if (slot->param == ROWAN__TRACE_LITERAL) {
        rowan__trace_hashed(&m->line, slot->literal);
        return;
    }
    for (uint32_t i = 0; i < slot->param && found; i++) {
        found = skip_value(&c);
    }
    if (!found || !add_value(m, &c)) {
        rowan__text_str(&m->line, "null");
    }
}

/* Leaves the cursor at the first cell. */
static void add_params(merge *m, const profile_text *text, const profile_statement *statement,
                       cursor *c)
{
    const profile_slot *slots = (const void *)(text + 1);
    cursor params = *c;

    rowan__text_str(&m->line, ",\"params\":[");
    for (uint32_t i = 0; i < text->slot_count; i++) {
        rowan__text_str(&m->line, i > 0 ? "," : "");
        add_slot(m, &slots[i], &params, statement->param_count);
    }
    for (uint32_t i = 0; i < statement->param_count; i++) {
        bool is_plain = m->folder->session->writer.values && text->slot_count == 0;
        if (is_plain) {
            rowan__text_str(&m->line, i > 0 ? "," : "");
        }
        if (!(is_plain ? add_value(m, c) : skip_value(c))) {
            break;
        }
    }
    rowan__text_char(&m->line, ']');
}

static void add_columns(merge *m, const profile_columns *columns)
{
    const char *name = (const char *)(columns + 1);
    const char *end = name + columns->names_size;

    rowan__text_str(&m->line, ",\"cols\":[");
    for (uint32_t i = 0; i < columns->count && name < end; i++) {
        size_t size = strnlen(name, (size_t)(end - name));
        rowan__text_str(&m->line, i > 0 ? "," : "");
        rowan__json_string(&m->line, name, size);
        name += size + 1;
    }
    rowan__text_char(&m->line, ']');
}

static void add_rows(merge *m, const profile_statement *statement, cursor *c)
{
    const profile_columns *columns = profile_told(m->records, statement->columns, PROFILE_COLUMNS);
    uint32_t width = columns != NULL ? columns->count : 0;

    if (width == 0) {
        rowan__text_str(&m->line, ",\"rows\":null");
        return;
    }
    add_columns(m, columns);
    rowan__text_str(&m->line, ",\"rows\":[");
    for (uint32_t i = 0; i + width <= statement->cell_count; i += width) {
        rowan__text_str(&m->line, i > 0 ? ",[" : "[");
        for (uint32_t j = 0; j < width; j++) {
            rowan__text_str(&m->line, j > 0 ? "," : "");
            if (!add_value(m, c)) {
                rowan__text_str(&m->line, "null");
            }
        }
        rowan__text_char(&m->line, ']');
    }
    rowan__text_char(&m->line, ']');
}

static void add_reads(merge *m, const profile_statement *statement)
{
    uint64_t rows, columns;
    const char *between = "";

    if (!profile_reads_of(m->records, statement, &rows, &columns)) {
        return;
    }
    rowan__text_format(&m->line, ",\"rows_read\":%" PRIu64,
                       rows < statement->rows ? rows : statement->rows);
    if (columns == UINT64_MAX) {
        return;
    }
    rowan__text_str(&m->line, ",\"read\":[");
    for (unsigned i = 0; i < 64; i++) {
        if (columns >> i & 1) {
            rowan__text_format(&m->line, "%s%u", between, i);
            between = ",";
        }
    }
    rowan__text_char(&m->line, ']');
}

static void add_site(merge *m, const profile_statement *statement)
{
    profile_place place = profile_place_of(m->places, statement);

    add_text(m, "callsite", place.text, strlen(place.text));
    if (place.through_count == 0) {
        return;
    }
    add_key(m, "through");
    for (size_t i = 0; i < place.through_count; i++) {
        rowan__text_char(&m->line, i > 0 ? ',' : '[');
        rowan__json_string(&m->line, place.through[i], strlen(place.through[i]));
    }
    rowan__text_char(&m->line, ']');
}

static void add_thread(merge *m, const profile_owner *owner)
{
    add_key(m, "thread");
    rowan__text_format(&m->line, owner->process == owner->thread ? "\"%u\"" : "\"%u.%u\"",
                       owner->process, owner->thread);
}

static void add_connection(merge *m, const profile_statement *statement)
{
    const profile_connection *connection =
        profile_told(m->records, statement->connection, PROFILE_CONNECTION);

    if (connection != NULL) {
        rowan__text_format(&m->line, ",\"conn\":%u", connection->id);
        if (connection->name_size > 0) {
            add_text(m, "db", (const char *)(connection + 1), connection->name_size);
        }
    }
}

static void add_line(merge *m, const profile_execution *execution, const profile_text *text)
{
    const profile_statement *statement = execution->record;
    const profile_owner *owner = &m->records->owners[execution->owner];
    const char *sql = (const char *)(text + 1) + text->slot_count * sizeof(profile_slot);
    cursor c = {(const char *)(statement + 1),
                (const char *)(statement + 1) + statement->values_size};
    const char *dialect = dialect_of(text->dialect);

    rowan__text_format(&m->line, "{\"seq\":%zu", ++m->number);
    add_text(m, "sql", sql, text->sql_size);
    add_params(m, text, statement, &c);
    add_rows(m, statement, &c);
    rowan__text_format(&m->line, ",\"nrows\":%" PRIu64, statement->rows);
    add_reads(m, statement);
    add_site(m, statement);
    rowan__text_format(&m->line, ",\"ts_us\":%.3f,\"t_us\":%.3f",
                       (double)(statement->start_ns - m->folder->session->began_ns) / 1e3,
                       (double)statement->elapsed_ns / 1e3);
    add_connection(m, statement);
    add_thread(m, owner);
    add_text(m, "dialect", dialect, strlen(dialect));
    if (statement->error_size > 0) {
        add_text(m, "err", (const char *)(statement + 1) + statement->values_size,
                 statement->error_size);
    }
    if (statement->trip != 0) {
        rowan__text_format(&m->line, ",\"trip\":%" PRIu64, statement->trip);
    }
    rowan__text_str(&m->line, "}\n");
}

/* --- The trace. --- */

static rowan_status write_lines(merge *m, FILE *out, const char *path, rowan_error *error)
{
    for (size_t i = 0; i < m->records->count; i++) {
        const profile_execution *execution = &m->records->at[i];
        const profile_text *text = profile_told(m->records, execution->record->text, PROFILE_TEXT);
        if (text == NULL) {
            atomic_fetch_add(&m->folder->session->lost, 1);
            continue;
        }
        rowan__text_clear(&m->line);
        add_line(m, execution, text);
        if (m->line.failed) {
            return rowan__fail_nomem(error);
        }
        if (fwrite(m->line.data, 1, m->line.size, out) != m->line.size) {
            break;
        }
    }
    return fflush(out) == 0 && !ferror(out)
               ? ROWAN_OK
               : rowan__fail(error, errno == ENOSPC ? ROWAN_FULL : ROWAN_IO,
                             "cannot write %.150s: %s", path, strerror(errno));
}

rowan_status profile_write_trace(const profile_records *records, const profile_folder *folder,
                                 const char *path, size_t *written, rowan_error *error)
{
    merge m = {.records = records, .folder = folder, .plain = {.values = true}};
    FILE *out = fopen(path, "we");
    rowan_status status;

    *written = 0;
    if (out == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot write %.150s: %s", path, strerror(errno));
    }
    rowan__text_init(&m.line, records->allocator);
    status = profile_places_new(&m.places, records, error);
    if (status == ROWAN_OK) {
        status = write_lines(&m, out, path, error);
    }
    if (fclose(out) != 0 && status == ROWAN_OK) {
        status = rowan__fail(error, ROWAN_IO, "cannot write %.150s: %s", path, strerror(errno));
    }
    *written = m.number;
    profile_places_free(m.places);
    rowan__text_fini(&m.line);
    return status;
}
