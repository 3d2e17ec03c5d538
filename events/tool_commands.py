"""Commands for whoever works on Muster. The tools are imported only when asked for: the product comes without them."""

import json
import sys
from importlib import import_module

import click

from . import bill_of_materials

WORDS = {"ignore_unknown_options": True}


@click.command("test", context_settings=WORDS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def run_tests(words: tuple[str, ...]) -> None:
    """Tests, quickly; with --all every test that this machine can run; with other words pytest alone on these.

    --slowest says where the time of the run before went.
    """
    sys.exit(import_module("tests.run_all").main(words))


@click.command()
def fmt() -> None:
    """Formats the code and mends what can be mended."""
    sys.exit(import_module("tests.run_all").tidy())


@click.command(context_settings=WORDS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def bench(words: tuple[str, ...]) -> None:
    """Measures speed, as ratios inside one run."""
    sys.exit(import_module("tests.bench.run_all").main(words))


@click.command()
def sbom() -> None:
    """Prints what Muster is made of, as the lock files name it: a bill of materials (CycloneDX, JSON)."""
    click.echo(json.dumps(bill_of_materials.bill(), indent=2))


commands: list[click.Command] = [run_tests, fmt, bench, sbom]
