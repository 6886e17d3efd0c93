/*
 * The rule for slow statements. What decides whether it speaks is counted exactly: how many
 * executions there were, and how many above the limit. The sketch has the rest, where 2 % are
 * enough: the median, and what is far from it.
 */
#include "detector/slow.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"

enum { SKEW = 5, PERCENT = 5, FEW = 20 /* too few for percentiles to say anything */ };

/* --- Durations. --- */

void rowan__timing_add_late(rowan__timing *timing, const rowan_allocator *allocator,
                            unsigned bucket)
{
    if (!timing->is_cut) {
        timing->sketch = rowan__new(allocator, 1, sizeof *timing->sketch);
        timing->is_cut = timing->sketch == NULL;
    }
    if (timing->sketch != NULL) {
        rowan__sketch_add(timing->sketch, bucket);
    }
}

void rowan__timing_fini(rowan__timing *timing, const rowan_allocator *allocator)
{
    rowan__free(allocator, timing->sketch, 1, sizeof *timing->sketch);
}

static size_t early_of(const rowan__timing *timing)
{
    return timing->count < ROWAN__TIMING_EARLY ? (size_t)timing->count : ROWAN__TIMING_EARLY;
}

uint64_t rowan__timing_from(const rowan__timing *timing, int64_t from_ns, int64_t slow_ns)
{
    unsigned bucket = rowan__sketch_bucket(from_ns);
    uint64_t count = timing->sketch != NULL ? rowan__sketch_from(timing->sketch, bucket) : 0;

    if (from_ns == slow_ns) {
        return timing->slow;
    }
    for (size_t i = 0; i < early_of(timing); i++) {
        count += timing->early[i] >= bucket;
    }
    return count;
}

/* A long past weighs less than what comes: the sketch counts in 32 bits. */
static void make_room(rowan__series *series, uint64_t more)
{
    while (series->sketch.count > 0 && series->sketch.count + more > UINT32_MAX) {
        rowan__sketch_halve(&series->sketch);
        series->slow /= 2;
        series->total_ns /= 2;
    }
}

void rowan__series_add_timing(rowan__series *series, const rowan__timing *timing)
{
    if (timing->is_cut) {
        return;
    }
    make_room(series, timing->count);
    if (timing->sketch != NULL) {
        rowan__sketch_merge(&series->sketch, timing->sketch);
    }
    for (size_t i = 0; i < early_of(timing); i++) {
        rowan__sketch_add(&series->sketch, timing->early[i]);
    }
    series->slow += timing->slow;
    series->total_ns += timing->total_ns;
    series->max_ns = timing->max_ns > series->max_ns ? timing->max_ns : series->max_ns;
}

void rowan__series_add(rowan__series *series, int64_t elapsed_ns, int64_t slow_ns)
{
    rowan__sketch_add(&series->sketch, rowan__sketch_bucket(elapsed_ns));
    series->slow += elapsed_ns >= slow_ns;
    series->total_ns += elapsed_ns;
    series->max_ns = elapsed_ns > series->max_ns ? elapsed_ns : series->max_ns;
}

void rowan__series_merge(rowan__series *into, const rowan__series *from)
{
    make_room(into, from->sketch.count);
    rowan__sketch_merge(&into->sketch, &from->sketch);
    into->slow += from->slow;
    into->total_ns += from->total_ns;
    into->max_ns = from->max_ns > into->max_ns ? from->max_ns : into->max_ns;
}

/* --- The rule. --- */

/* Whether the 95th percentile is slow: whether so many are, that its rank is among them. */
static bool is_mostly_slow(const rowan__series *series)
{
    uint64_t count = series->sketch.count, rank = (count * 95 + 99) / 100;

    return series->slow > count - rank;
}

static rowan__slowness judge_few(const rowan__series *series, int64_t slow_ns)
{
    return (rowan__slowness){.is_slow = series->slow > 0, .from_ns = slow_ns};
}

rowan__slowness rowan__slow_judge(const rowan__series *series, const rowan__rules *rules)
{
    int64_t slow_ns = (int64_t)rules->slow_ms * 1000000;
    uint64_t count = series->sketch.count;
    int64_t median_ns, far_ns;

    if (series->slow == 0 && series->max_ns <= slow_ns / 2) {
        return (rowan__slowness){.is_slow = false};
    }
    if (count < rules->slow_samples) {
        return judge_few(series, slow_ns);
    }
    median_ns = rowan__sketch_quantile(&series->sketch, 50);
    far_ns = SKEW * median_ns;
    if (is_mostly_slow(series)) {
        bool is_skewed = median_ns < slow_ns && far_ns < slow_ns && series->slow > 1;
        return (rowan__slowness){true, is_skewed, slow_ns};
    }
    unsigned bucket = rowan__sketch_bucket(far_ns > slow_ns / 2 ? far_ns : slow_ns / 2) + 1;
    uint64_t far = bucket < ROWAN__SKETCH_BUCKETS ? rowan__sketch_from(&series->sketch, bucket) : 0;
    return (rowan__slowness){.is_slow = far > 1 && far * 100 >= count * PERCENT,
                             .is_skewed = true,
                             .from_ns = rowan__sketch_floor(bucket)};
}

bool rowan__slow_applies(const rowan__fold *fold, const char *folded)
{
    static const char *const locks[] = {" for update", " for no key update", " for share",
                                        " for key share", " lock in share mode"};

    for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
        if (strstr(folded, locks[i]) != NULL) {
            return false;
        }
    }
    return fold->verb != ROWAN__VERB_OTHER && !fold->is_volatile;
}

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

/* A percentile, which a sketch may put a little above the greatest one. */
static double percentile_ms(const rowan__series *series, unsigned percent)
{
    int64_t ns = rowan__sketch_quantile(&series->sketch, percent);

    return ms(ns < series->max_ns ? ns : series->max_ns);
}

void rowan__slow_evidence(rowan__text *out, const rowan__slowness *slowness, uint64_t count,
                          uint64_t all, const rowan__series *series)
{
    rowan__text_format(out, "%" PRIu64 " of %" PRIu64 " executions took %.1f ms or more%s", count,
                       all, ms(slowness->from_ns),
                       slowness->is_skewed ? ", far more than the rest" : "");
    if (series->sketch.count > all) {
        rowan__text_format(out, "; of %" PRIu64 " since the database was opened",
                           series->sketch.count);
    } else {
        rowan__text_str(out, ":");
    }
    if (series->sketch.count >= FEW) {
        rowan__text_format(
            out, " half took up to %.1f ms, 95 %% up to %.1f ms, 99 %% up to %.1f ms,",
            percentile_ms(series, 50), percentile_ms(series, 95), percentile_ms(series, 99));
    }
    rowan__text_format(out, " the slowest %.1f ms", ms(series->max_ns));
}
