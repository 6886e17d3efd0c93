/*
 * Queries as values. A query, its conditions and its lists are constant compound literals: nothing
 * is allocated, nothing has to be freed, and copying a query and changing a member forks it.
 * Values are always bound, never written into the text.
 *
 * LIFETIME: a compound literal lives as long as the block it is written in. So a condition that
 * may be absent is written in place, `test ? ROWAN_EQ(…) : NULL`, and ROWAN_AND and ROWAN_OR skip
 * NULL; one that is returned from a function or kept goes through rowan_expr_dup(). To
 * assign one inside the braces of an `if` is an error that compilers do not see.
 *
 * Absent means: a condition that is NULL is no condition; a list that is NULL is empty, and its
 * count, if it has one, is 0.
 * <rowan/short.h> gives the macros below their short names (AND, EQ, ASC …).
 */
#ifndef ROWAN_QUERY_H
#define ROWAN_QUERY_H

#include <rowan/database.h>
#include <rowan/model.h>
#include <rowan/operand.h>
#include <rowan/value.h>

ROWAN_BEGIN_C

typedef struct rowan_query rowan_query;

/** What an expression node is. The comment says which members count. */
typedef enum rowan_expr_kind {
    ROWAN_EXPR_END = 0,   /* end of a list of expressions */
    ROWAN_EXPR_COMPARE,   /* left op right */
    ROWAN_EXPR_AND,       /* items, NULL ones skipped; true if none is left */
    ROWAN_EXPR_OR,        /* items, NULL ones skipped; false if none is left */
    ROWAN_EXPR_NOT,       /* items[0] */
    ROWAN_EXPR_IS_NULL,   /* left */
    ROWAN_EXPR_NOT_NULL,  /* left */
    ROWAN_EXPR_IN,        /* left, right.value a list */
    ROWAN_EXPR_IN_QUERY,  /* left, query of one column */
    ROWAN_EXPR_EXISTS,    /* query */
    ROWAN_EXPR_CALL,      /* function of arguments */
    ROWAN_EXPR_OVER,      /* items[0] (a call) over partition and order */
    ROWAN_EXPR_SUBQUERY,  /* query of one column and at most one row, as a value */
    ROWAN_EXPR_CASE,      /* items[0] ? left : right */
    ROWAN_EXPR_EXCLUDED,  /* left.column: in an upsert, the value that could not be inserted */
    ROWAN_EXPR_RAW        /* sql with ? placeholders, arguments */
} rowan_expr_kind;

/**
 * Comparisons. LIKE and its kin have `%` and `_` and `\` to escape; LIKE heeds case, ILIKE does
 * not (ASCII).
 */
typedef enum rowan_compare {
    ROWAN_COMPARE_EQ = 1,
    ROWAN_COMPARE_NE,
    ROWAN_COMPARE_LT,
    ROWAN_COMPARE_LE,
    ROWAN_COMPARE_GT,
    ROWAN_COMPARE_GE,
    ROWAN_COMPARE_LIKE,
    ROWAN_COMPARE_ILIKE,
    ROWAN_COMPARE_SAME /* equal, or both NULL */
} rowan_compare;

/** Functions, with one meaning on every engine. */
typedef enum rowan_function {
    ROWAN_FN_COUNT = 1,  /* rows, or with an argument those where it is not NULL: int64 */
    ROWAN_FN_COUNT_DISTINCT,
    ROWAN_FN_SUM,        /* integers: int64; reals: double; decimals: decimal (not on SQLite) */
    ROWAN_FN_AVG,        /* double */
    ROWAN_FN_MIN,
    ROWAN_FN_MAX,
    ROWAN_FN_COALESCE,
    ROWAN_FN_LOWER,      /* ASCII letters */
    ROWAN_FN_UPPER,
    ROWAN_FN_LENGTH,     /* of a text in characters, of a blob in bytes */
    ROWAN_FN_CONCAT,     /* NULL if an argument is NULL */
    ROWAN_FN_ABS,
    ROWAN_FN_ADD,
    ROWAN_FN_SUBTRACT,
    ROWAN_FN_MULTIPLY,
    ROWAN_FN_DIVIDE,     /* of integers: towards zero; by zero: NULL */
    ROWAN_FN_MODULO,     /* sign of the dividend; by zero: NULL */
    ROWAN_FN_ROW_NUMBER, /* this and the next four: only with ROWAN_OVER */
    ROWAN_FN_RANK,
    ROWAN_FN_DENSE_RANK,
    ROWAN_FN_LAG,
    ROWAN_FN_LEAD
} rowan_function;

/**
 * One term of an order. NULL sorts before everything, so it comes first ascending and last
 * descending.
 */
typedef struct rowan_order {
    rowan_operand by;
    bool descending;
    bool given; /* false ends the list */
} rowan_order;

/**
 * A node of an expression. Made by the macros below. What no kind has both of is in one place, so
 * that there is little to write: a member that does not count for the kind is not to be read.
 */
struct rowan_expr {
    rowan_expr_kind kind;
    rowan_compare compare;
    rowan_function function;
    union {
        rowan_operand left;
        size_t argument_count;
        size_t partition_count;
    };
    const rowan_order *order;
    union {
        const rowan_expr *const *items; /* ended by ROWAN_END */
        const rowan_query *query;
        const char *sql;
    };
    union {
        rowan_operand right;
        const rowan_operand *arguments; /* argument_count of them */
        const rowan_operand *partition; /* partition_count of them */
    };
};

/** One selected thing; `as` is its name in the result (NULL: the column's). */
typedef struct rowan_selected {
    rowan_operand what;
    const char *as;
    const rowan_table *all; /* every column of this table, under `what.alias` if set */
    bool given;             /* false ends the list */
} rowan_selected;

typedef enum rowan_join_kind {
    ROWAN_JOIN_END = 0, /* end of a list of joins */
    ROWAN_JOIN_INNER,
    ROWAN_JOIN_LEFT,
    ROWAN_JOIN_CROSS
} rowan_join_kind;

/** One join: of a table, of a CTE by name with a table for its columns, or of a query. */
typedef struct rowan_join {
    rowan_join_kind kind;
    const rowan_table *table;
    const char *cte;
    const rowan_query *query;
    const char *as;
    const rowan_expr *on;
} rowan_join;

/**
 * One common table expression. A recursive one refers to itself by `from_cte` or a join's `cte`.
 */
typedef struct rowan_cte {
    const char *name; /* NULL ends the list */
    const rowan_query *query;
    bool recursive;
} rowan_cte;

typedef enum rowan_set_kind {
    ROWAN_SET_END = 0,
    ROWAN_SET_UNION,
    ROWAN_SET_UNION_ALL,
    ROWAN_SET_INTERSECT,
    ROWAN_SET_EXCEPT
} rowan_set_kind;

/** One set operation with a further query, applied in order from left to right. */
typedef struct rowan_set {
    rowan_set_kind kind;
    const rowan_query *query;
} rowan_set;

/** How a relation is loaded for many rows. */
typedef enum rowan_fetch_way {
    ROWAN_FETCH_AUTO = 0, /* to-one and to-many by batch */
    ROWAN_FETCH_BATCH,    /* one statement for each chunk of keys */
    ROWAN_FETCH_JOIN      /* to-one only: in the query's own statement; loaded rows: by batch */
} rowan_fetch_way;

/**
 * One relation to load with the rows of a query: an element of a fetch plan. The same plan serves
 * the query builder, Active Record and Data Mapper.
 *
 * A plan is loaded level by level: first its own relations, then all that follow from their rows,
 * and so on. Statements: one for each relation and chunk of keys, in this order; none for a
 * relation without keys. Round trips: PostgreSQL one for each level, or 64 statements of it;
 * MariaDB one for each statement; and one for each statement that is prepared for it.
 */
typedef struct rowan_fetch {
    const rowan_relation *relation; /* NULL ends the plan */
    const struct rowan_fetch *then; /* relations of the rows it loads */
    const rowan_expr *where;        /* which of them */
    const rowan_order *order_by;    /* default: by primary key */
    int64_t limit;                  /* most rows for each parent; 0: all */
    rowan_fetch_way way;
} rowan_fetch;

/**
 * A query. Only `from` (or `from_query`) is needed; without any source it selects values alone.
 * Zero limit means none.
 *
 * A column without an alias belongs to the table under its own name; a table that is read under an
 * alias is meant by ROWAN_OF(alias, column) only. In `order_by`, columns of `into` are those of
 * the result, and set operations are ordered by the columns that they select. Rows of `into` are
 * filled by the names of what is selected, so an expression needs a name, by ROWAN_AS.
 *
 * What differs between engines has one meaning here: NULL sorts before everything, texts compare
 * by their bytes, integers divide towards zero, and by zero to NULL, sets apply from left to
 * right.
 */
struct rowan_query {
    const rowan_cte *with;
    const rowan_selected *select;  /* NULL: every column of `from` */
    bool distinct;
    const rowan_table *from;
    const char *from_cte;          /* read from this CTE; `from` then says its columns */
    const rowan_query *from_query; /* read from this query, named `as` */
    const char *as;                /* alias of the source; NULL: the table's name */
    const rowan_join *joins;
    const rowan_expr *where;
    const rowan_operand *group_by; /* group_count of them */
    size_t group_count;
    const rowan_expr *having;
    const rowan_set *sets;
    const rowan_order *order_by;
    rowan_params after;            /* keyset paging: rows after this one; a value for each term */
    int64_t limit;
    int64_t offset;
    const rowan_table *into;       /* struct of the result's rows; NULL: that of `from` */
    const rowan_fetch *fetch;      /* relations to load with the rows */
    rowan_lazy lazy;               /* policy for the rows; default: the database's */
};

/** One column and what it is set to. */
typedef struct rowan_assignment {
    const rowan_column *column; /* NULL ends the list */
    rowan_operand value;
} rowan_assignment;

/** What an insert does when a row is there already. */
typedef enum rowan_conflict_action {
    ROWAN_CONFLICT_FAIL = 0, /* ROWAN_UNIQUE */
    ROWAN_CONFLICT_NOTHING,  /* the row is left out */
    ROWAN_CONFLICT_UPDATE    /* `set` is applied to the row that is there */
} rowan_conflict_action;

/**
 * An insert: of structs, of one row by assignments, or of a query's rows.
 *
 * A generated column that is 0 or absent in a struct gets its value from the database; a version
 * that is 0 is written as 1. A value that its column cannot hold whole is ROWAN_OUT_OF_RANGE, and
 * nothing is written.
 *
 * An upsert is decided by the key in `target`; MariaDB decides by any unique key of the table, so
 * give one row no more than one way to conflict. With ROWAN_CONFLICT_NOTHING, MariaDB counts the
 * rows left out among those affected, and cannot return only the others: `returning` is
 * ROWAN_UNSUPPORTED there. With ROWAN_CONFLICT_UPDATE, PostgreSQL takes a key once in a statement
 * and refuses rows that have it twice; elsewhere the later one counts.
 */
typedef struct rowan_insert {
    const rowan_table *into;
    const void *rows;                   /* row_count structs of the table … */
    size_t row_count;
    const rowan_assignment *values;     /* … or one row … */
    const rowan_query *query;           /* … or these rows, for `columns` in order */
    const rowan_column *const *columns; /* column_count; NULL with `rows`: all not generated */
    size_t column_count;
    rowan_conflict_action on_conflict;
    const rowan_column *const *target;  /* target_count columns of a key; NULL: the primary key */
    size_t target_count;
    const rowan_assignment *set;        /* for ROWAN_CONFLICT_UPDATE; may use ROWAN_EXCLUDED; NULL:
                                           every inserted column that is not of the key */
    bool returning;                     /* give the rows as the database has them */
} rowan_insert;

/**
 * An update. Without `where` it is ROWAN_MISUSE unless `all_rows`; a `where` of absent conditions
 * is none. Assignments see the row as it was before. A version that is not among them is raised by
 * one.
 */
typedef struct rowan_update {
    const rowan_table *table;
    const rowan_assignment *set;
    const rowan_expr *where;
    bool all_rows;
    bool returning; /* ROWAN_UNSUPPORTED on MariaDB */
} rowan_update;

/** A delete. Without `where` it is ROWAN_MISUSE unless `all_rows`. */
typedef struct rowan_delete {
    const rowan_table *from;
    const rowan_expr *where;
    bool all_rows;
    bool returning;
} rowan_delete;

/** Ends a list of expressions. */
ROWAN_API extern const rowan_expr rowan_end;

/**
 * A copy of an expression, with everything in it, in the scope's memory.
 *
 * @return the copy; NULL if @p expr is NULL. If memory ran out, or it is nested more than 400 deep,
 *         what every query refuses with ROWAN_NOMEM, for a condition that is NULL is none.
 * Threads: as @p scope. Statements: none.
 */
ROWAN_API const rowan_expr *rowan_expr_dup(rowan_scope *scope, const rowan_expr *expr);

/** The same for a whole query. @return NULL if @p query is NULL, or could not be copied. */
ROWAN_API const rowan_query *rowan_query_dup(rowan_scope *scope, const rowan_query *query);

#ifndef __cplusplus

/*
 * A node. It lives as long as the block that it is written in. The usual ones, and elements of
 * lists that are usual, have all their members: what has not compilers zero as a whole before they
 * write it, by an instruction that is slow to begin.
 */
#define ROWAN_EXPR(...) ((const rowan_expr *)&(const rowan_expr){__VA_ARGS__})
#define ROWAN_NODE(of, op, l, list, r) \
    ROWAN_EXPR(.kind = (of), .compare = (op), .function = (rowan_function)0, .left = l, \
               .order = NULL, .items = list, .right = r)
#define ROWAN_NODE_OF_ITEMS(of, list) \
    ROWAN_NODE(of, (rowan_compare)0, rowan_o_none(), list, rowan_o_none())
#define ROWAN_NODE_OF_ONE(of, l) ROWAN_NODE(of, (rowan_compare)0, l, NULL, rowan_o_none())
#define ROWAN_END (&rowan_end)

/*
 * Comparisons of a column or expression with a value, a column or an expression of the same
 * family. With NULL on either side all are neither true nor false, except ROWAN_SAME, which takes
 * two NULLs for equal.
 */
#define ROWAN_COMPARE(op, l, r) \
    ROWAN_NODE(ROWAN_EXPR_COMPARE, op, ROWAN_HANDLE(l), NULL, ROWAN_TYPED(l, r))
#define ROWAN_EQ(l, r) ROWAN_COMPARE(ROWAN_COMPARE_EQ, l, r)
#define ROWAN_NE(l, r) ROWAN_COMPARE(ROWAN_COMPARE_NE, l, r)
#define ROWAN_LT(l, r) ROWAN_COMPARE(ROWAN_COMPARE_LT, l, r)
#define ROWAN_LE(l, r) ROWAN_COMPARE(ROWAN_COMPARE_LE, l, r)
#define ROWAN_GT(l, r) ROWAN_COMPARE(ROWAN_COMPARE_GT, l, r)
#define ROWAN_GE(l, r) ROWAN_COMPARE(ROWAN_COMPARE_GE, l, r)
#define ROWAN_SAME(l, r) ROWAN_COMPARE(ROWAN_COMPARE_SAME, l, r)
#define ROWAN_LIKE(l, r) ROWAN_COMPARE(ROWAN_COMPARE_LIKE, l, r)
#define ROWAN_ILIKE(l, r) ROWAN_COMPARE(ROWAN_COMPARE_ILIKE, l, r)

/*
 * Logic. NULL members are skipped: an AND without any is true, an OR false, a NOT of NULL is no
 * condition.
 */
#define ROWAN_ITEMS(...) ((const rowan_expr *const[]){__VA_ARGS__, ROWAN_END})
#define ROWAN_AND(...) ROWAN_NODE_OF_ITEMS(ROWAN_EXPR_AND, ROWAN_ITEMS(__VA_ARGS__))
#define ROWAN_OR(...) ROWAN_NODE_OF_ITEMS(ROWAN_EXPR_OR, ROWAN_ITEMS(__VA_ARGS__))
#define ROWAN_NOT(e) ROWAN_NODE_OF_ITEMS(ROWAN_EXPR_NOT, ROWAN_ITEMS(e))
#define ROWAN_IS_NULL(l) ROWAN_NODE_OF_ONE(ROWAN_EXPR_IS_NULL, ROWAN_HANDLE(l))
#define ROWAN_IS_NOT_NULL(l) ROWAN_NODE_OF_ONE(ROWAN_EXPR_NOT_NULL, ROWAN_HANDLE(l))

/*
 * Membership: of 1 to 16 values (ROWAN_IN(BOOK.id, 1, 2)), of a counted array of rowan_value
 * however long, of a query's rows of one column; and whether a query has any row. Their opposite
 * is ROWAN_NOT(…).
 */
#define ROWAN_IN(l, ...) \
    ROWAN_IN_VALUES(l, ((const rowan_value[]){ROWAN_EACH(ROWAN_EACH_VALUE, l, __VA_ARGS__)}), \
                    ROWAN_COUNT_OF(__VA_ARGS__))
#define ROWAN_IN_VALUES(l, values, value_count) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_IN, .left = ROWAN_HANDLE(l), \
               .right = {.value = rowan_v_list((values), (value_count))})
#define ROWAN_IN_QUERY(l, q) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_IN_QUERY, .left = ROWAN_HANDLE(l), .query = (q))
#define ROWAN_EXISTS(q) ROWAN_EXPR(.kind = ROWAN_EXPR_EXISTS, .query = (q))

/* Functions; rowan_function says what each means. ROWAN_CALL takes 1 to 16 arguments. */
#define ROWAN_CALL(fn, ...) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_CALL, .function = (fn), \
               .arguments = ROWAN_OPERANDS(__VA_ARGS__), \
               .argument_count = ROWAN_COUNT_OF(__VA_ARGS__))
#define ROWAN_CALL_0(fn) ROWAN_EXPR(.kind = ROWAN_EXPR_CALL, .function = (fn))
#define ROWAN_COUNT_ALL ROWAN_CALL_0(ROWAN_FN_COUNT)
#define ROWAN_COUNT(x) ROWAN_CALL(ROWAN_FN_COUNT, x)
#define ROWAN_COUNT_DISTINCT(x) ROWAN_CALL(ROWAN_FN_COUNT_DISTINCT, x)
#define ROWAN_SUM(x) ROWAN_CALL(ROWAN_FN_SUM, x)
#define ROWAN_AVG(x) ROWAN_CALL(ROWAN_FN_AVG, x)
#define ROWAN_MIN(x) ROWAN_CALL(ROWAN_FN_MIN, x)
#define ROWAN_MAX(x) ROWAN_CALL(ROWAN_FN_MAX, x)
#define ROWAN_COALESCE(...) ROWAN_CALL(ROWAN_FN_COALESCE, __VA_ARGS__)
#define ROWAN_LOWER(x) ROWAN_CALL(ROWAN_FN_LOWER, x)
#define ROWAN_UPPER(x) ROWAN_CALL(ROWAN_FN_UPPER, x)
#define ROWAN_LENGTH(x) ROWAN_CALL(ROWAN_FN_LENGTH, x)
#define ROWAN_CONCAT(...) ROWAN_CALL(ROWAN_FN_CONCAT, __VA_ARGS__)
#define ROWAN_ABS(x) ROWAN_CALL(ROWAN_FN_ABS, x)
#define ROWAN_ADD(...) ROWAN_CALL(ROWAN_FN_ADD, __VA_ARGS__)
#define ROWAN_SUBTRACT(x, y) ROWAN_CALL(ROWAN_FN_SUBTRACT, x, y)
#define ROWAN_MULTIPLY(...) ROWAN_CALL(ROWAN_FN_MULTIPLY, __VA_ARGS__)
#define ROWAN_DIVIDE(x, y) ROWAN_CALL(ROWAN_FN_DIVIDE, x, y)
#define ROWAN_MODULO(x, y) ROWAN_CALL(ROWAN_FN_MODULO, x, y)
#define ROWAN_ROW_NUMBER ROWAN_CALL_0(ROWAN_FN_ROW_NUMBER)
#define ROWAN_RANK ROWAN_CALL_0(ROWAN_FN_RANK)
#define ROWAN_DENSE_RANK ROWAN_CALL_0(ROWAN_FN_DENSE_RANK)
#define ROWAN_LAG(x) ROWAN_CALL(ROWAN_FN_LAG, x)
#define ROWAN_LEAD(x) ROWAN_CALL(ROWAN_FN_LEAD, x)

/**
 * A function over a window: ROWAN_OVER(ROWAN_ROW_NUMBER, ROWAN_PARTITION(BOOK.publisher_id),
 * ROWAN_ORDER(ROWAN_ASC(BOOK.title))). ROWAN_NO_PARTITION and NULL leave out what is not wanted.
 * (The partition sets two members; the order initialises the one behind them.)
 */
#define ROWAN_OVER(call, ...) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_OVER, .items = ROWAN_ITEMS(call), __VA_ARGS__)
#define ROWAN_PARTITION(...) \
    .partition = ROWAN_OPERANDS(__VA_ARGS__), .partition_count = ROWAN_COUNT_OF(__VA_ARGS__)
#define ROWAN_NO_PARTITION .partition_count = 0

/** A query of one column and at most one row, as a value. */
#define ROWAN_SUBQUERY(q) ROWAN_EXPR(.kind = ROWAN_EXPR_SUBQUERY, .query = (q))

/** `then` where the condition is true, else `otherwise`; both of one type. */
#define ROWAN_CASE(test, then, otherwise) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_CASE, .items = ROWAN_ITEMS(test), .left = ROWAN_OPERAND(then), \
               .right = ROWAN_OPERAND(otherwise))

/** In the `set` of an upsert: the value that could not be inserted. */
#define ROWAN_EXCLUDED(h) ROWAN_EXPR(.kind = ROWAN_EXPR_EXCLUDED, .left = ROWAN_HANDLE(h))

/**
 * A raw fragment: SQL of your own, put in parentheses. Each `?` is the next of its 1 to 16
 * operands: ROWAN_RAW("? % ? = 0", BOOK.price_cents, 100). `??` is a question mark. ROWAN_RAW_0
 * has no operands.
 */
#define ROWAN_RAW(text, ...) \
    ROWAN_EXPR(.kind = ROWAN_EXPR_RAW, .sql = (text), .arguments = ROWAN_OPERANDS(__VA_ARGS__), \
               .argument_count = ROWAN_COUNT_OF(__VA_ARGS__))
#define ROWAN_RAW_0(text) ROWAN_EXPR(.kind = ROWAN_EXPR_RAW, .sql = (text))

/* Lists of a query; each is ended by an element of zeros that its macro adds. */

/* No operand, all of it, as a constant. */
#define ROWAN_NONE {NULL, NULL, NULL, {(rowan_type)0, false, NULL, {.bytes = {NULL, 0}}}}

/** Terms of an order: ROWAN_ORDER(ROWAN_ASC(BOOK.title), ROWAN_DESC(BOOK.id)). */
#define ROWAN_ORDER(...) \
    ((const rowan_order[]){__VA_ARGS__, {.by = ROWAN_NONE, .descending = false, .given = false}})
#define ROWAN_ASC(x) {.by = ROWAN_OPERAND(x), .descending = false, .given = true}
#define ROWAN_DESC(x) {.by = ROWAN_OPERAND(x), .descending = true, .given = true}

/**
 * What is selected: a column under its name, anything under a given name, all columns of a table.
 */
#define ROWAN_SELECT(...) \
    ((const rowan_selected[]){__VA_ARGS__, \
                              {.what = ROWAN_NONE, .as = NULL, .all = NULL, .given = false}})
#define ROWAN_COL(x) ROWAN_AS(x, NULL)
#define ROWAN_AS(x, name) \
    {.what = ROWAN_OPERAND(x), .as = (name), .all = NULL, .given = true}
#define ROWAN_ALL(table) {.what = ROWAN_NONE, .as = NULL, .all = (table), .given = true}
#define ROWAN_ALL_OF(table, under) {.what = {.alias = (under)}, .all = (table), .given = true}

/** Joins: of a table, under an alias, of a CTE with a table for its columns, of a query. */
#define ROWAN_JOINS(...) \
    ((const rowan_join[]){__VA_ARGS__, \
                          ROWAN_JOIN_OF(ROWAN_JOIN_END, NULL, NULL, NULL, NULL, NULL)})
#define ROWAN_JOIN_OF(way, to, name, q, alias, condition) \
    {.kind = (way), .table = (to), .cte = (name), .query = (q), .as = (alias), .on = (condition)}
#define ROWAN_JOIN(to, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_INNER, to, NULL, NULL, NULL, condition)
#define ROWAN_LEFT_JOIN(to, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_LEFT, to, NULL, NULL, NULL, condition)
#define ROWAN_CROSS_JOIN(to) ROWAN_JOIN_OF(ROWAN_JOIN_CROSS, to, NULL, NULL, NULL, NULL)
#define ROWAN_JOIN_AS(to, alias, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_INNER, to, NULL, NULL, alias, condition)
#define ROWAN_LEFT_JOIN_AS(to, alias, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_LEFT, to, NULL, NULL, alias, condition)
#define ROWAN_CROSS_JOIN_AS(to, alias) \
    ROWAN_JOIN_OF(ROWAN_JOIN_CROSS, to, NULL, NULL, alias, NULL)
#define ROWAN_JOIN_CTE(name, to, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_INNER, to, name, NULL, NULL, condition)
#define ROWAN_LEFT_JOIN_CTE(name, to, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_LEFT, to, name, NULL, NULL, condition)
#define ROWAN_JOIN_QUERY(q, alias, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_INNER, NULL, NULL, q, alias, condition)
#define ROWAN_LEFT_JOIN_QUERY(q, alias, condition) \
    ROWAN_JOIN_OF(ROWAN_JOIN_LEFT, NULL, NULL, q, alias, condition)

/** Common table expressions. */
#define ROWAN_WITH(...) ((const rowan_cte[]){__VA_ARGS__, {.name = NULL}})
#define ROWAN_CTE(cte_name, q) {.name = (cte_name), .query = (q)}
#define ROWAN_RECURSIVE(cte_name, q) {.name = (cte_name), .query = (q), .recursive = true}

/** Set operations with further queries. */
#define ROWAN_SETS(...) ((const rowan_set[]){__VA_ARGS__, {.kind = ROWAN_SET_END}})
#define ROWAN_UNION(q) {.kind = ROWAN_SET_UNION, .query = (q)}
#define ROWAN_UNION_ALL(q) {.kind = ROWAN_SET_UNION_ALL, .query = (q)}
#define ROWAN_INTERSECT(q) {.kind = ROWAN_SET_INTERSECT, .query = (q)}
#define ROWAN_EXCEPT(q) {.kind = ROWAN_SET_EXCEPT, .query = (q)}

/**
 * A fetch plan; an element with more than the relation is written out: {.relation = …, .then = …}.
 */
#define ROWAN_FETCH(...) ((const rowan_fetch[]){__VA_ARGS__, {.relation = NULL}})
#define ROWAN_RELATED(r) {.relation = (r)}

/**
 * Two members of a query at once: `ROWAN_GROUP_BY(BOOK.id, BOOK.title)` sets group_by and
 * group_count.
 */
#define ROWAN_GROUP_BY(...) \
    .group_by = ROWAN_OPERANDS(__VA_ARGS__), .group_count = ROWAN_COUNT_OF(__VA_ARGS__)

/** Assignments; the value is a value, a column or an expression of the column's family. */
#define ROWAN_SET(...) ((const rowan_assignment[]){__VA_ARGS__, {.column = NULL}})
#define ROWAN_TO(h, v) {.column = (h).column, .value = ROWAN_TYPED(h, v)}

#endif

ROWAN_END_C

#endif
