"""What teams have: every delimiter, encoding and kind of file, and broken ones."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbook.data.importing.encodings import Encoding, Unclear, encoding_of
from playbook.data.importing.folders import Folder, text_of_html
from playbook.data.importing.objects import JsonArray
from playbook.data.importing.rows import Row, Source, survey
from playbook.data.importing.sources import open_source
from playbook.data.importing.tables import DELIMITERS, Table, sniffed
from playbook.verdicts import Mistake

CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), min_size=1, max_size=30
).filter(lambda text: text.strip() != "")
FUNCTION_SCOPED = [HealthCheck.function_scoped_fixture]


def _rows(source: Source | Unclear) -> list[Row]:
    assert not isinstance(source, Unclear)
    return list(source.rows())


@settings(suppress_health_check=FUNCTION_SCOPED)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_a_table_holds_is_read_as_it_was_written(
    tmp_path: Path,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    encoding: str,
    line_end: str,
) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
        writer.writerow(["first", "second", "third"])
        writer.writerows(rows)
    read = _rows(open_source(path, None, delimiter))
    assert [row.problem for row in read] == [None] * len(rows)
    assert [tuple(row.values.values()) for row in read] == rows
    line = 2
    for row, cells in zip(read, rows, strict=True):
        assert row.where == f"table.csv:{line}"
        line += 1 + sum(cell.count("\n") for cell in cells)


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_seen_even_where_texts_are_full_of_others(delimiter: str) -> None:
    others = "".join(d for d in DELIMITERS if d != delimiter)
    rows = [["id", "text", "kind"]]
    rows += [[str(n), f'so{others} "he" said;\nand, on' * n, "pests"] for n in range(1, 20)]
    lines: list[str] = []

    class Lines:
        def write(self, text: str) -> int:
            lines.extend(text.splitlines(keepends=True))
            return len(text)

    csv.writer(Lines(), delimiter=delimiter).writerows(rows)
    assert sniffed(lines) == delimiter


def test_a_table_of_one_column_and_what_excel_puts_first_are_read(tmp_path: Path) -> None:
    one = tmp_path / "one.csv"
    one.write_text("text\nhello; world\n")
    assert [dict(row.values) for row in _rows(open_source(one, None, None))] == [
        {"text": "hello; world"}
    ]
    excel = tmp_path / "excel.csv"
    excel.write_text("sep=|\na|b\n1|2\n")
    (row,) = _rows(open_source(excel, None, None))
    assert (dict(row.values), row.where) == ({"a": "1", "b": "2"}, "excel.csv:3")


def test_columns_of_the_same_name_or_of_none_keep_their_values(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,a,\n1,2,3\n")
    (row,) = _rows(open_source(path, None, None))
    assert dict(row.values) == {"a": "1", "a (2)": "2", "column 3": "3"}


def test_a_file_that_is_not_utf8_is_shown_as_it_could_be_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text\nhello\nDie Mühle läuft nicht\n".encode("cp1252"))
    found = encoding_of(path, "t.csv", None)
    assert isinstance(found, Unclear)
    assert found.line == 3
    assert found.readings["cp1252"].startswith("Die Mühle")
    assert encoding_of(path, "t.csv", "cp1252") == Encoding("cp1252")
    with pytest.raises(Mistake, match="cannot be read as utf-8"):
        encoding_of(path, "t.csv", "utf-8")
    with pytest.raises(Mistake, match="no such encoding"):
        encoding_of(path, "t.csv", "base64")


def test_utf16_without_a_mark_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text,kind\nGrüße,pests\n".encode("utf-16-le"))
    assert [dict(row.values) for row in _rows(open_source(path, None, None))] == [
        {"text": "Grüße", "kind": "pests"}
    ]


def test_one_broken_byte_in_a_file_of_utf8_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("text\nGrüße\nschön\nGarten\n".encode() + b"br\xfcken\n")
    read = _rows(open_source(path, None, None))
    assert [row.problem for row in read] == [None, None, None, "A byte of it is not UTF-8."]
    assert read[-1].where == "t.csv:5"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", b"PK\x03\x04rest", "save as CSV"),
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\n\n", "there is no header"),
        ("t.json", b'{"tickets": []\n}', "Expected a list of objects"),
    ],
)
def test_what_cannot_be_imported_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Mistake, match=said):
        open_source(path, None, None)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no such file or folder"):
        open_source(tmp_path / "nowhere.csv", None, None)


def test_json_lines_are_read_by_path_and_bad_ones_named(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    lines = ['{"ticket": {"body": "x\u2028y"}, "n": 3}', "", "[1]", "{oops", '{"a":' * 5000]
    path.write_text("\n".join(lines), "utf-8")
    first, *bad = _rows(open_source(path, None, None))
    assert dict(first.values) == {"ticket.body": "x\u2028y", "n": 3}
    assert [row.where for row in bad] == ["t.jsonl:3", "t.jsonl:4", "t.jsonl:5"]
    assert all(row.problem for row in bad)


def test_items_of_an_array_know_their_lines_also_after_a_cut(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('[\n {"a": 1},\n\n {"a": 2}\n,\n {"a": ')
    rows = _rows(JsonArray(path, "t.json", Encoding("utf-8")))
    assert [row.where for row in rows] == ["t.json:2", "t.json:4", "t.json:6"]
    assert [row.problem is None for row in rows] == [True, True, False]
    path.write_text('[{"a": 1}')
    assert "cut off" in str(_rows(open_source(path, None, None))[-1].problem)


def _mails() -> Iterator[tuple[str, bytes]]:
    head = b"From: a@example.org\r\nSubject: =?utf-8?q?K=C3=BCrbis?=\r\n"
    plain = head + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n"
    html = head + b"Content-Type: text/html\r\n\r\n<style>x</style><p>One<br>two &amp; three</p>"
    strange = head + b"Content-Type: text/plain; charset=klingon\r\n\r\nx"
    yield "pests/a.eml", plain
    yield "pests/b.eml", html
    yield "pests/c.eml", strange


def test_a_folder_gives_a_row_a_file_with_the_folder_above_it(tmp_path: Path) -> None:
    for name, content in [
        *_mails(),
        ("watering/d.txt", "Grüße".encode()),
        ("watering/e.json", b'{"text": "x"}'),
        ("watering/f.txt", b"\xff\xfe\xfa"),
        ("g.png", b"\x89PNG"),
        (".hidden/h.txt", b"x"),
    ]:
        path = tmp_path / "mails" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    rows = {row.where: row for row in Folder(tmp_path / "mails", "mails", None).rows()}
    assert set(rows) == {
        "mails/g.png",
        *(f"mails/pests/{name}.eml" for name in "abc"),
        *(f"mails/watering/{name}" for name in ("d.txt", "e.json", "f.txt")),
    }
    plain = rows["mails/pests/a.eml"].values
    assert (plain["subject"], plain["text"].strip(), plain["folder"]) == (
        "Kürbis",
        "Grüße",
        "pests",
    )
    assert rows["mails/pests/b.eml"].values["text"] == "One\ntwo & three"
    assert rows["mails/watering/d.txt"].values == {
        "text": "Grüße",
        "file": "d.txt",
        "folder": "watering",
    }
    assert rows["mails/watering/f.txt"].problem
    assert rows["mails/g.png"].problem


def test_a_folder_without_samples_is_told(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match=r"no file here that ends in \.txt"):
        Folder(tmp_path, "empty", None)


@given(st.text(max_size=200))
def test_any_page_has_a_text(html: str) -> None:
    assert isinstance(text_of_html(html), str)


def test_a_look_at_the_source_does_not_grow_with_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,kind\n" + "".join(f"text {n},k{n % 7}\n" for n in range(500)))
    found = survey(Table(path, "t.csv", Encoding("utf-8"), None), None)
    assert found.rows == 500
    assert len(found.columns["text"].counts) <= 100
    assert found.columns["text"].many
    assert len(found.columns["kind"].counts) == 7
    assert found.columns["text"].samples == ["text 0", "text 1", "text 2"]
