/*
 * Copies of tables with a sample of their rows, as temporary tables of one connection: nobody else
 * sees them, and they end with it whatever happens. Each has a name that no table of a user has,
 * and the statement is explained on those names: what makes and drops indexes never names a table
 * of the user's.
 */
#include <stdio.h>
#include <string.h>

#include "verify/index_private.h"

static bool is_used(const rowan__index_reading *reading, const rowan__index_table *table)
{
    for (size_t i = 0; i < reading->source_count; i++) {
        if (reading->sources[i].table == table) {
            return true;
        }
    }
    return false;
}

static rowan_status copy_one(rowan__index_lab *lab, rowan__index_table *table, const char *before,
                             size_t number,
                             rowan_status (*fill)(rowan__index_lab *, const rowan__index_table *))
{
    char text[96];
    rowan_status status;

    snprintf(text, sizeof text, "%srowan_copy_%zu", before, number);
    table->copy = rowan__arena_text(lab->arena, text, strlen(text));
    status = table->copy != NULL ? fill(lab, table) : ROWAN_NOMEM;
    if (status != ROWAN_OK) {
        return status;
    }
    snprintf(text, sizeof text, "SELECT count(*) FROM %s", table->copy);
    return rowan__index_number(lab, lab->scope, text, ROWAN_NO_PARAMS, &table->copied);
}

rowan_status rowan__index_copy(rowan__index_lab *lab, const char *before,
                               rowan_status (*fill)(rowan__index_lab *lab,
                                                    const rowan__index_table *table))
{
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < lab->reading->source_count && status == ROWAN_OK; i++) {
        rowan__index_table *table = lab->reading->sources[i].table;
        if (table != NULL && table->copy == NULL && is_used(lab->reading, table)) {
            status = copy_one(lab, table, before, i + 1, fill);
        }
    }
    return status;
}

rowan_status rowan__index_copy_make(rowan__index_lab *lab, rowan__index_candidate *candidate)
{
    rowan__text text;
    const char *sql;

    snprintf(candidate->name, sizeof candidate->name, "rowan_try_%03zu", ++lab->tried);
    rowan__text_init(&text, lab->arena->allocator);
    rowan__index_write(&text, lab->methods->quote, candidate, candidate->name,
                       candidate->table->copy);
    sql = rowan__index_keep(lab, &text);
    return sql != NULL ? rowan__index_run(lab, lab->scope, sql) : ROWAN_NOMEM;
}

/* One key's length in bytes, as SQL. */
static void add_length(rowan__text *text, const rowan__index_lab *lab, const char *length,
                       const rowan__index_key *key)
{
    const char *place = strstr(length, "%s");

    rowan__text_str(text, " + coalesce(");
    rowan__text_add(text, length, (size_t)(place - length));
    if (key->expression != NULL) {
        rowan__text_str(text, key->expression);
    } else {
        rowan__index_quote(text, lab->methods->quote, key->column);
    }
    rowan__text_format(text, "%s, 1)", place + 2);
}

rowan_status rowan__index_measure(rowan__index_lab *lab, const char *length,
                                  rowan__index_candidate *candidate)
{
    enum { ENTRY = 12 }; /* the row's address, and what an entry has beside its keys */
    const rowan__index_table *table = candidate->table;
    const char *where = candidate->condition != NULL ? candidate->condition : "1 = 1", *sql;
    double bytes = 0, share = 1;
    rowan_status status;
    rowan__text text;

    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_format(&text, "SELECT sum(%d", ENTRY);
    for (size_t i = 0; i < candidate->key_count; i++) {
        add_length(&text, lab, length, &candidate->keys[i]);
    }
    rowan__text_format(&text, ") FROM (SELECT * FROM %s LIMIT %d) AS rowan_sample WHERE %s",
                       table->copy != NULL ? table->copy : table->target, ROWAN__INDEX_SAMPLE,
                       where);
    sql = rowan__index_keep(lab, &text);
    status = sql != NULL ? rowan__index_number(lab, lab->trial->scope, sql, ROWAN_NO_PARAMS, &bytes)
                         : ROWAN_NOMEM;
    share = table->rows > ROWAN__INDEX_SAMPLE ? table->rows / ROWAN__INDEX_SAMPLE : 1;
    candidate->size_bytes = (int64_t)(bytes * share * 1.3); /* pages are not full */
    return status;
}
