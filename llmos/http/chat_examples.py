"""A chat app's examples, asked one after the other, each by a process of its own as `llmos run` would start it.

They are children of the service `examples`, so that `llmos ps` shows what they are and the memory leaves them out.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from llmos.backend.examples import Result
from llmos.contracts import Event
from llmos.errors import EngineError, UsageError
from llmos.http.client import attachment_of
from llmos.http.example_site import ExampleSite, served
from llmos.http.served_folder import HOST
from llmos.kernel.app import App, app_folders
from llmos.kernel.chat_examples import SITE, ChatExample, Outcome, differences, outcome_of
from llmos.kernel.kernel import Kernel
from llmos.kernel.policy import choice_of
from llmos.kernel.scheduler import Priority


def require_installed(kernel: Kernel, app: App) -> None:
    """Raises UsageError when a process called after the app would not run what lies in this folder."""
    here = app.folder.resolve()
    if not any(folder.resolve() == here for folder in app_folders(kernel.home)):
        raise UsageError(
            f"A process can only run an app that is installed; link it first: ln -s {here} {kernel.home / 'apps'}"
        )


async def each_chat_result(kernel: Kernel, app: App, examples: list[ChatExample]) -> AsyncIterator[Result]:
    """Raises EngineError when there is no engine to ask, UsageError when a file to attach is too large."""
    for example in examples:
        outcome = await _ask(kernel, app, example)
        yield Result(example.name, tuple(differences(example.expect, outcome)), outcome.said)


async def _ask(kernel: Kernel, app: App, example: ChatExample) -> Outcome:
    with served(example.site) as site:
        pid = _begin(kernel, app, example, site)
        try:
            async for event in kernel.journal.follow(pid):
                if event.kind == "question.asked":
                    _answer(kernel, event, site)
                elif event.kind in ("process.done", "process.failed", "process.killed"):
                    break
        finally:
            kernel.kill(pid)  # when nobody listens any more; one that has ended stays as it is
    outcome = outcome_of(kernel.journal.events(pid))
    if outcome.error and not await kernel.seat(pid).engine.healthy():
        raise EngineError(outcome.error)
    return replace(outcome, opened=tuple(site.opened)) if site else outcome


def _begin(kernel: Kernel, app: App, example: ChatExample, site: ExampleSite | None) -> int:
    text = example.text.replace(SITE, site.url) if site else example.text
    attachments = [attachment_of(path) for path in example.attached]
    service = kernel.service("examples")
    with kernel.journal.transaction():
        pid = kernel.enroll(app, text, attachments, parent=service, priority=Priority.REQUEST)
    kernel.launch(pid)
    return pid


def _answer(kernel: Kernel, asked: Event, site: ExampleSite | None) -> None:
    """Say no, unless a person was faster or it is about the example's own pages. What takes no no ends the process."""
    if asked.seq not in {question.seq for question in kernel.questions.open()}:
        return
    is_own = site is not None and asked.data["grant"] == f"browser.open:{HOST}"
    choice = choice_of(asked.data["choices"], policy=is_own)
    if choice is None:
        kernel.kill(asked.pid)
    else:
        kernel.answer(asked.seq, choice, by="examples")
