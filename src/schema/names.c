/*
 * Names. Every rule depends on the name alone, so the same column has the same member in every
 * model; what depends on other names, collisions, is settled in describe.c.
 */
#include "schema/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Words of C11 and C++17, and macros and types that every generated header sees. Sorted. */
static const char *const language_words[] = {
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "class",
    "compl",
    "complex",
    "const",
    "const_cast",
    "constexpr",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "i386",
    "if",
    "imaginary",
    "inline",
    "int",
    "int16_t",
    "int32_t",
    "int64_t",
    "int8_t",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "noreturn",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "restrict",
    "return",
    "short",
    "signed",
    "size_t",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "uint8_t",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
};

/* What a type of that name would clash with: functions and structs of the C library and POSIX that
 * could be a table's name, macros without parentheses, which a table's handles would be, and the
 * members of a counted array, which C++ lets no other type of theirs be called. Sorted. */
static const char *const library_words[] = {
    "abort",     "abs",          "accept",    "access",     "alarm",      "at",       "bind",
    "bufsiz",    "calloc",       "ceil",      "clock",      "clone",      "close",    "connect",
    "cos",       "count",        "count_all", "daemon",     "dense_rank", "dirent",   "div",
    "dup",       "eof",          "erf",       "exit",       "exp",        "flock",    "floor",
    "fork",      "free",         "gamma",     "getc",       "group",      "hostent",  "i",
    "index",     "iovec",        "isatty",    "itimerval",  "j0",         "j1",       "jn",
    "kill",      "labs",         "lconv",     "link",       "listen",     "log",      "logb",
    "lseek",     "main",         "malloc",    "mkdir",      "msghdr",     "nan",      "nice",
    "no_params", "no_partition", "null",      "open",       "option",     "passwd",   "pause",
    "pipe",      "pow",          "printf",    "puts",       "qsort",      "raise",    "rand",
    "rand_max",  "random",       "rank",      "read",       "realloc",    "recv",     "remove",
    "rename",    "rewind",       "round",     "row_number", "rusage",     "scanf",    "select",
    "send",      "servent",      "setenv",    "shutdown",   "sigaction",  "sigevent", "signal",
    "sin",       "sleep",        "socket",    "sqrt",       "stat",       "strcmp",   "sync",
    "system",    "tan",          "termios",   "time",       "times",      "timespec", "timeval",
    "tm",        "trunc",        "truncate",  "ungetc",     "unlink",     "utsname",  "wait",
    "winsize",   "write",        "y0",        "y1",         "yn",
};

static int compare_word(const void *key, const void *word)
{
    return strcmp(key, *(const char *const *)word);
}

#define IS_IN(name, words)                                                                         \
    (bsearch((name), (words), sizeof(words) / sizeof((words)[0]), sizeof((words)[0]),              \
             compare_word) != NULL)

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Code point of the UTF-8 sequence at *at, which is left on its last byte; a lone byte stands for
 * itself. */
static unsigned code_point(const char **at)
{
    const unsigned char *s = (const unsigned char *)*at;
    unsigned more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : *s >= 0xc0 ? 1 : 0;
    unsigned point = more == 0 ? *s : *s & (0x3fu >> more);

    for (unsigned i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return *s;
        }
        point = point << 6 | (s[i] & 0x3fu);
    }
    *at += more;
    return point;
}

/* An underscore, unless there is one already or nothing before. */
static void separate(rowan__text *out)
{
    if (out->size > 0 && !out->failed && out->data[out->size - 1] != '_') {
        rowan__text_char(out, '_');
    }
}

/* Whether a capital begins a word: behind a small letter or digit, or before a small letter. Behind
 * all else a word begins anyway. */
static bool begins_word(const char *name, const char *at)
{
    return at > name && (is_lower(at[-1]) || is_digit(at[-1]) || is_lower(at[1]));
}

char *rowan__c_name(rowan__arena *arena, const char *name)
{
    rowan__text out;
    char *result;

    rowan__text_init(&out, arena->allocator);
    for (const char *at = name; *at != '\0'; at++) {
        if (is_upper(*at)) {
            if (begins_word(name, at)) {
                separate(&out);
            }
            rowan__text_char(&out, (char)(*at - 'A' + 'a'));
        } else if (is_lower(*at) || is_digit(*at)) {
            rowan__text_char(&out, *at);
        } else if ((unsigned char)*at >= 0x80) {
            separate(&out);
            rowan__text_format(&out, "u%04x_", code_point(&at));
        } else {
            separate(&out);
        }
    }
    while (out.size > 0 && !out.failed && out.data[out.size - 1] == '_') {
        out.data[--out.size] = '\0';
    }
    if (out.failed) {
        result = NULL;
    } else if (out.size == 0) {
        result = rowan__printed(arena, "unnamed");
    } else {
        result = rowan__printed(arena, "%s%s", is_digit(out.data[0]) ? "n_" : "", out.data);
    }
    rowan__text_fini(&out);
    return result;
}

char *rowan__c_member(rowan__arena *arena, const char *name)
{
    char *plain = rowan__c_name(arena, name);

    if (plain != NULL && (IS_IN(plain, language_words) || strncmp(plain, "rowan_", 6) == 0)) {
        return rowan__printed(arena, "%s_", plain);
    }
    return plain;
}

char *rowan__c_type(rowan__arena *arena, const char *name)
{
    char *plain = rowan__c_name(arena, name);

    if (plain == NULL) {
        return NULL;
    }
    if (strncmp(plain, "rowan_", 6) == 0) {
        return rowan__printed(arena, "n_%s", plain);
    }
    if (IS_IN(plain, language_words) || IS_IN(plain, library_words)) {
        return rowan__printed(arena, "%s_row", plain);
    }
    return plain;
}

char *rowan__c_upper(rowan__arena *arena, const char *name)
{
    char *upper = rowan__arena_text(arena, name, strlen(name));

    for (char *c = upper; c != NULL && *c != '\0'; c++) {
        *c = is_lower(*c) ? (char)(*c - 'a' + 'A') : *c;
    }
    return upper;
}

/* The last word of a name, where its plural is made. */
static const char *last_word(const char *name)
{
    const char *underscore = strrchr(name, '_');

    return underscore == NULL ? name : underscore + 1;
}

static bool ends_with(const char *word, const char *end)
{
    size_t size = strlen(word), end_size = strlen(end);

    return size >= end_size && strcmp(word + size - end_size, end) == 0;
}

char *rowan__plural(rowan__arena *arena, const char *name)
{
    static const struct {
        const char *one, *many;
    } irregular[] = {{"child", "children"}, {"man", "men"},       {"person", "people"},
                     {"woman", "women"},    {"people", "people"}, {"children", "children"}};
    const char *word = name == NULL ? "" : last_word(name);
    size_t size = name == NULL ? 0 : strlen(name);
    char before_last = size > 1 ? name[size - 2] : '\0';

    if (name == NULL) {
        return NULL;
    }

    for (size_t i = 0; i < sizeof irregular / sizeof irregular[0]; i++) {
        if (strcmp(word, irregular[i].one) == 0) {
            return rowan__printed(arena, "%.*s%s", (int)(word - name), name, irregular[i].many);
        }
    }
    if (ends_with(name, "s") && is_lower(before_last) && strchr("siu", before_last) == NULL) {
        return rowan__printed(arena, "%s", name);
    }
    if (ends_with(name, "s") || ends_with(name, "x") || ends_with(name, "z") ||
        ends_with(name, "ch") || ends_with(name, "sh")) {
        return rowan__printed(arena, "%ses", name);
    }
    if (ends_with(name, "y") && is_lower(before_last) && strchr("aeiou", before_last) == NULL) {
        return rowan__printed(arena, "%.*sies", (int)(size - 1), name);
    }
    return rowan__printed(arena, "%ss", name);
}

char *rowan__numbered(rowan__arena *arena, const char *name, unsigned number)
{
    return rowan__printed(arena, ends_with(name, "_") ? "%s%u" : "%s_%u", name, number);
}

char *rowan__printed(rowan__arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size >= 0) {
        text = rowan__arena_alloc(arena, (size_t)size + 1, 1);
    }
    if (text != NULL) {
        va_start(arguments, format);
        vsnprintf(text, (size_t)size + 1, format, arguments);
        va_end(arguments);
    }
    return text;
}

/* FNV-1a. */
static size_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;

    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    }
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of a name, or the free one where it would be. The set is not full. */
static size_t slot_of(const rowan__name_set *names, const char *name)
{
    size_t slot = hash_of(name) & (names->capacity - 1);

    while (names->slots[slot] != NULL && strcmp(names->slots[slot], name) != 0) {
        slot = (slot + 1) & (names->capacity - 1);
    }
    return slot;
}

bool rowan__name_set_has(const rowan__name_set *names, const char *name)
{
    return names->capacity != 0 && names->slots[slot_of(names, name)] != NULL;
}

bool rowan__name_set_add(rowan__name_set *names, rowan__arena *arena, const char *name)
{
    size_t slot;

    if (2 * names->count >= names->capacity) {
        rowan__name_set larger = {.capacity = names->capacity == 0 ? 64 : 2 * names->capacity};

        larger.slots =
            rowan__arena_new(arena, larger.capacity, sizeof *larger.slots, _Alignof(char *));
        if (larger.slots == NULL) {
            return false;
        }
        for (size_t i = 0; i < names->capacity; i++) {
            if (names->slots[i] != NULL) {
                larger.slots[slot_of(&larger, names->slots[i])] = names->slots[i];
            }
        }
        larger.count = names->count;
        *names = larger;
    }
    slot = slot_of(names, name);
    names->count += names->slots[slot] == NULL;
    names->slots[slot] = name;
    return true;
}
