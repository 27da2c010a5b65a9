"""``soleus catalogue``: list, show, cite, check."""

from __future__ import annotations

from collections import Counter

import pytest
from cli_shell import catalogue_items
from typer.testing import CliRunner

from soleus.api import catalogue, packaged
from soleus.catalogue import claims, evidence, quantities
from soleus.catalogue.lineages import lineage_entry, lineage_names
from soleus.catalogue.listing import KINDS
from soleus.catalogue.movement import movement_entries
from soleus.catalogue.resilience import buffering_index
from soleus.catalogue.store import citations
from soleus.catalogue.study_entries import assay_entries, study_entry, study_names
from soleus.cli import app
from soleus.schema.catalogue import CatalogueResult


def test_kinds_are_those_that_were_promised() -> None:
    assert KINDS == (
        *("study", "lineage", "parameter", "activity", "signal", "mechanism", "set"),
        *("readout", "assay", "body", "dose", "index", "marker", "panel", "cause", "claim", "evidence"),
        *("finding", "quantity", "citation", "calibration"),
    )


def test_nothing_is_left_out() -> None:
    counts = Counter(item.kind for item in catalogue().items)
    assert set(counts) == set(KINDS)
    held = {
        "parameter": sum(
            len(lineage_entry(packaged(), name).parameters) for name in lineage_names(packaged())
        ),
        "finding": sum(len(study_entry(packaged(), name).findings) for name in study_names(packaged())),
        "assay": sum(len(assay_entries(packaged(), name)) for name in lineage_names(packaged())),
        "dose": 1 + sum(len(d.numbers()) for d in movement_entries(packaged()).doses.values()),
        "index": 1 + len(buffering_index(packaged()).levels) + len(buffering_index(packaged()).evidence),
        "mechanism": len(movement_entries(packaged()).mechanisms),
        "claim": len(claims(packaged())),
        "evidence": len(evidence(packaged())),
        "quantity": len(quantities(packaged())),
        "citation": len(citations(packaged())),
    }
    assert {kind: counts[kind] for kind in held} == held
    assert sum(counts.values()) > 300


def test_names_are_unique_within_a_kind() -> None:
    names = Counter((item.kind, item.name) for item in catalogue().items)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_listed_and_its_first_entry_shown(cli: CliRunner, kind: str) -> None:
    items = catalogue_items(cli, "list", kind)
    assert {item["kind"] for item in items} == {kind}
    listed = cli.invoke(app, ["catalogue", "list", kind])
    assert listed.exit_code == 0
    first = items[0]
    assert first["name"] in listed.stdout
    assert catalogue_items(cli, "show", first["name"], "--kind", kind) == [first]
    shown = " ".join(cli.invoke(app, ["catalogue", "show", first["name"], "--kind", kind]).stdout.split())
    assert shown.startswith(f"{kind} {first['name']} label {first['label']}")


def test_the_kinds_are_counted(cli: CliRunner) -> None:
    shown = " ".join(cli.invoke(app, ["catalogue", "list"]).stdout.split())
    for kind in KINDS:
        assert f" {kind} {len(catalogue(kind).items)} {catalogue(kind).items[0].name}" in shown


def test_an_entry_says_its_number_its_source_and_its_status() -> None:
    (item,) = [i for i in catalogue("parameter", "activation_rate").items if i.name.startswith("svz.")]
    entry = lineage_entry(packaged(), "svz").parameters["activation_rate"]
    assert (item.name, item.status, item.citation) == ("svz.activation_rate", entry.status, entry.citation)
    assert item.doi == citations(packaged())[entry.citation or ""].doi
    assert (item.fields["value"], item.fields["unit"]) == (f"{entry.value:g}", entry.unit)
    assert catalogue("parameter", "svz.activation_rate").items == [item]


def test_a_name_of_two_kinds_shows_both(cli: CliRunner) -> None:
    assert {item["kind"] for item in catalogue_items(cli, "show", "adami-2018")} == {"study", "citation"}
    assert {item["kind"] for item in catalogue_items(cli, "show", "adami-2018", "--kind", "study")} == {
        "study"
    }


def test_words_of_others_are_shown_as_they_are(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "[bold]70 %[/bold] of :mouse: [/x]"
    item = catalogue("set").items[0].model_copy(update={"label": words, "fields": {"[a]": words}})
    monkeypatch.setattr("soleus.api.catalogue", lambda *_: CatalogueResult(items=[item]))
    for args in (["list", "set"], ["show", item.name]):
        shown = cli.invoke(app, ["catalogue", *args])
        assert shown.exit_code == 0, shown.stderr
        assert words in shown.stdout
    assert f"[a]    {words}" in shown.stdout


def test_cite_prints_the_bibtex_of_each_work_once(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["catalogue", "cite", "shook-2012", "adami-2018", "shook-2012"])
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.count("@article{shook-2012,") == shown.stdout.count("@article{adami-2018,") == 1
    assert "doi = {10.3389/fnins.2018.00336}" in shown.stdout
    assert shown.stdout.count("{") == shown.stdout.count("}")
    items = catalogue_items(cli, "cite", "shook-2012", "adami-2018")
    assert [item["name"] for item in items] == ["shook-2012", "adami-2018"]


def test_every_work_has_bibtex() -> None:
    works = catalogue("citation").items
    assert len(works) >= 50
    for work in works:
        assert f"{{{work.name}," in work.fields["bibtex"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["list", "studies"], ["unknown kind", "Did you mean 'study'?", "quantity"]),
        (["show", "actvation_rate"], ["svz.activation_rate", "soleus catalogue list KIND"]),
        (["show", "leg-dya", "--kind", "study"], ["Did you mean 'leg-day'?"]),
        (["cite", "adami-2018", "adami-208"], ["unknown citation 'adami-208'", "adami-2018"]),
        (["show", "\x1b[2J"], [r"'\x1b[2J'"]),
        (["cite"], ["KEY"]),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(
    cli: CliRunner, args: list[str], words: list[str]
) -> None:
    shown = cli.invoke(app, ["catalogue", *args])
    assert (shown.exit_code, shown.stdout) == (2, "")
    for word in words:
        assert word in shown.stderr
    assert len(shown.stderr) < 600 and "\x1b" not in shown.stderr
