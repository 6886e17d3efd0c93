/* Sessions of Data Mapper on the library's tables, for tests in which all of this goes well. */
#ifndef ROWAN_TESTS_SESSION_H
#define ROWAN_TESTS_SESSION_H

#include <rowan/short.h>

#include "support/library.h"

static inline rowan_session *begin(rowan_scope *scope)
{
    rowan_session *session;

    library_ok(scope, rowan_session_begin(scope, &session));
    return session;
}

static inline void *make(rowan_session *session, const rowan_table *table)
{
    void *row;

    library_ok(rowan_session_scope(session), rowan_session_new(session, table, &row));
    return row;
}

static inline void *find(rowan_session *session, const rowan_table *table, int64_t id)
{
    void *row;

    library_ok(rowan_session_scope(session), rowan_session_find(session, table, KEY(id), &row));
    return row;
}

static inline void refer(rowan_session *session, const rowan_relation *relation, void *row,
                         void *other)
{
    library_ok(rowan_session_scope(session), rowan_session_refer(session, relation, row, other));
}

static inline void flush(rowan_session *session)
{
    library_ok(rowan_session_scope(session), rowan_session_flush(session));
}

static inline library_book *make_book(rowan_session *session, const char *title, int32_t price)
{
    library_book *book = make(session, &library_book_table);

    book->title = title;
    book->price_cents = price;
    return book;
}

#endif
