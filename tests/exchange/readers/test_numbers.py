"""Numbers in text: read where there is one way to read them, else refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.errors import InputError
from soleus.exchange.readers.numbers import decimal_of, is_missing, number


@pytest.mark.parametrize(
    ("word", "decimal", "value"),
    [
        ("12", None, 12.0),
        ("-3", None, -3.0),
        ("−3", None, -3.0),
        ("12.5", None, 12.5),
        ("12,5", None, 12.5),
        (".5", None, 0.5),
        (",5", ",", 0.5),
        ("1e3", None, 1000.0),
        ("1,5e3", ",", 1500.0),
        ("0,123", None, 0.123),
        ("0.123", ".", 0.123),
        ("1.234", ".", 1.234),
        ("1234.567", None, 1234.567),
        ("1234,567", None, 1234.567),
        ("1,234.5", None, 1234.5),
        ("1.234,5", None, 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1,234,567", None, 1234567.0),
        ("1.234.567", None, 1234567.0),
        ("1.234.567", ",", 1234567.0),
        ("1\u00a0234", None, 1234.0),
        ("1'234", None, 1234.0),
        ("1 234,5", ",", 1234.5),
    ],
)
def test_a_number_with_one_reading_is_read(word: str, decimal: str | None, value: float) -> None:
    assert number(word, decimal=decimal) == value


@pytest.mark.parametrize(
    ("word", "decimal"),
    [
        ("1,234", None),
        ("1,234", "."),
        ("1,234", ","),
        ("1.234", ","),
        ("12.5", ","),
        ("12,5", "."),
        ("1.234,5", "."),
        ("1,234.5", ","),
        ("1.234.567", "."),
        ("1 234", None),
        ("12,34,567", None),
        ("1.2.3", None),
        ("--3", None),
        ("3-4", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("1_000", None),
        ("١٢", None),
        ("", None),
        ("12 µm", None),
        ("≈4", None),
    ],
)
def test_a_number_with_two_readings_or_none_is_refused(word: str, decimal: str | None) -> None:
    with pytest.raises(InputError):
        number(word, decimal=decimal)


@pytest.mark.parametrize(
    ("word", "decimal", "value"), [("1,234", ".", 1234), ("1,234", ",", 1.234), ("1.234", ",", 1234)]
)
def test_a_stated_mark_settles_it(word: str, decimal: str, value: float) -> None:
    assert number(word, decimal=decimal, firm=True) == value


@given(st.floats(min_value=-1e9, max_value=1e9).map(lambda x: round(x, 4)), st.sampled_from(".,"))
def test_what_a_program_wrote_is_read_back_or_refused_never_changed(value: float, mark: str) -> None:
    word = f"{value:.4f}".replace(".", mark)
    assert number(word, decimal=mark) == pytest.approx(value, rel=1e-12, abs=1e-12)


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from([",", ".", "\u202f", "'"]),
    st.sampled_from([None, ".", ","]),
)
def test_grouped_thousands_are_read_as_such_or_refused(value: int, group: str, decimal: str | None) -> None:
    word = f"{value:,}".replace(",", group)
    try:
        found = number(word, decimal=decimal)
    except InputError:
        return
    # The one convention that stays: a single point is a decimal point where nothing speaks against it.
    assert found == value or (group == "." and word.count(".") == 1 and decimal in (None, "."))


def test_the_mark_is_proven_by_the_cells() -> None:
    assert decimal_of(["1,234", "5"]) is None
    assert decimal_of(["1.234", "12,5"]) == ","
    assert decimal_of(["1.5", "2,5"]) is None
    assert decimal_of(["1,234,567"]) == "."
    assert decimal_of(["M1", "a.b", "2.5"]) == "."


def test_missing_words_ignore_case_and_blanks() -> None:
    assert is_missing(" N.D. ") and is_missing("NA") and is_missing("lost", ["Lost "])
    assert not is_missing("0") and not is_missing("none at all")
