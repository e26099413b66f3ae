"""The judge card: what was measured of a judge, bound to what, and whether it still holds."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from playbook.evals.judge import labels as labelled
from playbook.evals.judge.labels import FOLDER, Label
from playbook.evals.judge.rates import Agreement
from playbook.project import Project
from playbook.verdicts import write_json

if TYPE_CHECKING:
    from chassis import Judge, Pipeline
    from chassis.config import Config
    from chassis.config.judges import JudgeSettings

COMMAND = "uv run playbook evals judge"


class Bound(BaseModel):
    """What a judge's verdicts hang on; a card speaks for it while all of this is as it was."""

    model_config = ConfigDict(frozen=True)

    model: str
    parameters: dict[str, Any]
    prompt_sha256: str
    labels_sha256: str
    shown_sha256: str  # what the judge is shown of each label: `shows` may change


class Card(BaseModel):
    """What was measured of one judge."""

    model_config = ConfigDict(frozen=True)

    judge: str
    bound_to: Bound
    mode: Literal["live", "simulated"]
    answered_by: str
    made_at: str
    held_out: Agreement
    while_writing: Agreement
    repeats: int
    always_the_same: int | None  # of the held-out labels, over the repeats
    unavailable: int
    cost_usd: float | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rates(self) -> dict[str, Any]:
        """The numbers of the held-out part, for who reads the file."""
        both = {
            "true_positive_rate": self.held_out.on_passed,
            "true_negative_rate": self.held_out.on_failed,
        }
        shown: dict[str, Any] = {
            name: {"share": rate.share, "interval_95": rate.interval, "n": rate.n}
            for name, rate in both.items()
        }
        return {**shown, "kappa": self.held_out.kappa}

    def save(self, project: Project) -> Path:
        """Write the card to its place."""
        path = path_of(project, self.judge)
        write_json(path, self.model_dump(mode="json"))
        return path


def path_of(project: Project, name: str) -> Path:
    """Where a judge's card is."""
    return project.root / FOLDER / f"{name}.card.json"


def read(project: Project, name: str) -> Card | None:
    """The card of a judge, None when there is none.

    Raises:
        ValueError: When the file is not one.
    """
    path = path_of(project, name)
    if not path.exists():
        return None
    try:
        return Card.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ValueError(f"{project.relative(path)} is not a judge card") from None


def bound_of(
    pipeline: "Pipeline[Any, Any]",
    judge: "Judge",
    chosen: "JudgeSettings",
    labels: Sequence[Label],
) -> Bound:
    """What the verdicts of a judge hang on, as it is now."""
    from chassis.judge import judge_prompt

    return Bound(
        model=chosen.model,
        parameters=chosen.parameters.model_dump(mode="json"),
        prompt_sha256=judge_prompt(pipeline.package, judge.name).sha256,
        labels_sha256=labelled.labels_hash(labels),
        shown_sha256=_shown_hash(pipeline, judge, labels),
    )


def card_problems(project: Project, config: "Config", *, simulated: bool = False) -> list[str]:
    """Why the judges that gate must not: what the gate refuses a run for; empty when all may.

    Args:
        project: The service.
        config: Its configuration, not a staged copy.
        simulated: Whether the run is simulated. No judge gates then, so no card is asked for.

    Raises:
        ConfigError: When judges and configuration do not fit together.
        Mistake: When a file of labels is broken.
    """
    if simulated or not config.evals.judges:
        return []
    from chassis.judge import check_judges

    pipeline = project.pipeline()
    check_judges(pipeline, config)
    gating = [judge for judge in pipeline.judges if config.evals.judges[judge.name].gate]
    return [
        f"{FOLDER.as_posix()}/{judge.name}.card.json\n  {problem}"
        for judge in gating
        for problem in _problems(project, pipeline, judge, config.evals.judges[judge.name])
    ]


def _problems(
    project: Project, pipeline: "Pipeline[Any, Any]", judge: "Judge", chosen: "JudgeSettings"
) -> Iterator[str]:
    again = f"Next: {COMMAND} {judge.name}"
    try:
        card = read(project, judge.name)
    except ValueError as error:
        yield f"{error}. {again}"
        return
    if card is None:
        yield f"{judge.name} gates and has no judge card: nobody measured it. {again}"
        return
    now = bound_of(pipeline, judge, chosen, labelled.load(project, judge.name, pipeline))
    if changed := list(_changed(card.bound_to, now)):
        yield f"The card is stale: {', '.join(changed)} changed since. {again}"
    if card.mode == "simulated":
        yield f"The card was made with simulated verdicts, which say nothing of a model. {again}"
    yield from (f"{told} {again}" for told in shortcomings(card.held_out, chosen))


def shortcomings(held_out: Agreement, chosen: "JudgeSettings") -> Iterable[str]:
    """What the held-out labels do not show: enough of them, and rates that are high enough."""
    for what, rate in (("passed", held_out.on_passed), ("failed", held_out.on_failed)):
        if rate.n < chosen.least_labels:
            yield f"Only {rate.n} held-out answers that people {what}, not {chosen.least_labels}."
        elif rate.share < chosen.rates_at_least - 1e-9:
            yield (
                f"It agrees with people on {rate.right} of {rate.n} answers that they {what} "
                f"({rate.share:.0%}), not {chosen.rates_at_least:.0%}."
            )


def _changed(before: Bound, now: Bound) -> Iterable[str]:
    names = {
        "model": "its model",
        "parameters": "its parameters",
        "prompt_sha256": "its prompt",
        "labels_sha256": "the labels",
        "shown_sha256": "what it is shown",
    }
    changed = [field for field in names if getattr(before, field) != getattr(now, field)]
    if "labels_sha256" in changed and "shown_sha256" in changed:
        changed.remove("shown_sha256")  # other labels are shown otherwise, of course
    return [names[field] for field in changed]


def _shown_hash(pipeline: "Pipeline[Any, Any]", judge: "Judge", labels: Sequence[Label]) -> str:
    shown = []
    for label in sorted(labels, key=lambda one: one.key):
        if label.verdict is not None:
            item, answer = typed(pipeline, label.input, label.answer)
            shown.append(dict(judge.shows(item, answer)))
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def typed(pipeline: "Pipeline[Any, Any]", item: Any, answer: Any) -> tuple[Any, Any]:
    """An input and an answer of a file, as the service has them."""
    return (
        pipeline.takes.model_validate_json(json.dumps(item)),
        pipeline.gives.model_validate_json(json.dumps(answer)),
    )
