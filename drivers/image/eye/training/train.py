"""Trains the eye on pages that are drawn while it learns.

    python -m drivers.image.eye.training.train OUT --minutes 120

A page is drawn once and never again: the pages of a step follow from its number, so a training that goes on after an
interruption sees new ones. With `--screens` every fourth page is one of those that a browser showed. Of five steps two
show larger pictures, for small letters. The photographs of the benchmark are no part of it.

On a GPU (`--device cuda --batch 64`) the other cores draw: it learns as fast as they do.
"""

from __future__ import annotations

import argparse
import copy
import csv
import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from drivers.image.eye.peaks import Seen, peaks
from drivers.image.eye.prepared import prepared
from drivers.image.eye.training.fonts import Fonts, FontsMissing, fetch_fonts
from drivers.image.eye.training.losses import heat_loss, sides_loss
from drivers.image.eye.training.network import Eye
from drivers.image.eye.training.page import Page
from drivers.image.eye.training.pages.drawn import drawn_page
from drivers.image.eye.training.scored import f1
from drivers.image.eye.training.screens.pool import NoScreens, Screens
from drivers.image.eye.training.targets import targets

SIDES = (384, 384, 512, 384, 512)  # of the pictures of a step, in turn
SIDE = SIDES[0]
BATCH = 16
RATE = 1.5e-3  # for a batch of that many; it grows with the root of the batch
WARM_STEPS = 300
COOLING = 0.3  # of the time, at the end, in which the rate falls to nothing
REMEMBERED = 0.998  # of the averaged weights, at each step
HELD_OUT = 2**40  # pages from this number on are never trained on
CHECKED_PAGES = 96
CHECK_STEPS = 500
SAVE_SECONDS = 180
LEAST = 0.3  # heat, for the figure in the log
SCREEN_EVERY = 4  # pages

Sample = tuple[npt.NDArray[np.float16], ...]  # the picture, heat, sides and counts


class Pages(Dataset[Sample]):
    """The page of each number, as the network takes it, with what it should answer."""

    def __init__(self, fonts: Fonts, screens: Screens | None, batch: int = BATCH) -> None:
        self._fonts, self._screens, self._batch = fonts, screens, batch

    def __getitem__(self, seed: int) -> Sample:
        cv2.setNumThreads(1)
        side = SIDES[seed // self._batch % len(SIDES)]
        if self._screens and seed % SCREEN_EVERY == 0:
            page = self._screens.page(seed, side)
        else:
            page = drawn_page(seed, self._fonts, side)
        parts = prepared(page.image, side), *targets(page.marks, side)
        # half as much to hand over, which is what a GPU would wait for
        return tuple(part.astype(np.float16) for part in parts)


@dataclass
class Learner:
    """The network with what it needs to go on: its optimiser, its averaged weights, and how many steps it took."""

    network: Eye
    averaged: Eye
    optimiser: torch.optim.Optimizer
    step: int = 0

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    def save(self, path: Path) -> None:
        """The old file is there until the new one is whole."""
        networks = {"network": self.network.state_dict(), "averaged": self.averaged.state_dict()}
        torch.save(networks | {"optimiser": self.optimiser.state_dict(), "step": self.step}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        try:
            held = torch.load(path, weights_only=True, map_location=self.device)
            self.network.load_state_dict(held["network"])
            self.averaged.load_state_dict(held["averaged"])
            self.optimiser.load_state_dict(held["optimiser"])
            self.step = held["step"]
        except (RuntimeError, KeyError, EOFError, ValueError, OSError, pickle.UnpicklingError) as error:
            raise SystemExit(f"{path} is no checkpoint of this network; move it away to begin anew.") from error


def learner(network: Eye | None = None, device: str = "cpu") -> Learner:
    torch.manual_seed(1)
    network = (network or Eye()).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    return Learner(network, copy.deepcopy(network).eval(), optimiser)


def learn(held: Learner, batch: list[Tensor], rate: float) -> tuple[float, float]:
    """One step; the losses of heat and of sides."""
    for group in held.optimiser.param_groups:
        group["lr"] = rate
    held.network.train()
    pictures, heat, sides, counts = (part.to(held.device, non_blocking=True).float() for part in batch)
    with torch.autocast(held.device.type, torch.bfloat16):
        found_heat, found_sides = held.network(pictures.contiguous(memory_format=torch.channels_last))
    of_heat, of_sides = heat_loss(found_heat, heat), sides_loss(found_sides, sides, counts)
    torch.autograd.backward(of_heat + of_sides)
    nn.utils.clip_grad_norm_(held.network.parameters(), 5.0)
    held.optimiser.step()
    held.optimiser.zero_grad(set_to_none=True)
    held.step += 1
    _average(held)
    return of_heat.item(), of_sides.item()


@torch.no_grad()
def _average(held: Learner) -> None:
    kept = min(REMEMBERED, held.step / (held.step + 10))
    now, averaged = held.network.state_dict(), held.averaged.state_dict()
    even = [name for name, value in averaged.items() if value.is_floating_point()]
    torch._foreach_lerp_([averaged[name] for name in even], [now[name] for name in even], 1 - kept)
    for name in averaged.keys() - set(even):
        averaged[name].copy_(now[name])


@torch.no_grad()
def seen_by(network: Eye, page: Page, least: float) -> list[Seen]:
    picture = torch.from_numpy(prepared(page.image, SIDE))[None].to(next(network.parameters()).device)
    heat, sides = (answer[0].cpu() for answer in network(picture))
    return peaks(heat.sigmoid().numpy(), sides.exp().numpy(), least)


def held_out(fonts: Fonts) -> list[Page]:
    return [drawn_page(HELD_OUT + number, fonts, SIDE) for number in range(CHECKED_PAGES)]


def checked(held: Learner, pages: list[Page]) -> tuple[float, float]:
    """F1 on pages that are held out: with class, and whatever the class."""
    pairs = [(page.marks, seen_by(held.averaged, page, LEAST)) for page in pages]
    return f1(pairs, with_class=True), f1(pairs, with_class=False)


def rate_at(step: int, part: float) -> float:
    """`part` of the time is over. Warm, then even, then cooling to nothing."""
    return RATE * min(1.0, (step + 1) / WARM_STEPS, max(0.01, (1 - part) / COOLING))


def train(
    out: Path,
    minutes: float,
    fonts: Fonts,
    screens: Screens | None = None,
    *,
    device: str = "cpu",
    batch: int = BATCH,
) -> None:
    """Until the time is over, Ctrl-C or SIGTERM; each leaves a checkpoint that the next run goes on from."""
    torch.set_num_threads(os.cpu_count() or 2)  # drawing needs less than half of a core
    out.mkdir(parents=True, exist_ok=True)
    held, path = learner(device=device), out / "eye.pt"
    if path.exists():
        held.load(path)
    stop, losses, kept_back = _stop_asked(), np.zeros((0, 2)), held_out(fonts)
    begun = saved = time.monotonic()
    for pages in _batches(Pages(fonts, screens, batch), held.step, batch, _drawers(device)):
        part = (time.monotonic() - begun) / (60 * minutes)
        rate = rate_at(held.step, part) * (batch / BATCH) ** 0.5
        losses = np.vstack([losses[-CHECK_STEPS:], learn(held, pages, rate)])
        over = part >= 1 or stop.is_set()
        if held.step % 20 == 0:
            _say(f"step {held.step}, {100 * part:.0f} % of the time, loss {losses[-100:].mean(0).round(3)}", "\r")
        if over or time.monotonic() - saved > SAVE_SECONDS:
            held.save(path)
            saved = time.monotonic()
        if (held.step % CHECK_STEPS == 0 or over) and not stop.is_set():
            _log(out / "log.csv", held.step, held.step * batch, losses, checked(held, kept_back))
        if over:
            _say(f"Ended after step {held.step}; the same command goes on from there.")
            return


def _stop_asked() -> threading.Event:
    """Is set by Ctrl-C and by SIGTERM: a step is finished before it is saved."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def pages_from(step: int, batch: int = BATCH) -> range:
    """The pages of this step and of all after it: none that an earlier step had, and none that is held out."""
    return range(step * batch, HELD_OUT)


def _drawers(device: str) -> int:
    """How many processes draw: on a CPU the other core, which the network leaves half of; else all cores but one."""
    return 1 if device == "cpu" else max(1, (os.cpu_count() or 2) - 1)


def _batches(pages: Pages, step: int, batch: int, drawers: int) -> DataLoader[Sample]:
    return DataLoader(
        pages,
        batch,
        sampler=pages_from(step, batch),
        num_workers=drawers,
        prefetch_factor=4,
        pin_memory=drawers > 1,
        multiprocessing_context="spawn",
        worker_init_fn=_deaf,
    )


def _deaf(_worker: int) -> None:
    """A terminal's Ctrl-C reaches the worker too, which has to draw until its trainer has ended its step."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _log(path: Path, step: int, pages: int, losses: npt.NDArray[np.float64], found: tuple[float, float]) -> None:
    row = [step, pages, *losses.mean(0).round(4), *(round(figure, 4) for figure in found)]
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["step", "pages", "heat_loss", "sides_loss", "f1_with_class", "f1_any_class"])
        writer.writerow(row)
    _say(f"step {step}: F1 on held-out pages {found[0]:.3f} with class, {found[1]:.3f} without")


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(f"{text}{end}")
    sys.stderr.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="where the checkpoint and the log are kept")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--screens", type=Path, metavar="FOLDER", help="pages that a browser showed, to see those too")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda where there is a GPU")
    parser.add_argument("--batch", type=int, default=BATCH, help="pages a step")
    given = parser.parse_args()
    try:
        screens = Screens.load(given.screens) if given.screens else None
        fetch_fonts(_say)
        train(given.out, given.minutes, Fonts.load(), screens, device=given.device, batch=given.batch)
    except (FontsMissing, NoScreens) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
