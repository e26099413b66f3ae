"""A judge for the greenhouse, people's verdicts to measure it by, and a model that plays it."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Greenhouse

NAME = "queue_fits"
RIGHT = {"category": "pests", "priority": "normal", "queue": "plant-doctor"}
WRONG = {"category": "pests", "priority": "normal", "queue": "kitchen"}


def with_judge(greenhouse: "Greenhouse", **settings: Any) -> None:
    """Give the greenhouse a judge, as `--new` and the two edits it names do."""
    assert greenhouse.playbook("evals", "judge", "--new", NAME).code == 0
    greenhouse.edit("src/greenhouse/pipeline.py", "import Context,", "import Judge, Context,")
    greenhouse.edit(
        "src/greenhouse/pipeline.py", "evaluators=", f'judges=(Judge("{NAME}"),),\n    evaluators='
    )
    configure(greenhouse, **settings)


def configure(greenhouse: "Greenhouse", **settings: Any) -> None:
    price = {"input_usd_per_million": 0.25, "output_usd_per_million": 2.0}
    chosen = {"model": "simulator:judge", "gate": True, "price": price, **settings}
    (greenhouse.root / "config/evals.yaml").write_text(json.dumps({"judges": {NAME: chosen}}))


def label(number: int, verdict: str | None) -> dict[str, Any]:
    return {
        "id": f"answer-{number:03}",
        "input": {"text": f"Snails, question {number:03}"},
        "answer": WRONG if verdict == "fail" else RIGHT,
        "verdict": verdict,
        "labeller": "Di" if verdict else "",
        "notes": "",
    }


def write_labels(greenhouse: "Greenhouse", n: int, share_failed: float = 0.5) -> None:
    """So many verdicts of people; the kitchen is never the queue for snails."""
    rows = [label(i, "fail" if i % 100 < share_failed * 100 else "pass") for i in range(n)]
    path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def card(greenhouse: "Greenhouse") -> dict[str, Any]:
    text = (greenhouse.root / f"evals/judges/{NAME}.card.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def a_judge(
    wrong: float = 0.0, otherwise: Callable[[str], dict[str, Any]] | None = None
) -> Callable[[str], dict[str, Any]]:
    """A model that sees the kitchen, but errs on a share of them, always the same ones."""

    def answer(text: str) -> dict[str, Any]:
        if "The answer:" not in text:
            assert otherwise is not None
            return otherwise(text)
        passes = "kitchen" not in text or '"pests"' not in text
        shown = text.split("question ", 1)[-1][:3]
        if hashlib.sha256(shown.encode()).digest()[0] < wrong * 256:
            passes = not passes
        return {"reason": f"Looked at {shown}.", "verdict": "pass" if passes else "fail"}

    return answer
