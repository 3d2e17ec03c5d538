"""Organisers print badges: of those whom they choose, as a file of true size; and one person's again.

Rules: EV-02, SE-12.
"""

from typing import Any

import wtforms
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from wtforms.validators import ValidationError

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May, names_of
from events.ground import clock
from events.web.forms import Choice, Form, Several, Text
from events.web.pdf import CONTENT_TYPE
from events.web.routing import page, read
from registrations.badges import one_badge, printing
from registrations.badges.badge import Badge
from registrations.badges.badge_pdf import A_FILE, FILE_NAME, ZIP_NAME, badges_pdf, badges_zip
from registrations.badges.heading import Heading, heading_of
from registrations.badges.last_paper import Layout, last_layout, last_paper
from registrations.badges.papers import OF_ONE, Paper, PaperName
from registrations.badges.printing import Counted, Order, Wanted, Which
from registrations.desk.desk_pages import ORGANISER, show
from registrations.desk.person_pages import look_at, person_of
from registrations.people.registration import OrganisationKind

AGAIN = STEPPED_UP(May.ORGANISE)
ONE_LETTER = "Enter one letter from A to Z"
WHICH = {
    Which.ALL: "All who have a ticket",
    Which.NEW: "Those that were not printed yet",
    Which.CHANGED: "Those that have changed since they were printed",
    Which.LETTERS: "Surnames that begin with certain letters",
    Which.OTHER_LETTERS: "Surnames that begin with no letter from A to Z",
    Which.KIND: "One kind of organisation",
}
ORDERS = {Order.SURNAME: "By surname", Order.ORGANISATION: "By organisation"}


class PaperForm(Form):
    paper = Choice("Paper", [(name.value, name.words) for name in OF_ONE], missing="Select the paper")


class KindIfAsked(Choice):
    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if form["which"].data == Which.KIND:
            super().pre_validate(form)


class BadgesForm(Form):
    which = Choice(
        "Whose badges?", [(which.value, words) for which, words in WHICH.items()], missing="Select whose badges"
    )
    first = Text("From letter", longest=1, spellcheck=False, hint="For surnames that begin with certain letters")
    last = Text("To letter", longest=1, spellcheck=False)
    kind = KindIfAsked(
        "Which kind of organisation?",
        [(kind.value, kind.value.capitalize()) for kind in OrganisationKind],
        missing="Select a kind of organisation",
    )
    order = Choice("Order", [(order.value, words) for order, words in ORDERS.items()], missing="Select the order")
    paper = Choice("Paper", [(name.value, name.words) for name in PaperName], missing="Select the paper")
    sides = Several("Sides", [("both", "The same badge on the back")])
    above = Several("Small, above the name", [("title", "The title of the event"), ("logos", "The logos of the hosts")])

    def validate_first(self, field: wtforms.Field) -> None:
        self._letter(field)

    def validate_last(self, field: wtforms.Field) -> None:
        self._letter(field)
        if str(self.last.data).lower() < str(self.first.data).lower() and self.which.data == Which.LETTERS:
            raise ValidationError("Enter a letter that is not before the first")

    def _letter(self, field: wtforms.Field) -> None:
        typed = str(field.data or "").lower()
        if self.which.data == Which.LETTERS and not (len(typed) == 1 and "a" <= typed <= "z"):
            raise ValidationError(ONE_LETTER)

    @property
    def layout(self) -> Layout:
        return Layout(bool(self.sides.data), "title" in self.above.data, "logos" in self.above.data)

    @property
    def wanted(self) -> Wanted:
        first, last = (str(letter.data or "").lower() for letter in (self.first, self.last))
        kind = OrganisationKind(self.kind.data) if self.which.data == Which.KIND else None
        return Wanted(Which(self.which.data), Order(self.order.data), first or "a", last or "z", kind)


async def badges(request: Request) -> Response:
    event = request.state.event
    found = await printing.counted(event)
    which = Which.NEW if 0 < found.new < found.guests else Which.ALL
    paper, layout = await last_paper(event, [*PaperName]), await last_layout(event)
    above = [name for name, is_on in (("title", layout.title), ("logos", layout.logos)) if is_on]
    preset = {"which": which, "order": Order.SURNAME, "paper": paper, "above": above}
    preset |= {"sides": ["both"] if layout.both_sides else []}
    return await _shown(request, BadgesForm(data=preset), found)


async def print_them(request: Request) -> Response:
    form = await read(request, BadgesForm)
    if form.errors:
        return await _shown(request, form, await printing.counted(request.state.event), 422)
    paper, by = PaperName(form.paper.data), request.state.staff
    event, layout = request.state.event, form.layout
    printed = await printing.print_badges(event, form.wanted, paper, by, clock.now(), layout)
    return await _file(printed.badges, paper.paper, await heading_of(event, layout), both_sides=layout.both_sides)


async def _shown(request: Request, form: BadgesForm, found: Counted, status: int = 200) -> Response:
    return await show(request, "desk/badges/badges.html", status, form=form, found=found, a_file=A_FILE)


async def _file(badges: list[Badge], paper: Paper, heading: Heading, *, both_sides: bool) -> Response:
    if len(badges) > A_FILE:
        headers = {"content-disposition": f'attachment; filename="{ZIP_NAME}"', "cache-control": "no-store"}
        sent = badges_zip(badges, paper, both_sides=both_sides, heading=heading)
        return StreamingResponse(sent, media_type="application/zip", headers=headers)
    return as_file(await badges_pdf(badges, paper, both_sides=both_sides, heading=heading), "attachment")


def as_file(made: bytes, how: str) -> Response:
    headers = {"content-disposition": f'{how}; filename="{FILE_NAME}"'}
    return Response(made, media_type=CONTENT_TYPE, headers=headers)


async def one(request: Request) -> Response:
    return await _one_shown(request, PaperForm(data={"paper": await last_paper(request.state.event, OF_ONE)}))


async def print_one(request: Request) -> Response:
    found = await person_of(request)
    form = await read(request, PaperForm)
    if form.errors:
        return await _one_shown(request, form, 422)
    paper = PaperName(form.paper.data)
    event = request.state.event
    badge = await one_badge.print_again(event, found, paper, request.state.staff, clock.now())
    heading = await heading_of(event, await last_layout(event))
    return as_file(await badges_pdf([badge], paper.paper, heading=heading), "attachment")


async def _one_shown(request: Request, form: PaperForm, status: int = 200) -> Response:
    found = await person_of(request)
    standing = await one_badge.standing(request.state.event, found)
    await look_at(request, found)
    by = await names_of([standing.last.printed_by]) if standing.last else {}
    facts: dict[str, Any] = {"person": found, "standing": standing, "printed_by": by}
    return await show(request, "desk/badges/one.html", status, form=form, **facts)


routes = [
    page("/desk/{event}/badges", badges, who=ORGANISER),
    page("/desk/{event}/badges", print_them, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/badges/people/{id:int}", one, who=ORGANISER),
    page("/desk/{event}/badges/people/{id:int}", print_one, who=AGAIN, methods=["POST"]),
]
