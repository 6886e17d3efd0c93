/*
 * Fingerprints of any bytes. The first byte says whose text it is. Folding ends, writes no more
 * than it is given room for, and tells of places that are in the text; what was folded folds to
 * itself, and means the same.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detector/fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const engines[] = {"sqlite", "postgresql", "mariadb", "other"};

/* One reading of one text. */
typedef struct folded {
    rowan__fold fold;
    char *text;
} folded;

static void require(bool holds, const char *what, const char *engine, const folded *once)
{
    if (!holds) {
        fprintf(stderr, "%s: %s: %.*s\n", engine, what, (int)once->fold.size, once->text);
        abort();
    }
}

/* Folds twice: to learn the size, and into exactly as much room. */
static folded fold(const char *engine, const char *sql, size_t size)
{
    const rowan__reading *reading = rowan__engine_reading(engine);
    folded out;
    rowan__fold measured;

    rowan__fold_statement(reading, engine, sql, size, NULL, 0, &measured);
    out.text = malloc(measured.size + 1);
    if (out.text == NULL) {
        abort();
    }
    rowan__fold_statement(reading, engine, sql, size, out.text, measured.size + 1, &out.fold);
    require(out.fold.size == measured.size && out.fold.id == measured.id,
            "the room changes what is folded", engine, &out);
    require(out.text[out.fold.size] == '\0', "it does not end", engine, &out);
    return out;
}

/* All that is said to be somewhere is there. */
static void check_places(const char *engine, const folded *once, size_t size)
{
    const rowan__fold *at = &once->fold;

    require(at->slot_count <= ROWAN__FOLD_SLOTS && at->place_count <= ROWAN__FOLD_PLACES &&
                at->table_count <= ROWAN__FOLD_TABLES,
            "there are too many", engine, once);
    require(at->place_count <= at->value_count && at->literal_count <= at->value_count,
            "there are more places than values", engine, once);
    require((size_t)at->table + at->table_size <= size, "the table is elsewhere", engine, once);
    for (size_t i = 0; i < at->slot_count; i++) {
        require((size_t)at->slots[i].column + at->slots[i].column_size <= size,
                "a column is elsewhere", engine, once);
    }
    for (size_t i = 0; i < at->place_count; i++) {
        require(at->places[i].slot < at->slot_count, "a value is in no slot", engine, once);
        require(i == 0 || at->places[i].slot >= at->places[i - 1].slot, "values are not by slot",
                engine, once);
    }
}

static void check_same(const char *engine, const folded *once, const folded *other,
                       const char *what)
{
    require(once->fold.size == other->fold.size &&
                memcmp(once->text, other->text, once->fold.size) == 0,
            what, engine, other);
    require(once->fold.id == other->fold.id, what, engine, other);
}

static void check_meaning(const char *engine, const folded *once, const folded *other,
                          const char *what)
{
    const rowan__fold *a = &once->fold, *b = &other->fold;

    require(a->verb == b->verb && a->has_where == b->has_where &&
                a->is_aggregate == b->is_aggregate && a->table_count == b->table_count &&
                memcmp(a->tables, b->tables, a->table_count * sizeof a->tables[0]) == 0,
            what, engine, other);
    require(a->slot_count == b->slot_count, what, engine, other);
    for (size_t i = 0; i < a->slot_count; i++) {
        require(a->slots[i].role == b->slots[i].role, what, engine, other);
    }
}

/* What was folded folds to itself; and where `?` is a placeholder, it says the same. */
static void check_again(const char *engine, const folded *once)
{
    folded twice = fold(engine, once->text, once->fold.size);

    check_same(engine, once, &twice, "it folds again to something else");
    if (!rowan__engine_reading(engine)->question_is_operator) {
        check_meaning(engine, once, &twice, "it means something else when it is folded again");
    }
    free(twice.text);
}

/* A comment before it changes nothing but where things are. */
static void check_comment(const char *engine, const folded *once, const char *sql, size_t size)
{
    static const char comment[] = "/* x='1' */ ";
    enum { SHIFT = sizeof comment - 1 };
    char *text = malloc(size + SHIFT);

    if (text == NULL) {
        abort();
    }
    memcpy(text, comment, SHIFT);
    memcpy(text + SHIFT, sql, size);
    folded other = fold(engine, text, size + SHIFT);
    const rowan__fold *a = &once->fold, *b = &other.fold;
    check_same(engine, once, &other, "a comment changes what is folded");
    check_meaning(engine, once, &other, "a comment changes what it means");
    require(a->value_count == b->value_count && a->literal_count == b->literal_count &&
                a->literals == b->literals && a->place_count == b->place_count,
            "a comment changes the values", engine, &other);
    for (size_t i = 0; i < a->slot_count; i++) {
        require(
            a->slots[i].column_size == b->slots[i].column_size &&
                (a->slots[i].column_size == 0 || a->slots[i].column + SHIFT == b->slots[i].column),
            "a comment moves a column", engine, &other);
    }
    for (size_t i = 0; i < a->place_count; i++) {
        require(a->places[i].key == b->places[i].key && a->places[i].slot == b->places[i].slot &&
                    a->places[i].param == b->places[i].param,
                "a comment changes a value", engine, &other);
    }
    free(other.text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const char *engine = engines[data[0] % (sizeof engines / sizeof engines[0])];
    const char *sql = (const char *)data + 1;
    folded once = fold(engine, sql, size - 1);

    require(getenv("ROWAN_FUZZ_FAULT") == NULL, "a fault was asked for", engine, &once);
    check_places(engine, &once, size - 1);
    check_again(engine, &once);
    check_comment(engine, &once, sql, size - 1);
    free(once.text);
    return 0;
}
