"""The cases there are, for what adds to them: none yet is fine, a broken one is not."""

from typing import TYPE_CHECKING, Any

from playbook.evals.cases import Placed, read_all
from playbook.project import Project

if TYPE_CHECKING:
    from chassis import Pipeline


def existing_cases(project: Project, pipeline: "Pipeline[Any, Any]") -> list[Placed]:
    """Every case, held-out ones too.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong with them, at once.
    """
    files = [*project.cases.glob("*.jsonl"), *project.held_out.glob("*.jsonl")]
    if not any(file.stat().st_size for file in files):
        return []
    return read_all(project, pipeline)
