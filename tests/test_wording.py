import pytest

from pledges import wording
from pledges.models.event import MAX_TITLE
from pledges.wording import Text

TEXT = Text(
    kind="individual",
    audience="all",
    title="Pakta Integritas Pilkada 2024",
    opening="dalam rangka Pilkada 2024 menyatakan:",
    points=("Netral dalam Pilkada 2024.", "Menolak politik uang."),
    closing="Demikian untuk Pilkada 2024.",
    legal_bases=("Peraturan tentang Pilkada 2024",),
)


def test_another_name_of_the_election_is_written_everywhere_but_in_the_titles_of_laws():
    assert wording.renamed(TEXT, "Pilkada 2024", "Pemilu 2029") == Text(
        kind="individual",
        audience="all",
        title="Pakta Integritas Pemilu 2029",
        opening="dalam rangka Pemilu 2029 menyatakan:",
        points=("Netral dalam Pemilu 2029.", "Menolak politik uang."),
        closing="Demikian untuk Pemilu 2029.",
        legal_bases=("Peraturan tentang Pilkada 2024",),
    )


@pytest.mark.parametrize(("longer", "title"), [(0, "P" * MAX_TITLE), (1, "Pilkada 2024")])
def test_a_title_that_would_become_too_long_stays(longer, title):
    text = Text("individual", "all", "Pilkada 2024", "Pilkada 2024", ())

    renamed = wording.renamed(text, "Pilkada 2024", "P" * (MAX_TITLE + longer))

    assert renamed.title == title
    assert renamed.opening == "P" * (MAX_TITLE + longer)
