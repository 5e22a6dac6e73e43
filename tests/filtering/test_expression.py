import pytest

from dedup.filtering.expression import RuleError, parse_rule

FIELDS = {
    "derived": True, "relation": "near-duplicate", "match": "x 1", "group": "x", "percent": 80.0,
    "narrative_percent": None, "containment": 0.5, "extent": "most", "direction": "a->b",
    "credited": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("percent>=80", True),
        ("percent > 80", False),
        ("percent<80.5 and derived", True),
        ("narrative_percent>=80", False),
        ("narrative_percent<80", False),
        ("narrative_percent=null", True),
        ("relation=near-duplicate", True),
        ("relation == 'near-duplicate'", True),
        ('match="x 1"', True),
        ("relation!=partial", True),
        ("direction=a->b", True),
        ("credited", False),
        ("credited=false", False),
        ("credited = null", True),
        ("update", False),
        ("update=false", True),
        ("not derived or percent<=80", True),
        ("derived and (relation=rewrite or extent=most)", True),
        ("derived and not (relation=rewrite or extent=most)", False),
        ("extent=whole or extent=most and percent>90", False),
    ],
)
def test_rules_ask_for_fields(rule: str, holds: bool) -> None:
    assert parse_rule(rule)(FIELDS) is holds


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("", "expected a field"),
        ("percent", "expected a comparison behind 'percent'"),
        ("percent>=", "expected one behind '>='"),
        ("percent>=most", "percent is a number"),
        ("relation>partial", "relation is text"),
        ("derived>1", "derived is true, false or null"),
        ("percents>=1", "expected a field (percent, narrative_percent"),
        ("percent>=1 percent<2", "expected 'and', 'or' or the end before 'percent<2'"),
        ("(percent>=1", "expected ')' at the end"),
        ("percent>=1 ; exit", "cannot read '; exit'"),
        ("__import__('os')", "expected a field"),
        ("(" * 99 + "derived" + ")" * 99, "too many brackets"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(rule: str, message: str) -> None:
    with pytest.raises(RuleError) as raised:
        parse_rule(rule)
    assert message in str(raised.value)
