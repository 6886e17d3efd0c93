/*
 * The renderer's parts and what they share. A renderer writes one statement: text and parameters
 * side by side, so that parameters come in the order of their placeholders. The first failure
 * sticks: it is the scope's error, and whatever is written after it is dropped.
 */
#ifndef ROWAN_SQL_SQL_PRIVATE_H
#define ROWAN_SQL_SQL_PRIVATE_H

#include "base/text.h"
#include "sql/sql.h"

/** One thing that a query reads from, under the name by which its columns are written. */
typedef struct rowan__source {
    const char *name;
    const rowan_table *table; /* whose columns it has; NULL: those that `query` gives */
    const rowan_query *query; /* a derived table, or NULL */
    bool own_name;            /* the name is the table's own or the CTE's: no alias was given */
    bool maybe_absent;        /* at the far end of a left join: all its columns may be NULL */
    bool computed;            /* a CTE or derived table: columns may be NULL whatever is said */
} rowan__source;

/** The names that an expression may use: of its own query, then of those around it. */
typedef struct rowan__names {
    const struct rowan__names *outer;
    rowan__source *sources;
    size_t count;
    const rowan_query *query; /* whose names they are; NULL for writes */
} rowan__names;

/** The common table expressions in reach, newest first. */
typedef struct rowan__cte_names {
    const struct rowan__cte_names *outer;
    const char *name;
} rowan__cte_names;

enum { ROWAN__DEEPEST = 400 };

/** What stands for an expression that could not be copied: a query with it is refused. Without a
 * condition it would be about all rows, without a value about NULL. */
extern const rowan_expr rowan__not_copied;

struct rowan__notes;

typedef struct rowan__renderer {
    rowan_scope *scope;
    const rowan__dialect *dialect;
    rowan__text *text;
    size_t param_count;
    struct rowan__notes *notes; /* where parameters come from; NULL: nobody asks */
    const rowan__names *names;
    const rowan__names *closed_off; /* these and those around them are out of reach; or NULL */
    const rowan__cte_names *ctes;
    const rowan_table *inserted; /* whose columns ROWAN_EXCLUDED may name, or NULL */
    bool rows_are_compared;      /* by DISTINCT or a set operation that drops duplicates */
    unsigned depth;              /* of nested expressions and queries */
    rowan_status status;
} rowan__renderer;

/* --- render.c --- */

void rowan__render_begin(rowan__renderer *r, rowan_scope *scope);
/** What was rendered, in the scope's memory until the next time, or what failed. */
rowan_status rowan__render_end(rowan__renderer *r, rowan__rendered *out);
/** Sets the first failure. */
void rowan__render_fail(rowan__renderer *r, rowan_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** ROWAN_UNSUPPORTED, naming the feature and the engine. */
void rowan__render_unsupported(rowan__renderer *r, const char *feature);
/**
 * Goes one level deeper. @return false, with a failure, if that is too deep or something failed
 * before.
 */
bool rowan__render_enter(rowan__renderer *r);
void rowan__write(rowan__renderer *r, const char *text);
/** Writes a placeholder and adds its value. */
void rowan__write_param(rowan__renderer *r, const rowan_value *value);

/* --- outline.c --- */

enum { ROWAN__MOST_WORDS = 256, ROWAN__MOST_STEPS = 96 };

/** A tree without its values, and where they are. */
typedef struct rowan__outline {
    const rowan__dialect *dialect;
    const rowan_table *into; /* of the query that is walked */
    bool has_widths;         /* it matters into which type an integer fits */
    bool useless;            /* too large, or with something that no outline tells */
    size_t count;            /* of words */
    /* The words, and as far behind each that tells of a value the value's address. */
    uint64_t words[2 * ROWAN__MOST_WORDS];
} rowan__outline;

/** The value that a word tells of: a rowan_value, for a limit or an offset an int64_t. */
static inline const void *rowan__outline_value(const rowan__outline *o, size_t word)
{
    return (const void *)(uintptr_t)o->words[ROWAN__MOST_WORDS + word];
}

/** @param rows  how many are wanted, in place of the query's limit */
void rowan__outline_query(rowan__outline *o, const rowan__dialect *dialect,
                          const rowan_query *query, const int64_t *rows);
void rowan__outline_update(rowan__outline *o, const rowan__dialect *dialect,
                           const rowan_update *update);
void rowan__outline_delete(rowan__outline *o, const rowan__dialect *dialect,
                           const rowan_delete *remove);

/* --- recipe.c --- */

/** How parameters come from one value of an outline. */
typedef enum rowan__step_kind {
    ROWAN__STEP_AS_IS,
    ROWAN__STEP_BOUND,  /* rowan__bind_value() for the column */
    ROWAN__STEP_STORED, /* rowan__stored_value() for the column */
    ROWAN__STEP_REAL,   /* an integer that becomes a real */
    ROWAN__STEP_NUMBER, /* an int64_t */
    ROWAN__STEP_ITEMS,  /* a list: `count` parameters, the last item as often as it takes */
    ROWAN__STEP_ARRAY,  /* a list as one parameter */
    ROWAN__STEP_JSON    /* a list as one JSON text */
} rowan__step_kind;

typedef struct rowan__step {
    uint8_t kind;
    uint8_t type;               /* of what a list is compared with */
    uint16_t value;             /* of the outline: its word */
    uint32_t count;             /* parameters that it makes */
    const rowan_column *column; /* NULL if none tells what a value is */
} rowan__step;

/** The steps of one statement, in the order of its placeholders. */
typedef struct rowan__recipe {
    size_t param_count, step_count;
    rowan__step steps[ROWAN__MOST_STEPS]; /* only step_count of them are there */
} rowan__recipe;

/** What is noted while a statement is rendered. */
typedef struct rowan__notes {
    const rowan__outline *outline;
    bool useless;
    rowan__recipe recipe;
} rowan__notes;

/** Makes the parameters of a step, from a value of the tree, that takes more than a copy. */
rowan_status rowan__recipe_param(rowan_scope *scope, const rowan__step *step, const void *origin,
                                 rowan_value *out);

/** Notes where the parameters come from that are written next. @p origin: a value of the tree. */
void rowan__note(rowan__renderer *r, const void *origin, rowan__step step);
/** The statement depends on its values in a way that no outline tells. */
void rowan__note_nothing(rowan__renderer *r);

/* --- name.c --- */

/** The only way by which an identifier gets into a statement. */
void rowan__write_name(rowan__renderer *r, const char *name);
/** Adds a source; ROWAN_MISUSE if its name is taken. The array must have room. */
void rowan__names_add(rowan__renderer *r, rowan__names *names, rowan__source source);
/** The source of a column, or NULL with a failure that names the column. */
const rowan__source *rowan__names_find(rowan__renderer *r, const rowan_column *column,
                                       const char *alias);
/** In a derived table, puts names out of reach where the engine does. @return what to restore. */
const rowan__names *rowan__names_close(rowan__renderer *r, const rowan__names *around);
/** Writes a column with the name of its source before it. */
void rowan__write_column(rowan__renderer *r, const rowan_column *column, const char *alias);
/** Whether a column may be NULL where it stands. */
bool rowan__column_may_be_null(rowan__renderer *r, const rowan_column *column, const char *alias);
/** "table.column" for messages; @p column must not be NULL. Cut to @p size. */
const char *rowan__column_label(const rowan_column *column, char *out, size_t size);

/* --- type.c --- */

/** The type of an operand; 0 if only the engine knows. */
rowan_type rowan__operand_type(const rowan_operand *operand);
/** The column that an operand's values come from, for enums and messages; NULL if none. */
const rowan_column *rowan__operand_column(const rowan_operand *operand);
/** The family of a type in words: "integer", "text" …; "NULL" for 0. Static text. */
const char *rowan__type_name(rowan_type type);
/** Whether an operand is a bound value. */
static inline bool rowan__is_value(const rowan_operand *operand)
{
    return operand->column == NULL && operand->expr == NULL;
}
/** Fails with ROWAN_WRONG_TYPE if two operands that meet cannot be of one type. */
void rowan__check_pair(rowan__renderer *r, const rowan_operand *left, const rowan_operand *right);
/** Whether two types belong to one family, as the typed handles have it. */
bool rowan__same_family(rowan_type a, rowan_type b);

/* --- same.c --- */

/** Whether two operands mean the same thing and are written the same way. */
bool rowan__same_operand(const rowan_operand *a, const rowan_operand *b);
/**
 * The number, from 1, of the selected column by which an operand has to be grouped or sorted; or
 * 0.
 */
size_t rowan__selected_position(rowan__renderer *r, const rowan_query *query,
                                const rowan_operand *by);

/* --- value.c --- */

/** What a value stands in for, which decides if its type has to be spelled out. */
typedef enum rowan__place {
    ROWAN__PLACE_COMPARED, /* beside a column or an expression that has a type */
    ROWAN__PLACE_ALONE,    /* selected, or an argument: nothing there says the type */
    ROWAN__PLACE_WRITTEN,  /* into a column */
    ROWAN__PLACE_PLAIN     /* never with a cast */
} rowan__place;

/** Writes a value for what stands on the other side: @p beside, or NULL. */
void rowan__write_value(rowan__renderer *r, const rowan_value *value, const rowan_operand *beside,
                        rowan__place place);

/* --- list.c --- */

/** How many placeholders a list takes; one if it is bound as an array, one too many for JSON. */
size_t rowan__list_placeholders(const rowan__dialect *dialect, size_t count);
/**
 * The items of a list as they are bound: enums as labels, all of one family, none of them NULL; in
 * the scope's memory if they are not so already. @p type, @p column: of what they are compared
 * with.
 */
rowan_status rowan__bind_items(rowan_scope *scope, rowan_type type, const rowan_column *column,
                               const rowan_value *items, size_t count, const rowan_value **out);
/** Bound items as one JSON text in the scope's memory. */
rowan_status rowan__list_as_json(rowan_scope *scope, const rowan_value *items, size_t count,
                                 rowan_value *out);

/** `left IN (values)` or its opposite. */
void rowan__write_list(rowan__renderer *r, const rowan_expr *expr, bool negated);

/* --- function.c --- */

/** A call. @p window: what it is over, or NULL. */
void rowan__write_call(rowan__renderer *r, const rowan_expr *call, const rowan_expr *window);
/** A text with its ASCII letters in small, for comparisons that do not heed case. */
void rowan__write_lower(rowan__renderer *r, const rowan_operand *operand,
                        const rowan_operand *beside);

/* --- fragment.c --- */

/** A raw fragment: its `?` become the arguments. */
void rowan__write_fragment(rowan__renderer *r, const rowan_expr *expr);

/* --- expression.c --- */

void rowan__write_expr(rowan__renderer *r, const rowan_expr *expr);
/** A condition. @p among: others follow or precede with AND, so a looser one gets parentheses. */
void rowan__write_condition(rowan__renderer *r, const rowan_expr *expr, bool among);
/** An operand of anything. @p beside: what stands on its other side, or NULL. */
void rowan__write_operand(rowan__renderer *r, const rowan_operand *operand,
                          const rowan_operand *beside, rowan__place place);
/** An operand where it is compared, sorted or grouped: in a form that has an order. */
void rowan__write_ordered(rowan__renderer *r, const rowan_operand *operand,
                          const rowan_operand *beside);
/** Whether a condition is always true because nothing is in it. */
bool rowan__is_vacuous(const rowan_expr *expr);

/* --- select.c --- */

/** What a query is rendered as. */
typedef enum rowan__role {
    ROWAN__ROLE_ROWS,      /* the statement, a CTE or a derived table: all columns have names */
    ROWAN__ROLE_VALUES,    /* only the values count: IN, a scalar, an operand of a set, INSERT */
    ROWAN__ROLE_EXISTENCE, /* only whether there are rows */
    ROWAN__ROLE_RECURSIVE  /* a recursive CTE: its first rows decide on the types of all */
} rowan__role;

void rowan__write_query(rowan__renderer *r, const rowan_query *query, rowan__role role);
/** Whether a query gives a column of that name. */
bool rowan__has_output(const rowan_query *query, const char *name);

/* --- set.c --- */

/** Opens the parentheses that keep set operations going from left to right. */
void rowan__open_sets(rowan__renderer *r, const rowan_query *query);
/** Whether sets stand in parentheses among the set operations of a query, which may be NULL. */
bool rowan__sets_nest(const rowan__renderer *r, const rowan_query *query);
/** The set operations of a query, behind its own rows. */
void rowan__write_sets(rowan__renderer *r, const rowan_query *query);

/* --- order.c --- */

/** ` ORDER BY …`, if there is an order. */
void rowan__write_order_by(rowan__renderer *r, const rowan_query *query);
/** ` LIMIT … OFFSET …`. */
void rowan__write_page(rowan__renderer *r, const rowan_query *query);
/** The terms of an order. @p query: whose output names it may use, or NULL. */
void rowan__write_order_terms(rowan__renderer *r, const rowan_order *order,
                              const rowan_query *query);

/* --- keyset.c --- */

/** The condition that rows come after `query->after` in the order of the query. */
void rowan__write_after(rowan__renderer *r, const rowan_query *query);

/* --- insert_rows.c --- */

/** What comes back of an insert. */
typedef enum rowan__returned {
    ROWAN__RETURN_NOTHING = 0,
    ROWAN__RETURN_ROWS,
    ROWAN__RETURN_KEY /* of a table with one key column */
} rowan__returned;

/** Rows to be inserted. */
typedef struct rowan__insertion {
    const rowan_insert *insert;
    rowan__returned returns;
    rowan__structs rows; /* and the columns that are written */
    bool is_plain;       /* every cell is written as it is in its struct, and fits */
    char *copies;        /* of the rows, for their versions; or NULL */
} rowan__insertion;

/** Whether a column's values are written as they are, whatever they are, if they fit at all; texts
 * are measured by the driver. */
bool rowan__is_written_as_is(const rowan_column *column);

/**
 * Finds out which columns are written, and how.
 *
 * @param at   pointers to the rows, in place of `insert->rows`; or NULL
 * @param out  given back by rowan__insertion_end(), also after a failure
 */
rowan_status rowan__insertion_begin(rowan_scope *scope, const rowan_insert *insert,
                                    const void *const *at, rowan__insertion *out);
void rowan__insertion_end(rowan_scope *scope, rowan__insertion *in);
/** Whether a value of a generated column is none: the database is to make it. */
bool rowan__is_absent(const rowan_value *value);

/* --- insert.c --- */

/** The columns that an insert writes, in order. */
typedef struct rowan__row_columns {
    const rowan_column *const *at;
    size_t count;
} rowan__row_columns;

/**
 * Renders some rows of an insertion with their values; or, if they are to be taken from their
 * structs, without, for @p count of them at a time where that counts.
 */
rowan_status rowan__render_rows(rowan_scope *scope, const rowan__insertion *in, size_t first,
                                size_t count, bool as_structs, rowan__rendered *out);
/**
 * Renders the query that tells the columns of a copy, and behind its NUL the text that begins the
 * copy.
 */
rowan_status rowan__render_copy(rowan_scope *scope, const rowan__insertion *in,
                                rowan__rendered *out, size_t *query_size);

/* --- insert_known.c --- */

/** As rowan__render_rows(), by shape: what was rendered before is not rendered again. */
rowan_status rowan__compile_rows(rowan_scope *scope, const rowan__insertion *in, size_t first,
                                 size_t count, bool as_structs, rowan__rendered *out);

/* --- insert_again.c --- */

/**
 * Sends an insert of the usual kind by what is known of it since the last time.
 *
 * @param is_done  false: it is of no such kind, and nothing was sent
 */
rowan_status rowan__insert_again(rowan_scope *scope, rowan__intent intent,
                                 const rowan_insert *insert, const void *const *at,
                                 rowan__result *result, bool *is_done);

/* --- insert_run.c --- */

/** As rowan__run_insert_rows(), with a look at all that is inserted. */
rowan_status rowan__insert_anew(rowan_scope *scope, rowan__intent intent,
                                const rowan_insert *insert, const void *const *at,
                                rowan__result *result);

/** From so many rows on, drivers that cut arrays into packets are given all: to look through them
 * before would cost more than the transaction that they then need. */
enum { ROWAN__MANY_ROWS = 1000 };

/** Most bytes that the values of a row take in a statement; SIZE_MAX if nothing bounds them. */
size_t rowan__most_row_bytes(const rowan_column *const *columns, size_t count);

/**
 * Sends an insertion that was looked at.
 *
 * @param keys  receives the keys that the database makes, one for each row, of a table with one
 * integer as its key, which none of the rows writes; NULL: they are not asked for
 */
rowan_status rowan__insertion_run(rowan_scope *scope, rowan__intent intent, rowan__insertion *in,
                                  int64_t *keys, rowan__result *result);

/** Renders what would be sent for rows, of several statements the first. */
rowan_status rowan__insertion_render(rowan_scope *scope, const rowan__insertion *in,
                                     rowan__rendered *out);

/* --- conflict.c --- */

/** What an upsert does when the row is there; @p columns are those inserted. */
void rowan__write_conflict(rowan__renderer *r, const rowan_insert *insert,
                           const rowan__row_columns *columns);

/* --- write.c --- */

void rowan__write_update(rowan__renderer *r, const rowan_update *update);
void rowan__write_delete(rowan__renderer *r, const rowan_delete *remove);

/** The names of a statement that writes one table. @p source is the caller's. */
void rowan__names_of_target(rowan__renderer *r, const rowan_table *table, rowan__names *names,
                            rowan__source *source);
/** ` RETURNING` all columns of a table, if the engine can; @p capability is ROWAN__CAN_RETURN_…. */
void rowan__write_returning(rowan__renderer *r, const rowan_table *table, unsigned capability);
/** Fails unless a column that is written belongs to the table. */
void rowan__check_written(rowan__renderer *r, const rowan_table *table, const rowan_column *column);
/** The value of an assignment. */
void rowan__write_assigned(rowan__renderer *r, const rowan_assignment *assignment);
/** `a = …, b = …`, and the version raised if it is not among them. */
void rowan__write_assignments(rowan__renderer *r, const rowan_table *table,
                              const rowan_assignment *set);
/** `, version = version + 1` if the table has a version. */
void rowan__write_raised_version(rowan__renderer *r, const rowan_table *table);

/* --- run.c --- */

/** Sends a rendered write. @p shape: that its rows come back in, as a block; NULL: none do. */
rowan_status rowan__run_write(rowan_scope *scope, rowan__intent intent, const rowan_table *table,
                              const rowan_table *shape, const rowan__rendered *rendered,
                              rowan__result *result);

/** The same for rows that a driver takes from their structs. */
rowan_status rowan__run_structs(rowan_scope *scope, rowan__intent intent, const rowan_table *table,
                                const rowan_table *shape, const rowan__rendered *rendered,
                                const rowan__structs *structs, rowan__result *result);

/* --- returned.c --- */

/** Puts the rows that an insert of these returned into the order in which they were given. */
rowan_status rowan__match_returned(rowan_scope *scope, const rowan_insert *insert,
                                   const rowan__structs *given, void *returned, size_t count);

#endif
