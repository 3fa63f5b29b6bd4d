"""MiniWoB's pages on loopback: an episode begins when its page is opened and tells its reward when it ends."""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

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
  const asked = core.QueryString;
  const tell = (facts) => fetch('/told?' + asked.episode, {method: 'POST', body: JSON.stringify(facts)});
  core.countdownTimer = core.clearTimer = core.updateDisplay = core.canvasClear = core.canvasDrawClick = () => {};
  core.cover_div = document.createElement('div');
  let begun = false;
  core.startEpisode = () => {
    if (begun) { document.body.innerHTML = '<p>The task is over.</p>'; return; }
    begun = true;
    core.createDisplay();
    for (const id of ['reward-display', 'click-canvas']) document.getElementById(id).style.display = 'none';
    Math.seedrandom(Number(asked.seed));
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
class Site:
    """`told` holds what each episode has said so far."""

    address: str
    told: dict[str, dict[str, Json]]

    def url(self, task: str, seed: int, episode: str) -> str:
        asked = urlencode({"seed": seed, "mode": "train", "episode": episode})
        return f"{self.address}/miniwob/{task}.html?{asked}"

    def reward(self, episode: str) -> float | None:
        """What the episode came to; None while it goes on."""
        return self.told.get(episode, {}).get("reward")


@contextmanager
def served(pages: Path) -> Iterator[Site]:
    told: dict[str, dict[str, Json]] = {}
    with served_folder(pages, functools.partial(_Handler, told)) as address:
        yield Site(address, told)


class _Handler(FolderHandler):
    def __init__(self, told: dict[str, dict[str, Json]], *arguments: Json, **options: Json) -> None:
        self._told = told
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/core/core.js":
            super().do_GET()
            return
        script = (Path(self.directory) / "core" / "core.js").read_bytes() + EPISODE.encode()
        self._say(script, "text/javascript")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        self._told.setdefault(self.path.partition("?")[2], {}).update(json.loads(body))
        self._say(b"", "text/plain")

    def _say(self, body: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
