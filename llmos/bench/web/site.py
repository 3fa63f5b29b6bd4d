"""MiniWoB's pages on loopback: an episode begins when its page is opened and tells its reward when it ends.

Their addresses are short, as an agent has to write them: MiniWoB's own hold what its pages want to know.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from llmos.contracts import Json
from llmos.errors import UsageError
from llmos.http.served_folder import FolderHandler
from llmos.http.served_folder import served as served_folder

ABSENT = (
    "MiniWoB's pages are not here; get them: pip install --no-deps miniwob (MIT; nothing of it is run but its pages)."
)
MAX_BODY_BYTES = 10_000

# As MiniWoB's own environment does it (seed, mode, begin, reward), but without its clock, its display and its cover.
EPISODE = """
;(() => {
  const told = location.pathname.replace(/\\/*$/, '/told');
  const tell = (facts) => fetch(told, {method: 'POST', body: JSON.stringify(facts)});
  core.setDataMode('train');
  core.countdownTimer = core.clearTimer = core.updateDisplay = core.canvasClear = core.canvasDrawClick = () => {};
  core.cover_div = document.createElement('div');
  let begun = false;
  core.startEpisode = () => {
    if (begun) { document.body.innerHTML = '<p>The task is over.</p>'; return; }
    begun = true;
    core.createDisplay();
    for (const id of ['reward-display', 'click-canvas']) document.getElementById(id).style.display = 'none';
    Math.seedrandom(LLMOS_SEED);
    core.EPISODE_MAX_TIME = 2000000000;  // here, as some pages set a time of their own
    core.startEpisodeReal();
    const asks = core.getUtterance();  // some tasks tell its parts beside it
    tell({utterance: asks.utterance || asks});
  };
  const end = core.endEpisode;
  core.endEpisode = (...told) => {
    const episode = WOB_EPISODE_ID;
    end(...told);
    if (WOB_EPISODE_ID !== episode) tell({reward: WOB_RAW_REWARD_GLOBAL, reason: String(WOB_REWARD_REASON || '')});
  };
})();
"""


def find_pages(folder: Path | None) -> Path:
    """MiniWoB's `html` folder. Raises UsageError with how to get it."""
    if folder is None:
        spec = importlib.util.find_spec("miniwob")
        folder = Path(*(spec.submodule_search_locations or [""])[:1]) / "html" if spec else Path()
    if not (folder / "core" / "core.js").is_file():
        raise UsageError(ABSENT)
    return folder


@dataclass(frozen=True)
class Episode:
    """One task under one seed, once. `told` is what its page has said so far."""

    url: str
    task: str
    seed: int
    told: dict[str, Json] = field(default_factory=dict)

    @property
    def reward(self) -> float | None:
        """What it came to; None while it goes on."""
        return self.told.get("reward")


@dataclass
class Site:
    """The page of an episode lies under its number."""

    address: str = ""
    episodes: list[Episode] = field(default_factory=list)

    def begin(self, task: str, seed: int) -> Episode:
        episode = Episode(f"{self.address}/{len(self.episodes)}", task, seed)
        self.episodes.append(episode)
        return episode


@contextmanager
def served(pages: Path) -> Iterator[Site]:
    site = Site()
    with served_folder(pages, functools.partial(_Handler, site)) as site.address:
        yield site


class _Handler(FolderHandler):
    def __init__(self, site: Site, *arguments: Json, **options: Json) -> None:
        self._site = site
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        folder = Path(self.directory)
        if self.path == "/core/core.js":
            self._say((folder / "core" / "core.js").read_bytes() + EPISODE.encode(), "text/javascript")
        elif asked := re.fullmatch(r"/(\d+)/?", self.path):
            episode = self._site.episodes[int(asked[1])]
            page = (folder / "miniwob" / f"{episode.task}.html").read_text("utf-8")
            seeded = page.replace("<script", f"<script>const LLMOS_SEED = {episode.seed};</script><script", 1)
            self._say(seeded.encode(), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        self._site.episodes[int(self.path.split("/")[1])].told.update(json.loads(body))
        self._say(b"", "text/plain")

    def _say(self, body: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
