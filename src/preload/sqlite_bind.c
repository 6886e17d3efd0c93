/*
 * What is bound to SQLite's statements. SQLite does not tell it back, so each value is kept by the
 * statement until it is run. It is read before SQLite gets it, which may free it, and kept only if
 * SQLite took it.
 */
#include <string.h>

#include "base/alloc.h"
#include "preload/sqlite_hooks.h"
#include "preload/utf16.h"

/* A value on its way: read, not yet taken. */
typedef struct binding {
    recorded_value *place; /* NULL: it is of no interest */
    recorded_value value;
} binding;

static inline void begin_binding(binding *b, sqlite3_stmt *handle, int index,
                                 const rowan_value *value, const void *caller)
{
    statement *s =
        client_owns(&CLIENT, caller) || !recorder_is_on() ? NULL : sqlite_statement(handle);

    b->place = NULL;
    if (s != NULL && index > 0 && (size_t)index <= s->param_count) {
        b->place = &s->params[index - 1];
        b->value = (recorded_value){.hash = 0};
        recorded_value_set(&b->value, value);
    }
}

static inline int end_binding(binding *b, int result)
{
    if (b->place != NULL) {
        recorded_value *unused = result == SQLITE_OK ? b->place : &b->value;
        recorded_value_fini(unused);
        if (result == SQLITE_OK) {
            *b->place = b->value;
        }
    }
    return result;
}

HOOK int sqlite3_clear_bindings(sqlite3_stmt *handle)
{
    int (*real)(sqlite3_stmt *) = CALLED(sqlite3_clear_bindings);
    statement *s = sqlite_statement(handle);

    for (size_t i = 0; s != NULL && i < s->param_count; i++) {
        recorded_value_fini(&s->params[i]);
    }
    return real(handle);
}

HOOK int sqlite3_bind_null(sqlite3_stmt *handle, int index)
{
    __typeof__(&sqlite3_bind_null) real = CALLED(sqlite3_bind_null);
    rowan_value value = rowan_v_null();
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index));
}

HOOK int sqlite3_bind_int(sqlite3_stmt *handle, int index, int number)
{
    __typeof__(&sqlite3_bind_int) real = CALLED(sqlite3_bind_int);
    rowan_value value = rowan_v_int64(number);
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, number));
}

HOOK int sqlite3_bind_int64(sqlite3_stmt *handle, int index, sqlite3_int64 number)
{
    __typeof__(&sqlite3_bind_int64) real = CALLED(sqlite3_bind_int64);
    rowan_value value = rowan_v_int64(number);
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, number));
}

HOOK int sqlite3_bind_double(sqlite3_stmt *handle, int index, double number)
{
    __typeof__(&sqlite3_bind_double) real = CALLED(sqlite3_bind_double);
    rowan_value value = rowan_v_double(number);
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, number));
}

/* --- Texts. --- */

/* A text of an encoding of SQLite's, as UTF-8; what was converted is in @p converted. */
static rowan_value text_value(const void *text, sqlite3_uint64 size, unsigned char encoding,
                              rowan__text *converted)
{
    bool is_big =
        encoding == SQLITE_UTF16BE || (encoding != SQLITE_UTF16LE && utf16_native_is_big());

    if (text == NULL) {
        return rowan_v_null();
    }
    utf16_add(converted, text, (size_t)size, is_big);
    return rowan_v_bytes(ROWAN_TYPE_TEXT, rowan__text_string(converted), converted->size);
}

static void begin_text(binding *b, sqlite3_stmt *handle, int index, const void *text,
                       sqlite3_uint64 size, unsigned char encoding, const void *caller)
{
    rowan__text converted;
    rowan_value value;

    if (encoding == SQLITE_UTF8) {
        value = rowan_v_bytes(ROWAN_TYPE_TEXT, text, (size_t)size);
        begin_binding(b, handle, index, &value, caller);
        return;
    }
    rowan__text_init(&converted, &rowan__default_allocator);
    value = text_value(text, size, encoding, &converted);
    begin_binding(b, handle, index, &value, caller);
    rowan__text_fini(&converted);
}

HOOK int sqlite3_bind_text(sqlite3_stmt *handle, int index, const char *text, int size,
                           void (*release)(void *))
{
    __typeof__(&sqlite3_bind_text) real = CALLED(sqlite3_bind_text);
    size_t bytes = text == NULL ? 0 : size < 0 ? strlen(text) : (size_t)size;
    binding b;

    begin_text(&b, handle, index, text, bytes, SQLITE_UTF8, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, text, size, release));
}

HOOK int sqlite3_bind_text64(sqlite3_stmt *handle, int index, const char *text, sqlite3_uint64 size,
                             void (*release)(void *), unsigned char encoding)
{
    __typeof__(&sqlite3_bind_text64) real = CALLED(sqlite3_bind_text64);
    binding b;

    begin_text(&b, handle, index, text, size, encoding, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, text, size, release, encoding));
}

HOOK int sqlite3_bind_text16(sqlite3_stmt *handle, int index, const void *text, int size,
                             void (*release)(void *))
{
    __typeof__(&sqlite3_bind_text16) real = CALLED(sqlite3_bind_text16);
    size_t bytes = text == NULL ? 0 : size < 0 ? utf16_size(text) : (size_t)size;
    binding b;

    begin_text(&b, handle, index, text, bytes, SQLITE_UTF16, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, text, size, release));
}

/* --- Bytes. --- */

HOOK int sqlite3_bind_blob(sqlite3_stmt *handle, int index, const void *data, int n,
                           void (*release)(void *))
{
    __typeof__(&sqlite3_bind_blob) real = CALLED(sqlite3_bind_blob);
    rowan_value value =
        data != NULL && n >= 0 ? rowan_v_bytes(ROWAN_TYPE_BLOB, data, (size_t)n) : rowan_v_null();
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, data, n, release));
}

HOOK int sqlite3_bind_blob64(sqlite3_stmt *handle, int index, const void *data, sqlite3_uint64 size,
                             void (*release)(void *))
{
    __typeof__(&sqlite3_bind_blob64) real = CALLED(sqlite3_bind_blob64);
    rowan_value value =
        data != NULL ? rowan_v_bytes(ROWAN_TYPE_BLOB, data, (size_t)size) : rowan_v_null();
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, data, size, release));
}

/* Zeros are told by their number: they are not there yet. */
HOOK int sqlite3_bind_zeroblob(sqlite3_stmt *handle, int index, int n)
{
    __typeof__(&sqlite3_bind_zeroblob) real = CALLED(sqlite3_bind_zeroblob);
    rowan_value value = rowan_v_int64(n);
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, n));
}

HOOK int sqlite3_bind_zeroblob64(sqlite3_stmt *handle, int index, sqlite3_uint64 size)
{
    __typeof__(&sqlite3_bind_zeroblob64) real = CALLED(sqlite3_bind_zeroblob64);
    rowan_value value = rowan_v_int64((int64_t)size);
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, size));
}

/* --- Others. --- */

/* Of a copy, since reading a text of two bytes a character converts it. */
static rowan_value copied_value(sqlite3_value *copy)
{
    const void *data;

    switch (REAL(sqlite3_value_type)(copy)) {
    case SQLITE_INTEGER:
        return rowan_v_int64(REAL(sqlite3_value_int64)(copy));
    case SQLITE_FLOAT:
        return rowan_v_double(REAL(sqlite3_value_double)(copy));
    case SQLITE_TEXT:
        data = REAL(sqlite3_value_text)(copy);
        return rowan_v_bytes(ROWAN_TYPE_TEXT, data, (size_t)REAL(sqlite3_value_bytes)(copy));
    case SQLITE_BLOB:
        data = REAL(sqlite3_value_blob)(copy);
        return rowan_v_bytes(ROWAN_TYPE_BLOB, data, (size_t)REAL(sqlite3_value_bytes)(copy));
    default:
        return rowan_v_null();
    }
}

HOOK int sqlite3_bind_value(sqlite3_stmt *handle, int index, const sqlite3_value *given)
{
    __typeof__(&sqlite3_bind_value) real = CALLED(sqlite3_bind_value);
    sqlite3_value *copy = recorder_is_on() ? REAL(sqlite3_value_dup)(given) : NULL;
    rowan_value value = copy != NULL ? copied_value(copy) : rowan_v_null();
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    if (copy != NULL) {
        REAL(sqlite3_value_free)(copy);
    }
    return end_binding(&b, real(handle, index, given));
}

/* A pointer is NULL to all SQL. */
HOOK int sqlite3_bind_pointer(sqlite3_stmt *handle, int index, void *pointer, const char *type,
                              void (*release)(void *))
{
    __typeof__(&sqlite3_bind_pointer) real = CALLED(sqlite3_bind_pointer);
    rowan_value value = rowan_v_null();
    binding b;

    begin_binding(&b, handle, index, &value, __builtin_return_address(0));
    return end_binding(&b, real(handle, index, pointer, type, release));
}
