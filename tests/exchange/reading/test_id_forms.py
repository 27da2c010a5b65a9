"""Ids that name a part of an animal by a word or letter: the part is never an animal of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from soleus.exchange.reading import QuestionError, read

FORMS = [
    *(("rat{}_hemL", "rat{}_hemR", "side"), ("m{}_LH", "m{}_RH", "side"), ("m{}LH", "m{}RH", "side")),
    *(("m{}-left", "m{}-right", "side"), ("m{} links", "m{} rechts", "side")),
    ("m{} left hemisphere", "m{} right hemisphere", "side"),
    ("m{} linke Hemisphäre", "m{} rechte Hemisphäre", "side"),
    *(("M{} Hém. gauche", "M{} Hém. droite", "side"), ("m{} emisfero sx", "m{} emisfero dx", "side")),
    *(("m{} lado izq", "m{} lado der", "side"), ("m{}Lhemi", "m{}Rhemi", "side")),
    *(("left m{}", "right m{}", "side"), ("hemL_m{}", "hemR_m{}", "side")),
    *(("M{} Schnitt a", "M{} Schnitt b", "section"), ("M{} slice b", "M{} slice c", "section")),
    *(("M{} coupe A", "M{} coupe B", "section"), ("M{} corte a", "M{} corte b", "section")),
    *(("M{} sezione A", "M{} sezione B", "section"), ("M{}_secA", "M{}_secB", "section")),
    *(("m{}_slice_I", "m{}_slice_II", "section"), ("Schnitt 1 M{}", "Schnitt 2 M{}", "section")),
    ("M{}_Feld_a", "M{}_Feld_b", "field"),
]


def table(path: Path, *forms: str) -> Path:
    values = ((1, "ctrl", 40), (2, "ctrl", 38), (3, "ctrl", 44), (4, "HU", 24), (5, "HU", 29), (6, "HU", 22))
    lines = [f"{form.format(k)},{g},{v + d}" for k, g, v in values for d, form in enumerate(forms)]
    path.write_text("\n".join(["Animal,Group,Count", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("one", "other", "part"), FORMS)
def test_the_part_is_told_from_the_animal(one: str, other: str, part: str, tmp_path: Path) -> None:
    found = read(table(tmp_path / "a.csv", one, other)).observations.frame
    assert found["animal"].nunique() == 6
    assert found[part].nunique() == 2
    assert not found["animal"].str.contains("(?i)h[eé]m|left|schnitt|lado").any()


def test_a_single_letter_in_front_is_asked_about(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "L{}", "R{}")
    with pytest.raises(QuestionError) as asked:
        read(path)
    assert [choice.word for choice in asked.value.question.choices] == ["parts", "whole"]
    assert read(path, answers=["Animal=parts"]).observations.frame["animal"].nunique() == 6
    assert read(path, answers=["Animal=whole"]).observations.frame["animal"].nunique() == 12
