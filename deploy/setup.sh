#!/usr/bin/env bash
# Prepares this checkout: `setup.sh` to run Pakta, `setup.sh tests` to test it.
# What is there already is left alone, so that a second call takes seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python

# A Python that is new enough and able to make virtual environments.
find_python() {
    local candidate
    for candidate in python3 python3.{14,13,12,11}; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    "$python" -m pip --version >/dev/null 2>&1 && return
    find_python >/dev/null || deploy/apt.sh python3-venv
    # Where `python3` itself is too old, a newer one may be packaged beside it.
    find_python >/dev/null || echo "Pakta memerlukan Python 3.11 atau lebih baru." >&2
    find_python >/dev/null || deploy/apt.sh python3.11-venv
    echo "Menyiapkan lingkungan Python di .venv"
    "$(find_python)" -m venv --clear .venv
}

# The copy in .venv says which pins were installed last.
install_requirements() {
    cmp --silent "$1" ".venv/$1" && return
    echo "Memasang pustaka Python dari $1"
    "$python" -m pip install --quiet --no-input --disable-pip-version-check \
        --require-hashes --requirement "$1"
    cp "$1" .venv/
}

lacks_library() {
    ! "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

lacks_program() {
    ! command -v "$1" >/dev/null
}

lacks_browser() {
    lacks_program chromium && lacks_program chromium-browser && lacks_program google-chrome \
        && ! ls ~/.cache/ms-playwright/chromium-* >/dev/null 2>&1
}

is_ubuntu() {
    grep --quiet --no-messages '^ID=ubuntu' /etc/os-release
}

packages_to_run() {
    if lacks_library libpango-1.0.so.0; then echo libpango-1.0-0; fi
    if lacks_library libpangoft2-1.0.so.0; then echo libpangoft2-1.0-0; fi
    if lacks_library libharfbuzz-subset.so.0; then echo libharfbuzz-subset0; fi
}

packages_to_test() {
    if lacks_program pdfsig; then echo poppler-utils; fi
    if lacks_program unzip; then echo unzip; fi
    if lacks_program softhsm2-util; then echo softhsm2; fi
    if ! compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null; then echo postgresql; fi
    # Not on everybody's PATH.
    if [ ! -x /usr/sbin/pgbouncer ] && lacks_program pgbouncer; then echo pgbouncer; fi
    if lacks_program redis-server; then echo redis-server; fi
    # It is not among the programs of ordinary users.
    if lacks_program nginx && ! [ -x /usr/sbin/nginx ]; then echo nginx; fi
    if lacks_program systemd-analyze; then echo systemd; fi
    if lacks_browser && ! is_ubuntu; then echo chromium; fi
}

# Keys of this installation. They are made once: slips and encrypted NIK depend on them.
write_env() {
    [ -e .env ] && return
    (umask 077 && "$python" - >.env.new) <<'PYTHON'
import secrets

for name in ("SECRET_KEY", "CODES_KEY", "NIK_KEY"):
    print(f"{name}={secrets.token_urlsafe(48)}")
PYTHON
    mv .env.new .env
}

# Compressing takes a while and is done again only when there is something new.
collect_static() {
    local collected=var/static/staticfiles.json
    if [ -e "$collected" ] \
        && [ -z "$(find static requirements.txt pakta/settings.py -newer "$collected")" ]; then
        return
    fi
    "$python" manage.py collectstatic --no-input --verbosity 0
}

prepare_data() {
    mkdir --parents --mode=700 var
    "$python" manage.py migrate --no-input --verbosity 0
    collect_static
    "$python" manage.py create_seal_certificate --development
}

make_venv
if [ "${1:-}" = tests ]; then
    install_requirements requirements-dev.txt
    missing=$(packages_to_run; packages_to_test)
else
    install_requirements requirements.txt
    missing=$(packages_to_run)
fi
# shellcheck disable=SC2086 # one word per package
[ -z "$missing" ] || deploy/apt.sh $missing
write_env
if [ "${1:-}" != tests ]; then
    prepare_data
elif lacks_browser; then
    # Ubuntu packages Chromium as a snap only, which tests cannot drive.
    .venv/bin/playwright install --with-deps chromium
fi
