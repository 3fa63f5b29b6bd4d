"""How results look to a person."""

import json
import textwrap
import time

import click

from llmos.contracts import Json


def status(value: Json) -> None:
    if "engine" not in value:
        click.echo(f"no kernel is running on {value['home']}; `llmos up` starts one")
        return
    engine = value["engine"]
    ready = (
        f"{engine['model']}, {engine['context_tokens']} tokens"
        if engine["healthy"]
        else "not running; it starts with the next request"
    )
    click.echo(f"kernel     {value['version']} on {value['home']}")
    click.echo(f"engine     {ready}")
    click.echo(f"processes  {value['processes']} alive, {value['waiting']} waiting for the engine")
    for site in value["sites"]:
        click.echo(f"site       {site['app']} at {site['url']}")


def sites(sites: Json) -> None:
    for site in sites:
        click.echo(f"{site['app']} is served at {site['url']} (Ctrl-C ends it)")
        if site["token"]:
            click.echo(f"  send: Authorization: Bearer {site['token']}")


def processes(rows: Json) -> None:
    counts = f"{'STEPS':>5} {'CALLS':>5} {'TOKENS':>7} {'SECONDS':>8}"
    click.echo(f"{'PID':>5} {'OF':>5}  {'APP':24} {'STATE':17} {'PRIORITY':11} {counts}")
    for row in rows:
        state = f"{row['state']} ({row['waiting_on']})" if row["waiting_on"] else row["state"]
        priority = ("interactive", "request", "background")[row["priority"]]
        click.echo(
            f"{row['pid']:>5} {row['parent'] or '':>5}  {row['app']:24} {state:17} {priority:11} {row['steps']:>5}"
            f" {row['syscalls']:>5} {row['tokens']:>7} {row['seconds']:>8.1f}  {row['error']}".rstrip()
        )
    if not rows:
        click.echo('nothing was run yet; try: llmos run assistant "What can you do?"')


def questions(rows: Json) -> None:
    for row in rows:
        click.echo(f"{row['seq']:>6}  process {row['pid']} ({row['app']}): {_asked(row)}")
    click.echo("answer with: llmos approve NUMBER CHOICE" if rows else "no process asks anything")


def question(event: Json) -> None:
    """To the standard error, as the answer of the process goes to the standard output."""
    click.echo(f"process {event['pid']}: {_asked(event)}", err=True)


def _asked(event: Json) -> str:
    data = event["data"]
    arguments = json.dumps(data["arguments"], ensure_ascii=True)
    return f"{data['text']}\n        {data['tool']} {arguments}\n        {' | '.join(data['choices'])}"


def found(rows: Json) -> None:
    for row in rows:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["at"]))
        text = "".join(letter if letter.isprintable() else " " for letter in row["text"])
        click.echo(f"{row['seq']:>6}  {when}  process {row['pid']} ({row['app']}), {row['source']}: {text}")
    if not rows:
        click.echo("nothing was found")


def verified(report: Json) -> None:
    counts = ", ".join(f"{report[of]} {of}" for of in ("events", "messages", "blobs", "processes"))
    click.echo(f"looked at {counts}")
    for problem in report["problems"]:
        click.echo(f"  {problem}")
    if not report["problems"]:
        click.echo("everything is as it was written")
    elif report["damaged_pids"]:
        click.echo("to go on with what can be read: llmos down, then llmos verify --salvage")


def salvaged(result: Json) -> None:
    click.echo(f"kept {', '.join(f'{count} {name}' for name, count in result['rows'].items() if count)}")
    lost = ", ".join(f"{low} to {high}" for low, high in result["lost"]) or "none"
    click.echo(f"events lost: {lost}; tables not whole: {', '.join(result['incomplete']) or 'none'}")
    click.echo(f"processes ended for it: {', '.join(map(str, result['failed'])) or 'none'}")
    click.echo(f"the damaged file is {result['damaged']}")


def permissions(rights: Json) -> None:
    for title, of in (
        ("granted by its manifest", "tools"),
        ("asks each time", "ask"),
        ("allowed for always", "always"),
    ):
        click.echo(f"{title + ':':25} {', '.join(rights[of]) or 'nothing'}")


def apps(rows: Json) -> None:
    click.echo(f"{'NAME':24} {'KIND':8} {'VERSION':8} {'FROM':9} WHAT IT IS")
    for row in rows:
        told = f"cannot be loaded: {row['error']}" if row["error"] else row["summary"] or row["title"]
        came = "llmos" if row["shipped"] else "installed"
        click.echo(f"{row['name']:24} {row['kind']:8} {row['version']:8} {came:9} {told}")


def started(value: Json) -> None:
    click.echo(f"{value['app']} lies in {value['folder']}: {', '.join(value['files'])}")
    click.echo("edit these files; then")
    for command in value["next"]:
        click.echo(f"  {command}")


def inferred(value: Json) -> None:
    for route in value["routes"]:
        click.echo(f"route   {route}")
    for sentence in value["report"]:
        click.echo(f"note    {sentence}")
    started(value)


def example(result: Json) -> None:
    click.echo(f"{'passed' if result['passed'] else 'failed'}  {result['name']}")
    for line in result["differences"]:
        click.echo(f"        {line}")
    if not result["passed"] and result["answers"]:
        click.echo(f"        the model said: {result['answers'][-1]}")


def examples(summary: Json) -> None:
    differ = f", {summary['failed']} differ; change the rules or the examples" if summary["failed"] else ""
    click.echo(f"{summary['app']}: {summary['passed']} of {len(summary['examples'])} as expected{differ}")


def value(value: Json) -> None:
    click.echo(f"version {value['version']}")
    click.echo(json.dumps(value["value"], ensure_ascii=False, indent=2))


def commits(commits: Json) -> None:
    for commit in commits:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(commit["at"]))
        click.echo(f"{commit['version']:>5}  {when}  {json.dumps(commit['patch'], ensure_ascii=False)}")
    if not commits:
        click.echo("nothing was committed yet")


def patch(operations: Json) -> None:
    for operation in operations:
        value = json.dumps(operation["value"], ensure_ascii=False) if "value" in operation else ""
        click.echo(f"{operation['op']:8} {operation['path']}  {value}".rstrip())
    if not operations:
        click.echo("nothing is different")


def imported(value: Json) -> None:
    click.echo(
        f"{value['added']} added, {value['changed']} changed, {value['removed']} removed; "
        f"the state is at version {value['version']}"
    )


def branched(value: Json) -> None:
    click.echo(f"{value['app']} is {value['of']} as it was at version {value['at']}; `llmos serve {value['app']}`")


def models(rows: Json) -> None:
    click.echo(f"  {'MODEL':28} {'SIZE':>9}  {'STATE':10} {'LICENCE':11} WHAT IT IS")
    for row in rows:
        model, mark = row["model"], "*" if row["is_default"] else " "
        size = sum(file["bytes"] for file in model["files"]) / 1e6
        click.echo(f"{mark} {model['id']:28} {size:>6.0f} MB  {row['state']:10} {model['licence']:11} {model['title']}")
    click.echo("\n* is the model that the embedded engine runs; `llmos pull MODEL` fetches one")


def drivers(rows: Json) -> None:
    click.echo(f"{'NAME':12} {'STATE':9} {'PID':>7} {'RESTARTS':>8}  {'WALLS':16} WHAT IT IS")
    for row in rows:
        health = row["health"]
        shown = f"{row['name']:12} {health['state']:9} {health['pid'] or '':>7} {health['restarts']:>8}"
        click.echo(f"{shown}  {health['walls']:16} {row['summary']}")
        if health["state"] == "failing":
            click.echo(f"{'':12} it {health['last_error']}")


def driver_test(value: Json) -> None:
    for tool in value["tools"]:
        click.echo(f"{tool['name']:16} {tool['summary'].splitlines()[0] if tool['summary'] else ''}")
    for name, result in value["results"].items():
        click.echo(f"\n{name} answered\n{result.get('text', result) if isinstance(result, dict) else result}")


def seen(report: Json) -> None:
    click.echo(f"{report['pictures']} pictures seen, {len(report['refused'])} refused; {report['predictions']}")
    times = report["seconds"]
    click.echo(f"seconds a picture: {times['p50']} in the middle, at most {times['max']}; the first {times['first']}")
    if "f1_with_class" not in report:
        click.echo("there is no labels.json beside them, so nothing was scored")
        return
    with_class, any_class = report["f1_with_class"], report["f1_any_class"]
    click.echo(
        f"F1 with class {with_class:.3f}, any class {any_class:.3f} (IoU {report['iou']}, {report['designs']} designs)"
    )
    for name, row in report["per_class"].items():
        click.echo(f"  {name:12} {row['f1']:.3f}  labels {row['labels']}  found {row['found']}")
    click.echo(f"  worst designs (F1, design): {report['worst_designs']}")


def sketched(report: Json) -> None:
    click.echo(f"{'SKETCH':14} {'LABELLED':>12} {'SEEN':>12} {'SEE':>6} {'WRITE':>7}  MISSING")
    for row in report["designs"]:
        shares = [f"{row[of]['found']}/{row[of]['of']}" for of in ("labelled", "seen")]
        times = f"{row['see_seconds']:>5.1f}s {row['write_seconds']:>6.1f}s"
        click.echo(
            f"{row['image']:14} {shares[0]:>12} {shares[1]:>12} {times}  {', '.join(row['labelled']['missing'])[:60]}"
        )
    mean = report["mean"]
    click.echo(f"mean           {mean['labelled']:>12.3f} {mean['seen']:>12.3f}")


def crashed(report: Json) -> None:
    killed = ", ".join(f"{part} {count}" for part, count in report["killed"].items())
    click.echo(f"{report['runs']} processes; killed: {killed}; a person was asked {report['asked_a_person']} times")
    for title in ("processes_lost", "writes_lost", "writes_doubled", "verify"):
        click.echo(f"{title.replace('_', ' '):18} {len(report[title])}  {', '.join(report[title])[:200]}".rstrip())


def complied(report: Json) -> None:
    for name, suite in report["suites"].items():
        click.echo(f"{name:16} {suite['passed']} of {suite['tests']} passed, {report['model']}")
        for status in ("failed", "skipped", "warned"):
            for test, words in suite[status].items():
                click.echo(f"  {status:8} {test}: {'; '.join(words)}")


def scheduled(report: Json) -> None:
    click.echo(f"{report['agents']} agents, {report['model']}, {report['slots']} slots")
    columns = (
        f"{'MAKESPAN':>9} {'TIMES A':>8} {'CALLS/S':>8} {'WAIT p50 p90':>14} {'TURNAROUND p50 p90':>19} {'SAME':>5}"
    )
    click.echo(f"{'':28}{columns}")
    for name, row in report["variants"].items():
        waits = "{:.2f} {:.2f}".format(*row["queue_wait_p50_p90"])
        turns = "{:.1f} {:.1f}".format(*row["turnaround_p50_p90"])
        click.echo(
            f"{name:28}{row['makespan']:>8.1f}s {row['times_a']:>8.2f} {row['syscalls_per_second']:>8.2f}"
            f" {waits:>14} {turns:>19} {row['agents_with_the_same_outputs']:>5}"
        )
    interactive = report["interactive"]
    click.echo(f"an interactive call, p90: idle {interactive['idle_p90']:.2f} s", nl=False)
    for name in ("with priorities", "without"):
        busy = interactive[name]
        click.echo(f"; beside long jobs {name} {busy['p90']:.2f} s ({busy['to_idle']} times idle)", nl=False)
    click.echo()


def routes(rows: Json, *, source: bool) -> None:
    for row in rows:
        used = f"{row['hits']} answered, {row['stumbles']} handed back, {row['interpreted']} interpreted"
        if row["shadowed"]:
            used += f", {row['shadowed']} asked of the model too, {row['differed']} with another answer"
        standing = "compiled" if row["running"] else row["standing"]
        click.echo(f"{row['route']:32} {standing:12} {used}")
        if row.get("reason"):
            click.echo(f"    {row['reason']}")
        if evidence := row.get("evidence"):
            click.echo(f"    {_evidence(evidence)}")
        if source and row.get("source"):
            click.echo(textwrap.indent(row["source"], "    | "))
        if source:
            for dispute in row.get("evidence", {}).get("disputes", []):
                _dispute(row["route"], dispute)


def compiled(entry: Json) -> None:
    click.echo(entry["standing"] if entry["standing"] != "live" else f"compiled ({_evidence(entry['evidence'])})")
    if entry["reason"]:
        click.echo(f"    {entry['reason']}")


def settled(value: Json) -> None:
    click.echo(f"wrote {value['example']}")
    compiled(value)


def _evidence(evidence: Json) -> str:
    return (
        f"{evidence['agreed']} of {evidence['written']} candidates agree on {evidence['cases']} made-up requests,"
        f" {evidence['examples']} examples and {evidence['journaled']} earlier answers"
    )


def _dispute(route: str, dispute: Json) -> None:
    asked = dispute["request"]
    click.echo(f"    {asked['method']} {asked['path']} {json.dumps(asked['body'], ensure_ascii=False)}")
    click.echo(f"    with {json.dumps(dispute['state'], ensure_ascii=False)}")
    for number, answer in enumerate(dispute["answers"], 1):
        click.echo(f"    answer {number}: {json.dumps(answer, ensure_ascii=False)}")
    click.echo(f'    Say which is right: llmos backend settle APP "{route}" 1')


def users(rows: Json) -> None:
    for row in rows:
        click.echo(f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(row['created']))}  {row['name']}")
    if not rows:
        click.echo("there are no users; `llmos backend users APP --add NAME` makes one")


def user_added(made: Json) -> None:
    click.echo(f"the token of {made['name']}, which is kept nowhere: {made['token']}")


def user_removed(value: Json) -> None:
    click.echo(f"the token of {value['removed']} opens nothing any more; the documents stay")


def replayed(summary: Json) -> None:
    num_asked = summary["same"] + summary["different"]
    click.echo(
        f"{summary['app']}: {summary['same']} of {num_asked} answered as before, {summary['different']} otherwise"
    )
