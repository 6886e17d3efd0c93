/*
 * Tables and columns of a model. Names in C are taken table by table in the order of the database's
 * names, so a collision is settled in the same way on every engine: the later name gets a number.
 */
#include "schema/describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "schema/list.h"

enum { MAX_COLUMNS = 256 }; /* what a rowan_table can have */

/* What stands behind a table's name in the names that are generated for it (write_*.c). */
static const char *const table_suffixes[] = {
    "",           "_rows",         "_table",       "_handles",     "_columns", "_primary",
    "_relations", "_find",         "_all",         "_first",       "_insert",  "_insert_all",
    "_save",      "_delete",       "_reload",      "_raw_all",     "_raw_one", "_query_all",
    "_query_one", "_session_find", "_session_all", "_session_new",
};

static const char *const enum_suffixes[] = {"", "_opt", "_labels", "_enum"};

/* Names of the generated source's own. */
static const char *const own_names[] = {"model_fits", "model_refuse", "model_check",
                                        "MODEL_ALIGN_OF"};

static const struct {
    const char *name;
    rowan_type type;
} type_names[] = {
    {"bool", ROWAN_TYPE_BOOL},       {"int16", ROWAN_TYPE_INT16},
    {"int32", ROWAN_TYPE_INT32},     {"int64", ROWAN_TYPE_INT64},
    {"float", ROWAN_TYPE_FLOAT},     {"double", ROWAN_TYPE_DOUBLE},
    {"decimal", ROWAN_TYPE_DECIMAL}, {"text", ROWAN_TYPE_TEXT},
    {"blob", ROWAN_TYPE_BLOB},       {"date", ROWAN_TYPE_DATE},
    {"time", ROWAN_TYPE_TIME},       {"timestamp", ROWAN_TYPE_TIMESTAMP},
    {"uuid", ROWAN_TYPE_UUID},       {"json", ROWAN_TYPE_JSON},
};

typedef struct describer {
    rowan__model *model;
    rowan__arena *arena;
    const rowan__hints *hints;
    bool skip_unknown;
    rowan_error *error;
} describer;

bool rowan__model_note(rowan__model *model, const char *format, ...)
{
    const char **notes =
        rowan__list_room(model->arena, model->notes, model->note_count, sizeof *notes);
    char line[512];
    va_list arguments;

    if (notes == NULL) {
        return false;
    }
    model->notes = notes;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    notes[model->note_count] = rowan__arena_text(model->arena, line, strlen(line));
    if (notes[model->note_count] == NULL) {
        return false;
    }
    model->note_count++;
    return true;
}

size_t rowan__model_table(const rowan__model *model, const char *name)
{
    size_t i = 0;

    while (i < model->table_count && strcmp(model->tables[i].found->name, name) != 0) {
        i++;
    }
    return i;
}

size_t rowan__model_column(const rowan__table_model *table, const char *name)
{
    size_t i = 0;

    while (i < table->column_count && strcmp(table->columns[i].found->name, name) != 0) {
        i++;
    }
    return i;
}

/* Whether a table of that name in C would clash with a name that is taken. 1: yes, 0: no, -1: no
 * memory. */
static int table_clashes(describer *d, const char *type)
{
    const char *handles = rowan__c_upper(d->arena, type);

    for (size_t i = 0; i < sizeof table_suffixes / sizeof table_suffixes[0]; i++) {
        const char *name = rowan__printed(d->arena, "%s%s", type, table_suffixes[i]);

        if (name == NULL || handles == NULL) {
            return -1;
        }
        if (rowan__name_set_has(&d->model->taken, name)) {
            return 1;
        }
    }
    return rowan__name_set_has(&d->model->taken, handles);
}

static bool take_table_names(describer *d, const rowan__table_model *table)
{
    for (size_t i = 0; i < sizeof table_suffixes / sizeof table_suffixes[0]; i++) {
        const char *name = rowan__printed(d->arena, "%s%s", table->type, table_suffixes[i]);

        if (name == NULL || !rowan__name_set_add(&d->model->taken, d->arena, name)) {
            return false;
        }
    }
    return rowan__name_set_add(&d->model->taken, d->arena, table->handles);
}

/* Names a table in C: the hint's name or its own, with a number behind if that is taken. */
static rowan_status name_table(describer *d, rowan__table_model *table)
{
    const char *hint = rowan__hint_value(d->hints, ROWAN__HINT_NAME, table->found->name, NULL);
    const char *plural = rowan__hint_value(d->hints, ROWAN__HINT_PLURAL, table->found->name, NULL);
    const char *wanted = rowan__c_type(d->arena, hint != NULL ? hint : table->found->name);
    const char *type = wanted;
    int clashes = wanted == NULL ? -1 : table_clashes(d, type);

    for (unsigned n = 2; clashes == 1; n++) {
        type = rowan__numbered(d->arena, wanted, n);
        clashes = type == NULL ? -1 : table_clashes(d, type);
    }
    if (clashes < 0) {
        return rowan__fail_nomem(d->error);
    }
    table->type = type;
    table->handles = rowan__c_upper(d->arena, type);
    table->plural = plural != NULL
                        ? rowan__c_name(d->arena, plural)
                        : rowan__plural(d->arena, rowan__c_name(d->arena, table->found->name));
    if (table->handles == NULL || table->plural == NULL || !take_table_names(d, table)) {
        return rowan__fail_nomem(d->error);
    }
    if (type != wanted &&
        !rowan__model_note(d->model, "table \"%s\" is called %s in C, because %s is taken",
                           table->found->name, type, wanted)) {
        return rowan__fail_nomem(d->error);
    }
    return ROWAN_OK;
}

static bool has_member(const rowan__table_model *table, const char *member)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].member, member) == 0) {
            return true;
        }
    }
    return false;
}

/* Names a column in C; the table's columns so far have theirs. */
static rowan_status name_column(describer *d, const rowan__table_model *table,
                                rowan__column_model *column)
{
    const char *hint =
        rowan__hint_value(d->hints, ROWAN__HINT_COLUMN, table->found->name, column->found->name);
    const char *wanted = rowan__c_member(d->arena, hint != NULL ? hint : column->found->name);

    column->member = wanted;
    for (unsigned n = 2; column->member != NULL && has_member(table, column->member); n++) {
        column->member = rowan__numbered(d->arena, wanted, n);
    }
    if (column->member == NULL ||
        (column->member != wanted &&
         !rowan__model_note(d->model,
                            "column \"%s\" of table \"%s\" is called %s in C, because %s is taken",
                            column->found->name, table->found->name, column->member, wanted))) {
        return rowan__fail_nomem(d->error);
    }
    return ROWAN_OK;
}

static rowan_type type_of(const describer *d, const rowan__found_table *table,
                          const rowan__found_column *column)
{
    const char *hint = rowan__hint_value(d->hints, ROWAN__HINT_TYPE, table->name, column->name);

    for (size_t i = 0; hint != NULL && i < sizeof type_names / sizeof type_names[0]; i++) {
        if (strcmp(type_names[i].name, hint) == 0) {
            return type_names[i].type;
        }
    }
    return column->type == ROWAN_TYPE_ENUM && column->label_count == 0 ? ROWAN_TYPE_TEXT
                                                                       : column->type;
}

static bool is_unique(const rowan__found_table *table, const char *column)
{
    for (size_t i = 0; i < table->key_count; i++) {
        const rowan__found_key *key = &table->keys[i];

        if (key->to_table == NULL && key->column_count == 1 &&
            strcmp(key->columns[0], column) == 0) {
            return true;
        }
    }
    return false;
}

/* A key of one column: 0 is none, so that a default is what makes it. Of any other column 0 is a
 * value like others. */
static bool is_key(const rowan__found_table *table, const rowan__found_column *column)
{
    size_t parts = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        parts += table->columns[i].key_position != 0;
    }
    return parts == 1 && column->key_position != 0;
}

static unsigned flags_of(const rowan__found_table *table, const rowan__found_column *column)
{
    unsigned flags = 0;

    if (column->key_position != 0) {
        flags |= ROWAN_PRIMARY;
    } else if (column->nullable) {
        flags |= ROWAN_NULLABLE;
    }
    if (column->generated || (column->has_default && is_key(table, column))) {
        flags |= ROWAN_GENERATED;
    }
    return is_unique(table, column->name) ? flags | ROWAN_UNIQUE_KEY : flags;
}

/* A column whose type Rowan does not have: an error, or with skip_unknown a note. */
static rowan_status refuse_column(describer *d, const rowan__found_table *table,
                                  const rowan__found_column *column)
{
    if (!d->skip_unknown) {
        return rowan__fail(
            d->error, ROWAN_UNSUPPORTED,
            "column \"%.60s\" of table \"%.60s\" has type %.60s, which Rowan does not have:"
            " give it one in the hints, or skip it",
            column->name, table->name, column->declared);
    }
    if (!rowan__model_note(d->model,
                           "column \"%s\" of table \"%s\" is left out: Rowan has no type %s",
                           column->name, table->name, column->declared)) {
        return rowan__fail_nomem(d->error);
    }
    return ROWAN_OK;
}

static rowan_status describe_columns(describer *d, rowan__table_model *table)
{
    const rowan__found_table *found = table->found;
    rowan_status status = ROWAN_OK;

    if (found->column_count > MAX_COLUMNS) {
        return rowan__fail(d->error, ROWAN_UNSUPPORTED, "table \"%.60s\" has more than %d columns",
                           found->name, MAX_COLUMNS);
    }
    table->columns = rowan__arena_new(d->arena, found->column_count + 1, sizeof *table->columns,
                                      _Alignof(max_align_t));
    if (table->columns == NULL) {
        return rowan__fail_nomem(d->error);
    }
    for (size_t i = 0; status == ROWAN_OK && i < found->column_count; i++) {
        rowan__column_model *column = &table->columns[table->column_count];

        *column = (rowan__column_model){.found = &found->columns[i]};
        column->type = type_of(d, found, column->found);
        column->flags = flags_of(found, column->found);
        if (column->type == 0) {
            status = refuse_column(d, found, column->found);
            continue;
        }
        status = name_column(d, table, column);
        table->column_count++;
    }
    if (status == ROWAN_OK && table->column_count == 0) {
        status = rowan__fail(d->error, ROWAN_UNSUPPORTED,
                             "table \"%.60s\" has no column of a type that Rowan has", found->name);
    }
    return status;
}

/* 1: a name of this enum is taken, 0: all are free, -1: out of memory. */
static int enum_clashes(const describer *d, const rowan__table_model *table,
                        const rowan__enum_model *e)
{
    for (size_t i = 0; i < sizeof enum_suffixes / sizeof enum_suffixes[0]; i++) {
        const char *name = rowan__printed(d->arena, "%s%s", e->type, enum_suffixes[i]);

        if (name == NULL) {
            return -1;
        }
        if (rowan__name_set_has(&d->model->taken, name)) {
            return 1;
        }
    }
    for (size_t i = 0; i < e->count; i++) {
        if (rowan__name_set_has(&d->model->taken, e->enumerators[i])) {
            return 1;
        }
    }
    return has_member(table,
                      e->type); /* C++ refuses a member that has the name of another one's type */
}

static bool has_enumerator(const rowan__enum_model *e, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(e->enumerators[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Enumerators from the labels; two labels that look alike in C get numbers. */
static bool name_enumerators(const describer *d, rowan__enum_model *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const char *plain =
            e->labels[i][0] == '\0' ? "empty" : rowan__c_name(d->arena, e->labels[i]);
        const char *joined =
            plain == NULL ? NULL : rowan__printed(d->arena, "%s_%s", e->type, plain);
        const char *wanted = joined == NULL ? NULL : rowan__c_upper(d->arena, joined);
        const char *name = wanted;

        for (unsigned n = 2; name != NULL && has_enumerator(e, i, name); n++) {
            name = rowan__numbered(d->arena, wanted, n);
        }
        if (name == NULL) {
            return false;
        }
        e->enumerators[i] = name;
    }
    return true;
}

static bool take_enum_names(const describer *d, const rowan__enum_model *e)
{
    for (size_t i = 0; i < sizeof enum_suffixes / sizeof enum_suffixes[0]; i++) {
        const char *name = rowan__printed(d->arena, "%s%s", e->type, enum_suffixes[i]);

        if (name == NULL || !rowan__name_set_add(&d->model->taken, d->arena, name)) {
            return false;
        }
    }
    for (size_t i = 0; i < e->count; i++) {
        if (!rowan__name_set_add(&d->model->taken, d->arena, e->enumerators[i])) {
            return false;
        }
    }
    return true;
}

static rowan_status describe_enum(describer *d, const rowan__table_model *table,
                                  rowan__column_model *column)
{
    rowan__enum_model *e = rowan__arena_new(d->arena, 1, sizeof *e, _Alignof(max_align_t));
    const char *wanted = rowan__printed(d->arena, "%s_%s", table->type, column->member);
    size_t count = column->found->label_count;
    int clashes;

    if (e == NULL || wanted == NULL) {
        return rowan__fail_nomem(d->error);
    }
    *e = (rowan__enum_model){.type = wanted, .labels = column->found->labels, .count = count};
    e->enumerators = rowan__arena_new(d->arena, count, sizeof *e->enumerators, _Alignof(char *));
    if (e->enumerators == NULL || !name_enumerators(d, e)) {
        return rowan__fail_nomem(d->error);
    }
    clashes = enum_clashes(d, table, e);
    for (unsigned n = 2; clashes == 1; n++) {
        e->type = rowan__numbered(d->arena, wanted, n);
        clashes = e->type == NULL || !name_enumerators(d, e) ? -1 : enum_clashes(d, table, e);
    }
    if (clashes < 0 || !take_enum_names(d, e) ||
        (e->type != wanted &&
         !rowan__model_note(d->model,
                            "the values of column \"%s\" of table \"%s\" are called %s, because "
                            "%s is taken",
                            column->found->name, table->found->name, e->type, wanted))) {
        return rowan__fail_nomem(d->error);
    }
    column->enumeration = e;
    return ROWAN_OK;
}

/* The key, unless one of its columns was left out. */
static rowan_status describe_primary(describer *d, rowan__table_model *table)
{
    size_t wanted = 0;

    for (size_t i = 0; i < table->found->column_count; i++) {
        wanted += table->found->columns[i].key_position != 0;
    }
    if (wanted == 0) {
        return ROWAN_OK;
    }
    table->primary = rowan__arena_new(d->arena, wanted, sizeof *table->primary, _Alignof(size_t));
    if (table->primary == NULL) {
        return rowan__fail_nomem(d->error);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        unsigned position = table->columns[i].found->key_position;

        if (position != 0 && position <= wanted) {
            table->primary[position - 1] = i;
            table->primary_count++;
        }
    }
    if (table->primary_count != wanted) {
        table->primary_count = 0;
    }
    return ROWAN_OK;
}

static bool can_be_version(const rowan__column_model *column)
{
    return column->type >= ROWAN_TYPE_INT16 && column->type <= ROWAN_TYPE_INT64 &&
           (column->flags & (ROWAN_NULLABLE | ROWAN_PRIMARY)) == 0;
}

/* A column that looks like a version and is not said to be one guards nothing: who relies on it
 * would lose updates without a word. */
static rowan_status note_unguarded(describer *d, const rowan__table_model *table)
{
    static const char usual[] = "lock_version";
    size_t at = rowan__model_column(table, usual);

    if (at == table->column_count || !can_be_version(&table->columns[at]) ||
        rowan__model_note(d->model,
                          "column \"%s\" of table \"%s\" guards against no lost update unless the "
                          "hints say version = %s",
                          usual, table->found->name, usual)) {
        return ROWAN_OK;
    }
    return rowan__fail_nomem(d->error);
}

static rowan_status describe_version(describer *d, rowan__table_model *table)
{
    const char *name = rowan__hint_value(d->hints, ROWAN__HINT_VERSION, table->found->name, NULL);
    rowan__column_model *column;

    if (name == NULL) {
        return note_unguarded(d, table);
    }
    table->version = rowan__model_column(table, name);
    column = &table->columns[table->version];
    if (table->version == table->column_count || !can_be_version(column)) {
        return rowan__fail(
            d->error, ROWAN_SYNTAX,
            "%s: the version column \"%.60s\" of table \"%.60s\" is not an integer that is"
            " never NULL",
            d->hints->file, name, table->found->name);
    }
    table->has_version = true;
    column->flags |= ROWAN_VERSION;
    return ROWAN_OK;
}

static rowan_status describe_table(describer *d, rowan__table_model *table)
{
    rowan_status status = describe_columns(d, table);

    for (size_t i = 0; status == ROWAN_OK && i < table->column_count; i++) {
        if (table->columns[i].type == ROWAN_TYPE_ENUM) {
            status = describe_enum(d, table, &table->columns[i]);
        }
    }
    if (status == ROWAN_OK) {
        status = describe_primary(d, table);
    }
    return status == ROWAN_OK ? describe_version(d, table) : status;
}

static rowan_status check_type_hint(describer *d, const rowan__hint *hint)
{
    for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
        if (strcmp(type_names[i].name, hint->value) == 0) {
            return ROWAN_OK;
        }
    }
    return rowan__hint_fail(d->hints, hint, d->error, "Rowan has no type", hint->value);
}

/* Whether a hint speaks of a table and a column that are there. Relations are checked when they are
 * known. */
static rowan_status check_hint(describer *d, const rowan__hint *hint)
{
    const rowan__model *model = d->model;
    size_t table = rowan__model_table(model, hint->table);
    const char *column = hint->kind == ROWAN__HINT_RELATION  ? NULL
                         : hint->kind == ROWAN__HINT_VERSION ? hint->value
                                                             : hint->subject;

    if (table == model->table_count) {
        return rowan__hint_fail(d->hints, hint, d->error, "there is no table", hint->table);
    }
    if (column != NULL &&
        rowan__model_column(&model->tables[table], column) == model->tables[table].column_count) {
        return rowan__hint_fail(d->hints, hint, d->error, "the table has no column", column);
    }
    return hint->kind == ROWAN__HINT_TYPE ? check_type_hint(d, hint) : ROWAN_OK;
}

/* The tables that are to be described, each with its name in C. */
static rowan_status list_tables(describer *d, const rowan__found *found)
{
    rowan__model *model = d->model;
    rowan_status status = ROWAN_OK;

    model->tables = rowan__arena_new(d->arena, found->table_count + 1, sizeof *model->tables,
                                     _Alignof(max_align_t));
    if (model->tables == NULL) {
        return rowan__fail_nomem(d->error);
    }
    for (size_t i = 0; status == ROWAN_OK && i < found->table_count; i++) {
        const rowan__found_table *table = &found->tables[i];

        if (strncmp(table->name, "rowan_", 6) == 0) {
            continue;
        }
        if (table->column_count == 0) {
            status =
                rowan__model_note(model, "table \"%s\" is left out: it has no columns", table->name)
                    ? ROWAN_OK
                    : rowan__fail_nomem(d->error);
            continue;
        }
        model->tables[model->table_count] = (rowan__table_model){.found = table};
        status = name_table(d, &model->tables[model->table_count++]);
    }
    return status;
}

rowan_status rowan__describe(rowan__model *model, rowan__arena *arena, const rowan__found *found,
                             const rowan__hints *hints, bool skip_unknown, rowan_error *error)
{
    describer d = {model, arena, hints, skip_unknown, error};
    rowan_status status;

    *model = (rowan__model){.arena = arena};
    for (size_t i = 0; i < sizeof own_names / sizeof own_names[0]; i++) {
        if (!rowan__name_set_add(&model->taken, arena, own_names[i])) {
            return rowan__fail_nomem(error);
        }
    }
    status = list_tables(&d, found);
    for (size_t i = 0; status == ROWAN_OK && i < model->table_count; i++) {
        status = describe_table(&d, &model->tables[i]);
    }
    for (size_t i = 0; status == ROWAN_OK && i < hints->count; i++) {
        status = check_hint(&d, &hints->items[i]);
    }
    return status == ROWAN_OK ? rowan__describe_relations(model, hints, error) : status;
}
