"""New lines for several files, kept aside until all are there; then each file is replaced whole."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_PREFIX = ".importing-"
_MODE = 0o644
_MODE_PRIVATE = 0o600


class Spool:
    """Lines on their way to files; nothing of a file is changed before `commit`."""

    def __init__(self, aside: Path) -> None:
        self._aside = aside
        self._open: dict[Path, TextIO] = {}
        self._counts: dict[Path, int] = {}
        self._dropped: dict[Path, set[int]] = {}

    def add(self, path: Path, line: str) -> int:
        """Add a line to the end of a file; gives its number, for `drop`."""
        if path not in self._open:
            part = self._aside / f"{len(self._open)}.part"
            self._open[path] = part.open("w+", encoding="utf-8", newline="\n")
            self._counts[path] = 0
        self._open[path].write(line)
        self._counts[path] += 1
        return self._counts[path]

    def drop(self, path: Path, number: int) -> None:
        """Leave out a line that was added."""
        self._dropped.setdefault(path, set()).add(number)

    def commit(self) -> None:
        """Make every new file whole and safe on the disk, then put each in its place."""
        ready = [
            (self._whole(path, part), path.resolve())
            for path, part in self._open.items()
            if len(self._dropped.get(path, ())) < self._counts[path]
        ]
        for whole, path in ready:
            whole.replace(path)

    def close(self) -> None:
        """Let go of what was kept aside."""
        for part in self._open.values():
            part.close()

    def _whole(self, path: Path, part: TextIO) -> Path:
        """The old content and the new lines, in a file beside the old one."""
        named, path = path, path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = Path(part.name).with_suffix(".whole")
        part.flush()
        with whole.open("wb") as new:
            if path.exists():
                with path.open("rb") as old:
                    shutil.copyfileobj(old, new)
                if new.tell() and _last_byte(path) != b"\n":
                    new.write(b"\n")
            dropped = self._dropped.get(named, set())
            with Path(part.name).open("rb") as added:
                new.writelines(
                    line for number, line in enumerate(added, start=1) if number not in dropped
                )
            new.flush()
            os.fsync(new.fileno())
        private = _MODE_PRIVATE if path.parent == self._aside.parent.resolve() else _MODE
        whole.chmod(path.stat().st_mode & 0o777 if path.exists() else private)
        return whole


@contextmanager
def spool(folder: Path) -> Iterator[Spool]:
    """A spool that leaves nothing behind, however it ends.

    Args:
        folder: Where lines are kept aside: of the same disk as the files, and ignored by git.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _forget_killed(folder)
    aside = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
    found = Spool(aside)
    try:
        yield found
    finally:
        found.close()
        shutil.rmtree(aside, ignore_errors=True)


def _forget_killed(folder: Path) -> None:
    """Remove what an import that was killed kept aside."""
    for aside in folder.glob(f"{_PREFIX}*"):
        pid = aside.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(aside, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # where asking would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)
