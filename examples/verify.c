/*
 * A test that asks whether the advice for what it recorded holds: a loop is recorded, what it ought
 * to be is tried on the same database, and the rows are compared.
 */
#include <rowan/rowan.h>
#include <rowan/verify.h>

#include <stdio.h>
#include <stdlib.h>

static const char tables[] =
    "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT);"
    "CREATE TABLE note (id INTEGER PRIMARY KEY, post_id INTEGER, body TEXT);"
    "INSERT INTO post VALUES (11, 'a'), (12, 'b'), (13, 'c'), (14, 'd'), (15, 'e'), (16, 'f');"
    "INSERT INTO note SELECT 100 + id, id, 'one' FROM post;"
    "INSERT INTO note SELECT 200 + id, id, 'two' FROM post WHERE id % 2 = 0;";

static void check(rowan_status status, const rowan_error *error)
{
    if (status != ROWAN_OK) {
        fprintf(stderr, "%s: %s\n", rowan_status_name(status), error->message);
        exit(EXIT_FAILURE);
    }
}

/* One statement for the posts, and one for the notes of each. */
static void show_posts(rowan_scope *scope)
{
    int64_t posts[16];
    size_t count = 0;
    rowan_cursor *cursor;

    check(rowan_raw_open(scope, "SELECT id FROM post", ROWAN_NO_PARAMS, &cursor),
          rowan_scope_error(scope));
    while (count < 16 && rowan_cursor_next(cursor) == ROWAN_OK) {
        posts[count++] = rowan_cursor_int64_or(cursor, 0, 0);
    }
    rowan_cursor_close(cursor);
    for (size_t i = 0; i < count; i++) {
        check(rowan_raw_open(scope, "SELECT body FROM note WHERE post_id = ?",
                             ROWAN_PARAMS(ROWAN_V(posts[i])), &cursor),
              rowan_scope_error(scope));
        while (rowan_cursor_next(cursor) == ROWAN_OK) {
            printf("%d: %s\n", (int)posts[i], rowan_cursor_text_or(cursor, 0, ""));
        }
        rowan_cursor_close(cursor);
    }
}

int main(void)
{
    rowan_trace_options recorded = ROWAN_TRACE_OPTIONS_INIT;
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];
    rowan_verified verified;
    rowan_error error;
    rowan_trace *trace;
    rowan_scope *scope;
    rowan_db *db;

    recorded.values = true; /* without them nothing can be sent again */
    remove("verify.jsonl");
    check(rowan_trace_open("verify.jsonl", &recorded, &trace, &error), &error);
    subscribers[0] = rowan_trace_subscriber(trace);
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    check(rowan_open("sqlite::memory:", &options, &db, &error), &error);
    check(rowan_scope_begin(db, "show posts", &scope, &error), &error);
    check(rowan_raw_script(scope, tables, NULL), rowan_scope_error(scope));
    show_posts(scope);
    rowan_scope_end(scope); /* now the trace has all of it */
    check(rowan_expect_verified(db, "verify.jsonl", &verified, &error), &error);
    printf("%d of %d findings have advice that gives the same rows\n", (int)verified.equal,
           (int)verified.findings);
    rowan_close(db);
    check(rowan_trace_close(trace, &error), &error);
    return verified.equal == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
