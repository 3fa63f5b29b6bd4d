"""The command line: parse, call, print."""

import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from llmos import __version__, paths, show, show_bench
from llmos.commands import (
    apps,
    backend,
    bench_backend,
    bench_documents,
    bench_engine,
    bench_shell,
    bench_tools,
    bench_web,
    processes,
    state,
    state_folder,
    talk,
)
from llmos.commands.common import as_json, emit, with_engine, with_kernel
from llmos.contracts import Json
from llmos.errors import LlmosError, UsageError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient


class Commands(click.Group):
    """Errors are one sentence; exit codes are 0, 1 (failed) and 2 (usage). Commands are listed as they are written."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LlmosError as error:
            _fail(error)
        except KeyboardInterrupt:
            click.echo("\nstopped", err=True)
            sys.exit(130)
        except BrokenPipeError:
            sys.exit(1)


def _fail(error: LlmosError) -> NoReturn:
    click.echo(f"llmos: {error}", err=True)
    sys.exit(2 if isinstance(error, UsageError) else 1)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="llmos")
@click.option("--plain", is_flag=True, help="The shell in plain lines, as a screen reader and a pipe want it.")
@click.pass_context
def main(context: click.Context, plain: bool) -> None:
    """An operating system whose kernel is a vision-language model.

    Without a command it opens the shell; what is piped in is answered. Or start with `llmos demo`: a hand-drawn page
    becomes a website with a living backend, on this computer, offline.
    """
    if context.invoked_subcommand is None:
        from llmos.shell.start import start

        start(paths.home(), plain=plain)


@main.command()
@click.argument("sketch", required=False, type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="Do it all once, check it over HTTP, print the timings, and end.")
@click.option("--port", default=8420, show_default=True, help="Where the website is served.")
@as_json
def demo(sketch: Path | None, once: bool, port: int, as_json: bool) -> None:
    """The main job: a sketch becomes a website with a living backend."""
    from llmos.demo.run import run_demo

    run_demo(sketch, once=once, port=port, as_json=as_json)


@main.command()
@with_engine
@as_json
@with_kernel
def up(kernel: "KernelClient", as_json: bool) -> None:
    """Start the kernel of this state folder, if it is not running."""
    emit(kernel.get("/status"), as_json, show.status)


@main.command()
@as_json
def down(as_json: bool) -> None:
    """Stop the kernel. What is unfinished continues with the next one."""
    from llmos.http.client import stop

    stopped = stop(paths.home())
    said = "stopped" if stopped else "no kernel was running"
    emit({"stopped": stopped}, as_json, lambda _: click.echo(said))


@main.command()
@as_json
def status(as_json: bool) -> None:
    """Look at the kernel of this state folder, without starting one."""
    from llmos.http.client import running

    kernel = running(paths.home())
    value = kernel.get("/status") if kernel else {"home": str(paths.home()), "running": False}
    emit(value, as_json, show.status)


@main.command()
@click.argument("apps", nargs=-1)
@with_engine
@click.option("--api", is_flag=True, help="Also serve /v1, the API that OpenAI clients speak; so it is without APPS.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Beyond loopback, requests need a token.")
@click.option("--port", default=8420, show_default=True, help="The first app's port; the next apps take the next ones.")
@as_json
@with_kernel
def serve(kernel: "KernelClient", apps: tuple[str, ...], api: bool, host: str, port: int, as_json: bool) -> None:
    """Serve APPS over HTTP until Ctrl-C: their pages, their backends, /events and /health.

    Without APPS, or with --api after them, /v1 is served: models, chat completions and embeddings for any OpenAI
    client; its models are the engine's own and every app that chats.
    """
    apps = (*apps, "/v1") if api or not apps else apps
    sites = [kernel.post("/sites", {"app": app, "host": host, "port": port + i}) for i, app in enumerate(apps)]
    emit(sites, as_json, show.sites)
    sys.stdout.flush()
    try:
        while kernel.get("/status")["sites"]:
            time.sleep(1)
    finally:
        for app in apps:
            kernel.delete(f"/sites/{app.strip('/')}")


for command in (
    *processes.COMMANDS,
    *apps.COMMANDS,
    *backend.COMMANDS,
    *state.COMMANDS,
    *state_folder.COMMANDS,
    talk.talk,
):
    main.add_command(command)


@main.command()
@click.argument("model", required=False)
@click.option("--from", "source", type=click.Path(path_type=Path), help="Take it from this file or folder.")
@as_json
def pull(model: str | None, source: Path | None, as_json: bool) -> None:
    """Fetch MODEL (the default one if none is named) and verify it. Continues where it was interrupted."""
    from rich.console import Console

    from llmos import models

    found = models.find(model) if model else models.default_model()
    with models.show_progress(Console(stderr=as_json)) as progress:
        path = models.pull(found, source=source, progress=progress)
    emit(
        {"model": found.id, "path": str(path)},
        as_json,
        lambda value: click.echo(f"{found.id} is at {value['path']}"),
    )


@main.command(name="models")
@as_json
def list_models(as_json: bool) -> None:
    """List the models llmos knows, and which are here."""
    from llmos import models

    rows = [dataclasses.asdict(row) for row in models.status()]
    emit(rows, as_json, show.models)


@main.command()
@as_json
@with_kernel
def drivers(kernel: "KernelClient", as_json: bool) -> None:
    """List the drivers: what gives the kernel eyes, ears and hands."""
    emit(kernel.get("/drivers"), as_json, show.drivers)


@main.group()
def driver() -> None:
    """Try a driver."""


@driver.command(name="test")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@as_json
@with_kernel
def test_driver(kernel: "KernelClient", name: str, file: Path | None, as_json: bool) -> None:
    """Start driver NAME, list its tools, and let those that take a picture or a recording take FILE."""
    from llmos.http.client import data_url

    tools = kernel.get(f"/drivers/{name}")
    results: dict[str, Json] = {}
    if file is not None:
        given = dict.fromkeys(("image", "audio"), data_url(file))
        for tool in tools:
            taken = given.keys() & tool["schema"].get("properties", {}).keys()
            if taken and taken >= {*tool["schema"].get("required", ())}:
                arguments = {key: given[key] for key in taken}
                results[tool["name"]] = kernel.post(f"/drivers/{tool['name'].replace('.', '/')}", arguments)
    emit({"tools": tools, "results": results}, as_json, show.driver_test)


@main.group()
def bench() -> None:
    """Measure what the documentation claims."""


@bench.command(name="see")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default="see.json", show_default=True, help="The predictions.")
@as_json
def bench_see(folder: Path, out: Path, as_json: bool) -> None:
    """Element F1 of the image driver on FOLDER: pictures with a labels.json, IoU 0.5, averaged over designs."""
    from llmos.bench import run

    emit(run.see(folder, out), as_json, show.seen)


@bench.command(name="sketch")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default="sites", show_default=True, help="Sites and pictures.")
@as_json
def bench_sketch(folder: Path, out: Path, as_json: bool) -> None:
    """Share of the elements sketched in FOLDER that arrive on the site, opened in Chromium."""
    from llmos.bench import run

    emit(run.sketch(folder, out), as_json, show.sketched)


@bench.command(name="speech")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--model", "models", multiple=True, default=("whisper-tiny.en", "whisper-base"), show_default=True)
@as_json
def bench_speech(folder: Path, models: tuple[str, ...], as_json: bool) -> None:
    """Word error rate on FOLDER: recordings with a transcripts.csv; and sentences spoken and heard back."""
    from llmos import show_speech
    from llmos.bench import run

    emit(run.speech(folder, models), as_json, show_speech.speech)


@bench.command(name="crash")
@click.option("--runs", default=200, show_default=True, help="Processes to run; the parts are killed in turn.")
@click.option("--seed", default=1, show_default=True, help="Of the instants.")
@as_json
def bench_crash(runs: int, seed: int, as_json: bool) -> None:
    """Kill kernel, engine and driver at random instants and count what is lost or done twice."""
    from llmos.bench import run

    emit(run.crash(runs, seed), as_json, show.crashed)


bench.add_command(bench_backend.bench_backend)
bench.add_command(bench_shell.bench_shell)
bench.add_command(bench_web.bench_web)
bench.add_command(bench_tools.bench_tools)
bench.add_command(bench_tools.bench_drivers)
bench.add_command(bench_documents.bench_documents)
bench.add_command(bench_engine.bench_engine)


@bench.command(name="math")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Ask only so many of the items, the first ones.")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option("--at-a-time", type=click.IntRange(min=1), default=1, show_default=True, help="Items asked together.")
@click.option("--out", type=click.Path(path_type=Path), default="math.json", show_default=True, help="Every answer.")
@as_json
def bench_math(folder: Path, limit: int | None, model: str | None, at_a_time: int, out: Path, as_json: bool) -> None:
    """Word problems of FOLDER (*.jsonl) by the app compute, which runs code, and by reasoning in words alone."""
    from llmos.bench import run

    emit(run.math(folder, out, limit, model, at_a_time), as_json, show_bench.math)


@bench.command(name="schedule")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option("--engine", default="llamacpp", show_default=True, type=click.Choice(["llamacpp", "transformers"]))
@click.option("--slots", default=8, show_default=True, help="Calls that the engine runs at the same time.")
@click.option("--seed", default=1, show_default=True, help="Of the agents.")
@as_json
def bench_schedule(model: str | None, engine: str, slots: int, seed: int, as_json: bool) -> None:
    """Sixteen agents through llmos and through other ways to schedule them, on the same engine."""
    from llmos.bench import run

    emit(run.schedule(model, slots, seed, engine), as_json, show.scheduled)


@bench.command(name="openai")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option(
    "--tool", default="llm-comply", show_default=True, help="The suite's command, which llmos does not bring."
)
@as_json
def bench_openai(model: str | None, tool: str, as_json: bool) -> None:
    """What llm-comply, a suite by others, says of /v1: its chat and its responses tests."""
    from llmos.bench import run

    emit(run.openai(model, tool), as_json, show.complied)


if __name__ == "__main__":
    main()
