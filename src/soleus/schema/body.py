"""What is predicted of the body by day: plain data for the report and the page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["BodyCurve"]


class BodyCurve(BaseModel):
    """One read-out of the body in one group under one competing course, relative to the control group.

    Attributes
    ----------
    low, high
        Central 95 % over the prior of the gains; None where only the middle is drawn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    readout: str
    label: str
    course: str
    course_label: str
    group: str
    days: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
