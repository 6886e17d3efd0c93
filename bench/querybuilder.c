/*
 * The query builder: every query is written out anew at every call, as a program writes it. The
 * tree comes by a fetch plan; the lazy tree, which this pattern has no word for, by a query for
 * each parent, those of a level at once. Keys come back alone. Many updates of whole rows are one
 * statement too: an insert whose rows are all there already.
 */
#include "pattern.h"

static rowan_status load(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, (int64_t)task->n),
        .order_by = ORDER(ASC(PERSON.id)),
    };

    return person_query_all(self->scope, &query, &self->people);
}

static rowan_status join(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .select = SELECT(AS(PERSON.id, "person_id"), COL(PERSON.name), AS(POST.id, "post_id"),
                         COL(POST.title)),
        .from = &person_table,
        .joins = JOINS(LEFT_JOIN(&post_table, EQ(POST.person_id, PERSON.id))),
        .where = GE(PERSON.id, 500),
        .order_by = ORDER(ASC(PERSON.id), ASC(POST.id)),
        .limit = (int64_t)task->n,
        .into = &pattern_pair_shape,
    };

    return rowan_query_all(self->scope, &query, &self->pairs);
}

static rowan_status find_one(pattern_state *self, int64_t id, person **out)
{
    rowan_query query = {.from = &person_table, .where = EQ(PERSON.id, id)};

    return person_query_one(self->scope, &query, out);
}

static rowan_status find(pattern_state *self, const bench_task *task)
{
    self->people.count = 1;
    return find_one(self, task->keys[0], &self->people.at);
}

static rowan_status filter(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = AND(EQ(PERSON.id, task->keys[0]), GE(PERSON.id, 1), LE(PERSON.id, 10000),
                     NE(PERSON.name, ""),
                     OR(IS_NULL(PERSON.hair_colour), NE(PERSON.hair_colour, "none"))),
    };

    self->people.count = 1;
    return person_query_one(self->scope, &query, &self->people.at);
}

static rowan_status insert(pattern_state *self, const bench_task *task)
{
    rowan_insert all = {
        .into = &newcomer_table,
        .rows = self->newcomers,
        .row_count = task->n,
    };

    return rowan_query_insert(self->scope, &all, NULL, NULL);
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
        rowan_insert all = {
            .into = &newcomer_table,
            .rows = newcomers,
            .row_count = task->n,
        };
        status = rowan_query_insert_keys(self->scope, &all, self->keys.at);
    }
    return pattern_commit(self, status);
}

static rowan_status tree(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, 100),
        .order_by = ORDER(ASC(PERSON.id)),
        .fetch = FETCH(
            {.relation = &person_posts_relation, .then = FETCH(RELATED(&post_comments_relation))}),
    };

    (void)task;
    return person_query_all(self->scope, &query, &self->tree.people);
}

/* A query for every parent. */
typedef struct queries_of {
    const rowan_table *from;
    const rowan_order *order_by;
    rowan_query *queries; /* count of them, with their conditions; the scope's */
    rowan_expr *conditions;
    rowan_rows *out;
    size_t count;
} queries_of;

static rowan_status begin_queries(pattern_state *state, size_t count, queries_of *self)
{
    self->queries = rowan_scope_alloc(state->scope, count * sizeof *self->queries);
    self->conditions = rowan_scope_alloc(state->scope, count * sizeof *self->conditions);
    self->out = rowan_scope_alloc(state->scope, count * sizeof *self->out);
    self->count = 0;
    return pattern_check_made(state, self->queries && self->conditions ? self->out : NULL);
}

static void add_query(queries_of *self, const rowan_expr *condition)
{
    rowan_expr *where = &self->conditions[self->count];

    *where = *condition;
    self->queries[self->count++] =
        (rowan_query){.from = self->from, .where = where, .order_by = self->order_by};
}

static rowan_status load_posts(pattern_state *self)
{
    pattern_tree *tree = &self->tree;
    queries_of of = {.from = &post_table, .order_by = ORDER(ASC(POST.id))};
    rowan_status status = pattern_make_posts(self);

    if (status == ROWAN_OK) {
        status = begin_queries(self, tree->people.count, &of);
    }
    for (size_t i = 0; status == ROWAN_OK && i < tree->people.count; i++) {
        add_query(&of, EQ(POST.person_id, tree->people.at[i].id));
    }
    if (status == ROWAN_OK) {
        status = rowan_query_pipeline(self->scope, of.queries, of.count, of.out);
    }
    for (size_t i = 0; status == ROWAN_OK && i < of.count; i++) {
        tree->posts[i] = (post_rows){of.out[i].at, of.out[i].count};
    }
    return status;
}

static rowan_status load_comments(pattern_state *self)
{
    pattern_tree *tree = &self->tree;
    queries_of of = {.from = &comment_table, .order_by = ORDER(ASC(COMMENT.id))};
    rowan_status status = pattern_make_comments(self);

    if (status == ROWAN_OK) {
        status = begin_queries(self, pattern_count_posts(self), &of);
    }
    for (size_t i = 0; status == ROWAN_OK && i < tree->people.count; i++) {
        for (size_t j = 0; j < tree->posts[i].count; j++) {
            add_query(&of, EQ(COMMENT.post_id, tree->posts[i].at[j].id));
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_query_pipeline(self->scope, of.queries, of.count, of.out);
    }
    for (size_t i = 0; status == ROWAN_OK && i < of.count; i++) {
        tree->comments[i] = (comment_rows){of.out[i].at, of.out[i].count};
    }
    return status;
}

static rowan_status load_people(pattern_state *self)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, 100),
        .order_by = ORDER(ASC(PERSON.id)),
    };

    return person_query_all(self->scope, &query, &self->tree.people);
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

/* Each row meets itself by its key, and its name is taken over. */
static rowan_status write_back(pattern_state *self, const person *rows, size_t count)
{
    rowan_insert all = {
        .into = &person_table,
        .rows = rows,
        .row_count = count,
        .on_conflict = ROWAN_CONFLICT_UPDATE,
        .set = SET(TO(PERSON.name, EXCLUDED(PERSON.name))),
    };

    return rowan_query_insert(self->scope, &all, NULL, NULL);
}

static rowan_status update(pattern_state *self, const bench_task *task)
{
    person *rows = rowan_scope_alloc(self->scope, task->n * sizeof *rows);
    rowan_status status = rows ? rowan_begin(self->scope, NULL) : ROWAN_NOMEM;

    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        person *row;
        status = find_one(self, task->keys[i], &row);
        if (status == ROWAN_OK) {
            rows[i] = *row;
            rows[i].name = task->names[i];
        }
    }
    if (status == ROWAN_OK) {
        status = write_back(self, rows, task->n);
    }
    self->people = (person_rows){rows, task->n};
    return pattern_commit(self, status);
}

static rowan_status stream(pattern_state *self, const bench_task *task)
{
    rowan_query query = {.from = &event_table, .order_by = ORDER(ASC(EVENT.id))};
    rowan_stream *rows = NULL;
    rowan_status status = pattern_begin_read(self);

    (void)task;
    if (status == ROWAN_OK) {
        status = rowan_query_stream(self->scope, &query, &rows);
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

/* The people whose relations a plan has loaded. */
static void fold_loaded(const pattern_state *self, bench_sum *sum)
{
    for (size_t i = 0; i < self->tree.people.count; i++) {
        const person *parent = &self->tree.people.at[i];
        post_rows posts;
        pattern_fold_person(parent, sum);
        if (person_loaded_posts(self->scope, parent, &posts) != ROWAN_OK) {
            return;
        }
        for (size_t j = 0; j < posts.count; j++) {
            comment_rows comments;
            pattern_fold_post(&posts.at[j], sum);
            if (post_loaded_comments(self->scope, &posts.at[j], &comments) != ROWAN_OK) {
                return;
            }
            for (size_t k = 0; k < comments.count; k++) {
                pattern_fold_comment(&comments.at[k], sum);
            }
        }
    }
}

static void fold(void *state, const bench_task *task, bench_sum *sum)
{
    const pattern_state *self = state;

    pattern_fold(self, task, sum);
    if (task->work == BENCH_TREE) {
        fold_loaded(self, sum);
    } else if (task->work == BENCH_TREE_LAZY) {
        pattern_fold_tree(&self->tree, sum);
    }
}

const bench_contestant bench_querybuilder = {
    .name = "query builder",
    .can = pattern_can,
    .open = pattern_open,
    .close = pattern_close,
    .prepare = pattern_prepare,
    .run = run,
    .fold = fold,
    .clear = pattern_clear,
    .why = pattern_why,
};
