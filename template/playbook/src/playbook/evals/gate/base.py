"""Read the criteria, and how they are judged, as they are at the base branch, through git."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from playbook.evals.gate.loosening import AgainstBase, loosened
from playbook.project import Project

if TYPE_CHECKING:
    from chassis.config import Config

M = TypeVar("M", bound=BaseModel)

IN_CI = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)
"""Where GitHub, GitLab and Azure say, in a pull request only, which branch it goes to."""

TRUNKS = ("main", "master")


@dataclass(frozen=True)
class _Base:
    """The branch that targets are held against, and whether a pull request goes there."""

    branch: str
    pull_request: bool


def against_base(
    project: Project,
    config: "Config",
    asked: str | None,
    today: date,
    environment: Mapping[str, str] = os.environ,
) -> AgainstBase:
    """Hold the criteria against those of the base branch.

    What counts is the commit where this branch left it: what the base changed since then is not
    this branch's doing.

    Args:
        project: The service.
        config: Its configuration as it is now, with the attestations.
        asked: The base as given by `--base`; without it what CI says, or main.
        today: On which attestations have to stand.
        environment: Where CI says it.
    """
    base = _base(project, asked, environment)
    if base is None:
        return AgainstBase()
    commit = _commit(project, base.branch)
    if commit is None:
        why = (
            f"the base {base.branch} is not in this clone, so targets could not be held against "
            f"it; fetch it with its history (git fetch --unshallow origin {base.branch})"
        )
        return AgainstBase(unreadable=why) if base.pull_request else AgainstBase()
    said = f"{base.branch} ({commit[:7]})"
    from chassis.config import Criteria
    from chassis.config.evals import Evals
    from chassis.config.load import CRITERIA_FILE, EVALS_FILE

    try:
        then = _read(project, commit, said, CRITERIA_FILE, Criteria)
        settings = _read(project, commit, said, EVALS_FILE, Evals) or Evals()
    except _CannotBeRead as error:
        why = f"{error}, so targets could not be held against it"
        if base.pull_request:
            return AgainstBase(said, unreadable=why)
        return AgainstBase(said, note=f"{why[0].upper()}{why[1:]}.")
    if then is None:
        return AgainstBase(said, note=f"There are no success criteria at {said} to compare with.")
    found = [*loosened(then, config.criteria), *loosened(settings, config.evals, "evals")]
    attestations = config.ownership.attestations
    stood_for = [one for one in found if one.attested_by(attestations, today)]
    return AgainstBase(
        said,
        loosened=tuple(one for one in found if one not in stood_for),
        attested=tuple(stood_for),
    )


class _CannotBeRead(Exception):
    """The criteria of the base are not what this playbook reads."""


def _base(project: Project, asked: str | None, environment: Mapping[str, str]) -> _Base | None:
    if asked:
        return _Base(asked, pull_request=True)
    named = next((environment[name] for name in IN_CI if environment.get(name)), None)
    if named:
        return _Base(named.removeprefix("refs/heads/"), pull_request=True)
    current = project.git("symbolic-ref", "--short", "--quiet", "HEAD")
    if current is None or current in TRUNKS:
        return None
    trunk = next((name for name in TRUNKS if _tip(project, name)), None)
    return _Base(trunk, pull_request=False) if trunk else None


def _commit(project: Project, branch: str) -> str | None:
    """Where this branch left the base; the base's newest commit where git cannot tell."""
    tip = _tip(project, branch)
    return tip and (project.git("merge-base", "HEAD", tip) or tip)


def _tip(project: Project, branch: str) -> str | None:
    # The remote's branch first: a local one may be old.
    for name in (f"refs/remotes/origin/{branch}", branch):
        commit = project.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if commit:
            return commit
    return None


def _read(project: Project, commit: str, said: str, file: str, model: type[M]) -> M | None:
    """A file of the configuration at a commit; None where it has none.

    Keys that came later have their defaults, as they had in effect.
    """
    from chassis.config import ConfigError
    from chassis.config.explain import parse
    from chassis.config.files import read_yaml

    listed = project.git("ls-tree", "--name-only", commit, "--", file)
    if listed is None:
        raise _CannotBeRead(f"git cannot read {said}")
    if not listed:
        return None
    text = project.git("show", f"{commit}:./{file}")
    if text is None:
        raise _CannotBeRead(f"git cannot read {file} at {said}")
    try:
        return parse(model, read_yaml(text, file))
    except ConfigError as error:
        problem = error.problems[0]
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        raise _CannotBeRead(
            f"{place} at {said} is not valid for this playbook ({problem.field}: {problem.message})"
        ) from None
