"""How `llmos bench speech` looks to a person."""

import click

from llmos.contracts import Json


def speech(report: Json) -> None:
    spoken = report["spoken"]
    click.echo(
        f"spoken: {spoken['sentences']} sentences, {spoken['seconds']} s, {spoken['real_time_factor']} of real time"
    )
    for what, title in (("heard", "recordings"), ("loop", "sentences spoken and heard back")):
        click.echo(f"\n{title}")
        click.echo(f"  {'MODEL':18} {'WER':>7} {'WORD FOR WORD':>14} {'OF REAL TIME':>13}")
        for model, row in report[what].items():
            whole = f"{row['word_for_word']} of {row['recordings']}"
            click.echo(f"  {model:18} {row['word_error_rate']:>7.1%} {whole:>14} {row['real_time_factor']:>13}")
        for model, row in report[what].items():
            for bad in row["worst"]:
                click.echo(f"  {model} {bad['wer']:.2f}\n    said  {bad['text']}\n    heard {bad['heard']}")
