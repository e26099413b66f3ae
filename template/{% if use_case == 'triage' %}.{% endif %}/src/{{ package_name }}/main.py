"""Starts the service; the console script and the image call it."""

from chassis import serve

from .pipeline import pipeline


def main() -> None:
    """Serve the pipeline until told to stop."""
    serve(pipeline)
