/* How the executions of a finding are spread: over values, call sites, connections. */
#include <string.h>

#include "detector/fold.h"
#include "report/analysis.h"

enum { COMPARED = 8 }; /* executions that are looked at: a loop shows in its first turns */

static rowan__fold fold_of(const rowan__traced *statement)
{
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                          statement->sql, statement->sql_size, NULL, 0, &fold);
    return fold;
}

/* The key of what stands in the first place of a slot; 0 if there is nothing. */
static uint64_t key_of_slot(const rowan__traced *statement, const rowan__fold *fold, size_t slot)
{
    for (size_t i = 0; i < fold->place_count; i++) {
        const rowan__place *place = &fold->places[i];
        if (place->slot == slot) {
            return place->key != 0 ? place->key
                   : place->param < statement->param_count
                       ? rowan__key_value(&statement->params[place->param])
                       : 0;
        }
    }
    return 0;
}

size_t rowan__spread_varying(const rowan__placed *const *at, size_t count)
{
    rowan__fold first = fold_of(at[0]->statement);
    bool varies[ROWAN__FOLD_SLOTS] = {false};
    size_t varying = 0;

    for (size_t i = 1; i < count && i < COMPARED; i++) {
        rowan__fold other = fold_of(at[i]->statement);
        for (size_t s = 0; s < first.slot_count && s < other.slot_count; s++) {
            varies[s] = varies[s] || (first.slots[s].role == ROWAN__ROLE_EQUAL &&
                                      key_of_slot(at[0]->statement, &first, s) !=
                                          key_of_slot(at[i]->statement, &other, s));
        }
    }
    for (size_t s = 0; s < ROWAN__FOLD_SLOTS; s++) {
        varying += varies[s];
    }
    return varying;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool rowan__spread_one_site(const rowan__placed *const *at, size_t count)
{
    const char *site = at[0]->statement->callsite;
    size_t same = 0;

    if (site == NULL || strcmp(site, "?") == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        same += same_text(site, at[i]->statement->callsite);
    }
    return same * 100 >= count * 80;
}

const rowan__traced *rowan__spread_usual(const rowan__placed *const *at, size_t count)
{
    const rowan__traced *usual = at[0]->statement;
    size_t ahead = 0; /* of all others: what is more than half is what is left */

    for (size_t i = 0; i < count; i++) {
        if (same_text(usual->callsite, at[i]->statement->callsite)) {
            ahead++;
        } else if (ahead > 0) {
            ahead--;
        } else {
            usual = at[i]->statement;
            ahead = 1;
        }
    }
    return usual;
}

/* Whether an execution is on a connection or thread on which none before it was. */
static bool is_elsewhere(const rowan__placed *const *at, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_text(at[i]->statement->connection, at[index]->statement->connection) &&
            same_text(at[i]->statement->thread, at[index]->statement->thread)) {
            return false;
        }
    }
    return true;
}

bool rowan__spread_apart(const rowan__placed *const *at, size_t count)
{
    enum { LOOKED_AT = 64 };
    size_t most = count < LOOKED_AT ? count : LOOKED_AT, apart = 0;

    for (size_t i = 0; i < most; i++) {
        apart += is_elsewhere(at, i);
    }
    return apart * 2 > most;
}
