"""Who answers what a process asks while its command waits: who sits at the terminal, a policy, or nobody."""

import sys

import click

from llmos import show
from llmos.contracts import Json
from llmos.errors import KernelError
from llmos.kernel.policy import choice_of

yes_or_no = click.option(
    "--yes/--no", "policy", default=None, help="Answer all that it asks with yes, once each, or with no."
)


def decide(event: Json, policy: bool | None) -> str:
    """The choice for a question. Raises KernelError where nobody can make it; the process goes on waiting for one."""
    show.question(event)
    choices = event["data"]["choices"]
    if policy is None and sys.stdin.isatty():
        return str(click.prompt("Your answer", type=click.Choice(choices), err=True))
    choice = None if policy is None else choice_of(choices, policy)
    if choice is None:
        raise KernelError(_unanswered(event, policy))
    click.echo(f"answered: {choice}", err=True)
    return choice


def _unanswered(event: Json, policy: bool | None) -> str:
    pid, number, choices = event["pid"], event["seq"], event["data"]["choices"]
    answered = f"`llmos approve {number} {choices[0]}` ({' or '.join(choices)}) answers it"
    ended = f"`llmos kill {pid}` ends it" + (", or run it again with --yes or --no" if policy is None else "")
    return f"Process {pid} asks, and nobody is here to answer; it waits: {answered}, {ended}."
