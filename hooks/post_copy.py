"""After `copier copy`: a git repository, a lock file, the first commit and the commit hooks.

Every step is optional and reported in one line; `copier copy --skip-tasks` leaves them all out, and
the repository works without them. Never fails: Copier would delete what it has just written.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from steps import attempt, find, lock, run, say

ANSWERS = Path(".copier-answers.yml")


def enclosing() -> Path | None:
    """The git repository this folder belongs to; one that ignores the folder does not count."""
    top = run("git", "rev-parse", "--show-toplevel")
    if not top.ok:
        return None
    found = Path(top.output.strip())
    if found.resolve() != Path.cwd().resolve() and run("git", "check-ignore", "-q", ".").ok:
        return None
    return found


def repository() -> str:
    """Make a git repository where there is none."""
    if not run("git", "init", "-q").ok:
        return "skipped: git could not make a repository here"
    if not run("git", "config", "--get", "init.defaultBranch").ok:
        run("git", "symbolic-ref", "HEAD", "refs/heads/main")
    return "repository made"


def first_commit() -> str:
    """Commit everything, under the person's own name or not at all."""
    run("git", "add", "--all")
    done = run(
        "git",
        *("-c", "commit.gpgsign=false", "-c", f"core.hooksPath={os.devnull}"),
        *("commit", "-q", "-m", message()),
    )
    if done.ok:
        return "everything committed: git show --stat"
    if re.search("(?i)tell me who you are|user.(name|email)|identity", done.errors):
        return "skipped: git does not know you; set user.name and user.email, then: git commit"
    return f"skipped: {done.why}"


def message() -> str:
    """The first commit says where the files come from."""
    answers = recorded()
    return (
        f"Generate {answers.get('service_name', 'the service')} with airworthy\n\n"
        f"Template version {answers.get('_commit', 'unknown')}; `copier update` brings newer ones."
    )


def recorded() -> dict[str, object]:
    """What Copier wrote down about this generation."""
    found = yaml.safe_load(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.is_file() else None
    return found if isinstance(found, dict) else {}


def commit_hooks() -> str:
    """Let pre-commit check every commit."""
    if not Path(".pre-commit-config.yaml").is_file():
        return "skipped: there is no .pre-commit-config.yaml"
    program = find("pre-commit")
    if program is None:
        return "skipped: pre-commit is not on the PATH; `make setup` installs it with the rest"
    done = run(program, "install")
    return "commits are checked once `make setup` has run" if done.ok else f"skipped: {done.why}"


def warn_of_relative_source() -> None:
    """Copier stores the path as it was given, and from elsewhere a relative one leads nowhere."""
    source = str(recorded().get("_src_path", ""))
    absolute = source.startswith("~") or Path(source).is_absolute()
    if not source or absolute or re.match(r"[\w+.-]+(:|@)", source):
        return
    say("warning", f"{source} is a relative path to the template: `copier update` cannot use it;")
    known = Path(os.environ.get("PWD", ""), source).resolve()
    better = known if (known / "copier.yml").is_file() else "a Git URL or an absolute path"
    say("", f"set _src_path in {ANSWERS} to {better}")


def main() -> None:
    """All steps, in an order in which the first commit holds the lock file."""
    outer = enclosing() if find("git") else None
    if not find("git"):
        say("git", "skipped: git is not installed; `copier update` needs it")
        attempt("lock", lock)
    elif outer is None:
        attempt("git", repository)
        attempt("lock", lock)
        attempt("commit", first_commit)
        attempt("pre-commit", commit_hooks)
    else:
        own = outer.resolve() == Path.cwd().resolve()
        say("git", f"the repository {'that is here' if own else outer} is left alone")
        attempt("lock", lock)
        if own:
            attempt("pre-commit", commit_hooks)
    warn_of_relative_source()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001 - Copier deletes what it wrote when a task fails
        say("hooks", f"stopped: {type(error).__name__}: {error}; the files themselves are complete")
