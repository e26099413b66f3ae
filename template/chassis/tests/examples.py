"""How many examples hypothesis draws in these tests, and how long one may take."""

from __future__ import annotations

import pytest
from hypothesis import settings

_QUICK = 20


def configure(config: pytest.Config) -> None:
    """Load the profile of all tests: no deadline, and fewer examples in a quick run.

    A busy machine makes an example slow and nothing wrong; what may hang is bounded by its test.
    A run that leaves out the slow tests draws fewer, so that it stays quick; the full run draws
    as many as hypothesis does by itself.
    """
    quick = "not slow" in (config.getoption("markexpr") or "")
    settings.register_profile("full", deadline=None)
    settings.register_profile("quick", deadline=None, max_examples=_QUICK)
    settings.load_profile("quick" if quick else "full")
