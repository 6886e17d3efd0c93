/*
 * Portable SQL to statements of one engine. The tokenizer tells type words, quoted names and
 * strings from the rest; only these are touched, so the grammar stays the engine's business.
 */
#include "schema/schema.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/token.h"
#include "schema/list.h"

/* Standard SQL, in which a type word is one word. */
static const rowan__reading portable_sql = {.at_variables = true};

typedef struct splitter {
    rowan__schema *schema;
    rowan__arena *arena;
    const rowan__dialect *dialect;
    const char *file;
    rowan__reader reader;
    rowan__text sql;     /* the statement so far */
    size_t counted;      /* the text up to here … */
    unsigned line;       /* … ends in this line */
    unsigned first_line; /* of the statement */
    rowan_error *error;
} splitter;

static void count_lines(splitter *s, size_t offset)
{
    for (; s->counted < offset; s->counted++) {
        s->line += s->reader.text[s->counted] == '\n';
    }
}

/* Whether the word of a dialect is the one that was read. The dialect's may end in "(…)" as a
 * reminder. */
static bool is_word(const char *word, const char *text, size_t size)
{
    return strncmp(word, text, size) == 0 && (word[size] == '\0' || word[size] == '(');
}

static const char *word_sql(const rowan__dialect *dialect, const char *text, size_t size,
                            bool has_argument)
{
    for (const struct rowan__type_word *w = dialect->type_words; w->word != NULL; w++) {
        if (is_word(w->word, text, size) && (strchr(w->sql, '%') != NULL) == has_argument) {
            return w->sql;
        }
    }
    return NULL;
}

/* The size of "(…)" at the reader's place, 0 if there is none; what is inside has no parentheses.
 */
static size_t argument_size(const rowan__reader *reader)
{
    const char *begin = reader->text + reader->offset;
    const char *end;

    if (reader->offset == reader->size || *begin != '(') {
        return 0;
    }
    end = memchr(begin, ')', reader->size - reader->offset);
    return end == NULL ? 0 : (size_t)(end - begin) + 1;
}

static rowan_status add_type_word(splitter *s, const rowan__token *token)
{
    const char *text = s->reader.text + token->offset;
    const char *argument = s->reader.text + s->reader.offset + 1;
    size_t size = argument_size(&s->reader);
    const char *sql = word_sql(s->dialect, text, token->size, size != 0);

    if (sql == NULL) {
        const char *why = word_sql(s->dialect, text, token->size, size == 0) == NULL
                              ? "is no type word"
                          : size == 0 ? "needs its size in parentheses directly behind it"
                                      : "takes nothing in parentheses";
        return rowan__fail(s->error, ROWAN_SYNTAX, "%s:%u: %.*s %s", s->file, s->line,
                           (int)token->size, text, why);
    }
    for (; *sql != '\0'; sql++) {
        if (*sql == '%') {
            rowan__text_add(&s->sql, argument, size - 2);
        } else {
            rowan__text_char(&s->sql, *sql);
        }
    }
    s->reader.offset += size;
    return ROWAN_OK;
}

/* "a""b" in the engine's own quotes. */
static void add_name(splitter *s, const char *text, size_t size)
{
    char quote = s->dialect->quote;

    rowan__text_char(&s->sql, quote);
    for (size_t i = 1; i + 1 < size; i++) {
        if (text[i] == quote) {
            rowan__text_char(&s->sql, quote);
        }
        rowan__text_char(&s->sql, text[i]);
        i += text[i] == '"';
    }
    rowan__text_char(&s->sql, quote);
}

static void add_string(splitter *s, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && s->dialect->backslash_escapes) {
            rowan__text_char(&s->sql, '\\');
        }
        rowan__text_char(&s->sql, text[i]);
    }
}

static rowan_status end_statement(splitter *s)
{
    rowan__schema *schema = s->schema;
    rowan__schema_statement *all;

    if (s->sql.failed) {
        return rowan__fail_nomem(s->error);
    }
    while (s->sql.size > 0 && strchr(" \t\r\n", s->sql.data[s->sql.size - 1]) != NULL) {
        s->sql.size--;
    }
    if (s->sql.size == 0) {
        return ROWAN_OK;
    }
    all = rowan__list_room(s->arena, schema->statements, schema->statement_count, sizeof *all);
    if (all == NULL) {
        return rowan__fail_nomem(s->error);
    }
    schema->statements = all;
    all += schema->statement_count;
    *all = (rowan__schema_statement){
        .sql = rowan__arena_text(s->arena, s->sql.data, s->sql.size),
        .size = s->sql.size,
        .file = s->file,
        .line = s->first_line,
    };
    if (all->sql == NULL) {
        return rowan__fail_nomem(s->error);
    }
    schema->statement_count++;
    rowan__text_clear(&s->sql);
    return ROWAN_OK;
}

static rowan_status add_token(splitter *s, const rowan__token *token)
{
    const char *text = s->reader.text + token->offset;

    if (token->unterminated) {
        return rowan__fail(s->error, ROWAN_SYNTAX,
                           "%s:%u: the string, quoted name or comment that begins here has no end",
                           s->file, s->line);
    }
    if (token->kind == ROWAN__TOKEN_SEMICOLON) {
        return end_statement(s);
    }
    if (s->sql.size == 0) {
        if (token->kind == ROWAN__TOKEN_SPACE || token->kind == ROWAN__TOKEN_COMMENT) {
            return ROWAN_OK;
        }
        s->first_line = s->line;
    }
    if (token->kind == ROWAN__TOKEN_COMMENT) {
        rowan__text_char(&s->sql, ' ');
    } else if (token->kind == ROWAN__TOKEN_WORD && text[0] == '@') {
        return add_type_word(s, token);
    } else if (token->kind == ROWAN__TOKEN_NAME) {
        add_name(s, text, token->size);
    } else if (token->kind == ROWAN__TOKEN_STRING) {
        add_string(s, text, token->size);
    } else {
        rowan__text_add(&s->sql, text, token->size);
    }
    return ROWAN_OK;
}

rowan_status rowan__schema_read(rowan__schema *schema, rowan__arena *arena,
                                const rowan__dialect *dialect, const char *file, const char *text,
                                size_t size, rowan_error *error)
{
    splitter s = {.schema = schema, .arena = arena, .dialect = dialect, .line = 1, .error = error};
    rowan__token token = {0};
    rowan_status status = ROWAN_OK;

    s.file = rowan__arena_text(arena, file, strlen(file));
    if (s.file == NULL) {
        return rowan__fail_nomem(error);
    }
    rowan__reader_init(&s.reader, &portable_sql, text, size);
    rowan__text_init(&s.sql, arena->allocator);
    do {
        rowan__token_next(&s.reader, &token);
        count_lines(&s, token.offset);
        status = token.kind == ROWAN__TOKEN_END ? end_statement(&s) : add_token(&s, &token);
    } while (status == ROWAN_OK && token.kind != ROWAN__TOKEN_END);
    rowan__text_fini(&s.sql);
    return status;
}

rowan_status rowan__file_read(rowan__arena *arena, const char *path, char **text, size_t *size,
                              rowan_error *error)
{
    rowan__text content;
    char buffer[4096];
    FILE *file = fopen(path, "rb");
    rowan_status status = ROWAN_OK;
    size_t got;

    *text = NULL;
    *size = 0;
    if (file == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot read %s: %s", path, strerror(errno));
    }
    rowan__text_init(&content, arena->allocator);
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0) {
        rowan__text_add(&content, buffer, got);
    }
    if (ferror(file)) {
        status = rowan__fail(error, ROWAN_IO, "cannot read %s: %s", path, strerror(errno));
        goto done;
    }
    *text = content.failed ? NULL
                           : rowan__arena_text(arena, rowan__text_string(&content), content.size);
    if (*text == NULL) {
        status = rowan__fail_nomem(error);
        goto done;
    }
    *size = content.size;
done:
    rowan__text_fini(&content);
    (void)fclose(file); /* it was only read */
    return status;
}

static bool is_sql_file(const char *name)
{
    size_t length = strlen(name);

    return name[0] != '.' && length > 4 && strcmp(name + length - 4, ".sql") == 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the folder's SQL files, sorted bytewise. */
static rowan_status list_files(rowan__arena *arena, const char *folder, char ***out, size_t *count,
                               rowan_error *error)
{
    DIR *dir = opendir(folder);
    rowan_status status = ROWAN_OK;
    struct dirent *entry;

    *out = NULL;
    *count = 0;
    if (dir == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot read the schema folder %s: %s", folder,
                           strerror(errno));
    }
    while (status == ROWAN_OK && (entry = readdir(dir)) != NULL) {
        char **names;

        if (!is_sql_file(entry->d_name)) {
            continue;
        }
        names = rowan__list_room(arena, *out, *count, sizeof *names);
        if (names != NULL) {
            *out = names;
            names[*count] = rowan__arena_text(arena, entry->d_name, strlen(entry->d_name));
        }
        if (names == NULL || names[*count] == NULL) {
            status = rowan__fail_nomem(error);
        } else {
            (*count)++;
        }
    }
    closedir(dir);
    if (status == ROWAN_OK && *count == 0) {
        status = rowan__fail(error, ROWAN_IO, "the schema folder %s has no file that ends in .sql",
                             folder);
    }
    if (status == ROWAN_OK) {
        qsort(*out, *count, sizeof **out, by_text);
    }
    return status;
}

static char *join_path(rowan__arena *arena, const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = rowan__arena_alloc(arena, size, 1);

    if (path != NULL) {
        snprintf(path, size, "%s/%s", folder, name);
    }
    return path;
}

static rowan_status load_file(rowan__schema *schema, rowan__arena *arena,
                              const rowan__dialect *dialect, const char *path, rowan_error *error)
{
    rowan_status status;
    char *text;
    size_t size;

    if (path == NULL) {
        return rowan__fail_nomem(error);
    }
    status = rowan__file_read(arena, path, &text, &size, error);
    if (status == ROWAN_OK) {
        status = rowan__schema_read(schema, arena, dialect, path, text, size, error);
    }
    return status;
}

static rowan_status load_hints(rowan__schema *schema, rowan__arena *arena, const char *path,
                               rowan_error *error)
{
    FILE *probe;
    rowan_status status;
    char *text;
    size_t size;

    if (path == NULL) {
        return rowan__fail_nomem(error);
    }
    probe = fopen(path, "rb");
    if (probe == NULL && errno == ENOENT) {
        return ROWAN_OK;
    }
    if (probe != NULL) {
        (void)fclose(probe); /* it was only read */
    }
    status = rowan__file_read(arena, path, &text, &size, error);
    if (status == ROWAN_OK) {
        status = rowan__hints_read(&schema->hints, arena, path, text, size, error);
    }
    return status;
}

rowan_status rowan__schema_load(rowan__schema *schema, rowan__arena *arena,
                                const rowan__dialect *dialect, const char *folder,
                                rowan_error *error)
{
    char **names;
    size_t count;
    rowan_status status;

    *schema = (rowan__schema){0};
    status = list_files(arena, folder, &names, &count, error);
    for (size_t i = 0; status == ROWAN_OK && i < count; i++) {
        status = load_file(schema, arena, dialect, join_path(arena, folder, names[i]), error);
    }
    if (status == ROWAN_OK) {
        status = load_hints(schema, arena, join_path(arena, folder, "hints"), error);
    }
    return status;
}

rowan_status rowan__schema_run(rowan_scope *scope, const rowan__schema *schema)
{
    for (size_t i = 0; i < schema->statement_count; i++) {
        const rowan__schema_statement *statement = &schema->statements[i];
        rowan__call call = {.sql = statement->sql, .sql_size = statement->size, .direct = true};
        rowan__result result;
        rowan_status status = rowan__execute(scope, &call, 1, &result);

        if (status != ROWAN_OK) {
            rowan_error error = *rowan_scope_error(scope);
            char message[sizeof error.message];
            const char *why = error.message;

            if (status == ROWAN_ENGINE && error.engine_message[0] != '\0') {
                why = error.engine_message; /* a schema has no values to keep secret */
            }
            snprintf(message, sizeof message, "%s:%u: %.180s", statement->file, statement->line,
                     why);
            rowan__error_copy(error.message, sizeof error.message, message, strlen(message));
            return rowan__scope_fail_with(scope, &error);
        }
    }
    return ROWAN_OK;
}
