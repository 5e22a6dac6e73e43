"""Credits for a text's copy, and mentions and photo credits, which are none."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text import credits as credits_
from dedup.text import phrases
from dedup.text.agencies import find_agencies
from dedup.text.credits import find_credits, find_mentions

COPY = (
    "The harbour council voted on Tuesday to close the old ferry pier for three months while "
    "divers inspect the piles, a decision that shopkeepers on the quay had fought since spring."
)
COPIA = (
    "El consejo del puerto aprobó este martes cerrar durante tres meses el viejo muelle de los "
    "transbordadores, una decisión que los comerciantes combatían desde la primavera."
)

DATELINES = [
    ("Washington, Nov 21 (EFE).-", "EFE", "Washington", "--11-21"),
    ("Washington, Nov 21, 2017 (EFE).-", "EFE", "Washington", "2017-11-21"),
    ("Moscú, 1 ene (EFE).-", "EFE", "Moscú", "--01-01"),
    ("moscú, 1 ene (EFE).-", "EFE", "moscú", "--01-01"),
    ("Madrid, 12 may (EFE). -", "EFE", "Madrid", "--05-12"),
    ("Madrid, 12 de mayo de 2020 (EFECOM).-", "EFE", "Madrid", "2020-05-12"),
    ("Madrid/Barcelona, 3 jun (EFE).-", "EFE", "Madrid/Barcelona", "--06-03"),
    ("Ribera del Pinar (Soria), 3 jun (EFE).-", "EFE", "Ribera del Pinar (Soria)", "--06-03"),
    ("Oviedo (EFE). -", "EFE", "Oviedo", None),
    ("21 nov (EFE).-", "EFE", None, "--11-21"),
    ("MADRID 12 May. (EUROPA PRESS) -", "Europa Press", "MADRID", "--05-12"),
    ("México, 12 May (Notimex).-", "Notimex", "México", "--05-12"),
    ("WASHINGTON (AP) —", "AP", "WASHINGTON", None),
    ("DES MOINES, Iowa (AP) --", "AP", "DES MOINES, Iowa", None),
    ("PARIS (Reuters) -", "Reuters", "PARIS", None),
    ("PORT ROYAL, S.C. (Reuters) -", "Reuters", "PORT ROYAL, S.C.", None),
    ("MADRID, 12 (EUROPA PRESS) -", "Europa Press", "MADRID", None),
    ("BEIRUT, Oct 17 (Reuters) -", "Reuters", "BEIRUT", "--10-17"),
    ("(Reuters) -", "Reuters", None, None),
    ("MOSCOW, January 21. /TASS/.", "TASS", "MOSCOW", "--01-21"),
    ("BEIJING, Nov. 21 (Xinhua) --", "Xinhua", "BEIJING", "--11-21"),
    ("PARIS, March 3 (AFP) -", "AFP", "PARIS", "--03-03"),
    ("Berlin (dpa) -", "dpa", "Berlin", None),
    ("(ANSA) - Roma, 12 mar -", "ANSA", "Roma", "--03-12"),
    ("Lisboa, 12 mai 2020 (Lusa) –", "Lusa", "Lisboa", "2020-05-12"),
    ("KYIV. Nov 21 (Interfax)", "Interfax", "KYIV", "--11-21"),
    ("NEW DELHI: (PTI)", "PTI", "NEW DELHI", None),
    ("(CNN) —", "CNN", None, None),
    ("London (PA) -", "PA", "London", None),
    ("(Bloomberg) --", "Bloomberg", None, None),
    ("Washington (UPI) --", "UPI", "Washington", None),
    ("LONDON, 5 May, AAP -", "AAP", "LONDON", "--05-05"),
    ("SEOUL, Feb. 9 (Yonhap) --", "Yonhap", "SEOUL", "--02-09"),
]


@pytest.mark.parametrize(("dateline", "agency", "place", "date"), DATELINES)
@pytest.mark.parametrize("front", ["", "Pier to close\nShare\nPrint\n\n"])
def test_a_dateline_is_cut_exactly_with_place_and_date(
    dateline: str, agency: str, place: str | None, date: str | None, front: str
) -> None:
    text = f"{front}{dateline} {COPY}\n{COPY}"
    (credit,) = find_credits(text)
    assert (credit.text, credit.kind, credit.agency) == (dateline, "dateline", agency)
    assert (credit.place, credit.date) == (place, date)


def test_copy_may_follow_a_dateline_without_a_space() -> None:
    (credit,) = find_credits(f"Moscú, 1 ene (EFE).-{COPIA}")
    assert credit.text == "Moscú, 1 ene (EFE).-"


def test_a_file_may_hold_two_items() -> None:
    text = f"Lima, 3 jun (EFE).-\n{COPIA}\nEFE abc/def Quito, 3 jun (EFE).\n-\n{COPIA}\nEFE ghi"
    found = [(credit.kind, credit.place) for credit in find_credits(text)]
    assert found == [
        ("dateline", "Lima"),
        ("sign-off", None),
        ("dateline", "Quito"),
        ("sign-off", None),
    ]


def test_two_agencies_of_one_dateline_are_two_credits_of_one_span() -> None:
    first, second = find_credits(f"PARIS (AP/Reuters) - {COPY}")
    assert (first.agency, second.agency) == ("AP", "Reuters")
    assert first.span == second.span


ABOVE = [
    ("By The Associated Press", {"AP"}),
    ("The Associated Press", {"AP"}),
    ("Associated Press, Washington", {"AP"}),
    ("By Reuters", {"Reuters"}),
    ("by Reuters Staff", {"Reuters"}),
    ("By Ann Lee, Associated Press", {"AP"}),
    ("ANN LEE Associated Press", {"AP"}),
    ("Ann LeeAssociated Press", {"AP"}),
    ("By ANN LEE, AP", {"AP"}),
    ("By ANN LEE AP Harbour Writer", {"AP"}),
    ("Ann Lee, Associated Press Published 9:21 a.m. ET July 15, 2018", {"AP"}),
    ("ANN LEE, JOE ROE and MAX MOE / AP", {"AP"}),
    ("Posted 5:57 am, July 16, 2018, by Associated Press , Updated at 6:00AM", {"AP"}),
    ("AP June 1, 2018, 10:35 PM", {"AP"}),
    ("AFP | Updated: May 3, 2019 14:02 IST", {"AFP"}),
    ("Agence France-Presse in Paris", {"AFP"}),
    ("EFE - Madrid", {"EFE"}),
    ("Madrid / EFE", {"EFE"}),
    ("Redacción / EFE", {"EFE"}),
    ("EFE\nMadrid, 12 may 2021", {"EFE"}),
    ("Por EFE", {"EFE"}),
    ("SYDNEY, AAP", {"AAP"}),
    ("OTTAWA — The Canadian Press", {"Canadian Press"}),
    ("By Ann Lee and Joe Roe The Washington Post", {"Washington Post"}),
    ("AGENCIAS", set()),
    ("By Ann Lee", set()),
    ("By Ann Lee, CNN", set()),
    ("Ann Lee / AP", set()),
    ("Ann Lee | AP", set()),
    ("Ann Lee/Reuters", set()),
    ("Photo: Ann Lee, AP", set()),
    ("REUTERS/Ann Lee", set()),
    ("REUTERS/Stringer", set()),
    ("A new pier for the old town, AP reports", set()),
]


@pytest.mark.parametrize(("line", "agencies"), ABOVE)
def test_a_line_above_the_copy_credits_whom_it_names_as_author(
    line: str, agencies: set[str]
) -> None:
    found = find_credits(f"Ferry pier to close for three months\n{line}\n\n{COPY}\n\n{COPY}\n")
    assert {credit.agency for credit in found} == agencies
    assert {credit.kind for credit in found} <= {"byline", "dateline"}


BELOW = [
    ("With additional reporting by the Associated Press", {"AP"}),
    ("Con información de EFE y Reuters", {"EFE", "Reuters"}),
    ("dj/cmk (AP, Interfax, Reuters, dpa, AFP)", {"AP", "Interfax", "Reuters", "dpa", "AFP"}),
    ("(Reporting by Ann Lee; Editing by Joe Roe)", {"Reuters"}),
    ("(Additional reporting by Ann Lee in Bonn; Editing by Joe Roe)", {"Reuters"}),
    ("(Reporte de Ana Ruiz. Editado en español por José Paz)", {"Reuters"}),
    ("The Associated Press contributed to this report.", {"AP"}),
    ("Harbour News' Ann Lee and The Associated Press contributed to this report.", {"AP"}),
    ("Associated Press writer Ann Lee in St. Louis contributed to this report.", {"AP"}),
    ("Contributing: Ann Lee; The Associated Press", {"AP"}),
    ("This report includes material from The Associated Press and Reuters.", {"AP", "Reuters"}),
    ("Copyright 2018 The Associated Press. All rights reserved.", {"AP"}),
    ("© 2018 AFP", {"AFP"}),
    ("© Thomson Reuters", {"Reuters"}),
    ("This story was published from a wire agency feed without modifications. (PTI)", {"PTI"}),
    ("With files from The Canadian Press", {"Canadian Press"}),
    ("This report by The Canadian Press was first published May 3.", {"Canadian Press"}),
    ("With a file from Reuters", {"Reuters"}),
    ("(HARBOUR 24 with AFP, AP)", {"AFP", "AP"}),
    ("The Canadian Press, with files from the Harbour Free Press", {"Canadian Press"}),
    ("With PTI inputs", {"PTI"}),
    ("Distributed by Tribune News Service", {"TNS"}),
    ("Source: Xinhua", {"Xinhua"}),
    ("Fuente: EFE", {"EFE"}),
    ("(With inputs from PTI and ANI)", {"PTI", "ANI"}),
    ("Bloomberg's Ann Lee and Joe Roe contributed.", {"Bloomberg"}),
    ("Copyright 2018 by CNN NewSource. All rights reserved.", {"CNN"}),
    ("—AP", {"AP"}),
    ("- Reuters", {"Reuters"}),
    ("(AFP)", {"AFP"}),
    ("AFP", {"AFP"}),
    ("EFE abc/def", {"EFE"}),
    ("EFECOM abc-d", {"EFE"}),
    ("EFE", {"EFE"}),
    ("EFE.", {"EFE"}),
    ("Donors contributed to the fund, the mayor told the AP.", set()),
    ("(AP Photo/Ann Lee)", set()),
    ("Foto: EFE", set()),
    ("Reuters File Photo", set()),
    ("Image copyright AFP", set()),
    ("The pier at dusk. Ann Lee/AFP/Getty Images", set()),
    ("Ann Lee's report was edited by Joe Roe.", set()),
]


@pytest.mark.parametrize(("line", "agencies"), BELOW)
def test_a_line_below_the_copy_credits_what_it_says_the_copy_came_from(
    line: str, agencies: set[str]
) -> None:
    found = find_credits(f"{COPY}\n\n{COPY}\n\n{line}\n")
    assert {credit.agency for credit in found} == agencies
    assert {credit.kind for credit in found} <= {"credit-line", "sign-off"}


@pytest.mark.parametrize("end", [" (AFP)", " — AP", " EFE", " EFE abc/def", " (AP, dpa)"])
def test_copy_may_be_signed_at_the_end_of_its_last_line(end: str) -> None:
    assert find_credits(f"{COPY}\n\n{COPY}{end}\n")


def test_a_whole_name_below_the_date_is_the_picture_s_and_above_it_the_copy_s() -> None:
    above = f"Pier to close\nAnn Lee, Associated Press\nJuly 15, 2018\n{COPY}\n\n{COPY}"
    below = f"Pier to close\nJuly 15, 2018\nAnn Lee, Associated Press\nThe pier.\n{COPY}\n\n{COPY}"
    assert find_credits(above)
    assert find_credits(below) == []


def test_an_outlet_s_service_is_credited_where_a_byline_is_sure() -> None:
    dated = f"Pier to close\nAnn Lee, The Washington Post\nJuly 15, 2018\n{COPY}\n\n{COPY}"
    quoted = f"{COPY}\n\nAnn Lee, Washington Post\n\n{COPY}\n\n{COPY}"
    beside = f"Pier to close\nAnn Lee\nLos Angeles Times (TNS)\n{COPY}\n\n{COPY}"
    assert [credit.agency for credit in find_credits(dated)] == ["Washington Post"]
    assert find_credits(quoted) == []
    assert {credit.agency for credit in find_credits(beside)} == {"Los Angeles Times", "TNS"}


@pytest.mark.parametrize(
    "headline",
    [
        "Associated Press Names New Editor",
        "Mayor Blasts Associated Press",
        "TOWN HALL SUES WASHINGTON POST AFTER PIER STORY",
        "According to the AP:",
        "Bloomberg 7%",
        "(Reuters: Ann Lee)",
        "Mayor Roe on the pier, May 11, 2017 (Ann Lee/Reuters)",
        "Source: Reuters Institute for the Study of Piers",
    ],
)
def test_a_headline_chart_or_caption_that_names_an_agency_is_no_credit(headline: str) -> None:
    assert find_credits(f"{headline}\n{COPY}\n\n{COPY}\n\n{COPY}") == []


def test_a_dateline_may_name_a_partner_and_stand_behind_a_byline_or_a_headline() -> None:
    (partner,) = find_credits(f"WASHINGTON (WXYZ/AP) — {COPY}")
    assert (partner.agency, partner.place) == ("AP", "WASHINGTON")
    (long,) = find_credits(f"PORT ROYAL (WXY Harbour/AP) — {COPY}")
    assert (long.agency, long.place) == ("AP", "PORT ROYAL")
    (behind,) = find_credits(f"By Ann Lee. PORT ROYAL (Reuters) - {COPY}")
    assert (behind.place, behind.text) == ("PORT ROYAL", "PORT ROYAL (Reuters) -")
    (inside,) = find_credits(f"7.13 -1.38 CIERRA EL MUELLE Lima, 3 jun (EFE).-\n{COPIA}")
    assert (inside.place, inside.date) == ("Lima", "--06-03")


MENTIONS = [
    ("a fisherman told Reuters", "Reuters"),
    ("a fisherman told The Associated Press on Monday", "AP"),
    ("según la agencia EFE", "EFE"),
    ("dijeron a EFE fuentes del puerto", "EFE"),
    ("AFP reported", "AFP"),
    ("citing TASS", "TASS"),
    ("according to the Interfax news agency", "Interfax"),
    ("Xinhua said", "Xinhua"),
]


@pytest.mark.parametrize(("phrase", "agency"), MENTIONS)
def test_the_source_of_one_fact_is_a_mention_and_no_credit(phrase: str, agency: str) -> None:
    text = (
        f"{COPY}\n\nThe pier is the third to close, {phrase}, and two more are in doubt.\n\n{COPY}"
    )
    assert find_credits(text) == []
    (mention,) = find_mentions(text)
    assert (mention.kind, mention.agency) == ("mention", agency)


PHOTOS = [
    ("Photo: AP", "AP"),
    ("Reuters File Photo", "Reuters"),
    ("(AP Photo/John Doe)", "AP"),
    ("Foto: EFE", "EFE"),
    ("EFE/Juan Pérez", "EFE"),
    ("The old pier in May. Ann Lee/AFP/Getty Images", "AFP"),
    ("The old pier in May (Ann Lee/Reuters)", "Reuters"),
    ("Ann Lee / AP", "AP"),
]


@pytest.mark.parametrize(("line", "agency"), PHOTOS)
def test_a_picture_credit_is_no_credit_for_the_copy(line: str, agency: str) -> None:
    text = f"Pier to close\n{line}\n{COPY}\n\n{COPY}\n\n{COPY}"
    assert find_credits(text) == []
    (photo,) = find_mentions(text)
    assert (photo.kind, photo.agency) == ("photo", agency)


@pytest.mark.parametrize(
    "prose",
    [
        "He moved from Pittsburgh, PA to a flat above the pier.",
        "Mayor Bloomberg never saw the pier.",
        "The AP-style pier and the @AP handle are on www.ap.org and AP.com.",
        "She freelanced for Agence France-Presse before she bought the boat.",
    ],
)
def test_names_in_prose_are_no_credits(prose: str) -> None:
    assert find_credits(f"{COPY}\n\n{prose}\n\n{COPY}") == []


def test_names_are_found_as_words_of_their_own_only() -> None:
    assert find_agencies("EFECTO JEFE REAP AP-NORC pro-EFE @AFP AFP_17") == []
    assert [hit.agency.name for hit in find_agencies("“AP” (AFP) —dpa")] == ["AP", "AFP", "dpa"]


_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "(EFE).-",
                "AP",
                "Reuters",
                "Madrid, 12 may",
                "/TASS/.",
                "(",
                ")",
                "/",
                "\n",
                " — ",
                "By ",
                "Photo",
                "contributed to this report.",
                "Copyright",
                "(Reporting by",
                "\xa0",
                "Associated Press",
                "31 nov",
                "EFE abc/def",
                "\x85",
                "\u2028",
                "Ann Lee",
                ", ",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=30,
).map("".join)


@given(_PIECES)
def test_spans_cut_their_text_are_sorted_and_do_not_overlap(text: str) -> None:
    for found in (find_credits(text), find_mentions(text)):
        last = (0, 0)
        for credit in found:
            start, end = credit.span
            assert text[start:end] == credit.text
            assert 0 <= start < end <= len(text)
            assert credit.span == last or start >= last[1]
            last = credit.span


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        " ",
        "( ",
        "(AP",
        "AP ",
        "A. ",
        "Madrid, ",
        "EFE abc/",
        "12 may ",
        "By Ann Lee, ",
        "\n",
        "AP\n",
        "(Reporting by ",
        "De la de la ",
        "(EFE).-",
        "Reuters/",
    ],
)
def test_a_hostile_megabyte_is_read_in_time(unit: str) -> None:
    size = 100_000 if "\n" in unit else 1_000_000
    text = "AP " + unit * (size // len(unit)) + " EFE"
    start = time.process_time()
    find_credits(text)
    find_mentions(text)
    assert time.process_time() - start < 10


@given(st.text(alphabet="EFE AP(n)\u0301\u0303io,.-\n", max_size=60))
def test_decomposed_text_has_the_same_credits_where_they_stand(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    for credit in find_credits(decomposed):
        assert decomposed[slice(*credit.span)] == credit.text
    spanish = unicodedata.normalize("NFD", "Con información de EFE")
    (credit,) = find_credits(f"El acuerdo llegó tarde a la reunión del martes.\n\n{spanish}")
    assert credit.agency == "EFE"
    assert credit.text == spanish


def test_what_is_looked_for_first_is_in_every_word_of_pictures() -> None:
    branches = phrases._PHOTO.pattern.split("|")
    assert len(branches) == len(phrases._OF_PICTURES)
    for branch, word in zip(branches, phrases._OF_PICTURES, strict=True):
        assert branch.replace(r"\b", "").startswith(word)
        assert phrases.is_photo(f"({word.upper()})")


@given(st.text("a\u0300\u036f\u0301\u0370\u2019\U0001f600\ud800 \n"))
def test_combining_marks_are_seen_in_any_text(text: str) -> None:
    assert credits_._has_marks(text) == any("\u0300" <= character <= "\u036f" for character in text)
