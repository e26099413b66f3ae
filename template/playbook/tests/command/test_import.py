"""`playbook data import` as a team meets it: an export in, cases and candidates out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from terminal import PATIENCE_SECONDS, Terminal

if TYPE_CHECKING:
    from conftest import Greenhouse

MAP = ("--map", "input.text=Message", "--map", "expected.category=Kind")
TABLE = """\
Ticket,Message,Kind,Who
1,The tap drips all night,watering,Ann
2,"Something eats my kale,
leaf by leaf",Pests,Bo
3,When are pears ripe enough for the cellar?,,
"""


@pytest.fixture
def table(greenhouse: "Greenhouse") -> Path:
    path: Path = greenhouse.root.parent / "tickets.csv"
    path.write_text(TABLE, "utf-8")
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def _cases(greenhouse: "Greenhouse", name: str = "common") -> list[dict[str, Any]]:
    return _lines(greenhouse.project.cases / f"{name}.jsonl")


def _candidates(greenhouse: "Greenhouse", name: str = "tickets") -> list[dict[str, Any]]:
    return _lines(greenhouse.root / "evals" / "candidates" / f"{name}.jsonl")


def _texts(greenhouse: "Greenhouse") -> dict[str, str]:
    """Everything an import could have changed."""
    files = (greenhouse.root / "evals").rglob("*")
    kept = (f for f in files if f.is_file() and "reports" not in f.parts)
    return {str(f): f.read_text("utf-8") for f in kept}


def test_a_row_with_a_label_and_somebody_behind_it_is_a_case_and_any_other_a_candidate(
    greenhouse: "Greenhouse", table: Path
) -> None:
    before = len(_cases(greenhouse))
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--map", "labeller=Who")
    assert ran.code == 0, ran
    tap, kale = _cases(greenhouse)[before:]
    assert tap["input"] == {"text": "The tap drips all night"}
    assert (tap["expected"], tap["labeller"]) == ({"category": "watering"}, "Ann")
    assert tap["provenance"] == "production"
    assert kale["expected"] == {"category": "pests"}, "Pests is pests, written otherwise"
    assert kale["input"]["text"] == "Something eats my kale,\nleaf by leaf"
    (pears,) = _candidates(greenhouse)
    assert pears["source"] == "tickets.csv:5", "as an editor counts, after a quoted line break"
    assert pears["id"].startswith("tickets-")
    assert "2  cases" in ran.out and "1  candidate" in ran.out
    assert "Next: uv run playbook label --source tickets" in ran.out
    assert greenhouse.playbook("data", "check").code != 2, "the files are valid"


def test_labels_that_nobody_stands_for_are_suggestions(
    greenhouse: "Greenhouse", table: Path
) -> None:
    assert greenhouse.playbook("data", "import", str(table), *MAP).code == 0
    suggested = [one["suggested"] for one in _candidates(greenhouse)]
    assert suggested == [{"category": "watering"}, {"category": "pests"}, None]


def test_without_a_terminal_a_missing_column_is_told_with_the_flags_to_type(
    greenhouse: "Greenhouse", table: Path
) -> None:
    ran = greenhouse.playbook("data", "import", str(table))
    assert ran.code == 2
    assert "No column was named for input.text." in ran.err
    assert "The columns are: Ticket, Message, Kind, Who." in ran.err
    assert "--map input.text=Message --map expected.category=Kind" in ran.err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--map", "input.txt=Message"], "Did you mean input.text?"),
        (["--map", "input.text=Mesage"], "Did you mean Message?"),
        (["--map", "input.text"], "Expected part=Column"),
        ([*MAP, "--label", "x=pest"], "pest is no label. Did you mean pests?"),
        ([*MAP, "--slice", "edgy"], "declares no slice edgy. Did you mean edge?"),
        ([*MAP, "--encoding", "latin-99"], "There is no such encoding"),
        ([*MAP, "--delimiter", "ab"], "One character"),
        ([*MAP, "--only", "low-rating"], "add --logs"),
    ],
)
def test_a_wrong_flag_is_told_with_the_right_one(
    greenhouse: "Greenhouse", table: Path, flags: list[str], said: str
) -> None:
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), *flags)
    assert ran.code == 2
    assert said in ran.err
    assert _texts(greenhouse) == before


def test_values_that_are_no_labels_are_told_and_can_be_mapped(
    greenhouse: "Greenhouse", table: Path
) -> None:
    table.write_text(TABLE.replace("Pests", "Pest").replace("watering", "Tap trouble"), "utf-8")
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), *MAP)
    assert ran.code == 2
    assert '--label "Pest=pests"  Did you mean pests?' in ran.err
    assert '--label "Tap trouble=LABEL"' in ran.err
    assert _texts(greenhouse) == before
    mapped = ("--label", "Pest=pests", "--label", "Tap trouble=", "--labeller", "Ann")
    ran = greenhouse.playbook("data", "import", str(table), *MAP, *mapped)
    assert ran.code == 0
    assert _cases(greenhouse)[-1]["expected"] == {"category": "pests"}
    assert [one["source"] for one in _candidates(greenhouse)] == ["tickets.csv:2", "tickets.csv:5"]


def test_with_a_bad_row_nothing_is_written_and_each_is_named_by_its_line(
    greenhouse: "Greenhouse", table: Path
) -> None:
    table.write_text(
        TABLE + '4,too,many,values,here\n5,"stray " quote",pests,Bo\n6,fine and long enough,,\n'
        '7,"never closed,pests,Bo\nmore\n',
        "utf-8",
    )
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), *MAP)
    assert ran.code == 2
    assert _texts(greenhouse) == before
    assert "tickets.csv:6\n  Cannot be read. It has 5 values; the header names 4." in ran.err
    assert "tickets.csv:7\n  Cannot be read. A quote within a quoted text must be" in ran.err
    assert "tickets.csv:9\n  Cannot be read. A quote that opens here is never closed." in ran.err
    assert "3 bad rows. Nothing was imported." in ran.err
    assert "It would bring:" in ran.out
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--skip-bad")
    assert ran.code == 0
    assert len(_candidates(greenhouse)) == 4
    report = json.loads((greenhouse.root / "evals/reports/import-tickets.json").read_text("utf-8"))
    assert report["reasons"] == {"cannot be read": 3}
    assert [left["where"] for left in report["left_out"]] == [
        "tickets.csv:6",
        "tickets.csv:7",
        "tickets.csv:9",
    ]


def test_personal_data_is_taken_out_before_anything_is_written_and_only_counted(
    greenhouse: "Greenhouse", table: Path
) -> None:
    mail, card = "ada.lovelace@example.org", "4111 1111 1111 1111"
    text = f'Message\n"My kale is ill, write to {mail} or charge {card}"\n'
    table.write_text(text + f"{'x' * 30000} {mail}\n", "utf-8")
    ran = greenhouse.playbook("data", "import", str(table), "--map", "input.text=Message")
    assert ran.code == 0
    assert "1 e-mail, 1 card" in ran.out
    (one,) = _candidates(greenhouse)
    assert one["input"] == {"text": "My kale is ill, write to [e-mail] or charge [card]"}
    report = (greenhouse.root / "evals/reports/import-tickets.json").read_text("utf-8")
    everything = "".join([*_texts(greenhouse).values(), report, ran.out, ran.err])
    assert mail not in everything
    assert card not in everything


def test_importing_again_adds_nothing(greenhouse: "Greenhouse", table: Path) -> None:
    flags = (*MAP, "--map", "labeller=Who")
    assert greenhouse.playbook("data", "import", str(table), *flags).code == 0
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), *flags)
    assert ran.code == 0
    assert "there already (line 2, line 3, line 5)" in ran.out
    assert _texts(greenhouse) == before


def test_a_candidate_whose_label_arrives_becomes_a_case_and_leaves(
    greenhouse: "Greenhouse", table: Path
) -> None:
    assert greenhouse.playbook("data", "import", str(table), *MAP).code == 0
    waiting = {one["id"] for one in _candidates(greenhouse)}
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--map", "labeller=Who")
    assert ran.code == 0
    assert {case["id"] for case in _cases(greenhouse)[-2:]} < waiting


def test_what_says_nearly_the_same_comes_once_unless_all_are_wanted(
    greenhouse: "Greenhouse", table: Path
) -> None:
    long = "The tap in the greenhouse drips all night and floods the beds, bed number {} is worst"
    rows = [long.format(word) for word in ("two", "two!", "six")]
    table.write_text("Message\n" + "".join(f'"{row}"\n' for row in rows), "utf-8")
    flags = ("--map", "input.text=Message")
    ran = greenhouse.playbook("data", "import", str(table), *flags)
    assert "there already (line 3)" in ran.out
    assert "nearly the same (line 4)" in ran.out
    assert len(_candidates(greenhouse)) == 1
    assert greenhouse.playbook("data", "import", str(table), *flags, "--keep-similar").code == 0
    assert len(_candidates(greenhouse)) == 2


def test_a_repeated_text_with_another_label_is_told_as_such(
    greenhouse: "Greenhouse", table: Path
) -> None:
    table.write_text(TABLE + "4,THE TAP DRIPS all night,pests,Bo\n", "utf-8")
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--map", "labeller=Who")
    assert "there already, with another label (line 6)" in ran.out


def test_a_dry_run_writes_nothing(greenhouse: "Greenhouse", table: Path) -> None:
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--dry-run")
    assert ran.code == 0
    assert "It would bring:" in ran.out
    assert "Nothing was written: --dry-run." in ran.out
    assert _texts(greenhouse) == before


def test_a_dry_run_ends_as_the_import_would_where_a_row_is_bad(
    greenhouse: "Greenhouse", table: Path
) -> None:
    table.write_text(TABLE + "only one value\n", "utf-8")
    ran = greenhouse.playbook("data", "import", str(table), *MAP, "--dry-run")
    assert ran.code == 2
    assert "tickets.csv:6" in ran.err and "--skip-bad" in ran.err
    assert (
        greenhouse.playbook("data", "import", str(table), *MAP, "--dry-run", "--skip-bad").code == 0
    )


def test_columns_that_make_no_sense_are_told_instead_of_imported(
    greenhouse: "Greenhouse", table: Path
) -> None:
    rows = "".join(f"{number},\n" for number in range(9))
    table.write_text(f"Message,Note\n{rows}x,ok\n".replace("0,\n", f"{'y' * 30000},\n"), "utf-8")
    before = _texts(greenhouse)
    ran = greenhouse.playbook("data", "import", str(table), "--map", "input.text=Note")
    assert ran.code == 0, "empty cells are left out, and that is all"
    table.write_text("Message\n" + f"{'y' * 30000}\n" * 3 + "one is fine\n", "utf-8")
    ran = greenhouse.playbook("data", "import", str(table), "--map", "input.text=Message")
    assert ran.code == 2
    assert "The service would not take most rows." in ran.err
    assert "look at --map" in ran.err
    assert _texts(greenhouse).items() >= before.items()


def test_rows_go_to_the_slice_they_name_and_to_no_other(
    greenhouse: "Greenhouse", table: Path
) -> None:
    table.write_text(
        "text,category,slice,critical,notes\nThe hose burst,watering,Edge,yes,ask Bo\n", "utf-8"
    )
    ran = greenhouse.playbook("data", "import", str(table), "--labeller", "Ann")
    assert ran.code == 0, ran
    case = _cases(greenhouse, "edge")[-1]
    assert (case["slice"], case["critical"], case["notes"]) == ("edge", True, "ask Bo")
    table.write_text("text,category,slice\nThe hose burst twice,watering,egde\n", "utf-8")
    ran = greenhouse.playbook("data", "import", str(table), "--labeller", "Ann")
    assert ran.code == 2
    assert "No slice of the success criteria. egde. Did you mean edge?" in ran.err


def test_an_import_cut_off_between_two_files_leaves_each_whole(
    greenhouse: "Greenhouse", table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _texts(greenhouse)
    replace, calls = Path.replace, []

    def cut_off(self: Path, target: Path) -> Path:
        if self.suffix == ".whole":
            calls.append(target)
            if len(calls) == 2:
                raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", cut_off)
    flags = (*MAP, "--map", "labeller=Who")
    assert greenhouse.playbook("data", "import", str(table), *flags).code == 130
    after = _texts(greenhouse)
    assert len(calls) == 2
    assert set(after) == set(before), "nothing is left lying about"
    for path, text in after.items():
        assert text.startswith(before[path])
        assert text.endswith("\n")
    monkeypatch.setattr(Path, "replace", replace)
    assert greenhouse.playbook("data", "import", str(table), *flags).code == 0
    assert len(_candidates(greenhouse)) == 1
    assert len({case["id"] for case in _cases(greenhouse)}) == len(_cases(greenhouse))


def test_what_a_killed_import_kept_aside_is_gone_with_the_next_one(
    greenhouse: "Greenhouse", table: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead = greenhouse.root / "evals/candidates" / f".importing-{int(done.stdout)}-x"
    own = greenhouse.root / "evals/candidates" / f".importing-{os.getpid()}-x"
    for folder in (dead, own):
        folder.mkdir(parents=True)
        (folder / "0.part").write_text("{}")
    assert greenhouse.playbook("data", "import", str(table), *MAP).code == 0
    assert not dead.exists()
    assert own.exists(), "another import may be at work"


def test_cases_that_cannot_be_read_stop_it_before_it_begins(
    greenhouse: "Greenhouse", table: Path
) -> None:
    (greenhouse.project.cases / "common.jsonl").write_text("{broken\n")
    ran = greenhouse.playbook("data", "import", str(table), *MAP)
    assert ran.code == 2
    assert "evals/cases/common.jsonl:1" in ran.err


@pytest.mark.slow
def test_at_a_terminal_it_asks_what_it_cannot_know(greenhouse: "Greenhouse", table: Path) -> None:
    content = TABLE.replace("Message", "Was").replace("Pests", "Schädling")
    table.write_bytes(content.replace("tap", "Gießkanne").encode("cp1252"))
    terminal = Terminal(greenhouse.root, "data", "import", str(table))
    try:
        terminal.see("Which of these reads right?")
        terminal.see("Gießkanne")
        terminal.say("")
        terminal.see("input.text")
        terminal.see("» Was")
        terminal.say("")
        terminal.see("expected.category  (the right answer: watering, pests, harvest)")
        terminal.see("» Kind")
        terminal.say("")
        terminal.see("Does a column hold anything else?")
        terminal.say("")
        terminal.see('category "Schädling" (1 row) is no label of the service. It means')
        terminal.say("\x1b[B")
        terminal.see("Who gave these labels?")
        terminal.say("Ann")
        terminal.see('--map expected.category=Kind --label "Schädling=pests" --encoding cp1252')
        terminal.see("2  cases")
        assert terminal.process.wait(PATIENCE_SECONDS) == 0
    finally:
        terminal.close()
    assert _cases(greenhouse)[-2]["input"] == {"text": "The Gießkanne drips all night"}
    assert _cases(greenhouse)[-1]["expected"] == {"category": "pests"}
