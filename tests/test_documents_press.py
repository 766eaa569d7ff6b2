import dataclasses

from pledges import pact
from pledges.documents import pictures, press
from tests import cast
from tests.pdfs import DRAWN, a_text, an_act, page_count, some_facts, words

EXAMPLE = "CONTOH – BUKAN DOKUMEN RESMI"


def test_a_pact_of_a_real_event_has_no_watermark(sealer):
    pdf = press.press(a_text(), an_act(), DRAWN, sealer=sealer)

    assert "CONTOH –" not in words(pdf)
    assert "Siti Aminah, S.Pd." in words(pdf)


def test_a_pact_of_an_example_event_says_on_its_page_that_it_is_no_official_document(sealer):
    text = a_text(event=some_facts(is_example=True))

    assert EXAMPLE in words(press.press(text, an_act(), DRAWN, sealer=sealer))


def test_a_page_holds_nothing_of_the_people_pressed_before_it(sealer):
    press.press(a_text(), an_act(name="Budi Santoso"), DRAWN, sealer=sealer)

    pdf = press.press(a_text(), an_act(), DRAWN, sealer=sealer)

    assert "Budi" not in words(pdf)


def test_the_preview_is_the_page_itself_with_an_example_person(draft_event):
    text = pact.of(draft_event.pacts.get())

    page = words(press.preview(text))

    assert all(point in page for point in cast.POINTS)
    assert "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:" in page
    assert "Nama Penanda Tangan, S.E." in page
    assert "PRATINJAU Pratinjau: belum ditandatangani dan belum disegel." in page
    assert "Ditandatangani secara elektronik" not in page


def test_the_preview_of_an_example_event_is_a_preview_and_an_example():
    text = a_text(event=some_facts(is_example=True))

    assert f"PRATINJAU · {EXAMPLE}" in words(press.preview(text))


def test_the_qr_code_of_a_preview_leads_to_the_start_page():
    act = dataclasses.replace(an_act(), verification_code="")

    assert act.url == "http://localhost:8000/"
    assert "http://localhost:8000/v/" not in words(press.preview(a_text()))
    assert pictures.qr(act.url) != pictures.qr(an_act().url)


def test_the_preview_shows_how_a_long_text_runs_on():
    assert page_count(press.preview(a_text(points=cast.POINTS * 5))) == 2
