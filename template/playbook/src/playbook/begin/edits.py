"""The edits that put the team's labels in the sample's place: text in, text out."""

import ast
import json
import re
import textwrap
from collections.abc import Sequence

from playbook.begin.sample import Sample
from playbook.begin.wishes import Label
from playbook.evals.cases import Case
from playbook.verdicts import Mistake

_DEFINITION = re.compile(r"^- `(?P<name>[^`]+)`:")
_FIRST_SENTENCE = re.compile(r"\AYou sort .*?[.](?=\s)", re.DOTALL)
_WIDTH = 100


def old_labels(schemas: str, sample: Sample, where: str) -> list[str]:
    """The labels of the sample, as `schemas.py` lists them.

    Raises:
        Mistake: When the list is not where the sample has it.
    """
    statement = _statement(schemas, sample.label_type, where)
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    names = [
        node.value
        for node in ast.walk(value or statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if not names:
        raise _not_there(sample.label_type, where)
    return names


def new_schemas(schemas: str, sample: Sample, labels: Sequence[Label], where: str) -> str:
    """`schemas.py` with the team's labels and where each goes; all else stays."""
    names = "".join(f"    {json.dumps(label.name)},\n" for label in labels)
    table = "".join(f"    {json.dumps(x.name)}: {json.dumps(x.queue)},\n" for x in labels)
    replacements = [
        (sample.label_type, f"{sample.label_type} = Literal[\n{names}]\n"),
        (
            sample.label_table,
            f"{sample.label_table}: dict[{sample.label_type}, str] = {{\n{table}}}\n",
        ),
    ]
    for name, text in replacements:
        statement = _statement(schemas, name, where)
        lines = schemas.splitlines(keepends=True)
        end = statement.end_lineno or statement.lineno
        schemas = "".join([*lines[: statement.lineno - 1], text, *lines[end:]])
    ast.parse(schemas)
    return schemas


def new_instructions(
    instructions: str, old: Sequence[str], labels: Sequence[Label], about: str, where: str
) -> str:
    """The prompt with the team's definitions in place of the sample's.

    Raises:
        Mistake: When the sample's list of definitions is not there.
    """
    lines = instructions.splitlines()
    listed = [i for i, line in enumerate(lines) if _defined(line) in set(old)]
    if not listed:
        raise Mistake(
            f"{where}\n  The sample's list of labels and meanings is not here, such as\n"
            f"  - `{next(iter(old))}`: ...\n"
            "  Restore it from git, or write your own prompt by hand."
        )
    first, end = listed[0], listed[-1] + 1
    while end < len(lines) and lines[end].startswith("  "):
        end += 1  # the last meaning goes on over further lines
    definitions = [f"- `{label.name}`: {label.line}" for label in labels]
    text = "\n".join([*lines[:first], *definitions, *lines[end:]]) + "\n"
    sentence = textwrap.fill(f"You sort {' '.join(about.split()).rstrip('.')}.", _WIDTH)
    return _FIRST_SENTENCE.sub(lambda _: sentence, text, count=1)


def new_description(text: str, sample: Sample, about: str, *, toml: bool) -> str:
    """README or pyproject.toml with what is sorted now, where the sample's sentence stands."""
    sentence = f"Sorts {' '.join(about.split()).rstrip('.')}"
    if toml:
        sentence = json.dumps(sentence, ensure_ascii=False)[1:-1]
    return text.replace(sample.description, sentence)


def case_files(cases: Sequence[Case]) -> dict[str, str]:
    """The files of the cases, by slice, as JSON lines."""
    files: dict[str, str] = {}
    for case in cases:
        written = case.model_dump(mode="json", exclude_unset=True)
        if written["expected"].get("outcome") == ["answered"]:
            del written["expected"]["outcome"]
        line = json.dumps(written, ensure_ascii=False)
        files[case.slice] = files.get(case.slice, "") + line + "\n"
    return files


def with_floor(criteria: str, floor: float, where: str) -> str:
    """The criteria file with another floor for simulated answers; nothing else moves.

    Raises:
        Mistake: When the file declares no such floor.
    """
    from ruamel.yaml import YAML

    try:
        simulated = YAML().load(criteria)["quality"]["simulated"]
        line, column = simulated.lc.value("at_least")
    except (KeyError, TypeError) as error:
        message = (
            f"{where}  quality.simulated.at_least\n  This is missing: the floor is declared there."
        )
        raise Mistake(message) from error
    lines = criteria.splitlines(keepends=True)
    before, rest = lines[line][:column], lines[line][column:]
    old = re.match(r"[^\s,}#]+", rest)
    end = old.end() if old else 0
    lines[line] = f"{before}{floor:g}{rest[end:]}"
    return "".join(lines)


def leftovers(text: str, old: Sequence[str], new: Sequence[str]) -> list[int]:
    """The lines of a Python file that still name a label of the sample in quotes."""
    gone = set(old) - set(new)
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and node.value in gone
    )


def _defined(line: str) -> str | None:
    match = _DEFINITION.match(line)
    return match["name"] if match else None


def _statement(source: str, name: str, where: str) -> ast.stmt:
    """The assignment of a name at a module's top level."""
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise Mistake(f"{where}:{error.lineno}  This is not valid Python: {error.msg}.") from error
    for statement in module.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return statement
    raise _not_there(name, where)


def _not_there(name: str, where: str) -> Mistake:
    return Mistake(
        f"{where}  {name}\n  begin replaces the sample's `{name} = ...`, which is not here. "
        "Restore it from git, or write your own labels by hand."
    )
