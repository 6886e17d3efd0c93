/*
 * Sending OTLP in JSON over HTTP.
 *
 * Spans go in requests of a bounded size. What a collector says it cannot take now is sent again a
 * few times, after the pause that it asks for; what it refuses is not. A collector may take a part:
 * then it says how many it rejected, and so does this.
 */
#include "cli/send.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/curl.h"
#include "report/otlp.h"

enum {
    SPANS = 1000,      /* of one request */
    TRIES = 3,         /* of a request that is to be sent again */
    LONGEST_PAUSE = 5, /* seconds */
    CONNECT_MS = 5000,
    TIMEOUT_MS = 10000,
    ANSWER = 4096 /* bytes of an answer that are looked at */
};

/* One exchange with the collector. */
typedef struct exchange {
    CURL *curl;
    const char *url; /* where the user said */
    char answer[ANSWER];
    size_t answered;
    char failure[CURL_ERROR_SIZE];
    long status;
} exchange;

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
    exchange *x = context;
    size_t given = size * count, room = sizeof x->answer - 1 - x->answered;
    size_t taken = given < room ? given : room;

    memcpy(x->answer + x->answered, data, taken);
    x->answered += taken;
    x->answer[x->answered] = '\0';
    return given; /* what is not looked at is read all the same */
}

/* "key=value,key=value", as the environment has it; values may be written as in a URL. */
static bool add_headers(struct curl_slist **headers, const char *list)
{
    while (list != NULL && *list != '\0') {
        size_t size = strcspn(list, ","), name = strcspn(list, "=");
        char line[1024];
        int decoded_size = 0;
        if (name < size) {
            char *decoded = client->curl_easy_unescape(NULL, list + name + 1,
                                                       (int)(size - name - 1), &decoded_size);
            snprintf(line, sizeof line, "%.*s: %s", (int)name, list,
                     decoded != NULL ? decoded : "");
            client->curl_free(decoded);
            struct curl_slist *longer = client->curl_slist_append(*headers, line);
            if (longer == NULL) {
                return false;
            }
            *headers = longer;
        }
        list += size + (list[size] == ',');
    }
    return true;
}

static long timeout_ms(void)
{
    const char *said = getenv("OTEL_EXPORTER_OTLP_TIMEOUT");
    long ms = said != NULL ? strtol(said, NULL, 10) : 0;

    return ms > 0 ? ms : TIMEOUT_MS;
}

/* The URL with a path behind it; the caller's. NULL: no memory. */
static char *target_of(const char *url, const char *path)
{
    size_t size = strlen(url), room = size + strlen(path) + 1;
    char *target = malloc(room);

    while (size > 0 && url[size - 1] == '/') {
        size--;
    }
    if (target != NULL) {
        snprintf(target, room, "%.*s%s", (int)size, url, path);
    }
    return target;
}

static bool prepare(exchange *x, const char *target, struct curl_slist *headers)
{
    CURLcode set = client->curl_easy_setopt(x->curl, CURLOPT_URL, target);

    if (set == CURLE_OK) {
        set = client->curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    }
    if (set == CURLE_OK) {
        set = client->curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, headers);
    }
    if (set == CURLE_OK) {
        set = client->curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, take_answer);
    }
    (void)client->curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
    (void)client->curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->failure);
    (void)client->curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    (void)client->curl_easy_setopt(x->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    (void)client->curl_easy_setopt(x->curl, CURLOPT_TIMEOUT_MS, timeout_ms());
    return set == CURLE_OK;
}

/* Those that the protocol says to send again. */
static bool is_for_later(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

static void pause_before_next(const exchange *x, unsigned attempt)
{
    curl_off_t asked = 0;
    struct timespec pause = {.tv_nsec = 250000000L << attempt};

    (void)client->curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &asked);
    if (asked > 0) {
        pause = (struct timespec){.tv_sec = asked < LONGEST_PAUSE ? asked : LONGEST_PAUSE};
    }
    (void)nanosleep(&pause, NULL);
}

/* @return whether there was an answer, whatever it says */
static bool post(exchange *x, const char *body)
{
    (void)client->curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
    (void)client->curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, body);
    for (unsigned attempt = 0;; attempt++) {
        x->answered = 0;
        x->answer[0] = x->failure[0] = '\0';
        x->status = 0;
        CURLcode done = client->curl_easy_perform(x->curl);
        (void)client->curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->status);
        if (done != CURLE_OK) {
            cli_fail("cannot send to %s: %s", x->url,
                     x->failure[0] != '\0' ? x->failure : client->curl_easy_strerror(done));
            return false;
        }
        if (!is_for_later(x->status) || attempt + 1 == TRIES) {
            return true;
        }
        pause_before_next(x, attempt);
    }
}

/* The collector's own words, on one line. */
static void fail_with_status(const exchange *x)
{
    char words[200];
    size_t length;
    json_t *answer = json_loads(x->answer, 0, NULL);
    const char *message = json_string_value(json_object_get(answer, "message"));

    snprintf(words, sizeof words, "%.199s", message != NULL ? message : x->answer);
    length = strcspn(words, "\r\n");
    words[length] = '\0';
    cli_fail("%s answers with status %ld%s%s%s", x->url, x->status,
             is_for_later(x->status) ? " after several tries" : "", length > 0 ? ": " : "", words);
    json_decref(answer);
}

/* How many were rejected; numbers of 64 bits may be texts. */
static long long rejected_in(const json_t *partial, const char *key)
{
    const json_t *count = json_object_get(partial, key);

    return json_is_string(count) ? strtoll(json_string_value(count), NULL, 10)
                                 : (long long)json_integer_value(count);
}

/* @return whether all was taken */
static bool read_answer(const exchange *x, const char *key, const char *what)
{
    json_t *answer;
    const json_t *partial;
    const char *message;
    long long rejected;

    if (x->status < 200 || x->status >= 300) {
        fail_with_status(x);
        return false;
    }
    answer = json_loads(x->answer, 0, NULL);
    partial = json_object_get(answer, "partialSuccess");
    rejected = rejected_in(partial, key);
    message = json_string_value(json_object_get(partial, "errorMessage"));
    if (rejected > 0) {
        cli_fail("%s rejects %lld %s: %.200s", x->url, rejected, what,
                 message != NULL ? message : "it does not say why");
    } else if (message != NULL && message[0] != '\0') {
        cli_fail("%s warns: %.200s", x->url, message);
    }
    json_decref(answer);
    return rejected == 0;
}

/* Sends one request, which is taken. @return whether all of it was */
static bool send_request(exchange *x, json_t *request, const char *key, const char *what)
{
    char *body = request != NULL ? json_dumps(request, ROWAN__OTLP_JSON) : NULL;
    bool sent = body != NULL && post(x, body) && read_answer(x, key, what);

    if (body == NULL) {
        cli_fail("out of memory");
    }
    free(body);
    json_decref(request);
    return sent;
}

static bool send_spans(exchange *x, const json_t *spans)
{
    bool sent = true;

    for (size_t from = 0; from < json_array_size(spans) && sent; from += SPANS) {
        json_t *part = json_array();
        for (size_t i = from; i < json_array_size(spans) && i < from + SPANS; i++) {
            json_array_append(part, json_array_get(spans, i));
        }
        sent = send_request(x, part != NULL ? rowan__otlp_trace_request(part) : NULL,
                            "rejectedSpans", "spans");
    }
    return sent;
}

/* Sends all. @return whether all of it arrived */
static bool send_all(exchange *x, const rowan__analysis *analysis, struct curl_slist *headers,
                     FILE *out)
{
    char *traces = target_of(x->url, "/v1/traces"), *metrics = target_of(x->url, "/v1/metrics");
    json_t *spans = rowan__otlp_spans(analysis);
    size_t series = 0;
    json_t *histogram = rowan__otlp_metric_request(analysis, &series);
    bool sent = traces != NULL && metrics != NULL && spans != NULL && histogram != NULL;

    if (!sent) {
        cli_fail("out of memory");
    } else {
        sent = prepare(x, traces, headers) && send_spans(x, spans);
        sent = sent && prepare(x, metrics, headers) &&
               send_request(x, json_incref(histogram), "rejectedDataPoints", "points");
    }
    if (sent) {
        fprintf(out, "sent %zu spans and %zu series to %s\n", json_array_size(spans), series,
                x->url);
    }
    json_decref(spans);
    json_decref(histogram);
    free(traces);
    free(metrics);
    return sent;
}

int cli_send(const rowan__analysis *analysis, const char *url, FILE *out)
{
    exchange x = {.url = url};
    struct curl_slist *headers;
    rowan_error error;
    int status = CLI_FAILED;

    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        cli_fail("%s is no collector: give a URL such as http://localhost:4318", url);
        return CLI_USAGE;
    }
    if (cli_curl_load(&error) != ROWAN_OK) {
        cli_fail("%s", error.message);
        return CLI_FAILED;
    }
    headers = client->curl_slist_append(NULL, "Content-Type: application/json");
    x.curl = client->curl_easy_init();
    if (headers == NULL || x.curl == NULL ||
        !add_headers(&headers, getenv("OTEL_EXPORTER_OTLP_HEADERS"))) {
        cli_fail("out of memory");
    } else if (send_all(&x, analysis, headers, out)) {
        status = CLI_DONE;
    }
    client->curl_slist_free_all(headers);
    client->curl_easy_cleanup(x.curl);
    return status;
}
