/*
 * Reads the catalogue of a SQLite file: four queries, each over all tables at once.
 *
 * SQLite keeps the text of CREATE TABLE and nothing of its check constraints, so the labels of an
 * enum are found by looking through the words of that text for `CHECK (column IN ('a', 'b'))`.
 */
#include <stdlib.h>

#include "base/error.h"
#include "driver/reading.h"
#include "driver/sqlite/sqlite_private.h"

/* The tables that a person made: no views, no virtual tables and none of the tables behind those.
 */
#define TABLES                                                                                     \
    "(SELECT l.name AS name, l.wr AS without_rowid, s.sql AS sql FROM pragma_table_list AS l "     \
    "JOIN sqlite_schema AS s ON s.name = l.name AND s.type = 'table' "                             \
    "WHERE l.schema = 'main' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_') AS t "

static const char tables_sql[] =
    "SELECT t.name, t.without_rowid, t.sql FROM " TABLES "ORDER BY t.name";
static const char columns_sql[] =
    "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden "
    "FROM " TABLES
    "JOIN pragma_table_xinfo(t.name) AS c WHERE c.hidden <> 1 ORDER BY t.name, c.cid";
static const char unique_sql[] =
    "SELECT t.name, i.name, c.name FROM " TABLES "JOIN pragma_index_list(t.name) AS i "
    "JOIN pragma_index_info(i.name) AS c "
    "WHERE i.\"unique\" = 1 AND i.partial = 0 AND i.origin <> 'pk' ORDER BY t.name, i.seq, c.seqno";
static const char foreign_sql[] =
    "SELECT t.name, f.id, f.\"from\", f.\"table\", f.\"to\" "
    "FROM " TABLES "JOIN pragma_foreign_key_list(t.name) AS f ORDER BY t.name, f.id, f.seq";

/* A table, and all of them, while they are being read. */
typedef struct draft_table {
    rowan__found_table found;
    const char *sql; /* its CREATE TABLE */
    bool without_rowid;
    size_t column_capacity, key_capacity;
} draft_table;

typedef struct catalogue {
    rowan__arena *arena;
    rowan_error *error;
    draft_table *tables;
    size_t count, capacity;
    size_t at;              /* the table of the last row */
    int64_t key_id;         /* of the last foreign key */
    const char *index_name; /* of the last unique key */
    rowan__found_key *key;  /* that is being read */
} catalogue;

/* --- Values and memory --- */

static int64_t integer_of(const rowan_value *value)
{
    return value->is_null                   ? 0
           : value->type == ROWAN_TYPE_BOOL ? value->as.boolean
                                            : value->as.integer;
}

/* A copy; "" for NULL. NULL: out of memory. */
static const char *text_of(const catalogue *draft, const rowan_value *value)
{
    return value->is_null
               ? ""
               : rowan__arena_text(draft->arena, value->as.bytes.data, value->as.bytes.size);
}

static bool equals(const rowan_value *value, const char *text)
{
    return !value->is_null && value->as.bytes.size == strlen(text) &&
           memcmp(value->as.bytes.data, text, value->as.bytes.size) == 0;
}

/* Room for one more element behind `count`; what was there is copied, the old place stays in the
 * arena. */
static void *grown(rowan__arena *arena, void *array, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) {
        return array;
    }
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *moved = rowan__arena_new(arena, wanted, size, _Alignof(max_align_t));
    if (moved && count > 0) {
        memcpy(moved, array, count * size);
    }
    *capacity = moved ? wanted : *capacity;
    return moved;
}

/* One more name behind a key's list of names. */
static bool add_name(rowan__arena *arena, const char *const **names, size_t count, const char *name)
{
    const char **moved = rowan__arena_new(arena, count + 1, sizeof *moved, _Alignof(const char *));

    if (!moved || !name) {
        return false;
    }
    if (count > 0) {
        memcpy(moved, *names, count * sizeof *moved);
    }
    moved[count] = name;
    *names = moved;
    return true;
}

/* The table that a row is about: rows come in the order of the tables. NULL: made since the tables
 * were read. */
static draft_table *table_of(catalogue *draft, const rowan_value *name)
{
    for (; draft->at < draft->count; draft->at++) {
        if (equals(name, draft->tables[draft->at].found.name)) {
            return &draft->tables[draft->at];
        }
        draft->key = NULL;
    }
    draft->at = 0;
    for (size_t i = 0; i < draft->count; i++) {
        if (equals(name, draft->tables[i].found.name)) {
            draft->at = i;
            return &draft->tables[i];
        }
    }
    return NULL;
}

/* --- The labels of an enum --- */

static bool is_gap(rowan__token_kind kind)
{
    return kind == ROWAN__TOKEN_SPACE || kind == ROWAN__TOKEN_COMMENT;
}

static void next_word(rowan__reader *reader, rowan__token *token)
{
    do {
        rowan__token_next(reader, token);
    } while (is_gap(token->kind));
}

static bool same_letters(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char x = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] + 32) : a[i];
        char y = b[i] >= 'A' && b[i] <= 'Z' ? (char)(b[i] + 32) : b[i];
        if (x != y) {
            return false;
        }
    }
    return true;
}

/* Whether a token names the column: as a word, or in quotes, where a quote in the name stands
 * twice. */
static bool names_column(const rowan__reader *reader, const rowan__token *token, const char *column)
{
    const char *text = reader->text + token->offset;
    size_t last = token->size - 1;

    if (token->kind == ROWAN__TOKEN_WORD) {
        return token->size == strlen(column) && same_letters(text, column, token->size);
    }
    if (token->kind != ROWAN__TOKEN_NAME || token->unterminated) {
        return false;
    }
    for (size_t i = 1; i < last; i++, column++) {
        if (*column == '\0' || !same_letters(text + i, column, 1)) {
            return false;
        }
        i += text[i] == text[last] && text[i + 1] == text[last] && i + 1 < last;
    }
    return *column == '\0';
}

/* A string literal without its quotes; doubled quotes become one. NULL: out of memory. */
static const char *unquote(rowan__arena *arena, const char *literal, size_t size)
{
    char *text = rowan__arena_text(arena, literal + 1, size - 2);
    size_t end = 0;

    for (size_t i = 0; text && i < size - 2; i++) {
        text[end++] = text[i];
        i += text[i] == '\'' && text[i + 1] == '\'';
    }
    if (text) {
        text[end] = '\0';
    }
    return text;
}

/* Reads `column IN ('a', 'b')`, the reader being behind `CHECK (`. Anything else leaves no labels.
 */
static rowan_status read_labels(rowan__reader *reader, rowan__arena *arena,
                                rowan__found_column *column)
{
    const char *const *labels = NULL;
    size_t count = 0;
    rowan__token token;

    next_word(reader, &token);
    if (!names_column(reader, &token, column->name)) {
        return ROWAN_OK;
    }
    next_word(reader, &token);
    if (!rowan__token_is(reader, &token, "IN")) {
        return ROWAN_OK;
    }
    next_word(reader, &token);
    if (token.kind != ROWAN__TOKEN_OPEN) {
        return ROWAN_OK;
    }
    do {
        next_word(reader, &token);
        if (token.kind != ROWAN__TOKEN_STRING || token.unterminated) {
            return ROWAN_OK;
        }
        if (!add_name(arena, &labels, count,
                      unquote(arena, reader->text + token.offset, token.size))) {
            return ROWAN_NOMEM;
        }
        count++;
        next_word(reader, &token);
    } while (token.kind == ROWAN__TOKEN_COMMA);
    if (token.kind != ROWAN__TOKEN_CLOSE) {
        return ROWAN_OK;
    }
    next_word(reader, &token);
    if (token.kind == ROWAN__TOKEN_CLOSE) {
        column->labels = labels;
        column->label_count = count;
        column->type = ROWAN_TYPE_ENUM;
    }
    return ROWAN_OK;
}

/* Looks for the column's check through the whole text of its table: it may stand anywhere in it. */
static rowan_status find_labels(const draft_table *table, rowan__arena *arena,
                                rowan__found_column *column)
{
    rowan__reading reading = rowan__dialect_reading(&rowan__sqlite_dialect);
    rowan_status status = ROWAN_OK;
    rowan__reader reader;
    rowan__token token;

    if (column->type != ROWAN_TYPE_TEXT) {
        return ROWAN_OK;
    }
    rowan__reader_init(&reader, &reading, table->sql, strlen(table->sql));
    next_word(&reader, &token);
    while (token.kind != ROWAN__TOKEN_END && status == ROWAN_OK && column->label_count == 0) {
        bool check = rowan__token_is(&reader, &token, "CHECK");
        next_word(&reader, &token);
        if (check && token.kind == ROWAN__TOKEN_OPEN) {
            rowan__reader inside = reader;
            status = read_labels(&inside, arena, column);
        }
    }
    return status;
}

/* --- What is done with each row of the queries --- */

static rowan_status each_table(void *context, const rowan_value *row, size_t count)
{
    catalogue *draft = context;
    draft_table *tables =
        grown(draft->arena, draft->tables, &draft->capacity, draft->count, sizeof *tables);

    (void)count;
    if (!tables) {
        return rowan__fail_nomem(draft->error);
    }
    draft->tables = tables;
    draft_table *table = &tables[draft->count];
    table->found.name = text_of(draft, &row[0]);
    table->found.comment = "";
    table->without_rowid = integer_of(&row[1]) != 0;
    table->sql = text_of(draft, &row[2]);
    if (!table->found.name || !table->sql) {
        return rowan__fail_nomem(draft->error);
    }
    draft->count++;
    return ROWAN_OK;
}

static rowan_status each_column(void *context, const rowan_value *row, size_t count)
{
    catalogue *draft = context;
    draft_table *table = table_of(draft, &row[0]);

    (void)count;
    if (!table) {
        return ROWAN_OK;
    }
    rowan__found_column *columns =
        grown(draft->arena, table->found.columns, &table->column_capacity,
              table->found.column_count, sizeof *columns);
    if (!columns) {
        return rowan__fail_nomem(draft->error);
    }
    table->found.columns = columns;
    rowan__found_column *column = &columns[table->found.column_count];
    column->name = text_of(draft, &row[1]);
    column->declared = text_of(draft, &row[2]);
    column->comment = "";
    column->key_position = (unsigned)integer_of(&row[5]);
    column->nullable = integer_of(&row[3]) == 0 && column->key_position == 0;
    column->generated = integer_of(&row[6]) != 0;
    column->has_default = !row[4].is_null && !equals(&row[4], "NULL");
    if (!column->name || !column->declared) {
        return rowan__fail_nomem(draft->error);
    }
    column->type = rowan__sqlite_type(column->declared, &column->length, &column->scale);
    table->found.column_count++;
    return find_labels(table, draft->arena, column) == ROWAN_OK ? ROWAN_OK
                                                                : rowan__fail_nomem(draft->error);
}

static rowan__found_key *new_key(catalogue *draft, draft_table *table)
{
    rowan__found_key *keys = grown(draft->arena, table->found.keys, &table->key_capacity,
                                   table->found.key_count, sizeof *keys);

    if (!keys) {
        return NULL;
    }
    table->found.keys = keys;
    draft->key = &keys[table->found.key_count++];
    return draft->key;
}

static rowan_status each_unique(void *context, const rowan_value *row, size_t count)
{
    catalogue *draft = context;
    draft_table *table = table_of(draft, &row[0]);
    rowan__found_key *key = draft->key;

    (void)count;
    if (!table) {
        return ROWAN_OK;
    }
    if (!key || !equals(&row[1], draft->index_name)) {
        draft->index_name = text_of(draft, &row[1]);
        key = new_key(draft, table);
    }
    /* An expression in the index has no name: a key with such a part is dropped at the end. */
    if (!key || !draft->index_name ||
        !add_name(draft->arena, &key->columns, key->column_count, text_of(draft, &row[2]))) {
        return rowan__fail_nomem(draft->error);
    }
    key->column_count++;
    return ROWAN_OK;
}

/* The column referred to: left out of the text, it is the primary key's column at that place. */
static const char *column_referred_to(const catalogue *draft, const rowan__found_key *key,
                                      const rowan_value *name)
{
    if (!name->is_null) {
        return text_of(draft, name);
    }
    for (size_t i = 0; i < draft->count; i++) {
        const rowan__found_table *table = &draft->tables[i].found;
        for (size_t j = 0; strcmp(table->name, key->to_table) == 0 && j < table->column_count;
             j++) {
            if (table->columns[j].key_position == key->column_count + 1) {
                return table->columns[j].name;
            }
        }
    }
    return "";
}

static rowan_status each_foreign(void *context, const rowan_value *row, size_t count)
{
    catalogue *draft = context;
    draft_table *table = table_of(draft, &row[0]);
    rowan__found_key *key = draft->key;

    (void)count;
    if (!table) {
        return ROWAN_OK;
    }
    if (!key || integer_of(&row[1]) != draft->key_id) {
        draft->key_id = integer_of(&row[1]);
        key = new_key(draft, table);
        if (key) {
            key->to_table = text_of(draft, &row[3]);
        }
    }
    if (!key || !key->to_table ||
        !add_name(draft->arena, &key->columns, key->column_count, text_of(draft, &row[2])) ||
        !add_name(draft->arena, &key->to_columns, key->column_count,
                  column_referred_to(draft, key, &row[4]))) {
        return rowan__fail_nomem(draft->error);
    }
    key->column_count++;
    return ROWAN_OK;
}

/* --- Putting it together --- */

/* An INTEGER PRIMARY KEY is the row's own number, which SQLite makes if it is left out. */
static void mark_generated(draft_table *table)
{
    rowan__found_column *key = NULL;

    for (size_t i = 0; i < table->found.column_count; i++) {
        if (table->found.columns[i].key_position > 0) {
            if (key) {
                return;
            }
            key = &table->found.columns[i];
        }
    }
    if (key && !table->without_rowid && sqlite3_stricmp(key->declared, "INTEGER") == 0) {
        key->generated = true;
    }
}

static void drop_keys_of_expressions(rowan__found_table *table)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->key_count; i++) {
        bool named = true;
        for (size_t j = 0; j < table->keys[i].column_count; j++) {
            named = named && table->keys[i].columns[j][0] != '\0';
        }
        if (named) {
            table->keys[kept++] = table->keys[i];
        }
    }
    table->key_count = kept;
}

/* By columns, unique keys before foreign keys. */
static int compare_keys(const void *left, const void *right)
{
    const rowan__found_key *a = left, *b = right;

    for (size_t i = 0; i < a->column_count && i < b->column_count; i++) {
        int order = strcmp(a->columns[i], b->columns[i]);
        if (order != 0) {
            return order;
        }
    }
    if (a->column_count != b->column_count) {
        return a->column_count < b->column_count ? -1 : 1;
    }
    if (!a->to_table || !b->to_table) {
        return (a->to_table != NULL) - (b->to_table != NULL);
    }
    return strcmp(a->to_table, b->to_table);
}

static rowan_status query(const rowan__runner *runner, const char *sql, catalogue *draft,
                          rowan_status (*each)(void *context, const rowan_value *row, size_t count))
{
    draft->at = 0;
    draft->key = NULL;
    return runner->run(runner, sql, NULL, 0, each, draft);
}

rowan_status rowan__sqlite_introspect(const rowan__runner *runner, rowan__arena *arena,
                                      rowan__found *out)
{
    catalogue draft = {.arena = arena, .error = runner->error};

    *out = (rowan__found){0};
    rowan_status status = query(runner, tables_sql, &draft, each_table);
    if (status == ROWAN_OK) {
        status = query(runner, columns_sql, &draft, each_column);
    }
    if (status == ROWAN_OK) {
        status = query(runner, unique_sql, &draft, each_unique);
    }
    if (status == ROWAN_OK) {
        status = query(runner, foreign_sql, &draft, each_foreign);
    }
    if (status != ROWAN_OK || draft.count == 0) {
        return status;
    }
    out->tables =
        rowan__arena_new(arena, draft.count, sizeof *out->tables, _Alignof(rowan__found_table));
    if (!out->tables) {
        return rowan__fail_nomem(runner->error);
    }
    out->table_count = draft.count;
    for (size_t i = 0; i < draft.count; i++) {
        rowan__found_table *table = &draft.tables[i].found;
        mark_generated(&draft.tables[i]);
        drop_keys_of_expressions(table);
        if (table->key_count > 1) {
            qsort(table->keys, table->key_count, sizeof *table->keys, compare_keys);
        }
        out->tables[i] = *table;
    }
    return ROWAN_OK;
}
