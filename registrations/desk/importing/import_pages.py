"""The desk's pages on which a list is imported: upload it, say which column is which, see what would happen, say yes.

Rules: DP-16.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, clean, whole_number
from events.web.routing import answers, page, read, redirect
from events.web.uploads import uploaded, with_room
from registrations.desk.desk_pages import path_of, show
from registrations.importing import files, importing, kinds, previewing
from registrations.importing.checking import LONGEST
from registrations.importing.columns import FIELDS, columns_of_titles, suggested
from registrations.importing.files import MOST_BYTES, TOO_LARGE, Table
from registrations.importing.importing import CHANGED, ColumnsChanged
from registrations.importing.kinds import MOST_WORDS
from registrations.importing.people_import import LASTS, Opened, PeopleImport
from registrations.people.registration import OrganisationKind

AGAIN = STEPPED_UP(May.ORGANISE)
HERE = ("people", "import")
OF_ALL, ORGANISATION_OF_ALL = "of_all", "organisation_of_all"
CHOOSE_FILE = "Select a file"
NO_NAME = "Choose which column has the name, or the first name and the surname"
NOT_CHOSEN = "Choose which column has the {}"
TWO = "“{}” is chosen twice. Each column says one thing"
NO_ORGANISATION = "Choose which column has the organisation, or enter one for everybody"
LONG_ORGANISATION = f"The organisation must be {LONGEST['organisation']} characters or fewer"
NO_KINDS = f"“{{}}” says more than {MOST_WORDS} different things. Choose a column of kinds, or one kind for everybody"
NO_KIND = "Choose a column for the kind of organisation, or one kind for everybody"


class YesForm(Form):
    invite = Choice(
        "Do you want to invite them?",
        [("yes", "Yes, send each of them an email"), ("no", "No, go back to the columns")],
        missing="Select whether you want to invite them",
    )  # fmt: skip


async def ask(request: Request) -> Response:
    return await _upload_form(request)


async def upload(request: Request) -> Response:
    at, real, state = clock.now(), clock.real(), request.state
    importing.refuse_outside(state.event, at)
    try:
        table = await _table(request)
    except Refused as refused:
        return await _upload_form(request, refused.sentence, refused.status)
    begun = await importing.begin(state.event, table, state.staff, at, real)
    return redirect(path_of(request, *HERE, begun.public_id, "columns"))


async def _table(request: Request) -> Table:
    content, _ = await uploaded(request, MOST_BYTES, TOO_LARGE)
    if content is None:
        raise Refused(CHOOSE_FILE, 422)
    return await files.read(content)


async def _upload_form(request: Request, wrong: str = "", status: int = 200) -> Response:
    closed = importing.why_closed(request.state.event, clock.now())
    facts: dict[str, Any] = {"wrong": wrong, "closed": closed}
    return await show(request, "desk/importing/upload.html", status, **facts)


async def columns(request: Request) -> Response:
    begun = await own_import(request)
    headings, rows = previewing.opened(begun, clock.real())
    chosen = begun.chosen or suggested(headings, rows)
    return await _columns(request, begun, (headings, rows), chosen, organisation=begun.answers.organisation)


async def choose(request: Request) -> Response:
    begun = await own_import(request)
    headings, rows = previewing.opened(begun, clock.real())
    posted = {name: str(value) for name, value in (await answers(request)).items()}
    chosen, wrong = _chosen(posted, headings)
    organisation = clean(posted.get(ORGANISATION_OF_ALL))
    if len(organisation) > LONGEST["organisation"]:
        wrong[ORGANISATION_OF_ALL] = LONG_ORGANISATION
    if "kind" in chosen and len(kinds.unknown(rows, int(chosen["kind"]), str(chosen.get(OF_ALL, "")))) > MOST_WORDS:
        wrong["kind"] = NO_KINDS.format(headings[int(chosen["kind"])])
    if wrong:
        return await _columns(request, begun, (headings, rows), chosen, wrong, organisation)
    await importing.choose(request.state.event, begun, chosen, organisation)
    return redirect(path_of(request, *HERE, begun.public_id))


def _chosen(posted: dict[str, str], headings: list[str]) -> tuple[dict[str, int | str], dict[str, str]]:
    """What was chosen, and by code of a field what is wrong with it."""
    chosen, wrong = dict[str, int | str](), dict[str, str]()
    for field in FIELDS:
        column = whole_number(posted.get(field.code))
        if column is not None and column < len(headings):
            if column in chosen.values():
                wrong[field.code] = TWO.format(headings[column])
            chosen[field.code] = column
        elif field.needed and not (field.code == "organisation" and clean(posted.get(ORGANISATION_OF_ALL))):
            wrong[field.code] = (
                NO_ORGANISATION if field.code == "organisation" else NOT_CHOSEN.format(field.label.lower())
            )
    if "full_name" not in chosen and not {"first_name", "last_name"} <= chosen.keys():
        wrong["full_name"] = NO_NAME
    if posted.get(OF_ALL) in list(OrganisationKind):
        chosen[OF_ALL] = posted[OF_ALL]
    elif "kind" not in chosen:
        wrong[OF_ALL] = NO_KIND
    return chosen, wrong


async def _columns(
    request: Request, begun: PeopleImport, opened: Opened, chosen: Any, wrong: dict[str, str] | None = None,
    organisation: str = "",
) -> Response:  # fmt: skip
    headings, rows = opened
    examples = [next((row[n] for row in rows if row[n]), "") for n in range(len(headings))]
    filled = [(n, heading, says) for n, (heading, says) in enumerate(zip(headings, examples, strict=True)) if says]
    facts: dict[str, Any] = {"columns": filled, "fields": FIELDS, "chosen": chosen}
    facts |= {"wrong": wrong or {}, "number": len(rows), "kinds": [kind.value for kind in OrganisationKind]}
    titles = [n for n in columns_of_titles(headings, rows) if n not in chosen.values()]
    facts |= {"first_row": begun.first_row, "titles": [headings[n] for n in titles]}
    facts |= {"organisation": organisation, "has_headings": any(headings)}
    asked = [*(field.code for field in FIELDS), ORGANISATION_OF_ALL, OF_ALL]
    facts["summary"] = [{"text": wrong[code], "href": f"#{code}"} for code in asked if wrong and code in wrong]
    return await show(request, "desk/importing/columns.html", 422 if wrong else 200, **facts)


async def preview(request: Request) -> Response:
    begun = await own_import(request)
    if begun.done_at is not None:
        return await show(request, "desk/importing/done.html", done=begun, ends=_ends(begun))
    return await _preview(request, begun, YesForm())


async def take(request: Request) -> Response:
    begun, form, state = await own_import(request), await read(request, YesForm), request.state
    if begun.done_at is None and form.errors:
        return await _preview(request, begun, form, 422)
    if form.invite.data == "no":
        return redirect(path_of(request, *HERE, begun.public_id, "columns"))
    if begun.done_at is None and str((await answers(request)).get("columns", "")) != begun.mark:
        return await _changed(request, begun)
    try:
        await importing.take(state.event, begun, state.staff, clock.now(), clock.real())
    except ColumnsChanged:
        return await _changed(request, await own_import(request))
    return redirect(path_of(request, *HERE, begun.public_id))


async def _changed(request: Request, begun: PeopleImport) -> Response:
    """What would happen now, with the question anew."""
    form = YesForm()
    form.invite.errors = [CHANGED]
    return await _preview(request, begun, form, 409)


async def _preview(request: Request, begun: PeopleImport, form: YesForm, status: int = 200) -> Response:
    if not begun.chosen:
        return redirect(path_of(request, *HERE, begun.public_id, "columns"))
    found = await previewing.preview(request.state.event, begun, clock.real())
    if any(word.folded not in begun.answers.kinds for word in found.words):
        return redirect(path_of(request, *HERE, begun.public_id, "kinds"))
    facts: dict[str, Any] = {"found": found, "faults": found.checked.faults, "ends": _ends(begun), "begun": begun}
    return await show(request, "desk/importing/preview.html", status, form=form, **facts)


def _ends(begun: PeopleImport) -> datetime:
    return begun.begun_at + LASTS + clock.moved()


async def own_import(request: Request) -> PeopleImport:
    """Of nobody else, since it says whom they brought along. Raises 404."""
    state = request.state
    return await PeopleImport.get(
        event_id=state.event.id, public_id=request.path_params["public_id"], begun_by_id=state.staff.id
    )


routes = [
    page("/desk/{event}/people/import", ask, who=AGAIN),
    with_room(page("/desk/{event}/people/import", upload, who=AGAIN, methods=["POST"])),
    page("/desk/{event}/people/import/{public_id}/columns", columns, who=AGAIN),
    page("/desk/{event}/people/import/{public_id}/columns", choose, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/people/import/{public_id}", preview, who=AGAIN),
    page("/desk/{event}/people/import/{public_id}", take, who=AGAIN, methods=["POST"]),
]
