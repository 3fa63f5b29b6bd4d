"""An app is a folder of text: a manifest, a prompt, a state schema, examples, perhaps a web front end."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from llmos import paths
from llmos.contracts import Json
from llmos.errors import AppError

ORIGIN = r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?"
NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def first_problem(error: ValidationError) -> str:
    """Where the first thing that is wrong stands, and what is wrong with it."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    said = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said


class ModelSettings(Section):
    """Which engine is asked, and how."""

    name: str = Field("", description="A model of the catalog (`llmos models`); the system's own when empty.")
    max_tokens: int = Field(1024, ge=1, description="Tokens one answer may have.")
    temperature: float = Field(0.0, ge=0, le=2, description="0 is greedy: the same answer every time.")
    remind: bool = Field(
        False,
        description="Whether a task is said again with each result, to be gone on with; for small models.",
    )
    eyes: str = Field(
        "image.see",
        pattern=r"^[a-z0-9-]+\.\w+$",
        description="The tool that tells pictures to a model that cannot see: image.read_document for documents.",
    )


class Budget(Section):
    """What one answer of a process may cost before it is stopped."""

    steps: int = Field(8, ge=1, description="Calls of the engine.")
    tokens: int = Field(20_000, ge=1, description="Tokens generated over all steps, those of its children included.")
    syscalls: int = Field(32, ge=0, description="Calls of tools.")
    seconds: float = Field(300, gt=0, description="Time at work; waiting for a person does not count.")


class Capabilities(Section):
    """What the app may reach. Everything else is denied."""

    tools: tuple[str, ...] = Field(
        (), description="Tools its processes may call: driver.tool, or driver.tool:RESOURCE for one host, path or app."
    )
    ask: tuple[str, ...] = Field((), description="Tools they may call when a person agrees, written the same way.")
    first: bool = Field(False, description="Whether nothing is answered before a call has worked; for small models.")
    choose: int = Field(
        0, ge=0, description="Of how many tasks (`examples/`) a message is offered the tools; 0 offers all, always."
    )


class InvariantSettings(Section):
    """What holds whatever is committed (backends)."""

    always: tuple[str, ...] = Field((), description="Comparisons for each document, such as `products.stock >= 0`.")
    constant: dict[str, tuple[str, ...]] = Field(
        {}, description="Sums that stay, such as `sum(accounts.balance)`, each with the routes that may change it."
    )


class LookupSettings(Section):
    """What a rule needs to know from a driver before it is answered (backends)."""

    route: str = Field(description="The rule that needs it, such as `POST /games/{id}/moves`.")
    tool: str = Field(description="A tool that changes nothing, granted under [capabilities] tools.")
    arguments: dict[str, str] = Field({}, description="Where each lies: a pointer into the request or the state.")


def _origin(text: str) -> str:
    """An origin as browsers write it."""
    if text != "*" and not re.fullmatch(ORIGIN, text):
        raise ValueError(f'{text!r} is not an origin; write it like https://example.com, without a path, or "*"')
    if (text.startswith("http:") and text.endswith(":80")) or (text.startswith("https:") and text.endswith(":443")):
        raise ValueError(f"browsers leave the port out of {text!r}; leave it out as well")
    return text


class HttpSettings(Section):
    """How a backend meets its clients."""

    cors: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        (), description='Origins whose pages may use the backend from their own site; "*" is any.'
    )
    compile: bool = Field(True, description="Whether routes that are asked for again are compiled in the background.")
    shadow_per_hour: int = Field(
        2, ge=0, le=3600, description="Answers of compiled routes that the idle model is asked for as well; 0 is none."
    )
    users: bool = Field(False, description="Whether the rules answer only users, each of whom has a token.")
    requests_per_minute: int = Field(
        0, ge=0, description="Requests of one client that the rules answer; 0 is no limit."
    )
    max_file_bytes: int = Field(10 * 2**20, ge=1, description="Bytes of one file that is sent.")
    max_upload_bytes: int = Field(32 * 2**20, ge=1, description="Bytes of a request that brings files.")
    page_size: int = Field(0, ge=0, description="Items of a list that are answered when `limit` is not; 0 is all.")
    max_page_size: int = Field(1000, ge=0, description="Items that `limit` may ask for; 0 leaves lists whole.")


class Manifest(Section):
    """`app.toml`."""

    name: str = Field(pattern=NAME, description="The folder's name: lower case, digits and dashes.")
    title: str = Field(min_length=1, max_length=80, description="What people see.")
    kind: Literal["chat", "page", "backend"] = Field(
        description="chat answers with text; page with a website; backend answers HTTP requests."
    )
    summary: str = Field("", max_length=300, description="One sentence for lists.")
    version: str = Field("0.1.0", description="The app's own version.")
    model: ModelSettings = ModelSettings()
    budget: Budget = Budget()
    capabilities: Capabilities = Capabilities()
    invariants: InvariantSettings = InvariantSettings()
    lookups: dict[str, LookupSettings] = {}
    http: HttpSettings = HttpSettings()


class App(Manifest):
    """A manifest with the texts beside it. `folder` holds `web/` and `examples/` where there are any."""

    folder: Path
    prompt: str
    state_schema: dict[str, Json]
    answer_schema: dict[str, Json] | None = None

    @property
    def web(self) -> Path:
        return self.folder / "web"


def load_app(folder: Path) -> App:
    """Read and check an app folder. Raises AppError with the file and what is wrong in it."""
    manifest = _manifest(folder)
    if manifest.get("name") != folder.name:
        raise AppError(f'{folder / "app.toml"} must say name = "{folder.name}", as its folder is called.')
    try:
        texts = {"prompt": _prompt(folder), "state_schema": _schema(folder), "answer_schema": _answer_schema(folder)}
        return App(folder=folder, **texts, **manifest)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AppError(f"{folder / 'app.toml'}: {where}: {first['msg']}.") from error


def app_folders(home: Path) -> Iterator[Path]:
    """Every app folder: installed ones first, then those that ship with llmos and are not shadowed."""
    seen: set[str] = set()
    for root in (home / "apps", paths.bundle_root() / "apps"):
        for manifest in sorted(root.glob("*/app.toml")):
            if manifest.parent.name not in seen:
                seen.add(manifest.parent.name)
                yield manifest.parent


def find_app(home: Path, name: str) -> App:
    """Load the app called `name`, installed or shipped. Raises AppError naming what there is."""
    folders = {folder.name: folder for folder in app_folders(home)}
    if name not in folders:
        raise AppError(f"There is no app called {name!r}; there are: {', '.join(folders) or 'none'}.")
    return load_app(folders[name])


def install_folder(home: Path, source: Path, name: str) -> Path:
    """Put a finished app folder at its place in one rename, replacing what was there."""
    target = home / "apps" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    retired = target.with_name(f".{name}.old")
    shutil.rmtree(retired, ignore_errors=True)
    if target.exists():
        target.rename(retired)
    source.rename(target)
    shutil.rmtree(retired, ignore_errors=True)
    return target


def _manifest(folder: Path) -> dict[str, Json]:
    try:
        return tomllib.loads((folder / "app.toml").read_text("utf-8"))
    except FileNotFoundError as error:
        raise AppError(f"{folder} is not an app: it has no app.toml.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{folder / 'app.toml'} is not valid TOML: {error}.") from error


def _prompt(folder: Path) -> str:
    try:
        return (folder / "prompt.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"{folder / 'prompt.md'} cannot be read: write the app's instructions there.") from error


def _schema(folder: Path) -> dict[str, Json]:
    path = folder / "schema.json"
    return _object_schema(path) if path.exists() else {"type": "object", "properties": {}}


def _answer_schema(folder: Path) -> dict[str, Json] | None:
    path = folder / "answer.json"
    return _object_schema(path) if path.exists() else None


def _object_schema(path: Path) -> dict[str, Json]:
    try:
        schema = json.loads(path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
    except (ValueError, SchemaError) as error:
        raise AppError(f"{path} is not a JSON Schema: {str(error).splitlines()[0]}.") from error
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise AppError(f'{path} must describe an object: {{"type": "object", "properties": ...}}.')
    return schema
