"""What `annotate` is told to draw. Light, because the server's list of tools needs it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Mark(BaseModel):
    """A box round something, or an arrow from `start` to `end`, with a label."""

    box: list[float] | None = Field(None, description="left, top, width, height as fractions")
    element: str = Field("", description="instead of box: number or words of an element that see tells")
    start: list[float] | None = Field(None, description="of an arrow: x, y as fractions")
    end: list[float] | None = Field(None, description="of an arrow: x, y as fractions")
    label: str = ""
    color: str = Field("", description="such as red or #d00000")
