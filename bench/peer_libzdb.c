/*
 * The benchmark's works with libzdb: prepared statements that are kept, rows read one after the
 * other, every text a strdup because libzdb lends it until the next row. libzdb throws exceptions,
 * of which one TRY around a whole work is enough.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <zdb.h>

#include "bench.h"
#include "floor.h"

extern const bench_contestant bench_libzdb;

enum { URL_SIZE = 512 };

typedef enum statement {
    LOAD,
    JOIN,
    FIND,
    POSTS,
    COMMENTS,
    POSTS_OF_ONE,
    COMMENTS_OF_ONE,
    INSERT,
    UPDATE,
    STATEMENT_COUNT
} statement;

static const char *const texts[STATEMENT_COUNT] = {
    [LOAD] = "SELECT id, name, hair_colour FROM person WHERE id <= ? ORDER BY id",
    [JOIN] = "SELECT person.id, person.name, post.id, post.title FROM person "
             "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
             "ORDER BY person.id, post.id LIMIT ?",
    [FIND] = "SELECT id, name, hair_colour FROM person WHERE id = ?",
    [POSTS] = "SELECT id, person_id, title, body FROM post WHERE person_id <= ? "
              "ORDER BY person_id, id",
    [COMMENTS] = "SELECT comment.id, comment.post_id, comment.body FROM comment "
                 "JOIN post ON post.id = comment.post_id WHERE post.person_id <= ? "
                 "ORDER BY post.person_id, post.id, comment.id",
    [POSTS_OF_ONE] = "SELECT id, person_id, title, body FROM post WHERE person_id = ? ORDER BY id",
    [COMMENTS_OF_ONE] = "SELECT id, post_id, body FROM comment WHERE post_id = ? ORDER BY id",
    [INSERT] = "INSERT INTO newcomer (name, hair_colour) VALUES (?, ?)",
    [UPDATE] = "UPDATE person SET name = ? WHERE id = ?",
};

typedef struct peer {
    floor_kept kept; /* first */
    URL_T url;
    ConnectionPool_T pool;
    Connection_T connection;
    PreparedStatement_T statements[STATEMENT_COUNT];
} peer;

static PreparedStatement_T statement_of(peer *self, statement which)
{
    if (!self->statements[which]) {
        self->statements[which] = Connection_prepareStatement(self->connection, "%s", texts[which]);
    }
    return self->statements[which];
}

static ResultSet_T query(peer *self, statement which, int64_t number)
{
    PreparedStatement_T prepared = statement_of(self, which);

    PreparedStatement_setLLong(prepared, 1, number);
    return PreparedStatement_executeQuery(prepared);
}

/* NULL for SQL's NULL. */
static char *text_at(ResultSet_T result, int column)
{
    const char *text = ResultSet_getString(result, column);

    return text ? strdup(text) : NULL;
}

static void *add(floor_list *list, size_t size)
{
    void *item = floor_list_add(list, size);

    if (!item) {
        THROW(SQLException, "out of memory");
    }
    return item;
}

static void read_person(ResultSet_T result, floor_person *person)
{
    person->id = ResultSet_getLLong(result, 1);
    person->name = text_at(result, 2);
    person->hair_colour = text_at(result, 3);
}

static void read_people(peer *self, statement which, int64_t number)
{
    ResultSet_T result = query(self, which, number);

    while (ResultSet_next(result)) {
        read_person(result, add(&self->kept.rows.people, sizeof(floor_person)));
    }
}

static void join(peer *self, size_t n)
{
    ResultSet_T result = query(self, JOIN, (int64_t)n);

    while (ResultSet_next(result)) {
        floor_pair *pair = add(&self->kept.rows.pairs, sizeof *pair);
        pair->person_id = ResultSet_getLLong(result, 1);
        pair->name = text_at(result, 2);
        pair->post_id = ResultSet_getLLong(result, 3); /* 0 for NULL */
        pair->title = text_at(result, 4);
    }
}

static void read_authors(peer *self)
{
    ResultSet_T result = query(self, LOAD, 100);

    while (ResultSet_next(result)) {
        floor_author *author = add(&self->kept.rows.authors, sizeof *author);
        read_person(result, &author->person);
    }
}

static void read_posts(peer *self, statement which, int64_t number)
{
    ResultSet_T result = query(self, which, number);

    while (ResultSet_next(result)) {
        floor_post *post = add(&self->kept.rows.posts, sizeof *post);
        post->id = ResultSet_getLLong(result, 1);
        post->person_id = ResultSet_getLLong(result, 2);
        post->title = text_at(result, 3);
        post->body = text_at(result, 4);
    }
}

static void read_comments(peer *self, statement which, int64_t number)
{
    ResultSet_T result = query(self, which, number);

    while (ResultSet_next(result)) {
        floor_comment *comment = add(&self->kept.rows.comments, sizeof *comment);
        comment->id = ResultSet_getLLong(result, 1);
        comment->post_id = ResultSet_getLLong(result, 2);
        comment->body = text_at(result, 3);
    }
}

static void tree(peer *self)
{
    read_authors(self);
    read_posts(self, POSTS, 100);
    read_comments(self, COMMENTS, 100);
    floor_rows_link(&self->kept.rows);
}

static void tree_lazily(peer *self)
{
    floor_rows *rows = &self->kept.rows;

    read_authors(self);
    for (size_t i = 0; i < rows->authors.count; i++) {
        const floor_author *authors = rows->authors.items;
        read_posts(self, POSTS_OF_ONE, authors[i].person.id);
    }
    for (size_t i = 0; i < rows->posts.count; i++) {
        const floor_post *posts = rows->posts.items;
        read_comments(self, COMMENTS_OF_ONE, posts[i].id);
    }
    floor_rows_link(rows);
}

static void insert(peer *self, const bench_task *task)
{
    PreparedStatement_T prepared = statement_of(self, INSERT);

    Connection_beginTransaction(self->connection);
    for (size_t i = 0; i < task->n; i++) {
        PreparedStatement_setString(prepared, 1, task->newcomers[i].name);
        PreparedStatement_setString(prepared, 2, task->newcomers[i].hair_colour);
        PreparedStatement_execute(prepared);
    }
    Connection_commit(self->connection);
}

static void update(peer *self, const bench_task *task)
{
    PreparedStatement_T prepared = statement_of(self, UPDATE);

    Connection_beginTransaction(self->connection);
    for (size_t i = 0; i < task->n; i++) {
        read_people(self, FIND, task->keys[i]);
        if (!floor_rename_last(&self->kept.rows, task->names[i])) {
            THROW(SQLException, "out of memory");
        }
        const floor_person *person = floor_last_person(&self->kept.rows);
        PreparedStatement_setString(prepared, 1, person->name);
        PreparedStatement_setLLong(prepared, 2, person->id);
        PreparedStatement_execute(prepared);
    }
    Connection_commit(self->connection);
}

static void work(peer *self, const bench_task *task)
{
    switch (task->work) {
    case BENCH_LOAD:
        read_people(self, LOAD, (int64_t)task->n);
        break;
    case BENCH_JOIN:
        join(self, task->n);
        break;
    case BENCH_FIND:
        read_people(self, FIND, task->keys[0]);
        break;
    case BENCH_INSERT:
        insert(self, task);
        break;
    case BENCH_TREE:
        tree(self);
        break;
    case BENCH_TREE_LAZY:
        tree_lazily(self);
        break;
    case BENCH_UPDATE:
        update(self, task);
        break;
    case BENCH_FILTER:
    case BENCH_SAVE:
    case BENCH_BULK:
    case BENCH_STREAM:
    case BENCH_WORK_COUNT:
        break;
    }
}

/* --- The contestant. --- */

/* On MariaDB libzdb asks the server for each row on its own: a stream would take minutes. */
static bool can(bench_work work)
{
    return work != BENCH_FILTER && work != BENCH_SAVE && work != BENCH_BULK && work != BENCH_STREAM;
}

static bool run(void *context, const bench_task *task)
{
    peer *self = context;
    volatile bool good = true;

    TRY
    {
        work(self, task);
    }
    ELSE
    {
        snprintf(self->kept.why, sizeof self->kept.why, "%s", Exception_frame.message);
        good = false;
    }
    END_TRY;
    return good;
}

static const char *option(const PQconninfoOption *options, const char *name)
{
    for (; options->keyword; options++) {
        if (strcmp(options->keyword, name) == 0) {
            return options->val ? options->val : "";
        }
    }
    return "";
}

/* libzdb has a form of URL of its own. @return the options of the session, which it does not take;
 * the caller frees them */
static char *write_url(const bench_place *place, char *url, size_t size)
{
    PQconninfoOption *options = NULL;
    char *rest = NULL;

    if (strcmp(place->engine, "sqlite") == 0) {
        snprintf(url, size, "sqlite://%s?journal_mode=wal&synchronous=normal&foreign_keys=on",
                 place->path);
    } else if (strcmp(place->engine, "mariadb") == 0) {
        snprintf(url, size, "mysql://localhost/%s?user=%s&password=%s&unix-socket=%s",
                 place->database, place->user, place->password, place->socket);
    } else if ((options = PQconninfoParse(place->conninfo, NULL)) != NULL) {
        setenv("PGPORT", option(options, "port"), true); /* with a socket it sends none itself */
        snprintf(url, size, "postgresql://localhost/%s?user=%s&password=none&unix-socket=%s",
                 option(options, "dbname"), option(options, "user"), option(options, "host"));
        rest = strdup(option(options, "options"));
        PQconninfoFree(options);
    }
    return rest;
}

static void connect_peer(peer *self, const char *options)
{
    static const char path[] = "-csearch_path=";

    ConnectionPool_setInitialConnections(self->pool, 1);
    ConnectionPool_setMaxConnections(self->pool, 1);
    ConnectionPool_start(self->pool);
    sqlite3_enable_shared_cache(0); /* which libzdb switches on for everybody in the process */
    self->connection = ConnectionPool_getConnection(self->pool);
    if (!self->connection) {
        THROW(SQLException, "no connection could be made");
    }
    if (options && strncmp(options, path, sizeof path - 1) == 0) {
        Connection_execute(self->connection, "SET search_path TO %s", options + sizeof path - 1);
    }
}

static void close_peer(void *context)
{
    peer *self = context;

    if (self->connection) {
        Connection_close(self->connection);
    }
    if (self->pool) {
        ConnectionPool_free(&self->pool);
    }
    if (self->url) {
        URL_free(&self->url);
    }
    floor_rows_free(&self->kept.rows);
    free(self);
}

static bool start(peer *self, const char *options, char *why, size_t why_size)
{
    volatile bool good = false;

    TRY
    {
        connect_peer(self, options);
        good = true;
    }
    ELSE
    {
        snprintf(why, why_size, "%s", Exception_frame.message);
    }
    END_TRY;
    return good;
}

static void *open_peer(const bench_place *place, char *why, size_t why_size)
{
    peer *self = calloc(1, sizeof *self);
    char url[URL_SIZE] = "";

    if (!self) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    char *options = write_url(place, url, sizeof url);
    self->url = URL_new(url);
    self->pool = self->url ? ConnectionPool_new(self->url) : NULL;
    bool good = self->pool && start(self, options, why, why_size);
    free(options);
    if (!good) {
        close_peer(self);
        return NULL;
    }
    return self;
}

const bench_contestant bench_libzdb = {
    .name = "libzdb",
    .engine = NULL,
    .can = can,
    .open = open_peer,
    .close = close_peer,
    .run = run,
    .fold = floor_fold,
    .clear = floor_clear_texts,
    .why = floor_why,
};
