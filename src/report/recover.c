/*
 * Values that a recorder erased.
 *
 * Some recorders keep the text of a statement and drop what was bound. Where a column that is
 * compared with a value is in the result, too, its rows have the value. Else different results of
 * one text show that the values were different ones, which is all that can be known then; without
 * rows they are taken to differ. No value that is made up here equals one that was seen.
 */
#include <string.h>
#include <xxhash.h>

#include "detector/fold.h"
#include "report/analysis.h"

enum { MOST_ERASED = 64 };

/* How many parameters a text takes, as far as it was folded. */
static size_t params_of(const rowan__fold *fold)
{
    size_t most = 0;

    for (size_t i = 0; i < fold->place_count; i++) {
        if (fold->places[i].key == 0 && fold->places[i].param + 1 > most) {
            most = fold->places[i].param + 1;
        }
    }
    return most < MOST_ERASED ? most : MOST_ERASED;
}

static bool same_name(const char *name, const char *text, size_t size)
{
    if (strlen(name) != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        char a = name[i], b = text[i];
        a = a >= 'A' && a <= 'Z' ? (char)(a - 'A' + 'a') : a;
        b = b >= 'A' && b <= 'Z' ? (char)(b - 'A' + 'a') : b;
        if (a != b) {
            return false;
        }
    }
    return true;
}

/* The value of the column that a slot compares, from the first row; NULL if it is not there. */
static const rowan_value *value_in_rows(const rowan__traced *statement, const rowan__slot *slot)
{
    if (statement->row_count == 0 || slot->role != ROWAN__ROLE_EQUAL || slot->column_size == 0) {
        return NULL;
    }
    for (size_t c = 0; c < statement->column_count; c++) {
        if (same_name(statement->columns[c], statement->sql + slot->column, slot->column_size)) {
            return &statement->rows[c];
        }
    }
    return NULL;
}

/* What tells this execution from others of the same text. */
static rowan_value made_up(const rowan__traced *statement, rowan__arena *arena)
{
    uint64_t hash = statement->seq;
    char *kept;

    if (statement->row_count > 0) {
        hash = 1;
        for (size_t i = 0; i < statement->row_count * statement->column_count; i++) {
            hash = rowan__key_mix(hash, rowan__key_value(&statement->rows[i]));
        }
    }
    kept = rowan__arena_text(arena, &hash, sizeof hash);
    return rowan_v_bytes(ROWAN_TYPE_BLOB, kept, kept != NULL ? sizeof hash : 0);
}

rowan_status rowan__values_recover(rowan__arena *arena, rowan__traced *statement)
{
    rowan__fold fold;
    rowan_value *values;
    size_t count;

    if (statement->param_count > 0) {
        return ROWAN_OK;
    }
    rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                          statement->sql, statement->sql_size, NULL, 0, &fold);
    count = params_of(&fold);
    if (count == 0) {
        return ROWAN_OK;
    }
    values = rowan__arena_new(arena, count, sizeof *values, _Alignof(rowan_value));
    if (values == NULL) {
        return ROWAN_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = made_up(statement, arena);
    }
    for (size_t i = 0; i < fold.place_count; i++) {
        const rowan__place *place = &fold.places[i];
        const rowan_value *seen = value_in_rows(statement, &fold.slots[place->slot]);
        if (place->key == 0 && place->param < count && seen != NULL) {
            values[place->param] = *seen;
        }
    }
    statement->params = values;
    statement->param_count = count;
    return ROWAN_OK;
}
