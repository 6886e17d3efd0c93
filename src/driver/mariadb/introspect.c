/*
 * The catalogue of MariaDB: four queries of information_schema for the current database, each
 * ordered by table, so that what is found of one table comes together.
 *
 * MariaDB has no types of its own for truth values and JSON: tinyint(1) is a truth value, and a
 * text with a check that it is valid JSON is JSON, which is what the server makes of BOOLEAN and
 * JSON itself.
 */
#include "driver/mariadb/mariadb_private.h"

#include <stdlib.h>

#include "base/error.h"

typedef struct finder {
    rowan__arena *arena;
    rowan__found *found;
    rowan_error *error;
    /* The key whose columns are being read. */
    const char *key_name, *key_kind;
    rowan__found_key *key;
} finder;

static const char tables_sql[] = "SELECT table_name, table_comment FROM information_schema.tables "
                                 "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' "
                                 "ORDER BY CAST(table_name AS BINARY)";

static const char columns_sql[] =
    "SELECT table_name, column_name, column_type, data_type, "
    "CAST(coalesce(CASE WHEN data_type IN ('char', 'varchar') THEN character_maximum_length "
    "WHEN data_type = 'decimal' THEN numeric_precision END, 0) AS SIGNED), "
    "CAST(coalesce(CASE WHEN data_type = 'decimal' THEN numeric_scale END, 0) AS SIGNED), "
    "is_nullable = 'YES', extra LIKE '%auto_increment%' OR is_generated <> 'NEVER', "
    "coalesce(column_default, 'NULL') <> 'NULL', column_comment "
    "FROM information_schema.columns WHERE table_schema = DATABASE() "
    "ORDER BY CAST(table_name AS BINARY), ordinal_position";

/* A key of the beginnings of texts does not make the texts unique. Names differ in case: compared
 * as bytes. */
static const char keys_sql[] =
    "SELECT table_name, key_name, kind, column_name, to_table, to_column FROM ("
    "SELECT table_name, index_name AS key_name, "
    "CASE index_name WHEN 'PRIMARY' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS kind, column_name, "
    "NULL AS to_table, NULL AS to_column, seq_in_index AS place, "
    "max(sub_part IS NOT NULL AND index_name <> 'PRIMARY') OVER "
    "(PARTITION BY CAST(table_name AS BINARY), CAST(index_name AS BINARY)) AS is_partial "
    "FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0 "
    "UNION ALL SELECT table_name, constraint_name, 'FOREIGN KEY', column_name, "
    "referenced_table_name, "
    "referenced_column_name, ordinal_position, 0 FROM information_schema.key_column_usage "
    "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL) AS found "
    "WHERE NOT is_partial "
    "ORDER BY CAST(table_name AS BINARY), kind, CAST(key_name AS BINARY), place";

static const char checks_sql[] =
    "SELECT table_name, check_clause FROM information_schema.check_constraints "
    "WHERE constraint_schema = DATABASE() "
    "ORDER BY CAST(table_name AS BINARY), CAST(constraint_name AS BINARY)";

/* Room for one more item in an array of the arena; the array doubles at each power of two. */
static void *grow(finder *self, void *items, size_t count, size_t size, size_t align)
{
    if (count > 0 && (count & (count - 1)) != 0) {
        return items;
    }
    void *grown = rowan__arena_new(self->arena, count > 0 ? count * 2 : 1, size, align);
    if (grown && count > 0) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

static const char *copy_text(finder *self, const rowan_value *value)
{
    return value->is_null
               ? NULL
               : rowan__arena_text(self->arena, value->as.bytes.data, value->as.bytes.size);
}

static bool is_text(const rowan_value *value, const char *text)
{
    return !value->is_null && value->as.bytes.size == strlen(text) &&
           memcmp(value->as.bytes.data, text, value->as.bytes.size) == 0;
}

static rowan__found_table *find_table(const finder *self, const rowan_value *name)
{
    for (size_t i = 0; i < self->found->table_count; i++) {
        if (is_text(name, self->found->tables[i].name)) {
            return &self->found->tables[i];
        }
    }
    return NULL; /* made since the tables were listed, or a view */
}

static rowan__found_column *find_column(const rowan__found_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* --- Tables and columns. --- */

static rowan_status take_table(void *context, const rowan_value *row, size_t count)
{
    finder *self = context;
    rowan__found *found = self->found;
    (void)count;

    rowan__found_table *tables =
        grow(self, found->tables, found->table_count, sizeof *tables, _Alignof(rowan__found_table));
    if (!tables) {
        return rowan__fail_nomem(self->error);
    }
    found->tables = tables;
    rowan__found_table *table = &tables[found->table_count];
    table->name = copy_text(self, &row[0]);
    table->comment = copy_text(self, &row[1]);
    if (!table->name || !table->comment) {
        return rowan__fail_nomem(self->error);
    }
    found->table_count++;
    return ROWAN_OK;
}

static rowan_type integer_type(const char *name, const char *declared)
{
    bool is_unsigned = strstr(declared, "unsigned") != NULL;

    if (strcmp(name, "tinyint") == 0) {
        return strncmp(declared, "tinyint(1)", 10) == 0 && !is_unsigned ? ROWAN_TYPE_BOOL
                                                                        : ROWAN_TYPE_INT16;
    }
    if (strcmp(name, "smallint") == 0) {
        return is_unsigned ? ROWAN_TYPE_INT32 : ROWAN_TYPE_INT16;
    }
    if (strcmp(name, "int") == 0) {
        return is_unsigned ? ROWAN_TYPE_INT64 : ROWAN_TYPE_INT32;
    }
    return strcmp(name, "mediumint") == 0 ? ROWAN_TYPE_INT32 : ROWAN_TYPE_INT64;
}

/* The type of ours for a type of the catalogue; 0 if there is none. */
static rowan_type column_type(const char *name, const char *declared)
{
    static const struct {
        const char *name;
        rowan_type type;
    } types[] = {
        {"float", ROWAN_TYPE_FLOAT},        {"double", ROWAN_TYPE_DOUBLE},
        {"decimal", ROWAN_TYPE_DECIMAL},    {"char", ROWAN_TYPE_TEXT},
        {"varchar", ROWAN_TYPE_TEXT},       {"tinytext", ROWAN_TYPE_TEXT},
        {"text", ROWAN_TYPE_TEXT},          {"mediumtext", ROWAN_TYPE_TEXT},
        {"longtext", ROWAN_TYPE_TEXT},      {"set", ROWAN_TYPE_TEXT},
        {"inet4", ROWAN_TYPE_TEXT},         {"inet6", ROWAN_TYPE_TEXT},
        {"binary", ROWAN_TYPE_BLOB},        {"varbinary", ROWAN_TYPE_BLOB},
        {"tinyblob", ROWAN_TYPE_BLOB},      {"blob", ROWAN_TYPE_BLOB},
        {"mediumblob", ROWAN_TYPE_BLOB},    {"longblob", ROWAN_TYPE_BLOB},
        {"date", ROWAN_TYPE_DATE},          {"time", ROWAN_TYPE_TIME},
        {"datetime", ROWAN_TYPE_TIMESTAMP}, {"timestamp", ROWAN_TYPE_TIMESTAMP},
        {"uuid", ROWAN_TYPE_UUID},          {"enum", ROWAN_TYPE_ENUM},
    };
    static const char *const integers[] = {"tinyint", "smallint", "mediumint", "int", "bigint"};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(name, types[i].name) == 0) {
            return types[i].type;
        }
    }
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        if (strcmp(name, integers[i]) == 0) {
            return integer_type(name, declared);
        }
    }
    return 0;
}

/*
 * One label in its quotation marks, which stand twice, or behind a backslash, inside it. Moves
 * behind it. NULL: there is none, or no memory.
 */
static char *take_label(finder *self, const char **at)
{
    const char *from = *at;
    char *label = NULL;
    size_t size = 0;

    if (strncmp(from, "_utf8mb4", 8) == 0) {
        from += 8;
    }
    if (*from++ != '\'') {
        return NULL;
    }
    label = rowan__arena_alloc(self->arena, strlen(from) + 1, 1);
    while (label && *from) {
        if (*from == '\'' && from[1] != '\'') {
            label[size] = '\0';
            *at = from + 1;
            return label;
        }
        if ((*from == '\'' || *from == '\\') && from[1]) {
            from++;
        }
        label[size++] = *from++;
    }
    return NULL;
}

/* Labels with commas between them, up to the end of the text but `closing` parentheses. */
static rowan_status take_labels(finder *self, const char *at, size_t closing,
                                rowan__found_column *column)
{
    const char **labels = NULL;
    size_t count = 0;

    for (;;) {
        char *label = take_label(self, &at);
        if (!label) {
            return ROWAN_OK; /* not a list of texts */
        }
        labels = grow(self, labels, count, sizeof *labels, _Alignof(const char *));
        if (!labels) {
            return rowan__fail_nomem(self->error);
        }
        labels[count++] = label;
        if (*at != ',') {
            break;
        }
        at++;
        at += *at == ' ';
    }
    if (strspn(at, ")") != closing || at[closing] != '\0') {
        return ROWAN_OK;
    }
    column->type = ROWAN_TYPE_ENUM;
    column->labels = labels;
    column->label_count = count;
    return ROWAN_OK;
}

static rowan_status take_column(void *context, const rowan_value *row, size_t count)
{
    finder *self = context;
    rowan__found_table *table = find_table(self, &row[0]);
    (void)count;

    if (!table) {
        return ROWAN_OK;
    }
    rowan__found_column *columns = grow(self, table->columns, table->column_count, sizeof *columns,
                                        _Alignof(rowan__found_column));
    const char *type = copy_text(self, &row[3]);
    if (!columns || !type) {
        return rowan__fail_nomem(self->error);
    }
    table->columns = columns;
    rowan__found_column *column = &columns[table->column_count];
    column->name = copy_text(self, &row[1]);
    column->declared = copy_text(self, &row[2]);
    column->comment = copy_text(self, &row[9]);
    if (!column->name || !column->declared || !column->comment) {
        return rowan__fail_nomem(self->error);
    }
    column->type = column_type(type, column->declared);
    column->length = (uint32_t)row[4].as.integer;
    column->scale = (uint32_t)row[5].as.integer;
    column->nullable = row[6].as.integer != 0;
    column->generated = row[7].as.integer != 0;
    column->has_default = row[8].as.integer != 0;
    table->column_count++;
    return column->type == ROWAN_TYPE_ENUM
               ? take_labels(self, column->declared + strlen("enum("), 1, column)
               : ROWAN_OK;
}

/* --- Keys. --- */

static rowan_status begin_key(finder *self, rowan__found_table *table, const rowan_value *row)
{
    rowan__found_key *keys =
        grow(self, table->keys, table->key_count, sizeof *keys, _Alignof(rowan__found_key));

    if (!keys) {
        return rowan__fail_nomem(self->error);
    }
    table->keys = keys;
    self->key = &keys[table->key_count++];
    self->key_name = copy_text(self, &row[1]);
    self->key_kind = copy_text(self, &row[2]);
    self->key->to_table = copy_text(self, &row[4]);
    if (!self->key_name || !self->key_kind || (!row[4].is_null && !self->key->to_table)) {
        return rowan__fail_nomem(self->error);
    }
    return ROWAN_OK;
}

static rowan_status add_key_column(finder *self, const rowan_value *row)
{
    rowan__found_key *key = self->key;
    size_t count = key->column_count;
    const char **columns =
        grow(self, (void *)(uintptr_t)key->columns, count, sizeof *columns, _Alignof(const char *));
    const char **others = key->to_table ? grow(self, (void *)(uintptr_t)key->to_columns, count,
                                               sizeof *others, _Alignof(const char *))
                                        : NULL;

    if (!columns || (key->to_table && !others)) {
        return rowan__fail_nomem(self->error);
    }
    key->columns = columns;
    key->to_columns = others;
    columns[count] = copy_text(self, &row[3]);
    if (others) {
        others[count] = copy_text(self, &row[5]);
    }
    key->column_count++;
    return columns[count] && (!others || others[count]) ? ROWAN_OK : rowan__fail_nomem(self->error);
}

static rowan_status take_key_column(void *context, const rowan_value *row, size_t count)
{
    finder *self = context;
    rowan__found_table *table = find_table(self, &row[0]);
    (void)count;

    if (!table) {
        return ROWAN_OK;
    }
    if (is_text(&row[2], "PRIMARY KEY")) {
        const char *name = copy_text(self, &row[3]);
        rowan__found_column *column = name ? find_column(table, name) : NULL;
        unsigned last = 0;
        for (size_t i = 0; i < table->column_count; i++) {
            last = table->columns[i].key_position > last ? table->columns[i].key_position : last;
        }
        if (column) {
            column->key_position = last + 1;
        }
        return name ? ROWAN_OK : rowan__fail_nomem(self->error);
    }
    bool goes_on = self->key && table->key_count > 0 &&
                   self->key == &table->keys[table->key_count - 1] &&
                   is_text(&row[1], self->key_name) && is_text(&row[2], self->key_kind);
    rowan_status status = goes_on ? ROWAN_OK : begin_key(self, table, row);
    return status == ROWAN_OK ? add_key_column(self, row) : status;
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

/* --- Checks. --- */

/* `column` in quotation marks of the server, where one in the name stands twice; moves behind it.
 */
static rowan__found_column *take_column_name(finder *self, const rowan__found_table *table,
                                             const char **at)
{
    char *name = **at == '`' ? rowan__arena_text(self->arena, *at, strlen(*at)) : NULL;
    const char *from = *at + 1;
    size_t size = 0;

    if (!name) {
        return NULL;
    }
    while (*from && (*from != '`' || from[1] == '`')) {
        name[size++] = *from;
        from += *from == '`' ? 2 : 1;
    }
    if (*from != '`') {
        return NULL;
    }
    name[size] = '\0';
    *at = from + 1;
    return find_column(table, name);
}

/* `c` in ('a','b'), which the server makes `c` = 'a' for one label; and json_valid(`c`). */
static rowan_status take_check(void *context, const rowan_value *row, size_t count)
{
    static const char json[] = "json_valid(", in[] = " in (", equals[] = " = ";
    finder *self = context;
    rowan__found_table *table = find_table(self, &row[0]);
    const char *at = copy_text(self, &row[1]);
    (void)count;

    if (!at) {
        return rowan__fail_nomem(self->error);
    }
    if (!table) {
        return ROWAN_OK;
    }
    size_t parentheses = strspn(at, "(");
    at += parentheses;
    bool is_json = strncmp(at, json, sizeof json - 1) == 0;
    if (is_json) {
        at += sizeof json - 1;
    }
    rowan__found_column *column = take_column_name(self, table, &at);
    if (!column || column->type != ROWAN_TYPE_TEXT) {
        return ROWAN_OK;
    }
    if (is_json) {
        if (strspn(at, ")") == parentheses + 1 && at[parentheses + 1] == '\0') {
            column->type = ROWAN_TYPE_JSON;
        }
        return ROWAN_OK;
    }
    if (strncmp(at, in, sizeof in - 1) == 0) {
        return take_labels(self, at + sizeof in - 1, parentheses + 1, column);
    }
    return strncmp(at, equals, sizeof equals - 1) == 0
               ? take_labels(self, at + sizeof equals - 1, parentheses, column)
               : ROWAN_OK;
}

rowan_status rowan__mariadb_introspect(const rowan__runner *runner, rowan__arena *arena,
                                       rowan__found *out)
{
    finder found_by = {.arena = arena, .found = out, .error = runner->error};
    rowan_status status;

    memset(out, 0, sizeof *out);
    status = runner->run(runner, tables_sql, NULL, 0, take_table, &found_by);
    if (status == ROWAN_OK) {
        status = runner->run(runner, columns_sql, NULL, 0, take_column, &found_by);
    }
    if (status == ROWAN_OK) {
        status = runner->run(runner, keys_sql, NULL, 0, take_key_column, &found_by);
    }
    if (status == ROWAN_OK) {
        status = runner->run(runner, checks_sql, NULL, 0, take_check, &found_by);
    }
    for (size_t i = 0; i < out->table_count && status == ROWAN_OK; i++) {
        if (out->tables[i].key_count > 1) {
            qsort(out->tables[i].keys, out->tables[i].key_count, sizeof *out->tables[i].keys,
                  compare_keys);
        }
    }
    return status;
}
