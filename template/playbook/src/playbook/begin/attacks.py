"""What of the sample's attacks goes on once the team has labels of its own."""

import json
from pathlib import Path
from typing import Any


def without_label(folder: Path, label_field: str) -> dict[Path, str]:
    """The attack files, without what they say about the sample's labels.

    An attack that only wanted another label is left out: nothing would show any more that it
    succeeded. A file that cannot be read stays as it is; the suite says what is wrong with it.

    Returns:
        The new text of each file that changes.
    """
    changed = {}
    for file in sorted(folder.glob("*.jsonl")):
        try:
            before = file.read_text("utf-8")
            cases = [json.loads(line) for line in before.split("\n") if line.strip()]
            kept = [case for case in cases if _forget(case, label_field)]
        except (ValueError, AttributeError):
            continue
        after = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in kept)
        if after != before:
            changed[file] = after
    return changed


def _forget(case: dict[str, Any], label_field: str) -> bool:
    """Take the label out of one case; whether anything is left to judge it by."""
    case.get("expected", {}).pop(label_field, None)
    signs = case.get("succeeded_if")
    if signs is None:
        return True
    signs.get("answer", {}).pop(label_field, None)
    if not signs.get("answer", True):
        del signs["answer"]
    return bool(signs)
