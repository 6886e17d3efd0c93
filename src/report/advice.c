/* What to do about a finding, by what its statement asks for. */
#include <string.h>
#include <strings.h>

#include "detector/fold.h"
#include "report/analysis.h"

const char *rowan__action_name(rowan__action action)
{
    switch (action) {
    case ROWAN__ACTION_BATCH_IN:
        return "batch_in";
    case ROWAN__ACTION_BATCH_ROW_IN:
        return "batch_row_in";
    case ROWAN__ACTION_SELECT_COLUMN:
        return "select_column";
    case ROWAN__ACTION_GROUP_BY_COUNT:
        return "group_by_count";
    case ROWAN__ACTION_EXISTS_IN:
        return "exists_in";
    case ROWAN__ACTION_DISTINCT_ON:
        return "distinct_on";
    case ROWAN__ACTION_LATERAL:
        return "lateral";
    case ROWAN__ACTION_WINDOW:
        return "window";
    case ROWAN__ACTION_MEMOIZE:
        return "memoize";
    case ROWAN__ACTION_HOIST:
        return "hoist";
    case ROWAN__ACTION_MULTI_ROW_WRITE:
        return "multi_row_write";
    case ROWAN__ACTION_WITH_RECURSIVE:
        return "with_recursive";
    case ROWAN__ACTION_ADD_INDEX:
        return "add_index";
    case ROWAN__ACTION_ADD_EXPRESSION_INDEX:
        return "add_expression_index";
    case ROWAN__ACTION_INVESTIGATE_SKEW:
        return "investigate_skew";
    case ROWAN__ACTION_REPORT_PERCENTILES:
        return "report_percentiles";
    case ROWAN__ACTION_REMOVE_EAGER_LOAD:
        return "remove_eager_load";
    case ROWAN__ACTION_LIMIT_ROWS:
        return "limit_rows";
    case ROWAN__ACTION_SHORTEN_TRANSACTION:
        return "shorten_transaction";
    case ROWAN__ACTION_COMMIT_BEFORE_WAIT:
        return "commit_before_wait";
    }
    return "unknown";
}

static bool says(const rowan_finding *finding, const char *words)
{
    return strstr(finding->fingerprint, words) != NULL;
}

/* The few rows of each parent, or the one: an engine has one good way to take them all at once. */
static rowan__action action_of_top(const rowan_finding *finding, const char *dialect)
{
    static const char *const ones[] = {"LIMIT 1", "limit 1", "FIRST 1 ROW", "first 1 row"};

    if (strcmp(dialect, "postgresql") != 0) {
        return ROWAN__ACTION_WINDOW;
    }
    for (size_t i = 0; i < sizeof ones / sizeof ones[0]; i++) {
        const char *found = strstr(finding->sql, ones[i]);
        char next = found != NULL ? found[strlen(ones[i])] : '0';
        if (next < '0' || next > '9') {
            return ROWAN__ACTION_DISTINCT_ON;
        }
    }
    return ROWAN__ACTION_LATERAL;
}

/* Whether it asks for the first rows of an order. */
static bool is_of_top(const rowan_finding *finding)
{
    return says(finding, " order by ") && (says(finding, " limit ?") || says(finding, " fetch "));
}

static rowan__fold fold_of(const char *sql, const char *dialect)
{
    rowan__fold fold;

    rowan__fold_statement(rowan__engine_reading(dialect), dialect, sql, strlen(sql), NULL, 0,
                          &fold);
    return fold;
}

/* Whether the child reads further columns of the very rows that the parent read. */
static bool reads_parent_again(const rowan_finding *finding, const rowan__fold *child,
                               const char *dialect)
{
    rowan__fold parent;

    if (finding->parent_sql == NULL || finding->child_column == NULL ||
        finding->parent_column == NULL || child->table_count != 1 ||
        strcasecmp(finding->child_column, finding->parent_column) != 0) {
        return false;
    }
    parent = fold_of(finding->parent_sql, dialect);
    return parent.table_count > 0 && parent.tables[0] == child->tables[0];
}

static rowan__action action_of_read(const rowan_finding *finding, const char *dialect,
                                    size_t varying)
{
    rowan__fold fold = fold_of(finding->sql, dialect);

    if (fold.is_aggregate) {
        return ROWAN__ACTION_GROUP_BY_COUNT;
    }
    if (strncmp(finding->fingerprint, "select ? ", 9) == 0 ||
        strncmp(finding->fingerprint, "select exists", 13) == 0) {
        return ROWAN__ACTION_EXISTS_IN;
    }
    if (is_of_top(finding)) {
        return action_of_top(finding, dialect);
    }
    if (varying > 1) {
        return ROWAN__ACTION_BATCH_ROW_IN;
    }
    return reads_parent_again(finding, &fold, dialect) ? ROWAN__ACTION_SELECT_COLUMN
                                                       : ROWAN__ACTION_BATCH_IN;
}

rowan__action rowan__action_of(const rowan_finding *finding, const char *dialect, size_t varying,
                               bool is_one_site)
{
    switch (finding->kind) {
    case ROWAN_N_PLUS_ONE:
        return action_of_read(finding, dialect, varying);
    case ROWAN_DUPLICATE_QUERY:
        return is_one_site ? ROWAN__ACTION_HOIST : ROWAN__ACTION_MEMOIZE;
    case ROWAN_WRITE_LOOP:
        return ROWAN__ACTION_MULTI_ROW_WRITE;
    case ROWAN_RECURSIVE_WALK:
        return ROWAN__ACTION_WITH_RECURSIVE;
    case ROWAN_UNREAD_COLUMNS:
        return ROWAN__ACTION_SELECT_COLUMN;
    case ROWAN_UNREAD_ROWS:
        return ROWAN__ACTION_LIMIT_ROWS;
    case ROWAN_UNUSED_EAGER_LOAD:
        return ROWAN__ACTION_REMOVE_EAGER_LOAD;
    case ROWAN_LONG_TRANSACTION:
        return ROWAN__ACTION_SHORTEN_TRANSACTION;
    case ROWAN_IDLE_IN_TRANSACTION:
        return ROWAN__ACTION_COMMIT_BEFORE_WAIT;
    case ROWAN_SLOW_QUERY:
        break;
    }
    return ROWAN__ACTION_ADD_INDEX;
}
