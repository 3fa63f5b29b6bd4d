"""The handwriting and the plain fonts that drawn pages are written in. They are fetched, never shipped."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

FOLDER = Path("~/.cache/llmos/eye-fonts")
VERSION = "5.3.0"
SECONDS_PER_FAMILY = 60
# Kept for each face; long runs would otherwise fill the memory with words in every size.
WORDS_KEPT = 2500
SIZES_KEPT = 40
_FAMILIES = """
amatic-sc architects-daughter caveat cedarville-cursive coming-soon covered-by-your-grace
gloria-hallelujah gochi-hand handlee homemade-apple indie-flower just-another-hand kalam neucha
nothing-you-could-do pangolin patrick-hand permanent-marker reenie-beanie rock-salt
shadows-into-light
"""
HANDS = tuple(_FAMILIES.split())
PLAIN = ("inter", "lato", "open-sans")
SUBSETS = ("latin", "cyrillic")


class FontsMissing(Exception):
    """The message is one sentence that says what to do next."""


@dataclass(frozen=True)
class Word:
    """`ink` is 0 to 255; its top left corner lies at `left`, `top` from the pen's place on the baseline."""

    ink: npt.NDArray[np.uint8]
    left: int
    top: int
    advance: float


@dataclass
class Face:
    """One hand. `latin` and `cyrillic` are font files; with no file it is Pillow's own font."""

    latin: Path | None = None
    cyrillic: Path | None = None
    _fonts: dict[tuple[Path | None, int], ImageFont.FreeTypeFont] = field(default_factory=dict)
    _words: dict[tuple[str, int], Word] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Face], tuple[Path | None, Path | None]]:
        """A process that is handed a face draws its own words: those kept here would hold up its start."""
        return Face, (self.latin, self.cyrillic)

    def word(self, text: str, height: int) -> Word:
        """`text` without spaces, its capitals `height` pixels high."""
        key = (text, height)
        if key not in self._words:
            if len(self._words) >= WORDS_KEPT:
                self._words.clear()
            self._words[key] = self._drawn(text, height)
        return self._words[key]

    def _drawn(self, text: str, height: int) -> Word:
        path = self.cyrillic if self.cyrillic and any("\u0400" <= letter <= "\u04ff" for letter in text) else self.latin
        font = self._font(path, height)
        left, top, right, bottom = (round(side) for side in font.getbbox(text, anchor="ls"))
        picture = Image.new("L", (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=font, anchor="ls")
        return Word(np.asarray(picture), left, top, font.getlength(text))

    def _font(self, path: Path | None, height: int) -> ImageFont.FreeTypeFont:
        key = (path, height)
        if key not in self._fonts:
            if len(self._fonts) >= SIZES_KEPT:
                self._fonts.clear()
            letters = "\u041d\u041f" if path and path == self.cyrillic else "HN"
            probe = _opened(path, 100).getbbox(letters, anchor="ls")
            self._fonts[key] = _opened(path, max(6, height * 100 / max(30, -probe[1])))
        return self._fonts[key]


def _opened(path: Path | None, size: float) -> ImageFont.FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


@dataclass(frozen=True)
class Fonts:
    hands: list[Face]
    plain: list[Face]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Fonts:
        """What `fetch_fonts` put into `folder`. Raises FontsMissing when it holds none."""
        folder = folder.expanduser()
        hands, plain = _faces(folder, HANDS), _faces(folder, PLAIN)
        if not hands or not plain:
            raise FontsMissing(f"There are no fonts in {folder}; fetch them first with fetch_fonts.")
        return cls(hands, plain)

    @classmethod
    def fallback(cls) -> Fonts:
        """Pillow's own font for everything: enough to try the generator, not to train on."""
        return cls([Face()], [Face()])


def _faces(folder: Path, families: Iterable[str]) -> list[Face]:
    faces = []
    for family in families:
        latin, cyrillic = (folder / f"{family}-{subset}.woff" for subset in SUBSETS)
        if latin.exists():
            faces.append(Face(latin, cyrillic if cyrillic.exists() else None))
    return faces


def fetch_fonts(say: Callable[[str], None], folder: Path = FOLDER) -> None:
    """Fetches the families that `folder` lacks. Raises FontsMissing when npm is missing or does not answer."""
    folder = folder.expanduser()
    missing = [family for family in (*HANDS, *PLAIN) if not (folder / f"{family}-latin.woff").exists()]
    if not missing:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FontsMissing("The fonts come by npm, which is not installed; install Node.js and try again.")
    folder.mkdir(parents=True, exist_ok=True)
    for number, family in enumerate(missing, 1):
        say(f"{family} ({number} of {len(missing)})")
        _fetch(npm, family, folder)


def _fetch(npm: str, family: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as room:
        command = [npm, "pack", f"@fontsource/{family}@{VERSION}", "--silent", "--pack-destination", room]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS_PER_FAMILY)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as trouble:
            raise FontsMissing(f"npm could not fetch the font {family}; check the network and try again.") from trouble
        with tarfile.open(next(Path(room).glob("*.tgz"))) as package:
            _keep(package, family, folder)


def _keep(package: tarfile.TarFile, family: str, folder: Path) -> None:
    names = set(package.getnames())
    # The Latin file goes last: that it is there says that the family is whole.
    for subset in reversed(SUBSETS):
        inside = f"package/files/{family}-{subset}-400-normal.woff"
        if inside in names:
            content = package.extractfile(inside)
            assert content is not None
            (folder / f"{family}-{subset}.woff").write_bytes(content.read())
