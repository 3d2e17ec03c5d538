"""Invitations at the desk: made for a partner, shown with who used them, and ended."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.accounts import reading
from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May, Staff
from events.event import event_with
from events.ground import clock, wording
from events.ground.refusal import Refused
from events.known_organisation import ascii_domain
from events.web.forms import EMAIL_WRONG, Choice, Day, Form, Text, Whole, normal_email
from events.web.routing import page, read, redirect
from registrations.asking import inviting
from registrations.asking.inviting import MOST_PLACES, NotSoMany, Wanted
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.people.invitation import Invitation

AGAIN = STEPPED_UP(May.ORGANISE)
HERE = ("people", "invitations")
SAID = {
    "made": "The invitation is made. Send its link or its code to the partner.",
    "ended": "The invitation has ended.",
}
SKIPS = [("no", "No, they wait for a decision like everybody"), ("yes", "Yes, they have a place at once")]

KEEPS = [("no", "No, keep none"), ("yes", "Yes, as many as can use it")]


class OnlyFor(Text):
    """One address, or a domain."""

    def check(self) -> None:
        typed = self.data or ""
        wrong = inviting.wrong_domain(self.normal) if "@" not in typed else "" if self.normal else EMAIL_WRONG
        if wrong:
            raise StopValidation(wrong)

    @property
    def normal(self) -> str:
        typed = self.data or ""
        return (normal_email(typed) or "") if "@" in typed else ascii_domain(typed)


class InvitationForm(Form):
    partner = Text(
        "Who is it for?", missing="Enter who it is for", longest=100, spellcheck=False,
        hint="A name by which you know it again. Whoever gets the code does not see it",
    )  # fmt: skip
    only_for = OnlyFor(
        "Domain, or one whole email address",
        missing="Enter the domain of their addresses, or one whole address",
        longest=254,
        hint="Like example.org. It works for addresses at exactly this domain",
        spellcheck=False,
    )
    places = Whole(
        "How many people can use it?", missing="Enter how many people can use it", least=1, most=MOST_PLACES,
        hint="Somebody who gives up their place does not give it another use",
    )  # fmt: skip
    last_day = Day(
        "Last day", missing="Enter the last day on which it works", hint="They have to confirm their address by then"
    )
    skips = Choice(
        "Do they have a place without a decision?", SKIPS, missing="Select whether they have a place at once",
        hint="While there are places; afterwards they are put on the waiting list. All leads are told of it",
    )  # fmt: skip

    keeps = Choice(
        "Do you keep these places free for them?", KEEPS, missing="Select whether places are kept",
        hint="Until the last day, or until you end the invitation. Nobody else gets them until then",
    )  # fmt: skip

    def validate_keeps(self, keeps: Choice) -> None:
        if keeps.data == "yes" and self.skips.data == "no":
            raise StopValidation(inviting.KEPT_AT_ONCE)

    def validate_places(self, places: Whole) -> None:
        if "@" in self.only_for.normal and places.number != 1:
            raise StopValidation(inviting.ONE_ADDRESS)

    def wanted(self) -> Wanted | None:
        """None while something is wrong with what was entered."""
        day = self.last_day.day
        if self.errors or day is None:
            return None
        partner, skips = self.partner.data or "", self.skips.data == "yes"
        return Wanted(partner, self.only_for.normal, self.places.number, day, skips, self.keeps.data == "yes")


async def invitations(request: Request) -> Response:
    found, at = await inviting.all_of(request.state.event), clock.now()
    rows = [(invitation, invitation.terms, invitation.standing(at)) for invitation in found]
    is_over = request.state.event.is_over(at)
    return await show(request, "desk/invitations.html", rows=rows, is_over=is_over)


async def make(request: Request) -> Response:
    if request.state.event.is_over(clock.now()):
        raise Refused(wording.IS_OVER)
    if request.method == "GET":
        return await show(request, "desk/invitation_make.html", form=InvitationForm())
    form, event, at = await read(request, InvitationForm), request.state.event, clock.now()
    wanted = form.wanted()
    if wanted and (wrong := inviting.wrong_day(event, wanted.last_day, at)):
        form.last_day.errors = [wrong]
    if wanted is None or form.errors:
        return await show(request, "desk/invitation_make.html", 422, form=form)
    try:
        made = await inviting.make(event, wanted, request.state.staff, at)
    except NotSoMany:
        form.places.errors = [f"{inviting.TOO_FEW}: {(await event_with(event.id)).places_left} are"]
        return await show(request, "desk/invitation_make.html", 422, form=form)
    return redirect(f"{path_of(request, *HERE, made.id)}?said=made")


async def invitation(request: Request) -> Response:
    """With the code, for as long as it works, and with who used it."""
    found, at = await _found(request), clock.now()
    people = await inviting.used_by(found)
    await reading.listed(
        request.state.event, "used an invitation", [person.id for person in people],
        by=request.state.staff, at=at, real=clock.real(), filters={"invitation": found.id},
    )  # fmt: skip
    facts: dict[str, Any] = {"invitation": found, "terms": found.terms, "standing": found.standing(at)}
    facts |= {"people": people, "maker": await Staff.get(id=found.made_by_id)}
    facts["said"] = banner_of(request, SAID)
    return await show(request, "desk/invitation.html", **facts)


async def end(request: Request) -> Response:
    found = await _found(request)
    await inviting.end(found, request.state.staff, clock.now())
    return redirect(f"{path_of(request, *HERE, found.id)}?said=ended")


async def _found(request: Request) -> Invitation:
    event = request.state.event
    found = await Invitation.get(id=request.path_params["id"], event_id=event.id)
    found.event = event
    return found


routes = [
    page("/desk/{event}/people/invitations", invitations, who=ORGANISER),
    page("/desk/{event}/people/invitations/make", make, who=AGAIN, methods=["GET", "POST"]),
    page("/desk/{event}/people/invitations/{id:int}", invitation, who=ORGANISER),
    page("/desk/{event}/people/invitations/{id:int}/end", end, who=ORGANISER, methods=["POST"]),
]
