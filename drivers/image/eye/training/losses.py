"""How far the network's answer is from what it should be."""

from __future__ import annotations

import torch
from torch import Tensor


def heat_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Focal loss for each element: a cell near a peak is blamed less for its heat (Law and Deng, CornerNet)."""
    heat = logits.float().sigmoid().clamp(1e-5, 1 - 1e-5)
    peak = wanted.ge(1.0)
    right = torch.log(heat) * (1 - heat) ** 2
    wrong = torch.log(1 - heat) * heat**2 * (1 - wanted) ** 4
    return -torch.where(peak, right, wrong).sum() / peak.sum().clamp(min=1)


def sides_loss(logs: Tensor, wanted: Tensor, counts: Tensor) -> Tensor:
    """One minus the generalised overlap of the boxes (Rezatofighi and others), as much as each cell counts."""
    found, wanted = (
        part.reshape(len(part), -1, 4, *part.shape[2:]) for part in (logs.float().clamp(-3, 7).exp(), wanted)
    )
    shared = _area(torch.minimum(found, wanted))
    hull = _area(torch.maximum(found, wanted))
    union = _area(found) + _area(wanted) - shared
    overlap = shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)
    return ((1 - overlap) * counts).sum() / counts.sum().clamp(min=1)


def _area(sides: Tensor) -> Tensor:
    """Of boxes around one point, given by their sides' distances (batch, groups, 4, ...)."""
    return (sides[:, :, 0] + sides[:, :, 2]) * (sides[:, :, 1] + sides[:, :, 3])
