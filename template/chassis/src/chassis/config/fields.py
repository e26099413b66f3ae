"""What the models of the configuration have in common: strictness, numbers with units, names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Direction = Literal["at_least", "at_most", "given"]
"""`at_least` and `at_most` are met or missed; `given` describes the others (a window, a sample)."""

Weaker = Literal["lower", "higher"]
"""The change of a number that asks for less."""


class Strict(BaseModel):
    """A block of a configuration file: frozen, nothing unknown, nothing converted silently.

    Strict because "0.92%" or `yes` for a number is a mistake to point at, not to guess at.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""The name of a slice or a role."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=63)]
"""The name of a release or a prompt version: it becomes a metric label and a folder."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A word or a sentence; not nothing."""


def number(
    meaning: str,
    *,
    unit: str,
    example: float,
    direction: Direction = "given",
    sampled: bool = False,
    metric: str | None = None,
    weaker: Weaker | None = None,
    **limits: Any,
) -> Any:
    """Declare a number of a configuration file, with all that others need to know about it.

    Args:
        meaning: One or two sentences: what it is and who obeys it. Shown in editors and mistakes.
        unit: `share`, `seconds`, `usd`, `count`, ...
        example: A value that is right, quoted where a mistake is reported.
        direction: Whether a measured value has to be at least or at most this.
        sampled: Whether the `least_sample` beside it applies: fewer events judge nothing.
        metric: The metric of the service that is held against it.
        weaker: Which change asks for less, where `direction` does not say it: a pull request that
            makes a number weaker needs somebody who stands for it.
        limits: `ge`, `gt`, `le`, `lt` or `default`, as Pydantic takes them.
    """
    about: dict[str, Any] = {"x-unit": unit, "x-direction": direction}
    if sampled:
        about["x-sampled"] = True
    if metric:
        about["x-metric"] = metric
    if weaker:
        about["x-weaker"] = weaker
    return Field(description=meaning, examples=[example], json_schema_extra=about, **limits)


def share(meaning: str, *, example: float, **more: Any) -> Any:
    """Declare a number between 0 and 1."""
    return number(meaning, unit="share", example=example, ge=0.0, le=1.0, **more)


def mistake(message: str, *field: str | int) -> PydanticCustomError:
    """Make the error a validator raises, pointing at a field below the one being validated."""
    return PydanticCustomError("mistake", "{message}", {"message": message, "field": field})
