"""Invented cases: read, judged among whoever is known, and their failures named."""

import json
from pathlib import Path

import pytest

from dedup import Article, Detector, Match
from dedup.bench.cases import CaseError, judge_cases, read_cases

TEXT = (
    "The lighthouse keeper at Holm found the lamp room flooded on Sunday after a storm tore four "
    "panes from the lantern, and the coast service sent a barge with sandbags and a spare lens."
)


def write(folder: Path, name: str, **fields: object) -> None:
    case = {"name": name, "a": {"text": TEXT}, "b": {"text": TEXT, "title": "T"}, **fields}
    (folder / f"{name}.json").write_text(json.dumps(case), "utf-8")


def test_a_case_fails_in_each_thing_that_is_not_as_expected(tmp_path: Path) -> None:
    write(tmp_path, "1-right", expect={"derived": True, "relation": ["identical"]})
    write(
        tmp_path,
        "2-wrong",
        right="not derived",
        expect={
            "derived": False,
            "relation": ["partial", "rewrite"],
            "percent_a_max": 35,
            "percent_b_min": 99,
            "narrative_min": 25,
        },
    )
    assert judge_cases(read_cases(tmp_path, pytest.fail)) == {
        "cases": 2,
        "right": 1,
        "failed": [
            {
                "name": "2-wrong",
                "failures": [
                    "derived True",
                    "relation identical, not partial/rewrite",
                    "percent_a 100, not 0 to 35",
                ],
                "relation": "identical",
                "right": "not derived",
            }
        ],
    }


def test_a_case_with_known_articles_is_judged_among_them_and_one_without_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []
    judge = Detector.compare

    def compare(self: Detector, a: Article, b: Article) -> Match:
        known.append(len(self))
        return judge(self, a, b)

    monkeypatch.setattr(Detector, "compare", compare)
    write(tmp_path, "alone", expect={"derived": True})
    write(tmp_path, "among", expect={"derived": True}, known=[{"text": "x"}, {"text": "y"}])
    assert judge_cases(read_cases(tmp_path, pytest.fail))["right"] == 2
    assert known == [2]


@pytest.mark.parametrize(
    "fields",
    [
        {"expect": {}},
        {"expect": {"derivd": True}},
        {"expect": {"derived": "yes"}},
        {"expect": {"relation": "partial"}},
        {"expect": {"derived": True}, "a": {"title": "no text"}},
        {"expect": {"derived": True}, "known": {"text": "x"}},
        {"expect": {"derived": True}, "known": ["x"]},
    ],
)
def test_a_file_that_is_no_case_is_reported_by_name_and_the_rest_goes_on(
    tmp_path: Path, fields: dict
) -> None:
    write(tmp_path, "good", expect={"derived": True})
    write(tmp_path, "wrong", **fields)
    said: list[str] = []
    assert [case.name for case in read_cases(tmp_path, said.append)] == ["good"]
    assert len(said) == 1
    assert said[0].startswith(f"{tmp_path}/wrong.json: ")


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no cases; each is a"):
        read_cases(tmp_path, pytest.fail)
    (tmp_path / "x.json").write_text("{", "utf-8")
    said: list[str] = []
    with pytest.raises(CaseError):
        read_cases(tmp_path, said.append)
    assert "cannot be read as a case" in said[0]
