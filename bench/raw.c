/*
 * Raw SQL: every statement is written here, and works on all three engines. Batches go by
 * rowan_raw_insert_all(), or rowan_raw_insert_keys() where keys are wanted; a tree by three
 * statements, two of them with the list of keys, and the lazy one by a pipeline for each level.
 */
#include "pattern.h"

#define PERSON_COLUMNS "id, name, hair_colour"
#define POST_COLUMNS "id, person_id, title, body"
#define COMMENT_COLUMNS "id, post_id, body"

static rowan_status load(pattern_state *self, const bench_task *task)
{
    return person_raw_all(self->scope,
                          "SELECT " PERSON_COLUMNS " FROM person WHERE id <= ? ORDER BY id",
                          PARAMS(V((int64_t)task->n)), &self->people);
}

static rowan_status join(pattern_state *self, const bench_task *task)
{
    return rowan_raw_all(self->scope,
                         "SELECT person.id AS person_id, person.name, post.id AS post_id, "
                         "post.title FROM person LEFT JOIN post ON post.person_id = person.id "
                         "WHERE person.id >= 500 ORDER BY person.id, post.id LIMIT ?",
                         PARAMS(V((int64_t)task->n)), &pattern_pair_shape, &self->pairs);
}

static rowan_status find_one(pattern_state *self, int64_t id, person **out)
{
    return person_raw_one(self->scope, "SELECT " PERSON_COLUMNS " FROM person WHERE id = ?",
                          PARAMS(V(id)), out);
}

static rowan_status find(pattern_state *self, const bench_task *task)
{
    self->people.count = 1;
    return find_one(self, task->keys[0], &self->people.at);
}

static rowan_status filter(pattern_state *self, const bench_task *task)
{
    self->people.count = 1;
    return person_raw_one(self->scope,
                          "SELECT " PERSON_COLUMNS " FROM person "
                          "WHERE id = ? AND id >= ? AND id <= ? AND name <> ? "
                          "AND (hair_colour IS NULL OR hair_colour <> ?)",
                          PARAMS(V(task->keys[0]), V(1), V(10000), V(""), V("none")),
                          &self->people.at);
}

static rowan_status insert(pattern_state *self, const bench_task *task)
{
    return rowan_raw_insert_all(self->scope, &newcomer_table, self->newcomers, task->n, NULL);
}

static rowan_status save(pattern_state *self, const bench_task *task)
{
    newcomer *newcomers;
    rowan_status status = pattern_make_newcomers(self, task, &newcomers);

    if (status == ROWAN_OK) {
        status = pattern_make_keys(self, task->n);
    }
    if (status == ROWAN_OK) {
        status = rowan_begin(self->scope, NULL);
    }
    if (status == ROWAN_OK) {
        status =
            rowan_raw_insert_keys(self->scope, &newcomer_table, newcomers, task->n, self->keys.at);
    }
    return pattern_commit(self, status);
}

/* The keys of structs as a list, their first member being the key; the scope's. */
static rowan_value list_of_keys(rowan_scope *scope, const void *rows, size_t count, size_t size)
{
    rowan_value *keys = rowan_scope_alloc(scope, count * sizeof *keys);

    for (size_t i = 0; keys && i < count; i++) {
        keys[i] = V(*(const int64_t *)((const char *)rows + i * size));
    }
    return rowan_v_list(keys, keys ? count : 0);
}

/* Posts come by person, comments by post: each parent has the next few. */
static rowan_status put_together(pattern_state *self, post_rows posts, comment_rows comments)
{
    pattern_tree *tree = &self->tree;
    const post *last_post = posts.at + posts.count;
    const comment *last_comment = comments.at + comments.count;
    rowan_status status = pattern_make_posts(self);

    for (size_t i = 0; status == ROWAN_OK && i < tree->people.count; i++) {
        tree->posts[i] = (post_rows){posts.at, 0};
        for (; posts.at < last_post && posts.at->person_id == tree->people.at[i].id; posts.at++) {
            tree->posts[i].count++;
        }
    }
    if (status == ROWAN_OK) {
        status = pattern_make_comments(self);
    }
    posts.at -= posts.count;
    for (size_t i = 0; status == ROWAN_OK && i < posts.count; i++) {
        tree->comments[i] = (comment_rows){comments.at, 0};
        for (; comments.at < last_comment && comments.at->post_id == posts.at[i].id;
             comments.at++) {
            tree->comments[i].count++;
        }
    }
    return status;
}

static rowan_status load_people(pattern_state *self)
{
    return person_raw_all(self->scope,
                          "SELECT " PERSON_COLUMNS " FROM person WHERE id <= ? ORDER BY id",
                          PARAMS(V(100)), &self->tree.people);
}

static rowan_status tree(pattern_state *self, const bench_task *task)
{
    rowan_scope *scope = self->scope;
    const person_rows *people = &self->tree.people;
    post_rows posts = {NULL, 0};
    comment_rows comments = {NULL, 0};
    rowan_status status = load_people(self);

    (void)task;
    if (status == ROWAN_OK) {
        status = post_raw_all(
            scope,
            "SELECT " POST_COLUMNS " FROM post WHERE person_id IN (?) "
            "ORDER BY person_id, id",
            PARAMS(list_of_keys(scope, people->at, people->count, sizeof *people->at)), &posts);
    }
    if (status == ROWAN_OK) {
        status = comment_raw_all(
            scope,
            "SELECT " COMMENT_COLUMNS " FROM comment WHERE post_id IN (?) "
            "ORDER BY post_id, id",
            PARAMS(list_of_keys(scope, posts.at, posts.count, sizeof *posts.at)), &comments);
    }
    return status == ROWAN_OK ? put_together(self, posts, comments) : status;
}

/* What is read for every parent. */
typedef struct reads_of {
    const char *sql;
    const rowan_table *shape;
    rowan_raw_read *reads; /* count of them, with their keys; the scope's */
    rowan_value *keys;
    rowan_rows *out;
    size_t count;
} reads_of;

static rowan_status begin_reads(pattern_state *state, size_t count, reads_of *self)
{
    self->reads = rowan_scope_alloc(state->scope, count * sizeof *self->reads);
    self->keys = rowan_scope_alloc(state->scope, count * sizeof *self->keys);
    self->out = rowan_scope_alloc(state->scope, count * sizeof *self->out);
    self->count = 0;
    return pattern_check_made(state, self->reads && self->keys ? self->out : NULL);
}

static void add_read(reads_of *self, int64_t key)
{
    rowan_value *value = &self->keys[self->count];

    *value = V(key);
    self->reads[self->count++] =
        (rowan_raw_read){.sql = self->sql, .params = {value, 1}, .shape = self->shape};
}

static rowan_status load_posts(pattern_state *self)
{
    pattern_tree *tree = &self->tree;
    reads_of of = {.sql = "SELECT " POST_COLUMNS " FROM post WHERE person_id = ? ORDER BY id",
                   .shape = &post_table};
    rowan_status status = pattern_make_posts(self);

    if (status == ROWAN_OK) {
        status = begin_reads(self, tree->people.count, &of);
    }
    for (size_t i = 0; status == ROWAN_OK && i < tree->people.count; i++) {
        add_read(&of, tree->people.at[i].id);
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_pipeline(self->scope, of.reads, of.count, of.out);
    }
    for (size_t i = 0; status == ROWAN_OK && i < of.count; i++) {
        tree->posts[i] = (post_rows){of.out[i].at, of.out[i].count};
    }
    return status;
}

static rowan_status load_comments(pattern_state *self)
{
    pattern_tree *tree = &self->tree;
    reads_of of = {.sql = "SELECT " COMMENT_COLUMNS " FROM comment WHERE post_id = ? ORDER BY id",
                   .shape = &comment_table};
    rowan_status status = pattern_make_comments(self);

    if (status == ROWAN_OK) {
        status = begin_reads(self, pattern_count_posts(self), &of);
    }
    for (size_t i = 0; status == ROWAN_OK && i < tree->people.count; i++) {
        for (size_t j = 0; j < tree->posts[i].count; j++) {
            add_read(&of, tree->posts[i].at[j].id);
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_pipeline(self->scope, of.reads, of.count, of.out);
    }
    for (size_t i = 0; status == ROWAN_OK && i < of.count; i++) {
        tree->comments[i] = (comment_rows){of.out[i].at, of.out[i].count};
    }
    return status;
}

static rowan_status tree_lazy(pattern_state *self, const bench_task *task)
{
    rowan_status status = pattern_begin_read(self);

    (void)task;
    if (status == ROWAN_OK) {
        status = load_people(self);
    }
    if (status == ROWAN_OK) {
        status = load_posts(self);
    }
    if (status == ROWAN_OK) {
        status = load_comments(self);
    }
    return pattern_commit(self, status);
}

static rowan_status update(pattern_state *self, const bench_task *task)
{
    rowan_value *values = rowan_scope_alloc(self->scope, 2 * task->n * sizeof *values);
    rowan_status status = pattern_make_refs(self, task->n);

    if (status == ROWAN_OK) {
        status = values ? rowan_begin(self->scope, NULL) : ROWAN_NOMEM;
    }
    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        person *row;
        status = find_one(self, task->keys[i], &row);
        if (status == ROWAN_OK) {
            row->name = task->names[i];
            values[2 * i] = V(row->name);
            values[2 * i + 1] = V(row->id);
            self->refs.at[i] = row;
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_raw_run_many(self->scope, "UPDATE person SET name = ? WHERE id = ?", values,
                                    task->n, NULL);
    }
    return pattern_commit(self, status);
}

static rowan_status stream(pattern_state *self, const bench_task *task)
{
    rowan_stream *rows = NULL;
    rowan_status status = pattern_begin_read(self);

    (void)task;
    if (status == ROWAN_OK) {
        status = rowan_raw_stream(self->scope, "SELECT id, name, amount FROM event ORDER BY id",
                                  NO_PARAMS, &event_table, &rows);
    }
    return pattern_commit(self, pattern_read_events(self, status, rows));
}

static pattern_work *const works[BENCH_WORK_COUNT] = {
    [BENCH_LOAD] = load,     [BENCH_JOIN] = join,           [BENCH_FIND] = find,
    [BENCH_FILTER] = filter, [BENCH_INSERT] = insert,       [BENCH_SAVE] = save,
    [BENCH_TREE] = tree,     [BENCH_TREE_LAZY] = tree_lazy, [BENCH_UPDATE] = update,
    [BENCH_BULK] = insert,   [BENCH_STREAM] = stream,
};

static bool run(void *state, const bench_task *task)
{
    return pattern_ran(state, works[task->work](state, task));
}

static void fold(void *state, const bench_task *task, bench_sum *sum)
{
    const pattern_state *self = state;

    pattern_fold(self, task, sum);
    if (task->work == BENCH_TREE || task->work == BENCH_TREE_LAZY) {
        pattern_fold_tree(&self->tree, sum);
    }
}

const bench_contestant bench_raw = {
    .name = "raw",
    .can = pattern_can,
    .open = pattern_open,
    .close = pattern_close,
    .prepare = pattern_prepare,
    .run = run,
    .fold = fold,
    .clear = pattern_clear,
    .why = pattern_why,
};
