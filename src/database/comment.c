/*
 * Comments behind statements, in the form that sqlcommenter gave them: what a server's log, or a
 * recorder on the way to it, can tell of where a statement comes from.
 *
 * Only what is sent unprepared has one. The text of a prepared statement is what it is found by, in
 * our cache and in the server's; a comment that differs between scopes would make a new statement
 * of every one. So the comment stands behind BEGIN, COMMIT and their kind, and what is between them
 * on the same connection is the same scope's. In a script, what creates or alters something has
 * none, because engines keep such texts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "database/database_private.h"
#include "driver/reading.h"

enum { MOST_PAIRS = ROWAN__MOST_TAGS + 4 };

/* A key and its value. */
typedef struct pair {
    const char *key, *value;
} pair;

static bool asks_for(const rowan_scope *scope, rowan_comment what)
{
    return (scope->db->comments & (unsigned)what) != 0;
}

/* --- Tags. --- */

static bool is_key(const char *key)
{
    size_t size = strlen(key);

    return size > 0 && size <= 64 &&
           strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == size;
}

static rowan__tag *tag_with(rowan_scope *scope, const char *key)
{
    for (size_t i = 0; i < scope->tag_count; i++) {
        if (strcmp(scope->tags[i].key, key) == 0) {
            return &scope->tags[i];
        }
    }
    return NULL;
}

/* A key and a value in one piece of memory: the value is behind the key's NUL. */
static bool tag_init(rowan__tag *tag, const rowan_allocator *allocator, const char *key,
                     const char *value)
{
    size_t key_size = strlen(key) + 1, value_size = strlen(value) + 1;
    char *text = rowan__new(allocator, key_size + value_size, 1);

    if (!text) {
        return false;
    }
    memcpy(text, key, key_size);
    memcpy(text + key_size, value, value_size);
    *tag = (rowan__tag){text, text + key_size, key_size + value_size};
    return true;
}

static void tag_fini(rowan__tag *tag, const rowan_allocator *allocator)
{
    rowan__free(allocator, tag->key, tag->size, 1);
}

rowan_status rowan_scope_tag(rowan_scope *scope, const char *key, const char *value)
{
    const rowan_allocator *allocator;
    rowan__tag *tag, fresh;

    if (!scope) {
        return ROWAN_MISUSE;
    }
    allocator = &scope->db->allocator;
    if (!key || !is_key(key)) {
        return rowan__scope_fail(scope, ROWAN_MISUSE,
                                 "a tag's key is made of 1 to 64 letters, digits, '_', '.', '-'");
    }
    tag = tag_with(scope, key);
    if (!value) {
        if (tag) {
            tag_fini(tag, allocator);
            *tag = scope->tags[--scope->tag_count];
        }
        return ROWAN_OK;
    }
    if (!tag && scope->tag_count == ROWAN__MOST_TAGS) {
        return rowan__scope_fail(scope, ROWAN_MISUSE, "a scope has at most %d tags",
                                 (int)ROWAN__MOST_TAGS);
    }
    if (!scope->tags) {
        scope->tags = rowan__new(allocator, ROWAN__MOST_TAGS, sizeof *scope->tags);
    }
    if (!scope->tags || !tag_init(&fresh, allocator, key, value)) {
        return rowan__scope_nomem(scope);
    }
    if (tag) {
        tag_fini(tag, allocator);
    } else {
        tag = &scope->tags[scope->tag_count++];
    }
    *tag = fresh;
    return ROWAN_OK;
}

void rowan__tags_fini(rowan_scope *scope)
{
    for (size_t i = 0; i < scope->tag_count; i++) {
        tag_fini(&scope->tags[i], &scope->db->allocator);
    }
    rowan__free(&scope->db->allocator, scope->tags, ROWAN__MOST_TAGS, sizeof *scope->tags);
}

/* --- The comment. --- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const pair *)a)->key, ((const pair *)b)->key);
}

/* A tag of the same key says more than we do. */
static void add_pair(pair *pairs, size_t *count, const char *key, const char *value)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(pairs[i].key, key) == 0) {
            return;
        }
    }
    if (value && value[0] != '\0') {
        pairs[(*count)++] = (pair){key, value};
    }
}

/* @param line  memory for the number of the site's line */
static size_t collect(rowan_scope *scope, pair *pairs, char line[16])
{
    size_t count = 0;

    for (size_t i = 0; asks_for(scope, ROWAN_COMMENT_TAGS) && i < scope->tag_count; i++) {
        pairs[count++] = (pair){scope->tags[i].key, scope->tags[i].value};
    }
    if (asks_for(scope, ROWAN_COMMENT_ACTION)) {
        add_pair(pairs, &count, "action", scope->name);
    }
    if (asks_for(scope, ROWAN_COMMENT_SITE) && scope->event.site.file) {
        snprintf(line, 16, "%d", scope->event.site.line);
        add_pair(pairs, &count, "code.file.path", scope->event.site.file);
        add_pair(pairs, &count, "code.function.name", scope->event.site.function);
        add_pair(pairs, &count, "code.line.number", line);
    }
    qsort(pairs, count, sizeof *pairs, by_key);
    return count;
}

/* As in a URL: nothing that is left could end the comment or the quotes. */
static void add_encoded(rowan__text *text, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (const unsigned char *at = (const unsigned char *)value; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("-._~", *at);
        if (plain) {
            rowan__text_char(text, (char)*at);
        } else {
            char code[] = {'%', digits[*at >> 4], digits[*at & 15]};
            rowan__text_add(text, code, sizeof code);
        }
    }
}

/* Whether a text is one to which a comment can be added: it has none, is closed, and not kept. */
static bool is_open_to_comment(const rowan_scope *scope, const rowan__text *text)
{
    rowan__reading reading = rowan__dialect_reading(scope->db->driver->dialect);
    rowan__reader reader;
    rowan__token token;
    bool is_first = true;

    rowan__reader_init(&reader, &reading, rowan__text_string(text), text->size);
    for (rowan__token_next(&reader, &token); token.kind != ROWAN__TOKEN_END;
         rowan__token_next(&reader, &token)) {
        bool is_kept = is_first && (rowan__token_is(&reader, &token, "CREATE") ||
                                    rowan__token_is(&reader, &token, "ALTER"));
        if (token.kind == ROWAN__TOKEN_COMMENT || token.unterminated || is_kept) {
            return false;
        }
        is_first = is_first && token.kind == ROWAN__TOKEN_SPACE;
    }
    return !is_first;
}

void rowan__comment_add(rowan_scope *scope, rowan__text *text)
{
    pair pairs[MOST_PAIRS];
    char line[16];
    size_t count;

    if (scope->db->comments == 0 || text->failed || !is_open_to_comment(scope, text)) {
        return;
    }
    count = collect(scope, pairs, line);
    for (size_t i = 0; i < count; i++) {
        rowan__text_str(text, i == 0 ? " /*" : ",");
        rowan__text_str(text, pairs[i].key);
        rowan__text_str(text, "='");
        add_encoded(text, pairs[i].value);
        rowan__text_char(text, '\'');
    }
    if (count > 0) {
        rowan__text_str(text, "*/");
    }
}
