"""Parameters travel with sketches, and a mismatch says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.sketch.parameters import (
    ParameterMismatch,
    SketchParameters,
    check_parameters,
)
from dedup.text.words import WORD_RULES


@given(
    st.builds(
        SketchParameters,
        k=st.integers(1, 99),
        num_perm=st.integers(1, 999),
        seed=st.integers(0, 2**32 - 1),
        scheme=st.text(),
        window=st.integers(1, 99),
    )
)
def test_parameters_survive_json(parameters) -> None:
    assert SketchParameters.from_json(parameters.to_json()) == parameters
    assert SketchParameters.from_dict(parameters.to_dict()) == parameters


def test_the_defaults_name_the_word_rules_of_this_version() -> None:
    assert SketchParameters().words == WORD_RULES


def test_a_mismatch_names_all_that_differs_and_what_to_do() -> None:
    check_parameters(SketchParameters(), SketchParameters(), "the index")
    with pytest.raises(ParameterMismatch) as caught:
        check_parameters(SketchParameters(), SketchParameters(k=3, words="v3"), "the index")
    assert str(caught.value) == (
        "the index was sketched with other parameters: k is 5, not 3; words is 'v2', not 'v3'. "
        "Sketch its texts again with the parameters expected, or ask for the ones it has."
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k must be between 1"),
        ({"k": "5"}, "k must be an integer, not '5'"),
        ({"seed": True}, "seed must be an integer"),
        ({"scheme": 3}, "scheme must be a string"),
        ({"bands": 3}, "with an unknown bands"),
    ],
)
def test_stored_parameters_out_of_range_are_refused(change, message) -> None:
    with pytest.raises(ParameterMismatch, match=message):
        SketchParameters.from_dict(SketchParameters().to_dict() | change)
