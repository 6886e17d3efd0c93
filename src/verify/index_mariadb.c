/*
 * The laboratory of MariaDB, which has no hypothetical indexes: tables are copied into temporary
 * ones, a sample of their rows, and the indexes made on those are real. Rows are copied at READ
 * COMMITTED, because INSERT ... SELECT would else lock what it reads.
 *
 * The first rows of a table are the oldest, and often unlike the others. So rows are drawn from all
 * over it: of a table that can be gone through by lot, of a larger one in slices of its key.
 */
#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "verify/index_private.h"

enum { MANY = 1000 }; /* rows of a table that ought not to be read whole */

/* --- The catalogue. --- */

typedef struct looking {
    rowan__index_lab *lab;
    const rowan__index_source *source;
    rowan__index_table *table; /* NULL: there is none */
} looking;

static rowan_status take_table(void *context, const rowan_cursor *cursor)
{
    looking *l = context;

    l->table = rowan__index_new_table(l->lab, l->source->schema,
                                      rowan__index_cell(cursor, 0, l->lab->arena),
                                      rowan__index_cell_number(cursor, 1));
    return l->table != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

static rowan_status take_column(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;
    const rowan__index_column column = {
        .name = rowan__index_cell(cursor, 0, l->lab->arena),
        .prefix = rowan__index_cell(cursor, 1, l->lab->arena),
        .length = rowan__index_cell(cursor, 2, l->lab->arena),
        .is_generated = rowan__index_cell_number(cursor, 3) != 0,
    };

    return rowan__index_add_column(l->lab, l->table, &column);
}

static rowan_status take_key(void *context, const rowan_cursor *cursor)
{
    const looking *l = context;

    return rowan__index_add_key(l->lab, l->table, (size_t)rowan__index_cell_number(cursor, 0),
                                rowan__index_cell(cursor, 1, l->lab->arena), false);
}

static const char table_sql[] =
    "SELECT table_name, coalesce(table_rows, 0) FROM information_schema.tables WHERE table_schema "
    "= coalesce(?, database()) AND table_name = ? AND table_type = 'BASE TABLE'";
static const char columns_sql[] =
    "SELECT column_name, CASE WHEN data_type IN ('char', 'varchar', 'enum') THEN '' WHEN data_type "
    "LIKE '%text' THEN '(100)' END, CASE WHEN data_type LIKE '%text' OR data_type LIKE '%blob' "
    "THEN '(100)' ELSE '' END, is_generated = 'ALWAYS' FROM information_schema.columns WHERE "
    "table_schema = coalesce(?, database()) AND table_name = ? ORDER BY ordinal_position";
static const char indexes_sql[] =
    "SELECT dense_rank() OVER (ORDER BY index_name), CASE WHEN sub_part IS NULL THEN column_name "
    "END FROM information_schema.statistics WHERE table_schema = coalesce(?, database()) AND "
    "table_name = ? AND index_type = 'BTREE' ORDER BY 1, seq_in_index";

static rowan_status look(rowan__index_lab *lab, const rowan__index_source *source,
                         rowan__index_table **out)
{
    looking l = {.lab = lab, .source = source};
    const rowan_params names =
        ROWAN_PARAMS(rowan_v_text(source->schema), rowan_v_text(source->name));
    rowan_status status = rowan__index_query(lab, lab->scope, table_sql, names, take_table, &l);

    if (status == ROWAN_OK && l.table != NULL) {
        status = rowan__index_query(lab, lab->scope, columns_sql, names, take_column, &l);
    }
    if (status == ROWAN_OK && l.table != NULL) {
        status = rowan__index_query(lab, lab->scope, indexes_sql, names, take_key, &l);
    }
    *out = status == ROWAN_OK ? l.table : NULL;
    return status;
}

/* --- The statement. --- */

/* The trial's transaction would take locks; what is done here needs none. */
static rowan_status open_lab(rowan__index_lab *lab)
{
    lab->scope = lab->trial->scope;
    lab->how = "on a sample of the rows";
    return rowan_rollback(lab->scope);
}

static void add_columns(rowan__text *text, const rowan__index_table *table)
{
    const char *before = "";

    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].is_generated) {
            rowan__text_str(text, before);
            rowan__index_quote(text, '`', table->columns[i].name);
            before = ", ";
        }
    }
}

/* "INSERT INTO copy (columns) SELECT columns FROM ": what follows says which rows. */
static void begin_insert(rowan__text *text, const rowan__index_table *table)
{
    rowan__text_format(text, "; INSERT INTO %s (", table->copy);
    add_columns(text, table);
    rowan__text_str(text, ") SELECT ");
    add_columns(text, table);
    rowan__text_str(text, " FROM ");
}

/* The range of a key of one integer column. */
typedef struct key_range {
    const char *column; /* NULL: there is no such key */
    double first, last;
} key_range;

static const char key_sql[] =
    "SELECT c.column_name FROM information_schema.columns c WHERE c.table_schema = coalesce(?, "
    "database()) AND c.table_name = ? AND c.column_key = 'PRI' AND c.data_type LIKE '%int' AND "
    "(SELECT count(*) FROM information_schema.statistics s WHERE s.table_schema = c.table_schema "
    "AND s.table_name = c.table_name AND s.index_name = 'PRIMARY') = 1";

static rowan_status find_range(rowan__index_lab *lab, const rowan__index_table *table,
                               key_range *out)
{
    static const char *const ends[] = {"min", "max"};
    double *const into[] = {&out->first, &out->last};
    rowan_status status = rowan__index_text(
        lab, lab->scope, key_sql,
        ROWAN_PARAMS(rowan_v_text(table->schema), rowan_v_text(table->name)), &out->column);

    for (size_t i = 0; i < 2 && status == ROWAN_OK && out->column != NULL; i++) {
        const char *sql;
        rowan__text text;
        rowan__text_init(&text, lab->arena->allocator);
        rowan__text_format(&text, "SELECT %s(", ends[i]);
        rowan__index_quote(&text, '`', out->column);
        rowan__text_format(&text, ") FROM %s", table->target);
        sql = rowan__index_keep(lab, &text);
        status = sql != NULL ? rowan__index_number(lab, lab->scope, sql, ROWAN_NO_PARAMS, into[i])
                             : ROWAN_NOMEM;
    }
    return status == ROWAN_NOT_FOUND ? ROWAN_OK : status;
}

/* The first rows behind each of many places that are evenly spread over the key. */
static void add_slices(rowan__text *text, const rowan__index_table *table, const key_range *range)
{
    enum { SLICES = 200 };
    double step = (range->last - range->first + 1) / SLICES;

    for (int i = 0; i < SLICES; i++) {
        begin_insert(text, table);
        rowan__text_format(text, "%s WHERE ", table->target);
        rowan__index_quote(text, '`', range->column);
        rowan__text_format(text, " >= %.0f AND ", range->first + i * step);
        rowan__index_quote(text, '`', range->column);
        rowan__text_format(text, " < %.0f ORDER BY ", range->first + (i + 1) * step);
        rowan__index_quote(text, '`', range->column);
        rowan__text_format(text, " LIMIT %d", ROWAN__INDEX_SAMPLE / SLICES);
    }
}

/* Rows by lot, the same ones each time; of a large table without a key to go by, of its first. */
static void add_lots(rowan__text *text, const rowan__index_table *table)
{
    char share[ROWAN__REAL_TEXT];

    begin_insert(text, table);
    if (table->rows <= ROWAN__INDEX_SAMPLE) {
        rowan__text_str(text, table->target);
    } else if (table->rows <= ROWAN__INDEX_READ) {
        snprintf(share, sizeof share, "%.6f", ROWAN__INDEX_SAMPLE / table->rows);
        rowan__text_format(text, "%s WHERE rand(1) < %s", table->target, rowan__real_point(share));
    } else {
        snprintf(share, sizeof share, "%.6f", (double)ROWAN__INDEX_SAMPLE / ROWAN__INDEX_READ);
        rowan__text_format(text, "(SELECT * FROM %s LIMIT %d) AS rowan_first WHERE rand(1) < %s",
                           table->target, ROWAN__INDEX_READ, rowan__real_point(share));
    }
    rowan__text_format(text, " LIMIT %d", 2 * ROWAN__INDEX_SAMPLE);
}

static rowan_status fill(rowan__index_lab *lab, const rowan__index_table *table)
{
    key_range range = {.column = NULL};
    rowan_status status =
        table->rows > ROWAN__INDEX_READ ? find_range(lab, table, &range) : ROWAN_OK;
    rowan__text text;
    const char *sql;

    if (status != ROWAN_OK) {
        return status;
    }
    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_format(&text, "CREATE TEMPORARY TABLE %s LIKE %s", table->copy, table->target);
    if (range.column != NULL) {
        add_slices(&text, table, &range);
    } else {
        add_lots(&text, table);
    }
    sql = rowan__index_keep(lab, &text);
    return sql != NULL ? rowan__index_script(lab, lab->scope, sql) : ROWAN_NOMEM;
}

static void drop_copies(rowan__index_lab *lab)
{
    char sql[80];

    for (size_t i = 0; i < lab->reading->source_count; i++) {
        const rowan__index_table *table = lab->reading->sources[i].table;
        if (table != NULL && table->copy != NULL) {
            snprintf(sql, sizeof sql, "DROP TEMPORARY TABLE IF EXISTS %s", table->copy);
            (void)!rowan__index_run(lab, lab->scope, sql);
        }
    }
}

static rowan_status copy(rowan__index_lab *lab)
{
    const rowan_transaction_options options = {.isolation = ROWAN_READ_COMMITTED};
    rowan_status status = rowan_begin(lab->scope, &options);

    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__index_copy(lab, "", fill);
    if (status == ROWAN_OK) {
        return rowan_commit(lab->scope); /* of nothing but temporary tables */
    }
    (void)!rowan_rollback(lab->scope);
    drop_copies(lab);
    return status;
}

/* In a transaction that may only read: a function that writes is refused. */
static rowan_status estimate(rowan__index_lab *lab, double *out)
{
    const rowan_transaction_options options = {.read_only = true};
    rowan_status status = rowan_begin(lab->scope, &options);

    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan__index_text(lab, lab->scope, lab->sql, lab->params, &lab->plan);
    if (status == ROWAN_OK) {
        bool is_read = lab->plan != NULL && rowan__steps_of_json(lab->plan, out);
        status = is_read ? ROWAN_OK : ROWAN_UNEXPECTED;
    }
    if (rowan_transaction_depth(lab->scope) > 0) {
        (void)!rowan_rollback(lab->scope);
    }
    return status;
}

/* A read is run on the copies, in time, because the planner's guess of how far it has to read for
 * the first rows in an order is far off; a write is only explained, and so is what takes too long.
 */
static rowan_status prepare(rowan__index_lab *lab)
{
    rowan_status status = lab->looks_only ? ROWAN_OK : copy(lab);
    bool runs = !lab->looks_only && rowan__is_plain_read("mariadb", lab->parts);
    double amount;

    if (status == ROWAN_OK && runs) {
        status = rowan__index_bind(lab, "ANALYZE FORMAT=JSON ", false);
        runs = status == ROWAN_OK && estimate(lab, &amount) == ROWAN_OK;
    }
    return status == ROWAN_OK && !runs ? rowan__index_bind(lab, "EXPLAIN FORMAT=JSON ", false)
                                       : status;
}

/* The value in the middle of the sample. */
static rowan_status guess(rowan__index_lab *lab, const rowan__index_term *term, rowan_value *out)
{
    rowan_status status;
    const char *sql, *value = NULL;
    rowan__text text;

    if (term->table->copy == NULL) {
        return ROWAN_OK;
    }
    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_str(&text, "SELECT CAST(");
    if (term->expression != NULL) {
        rowan__text_str(&text, term->expression);
    } else {
        rowan__index_quote(&text, '`', term->column);
    }
    rowan__text_format(&text, " AS CHAR) FROM %s LIMIT 1 OFFSET %.0f", term->table->copy,
                       term->table->copied / 2);
    sql = rowan__index_keep(lab, &text);
    status = sql != NULL ? rowan__index_text(lab, lab->scope, sql, ROWAN_NO_PARAMS, &value)
                         : ROWAN_NOMEM;
    *out = rowan_v_text(value);
    return status == ROWAN_NOT_FOUND ? ROWAN_OK : status;
}

/* How many rows are kept is not known without statistics: what is read whole has to be large. */
static bool reads_whole(const rowan__index_lab *lab, const rowan__index_table *table)
{
    for (size_t i = 0; i < lab->reading->source_count; i++) {
        const rowan__index_source *source = &lab->reading->sources[i];
        if (source->table == table && table->rows >= MANY &&
            rowan__plan_reads_whole(lab->plan, source->alias)) {
            return true;
        }
    }
    return false;
}

/* --- Indexes. --- */

static rowan_status drop(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    char sql[96];

    snprintf(sql, sizeof sql, "DROP INDEX %s ON %s", candidate->name, candidate->table->copy);
    return rowan__index_run(lab, lab->scope, sql);
}

static rowan_status size(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    return rowan__index_measure(lab, "length(%s)", candidate);
}

static rowan_status is_free(rowan__index_lab *lab, const rowan__index_table *table,
                            const char *name, bool *out)
{
    double taken = 1;
    rowan_status status = rowan__index_number(
        lab, lab->scope,
        "SELECT count(*) FROM information_schema.statistics WHERE table_schema = coalesce(?, "
        "database()) AND table_name = ? AND index_name = ?",
        ROWAN_PARAMS(rowan_v_text(table->schema), rowan_v_text(table->name), rowan_v_text(name)),
        &taken);

    *out = taken == 0;
    return status;
}

const rowan__index_methods rowan__index_mariadb = {
    .engine = "mariadb",
    .quote = '`',
    .writes = true,
    .unit = "row steps",
    .least = 1000,
    .open = open_lab,
    .look = look,
    .prepare = prepare,
    .guess = guess,
    .estimate = estimate,
    .make = rowan__index_copy_make,
    .drop = drop,
    .size = size,
    .reads_whole = reads_whole,
    .is_free = is_free,
    .close = drop_copies, /* the connection is used again */
};
