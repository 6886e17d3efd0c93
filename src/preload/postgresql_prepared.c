/*
 * libpq: the prepared statements of a connection, by their names. A name is forgotten when the
 * server has said that it deallocated it, so that a program may make up new ones forever.
 */
#include "preload/postgresql_hooks.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/alloc.h"

static postgresql_prepared **list_of(postgresql_connection *c, const char *name)
{
    return &c->prepared[XXH3_64bits(name, strlen(name)) % POSTGRESQL_PREPARED_LISTS];
}

postgresql_prepared *postgresql_prepared_of(postgresql_connection *c, const char *name)
{
    postgresql_prepared *p = *list_of(c, name);

    while (p != NULL && strcmp(p->name, name) != 0) {
        p = p->next;
    }
    return p;
}

postgresql_prepared *postgresql_prepare(postgresql_connection *c, const char *name, uint32_t text,
                                        uint32_t *previous)
{
    postgresql_prepared *p = postgresql_prepared_of(c, name);
    postgresql_prepared **list = list_of(c, name);

    *previous = 0;
    if (p == NULL) {
        p = rowan__new(&rowan__default_allocator, 1, sizeof *p + strlen(name) + 1);
        if (p == NULL) {
            return NULL;
        }
        memcpy(p->name, name, strlen(name) + 1);
        p->next = *list;
        *list = p;
    }
    *previous = p->text;
    p->text = text;
    p->columns = 0;
    return p;
}

static void free_types(postgresql_prepared *p)
{
    rowan__free(&rowan__default_allocator, p->types, (size_t)p->type_count, sizeof(Oid));
    p->types = NULL;
    p->type_count = 0;
}

void postgresql_prepared_types(postgresql_prepared *p, int count, const Oid *types)
{
    free_types(p);
    if (count > 0 && types != NULL) {
        p->types = rowan__alloc(&rowan__default_allocator, (size_t)count, sizeof(Oid));
    }
    if (p->types != NULL) {
        memcpy(p->types, types, (size_t)count * sizeof(Oid));
        p->type_count = count;
    }
}

void postgresql_unprepare(postgresql_call *call)
{
    if (call->kind == POSTGRESQL_PREPARE && call->prepared != NULL) {
        call->prepared->text = call->previous;
        free_types(call->prepared); /* which are those of the other text */
    }
}

/* --- Forgetting. --- */

/* Takes the first of a list off it. */
static void forget_first(postgresql_prepared **list)
{
    postgresql_prepared *p = *list;

    *list = p->next;
    free_types(p);
    rowan__free(&rowan__default_allocator, p, 1, sizeof *p + strlen(p->name) + 1);
}

void postgresql_prepared_forget(postgresql_connection *c, postgresql_prepared *p)
{
    postgresql_prepared **list = list_of(c, p->name);

    while (*list != p) {
        list = &(*list)->next;
    }
    forget_first(list);
}

void postgresql_prepared_forget_all(postgresql_connection *c)
{
    for (size_t i = 0; i < POSTGRESQL_PREPARED_LISTS; i++) {
        while (c->prepared[i] != NULL) {
            forget_first(&c->prepared[i]);
        }
    }
}

/* Skips a word and what is blank behind it; NULL if the text does not begin with it. */
static const char *skip_word(const char *text, const char *word)
{
    size_t size = strlen(word);

    if (strncasecmp(text, word, size) != 0 || strchr(" \t\n\r", text[size]) == NULL) {
        return NULL;
    }
    text += size;
    return text + strspn(text, " \t\n\r");
}

postgresql_prepared *postgresql_deallocated(postgresql_connection *c, const char *sql)
{
    enum { LONGEST = 63 }; /* bytes of a name that PostgreSQL looks at */
    char name[LONGEST + 1];
    const char *at = skip_word(sql, "DEALLOCATE"), *rest;
    size_t size;

    if (at == NULL) {
        return NULL;
    }
    rest = skip_word(at, "PREPARE");
    at = rest != NULL ? rest : at;
    at += *at == '"';
    size = strcspn(at, "\" \t\n\r;");
    if (size > LONGEST) {
        return NULL;
    }
    memcpy(name, at, size);
    name[size] = '\0';
    return postgresql_prepared_of(c, name);
}
