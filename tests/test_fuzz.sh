#!/usr/bin/env bash
# The fuzzers: all that is in their corpus, then the same half a minute each, side by side. With
# ROWAN_FUZZ_SECONDS they look for something new, that long. A fuzzer that cannot find a fault that was
# put in would say nothing.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
mkdir -p build/fuzz

if ! { cmake --preset fuzz && cmake --build --preset fuzz; } >build/fuzz/build.log 2>&1; then
    tail -n 30 build/fuzz/build.log >&2
    exit 1
fi

# Every input of the corpus is run, and says something new: few of them, and none is large.
for name in fingerprint trace; do
    count=$(find "tests/fuzz/corpus/$name" -type f | wc -l)
    [ "$count" -ge 20 ] || { echo "the corpus of $name has $count inputs" >&2 && exit 1; }
    build/fuzz/fuzz_"$name" "tests/fuzz/corpus/$name"/* >build/fuzz/corpus.log 2>&1 ||
        { tail -n 20 build/fuzz/corpus.log >&2 && exit 1; }
    [ "$(grep -c '^Executed ' build/fuzz/corpus.log)" = "$count" ] || exit 1
done

# A fault is found, and the input that shows it is named.
if said=$(ROWAN_FUZZ_FAULT=1 tests/fuzz/fuzz.sh build/fuzz 2 2>&1); then
    echo "a fault is not found: $said" >&2
    exit 1
fi
crash=$(sed -n 's/^fuzz_fingerprint fails with //p' <<<"$said")
[ -s "$crash" ] || { echo "no input is named: $said" >&2 && exit 1; }
[[ $said == *"in base64: $(base64 -w 0 "$crash")"* ]] ||
    { echo "its bytes are not told: $said" >&2 && exit 1; }
rm -f "$crash"

tests/fuzz/fuzz.sh build/fuzz ${ROWAN_FUZZ_SECONDS:+"$ROWAN_FUZZ_SECONDS"}
