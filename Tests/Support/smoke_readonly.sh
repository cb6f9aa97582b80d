#!/usr/bin/env bash
# Smoke tests of a deployment of the API. They only read: GET and HEAD, and no redirect is followed.
#
#   ./smoke_readonly.sh "https://yourdomain.com" "<admin-uuid>"
#
# A line for each test, PASS or FAIL, with what was measured. Exit status: 0 all passed, 1 otherwise, 64 usage.
# windows-tasks/smoke_readonly.ps1 makes the same tests: change both.
set -uo pipefail

# Enough for an answer that is of any use to a user, and the rollback must begin within minutes.
seconds_connect=5
seconds_answer=10
# More than any answer of these endpoints.
bytes_max=1048576
# Names below .invalid belong to nobody (RFC 2606), so no allowlist has this origin.
foreign_origin=https://smoke-test.invalid

usage() {
    echo "error: $1" >&2
    echo "usage: $0 BASE-URL ADMIN-UUID, as in: $0 https://yourdomain.com 11111111-2222-4333-8444-555555555555" >&2
    exit 64
}

[ $# = 2 ] || usage "two arguments are needed, and there are $#"
base=${1%/}
admin=$2
# Only what a URL of a server needs: no user, no query, nothing that curl's configuration takes for its own.
is_url='^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$|^https?://\[[0-9A-Fa-f:.]+\](:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$'
[[ $base =~ $is_url ]] || usage "'$1' is not the URL of a server"
is_local='^http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$)'
[[ $base == https://* || $base =~ $is_local ]] ||
    usage "the URL must begin with https://: the identity of the admin would be sent in clear text"
[[ $admin =~ ^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$ ]] || usage "'$admin' is not a UUID"
command -v curl >/dev/null || { echo "FAIL  curl is not installed"; exit 1; }

directory=$(mktemp -d) || { echo "FAIL  there is no place for temporary files"; exit 1; }
trap 'rm -rf "$directory"' EXIT

passed=0
failed=0
pass() { passed=$((passed + 1)); printf 'PASS  %s: %s\n' "$1" "$2"; }
fail() { failed=$((failed + 1)); printf 'FAIL  %s: %s\n' "$1" "$2"; }

# Asks a URL with METHOD, and more lines of curl's configuration; sets status, milliseconds, type and problem.
ask() {
    local method=$1 url=$2 answer code
    shift 2
    : >"$directory/headers"
    : >"$directory/body"
    # The configuration comes through a pipe: every user may list arguments. -q first, since ~/.curlrc could follow redirects.
    answer=$(
        {
            printf 'url = "%s"\n' "$url"
            [ "$method" != HEAD ] || echo head
            [ $# = 0 ] || printf '%s\n' "$@"
        } | curl -q --silent --globoff --proto =http,https --max-redirs 0 --max-filesize "$bytes_max" \
            --connect-timeout "$seconds_connect" --max-time "$seconds_answer" --user-agent smoke_readonly \
            --dump-header "$directory/headers" --output "$directory/body" \
            --write-out '%{http_code} %{time_total} %{content_type}' --config -
    )
    code=$?
    read -r status seconds type <<<"$answer"
    milliseconds=$(LC_ALL=C awk -v s="${seconds:-0}" 'BEGIN { printf "%.0f", s * 1000 }')
    case $code in
        0) problem= ;;
        6) problem="the name of the server is not known" ;;
        7) problem="the connection was refused" ;;
        28) problem="no whole answer within $seconds_answer s" ;;
        35 | 51 | 58 | 60) problem="the certificate or the TLS handshake was not accepted" ;;
        52 | 56) problem="the connection ended before the answer did" ;;
        63) problem="the answer has more than $bytes_max bytes" ;;
        *) problem="curl ended with $code" ;;
    esac
}

# The value of a header of the last answer; empty without it.
header() {
    LC_ALL=C awk -v name="$1:" 'tolower(substr($0, 1, length(name))) == name {
        value = substr($0, length(name) + 1); gsub(/^[ \t]+|[ \t\r]+$/, "", value); print value; exit }' "$directory/headers"
}

# Whether the last answer is a JSON object, by its type and its ends: no program that reads JSON is sure to be here.
is_json_object() {
    local type_only=${type%%;*}
    [[ ${type_only,,} =~ ^application/([a-z0-9.-]+\+)?json$ ]] || return 1
    [[ $(tr -d ' \t\r\n' <"$directory/body" | head -c 1) == '{' && $(tr -d ' \t\r\n' <"$directory/body" | tail -c 1) == '}' ]]
}

as_admin="header = \"X-User-ID: $admin\""

# An endpoint that answers an admin with 200 and JSON.
test_document() {
    ask GET "$base$2" "$as_admin"
    if [ -n "$problem" ]; then fail "$1" "$problem"
    elif [ "$status" != 200 ]; then fail "$1" "$status, expected 200"
    elif ! is_json_object; then fail "$1" "200, and the answer is not a JSON object (${type:-no content type})"
    else pass "$1" "200 in $milliseconds ms"
    fi
}

test_refusal() {
    ask GET "$base$2"
    if [ -n "$problem" ]; then fail "$1" "$problem"
    elif [ "$status" != 401 ] && [ "$status" != 403 ]; then fail "$1" "$status, expected 401 or 403"
    else pass "$1" "$status in $milliseconds ms"
    fi
}

test_foreign_origin() {
    ask GET "$base/api/ops/health" "$as_admin" "header = \"Origin: $foreign_origin\""
    local allowed
    allowed=$(header access-control-allow-origin)
    if [ -n "$problem" ]; then fail "$1" "$problem"
    elif [ "$status" != 200 ]; then fail "$1" "$status, expected 200"
    elif [ "$allowed" = '*' ] || [ "$allowed" = "$foreign_origin" ]; then
        fail "$1" "Access-Control-Allow-Origin: $allowed lets a foreign origin read the answer"
    else pass "$1" "Access-Control-Allow-Origin: ${allowed:-none}"
    fi
}

test_hsts() {
    ask GET "$base/api/ops/health" "$as_admin"
    local value
    value=$(header strict-transport-security)
    if [ -n "$problem" ]; then fail "$1" "$problem"
    elif [[ ! ${value,,} =~ max-age=\"?[1-9] ]]; then fail "$1" "Strict-Transport-Security: ${value:-none}"
    else pass "$1" "Strict-Transport-Security: $value"
    fi
}

# Without an identity, which must not go out in clear text.
test_redirect() {
    ask HEAD "http://${base#https://}/api/ops/health"
    local location
    location=$(header location)
    if [ -n "$problem" ]; then fail "$1" "$problem"
    elif [[ ! $status =~ ^30[1278]$ ]]; then fail "$1" "$status, expected a redirect"
    elif [[ ${location,,} != https://* ]]; then fail "$1" "$status to ${location:-nowhere}, expected https://"
    else pass "$1" "$status to $location"
    fi
}

test_document "health" /api/ops/health
test_document "rate limits" /api/ops/rate_limits
test_refusal "rate limits without an identity" /api/ops/rate_limits
test_foreign_origin "a foreign origin"
# Plain HTTP is for a server on this machine, which has neither.
if [[ $base == https://* ]]; then
    test_hsts "HSTS"
    # With a port of its own the server's other port is not known.
    [[ ${base#https://} =~ :[0-9]+(/|$) ]] || test_redirect "plain HTTP"
fi

echo "$((passed + failed)) tests: $passed passed, $failed failed"
[ "$failed" = 0 ]
