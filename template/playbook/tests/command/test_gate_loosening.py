"""A target that asks for less than at the base branch needs somebody who stands for it."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate_samples import TARGETS, results
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.config import Config, Criteria, load_config
from chassis.config.evals import Evals
from chassis.config.files import read_yaml
from chassis.config.ownership import Attestation
from playbook.evals.gate import decide
from playbook.evals.gate.base import against_base
from playbook.evals.gate.loosening import AgainstBase, Loosening, loosened
from playbook.project import Project
from playbook.verdicts import Code

GREENHOUSE = Path(__file__).parent / "greenhouse"
CRITERIA = (GREENHOUSE / "config/success-criteria.yaml").read_text("utf-8")
TODAY = date(2026, 11, 23)


def criteria(**changed: Any) -> Criteria:
    """The greenhouse's criteria; `quality__at_least=0.8` changes one number."""
    data = yaml.safe_load(CRITERIA)
    for path, value in changed.items():
        *blocks, last = path.split("__")
        here = data
        for block in blocks:
            here = here.setdefault(block, {})
        if value is None:
            del here[last]
        else:
            here[last] = value
    return Criteria.model_validate(data)


def attestation(criterion: str, to: float | str, expires: str = "2026-12-23") -> Attestation:
    return Attestation(
        point=1,
        statement="The labels are harder now.",
        by="Ann Berg",
        on=date(2026, 11, 20),
        expires=date.fromisoformat(expires),
        criterion=criterion,
        to=to,
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quality__at_least": 0.85}, "quality.at_least is loosened from 0.9 to 0.85"),
        ({"quality__least_sample": 10}, "quality.least_sample is loosened from 20 to 10"),
        ({"latency__p95_seconds": 9.0}, "latency.p95_seconds is loosened from 3 to 9"),
        (
            {"quality__slices__edge__at_least": 0.5},
            "quality.slices.edge.at_least is loosened from 0.8 to 0.5",
        ),
        ({"quality__slices__edge": None}, "quality.slices.edge is removed"),
        (
            {"quality__regression__margin": 0.3},
            "quality.regression.margin is loosened from 0.02 to 0.3",
        ),
        (
            {"quality__regression__least_overlap": 0.1},
            "quality.regression.least_overlap is loosened from 0.8 to 0.1",
        ),
        ({"quality__simulated__at_least": 0.1}, "quality.simulated.at_least is loosened"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_asks_for_less_is_found(changed: dict[str, Any], said: str) -> None:
    found = loosened(criteria(), criteria(**changed))
    assert [str(one)[: len(said)] for one in found] == [said]
    assert loosened(criteria(**changed), criteria()) == []


def test_what_has_no_better_or_worse_is_not_loosened() -> None:
    changed = criteria(availability__window_days=60, traffic__replicas=3, quality__owner="x")
    assert loosened(criteria(), changed) == []


def test_judging_by_the_share_instead_of_its_bound_is_loosened() -> None:
    bound = criteria(quality__judged_by="lower_bound")
    found = loosened(bound, criteria())
    assert [str(one) for one in found] == [
        "quality.judged_by is loosened from lower_bound to point_estimate"
    ]
    stands = attestation("quality.judged_by", "point_estimate")
    assert found[0].attested_by([stands], TODAY)


@settings(max_examples=30)
@given(st.floats(0.5, 0.99), st.floats(0.5, 0.99))
def test_of_two_targets_the_lower_one_is_the_looser(before: float, now: float) -> None:
    found = loosened(
        criteria(quality__slices__edge__at_least=before),
        criteria(quality__slices__edge__at_least=now),
    )
    assert bool(found) == (now < before)
    for one in found:
        line = read_yaml(f"lines:\n{one.line(TODAY)}", "").data["lines"][0]
        stands = Attestation.model_validate({**line, "by": "Ann", "statement": "So it is."})
        assert one.attested_by([stands], TODAY), "the line that is shown has to be enough"


@pytest.mark.parametrize(
    ("stands", "enough"),
    [
        (attestation("quality.at_least", 0.85), True),
        (attestation("quality.at_least", 0.8), True),
        (attestation("quality.at_least", 0.86), False),
        (attestation("quality.slices.edge.at_least", 0.8), False),
        (attestation("quality.at_least", "removed"), False),
        (attestation("quality.at_least", 0.85, expires="2026-11-23"), True),
        (attestation("quality.at_least", 0.85, expires="2026-11-22"), False),
    ],
)
def test_an_attestation_stands_for_its_target_its_value_and_its_time(
    stands: Attestation, enough: bool
) -> None:
    (found,) = loosened(criteria(), criteria(quality__at_least=0.85))
    assert found.attested_by([stands], TODAY) is enough


def test_a_larger_limit_is_attested_up_to_its_value() -> None:
    (found,) = loosened(criteria(), criteria(latency__p95_seconds=5.0))
    assert found.attested_by([attestation("latency.p95_seconds", 5)], TODAY)
    assert found.attested_by([attestation("latency.p95_seconds", 6)], TODAY)
    assert not found.attested_by([attestation("latency.p95_seconds", 4.9)], TODAY)


def test_a_removed_slice_is_attested_as_removed() -> None:
    (found,) = loosened(criteria(), criteria(quality__slices__edge=None))
    assert found.attested_by([attestation("quality.slices.edge", "removed")], TODAY)
    assert not found.attested_by([attestation("quality.slices.edge.at_least", 0.0)], TODAY)


LOOSENING = Loosening("quality.at_least", 0.9, 0.85, "lower")


def test_a_loosened_target_blocks_and_the_lines_to_add_are_shown() -> None:
    against = AgainstBase("main (1a2b3c4)", loosened=(LOOSENING,))
    decision = decide(results(20), TARGETS, against_base=against, today=TODAY)
    assert decision.code is Code.NOT_MET
    assert decision.reasons == ("quality.at_least is loosened from 0.9 to 0.85",)
    assert decision.notes[-2:] == (
        (
            "Held against main (1a2b3c4). Put it back, or have somebody stand for it in "
            "config/ownership.yaml, under attestations:"
        ),
        (
            "  - {point: 1, criterion: quality.at_least, to: 0.85, "
            'statement: "<why>", by: "<who>", on: 2026-11-23, expires: 2026-12-23}'
        ),
    )


def test_a_loosened_target_that_is_attested_is_said_and_passes() -> None:
    against = AgainstBase("main (1a2b3c4)", attested=(LOOSENING,))
    decision = decide(results(20), TARGETS, against_base=against)
    assert decision.code is Code.MET
    assert any("Attested in config/ownership.yaml" in note for note in decision.notes)


def test_a_base_that_cannot_be_read_leaves_a_pull_request_unjudged() -> None:
    against = AgainstBase("main", unreadable="the base main is not in this clone")
    assert decide(results(20, right=2), TARGETS, against_base=against).code is Code.NOT_JUDGED


class Repository:
    """A service in a folder of a git repository, with a main and the branch of a change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "services" / "greenhouse"
        (self.root / "config").mkdir(parents=True)
        for file in (GREENHOUSE / "config").iterdir():
            (self.root / "config" / file.name).write_bytes(file.read_bytes())
        self.git("init", "--quiet", "--initial-branch", "main", str(folder))
        self.commit()
        self.git("switch", "--quiet", "--create", "change")

    def git(self, *arguments: str) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        named = ("-c", "user.name=Ann Berg", "-c", "user.email=ann@example.org")
        command = ["git", "-C", str(self.folder), *named, *arguments]
        subprocess.run(command, check=True, env=own, capture_output=True, timeout=60)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "as it is")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / "config" / file
        before = path.read_text("utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), "utf-8")

    def loosen(self) -> None:
        self.edit("success-criteria.yaml", "at_least: 0.9\n", "at_least: 0.7\n")

    def config(self) -> Config:
        return load_config(self.root)

    def against(
        self, asked: str | None = None, environment: Mapping[str, str] | None = None
    ) -> AgainstBase:
        project = Project(self.root, "greenhouse", "greenhouse", "acme")
        return against_base(project, self.config(), asked, TODAY, environment or {})


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_on_a_branch_targets_are_held_against_main(repository: Repository) -> None:
    assert repository.against().loosened == ()
    repository.loosen()
    against = repository.against()
    assert [str(one) for one in against.loosened] == [
        "quality.at_least is loosened from 0.9 to 0.7"
    ]
    assert against.base is not None
    assert against.base.startswith("main (")


def test_on_main_there_is_nothing_to_be_held_against(repository: Repository) -> None:
    repository.git("switch", "--quiet", "main")
    repository.loosen()
    assert repository.against() == AgainstBase()


@pytest.mark.parametrize(
    "environment",
    [
        {"GITHUB_BASE_REF": "release"},
        {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "release", "GITHUB_BASE_REF": ""},
        {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/release"},
    ],
    ids=["GitHub", "GitLab", "Azure"],
)
def test_in_a_pull_request_ci_names_the_base(
    repository: Repository, environment: dict[str, str]
) -> None:
    repository.git("branch", "release", "main")
    repository.git("checkout", "--quiet", "--detach")
    repository.loosen()
    assert repository.against().loosened == ()
    assert len(repository.against(environment=environment).loosened) == 1


def test_the_base_may_be_named(repository: Repository) -> None:
    repository.loosen()
    repository.commit()
    assert len(repository.against("HEAD~1").loosened) == 1
    assert repository.against("HEAD").loosened == ()


def test_what_main_tightened_since_is_not_this_branchs_doing(repository: Repository) -> None:
    repository.git("switch", "--quiet", "main")
    repository.edit("success-criteria.yaml", "at_least: 0.9\n", "at_least: 0.95\n")
    repository.commit()
    repository.git("switch", "--quiet", "change")
    assert repository.against().loosened == ()


def test_an_attestation_in_the_same_change_is_honoured_and_an_expired_one_is_not(
    repository: Repository,
) -> None:
    repository.loosen()
    (found,) = repository.against().loosened
    lines = f"attestations:\n{found.line(TODAY)}"
    repository.edit("ownership.yaml", "attestations: []", lines)
    against = repository.against()
    assert against.loosened == ()
    assert against.attested == (found,)
    repository.edit("ownership.yaml", "on: 2026-11-23", "on: 2026-10-01")
    repository.edit("ownership.yaml", "expires: 2026-12-23", "expires: 2026-11-22")
    assert repository.against().loosened == (found,)


def test_a_base_from_before_a_key_existed_has_the_keys_default(repository: Repository) -> None:
    quality = "  least_sample: 20 "
    repository.edit("success-criteria.yaml", quality, f"  regression: {{margin: 0.2}}\n{quality}")
    assert [one.criterion for one in repository.against().loosened] == ["quality.regression.margin"]


def test_how_much_may_go_unjudged_is_held_against_the_base_too(repository: Repository) -> None:
    file = repository.root / "config/evals.yaml"
    file.write_text("infrastructure_errors_at_most: 0.5\nconcurrency: 2\n", "utf-8")
    (found,) = repository.against().loosened
    assert str(found) == "evals.infrastructure_errors_at_most is loosened from 0.02 to 0.5"
    repository.edit("ownership.yaml", "attestations: []", f"attestations:\n{found.line(TODAY)}")
    assert repository.against().attested == (found,)


def evals(**changed: Any) -> Evals:
    judge = {"model": "openai:gpt-5-mini", "gate": True, "rates_at_least": 0.9, **changed}
    return Evals.model_validate({"judges": {"tone": judge}})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (evals(gate=False), "evals.judges.tone.gate is loosened from true to false"),
        (Evals(), "evals.judges.tone is removed"),
        (evals(rates_at_least=0.8), "evals.judges.tone.rates_at_least is loosened from 0.9 to 0.8"),
        (evals(least_labels=10), "evals.judges.tone.least_labels is loosened from 20 to 10"),
    ],
    ids=["advises", "removed", "rates", "labels"],
)
def test_a_judge_that_gates_is_not_weakened_unseen(now: Evals, said: str) -> None:
    (found,) = loosened(evals(), now, "evals")
    assert str(found) == said
    assert loosened(now, evals(), "evals") == []
    line = read_yaml(f"lines:\n{found.line(TODAY)}", "").data["lines"][0]
    stands = Attestation.model_validate({**line, "by": "Ann", "statement": "So it is."})
    assert found.attested_by([stands], TODAY)


def test_a_judge_that_only_advises_may_be_changed_and_removed() -> None:
    before = evals(gate=False)
    assert loosened(before, evals(gate=False, rates_at_least=0.8), "evals") == []
    assert loosened(before, Evals(), "evals") == []


def test_simulating_what_was_never_recorded_asks_for_less_than_stopping() -> None:
    simulate = Evals.model_validate({"recordings": {"on_miss": "simulate"}})
    (found,) = loosened(Evals(), simulate, "evals")
    assert str(found) == "evals.recordings.on_miss is loosened from inconclusive to simulate"
    assert loosened(simulate, Evals(), "evals") == []


def test_a_base_that_this_playbook_refuses_is_said_and_unjudged_in_a_pull_request(
    repository: Repository,
) -> None:
    repository.edit("success-criteria.yaml", "  owner: domain_expert\n", "  goal: high\n")
    repository.commit()
    repository.git("branch", "old")
    repository.edit("success-criteria.yaml", "  goal: high\n", "  owner: domain_expert\n")
    said = repository.against("old").unreadable
    assert said is not None
    assert "config/success-criteria.yaml:2 at old (" in said
    assert "quality.owner: This is missing." in said
    repository.git("branch", "--force", "main", "old")
    locally = repository.against()
    assert locally.unreadable is None
    assert locally.note is not None


def test_a_base_that_is_not_in_the_clone_leaves_a_pull_request_unjudged(
    repository: Repository,
) -> None:
    against = repository.against(environment={"GITHUB_BASE_REF": "elsewhere"})
    assert against.unreadable is not None
    assert "git fetch --unshallow origin elsewhere" in against.unreadable


def test_a_base_from_before_the_service_existed_is_said(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--orphan", "empty")
    repository.commit()
    repository.git("switch", "--quiet", "change")
    against = repository.against("empty")
    assert against.note is not None
    assert against.note.startswith("There are no success criteria at empty (")


def test_removed_targets_do_not_pass_unseen_at_any_depth() -> None:
    before = criteria()
    families = {**before.quality.slices, "other": before.quality.slices["edge"]}
    more = before.model_copy(
        update={"quality": before.quality.model_copy(update={"slices": families})}
    )
    assert [one.criterion for one in loosened(more, before)] == ["quality.slices.other"]
    assert replace(LOOSENING, now="removed").attested_by(
        [attestation("quality.at_least", "removed")], TODAY
    )
