"""The console script."""

from chassis import serve

from .pipeline import pipeline


def main() -> None:
    """Serve until told to stop."""
    serve(pipeline)
