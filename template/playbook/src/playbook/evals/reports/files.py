"""What a run leaves in `evals/reports/`, and the same made again from its JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playbook.evals.gate import history
from playbook.evals.reports import document, junit, markdown, page, trend
from playbook.verdicts import write_whole


def leave(root: Path, report: Mapping[str, Any], *, show_held_out: bool = False) -> None:
    """Write the report in every form.

    Args:
        root: The service's folder.
        report: The document.
        show_held_out: Whether page, comment and JUnit hold the content of held-out cases.
    """
    document.write(root / document.LATEST, report)
    write_page(root / document.LATEST_HTML, root, report, show_held_out)
    said = markdown.text(report, show_held_out=show_held_out)
    write_whole(root / document.LATEST_MARKDOWN, said)
    tests = junit.text(report, show_held_out=show_held_out)
    write_whole(root / document.LATEST_JUNIT, tests)


def write_page(path: Path, root: Path, report: Mapping[str, Any], show_held_out: bool) -> None:
    """The page, with the trend over the runs before this one."""
    before = trend.runs(root / history.FILE, report["mode"])
    runs = trend.with_this(before, report)
    write_whole(path, page.text(report, runs, show_held_out=show_held_out))
