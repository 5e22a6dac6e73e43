import json
from pathlib import Path

import pytest

from dedup.article import Article
from dedup.bench.gold import GoldError, match_labels, parse_label, places_of, read_labels


def line(**fields: object) -> bytes:
    return json.dumps({"a": "x", "b": "y", **fields}).encode()


def test_a_label_needs_derived_or_relation_and_one_follows_from_the_other() -> None:
    assert parse_label(line(relation="partial"), "gold:1").derived
    assert not parse_label(line(relation="boilerplate"), "gold:1").derived
    assert parse_label(line(derived=True), "gold:1").relation is None
    with pytest.raises(GoldError, match=r"gold:1: neither 'derived' nor 'relation'"):
        parse_label(line(), "gold:1")


@pytest.mark.parametrize(
    "wrong",
    [
        b"{",
        b"[1]",
        b'"\xff"',
        b'{"a": "x", "derived": true}',
        line(b="x", derived=True),
        line(relation="copied"),
        line(derived="yes"),
        line(relation="partial", derived=False),
        line(derived=True, direction="left"),
        line(derived=True, direction=["A"]),
        line(derived=True, agency_a="EFE"),
        line(derived=True, weight=0),
        line(derived=True, weight=True),
        line(derived=True, weight="2"),
        line(derived=True, confidence="sure"),
    ],
)
def test_what_is_no_label_is_an_error_that_names_its_place(wrong: bytes) -> None:
    with pytest.raises(GoldError, match=r"^gold:7: "):
        parse_label(wrong, "gold:7")


def test_directions_are_read_in_both_spellings_and_unknown_is_no_label() -> None:
    spelt = ["A", "B", "a->b", "common", "unknown", None]
    read = [parse_label(line(derived=True, direction=d), "gold:1").direction for d in spelt]
    assert read == ["a->b", "b->a", "a->b", "common", None, None]


def test_a_pair_crosses_from_wire_to_outlet_if_one_side_alone_credits_an_agency() -> None:
    def crossing(a: object, b: object) -> bool:
        return parse_label(line(derived=True, agency_a=a, agency_b=b), "gold:1").crossing

    assert crossing(["EFE"], []) and crossing([], ["AP"])
    assert not crossing(["EFE"], ["EFE"]) and not crossing([], []) and not crossing(["EFE"], None)


def test_ids_of_files_may_be_relative_to_a_path_given_or_to_the_gold_file(tmp_path: Path) -> None:
    gold = str(tmp_path / "gold.jsonl")
    articles = [Article(f"{tmp_path}/wire/x.txt", "x"), Article(f"{tmp_path}/in/y.txt", "y")]
    for a, b in (("x.txt", "y.txt"), ("wire/x.txt", "in/y.txt"), [one.id for one in articles]):
        label = parse_label(line(a=a, b=b, derived=True), "gold:1")
        (pair,) = match_labels(
            [label], articles, [f"{tmp_path}/wire", f"{tmp_path}/in/"], gold, pytest.fail
        )
        assert (pair.a, pair.b) == tuple(articles)


def test_missing_and_ambiguous_ids_are_reported_and_the_rest_goes_on() -> None:
    articles = [Article("p/x", "x"), Article("q/x", "x"), Article("y", "y"), Article("z", "z")]
    labels = [
        parse_label(line(a=a, b=b, derived=True), f"gold:{number}")
        for number, (a, b) in enumerate([("x", "y"), ("y", "none"), ("y", "z")], 1)
    ]
    told: list[str] = []
    pairs = match_labels(labels, articles, ["p", "q"], "g/gold.jsonl", told.append)
    assert [pair.label for pair in pairs] == labels[2:]
    assert told == [
        "gold:1: several articles read have the id 'x'; the pair is left out",
        "gold:2: no article read has the id 'none'; the pair is left out",
    ]


def test_lines_that_are_no_labels_are_reported_and_a_missing_file_is_an_error(tmp_path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_bytes(line(derived=True) + b"\n\nno\n" + line(relation="partial"))
    told: list[str] = []
    assert [label.place for label in read_labels(str(gold), told.append)] == [
        f"{gold}:1",
        f"{gold}:4",
    ]
    assert len(told) == 1 and told[0].startswith(f"{gold}:3: not valid JSON")
    with pytest.raises(GoldError, match="cannot be read"):
        read_labels(str(tmp_path / "none.jsonl"), pytest.fail)


def test_a_gold_file_within_the_folder_is_found_however_it_is_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "docs/gold.jsonl" in places_of("./docs/gold.jsonl", ["docs"])
    assert places_of("gold.jsonl", ["docs"]) == {"gold.jsonl"}
