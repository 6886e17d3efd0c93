/* How the executions of a finding are spread: over values, call sites, connections. */
#include <string.h>
#include <strings.h>

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

/* The keys of the slots of some executions. */
typedef struct spread {
    rowan__fold first;
    size_t slots; /* that all have */
    size_t count; /* of executions */
    uint64_t keys[COMPARED][ROWAN__FOLD_SLOTS];
} spread;

static void read_keys(const rowan__placed *const *at, size_t count, spread *out)
{
    out->first = fold_of(at[0]->statement);
    out->slots = out->first.slot_count;
    out->count = count < COMPARED ? count : COMPARED;
    for (size_t i = 0; i < out->count; i++) {
        rowan__fold fold = fold_of(at[i]->statement);
        out->slots = fold.slot_count < out->slots ? fold.slot_count : out->slots;
        for (size_t s = 0; s < out->slots; s++) {
            out->keys[i][s] = key_of_slot(at[i]->statement, &fold, s);
        }
    }
}

static bool varies(const spread *of, size_t slot)
{
    for (size_t i = 1; i < of->count; i++) {
        if (of->first.slots[slot].role == ROWAN__ROLE_EQUAL &&
            of->keys[i][slot] != of->keys[0][slot]) {
            return true;
        }
    }
    return false;
}

static bool same_column(const char *sql, const rowan__slot *a, const rowan__slot *b)
{
    return a->role == b->role && a->column_size == b->column_size &&
           strncasecmp(sql + a->column, sql + b->column, a->column_size) == 0;
}

/* Whether a slot before is of the same column and value each time: one key, asked for twice. */
static bool is_repeated(const spread *of, const char *sql, size_t slot)
{
    for (size_t before = 0; before < slot; before++) {
        size_t same = 0;
        while (same < of->count && of->keys[same][before] == of->keys[same][slot]) {
            same++;
        }
        if (same == of->count &&
            same_column(sql, &of->first.slots[before], &of->first.slots[slot])) {
            return true;
        }
    }
    return false;
}

size_t rowan__spread_varying(const rowan__placed *const *at, size_t count)
{
    size_t varying = 0;
    spread of;

    read_keys(at, count, &of);
    for (size_t s = 0; s < of.slots; s++) {
        varying += varies(&of, s) && !is_repeated(&of, at[0]->statement->sql, s);
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
