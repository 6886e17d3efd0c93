/*
 * Models: constant tables that describe how a plain struct and a database table correspond.
 * `rowan model` writes them from a live database; a person can write the same by hand.
 * Immutable: share them freely between threads. Statements are remembered by the addresses of
 * tables and relations: these stay where and what they are as long as a database is open that saw
 * them.
 */
#ifndef ROWAN_MODEL_H
#define ROWAN_MODEL_H

#include <rowan/types.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

typedef struct rowan_table rowan_table;
typedef struct rowan_column rowan_column;
typedef struct rowan_relation rowan_relation;

/** The labels of an enum column: the C enumerator is the index into them. */
typedef struct rowan_enum {
    const char *name;
    const char *const *labels;
    size_t count;
} rowan_enum;

/** Properties of a column, combined with `|`. */
enum {
    ROWAN_PRIMARY = 1u << 0,   /* part of the primary key */
    ROWAN_GENERATED = 1u << 1, /* the database makes the value, by a sequence or a DEFAULT, when a
                                  row is inserted without one (0, NULL, no characters) */
    ROWAN_NULLABLE = 1u << 2,  /* the member is an optional type */
    ROWAN_UNIQUE_KEY = 1u << 3, /* unique by itself */
    ROWAN_VERSION = 1u << 4    /* integer that every update raises by one; an update of an older
                                  version is ROWAN_STALE */
};

/**
 * One column. `offset` is that of the member; for a nullable one, `has` is there and the value
 * at `value_offset`.
 */
struct rowan_column {
    const rowan_table *table;      /* that the column belongs to */
    const char *name;              /* as the database spells it */
    rowan_type type;
    unsigned flags;                /* ROWAN_PRIMARY | … */
    size_t offset;                 /* of the member in the struct, in bytes */
    size_t value_offset;           /* of the value: equal to `offset` if not nullable */
    const rowan_enum *enumeration; /* labels of an enum column, else NULL */
    uint32_t length;               /* most characters of a text, or digits of a decimal; 0: no
                                      limit */
    uint32_t scale;                /* digits after the point of a decimal */
};

/** How rows of two tables belong together, as seen from `from`. */
typedef enum rowan_relation_kind {
    ROWAN_BELONGS_TO = 1, /* from's columns refer to to's key: at most one */
    ROWAN_HAS_ONE,        /* to's columns refer to from's key, and are unique: at most one */
    ROWAN_HAS_MANY,       /* to's columns refer to from's key */
    ROWAN_MANY_TO_MANY    /* by way of a table with one row a pair */
} rowan_relation_kind;

/** One relation. `from_columns[i]` equals `to_columns[i]`; with `through`, see the members. */
struct rowan_relation {
    const char *name; /* "publisher", "reviews": unique among the relations of `from` */
    rowan_relation_kind kind;
    const rowan_table *from;
    const rowan_table *to;
    size_t column_count; /* columns of the key: 1, or more for composite keys */
    const rowan_column *const *from_columns;
    const rowan_column *const *to_columns;
    const rowan_table *through;                 /* MANY_TO_MANY: the table between, else NULL */
    const rowan_column *const *through_from;    /* its columns that equal from_columns */
    const rowan_column *const *through_to;      /* its columns that equal to_columns */
    size_t through_to_count;                    /* columns in through_to and to_columns; 0
                                                   without `through` */
    const rowan_column *type_column;            /* polymorphic: a text column of `to` (or of
                                                   `through`) … */
    const char *type_value;                     /* … that has this value; NULL if not polymorphic */
    size_t index;                               /* position in the relations of `from` */
};

/**
 * One table, or the shape of a result that is no table (then `name` is NULL and it cannot be
 * written).
 */
struct rowan_table {
    const char *name;
    const rowan_column *columns; /* in the order of the database */
    size_t column_count;         /* at most 256 */
    const rowan_column *const *primary; /* the key columns in order; NULL and 0 if there is no
                                           key */
    size_t primary_count;
    const rowan_column *version; /* the optimistic-lock column, or NULL */
    const rowan_relation *const *relations;
    size_t relation_count;
    size_t row_size;  /* sizeof the struct */
    size_t row_align; /* alignof the struct */
};

/**
 * The column of that name, or NULL. Comparison is exact.
 *
 * Threads: any. Statements: none.
 */
ROWAN_API const rowan_column *rowan_table_column(const rowan_table *table, const char *name);

/** The relation of that name, or NULL. Threads: any. Statements: none. */
ROWAN_API const rowan_relation *rowan_table_relation(const rowan_table *table, const char *name);

/**
 * Reads one member of a row as a value. Text and bytes are borrowed from the row.
 *
 * Threads: any. Statements: none.
 */
ROWAN_API rowan_value rowan_column_value(const rowan_column *column, const void *row);

/*
 * Typed column handles: one struct type for each family of C types, so that a comparison with a
 * value of another family does not compile. A generated `BOOK` is a struct of them. All have the
 * same form; `alias` is NULL for the table itself, else the name that the query gives it.
 */
#define ROWAN_COLUMN_HANDLE(family) \
    typedef struct rowan_##family##_column { \
        const rowan_column *column; \
        const char *alias; \
    } rowan_##family##_column
ROWAN_COLUMN_HANDLE(bool); /* bool */
ROWAN_COLUMN_HANDLE(int); /* int16, int32, int64 */
ROWAN_COLUMN_HANDLE(real); /* float, double */
ROWAN_COLUMN_HANDLE(decimal);
ROWAN_COLUMN_HANDLE(text);
ROWAN_COLUMN_HANDLE(blob);
ROWAN_COLUMN_HANDLE(date);
ROWAN_COLUMN_HANDLE(time);
ROWAN_COLUMN_HANDLE(timestamp);
ROWAN_COLUMN_HANDLE(uuid);
ROWAN_COLUMN_HANDLE(json);
ROWAN_COLUMN_HANDLE(enum);
#undef ROWAN_COLUMN_HANDLE

#ifndef __cplusplus

/* The rowan_type of a struct member, from the member itself. A C enum has no branch: its column is
 * written out, with ROWAN_TYPE_ENUM and its labels, or is read as a text. */
#define ROWAN_TYPE_OF(x) \
    _Generic((x), \
        bool: ROWAN_TYPE_BOOL, rowan_opt_bool: ROWAN_TYPE_BOOL, \
        int16_t: ROWAN_TYPE_INT16, rowan_opt_i16: ROWAN_TYPE_INT16, \
        int32_t: ROWAN_TYPE_INT32, rowan_opt_i32: ROWAN_TYPE_INT32, \
        int64_t: ROWAN_TYPE_INT64, rowan_opt_i64: ROWAN_TYPE_INT64, \
        float: ROWAN_TYPE_FLOAT, rowan_opt_float: ROWAN_TYPE_FLOAT, \
        double: ROWAN_TYPE_DOUBLE, rowan_opt_double: ROWAN_TYPE_DOUBLE, \
        rowan_decimal: ROWAN_TYPE_DECIMAL, rowan_opt_decimal: ROWAN_TYPE_DECIMAL, \
        const char *: ROWAN_TYPE_TEXT, rowan_opt_text: ROWAN_TYPE_TEXT, \
        rowan_blob: ROWAN_TYPE_BLOB, rowan_opt_blob: ROWAN_TYPE_BLOB, \
        rowan_date: ROWAN_TYPE_DATE, rowan_opt_date: ROWAN_TYPE_DATE, \
        rowan_time: ROWAN_TYPE_TIME, rowan_opt_time: ROWAN_TYPE_TIME, \
        rowan_timestamp: ROWAN_TYPE_TIMESTAMP, rowan_opt_timestamp: ROWAN_TYPE_TIMESTAMP, \
        rowan_uuid: ROWAN_TYPE_UUID, rowan_opt_uuid: ROWAN_TYPE_UUID, \
        rowan_json: ROWAN_TYPE_JSON, rowan_opt_json: ROWAN_TYPE_JSON)

/**
 * A column whose member has the column's name. Its type comes from the member.
 *
 * @param row_table  the rowan_table it belongs to, declared before
 * @param type       the struct
 * @param member     of that struct; also the column's name
 * @param column_flags  ROWAN_PRIMARY | …, without ROWAN_NULLABLE
 */
#define ROWAN_COLUMN(row_table, type, member, column_flags) \
    { \
        &(row_table), #member, ROWAN_TYPE_OF(((type *)0)->member), (column_flags), \
            offsetof(type, member), offsetof(type, member), NULL, 0, 0 \
    }

/** The same for a nullable column, whose member has an optional type. */
#define ROWAN_OPT_COLUMN(row_table, type, member, column_flags) \
    { \
        &(row_table), #member, ROWAN_TYPE_OF(((type *)0)->member), \
            (column_flags) | ROWAN_NULLABLE, offsetof(type, member), \
            offsetof(type, member.value), NULL, 0, 0 \
    }

/**
 * The shape of a result that is no table: its struct and its columns, which a query or raw SQL
 * fills by name.
 */
#define ROWAN_SHAPE(type, shape_columns) \
    { \
        NULL, (shape_columns), sizeof(shape_columns) / sizeof((shape_columns)[0]), NULL, 0, NULL, \
            NULL, 0, sizeof(type), _Alignof(type) \
    }

#endif

ROWAN_END_C

#endif
