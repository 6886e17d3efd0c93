/*
 * The laboratory of PostgreSQL: hypothetical indexes by the extension hypopg, which the planner
 * takes for real ones. Where it is missing it is made in the transaction of the trial, which is
 * rolled back; where that is refused, tables are copied into temporary ones, a sample of their
 * rows, and the indexes made on those are real.
 *
 * auto_explain looks up every index of a plan by its number, which ends a statement whose plan has
 * a hypothetical one: it is silenced for the transaction, or hypopg is left alone.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "verify/index_private.h"

enum { MANY = 1000 }; /* rows of a table that ought not to be read whole */

typedef struct own {
    const char *schema; /* of hypopg, in quotes; NULL: copies it is */
    const char *execute;
} own;

/* --- Steps that may fail without ending the transaction. --- */

static rowan_status settle(rowan__index_lab *lab, rowan_status status)
{
    rowan_status ended = status == ROWAN_OK ? rowan_commit(lab->scope) : rowan_rollback(lab->scope);

    return status == ROWAN_OK ? ended : status;
}

static rowan_status attempt(rowan__index_lab *lab, const char *sql)
{
    rowan_status status = rowan_begin(lab->scope, NULL);

    return status == ROWAN_OK ? settle(lab, rowan__index_run(lab, lab->scope, sql)) : status;
}

static rowan_status attempt_text(rowan__index_lab *lab, const char *sql, rowan_params params,
                                 const char **out)
{
    rowan_status status = rowan_begin(lab->scope, NULL);

    *out = NULL;
    return status == ROWAN_OK ? settle(lab, rowan__index_text(lab, lab->scope, sql, params, out))
                              : status;
}

/* --- Opening. --- */

/* Whether plans may name an index that is not there. */
static bool silence_auto_explain(rowan__index_lab *lab)
{
    const char *now;

    if (attempt_text(lab, "SELECT set_config('auto_explain.log_min_duration', '-1', true)",
                     ROWAN_NO_PARAMS, &now) == ROWAN_OK) {
        return true;
    }
    return attempt_text(lab,
                        "SELECT coalesce(current_setting('auto_explain.log_min_duration', true), "
                        "'-1')",
                        ROWAN_NO_PARAMS, &now) == ROWAN_OK &&
           strcmp(now, "-1") == 0;
}

static const char *find_hypopg(rowan__index_lab *lab)
{
    const char *schema;

    return attempt_text(lab,
                        "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON "
                        "n.oid = e.extnamespace WHERE e.extname = 'hypopg'",
                        ROWAN_NO_PARAMS, &schema) == ROWAN_OK
               ? schema
               : NULL;
}

static rowan_status open_lab(rowan__index_lab *lab)
{
    own *o = rowan__arena_new(lab->arena, 1, sizeof *o, _Alignof(own));

    if (o == NULL) {
        return ROWAN_NOMEM;
    }
    lab->own = o;
    lab->scope = lab->trial->scope;
    if (silence_auto_explain(lab)) {
        o->schema = find_hypopg(lab);
        if (o->schema == NULL && attempt(lab, "CREATE EXTENSION hypopg") == ROWAN_OK) {
            o->schema = find_hypopg(lab);
        }
    }
    lab->how = o->schema != NULL ? "with a hypothetical index" : "on a sample of the rows";
    return ROWAN_OK;
}

/* --- The catalogue. --- */

typedef struct looking {
    rowan__index_lab *lab;
    rowan__index_table *table; /* NULL: there is none */
    int64_t oid;
} looking;

static rowan_status take_table(void *context, const rowan_cursor *cursor)
{
    looking *l = context;
    rowan__arena *arena = l->lab->arena;

    l->oid = (int64_t)rowan__index_cell_number(cursor, 0);
    l->table = rowan__index_new_table(l->lab, rowan__index_cell(cursor, 1, arena),
                                      rowan__index_cell(cursor, 2, arena),
                                      rowan__index_cell_number(cursor, 3));
    return l->table != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static rowan_status take_column(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;
    const rowan__index_column column = {
        .name = rowan__index_cell(cursor, 0, l->lab->arena),
        .prefix = rowan__index_cell(cursor, 1, l->lab->arena),
        .is_generated = rowan__index_cell_number(cursor, 2) != 0,
    };

    return rowan__index_add_column(l->lab, l->table, &column);
}

static rowan_status take_key(void *context, const rowan_cursor *cursor)
{
    looking *l = context;

    return rowan__index_add_key(l->lab, l->table, (size_t)rowan__index_cell_number(cursor, 0),
                                rowan__index_cell(cursor, 1, l->lab->arena),
                                rowan__index_cell_number(cursor, 2) != 0);
}

/*
 * How many rows there are is what the planner takes for it: those of the last ANALYZE, by what the
 * table has grown since; without one, by its size. What serves a pattern is told by the collation:
 * only with that of bytes does a plain index. */
static const char table_sql[] =
    "SELECT c.oid::bigint, CASE WHEN NOT pg_table_is_visible(c.oid) THEN n.nspname END, c.relname, "
    "(CASE WHEN c.relkind = 'p' THEN greatest(c.reltuples, 0) WHEN c.reltuples > 0 "
    "AND c.relpages > 0 THEN c.reltuples * (pg_relation_size(c.oid) / "
    "current_setting('block_size')::float8) / c.relpages ELSE pg_relation_size(c.oid) / 100.0 END)"
    "::float8 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
    "c.oid = to_regclass(?) AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN "
    "('pg_catalog', 'information_schema')";
static const char columns_sql[] =
    "SELECT a.attname, CASE WHEN t.typcategory <> 'S' THEN NULL WHEN CASE WHEN a.attcollation = "
    "'\"default\"'::regcollation THEN d.datcollate ELSE o.collname END IN ('C', 'POSIX') THEN '' "
    "WHEN t.typname = 'bpchar' THEN ' bpchar_pattern_ops' ELSE ' text_pattern_ops' END, "
    "a.attgenerated <> '' FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN "
    "pg_database d ON d.datname = current_database() LEFT JOIN pg_collation o ON o.oid = "
    "a.attcollation WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY "
    "a.attnum";
static const char indexes_sql[] =
    "SELECT i.indexrelid::bigint, a.attname, i.indpred IS NOT NULL FROM pg_index i JOIN pg_class c "
    "ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam CROSS JOIN LATERAL generate_series(0, "
    "i.indnkeyatts - 1) AS k(number) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND "
    "a.attnum = i.indkey[k.number] AND a.attnum > 0 WHERE i.indrelid = ?::oid AND i.indisvalid AND "
    "m.amname = 'btree' ORDER BY i.indexrelid, k.number";

static rowan_status look(rowan__index_lab *lab, const rowan__index_source *source,
                         rowan__index_table **out)
{
    looking l = {.lab = lab};
    rowan_status status = rowan_begin(lab->scope, NULL);

    *out = NULL;
    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__index_query(lab, lab->scope, table_sql,
                                ROWAN_PARAMS(rowan_v_text(source->written)), take_table, &l);
    if (status == ROWAN_OK && l.table != NULL) {
        status = rowan__index_query(lab, lab->scope, columns_sql, ROWAN_PARAMS(ROWAN_V(l.oid)),
                                    take_column, &l);
    }
    if (status == ROWAN_OK && l.table != NULL) {
        status = rowan__index_query(lab, lab->scope, indexes_sql, ROWAN_PARAMS(ROWAN_V(l.oid)),
                                    take_key, &l);
    }
    *out = status == ROWAN_OK ? l.table : NULL;
    return settle(lab, status);
}

/* --- The statement. --- */

static rowan_status fill(rowan__index_lab *lab, const rowan__index_table *table)
{
    char sample[80] = "", percent[ROWAN__REAL_TEXT];
    rowan__text text;
    const char *sql;

    if (table->rows > ROWAN__INDEX_SAMPLE) { /* rows, or of a large table pages, here and there */
        snprintf(percent, sizeof percent, "%.4f", 100.0 * ROWAN__INDEX_SAMPLE / table->rows);
        snprintf(sample, sizeof sample, " TABLESAMPLE %s (%s) REPEATABLE (1)",
                 table->rows <= ROWAN__INDEX_READ ? "BERNOULLI" : "SYSTEM",
                 rowan__real_point(percent));
    }
    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_format(&text,
                       "CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING INDEXES); INSERT INTO %s "
                       "SELECT * FROM %s%s LIMIT %d; ANALYZE %s",
                       table->copy, table->target, table->copy, table->target, sample,
                       2 * ROWAN__INDEX_SAMPLE, table->copy);
    sql = rowan__index_keep(lab, &text);
    return sql != NULL ? rowan__index_script(lab, lab->scope, sql) : ROWAN_NOMEM;
}

/* Without its values a statement is prepared, and planned for any. */
static rowan_status prepare_generic(rowan__index_lab *lab)
{
    own *o = lab->own;
    rowan_status status = rowan__index_bind(lab, "PREPARE rowan_try AS ", true);
    rowan__text text;

    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_str(&text, "EXPLAIN (FORMAT JSON) EXECUTE rowan_try");
    for (size_t i = 0; i < lab->parts->param_count; i++) {
        rowan__text_str(&text, i == 0 ? " (NULL" : ", NULL");
    }
    rowan__text_str(&text, lab->parts->param_count > 0 ? ")" : "");
    o->execute = rowan__index_keep(lab, &text);
    return status == ROWAN_OK && o->execute == NULL ? ROWAN_NOMEM : status;
}

static rowan_status prepare(rowan__index_lab *lab)
{
    const own *o = lab->own;
    rowan_status status = ROWAN_OK;

    if (o->schema == NULL && !lab->looks_only) {
        status = rowan_begin(lab->scope, NULL);
        if (status == ROWAN_OK) {
            status = settle(lab, rowan__index_copy(lab, "pg_temp.", fill));
        }
    }
    if (status == ROWAN_OK) {
        status = rowan__index_bind(lab, "EXPLAIN (FORMAT JSON) ", false);
    }
    if (status == ROWAN_OK && lab->hides) {
        status = prepare_generic(lab);
        lab->hides = true;
    }
    return status;
}

/* A plan of before is kept by a prepared statement: it is prepared anew. */
static rowan_status explain_generic(rowan__index_lab *lab)
{
    const own *o = lab->own;
    rowan_status status = rowan_begin(lab->scope, NULL);

    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__index_run(lab, lab->scope, "SET LOCAL plan_cache_mode = force_generic_plan");
    if (status == ROWAN_OK) {
        status = rowan__index_script(lab, lab->scope, lab->sql);
    }
    if (status == ROWAN_OK) {
        rowan_status explained =
            rowan__index_text(lab, lab->scope, o->execute, ROWAN_NO_PARAMS, &lab->plan);
        if (explained != ROWAN_OK) {
            return settle(lab, explained);
        }
        status = rowan__index_run(lab, lab->scope, "DEALLOCATE rowan_try");
    }
    return settle(lab, status);
}

static rowan_status estimate(rowan__index_lab *lab, double *out)
{
    rowan_status status =
        lab->hides ? explain_generic(lab) : attempt_text(lab, lab->sql, lab->params, &lab->plan);
    json_t *plan, *cost;

    if (status != ROWAN_OK) {
        return status;
    }
    plan = lab->plan != NULL ? json_loads(lab->plan, 0, NULL) : NULL;
    cost = json_object_get(json_object_get(json_array_get(plan, 0), "Plan"), "Total Cost");
    *out = json_number_value(cost);
    status = json_is_number(cost) ? ROWAN_OK : ROWAN_UNEXPECTED;
    json_decref(plan);
    return status;
}

/* Whether a node of a plan, or one below it, reads a table whole and keeps few rows. */
static bool node_reads_whole(const json_t *node, const rowan__index_table *table)
{
    const char *type = json_string_value(json_object_get(node, "Node Type"));
    const char *name = json_string_value(json_object_get(node, "Relation Name"));
    double kept = json_number_value(json_object_get(node, "Plan Rows"));
    const json_t *below = json_object_get(node, "Plans");
    size_t i;
    json_t *one;

    if (type != NULL && strcmp(type, "Seq Scan") == 0 && name != NULL &&
        strcmp(name, table->name) == 0 && table->rows >= MANY && kept <= table->rows / 10) {
        return true;
    }
    json_array_foreach(below, i, one)
    {
        if (node_reads_whole(one, table)) {
            return true;
        }
    }
    return false;
}

static bool reads_whole(const rowan__index_lab *lab, const rowan__index_table *table)
{
    json_t *plan = json_loads(lab->plan, 0, NULL);
    bool whole = node_reads_whole(json_object_get(json_array_get(plan, 0), "Plan"), table);

    json_decref(plan);
    return whole;
}

/* --- Indexes. --- */

/* Calls a function of hypopg about an index. */
static rowan_status ask_hypopg(rowan__index_lab *lab, const char *function,
                               const rowan__index_candidate *candidate, const char **out)
{
    const own *o = lab->own;
    char sql[256];

    snprintf(sql, sizeof sql, "SELECT %s.%s(%" PRId64 "::oid)::text", o->schema, function,
             candidate->made);
    return attempt_text(lab, sql, ROWAN_NO_PARAMS, out);
}

static rowan_status make_hypothetical(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    const own *o = lab->own;
    const char *created, *number = NULL;
    rowan_status status;
    rowan__text text;
    char sql[192];

    rowan__text_init(&text, lab->arena->allocator);
    rowan__index_write(&text, '"', candidate, "rowan_try", candidate->table->target);
    created = rowan__index_keep(lab, &text);
    if (created == NULL) {
        return ROWAN_NOMEM;
    }
    snprintf(sql, sizeof sql, "SELECT indexrelid::text FROM %s.hypopg_create_index(?)", o->schema);
    status = attempt_text(lab, sql, ROWAN_PARAMS(rowan_v_text(created)), &number);
    if (status != ROWAN_OK || number == NULL) {
        return status != ROWAN_OK ? status : ROWAN_UNEXPECTED;
    }
    candidate->made = strtoll(number, NULL, 10);
    snprintf(candidate->name, sizeof candidate->name, "<%s>", number);
    return ROWAN_OK;
}

static rowan_status make(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    const own *o = lab->own;
    rowan_status status;

    if (o->schema != NULL) {
        return make_hypothetical(lab, candidate);
    }
    status = rowan_begin(lab->scope, NULL);
    return status == ROWAN_OK ? settle(lab, rowan__index_copy_make(lab, candidate)) : status;
}

static rowan_status drop(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    const own *o = lab->own;
    const char *dropped;
    char sql[64];

    if (o->schema != NULL) {
        return ask_hypopg(lab, "hypopg_drop_index", candidate, &dropped);
    }
    snprintf(sql, sizeof sql, "DROP INDEX pg_temp.%s", candidate->name);
    return attempt(lab, sql);
}

static rowan_status size(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    const own *o = lab->own;
    const rowan__index_table *table = candidate->table;
    const char *bytes = NULL;
    rowan_status status;
    double share = 1;
    char sql[96];

    if (o->schema != NULL) {
        status = ask_hypopg(lab, "hypopg_relation_size", candidate, &bytes);
    } else {
        share = table->copied > 0 && table->rows > table->copied ? table->rows / table->copied : 1;
        snprintf(sql, sizeof sql, "SELECT pg_relation_size('pg_temp.%s')::text", candidate->name);
        status = attempt_text(lab, sql, ROWAN_NO_PARAMS, &bytes);
    }
    candidate->size_bytes = bytes != NULL ? (int64_t)(strtod(bytes, NULL) * share) : 0;
    return status;
}

static rowan_status is_free(rowan__index_lab *lab, const rowan__index_table *table,
                            const char *name, bool *out)
{
    const char *taken = NULL;
    rowan_status status = attempt_text(
        lab,
        "SELECT count(*)::text FROM pg_class i JOIN pg_class t ON t.relnamespace = i.relnamespace "
        "WHERE t.oid = to_regclass(?) AND i.relname = ?",
        ROWAN_PARAMS(rowan_v_text(table->target), rowan_v_text(name)), &taken);

    *out = taken != NULL && strcmp(taken, "0") == 0;
    return status;
}

/* What hypopg keeps is the connection's, and outlives the transaction. */
static void close_lab(rowan__index_lab *lab)
{
    const own *o = lab->own;
    const char *nothing;
    char sql[128];

    if (o != NULL && o->schema != NULL) {
        snprintf(sql, sizeof sql, "SELECT %s.hypopg_reset()::text", o->schema);
        (void)!attempt_text(lab, sql, ROWAN_NO_PARAMS, &nothing);
    }
}

const rowan__index_methods rowan__index_postgresql = {
    .engine = "postgresql",
    .quote = '"',
    .writes = true,
    .can = {.expressions = true, .conditions = true},
    .unit = "planner's cost",
    .least = 100,
    .open = open_lab,
    .look = look,
    .prepare = prepare,
    .estimate = estimate,
    .make = make,
    .drop = drop,
    .size = size,
    .reads_whole = reads_whole,
    .is_free = is_free,
    .close = close_lab,
};
