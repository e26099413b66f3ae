"""`playbook config`: check `config/`, flags and prompts."""

from collections.abc import Iterator

from playbook.project import Project
from playbook.verdicts import Code, Verdict


def check(project: Project, verdict: Verdict) -> Iterator[str]:
    """Check what a start would check, and say what it found.

    Raises:
        ConfigError: With every mistake of every file.
    """
    from chassis.calibration import AGAIN, doubts
    from chassis.config import ConfigError, Settings, check_settings, load_config
    from chassis.config.load import RELEASES_FILE

    config = load_config(project.root, with_flags=True)
    prompts = _prompts(project)
    yield from (f"Note: {warning.render()}" for warning in config.warnings)
    releases = config.releases.releases
    used = {release.prompt for release in releases.values()}
    for name, release in releases.items():
        for doubt in doubts(release, prompts[release.prompt]):
            where = f"{RELEASES_FILE}  releases.{name}.calibration"
            yield f"Note: {where}\n  {doubt}\n  Next: {AGAIN.format(name)}"
    for name in sorted(prompts.keys() - used):
        yield f"No release uses src/{project.package}/prompts/{name}; fine while you work on it."
    try:
        lacking = check_settings(config, Settings.load(project.root))
    except ConfigError as error:
        lacking = error.problems
    for problem in lacking:
        yield f"Not set on this machine: {problem.render()}"
    summary = (
        f"config/ is valid: {len(config.criteria.targets())} numbers, "
        f"{_count(len(releases), 'release')}, {_count(len(used), 'prompt')}."
    )
    yield summary
    verdict.conclude(Code.MET, summary)


def _prompts(project: Project) -> dict[str, str | None]:
    """Load the prompt of every release; gives all prompt folders, used ones with their hash."""
    from chassis.config import ConfigError, load_config
    from chassis.prompts import prompts_folder
    from chassis.release import load_prompt

    folder = prompts_folder(project.pipeline().package)
    problems = []
    used: dict[str, str] = {}
    for name, release in load_config(project.root).releases.releases.items():
        try:
            used[release.prompt] = load_prompt(name, release, folder).sha256
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    found = (path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
    return {path.name: used.get(path.name) for path in found}


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
