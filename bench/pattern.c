/*
 * What the contestants of Rowan's four patterns share. Of all this only pattern_clear(), and what
 * makes room, is measured.
 */
#include "pattern.h"

#include <stdio.h>
#include <stdlib.h>

static const rowan_column pair_columns[] = {
    ROWAN_COLUMN(pattern_pair_shape, pattern_pair, person_id, 0),
    ROWAN_COLUMN(pattern_pair_shape, pattern_pair, name, 0),
    ROWAN_OPT_COLUMN(pattern_pair_shape, pattern_pair, post_id, 0),
    ROWAN_OPT_COLUMN(pattern_pair_shape, pattern_pair, title, 0),
};
const rowan_table pattern_pair_shape = ROWAN_SHAPE(pattern_pair, pair_columns);

bool pattern_can(bench_work work)
{
    return work < BENCH_WORK_COUNT;
}

void *pattern_open(const bench_place *place, char *why, size_t why_size)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    pattern_state *self = calloc(1, sizeof *self);
    rowan_error error = {.message = "out of memory"};

    options.no_detector = true;
    if (!self || rowan_open(place->url, &options, &self->db, &error) != ROWAN_OK ||
        rowan_scope_begin(self->db, "benchmark", &self->scope, &error) != ROWAN_OK) {
        snprintf(why, why_size, "%s", error.message);
        pattern_close(self);
        return NULL;
    }
    self->mark = rowan_scope_mark(self->scope);
    return self;
}

void pattern_close(void *state)
{
    pattern_state *self = state;

    if (self) {
        rowan_session_end(self->session);
        rowan_scope_end(self->scope);
        rowan_close(self->db);
        free(self->newcomers);
        free(self);
    }
}

static newcomer newcomer_of(const bench_newcomer *from)
{
    return (newcomer){.name = from->name,
                      .hair_colour = {from->hair_colour != NULL, from->hair_colour}};
}

bool pattern_prepare(void *state, const bench_task *task)
{
    pattern_state *self = state;

    self->people = (person_rows){NULL, 0};
    self->refs = (rowan_refs){NULL, 0};
    self->pairs = (rowan_rows){NULL, 0};
    self->saved = (newcomer_rows){NULL, 0};
    self->keys.count = 0;
    if (task->work != BENCH_INSERT && task->work != BENCH_BULK) {
        return true;
    }
    free(self->newcomers);
    self->newcomers = calloc(task->n, sizeof *self->newcomers);
    if (!self->newcomers) {
        snprintf(self->why, sizeof self->why, "out of memory");
        return false;
    }
    for (size_t i = 0; i < task->n; i++) {
        self->newcomers[i] = newcomer_of(&task->newcomers[i]);
    }
    return true;
}

bool pattern_ran(pattern_state *self, rowan_status status)
{
    if (status == ROWAN_OK) {
        return true;
    }
    snprintf(self->why, sizeof self->why, "%s", rowan_scope_error(self->scope)->message);
    while (rowan_transaction_depth(self->scope) > 0 && rowan_rollback(self->scope) == ROWAN_OK) {
    }
    return false;
}

rowan_status pattern_begin_read(pattern_state *self)
{
    return rowan_begin(self->scope, &(rowan_transaction_options){.read_only = true});
}

rowan_status pattern_commit(pattern_state *self, rowan_status status)
{
    return status == ROWAN_OK ? rowan_commit(self->scope) : status;
}

rowan_status pattern_read_events(pattern_state *self, rowan_status status, rowan_stream *rows)
{
    void *row;

    self->digest = 0;
    while (status == ROWAN_OK && (status = rowan_stream_next(rows, &row)) == ROWAN_OK) {
        const event *e = row;
        self->digest = bench_digest_event(self->digest, e->id, e->name, e->amount);
    }
    rowan_stream_close(rows);
    return status == ROWAN_DONE ? ROWAN_OK : status;
}

void pattern_clear(void *state, const bench_task *task)
{
    pattern_state *self = state;

    (void)task;
    rowan_session_end(self->session);
    self->session = NULL;
    if (rowan_scope_rewind(self->scope, self->mark) != ROWAN_OK) {
        abort(); /* only a mark of another scope, or an open session or stream, is refused */
    }
}

const char *pattern_why(void *state)
{
    return ((pattern_state *)state)->why;
}

/* --- What runs make in the scope's memory. --- */

rowan_status pattern_check_made(pattern_state *self, const void *made)
{
    return made ? ROWAN_OK : rowan_scope_report(self->scope, ROWAN_NOMEM, "out of memory");
}

rowan_status pattern_make_newcomers(pattern_state *self, const bench_task *task, newcomer **out)
{
    *out = rowan_scope_alloc(self->scope, task->n * sizeof **out);
    for (size_t i = 0; *out && i < task->n; i++) {
        (*out)[i] = newcomer_of(&task->newcomers[i]);
    }
    return pattern_check_made(self, *out);
}

rowan_status pattern_make_refs(pattern_state *self, size_t count)
{
    self->refs.at = rowan_scope_alloc(self->scope, count * sizeof *self->refs.at);
    self->refs.count = count;
    return pattern_check_made(self, self->refs.at);
}

rowan_status pattern_make_keys(pattern_state *self, size_t count)
{
    self->keys.at = rowan_scope_alloc(self->scope, count * sizeof *self->keys.at);
    self->keys.count = count;
    return pattern_check_made(self, self->keys.at);
}

rowan_status pattern_make_posts(pattern_state *self)
{
    pattern_tree *tree = &self->tree;

    tree->posts = rowan_scope_alloc(self->scope, tree->people.count * sizeof *tree->posts);
    return pattern_check_made(self, tree->posts);
}

size_t pattern_count_posts(const pattern_state *self)
{
    size_t count = 0;

    for (size_t i = 0; i < self->tree.people.count; i++) {
        count += self->tree.posts[i].count;
    }
    return count;
}

rowan_status pattern_make_comments(pattern_state *self)
{
    pattern_tree *tree = &self->tree;

    tree->comments =
        rowan_scope_alloc(self->scope, pattern_count_posts(self) * sizeof *tree->comments);
    return pattern_check_made(self, tree->comments);
}

/* --- The sum. --- */

void pattern_fold_person(const person *row, bench_sum *sum)
{
    bench_sum_int(sum, row->id);
    bench_sum_text(sum, row->name);
    bench_sum_text(sum, row->hair_colour.has ? row->hair_colour.value : NULL);
    bench_sum_row(sum);
}

void pattern_fold_post(const post *row, bench_sum *sum)
{
    bench_sum_int(sum, row->id);
    bench_sum_int(sum, row->person_id);
    bench_sum_text(sum, row->title);
    bench_sum_text(sum, row->body);
    bench_sum_row(sum);
}

void pattern_fold_comment(const comment *row, bench_sum *sum)
{
    bench_sum_int(sum, row->id);
    bench_sum_int(sum, row->post_id);
    bench_sum_text(sum, row->body);
    bench_sum_row(sum);
}

static void fold_pair(const pattern_pair *row, bench_sum *sum)
{
    bench_sum_int(sum, row->person_id);
    bench_sum_text(sum, row->name);
    bench_sum_int(sum, row->post_id.has ? row->post_id.value : 0);
    bench_sum_text(sum, row->title.has ? row->title.value : NULL);
    bench_sum_row(sum);
}

void pattern_fold_tree(const pattern_tree *tree, bench_sum *sum)
{
    const comment_rows *comments = tree->comments;

    for (size_t i = 0; i < tree->people.count; i++) {
        pattern_fold_person(&tree->people.at[i], sum);
        for (size_t j = 0; j < tree->posts[i].count; j++, comments++) {
            pattern_fold_post(&tree->posts[i].at[j], sum);
            for (size_t k = 0; k < comments->count; k++) {
                pattern_fold_comment(&comments->at[k], sum);
            }
        }
    }
}

static void fold_keys(const pattern_state *self, bench_sum *sum)
{
    for (size_t i = 0; i < self->saved.count; i++) {
        bench_sum_int(sum, self->saved.at[i].id);
        bench_sum_row(sum);
    }
    for (size_t i = 0; i < self->keys.count; i++) {
        bench_sum_int(sum, self->keys.at[i]);
        bench_sum_row(sum);
    }
    for (size_t i = 0; i < self->refs.count; i++) {
        const newcomer *row = self->refs.at[i];
        bench_sum_int(sum, row->id);
        bench_sum_row(sum);
    }
}

static void fold_people(const pattern_state *self, bench_sum *sum)
{
    for (size_t i = 0; i < self->people.count; i++) {
        pattern_fold_person(&self->people.at[i], sum);
    }
    for (size_t i = 0; i < self->refs.count; i++) {
        pattern_fold_person(self->refs.at[i], sum);
    }
}

void pattern_fold(const pattern_state *self, const bench_task *task, bench_sum *sum)
{
    const pattern_pair *pairs = self->pairs.at;

    switch (task->work) {
    case BENCH_LOAD:
    case BENCH_FIND:
    case BENCH_FILTER:
    case BENCH_UPDATE:
        fold_people(self, sum);
        break;
    case BENCH_JOIN:
        for (size_t i = 0; i < self->pairs.count; i++) {
            fold_pair(&pairs[i], sum);
        }
        break;
    case BENCH_SAVE:
        fold_keys(self, sum);
        break;
    case BENCH_STREAM:
        bench_sum_int(sum, (int64_t)self->digest);
        bench_sum_row(sum);
        break;
    case BENCH_TREE:
    case BENCH_TREE_LAZY:
    case BENCH_INSERT:
    case BENCH_BULK:
    case BENCH_WORK_COUNT:
        break;
    }
}
