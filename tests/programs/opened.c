/*
 * Opens the databases of its arguments, one after the other, and sends something to each. Says how
 * many statements that were, and which client libraries are in its memory by then.
 */
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>

enum { ROUNDS = 20 };

/* Whether a library is mapped into this process. */
static bool is_mapped(const char *file)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    bool found = false;
    char line[1024];

    while (maps && !found && fgets(line, sizeof line, maps)) {
        found = strstr(line, file) != NULL;
    }
    if (maps) {
        fclose(maps);
    }
    return found;
}

static rowan_status look_up(rowan_scope *scope, int64_t number)
{
    rowan_cursor *cursor = NULL;
    int64_t next = 0;
    rowan_status status =
        rowan_raw_open(scope, "SELECT 1 + ?", ROWAN_PARAMS(ROWAN_V(number)), &cursor);

    if (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
    }
    if (status == ROWAN_OK) {
        status = rowan_cursor_int64(cursor, 0, &next);
    }
    rowan_cursor_close(cursor);
    return status == ROWAN_OK && next != number + 1 ? ROWAN_UNEXPECTED : status;
}

static rowan_status work(const char *url, rowan_error *error)
{
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    rowan_status status = rowan_open(url, NULL, &db, error);

    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "work", &scope, error);
    }
    for (int i = 0; i < ROUNDS && status == ROWAN_OK; i++) {
        status = look_up(scope, i);
        *error = *rowan_scope_error(scope);
    }
    rowan_scope_end(scope);
    if (status == ROWAN_OK) {
        printf("%s %d\n", rowan_db_engine(db), (int)rowan_db_counts(db).statements);
    }
    rowan_close(db);
    return status;
}

int main(int argc, char **argv)
{
    static const char *const libraries[] = {"libsqlite3.so", "libpq.so", "libmariadb.so",
                                            "client_ed25519.so"};
    rowan_error error = {0};

    for (int i = 1; i < argc; i++) {
        if (work(argv[i], &error) != ROWAN_OK) {
            printf("%s: %s (%s)\n", rowan_status_name(error.status), error.message,
                   error.engine_message);
            return 1;
        }
        printf("loaded:");
        for (size_t k = 0; k < sizeof libraries / sizeof libraries[0]; k++) {
            printf("%s%s", is_mapped(libraries[k]) ? " " : "",
                   is_mapped(libraries[k]) ? libraries[k] : "");
        }
        printf("\n");
    }
    return 0;
}
