/* The small archive: its model, written by hand as a person would, its tables and its rows. */
#include "support/archive.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "database/execute.h"
#include "support/engine.h"

static const char *const kind_labels[] = {"novel", "essay", "poem"};
static const rowan_enum kinds = {"work_kind", kind_labels, 3};

static const rowan_column genre_columns[] = {
    ROWAN_COLUMN(genre_table, genre, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    {&genre_table, "name", ROWAN_TYPE_TEXT, 0, offsetof(genre, name), offsetof(genre, name), NULL,
     40, 0},
    ROWAN_OPT_COLUMN(genre_table, genre, parent_id, 0),
};
static const rowan_column *const genre_key[] = {&genre_columns[0]};

static const rowan_column press_columns[] = {
    ROWAN_COLUMN(press_table, press, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    {&press_table, "name", ROWAN_TYPE_TEXT, ROWAN_UNIQUE_KEY, offsetof(press, name),
     offsetof(press, name), NULL, 60, 0},
    ROWAN_OPT_COLUMN(press_table, press, country, 0),
};
static const rowan_column *const press_key[] = {&press_columns[0]};

static const rowan_column work_columns[] = {
    ROWAN_COLUMN(work_table, work, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(work_table, work, press_id, 0),
    ROWAN_OPT_COLUMN(work_table, work, genre_id, 0),
    {&work_table, "title", ROWAN_TYPE_TEXT, 0, offsetof(work, title), offsetof(work, title), NULL,
     200, 0},
    ROWAN_OPT_COLUMN(work_table, work, subtitle, 0),
    {&work_table, "kind", ROWAN_TYPE_ENUM, 0, offsetof(work, kind), offsetof(work, kind), &kinds,
     20, 0},
    ROWAN_COLUMN(work_table, work, cents, 0),
    ROWAN_COLUMN(work_table, work, stock, 0),
    ROWAN_OPT_COLUMN(work_table, work, weight, 0),
    {&work_table, "price", ROWAN_TYPE_DECIMAL, 0, offsetof(work, price), offsetof(work, price),
     NULL, 10, 2},
    ROWAN_COLUMN(work_table, work, in_print, 0),
    ROWAN_OPT_COLUMN(work_table, work, released, 0),
    ROWAN_COLUMN(work_table, work, added, 0),
    ROWAN_OPT_COLUMN(work_table, work, opens, 0),
    ROWAN_COLUMN(work_table, work, code, 0),
    ROWAN_OPT_COLUMN(work_table, work, extra, 0),
    ROWAN_OPT_COLUMN(work_table, work, cover, 0),
    ROWAN_COLUMN(work_table, work, score, 0),
    ROWAN_COLUMN(work_table, work, version, ROWAN_VERSION),
};
static const rowan_column *const work_key[] = {&work_columns[0]};

static const rowan_column loan_columns[] = {
    ROWAN_COLUMN(loan_table, loan, work_id, ROWAN_PRIMARY),
    ROWAN_COLUMN(loan_table, loan, number, ROWAN_PRIMARY),
    ROWAN_COLUMN(loan_table, loan, days, 0),
    ROWAN_OPT_COLUMN(loan_table, loan, reader, 0),
};
static const rowan_column *const loan_key[] = {&loan_columns[0], &loan_columns[1]};

#define TABLE(row, version_column)                                                                 \
    {                                                                                              \
        .name = #row, .columns = row##_columns,                                                    \
        .column_count = sizeof row##_columns / sizeof row##_columns[0], .primary = row##_key,      \
        .primary_count = sizeof row##_key / sizeof row##_key[0], .version = version_column,        \
        .row_size = sizeof(row), .row_align = _Alignof(row)                                        \
    }
const rowan_table genre_table = TABLE(genre, NULL);
const rowan_table press_table = TABLE(press, NULL);
const rowan_table work_table = TABLE(work, &work_columns[18]);
const rowan_table loan_table = TABLE(loan, NULL);

const genre_handles GENRE = {
    {&genre_columns[0], NULL}, {&genre_columns[1], NULL}, {&genre_columns[2], NULL}};
const press_handles PRESS = {
    {&press_columns[0], NULL}, {&press_columns[1], NULL}, {&press_columns[2], NULL}};
const loan_handles LOAN = {{&loan_columns[0], NULL},
                           {&loan_columns[1], NULL},
                           {&loan_columns[2], NULL},
                           {&loan_columns[3], NULL}};
const work_handles WORK = {
    .id = {&work_columns[0], NULL},
    .press_id = {&work_columns[1], NULL},
    .genre_id = {&work_columns[2], NULL},
    .title = {&work_columns[3], NULL},
    .subtitle = {&work_columns[4], NULL},
    .kind = {&work_columns[5], NULL},
    .cents = {&work_columns[6], NULL},
    .stock = {&work_columns[7], NULL},
    .weight = {&work_columns[8], NULL},
    .price = {&work_columns[9], NULL},
    .in_print = {&work_columns[10], NULL},
    .released = {&work_columns[11], NULL},
    .added = {&work_columns[12], NULL},
    .opens = {&work_columns[13], NULL},
    .code = {&work_columns[14], NULL},
    .extra = {&work_columns[15], NULL},
    .cover = {&work_columns[16], NULL},
    .score = {&work_columns[17], NULL},
    .version = {&work_columns[18], NULL},
};

static const char tables[] =
    "CREATE TABLE genre (id @key, name @text(40) NOT NULL, parent_id @ref REFERENCES genre (id));"
    "CREATE TABLE press (id @key, name @text(60) NOT NULL UNIQUE, country @text(2));"
    "CREATE TABLE work (id @key, press_id @ref NOT NULL REFERENCES press (id), genre_id @ref"
    " REFERENCES genre (id), title @text(200) NOT NULL, subtitle @text, kind @text(20) NOT NULL"
    " CHECK"
    " (kind IN ('novel', 'essay', 'poem')), cents @int32 NOT NULL, stock @int16 NOT NULL, weight"
    " @double, price @decimal(10,2) NOT NULL, in_print @bool NOT NULL, released @date, added"
    " @timestamp NOT NULL, opens @time, code @uuid NOT NULL, extra @json, cover @blob, score @float"
    " NOT NULL, version @int32 NOT NULL);"
    "CREATE TABLE loan (work_id @ref NOT NULL REFERENCES work (id), number @int32 NOT NULL, days"
    " @int32 NOT NULL, reader @text(60), PRIMARY KEY (work_id, number));";

#define SOME(...)                                                                                  \
    {                                                                                              \
        true, __VA_ARGS__                                                                          \
    }
#define NONE                                                                                       \
    {                                                                                              \
        .has = false                                                                               \
    }

const genre archive_genres[] = {
    {1, "fiction", NONE},     {2, "crime", SOME(1)},  {3, "noir crime", SOME(2)},
    {4, "non-fiction", NONE}, {5, "travel", SOME(4)},
};

const press archive_presses[] = {
    {1, "Harbour", SOME("pt")}, {2, "North Light", SOME("no")}, {3, "Quill & Sons", NONE}};

/* Titles in several letters, NULLs, equal keys, dates before 1970, quotes and percent signs. */
const work archive_works[] = {
    {1,
     1,
     SOME(1),
     "Émile",
     NONE,
     WORK_NOVEL,
     1250,
     3,
     SOME(0.5),
     {"12.50"},
     true,
     SOME({-1000}),
     {1000000},
     SOME({3600000000}),
     {{1}},
     SOME({"{\"a\": 1}"}),
     SOME({"\0\1", 2}),
     1.5F,
     1},
    {2,
     1,
     SOME(2),
     "the 100% clue",
     SOME("a \\ b"),
     WORK_NOVEL,
     990,
     0,
     NONE,
     {"9.90"},
     true,
     NONE,
     {2000000},
     NONE,
     {{2}},
     NONE,
     NONE,
     0.1F,
     1},
    {3,
     2,
     SOME(3),
     "The Fjord",
     SOME("O'Hara's"),
     WORK_NOVEL,
     1400,
     12,
     SOME(1.25),
     {"14.00"},
     false,
     SOME({19000}),
     {3000000},
     SOME({0}),
     {{3}},
     SOME({"[]"}),
     NONE,
     4,
     1},
    {4,
     2,
     NONE,
     "under_score",
     NONE,
     WORK_ESSAY,
     500,
     7,
     SOME(0.25),
     {"5.00"},
     true,
     SOME({19000}),
     {4000000},
     NONE,
     {{4}},
     NONE,
     SOME({"", 0}),
     4,
     1},
    {5,
     3,
     SOME(5),
     "Oslo",
     SOME(""),
     WORK_ESSAY,
     1250,
     -2,
     NONE,
     {"112.50"},
     true,
     SOME({0}),
     {5000000},
     NONE,
     {{5}},
     NONE,
     NONE,
     -1,
     1},
    {6,
     3,
     SOME(5),
     "oslo",
     NONE,
     WORK_POEM,
     300,
     1,
     SOME(0.1),
     {"3.00"},
     false,
     NONE,
     {6000000},
     SOME({86399999999}),
     {{6}},
     NONE,
     NONE,
     2,
     1},
    {7,
     3,
     SOME(1),
     "\"Quoted\" `ticks`",
     NONE,
     WORK_POEM,
     2000000000,
     30000,
     SOME(2),
     {"-0.50"},
     true,
     SOME({-719162}),
     {-7000000},
     NONE,
     {{7}},
     NONE,
     NONE,
     3,
     1},
    {8,
     1,
     NONE,
     "zero",
     NONE,
     WORK_POEM,
     0,
     0,
     SOME(0),
     {"0.00"},
     false,
     NONE,
     {8000000},
     NONE,
     {{8}},
     NONE,
     NONE,
     0,
     1},
};

const loan archive_loans[] = {
    {1, 1, 14, SOME("Ana")}, {1, 2, 7, SOME("Bo")},  {2, 1, 21, SOME("Ana")},
    {3, 1, 14, NONE},        {3, 2, 14, SOME("Bo")}, {3, 3, 2, SOME("Cy")},
};

rowan_db *archive_open(size_t engine, const rowan_options *options)
{
    rowan_db *db = engine_open(engine, options);

    engine_script(db, tables);
    return db;
}

static void insert(rowan_scope *scope, const rowan_table *table, const void *rows, size_t count)
{
    const rowan_insert all = {.into = table, .rows = rows, .row_count = count};
    rowan_status status = rowan_query_insert(scope, &all, NULL, NULL);

    ck_assert_msg(status == ROWAN_OK, "%s: %s", table->name, rowan_scope_error(scope)->message);
}

/* PostgreSQL's generators do not notice keys that were given; on the others the next key is one
 * more. */
static void skip_given_keys(rowan_scope *scope)
{
    static const char *const statements[] = {
        "SELECT setval(pg_get_serial_sequence('genre', 'id'), (SELECT max(id) FROM genre))",
        "SELECT setval(pg_get_serial_sequence('press', 'id'), (SELECT max(id) FROM press))",
        "SELECT setval(pg_get_serial_sequence('work', 'id'), (SELECT max(id) FROM work))",
    };

    if (strcmp(rowan_db_engine(rowan_scope_db(scope)), "postgresql") != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        ck_assert_int_eq(rowan_raw_run(scope, statements[i], ROWAN_NO_PARAMS, NULL), ROWAN_OK);
    }
}

void archive_fill(rowan_scope *scope)
{
    insert(scope, &genre_table, archive_genres, ARCHIVE_GENRES);
    insert(scope, &press_table, archive_presses, ARCHIVE_PRESSES);
    insert(scope, &work_table, archive_works, ARCHIVE_WORKS);
    insert(scope, &loan_table, archive_loans, ARCHIVE_LOANS);
    skip_given_keys(scope);
}

/* A flat switch over the types. */
static void dump_value(rowan__text *out, const rowan_column *column, rowan_value v)
{
    char written[64];

    if (v.is_null) {
        rowan__text_str(out, "NULL");
        return;
    }
    switch (v.type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_str(out, v.as.boolean ? "true" : "false");
        return;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
        rowan__text_int(out, v.as.integer);
        return;
    case ROWAN_TYPE_ENUM:
        rowan__text_str(out, column->enumeration->labels[v.as.integer]);
        return;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        rowan__text_format(out, "%.15g", v.as.real);
        return;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        rowan__text_add(out, v.as.bytes.data, v.as.bytes.size);
        return;
    case ROWAN_TYPE_BLOB:
        rowan__text_format(out, "%zu bytes", v.as.bytes.size);
        return;
    case ROWAN_TYPE_DATE:
        rowan__date_write(v.as.date, written);
        break;
    case ROWAN_TYPE_TIME:
        rowan__time_write(v.as.time, written);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        rowan__timestamp_write(v.as.timestamp, written);
        break;
    case ROWAN_TYPE_UUID:
        rowan__uuid_write(v.as.uuid, written);
        break;
    case ROWAN_TYPE_LIST:
        return;
    }
    rowan__text_str(out, written);
}

const char *archive_dump(rowan_scope *scope, const rowan_table *shape, rowan_rows rows)
{
    rowan__text text;
    const char *copy;

    rowan__text_init(&text, rowan__scope_allocator(scope));
    for (size_t i = 0; i < rows.count; i++) {
        const char *row = (const char *)rows.at + i * shape->row_size;
        for (size_t j = 0; j < shape->column_count; j++) {
            rowan__text_char(&text, '|');
            dump_value(&text, &shape->columns[j], rowan_column_value(&shape->columns[j], row));
        }
        rowan__text_str(&text, "|\n");
    }
    copy = rowan_scope_strdup(scope, rowan__text_string(&text));
    rowan__text_fini(&text);
    return copy;
}
