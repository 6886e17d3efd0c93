/*
 * A server that goes away while advice is tried: wherever the connection is cut, no advice is
 * withdrawn for it, none is called proven that was not, nothing is changed, and what comes after is
 * tried on a new connection.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/recorded.h"
#include "support/relay.h"
#include "support/slow.h"
#include "support/suite.h"

enum { DUPLICATES = 4 };

/* Cuts the connection when so many statements were sent. */
static struct cutter {
    relay *between;
    unsigned sent, last; /* last: 0: never */
} cutter;

static void on_event(void *context, const rowan_event *event)
{
    (void)context;
    if (event->kind == ROWAN_EVENT_STATEMENT && ++cutter.sent == cutter.last) {
        relay_cut(cutter.between);
    }
}

static rowan_subscriber subscriber = {.on_event = on_event};
static rowan_subscriber *subscribers[] = {&subscriber};

/* Tries all advice; the connection is cut behind a statement. @return statements */
static unsigned verify_cut(unsigned last)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan__verify verify = {.analysis = &recorded.analysis};
    char through[1024];

    cutter = (struct cutter){.last = 0};
    cutter.between = relay_start(recorded.url, through, sizeof through);
    ck_assert_ptr_nonnull(cutter.between);
    options.no_detector = true;
    options.max_open = 1;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    verify.db = engine_open_url(through, &options);
    cutter.sent = 0; /* behind what opening sends */
    cutter.last = last;
    ck_assert_int_eq(rowan__verify_findings(&verify), ROWAN_OK);
    rowan_close(verify.db);
    relay_stop(cutter.between);
    return cutter.sent;
}

/* Whether every finding that can be tried is proven. */
static bool is_all_proven(unsigned last)
{
    bool all = true;

    for (size_t i = 0; i < recorded.analysis.count; i++) {
        const rowan__trace_finding *finding = &recorded.analysis.at[i];
        const rowan__proof *proof = &finding->proof;
        bool proven = proof->state == ROWAN__PROVEN_EQUAL || proof->state == ROWAN__PROVEN_CHEAPER;
        if (!rowan__verify_can(finding)) {
            continue;
        }
        ck_assert_msg(proven || proof->state == ROWAN__PROVEN_UNVERIFIED,
                      "cut behind %u, %s is %s: %s", last, finding->kind,
                      rowan__proven_name(proof->state), proof->why);
        ck_assert_ptr_nonnull(finding->suggestion);
        ck_assert_msg(proven || strlen(proof->why) > 0, "%s", finding->kind);
        all = all && proven;
    }
    return all;
}

static int64_t content(void)
{
    return recorded_number("SELECT 1000000 * (SELECT count(*) FROM note) + (SELECT sum(id * "
                           "(rank_no + 1)) FROM post)");
}

static void record_all_kinds(void)
{
    recorded_posts();
    recorded_each("SELECT id, body FROM note WHERE post_id = ?");
    for (int i = 0; i < DUPLICATES; i++) {
        recorded_send("SELECT title FROM post WHERE rank_no = 1", ROWAN_NO_PARAMS);
    }
    ck_assert_int_eq(rowan_begin(recorded.scope, NULL), ROWAN_OK);
    for (int i = 0; i < RECORDED_POSTS; i++) {
        ck_assert_int_eq(rowan_raw_run(recorded.scope, "UPDATE post SET rank_no = ? WHERE id = ?",
                                       ROWAN_PARAMS(ROWAN_V(50 + i), ROWAN_V(recorded_post(i))),
                                       NULL),
                         ROWAN_OK);
    }
    ck_assert_int_eq(rowan_rollback(recorded.scope), ROWAN_OK);
    recorded_analyze();
}

START_TEST(a_cut_leaves_advice_untried_and_the_rest_as_it_was)
{
    unsigned sent, cuts = 0;
    int64_t before;

    recorded_begin(_i, true);
    record_all_kinds();
    before = content();
    sent = verify_cut(0);
    ck_assert(is_all_proven(0));
    for (unsigned last = 1; last <= sent; last += 1 + last / 6) {
        (void)verify_cut(last);
        cuts += !is_all_proven(last);
        ck_assert_int_eq(content(), before);
    }
    ck_assert_uint_gt(cuts, 3);
    (void)verify_cut(0); /* nothing of it lasts */
    ck_assert(is_all_proven(0));
    recorded_end();
}
END_TEST

/* Of three findings, those behind the cut one are tried on a connection that was opened anew. */
START_TEST(what_comes_behind_a_cut_is_tried)
{
    size_t proven = 0, can = 0;

    recorded_begin(_i, true);
    record_all_kinds();
    (void)verify_cut(4);
    for (size_t i = 0; i < recorded.analysis.count; i++) {
        can += rowan__verify_can(&recorded.analysis.at[i]);
        proven += recorded.analysis.at[i].proof.state == ROWAN__PROVEN_EQUAL;
    }
    ck_assert_uint_eq(can, 3);
    ck_assert_uint_eq(proven, 2);
    recorded_end();
}
END_TEST

START_TEST(a_cut_among_trials_of_indexes_leaves_no_advice)
{
    unsigned sent;

    slow_begin(_i, SLOW_ITEMS);
    slow_tell("SELECT * FROM item WHERE code = ?", "[\"Code 00077\"]", 400000);
    slow_analyze();
    sent = verify_cut(0);
    ck_assert_uint_gt(sent, 5);
    for (unsigned last = 1; last < sent; last += 1 + last / 3) {
        (void)verify_cut(last);
        for (size_t i = 0; i < recorded.analysis.count; i++) {
            const rowan__trace_finding *finding = &recorded.analysis.at[i];
            ck_assert_msg(finding->proof.state != ROWAN__PROVEN_NOT_TRIED &&
                              (finding->proof.state != ROWAN__PROVEN_UNVERIFIED ||
                               finding->proof.why != NULL),
                          "cut behind %u: %s", last, slow_describe(finding));
        }
    }
    ck_assert_int_eq(recorded_number(engine_is((size_t)_i, "mariadb")
                                         ? "SELECT count(*) FROM information_schema.statistics "
                                           "WHERE table_schema = database() AND index_name LIKE "
                                           "'rowan%'"
                                         : "SELECT count(*) FROM pg_indexes WHERE indexname LIKE "
                                           "'rowan%'"),
                     0);
    recorded_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_lost");
    TCase *tc = tcase_create("lost");

    tcase_set_timeout(tc, 60);
    for (int engine = 0; engine < (int)engine_count(); engine++) {
        if (!engine_is((size_t)engine, "sqlite")) { /* which has no connection to lose */
            tcase_add_loop_test(tc, a_cut_leaves_advice_untried_and_the_rest_as_it_was, engine,
                                engine + 1);
            tcase_add_loop_test(tc, what_comes_behind_a_cut_is_tried, engine, engine + 1);
            tcase_add_loop_test(tc, a_cut_among_trials_of_indexes_leaves_no_advice, engine,
                                engine + 1);
        }
    }
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
