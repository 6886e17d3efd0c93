/*
 * The catalogue of the current schema, in five queries whatever the number of tables.
 *
 * Every row says how many there are of its kind in its table, so that arrays get their size at
 * once. Rows come by table, bytewise, which is the order in which the tables were found.
 */
#include "driver/postgresql/postgresql_private.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "driver/reading.h"

/* What is being put together. */
typedef struct finding {
    rowan__arena *arena;
    rowan__found *out;
    rowan_error *error;
    rowan__found_table *table; /* that the rows are about now */
} finding;

/* `place` sorts bytewise, whatever the database's collation is. */
#define OUR_TABLES                                                                                 \
    "WITH our AS (SELECT c.oid, c.relname, c.relname COLLATE \"C\" AS place "                      \
    "FROM pg_catalog.pg_class c "                                                                  \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() "   \
    "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition) "

#define OUR_COLUMNS                                                                                \
    "FROM our JOIN pg_catalog.pg_attribute a "                                                     \
    "ON a.attrelid = our.oid AND a.attnum > 0 AND NOT a.attisdropped "                             \
    "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "

static const char tables_query[] =
    OUR_TABLES "SELECT relname, coalesce(obj_description(oid, 'pg_class'), ''), count(*) OVER () "
               "FROM our ORDER BY place";

static const char columns_query[] =
    OUR_TABLES "SELECT our.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
               "coalesce(col_description(our.oid, a.attnum), ''), "
               "(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END)::int8, "
               "(CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END)::int8, "
               "NOT (a.attnotnull OR t.typnotnull), "
               "a.attidentity <> '' OR a.attgenerated <> '' "
               "OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false), "
               "a.atthasdef, "
               "coalesce((SELECT k.place FROM pg_catalog.pg_index i, "
               "unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) "
               "WHERE i.indrelid = our.oid AND i.indisprimary AND k.place <= i.indnkeyatts "
               "AND k.attnum = a.attnum), 0)::int8, "
               "count(*) OVER (PARTITION BY our.oid) " OUR_COLUMNS
               "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = our.oid AND d.adnum = a.attnum "
               "ORDER BY our.place, a.attnum";

static const char labels_query[] = OUR_TABLES
    "SELECT our.relname, a.attname, e.enumlabel::text, "
    "count(*) OVER (PARTITION BY our.oid, a.attnum), "
    "row_number() OVER (PARTITION BY our.oid, a.attnum ORDER BY e.enumsortorder) " OUR_COLUMNS
    "JOIN pg_catalog.pg_enum e "
    "ON e.enumtypid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END "
    "ORDER BY our.place, a.attnum, e.enumsortorder";

static const char checks_query[] =
    OUR_TABLES "SELECT our.relname, a.attname, pg_get_constraintdef(k.oid) " OUR_COLUMNS
               "JOIN pg_catalog.pg_constraint k ON k.conrelid = our.oid AND k.contype = 'c' "
               "AND cardinality(k.conkey) = 1 AND k.conkey[1] = a.attnum "
               "ORDER BY our.place, a.attnum, k.conname";

static const char keys_query[] = OUR_TABLES
    ", k AS (SELECT i.indrelid AS rel, i.indexrelid AS id, u.place, u.attnum, "
    "0::oid AS to_rel, 0::int2 AS to_attnum "
    "FROM pg_catalog.pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS u(attnum, place) "
    "WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL "
    "AND u.place <= i.indnkeyatts "
    "UNION ALL SELECT f.conrelid, f.oid, u.place, u.attnum, f.confrelid, u.to_attnum "
    "FROM pg_catalog.pg_constraint f, "
    "unnest(f.conkey, f.confkey) WITH ORDINALITY AS u(attnum, to_attnum, place) "
    "WHERE f.contype = 'f' AND f.conparentid = 0) "
    "SELECT our.relname, k.id::int8, a.attname, t.relname, ta.attname, "
    "count(*) FILTER (WHERE k.place = 1) OVER (PARTITION BY k.rel), "
    "count(*) OVER (PARTITION BY k.rel, k.id), k.place "
    "FROM our JOIN k ON k.rel = our.oid "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.rel AND a.attnum = k.attnum "
    "LEFT JOIN pg_catalog.pg_class t ON t.oid = k.to_rel "
    "LEFT JOIN pg_catalog.pg_attribute ta ON ta.attrelid = k.to_rel AND ta.attnum = k.to_attnum "
    "ORDER BY our.place, k.id, k.place";

static const char *keep(finding *self, const rowan_value *text)
{
    return rowan__arena_text(self->arena, text->as.bytes.data, text->as.bytes.size);
}

static bool is_text(const rowan_value *value, const char *text)
{
    return value->as.bytes.size == strlen(text) &&
           memcmp(value->as.bytes.data, text, value->as.bytes.size) == 0;
}

/* The table of a row. Tables come in order, so it is the present one or a later one. */
static rowan__found_table *find_table(finding *self, const rowan_value *name)
{
    rowan__found_table *end = self->out->tables + self->out->table_count;

    if (!self->table) {
        self->table = self->out->tables;
    }
    while (self->table < end && !is_text(name, self->table->name)) {
        self->table++;
    }
    return self->table < end ? self->table : NULL;
}

static rowan__found_column *find_column(finding *self, const rowan_value *table_name,
                                        const rowan_value *name)
{
    rowan__found_table *table = find_table(self, table_name);

    for (size_t i = 0; table && i < table->column_count; i++) {
        if (is_text(name, table->columns[i].name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* --- Tables and columns --- */

static rowan_status take_table(void *context, const rowan_value *row, size_t count)
{
    finding *self = context;
    size_t tables = (size_t)row[2].as.integer;

    (void)count;
    if (!self->out->tables) {
        self->out->tables = rowan__arena_new(self->arena, tables, sizeof *self->out->tables,
                                             _Alignof(rowan__found_table));
    }
    if (!self->out->tables) {
        return rowan__fail_nomem(self->error);
    }
    rowan__found_table *table = &self->out->tables[self->out->table_count];
    table->name = keep(self, &row[0]);
    table->comment = keep(self, &row[1]);
    if (!table->name || !table->comment) {
        return rowan__fail_nomem(self->error);
    }
    self->out->table_count++;
    return ROWAN_OK;
}

/* Length and scale, from the type's modifier. */
static void take_modifier(rowan__found_column *column, Oid type, int64_t modifier)
{
    if (modifier < 4) {
        return;
    }
    if (type == ROWAN__PG_NUMERIC) {
        column->length = (uint32_t)((modifier - 4) >> 16 & 0xFFFF);
        column->scale = (uint32_t)((modifier - 4) & 0x7FF);
    } else if (type == ROWAN__PG_VARCHAR || type == ROWAN__PG_BPCHAR) {
        column->length = (uint32_t)(modifier - 4);
    }
}

static rowan_status take_column(void *context, const rowan_value *row, size_t count)
{
    finding *self = context;
    rowan__found_table *table = find_table(self, &row[0]);
    Oid type = (Oid)row[4].as.integer;

    (void)count;
    if (!table) {
        return ROWAN_OK; /* made between two queries */
    }
    if (!table->columns) {
        table->columns = rowan__arena_new(self->arena, (size_t)row[10].as.integer,
                                          sizeof *table->columns, _Alignof(rowan__found_column));
    }
    if (!table->columns) {
        return rowan__fail_nomem(self->error);
    }
    rowan__found_column *column = &table->columns[table->column_count];
    *column = (rowan__found_column){
        .name = keep(self, &row[1]),
        .declared = keep(self, &row[2]),
        .comment = keep(self, &row[3]),
        .type = rowan__postgresql_type(type),
        .nullable = row[6].as.boolean,
        .generated = row[7].as.boolean,
        .has_default = row[8].as.boolean && !row[7].as.boolean,
        .key_position = (unsigned)row[9].as.integer,
    };
    take_modifier(column, type, row[5].as.integer);
    if (!column->name || !column->declared || !column->comment) {
        return rowan__fail_nomem(self->error);
    }
    table->column_count++;
    return ROWAN_OK;
}

/* --- Labels --- */

/* Labels are filled in by way of this: the columns' own are constant. */
static const char **new_labels(finding *self, rowan__found_column *column, size_t count)
{
    const char **labels =
        rowan__arena_new(self->arena, count, sizeof *labels, _Alignof(const char *));

    column->labels = labels;
    column->label_count = labels ? count : 0;
    return labels;
}

static rowan_status take_label(void *context, const rowan_value *row, size_t count)
{
    finding *self = context;
    rowan__found_column *column = find_column(self, &row[0], &row[1]);
    size_t index = (size_t)row[4].as.integer - 1;

    (void)count;
    if (!column) {
        return ROWAN_OK;
    }
    if (index == 0 && !new_labels(self, column, (size_t)row[3].as.integer)) {
        return rowan__fail_nomem(self->error);
    }
    column->type = ROWAN_TYPE_ENUM;
    const char **labels = (const char **)(uintptr_t)column->labels;
    labels[index] = keep(self, &row[2]);
    return labels[index] ? ROWAN_OK : rowan__fail_nomem(self->error);
}

/* The content of a string constant, without its quotes; NULL: out of memory. */
static const char *unquote(rowan__arena *arena, const char *text, size_t size)
{
    bool escapes = text[0] == 'E';
    char *copy = rowan__arena_text(arena, text, size);
    char *out = copy;

    if (!copy) {
        return NULL;
    }
    for (size_t i = escapes ? 2 : 1; i + 1 < size; i++) {
        if (text[i] == '\'' || (escapes && text[i] == '\\')) {
            i++; /* doubled */
        }
        *out++ = text[i];
    }
    *out = '\0';
    return copy;
}

/*
 * Whether a token can stand in what the server makes of `column IN ('a', 'b')`:
 * CHECK (((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))).
 */
static bool belongs(const rowan__reader *reader, const rowan__token *token)
{
    static const char *const words[] = {"CHECK",     "ANY",     "ARRAY", "TEXT",
                                        "CHARACTER", "VARYING", "BPCHAR"};
    static const char signs[] = "=[]:";

    if (token->kind == ROWAN__TOKEN_WORD) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (rowan__token_is(reader, token, words[i])) {
                return true;
            }
        }
        return false;
    }
    if (token->kind == ROWAN__TOKEN_OPERATOR) {
        return strspn(reader->text + token->offset, signs) >= token->size;
    }
    return token->kind != ROWAN__TOKEN_NUMBER && token->kind != ROWAN__TOKEN_PLACEHOLDER;
}

/* Whether a token is the column's name, which is quoted if it has to be. */
static bool names_column(const rowan__reader *reader, const rowan__token *token, const char *name)
{
    const char *text = reader->text + token->offset;
    size_t length = strlen(name);

    if (token->kind == ROWAN__TOKEN_NAME) {
        return true; /* the constraint is on one column only */
    }
    return token->kind == ROWAN__TOKEN_WORD && token->size == length &&
           memcmp(text, name, length) == 0;
}

/* Counts the labels of a check that is a list of them, or keeps them. 0: it is another check. */
static size_t read_labels(finding *self, const rowan__found_column *column,
                          const rowan_value *check, const char **labels)
{
    rowan__reading reading = rowan__dialect_reading(&rowan__postgresql_dialect);
    rowan__reader reader;
    rowan__token token;
    size_t strings = 0, names = 0, equals = 0;

    rowan__reader_init(&reader, &reading, check->as.bytes.data, check->as.bytes.size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        const char *text = reader.text + token.offset;
        bool is_name = names_column(&reader, &token, column->name);
        if (!is_name && !belongs(&reader, &token)) {
            return 0;
        }
        names += is_name;
        equals += token.kind == ROWAN__TOKEN_OPERATOR && text[0] == '=';
        if (token.kind == ROWAN__TOKEN_STRING) {
            if (labels) {
                labels[strings] = unquote(self->arena, text, token.size);
            }
            strings++;
        }
    }
    return names == 1 && equals == 1 ? strings : 0;
}

static rowan_status take_check(void *context, const rowan_value *row, size_t count)
{
    finding *self = context;
    rowan__found_column *column = find_column(self, &row[0], &row[1]);

    (void)count;
    if (!column || column->type != ROWAN_TYPE_TEXT) {
        return ROWAN_OK;
    }
    size_t found = read_labels(self, column, &row[2], NULL);
    if (found == 0) {
        return ROWAN_OK;
    }
    const char **labels = new_labels(self, column, found);
    if (!labels) {
        return rowan__fail_nomem(self->error);
    }
    read_labels(self, column, &row[2], labels);
    for (size_t i = 0; i < found; i++) {
        if (!labels[i]) {
            return rowan__fail_nomem(self->error);
        }
    }
    column->type = ROWAN_TYPE_ENUM;
    return ROWAN_OK;
}

/* --- Keys --- */

/* Room for the columns of a key, of one side. */
static const char **new_names(finding *self, size_t count)
{
    return rowan__arena_new(self->arena, count, sizeof(const char *), _Alignof(const char *));
}

static rowan_status begin_key(finding *self, rowan__found_table *table, const rowan_value *row)
{
    size_t columns = (size_t)row[6].as.integer;
    bool foreign = !row[3].is_null;

    if (!table->keys) {
        table->keys = rowan__arena_new(self->arena, (size_t)row[5].as.integer, sizeof *table->keys,
                                       _Alignof(rowan__found_key));
    }
    if (!table->keys) {
        return rowan__fail_nomem(self->error);
    }
    rowan__found_key *key = &table->keys[table->key_count];
    key->columns = new_names(self, columns);
    key->to_columns = foreign ? new_names(self, columns) : NULL;
    key->to_table = foreign ? keep(self, &row[3]) : NULL;
    if (!key->columns || (foreign && (!key->to_columns || !key->to_table))) {
        return rowan__fail_nomem(self->error);
    }
    table->key_count++;
    return ROWAN_OK;
}

static rowan_status take_key(void *context, const rowan_value *row, size_t count)
{
    finding *self = context;
    rowan__found_table *table = find_table(self, &row[0]);
    rowan_status status = ROWAN_OK;

    (void)count;
    if (!table) {
        return ROWAN_OK;
    }
    if (row[7].as.integer == 1) {
        status = begin_key(self, table, row);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    rowan__found_key *key = &table->keys[table->key_count - 1];
    const char **columns = (const char **)(uintptr_t)key->columns;
    const char **to_columns = (const char **)(uintptr_t)key->to_columns;
    columns[key->column_count] = keep(self, &row[2]);
    if (to_columns) {
        to_columns[key->column_count] = keep(self, &row[4]);
    }
    if (!columns[key->column_count] || (to_columns && !to_columns[key->column_count])) {
        return rowan__fail_nomem(self->error);
    }
    key->column_count++;
    return ROWAN_OK;
}

/* By columns; a unique key before a foreign key of the same ones. */
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
    return strcmp(a->to_table ? a->to_table : "", b->to_table ? b->to_table : "");
}

rowan_status rowan__postgresql_introspect(const rowan__runner *runner, rowan__arena *arena,
                                          rowan__found *out)
{
    static const struct {
        const char *sql;
        rowan_status (*each)(void *context, const rowan_value *row, size_t count);
    } queries[] = {
        {tables_query, take_table}, {columns_query, take_column}, {labels_query, take_label},
        {checks_query, take_check}, {keys_query, take_key},
    };
    rowan_status status = ROWAN_OK;

    *out = (rowan__found){0};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0] && status == ROWAN_OK; i++) {
        finding self = {.arena = arena, .out = out, .error = runner->error};
        status = runner->run(runner, queries[i].sql, NULL, 0, queries[i].each, &self);
    }
    for (size_t i = 0; i < out->table_count; i++) {
        if (out->tables[i].key_count > 1) {
            qsort(out->tables[i].keys, out->tables[i].key_count, sizeof *out->tables[i].keys,
                  compare_keys);
        }
    }
    return status;
}
