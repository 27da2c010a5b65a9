"""Weeks and channels in names of images: compared apart, by their form or by one word."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.reading import QuestionError, read


def table(path: Path, *parts: str) -> Path:
    values = ((1, "ctrl", 40), (2, "ctrl", 38), (3, "ctrl", 44), (4, "HU", 24), (5, "HU", 29), (6, "HU", 22))
    lines = [f"rat{k}_{part}.tif,{g},{v + d}" for k, g, v in values for d, part in enumerate(parts)]
    path.write_text("\n".join(["Image,Group,Count", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("word", ["Wo", "wo", "wk", "week", "Woche", "semaine", "semana", "settimana"])
def test_weeks_are_told_by_their_word(word: str, tmp_path: Path) -> None:
    found = read(table(tmp_path / "a.csv", f"{word}2", f"{word}4", f"{word}8"))
    assert sorted(found.observations.frame["day"].unique()) == [14, 28, 56]


@pytest.mark.parametrize(("parts", "first"), [(("w1", "w2"), "week"), (("S2", "S4", "S8"), "section")])
def test_a_letter_that_may_be_a_week_is_asked_about(
    parts: tuple[str, ...], first: str, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", *parts)
    with pytest.raises(QuestionError) as asked:
        read(path)
    words = [choice.word for choice in asked.value.question.choices]
    assert words[0] == first
    assert {"week", "section", "channel"} <= set(words)
    found = read(path, answers=["part 2=week"])
    assert found.mapping.columns.strata == ("Image > time",)
    # A day is offered where the parts can be read as one.
    assert ("day" in words) == (first == "week")


def test_sections_in_a_row_are_sections(tmp_path: Path) -> None:
    assert read(table(tmp_path / "a.csv", "S1", "S2", "S3")).mapping.columns.section == "Image > section"


def test_channels_are_never_offered_as_sections(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "s1_C1", "s1_C2", "s2_C1", "s2_C2")
    with pytest.raises(QuestionError) as asked:
        read(path)
    words = {choice.word for choice in asked.value.question.choices}
    assert "channel" in words
    assert not words & {"section", "field", "ignore", "animal"}
    assert read(path, answers=["part 3=channel"]).mapping.columns.strata == ("Image > channel",)
