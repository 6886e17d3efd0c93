/* Runs the SQL of a file in a database, and says how many statements that were: scripted URL FILE.
 */
#include <stdio.h>

#include <rowan/rowan.h>

static char text[1 << 16];

static rowan_status run(const char *url, const char *sql, rowan_error *error)
{
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;
    size_t done = 0;
    rowan_status status = rowan_open(url, NULL, &db, error);

    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "script", &scope, error);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_script(scope, sql, &done);
        *error = *rowan_scope_error(scope);
    }
    rowan_scope_end(scope);
    rowan_close(db);
    printf("%zu\n", done);
    return status;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    rowan_error error = {0};
    size_t size;

    if (!file) {
        fprintf(stderr, "usage: scripted URL FILE\n");
        return 2;
    }
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    if (run(argv[1], text, &error) != ROWAN_OK) {
        fprintf(stderr, "%s (%s)\n", error.message, error.engine_message);
        return 1;
    }
    return 0;
}
