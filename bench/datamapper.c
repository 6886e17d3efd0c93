/*
 * Data Mapper: a session for each run, begun and ended in it; it knows every row by its key, and
 * one flush writes what is new and what changed. The tree comes by a fetch plan; the lazy tree by
 * loading the relation of one row at a time, for a session does not load by itself. A pair of two
 * tables is no row that could change: it is left to a query, without a session. All events are read
 * a thousand at a time, each thousand in a session.
 */
#include "pattern.h"

static rowan_status load(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, (int64_t)task->n),
        .order_by = ORDER(ASC(PERSON.id)),
    };

    return person_session_all(self->session, &query, &self->refs);
}

static rowan_status join(pattern_state *self, const bench_task *task)
{
    rowan_query report = {
        .select = SELECT(AS(PERSON.id, "person_id"), COL(PERSON.name), AS(POST.id, "post_id"),
                         COL(POST.title)),
        .from = &person_table,
        .joins = JOINS(LEFT_JOIN(&post_table, EQ(POST.person_id, PERSON.id))),
        .where = GE(PERSON.id, 500),
        .order_by = ORDER(ASC(PERSON.id), ASC(POST.id)),
        .limit = (int64_t)task->n,
        .into = &pattern_pair_shape,
    };

    return rowan_query_all(self->scope, &report, &self->pairs);
}

static rowan_status find(pattern_state *self, const bench_task *task)
{
    self->people.count = 1;
    return person_session_find(self->session, task->keys[0], &self->people.at);
}

static rowan_status filter(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = AND(EQ(PERSON.id, task->keys[0]), GE(PERSON.id, 1), LE(PERSON.id, 10000),
                     NE(PERSON.name, ""),
                     OR(IS_NULL(PERSON.hair_colour), NE(PERSON.hair_colour, "none"))),
    };

    return person_session_all(self->session, &query, &self->refs);
}

/* A unit of work is told of its rows one by one. */
static rowan_status add_newcomers(pattern_state *self, const bench_task *task)
{
    rowan_status status = pattern_make_refs(self, task->n);

    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        const bench_newcomer *from = &task->newcomers[i];
        newcomer *row;
        status = newcomer_session_new(self->session, &row);
        if (status == ROWAN_OK) {
            row->name = from->name;
            row->hair_colour = (rowan_opt_text){from->hair_colour != NULL, from->hair_colour};
            self->refs.at[i] = row;
        }
    }
    return status;
}

/* Rows that nobody will ask the session for. */
static rowan_status insert(pattern_state *self, const bench_task *task)
{
    return rowan_session_insert_all(self->session, &newcomer_table, self->newcomers, task->n, NULL);
}

/* A flush is a transaction. */
static rowan_status save(pattern_state *self, const bench_task *task)
{
    rowan_status status = add_newcomers(self, task);

    return status == ROWAN_OK ? rowan_session_flush(self->session) : status;
}

static rowan_status load_people(pattern_state *self, const rowan_fetch *plan)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, 100),
        .order_by = ORDER(ASC(PERSON.id)),
        .fetch = plan,
    };

    return person_session_all(self->session, &query, &self->refs);
}

static rowan_status tree(pattern_state *self, const bench_task *task)
{
    (void)task;
    return load_people(self, FETCH({.relation = &person_posts_relation,
                                    .then = FETCH(RELATED(&post_comments_relation))}));
}

static rowan_status load_comments(pattern_state *self, const person *parent)
{
    rowan_refs posts;
    rowan_status status = person_session_posts(self->session, parent, &posts);

    for (size_t i = 0; status == ROWAN_OK && i < posts.count; i++) {
        status = rowan_session_load(self->session, (rowan_refs){&posts.at[i], 1},
                                    FETCH(RELATED(&post_comments_relation)));
    }
    return status;
}

static rowan_status tree_lazy(pattern_state *self, const bench_task *task)
{
    rowan_status status = pattern_begin_read(self);

    (void)task;
    if (status == ROWAN_OK) {
        status = load_people(self, NULL);
    }
    for (size_t i = 0; status == ROWAN_OK && i < self->refs.count; i++) {
        status = rowan_session_load(self->session, (rowan_refs){&self->refs.at[i], 1},
                                    FETCH(RELATED(&person_posts_relation)));
    }
    for (size_t i = 0; status == ROWAN_OK && i < self->refs.count; i++) {
        status = load_comments(self, self->refs.at[i]);
    }
    return pattern_commit(self, status);
}

static rowan_status update(pattern_state *self, const bench_task *task)
{
    rowan_status status = pattern_make_refs(self, task->n);

    if (status == ROWAN_OK) {
        status = rowan_begin(self->scope, NULL);
    }
    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        person *row;
        status = person_session_find(self->session, task->keys[i], &row);
        if (status == ROWAN_OK) {
            row->name = task->names[i];
            self->refs.at[i] = row;
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_session_flush(self->session);
    }
    return pattern_commit(self, status);
}

/* A thousand events behind the one with the key @p last. */
static rowan_status read_page(pattern_state *self, int64_t *last, size_t *count)
{
    rowan_query page = {
        .from = &event_table,
        .order_by = ORDER(ASC(EVENT.id)),
        .after = PARAMS(V(*last)),
        .limit = 1000,
    };
    rowan_refs events = {NULL, 0};
    rowan_session *session = NULL;
    rowan_status status = rowan_session_begin(self->scope, &session);

    if (status == ROWAN_OK) {
        status = event_session_all(session, &page, &events);
    }
    for (size_t i = 0; i < events.count; i++) {
        const event *e = events.at[i];
        self->digest = bench_digest_event(self->digest, e->id, e->name, e->amount);
        *last = e->id;
    }
    rowan_session_end(session);
    *count = events.count;
    return status == ROWAN_OK ? rowan_scope_rewind(self->scope, self->mark) : status;
}

static rowan_status stream(pattern_state *self, const bench_task *task)
{
    int64_t last = 0;
    size_t count;
    rowan_status status;

    (void)task;
    self->digest = 0;
    do {
        status = read_page(self, &last, &count);
    } while (status == ROWAN_OK && count == 1000);
    return status;
}

static pattern_work *const works[BENCH_WORK_COUNT] = {
    [BENCH_LOAD] = load,     [BENCH_JOIN] = join,           [BENCH_FIND] = find,
    [BENCH_FILTER] = filter, [BENCH_INSERT] = insert,       [BENCH_SAVE] = save,
    [BENCH_TREE] = tree,     [BENCH_TREE_LAZY] = tree_lazy, [BENCH_UPDATE] = update,
    [BENCH_BULK] = insert,   [BENCH_STREAM] = stream,
};

static bool run(void *state, const bench_task *task)
{
    pattern_state *self = state;
    rowan_status status = ROWAN_OK;

    if (task->work != BENCH_JOIN && task->work != BENCH_STREAM) {
        status = rowan_session_begin(self->scope, &self->session);
    }
    return pattern_ran(self, status == ROWAN_OK ? works[task->work](self, task) : status);
}

static void fold_tree(const pattern_state *self, bench_sum *sum)
{
    for (size_t i = 0; i < self->refs.count; i++) {
        const person *parent = self->refs.at[i];
        rowan_refs posts;
        pattern_fold_person(parent, sum);
        if (person_session_posts(self->session, parent, &posts) != ROWAN_OK) {
            return;
        }
        for (size_t j = 0; j < posts.count; j++) {
            rowan_refs comments;
            pattern_fold_post(posts.at[j], sum);
            if (post_session_comments(self->session, posts.at[j], &comments) != ROWAN_OK) {
                return;
            }
            for (size_t k = 0; k < comments.count; k++) {
                pattern_fold_comment(comments.at[k], sum);
            }
        }
    }
}

static void fold(void *state, const bench_task *task, bench_sum *sum)
{
    const pattern_state *self = state;

    if (task->work == BENCH_TREE || task->work == BENCH_TREE_LAZY) {
        fold_tree(self, sum);
    } else {
        pattern_fold(self, task, sum);
    }
}

const bench_contestant bench_datamapper = {
    .name = "data mapper",
    .can = pattern_can,
    .open = pattern_open,
    .close = pattern_close,
    .prepare = pattern_prepare,
    .run = run,
    .fold = fold,
    .clear = pattern_clear,
    .why = pattern_why,
};
