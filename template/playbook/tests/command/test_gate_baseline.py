"""The gate beside a baseline: what counts as worse, what is compared, and what a baseline is."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from gate_samples import TARGETS, baseline_of, results
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.evals.gate import Target, decide
from playbook.evals.gate import baseline as baselines
from playbook.evals.results import CaseResult, Mode
from playbook.project import Project
from playbook.verdicts import Code, Mistake


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, "greenhouse", "greenhouse", "acme")


def wrong_where(run: Sequence[CaseResult], ids: set[str]) -> list[CaseResult]:
    """The same run, with some cases wrong."""
    return [
        replace(one, right=False, got={"category": "wrong"}) if one.id in ids else one
        for one in run
    ]


def test_an_unchanged_service_passes() -> None:
    run = results(100, right=95) + results(20, right=19, slice_="edge")
    decision = decide(run, TARGETS, baseline=baseline_of(run))
    assert decision.code is Code.MET
    assert decision.comparison is not None
    assert decision.comparison.overlap == 1.0
    assert decision.comparison.flips == ()
    assert "no worse than the baseline over 120 cases" in decision.reasons


def test_a_service_that_became_worse_is_blocked_though_it_meets_its_target() -> None:
    before = results(400, right=396)
    now = wrong_where(before, {f"common-{i}" for i in range(20)})
    assert decide(now, TARGETS).code is Code.MET
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.code is Code.NOT_MET
    assert decision.reasons == (
        "all slices 5.0 points worse than the baseline (376 of 400 right, 396 before, p < 0.001)",
    )


def test_a_slice_that_became_worse_is_blocked_though_the_whole_hides_it() -> None:
    before = results(300, right=285) + results(60, slice_="edge")
    now = wrong_where(before, {f"edge-{i}" for i in range(9)})
    better = [replace(one, right=True) if one.slice == "common" else one for one in now]
    decision = decide(better, TARGETS, baseline=baseline_of(before))
    assert decision.code is Code.NOT_MET
    assert len(decision.reasons) == 1
    assert decision.reasons[0].startswith("edge 15.0 points worse than the baseline")


def test_many_slices_that_became_worse_are_one_reason() -> None:
    before = [one for i in range(6) for one in results(60, slice_=f"s{i}")]
    now = [
        one for i in range(6) for one in results(60, slice_=f"s{i}", right=59 if i == 0 else 50 - i)
    ]
    decision = decide(now, replace(TARGETS, all=Target(0.5, 10)), baseline=baseline_of(before))
    assert len(decision.reasons) == 2
    assert decision.reasons[1] == (
        "worse than the baseline: s5 by 25.0, s4 by 23.3, s3 by 21.7 and 2 more"
    )


def test_a_sure_drop_within_the_margin_is_borne() -> None:
    before = results(1000)
    now = wrong_where(before, {f"common-{i}" for i in range(20)})
    assert decide(now, TARGETS, baseline=baseline_of(before)).code is Code.MET
    strict = replace(TARGETS, regression=replace(TARGETS.regression, margin=0.01))
    assert decide(now, strict, baseline=baseline_of(before)).code is Code.NOT_MET


def test_flips_show_the_old_answer_beside_the_new_one_worse_and_critical_first() -> None:
    before = results(200, right=199)
    now = wrong_where(before, {"common-7", "common-8"})
    now = [replace(one, critical=one.id == "common-8") for one in now]
    now[199] = replace(now[199], right=True, got={"category": "right"})
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.comparison is not None
    flips = decision.comparison.flips
    assert [flip.id for flip in flips] == ["common-8", "common-7", "common-199"]
    assert (flips[0].before, flips[0].after) == ({"category": "right"}, {"category": "wrong"})
    assert [flip.got_worse for flip in flips] == [True, True, False]


@pytest.mark.parametrize(("shared", "code"), [(160, Code.MET), (159, Code.INCONCLUSIVE)])
def test_with_less_than_four_fifths_in_common_nothing_was_compared(shared: int, code: Code) -> None:
    now = results(200)
    before = [one if i < shared else replace(one, hash="another") for i, one in enumerate(now)]
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.code is code
    if code is Code.INCONCLUSIVE:
        assert "share 79.5% of their cases, it takes 80%" in decision.reasons[0]


def test_cases_that_were_deleted_count_as_not_shared() -> None:
    decision = decide(results(100), TARGETS, baseline=baseline_of(results(200)))
    assert decision.code is Code.INCONCLUSIVE


def test_a_case_whose_input_or_label_changed_is_not_compared_with_what_it_was() -> None:
    before = results(200)
    now = [
        replace(one, hash="relabelled", right=False) if i < 19 else one
        for i, one in enumerate(before)
    ]
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.code is Code.MET
    assert decision.comparison is not None
    assert decision.comparison.all.shared == 181
    assert decision.comparison.flips == ()


def test_a_case_without_an_answer_to_judge_is_not_called_lost() -> None:
    before = results(100)
    now = [*before[:99], replace(before[99], right=False, unjudged="down")]
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.code is Code.MET
    assert decision.comparison is not None
    assert decision.comparison.flips == ()


def test_a_baseline_of_another_mode_is_compared_with_nothing_and_said() -> None:
    before = results(200)
    now = results(200, right=185)
    assert decide(now, TARGETS, baseline=baseline_of(before)).code is Code.NOT_MET
    decision = decide(now, TARGETS, baseline=baseline_of(before, mode="simulated"))
    assert decision.code is Code.MET
    assert decision.comparison is None
    assert any(
        note.startswith("No baseline of live answers to compare with") for note in decision.notes
    )


def test_simulated_answers_are_compared_with_their_own_baseline() -> None:
    targets = replace(TARGETS, slices={}, critical_at_least=None)
    before = results(200, simulated=True)
    now = results(200, right=185, simulated=True)
    decision = decide(now, targets, baseline=baseline_of(before, mode="simulated"))
    assert decision.code is Code.NOT_MET


def test_a_flip_says_what_came_of_asking_again() -> None:
    before = results(200)
    again = {"right": False, "repeats": (False, True, True)}
    now = [replace(one, **again) if i < 20 else one for i, one in enumerate(before)]
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert decision.comparison is not None
    assert decision.comparison.all.lost == len(decision.comparison.flips) == 20
    assert decision.comparison.flips[0].repeats == (False, True, True)


def test_a_baseline_leaves_out_what_was_not_judged() -> None:
    bound = dict.fromkeys(baselines.BOUND_TO, "as it was")
    report = {
        **bound,
        "mode": "live",
        "release": "triage-v1",
        "git": {"sha": None},
        "cases": [asdict(one) for one in (*results(1), *results(1, unjudged="down"))],
    }
    made = baselines.made_of(report, baselines.Accepted("Ann", "so it is", "2026-11-23"))
    assert [(case.id, case.right) for case in made.cases] == [("common-0", True)]


def test_replayed_answers_are_held_against_targets_and_their_own_baseline() -> None:
    before = [replace(one, mode=Mode.replayed) for one in results(200)]
    now = [replace(one, mode=Mode.replayed) for one in results(200, right=185, seconds=9)]
    decision = decide(now, TARGETS, baseline=baseline_of(before, mode="replayed"))
    assert decision.reasons[0] == "p95 latency 9.00 s, target 3 s"
    assert decision.reasons[1].startswith("all slices 7.5 points worse than the baseline")


def test_a_baseline_with_nothing_in_common_is_inconclusive() -> None:
    decision = decide(results(100), TARGETS, baseline=baseline_of(results(100, hash_="other")))
    assert decision.code is Code.INCONCLUSIVE
    assert decision.comparison is not None
    assert decision.comparison.smallest_drop is None


def test_one_slice_alone_is_compared_with_what_it_was() -> None:
    before = results(100) + results(60, slice_="edge")
    edge = results(60, right=50, slice_="edge")
    decision = decide(edge, TARGETS, only="edge", baseline=baseline_of(before))
    assert decision.code is Code.NOT_MET
    assert decision.comparison is not None
    assert decision.comparison.overlap == 1.0


def test_a_critical_case_that_is_no_longer_one_is_said() -> None:
    before = results(100, critical=True)
    now = [*results(99, critical=True), *results(100)[99:]]
    decision = decide(now, TARGETS, baseline=baseline_of(before))
    assert "Critical in the baseline, and now gone or not critical: common-99." in decision.notes


@settings(max_examples=30)
@given(st.integers(20, 120), st.randoms(use_true_random=False))
def test_only_a_drop_of_what_is_shared_can_be_worse(n: int, random: object) -> None:
    choose = getattr(random, "random")  # noqa: B009
    before = [replace(one, right=choose() < 0.8) for one in results(n)]
    now = [replace(one, right=one.right or choose() < 0.5) for one in before]
    comparison = decide(now, TARGETS, baseline=baseline_of(before)).comparison
    assert comparison is not None
    assert not any(row.verdict == "worse" for row in (comparison.all, *comparison.rows))
    assert len(comparison.flips) == comparison.all.gained


def test_a_baseline_comes_back_as_it_was_written_a_case_a_line(project: Project) -> None:
    run = results(3, right=2) + results(2, slice_="edge")
    one = baseline_of(run, mode="simulated")
    file = baselines.write(project, one)
    assert file == Path("evals/baselines/simulated.json")
    assert baselines.read(project, Mode.simulated) == one
    lines = (project.root / file).read_text("utf-8").split("\n")
    assert sum('"id": ' in line for line in lines) == 5
    assert json.loads("\n".join(lines))["cases"][0] == {
        "id": "common-0", "hash": "h0", "slice": "common", "critical": False, "held_out": False,
        "right": True, "outcome": "answered", "got": {"category": "right"},
    }  # fmt: skip


def test_no_baseline_is_none(project: Project) -> None:
    assert baselines.read(project, Mode.live) is None
    assert baselines.read(project, Mode.none) is None


def _broken(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"mode": "live"', '"mode": "simulated"', "live.json:3  mode\n  These answers are simul"),
        ('"format": 1', '"format": 2', "live.json:2  format\n  This has the form 2, and this"),
        ('  "format": 1,\n', "", "live.json:1  format\n  This is missing, so the file is no base"),
        ('"right": true', '"right": "yes"', "live.json:11  cases[0].right\n"),
        ('"hash": "h1", ', "", "live.json:12  cases[1].hash\n  This is missing."),
        ('"common-1"', '"common-0"', "live.json:12  cases[1].id\n  common-0 is here twice."),
        ("},\n", "}\n", "live.json:"),
        ("{", "<<<<<<< ours\n{", "live.json:1\n  A merge left a conflict here."),
        ("{", "[1]{", "live.json:1"),
    ],
)
def test_what_is_no_baseline_is_refused_with_its_line_and_what_to_do(
    project: Project, old: str, new: str, said: str
) -> None:
    path = project.root / baselines.write(project, baseline_of(results(3)))
    path.write_text(_broken(path.read_text("utf-8"), old, new), "utf-8")
    with pytest.raises(Mistake) as caught:
        baselines.read(project, Mode.live)
    assert f"evals/baselines/{said}" in str(caught.value)
    assert "git checkout -- evals/baselines/live.json" in str(caught.value)
    assert caught.value.code is Code.INVALID
