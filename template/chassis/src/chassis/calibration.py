"""Whether a release's confidence threshold is still the one its calibration chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .config import Config
from .config.load import RELEASES_FILE
from .config.releases import Release
from .logs import Logger
from .release import LiveRelease

SIMULATOR = "simulator"
AGAIN = "uv run playbook evals calibrate --release {} --write"


def doubts(release: Release, prompt_sha256: str | None) -> Iterator[str]:
    """Say what of the release no longer fits its calibration, a sentence each.

    A release without a calibration gives none: its threshold is a guess, and says so itself.
    """
    calibration = release.calibration
    if calibration is None:
        return
    if release.confidence_threshold != calibration.threshold:
        yield (
            f"confidence_threshold is {release.confidence_threshold:g}; calibrated was "
            f"{calibration.threshold:g}."
        )
    if calibration.mode == "simulated" and release.provider != SIMULATOR:
        yield f"It was calibrated on simulated answers, which say nothing about {release.model}."
    if calibration.model != release.model:
        yield f"It was calibrated with {calibration.model}; the model is {release.model} now."
    if calibration.prompt_sha256 != prompt_sha256:
        yield f"Prompt {release.prompt} was edited since it was calibrated."


def warn_of_thresholds(config: Config, live: Mapping[str, LiveRelease], log: Logger) -> None:
    """Say at the start which thresholds are not what their calibration justified."""
    for name, release in config.releases.releases.items():
        if found := list(doubts(release, live[name].prompt.sha256)):
            log.warning(
                "threshold_not_calibrated",
                release=name,
                why=found,
                consequence="How many answers go to a person, and how many of the others are "
                f"right, is not what {RELEASES_FILE} says. Run: {AGAIN.format(name)}",
            )
