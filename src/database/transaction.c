/*
 * Transactions, and savepoints inside them. The depth of begins is the scope's; what the engine
 * rolled back by itself leaves the depth as it is, so that every begin still has its own commit or
 * rollback.
 */
#include <stdio.h>

#include "database/database_private.h"

static rowan_status send_control(rowan_scope *scope, const char *sql, size_t size, bool direct)
{
    rowan__call call = {
        .purpose = ROWAN_PURPOSE_TRANSACTION, .sql = sql, .sql_size = size, .direct = direct};
    rowan__result result;

    return rowan__execute(scope, &call, 1, &result);
}

/* A text with a comment is another one each time: it is not prepared on any engine. */
static rowan_status control_with_comment(rowan_scope *scope, const char *sql)
{
    rowan__text text;
    rowan_status status;

    rowan__text_init(&text, &scope->db->allocator);
    rowan__text_str(&text, sql);
    rowan__comment_add(scope, &text);
    status = text.failed ? rowan__scope_nomem(scope)
                         : send_control(scope, rowan__text_string(&text), text.size, true);
    rowan__text_fini(&text);
    return status;
}

static rowan_status control(rowan_scope *scope, const char *sql)
{
    return scope->db->comments != 0 ? control_with_comment(scope, sql)
                                    : send_control(scope, sql, strlen(sql),
                                                   !scope->db->driver->dialect->prepares_at_home);
}

static rowan_status control_savepoint(rowan_scope *scope, const char *verb, unsigned depth)
{
    char sql[64];

    snprintf(sql, sizeof sql, "%s rowan_%u", verb, depth);
    return control(scope, sql);
}

static rowan_status set_isolation(rowan_scope *scope, int isolation)
{
    static const char *const levels[] = {
        [ROWAN_READ_COMMITTED] = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        [ROWAN_REPEATABLE_READ] = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        [ROWAN_SERIALIZABLE] = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    };

    return control(scope, levels[isolation]);
}

static rowan_status begin_outermost(rowan_scope *scope, const rowan_transaction_options *options)
{
    const rowan__dialect *dialect = scope->db->driver->dialect;
    bool read_only = (options && options->read_only) || scope->db->open.read_only;
    /* An engine without levels runs everything serializable, which is what every level allows. */
    bool isolate = options && options->isolation != ROWAN_ISOLATION_DEFAULT &&
                   (dialect->capabilities & ROWAN__CAN_ISOLATE) != 0;
    rowan_status status = ROWAN_OK;

    if (options && (unsigned)options->isolation > ROWAN_SERIALIZABLE) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "there is no isolation level %d",
                                 (int)options->isolation);
    }
    if (isolate && dialect->isolate_before_begin) {
        status = set_isolation(scope, (int)options->isolation);
    }
    if (status == ROWAN_OK) {
        status = control(scope, read_only ? dialect->begin_read : dialect->begin_write);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    scope->depth = 1;
    if (isolate && !dialect->isolate_before_begin) {
        status = set_isolation(scope, (int)options->isolation);
        if (status != ROWAN_OK) {
            return rowan__scope_undo(scope, 0);
        }
    }
    return status;
}

rowan_status(rowan_begin)(rowan_scope *scope, const rowan_transaction_options *options)
{
    if (!scope) {
        return ROWAN_MISUSE;
    }
    if (scope->depth == 0) {
        return begin_outermost(scope, options);
    }
    if (options) {
        return rowan__scope_fail(
            scope, ROWAN_MISUSE,
            "a savepoint has no options of its own: they belong to the outermost begin");
    }
    rowan_status status = control_savepoint(scope, "SAVEPOINT", scope->depth);
    if (status == ROWAN_OK) {
        scope->depth++;
    }
    return status;
}

/* One level of a transaction that the engine rolled back already: nothing is left to send. */
static void leave_lost(rowan_scope *scope)
{
    if (--scope->depth == 0) {
        scope->transaction_lost = false;
    }
}

static rowan_status no_transaction(rowan_scope *scope, const char *what)
{
    return rowan__scope_fail(scope, ROWAN_MISUSE, "%s without a begin", what);
}

rowan_status(rowan_commit)(rowan_scope *scope)
{
    if (!scope || scope->depth == 0) {
        return no_transaction(scope, "commit");
    }
    if (scope->transaction_lost) {
        leave_lost(scope);
        rowan__scope_fail(scope, ROWAN_CONFLICT,
                          "nothing was committed: the engine had rolled the transaction back");
        scope->error.fate = ROWAN_FATE_ROLLED_BACK;
        scope->error.retry = ROWAN_RETRY_TRANSACTION;
        return ROWAN_CONFLICT;
    }
    if (scope->depth > 1) {
        rowan_status status = control_savepoint(scope, "RELEASE SAVEPOINT", scope->depth - 1);
        if (status == ROWAN_OK) {
            scope->depth--;
        }
        return status;
    }
    rowan_status status = control(scope, "COMMIT");
    bool still_open = status != ROWAN_OK && (scope->error.fate == ROWAN_FATE_OPEN ||
                                             scope->error.fate == ROWAN_FATE_MUST_ROLLBACK);
    if (!still_open) {
        scope->depth = 0;
        scope->transaction_lost = false;
    }
    return status;
}

/* Back to the savepoint and away with it: one that stayed would have the next of its depth stacked
 * on it. */
static rowan_status rollback_savepoint(rowan_scope *scope, unsigned depth)
{
    rowan_status status = control_savepoint(scope, "ROLLBACK TO SAVEPOINT", depth);

    return status == ROWAN_OK ? control_savepoint(scope, "RELEASE SAVEPOINT", depth) : status;
}

rowan_status(rowan_rollback)(rowan_scope *scope)
{
    if (!scope || scope->depth == 0) {
        return no_transaction(scope, "rollback");
    }
    if (scope->transaction_lost) {
        leave_lost(scope);
        return ROWAN_OK;
    }
    rowan_status status =
        scope->depth > 1 ? rollback_savepoint(scope, scope->depth - 1) : control(scope, "ROLLBACK");
    if (scope->transaction_lost) {
        leave_lost(scope);
    } else if (status == ROWAN_OK) {
        scope->depth--;
    }
    return status;
}

rowan_status rowan__scope_undo(rowan_scope *scope, unsigned depth)
{
    rowan_error first = scope->error;

    if (scope->depth > depth) {
        if ((rowan_rollback)(scope) != ROWAN_OK) {
            first.fate = scope->error.fate;
        } else if (depth > 0 && !scope->transaction_lost) {
            first.fate = ROWAN_FATE_OPEN;
        } else {
            first.fate = ROWAN_FATE_ROLLED_BACK;
        }
    }
    scope->error = first;
    return first.status;
}

unsigned rowan_transaction_depth(const rowan_scope *scope)
{
    return scope ? scope->depth : 0;
}
