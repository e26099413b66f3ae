"""Who answers the cases: the provider, the recordings of what it said, or the simulator."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playbook import stand_in
from playbook.evals.recordings import Recordings, read
from playbook.evals.results import Mode
from playbook.project import Project
from playbook.staging import SIMULATED_MODEL
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis.config import Release
    from chassis.config.judges import JudgeSettings
    from chassis.providers import Models

# What says that AWS will let us in; its own search asks the network, which takes long in vain.
_AWS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


@dataclass(frozen=True)
class Answering:
    """Who is to answer, and why; who did answer is read from the responses.

    Attributes:
        mode: What is intended.
        forced: Whether it was asked for; else it follows from the release and the keys.
        lacking: The variables without which the provider cannot be asked.
        recordings: What is replayed.
        made_up: The answers are made up, to try the gate: no provider, no simulator, no judge.
    """

    mode: Mode
    forced: bool
    lacking: tuple[str, ...] = ()
    recordings: Recordings | None = None
    made_up: bool = False

    def models(self, release: "Release") -> "Models":
        """What stands in the place of the provider's clients, or around them."""
        from playbook.evals.models import recording, replaying

        if self.recordings is not None:
            return replaying(self.recordings)
        simulated = self.mode is Mode.simulated and self.forced
        return recording([SIMULATED_MODEL] if simulated else [str(m) for m in release.chain])

    def judges(self, judges: "Iterable[JudgeSettings]") -> "Models":
        """The same for the models of judges."""
        from playbook.evals.models import recording, replaying

        if self.recordings is not None:
            return replaying(self.recordings)
        return recording({judge.model for judge in judges})


def choose(project: Project, release: "Release", forced: Mode | None) -> Answering:
    """Who answers: as asked for, else live, else replayed where a provider's key is missing.

    Raises:
        Mistake: When recordings cannot be read, or a simulated release is to answer live.
    """
    simulated = release.provider == "simulator"
    lacking = tuple(lacking_of(project, release))
    mode = forced
    if mode is Mode.live and simulated and not stand_in.chosen_url(project):
        raise Mistake(
            f"--live\n  The model of {release.name} is the simulator ({release.model}): nobody "
            "can answer live.\n  Give the release a real model in config/releases.yaml."
        )
    if mode is None:
        mode = Mode.simulated if simulated else Mode.replayed if lacking else Mode.live
    recordings = read(project, release.name) if mode is Mode.replayed else None
    return Answering(mode, forced is not None, lacking, recordings)


def lacking_of(project: Project, release: "Release") -> list[str]:
    """The variables that the release's providers need and that are not set."""
    from chassis.config.settings import NEEDED

    given = project.environment()
    needed = [name for model in release.chain for name in NEEDED.get(model.provider, ())]
    lacking = [name for name in dict.fromkeys(needed) if name not in given]
    if any(model.provider == "bedrock" for model in release.chain) and not _aws(given):
        lacking.append("AWS_PROFILE")
    return lacking


def _aws(given: Collection[str]) -> bool:
    return any(name in given for name in _AWS) or (Path.home() / ".aws").is_dir()
