#!/usr/bin/env bash
# Runs Pakta on this machine: web and workers, until Ctrl-C. `make setup` comes first.
#   HOST=127.0.0.1  the address to listen on; 0.0.0.0 lets the network in
#   PORT=8000
#   BASE_URL        the address in links and QR codes, found out when not given
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
host=${HOST:-127.0.0.1}
port=${PORT:-8000}

fail() {
    echo "$*" >&2
    exit 1
}

port_is_free() {
    "$python" - "$host" "$port" <<'PYTHON'
import socket, sys

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
PYTHON
}

# The address by which others reach this machine: the one its default route starts from.
network_address() {
    "$python" - <<'PYTHON'
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    probe.connect(("192.0.2.1", 9))  # sends nothing
    print(probe.getsockname()[0])
PYTHON
}

own_address() {
    case $host in
        127.0.0.1) echo localhost ;;
        0.0.0.0)
            network_address 2>/dev/null \
                || fail "Alamat jaringan komputer ini tidak diketahui; sebutkan dengan BASE_URL=http://…"
            ;;
        *) echo "$host" ;;
    esac
}

load_demo_once() {
    [ -e var/demo.txt ] && return
    echo "Memuat data contoh …"
    "$python" manage.py load_demo >var/demo.new
    mv var/demo.new var/demo.txt
}

web() {
    exec setsid .venv/bin/gunicorn pakta.wsgi --config deploy/gunicorn.conf.py --bind "$host:$port"
}

tasks() {
    exec setsid "$python" manage.py db_worker --no-reload --interval 0.5
}

sealing() {
    exec setsid "$python" manage.py seal_pending --watch
}

notices() {
    exec setsid "$python" manage.py send_notices --watch
}

ticks() {
    exec setsid "$python" manage.py tick --watch
}

# Each part has a session and so a process group of its own (setsid): Ctrl-C reaches
# this script alone, which then asks every part once to finish what it is doing.
declare -A running=()

start() {
    "$1" &
    running[$!]=$1
}

stop() {
    trap '' HUP INT TERM PIPE
    local pids=("${!running[@]}")
    kill -TERM -- "${pids[@]/#/-}" 2>/dev/null || true
    echo "Pakta dihentikan …" 2>/dev/null || true # the terminal may be gone
    wait
}

port_is_free 2>/dev/null \
    || fail "Tidak dapat memakai $host:$port; mungkin sudah dipakai. Coba: make run PORT=$((port + 1))"

BASE_URL=${BASE_URL:-$(sed --quiet 's/^BASE_URL=//p' .env | tr --delete "\"'")}
BASE_URL=${BASE_URL:-http://$(own_address):$port}
export BASE_URL

"$python" manage.py check --database default >/dev/null || fail "Pakta tidak dijalankan; lihat pesan di atas."
load_demo_once
trap stop EXIT
trap 'exit 0' HUP INT TERM
start web
start tasks
start sealing
start notices
start ticks
echo
echo "Pakta berjalan di $BASE_URL (Ctrl-C untuk berhenti)"
cat var/demo.txt

while true; do
    status=0
    wait -n -p ended || status=$?
    name=${running[$ended]}
    unset "running[$ended]"
    kill -KILL -- "-$ended" 2>/dev/null || true # what it may have left behind
    [ "$name" != web ] || fail "Bagian web berhenti (kode $status); lihat pesan di atas."
    echo "Bagian $name berhenti (kode $status) dan dimulai lagi." >&2
    sleep 1
    start "$name"
done
