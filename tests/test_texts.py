from dataclasses import replace
from datetime import date

import pytest

from pledges import events, texts, wording
from pledges.models import AuditEntry, Event, LegalBasis, Pact, PactKind
from tests import cast

UU_ASN = "Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara"
UU_ASN_OLD = "Undang-Undang Nomor 5 Tahun 2014 tentang Aparatur Sipil Negara"


@pytest.fixture
def draft(city: cast.City) -> Event:
    return cast.make_draft(city)


@pytest.fixture
def row(draft: Event) -> Pact:
    return draft.pacts.get()


def save(row: Pact, **changes) -> Pact:
    words = {
        "title": row.title,
        "opening": cast.OPENING,
        "points": list(cast.POINTS),
        "closing": row.closing,
        "legal_bases": row.legal_bases,
    }
    return texts.save_text(row, **(words | changes), by=None)


def problems(row: Pact, **changes) -> list[str]:
    before = [point.text for point in row.points.all()]
    with pytest.raises(texts.BadText) as refused:
        save(row, **changes)
    assert [point.text for point in row.points.all()] == before
    return refused.value.problems


def points_of(row: Pact) -> list[tuple[int, str]]:
    return list(row.points.values_list("number", "text"))


def test_every_part_of_a_text_can_be_edited(row):
    save(
        row,
        title="Pakta Netralitas",
        opening="Saya:\n{identitas}\nmenyatakan:",
        points=["Satu.", "Dua."],
        closing="Demikian.",
        legal_bases=[UU_ASN],
    )
    row.refresh_from_db()
    assert row.title == "Pakta Netralitas"
    assert row.opening == "Saya:\n{identitas}\nmenyatakan:"
    assert points_of(row) == [(1, "Satu."), (2, "Dua.")]
    assert row.closing == "Demikian."
    assert row.legal_bases == [UU_ASN]


def test_points_are_added_removed_and_reordered_without_a_gap(row):
    save(row, points=["A.", "B.", "C."])
    save(row, points=["C.", "A.", "B.", "D."])
    assert points_of(row) == [(1, "C."), (2, "A."), (3, "B."), (4, "D.")]
    save(row, points=["D.", "A."])
    assert points_of(row) == [(1, "D."), (2, "A.")]


def test_one_point_and_twenty_points_are_kept(row):
    save(row, points=["Netral."])
    assert points_of(row) == [(1, "Netral.")]
    save(row, points=[f"Butir ke-{n}." for n in range(1, 21)])
    assert points_of(row)[-1] == (20, "Butir ke-20.")


def test_more_than_thirty_legal_bases_are_refused(row):
    laws = [f"UU {number}/2024" for number in range(31)]
    assert problems(row, legal_bases=laws) == ["Naskah menyebut paling banyak 30 dasar hukum."]
    save(row, legal_bases=laws[:30])


def test_no_point_and_twenty_one_points_are_refused(row):
    assert problems(row, points=[]) == ["Naskah mempunyai 1 sampai 20 butir."]
    assert problems(row, points=["Netral."] * 21) == ["Naskah mempunyai 1 sampai 20 butir."]


def test_an_empty_point_is_refused_by_its_number(row):
    assert problems(row, points=["Netral.", "  \n "]) == ["Butir 2 masih kosong; isi atau hapus."]


def test_title_and_opening_must_be_there(row):
    assert problems(row, title=" ") == ["Isi judul naskah."]
    assert problems(row, opening="")[0] == "Isi pembuka naskah."


def test_an_overlong_title_or_point_is_refused(row):
    assert problems(row, title="A" * 201) == ["Judul paling panjang 200 huruf."]
    assert problems(row, points=["A" * 2001]) == ["Butir 1 paling panjang 2000 huruf."]


@pytest.mark.parametrize(
    "opening",
    [
        "Saya menyatakan:",
        "Saya {identitas} menyatakan:",
        "{identitas}\n{identitas}\nmenyatakan:",
        "{identitas}\nSaya {identitas} menyatakan:",
    ],
)
def test_the_opening_of_a_pact_has_one_line_for_the_identity(row, opening):
    assert problems(row, opening=opening) == [
        "Pembuka memuat satu baris {identitas}, tempat nama dan NIP penanda tangan dicetak, "
        "dan tidak ada kata lain pada baris itu."
    ]


def test_the_opening_of_an_ikrar_names_nobody(draft):
    ikrar = cast.make_pact(draft, kind=PactKind.DECLARATION, opening="Kami berikrar:")
    save(ikrar, opening="Kami:\nberikrar:")
    assert problems(ikrar, opening="Kami:\n{identitas}\nberikrar:") == [
        "Ikrar dibaca bersama-sama; hapus {identitas} dari pembukanya."
    ]


def test_characters_that_the_document_font_lacks_are_named(row):
    found = problems(row, points=["Netral.", "Tetap netral 🙂 selalu.\x07"], closing="Damai ☮")
    assert found == [
        "Butir 2 memuat karakter yang tidak dapat dicetak: U+0007, 🙂 (U+1F642).",
        "Penutup memuat karakter yang tidak dapat dicetak: ☮ (U+262E).",
    ]


def test_stray_spaces_and_unicode_forms_do_not_change_a_digest(row):
    save(row, points=["Netralité  pada\nPilkada. "], opening=" Saya:\r\n\r\n {identitas} \r\nkami:")
    row.refresh_from_db()
    assert points_of(row) == [(1, "Netralité pada Pilkada.")]
    assert row.opening == "Saya:\n{identitas}\nkami:"


def test_legal_bases_are_kept_once_and_without_blanks(row):
    save(row, legal_bases=[UU_ASN, " ", f" {UU_ASN}", "Perwal Nomor 1"])
    row.refresh_from_db()
    assert row.legal_bases == [UU_ASN, "Perwal Nomor 1"]


def test_a_published_text_cannot_be_edited(draft, row):
    events.publish(draft, by=None)
    for act in (save, lambda row: texts.confirm_official(row, by=None)):
        with pytest.raises(events.WrongState):
            act(row)
    assert points_of(row) == list(enumerate(cast.POINTS, start=1))


def test_an_edit_of_a_text_that_was_replaced_meanwhile_says_so(draft, row):
    texts.replace_all(draft, [], source="test", by=None)
    with pytest.raises(texts.TextReplaced, match="Perubahan Anda tidak disimpan"):
        save(row)


def test_an_example_stays_one_when_edited_until_somebody_confirms_it(draft, row):
    row.is_official_text = False
    row.save()
    save(row, points=["Netral."])
    row.refresh_from_db()
    assert not row.is_official_text
    with pytest.raises(events.NotPublishable):
        events.publish(draft, by=None)
    texts.confirm_official(row, by=None)
    assert events.publish(draft, by=None).is_open


def test_edits_and_confirmations_are_in_the_audit_log(row, admin_user):
    texts.save_text(
        row, title="A", opening="{identitas}", points=["B"], closing="", legal_bases=[],
        by=admin_user,
    )  # fmt: skip
    texts.confirm_official(row, by=admin_user)
    assert list(AuditEntry.objects.values_list("actor", "action", "target", "details")) == [
        (f"user:{admin_user.pk}", "text.save", f"pact:{row.pk}", {"points": 1}),
        (f"user:{admin_user.pk}", "text.confirm", f"pact:{row.pk}", {}),
    ]


def test_a_refused_edit_leaves_no_trace(row):
    problems(row, points=[])
    assert not AuditEntry.objects.exists()


def test_a_new_installation_offers_the_laws_that_pacts_cite(db):
    titles = LegalBasis.objects.values_list("title", flat=True)
    assert len(titles) == 9
    assert UU_ASN in titles
    assert (
        "Peraturan Pemerintah Nomor 94 Tahun 2021 tentang Disiplin Pegawai Negeri Sipil" in titles
    )
    assert sum("Nomor 1447.1/PM.01/K.1/09/2022" in title for title in titles) == 1


def test_a_revoked_law_is_found_and_names_its_successor(db):
    (old,) = texts.revoked_bases([UU_ASN, UU_ASN_OLD, "Perwal Nomor 1"], on=date(2024, 9, 2))
    assert old.title == UU_ASN_OLD
    assert str(old.replaced_by) == UU_ASN


def test_a_law_is_not_revoked_before_its_day(db):
    assert not texts.revoked_bases([UU_ASN_OLD], on=date(2023, 10, 30))
    assert texts.revoked_bases([UU_ASN_OLD], on=date(2023, 10, 31))


@pytest.mark.parametrize(
    "cited",
    [
        "UU 5/2014",
        "UU No. 5 Tahun 2014 tentang ASN",
        "undang-undang nomor 5 tahun 2014 tentang Aparatur Sipil Negara, Pasal 9",
    ],
)
def test_a_revoked_law_is_found_however_its_number_is_written(db, cited):
    (old,) = texts.revoked_bases([cited], on=date(2024, 9, 2))
    assert old.title == UU_ASN_OLD


@pytest.mark.parametrize("cited", ["UU 20/2023", "PP 5/2014", "UU 15/2014", "Perwal", ""])
def test_another_law_is_not_taken_for_a_revoked_one(db, cited):
    assert texts.revoked_bases([cited], on=date(2024, 9, 2)) == []


# One text for all, or one each


def test_a_text_for_all_is_split_into_two_with_the_same_words(draft, row):
    copy = texts.split(row, by=None)
    row.refresh_from_db()
    assert (row.audience, copy.audience) == ("asn", "non_asn")
    assert wording.of(copy) == replace(wording.of(row), audience="non_asn")
    assert events.problems(draft) == []


@pytest.mark.parametrize(("audience", "other"), [("asn", "non_asn"), ("non_asn", "asn")])
def test_a_text_for_some_gets_a_copy_for_the_others(draft, row, audience, other):
    row.audience = audience
    row.save()
    assert texts.split(row, by=None).audience == other


def test_an_example_stays_an_example_in_its_copy(row):
    row.is_official_text = False
    row.save()
    assert not texts.split(row, by=None).is_official_text


def test_a_pair_of_texts_is_not_split_again(row):
    texts.split(row, by=None)
    with pytest.raises(texts.BadText, match="sudah mempunyai pasangan"):
        texts.split(row, by=None)


def test_an_ikrar_is_everybodys_and_is_not_split(draft):
    ikrar = cast.make_pact(draft, kind=PactKind.DECLARATION)
    with pytest.raises(texts.BadText):
        texts.split(ikrar, by=None)


def test_the_last_text_can_be_made_everybodys(draft, row):
    copy = texts.split(row, by=None)
    with pytest.raises(texts.BadText, match="Hapus dulu naskah yang lain"):
        texts.for_everybody(row, by=None)
    texts.remove(copy, by=None)
    assert texts.for_everybody(row, by=None).audience == "all"
    assert events.problems(draft) == []


def test_a_published_text_is_not_split_joined_or_removed(open_event):
    row = open_event.pacts.get()
    for act in (texts.split, texts.for_everybody, texts.remove):
        with pytest.raises(events.WrongState):
            act(row, by=None)
    assert open_event.pacts.get() == row


def test_splitting_joining_and_removing_are_in_the_audit_log(row):
    texts.remove(texts.split(row, by=None), by=None)
    texts.for_everybody(row, by=None)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "text.split",
        "text.remove",
        "text.for_everybody",
    ]
