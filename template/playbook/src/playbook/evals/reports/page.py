"""The report as one page: no network, no framework, safe whatever a case holds."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from playbook.evals.drawing import STYLE
from playbook.evals.reports import page_cases, page_parts, wording
from playbook.evals.reports.trend import Run

_ASSETS = Path(__file__).with_name("assets")


def text(
    report: Mapping[str, Any], history: Sequence[Run] = (), *, show_held_out: bool = False
) -> str:
    """The page.

    Args:
        report: The document.
        history: Runs before it, for the trend.
        show_held_out: Whether the content of held-out cases is in it.
    """
    style = f"{_asset('page.css')}\n{STYLE}"
    script = _asset("page.js")
    cases = page_cases.shown(report, show_held_out)
    return Template(_asset("page.html")).substitute(
        policy=_policy(style, script),
        title=escape(f"Evaluation: {report['verdict']['status']} · {wording.title(report)}"),
        style=style,
        script=script,
        header=page_parts.header(report),
        tiles=page_parts.tiles(report),
        slices=page_parts.slices(report),
        flips=page_parts.flips(report, show_held_out),
        charts=page_parts.charts(report, history, show_held_out),
        slice_options=_options(sorted({case["slice"] for case in cases})),
        kind_options=_options(sorted({case["kind"] for case in cases})),
        footer=page_parts.footer(report),
        data=_data(cases),
    )


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded or sent, and no style or script runs but the page's own two."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _options(values: Sequence[str]) -> str:
    return "".join(f"<option>{escape(value)}</option>" for value in values)


def _data(cases: Sequence[Mapping[str, Any]]) -> str:
    """JSON that cannot end the element it stands in."""
    said = json.dumps(cases, ensure_ascii=False, separators=(",", ":"))
    return said.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
