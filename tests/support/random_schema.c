/* Schemas made up at run time. */
#include "support/random_schema.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "schema/seed/random.h"

enum { MOST_TABLES = 7, MOST_KEYS = 2, LONGEST_NAME = 40 };

/* A table that later ones can refer to. */
typedef struct made_table {
    char name[LONGEST_NAME];
    char keys[MOST_KEYS][LONGEST_NAME];
    const char *key_types[MOST_KEYS]; /* type words of columns that refer to it */
    size_t key_count;                 /* 0: nothing can refer to it */
} made_table;

typedef struct maker {
    rowan__random random;
    rowan__text out;
    rowan__text tail; /* constraints of the table */
    made_table tables[MOST_TABLES];
    size_t table_count;
    char columns[64][LONGEST_NAME]; /* of the table */
    size_t column_count;
} maker;

/* Names that need quotes, that are words of SQL, C, C++ or Rowan, or that look alike in C. */
static const char *const odd_names[] = {
    "order",   "select",  "group",      "Mixed Case", "mixed_case", "int",      "class",
    "2nd one", "größe",   "rank",       "user",       "table",      "template", "rows",
    "a-b",     "a b",     "semi;colon", "quo\"te",    "tick`ed",    "per%cent", "back\\slash",
    "scope",   "session", "out",        "row",        "query",      "key",      "value",
    "book",    "find",    "_private",   "trailing_",  "HTMLPage",   "it's",     "日本",
    "id",      "type",    "index",      "x",          "double",     "new",      "rowan_text",
    "int64_t", "NULL",    "true",       "default",    "primary",    "@at",      "question?",
    "at",      "count",
};

static const char *const types[] = {
    "@bool", "@int16", "@int32", "@int64",     "@float", "@double", "@text",          "@text(30)",
    "@blob", "@date",  "@time",  "@timestamp", "@uuid",  "@json",   "@decimal(12,3)",
};

static uint64_t below(maker *m, uint64_t count)
{
    return rowan__random_below(&m->random, count);
}

static bool percent(maker *m, unsigned chance)
{
    return rowan__random_percent(&m->random, chance);
}

/* SQLite and MariaDB do not tell capitals from small letters in the names of columns. */
static bool equal_names(const char *a, const char *b)
{
    for (; *a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++, b++) {
    }
    return *a == *b;
}

static bool is_known(const maker *m, const char *name, bool of_tables)
{
    size_t count = of_tables ? m->table_count : m->column_count;

    for (size_t i = 0; i < count; i++) {
        if (equal_names(of_tables ? m->tables[i].name : m->columns[i], name)) {
            return true;
        }
    }
    return of_tables && strncmp(name, "rowan_", 6) == 0;
}

static void make_name(maker *m, char *name, bool of_table)
{
    do {
        if (percent(m, 45)) {
            snprintf(name, LONGEST_NAME, "%s",
                     odd_names[below(m, sizeof odd_names / sizeof odd_names[0])]);
            continue;
        }
        size_t size = 1 + (size_t)below(m, 12);
        for (size_t i = 0; i < size; i++) {
            name[i] = "abcdefghijklmnopqrstuvwxyzABCXYZ_019"[below(m, 36)];
        }
        name[size] = '\0';
    } while (is_known(m, name, of_table));
}

/* A name of a new column; noted, so that no other gets it. */
static const char *make_column(maker *m)
{
    char *name = m->columns[m->column_count];

    make_name(m, name, false);
    m->column_count++;
    return name;
}

static void quote(rowan__text *text, const char *name)
{
    rowan__text_char(text, '"');
    for (; *name != '\0'; name++) {
        rowan__text_char(text, *name);
        if (*name == '"') {
            rowan__text_char(text, '"');
        }
    }
    rowan__text_char(text, '"');
}

static void begin_column(maker *m, const char *name, const char *type)
{
    rowan__text_str(&m->out, m->column_count == 1 ? "\n    " : ",\n    ");
    quote(&m->out, name);
    rowan__text_format(&m->out, " %s", type);
}

static void make_enum(maker *m)
{
    const char *name = make_column(m);

    begin_column(m, name, "@text(30)");
    rowan__text_str(&m->out, percent(m, 50) ? " NOT NULL CHECK (" : " CHECK (");
    quote(&m->out, name);
    rowan__text_str(&m->out, percent(m, 50) ? " IN ('on hold', 'On-Hold', 'it''s', 'class'))"
                                            : " IN ('a', 'b\\c', 'größer', '%s'))");
}

static void make_plain_column(maker *m)
{
    const char *type = types[below(m, sizeof types / sizeof types[0])];
    const char *name = make_column(m);

    begin_column(m, name, type);
    if (strcmp(type, "@int32") == 0 && percent(m, 30)) {
        rowan__text_str(&m->out, " DEFAULT 7");
    }
    rowan__text_str(&m->out, percent(m, 55) ? " NOT NULL" : "");
    if ((strcmp(type, "@int64") == 0 || strcmp(type, "@text(30)") == 0) && percent(m, 25)) {
        rowan__text_str(&m->out, " UNIQUE");
    }
}

static void make_key_column(maker *m, made_table *table, const char *type, const char *words)
{
    const char *name = make_column(m);

    begin_column(m, name, type);
    rowan__text_str(&m->out, words);
    snprintf(table->keys[table->key_count], LONGEST_NAME, "%s", name);
    table->key_types[table->key_count] = strcmp(type, "@key") == 0 ? "@ref" : type;
    table->key_count++;
}

static void make_key(maker *m, made_table *table)
{
    static const char *const composite[] = {"@int32", "@text(20)", "@int16", "@int64", "@date"};

    switch (below(m, 7)) {
    case 0:
        make_key_column(m, table, "@text(20)", " NOT NULL PRIMARY KEY");
        break;
    case 1:
        make_key_column(m, table, "@uuid", " NOT NULL PRIMARY KEY");
        break;
    case 2:
        make_key_column(m, table, composite[below(m, 5)], " NOT NULL");
        make_key_column(m, table, composite[below(m, 5)], " NOT NULL");
        rowan__text_str(&m->tail, ",\n    PRIMARY KEY (");
        quote(&m->tail, table->keys[0]);
        rowan__text_str(&m->tail, ", ");
        quote(&m->tail, table->keys[1]);
        rowan__text_str(&m->tail, ")");
        break;
    case 3:
        if (percent(m, 40)) {
            break; /* no key at all */
        }
        make_key_column(m, table, "@int32", " NOT NULL PRIMARY KEY");
        break;
    default:
        make_key_column(m, table, "@key", "");
        break;
    }
}

static void name_columns(maker *m, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rowan__text_str(&m->tail, i == 0 ? "" : ", ");
        quote(&m->tail, m->columns[first + i]);
    }
}

/* Columns that refer to another table, and their constraint. @return the first of them. */
static size_t make_reference(maker *m, const made_table *to, const char *words)
{
    size_t first = m->column_count;

    for (size_t i = 0; i < to->key_count; i++) {
        begin_column(m, make_column(m), to->key_types[i]);
        rowan__text_str(&m->out, words);
    }
    rowan__text_str(&m->tail, ",\n    FOREIGN KEY (");
    name_columns(m, first, to->key_count);
    rowan__text_str(&m->tail, ") REFERENCES ");
    quote(&m->tail, to->name);
    rowan__text_str(&m->tail, " (");
    for (size_t i = 0; i < to->key_count; i++) {
        rowan__text_str(&m->tail, i == 0 ? "" : ", ");
        quote(&m->tail, to->keys[i]);
    }
    rowan__text_str(&m->tail, ")");
    return first;
}

/* A table that an earlier one has, or NULL. */
static const made_table *pick_table(maker *m)
{
    const made_table *table = m->table_count == 0 ? NULL : &m->tables[below(m, m->table_count)];

    return table != NULL && table->key_count > 0 ? table : NULL;
}

static void make_references(maker *m, const made_table *table)
{
    size_t count = (size_t)below(m, 3);

    for (size_t i = 0; i < count; i++) {
        const made_table *to = pick_table(m);

        if (to == NULL) {
            continue;
        }
        size_t first = make_reference(m, to, percent(m, 50) ? " NOT NULL" : "");
        if (percent(m, 30)) {
            rowan__text_str(&m->tail, ",\n    UNIQUE (");
            name_columns(m, first, to->key_count);
            rowan__text_str(&m->tail, ")");
        }
    }
    if (table->key_count > 0 && percent(m, 25)) {
        make_reference(m, table, ""); /* a tree */
    }
}

static void begin_table(maker *m, made_table *table)
{
    memset(table, 0, sizeof *table);
    make_name(m, table->name, true);
    m->column_count = 0;
    rowan__text_clear(&m->tail);
    rowan__text_str(&m->out, "CREATE TABLE ");
    quote(&m->out, table->name);
    rowan__text_str(&m->out, " (");
}

static void end_table(maker *m)
{
    rowan__text_str(&m->out, rowan__text_string(&m->tail));
    rowan__text_str(&m->out, "\n);\n");
    m->table_count++;
}

/* A table whose key is two foreign keys, with or without a column more. */
static bool make_between(maker *m, made_table *table)
{
    const made_table *a = pick_table(m), *b = pick_table(m);
    size_t first, second;

    if (a == NULL || b == NULL) {
        return false;
    }
    begin_table(m, table);
    first = make_reference(m, a, " NOT NULL");
    second = make_reference(m, b, " NOT NULL");
    rowan__text_str(&m->tail, ",\n    PRIMARY KEY (");
    name_columns(m, first, a->key_count);
    rowan__text_str(&m->tail, ", ");
    name_columns(m, second, b->key_count);
    rowan__text_str(&m->tail, ")");
    if (percent(m, 50)) {
        make_plain_column(m);
    }
    end_table(m);
    return true;
}

static void make_table(maker *m)
{
    made_table *table = &m->tables[m->table_count];
    size_t columns = 2 + (size_t)below(m, 12);

    if (percent(m, 30) && make_between(m, table)) {
        return;
    }
    begin_table(m, table);
    make_key(m, table);
    make_references(m, table);
    for (size_t i = 0; i < columns; i++) {
        make_plain_column(m);
    }
    if (percent(m, 60)) {
        make_enum(m);
    }
    end_table(m);
}

char *random_schema(uint64_t seed)
{
    maker m = {.random = rowan__random_of(77, seed)};
    char *text;

    rowan__text_init(&m.out, &rowan__default_allocator);
    rowan__text_init(&m.tail, &rowan__default_allocator);
    for (size_t tables = 4 + (size_t)below(&m, MOST_TABLES - 3); tables > 0; tables--) {
        make_table(&m);
    }
    text = strdup(rowan__text_string(&m.out));
    rowan__text_fini(&m.out);
    rowan__text_fini(&m.tail);
    return text;
}
