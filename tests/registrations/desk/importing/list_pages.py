"""The pages on which a list is imported, as tests use them: upload, choose, say yes."""

import html
import re

import httpx2

from events.event import Event
from tests.at_the_desk import desk
from tests.people import Person
from tests.registrations.importing.lists import HEADINGS, row_of

COLUMNS = {"full_name": "0", "email": "1", "organisation": "2", "kind": "3", "role": "4", "phone": "5"}


def csv_of(*people: Person) -> bytes:
    rows = [HEADINGS, *map(row_of, people)]
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()


async def uploads(client: httpx2.AsyncClient, event: Event, content: bytes, name: str = "list.csv") -> httpx2.Response:
    return await client.post(desk(event, "people", "import"), files={"file": (name, content, "text/csv")})


async def says_yes(client: httpx2.AsyncClient, preview: str) -> httpx2.Response:
    """To what the page shows now."""
    mark = re.search(r'name="columns" value="([^"]+)"', (await client.get(preview)).text)
    assert mark
    return await client.post(preview, data={"invite": "yes", "columns": mark[1]})


def chosen_on(page: httpx2.Response) -> dict[str, str]:
    """By name of each select what is chosen in it, as a browser would send it."""
    selects = re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', page.text, re.S)
    picked = {name: re.search(r'value="([^"]*)" selected', options) for name, options in selects}
    return {html.unescape(name): html.unescape(option[1]) if option else "" for name, option in picked.items()}
