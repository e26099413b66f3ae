"""Variants that the service's own model writes: the same wish in another register or language."""

import asyncio
import contextlib
import io
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.config.load import RELEASES_FILE
from chassis.config.problems import did_you_mean
from chassis.identity import Caller
from chassis.outcomes import Outcome
from playbook import stand_in
from playbook.data.compare import OF
from playbook.data.synthesize import make
from playbook.data.synthesize.luck import Luck
from playbook.data.writer.pipeline import MANNERS
from playbook.evals.cases import Case
from playbook.progress import progress
from playbook.project import Project
from playbook.staging import (
    edited,
    keys_file,
    lift_request_limits,
    lift_time_limits,
    route,
    staged,
    switch,
)
from playbook.verdicts import Mistake, NotJudged

if TYPE_CHECKING:
    from chassis.config import Release
    from chassis.service import Result, Service

CONCURRENCY = 4
TOKENS = 2000  # a long message anew, and what a reasoning model thinks before
FOREIGN = ("german", "spanish", "french", "hindi")
HOME = "multilingual"

SIMULATED = (
    "The simulator stands in for the model, and it does not write: its variants would be noise.\n"
    "Set a provider in config/releases.yaml and its key in .env; or, only to see it at work, add\n"
    "--simulated-anyway."
)


@dataclass
class Asked:
    """What became of the orders."""

    made: list[Case] = field(default_factory=list)
    unfit: Counter[str] = field(default_factory=Counter)
    spent_usd: float = 0.0
    unpriced: int = 0
    stopped: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class Order:
    """One variant to write."""

    seed: Case
    manner: str
    id: str


def manners_of(names: str | None) -> list[str]:
    """The manners by name; all without.

    Raises:
        Mistake: For a name that is none.
    """
    asked = [name.strip() for name in (names or "").split(",") if name.strip()]
    for name in asked:
        if name not in MANNERS:
            known = "\n".join(f"  {manner:<10}{what}" for manner, what in MANNERS.items())
            raise Mistake(
                f"--kinds {name}\n  There is no such manner.{did_you_mean(name, MANNERS)}\n{known}"
            )
    return list(dict.fromkeys(asked)) or list(MANNERS)


def orders(
    seeds: Sequence[Case], manners: Sequence[str], per_case: int, seed: int, there: set[str]
) -> list[Order]:
    """What to have written: of each case so many manners, drawn by luck; none twice."""
    drawn = [
        Order(case, manner, f"{case.id}{OF}{manner}-1")
        for case in seeds
        for manner in Luck(seed, case.id, "written").some(manners, per_case)
    ]
    return [order for order in drawn if order.id not in there]


def write(
    project: Project,
    wanted: Sequence[Order],
    service: make.Service,
    slice_: str | None,
    *,
    simulated_anyway: bool,
) -> Asked:
    """Have them written, up to the cost cap of config/evals.yaml.

    Raises:
        Mistake: When the simulator would write them, and nobody said that this is wanted.
        NotJudged: When no model answered at all.
    """
    from chassis.config import load_config
    from chassis.service import Service
    from playbook.data.writer.pipeline import pipeline
    from playbook.evals.command import release_of

    config = load_config(project.root)
    release = release_of(project, config, None)
    if stand_in.needed(release) and not simulated_anyway:
        raise Mistake(SIMULATED)
    asked = Asked()
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(staged(project))
        _only(root, release)
        stack.enter_context(stand_in.variables(_environment(project, root, release, stack)))
        on_done = stack.enter_context(progress("variants", len(wanted)))

        async def all_of_them() -> None:
            places = asyncio.Semaphore(CONCURRENCY)
            async with Service.open(pipeline, root, log_stream=io.StringIO()) as writer:

                async def one(order: Order) -> None:
                    async with places:
                        if asked.spent_usd >= config.evals.cost_cap_usd:
                            asked.stopped = "at cost_cap_usd of config/evals.yaml"
                            return
                        result = await _ask(writer, order, service, project)
                        on_done()
                    _take(asked, order, result, service, slice_)

                await asyncio.gather(*map(one, wanted))

        try:
            asyncio.run(all_of_them())
        except KeyboardInterrupt:
            asked.stopped = "by Ctrl-C"  # what was paid for is kept
    if asked.simulated and not simulated_anyway:
        raise Mistake(SIMULATED)
    if wanted and not asked.made and asked.unfit["not answered"] == len(wanted):
        raise NotJudged("No model answered. Check the provider's status and your key.")
    asked.made.sort(key=lambda case: case.id)
    return asked


async def _ask(
    writer: "Service", order: Order, service: make.Service, project: Project
) -> "Result":
    message = service.texts.main_of(order.seed.input)
    body = json.dumps({"manner": order.manner, "message": message}).encode()
    caller = Caller("data", project.organisation, frozenset({"rewrite"}), user=order.id)
    return await writer.handle(body, {"content-type": "application/json"}, caller)


def _take(
    asked: Asked, order: Order, result: "Result", service: make.Service, slice_: str | None
) -> None:
    """Count what it cost, and make a case of it if it is one."""
    call: dict[str, Any] = result.call or {}
    if call.get("model_answered") is not None:
        asked.spent_usd += call.get("cost_usd") or 0.0
        asked.unpriced += call.get("cost_usd") is None
    if result.outcome is not Outcome.answered or result.draft is None:
        stopped = result.outcome is Outcome.blocked
        asked.unfit["stopped by a guard" if stopped else "not answered"] += 1
        return
    asked.simulated |= bool(call["simulated"])
    text = result.draft["text"]
    seed, main = order.seed, service.texts.main
    written = service.texts.changed(seed.input, lambda path, old: text if path == main else old)
    try:
        if written == seed.input:
            raise make.Unfit("the same text again")
        case = _case(order, written, call, service, slice_)
        make.check(case, service)
    except make.Unfit as reason:
        asked.unfit[str(reason)] += 1
    else:
        asked.made.append(case)


def _case(
    order: Order, written: Any, call: dict[str, Any], service: make.Service, slice_: str | None
) -> Case:
    seed = order.seed
    home = HOME if order.manner in FOREIGN and HOME in service.slices else seed.slice
    model = call["model_answered"] + (" (simulated)" if call["simulated"] else "")
    content = {
        "id": order.id,
        "slice": slice_ or home,
        "input": written,
        "expected": seed.expected.model_dump(mode="json", exclude_unset=True),
        "provenance": "synthetic",
        "labeller": f"written by {model} from {seed.id} ({order.manner})",
        "notes": MANNERS[order.manner],
    }
    return Case.model_validate(content)


def _only(root: Path, release: "Release") -> None:
    """Leave one release, with our prompt and room to write, in a staged copy."""
    switch(root, ai_enabled=True)
    lift_request_limits(root)
    lift_time_limits(root)  # a long message takes longer to write than any answer
    with edited(root / RELEASES_FILE) as document:
        kept = document["releases"][release.name]
        kept.update({"prompt": "v1", "prompt_sha256": None, "confidence_threshold": 0.0})
        kept.pop("calibration", None)
        kept["parameters"]["max_tokens"] = max(TOKENS, kept["parameters"]["max_tokens"])
        if kept["parameters"].get("temperature") is not None:
            kept["parameters"]["temperature"] = 1.0
        document["releases"] = {release.name: kept}
    route(root, release.name)


def _environment(
    project: Project, root: Path, release: "Release", stack: contextlib.ExitStack
) -> dict[str, str]:
    environment = {"API_KEYS_FILE": str(keys_file(root))}
    if not project.environment().get("SERVICE_SECRET"):
        environment["SERVICE_SECRET"] = secrets.token_urlsafe(32)
    if stand_in.needed(release) and not stand_in.chosen_url(project):
        from playbook.simulator.process import running_simulator

        environment[stand_in.VARIABLE] = stack.enter_context(running_simulator())
    return environment
