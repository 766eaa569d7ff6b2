import pytest

from pledges import events, presets, texts, wording
from pledges.models import AuditEntry, LegalBasis, PactKind
from pledges.texts import BadText
from tests import cast

PILKADA = "Pilkada Serentak Tahun 2024"


@pytest.fixture
def draft(city):
    return cast.make_event(city.agency)


def words(row):
    return [point.text for point in row.points.all()]


def applied(event, key):
    presets.apply(event, key, by=None)
    return {row.kind: row for row in event.pacts.all()}


def test_the_presets_are_offered_in_this_order():
    assert [(preset.key, preset.label) for preset in presets.every()] == [
        ("empat-butir", "Ikrar dan pakta empat butir (ASN)"),
        ("asn-dan-non-asn", "Pakta empat butir untuk ASN dan non-ASN"),
        ("sembilan-butir", "Pakta sembilan butir (contoh susunan, ganti dengan naskah resmi)"),
    ]


def test_the_ikrar_and_the_pact_of_four_points_stand_word_for_word(draft):
    rows = applied(draft, "empat-butir")
    assert words(rows[PactKind.DECLARATION]) == [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN di instansi masing-masing dalam "
        "melaksanakan fungsi pelayanan publik, baik sebelum, selama, maupun sesudah pelaksanaan "
        "Pilkada Serentak Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada pasangan "
        "calon tertentu.",
        "Menggunakan media sosial secara bijak dan tidak menyebarkan ujaran kebencian serta "
        "berita bohong.",
        "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun.",
    ]
    assert rows[PactKind.DECLARATION].opening == (
        "Dalam rangka menyukseskan pelaksanaan Pilkada Serentak Tahun 2024 kami berikrar:"
    )
    assert rows[PactKind.DECLARATION].closing == (
        "Demikian ikrar ini kami buat dan dilaksanakan dengan penuh integritas dan rasa tanggung "
        "jawab dalam rangka mewujudkan netralitas pegawai ASN yang bermartabat, beretika dan "
        "demokratis demi terwujudnya persatuan dan kesatuan NKRI."
    )
    assert words(rows[PactKind.INDIVIDUAL]) == [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN dalam melaksanakan fungsi "
        "pelayanan publik, baik sebelum, selama, maupun sesudah pelaksanaan Pilkada Serentak "
        "Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada pasangan "
        "calon tertentu.",
        "Menggunakan media sosial secara bijak, tidak dipergunakan untuk kepentingan pasangan "
        "calon tertentu, tidak menyebarkan ujaran kebencian serta berita bohong.",
        "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun.",
    ]
    assert rows[PactKind.INDIVIDUAL].opening == (
        "Saya yang bertanda tangan di bawah ini:\n{identitas}\n"
        "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:"
    )
    assert rows[PactKind.INDIVIDUAL].closing == (
        "Apabila saya melanggar pernyataan ini, saya bersedia menerima konsekuensi sesuai "
        "ketentuan peraturan perundang-undangan."
    )


def test_the_preset_for_asn_and_non_asn_stands_word_for_word(draft):
    (row,) = presets.apply(draft, "asn-dan-non-asn", by=None)
    assert row.audience == "all"
    assert words(row) == [
        "Menjaga dan menegakkan prinsip netralitas Pegawai Aparatur Sipil Negara dan Non ASN "
        "dalam melaksanakan fungsi pelayanan publik baik sebelum, selama, maupun sesudah "
        "pelaksanaan Pilkada Serentak Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada Pegawai ASN/Non ASN dan seluruh elemen masyarakat, serta tidak memihak kepada "
        "pasangan calon tertentu.",
        "Menggunakan media sosial secara bijak, tidak dipergunakan untuk kepentingan pasangan "
        "calon tertentu, tidak menyebarkan ujaran kebencian serta berita bohong.",
        "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun.",
    ]


def test_the_nine_points_stand_word_for_word_and_need_a_confirmation(draft):
    (row,) = presets.apply(draft, "sembilan-butir", by=None)
    assert words(row) == [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN sebelum, selama, dan sesudah "
        "pelaksanaan Pilkada Serentak Tahun 2024.",
        "Tidak terlibat dalam kegiatan politik praktis, baik secara langsung maupun tidak "
        "langsung.",
        "Tidak menggunakan fasilitas negara untuk kepentingan kampanye pasangan calon tertentu.",
        "Tidak memberikan dukungan kepada pasangan calon tertentu melalui tindakan, pernyataan, "
        "maupun media sosial.",
        "Tidak melakukan intimidasi dan ancaman kepada pegawai ASN dan seluruh elemen masyarakat.",
        "Tidak menyebarkan ujaran kebencian serta berita bohong.",
        "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun.",
        "Menghormati hasil Pilkada Serentak Tahun 2024.",
        "Tetap bekerja secara profesional dalam memberikan pelayanan publik.",
    ]
    assert "masih contoh susunan; ganti dengan naskah resmi" in " ".join(events.problems(draft))
    texts.confirm_official(row, by=None)
    assert "contoh susunan" not in " ".join(events.problems(draft))


@pytest.mark.parametrize("preset", presets.every(), ids=lambda preset: preset.key)
def test_no_preset_has_anything_that_an_editor_would_refuse(preset):
    for text in preset.for_election(PILKADA):
        assert wording.problems(text) == []
        assert presets.ELECTION not in str(text)


@pytest.mark.parametrize("preset", presets.every(), ids=lambda preset: preset.key)
def test_presets_cite_only_laws_from_the_list_that_are_in_force(db, preset):
    cited = {basis for text in preset.texts for basis in text.legal_bases}
    assert cited
    assert LegalBasis.objects.filter(title__in=cited, revoked_on=None).count() == len(cited)


def test_another_preset_takes_the_place_of_the_first(draft):
    presets.apply(draft, "empat-butir", by=None)
    presets.apply(draft, "sembilan-butir", by=None)
    assert [(row.kind, row.points.count()) for row in draft.pacts.all()] == [("individual", 9)]


def test_an_unknown_preset_changes_nothing(draft):
    presets.apply(draft, "empat-butir", by=None)
    with pytest.raises(presets.UnknownPreset):
        presets.apply(draft, "sepuluh-butir", by=None)
    assert draft.pacts.count() == 2


def test_a_published_event_keeps_its_texts(city):
    event = cast.make_open(city)
    for act in (
        lambda: presets.apply(event, "empat-butir", by=None),
        lambda: presets.copy_from(event, cast.make_draft(city), by=None),
    ):
        with pytest.raises(events.WrongState):
            act()
    assert words(event.pacts.get()) == list(cast.POINTS)


def test_texts_copied_from_an_earlier_event_name_the_new_election(city):
    earlier = cast.make_open(city)
    later = cast.make_event(city.agency, election="PSU Kota Contoh Tahun 2025")
    presets.copy_from(later, earlier, by=None)
    row = later.pacts.get()
    assert words(row)[0].endswith("sesudah pelaksanaan PSU Kota Contoh Tahun 2025.")
    assert words(row)[1:] == list(cast.POINTS[1:])
    assert row.legal_bases == list(cast.LEGAL_BASES)
    assert not row.is_frozen
    assert words(earlier.pacts.get()) == list(cast.POINTS)


def test_a_copied_title_that_would_become_too_long_stays_as_it_was(city):
    earlier = cast.make_event(city.agency, election="Pilkada")
    cast.make_pact(earlier, title="Pakta Netralitas pada Pilkada")
    later = cast.make_event(city.agency, election="Pemilihan " * 19)
    presets.copy_from(later, earlier, by=None)
    assert later.pacts.get().title == "Pakta Netralitas pada Pilkada"


def test_a_new_event_can_begin_with_the_texts_of_an_earlier_one(city):
    earlier = cast.make_open(city)
    facts = events.Facts(
        title="Apel",
        ceremony="apel",
        election_kind="psu",
        election="PSU Tahun 2025",
        date=earlier.date,
        venue="",
        presiding_name="",
        presiding_position="",
    )
    copy = presets.create_event(city.agency, facts=facts, source=earlier, by=None)
    assert words(copy.pacts.get())[0].endswith("sesudah pelaksanaan PSU Tahun 2025.")
    empty = presets.create_event(city.agency, facts=facts, source=None, by=None)
    assert not empty.pacts.exists()


def test_a_copied_example_still_needs_a_confirmation(city, draft):
    presets.apply(draft, "sembilan-butir", by=None)
    later = cast.make_event(city.agency)
    presets.copy_from(later, draft, by=None)
    assert not later.pacts.get().is_official_text


def test_where_the_texts_came_from_is_in_the_audit_log(city, draft):
    presets.apply(draft, "empat-butir", by=None)
    later = cast.make_event(city.agency)
    presets.copy_from(later, draft, by=None)
    assert list(AuditEntry.objects.values_list("action", "event_id", "details")) == [
        ("text.replace", draft.pk, {"source": "preset:empat-butir", "texts": 2}),
        ("text.replace", later.pk, {"source": f"event:{draft.pk}", "texts": 2}),
    ]


def test_a_draft_without_an_ikrar_gets_the_usual_one_once(draft_event):
    row = presets.add_ikrar(draft_event, by=None)
    assert row.kind == "declaration"
    assert row.opening == (
        "Dalam rangka menyukseskan pelaksanaan Pilkada Serentak Tahun 2024 kami berikrar:"
    )
    assert row.points.count() == 4
    assert draft_event.pacts.count() == 2
    with pytest.raises(BadText, match="sudah mempunyai ikrar bersama"):
        presets.add_ikrar(draft_event, by=None)
