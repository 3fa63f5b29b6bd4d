"""Writes the trained eye as ONNX: `python -m drivers.image.eye.training.export OUT/eye.pt eye.onnx`."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from drivers.image.eye.prepared import CHANNELS
from drivers.image.eye.training.network import Eye
from drivers.image.eye.training.train import learner

OPSET = 18
FAR = 2e-2  # how much the two runtimes may differ, in heat and in the logarithm of pixels
LARGE = 64  # numbers; weights of fewer stay as they are


class Answering(nn.Module):
    """The network with heat as 0 to 1 and sides in pixels, as `peaks` takes them."""

    def __init__(self, network: Eye) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        heat, sides = self.network(picture)
        return heat.sigmoid(), sides.exp()


class ExportFailed(Exception):
    """onnxruntime answers otherwise than torch does; nothing was written."""


def export(network: Eye, path: Path) -> None:
    """Any height and width in multiples of 32. What stands at `path` is replaced by a file that has been compared with
    torch, or stays: raises ExportFailed."""
    beside = path.with_suffix(".new")
    answering = Answering(network.eval().to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
    example = torch.randn(1, CHANNELS, 384, 320)
    try:
        torch.onnx.export(
            answering,
            (example,),
            str(beside),
            input_names=["picture"],
            output_names=["heat", "sides"],
            dynamic_axes={name: {2: f"{name}_rows", 3: f"{name}_columns"} for name in ("picture", "heat", "sides")},
            opset_version=OPSET,
            dynamo=False,  # the other exporter needs onnxscript too
        )
        _halve(beside)
        _compare(answering, beside, torch.randn(1, CHANNELS, 256, 384))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _halve(path: Path) -> None:
    """The weights as 16 bits each, which the runtime makes 32 of when it loads them: half the file, the same sums."""
    model = onnx.load(path)
    graph, casts = model.graph, []
    for weights in graph.initializer:
        if weights.data_type != onnx.TensorProto.FLOAT or np.prod(weights.dims) < LARGE:
            continue
        half = onnx.numpy_helper.to_array(weights).astype(np.float16)
        name = f"{weights.name}.half"
        casts.append(onnx.helper.make_node("Cast", [name], [weights.name], to=onnx.TensorProto.FLOAT))
        weights.CopyFrom(onnx.numpy_helper.from_array(half, name))
    for at, cast in enumerate(casts):
        graph.node.insert(at, cast)
    onnx.save(model, path)


def _compare(answering: Answering, path: Path, picture: Tensor) -> None:
    with torch.no_grad():
        wanted = [part.numpy() for part in answering(picture)]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    heat, sides = session.run(None, {"picture": picture.numpy()})
    away = max(np.abs(heat - wanted[0]).max(), np.abs(np.log(sides / wanted[1])).max())
    if not away < FAR:
        raise ExportFailed(f"The exported network's answers are {away:.3f} away from torch's, over {FAR}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("weights", type=Path)
    given = parser.parse_args()
    held = learner()
    held.load(given.checkpoint)
    export(held.averaged, given.weights)


if __name__ == "__main__":
    main()
