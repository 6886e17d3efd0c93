/*
 * Many rows at once, past the unit of work: a session that had to know them all would ask for their
 * keys, which costs more than to insert them.
 */
#include "datamapper/datamapper_private.h"

rowan_status(rowan_session_insert_all)(rowan_session *session, const rowan_table *table,
                                       const void *rows, size_t count, uint64_t *affected)
{
    rowan__result result;
    rowan_status status = ROWAN_OK;

    if (affected != NULL) {
        *affected = 0;
    }
    if (session == NULL || table == NULL || (rows == NULL && count > 0)) {
        return rowan__scope_fail(rowan_session_scope(session), ROWAN_MISUSE,
                                 "the table or its rows are NULL");
    }
    if (table->name == NULL) {
        return rowan__scope_fail(
            session->scope, ROWAN_MISUSE,
            "rows are inserted into tables, and this is the shape of a result");
    }
    if (count > 0) {
        status = rowan__insert_structs(session->scope, ROWAN_PATTERN_DATA_MAPPER, table, rows,
                                       count, &result);
        if (status == ROWAN_OK && affected != NULL) {
            *affected = result.affected;
        }
    }
    return status;
}
