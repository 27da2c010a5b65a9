"""A cohort becomes a table: the same for the same seed, right on average, twins apart by effect alone."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from study_models import published_study, toy_study

from soleus.api import packaged
from soleus.catalogue.studies import load_study
from soleus.errors import InputError, UnsupportedError
from soleus.observations import write_parquet
from soleus.streams import Streams
from soleus.study import Variation, allocate, bind, counterfactual_twins, simulate, true_cells

EFFECT = {"wake": 2.0}


def parquet(experiment, seed, tmp_path, **options) -> bytes:
    path = tmp_path / "table.parquet"
    write_parquet(simulate(experiment, seed, **options), path)
    return path.read_bytes()


# Following each cell of the real lineage takes seconds an animal; the toy study runs the same code.
@pytest.mark.parametrize(("study", "engine"), [("toy", "moments"), ("toy", "cells"), ("leg-day", "moments")])
def test_the_bytes_do_not_depend_on_the_workers(study, engine, tmp_path):
    experiment = (
        bind(toy_study(3), gains=EFFECT)
        if study == "toy"
        else bind(load_study(packaged(), study).with_animals(2))
    )
    one = parquet(experiment, 11, tmp_path, engine=engine, workers=1)
    assert one == parquet(experiment, 11, tmp_path, engine=engine, workers=2)
    assert one == parquet(experiment, 11, tmp_path, engine=engine, workers=4)
    assert one != parquet(experiment, 12, tmp_path, engine=engine, workers=1)


def test_a_seed_changes_the_counts_and_not_only_the_record():
    experiment = bind(toy_study(3))
    first, second = (simulate(experiment, s).frame["value"].to_numpy() for s in (1, 2))
    assert not np.array_equal(first, second)


def test_the_table_says_who_what_and_when():
    observations = simulate(bind(toy_study(3)), 5, run_id="abc")
    frame = observations.frame
    assert len(frame) == 6 * (2 + 1)
    assert set(frame["source"]) == {"virtual:abc"}
    assert set(frame["age_days"]) == {114.0}
    assert set(frame["day"]) == {14.0}
    assert observations.factors == {"Unloading": ("no", "yes")}
    assert observations.provenance["seed"] == "5"
    sections = frame[frame["assay"] == "sections"]
    assert sorted(set(sections["section"])) == ["s1", "s2"]
    assert set(sections["exposure"]) == {0.5}
    # The exposure is kept beside the count and never multiplied into it.
    assert (sections["value"] % 1.0 == 0.0).all()
    total = frame[frame["assay"] == "total"]
    assert total["section"].isna().all()
    groups = {a.id: a.group for a in allocate(toy_study(3), Streams(5))}
    assert all(groups[a] == g for a, g in zip(frame["animal"], frame["group"], strict=True))


def test_sampling_days_are_dealt_in_turn_within_each_group():
    frame = simulate(bind(toy_study(7, sampling_days=(2.0, 7.0, 14.0))), 5).frame
    days = frame.drop_duplicates("animal").groupby(["group", "day"]).size()
    for group in ("free", "unloaded"):
        assert days[group].to_dict() == {2.0: 3, 7.0: 2, 14.0: 2}


def test_published_means_are_not_drawn():
    with pytest.raises(UnsupportedError, match="published summary"):
        simulate(bind(published_study()), 1)


def test_unknown_engines_are_refused():
    with pytest.raises(InputError, match="'moments' or 'cells', got 'cell'"):
        simulate(bind(toy_study(1)), 1, engine="cell")  # type: ignore[arg-type]


def test_the_mean_of_many_animals_is_the_predicted_one():
    study = toy_study(400)
    experiment = bind(study, gains=EFFECT)
    frame = simulate(experiment, 22).frame
    index = {r.name: i for i, r in enumerate(experiment.readouts)}
    for assay in study.assays:
        for group in ("free", "unloaded"):
            rows = frame[(frame["assay"] == assay.name) & (frame["group"] == group)]
            totals = rows.groupby("animal")["value"].mean().to_numpy()
            predicted = experiment.true_means(group)[0, index[assay.readout.name]] * assay.fraction
            z = (totals.mean() - predicted) / (totals.std(ddof=1) / np.sqrt(len(totals)))
            assert abs(z) < 3.5


def test_an_animals_own_size_and_rates_show_in_its_cells():
    experiment = bind(toy_study(2))
    animal = replace(allocate(experiment.study, Streams(1))[0], niche_size=1.0, effects={})
    many = [replace(animal, number=n) for n in range(150)]

    def mean(**changes):
        lives = [replace(a, **changes) for a in many]
        return true_cells(experiment, lives, days=[14.0] * len(lives), streams=Streams(2)).mean(axis=0)

    plain = mean()
    np.testing.assert_allclose(mean(niche_size=2.0) / plain, 2.0, rtol=0.03)
    # Twice the activation, and all that follows from it, on a niche that activation does not empty.
    np.testing.assert_allclose(mean(effects={"activation": 2.0}) / plain, 2.0, rtol=0.03)


def test_both_engines_draw_the_same_distribution():
    study = toy_study(250)
    experiment = bind(study.with_animals(250), gains=EFFECT)
    animals = allocate(experiment.study, Streams(4))
    cells = {
        engine: true_cells(experiment, animals, days=[14.0] * len(animals), streams=Streams(s), engine=engine)
        for s, engine in ((4, "moments"), (5, "cells"))
    }
    wrong = bind(study, gains={"wake": 1.7})
    days = [14.0] * len(animals)
    shifted = true_cells(wrong, animals, days=days, streams=Streams(6), engine="cells")
    treated = np.array([a.group == "unloaded" for a in animals])
    for r in range(len(experiment.readouts)):
        for group in (treated, ~treated):
            assert stats.ks_2samp(cells["moments"][group, r], cells["cells"][group, r]).pvalue > 1e-3
        assert stats.ks_2samp(cells["moments"][treated, r], shifted[treated, r]).pvalue < 1e-3
    together = [np.corrcoef(np.log(c[treated]).T)[0, 1] for c in cells.values()]
    assert together[0] == pytest.approx(together[1], abs=0.15)


@pytest.mark.slow
def test_both_engines_draw_the_same_distribution_on_the_svz_lineage():
    """The real lineage with a fiftieth of its stem cells, so that following each cell is quick."""
    study = load_study(packaged(), "leg-day").with_animals(150)
    start = study.niche.parameters
    few = {k: start[k] / 50.0 for k in ("dormant_at_60", "quiescent_at_60")}
    experiment = bind(
        replace(study, niche=study.niche.with_parameters(few)), gains={"afferent-activation": 2.0}
    )
    animals = allocate(experiment.study, Streams(4))
    cells = {
        engine: true_cells(experiment, animals, days=[28.0] * len(animals), streams=Streams(s), engine=engine)
        for s, engine in ((4, "moments"), (5, "cells"))
    }
    names = [r.name for r in experiment.readouts]
    treated = np.array([a.group == "unloaded" for a in animals])
    for name in ("ki67_density", "stem_cells", "neuroblasts", "mature_neurons", "opc"):
        r = names.index(name)
        for group in (treated, ~treated):
            assert stats.ks_2samp(cells["moments"][group, r], cells["cells"][group, r]).pvalue > 1e-3, name


@pytest.mark.parametrize("engine", ["moments", "cells"])
def test_twins_without_effect_are_exactly_equal(engine):
    twins = counterfactual_twins(bind(toy_study()), 9, pairs=4, day=14.0, engine=engine)
    assert twins["free"].shape == (4, 2)
    np.testing.assert_array_equal(twins["free"], twins["unloaded"])


@pytest.mark.parametrize("engine", ["moments", "cells"])
def test_twins_with_an_effect_differ(engine):
    twins = counterfactual_twins(bind(toy_study(), gains=EFFECT), 9, pairs=4, day=14.0, engine=engine)
    assert np.all(twins["unloaded"] < twins["free"])


def test_twins_of_the_svz_lineage_without_effect_are_exactly_equal():
    experiment = bind(load_study(packaged(), "leg-day"))
    twins = counterfactual_twins(experiment, 9, pairs=2, day=28.0)
    np.testing.assert_array_equal(twins["control"], twins["unloaded"])
    moved = replace(experiment, gains={"afferent-activation": 2.0})
    other = counterfactual_twins(moved, 9, pairs=2, day=28.0)
    assert not np.array_equal(other["control"], other["unloaded"])
    np.testing.assert_array_equal(other["control"], twins["control"])


def test_groups_of_a_study_share_no_stream():
    """Without effect the groups still differ: they are other animals."""
    frame = simulate(bind(toy_study(4)), 3).frame
    by_group = [sorted(part["value"]) for _, part in frame.groupby("group")]
    assert by_group[0] != by_group[1]


def test_animals_share_no_assay_noise():
    """Animals alike in everything, counted with a large error: neighbours do not agree more than others."""
    blurred = tuple(
        replace(a, position_cv=1.0, unit_cv=0.0, units=1, fraction=1.0) for a in toy_study().assays
    )
    study = toy_study(120, assays=blurred, variation=Variation(), derived=())
    frame = simulate(bind(study), 8).frame
    for assay in blurred:
        counts = np.log1p(frame[frame["assay"] == assay.name].sort_values("animal")["value"].to_numpy())
        for step in (1, 2, 4):
            assert abs(stats.spearmanr(counts[:-step], counts[step:]).statistic) < 0.22
    by_assay = [frame[frame["assay"] == a.name].sort_values("animal")["value"] for a in blurred]
    assert abs(stats.spearmanr(*by_assay).statistic) < 0.3


def test_the_table_is_written_and_read_back(tmp_path):
    from soleus.observations import read_parquet

    observations = simulate(bind(toy_study(2)), 1)
    write_parquet(observations, tmp_path / "t.parquet")
    assert read_parquet(tmp_path / "t.parquet") == observations
    assert io.BytesIO((tmp_path / "t.parquet").read_bytes()).read(4) == b"PAR1"
