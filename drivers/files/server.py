"""The MCP server: files of the folders that are named on the command line, or that the client gives as its roots."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, ListRoots, Resolve
from mcp.types import CallToolResult, ImageContent, ListRootsResult, TextContent, ToolAnnotations
from pydantic import Field

from drivers.files import editing, listing, writing
from drivers.files.changes import Marks
from drivers.files.reading import Converted, Picture, read
from drivers.files.refusal import Refused, told
from drivers.files.roots import Place, Roots
from drivers.files.search import Search

LOOKS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
# what these change is never lost: what was there before lies in the trash
SETS = ToolAnnotations(read_only_hint=False, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
CHANGES = ToolAnnotations(read_only_hint=False, idempotent_hint=False, destructive_hint=False, open_world_hint=False)
INSTRUCTIONS = "Files of the granted folders, and no others. Nothing is ever deleted: restore brings it back."


def granted(ctx: Context) -> ListRoots | ListRootsResult:
    """With each call the client says which folders this very call may use."""
    has_roots = ctx.client_capabilities is not None and ctx.client_capabilities.roots is not None
    return ListRoots() if has_roots else ListRootsResult(roots=[])


Granted = Annotated[ListRootsResult, Resolve(granted)]
Folder = Annotated[str, Field(description="A folder; the granted one when left out.")]
Name = Annotated[str, Field(description="Path of a file in the granted folder.")]
Either = Annotated[str, Field(description="Path of a file or folder in the granted one.")]
Page = Annotated[int, Field(ge=1, description="Which page of a long answer.")]
Line = Annotated[int, Field(ge=1, description="The first line to show.")]
Raw = Annotated[bool, Field(description="Show the source of a web page or a CSV file.")]
Pattern = Annotated[str, Field(description="Words or a regular expression; empty lists files by name.")]
Glob = Annotated[str, Field(description="Which files, such as *.md or drafts/**/*.txt.")]
Old = Annotated[str, Field(description="Text that is in the file exactly once.")]
Since = Annotated[str, Field(description="The mark that the last call gave.")]


class Files:
    """The tools. `folders` are the grant when there are any, whatever the client says."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = folders
        self._converted = Converted()
        self._marks = Marks()
        self._changing = Lock()

    def list(self, path: Folder = "", page: Page = 1, *, roots: Granted) -> CallToolResult:
        """What is in a folder."""
        own = self._roots(roots)
        if len(own.paths) > 1 and not path:
            return _answer(lambda: listing.list_roots(own))
        return _answer(lambda: listing.list_folder(own.place(path), page))

    def read(self, path: Name, line: Line = 1, raw: Raw = False, *, roots: Granted) -> CallToolResult:
        """Show a file: text from a line on; a PDF, DOCX, XLSX, HTML or CSV file as Markdown; a picture."""
        return _answer(lambda: read(self._place(roots, path), line, raw=raw, converted=self._converted))

    def search(
        self, pattern: Pattern = "", path: Folder = "", glob: Glob = "", page: Page = 1, *, roots: Granted
    ) -> CallToolResult:
        """Find lines in the text files of a folder, or files by name."""
        return _answer(lambda: Search(pattern, glob).page(self._place(roots, path), page))

    def changes(self, path: Folder = "", since: Since = "", *, roots: Granted) -> CallToolResult:
        """Which files of a folder are new, changed or gone since an earlier call."""
        return _answer(lambda: self._marks.changes(self._place(roots, path), since))

    def write(self, path: Name, text: str, *, roots: Granted) -> CallToolResult:
        """Make a file, or replace what it says."""
        return self._change(lambda: writing.write(self._place(roots, path), text))

    def edit(self, path: Name, old: Old, new: str, *, roots: Granted) -> CallToolResult:
        """Replace a text in a file by another."""
        return self._change(lambda: editing.edit(self._place(roots, path), old, new))

    def move(self, path: Either, to: Either, *, roots: Granted) -> CallToolResult:
        """Move or rename a file or folder."""
        return self._change(lambda: writing.move(self._place(roots, path), self._place(roots, to)))

    def trash(self, path: Either, *, roots: Granted) -> CallToolResult:
        """Put a file or folder into the trash."""
        return self._change(lambda: writing.trash(self._place(roots, path)))

    def restore(self, path: Either, *, roots: Granted) -> CallToolResult:
        """Bring back what was trashed, or what a file said before its last change."""
        return self._change(lambda: writing.restore(self._place(roots, path)))

    def _change(self, change: Callable[[], str]) -> CallToolResult:
        """One change at a time."""
        with self._changing:
            return _answer(change)

    def _place(self, roots: ListRootsResult, path: str) -> Place:
        return self._roots(roots).place(path)

    def _roots(self, listed: ListRootsResult) -> Roots:
        return Roots(self._folders) if self._folders else Roots.of_uris(str(root.uri) for root in listed.roots)


def make_server(folders: Sequence[Path] = ()) -> MCPServer[None]:
    server: MCPServer[None] = MCPServer("files", instructions=INSTRUCTIONS)
    files = Files(folders)
    kinds: tuple[tuple[ToolAnnotations, tuple[Callable[..., CallToolResult], ...]], ...] = (
        (LOOKS, (files.list, files.read, files.search, files.changes)),
        (SETS, (files.write,)),
        (CHANGES, (files.edit, files.move, files.trash, files.restore)),
    )
    for kind, tools in kinds:
        for tool in tools:
            server.add_tool(tool, annotations=kind, structured_output=False)
    return server


def _answer(work: Callable[[], str | Picture]) -> CallToolResult:
    try:
        said = work()
    except Refused as error:
        return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
    except OSError as error:
        return CallToolResult(content=[TextContent(type="text", text=told(error, "The file"))], is_error=True)
    if isinstance(said, str):
        return CallToolResult(content=[TextContent(type="text", text=said)])
    data = base64.b64encode(said.data).decode()
    return CallToolResult(content=[ImageContent(type="image", data=data, mime_type=said.media_type)])
