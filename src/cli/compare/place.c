/* Places to run comparisons in. */
#include "cli/compare/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/raw.h>

#include "base/clock.h"
#include "base/error.h"

enum { NAME_SIZE = 48 };

struct place {
    char *url;
    char *server;         /* URL that it was made and is removed with; NULL: SQLite */
    char name[NAME_SIZE]; /* of the schema or database */
    char *folder;         /* SQLite: made for the file; NULL: the file has a place of its own */
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_postgresql(const char *url)
{
    return starts_with(url, "postgresql:") || starts_with(url, "postgres:");
}

static void free_place(place *self)
{
    free(self->url);
    free(self->server);
    free(self->folder);
    free(self);
}

/* --- Servers. --- */

/* Sends one statement on a connection of its own. */
static rowan_status send(const char *url, const char *sql, rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_db *db = NULL;
    rowan_scope *scope = NULL;

    options.max_open = 1;
    options.no_detector = true;
    rowan_status status = rowan_open(url, &options, &db, error);
    if (status == ROWAN_OK) {
        status = rowan_scope_begin(db, "rowan compare", &scope, error);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL);
        if (status != ROWAN_OK) {
            *error = *rowan_scope_error(scope);
        }
    }
    rowan_scope_end(scope);
    rowan_close(db);
    return status;
}

/* The server's URL with the new schema first on the search path, or with the new database. */
static char *url_of_name(const char *server, const char *name)
{
    size_t size = strlen(server) + NAME_SIZE + 40;
    char *url = malloc(size);

    if (!url) {
        return NULL;
    }
    if (is_postgresql(server)) {
        snprintf(url, size, "%s%coptions=-csearch_path%%3D%s", server,
                 strchr(server, '?') ? '&' : '?', name);
        return url;
    }
    const char *authority = strstr(server, "://");
    const char *from = authority ? authority + 3 : server;
    size_t kept = (size_t)(from - server) + strcspn(from, "/?");
    const char *query = strchr(server, '?');
    snprintf(url, size, "%.*s/%s%s", (int)kept, server, name, query ? query : "");
    return url;
}

static rowan_status make_on_server(place *self, const char *url, rowan_error *error)
{
    char sql[NAME_SIZE + 80];

    snprintf(self->name, sizeof self->name, "rowan_compare_%llx_%lx",
             (unsigned long long)rowan__now_ns(), (unsigned long)getpid());
    self->server = strdup(url);
    self->url = url_of_name(url, self->name);
    if (!self->server || !self->url) {
        return rowan__fail_nomem(error);
    }
    snprintf(sql, sizeof sql, "CREATE %s %s", is_postgresql(url) ? "SCHEMA" : "DATABASE",
             self->name);
    return send(url, sql, error);
}

static rowan_status drop_on_server(const place *self, rowan_error *error)
{
    char sql[NAME_SIZE + 80];
    bool is_schema = is_postgresql(self->server);

    snprintf(sql, sizeof sql, "DROP %s %s%s", is_schema ? "SCHEMA" : "DATABASE", self->name,
             is_schema ? " CASCADE" : "");
    return send(self->server, sql, error);
}

/* --- Files. --- */

static rowan_status make_temporary(place *self, rowan_error *error)
{
    const char *parent = getenv("TMPDIR");
    size_t size;

    parent = parent && *parent ? parent : "/tmp";
    size = strlen(parent) + 64;
    self->folder = malloc(size);
    self->url = malloc(size);
    if (!self->folder || !self->url) {
        return rowan__fail_nomem(error);
    }
    snprintf(self->folder, size, "%s/rowan-compare-XXXXXX", parent);
    if (!mkdtemp(self->folder)) {
        rowan__fail(error, ROWAN_IO, "cannot make a folder in %s: %s", parent, strerror(errno));
        free(self->folder);
        self->folder = NULL;
        return ROWAN_IO;
    }
    snprintf(self->url, size, "sqlite:%s/bookshop.db", self->folder);
    return ROWAN_OK;
}

static rowan_status make_file(place *self, const char *url, rowan_error *error)
{
    const char *path = url + strlen("sqlite:");

    if (*path == '\0') {
        return make_temporary(self, error);
    }
    if (*path == ':') {
        return rowan__fail(error, ROWAN_MISUSE,
                           "the comparison needs two connections: %s has only one", url);
    }
    if (access(path, F_OK) == 0) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "%s exists: name a new file, which the comparison makes and removes",
                           path);
    }
    self->url = strdup(url);
    return self->url ? ROWAN_OK : rowan__fail_nomem(error);
}

/* Removes the file, and what SQLite keeps beside it. */
static rowan_status remove_file(const place *self, rowan_error *error)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    const char *path = self->url + strlen("sqlite:");
    size_t size = strlen(path) + 16;
    char *name = malloc(size);
    int failure = name ? 0 : ENOMEM;

    for (size_t i = 0; name && i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(name, size, "%s%s", path, endings[i]);
        if (unlink(name) != 0 && errno != ENOENT) {
            failure = errno;
        }
    }
    free(name);
    if (self->folder && rmdir(self->folder) != 0) {
        failure = errno;
    }
    return failure ? rowan__fail(error, ROWAN_IO, "cannot remove %s: %s", path, strerror(failure))
                   : ROWAN_OK;
}

/* --- Both. --- */

static rowan_status fill(const place *self, double scale, const rowan__seed_watch *watch,
                         rowan_error *error)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan__seed_result result;
    rowan_db *db = NULL;

    options.max_open = 1;
    options.no_detector = true;
    rowan_status status = rowan_open(self->url, &options, &db, error);
    if (status == ROWAN_OK) {
        status = rowan__seed(db, scale, watch, &result, error);
    }
    rowan_close(db);
    return status;
}

rowan_status place_open(const char *url, double scale, const rowan__seed_watch *watch, place **out,
                        rowan_error *error)
{
    place *self = calloc(1, sizeof *self);

    *out = NULL;
    if (!self) {
        return rowan__fail_nomem(error);
    }
    rowan_status status = starts_with(url, "sqlite:") ? make_file(self, url, error)
                                                      : make_on_server(self, url, error);
    if (status != ROWAN_OK) {
        free_place(self);
        return status;
    }
    status = fill(self, scale, watch, error);
    if (status != ROWAN_OK) {
        rowan_error unused;
        place_close(self, &unused);
        return status;
    }
    *out = self;
    return ROWAN_OK;
}

const char *place_url(const place *self)
{
    return self->url;
}

rowan_status place_close(place *self, rowan_error *error)
{
    if (!self) {
        return ROWAN_OK;
    }
    rowan_status status = self->server ? drop_on_server(self, error) : remove_file(self, error);
    free_place(self);
    return status;
}
