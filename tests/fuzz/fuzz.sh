#!/usr/bin/env bash
# fuzz.sh FOLDER [SECONDS]: runs the fuzzers in FOLDER side by side, each so long. What they found out
# in earlier runs is in FOLDER/NAME. Without SECONDS, about half a minute of what is the same each time:
# a test that says of the same sources what it said before. An input that crashes one is told with its
# path and its bytes, and the status is 1.
set -uo pipefail
folder=$(cd "$1" && pwd)
seconds=${2-}
cd "$(dirname "$0")" || exit 2
declare -A longest=([fingerprint]=600 [trace]=8000) runs=([fingerprint]=80000 [trace]=14000)
declare -A dictionary=([fingerprint]=sql [trace]=trace)
placed=() # what is compared may be addresses, which have to be the same, too
if [ -z "$seconds" ] && setarch --addr-no-randomize true 2>/dev/null; then
    placed=(setarch --addr-no-randomize)
fi

# What is in the corpus comes first: an input that crashed once fails at once.
fuzz() {
    local name=$1 log=$folder/$1.log known=$folder/$1 limits=(-max_total_time="$seconds") crash
    if [ -z "$seconds" ]; then
        known=$folder/$name.same
        rm -rf "$known"
        limits=(-runs="${runs[$name]}" -seed=1 -reload=0 -use_cmp=0)
    fi
    mkdir -p "$known" "$folder/crashes"
    if "${placed[@]}" "$folder/fuzz_$name" "${limits[@]}" -max_len="${longest[$name]}" -timeout=10 -rss_limit_mb=2048 \
        -dict="${dictionary[$name]}.dict" -artifact_prefix="$folder/crashes/$name-" \
        "$known" "corpus/$name" >"$log" 2>&1; then
        sed -n "s/^#[0-9]*\tDONE  *\(cov: [0-9]*\) .*/$name: \1/p; s/^Done \(.*\)/$name: \1/p" "$log"
        return
    fi
    crash=$(grep -ao 'Test unit written to .*' "$log" | sed 's/.* to //' | head -1)
    grep -a -m 5 -E '^[a-z]+: |ERROR|runtime error|SUMMARY' "$log" >&2
    echo "fuzz_$name fails with $crash" >&2
    echo "which is, in base64: $(base64 -w 0 "$crash")" >&2
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
