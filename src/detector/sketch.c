/* Quantiles and sums of a DDSketch; the mapping from durations to buckets is in its header. */
#include "detector/sketch.h"

void rowan__sketch_merge(rowan__sketch *into, const rowan__sketch *from)
{
    for (size_t i = 0; i < ROWAN__SKETCH_BUCKETS; i++) {
        into->buckets[i] += from->buckets[i];
    }
    into->count += from->count;
}

void rowan__sketch_halve(rowan__sketch *sketch)
{
    sketch->count = 0;
    for (size_t i = 0; i < ROWAN__SKETCH_BUCKETS; i++) {
        sketch->buckets[i] /= 2;
        sketch->count += sketch->buckets[i];
    }
}

int64_t rowan__sketch_floor(unsigned bucket)
{
    int64_t low = 0, high = (int64_t)1 << (ROWAN__SKETCH_LEAST + ROWAN__SKETCH_OCTAVES);

    while (low < high) { /* the least one that is in the bucket: the mapping only rises */
        int64_t middle = low + (high - low) / 2;
        if (rowan__sketch_bucket(middle) < bucket) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The middle of a bucket: from both of its ends it differs by the same share. */
static int64_t middle_of(unsigned bucket)
{
    double low = (double)rowan__sketch_floor(bucket), high;

    if (bucket == 0 || bucket == ROWAN__SKETCH_BUCKETS - 1) {
        return (int64_t)low;
    }
    high = (double)rowan__sketch_floor(bucket + 1);
    return (int64_t)(2 * low * high / (low + high));
}

int64_t rowan__sketch_quantile(const rowan__sketch *sketch, unsigned percent)
{
    uint64_t rank = (sketch->count * percent + 99) / 100, below = 0;

    for (unsigned i = 0; i < ROWAN__SKETCH_BUCKETS; i++) {
        below += sketch->buckets[i];
        if (sketch->buckets[i] > 0 && below >= rank) {
            return middle_of(i);
        }
    }
    return 0;
}

uint64_t rowan__sketch_from(const rowan__sketch *sketch, unsigned bucket)
{
    uint64_t count = 0;

    for (unsigned i = bucket; i < ROWAN__SKETCH_BUCKETS; i++) {
        count += sketch->buckets[i];
    }
    return count;
}
