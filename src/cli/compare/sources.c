/*
 * What the cells look like: cut from the source files that the tool carries.
 *
 * A cell's file has includes, helpers, the functions `tempting` and `good`, and at its end the
 * table of the two. What a way shows is its function and those helpers that it, or a helper of it,
 * names.
 */
#define _GNU_SOURCE /* memmem */

#include "cli/compare/sources.h"

#include <stdlib.h>
#include <string.h>

#include "cli/compare/embedded.h"

enum { MOST_PIECES = 64 };

/* A top-level piece of a file: its comment, if any, and a declaration up to its closing brace or
 * semicolon. */
typedef struct piece {
    const char *at;
    size_t size;
    char name[64]; /* what it declares */
    bool wanted;
} piece;

static const char *line_end(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? end + 1 : at + strlen(at);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/*
 * The word that a piece declares: the last one before its first '(', '[', '=' or ';'; for constants
 * without a name of their own the first of them.
 */
static void find_name(piece *self, const char *code)
{
    bool is_constants = strncmp(code, "enum {", strlen("enum {")) == 0;
    const char *stop = code + strcspn(code, is_constants ? "=,}" : "([=;{");
    const char *end = stop;

    while (end > code && !is_name_char(end[-1])) {
        end--;
    }
    const char *start = end;
    while (start > code && is_name_char(start[-1])) {
        start--;
    }
    size_t size = (size_t)(end - start);
    if (size < sizeof self->name) {
        memcpy(self->name, start, size);
        self->name[size] = '\0';
    }
}

/* Where the line behind a comment at `at` begins; `at` if there is no comment. */
static const char *comment_end(const char *at)
{
    bool in_comment = strncmp(at, "/*", 2) == 0;

    while (in_comment && *at) {
        const char *end = line_end(at);
        in_comment = !memmem(at, (size_t)(end - at), "*/", 2);
        at = end;
    }
    return at;
}

/* Reads one piece that begins at `at`. @return where the next begins. */
static const char *read_piece(const char *at, piece *out)
{
    const char *start = at;
    const char *code = comment_end(at);

    bool is_open = false; /* between braces that do not close on their line */
    at = code;
    while (*at) {
        const char *end = line_end(at);
        size_t size = (size_t)(end - at);
        bool ends = *at == '}' || (!is_open && size >= 2 && end[-2] == ';');
        is_open = is_open || *at == '{' || (size >= 2 && end[-2] == '{');
        at = end;
        if (ends) {
            break;
        }
    }
    *out = (piece){.at = start, .size = (size_t)(at - start)};
    find_name(out, code);
    return at;
}

static size_t read_pieces(const char *text, piece *out)
{
    size_t count = 0;

    while (*text && count < MOST_PIECES) {
        const char *code = comment_end(text);
        if (*code == '\n' || *code == '#') {
            text = line_end(code); /* a comment that stands alone is about the file */
        } else {
            text = read_piece(text, &out[count++]);
        }
    }
    return count;
}

/* Whether a piece's text has a word. */
static bool names(const piece *self, const char *word)
{
    size_t size = strlen(word);
    const char *at = self->at;
    const char *end = self->at + self->size;

    while (size > 0 && (at = memmem(at, (size_t)(end - at), word, size)) != NULL) {
        bool starts = at == self->at || !is_name_char(at[-1]);
        if (starts && (at + size == end || !is_name_char(at[size]))) {
            return true;
        }
        at += size;
    }
    return false;
}

/* Wants what wanted pieces name. Helpers precede their callers, so one pass from the end is enough.
 */
static void want_helpers(piece *pieces, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        for (size_t before = 0; pieces[i].wanted && before < i; before++) {
            bool way = strcmp(pieces[before].name, "good") == 0 ||
                       strcmp(pieces[before].name, "tempting") == 0;
            pieces[before].wanted =
                pieces[before].wanted || (!way && names(&pieces[i], pieces[before].name));
        }
    }
}

/* Lines that are neither blank nor comment only. */
static unsigned count_code(const char *text)
{
    unsigned lines = 0;
    bool in_comment = false;

    while (*text) {
        const char *end = line_end(text);
        const char *word = text + strspn(text, " \t");
        bool starts = strncmp(word, "/*", 2) == 0;
        bool comment = in_comment || starts;
        if (comment) {
            in_comment = !memmem(word, (size_t)(end - word), "*/", 2);
        } else if (word < end && *word != '\n') {
            lines++;
        }
        text = end;
    }
    return lines;
}

char *source_of_way(const char *text, const char *way, unsigned *lines)
{
    piece pieces[MOST_PIECES];
    size_t count = read_pieces(text, pieces);
    size_t size = 0;
    bool found = false;

    *lines = 0;
    for (size_t i = 0; i < count; i++) {
        pieces[i].wanted = strcmp(pieces[i].name, way) == 0;
        found = found || pieces[i].wanted;
    }
    want_helpers(pieces, count);
    char *out = found ? malloc(strlen(text) + MOST_PIECES + 1) : NULL;
    for (size_t i = 0; out && i < count; i++) {
        if (pieces[i].wanted) {
            memcpy(out + size, pieces[i].at, pieces[i].size);
            size += pieces[i].size;
            out[size++] = '\n';
        }
    }
    if (out) {
        out[size > 0 ? size - 1 : 0] = '\0';
        *lines = count_code(out);
    }
    return out;
}

const char *source_text(const char *name)
{
    for (const embedded_file *file = embedded_files; file->name; file++) {
        if (strcmp(file->name, name) == 0) {
            return file->text;
        }
    }
    return NULL;
}
