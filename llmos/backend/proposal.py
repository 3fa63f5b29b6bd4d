"""What somebody, the model or a handler, would answer and change: not yet checked against the state, not yet done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llmos.contracts import Json
from llmos.state.patch import Patch


@dataclass(frozen=True)
class Proposal:
    """`body` is called once the patch is committed. `error` is the reason of a refusal, which changes nothing.

    `by` is "model", or the digest of a handler; `base_version` is that of the state it was decided on.
    """

    status: int
    patch: Patch
    body: Callable[[], Json]
    base_version: int
    by: str
    error: str | None = None
    is_part: bool = False  # of a list, as much as the page that was asked for needs
