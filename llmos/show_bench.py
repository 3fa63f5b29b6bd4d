"""How the results of benchmarks look to a person."""

import click

from llmos.contracts import Json


def backend(told: Json) -> None:
    for part, show in (("spec", spec), ("modes", modes), ("scale", scale), ("load", load), ("crash", crash)):
        if part in told:
            click.echo(f"\n{part}")
            if "not_measured" in told[part]:
                click.echo(f"  not measured: {told[part]['not_measured']}")
            else:
                show(told[part])


def spec(told: Json) -> None:
    how = "interpreted" if told["interpreted"] else f"compiled in {told['compile_seconds']} s (median)"
    click.echo(f"  {told['clean']} of {told['times']} runs clean, {told['steps']} steps each, {how}")
    if not told["interpreted"]:
        click.echo(f"  {told['candidates']} candidates were written")
    for number, run in enumerate(told["runs"], 1):
        for route in run["not_compiled"]:
            click.echo(f"  run {number}: {route} was not compiled")
        for step, why in run["failed"].items():
            click.echo(f"  run {number}: {step}: {why}")


def modes(told: Json) -> None:
    click.echo(f"  {told['model']}; milliseconds; wrong: statuses, bodies, states")
    row = "  {:9} {:12} {:6} {:>6} {:>10} {:>10} {:>7} {:>6} {:>6}  {}"
    click.echo(row.format("APP", "MODE", "LOAD", "CALLS", "P50", "P95", "TOKENS", "AGAIN", "UNREAD", "WRONG"))
    for app, rows in told["apps"].items():
        for mode, figures in rows.items():
            if mode != "not_compiled":
                _mode(row, app, mode, figures)
        for route in rows["not_compiled"]:
            click.echo(f"  {app}: {route} was not compiled")


def _mode(row: str, app: str, mode: str, figures: Json) -> None:
    for load in ("crud", "mixed", "reads", "http"):
        if load in figures:
            of = figures[load]
            wrong = [str(of[name]) for name in ("wrong_statuses", "wrong_bodies", "wrong_states") if name in of]
            counts = [of.get(name, "") for name in ("tokens_a_call", "asked_again", "unread")]
            click.echo(
                row.format(
                    app, mode, load, of["calls"], of["ms"]["p50"], of["ms"]["p95"], *counts, ", ".join(wrong)
                ).rstrip()
            )
    if "lost_updates" in figures:
        lost = figures["lost_updates"]
        click.echo(f"  {app:9} {mode:12} together: {lost['acknowledged']} acknowledged, {lost['lost']} of them lost")


def scale(told: Json) -> None:
    click.echo(f"  {'':6} {'DOCUMENTS':>9} {'P50 MS':>8} {'P95 MS':>8} {'TO THE SMALLEST':>16}")
    for kind in ("write", "read", "page"):
        for size, row in told[kind].items():
            click.echo(f"  {kind:6} {size:>9} {row['p50']:>8} {row['p95']:>8} {row['to_smallest']:>16}")


def load(told: Json) -> None:
    ms = told["ms"]
    click.echo(f"  {told['requests']} requests, {told['concurrency']} at a time: {told['per_second']} a second")
    click.echo(f"  p50 {ms['p50']} ms, p95 {ms['p95']} ms, p99 {ms['p99']} ms; statuses {_counts(told['statuses'])}")
    click.echo(f"  unanswered or 5xx: {told['unanswered_or_5xx']}; answered by the model: {told['answered_by_model']}")
    _money(told)
    click.echo(f"  transfers acknowledged {told['transfers_acknowledged']}, stored {told['transfers_stored']}")


def crash(told: Json) -> None:
    click.echo(f"  killed {told['runs']} times; {told['acknowledged']} transfers acknowledged")
    click.echo(f"  sent again {told['sent_again']} times; refused: {_counts(told['refused']) or 'none'}")
    click.echo(f"  lost {len(told['lost'])}, doubled {len(told['doubled'])}")
    _money(told)
    for problem in told["verify"] or ["verify: everything is as it was written"]:
        click.echo(f"  {problem}")


def _money(told: Json) -> None:
    click.echo(f"  money before {told['money_before']}, after {told['money_after']}")


def _counts(counts: Json) -> str:
    return ", ".join(f"{count} x {name}" for name, count in counts.items())


def math(told: Json) -> None:
    click.echo(f"{told['items']} problems, {told['model']}; every answer is in {told['answers']}")
    row = "{:8} {:>6} {:>9} {:>7} {:>8} {:>9}"
    click.echo(row.format("BY", "RIGHT", "ACCURACY", "TOKENS", "SECONDS", "CODE RAN"))
    for way, of in told["ways"].items():
        figures = (of["right"], of["accuracy"], of["tokens_an_item"], of["seconds_an_item"], of["code_ran"])
        click.echo(row.format(way, *figures))


def engine(told: Json) -> None:
    click.echo(f"{told['shape'] or told['model']}; started in {told['start_seconds']} s")
    row = "  {:>8} {:>10} {:>10} {:>8} {:>14} {:>8}"
    click.echo(row.format("AT ONCE", "TOKENS/S", "BY SCHEMA", "RATIO", "generate()", "RATIO"))
    alone = told.get("plain", {}).get("batches", {})
    for number, free in told["free"].items():
        figures = (free["tokens_a_second"], told["schema"][number]["tokens_a_second"], told["schema_to_free"][number])
        click.echo(row.format(number, *figures, alone.get(number, "-"), told["to_plain"].get(number, "-")))
    for kind in ("text", "picture"):
        if of := told.get(f"first_word_{kind}"):
            click.echo(
                f"  first word of {of['prompt_tokens']} tokens, {kind}: {of['cold_ms']} ms, {of['cached_ms']} cached"
            )
    if "gpu_used_mib" in told:
        click.echo(f"  GPU memory {told['gpu_used_mib']} MiB")


def documents(told: Json) -> None:
    click.echo(f"{told['receipts']} receipts, {told['model']}; every answer is in {told['answers']}")
    click.echo(f"  dates right {told['dates_right']}, totals right {told['totals_right']}, both {told['both_right']}")
    click.echo(f"  both as they are written {told['as_written']}")
    click.echo(f"  {told['seconds']} s each, {told['reading_seconds']} s of it before the model")
    for one in told["wrong"]:
        said, right = one["said"], one["right"]
        click.echo(
            f"  {one['name']}: said {said['date']!r}, {said['total']!r}; is {right['date']!r}, {right['total']!r}"
        )


def web(told: Json) -> None:
    click.echo(f"  {told['model']}, {told['seeds']} seeds, {told['steps']} steps; all of it in {told['out']}")
    row = "  {:10} {:>8} {:>9} {:>6} {:>6} {:>8} {:>6}"
    click.echo(row.format("AGENT", "EPISODES", "SUCCESSES", "RATE", "ENDED", "SECONDS", "STEPS"))
    for agent, figures in told["agents"].items():
        names = ("episodes", "successes", "rate", "ended", "median_seconds", "median_steps")
        click.echo(row.format(agent, *(figures[name] for name in names)))


def shell(told: Json) -> None:
    row = "  {:34} {:>5} {:>7} {:>7} {:>7}"
    click.echo(row.format("KEY TO SCREEN, MS", "KEYS", "P50", "P95", "MAX"))
    streaming = f"{told['rate']} tokens/s stream ({told['received_rate']} came)"
    for name, keys in (
        ("nothing streams", told["idle"]),
        (streaming, told["streaming"]),
        (f"{told['messages']} messages are open", told["long"]),
    ):
        click.echo(row.format(name, keys["keys"], keys["p50_ms"], keys["p95_ms"], keys["max_ms"]))
    click.echo(
        f"  {told['messages']} messages: opened in {told['open_seconds']} s, {told['widgets']} widgets,"
        f" {told['memory_mb']} MB more; the shell has {told['whole_memory_mb']} MB"
    )


def tools(told: Json) -> None:
    row = "  {:17} {:>5} {:>5} {:>6} {:>8} {:>9} {:>6} {:>5}"
    click.echo(f"  chosen by {told['by']}")
    click.echo(row.format("KIND", "ASKED", "RIGHT", "LACKED", "TOO MANY", "PRECISION", "RECALL", "TOOLS"))
    for kind, of in (*told["kinds"].items(), ("all", told["all"])):
        shares = ["" if of[name] is None else of[name] for name in ("precision", "recall")]
        counts = [of[name] for name in ("asked", "right", "lacked", "too_many")]
        click.echo(row.format(kind, *counts, *shares, of["tools_each"]))
    for wrong in told["wrong"]:
        click.echo(f"  {wrong['kind']}: {wrong['text']} -> {', '.join(wrong['offered']) or 'none'}")
    if "answers" in told:
        answers = told["answers"]
        click.echo(f"\n  {answers['model']}: {answers['right']} of {len(answers['asked'])} right")
        for one in answers["asked"]:
            mark, calls = "right" if one["right"] else "WRONG", ", ".join(one["calls"]) or "no call"
            click.echo(
                f"  {mark} {one['seconds']:>6} s  {one['text']} -> {calls}: {' '.join(one['said'].split())[:100]}"
            )


def drivers(told: Json) -> None:
    click.echo(f"  medians of {told['times']} starts; MB of resident memory, with all it has started")
    row = "  {:8} {:>5} {:>8} {:>8} {:>8} {:>8}  {}"
    click.echo(
        row.format("DRIVER", "TOOLS", "LIST S", "CALL S", "IDLE MB", "AFTER MB", "LOADED BEFORE -> AFTER THE CALL")
    )
    for name, of in told["drivers"].items():
        before, after = (", ".join(of[key]) or "nothing" for key in ("loaded_idle", "loaded_after"))
        figures = [of[key] for key in ("list_seconds", "call_seconds", "idle_mb", "after_mb")]
        click.echo(row.format(name, of["tools"], *map(str, figures), of["failed"] or f"{before} -> {after}"))
