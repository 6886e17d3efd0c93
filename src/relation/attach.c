/*
 * What is attached to the rows of a block: for each relation that was loaded the rows at its other
 * end, and for which rows of the block it was.
 */
#include <string.h>

#include "relation/relation_private.h"

rowan__attached *rowan__attached_find(const rowan__block *block, size_t index,
                                      const rowan_relation *relation)
{
    if (block->attached == NULL) {
        return NULL;
    }
    rowan__attached *place = &block->attached[relation->index];
    bool made = place->one != NULL || place->many != NULL;
    return made && (place->loaded == NULL || place->loaded[index]) ? place : NULL;
}

rowan__attached *rowan__attached_make(rowan_scope *scope, rowan__block *block,
                                      const rowan_relation *relation)
{
    rowan__arena *arena = rowan__scope_arena(scope);
    rowan__attached *place = rowan__block_attach(scope, block, relation);

    if (place == NULL || place->one != NULL || place->many != NULL) {
        return place;
    }
    place->loaded = rowan__arena_new(arena, block->count, sizeof(bool), _Alignof(bool));
    if (place->loaded == NULL) {
        return NULL;
    }
    if (rowan__relation_is_to_one(relation)) {
        place->one = rowan__arena_new(arena, block->count, sizeof(void *), _Alignof(void *));
    } else {
        place->many =
            rowan__arena_new(arena, block->count, sizeof(rowan_rows), _Alignof(rowan_rows));
    }
    return place->one != NULL || place->many != NULL ? place : NULL;
}

bool rowan__attached_forget(rowan_scope *scope, rowan__block *block, size_t index,
                            const rowan_relation *relation)
{
    for (size_t i = 0; block->attached != NULL && i < block->table->relation_count; i++) {
        rowan__attached *place = &block->attached[i];
        bool meant = relation == NULL || relation->index == i;
        if (!meant || (place->one == NULL && place->many == NULL)) {
            continue;
        }
        if (place->loaded == NULL) {
            place->loaded = rowan__arena_alloc(rowan__scope_arena(scope), block->count, 1);
            if (place->loaded == NULL) {
                return false;
            }
            memset(place->loaded, 1, block->count);
        }
        place->loaded[index] = false;
    }
    return true;
}

rowan_status rowan__attach_begin(const rowan__loading *loading)
{
    for (size_t s = 0; s < loading->parents->count; s++) {
        rowan__block *block = loading->parents->at[s].block;
        if (rowan__attached_make(loading->scope, block, loading->relation) == NULL) {
            return rowan__scope_nomem(loading->scope);
        }
    }
    return ROWAN_OK;
}

/* The rows of a block may have a relation from two plans: what cannot be told apart was of use. */
void rowan__attached_by(rowan__attached *place, rowan_fetched *fetched)
{
    if (fetched != NULL && place->fetched != fetched) {
        rowan__fetched_is_read(place->fetched);
        place->fetched = fetched;
    }
}

void rowan__attach(const rowan__loading *loading)
{
    const size_t *key_at = loading->key_of;

    for (size_t s = 0; s < loading->parents->count; s++) {
        const rowan__segment *segment = &loading->parents->at[s];
        rowan__attached *place = &segment->block->attached[loading->relation->index];
        rowan__attached_by(place, loading->fetched);
        for (size_t i = segment->first; i < segment->first + segment->count; i++) {
            size_t key = *key_at++;
            if (key == ROWAN__KEEPS_LOADED) {
                continue;
            }
            if (place->one != NULL) {
                place->one[i] = key == ROWAN__NO_KEY ? NULL : loading->one_of[key];
            } else {
                place->many[i] =
                    key == ROWAN__NO_KEY ? (rowan_rows){NULL, 0} : loading->many_of[key];
            }
            if (place->loaded != NULL) {
                place->loaded[i] = true;
            }
        }
    }
}
