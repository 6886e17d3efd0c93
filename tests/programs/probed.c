/*
 * A program of Rowan's own: probed [URL]. Says that it is there, waits for a line of input, then
 * looks rows up one by one; for tracers that attach meanwhile. Ends with its input.
 */
#include <stdio.h>

#include <rowan/rowan.h>

enum { ROWS = 8 };

static rowan_status look_up(rowan_scope *scope, int64_t id)
{
    rowan_cursor *cursor = NULL;
    rowan_status status = rowan_raw_open(scope, "SELECT body FROM note WHERE post_id = ?",
                                         ROWAN_PARAMS(ROWAN_V(id)), &cursor);

    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
    }
    rowan_cursor_close(cursor);
    return status;
}

static rowan_status work(rowan_scope *scope)
{
    rowan_cursor *posts = NULL;
    int64_t ids[ROWS];
    size_t count = 0;
    rowan_status status =
        rowan_raw_open(scope, "SELECT id FROM post ORDER BY id", ROWAN_NO_PARAMS, &posts);

    while (status == ROWAN_OK && count < ROWS && (status = rowan_cursor_next(posts)) == ROWAN_OK) {
        status = rowan_cursor_int64(posts, 0, &ids[count++]);
    }
    rowan_cursor_close(posts);
    for (size_t i = 0; i < count && status == ROWAN_OK; i++) {
        status = look_up(scope, ids[i]);
    }
    return status;
}

int main(int argc, char **argv)
{
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    rowan_error error;
    rowan_status status = rowan_open(argc > 1 ? argv[1] : "sqlite::memory:", NULL, &db, &error);

    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "setup", &scope, &error);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_script(
            scope,
            "DROP TABLE IF EXISTS post; DROP TABLE IF EXISTS note;"
            "CREATE TABLE post (id INTEGER PRIMARY KEY);"
            "CREATE TABLE note (post_id INT, body VARCHAR(9));"
            "INSERT INTO post VALUES (107),(114),(121),(128),(135),(142),(149),(156);"
            "INSERT INTO note SELECT id, 'note' FROM post",
            NULL);
    }
    rowan_scope_end(scope);
    scope = NULL;
    puts("ready");
    fflush(stdout);
    if (getchar() != EOF && status == ROWAN_OK) {
        status = rowan_scope_begin(db, "traced", &scope, &error);
        status = status == ROWAN_OK ? work(scope) : status;
        rowan_scope_end(scope);
    }
    printf("%s\n", rowan_status_name(status));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    rowan_close(db);
    return status != ROWAN_OK;
}
