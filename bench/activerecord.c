/*
 * Active Record: rows are found, changed and saved; relations are asked for, under the default lazy
 * policy, or come by a fetch plan. Rows that are made together are inserted together, and rows that
 * were changed in one transaction are saved together. A pair of two tables is no record that could
 * be saved: it is left to a query, as in `rowan compare`. All events are read a thousand at a time.
 */
#include "pattern.h"

static rowan_status load(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, (int64_t)task->n),
        .order_by = ORDER(ASC(PERSON.id)),
    };

    return person_all(self->scope, &query, &self->people);
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
    return person_find(self->scope, task->keys[0], &self->people.at);
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
    return person_first(self->scope, &query, &self->people.at);
}

static rowan_status insert(pattern_state *self, const bench_task *task)
{
    return newcomer_insert_all(self->scope, self->newcomers, task->n, NULL);
}

static rowan_status save(pattern_state *self, const bench_task *task)
{
    newcomer *newcomers;
    rowan_status status = pattern_make_newcomers(self, task, &newcomers);

    if (status == ROWAN_OK) {
        status = rowan_begin(self->scope, NULL);
    }
    if (status == ROWAN_OK) {
        status = newcomer_insert_all(self->scope, newcomers, task->n, &self->saved);
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
    return person_all(self->scope, &query, &self->tree.people);
}

static rowan_status tree_lazy(pattern_state *self, const bench_task *task)
{
    rowan_query query = {
        .from = &person_table,
        .where = LE(PERSON.id, 100),
        .order_by = ORDER(ASC(PERSON.id)),
    };
    const person_rows *people = &self->tree.people;
    rowan_status status = person_all(self->scope, &query, &self->tree.people);

    (void)task;
    for (size_t i = 0; status == ROWAN_OK && i < people->count; i++) {
        post_rows posts;
        status = person_posts(self->scope, &people->at[i], &posts);
        for (size_t j = 0; status == ROWAN_OK && j < posts.count; j++) {
            comment_rows comments;
            status = post_comments(self->scope, &posts.at[j], &comments);
        }
    }
    return status;
}

static rowan_status update(pattern_state *self, const bench_task *task)
{
    rowan_status status = pattern_make_refs(self, task->n);

    if (status == ROWAN_OK) {
        status = rowan_begin(self->scope, NULL);
    }
    for (size_t i = 0; status == ROWAN_OK && i < task->n; i++) {
        person *row;
        status = person_find(self->scope, task->keys[i], &row);
        if (status == ROWAN_OK) {
            row->name = task->names[i];
            self->refs.at[i] = row;
        }
    }
    if (status == ROWAN_OK) {
        status = rowan_record_save_all(self->scope, self->refs.at, task->n);
    }
    return pattern_commit(self, status);
}

static rowan_status stream(pattern_state *self, const bench_task *task)
{
    rowan_value last = V((int64_t)0);
    rowan_query page = {
        .from = &event_table,
        .order_by = ORDER(ASC(EVENT.id)),
        .after = {&last, 1},
        .limit = 1000,
    };
    event_rows events;
    rowan_status status;

    (void)task;
    self->digest = 0;
    do {
        status = event_all(self->scope, &page, &events);
        for (size_t i = 0; i < events.count; i++) {
            const event *e = &events.at[i];
            self->digest = bench_digest_event(self->digest, e->id, e->name, e->amount);
            last.as.integer = e->id;
        }
        if (status == ROWAN_OK) {
            status = rowan_scope_rewind(self->scope, self->mark);
        }
    } while (status == ROWAN_OK && (int64_t)events.count == page.limit);
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
    return pattern_ran(state, works[task->work](state, task));
}

/* The relations are there: nothing is sent. */
static void fold_tree(const pattern_state *self, bench_sum *sum)
{
    for (size_t i = 0; i < self->tree.people.count; i++) {
        const person *parent = &self->tree.people.at[i];
        post_rows posts;
        pattern_fold_person(parent, sum);
        if (person_posts(self->scope, parent, &posts) != ROWAN_OK) {
            return;
        }
        for (size_t j = 0; j < posts.count; j++) {
            comment_rows comments;
            pattern_fold_post(&posts.at[j], sum);
            if (post_comments(self->scope, &posts.at[j], &comments) != ROWAN_OK) {
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
    if (task->work == BENCH_TREE || task->work == BENCH_TREE_LAZY) {
        fold_tree(self, sum);
    }
}

const bench_contestant bench_activerecord = {
    .name = "active record",
    .can = pattern_can,
    .open = pattern_open,
    .close = pattern_close,
    .prepare = pattern_prepare,
    .run = run,
    .fold = fold,
    .clear = pattern_clear,
    .why = pattern_why,
};
