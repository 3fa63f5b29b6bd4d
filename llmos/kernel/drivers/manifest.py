"""`driver.toml`: how a driver is started or reached, what it may use, and what its author knows of its tools."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from string import Template
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from llmos import paths
from llmos.errors import AppError, DriverUnavailable

NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Section):
    """What one driver process may use."""

    memory_mb: int = Field(4096, ge=64, description="Address space of each process of the driver.")
    seconds: float = Field(60, gt=0, description="Time one call may take; waiting for a person does not count.")
    result_mb: int = Field(64, ge=1, description="What the driver may send during one call.")
    sampling_tokens: int = Field(2000, ge=1, description="Tokens it may have the engine write during one call.")


class Sandbox(Section):
    """What a driver's process may reach beside the system's programs and its own scratch folder."""

    enabled: bool = Field(True, description="false runs it without walls.")
    network: bool = Field(False, description="Whether it may open sockets.")
    namespaces: bool = Field(False, description="Whether it may sandbox itself, as browsers do; root's drivers cannot.")
    read: tuple[str, ...] = Field(
        (), description="Files and folders it may read; ~ is the user's home, {models} the folder of models."
    )
    write: tuple[str, ...] = Field((), description="Files and folders it may read and change.")
    granted: bool = Field(
        False, description="Whether it may also use the folders that the calling app was granted, and only these."
    )


class ToolSettings(Section):
    """What the manifest's author knows of a tool and its server does not say."""

    resource: str | None = Field(None, description="The argument that grants are compared with.")
    kind: Literal["host", "path", "text"] = Field("text", description="How that argument is read.")
    also: tuple[str, ...] = Field((), description="Further arguments that a grant must cover where they are given.")
    after: tuple[str, ...] = Field((), description="Tools of which one must have worked before this one is of use.")
    read_only: bool | None = Field(None, description="It changes nothing, so it may be repeated after a crash.")
    idempotent: bool | None = Field(None, description="Calling it twice does what calling it once does.")
    destructive: bool | None = Field(None, description="It always asks a person.")


class DriverManifest(Section):
    """The manifest. {python} is the interpreter that runs llmos, {models} where it keeps models; `url` is HTTP."""

    name: str = Field(pattern=NAME, description="Lower case, digits and dashes; tools are called `name.tool`.")
    summary: str = Field("", description="One sentence for lists.")
    command: tuple[str, ...] = Field(
        (), description="Program and arguments of an MCP server on stdio; {models} is the folder of models."
    )
    url: str = Field("", pattern=r"^(https?://.+)?$", description="An MCP server on Streamable HTTP, instead.")
    env: dict[str, str] = Field(
        {}, description="Its environment; $NAME is taken from the kernel's own, $$ is a dollar sign."
    )
    headers: dict[str, str] = Field({}, description="Sent with each request to `url`; $NAME as in `env`.")
    sampling: bool = Field(False, description="Whether it may ask the kernel's engine to write text.")
    callers: bool = Field(False, description="Whether it is told which app and process calls, and their grants.")
    limits: Limits = Limits()
    sandbox: Sandbox = Sandbox()
    tools: dict[str, ToolSettings] = Field({}, description="Settings by the tool's name.")

    @model_validator(mode="after")
    def _one_way(self) -> DriverManifest:
        if bool(self.command) == bool(self.url):
            raise ValueError("give either command or url")
        return self

    def filled(self, values: dict[str, str]) -> dict[str, str]:
        """`values` with $NAME replaced. Raises DriverUnavailable when the kernel's environment lacks a name."""
        return {key: self._from_environment(value) for key, value in values.items()}

    def _from_environment(self, value: str) -> str:
        try:
            return Template(value).substitute(os.environ)
        except (KeyError, ValueError) as error:
            raise DriverUnavailable(
                f"The driver {self.name} wants {value!r}, which the kernel's environment cannot fill ({error});"
                " set the name and restart the kernel, or write $$ for a dollar sign."
            ) from error


def load_driver(folder: Path) -> DriverManifest:
    """Read `driver.toml`. Raises AppError with what is wrong in it."""
    path = folder / "driver.toml"
    try:
        manifest: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return DriverManifest(**manifest)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise AppError(f"{path} is not a driver manifest: {where}: {first['msg']}.") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{path} is not a driver manifest: {error}.") from error


def shipped_drivers() -> dict[str, DriverManifest]:
    """The manifests of all drivers that ship with llmos, by name."""
    return _load_all(paths.bundle_root() / "drivers")


def known_drivers(home: Path) -> dict[str, DriverManifest]:
    """The shipped drivers and those in the state folder's `drivers/`, which hide shipped ones of the same name."""
    return shipped_drivers() | _load_all(home / "drivers")


def _load_all(root: Path) -> dict[str, DriverManifest]:
    folders = sorted(path.parent for path in root.glob("*/driver.toml"))
    return {manifest.name: manifest for manifest in map(load_driver, folders)}
