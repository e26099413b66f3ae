"""The smallest service there can be, for the chassis's own tests: it labels a note."""

from .pipeline import Found, Label, Note, pipeline

__all__ = ["Found", "Label", "Note", "pipeline"]
