#!/usr/bin/env bash
# Installs the given Debian packages where we may; otherwise prints the command and fails.
set -euo pipefail

give_up() {
    echo "Paket sistem ini belum ada: $*" >&2
    echo "Pasanglah dengan perintah berikut, lalu ulangi perintah tadi:" >&2
    echo "    sudo apt-get update && sudo apt-get install --yes $*" >&2
    exit 1
}

as_root=()
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || give_up "$@"
    as_root=(sudo -n)
fi

echo "Memasang paket sistem: $*"
# A mirror may be out of reach while the package lists at hand are good enough.
"${as_root[@]}" apt-get --quiet=2 update \
    || echo "Daftar paket tidak dapat diperbarui; dicoba dengan daftar yang ada." >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet=2 --option DPkg::Lock::Timeout=120 \
    install --yes --no-install-recommends "$@" </dev/null >/dev/null \
    || give_up "$@"
