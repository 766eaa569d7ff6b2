"""`export_event EVENT --out DIR`, as operators and scripts run it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from pledges.models import AuditEntry
from tests import cast
from tests.cast import BUDI, SITI
from tests.test_downloads import sign_and_seal


def test_it_writes_the_tree_with_its_manifest_and_ends_with_the_counts(
    open_event, tmp_path, capsys, sealer
):
    sign_and_seal(open_event, sealer, SITI)
    cast.sign(cast.someone(open_event, BUDI))
    out = tmp_path / "hasil" / "acara"

    call_command("export_event", open_event.code.lower(), out=out)

    files = sorted(str(file.relative_to(out)) for file in out.rglob("*.*"))
    assert files == [
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf",
        "manifest.csv",
        "manifest.xlsx",
    ]
    assert capsys.readouterr().out.splitlines()[-2:] == ["documents 1", "waiting 1"]
    assert AuditEntry.objects.get(action="export.documents").actor == "system"


def test_nobody_else_can_read_the_folder(open_event, tmp_path, sealer):
    sign_and_seal(open_event, sealer, SITI)

    call_command("export_event", open_event.code, out=tmp_path / "hasil")

    assert (tmp_path / "hasil").stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_may_be_there_already(open_event, tmp_path, sealer):
    sign_and_seal(open_event, sealer, SITI)

    call_command("export_event", open_event.code, out=tmp_path)

    assert (tmp_path / "manifest.xlsx").exists()


def test_it_overwrites_nothing(open_event, tmp_path, sealer):
    sign_and_seal(open_event, sealer, SITI)
    (tmp_path / "manifest.xlsx").write_text("milik orang lain")

    with pytest.raises(CommandError, match="sudah berisi"):
        call_command("export_event", open_event.code, out=tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["manifest.xlsx"]
    assert (tmp_path / "manifest.xlsx").read_text() == "milik orang lain"


def test_an_unknown_event_is_named(db, tmp_path):
    with pytest.raises(CommandError, match="Acara TIDAKADA tidak ditemukan"):
        call_command("export_event", "TIDAKADA", out=tmp_path)


def test_an_event_with_nothing_sealed_tells_so_and_writes_nothing(open_event, tmp_path, capsys):
    cast.sign(cast.someone(open_event, SITI))

    with pytest.raises(CommandError, match="1 tanda tangan masih menunggu disegel"):
        call_command("export_event", open_event.code, out=tmp_path / "hasil")

    assert capsys.readouterr().out.splitlines() == ["documents 0", "waiting 1"]
    assert not (tmp_path / "hasil").exists()
