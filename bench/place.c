/* A URL in the parts that client libraries want. */
#include <stdio.h>
#include <string.h>

#include "database.h"

/* Cuts a text at a character: what is behind it, or NULL. */
static char *cut(char *text, char at)
{
    char *end = text ? strchr(text, at) : NULL;

    if (!end) {
        return NULL;
    }
    *end = '\0';
    return end + 1;
}

/* mariadb://USER:PASSWORD@HOST/DATABASE?socket=PATH, which has to name all but the host. */
static bool read_mariadb(bench_place *place, char *text)
{
    char *options = cut(text, '?');
    char *database = cut(text, '/');
    char *host = cut(text, '@');
    char *password = cut(text, ':');
    char *socket = options ? strstr(options, "socket=") : NULL;

    if (!host || !database || !password || !socket) {
        return false;
    }
    socket += strlen("socket=");
    socket[strcspn(socket, "&")] = '\0';
    place->user = text;
    place->password = password;
    place->database = database;
    place->socket = socket;
    return true;
}

bool bench_place_of(const char *url, bench_place *place, char *buffer, size_t buffer_size)
{
    const char *rest = strchr(url, ':');

    *place = (bench_place){.url = url};
    if (rest && strncmp(url, "sqlite:", 7) == 0) {
        place->engine = "sqlite";
        place->path = rest + 1;
        return true;
    }
    if (rest && strncmp(url, "postgresql:", 11) == 0) {
        place->engine = "postgresql";
        place->conninfo = url;
        return true;
    }
    if (rest && strncmp(url, "mariadb://", 10) == 0 && strlen(url) < buffer_size) {
        place->engine = "mariadb";
        memcpy(buffer, rest + 3, strlen(rest + 3) + 1);
        return read_mariadb(place, buffer);
    }
    return false;
}
