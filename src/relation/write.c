/*
 * Writing of rows whose columns are known.
 *
 * The first row of a batch is rendered as an ordinary update or delete; the values of all rows, the
 * first included, are then bound in the order in which such a statement has its placeholders: what
 * is set in the order of the columns, the key, the version.
 */
#include "relation/write.h"

#include <string.h>

#include "relation/keys.h"

enum { COLUMNS_MAX = 256 };

_Static_assert(ROWAN__KEY_MAX == 16, "rowan__key_nodes has room for a key and a version");

rowan__mask rowan__changes(const rowan_table *table, const void *row, const void *original)
{
    rowan__mask changed = {{0}};

    for (size_t i = 0; i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        if ((column->flags & ROWAN_VERSION) == 0 &&
            !rowan__member_untouched(column, row, original) &&
            !rowan__member_same(column, row, original)) {
            rowan__mask_add(&changed, i);
        }
    }
    return changed;
}

rowan__mask rowan__insert_columns(const rowan_table *table, const void *row)
{
    rowan__mask columns = rowan__mask_all(table);

    for (size_t i = 0; i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        if ((column->flags & ROWAN_GENERATED) != 0 && rowan__member_is_zero(column, row)) {
            columns.bits[i / 64] &= ~((uint64_t)1 << (i % 64));
        }
    }
    return columns;
}

bool rowan__insert_the_same(const rowan_table *table, const rowan__structs *rows)
{
    for (size_t i = 0; rows->count > 1 && i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        if ((column->flags & ROWAN_GENERATED) != 0) {
            size_t absent = rowan__count_absent(rows, column);
            if (absent != 0 && absent != rows->count) {
                return false;
            }
        }
    }
    return true;
}

rowan_status rowan__keep_texts(rowan_scope *scope, const rowan_table *table,
                               const rowan__mask *columns, void *row)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (rowan__mask_has(columns, i) &&
            !rowan__member_keep(rowan__scope_arena(scope), &table->columns[i], row)) {
            return rowan__scope_nomem(scope);
        }
    }
    return ROWAN_OK;
}

static bool has_column(const uint64_t loaded[4], const rowan_column *column)
{
    size_t i = rowan__column_index(column);

    return (loaded[i / 64] >> (i % 64) & 1) != 0;
}

rowan_status rowan__check_table(rowan_scope *scope, const rowan_table *table)
{
    if (table == NULL) {
        return rowan__refuse_null(scope, "the table");
    }
    if (table->name == NULL || table->primary_count == 0 || table->primary_count > ROWAN__KEY_MAX) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "rows of %s cannot be written: it has no key",
                                 table->name != NULL ? table->name : "a shape that is no table");
    }
    return ROWAN_OK;
}

static inline rowan_status check_keyed(rowan_scope *scope, const rowan_table *table,
                                       const uint64_t loaded[4])
{
    rowan_status status = rowan__check_table(scope, table);

    for (size_t i = 0; status == ROWAN_OK && i < table->primary_count; i++) {
        if (!has_column(loaded, table->primary[i])) {
            status = rowan__scope_fail(scope, ROWAN_MISUSE,
                                       "the row of %s was read without its key column %s",
                                       table->name, table->primary[i]->name);
        }
    }
    return status;
}

rowan_status rowan__check_keyed(rowan_scope *scope, const rowan_table *table,
                                const uint64_t loaded[4])
{
    return check_keyed(scope, table, loaded);
}

rowan_status rowan__check_writable(rowan_scope *scope, const rowan_table *table,
                                   const uint64_t loaded[4])
{
    rowan_status status = check_keyed(scope, table, loaded);

    if (status == ROWAN_OK && table->version != NULL && !has_column(loaded, table->version)) {
        status =
            rowan__scope_fail(scope, ROWAN_MISUSE, "the row of %s was read without its version %s",
                              table->name, table->version->name);
    }
    return status;
}

rowan_status rowan__check_key(rowan_scope *scope, const rowan_table *table, const void *row,
                              const void *original)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        if (!rowan__member_untouched(table->primary[i], row, original) &&
            !rowan__member_same(table->primary[i], row, original)) {
            return rowan__scope_fail(scope, ROWAN_MISUSE,
                                     "the key column %s.%s was changed: insert a new row instead",
                                     table->name, table->primary[i]->name);
        }
    }
    return ROWAN_OK;
}

static void write_equals(rowan_expr *e, const rowan_column *column, rowan_value value)
{
    *e = (rowan_expr){.kind = ROWAN_EXPR_COMPARE,
                      .compare = ROWAN_COMPARE_EQ,
                      .left = {.column = column},
                      .right = {.value = value}};
}

static const rowan_expr *all_of(rowan__key_nodes *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nodes->items[i] = &nodes->nodes[i];
    }
    nodes->items[count] = ROWAN_END;
    memset(&nodes->all, 0, sizeof nodes->all);
    nodes->all.kind = ROWAN_EXPR_AND;
    nodes->all.items = nodes->items;
    return count == 1 ? &nodes->nodes[0] : &nodes->all;
}

const rowan_expr *rowan__key_condition(rowan__key_nodes *nodes, const rowan_table *table,
                                       const rowan_value *key)
{
    for (size_t i = 0; i < table->primary_count; i++) {
        write_equals(&nodes->nodes[i], table->primary[i], key[i]);
    }
    return all_of(nodes, table->primary_count);
}

/* The condition that a row is still as it is known: its key, and its version if it has one. */
static const rowan_expr *row_condition(rowan__key_nodes *nodes, const rowan_table *table,
                                       const char *original)
{
    size_t count = table->primary_count;

    for (size_t i = 0; i < count; i++) {
        write_equals(&nodes->nodes[i], table->primary[i],
                     rowan_column_value(table->primary[i], original));
    }
    if (table->version != NULL) {
        write_equals(&nodes->nodes[count++], table->version,
                     rowan_column_value(table->version, original));
    }
    return all_of(nodes, count);
}

/* An integer of 64 bits that is never NULL, as nearly every key is, is bound as it is. */
static inline bool bind_number(const rowan_column *column, const char *row, rowan_value *out)
{
    if (column->type != ROWAN_TYPE_INT64 || (column->flags & ROWAN_NULLABLE) != 0) {
        return false;
    }
    *out = rowan_v_int64(*(const int64_t *)(const void *)(row + column->value_offset));
    return true;
}

/* The values of one row in the order of the placeholders. @return how many. */
static rowan_status row_values(rowan_scope *scope, const rowan_table *table,
                               const rowan__mask *columns, rowan__written row, rowan_value *out)
{
    size_t count = 0;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; columns != NULL && status == ROWAN_OK && i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        if (!rowan__mask_has(columns, i)) {
            continue;
        }
        status = rowan__stored_member(scope, column, row.row, &out[count++]);
    }
    for (size_t i = 0; status == ROWAN_OK && i < table->primary_count; i++) {
        const rowan_column *column = table->primary[i];
        if (!bind_number(column, row.original, &out[count])) {
            status = rowan__bind_value(scope, column, rowan_column_value(column, row.original),
                                       &out[count]);
        }
        count++;
    }
    if (status == ROWAN_OK && table->version != NULL) {
        status = rowan__bind_value(scope, table->version,
                                   rowan_column_value(table->version, row.original), &out[count]);
    }
    return status;
}

static size_t count_values(const rowan_table *table, const rowan__mask *columns)
{
    size_t count = table->primary_count + (table->version != NULL ? 1 : 0);

    for (size_t i = 0; columns != NULL && i < table->column_count; i++) {
        count += rowan__mask_has(columns, i) ? 1 : 0;
    }
    return count;
}

/* The values of all rows, one behind the other, in memory that is the scope's for one row and the
 * caller's for more. */
static rowan_status all_values(rowan_scope *scope, const rowan_table *table,
                               const rowan__mask *columns, const rowan__written *rows, size_t count,
                               size_t width, rowan_value **out)
{
    *out = count == 1
               ? rowan__scope_params(scope, width)
               : rowan__alloc(rowan__scope_allocator(scope), count, width * sizeof(rowan_value));
    rowan_status status = *out != NULL ? ROWAN_OK : rowan__scope_nomem(scope);

    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        status = row_values(scope, table, columns, rows[i], *out + i * width);
    }
    return status;
}

static inline rowan_status check_affected(rowan_scope *scope, const rowan_table *table,
                                          uint64_t affected, size_t count)
{
    if (affected == count) {
        return ROWAN_OK;
    }
    return rowan__scope_fail(scope, ROWAN_STALE,
                             count == 1
                                 ? "a row of %s was changed or deleted by someone else: reload it"
                                 : "some rows of %s were changed or deleted by someone else: "
                                   "reload them",
                             table->name);
}

/* Executes a statement once for each row, and checks that each was there. */
static rowan_status write_rows(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                               const rowan__mask *columns, const rowan__written *rows, size_t count,
                               const rowan__rendered *rendered)
{
    size_t width = count_values(table, columns);
    rowan_value *values;
    rowan__result result;
    rowan_status status = all_values(scope, table, columns, rows, count, width, &values);

    if (status == ROWAN_OK) {
        rowan__call call = {.pattern = pattern,
                            .table = table,
                            .sql = rendered->sql,
                            .sql_size = rendered->sql_size,
                            .known = rendered->known,
                            .params = values,
                            .param_count = width,
                            .param_rows = count};
        status = rowan__execute(scope, &call, 1, &result);
    }
    if (count > 1) {
        rowan__free(rowan__scope_allocator(scope), values, count, width * sizeof *values);
    }
    return status == ROWAN_OK ? check_affected(scope, table, result.affected, count) : status;
}

/* What an update sets: the columns, from a row, and the version. */
static rowan_status render_update(rowan_scope *scope, const rowan_table *table,
                                  const rowan__mask *columns, rowan__written row,
                                  rowan__rendered *out)
{
    rowan_assignment set[COLUMNS_MAX + 1];
    rowan__key_nodes nodes;
    rowan_operand version;
    rowan_expr raised;
    size_t set_count = 0;

    for (size_t i = 0; i < table->column_count; i++) {
        const rowan_column *column = &table->columns[i];
        if (rowan__mask_has(columns, i)) {
            set[set_count++] =
                (rowan_assignment){column, rowan_o_value(rowan_column_value(column, row.row))};
        }
    }
    if (table->version != NULL) {
        version = rowan_o_column(table->version, NULL);
        raised = (rowan_expr){
            .kind = ROWAN_EXPR_RAW, .sql = "? + 1", .arguments = &version, .argument_count = 1};
        set[set_count++] = (rowan_assignment){table->version, rowan_o_expr(&raised)};
    }
    set[set_count].column = NULL;
    const rowan_update update = {
        .table = table, .set = set, .where = row_condition(&nodes, table, row.original)};
    return rowan__render_update(scope, &update, out);
}

static rowan_status render_delete(rowan_scope *scope, const rowan_table *table, rowan__written row,
                                  rowan__rendered *out)
{
    rowan__key_nodes nodes;
    const rowan_delete remove = {.from = table,
                                 .where = row_condition(&nodes, table, row.original)};

    return rowan__render_delete(scope, &remove, out);
}

/* Updates or, without columns, deletes rows by the statement for the first, which depends on the
 * table and the columns alone. */
static rowan_status write_all(rowan_scope *scope, rowan_pattern pattern, const rowan_table *table,
                              const rowan__mask *columns, const rowan__written *rows, size_t count)
{
    uint64_t words[5] = {(uintptr_t)table};
    rowan__shape_key shape = {.maker = ROWAN__KEY_OF_CHANGE, .data = words, .size = sizeof words};
    rowan__rendered rendered = {.sql = NULL};

    if (columns != NULL) {
        memcpy(words + 1, columns->bits, sizeof columns->bits);
    }
    rowan_status status = rowan__known_find(scope, &shape, &rendered.known);
    if (status == ROWAN_OK && rendered.known != NULL) {
        rendered.sql = rendered.known->sql;
        rendered.sql_size = rendered.known->sql_size;
    } else if (status == ROWAN_OK) {
        status = columns != NULL ? render_update(scope, table, columns, rows[0], &rendered)
                                 : render_delete(scope, table, rows[0], &rendered);
        if (status == ROWAN_OK) {
            rendered.known =
                rowan__known_learn(scope, &shape, rendered.sql, rendered.sql_size, "", 0);
        }
    }
    return status == ROWAN_OK ? write_rows(scope, pattern, table, columns, rows, count, &rendered)
                              : status;
}

rowan_status rowan__write_updates(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__mask *columns,
                                  const rowan__written *rows, size_t count)
{
    uint64_t affected;
    bool is_done = false;

    if (count > 1 && (rowan__scope_dialect(scope)->capabilities & ROWAN__CAN_UPDATE_ARRAYS) != 0) {
        rowan_status status =
            rowan__update_at_once(scope, pattern, table, columns, rows, count, &affected, &is_done);
        if (status != ROWAN_OK || is_done) {
            return status == ROWAN_OK ? check_affected(scope, table, affected, count) : status;
        }
    }
    return write_all(scope, pattern, table, columns, rows, count);
}

rowan_status rowan__write_deletes(rowan_scope *scope, rowan_pattern pattern,
                                  const rowan_table *table, const rowan__written *rows,
                                  size_t count)
{
    return write_all(scope, pattern, table, NULL, rows, count);
}

void rowan__note_updated(const rowan_table *table, const rowan__mask *columns, rowan__written row)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (rowan__mask_has(columns, i)) {
            rowan__member_copy(&table->columns[i], row.original, row.row);
        }
    }
    if (table->version != NULL) {
        int64_t version = rowan_column_value(table->version, row.original).as.integer + 1;
        rowan__member_set_integer(table->version, row.row, version);
        rowan__member_set_integer(table->version, row.original, version);
    }
}
