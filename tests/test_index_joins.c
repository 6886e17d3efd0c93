/*
 * Advice about indexes on two databases with joins: the bookshop, and orders of parts in the manner
 * of TPC-H. What is advised is really made, and the statement runs again: it finds the same rows,
 * and is not slower. With ROWAN_INDEX_FIGURES=FILE the estimates and times are added to that file,
 * as the lines of a table (docs/indexes.md).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "schema/seed/seed.h"
#include "support/engine.h"
#include "support/slow.h"
#include "support/suite.h"

enum { RUNS = 5, MOST_PARAMS = 4 };

typedef struct question {
    const char *name, *sql;
    rowan_value params[MOST_PARAMS];
    size_t param_count;
    unsigned pays; /* where it has to: SQLITE | POSTGRESQL | MARIADB */
} question;

enum { NOWHERE = 0, SQLITE = 1, POSTGRESQL = 2, MARIADB = 4, EVERYWHERE = 7 };

#define INT(i)                                                                                     \
    {                                                                                              \
        .type = ROWAN_TYPE_INT64, .as.integer = (i)                                                \
    }
#define TEXT(t)                                                                                    \
    {                                                                                              \
        .type = ROWAN_TYPE_TEXT, .as.bytes = {(t), sizeof(t) - 1 }                                 \
    }

/* --- Orders of parts: 60,000 lines of 15,000 orders by 1,500 customers; days are numbers. --- */

static const char *const order_tables =
    "CREATE TABLE nation (n_id @int32 NOT NULL PRIMARY KEY, n_name @text(20) NOT NULL);"
    "CREATE TABLE supplier (s_id @int32 NOT NULL PRIMARY KEY, s_nation @int32 NOT NULL,"
    " s_name @text(20) NOT NULL);"
    "CREATE TABLE customer (c_id @int32 NOT NULL PRIMARY KEY, c_nation @int32 NOT NULL,"
    " c_segment @text(12) NOT NULL, c_name @text(20) NOT NULL);"
    "CREATE TABLE part (p_id @int32 NOT NULL PRIMARY KEY, p_brand @text(12) NOT NULL,"
    " p_type @text(12) NOT NULL, p_size @int32 NOT NULL);"
    "CREATE TABLE orders (o_id @int32 NOT NULL PRIMARY KEY, o_customer @int32 NOT NULL,"
    " o_day @int32 NOT NULL, o_status @text(1) NOT NULL, o_priority @text(12) NOT NULL);"
    "CREATE TABLE lineitem (l_order @int32 NOT NULL, l_line @int32 NOT NULL,"
    " l_part @int32 NOT NULL, l_supplier @int32 NOT NULL, l_quantity @int32 NOT NULL,"
    " l_price @int32 NOT NULL, l_shipped @int32 NOT NULL, l_flag @text(1) NOT NULL,"
    " PRIMARY KEY (l_order, l_line));"
    "CREATE TABLE thousand (i @int32 NOT NULL PRIMARY KEY)";

/* Rows that depend on their number alone, so that all engines have the same. */
static const char *const order_rows[] = {
    "INSERT INTO nation SELECT i, CASE i WHEN 7 THEN 'GERMANY' WHEN 6 THEN 'FRANCE' ELSE 'OTHER' "
    "END FROM thousand WHERE i < 25",
    "INSERT INTO supplier SELECT i, i * 7 % 25, CASE i WHEN 42 THEN 'Supplier 42' ELSE 'Supplier' "
    "END FROM thousand WHERE i < 100",
    "INSERT INTO customer SELECT 2 * a.i + b.i, (2 * a.i + b.i) * 11 % 25, CASE a.i % 5 WHEN 0 "
    "THEN 'BUILDING' WHEN 1 THEN 'MACHINERY' ELSE 'HOUSEHOLD' END, 'Customer' FROM thousand a "
    "CROSS JOIN thousand b WHERE b.i < 2 AND a.i < 750",
    "INSERT INTO part SELECT 2 * a.i + b.i, CASE (2 * a.i + b.i) * 13 % 25 WHEN 3 THEN 'Brand#23' "
    "ELSE 'Brand#11' END, CASE a.i % 40 WHEN 5 THEN 'MED BOX' ELSE 'JUMBO CAN' END, a.i % 50 FROM "
    "thousand a CROSS JOIN thousand b WHERE b.i < 2",
    "INSERT INTO orders SELECT 15 * a.i + b.i, (15 * a.i + b.i) * 37 % 1500, "
    "(15 * a.i + b.i) * 101 % 2400, CASE a.i % 40 WHEN 9 THEN 'P' WHEN 10 THEN 'O' ELSE 'F' END, "
    "'NORMAL' FROM thousand a CROSS JOIN thousand b WHERE b.i < 15",
    "INSERT INTO lineitem SELECT 15 * a.i + b.i, c.i, (15 * a.i + b.i) * (7 + 4 * c.i) % 2000, (15 "
    "* a.i + b.i) * (3 + 2 * c.i) % 100, (a.i + b.i + c.i) % 50 + 1, a.i + 1000 * c.i, (15 * a.i + "
    "b.i) * 101 % 2400 + 10 * c.i, CASE (a.i + c.i) % 60 WHEN 0 THEN 'R' ELSE 'N' END FROM "
    "thousand a CROSS JOIN thousand b CROSS JOIN thousand c WHERE b.i < 15 AND c.i < 4",
};

static void fill_thousand(rowan_scope *scope)
{
    rowan_value values[1000];

    for (int i = 0; i < 1000; i++) {
        values[i] = ROWAN_V(i);
    }
    ck_assert_int_eq(
        rowan_raw_run_many(scope, "INSERT INTO thousand (i) VALUES (?)", values, 1000, NULL),
        ROWAN_OK);
}

static void fill_orders(void)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    rowan_scope *scope;

    engine_script(db, order_tables);
    ck_assert_int_eq(rowan_scope_begin(db, "fill", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    fill_thousand(scope);
    for (size_t i = 0; i < sizeof order_rows / sizeof order_rows[0]; i++) {
        ck_assert_msg(rowan_raw_run(scope, order_rows[i], ROWAN_NO_PARAMS, NULL) == ROWAN_OK,
                      "%s: %s", order_rows[i], rowan_scope_error(scope)->engine_message);
    }
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(db);
}

static const question order_questions[] = {
    {"one brand's lines (Q17)",
     "SELECT count(*), sum(l_quantity) FROM lineitem JOIN part ON p_id = l_part WHERE p_brand = ? "
     "AND p_type = ?",
     {TEXT("Brand#23"), TEXT("MED BOX")},
     2,
     POSTGRESQL | MARIADB},
    {"a month's shipments (Q6)",
     "SELECT sum(l_price) FROM lineitem WHERE l_shipped >= ? AND l_shipped < ? AND l_quantity < ?",
     {INT(1000), INT(1030), INT(24)},
     3,
     EVERYWHERE},
    {"a month's promotion (Q14)",
     "SELECT p_type, sum(l_price) FROM lineitem JOIN part ON p_id = l_part WHERE l_shipped BETWEEN "
     "? AND ? GROUP BY p_type",
     {INT(1000), INT(1030)},
     2,
     EVERYWHERE},
    {"what a customer ordered last",
     "SELECT * FROM orders WHERE o_customer = ? ORDER BY o_day DESC LIMIT 5",
     {INT(77)},
     1,
     EVERYWHERE},
    {"returned by segment (Q10)",
     "SELECT c_segment, sum(l_price) FROM customer JOIN orders ON o_customer = c_id JOIN lineitem "
     "ON l_order = o_id WHERE l_flag = 'R' AND o_day > ? GROUP BY c_segment",
     {INT(2300)},
     1,
     EVERYWHERE},
    {"a supplier's revenue (Q15)",
     "SELECT sum(l_price) FROM supplier JOIN lineitem ON l_supplier = s_id WHERE s_name = ?",
     {TEXT("Supplier 42")},
     1,
     SQLITE | MARIADB},
    {"orders in pieces (Q4)",
     "SELECT o_priority, count(*) FROM orders WHERE o_day >= ? AND o_day < ? AND EXISTS (SELECT 1 "
     "FROM lineitem WHERE l_order = o_id AND l_quantity > 45) GROUP BY o_priority",
     {INT(1000), INT(1030)},
     2,
     SQLITE | MARIADB},
    {"pending orders",
     "SELECT o_id FROM orders WHERE o_status = 'P' AND o_day > ?",
     {INT(2000)},
     1,
     EVERYWHERE},
    {"all prices (Q1)",
     "SELECT l_flag, sum(l_price) FROM lineitem WHERE l_shipped <= ? GROUP BY l_flag",
     {INT(2500)},
     1,
     NOWHERE},
    {"one order's lines",
     "SELECT * FROM lineitem JOIN orders ON o_id = l_order WHERE o_id = ?",
     {INT(4711)},
     1,
     NOWHERE},
};

/* --- The bookshop. --- */

static void fill_bookshop(void)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    rowan__seed_result seeded;
    rowan_error error;

    ck_assert_msg(rowan__seed(db, 1, NULL, &seeded, &error) == ROWAN_OK, "%s", error.message);
    rowan_close(db);
}

static const question bookshop_questions[] = {
    {"a subtitle", "SELECT * FROM book WHERE subtitle = ?", {TEXT("A Novel")}, 1, EVERYWHERE},
    {"a subtitle's beginning",
     "SELECT id, title FROM book WHERE subtitle LIKE ?",
     {TEXT("A Nov%")},
     1,
     EVERYWHERE},
    {"a name in any case",
     "SELECT id FROM customer WHERE lower(name) = ?",
     {TEXT("ada turner")},
     1,
     SQLITE | POSTGRESQL},
    {"the worst reviews",
     "SELECT r.id, b.title FROM review r JOIN book b ON b.id = r.book_id WHERE r.stars = ? "
     "ORDER BY r.written_at DESC LIMIT 10",
     {INT(1)},
     1,
     SQLITE | MARIADB},
    {"purchases not sent",
     "SELECT count(*) FROM purchase WHERE shipped_at IS NULL AND status = 'paid' AND customer_id > "
     "?",
     {INT(100)},
     1,
     EVERYWHERE},
    {"losses",
     "SELECT book_id, delta FROM stock_movement WHERE reason = 'loss' AND book_id > ?",
     {INT(100)},
     1,
     EVERYWHERE},
    {"a book's category",
     "SELECT b.title FROM book b JOIN category c ON c.id = b.category_id WHERE c.name = ?",
     {TEXT("Crime")},
     1,
     NOWHERE},
    {"a city's publishers", "SELECT * FROM publisher WHERE city = ?", {TEXT("London")}, 1, NOWHERE},
};

static const struct {
    const char *name;
    void (*fill)(void);
    const question *at;
    size_t count;
} shops[] = {
    {"orders", fill_orders, order_questions, sizeof order_questions / sizeof order_questions[0]},
    {"bookshop", fill_bookshop, bookshop_questions,
     sizeof bookshop_questions / sizeof bookshop_questions[0]},
};

enum { SHOPS = sizeof shops / sizeof shops[0] };

/* --- One question. --- */

static void tell(const question *q)
{
    char params[256] = "[";
    size_t size = 1;

    for (size_t i = 0; i < q->param_count; i++) {
        const rowan_value *value = &q->params[i];
        size += value->type == ROWAN_TYPE_INT64
                    ? (size_t)snprintf(params + size, sizeof params - size, "%s%lld",
                                       i > 0 ? "," : "", (long long)value->as.integer)
                    : (size_t)snprintf(params + size, sizeof params - size, "%s\"%s\"",
                                       i > 0 ? "," : "", (const char *)value->as.bytes.data);
    }
    snprintf(params + size, sizeof params - size, "]");
    slow_tell(q->sql, params, 400000);
}

static const rowan__trace_finding *finding_of(const question *q)
{
    const char *sql = slow_place(q->sql);

    for (size_t i = 0; i < recorded.analysis.count; i++) {
        if (strcmp(recorded.analysis.at[i].sql, sql) == 0) {
            return &recorded.analysis.at[i];
        }
    }
    ck_abort_msg("nothing was found of %s", sql);
    return NULL;
}

/* What a statement finds, and how long it takes at best. */
typedef struct answer {
    size_t rows;
    double ms;
} answer;

/* On a connection of its own: a plan that was kept would be none of now. */
static answer ask(const question *q)
{
    rowan_db *db = engine_open_url(recorded.url, NULL);
    answer best = {.ms = 1e9};
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(db, "ask", &scope, NULL), ROWAN_OK);
    for (int run = 0; run < RUNS; run++) {
        int64_t began_ns = rowan__now_ns();
        rowan_cursor *cursor;
        size_t rows = 0;
        ck_assert_msg(rowan_raw_open(scope, q->sql, (rowan_params){q->params, q->param_count},
                                     &cursor) == ROWAN_OK,
                      "%s: %s", q->sql, rowan_scope_error(scope)->engine_message);
        while (rowan_cursor_next(cursor) == ROWAN_OK) {
            rows++;
        }
        rowan_cursor_close(cursor);
        double ms = (double)(rowan__now_ns() - began_ns) / 1e6;
        best = (answer){rows, ms < best.ms ? ms : best.ms};
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return best;
}

static void run_script(rowan_scope *scope, const char *sql)
{
    ck_assert_msg(rowan_raw_script(scope, sql, NULL) == ROWAN_OK, "%s: %s", sql,
                  rowan_scope_error(scope)->engine_message);
}

/* Drops what the advice made, by the names in it. */
static void undo(rowan_scope *scope, const char *advice)
{
    char sql[256];

    for (const char *at = strstr(advice, "CREATE INDEX "); at != NULL;
         at = strstr(at + 1, "CREATE INDEX ")) {
        const char *name = at + strlen("CREATE INDEX "), *on = strstr(name, " ON ");
        const char *table = on + strlen(" ON ");
        if (slow_is_on("mariadb")) {
            snprintf(sql, sizeof sql, "DROP INDEX %.*s ON %.*s", (int)(on - name), name,
                     (int)strcspn(table, " "), table);
        } else {
            snprintf(sql, sizeof sql, "DROP INDEX %.*s", (int)(on - name), name);
        }
        run_script(scope, sql);
    }
}

static void write_figures(const char *shop, const question *q, const rowan__trace_finding *finding,
                          answer before, answer after)
{
    const char *path = getenv("ROWAN_INDEX_FIGURES");
    const rowan__index_proof *index = finding->proof.index;
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (file == NULL) {
        return;
    }
    if (index == NULL) {
        fprintf(file, "| %s | %s | %s | none | | %.2f | |\n", shop, q->name,
                engine_name(recorded.engine), before.ms);
    } else {
        fprintf(file, "| %s | %s | %s | `%s` | %.0f → %.0f | %.2f | %.2f |\n", shop, q->name,
                engine_name(recorded.engine), index->sql, index->before, index->after, before.ms,
                after.ms);
    }
    fclose(file);
}

/* Another job on the machine is no fault of an index: it may be measured again. */
static void compare(rowan_scope *scope, const question *q, const rowan__trace_finding *finding,
                    answer *before, answer *after)
{
    bool is_slower = true;

    for (int attempt = 0; attempt < 4 && is_slower; attempt++) {
        *before = ask(q);
        run_script(scope, finding->suggestion);
        *after = ask(q);
        undo(scope, finding->suggestion);
        ck_assert_uint_eq(after->rows, before->rows);
        is_slower = after->ms > 1.2 * before->ms + 0.2;
    }
    ck_assert_msg(!is_slower, "%.2f -> %.2f ms: %s", before->ms, after->ms, slow_describe(finding));
}

static void check_question(rowan_scope *scope, const char *shop, const question *q)
{
    const unsigned here = slow_is_on("sqlite")       ? SQLITE
                          : slow_is_on("postgresql") ? POSTGRESQL
                                                     : MARIADB;
    const rowan__trace_finding *finding = finding_of(q);
    bool is_advised = finding->proof.state == ROWAN__PROVEN_CHEAPER;
    answer before = {0}, after = {0};

    ck_assert_msg(!is_advised || q->pays != NOWHERE, "%s", slow_describe(finding));
    ck_assert_msg(is_advised || (q->pays & here) == 0, "%s", slow_describe(finding));
    if (is_advised) {
        compare(scope, q, finding, &before, &after);
    } else {
        ck_assert_int_eq(finding->proof.state, ROWAN__PROVEN_WITHDRAWN);
        before = ask(q);
    }
    write_figures(shop, q, finding, before, after);
}

START_TEST(what_is_advised_pays)
{
    size_t shop = (size_t)_i % SHOPS;
    rowan_scope *scope;
    rowan_db *db;

    slow_begin(_i / SHOPS, 0);
    shops[shop].fill();
    if (slow_is_on("postgresql")) {
        engine_send(recorded.url, "ANALYZE");
    }
    for (size_t i = 0; i < shops[shop].count; i++) {
        tell(&shops[shop].at[i]);
    }
    slow_analyze();
    recorded_verify(0);
    ck_assert_uint_eq(recorded.analysis.count, shops[shop].count);
    db = engine_open_url(recorded.url, NULL);
    ck_assert_int_eq(rowan_scope_begin(db, "ask", &scope, NULL), ROWAN_OK);
    for (size_t i = 0; i < shops[shop].count; i++) {
        check_question(scope, shops[shop].name, &shops[shop].at[i]);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index_joins");
    TCase *tc = tcase_create("index_joins");

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, what_is_advised_pays, 0, (int)engine_count() * SHOPS);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
