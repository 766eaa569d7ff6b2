"""One way through the house: a module imports only from modules before it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

PLEDGES = settings.BASE_DIR / "pledges"

# Every module, in the order of the flow. A new one is put where it belongs.
FLOW = """
nip keys envelopes fonts marks charts filenames tables zips spelled metrics
models.rows models.agency models.event models.desk models.signatory models.chasing models.collected
models.document models.reports models.roster models.trail models.heartbeat models
grants audit niks pact wording events waves ways ceremony texts presets logos letterheads
roster.words roster.sheets roster.cells roster.parts roster.fields roster.ranks roster.units
roster.delimited roster.xls roster.xlsx_parts roster.xlsx roster.files
roster.columns roster.lines roster.sections roster.rows roster.crosschecks roster.reading
roster.faulty roster.report roster.single roster.enrol roster.amend roster.imports
guesses identity mailed logins declaration signing refusals corrections excuses desks
documents.pictures documents.lines documents.page documents.typesetting documents.pact_form
documents.declaration_form
documents.reported documents.report_form documents.recap_sheets documents.sheet_form
documents.scan_form
documents.token documents.timestamps documents.seal
documents.cutting documents.form documents.pressing
documents.preview documents.press documents.copies
documents.issue
addresses progress wall verdicts verification downloads exports books slips disputes
mailing notices reminders whatsapp missing_list fairness
recap minutes plausibility reports retention own_data agencies trails evidence lookups
paper.codes paper.reading paper.reader paper.sheets paper.scans
demo.sources demo.people demo.rosters demo.parts demo.arms demo.handwriting demo.turnout demo.logins
demo.load
passwords sessions second_factors accounts outgoing openid invitations access tasks adapters health
gauges backups templatetags.pakta
forms.account forms.disputes forms.events forms.agency forms.texts forms.signing forms.verification
forms.desks forms.voiding forms.progress forms.roster forms.people forms.corrections
forms.excuses forms.officers forms.keeping forms.ways forms.logins forms.waves forms.parts
forms.exports forms.oversight forms.reports forms.reminders forms.scans
views.guards views.watched views.headers views.uploads views.taking views.account
views.signer.page views.signer.offline views.signer.dispute views.signer.refusals
views.signer.corrections views.signer.pledge views.signer.turns views.signer.delivery
views.signer.identify views.signer.mailed views.signer.login
views.signer.receipt views.signer.privacy
views.desk.session views.desk.page views.desk.leave
views.public.home views.public.verify views.public.wall views.public.sheet views.public.health
views.public.metrics
views.organiser.page views.organiser.desk views.organiser.wall views.organiser.waves
views.organiser.parts views.organiser.events views.organiser.agency views.organiser.texts
views.organiser.publication views.organiser.roster views.organiser.imports
views.organiser.people views.organiser.excuses
views.organiser.fairness views.organiser.slips views.organiser.officers views.organiser.accounts
views.organiser.corrections views.organiser.amending views.organiser.progress
views.organiser.downloads views.organiser.signatures views.organiser.declaration
views.organiser.reports views.organiser.ways views.organiser.keeping views.organiser.oversight
views.organiser.trail views.organiser.chasing views.organiser.reminders
views.organiser.sheets views.organiser.scans
admin urls checks apps
management.watching
management.commands.account management.commands.backup
management.commands.create_seal_certificate management.commands.export_event
management.commands.grant_runtime management.commands.import_roster management.commands.load_demo
management.commands.purge_expired
management.commands.restore management.commands.rotate_nik_key
management.commands.seal_pending management.commands.send_notices management.commands.tick
management.commands.verify_documents management.commands.verify_pdf
"""
ORDER = FLOW.split()


def is_empty_package(path: Path) -> bool:
    return path.name == "__init__.py" and not ast.parse(path.read_text()).body


MODULES = {
    ".".join(path.relative_to(PLEDGES).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PLEDGES.rglob("*.py"))
    if "migrations" not in path.parts and not is_empty_package(path)
}


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules of `pledges` that a module needs when it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom):
            yield from imported_from(node)
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        yield from imports(node)


def imported_from(node: ast.ImportFrom) -> Iterator[str]:
    """`from pledges.x import y` means the module x.y if there is one, else the module x."""
    assert node.level == 0, "imports are absolute"
    for name in node.names:
        full = f"{node.module}.{name.name}"
        yield full if full.removeprefix("pledges.") in MODULES else str(node.module)


def parse(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def test_every_module_is_listed_and_every_listed_module_is_there():
    assert sorted(ORDER) == sorted(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_modules_before_it(module):
    above = set(ORDER[: ORDER.index(module)])
    ours = {name.removeprefix("pledges.") for name in imports(parse(module)) if ours_is(name)}

    assert ours - above == set()


def ours_is(name: str) -> bool:
    return name.startswith("pledges.")


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith(("views.", "forms."))])
def test_views_and_forms_ask_access_for_their_querysets(module):
    attributes = {node.attr for node in ast.walk(parse(module)) if isinstance(node, ast.Attribute)}

    assert not attributes & {"objects", "_default_manager", "_base_manager"}


def needs(module: str) -> set[str]:
    """Everything of ours that is loaded with a module, also when it is loaded late."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        names = {name.removeprefix("pledges.") for name in imports(parse(waiting.pop()))}
        waiting |= names.intersection(MODULES) - found
        found |= names
    return found


@pytest.mark.parametrize("module", ["urls", "admin", "templatetags.pakta"])
def test_web_processes_never_touch_the_sealing_key(module):
    assert not needs(module) & {"documents.token", "documents.seal", "documents.issue"}


def test_the_program_that_takes_foreign_files_apart_loads_nothing_else_of_ours():
    loaded = needs("paper.reading")

    assert not [name for name in loaded if name in MODULES or name.startswith("django")]


# One signature that cannot be sealed, or one job of a tick that fails, is logged and must not
# hold up the others; that a storage fails, however it does, is what a look at its health tells;
# and what an authority answers may be anything.
GOES_ON = {"documents.issue", "documents.timestamps", "management.commands.tick", "health"}


@pytest.mark.parametrize("module", [m for m in MODULES if m not in GOES_ON])
def test_no_module_catches_every_exception(module):
    caught = [
        ast.unparse(node.type) if node.type else "everything"
        for node in ast.walk(parse(module))
        if isinstance(node, ast.ExceptHandler)
    ]

    assert not {"Exception", "BaseException", "everything"}.intersection(caught)


# What a request meets first, and commands, which have none; and whatever is asked of others.
MEETS_REQUESTS = (
    "views.", "admin", "adapters", "outgoing", "openid", "templatetags.", "management.",
)  # fmt: skip


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith(MEETS_REQUESTS)])
def test_domain_functions_never_see_a_request(module):
    names = {node.arg for node in ast.walk(parse(module)) if isinstance(node, ast.arg)}

    assert "request" not in names


@pytest.mark.parametrize("name", ["utils", "helpers", "services", "common", "signals"])
def test_there_is_no_drawer_for_junk(name):
    assert not [module for module in MODULES if name in module.split(".")]


def test_the_readme_names_every_command_of_ours():
    readme = (settings.BASE_DIR / "README.md").read_text()
    named = re.findall(r"^\| `manage\.py ([a-z_]+)", readme, re.MULTILINE)

    assert sorted(named) == sorted(
        command for command, app in get_commands().items() if app == "pledges"
    )
