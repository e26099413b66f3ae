"""Cases whose text stands in a prompt: a model that was told the answer proves nothing."""

from collections.abc import Iterable

from rapidfuzz import fuzz

from playbook.data import texts
from playbook.data.similar import LONG, SIZES, pieces_of
from playbook.evals.cases import Case
from playbook.project import Project

SHORTEST = 20  # bytes; less is a word that any prompt may use
MOST_OF_IT = 80.0  # of the text, where it stands best in the prompt
_SHARED = 0.5  # of its pieces, before that comparison


class _File:
    """One prompt file, with what it takes to look a text up in it quickly."""

    def __init__(self, shown: str, text: str) -> None:
        self.shown = shown
        self.lines = [texts.folded(line) for line in text.split("\n")]
        self.folded = " ".join(filter(None, self.lines))
        joined = self.folded.replace(" ", "")
        self.slices = {joined[at : at + n] for n in SIZES for at in range(len(joined) - n + 1)}

    def line_of(self, text: str) -> int:
        """The line that holds most of a text; the first of several."""
        pieces = pieces_of(text)

        def share(number: int) -> tuple[bool, int, int]:
            line = self.lines[number - 1]
            joined = line.replace(" ", "")
            return f" {text} " in f" {line} ", sum(p in joined for p in pieces), -number

        return max(range(1, len(self.lines) + 1), key=share)


class Prompts:
    """Every prompt of the service, to look cases up in."""

    def __init__(self, files: Iterable[tuple[str, str]]) -> None:
        self._files = [_File(shown, text) for shown, text in files]

    def telling(self, case: Case) -> str | None:
        """Where a prompt says what the case says, or most of one of its texts, as file:line."""
        for text in filter(None, map(texts.folded, map(texts.own, texts.strings(case)))):
            for file in self._files:
                if _stands(text, file):
                    return f"{file.shown}:{file.line_of(text)}"
        return None


def prompts_of(project: Project) -> Prompts:
    """The prompts in `src/<package>/prompts/`, released or not."""

    files = sorted((project.source / "prompts").glob("*/*.md"))
    return Prompts((project.relative(f), f.read_text("utf-8", "replace")) for f in files)


def _stands(text: str, file: _File) -> bool:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size < SHORTEST or len(text) * MOST_OF_IT / 100 > len(file.folded):
        return False
    if size < LONG:
        return f" {text} " in f" {file.folded} "
    pieces = pieces_of(text)
    shared = sum(piece in file.slices for piece in pieces)
    if shared < _SHARED * len(pieces):
        return False
    short, long = sorted((text, file.folded), key=len)
    return bool(fuzz.partial_ratio(short, long, score_cutoff=MOST_OF_IT))
