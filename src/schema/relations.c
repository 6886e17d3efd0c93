/*
 * Relations of a model. Each foreign key gives one relation on either side, a table whose primary
 * key is exactly two foreign keys joins two tables, and a polymorphic hint gives one for each of
 * its tables.
 *
 * First all are found with the names that the rules give them, then hints rename some, and last,
 * table by table, each takes its names in C; so what one is called never depends on the order of
 * discovery.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "schema/describe.h"
#include "schema/list.h"

/* A foreign key between two tables of the model. */
typedef struct link {
    size_t from, to; /* tables: that has the key, that it refers to */
    const size_t *columns, *to_columns;
    size_t count;
    const char *name;  /* of the relation to the table referred to */
    bool is_unique;    /* no two rows refer to the same one */
    bool has_siblings; /* the same two tables have another one */
} link;

typedef struct finder {
    rowan__model *model;
    rowan__arena *arena;
    const rowan__hints *hints;
    rowan_error *error;
    link *links;
    size_t link_count;
} finder;

/* What stands before and behind a relation's name in the names that are generated for it
 * (write_*.c). */
static const struct {
    const char *before, *behind;
} relation_forms[] = {
    {"_", ""},      {"_loaded_", ""}, {"_session_", ""},      {"_", "_relation"},
    {"_", "_from"}, {"_", "_to"},     {"_", "_through_from"}, {"_", "_through_to"},
};

static size_t *column_indexes(finder *f, const rowan__table_model *table, const char *const *names,
                              size_t count)
{
    size_t *indexes = rowan__arena_new(f->arena, count, sizeof *indexes, _Alignof(size_t));

    for (size_t i = 0; indexes != NULL && i < count; i++) {
        indexes[i] = rowan__model_column(table, names[i]);
    }
    return indexes;
}

static bool all_there(const rowan__table_model *table, const size_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i] >= table->column_count) {
            return false;
        }
    }
    return true;
}

static bool contains(const size_t *list, size_t count, size_t wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == wanted) {
            return true;
        }
    }
    return false;
}

/* Whether the columns of a foreign key are, in any order, a unique key or the primary key. */
static bool is_unique(const rowan__table_model *table, const size_t *columns, size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < table->primary_count; i++) {
        found += contains(columns, count, table->primary[i]);
    }
    if (table->primary_count == count && found == count) {
        return true;
    }
    for (size_t k = 0; k < table->found->key_count; k++) {
        const rowan__found_key *key = &table->found->keys[k];

        found = 0;
        for (size_t i = 0; key->to_table == NULL && i < key->column_count; i++) {
            found += contains(columns, count, rowan__model_column(table, key->columns[i]));
        }
        if (key->to_table == NULL && key->column_count == count && found == count) {
            return true;
        }
    }
    return false;
}

/* "publisher" from publisher_id; the other table's name for a key of several columns. */
static const char *name_of_link(finder *f, const link *l)
{
    const rowan__table_model *from = &f->model->tables[l->from];
    const char *source = l->count == 1 ? from->columns[l->columns[0]].found->name
                                       : f->model->tables[l->to].found->name;
    char *name = rowan__c_name(f->arena, source);
    size_t size = name == NULL ? 0 : strlen(name);

    if (l->count == 1 && size > 3 && strcmp(name + size - 3, "_id") == 0) {
        name[size - 3] = '\0';
    }
    return name;
}

static rowan_status add_link(finder *f, size_t from, const rowan__found_key *key)
{
    const rowan__table_model *table = &f->model->tables[from];
    link l = {.from = from,
              .to = rowan__model_table(f->model, key->to_table),
              .count = key->column_count};
    link *links;

    if (l.to == f->model->table_count || l.count == 0) {
        return ROWAN_OK;
    }
    l.columns = column_indexes(f, table, key->columns, l.count);
    l.to_columns = column_indexes(f, &f->model->tables[l.to], key->to_columns, l.count);
    links = rowan__list_room(f->arena, f->links, f->link_count, sizeof *links);
    if (l.columns == NULL || l.to_columns == NULL || links == NULL) {
        return rowan__fail_nomem(f->error);
    }
    f->links = links;
    if (!all_there(table, l.columns, l.count) ||
        !all_there(&f->model->tables[l.to], l.to_columns, l.count)) {
        return ROWAN_OK; /* a column was left out, and so is what needs it */
    }
    l.is_unique = is_unique(table, l.columns, l.count);
    l.name = name_of_link(f, &l);
    if (l.name == NULL) {
        return rowan__fail_nomem(f->error);
    }
    f->links[f->link_count++] = l;
    return ROWAN_OK;
}

static rowan_status find_links(finder *f)
{
    rowan_status status = ROWAN_OK;

    for (size_t t = 0; t < f->model->table_count; t++) {
        const rowan__found_table *found = f->model->tables[t].found;

        for (size_t k = 0; status == ROWAN_OK && k < found->key_count; k++) {
            if (found->keys[k].to_table != NULL) {
                status = add_link(f, t, &found->keys[k]);
            }
        }
    }
    for (size_t i = 0; i < f->link_count; i++) {
        for (size_t j = 0; j < f->link_count; j++) {
            f->links[i].has_siblings |=
                i != j && f->links[i].from == f->links[j].from && f->links[i].to == f->links[j].to;
        }
    }
    return status;
}

static rowan_status add_relation(finder *f, size_t table, const rowan__relation_model *relation)
{
    rowan__table_model *from = &f->model->tables[table];
    rowan__relation_model *all =
        rowan__list_room(f->arena, from->relations, from->relation_count, sizeof *all);

    if (all == NULL || relation->name == NULL) {
        return rowan__fail_nomem(f->error);
    }
    from->relations = all;
    all[from->relation_count++] = *relation;
    return ROWAN_OK;
}

/* What the table referred to calls the rows that refer to it. */
static const char *name_from_other_side(finder *f, const link *l)
{
    const rowan__table_model *from = &f->model->tables[l->from];
    const char *base = l->is_unique ? rowan__c_name(f->arena, from->found->name) : from->plural;

    if (base == NULL) {
        return NULL;
    }
    if (l->from == l->to && strcmp(l->name, "parent") == 0) {
        return l->is_unique ? "child" : "children";
    }
    return l->from == l->to || l->has_siblings ? rowan__printed(f->arena, "%s_%s", l->name, base)
                                               : base;
}

static rowan_status relate_link(finder *f, const link *l)
{
    rowan__relation_model to_one = {
        .name = l->name,
        .kind = ROWAN_BELONGS_TO,
        .to = l->to,
        .from_columns = l->columns,
        .to_columns = l->to_columns,
        .column_count = l->count,
    };
    rowan__relation_model back = {
        .name = name_from_other_side(f, l),
        .kind = l->is_unique ? ROWAN_HAS_ONE : ROWAN_HAS_MANY,
        .to = l->from,
        .from_columns = l->to_columns,
        .to_columns = l->columns,
        .column_count = l->count,
    };
    rowan_status status = add_relation(f, l->from, &to_one);

    return status == ROWAN_OK ? add_relation(f, l->to, &back) : status;
}

/* Whether two foreign keys of a table are together its whole primary key, and share no column. */
static bool are_whole_key(const rowan__table_model *table, const link *a, const link *b)
{
    if (a->count + b->count != table->primary_count) {
        return false;
    }
    for (size_t i = 0; i < table->primary_count; i++) {
        size_t column = table->primary[i];

        if (contains(a->columns, a->count, column) == contains(b->columns, b->count, column)) {
            return false;
        }
    }
    return true;
}

/* How many tables join the same two as this pair does. */
static bool has_other_through(const finder *f, const link *a, const link *b)
{
    for (size_t i = 0; i < f->link_count; i++) {
        for (size_t j = 0; j < f->link_count; j++) {
            const link *c = &f->links[i], *d = &f->links[j];

            if (c->from != a->from && c->from == d->from && i != j && c->to == a->to &&
                d->to == b->to && are_whole_key(&f->model->tables[c->from], c, d)) {
                return true;
            }
        }
    }
    return false;
}

/* The relation from the table of `near` by way of both keys' table to the table of `far`. */
static rowan_status relate_through(finder *f, const link *near, const link *far)
{
    const rowan__table_model *through = &f->model->tables[near->from];
    rowan__relation_model relation = {
        .name = near->to == far->to ? rowan__plural(f->arena, far->name)
                                    : f->model->tables[far->to].plural,
        .kind = ROWAN_MANY_TO_MANY,
        .to = far->to,
        .from_columns = near->to_columns,
        .to_columns = far->to_columns,
        .column_count = near->count,
        .to_count = far->count,
        .has_through = true,
        .through = near->from,
        .through_from = near->columns,
        .through_to = far->columns,
    };

    if (relation.name != NULL && has_other_through(f, near, far)) {
        const char *way = rowan__c_name(f->arena, through->found->name);
        relation.name =
            way == NULL ? NULL : rowan__printed(f->arena, "%s_by_%s", relation.name, way);
    }
    return add_relation(f, near->to, &relation);
}

static rowan_status relate_pairs(finder *f)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < f->link_count; i++) {
        for (size_t j = i + 1; status == ROWAN_OK && j < f->link_count; j++) {
            const link *a = &f->links[i], *b = &f->links[j];

            if (a->from != b->from || !are_whole_key(&f->model->tables[a->from], a, b)) {
                continue;
            }
            status = relate_through(f, a, b);
            if (status == ROWAN_OK) {
                status = relate_through(f, b, a);
            }
        }
    }
    return status;
}

/* One label of a polymorphic hint: the rows of another table that have rows of this one. */
static rowan_status relate_polymorphic(finder *f, const rowan__hint *hint)
{
    size_t to = rowan__model_table(f->model, hint->table);
    size_t from = rowan__model_table(f->model, hint->value);
    const rowan__table_model *table = &f->model->tables[to];
    size_t *id_column = rowan__arena_new(f->arena, 1, sizeof *id_column, _Alignof(size_t));
    rowan__relation_model relation = {
        .name = table->plural,
        .kind = ROWAN_HAS_MANY,
        .to = to,
        .to_columns = id_column,
        .column_count = 1,
        .has_type = true,
        .type_column = rowan__model_column(table, hint->subject),
        .type_value = hint->label,
    };
    rowan_type type = table->columns[relation.type_column].type;

    if (id_column == NULL) {
        return rowan__fail_nomem(f->error);
    }
    *id_column = rowan__model_column(table, hint->id_column);
    if (*id_column == table->column_count) {
        return rowan__hint_fail(f->hints, hint, f->error, "the table has no column",
                                hint->id_column);
    }
    if (type != ROWAN_TYPE_TEXT && type != ROWAN_TYPE_ENUM) {
        return rowan__hint_fail(f->hints, hint, f->error, "this column is no text:", hint->subject);
    }
    if (from == f->model->table_count) {
        return rowan__hint_fail(f->hints, hint, f->error, "there is no table", hint->value);
    }
    if (f->model->tables[from].primary_count != 1) {
        return rowan__hint_fail(f->hints, hint, f->error,
                                "the key of this table is not one column:", hint->value);
    }
    relation.from_columns = f->model->tables[from].primary;
    return add_relation(f, from, &relation);
}

/* Renames or removes one relation as its hint says. */
static rowan_status apply_hint(finder *f, const rowan__hint *hint)
{
    rowan__table_model *table = &f->model->tables[rowan__model_table(f->model, hint->table)];

    for (size_t i = 0; i < table->relation_count; i++) {
        rowan__relation_model *relation = &table->relations[i];

        if (strcmp(relation->name, hint->subject) != 0) {
            continue;
        }
        if (strcmp(hint->value, "none") == 0) {
            memmove(relation, relation + 1, (table->relation_count - i - 1) * sizeof *relation);
            table->relation_count--;
            return ROWAN_OK;
        }
        relation->name = rowan__c_name(f->arena, hint->value);
        return relation->name != NULL ? ROWAN_OK : rowan__fail_nomem(f->error);
    }
    return rowan__hint_fail(f->hints, hint, f->error, "the table has no relation", hint->subject);
}

static int compare_columns(const size_t *a, size_t a_count, const size_t *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return (a_count > b_count) - (a_count < b_count);
}

/* By name; relations of one name in an order that their content gives. */
static int compare_relations(const void *left, const void *right)
{
    const rowan__relation_model *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    if (order == 0) {
        order = (a->kind > b->kind) - (a->kind < b->kind);
    }
    if (order == 0) {
        order = (a->to > b->to) - (a->to < b->to);
    }
    if (order == 0) {
        order = compare_columns(a->from_columns, a->column_count, b->from_columns, b->column_count);
    }
    if (order == 0) {
        order = compare_columns(a->to_columns, a->column_count, b->to_columns, b->column_count);
    }
    return order != 0
               ? order
               : strcmp(a->type_value ? a->type_value : "", b->type_value ? b->type_value : "");
}

/* The name of a relation in one of its forms, "book_loaded_publisher". */
static char *form_of(finder *f, const rowan__table_model *table, const char *name, size_t form)
{
    return rowan__printed(f->arena, "%s%s%s%s", table->type, relation_forms[form].before, name,
                          relation_forms[form].behind);
}

/* 1: a name of this relation is taken, 0: all are free, -1: out of memory. */
static int relation_clashes(finder *f, const rowan__table_model *table, const char *name)
{
    for (size_t i = 0; i < sizeof relation_forms / sizeof relation_forms[0]; i++) {
        const char *form = form_of(f, table, name, i);

        if (form == NULL) {
            return -1;
        }
        if (rowan__name_set_has(&f->model->taken, form)) {
            return 1;
        }
    }
    return 0;
}

static rowan_status take_relation_names(finder *f, const rowan__table_model *table,
                                        rowan__relation_model *relation)
{
    const char *wanted = relation->name;
    int clashes = relation_clashes(f, table, wanted);

    for (unsigned n = 2; clashes == 1; n++) {
        relation->name = rowan__numbered(f->arena, wanted, n);
        clashes = relation->name == NULL ? -1 : relation_clashes(f, table, relation->name);
    }
    if (clashes < 0 ||
        (relation->name != wanted &&
         !rowan__model_note(f->model,
                            "relation %s of table \"%s\" is called %s,"
                            " because %s_%s is taken: a hint can rename it",
                            wanted, table->found->name, relation->name, table->type, wanted))) {
        return rowan__fail_nomem(f->error);
    }
    for (size_t i = 0; i < sizeof relation_forms / sizeof relation_forms[0]; i++) {
        const char *form = form_of(f, table, relation->name, i);

        if (form == NULL || !rowan__name_set_add(&f->model->taken, f->arena, form)) {
            return rowan__fail_nomem(f->error);
        }
    }
    return ROWAN_OK;
}

static rowan_status name_relations(finder *f, rowan__table_model *table)
{
    rowan_status status = ROWAN_OK;

    if (table->relation_count == 0) {
        return ROWAN_OK;
    }
    qsort(table->relations, table->relation_count, sizeof *table->relations, compare_relations);
    for (size_t i = 0; status == ROWAN_OK && i < table->relation_count; i++) {
        status = take_relation_names(f, table, &table->relations[i]);
    }
    qsort(table->relations, table->relation_count, sizeof *table->relations, compare_relations);
    return status;
}

rowan_status rowan__describe_relations(rowan__model *model, const rowan__hints *hints,
                                       rowan_error *error)
{
    finder f = {.model = model, .arena = model->arena, .hints = hints, .error = error};
    rowan_status status = find_links(&f);

    for (size_t i = 0; status == ROWAN_OK && i < f.link_count; i++) {
        status = relate_link(&f, &f.links[i]);
    }
    if (status == ROWAN_OK) {
        status = relate_pairs(&f);
    }
    for (size_t i = 0; status == ROWAN_OK && i < hints->count; i++) {
        if (hints->items[i].kind == ROWAN__HINT_POLYMORPHIC) {
            status = relate_polymorphic(&f, &hints->items[i]);
        }
    }
    for (size_t i = 0; status == ROWAN_OK && i < hints->count; i++) {
        if (hints->items[i].kind == ROWAN__HINT_RELATION) {
            status = apply_hint(&f, &hints->items[i]);
        }
    }
    for (size_t t = 0; status == ROWAN_OK && t < model->table_count; t++) {
        status = name_relations(&f, &model->tables[t]);
    }
    return status;
}
