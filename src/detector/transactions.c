/*
 * Transactions that are open for long, and those that are open while nothing is sent: their locks
 * are held and their snapshot is kept for whatever the program does in the meantime. A transaction
 * that is long because it waits for the program is found for that reason only.
 */
#include "detector/transactions.h"

#include <inttypes.h>
#include <string.h>

/* --- What a text does. --- */

static char lower_of(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word in small letters, cut; "" behind the last. */
static void next_word(const char **at, const char *end, char *out, size_t size)
{
    size_t length = 0;

    while (*at < end && is_blank(**at)) {
        (*at)++;
    }
    for (; *at < end && !is_blank(**at) && **at != ';'; (*at)++) {
        if (length + 1 < size) {
            out[length++] = lower_of(**at);
        }
    }
    out[length] = '\0';
}

rowan__control rowan__control_of(const char *sql, size_t size)
{
    const char *at = sql, *end = sql + size;
    char first[16], second[16];

    next_word(&at, end, first, sizeof first);
    next_word(&at, end, second, sizeof second);
    if (strcmp(first, "begin") == 0 ||
        (strcmp(first, "start") == 0 && strcmp(second, "transaction") == 0)) {
        return ROWAN__CONTROL_BEGIN;
    }
    if (strcmp(second, "to") == 0 || strcmp(second, "prepared") == 0) {
        return ROWAN__CONTROL_NONE;
    }
    if (strcmp(second, "work") == 0 || strcmp(second, "transaction") == 0) {
        char third[16];
        next_word(&at, end, third, sizeof third);
        if (strcmp(third, "to") == 0) {
            return ROWAN__CONTROL_NONE;
        }
    }
    return strcmp(first, "commit") == 0 || strcmp(first, "rollback") == 0 ||
                   strcmp(first, "end") == 0 || strcmp(first, "abort") == 0 ||
                   (strcmp(first, "prepare") == 0 && strcmp(second, "transaction") == 0)
               ? ROWAN__CONTROL_END
               : ROWAN__CONTROL_NONE;
}

/* --- Following one. --- */

static void note_gap(rowan__transaction *transaction, const rowan__step *step)
{
    int64_t gap_ns = step->start_ns - transaction->last.end_ns;

    if (gap_ns > 0) {
        transaction->idle_ns += gap_ns;
    }
    if (gap_ns > transaction->gap_ns) {
        transaction->gap_ns = gap_ns;
        transaction->before_gap = transaction->last;
    }
}

void rowan__transaction_step(rowan__transaction *transaction, rowan__control control,
                             const rowan__step *step, rowan__transaction_log *log)
{
    if (transaction->is_open && control != ROWAN__CONTROL_BEGIN) {
        note_gap(transaction, step);
        if (step->end_ns >= transaction->last.end_ns) { /* else it overlapped a longer one */
            transaction->last = *step;
        }
        transaction->statements += control == ROWAN__CONTROL_NONE;
    }
    if (transaction->is_open && control != ROWAN__CONTROL_NONE) {
        rowan__transaction_judge(transaction, log); /* a further BEGIN: the engine had ended it */
        transaction->is_open = false;
    }
    if (control == ROWAN__CONTROL_BEGIN) {
        *transaction = (rowan__transaction){.is_open = true, .begin = *step, .last = *step};
    }
}

void rowan__transaction_steps(rowan__transaction *transaction, uint64_t count, int64_t elapsed_ns,
                              const rowan__step *last)
{
    if (last->end_ns > transaction->last.end_ns) {
        transaction->idle_ns += last->end_ns - transaction->last.end_ns;
        transaction->last = *last;
    }
    transaction->idle_ns -= elapsed_ns;
    transaction->statements += count;
}

/* --- The rule. --- */

static bool is_same_place(const rowan_site *a, const rowan_site *b)
{
    bool same_file =
        a->file == b->file || (a->file != NULL && b->file != NULL && strcmp(a->file, b->file) == 0);

    return same_file && a->line == b->line;
}

static rowan__transactions *place_of(rowan__transaction_log *log, rowan_finding_kind kind,
                                     const rowan__transaction *transaction)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->at[i].kind == kind &&
            is_same_place(&log->at[i].begin.site, &transaction->begin.site)) {
            return &log->at[i];
        }
    }
    if (log->count == ROWAN__TRANSACTION_PLACES) {
        return NULL;
    }
    log->at[log->count] = (rowan__transactions){.kind = kind};
    return &log->at[log->count++];
}

static void put(rowan__transaction_log *log, rowan_finding_kind kind,
                const rowan__transaction *transaction, int64_t open_ns)
{
    int64_t bad_ns = kind == ROWAN_LONG_TRANSACTION ? open_ns : transaction->gap_ns;
    rowan__transactions *found = place_of(log, kind, transaction);

    if (found == NULL) {
        return;
    }
    found->count++;
    found->statements += transaction->statements;
    found->open_ns += open_ns;
    found->idle_ns += transaction->idle_ns;
    if (bad_ns > found->worst_ns) {
        found->worst_ns = bad_ns;
        found->begin = transaction->begin;
        found->before_gap = transaction->before_gap;
    }
}

void rowan__transaction_judge(const rowan__transaction *transaction, rowan__transaction_log *log)
{
    int64_t open_ns = transaction->last.end_ns - transaction->begin.start_ns;
    bool is_idle = transaction->gap_ns >= (int64_t)log->rules->idle_transaction_ms * 1000000;
    bool is_long = open_ns >= (int64_t)log->rules->long_transaction_ms * 1000000;

    if (transaction->begin.start_ns == 0) { /* nobody took the time */
        return;
    }
    if (is_idle) {
        put(log, ROWAN_IDLE_IN_TRANSACTION, transaction, open_ns);
    }
    if (is_long && !(is_idle && transaction->idle_ns * 2 >= open_ns)) {
        put(log, ROWAN_LONG_TRANSACTION, transaction, open_ns);
    }
}

/* --- What is said. --- */

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

void rowan__transactions_evidence(const rowan__transactions *found, rowan__text *out)
{
    bool is_one = found->count == 1;

    rowan__text_format(out, "%" PRIu64 " transaction%s from this place, ", found->count,
                       is_one ? "" : "s");
    if (found->kind == ROWAN_LONG_TRANSACTION) {
        rowan__text_format(out,
                           "open for %.1f ms with %" PRIu64
                           " statements, nothing sent for %.1f ms of it; the longest %.1f ms",
                           ms(found->open_ns), found->statements, ms(found->idle_ns),
                           ms(found->worst_ns));
        return;
    }
    rowan__text_format(out,
                       "nothing sent for %.1f ms of the %.1f ms that %s open; the longest wait, "
                       "%.1f ms, was behind statement %" PRIu64,
                       ms(found->idle_ns), ms(found->open_ns), is_one ? "it was" : "they were",
                       ms(found->worst_ns), found->before_gap.sequence);
}

const char *rowan__transactions_suggestion(const rowan__transactions *found)
{
    return found->kind == ROWAN_LONG_TRANSACTION
               ? "commit in smaller pieces, or read before it begins what is to be written in it: "
                 "its locks and its snapshot are kept to its end"
               : "do what takes this time before the transaction begins or after it has ended: its "
                 "locks and its snapshot are kept while nothing is sent";
}
