#!/usr/bin/env bash
# rowan analyze --format otlp --send: what a collector gets, and what is said when it will not have it,
# has part of it, is slow, is not there, or wants it again later.
# shellcheck disable=SC2016,SC2317 # $1 is a parameter in SQL; `end` runs at the end
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
tool=${ROWAN_TOOL:-build/rowan}
tool=$(cd "$(dirname "$tool")" && pwd)/$(basename "$tool")
scratch=$(mktemp -d)
failed=0

wrong() {
    echo "wrong: $*" >&2
    failed=1
}

end() {
    [ -z "${collector-}" ] || kill "$collector" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$scratch"
}
trap end EXIT
cd "$scratch" || exit 1

# A collector: keeps every body as NUMBER.json, and what was asked in `asked`. The first part of the
# path says how it answers; /twice/ is too busy for the first two requests.
cat >collector.py <<'END'
import http.server, json, sys, time

class Collector(http.server.BaseHTTPRequestHandler):
    count = 0

    def do_POST(self):
        Collector.count += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        how, path = self.path.split("/", 2)[1:]
        with open(f"{Collector.count}.json", "wb") as file:
            file.write(body)
        with open("asked", "a") as file:
            print(path, self.headers["Content-Type"], self.headers["x-key"], file=file)
        status, answer = 200, {}
        if how == "partial" and path == "v1/traces":
            answer = {"partialSuccess": {"rejectedSpans": "3", "errorMessage": "too old"}}
        elif how == "points" and path == "v1/metrics":
            answer = {"partialSuccess": {"rejectedDataPoints": 2}}
        elif how == "warns":
            answer = {"partialSuccess": {"errorMessage": "use protobuf"}}
        elif how == "broken":
            status, answer = 500, {"code": 13, "message": "no disk"}
        elif how == "busy" or (how == "twice" and Collector.count <= 2):
            status, answer = 503, "come back\nlater"
        elif how == "moved":
            status = 301
        elif how == "slow":
            time.sleep(3)
        text = (json.dumps(answer) if isinstance(answer, dict) else answer).encode()
        self.send_response(status)
        if status == 301:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/ok/v1/traces")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_port, flush=True)
server.serve_forever()
END

start_collector() {
    [ -z "${collector-}" ] || kill "$collector"
    rm -f ./*.json asked port
    python3 collector.py >port 2>collector.log &
    collector=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.1
    done
    port=$(cat port)
    [ -n "$port" ] || { wrong "no collector: $(cat collector.log)"; exit 1; }
}

# sends STATUS HOW [PATTERN]: sends to the collector that answers so; complaints in `err`.
sends() {
    local got
    "$tool" analyze --format otlp --send "http://127.0.0.1:$port/$2/" shop.jsonl >out 2>err
    got=$?
    [ "$got" = "$1" ] || wrong "$2 ended with $got instead of $1: $(cat err)"
    [ -z "${3-}" ] || grep -q -- "$3" err || wrong "$2 says $(cat err) instead of $3"
    [ "$1" != 3 ] || [ ! -s out ] || wrong "$2 failed, but says $(cat out)"
    [ "$(sort -u err | wc -l)" -le 1 ] || wrong "$2 says too much: $(cat err)"
}

# requests COUNT PATH: so many came.
requests() {
    [ "$(grep -c "^$2 " asked)" = "$1" ] || wrong "instead of $1 there came $(cat asked)"
}

# json FILE FILTER VALUE
json() {
    local got
    got=$(jq -rc "$2" "$1")
    [ "$got" = "$3" ] || wrong "$2 in $1 is $got instead of $3"
}

{
    echo '{"seq":1,"began_us":1700000000000000,"scope":"GET /","sql":"SELECT id FROM post","cols":["id"],"rows":[[1]],"callsite":"list.c:3 all","ts_us":0,"t_us":700,"db":"shop","dialect":"postgresql"}'
    echo '{"seq":2,"scope":"GET /","sql":"INSERT INTO note (a) VALUES (1), (2)","ts_us":1000,"t_us":30000,"db":"shop","dialect":"postgresql","err":"23505"}'
    echo '{"seq":3,"scope":"GET /b","sql":"SELECT a.id FROM a JOIN b USING (id) /*traceparent='"'"'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'"'"'*/","ts_us":2000,"t_us":20,"dialect":"sqlite","err":"timeout"}'
    echo '{"seq":4,"scope":"GET /b","sql":"COMMIT","ts_us":3000,"t_us":20,"dialect":"sqlite"}'
    echo '{"seq":5,"scope":"GET /b","sql":"SELECT 1","cached":true,"dialect":"sqlite"}'
} >shop.jsonl
start_collector

# What arrives: two requests with all of it, and the key of the environment.
OTEL_SERVICE_NAME=shop OTEL_EXPORTER_OTLP_HEADERS='x-other=1,x-key=a%20b' sends 0 ok
grep -q "^sent 6 spans and 4 series to http://127.0.0.1:$port/ok/$" out || wrong "it says $(cat out)"
[ "$(cat asked)" = 'v1/traces application/json a b
v1/metrics application/json a b' ] || wrong "there came $(cat asked)"
json 1.json '.resourceSpans[0].resource.attributes[0].value.stringValue' shop
spans='.resourceSpans[0].scopeSpans[0].spans'
json 1.json "$spans | map(.name) | sort | join(\",\")" 'COMMIT,GET /,GET /b,INSERT note,SELECT a,SELECT post'
# Each statement is below its scope, and a scope with a traceparent is below that.
json 1.json "($spans | map(select(.kind == 3) | .parentSpanId)) - ($spans | map(.spanId)) | length" 0
json 1.json "$spans | map(select(.name == \"GET /b\") | .traceId + \" \" + .parentSpanId)[0]" \
    '0af7651916cd43dd8448eb211c80319c b7ad6b7169203331'
json 1.json "$spans | map(select(.name == \"GET /\") | .parentSpanId)[0]" null
json 1.json "$spans | map(.traceId) | unique | length" 2
json 1.json "$spans | map(.spanId) | unique | length" 6
json 1.json "$spans | map(select(.name == \"INSERT note\") | .startTimeUnixNano + \" \" + .endTimeUnixNano)[0]" \
    '1700000000001000000 1700000000031000000'

# attributes NAME: of the span of that name, as KEY=VALUE, those of code and the text left out.
attributes() {
    jq -r "$spans | map(select(.name == \"$1\"))[0].attributes[] | .key + \"=\" + (.value.stringValue // .value.intValue)" 1.json |
        grep -v -e '^code\.' -e '^db.query.text'
}
[ "$(attributes 'INSERT note')" = 'db.system.name=postgresql
db.namespace=shop
db.collection.name=note
db.operation.name=INSERT
db.query.summary=INSERT note
error.type=23505
db.response.status_code=23505
db.operation.batch.size=2' ] || wrong "the attributes are $(attributes 'INSERT note')"
# A join has no one collection, and a recorder's word is no code of the engine's.
[ "$(attributes 'SELECT a')" = 'db.system.name=sqlite
db.operation.name=SELECT
db.query.summary=SELECT a
error.type=timeout' ] || wrong "the attributes are $(attributes 'SELECT a')"
json 1.json "$spans | map(select(.status.code == 2) | .name) | sort | join(\",\")" 'INSERT note,SELECT a'

metric='.resourceMetrics[0].scopeMetrics[0].metrics[0]'
json 2.json "$metric | .name + \" \" + .unit" 'db.client.operation.duration s'
json 2.json "$metric.histogram.dataPoints[0].explicitBounds" '[0.001,0.005,0.01,0.05,0.1,0.5,1,5,10]'
json 2.json "$metric.histogram.dataPoints | map(.bucketCounts | map(tonumber) | add) | add" 4
json 2.json "$metric.histogram.dataPoints[1] | .bucketCounts[3] + \" \" + .count + \" \" + (.sum | tostring) + \" \" + .timeUnixNano" \
    '1 1 0.03 1700000000031000000'
jq -s '.[0] * .[1]' 1.json 2.json >both
OTEL_SERVICE_NAME=shop "$tool" analyze --format otlp shop.jsonl 2>err >file
[ "$(jq -Sc . both)" = "$(jq -Sc . file)" ] || wrong "the file is not what is sent"

# Of several files a series is one, from the first of them to the last.
sed 's/"began_us":1700000000000000/"began_us":1700000100000000/' shop.jsonl >later.jsonl
"$tool" analyze --format otlp shop.jsonl later.jsonl 2>err >file
json file "$metric.histogram.dataPoints | map(.count) | join(\" \")" '2 2 2 2'
json file "$metric.histogram.dataPoints[1] | .startTimeUnixNano + \" \" + .timeUnixNano" \
    '1700000000001000000 1700000100031000000'
json file "$spans | map(.spanId) | unique | length" 12

# Taken in part; with a word; not at all; later; elsewhere.
start_collector
sends 3 partial 'rejects 3 spans: too old$'
requests 0 v1/metrics
sends 3 points 'rejects 2 points: it does not say why$'
sends 0 warns 'warns: use protobuf$'
sends 3 broken 'answers with status 500: no disk$'
sends 3 moved 'answers with status 301'
start_collector
sends 3 busy 'answers with status 503 after several tries: come back$'
requests 3 v1/traces
start_collector
sends 0 twice
requests 3 v1/traces
requests 1 v1/metrics
cmp -s 1.json 3.json || wrong "another request was sent again"

# Slow, gone, nonsense.
start_collector
OTEL_EXPORTER_OTLP_TIMEOUT=300 sends 3 slow 'cannot send to .*: .*timed out'
kill "$collector"
wait "$collector" 2>/dev/null
collector=
sends 3 ok 'cannot send to .*: Failed to connect'
for url in localhost:4318 ftp://localhost/ file:///etc/passwd ''; do
    "$tool" analyze --format otlp --send "$url" shop.jsonl >out 2>err
    [ $? = 2 ] || wrong "$url is taken for a collector"
    grep -q 'is no collector' err || wrong "of $url it says $(cat err)"
done
"$tool" analyze --send http://localhost shop.jsonl >out 2>err
[ $? = 2 ] || wrong "it sends without being told in which form"
grep -q 'say --format otlp' err || wrong "it says $(cat err)"

# Many spans go in several requests, and none is lost.
for i in $(seq 2500); do
    echo "{\"seq\":$i,\"scope\":\"s$((i % 7))\",\"sql\":\"SELECT a FROM t$((i % 5)) WHERE b = ?\",\"ts_us\":$i,\"t_us\":1,\"dialect\":\"mariadb\"}"
done >shop.jsonl
start_collector
sends 0 ok
requests 3 v1/traces
[ "$(jq -s "map($spans | length) | add" 1.json 2.json 3.json)" = 2507 ] || wrong "spans are lost"
[ "$(jq -s "map($spans | map(.spanId)[]) | unique | length" 1.json 2.json 3.json)" = 2507 ] || wrong "ids are not unique"
json 4.json "$metric.histogram.dataPoints | map(.count | tonumber) | add" 2500
exit "$failed"
