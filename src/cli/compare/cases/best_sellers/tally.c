/* Sums by book: lines are noted one after another, sorted by book, and folded. */
#include "cli/compare/cases/best_sellers/tally.h"

#include <stdlib.h>

tally tally_new(rowan_scope *scope, size_t most)
{
    return (tally){rowan_scope_alloc(scope, (most + 1) * sizeof(sold)), 0};
}

void tally_add(tally *self, const purchase_line *line)
{
    self->at[self->count++] = (sold){
        .book_id = line->book_id,
        .copies = line->quantity,
        .cents = (int64_t)line->quantity * line->unit_price_cents,
    };
}

static int by_book(const void *left, const void *right)
{
    const sold *a = left, *b = right;

    return (a->book_id > b->book_id) - (a->book_id < b->book_id);
}

static int best_first(const void *left, const void *right)
{
    const sold *a = left, *b = right;

    return a->copies != b->copies ? (a->copies < b->copies) - (a->copies > b->copies)
                                  : by_book(left, right);
}

void tally_sort(tally *self)
{
    size_t books = 0;

    qsort(self->at, self->count, sizeof *self->at, by_book);
    for (size_t i = 0; i < self->count; i++) {
        if (books > 0 && self->at[books - 1].book_id == self->at[i].book_id) {
            self->at[books - 1].copies += self->at[i].copies;
            self->at[books - 1].cents += self->at[i].cents;
        } else {
            self->at[books++] = self->at[i];
        }
    }
    self->count = books;
    qsort(self->at, self->count, sizeof *self->at, best_first);
}
