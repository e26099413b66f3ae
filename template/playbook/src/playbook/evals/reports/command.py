"""`playbook evals show` and `playbook evals report`: what the last run left, read again."""

import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playbook.evals.reports import document, files, junit, markdown, terminal, wording
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole


@dataclass(frozen=True)
class Wish:
    """Which forms are asked for, and where; none means all, in their usual places."""

    html: Path | None = None
    markdown: Path | None = None
    junit: Path | None = None
    open: bool = False
    show_held_out: bool = False


def last(project: Project) -> dict[str, Any]:
    """The report of the last run.

    Raises:
        Mistake: When there is none.
    """
    return document.read(project.root / document.LATEST, str(document.LATEST))


def show(
    project: Project, what: str | None, *, flips: bool = False, show_held_out: bool = False
) -> Iterator[str]:
    """The wrong cases of the last report: of all slices, or one; or everything about one case.

    With `flips`, the cases that changed sides since the baseline instead.
    """
    report = last(project)
    cases = report["cases"]
    yield wording.title(report)
    yield f"made {report['made_at']}"
    yield ""
    one = next((case for case in cases if case["id"] == what), None)
    if one is not None:
        yield from terminal.case_lines(one, show_held_out=show_held_out)
        return
    if what is not None:
        names = sorted({case["slice"] for case in cases})
        cases = [case for case in cases if case["slice"] == what]
        if not cases:
            raise Mistake(
                f"{what} is neither a slice nor a case of the last report.\n"
                f"Slices: {', '.join(names)}. A case is named by its id, such as "
                f"{report['cases'][0]['id']}."
            )
    if flips:
        yield from terminal.flip_lines(report, what, show_held_out, most=None) or [
            "No case flipped." if report["comparison"] else "There is no baseline to flip from."
        ]
        return
    wrong = terminal.wrong_lines(cases, most=None, show_held_out=show_held_out)
    yield from wrong or ["No case is wrong."]


def render(project: Project, wish: Wish) -> Iterator[str]:
    """Make the forms of the last report again; says where they are."""
    report, held_out = last(project), wish.show_held_out
    if not (wish.html or wish.markdown or wish.junit):
        wish = Wish(
            project.root / document.LATEST_HTML,
            project.root / document.LATEST_MARKDOWN,
            project.root / document.LATEST_JUNIT,
            wish.open,
        )
    if wish.html:
        files.write_page(wish.html, project.root, report, held_out)
        yield project.relative(wish.html)
    if wish.markdown:
        write_whole(wish.markdown, markdown.text(report, show_held_out=held_out))
        yield project.relative(wish.markdown)
    if wish.junit:
        write_whole(wish.junit, junit.text(report, show_held_out=held_out))
        yield project.relative(wish.junit)
    if wish.open:
        page = wish.html or project.root / document.LATEST_HTML
        if not page.exists():
            files.write_page(page, project.root, report, held_out)
        if not webbrowser.open(page.resolve().as_uri()):
            yield f"There is no browser here. Open {project.relative(page)} in yours."
