/*
 * What programs took of the results of one statement: of its executions in a scope, or in recorded
 * traces. Live and recorded statements are judged by the same.
 */
#ifndef ROWAN_DETECTOR_UNREAD_H
#define ROWAN_DETECTOR_UNREAD_H

#include "base/text.h"
#include "detector/fold.h"

enum { ROWAN__TAKEN_COLUMNS = 64 }; /* that are told apart */

/** Zeroed at first. */
typedef struct rowan__taken {
    uint64_t executions;
    uint64_t columns;                        /* bit by bit, that were read */
    uint64_t elsewhere;                      /* bit by bit, that are known to be read by others */
    uint64_t read, fetched;                  /* rows */
    size_t column_count;                     /* 0: which columns were read is not known */
    const char *names[ROWAN__TAKEN_COLUMNS]; /* NULL: not known */
} rowan__taken;

/** Adds an execution with so many rows. The first gives the columns; their names are borrowed. */
void rowan__taken_add(rowan__taken *taken, const rowan_reads *reads, uint64_t rows);

/**
 * Whether there are columns of which no value was asked for, in rows enough to say so.
 *
 * @param count   executions that there were: of each it has to be known
 * @param folded  its folded text
 */
bool rowan__taken_lacks_columns(const rowan__taken *taken, uint64_t count, const rowan__fold *fold,
                                const char *folded);

/** The figures, and what to do. */
void rowan__taken_evidence(const rowan__taken *taken, rowan__text *out);
void rowan__taken_suggestion(const rowan__taken *taken, rowan__text *out);

#endif
