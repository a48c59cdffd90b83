#!/usr/bin/env bash
# One chat of the demo tenant, from the log-in to the log-out, with nothing but curl, grep, sed and cut.
#
#   docs/tours/first-chat.sh [BASE [DATA_DIR]]
#
# BASE is where the server answers (http://127.0.0.1:8080), DATA_DIR its data folder (./data), which holds the demo's
# passwords; both can also come from the environment. Nobody else may be at work in the demo tenant meanwhile. Each
# step is checked; the first that differs ends the script with 1. It can be run again and again.
set -euo pipefail

BASE=${1:-${BASE:-http://127.0.0.1:8080}}
DATA_DIR=${2:-${DATA_DIR:-./data}}

# The first text of this name in a JSON answer.
field() { grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# call METHOD PATH TOKEN [BODY]: the body of the answer, and its status on a line of its own.
call() {
    local arguments=(-sS -X "$1" "$BASE$2" -w '\n%{http_code}')
    if [ -n "$3" ]; then arguments+=(-H "authorization: Bearer $3"); fi
    if [ $# -gt 3 ]; then arguments+=(-H 'content-type: application/json' -d "$4"); fi
    curl "${arguments[@]}"
}

# expect STEP STATUS TEXT...: fails unless $answer has this status and holds each of these texts.
expect() {
    local step=$1 status=$2 text
    shift 2
    if [ "${answer##*$'\n'}" != "$status" ]; then
        printf 'first-chat: %s: expected status %s, got:\n%s\n' "$step" "$status" "$answer" >&2
        exit 1
    fi
    for text in "$@"; do
        if [[ $answer != *"$text"* ]]; then
            printf 'first-chat: %s: expected %s in:\n%s\n' "$step" "$text" "$answer" >&2
            exit 1
        fi
    done
    printf 'ok  %s\n' "$step"
}

if [ ! -r "$DATA_DIR/demo.json" ]; then
    echo "first-chat: cannot read $DATA_DIR/demo.json; the server makes it when demo.enabled is true" >&2
    exit 1
fi
password=$(sed -n '/"agent@demo.example"/{n;p;}' "$DATA_DIR/demo.json" | field password)
widget=$(field widget_key <"$DATA_DIR/demo.json")

answer=$(call POST /v1/auth/login '' "{\"tenant\":\"demo\",\"email\":\"agent@demo.example\",\"password\":\"$password\"}")
expect 'the agent logs in' 200 '"token_type":"Bearer"'
agent=$(field access_token <<<"$answer")

answer=$(call PUT /v1/me/presence "$agent" '{"status":"online"}')
expect 'the agent goes online' 200 '"effective":"online"' '"reason":"chosen"'

answer=$(call GET "/v1/widget/$widget/availability" '')
expect 'the widget shows that somebody is there' 200 '"mode":"live"'

answer=$(call POST "/v1/widget/$widget/visitors" '' '{}')
expect 'a visitor gets a token' 201 '"visitor_id"'
visitor=$(field token <<<"$answer")

answer=$(call POST /v1/visitor/chats "$visitor" \
    '{"fields":{"name":"Vera"},"message":{"id":"v-1","text":"Hello, is anybody there?"}}')
expect 'the visitor starts a chat, which waits' 201 '"state":"waiting"' '"position":1'
chat=$(field id <<<"$answer")

answer=$(call GET '/v1/chats?state=waiting' "$agent")
expect 'the agent sees it among the waiting chats' 200 "$chat" '"name":"Vera"'

answer=$(call POST "/v1/chats/$chat/accept" "$agent" '{}')
expect 'the agent picks it' 200 "$chat" '"state":"active"'

answer=$(call POST "/v1/chats/$chat/messages" "$agent" '{"message":{"id":"a-1","text":"Hello Vera, how can I help?"}}')
expect 'the agent writes' 201 '"seq":2'
answer=$(call POST "/v1/chats/$chat/messages" "$agent" '{"message":{"id":"a-1","text":"Hello Vera, how can I help?"}}')
expect 'the same message sent again is not written twice' 200 '"seq":2'
answer=$(call POST "/v1/visitor/chats/$chat/messages" "$visitor" '{"message":{"id":"v-2","text":"Thanks, that was all."}}')
expect 'the visitor answers' 201 '"seq":3'

answer=$(call POST "/v1/chats/$chat/close" "$agent" '{}')
expect 'the agent closes the chat' 200 '"state":"closed"' '"close_reason":"agent_closed"'

answer=$(call GET "/v1/visitor/chats/$chat/events" "$visitor")
expect 'the visitor reads what has happened' 200 'Hello Vera'
told=$(grep -o '"type":"[^"]*"' <<<"$answer" | cut -d '"' -f 4 | tr '\n' ' ')
if [ "$told" != 'chat.queued chat.message chat.accepted chat.message chat.message chat.closed ' ]; then
    printf 'first-chat: the events are in another order: %s\n' "$told" >&2
    exit 1
fi

answer=$(call POST /v1/auth/logout "$agent")
expect 'the agent logs out' 204
answer=$(call GET "/v1/widget/$widget/availability" '')
expect 'the widget offers to leave a message' 200 '"mode":"messenger"'
answer=$(call POST /v1/visitor/chats "$visitor" '{}')
expect 'a chat that nobody could answer is refused' 409 '"code":"not_live"' '"mode":"messenger"'
answer=$(call POST /v1/visitor/offline-messages "$visitor" \
    '{"fields":{"name":"Vera","email":"vera@example.com"},"message":{"id":"v-3","text":"Please write back."}}')
expect 'a message is left instead' 201 '"state":"offline_message"'

echo "first-chat: done, chat $chat went from waiting to closed"
