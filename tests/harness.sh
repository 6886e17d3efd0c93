# Runs the tests: Check programs, examples and scripts. Sourced by run.
# shellcheck shell=bash

logs=build/test-logs
jobs=${ROWAN_JOBS:-2}
seconds_per_program=${ROWAN_TEST_SECONDS:-600}

# begin_tests [NAME...]: what comes before any test is built: those that are asked for, and servers.
begin_tests() {
    rm -rf "$logs"
    mkdir -p "$logs"
    : >"$logs/counts"
    trap end_tests EXIT
    trap 'exit 130' INT TERM HUP
    select_tests "$@"
    mount_proc
    start_test_servers
    export ROWAN_REQUIRE_SERVERS=1 CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-120}
}

# run_tests [NAME...]: all tests, or those named (with or without test_ or example_). The last line
# says how many passed and failed.
run_tests() {
    local names=("$@")
    begin_tests "${names[@]}"
    build_tests
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS-}
    export UBSAN_OPTIONS=print_stacktrace=1:${UBSAN_OPTIONS-}
    export TSAN_OPTIONS=second_deadlock_stack=1:${TSAN_OPTIONS-}
    run_each check asan "${checks[@]}"
    CK_FORK=no run_each check tsan "${thread_checks[@]}"
    run_each example asan "${examples[@]}"
    jobs=1 run_each script release "${scripts[@]}"
    report_tests
}

# Scripts that look at what is built, not at what it does: they say nothing of an instrumented build.
about_builds=' test_audited test_bench test_budget test_engines test_fuzz test_headers test_install
test_layers test_probes test_profile test_profile_frameworks test_profile_mariadb
test_profile_postgresql test_profile_programs test_scale test_start test_symbols '

forget_counts() {
    mkdir -p build/coverage
    find build/coverage -name '*.gcda' -delete
}

# run_coverage [NAME...]: the tests, or those named, on an instrumented build without sanitizers; then
# which lines of src/ they ran, and in build/coverage.txt which they did not.
run_coverage() {
    local script kept=()
    begin_tests "$@"
    for script in "${scripts[@]}"; do
        [[ ${about_builds//$'\n'/ } == *" $script "* ]] || kept+=("$script")
    done
    forget_counts
    build_preset coverage
    forget_counts # of the generator, which building runs
    run_each check coverage "${checks[@]}"
    run_each example coverage "${examples[@]}"
    jobs=1 run_each script coverage "${kept[@]}"
    gcovr --root . --filter src/ --object-directory build/coverage --gcov-ignore-parse-errors \
        --exclude-unreachable-branches --txt build/coverage.txt --print-summary
    report_tests
}

# Sets checks, thread_checks, examples and scripts to the names that were asked for.
select_tests() {
    local name known=" "
    checks=() thread_checks=() examples=() scripts=()
    for file in tests/test_*.c tests/test_*.sh examples/*.c; do
        [ -e "$file" ] || continue
        name=$(basename "${file%.*}")
        known+="$name ${name#test_} "
        is_selected "$name" "$@" || continue
        case $file in
        examples/*) examples+=("$name") ;;
        *.sh) scripts+=("$name") ;;
        *) checks+=("$name") ;;
        esac
        case $file in
        tests/test_threads*.c | tests/test_pool*.c) thread_checks+=("$name") ;;
        esac
    done
    for name in "$@"; do
        case $known in
        *" ${name#example_} "*) ;;
        *)
            echo "run: there is no test $name" >&2
            exit 2
            ;;
        esac
    done
}

is_selected() {
    local name=$1 asked
    shift
    [ $# -gt 0 ] || return 0
    for asked in "$@"; do
        case $asked in
        "$name" | "${name#test_}" | "example_$name") return 0 ;;
        esac
    done
    return 1
}

# The sanitizers read /proc, which a bare chroot lacks.
mount_proc() {
    if [ ! -e /proc/self/maps ]; then
        mount -t proc proc /proc 2>/dev/null && proc_is_ours=1 ||
            echo "run: /proc is not mounted, and the sanitizers need it" >&2
    fi
}

# Servers for the engines to which the user names none.
start_test_servers() {
    local engines=() urls
    [ -n "${ROWAN_TEST_POSTGRESQL-}" ] || engines+=(postgresql)
    [ -n "${ROWAN_TEST_MARIADB-}" ] || engines+=(mariadb)
    [ ${#engines[@]} -gt 0 ] || return 0
    tests/servers.sh stop build/servers-test
    if urls=$(tests/servers.sh start build/servers-test "${engines[@]}"); then
        eval "$urls"
    else
        record servers failed 0 1
    fi
}

# Runs however the tests end.
end_tests() {
    local pids
    trap - EXIT
    pids=$(jobs -p)
    for pid in $pids; do
        kill -TERM -- "-$pid" 2>/dev/null || true # each job is a process group
    done
    wait 2>/dev/null || true
    if [ -d build/servers-test ]; then
        tests/servers.sh stop build/servers-test
    fi
    if [ -n "${proc_is_ours-}" ]; then
        umount /proc || true
    fi
}

# With names, builds only what they need.
build_tests() {
    local targets=()
    if [ ${#names[@]} -gt 0 ]; then
        targets=("${checks[@]}" "${examples[@]/#/example_}")
        if [ ${#scripts[@]} -gt 0 ] && compgen -G 'src/cli/*.c' >/dev/null; then
            targets+=(rowan_tool)
        fi
    fi
    if [ ${#names[@]} -eq 0 ] || [ ${#targets[@]} -gt 0 ]; then
        build_preset asan "${targets[@]}" || record build-asan failed 0 1
    fi
    if [ ${#thread_checks[@]} -gt 0 ]; then
        build_preset tsan "${thread_checks[@]}" || record build-tsan failed 0 1
    fi
    if [ ${#scripts[@]} -gt 0 ]; then
        build_release || record build-release failed 0 1
    fi
}

# run_each KIND PRESET NAME...: a few at a time.
run_each() {
    local kind=$1 preset=$2 name
    shift 2
    set -m # a process group for each, which end_tests can end as a whole
    for name in "$@"; do
        # One that ended long ago may end a wait, too: only those that run count.
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
            wait -n || true
        done
        "run_$kind" "$preset" "$name" </dev/null &
    done
    wait
    set +m
}

# timed LOG COMMAND...: sets status and elapsed.
timed() {
    local log=$1 start=$EPOCHREALTIME
    shift
    status=0
    timeout --foreground -k 10 "$seconds_per_program" "$@" >"$log" 2>&1 || status=$?
    elapsed=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }')
}

# A Check program: its own counts; one more failure where it ends badly without saying so.
run_check() {
    local name=$2 log=$logs/$2-$1.log checks failures passed status elapsed
    timed "$log" "build/$1/tests/$name"
    read -r checks failures <<<"$(count_checks "$log")"
    passed=$((checks - failures))
    if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
        failures=1
        echo "$name ended with status $status" >>"$log"
    elif [ "$checks" -eq 0 ]; then
        failures=1
        echo "$name ran no test" >>"$log"
    fi
    record "$name ($1)" "$elapsed" "$passed" "$failures" "$log"
}

# From lines such as "90%: Checks: 10, Failures: 1, Errors: 0" the sums of checks and of failures.
count_checks() {
    awk '/^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/ {
            gsub(",", "")
            checks += $3
            failures += $5 + $7
        }
        END { print checks + 0, failures + 0 }' "$1"
}

run_example() {
    local name=$2 log=$logs/example_$2.log program=$PWD/build/$1/examples/$2 folder
    folder=$(mktemp -d "$PWD/$logs/example_$2.XXXXXX")
    timed "$log" env -C "$folder" "$program"
    rm -rf "$folder"
    record_status "example $name"
}

run_script() {
    local name=$2 log=$logs/$2.log
    timed "$log" env ROWAN_BUILD_DIR="$PWD/build/$1" ROWAN_TOOL="$PWD/build/${1/release/asan}/rowan" \
        "tests/$name.sh"
    record_status "$name"
}

record_status() {
    if [ "$status" -eq 0 ]; then
        record "$1" "$elapsed" 1 0
    else
        echo "ended with status $status" >>"$log"
        record "$1" "$elapsed" 0 1 "$log"
    fi
}

# record LABEL ELAPSED PASSED FAILED [LOG]: one line for the reader, one for the sum.
record() {
    echo "$3 $4" >>"$logs/counts"
    if [ "$4" -eq 0 ]; then
        printf 'ok    %-40s %4d passed              %s\n' "$1" "$3" "$2"
    else
        printf 'FAIL  %-40s %4d passed, %3d failed  %s\n' "$1" "$3" "$4" "$2"
        [ -z "${5-}" ] || grep -vE ':P:|^Running suite' "$5" | tail -n 40 | sed 's/^/      /' || true
    fi
}

report_tests() {
    local passed failed
    read -r passed failed <<<"$(
        awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$logs/counts"
    )"
    end_tests
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
