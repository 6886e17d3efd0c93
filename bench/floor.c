/*
 * What the hand-written floors share: of it only the linking of a tree and what frees texts
 * is measured.
 */
#include "floor.h"

#include <string.h>

static void fold_person(const floor_person *person, bench_sum *sum)
{
    bench_sum_int(sum, person->id);
    bench_sum_text(sum, person->name);
    bench_sum_text(sum, person->hair_colour);
    bench_sum_row(sum);
}

static void fold_people(const floor_rows *rows, bench_sum *sum)
{
    const floor_person *people = rows->people.items;

    for (size_t i = 0; i < rows->people.count; i++) {
        fold_person(&people[i], sum);
    }
}

static void fold_pairs(const floor_rows *rows, bench_sum *sum)
{
    const floor_pair *pairs = rows->pairs.items;

    for (size_t i = 0; i < rows->pairs.count; i++) {
        bench_sum_int(sum, pairs[i].person_id);
        bench_sum_text(sum, pairs[i].name);
        bench_sum_int(sum, pairs[i].post_id);
        bench_sum_text(sum, pairs[i].title);
        bench_sum_row(sum);
    }
}

static void fold_post(const floor_rows *rows, const floor_post *post, bench_sum *sum)
{
    const floor_comment *comments = rows->comments.items;

    bench_sum_int(sum, post->id);
    bench_sum_int(sum, post->person_id);
    bench_sum_text(sum, post->title);
    bench_sum_text(sum, post->body);
    bench_sum_row(sum);
    for (size_t i = 0; i < post->comment_count; i++) {
        const floor_comment *comment = &comments[post->first_comment + i];
        bench_sum_int(sum, comment->id);
        bench_sum_int(sum, comment->post_id);
        bench_sum_text(sum, comment->body);
        bench_sum_row(sum);
    }
}

static void fold_tree(const floor_rows *rows, bench_sum *sum)
{
    const floor_author *authors = rows->authors.items;
    const floor_post *posts = rows->posts.items;

    for (size_t i = 0; i < rows->authors.count; i++) {
        fold_person(&authors[i].person, sum);
        for (size_t j = 0; j < authors[i].post_count; j++) {
            fold_post(rows, &posts[authors[i].first_post + j], sum);
        }
    }
}

static void fold_keys(const floor_rows *rows, bench_sum *sum)
{
    const int64_t *keys = rows->keys.items;

    for (size_t i = 0; i < rows->keys.count; i++) {
        bench_sum_int(sum, keys[i]);
        bench_sum_row(sum);
    }
}

void floor_fold(void *state, const bench_task *task, bench_sum *sum)
{
    const floor_rows *rows = &((const floor_kept *)state)->rows;

    switch (task->work) {
    case BENCH_LOAD:
    case BENCH_FIND:
    case BENCH_FILTER:
    case BENCH_UPDATE:
        fold_people(rows, sum);
        break;
    case BENCH_JOIN:
        fold_pairs(rows, sum);
        break;
    case BENCH_TREE:
    case BENCH_TREE_LAZY:
        fold_tree(rows, sum);
        break;
    case BENCH_SAVE:
        fold_keys(rows, sum);
        break;
    case BENCH_STREAM:
        bench_sum_int(sum, (int64_t)rows->digest);
        bench_sum_row(sum);
        break;
    case BENCH_INSERT:
    case BENCH_BULK:
    case BENCH_WORK_COUNT:
        break;
    }
}

void floor_rows_reset(floor_rows *rows)
{
    rows->people.count = 0;
    rows->pairs.count = 0;
    rows->authors.count = 0;
    rows->posts.count = 0;
    rows->comments.count = 0;
    rows->keys.count = 0;
    rows->digest = 0;
}

void floor_rows_free(floor_rows *rows)
{
    free(rows->people.items);
    free(rows->pairs.items);
    free(rows->authors.items);
    free(rows->posts.items);
    free(rows->comments.items);
    free(rows->keys.items);
    *rows = (floor_rows){0};
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void free_person_texts(const floor_person *person)
{
    free_text(person->name);
    free_text(person->hair_colour);
}

static void free_texts(const floor_rows *rows)
{
    const floor_person *people = rows->people.items;
    const floor_pair *pairs = rows->pairs.items;
    const floor_author *authors = rows->authors.items;
    const floor_post *posts = rows->posts.items;
    const floor_comment *comments = rows->comments.items;

    for (size_t i = 0; i < rows->people.count; i++) {
        free_person_texts(&people[i]);
    }
    for (size_t i = 0; i < rows->pairs.count; i++) {
        free_text(pairs[i].name);
        free_text(pairs[i].title);
    }
    for (size_t i = 0; i < rows->authors.count; i++) {
        free_person_texts(&authors[i].person);
    }
    for (size_t i = 0; i < rows->posts.count; i++) {
        free_text(posts[i].title);
        free_text(posts[i].body);
    }
    for (size_t i = 0; i < rows->comments.count; i++) {
        free_text(comments[i].body);
    }
}

void floor_rows_link(floor_rows *rows)
{
    floor_author *authors = rows->authors.items;
    floor_post *posts = rows->posts.items;
    const floor_comment *comments = rows->comments.items;
    size_t post = 0;
    size_t comment = 0;

    for (size_t i = 0; i < rows->authors.count; i++) {
        authors[i].first_post = post;
        while (post < rows->posts.count && posts[post].person_id == authors[i].person.id) {
            posts[post].first_comment = comment;
            while (comment < rows->comments.count && comments[comment].post_id == posts[post].id) {
                comment++;
            }
            posts[post].comment_count = comment - posts[post].first_comment;
            post++;
        }
        authors[i].post_count = post - authors[i].first_post;
    }
}

floor_person *floor_last_person(const floor_rows *rows)
{
    floor_person *people = rows->people.items;

    return &people[rows->people.count - 1];
}

bool floor_rename_last(floor_rows *rows, const char *name)
{
    floor_person *person = floor_last_person(rows);

    free_text(person->name);
    person->name = strdup(name);
    return person->name != NULL;
}

bool floor_can(bench_work work)
{
    return work < BENCH_WORK_COUNT;
}

const char *floor_why(void *state)
{
    return ((const floor_kept *)state)->why;
}

void floor_clear_texts(void *state, const bench_task *task)
{
    floor_rows *rows = &((floor_kept *)state)->rows;

    (void)task;
    free_texts(rows);
    floor_rows_free(rows);
}
