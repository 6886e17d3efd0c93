/*
 * A relay of bytes.
 *
 * One thread accepts, and each connection has two threads that carry, one for each direction: since
 * neither waits for the other, the relay cannot bring about a deadlock that would not be there
 * without it. A turn is counted before the reply is handed on, so that a client that has its reply
 * finds the turn counted.
 */
#include "support/relay.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 128, PIECE_BYTES = 64 * 1024 };

typedef struct wire {
    relay *owner;
    int client, server;
    bool client_spoke; /* and the server has not answered yet */
    pthread_t up, down;
} wire;

struct relay {
    char folder[64]; /* of our Unix socket; "" with TCP */
    char path[128];  /* our Unix socket */
    struct sockaddr_storage server;
    socklen_t server_size;
    int listener;
    pthread_t acceptor;
    pthread_mutex_t lock; /* of all below */
    relay_counts counts;
    relay_replies replies;
    unsigned delay_ms;
    bool stopping;
    wire wires[MOST_CONNECTIONS];
    size_t wire_count;
};

/* --- Carrying --- */

static bool write_all(int out, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = send(out, data, size, MSG_NOSIGNAL);
        if (written <= 0) {
            return false;
        }
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static void sleep_ms(unsigned ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    if (ms > 0) {
        nanosleep(&time, NULL);
    }
}

static void cut_wire(wire *self)
{
    shutdown(self->client, SHUT_RDWR);
    shutdown(self->server, SHUT_RDWR);
}

static void *carry_up(void *context)
{
    wire *self = context;
    relay *owner = self->owner;
    char piece[PIECE_BYTES];
    ssize_t size;

    while ((size = recv(self->client, piece, sizeof piece, 0)) > 0) {
        pthread_mutex_lock(&owner->lock);
        self->client_spoke = true;
        owner->counts.bytes_up += (uint64_t)size;
        unsigned delay_ms = owner->delay_ms;
        pthread_mutex_unlock(&owner->lock);
        sleep_ms(delay_ms);
        if (!write_all(self->server, piece, (size_t)size)) {
            break;
        }
    }
    cut_wire(self);
    return NULL;
}

static void *carry_down(void *context)
{
    wire *self = context;
    relay *owner = self->owner;
    char piece[PIECE_BYTES];
    ssize_t size;

    while ((size = recv(self->server, piece, sizeof piece, 0)) > 0) {
        pthread_mutex_lock(&owner->lock);
        owner->counts.turns += self->client_spoke;
        owner->counts.bytes_down += (uint64_t)size;
        self->client_spoke = false;
        unsigned delay_ms = owner->delay_ms;
        relay_replies replies = owner->replies;
        pthread_mutex_unlock(&owner->lock);
        sleep_ms(delay_ms);
        if (replies == RELAY_CUT ||
            (replies == RELAY_PASS && !write_all(self->client, piece, (size_t)size))) {
            break;
        }
    }
    cut_wire(self);
    return NULL;
}

static bool start_wire(relay *self, int client)
{
    int server = socket(self->server.ss_family, SOCK_STREAM, 0);

    if (server < 0 || connect(server, (struct sockaddr *)&self->server, self->server_size) != 0 ||
        self->wire_count == MOST_CONNECTIONS) {
        if (server >= 0) {
            close(server);
        }
        return false;
    }
    wire *made = &self->wires[self->wire_count];
    *made = (wire){.owner = self, .client = client, .server = server};
    if (pthread_create(&made->up, NULL, carry_up, made) != 0) {
        close(server);
        return false;
    }
    if (pthread_create(&made->down, NULL, carry_down, made) != 0) {
        cut_wire(made);
        pthread_join(made->up, NULL);
        close(server);
        return false;
    }
    pthread_mutex_lock(&self->lock);
    self->wire_count++;
    self->counts.connections++;
    pthread_mutex_unlock(&self->lock);
    return true;
}

static void *accept_clients(void *context)
{
    relay *self = context;
    int client;

    while ((client = accept(self->listener, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&self->lock);
        bool stopping = self->stopping;
        pthread_mutex_unlock(&self->lock);
        if (stopping || !start_wire(self, client)) {
            close(client);
        }
        if (stopping) {
            break;
        }
    }
    return NULL;
}

/* --- Addresses --- */

/* The value of an option behind the question mark that is a path; NULL if there is none. */
static const char *find_path(const char *url, const char *option, size_t *size)
{
    const char *at = strchr(url, '?');
    size_t length = strlen(option);

    for (; at; at = strchr(at + 1, '&')) {
        if (strncmp(at + 1, option, length) == 0 && at[1 + length] == '=' &&
            at[2 + length] == '/') {
            *size = strcspn(at + 2 + length, "&");
            return at + 2 + length;
        }
    }
    return NULL;
}

/* "HOST:PORT" of a URL; the whole of it is `*size` bytes. */
static const char *find_authority(const char *url, size_t *size)
{
    const char *start = strstr(url, "://");

    if (!start) {
        return NULL;
    }
    start += 3;
    size_t whole = strcspn(start, "/?");
    const char *at = memchr(start, '@', whole);
    *size = at ? whole - (size_t)(at + 1 - start) : whole;
    return at ? at + 1 : start;
}

static unsigned port_of(const char *authority, size_t size)
{
    const char *colon = memchr(authority, ':', size);

    return colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
}

/* Where a server with a Unix socket is, and the like of it in our own folder. */
static bool place_unix(relay *self, const char *server_path)
{
    struct sockaddr_un *server = (struct sockaddr_un *)(void *)&self->server;
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    const char *name = strrchr(server_path, '/') + 1;

    if (strlen(server_path) >= sizeof server->sun_path) {
        return false;
    }
    server->sun_family = AF_UNIX;
    snprintf(server->sun_path, sizeof server->sun_path, "%s", server_path);
    self->server_size = sizeof *server;
    snprintf(self->folder, sizeof self->folder, "/tmp/rowan-relay.XXXXXX");
    if (!mkdtemp(self->folder)) {
        self->folder[0] = '\0';
        return false;
    }
    snprintf(self->path, sizeof self->path, "%s/%.40s", self->folder, name);
    snprintf(own.sun_path, sizeof own.sun_path, "%.100s", self->path);
    self->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    return self->listener >= 0 && bind(self->listener, (struct sockaddr *)&own, sizeof own) == 0 &&
           listen(self->listener, 16) == 0;
}

/* A server at HOST:PORT, and a free port of ours; `*port` is that. */
static bool place_tcp(relay *self, const char *authority, size_t size, unsigned *port)
{
    char host[256], service[16];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t own_size = sizeof own;

    snprintf(host, sizeof host, "%.*s", (int)strcspn(authority, ":/?"), authority);
    snprintf(service, sizeof service, "%u", port_of(authority, size));
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        return false;
    }
    memcpy(&self->server, found->ai_addr, found->ai_addrlen);
    self->server_size = found->ai_addrlen;
    freeaddrinfo(found);
    self->listener = socket(AF_INET, SOCK_STREAM, 0);
    bool listening = self->listener >= 0 &&
                     bind(self->listener, (struct sockaddr *)&own, sizeof own) == 0 &&
                     getsockname(self->listener, (struct sockaddr *)&own, &own_size) == 0 &&
                     listen(self->listener, 16) == 0;
    *port = ntohs(own.sin_port);
    return listening;
}

/* The URL with a part of it replaced. */
static void replace(const char *url, const char *part, size_t size, const char *by, char *out,
                    size_t out_size)
{
    snprintf(out, out_size, "%.*s%s%s", (int)(part - url), url, by, part + size);
}

static bool place(relay *self, const char *url, char *out, size_t out_size)
{
    char path[300];
    size_t size, authority_size;
    unsigned port = 0;
    const char *authority = find_authority(url, &authority_size);
    const char *folder = find_path(url, "host", &size);

    if (!authority) {
        return false;
    }
    if (folder) { /* libpq: a folder, in which the socket is named after the port */
        port = port_of(authority, authority_size);
        snprintf(path, sizeof path, "%.*s/.s.PGSQL.%u", (int)size, folder, port ? port : 5432);
        bool placed = place_unix(self, path);
        replace(url, folder, size, self->folder, out, out_size);
        return placed;
    }
    const char *file = find_path(url, "socket", &size);
    if (file) {
        snprintf(path, sizeof path, "%.*s", (int)size, file);
        bool placed = place_unix(self, path);
        replace(url, file, size, self->path, out, out_size);
        return placed;
    }
    bool placed = place_tcp(self, authority, authority_size, &port);
    snprintf(path, sizeof path, "127.0.0.1:%u", port);
    replace(url, authority, authority_size, path, out, out_size);
    return placed;
}

/* --- The relay --- */

static void clean_up(relay *self)
{
    if (self->listener >= 0) {
        close(self->listener);
    }
    if (self->folder[0]) {
        unlink(self->path);
        rmdir(self->folder);
    }
    pthread_mutex_destroy(&self->lock);
    free(self);
}

relay *relay_start(const char *url, char *out, size_t out_size)
{
    relay *self = calloc(1, sizeof *self);

    if (!self) {
        return NULL;
    }
    self->listener = -1;
    pthread_mutex_init(&self->lock, NULL);
    if (!place(self, url, out, out_size) ||
        pthread_create(&self->acceptor, NULL, accept_clients, self) != 0) {
        clean_up(self);
        return NULL;
    }
    return self;
}

void relay_stop(relay *self)
{
    if (!self) {
        return;
    }
    pthread_mutex_lock(&self->lock);
    self->stopping = true;
    pthread_mutex_unlock(&self->lock);
    shutdown(self->listener, SHUT_RDWR); /* wakes the acceptor */
    pthread_join(self->acceptor, NULL);
    for (size_t i = 0; i < self->wire_count; i++) {
        wire *each = &self->wires[i];
        cut_wire(each);
        pthread_join(each->up, NULL);
        pthread_join(each->down, NULL);
        close(each->client);
        close(each->server);
    }
    clean_up(self);
}

relay_counts relay_count(relay *self)
{
    pthread_mutex_lock(&self->lock);
    relay_counts counts = self->counts;
    pthread_mutex_unlock(&self->lock);
    return counts;
}

void relay_reset(relay *self)
{
    pthread_mutex_lock(&self->lock);
    self->counts = (relay_counts){0};
    pthread_mutex_unlock(&self->lock);
}

void relay_delay(relay *self, unsigned ms)
{
    pthread_mutex_lock(&self->lock);
    self->delay_ms = ms;
    pthread_mutex_unlock(&self->lock);
}

void relay_replies_are(relay *self, relay_replies replies)
{
    pthread_mutex_lock(&self->lock);
    self->replies = replies;
    pthread_mutex_unlock(&self->lock);
}

void relay_cut(relay *self)
{
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->wire_count; i++) {
        cut_wire(&self->wires[i]);
    }
    pthread_mutex_unlock(&self->lock);
}
