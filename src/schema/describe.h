/*
 * From what introspection found and the hints to what the models say: names in C, types, flags,
 * relations. The same tables give the same description on every engine.
 */
#ifndef ROWAN_SCHEMA_DESCRIBE_H
#define ROWAN_SCHEMA_DESCRIBE_H

#include "driver/driver.h"
#include "schema/hints.h"
#include "schema/names.h"

/** An enum, of one column. */
typedef struct rowan__enum_model {
    const char *type;          /* in C: "book_format" */
    const char *const *labels; /* as the database has them */
    const char **enumerators;  /* in C: "BOOK_FORMAT_EBOOK" */
    size_t count;
} rowan__enum_model;

typedef struct rowan__column_model {
    const rowan__found_column *found;
    const char *member; /* of the struct */
    rowan_type type;
    unsigned flags;                 /* ROWAN_PRIMARY | … */
    rowan__enum_model *enumeration; /* NULL unless type is ENUM */
} rowan__column_model;

typedef struct rowan__relation_model {
    const char *name; /* of the relation, and of the functions behind the table's name and "_" */
    rowan_relation_kind kind;
    size_t to;                  /* table */
    const size_t *from_columns; /* column_count indexes into the columns of this table … */
    const size_t *to_columns;   /* … and of the other; with `through`, to_count of them */
    size_t column_count;
    size_t to_count;
    bool has_through;
    size_t through; /* table */
    const size_t *through_from;
    const size_t *through_to;
    bool has_type;      /* polymorphic */
    size_t type_column; /* of the other table */
    const char *type_value;
} rowan__relation_model;

typedef struct rowan__table_model {
    const rowan__found_table *found;
    const char *type;    /* of the struct, and before every other name: "book" */
    const char *handles; /* "BOOK" */
    const char *plural;
    rowan__column_model *columns;
    size_t column_count;
    size_t *primary; /* indexes of the key columns, in the key's order */
    size_t primary_count;
    bool has_version;
    size_t version;                   /* index of the column */
    rowan__relation_model *relations; /* by name, bytewise */
    size_t relation_count;
} rowan__table_model;

typedef struct rowan__model {
    rowan__table_model *tables; /* by the database's name, bytewise */
    size_t table_count;
    const char **notes; /* what the user should know: names that were changed, columns left out */
    size_t note_count;
    rowan__name_set taken; /* every name in C */
    rowan__arena *arena;   /* owns everything */
} rowan__model;

/**
 * Describes the tables. Those whose name begins with "rowan_" are Rowan's own and left out.
 *
 * @param hints         may be empty
 * @param skip_unknown  leave out a column of a type that Rowan does not have, with a note, instead
 * of ROWAN_UNSUPPORTED
 * @param error         ROWAN_SYNTAX for a hint about something that is not there
 */
rowan_status rowan__describe(rowan__model *model, rowan__arena *arena, const rowan__found *found,
                             const rowan__hints *hints, bool skip_unknown, rowan_error *error);

/** Adds a note, in the words of printf. @return false if memory ran out. */
bool rowan__model_note(rowan__model *model, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The index of the table of that name in the database, or table_count. */
size_t rowan__model_table(const rowan__model *model, const char *name);

/** The index of a column by its name in the database, or column_count. */
size_t rowan__model_column(const rowan__table_model *table, const char *name);

/** Finds the relations; called by rowan__describe() when the tables are complete. */
rowan_status rowan__describe_relations(rowan__model *model, const rowan__hints *hints,
                                       rowan_error *error);

#endif
