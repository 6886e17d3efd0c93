/* The processor's counter as a clock, set by the system's. */
#include "base/ticker.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Of a processor of 3 GHz: it is set every 6 ms, from at least 1.5 ms before. Two looks at the
 * counter with the system's clock between them are 100 ticks apart, unless the thread had to wait
 * there. */
enum { GOOD_FOR_TICKS = 1 << 24, LEAST_TICKS = 1 << 22, TORN_TICKS = 1 << 12 };

/* What two spans may differ in how long a tick takes, and what the clock may be ahead of itself. */
#define RATE_CHANGE 0.001
enum { MOST_AHEAD_NS = 10000 };

bool rowan__ticks_are_steady(void)
{
    char name[8] = "";
    int fd = rowan__ticks() == 0
                 ? -1
                 : open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                        O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    ssize_t size = read(fd, name, sizeof name - 1);
    close(fd);
    return size > 0 && strcmp(name, "tsc\n") == 0;
}

static bool is_near(double tick_ns, double before)
{
    return tick_ns > before * (1 - RATE_CHANGE) && tick_ns < before * (1 + RATE_CHANGE);
}

/* From here on it counts. A counter that changed its pace, as one may whose machine moved, has to
 * keep it for a span first. */
static void start_from(rowan__ticker *ticker, uint64_t ticks, int64_t ns)
{
    double tick_ns = (double)(ns - ticker->set_ns) / (double)(ticks - ticker->set_ticks);
    bool is_known = ticker->set_ticks != 0;
    bool is_good = is_known && (ticker->tick_ns == 0 || is_near(tick_ns, ticker->tick_ns));

    ticker->set_ticks = ticks;
    ticker->set_ns = ns;
    ticker->tick_ns = is_known ? tick_ns : 0;
    ticker->rate = is_good ? (uint64_t)(tick_ns * 4294967296.0) : 0;
    ticker->good_for = is_good ? GOOD_FOR_TICKS : 0;
}

/* What it would have said itself, if that is a little later: it must not go back. */
static int64_t not_before(const rowan__ticker *ticker, uint64_t ticks, int64_t ns)
{
    double passed_ns = (double)(ticks - ticker->set_ticks) * ticker->tick_ns;
    double ahead_ns = passed_ns - (double)(ns - ticker->set_ns);

    return ticker->good_for && ahead_ns > 0 && ahead_ns < MOST_AHEAD_NS ? ns + (int64_t)ahead_ns
                                                                        : ns;
}

int64_t rowan__ticker_set(rowan__ticker *ticker)
{
    if (!ticker->is_asked) {
        ticker->is_asked = true;
        ticker->counts = rowan__ticks_are_steady();
    }
    if (!ticker->counts) {
        return rowan__now_ns();
    }
    uint64_t before = rowan__ticks();
    int64_t ns = rowan__now_ns();
    uint64_t ticks = rowan__ticks();

    ns = not_before(ticker, ticks, ns);
    if (ticks - before < TORN_TICKS &&
        (ticker->set_ticks == 0 || ticks - ticker->set_ticks >= LEAST_TICKS)) {
        start_from(ticker, ticks, ns);
    }
    return ns;
}
