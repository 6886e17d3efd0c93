/*
 * Executions that ask for lists of values, of different lengths. The one statement asks for all of
 * them; a row of it belongs to every execution that has its value.
 */
#include <stdlib.h>
#include <string.h>

#include "detector/fold.h"
#include "verify/verify_private.h"

/* Takes one value more. What there was is left to the arena: lists are short. */
static rowan_status add(rowan__trial *trial, rowan__asking *asking, rowan__listed one)
{
    if (asking->listed_count == asking->listed_capacity) {
        size_t wanted = asking->listed_capacity == 0 ? 64 : 2 * asking->listed_capacity;
        rowan__listed *at =
            rowan__arena_new(&trial->arena, wanted, sizeof *at, _Alignof(rowan__listed));
        if (at == NULL) {
            return ROWAN_NOMEM;
        }
        if (asking->listed_count > 0) {
            memcpy(at, asking->listed, asking->listed_count * sizeof *at);
        }
        asking->listed = at;
        asking->listed_capacity = wanted;
    }
    asking->listed[asking->listed_count++] = one;
    return ROWAN_OK;
}

static rowan_status add_bound(rowan__trial *trial, rowan__asking *asking, const rowan_value *value)
{
    rowan__listed one = {.asked = asking->count, .value = *value};

    if (rowan__is_hidden(value)) {
        return rowan__trial_refuse(trial, ROWAN__VERIFY_HIDDEN);
    }
    one.key = rowan__key_value(value);
    one.value.name = NULL;
    return value->is_null ? ROWAN_OK : add(trial, asking, one); /* no row equals NULL */
}

/* An array that was bound. */
static rowan_status add_array(rowan__trial *trial, rowan__asking *asking, const rowan_value *value)
{
    rowan_status status = ROWAN_OK;

    if (value->type != ROWAN_TYPE_LIST || value->is_null) {
        return rowan__trial_refuse(trial, "an array is recorded as a text, whose items are not "
                                          "read");
    }
    for (size_t i = 0; i < value->as.list.count && status == ROWAN_OK; i++) {
        status = add_bound(trial, asking, &value->as.list.items[i]);
    }
    return status;
}

/* One value of a list that is written in the text. */
static rowan_status add_piece(rowan__trial *trial, rowan__asking *asking,
                              const rowan__traced *statement, const rowan__parts *parts,
                              size_t piece)
{
    const rowan__piece *at = &parts->at[piece];
    rowan__listed one = {.asked = asking->count};
    rowan_status status;
    rowan_value value;

    if (at->kind != ROWAN__TOKEN_PLACEHOLDER) {
        one.key = rowan__key_literal(parts->sql + at->offset, at->size, false,
                                     parts->reading->backslash_escapes);
        return add(trial, asking, one);
    }
    status = rowan__recorded_value(trial, statement, at->param, &value);
    return status == ROWAN_OK ? add_bound(trial, asking, &value) : status;
}

rowan_status rowan__listed_add(rowan__trial *trial, rowan__asking *asking,
                               const rowan__traced *statement, rowan__asked *out)
{
    size_t first = asking->listed_count, value = asking->rewrite.keys[0].value, end;
    rowan_status status = ROWAN_OK;
    rowan__parts parts;
    rowan_value array;

    *out = (rowan__asked){.statement = statement};
    if (!rowan__parts_read(&parts, &trial->arena, statement->dialect, statement->sql,
                           statement->sql_size)) {
        return ROWAN_NOMEM;
    }
    end = value < parts.count ? rowan__rewrite_list_end(&parts, value - 1) : value;
    if (end < value && value < parts.count) { /* no list: = ANY (array) */
        status = rowan__recorded_value(trial, statement, parts.at[value].param, &array);
        status = status == ROWAN_OK ? add_array(trial, asking, &array) : status;
    }
    for (size_t i = value; i + 1 < end && status == ROWAN_OK; i += 2) {
        status = add_piece(trial, asking, statement, &parts, i);
    }
    for (size_t i = first; i < asking->listed_count; i++) {
        out->key = rowan__key_mix(out->key, asking->listed[i].key);
    }
    return status;
}

static int by_key(const void *a, const void *b)
{
    const rowan__listed *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->asked < y->asked ? -1 : x->asked > y->asked;
}

/* A value that is twice in one list asks for nothing more. */
static void unite(rowan__asking *asking)
{
    size_t count = 0;

    for (size_t i = 0; i < asking->listed_count; i++) {
        if (count == 0 || by_key(&asking->listed[count - 1], &asking->listed[i]) != 0) {
            asking->listed[count++] = asking->listed[i];
        }
    }
    asking->listed_count = count;
}

rowan_status rowan__listed_finish(rowan__trial *trial, rowan__asking *asking)
{
    if (asking->listed_count == 0) {
        return rowan__trial_refuse(trial, "all lists are empty");
    }
    qsort(asking->listed, asking->listed_count, sizeof *asking->listed, by_key);
    unite(asking);
    asking->list = rowan__arena_new(&trial->arena, asking->listed_count, sizeof *asking->list,
                                    _Alignof(rowan_value));
    for (size_t i = 0; asking->list != NULL && i < asking->listed_count; i++) {
        if (i == 0 || asking->listed[i].key != asking->listed[i - 1].key) {
            asking->list[asking->list_count++] = asking->listed[i].value;
        }
    }
    return asking->list != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

size_t rowan__asking_listed(const rowan__asking *asking, uint64_t key)
{
    size_t begin = 0, end = asking->listed_count;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (asking->listed[middle].key < key) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin < asking->listed_count && asking->listed[begin].key == key ? begin
                                                                            : asking->listed_count;
}
