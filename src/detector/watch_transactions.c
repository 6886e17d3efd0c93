/*
 * The transaction of a live scope, which has one connection. What is kept of it begins with the
 * scope's first BEGIN, so that a scope without one pays for one comparison a statement.
 */
#include <string.h>

#include "base/clock.h"
#include "detector/detector_private.h"
#include "detector/transactions.h"

struct rowan__watched_transaction {
    rowan__transaction now;
    rowan__transaction_log log;
};

/* What stays of a text when its event is gone: of control the command, of BEGIN all. */
static const char *lasting_text(rowan__watch *watch, const rowan__group *group,
                                const rowan_event *event, rowan__control control)
{
    static const char *const commands[] = {"SAVEPOINT", "RELEASE SAVEPOINT",
                                           "ROLLBACK TO SAVEPOINT", "SET TRANSACTION"};

    if (group != NULL) {
        return group->sql;
    }
    if (control == ROWAN__CONTROL_BEGIN) {
        const char *before = watch->transaction->now.begin.sql;
        bool is_same = before != NULL && strlen(before) == event->sql_size &&
                       memcmp(before, event->sql, event->sql_size) == 0;
        return is_same ? before : rowan__arena_text(&watch->arena, event->sql, event->sql_size);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        size_t size = strlen(commands[i]);
        if (event->sql_size >= size && memcmp(event->sql, commands[i], size) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

void rowan__watch_transaction(rowan__watch *watch, const rowan__group *group,
                              const rowan_event *event, bool is_control)
{
    rowan__control control =
        is_control ? rowan__control_of(event->sql, event->sql_size) : ROWAN__CONTROL_NONE;

    if (control == ROWAN__CONTROL_BEGIN && event->error != NULL) {
        return;
    }
    if (control != ROWAN__CONTROL_BEGIN && !watch->in_transaction) {
        return;
    }
    if (watch->transaction == NULL) {
        watch->transaction = rowan__arena_new(&watch->arena, 1, sizeof *watch->transaction,
                                              _Alignof(struct rowan__watched_transaction));
        if (watch->transaction == NULL) {
            return;
        }
        watch->transaction->log.rules = watch->rules;
    }
    const rowan__step step = {
        .sql = lasting_text(watch, group, event, control),
        .site = event->site,
        .sequence = event->sequence,
        .start_ns = event->start_ns,
        /* a stream's time is that of its fetches: it ran until it was closed, which is now */
        .end_ns = event->reads != NULL && event->scope != NULL
                      ? rowan__now_ns()
                      : event->start_ns + event->elapsed_ns,
    };
    rowan__transaction_step(&watch->transaction->now, control, &step, &watch->transaction->log);
    watch->in_transaction = watch->transaction->now.is_open;
}

void rowan__watch_transaction_turns(rowan__watch *watch, const rowan__group *group,
                                    const rowan_turns *turns, int64_t elapsed_ns)
{
    if (!watch->in_transaction) {
        return;
    }
    const rowan__step last = {
        .sql = group->sql,
        .site = turns->site,
        .sequence = turns->sequence,
        .start_ns = turns->end_ns - turns->at[turns->count - 1].elapsed_ns,
        .end_ns = turns->end_ns,
    };
    rowan__transaction_steps(&watch->transaction->now, turns->count, elapsed_ns, &last);
}

size_t rowan__watch_transactions(const rowan__watch *watch, rowan__transaction_log *out)
{
    if (watch->transaction == NULL) {
        out->count = 0;
        return 0;
    }
    *out = watch->transaction->log;
    if (watch->transaction->now.is_open) {
        rowan__transaction_judge(&watch->transaction->now, out);
    }
    return out->count;
}
