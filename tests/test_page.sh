#!/usr/bin/env bash
# The page of rowan analyze in a browser: opens, copies, filters, sorts, by mouse and by keyboard, in
# light and dark, without a word on the console and without asking the network for anything.
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
    [ -z "${session-}" ] || drive DELETE "" >/dev/null
    [ -z "${driver-}" ] || kill "$driver" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$scratch"
}
trap end EXIT

# Two requests: a parent and look-ups of its rows, a repeated statement, one that is slow; a name
# that would be markup, and an address that a browser would follow.
trace() {
    local i rows='' sql='SELECT body FROM note WHERE post_id = $1'
    for i in $(seq 8); do
        rows+="${rows:+,}[$i,\"<img src=http://127.0.0.1:9/$i>\"]"
    done
    printf '{"seq":1,"scope":"GET /","sql":"SELECT id, title FROM post","cols":["id","title"],"rows":[%s],"callsite":"list.c:3 all","ts_us":0,"t_us":900,"conn":1,"dialect":"postgresql"}\n' "$rows"
    for i in $(seq 8); do
        printf '{"seq":%s,"scope":"GET /","sql":"%s","params":[%s],"callsite":"show.c:9 one","ts_us":%s,"t_us":500,"conn":1,"dialect":"postgresql"}\n' \
            $((i + 1)) "$sql" "$i" $((i * 1000))
    done
    for i in $(seq 4); do
        printf '{"seq":%s,"scope":"GET /b","sql":"SELECT name FROM setting WHERE id = $1","params":[7],"cols":["name"],"rows":[["x"]],"callsite":"conf.c:1 get","ts_us":%s,"t_us":100,"conn":2,"dialect":"postgresql"}\n' \
            $((i + 9)) $((i * 1000))
    done
    printf '{"seq":15,"scope":"GET /b","sql":"SELECT * FROM ledger WHERE lower(who) = $1","params":["a"],"ts_us":9000,"t_us":250000,"conn":2,"dialect":"postgresql"}\n'
}

# --- The driver. ---

# drive METHOD PATH [JSON]: asks the session; prints what it answers.
drive() {
    curl -s -X "$1" --max-time 20 "http://127.0.0.1:$port/session${session:+/$session}$2" \
        ${3+-H 'Content-Type: application/json' -d "$3"}
}

# js EXPRESSION: its value, as text.
js() {
    drive POST /execute/sync "$(jq -n --arg s "return $1" '{script: $s, args: []}')" |
        jq -r '.value | if type == "object" then .message // tojson else tostring end' | head -1
}

# is EXPRESSION VALUE
is() {
    local got
    got=$(js "$1")
    [ "$got" = "$2" ] || wrong "$1 is $got instead of $2"
}

# becomes EXPRESSION VALUE: within a few seconds.
becomes() {
    local got turn
    for turn in $(seq 50); do
        got=$(js "$1")
        [ "$got" = "$2" ] && return
        sleep 0.1
    done
    wrong "$1 is $got instead of $2 after $turn turns"
}

# click SELECTOR
click() {
    local element answer
    element=$(drive POST /element "$(jq -n --arg s "$1" '{using: "css selector", value: $s}')" |
        jq -r '.value[]?' | head -1)
    answer=$(drive POST "/element/$element/click" '{}')
    [ "$(jq -r .value <<<"$answer")" = null ] || wrong "no click on $1: $(head -c 300 <<<"$answer")"
}

# press KEY...: one after the other; a key is a character or a name below.
press() {
    local key actions=
    for key in "$@"; do
        case $key in
        Tab) key=$'\ue004' ;;
        Enter) key=$'\ue007' ;;
        Escape) key=$'\ue00c' ;;
        Right) key=$'\ue014' ;;
        Left) key=$'\ue012' ;;
        esac
        actions+=$(jq -cn --arg k "$key" '{type: "keyDown", value: $k}, {type: "keyUp", value: $k}')
    done
    drive POST /actions "$(jq -cs '{actions: [{type: "key", id: "k", actions: .}]}' <<<"$actions")" >/dev/null
}

# Pastes what was copied into the filter, and empties it.
paste_is() {
    js 'document.getElementById("filter").focus()' >/dev/null
    drive POST /actions "$(jq -cn '{actions: [{type: "key", id: "k", actions: [
        {type: "keyDown", value: "\ue009"}, {type: "keyDown", value: "v"},
        {type: "keyUp", value: "v"}, {type: "keyUp", value: "\ue009"}]}]}')" >/dev/null
    becomes 'document.getElementById("filter").value' "$1"
    press Escape
    is 'document.getElementById("filter").value' ''
}

start_browser() {
    local turn
    chromedriver --port=0 >"$scratch/driver" 2>&1 &
    driver=$!
    for turn in $(seq 100); do
        port=$(sed -n 's/.*started successfully on port \([0-9]*\)\..*/\1/p' "$scratch/driver")
        [ -n "$port" ] && break
        sleep 0.1
    done
    [ -n "$port" ] || { wrong "no driver after $turn turns: $(cat "$scratch/driver")"; exit 1; }
    session=$(drive POST '' "$(jq -n --arg data "$scratch/browser" '{capabilities: {alwaysMatch: {
        browserName: "chrome",
        "goog:loggingPrefs": {browser: "ALL", performance: "ALL"},
        "goog:chromeOptions": {args: ["--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--window-size=1200,900", "--user-data-dir=" + $data]}}}}')" |
        jq -r '.value.sessionId // empty')
    [ -n "$session" ] || { wrong "no browser: $(cat "$scratch/driver")"; exit 1; }
}

# log_of TYPE
log_of() {
    drive POST /se/log "{\"type\": \"$1\"}" | jq -r '.value[].message'
}

# Without motion, so that what is clicked stays where it is.
light_or_dark() {
    drive POST /goog/cdp/execute "{\"cmd\": \"Emulation.setEmulatedMedia\", \"params\":
        {\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$1\"},
                       {\"name\": \"prefers-reduced-motion\", \"value\": \"reduce\"}]}}" >/dev/null
}

# --- The page. ---

trace >"$scratch/shop.jsonl"
sed -i '3s/$/\nthis is no line/' "$scratch/shop.jsonl"
"$tool" analyze --format html "$scratch/shop.jsonl" >"$scratch/page.html" 2>/dev/null
[ $? = 1 ] || wrong "the trace has findings"
start_browser
light_or_dark light
drive POST /url "{\"url\": \"file://$scratch/page.html\"}" >/dev/null

finding='document.querySelectorAll("article[id^=finding]")'
is 'document.title' 'Rowan: what the statements say'
is "$finding.length" 3
is "Array.from($finding).map(f => f.dataset.kind).join()" slow_query,n_plus_one,duplicate_query
is "${finding}[0].querySelector('.share b').textContent" '98 %'

# Ranked, one open; a click opens another, with its evidence, both ends side by side.
is "Array.from($finding).map(f => f.querySelector('details').open).join()" true,false,false
click '#finding2 summary'
is "${finding}[1].querySelector('details').open" true
is "Array.from(${finding}[1].querySelectorAll('table.evidence tbody tr')).map(r => r.innerText.replace(/\s+/g, ' ').trim()).join('|')" \
    '1 1 <img src=http://127.0.0.1:9/1> → #2 1|2 2 <img src=http://127.0.0.1:9/2> → #3 2|3 3 <img src=http://127.0.0.1:9/3> → #4 3'
is "document.images.length" 0
# Round trips are told of what is sent again and again, not of what is slow.
is "Array.from($finding).map(f => f.textContent.includes('round trips')).join()" false,true,true
is "Array.from($finding).map(f => f.textContent.includes('likely only')).join()" false,false,false

# Copying what to write instead, and the line to live with it.
click '#finding2 .fix button'
becomes 'document.getElementById("said").textContent' Copied
"$tool" analyze --format json "$scratch/shop.jsonl" >"$scratch/json" 2>/dev/null
paste_is "$(jq -r 'select(.kind == "n_plus_one").suggestion' "$scratch/json")"
click '#finding2 .allow summary'
js "(() => { const d = ${finding}[1].querySelector('input[type=date]'); d.value = '2999-12-31'; d.dispatchEvent(new Event('input')) })()" >/dev/null
click '#finding2 .allow input[type=text]'
press t e n ' ' r o w s
click '#finding2 .allow button'
id=$(echo '"SELECT body FROM note WHERE post_id = $1"' | "$tool" fingerprint --dialect postgresql | cut -f1)
paste_is "$id show.c:9 2999-12-31 ten rows"
echo "$id show.c:9 2999-12-31 ten rows" >"$scratch/allow"
"$tool" analyze --allow "$scratch/allow" "$scratch/shop.jsonl" >"$scratch/text" 2>/dev/null
grep -q 'allowed     ten rows' "$scratch/text" || wrong "the line is not understood"

# Dark as the system says, and as somebody chooses, which is kept.
ink='getComputedStyle(document.body).color'
is "$ink" 'rgb(29, 29, 27)'
light_or_dark dark
is "$ink" 'rgb(236, 235, 230)'
is 'document.getElementById("theme").getAttribute("aria-pressed")' true
click '#theme'
is "$ink" 'rgb(29, 29, 27)'
drive POST /refresh '{}' >/dev/null
is "$ink" 'rgb(29, 29, 27)'
light_or_dark light
click '#theme'
is "$ink" 'rgb(236, 235, 230)'

# The keyboard: past everything to the findings, from one to the next, open, copy, filter.
active='(document.activeElement.closest("article") || document.activeElement).id'
drive POST /refresh '{}' >/dev/null
press Tab
is 'document.activeElement.className' skip
press Enter
is "$active" findings
press j
is "$active" finding1
press j j j
is "$active" finding3
press k
is "$active" finding2
press Enter
becomes "${finding}[1].querySelector('details').open" true
press c
becomes 'document.getElementById("said").textContent' Copied
press /
is "$active" filter
press n o t e
is "Array.from($finding).filter(f => !f.hidden).map(f => f.id).join()" finding2
is 'document.getElementById("matches").value' '1 of 3 findings'
is 'document.querySelectorAll(".statements tbody tr:not([hidden])").length' 1
press z
is 'document.getElementById("nothing").hidden' false
press Escape
is "Array.from($finding).filter(f => !f.hidden).length" 3

# In time: an arrow from the parent to each child; from bar to bar; to the finding and back.
is 'document.querySelectorAll(".drawing .arrow").length' 8
is 'document.querySelectorAll(".drawing rect").length' 14
js 'document.querySelector(".drawing rect[tabindex=\"0\"]").focus()' >/dev/null
press Right Right Left
becomes 'document.activeElement.id' s1-2
is 'document.querySelector(".readout").textContent.includes("post_id = $1")' true
is 'document.querySelectorAll(".drawing rect.picked").length' 9
press Enter
is "$active" finding2
click '#finding3 summary'
click '#finding3 [data-show]'
becomes 'document.activeElement.dataset.finding' 3
becomes 'document.querySelector(".drawing").clientWidth > 2000' true

# Statements: sorted by a click; links open what was found.
is 'document.querySelector(".statements tbody code").textContent' 'select * from ledger where lower(who) = ?'
click '.statements thead th:nth-child(2) button'
is 'document.querySelector(".statements tbody code").textContent' 'select body from note where post_id = ?'
is 'document.querySelector("[aria-sort]").textContent' count
is 'document.querySelectorAll(".histogram").length' 4
click '.statements a[href="#finding3"]'
becomes "$active" finding3

# What is missing is said.
is 'document.querySelector(".unseen-list").innerText.includes("could not be read: 1.")' true
is 'document.querySelector(".unseen-list").innerText.includes("without a call site: 1.")' true

# For those who do not see it: landmarks, one heading of the first order, names for all controls.
is '["header", "nav", "main", "footer"].every(n => document.querySelectorAll(n).length === 1)' true
is 'document.querySelectorAll("h1").length' 1
is 'Array.from(document.querySelectorAll("h1,h2,h3,h4")).every((h, i, all) => i === 0 || h.tagName[1] - all[i - 1].tagName[1] <= 1)' true
is 'Array.from(document.querySelectorAll("button,input")).every(c => c.textContent.trim() || c.labels && c.labels.length)' true
is 'Array.from(document.querySelectorAll("svg[role=img],rect[role=img]")).every(s => s.getAttribute("aria-label") || s.querySelector("title"))' true
is 'new Set(Array.from(document.querySelectorAll("[id]")).map(n => n.id)).size - document.querySelectorAll("[id]").length' 0

# A narrow screen scrolls no page sideways.
drive POST /goog/cdp/execute '{"cmd": "Emulation.setDeviceMetricsOverride", "params": {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true}}' >/dev/null
is 'document.documentElement.scrollWidth' 360

console=$(log_of browser)
[ -z "$console" ] || wrong "the console says $console"
# What this page asks for; the browser asks itself for pages of its own, too.
log_of performance | jq -r '.message | select(.method == "Network.requestWillBeSent").params |
    select(.documentURL | startswith("file:")) | .documentURL + " " + .request.url' |
    grep -v ' data:' | sort -u >"$scratch/asked"
[ "$(cat "$scratch/asked")" = "file://$scratch/page.html file://$scratch/page.html" ] ||
    wrong "it asked for $(cat "$scratch/asked")"
exit "$failed"
