#!/usr/bin/env bash
# What the four patterns cost in instructions, against bench/budget: more than 3 % above it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${ROWAN_BUILD_DIR:-build/release}

# The figures are those of the optimised build: sanitizers and -O0 have others.
if ! grep -qE '^CMAKE_BUILD_TYPE:STRING=Rel(WithDebInfo|ease)$' "$build/CMakeCache.txt" ||
    ! grep -qE '^ROWAN_SANITIZE:STRING=$' "$build/CMakeCache.txt"; then
    echo "skipped: $build is no optimised build"
    exit 0
fi
"$build/bench/bench" --check-budget bench/budget
