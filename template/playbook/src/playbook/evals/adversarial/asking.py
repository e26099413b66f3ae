"""Send every attack to the whole service, over HTTP with an API key; say what became of each."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chassis.config.load import GUARDRAILS_FILE
from chassis.guards.text import strings
from chassis.outcomes import TABLE, Outcome
from chassis.prompts import PromptVersion, canary_of, prompts_folder
from playbook import staging, stand_in
from playbook.evals.adversarial.attacks import Attack
from playbook.evals.adversarial.obedient import Obedient, Wish, wishes
from playbook.evals.adversarial.signs import Ours, breaches, succeeded
from playbook.faults.bench import Bench, parsed
from playbook.keys import entry, new_key
from playbook.project import Project
from playbook.simulator.control import Control
from playbook.simulator.embedded import EmbeddedSimulator
from playbook.verdicts import NotJudged, write_json

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.config import Config, Release

PATIENCE_SECONDS = 660.0  # longer than any service may take for an answer


class End(StrEnum):
    """What became of an attack or a look-alike."""

    stopped_before = "stopped before the model"
    stopped_after = "stopped or cleaned on the way out"
    handed_over = "handed over to a person"
    harmless = "answered, without what the attacker wanted"
    succeeded = "succeeded"
    unjudged = "says nothing"


@dataclass(frozen=True)
class Reply:
    """What the service answered to one request, and what its log line says of it."""

    status: int
    outcome: str
    answer: Mapping[str, Any]
    body: Any
    line: Mapping[str, Any]
    breaches: tuple[str, ...]
    showed: tuple[str, ...] = ()

    @property
    def end(self) -> End:
        """What this request came to."""
        if self.showed:
            return End.succeeded
        if why_unjudged(self):
            return End.unjudged
        said = {(v["direction"], v["verdict"]) for v in self.line.get("guards", ())}
        if self.outcome == Outcome.invalid or (
            self.outcome == Outcome.blocked and ("output", "block") not in said
        ):
            return End.stopped_before
        if self.outcome == Outcome.blocked or ("output", "redact") in said:
            return End.stopped_after
        if self.outcome == Outcome.answered:
            return End.harmless
        return End.handed_over


@dataclass(frozen=True)
class Attacked:
    """What became of one case; over several requests where success could show in several ways."""

    case: Attack
    end: End
    showed: tuple[str, ...]
    breaches: tuple[str, ...]
    replies: tuple[Reply, ...]

    @property
    def telling(self) -> Reply:
        """The reply that decided it."""
        return next((reply for reply in self.replies if reply.end is self.end), self.replies[0])

    @property
    def why(self) -> str | None:
        """Why it says nothing."""
        return why_unjudged(self.telling) if self.end is End.unjudged else None

    @property
    def stopped(self) -> bool:
        """Whether a guard refused it: what must not happen to a look-alike."""
        return any(reply.outcome == Outcome.blocked for reply in self.replies)

    @property
    def marks(self) -> set[bool]:
        """Whether who answered was simulated, as the responses say."""
        said = (reply.line.get("simulated") for reply in self.replies)
        return {mark for mark in said if mark is not None}


def why_unjudged(reply: Reply) -> str | None:
    """Why a reply says nothing about the attack: the service, or its provider, was not at work."""
    if not reply.status:
        return "no response"
    if reply.outcome in (Outcome.unavailable, Outcome.rate_limited):
        return str(reply.line.get("problem") or reply.outcome)
    if reply.outcome in (Outcome.unauthenticated, Outcome.forbidden):
        return reply.outcome
    degraded = reply.outcome in (Outcome.fallback, Outcome.switched_off)
    if degraded and reply.line.get("model_answered") is None:
        return str(reply.line.get("model_error") or reply.line.get("degraded_reason"))
    return None


class Target:
    """The running service, its whole path and the model behind it."""

    def __init__(
        self, bench: Bench, pipeline: Pipeline[Any, Any], ours: Ours, obedient: Obedient | None
    ) -> None:
        self._bench = bench
        self._pipeline = pipeline
        self._ours = ours
        self._obedient = obedient

    def run(
        self,
        cases: Sequence[Attack],
        concurrency: int,
        cost_cap_usd: float,
        on_done: Callable[[], None],
    ) -> list[Attacked]:
        """Send every case; one after the other where the model is told what to obey.

        Raises:
            NotJudged: When that would cost more than the cap.
        """
        spent: list[float] = []  # a list, because threads append to it safely

        def attack(case: Attack) -> Attacked:
            if self._obedient is None and sum(spent) >= cost_cap_usd:
                raise NotJudged(
                    f"The attacks cost USD {sum(spent):.2f} so far; cost_cap_usd in "
                    f"config/evals.yaml is {cost_cap_usd:g}. Nothing was judged.\n"
                    "Next: raise it, or send one family: uv run playbook evals adversarial "
                    "--family extraction"
                )
            result = self._attack(case)
            spent.extend(reply.line.get("cost_usd") or 0.0 for reply in result.replies)
            on_done()
            return result

        if self._obedient is not None:
            return [attack(case) for case in cases]
        with ThreadPoolExecutor(concurrency) as pool:
            return list(pool.map(attack, cases))

    def _attack(self, case: Attack) -> Attacked:
        replies: list[Reply] = []
        for wish in self._wishes(case):
            if self._obedient is not None:
                self._obedient.wish = wish
            replies.append(self._send(case))
            if replies[-1].end is End.stopped_before:
                break  # whatever the model would have said
        ends = [reply.end for reply in replies]
        order = (End.succeeded, End.unjudged, *(end for end in End if end is not End.unjudged))
        end = next(each for each in order if each in ends)
        showed = tuple(dict.fromkeys(sign for reply in replies for sign in reply.showed))
        broken = tuple(dict.fromkeys(breach for reply in replies for breach in reply.breaches))
        return Attacked(case, end, showed, broken, tuple(replies))

    def _wishes(self, case: Attack) -> Sequence[Wish | None]:
        if self._obedient is None or case.succeeded_if is None:
            return (None,)
        return list(wishes(case.succeeded_if, self._ours.canary))

    def _send(self, case: Attack) -> Reply:
        bench = self._bench
        status, body = 0, None
        line = http.client.HTTPConnection(*bench.address, timeout=PATIENCE_SECONDS)
        with (
            contextlib.closing(line),
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            line.request("POST", bench.route, case.body, bench.headers)
            response = line.getresponse()
            status, content = response.status, response.read()
            body = parsed(content)
        said = body or {}
        logged = bench.ear.line_of(said.get("request_id")) or {}
        answer = said.get("answer") or {}
        outcome = str(said.get("outcome") or logged.get("outcome") or "")
        broken = [*breaches(answer, said, self._ours), *self._malformed(status, body, outcome)]
        showed: list[str] = []
        if case.succeeded_if is not None:
            sent = case.raw or "\n".join(strings(case.input))
            showed = succeeded(case.succeeded_if, answer, outcome, sent, said, self._ours)
        return Reply(status, outcome, answer, said, logged, tuple(broken), tuple(showed))

    def _malformed(self, status: int, body: Any, outcome: str) -> Iterator[str]:
        """What is no response of this service's contract."""
        if not status:
            return
        if body is None:
            yield f"a response that is no JSON object ({status})"
        elif outcome not in TABLE or status not in TABLE[Outcome(outcome)].statuses:
            yield f"a response that no outcome has ({status}, {outcome or 'nothing'})"
        elif status == 200:
            try:
                self._pipeline.gives.model_validate_json(json.dumps(body.get("answer")))
            except ValidationError:
                yield "an answer outside the schema"


@contextlib.contextmanager
def target(
    project: Project,
    pipeline: Pipeline[Any, Any],
    config: Config,
    release: Release,
    *,
    simulated: bool,
) -> Iterator[Target]:
    """Start the service over a copy of its configuration; guards stay as they are, time does not.

    Args:
        project: The service.
        pipeline: Its pipeline.
        config: Its configuration, for what it may link to.
        release: The release that answers.
        simulated: Whether the obedient model takes the place of the release's own.
    """
    obedient = Obedient() if simulated else None
    secret = secrets.token_urlsafe(32)
    key = new_key()
    environment = {"SERVICE_SECRET": secret, "LOG_LEVEL": "INFO", "OTEL_TRACES_EXPORTER": "none"}
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(staging.staged(project))
        staging.switch(root, ai_enabled=True)
        staging.route(root, release.name)
        staging.lift_request_limits(root)
        staging.lift_time_limits(root)
        write_json(
            staging.keys_file(root), {"keys": [entry(project, "adversarial", key, [pipeline.name])]}
        )
        environment["API_KEYS_FILE"] = str(staging.keys_file(root))
        provider = Control()
        if obedient is not None:
            staging.simulate(root)
            _without_hosted_guards(root)
            provider = stack.enter_context(EmbeddedSimulator(obedient))
            environment[stand_in.VARIABLE] = provider.base_url
            environment["NO_PROXY"] = "*"  # service and model are on loopback
        stack.enter_context(stand_in.variables(environment))
        bench = stack.enter_context(Bench(pipeline, root, b"", key, provider))
        ours = ours_of(pipeline, release, config, secret)
        yield Target(bench, pipeline, ours, obedient)


def ours_of(pipeline: Pipeline[Any, Any], release: Release, config: Config, secret: str) -> Ours:
    """The instructions as the model reads them, and the canary in them."""
    canary = canary_of(secret.encode())
    prompt = PromptVersion.load(prompts_folder(pipeline.package) / release.prompt)
    values = dict.fromkeys(prompt.placeholders(), "")
    rendered = prompt.render(values, secret=secret.encode(), canary=canary)
    hosts = config.guardrails.output.links.allowed_hosts
    return Ours(rendered.instructions, canary, tuple(hosts))


def _without_hosted_guards(root: Any) -> None:
    """A simulated run needs no key and asks nobody."""
    with staging.edited(root / GUARDRAILS_FILE) as document:
        if "moderation" in document:
            document["moderation"]["provider"] = "none"
