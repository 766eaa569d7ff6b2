#!/usr/bin/env bash
# Asks whether a pinned library has a known vulnerability. One that is reported is a failure;
# that nobody could be asked is a warning, so that the rest is checked without a network too.
set -euo pipefail
cd "$(dirname "$0")/.."

audit=(.venv/bin/pip-audit --disable-pip --require-hashes --progress-spinner off
    --requirement requirements.txt --requirement requirements-dev.txt)

# Reads the lists and asks nobody: whatever ends it is no fault of the network's.
"${audit[@]}" --dry-run

complaints=$(mktemp)
trap 'rm --force "$complaints"' EXIT
if report=$("${audit[@]}" 2>"$complaints"); then
    # What the service does not know it has not audited.
    unknown=$(grep --count 'could not be audited' <<<"$report" || true)
    [ "$unknown" = 0 ] || echo "Peringatan: $unknown pustaka tidak dikenal layanan audit." >&2
elif [ -n "$report" ]; then
    echo "$report"
    exit 1
else
    echo "Peringatan: pustaka tidak diaudit karena layanannya tidak terjangkau:" >&2
    tail --lines=1 "$complaints" >&2
fi
