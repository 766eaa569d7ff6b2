from __future__ import annotations

import base64
import html
import io
import re
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image
from pypdfium2 import PdfDocument

from pledges import events, pact, presets
from pledges.models import Event, Pact, PactKind
from tests import cast
from tests.cast import City
from tests.pages import text_of

UU_ASN = "Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara"
UU_ASN_OLD = "Undang-Undang Nomor 5 Tahun 2014 tentang Aparatur Sipil Negara"


def points_in(response) -> list[str]:
    found = re.findall(r'name="points"[^>]*>(.*?)</textarea>', response.content.decode(), re.DOTALL)
    return [html.unescape(point).strip() for point in found]


def pdf_text(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    with PdfDocument(response.content) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join("".join(pages).replace("\ufffe", "-").split())


@pytest.fixture
def bare(city: City) -> Event:
    """A draft without a text."""
    return cast.make_event(city.agency)


@pytest.fixture
def row(draft_event: Event) -> Pact:
    return draft_event.pacts.get()


def texts_url(event: Event) -> str:
    return f"/kelola/acara/{event.code}/naskah"


def url_of(row: Pact) -> str:
    return f"/kelola/acara/{row.event.code}/naskah/{row.pk}"


def words_of(row: Pact, **changes: object) -> dict[str, object]:
    """What the editor sends."""
    return {
        "title": row.title,
        "opening": row.opening,
        "points": list(row.points.values_list("text", flat=True)),
        "closing": row.closing,
        "bases": row.legal_bases,
        "other_bases": "",
    } | changes


def save(client: Client, row: Pact, **changes: object):
    return client.post(url_of(row), words_of(row, act="save", **changes))


# What to begin with


def test_the_presets_are_offered_with_their_words(as_admin: Client, bare: Event) -> None:
    page = text_of(as_admin.get(texts_url(bare)))
    assert "Ikrar dan pakta empat butir (ASN)" in page
    assert "Pakta empat butir untuk ASN dan non-ASN" in page
    assert "Pakta sembilan butir (contoh susunan, ganti dengan naskah resmi)" in page
    assert "Menghormati hasil Pilkada Serentak Tahun 2024." in page
    assert "[nama, NIP, jabatan, dan unit kerja penanda tangan]" in page
    assert "{" not in page


@pytest.mark.parametrize(
    ("preset", "kinds"),
    [
        ("empat-butir", ["individual", "declaration"]),
        ("asn-dan-non-asn", ["individual"]),
        ("sembilan-butir", ["individual"]),
    ],
)
def test_a_preset_is_taken(as_admin: Client, bare: Event, preset: str, kinds: list[str]) -> None:
    response = as_admin.post(texts_url(bare), {"start": preset}, follow=True)
    assert "Naskah dipasang." in text_of(response)
    assert [row.kind for row in bare.pacts.all()] == kinds


def test_nine_points_are_labelled_and_confirmed_before_publication(
    as_admin: Client, city: City
) -> None:
    event = cast.make_draft(city)
    event.signatories.get(nip=None).delete()
    presets.apply(event, "sembilan-butir", by=None)
    assert "Contoh susunan, ganti dengan naskah resmi." in text_of(as_admin.get(texts_url(event)))
    row = event.pacts.get()
    response = as_admin.post(f"{url_of(row)}/ubah", {"change": "resmi"}, follow=True)
    assert "Naskah dinyatakan sebagai naskah resmi instansi." in text_of(response)
    assert "Contoh susunan" not in re.sub(r"<form.*</form>", "", text_of(response))
    assert events.problems(event) == []


def test_texts_are_copied_from_an_earlier_event(as_admin: Client, city: City, bare: Event) -> None:
    earlier = cast.make_closed(city, points=["Setia.", "Netral."])
    assert "Salin dari acara sebelumnya" in text_of(as_admin.get(texts_url(bare)))
    as_admin.post(texts_url(bare), {"start": "event", "source": earlier.code})
    assert pact.of(bare.pacts.get()).points == ("Setia.", "Netral.")


def test_another_agencys_texts_are_not_offered_and_not_copied(
    as_admin: Client, other_city: City, bare: Event
) -> None:
    theirs = cast.make_open(other_city, points=["Rahasia."])
    assert "Salin dari acara" not in text_of(as_admin.get(texts_url(bare)))
    response = as_admin.post(texts_url(bare), {"start": "event", "source": theirs.code})
    assert response.status_code == 422
    assert not bare.pacts.exists()


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Pilih salah satu susunan naskah."),
        ({"start": "event"}, "Pilih acara yang naskahnya disalin."),
        ({"start": "tidak-ada"}, "tidak-ada bukan salah satu dari pilihan yang tersedia."),
    ],
)
def test_a_choice_that_is_none_is_explained(
    as_admin: Client, city: City, bare: Event, sent: dict[str, str], message: str
) -> None:
    cast.make_open(city)
    response = as_admin.post(texts_url(bare), sent)
    assert response.status_code == 422
    assert message in text_of(response)


def test_texts_that_are_there_are_replaced_only_after_a_tick(
    as_admin: Client, draft_event: Event, row: Pact
) -> None:
    response = as_admin.post(texts_url(draft_event), {"start": "empat-butir"})
    assert response.status_code == 422
    assert "Centang bahwa naskah yang sekarang boleh diganti." in text_of(response)
    assert draft_event.pacts.get() == row
    as_admin.post(texts_url(draft_event), {"start": "empat-butir", "replace": "on"})
    assert draft_event.pacts.count() == 2


def test_a_published_event_shows_its_texts_with_their_digests_and_no_buttons(
    as_admin: Client, open_event: Event
) -> None:
    page = text_of(as_admin.get(texts_url(open_event)))
    assert "Naskah dibekukan sejak acara diterbitkan" in page
    assert open_event.pacts.get().digest in page
    assert "Sunting" not in page
    assert "Pilih naskah" not in page


def test_a_published_event_s_texts_are_not_replaced(as_admin: Client, open_event: Event) -> None:
    sent = {"start": "empat-butir", "replace": "on"}
    page = text_of(as_admin.post(texts_url(open_event), sent, follow=True))
    assert "yang sudah diterbitkan tidak dapat diubah" in page
    assert open_event.pacts.count() == 1


# Texts for civil servants and for others


def test_one_text_for_all_is_split_and_joined_again(
    as_admin: Client, draft_event: Event, row: Pact
) -> None:
    as_admin.post(f"{url_of(row)}/ubah", {"change": "pisah"})
    asn, others = draft_event.pacts.order_by("pk")
    assert (asn.pk, asn.audience, others.audience) == (row.pk, "asn", "non_asn")
    assert pact.of(others).points == pact.of(asn).points == cast.POINTS
    page = text_of(as_admin.post(f"{url_of(asn)}/ubah", {"change": "semua"}, follow=True))
    assert "Hapus dulu naskah yang lain" in page
    as_admin.post(f"{url_of(others)}/ubah", {"change": "hapus"})
    as_admin.post(f"{url_of(asn)}/ubah", {"change": "semua"})
    assert draft_event.pacts.get().audience == "all"


def test_an_unknown_button_changes_nothing(as_admin: Client, row: Pact) -> None:
    assert as_admin.post(f"{url_of(row)}/ubah", {"change": "ledakkan"}).status_code == 400


def test_a_published_text_is_neither_split_nor_removed(as_admin: Client, open_event: Event) -> None:
    row = open_event.pacts.get()
    for change in ("pisah", "semua", "hapus", "resmi"):
        response = as_admin.post(f"{url_of(row)}/ubah", {"change": change}, follow=True)
        assert "yang sudah diterbitkan tidak dapat diubah" in text_of(response)
    assert open_event.pacts.get().audience == "all"


# The editor


def test_the_editor_shows_every_part_of_the_text(as_admin: Client, row: Pact) -> None:
    response = as_admin.get(url_of(row))
    page = response.content.decode()
    assert 'value="Pakta Integritas Netralitas Pegawai ASN"' in page
    assert points_in(response) == list(cast.POINTS)
    assert cast.CLOSING in page
    assert re.search(f'value="{UU_ASN}" checked', page)


def test_points_are_edited_added_removed_and_reordered_and_saved(
    as_admin: Client, row: Pact
) -> None:
    points = [cast.POINTS[3], "Menghormati hasil pemilihan.", cast.POINTS[0]]
    response = save(
        as_admin,
        row,
        title="Pakta Netralitas",
        points=points,
        closing="Demikian.",
        bases=[UU_ASN],
        other_bases="Peraturan Wali Kota Nomor 1\n\nSurat Edaran Nomor 2\n",
    )
    assert response["Location"] == texts_url(row.event)
    saved = pact.of(Pact.objects.get(pk=row.pk))
    assert saved.title == "Pakta Netralitas"
    assert saved.points == tuple(points)
    assert saved.closing == "Demikian."
    assert saved.legal_bases == (UU_ASN, "Peraturan Wali Kota Nomor 1", "Surat Edaran Nomor 2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": []}, "Naskah mempunyai 1 sampai 20 butir."),
        ({"points": ["Netral."] * 21}, "Naskah mempunyai 1 sampai 20 butir."),
        ({"points": ["Netral.", " "]}, "Butir 2 masih kosong; isi atau hapus."),
        ({"title": ""}, "Isi judul naskah."),
        ({"opening": "Saya menyatakan:"}, "Pembuka memuat satu baris {identitas}"),
        ({"closing": "Demikian 🎉"}, "Penutup memuat karakter yang tidak dapat dicetak: 🎉"),
        ({"title": "P" * 201}, "Pastikan nilai ini mengandung paling banyak 200 karakter"),
    ],
)
def test_a_text_that_cannot_be_kept_says_why_and_loses_no_word(
    as_admin: Client, row: Pact, changes: dict[str, object], message: str
) -> None:
    response = save(as_admin, row, other_bases="Surat Edaran Nomor 2", **changes)
    assert response.status_code == 422
    assert message in text_of(response)
    assert "Surat Edaran Nomor 2" in response.content.decode()
    assert "data-unsaved" in response.content.decode()
    assert pact.of(Pact.objects.get(pk=row.pk)).points == cast.POINTS


def test_a_published_text_is_not_edited(as_admin: Client, open_event: Event) -> None:
    row = open_event.pacts.get()
    assert as_admin.get(url_of(row))["Location"] == texts_url(open_event)


def test_words_typed_while_somebody_published_are_refused_and_not_lost(
    as_admin: Client, row: Pact
) -> None:
    events.publish(row.event, by=None)
    response = save(as_admin, row, closing="Kata-kata yang lama diketik.")
    assert response.status_code == 422
    assert "yang sudah diterbitkan tidak dapat diubah" in text_of(response)
    assert "Kata-kata yang lama diketik." in response.content.decode()
    assert pact.of(Pact.objects.get(pk=row.pk)).closing == cast.CLOSING


def test_a_text_that_was_replaced_is_not_found(as_admin: Client, draft_event: Event) -> None:
    row = draft_event.pacts.get()
    presets.apply(draft_event, "empat-butir", by=None)
    assert as_admin.get(url_of(row)).status_code == 404


def test_a_text_with_html_in_it_is_shown_as_typed(as_admin: Client, row: Pact) -> None:
    save(as_admin, row, points=["<b>Netral</b> & adil."])
    for url in (texts_url(row.event), url_of(row)):
        assert "&lt;b&gt;Netral&lt;/b&gt; &amp; adil." in as_admin.get(url).content.decode()


# The editor without a script


@pytest.mark.parametrize(
    ("act", "points"),
    [
        ("up:2", ["B", "A", "C"]),
        ("up:1", ["A", "B", "C"]),
        ("down:1", ["B", "A", "C"]),
        ("down:3", ["A", "B", "C"]),
        ("remove:2", ["A", "C"]),
        ("add", ["A", "B", "C", ""]),
        ("up:9", ["A", "B", "C"]),
        ("up:x", ["A", "B", "C"]),
        ("up:" + "9" * 5000, ["A", "B", "C"]),
    ],
)
def test_without_a_script_the_buttons_rearrange_points_and_save_nothing(
    as_admin: Client, row: Pact, act: str, points: list[str]
) -> None:
    response = as_admin.post(url_of(row), words_of(row, points=["A", "B", "C"], act=act))
    assert response.status_code == 200
    assert points_in(response) == points
    assert pact.of(Pact.objects.get(pk=row.pk)).points == cast.POINTS


def test_no_button_makes_a_twenty_first_point(as_admin: Client, row: Pact) -> None:
    response = as_admin.post(url_of(row), words_of(row, points=["A"] * 20, act="add"))
    assert len(points_in(response)) == 20


def test_without_a_script_a_button_refreshes_the_preview(as_admin: Client, row: Pact) -> None:
    response = as_admin.post(url_of(row), words_of(row, act="preview"))
    assert 'src="data:image/png;base64,' in response.content.decode()


# The preview


def test_the_preview_is_the_very_pdf(as_admin: Client, row: Pact) -> None:
    text = pdf_text(as_admin.get(f"{url_of(row)}/pratinjau"))
    assert "PEMERINTAH KOTA CONTOH" in text
    assert "Nama Penanda Tangan" in text
    for point in cast.POINTS:
        assert point in text


def test_the_preview_shows_words_that_are_not_saved(as_admin: Client, row: Pact) -> None:
    unsaved = words_of(row, points=["Butir yang belum disimpan."], closing="Penutup baru.")
    text = pdf_text(as_admin.post(f"{url_of(row)}/pratinjau", unsaved))
    assert "Butir yang belum disimpan." in text
    assert "Penutup baru." in text
    assert cast.POINTS[3] not in text
    assert pact.of(Pact.objects.get(pk=row.pk)).points == cast.POINTS


def pictures(response) -> list[Image.Image]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', response.content.decode())
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def live_preview(client: Client, row: Pact, **changes: object):
    return client.post(
        f"{url_of(row)}/pratinjau", words_of(row, **changes), headers={"HX-Request": "true"}
    )


def test_the_live_preview_is_a_picture_of_each_page(as_admin: Client, row: Pact) -> None:
    assert [picture.width for picture in pictures(live_preview(as_admin, row))] == [900]
    many = live_preview(as_admin, row, points=[cast.POINTS[1]] * 20)
    assert [picture.width for picture in pictures(many)] == [900, 900]


def test_while_points_are_being_added_the_preview_leaves_out_empty_ones(
    as_admin: Client, row: Pact
) -> None:
    assert len(pictures(live_preview(as_admin, row, points=["Netral.", ""]))) == 1
    assert len(pictures(live_preview(as_admin, row, title="", opening="", points=[]))) == 1


def test_a_form_that_cannot_be_shown_is_not_previewed(as_admin: Client, row: Pact) -> None:
    response = live_preview(as_admin, row, title="P" * 201)
    assert "Pratinjau belum dapat dibuat" in text_of(response)
    response = as_admin.post(f"{url_of(row)}/pratinjau", words_of(row, title="P" * 201))
    assert response.status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"points": ["A"] * 900},
        {"points": ["A" * 100_000]},
        {"opening": "A\n" * 50_000},
        {"other_bases": "\n".join(f"UU {number}/2024" for number in range(9_000))},
    ],
)
def test_a_text_of_hundreds_of_pages_is_neither_previewed_nor_kept(
    as_admin: Client, row: Pact, change: dict[str, object]
) -> None:
    started = time.process_time()
    for address in (f"{url_of(row)}/pratinjau", url_of(row)):
        response = as_admin.post(address, words_of(row, act="save", **change))
        assert response.status_code == 422
        assert "paling" in text_of(response) or "1 sampai 20 butir" in text_of(response)
    assert time.process_time() - started < 10
    assert pact.of(Pact.objects.get(pk=row.pk)).points == cast.POINTS


def test_html_in_a_point_is_printed_and_not_interpreted(as_admin: Client, row: Pact) -> None:
    points = ['<img src="file:///etc/passwd"> & <b>netral</b>']
    text = pdf_text(as_admin.post(f"{url_of(row)}/pratinjau", words_of(row, points=points)))
    assert '<img src="file:///etc/passwd"> & <b>netral</b>' in text


def test_the_preview_of_an_ikrar_is_the_declaration_with_example_places(
    as_admin: Client, bare: Event
) -> None:
    presets.apply(bare, "empat-butir", by=None)
    ikrar = bare.pacts.get(kind=PactKind.DECLARATION)

    assert "Nama-nama pada pratinjau hanya contoh" in text_of(as_admin.get(url_of(ikrar)))
    for text in (
        pdf_text(as_admin.get(f"{url_of(ikrar)}/pratinjau")),
        pdf_text(as_admin.post(f"{url_of(ikrar)}/pratinjau", words_of(ikrar, points=["Netral."]))),
    ):
        assert "Nama Pimpinan Acara" in text
        assert "(tidak menandatangani)" not in text
    assert "Netral." in text
    assert len(pictures(live_preview(as_admin, ikrar))) >= 1


def test_an_ikrar_is_edited_like_every_text(as_admin: Client, bare: Event) -> None:
    presets.apply(bare, "empat-butir", by=None)
    ikrar = bare.pacts.get(kind=PactKind.DECLARATION)

    assert save(as_admin, ikrar, points=["Netral."]).status_code == 302

    assert [point.text for point in ikrar.points.all()] == ["Netral."]


# Legal bases


def test_legal_bases_are_chosen_from_a_list_that_marks_the_revoked(
    as_admin: Client, row: Pact
) -> None:
    page = text_of(as_admin.get(url_of(row)))
    assert UU_ASN in page
    assert f"{UU_ASN_OLD} Dicabut Sudah dicabut 31 Oktober 2023, diganti oleh {UU_ASN}." in page


@pytest.mark.parametrize(
    "changes",
    [
        {"bases": [UU_ASN_OLD]},
        {"other_bases": "UU 5/2014 tentang ASN"},
        {"other_bases": "Undang-undang No. 5 Tahun 2014"},
    ],
)
def test_a_revoked_law_is_warned_of_while_it_is_typed(
    as_admin: Client, row: Pact, changes: dict[str, object]
) -> None:
    page = text_of(live_preview(as_admin, row, **changes))
    assert f"{UU_ASN_OLD} sudah dicabut, diganti oleh {UU_ASN}." in page


def test_a_law_in_force_is_not_warned_of(as_admin: Client, row: Pact) -> None:
    page = text_of(live_preview(as_admin, row, bases=[UU_ASN], other_bases="PP 5/2014"))
    assert "dicabut" not in page


def test_a_law_that_is_not_in_the_list_is_refused_as_a_choice(as_admin: Client, row: Pact) -> None:
    assert save(as_admin, row, bases=["Undang-Undang Karangan"]).status_code == 422


# Who may


@pytest.mark.parametrize("page", ["", "/pratinjau", "/ubah"])
def test_only_the_agencys_admin_reaches_a_text(
    client: Client, row: Pact, officer: User, outsider: User, page: str
) -> None:
    for user in (officer, outsider):
        client.force_login(user)
        assert client.post(url_of(row) + page, {"change": "hapus"}).status_code == 404
    assert Pact.objects.filter(pk=row.pk).exists()


def test_a_text_of_another_event_is_not_reached_through_ones_own(
    as_admin: Client, draft_event: Event, other_city: City
) -> None:
    theirs = cast.make_draft(other_city).pacts.get()
    url = f"/kelola/acara/{draft_event.code}/naskah/{theirs.pk}"
    for page in (url, f"{url}/pratinjau"):
        assert as_admin.get(page).status_code == 404
