#!/usr/bin/env bash
# A tenant of its own, from the platform operator's key to a widget that is live, with nothing but curl, grep and cut.
#
#   docs/tours/own-tenant.sh [BASE [DATA_DIR]]
#
# BASE is where the server answers (http://127.0.0.1:8080), DATA_DIR its data folder (./data), which holds the key;
# both can also come from the environment. Each step is checked. Each run makes a tenant with a name of its own.
set -euo pipefail

BASE=${1:-${BASE:-http://127.0.0.1:8080}}
DATA_DIR=${2:-${DATA_DIR:-./data}}

field() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# create STEP TOKEN PATH BODY: leaves the answer in $answer; fails unless something was made.
create() {
    answer=$(curl -sS -X POST "$BASE$3" -w '\n%{http_code}' -H "authorization: Bearer $2" \
        -H 'content-type: application/json' -H "idempotency-key: $slug-$3" -d "$4")
    if [ "${answer##*$'\n'}" != 201 ]; then
        printf 'own-tenant: %s: %s\n' "$1" "$answer" >&2
        exit 1
    fi
    printf 'ok  %s\n' "$1"
}

slug="tour-$(date +%s)-$$"
create 'a tenant with its owner' "$(cat "$DATA_DIR/platform_key")" /v1/platform/tenants \
    "{\"name\":\"Tour\",\"slug\":\"$slug\",\"seats\":5,
      \"admin\":{\"name\":\"Ana\",\"email\":\"ana@example.com\",\"password\":\"correct horse\"}}"

login() {
    curl -sS -f -X POST "$BASE/v1/auth/login" -H 'content-type: application/json' \
        -d "{\"tenant\":\"$slug\",\"email\":\"$1\",\"password\":\"$2\"}" | field access_token
}
ana=$(login ana@example.com 'correct horse')

create 'an office' "$ana" /v1/offices '{"name":"Support"}'
office=$(field id <<<"$answer")
create 'an agent' "$ana" /v1/agents '{"name":"Bo","email":"bo@example.com","password":"battery staple"}'
bo_id=$(field id <<<"$answer")
create 'a queue with the agent as its member' "$ana" /v1/queues \
    "{\"office_id\":\"$office\",\"name\":\"General\",\"member_ids\":[\"$bo_id\"]}"
create 'a widget of the office' "$ana" /v1/widgets \
    "{\"name\":\"Website\",\"office_ids\":[\"$office\"],\"allowed_domains\":[\"example.com\"]}"
key=$(field key <<<"$answer")

mode() { curl -sS -f "$BASE/v1/widget/$key/availability" | field mode; }
expect_mode() {
    local mode
    mode=$(mode)
    if [ "$mode" != "$1" ]; then
        echo "own-tenant: the widget shows $mode, expected $1" >&2
        exit 1
    fi
    echo "ok  the widget shows $1"
}

expect_mode messenger
curl -sS -f -o /dev/null -X PUT "$BASE/v1/me/presence" -H "authorization: Bearer $(login bo@example.com 'battery staple')" \
    -H 'content-type: application/json' -d '{"status":"online"}'
expect_mode live

echo "own-tenant: done, tenant $slug has a widget with the key $key"
