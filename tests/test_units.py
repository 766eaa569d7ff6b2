"""What systemd is told, and what a container engine is: who has the key, what starts again."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from tests import units
from tests.units import DEPLOY, UNITS

ROOT: Path = settings.BASE_DIR
LASTING = [
    name for name in units.services() if "oneshot" not in units.load(name)["Service"]["Type"]
]
BACKUPS = ("pakta-backup.service", "pakta-backup-often.service")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OF_PAKTA = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"] == "localhost/pakta"
}
GUIDE = (ROOT / "docs" / "operasi.md").read_text()


def _version() -> int:
    told = subprocess.run(["systemd-analyze", "--version"], capture_output=True, check=True).stdout
    return int(told.split()[1])


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units, with the paths of this checkout."""
    shutil.copytree(UNITS, tmp_path / "system")
    for path in (tmp_path / "system").rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/srv/pakta", str(ROOT)))
    return [path for path in (tmp_path / "system").iterdir() if path.is_file()]


def test_systemd_finds_nothing_wrong_with_the_units_but_what_was_put_there_to_be_found(installed):
    """Which it would not, had it stopped before it read them."""
    mistaken = installed[0].with_name("pakta-mistaken.service")
    mistaken.write_text("[Service]\nExecStart=/bin/true\nRestrat=always\n")

    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *installed, mistaken],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    # It looks at those of the machine too, which are nobody's business here.
    found = [line for line in verified.stderr.splitlines() if "pakta" in line]
    assert [("pakta-mistaken" in line, "Restrat" in line) for line in found] == [(True, True)]
    assert verified.returncode == 0, verified.stderr


@pytest.mark.skipif(_version() < 250, reason="asks only about services that run")
def test_what_a_service_could_do_to_the_rest_of_the_machine_is_little(installed):
    services = [path for path in installed if path.suffix == ".service"]
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", *services],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    levels = re.findall(r"Overall exposure level for \S+: (\S+)", judged.stdout)
    assert len(levels) == len(services)
    assert judged.returncode == 0, levels  # in tenths; a service without any of it has 9.6


@pytest.mark.parametrize("name", LASTING)
def test_a_service_is_started_again_whatever_ended_it_and_however_often(name):
    unit = units.load(name)

    assert unit["Service"]["Restart"] == ["always"]
    assert unit["Unit"]["StartLimitIntervalSec"] == ["0"]


def test_everything_is_started_at_once_with_two_sealing_workers():
    wanted = units.started("pakta.target")

    assert wanted == [
        "pakta-backup.timer", "pakta-notices.service", "pakta-purge.timer", "pakta-seal@1.service",
        "pakta-seal@2.service", "pakta-tasks.service", "pakta-tick.service", "pakta-web.service",
    ]  # fmt: skip
    lasting = {name.replace("@1", "@").replace("@2", "@") for name in wanted}
    assert set(LASTING) <= lasting
    assert units.load("pakta.target")["Install"]["WantedBy"] == ["multi-user.target"]


def test_a_web_host_starts_no_sealing_and_is_told_of_no_key():
    wanted = units.started("pakta-web.target")

    assert wanted == [
        "pakta-notices.service", "pakta-tasks.service", "pakta-tick.service", "pakta-web.service",
    ]  # fmt: skip
    assert "/etc/pakta/seal" not in _told(wanted)
    assert units.load("pakta-web.target")["Install"]["WantedBy"] == ["multi-user.target"]


def test_a_sealing_host_starts_two_workers_which_are_told_of_the_key_and_no_web():
    wanted = units.started("pakta-seal.target")

    assert wanted == ["pakta-seal@1.service", "pakta-seal@2.service"]
    assert "/etc/pakta/seal" in _told(wanted)
    assert units.load("pakta-seal.target")["Install"]["WantedBy"] == ["multi-user.target"]


def _told(names: list[str]) -> str:
    return " ".join(
        value
        for name in names
        for key in ("EnvironmentFile", "ReadWritePaths", "ExecStart")
        for value in units.load(name)["Service"][key]
    )


def test_several_hosts_together_start_what_one_starts_alone_and_one_of_them_the_timers():
    by_all = units.started("pakta-web.target") + units.started("pakta-seal.target")
    rest = set(units.started("pakta.target")) - set(by_all)

    assert rest == {"pakta-backup.timer", "pakta-purge.timer"}
    # `systemctl enable` takes no other.
    assert {units.load(name)["Install"]["WantedBy"][0] for name in rest} == {"pakta-seal.target"}


@pytest.mark.parametrize("target", ["pakta.target", "pakta-web.target", "pakta-seal.target"])
def test_whoever_stops_a_target_stops_what_it_started(target):
    parts = [units.load(name)["Unit"]["PartOf"] for name in units.started(target)]

    assert [part for part in parts if target not in part] == []


def test_web_listens_to_its_own_host_alone_until_it_is_told_otherwise():
    service = units.load("pakta-web.service")["Service"]

    assert service["Environment"] == ["WEB_BIND=127.0.0.1:8000"]
    assert service["ExecStart"][0].endswith(" --bind ${WEB_BIND}")
    assert "\nWEB_BIND" not in (DEPLOY / "pakta.env").read_text()
    assert "\n#WEB_BIND" in (DEPLOY / "pakta.env").read_text()


@pytest.mark.parametrize("name", units.services())
def test_only_the_sealing_worker_is_told_of_the_key_and_runs_as_the_user_who_may_read_it(name):
    service = units.load(name)["Service"]
    is_sealing = name == "pakta-seal@.service"
    users = {"pakta-seal@.service": "pakta-seal"} | dict.fromkeys(BACKUPS, "pakta-admin")

    assert service["User"] == [users.get(name, "pakta")]
    assert ("/etc/pakta/seal/seal.env" in service["EnvironmentFile"]) == is_sealing
    assert "SEAL" not in (DEPLOY / "pakta.env").read_text()


def test_the_guide_puts_the_servers_name_where_it_belongs_and_changes_nothing_else(tmp_path):
    [line] = re.findall(r"^sed .* deploy/pakta\.env", GUIDE, re.MULTILINE)

    written = subprocess.run(
        ["sh", "-c", line], env=os.environ | {"NAMA": "apel.kota.go.id"}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    before = (DEPLOY / "pakta.env").read_text()
    assert "\nBASE_URL=https://apel.kota.go.id\n" in written
    assert written == before.replace("//pakta.kota-contoh.go.id", "//apel.kota.go.id")
    assert "<pakta@kota-contoh.go.id>" in written


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("verify_documents", "pakta-admin 0007 9 Pakta <pakta@kota-contoh.go.id> no key, no owner"),
        (
            "create_seal_certificate",
            "pakta-seal 0007 9 Pakta <pakta@kota-contoh.go.id> a key, no owner",
        ),
        ("migrate", "pakta-admin 0007 9 Pakta <pakta@kota-contoh.go.id> no key, postgres://owner"),
        ("restore", "pakta-admin 0007 9 Pakta <pakta@kota-contoh.go.id> no key, postgres://owner"),
    ],
)
def test_by_hand_a_command_has_the_settings_of_the_services_and_the_key_only_to_seal(
    command, told, tmp_path
):
    for folder in ("seal", "owner"):
        (tmp_path / folder).mkdir()
    (tmp_path / "owner" / "database_url").write_text("postgres://owner\n")
    shutil.copy(DEPLOY / "pakta.env", tmp_path)
    shutil.copy(DEPLOY / "seal.env", tmp_path / "seal")
    script = (DEPLOY / "pakta").read_text().replace("/etc/pakta", str(tmp_path))
    runuser = tmp_path / "runuser"
    runuser.write_text(
        "#!/bin/sh\n"
        'key=${SEAL_PKCS12:+"a key"}\n'
        # A file that is named goes before the variable.
        "owner=${DATABASE_URL_FILE:+no owner}\n"
        'echo "$2 $(umask) $WEB_CONCURRENCY $DEFAULT_FROM_EMAIL ${key:-no key},'
        ' ${owner:-$DATABASE_URL}"\n'
        'shift 3\necho "$PWD $*"\n'
    )
    runuser.chmod(0o755)

    done = subprocess.run(
        ["sh", "-c", script.replace("/srv/pakta", str(ROOT)), "pakta", command, "--flag"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "WEB_CONCURRENCY": "9"},  # the caller's
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines() == [told, f"{ROOT} .venv/bin/python manage.py {command} --flag"]


def test_only_the_containers_that_seal_have_the_key():
    folder = "/etc/pakta/seal"
    having = [name for name, each in OF_PAKTA.items() if folder in str(each["volumes"])]
    told = [name for name, each in OF_PAKTA.items() if folder in str(each["env_file"])]

    assert having == told == ["seal", "manage-seal"]
    assert {OF_PAKTA[name]["user"] for name in having} == {"10002:10001"}
    assert "/etc/pakta/seal:/etc/pakta/seal:ro" in OF_PAKTA["seal"]["volumes"]
    # podman-compose counts no others than those that are called replicated.
    assert OF_PAKTA["seal"]["deploy"] == {"mode": "replicated", "replicas": 2}


def test_only_the_containers_that_make_tables_are_their_owner():
    having = [name for name, service in OF_PAKTA.items() if "owner" in str(service["secrets"])]

    assert having == ["migrations", "manage-owner"]
    for name in having:
        told = OF_PAKTA[name]["environment"]["DATABASE_URL_FILE"]
        assert told == "/run/secrets/owner_database_url"
    assert "grant_runtime --role pakta" in OF_PAKTA["migrations"]["command"][-1]


BY_HAND = {name: each for name, each in OF_PAKTA.items() if name.startswith("manage")}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand_a_container_keeps_the_umask_and_starts_nothing_else(name):
    service = BY_HAND[name]

    [of_the_image] = re.findall(
        r'^ENTRYPOINT \["(.*)"\]$', (DEPLOY / "Containerfile").read_text(), re.MULTILINE
    )
    assert service["entrypoint"] == [of_the_image, "python", "manage.py"]
    assert "umask 0007" in (ROOT / of_the_image).read_text()
    assert (service["profiles"], service["restart"]) == (["by-hand"], "no")
    # What is started before it would be, by some engines, ended and made anew each time.
    assert service["depends_on"] == {}


def test_by_hand_backups_are_within_reach_of_all_that_make_or_read_one():
    place = "/var/backups/pakta:/var/backups/pakta"
    having = [name for name, each in OF_PAKTA.items() if place in each["volumes"]]

    assert having == ["manage", "manage-owner"]
    assert {name for name, each in OF_PAKTA.items() if "files:/var/lib/pakta" in each["volumes"]} \
        == set(OF_PAKTA)  # fmt: skip


@pytest.mark.parametrize(
    ("command", "service"),
    [
        ("backup", "manage"),
        ("verify_documents", "manage"),
        ("purge_expired", "manage"),
        ("createsuperuser", "manage"),
        ("migrate", "manage-owner"),
        ("grant_runtime", "manage-owner"),
        ("restore", "manage-owner"),
        ("create_seal_certificate", "manage-seal"),
        ("seal_pending", "manage-seal"),
    ],
)
@pytest.mark.parametrize("engine", ["podman-compose", "docker"])
def test_by_hand_a_command_runs_in_a_container_with_what_it_needs(
    command, service, engine, tmp_path
):
    (tmp_path / engine).write_text(
        '#!/bin/sh\necho "${0##*/} $*"\nfor last; do :; done\necho "$last"\n'
    )
    (tmp_path / engine).chmod(0o755)

    done = subprocess.run(
        ["/bin/sh", DEPLOY / "pakta-container.sh", command, "--flag", "two words"],
        env={"PATH": str(tmp_path)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    called = {"docker": "docker compose"}.get(engine, engine)
    assert done.stdout == (
        f"{called} --file /srv/pakta/deploy/compose.yaml --profile by-hand "
        f"run --rm -T {service} {command} --flag two words\ntwo words\n"
    )
    assert service in BY_HAND


def test_each_command_has_the_same_rights_with_containers_and_without():
    scripts = [(DEPLOY / name).read_text() for name in ("pakta", "pakta-container.sh")]

    [of_services, of_containers] = [re.findall(r"^    ([a-z_ |]+)\)", s, re.M) for s in scripts]
    assert of_services == of_containers


def test_containers_run_what_the_services_run():
    in_containers = {
        name: " ".join(service["command"])
        for name, service in OF_PAKTA.items()
        if "command" in service
    }
    services = {"tasks", "notices", "tick", "seal"}
    commands = {
        name: shlex.join(_arguments(f"pakta-{name}{'@' if name == 'seal' else ''}.service"))
        for name in services
    }

    assert {name: in_containers[name] for name in services} == commands
    image = (DEPLOY / "Containerfile").read_text()
    assert '"gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py"' in image
    assert _arguments("pakta-web.service")[:4] == [
        "gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py",
    ]  # fmt: skip


def _arguments(name: str) -> list[str]:
    [command] = units.load(name)["Service"]["ExecStart"]
    program, *arguments = shlex.split(command)
    return [Path(program).name, *arguments]


def test_a_container_is_started_again_and_those_that_answer_are_asked():
    lasting = {
        name: service
        for name, service in COMPOSE["services"].items()
        if name != "migrations" and name not in BY_HAND
    }

    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    asked = [name for name, service in lasting.items() if "healthcheck" in service]
    assert asked == ["database", "web", "proxy"]
    assert "/healthz" in str(COMPOSE["services"]["web"]["healthcheck"])


def test_of_the_containers_only_the_proxy_is_reached_from_outside():
    reached = [name for name, service in COMPOSE["services"].items() if "ports" in service]

    assert reached == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]


def test_every_secret_of_the_containers_is_a_file():
    named = {
        value
        for service in COMPOSE["services"].values()
        for key, value in service.get("environment", {}).items()
        if re.search("KEY|PASS|URL", key)
    }

    assert named
    assert all(str(value).startswith("/run/secrets/") for value in named)


def test_the_image_runs_as_nobody_with_pins_and_has_what_setup_installs():
    image = (DEPLOY / "Containerfile").read_text()

    assert re.findall(r"^USER (.*)$", image, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes --requirement requirements.txt" in image
    assert "collectstatic" in image
    setup = (DEPLOY / "setup.sh").read_text()
    to_run = setup.partition("packages_to_run() {")[2].partition("\n}")[0]
    packages = re.findall(r"echo (\S+);", to_run)
    assert len(packages) == 3
    assert [package for package in packages if package not in image] == []
    assert [package for package in packages if package not in GUIDE] == []


def test_no_keys_and_no_data_get_into_the_image():
    """Everything is left out, but for what is named."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert lines[1] == "*"
    named = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert named == {
        "manage.py", "requirements.txt", "pakta", "pledges", "static", "templates",
        "deploy/gunicorn.conf.py", "deploy/in-container.sh",
    }  # fmt: skip


def test_the_guide_names_only_commands_and_files_that_are_there():
    commands = re.findall(r"(?:^|`)pakta ([a-z_]+)", GUIDE, re.MULTILINE)
    files = re.findall(r"\bdeploy/[\w./-]*\w", GUIDE)

    assert {"migrate", "backup", "restore", "verify_documents"} <= set(commands)
    assert set(commands) <= set(get_commands())
    assert [file for file in files if not (ROOT / file).exists()] == []
    services = set(re.findall(r"pakta-[a-z-]+\.(?:service|timer|target)|pakta\.target", GUIDE))
    assert services <= {path.name for path in UNITS.iterdir()}
    assert {"pakta-web.target", "pakta-seal.target"} <= services
    containers = set(re.findall(r"compose (?:exec|up|exec -T|up --detach) ([a-z]\w+)", GUIDE))
    logged = re.findall(r"compose logs --follow ([a-z ]+)`", GUIDE)[0].split()
    assert {"database", "proxy"} <= containers
    assert containers | set(logged) <= set(COMPOSE["services"])


def test_the_guide_runs_no_command_of_pakta_beside_the_image_s_entry_point():
    assert "manage.py" not in GUIDE.partition("### Dengan kontainer")[2].partition("\n### ")[0]
