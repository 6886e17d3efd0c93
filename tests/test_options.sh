#!/usr/bin/env bash
# Every verb's options: what each takes, what it refuses and how that is said, before anything is done; and what
# becomes of output that cannot be written.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh
verbs="analyze profile compare scale seed fingerprint model"

# --- The command itself. ---
"$tool" >out 2>err
[ $? = 2 ] || wrong "without a verb it ends otherwise"
[ ! -s out ] || wrong "without a verb it prints $(cat out)"
cp err usage
for asked in help --help -h; do
    ends 0 '^usage: rowan VERB' "$tool" "$asked"
    cmp -s out usage || wrong "rowan $asked prints $(cat out)"
done
for verb in $verbs; do
    grep -q "^  $verb " usage || wrong "the usage lacks $verb"
done
[ "$(grep -c '^  [a-z]*  ' usage)" = 7 ] || wrong "the usage has other verbs: $(cat usage)"
ends 2 'there is no verb Analyze' "$tool" Analyze
ends 2 'there is no verb  *:' "$tool" ''
ends 2 'there is no verb --verbose' "$tool" --verbose

# --- Help, wherever it stands, and what is no option. ---
for verb in $verbs; do
    ends 0 "^Usage: rowan $verb " "$tool" "$verb" --help
    cp out help
    ends 0 '' "$tool" "$verb" -h
    cmp -s out help || wrong "$verb -h differs from --help"
    ends 0 '' "$tool" "$verb" --nonsense --help
    cmp -s out help || wrong "$verb --nonsense --help is not help"
    awk 'length > 80' help >long
    [ ! -s long ] || wrong "the help of $verb is wide: $(cat long)"
    for option in --nonsense -Z; do
        ends 2 "cannot use the argument $option: see rowan $verb --help" "$tool" "$verb" "$option"
    done
    # Every option of the help is taken; those with a value want one.
    while read -r option; do
        ends 2 "$option wants a value: see rowan $verb --help" "$tool" "$verb" "$option"
    done < <(grep -o -- '--[a-z-]*=' help | tr -d =)
    while read -r option; do
        ends 2 "$option wants a value" "$tool" "$verb" "$option"
    done < <(grep -o '^  -[a-zA-Z], --[a-z-]*=' help | cut -c3-4)
done
ends 2 'profile needs a program' "$tool" profile
ends 2 'profile needs a program' "$tool" profile --
ends 2 'scale needs a program' "$tool" scale
ends 2 'model needs the URL' "$tool" model
ends 2 'seed needs the URL' "$tool" seed --quiet

# --- Values: a line is the verb and its arguments, behind a bar what is said. ---
echo '{"sql":"SELECT 1","dialect":"sqlite"}' >one.jsonl
mkdir folder
"$tool" seed --quiet --scale 0.01 sqlite:shop.db || wrong "there is no shop"
while IFS='|' read -r arguments said; do
    # shellcheck disable=SC2086 # words
    ends 2 "$said" "$tool" $arguments
done <<'END'
analyze --format xml one.jsonl|there is no format xml
analyze --format JSON one.jsonl|there is no format JSON
analyze -f  one.jsonl|there is no format one.jsonl
analyze --profile lax one.jsonl|there is no profile lax
analyze --explain-silence 12 one.jsonl|12 is no fingerprint
analyze --explain-silence 0123456789abcdeg one.jsonl|0123456789abcdeg is no fingerprint
analyze --explain-silence 0123456789abcdef0 one.jsonl|0123456789abcdef0 is no fingerprint
analyze --explain-silence 0x23456789abcdef one.jsonl|0x23456789abcdef is no fingerprint
analyze --explain-silence 0x0123456789abcd one.jsonl|0x0123456789abcd is no fingerprint
analyze --explain-silence -123456789abcdef one.jsonl|-123456789abcdef is no fingerprint
analyze --explain-silence 0000000000000000 one.jsonl|0000000000000000 is no fingerprint
analyze --send http://localhost one.jsonl|say --format otlp
analyze --send http://localhost --format json one.jsonl|say --format otlp
analyze --format otlp --send ftp://localhost one.jsonl|ftp://localhost is no collector
analyze --baseline missing one.jsonl|cannot read missing: No such file
analyze --baseline folder one.jsonl|cannot read folder: Is a directory
analyze --allow missing one.jsonl|cannot read missing: No such file
analyze --allow folder one.jsonl|cannot read folder: Is a directory
analyze missing.jsonl|cannot read missing.jsonl: No such file
analyze folder|cannot read folder: Is a directory
analyze --verify sqllite:x one.jsonl|--verify: no engine has the scheme "sqllite"
analyze --verify nonsense one.jsonl|--verify: this is no database URL
profile --verify nonsense -- true|--verify: this is no database URL
profile --profile lax -- true|there is no profile lax
profile --format xml -- true|there is no format xml
compare --scale x|no scale
compare --scale -1|no scale
compare --scale 1e9|no scale
compare --scale nan|no scale
compare --repeat x|no number of runs
compare --repeat -3|no number of runs
compare --repeat 99999999999|no number of runs
compare --engine sqlite,oracle|no engine
compare --case nothing|there is no use case nothing
compare --format pdf|no format
compare --url sqlite|no URL
scale --sizes 2 -- true {n}|sizes
scale --sizes 4,2 -- true {n}|sizes
scale --sizes 2,2,4 -- true {n}|sizes
scale --sizes a,b -- true {n}|sizes
scale --format xml -- true {n}|there is no format xml
seed --scale nan sqlite:x|nan is no scale
seed --scale inf sqlite:x|inf is no scale
seed --scale -1 sqlite:x|-1 is no scale
seed --scale 1x sqlite:x|1x is no scale
seed sqlite:x sqlite:y|cannot use the argument sqlite:y
seed nonsense|this is no database URL
model sqlite:x sqlite:y|cannot use the argument sqlite:y
model nonsense|this is no database URL
model --name 1st sqlite:shop.db|cannot be named
model --name ../x sqlite:shop.db|cannot be named
fingerprint --dialect SQLite|there is no dialect SQLite
fingerprint --dialect sqlite extra|cannot use the argument extra
END
[ ! -e x ] || wrong "a database was made by a verb that was refused"

# --- A program is not run for options that are refused. ---
echo 'touch ran' >program
for options in '--verify nonsense' '--send http://localhost' '--format xml' '--profile lax'; do
    # shellcheck disable=SC2086 # words
    "$tool" profile $options -- sh program >out 2>err
    [ $? = 2 ] || wrong "profile $options ends otherwise: $(cat err)"
    [ ! -e ran ] || wrong "profile $options runs the program all the same"
    rm -f ran
done
for verb in profile scale; do
    ends 3 'cannot write folder/none/report: No such file' "$tool" "$verb" --output folder/none/report -- sh program '{n}'
    [ ! -e ran ] || wrong "$verb runs a program whose report cannot be written"
done

# --- Output that cannot be written: a full disk, a closed one, a reader that has gone. ---
for _ in 1 2 3 4 5 6; do
    echo '{"scope":"a","sql":"SELECT a FROM t WHERE b = ?","params":[1],"dialect":"sqlite"}'
done >six.jsonl
for form in text json sarif junit html chrome otlp prometheus; do
    if [ -w /dev/full ]; then
        "$tool" analyze --format "$form" six.jsonl >/dev/full 2>err
        [ $? = 3 ] || wrong "a full disk is no failure for $form: $(cat err)"
        grep -q '^rowan: cannot write the output: No space' err || wrong "$form says $(cat err)"
        [ "$(wc -l <err)" = 1 ] || wrong "$form says too much: $(cat err)"
    fi
    "$tool" analyze --format "$form" six.jsonl >&- 2>err
    [ $? = 3 ] || wrong "a closed output is no failure for $form: $(cat err)"
    (
        trap '' PIPE
        "$tool" analyze --format "$form" six.jsonl 2>err
        echo $? >status
    ) | true
    grep -q '^[013]$' status || wrong "without a reader $form ends with $(cat status)"
done
for arguments in --help --version help 'seed --help' 'model --help'; do
    if [ -w /dev/full ]; then
        # shellcheck disable=SC2086 # words
        "$tool" $arguments >/dev/full 2>err
        [ $? = 3 ] || wrong "rowan $arguments to a full disk ends otherwise: $(cat err)"
    fi
done

# --- Standard input as a trace, as often as it is named; a name with a dash. ---
cp six.jsonl -- -six.jsonl
analyzes 1 --format json - - <six.jsonl
[ "$(wc -l <out)" = 1 ] || wrong "standard input is read twice: $(cat out)"
analyzes 1 -- -six.jsonl
has '^duplicate query confirmed  6 x'
ends 2 'there is no statement in it' "$tool" analyze -

# --- A file that is no trace: a few of its lines, how many more, and what a trace is. ---
seq 200 | sed 's/^/a line of something else: /' >other.txt
analyzes 2 other.txt
[ ! -s out ] || wrong "of what is no trace it prints $(cat out)"
[ "$(wc -l <err)" = 7 ] || wrong "of what is no trace it says $(cat err)"
has '^rowan: other.txt:5: the line is no JSON: ' err
has '^rowan: other.txt: 195 more lines cannot be read$' err
has '^rowan: other.txt: there is no statement in it; rowan-trace(5) says' err
seq 3 | sed 's/^/not one: /' >few.txt
analyzes 2 few.txt
hasnt 'more lines' err

# --- Colours: on terminals, unless NO_COLOR says something. ---
# coloured VARIABLE=VALUE...: what analyze prints to a terminal then.
coloured() {
    env -u NO_COLOR "$@" script -qec "$tool analyze six.jsonl" /dev/null >terminal </dev/null
    grep -q $'\033' terminal
}
coloured || wrong "a terminal has no colours"
coloured NO_COLOR= || wrong "an empty NO_COLOR takes the colours"
! coloured NO_COLOR=1 || wrong "NO_COLOR leaves the colours"
exit "$failed"
