"""The hash of files together: the same names with the same content give the same one."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def hash_of(folder: Path, files: Iterable[Path]) -> str:
    """The SHA-256 over the names and contents of some of a folder's files."""
    whole = hashlib.sha256()
    for file in sorted(files):
        name = file.relative_to(folder).as_posix()
        whole.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()
