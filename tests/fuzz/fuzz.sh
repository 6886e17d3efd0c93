#!/usr/bin/env bash
# fuzz.sh SECONDS FOLDER: runs the fuzzers in FOLDER side by side, each so long. What they found out
# in earlier runs is in FOLDER/NAME. The path of an input that crashes one is told, and the status is 1.
set -uo pipefail
seconds=$1
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")" || exit 2
declare -A longest=([fingerprint]=600 [trace]=8000)

# What is in the corpus comes first: an input that crashed once fails at once.
fuzz() {
    local name=$1 log=$folder/$1.log
    mkdir -p "$folder/$name" "$folder/crashes"
    if "$folder/fuzz_$name" -max_total_time="$seconds" -max_len="${longest[$name]}" -timeout=10 \
        -rss_limit_mb=2048 -dict="$([ "$name" = trace ] && echo trace || echo sql).dict" \
        -artifact_prefix="$folder/crashes/$name-" "$folder/$name" "corpus/$name" >"$log" 2>&1; then
        sed -n "s/^#[0-9]*\tDONE  *\(cov: [0-9]*\) .*/$name: \1/p; s/^Done \(.*\)/$name: \1/p" "$log"
        return
    fi
    grep -a -m 5 -E 'ERROR|runtime error|SUMMARY' "$log" >&2
    echo "fuzz_$name fails with $(grep -ao 'Test unit written to .*' "$log" | sed 's/.* to //' | head -1)" >&2
    return 1
}

failed=0
pids=()
for name in fingerprint trace; do
    fuzz "$name" &
    pids+=($!)
done
for pid in "${pids[@]}"; do
    wait "$pid" || failed=1
done
exit "$failed"
