/*
 * Queries as golden SQL for each dialect, and their rows: the text is what the file of the engine
 * says, and the rows are the same on every engine. ROWAN_GOLDEN=write writes the files instead of
 * comparing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/archive.h"
#include "support/golden.h"
#include "support/suite.h"

/* A result of any kind: queries name what they select after its members. */
typedef struct answer {
    rowan_opt_i64 a, b;
    rowan_opt_text s, t;
    rowan_opt_double d;
    rowan_opt_bool f;
} answer;

extern const rowan_table answer_table;
static const rowan_column answer_columns[] = {
    ROWAN_OPT_COLUMN(answer_table, answer, a, 0), ROWAN_OPT_COLUMN(answer_table, answer, b, 0),
    ROWAN_OPT_COLUMN(answer_table, answer, s, 0), ROWAN_OPT_COLUMN(answer_table, answer, t, 0),
    ROWAN_OPT_COLUMN(answer_table, answer, d, 0), ROWAN_OPT_COLUMN(answer_table, answer, f, 0),
};
const rowan_table answer_table = ROWAN_SHAPE(answer, answer_columns);
static const rowan_int_column OUT_A = {&answer_columns[0], NULL};

/* --- Conditions. --- */

static void conditions(golden *g)
{
    golden_query(
        g, "every comparison",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id)),
                       .where = OR(AND(EQ(WORK.cents, 1250), NE(WORK.id, 5)),
                                   AND(LT(WORK.cents, 400), LE(WORK.stock, 1), GT(WORK.id, 6)),
                                   GE(WORK.weight, 2)),
                       .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "absent conditions leave no trace",
                 &(rowan_query){.from = &press_table,
                                .where = AND(NULL, AND(NULL, NULL), OR(EQ(PRESS.id, 2)), NULL),
                                .order_by = ORDER(ASC(PRESS.id))});
    golden_query(g, "an empty OR is false",
                 &(rowan_query){.from = &press_table, .where = AND(OR(NULL), EQ(PRESS.id, 1))});
    golden_query(g, "an empty AND is no condition",
                 &(rowan_query){
                     .from = &press_table, .where = AND(NULL), .order_by = ORDER(DESC(PRESS.id))});
    golden_query(
        g, "OR inside AND and NOT",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id)),
                       .where = AND(OR(EQ(WORK.kind, WORK_POEM), EQ(WORK.kind, WORK_ESSAY)),
                                    NOT(OR(LT(WORK.cents, 400), GT(WORK.cents, 5000)))),
                       .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "NOT of NULL tests and lists",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = AND(NOT(IS_NULL(WORK.weight)), NOT(IN(WORK.id, 1, 2, 3))),
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "equal or both NULL",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id)),
                       .where = OR(SAME(WORK.subtitle, rowan_v_null()), SAME(WORK.genre_id, 3)),
                       .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "a bool as a condition",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = AND(EQ(WORK.in_print, false), NE(WORK.in_print, true)),
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "columns with columns",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = LT(WORK.stock, WORK.id),
                                .order_by = ORDER(ASC(WORK.id))});
}

static void texts(golden *g)
{
    golden_query(g, "LIKE heeds case",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = LIKE(WORK.title, "o%"),
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "a backslash escapes in LIKE",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id)),
                       .where = OR(LIKE(WORK.title, "%0\\%%"), LIKE(WORK.title, "under\\_%")),
                       .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "ILIKE does not heed case of ASCII",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = OR(ILIKE(WORK.title, "OSL_"), ILIKE(WORK.title, "éMILE")),
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "functions of texts",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(AS(LENGTH(WORK.title), "a"), AS(LOWER(WORK.title), "s"),
                                        AS(CONCAT(UPPER(WORK.title), "/", WORK.subtitle), "t")),
                       .into = &answer_table,
                       .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "texts compare by their bytes",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(AS(WORK.title, "s"), AS(EQ(WORK.title, "oslo"), "f")),
                       .into = &answer_table,
                       .order_by = ORDER(ASC(WORK.title))});
    golden_query(g, "an enum by its label",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id), COL(WORK.kind)),
                                .where = IN(WORK.kind, WORK_POEM, WORK_ESSAY),
                                .order_by = ORDER(DESC(WORK.kind), ASC(WORK.id))});
}

static void types(golden *g)
{
    golden_query(g, "every column",
                 &(rowan_query){.from = &work_table, .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "dates and times",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = OR(GT(WORK.released, ((rowan_date){0})),
                                            LT(WORK.added, ((rowan_timestamp){0})),
                                            EQ(WORK.opens, ((rowan_time){0}))),
                                .order_by = ORDER(ASC(WORK.released), ASC(WORK.id))});
    golden_query(g, "uuids, JSON and bytes",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = OR(EQ(WORK.code, ((rowan_uuid){{7}})),
                                            EQ(WORK.extra, ((rowan_json){"[]"})),
                                            EQ(WORK.cover, ((rowan_blob){"\0\1", 2}))),
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "decimals compare by value",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id), COL(WORK.price)),
                                .where = AND(GE(WORK.price, ((rowan_decimal){"3"})),
                                             NE(WORK.price, ((rowan_decimal){"5.0"}))),
                                .order_by = ORDER(ASC(WORK.price))});
    golden_query(g, "values that the column could not hold",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = AND(LT(WORK.stock, 100000), GT(WORK.cents, -5000000000),
                                             NE(WORK.score, 0.1), IN(WORK.stock, 12, 70000)),
                                .order_by = ORDER(ASC(WORK.id))});
}

/* --- Values. --- */

static void numbers(golden *g)
{
    golden_query(g, "arithmetic of integers",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(DIVIDE(SUBTRACT(0, WORK.cents), 7), "a"),
                                                 AS(MODULO(SUBTRACT(0, WORK.cents), 7), "b"),
                                                 AS(DIVIDE(WORK.cents, 4.0), "d")),
                                .into = &answer_table,
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "small integers do not overflow among themselves",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(MULTIPLY(WORK.cents, WORK.stock), "a"),
                                                 AS(ADD(WORK.stock, WORK.stock, WORK.stock), "b")),
                                .into = &answer_table,
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "division by zero is NULL",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(DIVIDE(WORK.cents, WORK.stock), "a"),
                                                 AS(MODULO(WORK.cents, WORK.stock), "b"),
                                                 AS(DIVIDE(WORK.weight, WORK.weight), "d")),
                                .into = &answer_table,
                                .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "COALESCE, CASE and ABS",
        &(rowan_query){
            .from = &work_table,
            .select = SELECT(AS(COALESCE(WORK.genre_id, WORK.press_id, 0), "a"),
                             AS(ABS(WORK.stock), "b"), AS(COALESCE(WORK.subtitle, "none"), "s"),
                             AS(CASE(GT(WORK.cents, 1000), "dear", "cheap"), "t"),
                             AS(COALESCE(WORK.weight, 0.75), "d"), AS(IS_NULL(WORK.genre_id), "f")),
            .into = &answer_table,
            .order_by = ORDER(ASC(WORK.id))});
    golden_query(g, "values alone",
                 &(rowan_query){.select = SELECT(AS(7, "a"), AS("x", "s"), AS(rowan_v_null(), "t"),
                                                 AS(0.5, "d"), AS(rowan_v_bool(true), "f")),
                                .into = &answer_table});
}

static void aggregates(golden *g)
{
    golden_query(g, "aggregates of everything",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(COUNT_ALL, "a"), AS(SUM(WORK.cents), "b"),
                                                 AS(MIN(WORK.title), "s"), AS(MAX(WORK.title), "t"),
                                                 AS(AVG(WORK.stock), "d")),
                                .into = &answer_table});
    golden_query(
        g, "aggregates of nothing",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(AS(COUNT(WORK.id), "a"), AS(SUM(WORK.cents), "b"),
                                        AS(MIN(WORK.title), "s"), AS(AVG(WORK.stock), "d")),
                       .where = EQ(WORK.id, 0),
                       .into = &answer_table});
    golden_query(g, "groups with HAVING",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(WORK.press_id, "a"),
                                                 AS(COUNT_DISTINCT(WORK.genre_id), "b"),
                                                 AS(SUM(WORK.weight), "d")),
                                GROUP_BY(WORK.press_id),
                                .having = GT(COUNT_ALL, 2),
                                .order_by = ORDER(DESC(COUNT_ALL), ASC(WORK.press_id)),
                                .into = &answer_table});
    golden_query(g, "groups by an expression, ordered by a name of the result",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(AS(LENGTH(WORK.title), "a"), AS(COUNT_ALL, "b")),
                                GROUP_BY(LENGTH(WORK.title)),
                                .order_by = ORDER(DESC(OUT_A)),
                                .into = &answer_table});
    golden_query(
        g, "groups by an expression with values",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(AS(COUNT_ALL, "b"), AS(DIVIDE(WORK.cents, 500), "a")),
                       GROUP_BY(DIVIDE(WORK.cents, 500)),
                       .order_by = ORDER(DESC(DIVIDE(WORK.cents, 500))),
                       .into = &answer_table});
    golden_query(
        g, "the smallest and largest of each type",
        &(rowan_query){.from = &work_table,
                       .select =
                           SELECT(AS(MIN(WORK.id), "id"), AS(MAX(WORK.kind), "kind"),
                                  AS(MIN(WORK.price), "price"), AS(MAX(WORK.in_print), "in_print"),
                                  AS(MIN(WORK.released), "released"), AS(MAX(WORK.added), "added"),
                                  AS(MAX(WORK.opens), "opens"), AS(MAX(WORK.code), "code"),
                                  AS(MAX(WORK.score), "score"), AS(MAX(WORK.extra), "extra"))});
    golden_query(g, "DISTINCT",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.press_id), COL(WORK.extra)),
                                .distinct = true,
                                .where = IN(WORK.press_id, 2, 3),
                                .order_by = ORDER(ASC(WORK.press_id), ASC(WORK.extra))});
}

static void windows(golden *g)
{
    golden_query(
        g, "numbers and ranks in a window",
        &(rowan_query){
            .from = &work_table,
            .select = SELECT(
                AS(WORK.id, "a"),
                AS(OVER(ROW_NUMBER, PARTITION(WORK.press_id),
                        ORDER(DESC(WORK.cents), ASC(WORK.id))),
                   "b"),
                AS(OVER(LAG(WORK.title), NO_PARTITION, ORDER(ASC(WORK.id))), "s"),
                AS(OVER(LEAD(WORK.title), PARTITION(WORK.press_id, WORK.kind), ORDER(ASC(WORK.id))),
                   "t")),
            .order_by = ORDER(ASC(WORK.id)),
            .into = &answer_table});
    golden_query(
        g, "sums and ranks in a window",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(
                           AS(OVER(RANK, NO_PARTITION, ORDER(ASC(WORK.weight))), "a"),
                           AS(OVER(SUM(WORK.cents), PARTITION(WORK.press_id), NULL), "b"),
                           AS(OVER(AVG(WORK.cents), NO_PARTITION, NULL), "d"), AS(WORK.title, "s")),
                       .order_by = ORDER(ASC(WORK.id)),
                       .into = &answer_table});
}

/* --- Sources. --- */

static void joins(golden *g)
{
    golden_query(
        g, "an inner and a left join",
        &(rowan_query){.from = &work_table,
                       .joins = JOINS(JOIN(&press_table, EQ(WORK.press_id, PRESS.id)),
                                      LEFT_JOIN(&genre_table, EQ(WORK.genre_id, GENRE.id))),
                       .select = SELECT(AS(WORK.id, "a"), AS(PRESS.name, "s"), AS(GENRE.name, "t")),
                       .order_by = ORDER(ASC(GENRE.name), DESC(WORK.id)),
                       .into = &answer_table});
    golden_query(
        g, "a table joined with itself",
        &(rowan_query){.from = &genre_table,
                       .joins = JOINS(LEFT_JOIN_AS(&genre_table, "parent",
                                                   EQ(GENRE.parent_id, OF("parent", GENRE.id)))),
                       .select = SELECT(AS(GENRE.name, "s"), AS(OF("parent", GENRE.name), "t")),
                       .order_by = ORDER(ASC(OF("parent", GENRE.name)), ASC(GENRE.name)),
                       .into = &answer_table});
    golden_query(
        g, "a cross join, and a join without a condition",
        &(rowan_query){.from = &press_table,
                       .as = "p",
                       .joins = JOINS(CROSS_JOIN(&genre_table), JOIN_AS(&press_table, "q", NULL)),
                       .select = SELECT(AS(COUNT_ALL, "a")),
                       .where = EQ(OF("p", PRESS.id), OF("q", PRESS.id)),
                       .into = &answer_table});
    golden_query(
        g, "all columns of one of two tables",
        &(rowan_query){.from = &work_table,
                       .as = "w",
                       .joins = JOINS(JOIN_AS(&press_table, "p",
                                              EQ(OF("w", WORK.press_id), OF("p", PRESS.id)))),
                       .select = SELECT(ALL_OF(&press_table, "p")),
                       .where = EQ(OF("w", WORK.id), 4),
                       .into = &press_table});
    golden_query(
        g, "a query as a source",
        &(rowan_query){.from_query = &(rowan_query){.from = &work_table,
                                                    .select = SELECT(AS(WORK.press_id, "a"),
                                                                     AS(SUM(WORK.stock), "b")),
                                                    .where = GT(WORK.stock, 0),
                                                    GROUP_BY(WORK.press_id)},
                       .as = "sums",
                       .from = &answer_table,
                       .joins = JOINS(JOIN(&press_table, EQ(PRESS.id, OUT_A))),
                       .select = SELECT(AS(PRESS.name, "s"), AS(OF("sums", OUT_A), "a")),
                       .order_by = ORDER(ASC(PRESS.name)),
                       .into = &answer_table});
    golden_query(
        g, "a struct with fewer columns",
        &(rowan_query){.from = &press_table, .into = &press_table, .where = EQ(PRESS.id, 3)});
}

static void subqueries(golden *g)
{
    golden_query(
        g, "EXISTS and its opposite, correlated",
        &(rowan_query){.from = &press_table,
                       .where =
                           AND(EXISTS(&((rowan_query){.from = &work_table,
                                                      .where = AND(EQ(WORK.press_id, PRESS.id),
                                                                   EQ(WORK.kind, WORK_ESSAY))})),
                               NOT(EXISTS(&((rowan_query){.from = &work_table,
                                                          .where = AND(EQ(WORK.press_id, PRESS.id),
                                                                       LT(WORK.stock, 0))})))),
                       .order_by = ORDER(ASC(PRESS.id))});
    golden_query(
        g, "a value of a sub-query",
        &(rowan_query){
            .from = &press_table,
            .select = SELECT(AS(PRESS.id, "a"),
                             AS(SUBQUERY(&((rowan_query){.from = &work_table,
                                                         .select = SELECT(AS(MAX(WORK.cents), "m")),
                                                         .where = EQ(WORK.press_id, PRESS.id)})),
                                "b")),
            .order_by = ORDER(ASC(PRESS.id)),
            .into = &answer_table});
    golden_query(
        g, "IN a query, with a limit",
        &(rowan_query){
            .from = &work_table,
            .select = SELECT(COL(WORK.id)),
            .where =
                AND(IN_QUERY(WORK.press_id, &((rowan_query){.from = &press_table,
                                                            .select = SELECT(COL(PRESS.id)),
                                                            .order_by = ORDER(DESC(PRESS.id)),
                                                            .limit = 1})),
                    NOT(IN_QUERY(WORK.id, &((rowan_query){.from = &loan_table,
                                                          .select = SELECT(COL(LOAN.work_id))})))),
            .order_by = ORDER(ASC(WORK.id))});
}

static void ctes(golden *g)
{
    const rowan_query small = {.from = &work_table,
                               .select = SELECT(COL(WORK.id), COL(WORK.title)),
                               .where = LT(WORK.cents, 1000)};
    const rowan_query top = {
        .from = &genre_table,
        .select = SELECT(COL(GENRE.id), COL(GENRE.name), AS(0, "parent_id")),
        .where = IS_NULL(GENRE.parent_id),
        .sets = SETS(UNION_ALL(&((rowan_query){
            .from = &genre_table,
            .joins =
                JOINS(JOIN_CTE("tree", &genre_table, EQ(GENRE.parent_id, OF("tree", GENRE.id)))),
            .select =
                SELECT(COL(GENRE.id), AS(CONCAT(OF("tree", GENRE.name), " > ", GENRE.name), "name"),
                       AS(ADD(OF("tree", GENRE.parent_id), 1), "parent_id"))})))};

    golden_query(g, "a CTE",
                 &(rowan_query){.with = WITH(CTE("small", &small)),
                                .from_cte = "small",
                                .from = &work_table,
                                .select = SELECT(COL(WORK.title)),
                                .order_by = ORDER(ASC(WORK.title))});
    golden_query(g, "a recursive CTE whose texts grow",
                 &(rowan_query){.with = WITH(RECURSIVE("tree", &top), CTE("small", &small)),
                                .from_cte = "tree",
                                .from = &genre_table,
                                .select = SELECT(ALL(&genre_table)),
                                .where = NOT(EXISTS(
                                    &((rowan_query){.from_cte = "small",
                                                    .from = &work_table,
                                                    .where = EQ(WORK.id, OF("tree", GENRE.id))}))),
                                .order_by = ORDER(ASC(GENRE.name))});
}

static void sets(golden *g)
{
    const rowan_query dear = {
        .from = &work_table, .select = SELECT(AS(WORK.id, "a")), .where = GT(WORK.cents, 1000)};
    const rowan_query poems = {
        .from = &work_table, .select = SELECT(AS(WORK.id, "a")), .where = EQ(WORK.kind, WORK_POEM)};
    const rowan_query last = {.from = &work_table,
                              .select = SELECT(AS(WORK.id, "a")),
                              .order_by = ORDER(DESC(WORK.id)),
                              .limit = 2};
    rowan_query q = dear;

    q.into = &answer_table;
    q.order_by = ORDER(DESC(OUT_A));
    q.sets = SETS(UNION(&poems), EXCEPT(&((rowan_query){.select = SELECT(AS(3, "a"))})));
    q.limit = 3;
    q.offset = 1;
    golden_query(g, "UNION and EXCEPT, ordered and paged", &q);
    q.sets = SETS(UNION(&poems), INTERSECT(&last));
    q.limit = 0;
    q.offset = 0;
    golden_query(g, "sets go from left to right, and operands have limits", &q);
    q.sets = SETS(UNION_ALL(&last));
    golden_query(g, "UNION ALL keeps what is there twice", &q);
    q.sets = SETS(INTERSECT(&poems), INTERSECT(&last));
    golden_query(g, "INTERSECT twice", &q);
    golden_query(g, "rows with JSON in a UNION",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id), COL(WORK.extra)),
                                .where = LT(WORK.id, 3),
                                .sets = SETS(UNION(
                                    &((rowan_query){.from = &work_table,
                                                    .select = SELECT(COL(WORK.id), COL(WORK.extra)),
                                                    .where = LT(WORK.id, 2)}))),
                                .order_by = ORDER(ASC(WORK.id))});
}

static void orders(golden *g)
{
    golden_query(
        g, "NULL first ascending, last descending",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id), COL(WORK.weight), COL(WORK.genre_id)),
                       .order_by = ORDER(ASC(WORK.weight), DESC(WORK.genre_id), ASC(WORK.id))});
    golden_query(g, "an offset without a limit",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .order_by = ORDER(ASC(WORK.id)),
                                .offset = 6});
    golden_query(g, "after a row, in three terms",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .where = OR(GT(WORK.id, 1), EQ(WORK.id, 1)),
                                .order_by = ORDER(ASC(WORK.kind), DESC(WORK.weight), ASC(WORK.id)),
                                .after = PARAMS(V("novel"), V(0.5), V(1)),
                                .limit = 4});
    golden_query(
        g, "after a row with NULL",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(COL(WORK.id)),
                       .order_by = ORDER(DESC(WORK.weight), ASC(WORK.genre_id), ASC(WORK.id)),
                       .after = PARAMS(rowan_v_null(), rowan_v_null(), V(1))});
    golden_query(g, "after the last one",
                 &(rowan_query){.from = &work_table,
                                .select = SELECT(COL(WORK.id)),
                                .order_by = ORDER(DESC(WORK.weight)),
                                .after = PARAMS(rowan_v_null())});
}

static void fragments(golden *g)
{
    golden_query(
        g, "a fragment's values at any depth",
        &(rowan_query){
            .from = &work_table,
            .select = SELECT(COL(WORK.id)),
            .where =
                AND(EQ(WORK.in_print, true), RAW("? % ? = 0 -- ? is no value here", WORK.cents, 50),
                    EXISTS(&((rowan_query){.from = &press_table,
                                           .where = AND(EQ(PRESS.id, WORK.press_id),
                                                        RAW("? <> '?' AND ? > 0 /* ? */",
                                                            PRESS.name, LENGTH(PRESS.name)))})),
                    GT(WORK.id, 0)),
            .order_by = ORDER(ASC(WORK.id))});
    golden_query(
        g, "a fragment is one operand",
        &(rowan_query){.from = &work_table,
                       .select = SELECT(AS(RAW("? OR ?", EQ(WORK.id, 1), EQ(WORK.id, 2)), "f"),
                                        AS(WORK.id, "a")),
                       .where = LT(WORK.id, 3),
                       .order_by = ORDER(ASC(WORK.id)),
                       .into = &answer_table});
}

START_TEST(queries_are_what_the_golden_files_say_and_rows_are_equal_everywhere)
{
    golden *g = golden_begin((size_t)_i, "select");

    conditions(g);
    texts(g);
    types(g);
    numbers(g);
    aggregates(g);
    windows(g);
    joins(g);
    subqueries(g);
    ctes(g);
    sets(g);
    orders(g);
    fragments(g);
    golden_end(g);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query select");
    TCase *tc = tcase_create("golden");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, queries_are_what_the_golden_files_say_and_rows_are_equal_everywhere, 0,
                        (int)golden_engines());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
