/*
 * Use cases of the bookshop, each in four patterns, each in the tempting way and the good way. A
 * cell (one use case in one pattern, one way) is one function. It does the work through its
 * pattern only, and enters what it found into a ledger; the four ledgers must be equal.
 */
#ifndef ROWAN_CLI_COMPARE_USECASE_H
#define ROWAN_CLI_COMPARE_USECASE_H

#include <rowan/rowan.h>

#include "cli/compare/ledger.h"

enum { PATTERN_COUNT = 4 };

/**
 * One cell. The scope is the caller's; what a writing cell changes is rolled back after it was
 * looked at.
 */
typedef rowan_status (*usecase_cell)(rowan_scope *scope, ledger *found);

/** The two ways of one pattern. */
typedef struct usecase_ways {
    usecase_cell tempting; /* what one writes first; NULL where it is the good way already */
    usecase_cell good;
} usecase_ways;

typedef struct usecase {
    const char *key;    /* short, lower-case; the name of its folder under cases/ */
    const char *title;
    const char *story;  /* what a user of the bookshop does, one sentence */
    const char *lesson; /* what the comparison shows, one or two sentences without figures */
    /**
     * For a use case that writes: what the database holds afterwards, the same for all patterns.
     * Else NULL.
     */
    usecase_cell state;
    const usecase_ways *ways[PATTERN_COUNT]; /* raw, query builder, Active Record, Data Mapper */
    unsigned expected; /* bit 1 << rowan_finding_kind: findings that belong to the tempting way */
} usecase;

/** All of them, in the order in which they are shown, ended by NULL. */
extern const usecase *const usecases[];

/**
 * "raw", "querybuilder", "activerecord", "datamapper": keys of the patterns, in the order of
 * `ways`.
 */
extern const char *const pattern_keys[PATTERN_COUNT];

#endif
