/*
 * The laboratory of SQLite: the schema, without a row, in a database in memory, with the statistics
 * of the real one. Where there are none they are estimated from a sample of its rows, as ANALYZE
 * would make them of all. The planner looks at nothing else.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "verify/index_private.h"

enum { MOST_TEXTS = 2048, MOST_LINES = 256, MOST_STATISTICS = 1024 };

typedef struct own {
    rowan_db *db;
    rowan__plan_line *lines; /* MOST_LINES */
    size_t line_count;
    rowan__plan_statistics *statistics; /* MOST_STATISTICS */
    size_t statistics_count;
    const char **texts; /* MOST_TEXTS: of the schema */
    size_t text_count;
} own;

/* A walk through rows: of which laboratory, and of which table. */
typedef struct looking {
    rowan__index_lab *lab;
    rowan__index_table *table; /* NULL: there is none */
} looking;

/* --- Opening: the schema. --- */

static rowan_status take_schema(void *context, const rowan_cursor *cursor)
{
    looking *l = context;
    own *o = l->lab->own;
    const char *sql = rowan__index_cell(cursor, 0, l->lab->arena);

    if (o->text_count < MOST_TEXTS && sql != NULL) {
        o->texts[o->text_count++] = sql;
    }
    return sql != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static bool make_room(rowan__index_lab *lab, own *o)
{
    o->lines =
        rowan__arena_new(lab->arena, MOST_LINES, sizeof *o->lines, _Alignof(rowan__plan_line));
    o->statistics = rowan__arena_new(lab->arena, MOST_STATISTICS, sizeof *o->statistics,
                                     _Alignof(rowan__plan_statistics));
    o->texts = rowan__arena_new(lab->arena, MOST_TEXTS, sizeof *o->texts, _Alignof(const char *));
    return o->lines != NULL && o->statistics != NULL && o->texts != NULL;
}

/* What the copy cannot have, such as a table of a module that is not there, it goes without. */
static rowan_status copy_schema(rowan__index_lab *lab)
{
    own *o = lab->own;
    looking l = {.lab = lab};
    rowan_status status = rowan__index_query(
        lab, lab->trial->scope,
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_' "
        "AND type IN ('table', 'index', 'view') AND sql NOT LIKE 'create virtual%' ORDER BY "
        "type = 'table' DESC, type = 'index' DESC",
        ROWAN_NO_PARAMS, take_schema, &l);

    for (size_t i = 0; i < o->text_count && status == ROWAN_OK; i++) {
        status =
            rowan__index_run(lab, lab->scope, o->texts[i]) == ROWAN_NOMEM ? ROWAN_NOMEM : ROWAN_OK;
    }
    return status == ROWAN_OK ? rowan__index_run(lab, lab->scope, "ANALYZE") : status;
}

static rowan_status add_statistic(rowan__index_lab *lab, const char *table, const char *index,
                                  const char *stat)
{
    return rowan_raw_run(lab->scope, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                         ROWAN_PARAMS(rowan_v_text(table), rowan_v_text(index), rowan_v_text(stat)),
                         NULL);
}

static rowan_status take_statistic(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;

    return add_statistic(l->lab, rowan__index_cell(cursor, 0, l->lab->arena),
                         rowan__index_cell(cursor, 1, l->lab->arena),
                         rowan__index_cell(cursor, 2, l->lab->arena));
}

static rowan_status copy_statistics(rowan__index_lab *lab)
{
    looking l = {.lab = lab};
    double has = 0;
    rowan_status status = rowan__index_number(
        lab, lab->trial->scope, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'",
        ROWAN_NO_PARAMS, &has);

    return status == ROWAN_OK && has > 0
               ? rowan__index_query(lab, lab->trial->scope,
                                    "SELECT tbl, idx, stat FROM sqlite_stat1", ROWAN_NO_PARAMS,
                                    take_statistic, &l)
               : status;
}

/* LIKE heeds case on Rowan's connections, and not on those of others, which say no pattern. Only an
 * index that heeds it, or does not, as well serves it. */
static rowan_status agree_on_like(rowan__index_lab *lab)
{
    return rowan__index_run(lab, lab->scope,
                            lab->statement->pattern != NULL ? "PRAGMA case_sensitive_like = ON"
                                                            : "PRAGMA case_sensitive_like = OFF");
}

static rowan_status open_lab(rowan__index_lab *lab)
{
    own *o = rowan__arena_new(lab->arena, 1, sizeof *o, _Alignof(own));
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_status status;

    lab->own = o;
    if (o == NULL || !make_room(lab, o)) {
        return ROWAN_NOMEM;
    }
    lab->how = "on a copy of schema and statistics";
    options.no_detector = true;
    status = rowan_open("sqlite::memory:", &options, &o->db, NULL);
    if (status == ROWAN_OK) {
        status = rowan_scope_begin(o->db, "rowan index", &lab->scope, NULL);
    }
    if (status == ROWAN_OK) {
        status = agree_on_like(lab);
    }
    if (status == ROWAN_OK) {
        status = copy_schema(lab);
    }
    return status == ROWAN_OK ? copy_statistics(lab) : status;
}

/* --- The catalogue. --- */

static rowan_status take_table(void *context, const rowan_cursor *cursor)
{
    looking *l = context;

    l->table = rowan__index_new_table(l->lab, NULL, rowan__index_cell(cursor, 0, l->lab->arena), 0);
    return l->table != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static rowan_status take_column(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;
    const rowan__index_column column = {
        .name = rowan__index_cell(cursor, 0, l->lab->arena),
        .prefix = rowan__index_cell(cursor, 1, l->lab->arena),
    };

    return rowan__index_add_column(l->lab, l->table, &column);
}

static rowan_status take_key(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;

    return rowan__index_add_key(l->lab, l->table, (size_t)rowan__index_cell_number(cursor, 0),
                                rowan__index_cell(cursor, 1, l->lab->arena),
                                rowan__index_cell_number(cursor, 2) != 0);
}

/* The primary key, which may be no index, is the last of the indexes. */
static const char table_sql[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE AND substr("
    "name, 1, 7) <> 'sqlite_'";
static const char columns_sql[] =
    "SELECT name, CASE WHEN upper(type) GLOB '*CHAR*' OR upper(type) GLOB '*TEXT*' OR upper(type) "
    "GLOB '*CLOB*' THEN iif('a' LIKE 'A', ' COLLATE NOCASE', '') END FROM pragma_table_xinfo(?) "
    "WHERE hidden <> 1";
static const char indexes_sql[] =
    "SELECT i.seq, CASE WHEN c.coll = 'BINARY' THEN c.name END, i.partial, c.seqno FROM "
    "pragma_index_list(?) AS i JOIN pragma_index_xinfo(i.name) AS c WHERE c.key = 1 "
    "UNION ALL SELECT 100000, name, 0, pk FROM pragma_table_info(?) WHERE pk > 0 "
    "ORDER BY 1, 4";

static rowan_status count_rows(rowan__index_lab *lab, rowan__index_table *table)
{
    char sql[512];
    rowan_status status = rowan__index_number(
        lab, lab->scope,
        "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = ? ORDER BY 1 DESC LIMIT 1",
        ROWAN_PARAMS(rowan_v_text(table->name)), &table->rows);

    if (status != ROWAN_NOT_FOUND) {
        return status;
    }
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table->target);
    return rowan__index_number(lab, lab->trial->scope, sql, ROWAN_NO_PARAMS, &table->rows);
}

static rowan_status look(rowan__index_lab *lab, const rowan__index_source *source,
                         rowan__index_table **out)
{
    looking l = {.lab = lab};
    rowan_status status = ROWAN_OK;

    *out = NULL;
    if (source->schema != NULL && strcasecmp(source->schema, "main") != 0) {
        return ROWAN_OK;
    }
    status = rowan__index_query(lab, lab->scope, table_sql,
                                ROWAN_PARAMS(rowan_v_text(source->name)), take_table, &l);
    if (status != ROWAN_OK || l.table == NULL) {
        return status;
    }
    status = rowan__index_query(lab, lab->scope, columns_sql,
                                ROWAN_PARAMS(rowan_v_text(l.table->name)), take_column, &l);
    if (status == ROWAN_OK) {
        status = rowan__index_query(
            lab, lab->scope, indexes_sql,
            ROWAN_PARAMS(rowan_v_text(l.table->name), rowan_v_text(l.table->name)), take_key, &l);
    }
    if (status == ROWAN_OK) {
        status = count_rows(lab, l.table);
    }
    *out = status == ROWAN_OK ? l.table : NULL;
    return status;
}

/* --- Statistics that ANALYZE would make. --- */

/* What a sample tells of how many rows have the same first keys. */
typedef struct sampled {
    double groups, rows, alone; /* alone: groups of one row */
} sampled;

static rowan_status take_sampled(void *context, const rowan_cursor *cursor)
{
    sampled *s = context;

    s->groups = rowan__index_cell_number(cursor, 0);
    s->rows = rowan__index_cell_number(cursor, 1);
    s->alone = rowan__index_cell_number(cursor, 2);
    return ROWAN_OK;
}

/*
 * Rows for each group in the whole table. How many groups there are is estimated as PostgreSQL's
 * ANALYZE does (Haas and Stokes): those seen once tell how many were not seen.
 */
static double rows_each(const sampled *s, double all)
{
    double groups;

    if (s->rows < 1 || s->groups < 1) {
        return 1;
    }
    if (all <= s->rows) {
        return ceil(s->rows / s->groups);
    }
    groups = s->rows * s->groups / (s->rows - s->alone + s->alone * s->rows / all);
    return groups < all ? ceil(all / groups) : 1;
}

/* @p keys are of SQL, with commas between */
static rowan_status sample(rowan__index_lab *lab, const rowan__index_table *table, const char *keys,
                           const char *condition, sampled *out)
{
    const char *sql;
    rowan__text text;

    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_format(&text,
                       "SELECT count(*), coalesce(sum(c), 0), coalesce(sum(c = 1), 0) FROM (SELECT "
                       "count(*) AS c FROM (SELECT * FROM %s LIMIT %d) WHERE %s GROUP BY %s)",
                       table->target, ROWAN__INDEX_SAMPLE, condition != NULL ? condition : "1",
                       keys);
    sql = rowan__index_keep(lab, &text);
    return sql != NULL
               ? rowan__index_query(lab, lab->trial->scope, sql, ROWAN_NO_PARAMS, take_sampled, out)
               : ROWAN_NOMEM;
}

static void add_key(rowan__text *text, const rowan__index_key *key)
{
    rowan__text_str(text, text->size > 0 ? ", " : "");
    if (key->expression != NULL) {
        rowan__text_str(text, key->expression);
    } else {
        rowan__index_quote(text, '"', key->column);
    }
    if (strstr(key->suffix, "COLLATE NOCASE") != NULL) {
        rowan__text_str(text, " COLLATE NOCASE");
    }
}

/* Writes the statistics of an index that is called so in the copy. */
static rowan_status analyze(rowan__index_lab *lab, const rowan__index_candidate *index,
                            const char *name)
{
    const rowan__index_table *table = index->table;
    double seen = table->rows < ROWAN__INDEX_SAMPLE ? table->rows : ROWAN__INDEX_SAMPLE;
    rowan_status status = ROWAN_OK;
    rowan__text keys, stat;

    rowan__text_init(&keys, lab->arena->allocator);
    rowan__text_init(&stat, lab->arena->allocator);
    for (size_t i = 0; i < index->key_count && status == ROWAN_OK; i++) {
        sampled s = {0};
        add_key(&keys, &index->keys[i]);
        status = sample(lab, table, rowan__text_string(&keys), index->condition, &s);
        double all = seen > 0 ? table->rows * s.rows / seen : 0;
        if (i == 0) {
            rowan__text_format(&stat, "%.0f", all > 1 ? all : 1);
        }
        rowan__text_format(&stat, " %.0f", rows_each(&s, all));
    }
    if (keys.failed || stat.failed) {
        status = ROWAN_NOMEM;
    }
    if (status == ROWAN_OK) {
        status = add_statistic(lab, table->name, name, rowan__text_string(&stat));
    }
    rowan__text_fini(&keys);
    rowan__text_fini(&stat);
    return status;
}

/* Indexes of a table in the copy, without statistics. */
typedef struct unanalyzed {
    rowan__index_lab *lab;
    rowan__index_candidate at[ROWAN__INDEX_CANDIDATES];
    const char *names[ROWAN__INDEX_CANDIDATES];
    size_t count;
} unanalyzed;

static rowan_status take_unanalyzed(void *context, const rowan_cursor *cursor)
{
    unanalyzed *u = context;
    const char *name = rowan__index_cell(cursor, 0, u->lab->arena);
    const char *column = rowan__index_cell(cursor, 1, u->lab->arena);
    rowan__index_candidate *last;

    if (name == NULL) {
        return ROWAN_NOMEM;
    }
    if (u->count == 0 || strcmp(u->names[u->count - 1], name) != 0) {
        if (u->count == ROWAN__INDEX_CANDIDATES) {
            return ROWAN_OK;
        }
        u->names[u->count++] = name;
    }
    last = &u->at[u->count - 1];
    if (column != NULL && last->key_count < ROWAN__INDEX_KEYS) {
        last->keys[last->key_count++] = (rowan__index_key){.column = column, .suffix = ""};
    }
    return ROWAN_OK;
}

static rowan_status analyze_table(rowan__index_lab *lab, rowan__index_table *table)
{
    unanalyzed *u = rowan__arena_new(lab->arena, 1, sizeof *u, _Alignof(unanalyzed));
    rowan_status status;
    char stat[32];

    if (u == NULL) {
        return ROWAN_NOMEM;
    }
    u->lab = lab;
    status = rowan__index_query(
        lab, lab->scope,
        "SELECT i.name, c.name FROM pragma_index_list(?) AS i JOIN pragma_index_xinfo(i.name) AS c "
        "WHERE c.key = 1 AND i.partial = 0 AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 AS s WHERE "
        "s.tbl = ?) ORDER BY i.seq, c.seqno",
        ROWAN_PARAMS(rowan_v_text(table->name), rowan_v_text(table->name)), take_unanalyzed, u);
    for (size_t i = 0; i < u->count && status == ROWAN_OK; i++) {
        u->at[i].table = table;
        if (u->at[i].key_count > 0) {
            status = analyze(lab, &u->at[i], u->names[i]);
        }
    }
    snprintf(stat, sizeof stat, "%.0f", table->rows > 1 ? table->rows : 1);
    return status == ROWAN_OK && u->count == 0 ? add_statistic(lab, table->name, NULL, stat)
                                               : status;
}

/* What part of a table's rows a comparison with one value leaves. */
static rowan_status find_share(rowan__index_lab *lab, rowan__index_term *term)
{
    const rowan__index_key key = {.column = term->column, .suffix = ""};
    const rowan__index_table *table = term->table;
    sampled s = {0};
    rowan_status status;
    rowan__text keys;

    rowan__text_init(&keys, lab->arena->allocator);
    add_key(&keys, &key);
    status = keys.failed ? ROWAN_NOMEM : sample(lab, table, rowan__text_string(&keys), NULL, &s);
    rowan__text_fini(&keys);
    term->share = table->rows > 1 ? rows_each(&s, table->rows) / table->rows : 1;
    return status;
}

/* What part a comparison leaves with the values that were sent: the planner takes any for average,
 * and a range for a quarter. */
static rowan_status find_own_share(rowan__index_lab *lab, rowan__index_term *term)
{
    const rowan__index_table *table = term->table;
    double seen = table->rows < ROWAN__INDEX_SAMPLE ? table->rows : ROWAN__INDEX_SAMPLE;
    const char *condition, *sql;
    rowan_params params;
    rowan_status status = rowan__index_bind_term(lab, term, &condition, &params);
    rowan__text text;

    if (status != ROWAN_OK || condition == NULL || seen < 1) {
        return status;
    }
    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_format(&text, "SELECT count(*) FROM (SELECT * FROM %s LIMIT %d) AS ", table->target,
                       ROWAN__INDEX_SAMPLE);
    rowan__index_quote(&text, '"', term->qualifier != NULL ? term->qualifier : table->name);
    rowan__text_format(&text, " WHERE %s", condition);
    sql = rowan__index_keep(lab, &text);
    status = sql != NULL
                 ? rowan__index_number(lab, lab->trial->scope, sql, params, &term->own_share)
                 : ROWAN_NOMEM;
    term->own_share = status != ROWAN_OK      ? 0
                      : term->own_share > 0.5 ? term->own_share / seen
                                              : 0.5 / seen; /* none in the sample is few in all */
    return status == ROWAN_NOMEM ? status : ROWAN_OK;
}

static bool compares_value(const rowan__index_term *term)
{
    return term->role == ROWAN__INDEX_EQUAL || term->role == ROWAN__INDEX_LIST ||
           term->role == ROWAN__INDEX_RANGE || term->role == ROWAN__INDEX_PREFIX;
}

static rowan_status find_shares(rowan__index_lab *lab)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < lab->reading->term_count && status == ROWAN_OK; i++) {
        rowan__index_term *term = &lab->reading->terms[i];
        if (term->table == NULL || term->is_alternative || !compares_value(term)) {
            continue;
        }
        if (term->role == ROWAN__INDEX_EQUAL && term->expression == NULL) {
            status = find_share(lab, term);
        }
        if (status == ROWAN_OK) {
            status = find_own_share(lab, term);
        }
    }
    return status;
}

/* --- The statement. --- */

static rowan_status reload(rowan__index_lab *lab)
{
    return rowan__index_run(lab, lab->scope, "ANALYZE sqlite_schema");
}

static rowan_status prepare(rowan__index_lab *lab)
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < lab->reading->source_count && status == ROWAN_OK; i++) {
        if (lab->reading->sources[i].table != NULL) {
            status = analyze_table(lab, lab->reading->sources[i].table);
        }
    }
    if (status == ROWAN_OK) {
        status = find_shares(lab);
    }
    if (status == ROWAN_OK) {
        status = reload(lab);
    }
    return status == ROWAN_OK ? rowan__index_bind(lab, "EXPLAIN QUERY PLAN ", false) : status;
}

static rowan_status take_line(void *context, const rowan_cursor *cursor)
{
    looking *l = context;
    own *o = l->lab->own;
    rowan__plan_line line = {
        .id = (int64_t)rowan__index_cell_number(cursor, 0),
        .parent = (int64_t)rowan__index_cell_number(cursor, 1),
        .detail = rowan__index_cell(cursor, 3, l->lab->arena),
    };

    if (o->line_count < MOST_LINES && line.detail != NULL) {
        o->lines[o->line_count++] = line;
    }
    return line.detail != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static rowan_status take_known(void *context, const rowan_cursor *cursor)
{
    looking *l = context;
    own *o = l->lab->own;
    rowan__plan_statistics known = {
        .index = rowan__index_cell(cursor, 0, l->lab->arena),
        .stat = rowan__index_cell(cursor, 1, l->lab->arena),
    };

    if (o->statistics_count < MOST_STATISTICS && known.index != NULL && known.stat != NULL) {
        o->statistics[o->statistics_count++] = known;
    }
    return ROWAN_OK;
}

static rowan_status keep_plan(rowan__index_lab *lab)
{
    const own *o = lab->own;
    rowan__text text;

    rowan__text_init(&text, lab->arena->allocator);
    for (size_t i = 0; i < o->line_count; i++) {
        rowan__text_format(&text, "%s \n", o->lines[i].detail);
    }
    lab->plan = rowan__index_keep(lab, &text);
    return lab->plan != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static rowan_status estimate(rowan__index_lab *lab, double *out)
{
    own *o = lab->own;
    looking l = {.lab = lab};
    rowan_status status;

    o->line_count = o->statistics_count = 0;
    status = rowan__index_query(lab, lab->scope, lab->sql, lab->params, take_line, &l);
    if (status == ROWAN_OK) {
        status = rowan__index_query(
            lab, lab->scope, "SELECT coalesce(idx, tbl), stat FROM sqlite_stat1 WHERE stat > ''",
            ROWAN_NO_PARAMS, take_known, &l);
    }
    *out = rowan__steps_of_lines(o->lines, o->line_count, rowan__index_limit(lab), lab->reading,
                                 o->statistics, o->statistics_count);
    return status == ROWAN_OK ? keep_plan(lab) : status;
}

/* --- Indexes. --- */

static rowan_status make(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    const char *sql;
    rowan__text text;
    rowan_status status;

    snprintf(candidate->name, sizeof candidate->name, "rowan_try_%03zu", ++lab->tried);
    rowan__text_init(&text, lab->arena->allocator);
    rowan__index_write(&text, '"', candidate, candidate->name, candidate->table->target);
    sql = rowan__index_keep(lab, &text);
    status = sql != NULL ? rowan__index_run(lab, lab->scope, sql) : ROWAN_NOMEM;
    if (status == ROWAN_OK) {
        status = analyze(lab, candidate, candidate->name);
    }
    return status == ROWAN_OK ? reload(lab) : status;
}

/* Its statistics go with it. */
static rowan_status drop(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    char sql[64];

    snprintf(sql, sizeof sql, "DROP INDEX %s", candidate->name);
    return rowan__index_run(lab, lab->scope, sql);
}

static rowan_status size(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    return rowan__index_measure(lab, "length(CAST(%s AS BLOB))", candidate);
}

static rowan_status is_free(rowan__index_lab *lab, const rowan__index_table *table,
                            const char *name, bool *out)
{
    double taken = 1;
    rowan_status status = rowan__index_number(
        lab, lab->scope, "SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE",
        ROWAN_PARAMS(rowan_v_text(name)), &taken);

    (void)table;
    *out = taken == 0;
    return status;
}

static void close_lab(rowan__index_lab *lab)
{
    own *o = lab->own;

    if (o != NULL) {
        rowan_scope_end(lab->scope);
        rowan_close(o->db);
    }
}

const rowan__index_methods rowan__index_sqlite = {
    .engine = "sqlite",
    .quote = '"',
    .can = {.expressions = true, .conditions = true},
    .unit = "row steps",
    .least = 1000,
    .open = open_lab,
    .look = look,
    .prepare = prepare,
    .estimate = estimate,
    .make = make,
    .drop = drop,
    .size = size,
    .is_free = is_free,
    .close = close_lab,
};
