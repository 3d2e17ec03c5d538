"""Commands about requests and those who send them: the list of known organisations."""

from datetime import datetime
from pathlib import Path

import click

from events import known_organisation
from events.commands import event_option, find_event
from events.ground import clock
from events.ground.refusal import Refused
from events.known_organisation import DEFAULT_LIST, Row
from events.product import Product
from registrations.rehearsal import in_the_wifi
from registrations.rehearsal.rehearsal_pages import moment_of


class Moment(click.ParamType[datetime]):
    """A time by a clock at the venue, like 2019-04-15T08:50."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return value if isinstance(value, datetime) else moment_of(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time like 2019-04-15T08:50.", param, ctx)


class Address(click.ParamType[str]):
    """One of this computer's addresses in a network of its own, like 192.168.1.20. Empty where none is asked for."""

    name = "address"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return in_the_wifi.address(str(value)) if value else ""
        except Refused as error:
            self.fail(error.sentence, param, ctx)


@click.group()
def organisations() -> None:
    """Organisations whose address is a signal for whoever decides on a request."""


@organisations.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=DEFAULT_LIST)
@event_option
@click.pass_obj
def load(product: Product, file: Path, slug: str) -> None:
    """Puts a CSV file (domain,kind,treatment) into an event's list; without a file, the list that comes with Muster.

    Domains that are in the list already are changed to what the file says; all others stay.
    """
    try:
        rows = known_organisation.rows_of(file.read_text())
        product.run(lambda: _load(rows, slug), lambda loaded: click.echo(f"{loaded} domains are in the list."))
    except (Refused, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None


async def _load(rows: list[Row], slug: str) -> int:
    event = await find_event(slug)
    if event is None:
        raise Refused("There is no event yet: load one first.")
    return await known_organisation.load(event, rows, by=None, at=clock.now())


commands: list[click.Command] = [organisations]
