"""The report as JSON: everything a run measured and concluded, in the form of the schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbook.evals.gate import Comparison, Decision, Measured, PairedRow, Row
from playbook.evals.results import CaseResult
from playbook.evals.statistics import wilson
from playbook.verdicts import Mistake, write_whole

FORMAT = 2
FOLDER = Path("evals/reports")
LATEST = FOLDER / "latest.json"
LATEST_HTML = FOLDER / "latest.html"
LATEST_MARKDOWN = FOLDER / "latest.md"
LATEST_JUNIT = FOLDER / "junit.xml"
SCHEMA = Path(__file__).with_name("report.schema.json")
"""The form; `evals/reports/latest.json` is held against it by the tests."""


def document(
    *,
    decision: Decision,
    results: Iterable[CaseResult],
    bound_to: Mapping[str, Any],
    sections: Mapping[str, Any],
) -> dict[str, Any]:
    """The report, bound to what was judged: release, prompt, cases, mode, commit.

    `sections` are what else was measured, by name, such as `confidence`.
    """
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **bound_to,
        "mode": decision.measured.mode.value,
        "verdict": {
            "code": int(decision.code),
            "status": decision.code.status,
            "reasons": list(decision.reasons),
        },
        "notes": list(decision.notes),
        "measured": _measured(decision.measured),
        "comparison": _comparison(decision.comparison),
        **sections,
        "cases": [dict(vars(result)) for result in results],
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "mode": measured.mode.value,
        "rows": [_row(row) for row in measured.rows],
        "critical": _row(measured.critical),
        "all": _row(measured.all),
        "visible": _row(measured.visible),
        "held_out": _row(measured.held_out),
        "latency": asdict(measured.latency) | {"over": measured.latency.over},
        "cost": asdict(measured.cost) | {"over": measured.cost.over},
    }


def _row(row: Row) -> dict[str, Any]:
    low, high = wilson(row.right, row.n)
    return asdict(row) | {
        "share": row.share,
        "low": low,
        "high": high,
        "enough": row.enough,
        "below": row.enough and row.below,
        "within_chance": row.within_chance,
    }


def _comparison(found: Comparison | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "baseline": asdict(found.baseline),
        "overlap": found.overlap,
        "rows": [_paired(row) for row in found.rows],
        "all": _paired(found.all),
        "flips": [asdict(flip) for flip in found.flips],
        "smallest_drop": found.smallest_drop,
    }


def _paired(row: PairedRow) -> dict[str, Any]:
    return asdict(row) | {"change": row.change}


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report whole or not at all; one line a case, so that two reports can be compared."""
    write_whole(path, _parts(report))


def _parts(report: Mapping[str, Any]) -> Iterator[str]:
    before = "{\n"
    for name, value in report.items():
        yield f"{before}  {json.dumps(name)}: "
        if isinstance(value, list) and name == "cases":
            yield "["
            for number, one in enumerate(value):
                yield f"{',' if number else ''}\n    {_json(one)}"
            yield "\n  ]"
        else:
            yield _json(value)
        before = ",\n"
    yield "\n}\n"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Half a character, as a broken client sends it, is no UTF-8: written as \\ud83d instead.
    return text if text.isascii() or _encodes(text) else json.dumps(value)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def read(path: Path, shown: str) -> dict[str, Any]:
    """Read a report back.

    Raises:
        Mistake: When there is none, or another version of the playbook wrote it.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Mistake(
            f"{shown}\n  There is no report yet.\nNext: uv run playbook evals run"
        ) from None
    except ValueError:
        report = None
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise Mistake(
            f"{shown}\n  This is not a report of this playbook version.\n"
            "Next: uv run playbook evals run"
        )
    return report
