/*
 * What a write with RETURNING gives. The server does not say so before it is executed: so a query
 * of the same expressions from the same table is prepared beside it, only to be described.
 *
 * `RETURNING *` is sent with the columns named. If it were sent as it is, and the table got another
 * column since, the server would write first and then give rows that nobody is prepared for. With
 * names it either gives what was prepared for, or refuses before it writes. A column that is new is
 * seen when the statement is prepared the next time.
 */
#include "driver/mariadb/mariadb_private.h"

#include "driver/reading.h"

/* Pieces of a statement's text. */
typedef struct returning {
    const char *table;
    size_t table_size;
    const char *list; /* behind the word; NULL: there is none */
    size_t list_size;
    const char
        *star; /* the one item of the list that stands for all columns; NULL: none, or several */
    size_t star_size;
    size_t before_star, items;
} returning;

/* Words between the verb and the table. */
static bool is_modifier(const rowan__reader *reader, const rowan__token *token)
{
    static const char *const words[] = {"INSERT", "REPLACE",      "DELETE",       "INTO",
                                        "FROM",   "LOW_PRIORITY", "DELAYED",      "IGNORE",
                                        "QUICK",  "HISTORY",      "HIGH_PRIORITY"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (rowan__token_is(reader, token, words[i])) {
            return true;
        }
    }
    return false;
}

/* The table's name, with its database if that is written: as long as a point comes between. */
static void extend_table(returning *found, const char *sql, const rowan__token *token,
                         bool *complete)
{
    const char *at = sql + token->offset;
    bool point = token->size == 1 && *at == '.';
    bool after_point = found->table && found->table[found->table_size - 1] == '.';

    if (!found->table) {
        found->table = at;
        found->table_size = token->size;
    } else if (point || after_point) {
        found->table_size = (size_t)(at - found->table) + token->size;
    } else {
        *complete = true;
    }
}

static returning find_returning(const char *sql, size_t size)
{
    const rowan__reading reading = rowan__dialect_reading(&rowan__mariadb_dialect);
    returning found = {0};
    bool has_table = false;
    unsigned depth = 0;
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, &reading, sql, size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        if (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT) {
            continue;
        }
        if (!has_table && (found.table || !is_modifier(&reader, &token))) {
            extend_table(&found, sql, &token, &has_table);
        }
        depth += token.kind == ROWAN__TOKEN_OPEN;
        depth -= token.kind == ROWAN__TOKEN_CLOSE && depth > 0;
        if (depth == 0 && rowan__token_is(&reader, &token, "RETURNING")) {
            found.list = sql + token.offset + token.size;
            found.list_size = size - token.offset - token.size;
        }
        if (token.kind == ROWAN__TOKEN_SEMICOLON && found.list) {
            found.list_size = (size_t)(sql + token.offset - found.list);
            break;
        }
    }
    return found;
}

/* Counts the items of the list and finds the star among them, which may have its table before it.
 */
static void find_star(returning *found)
{
    const rowan__reading reading = rowan__dialect_reading(&rowan__mariadb_dialect);
    unsigned depth = 0, stars = 0;
    const char *item = NULL; /* where the item begins; NULL: between items */
    char last = '\0';        /* the last byte of the token before */
    rowan__reader reader;
    rowan__token token;

    rowan__reader_init(&reader, &reading, found->list, found->list_size);
    found->items = 1;
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        const char *at = found->list + token.offset;
        if (token.kind == ROWAN__TOKEN_SPACE || token.kind == ROWAN__TOKEN_COMMENT) {
            continue;
        }
        depth += token.kind == ROWAN__TOKEN_OPEN;
        depth -= token.kind == ROWAN__TOKEN_CLOSE && depth > 0;
        if (token.kind == ROWAN__TOKEN_COMMA && depth == 0) {
            found->items++;
            item = NULL;
            continue;
        }
        item = item ? item : at;
        if (depth == 0 && token.size == 1 && *at == '*' && (item == at || last == '.')) {
            stars++;
            found->star = item;
            found->star_size = (size_t)(at - item) + 1;
            found->before_star = found->items - 1;
        }
        last = at[token.size - 1];
    }
    if (stars != 1) {
        found->star = NULL;
    }
}

/* The statement with the columns' names for the star. */
static void name_columns(const returning *found, const char *sql, size_t size,
                         MYSQL_STMT *description, rowan__text *out)
{
    const MYSQL_FIELD *fields = client->mariadb_stmt_fetch_fields(description);
    size_t columns = client->mysql_stmt_field_count(description) - (found->items - 1);
    const char *behind = found->star + found->star_size;

    rowan__text_add(out, sql, (size_t)(found->star - sql));
    for (size_t i = 0; i < columns; i++) {
        rowan__text_str(out, i > 0 ? ", `" : "`");
        for (const char *c = fields[found->before_star + i].name; *c; c++) {
            rowan__text_add(out, "``", *c == '`' ? 1 : 0);
            rowan__text_char(out, *c);
        }
        rowan__text_char(out, '`');
    }
    rowan__text_add(out, behind, size - (size_t)(behind - sql));
}

MYSQL_STMT *rowan__mariadb_describe_returning(rowan__mariadb_connection *connection,
                                              const char *sql, size_t size, rowan__text *named)
{
    returning found = find_returning(sql, size);
    MYSQL_STMT *stmt = found.list ? client->mysql_stmt_init(connection->mysql) : NULL;
    rowan__text query;

    if (!stmt) {
        return NULL;
    }
    rowan__text_init(&query, connection->base.allocator);
    rowan__text_str(&query, "SELECT ");
    rowan__text_add(&query, found.list, found.list_size);
    rowan__text_str(&query, " FROM ");
    rowan__text_add(&query, found.table, found.table_size);
    connection->base.round_trips += !query.failed;
    named->failed = query.failed; /* out of memory, which is not the same as no description */
    bool is_described = !query.failed && rowan__mariadb_take(connection, ROWAN__MARIADB_PREPARE,
                                                             stmt, query.data, query.size) == 0;
    rowan__text_fini(&query);
    if (!is_described) {
        client->mysql_stmt_close(stmt);
        return NULL;
    }
    find_star(&found);
    if (found.star) {
        name_columns(&found, sql, size, stmt, named);
    }
    return stmt;
}
