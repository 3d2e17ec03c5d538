"""A file that a lead has asked for, and a list that one has uploaded, as a thief would find them: both wait."""

from events.accounts.staff import Staff
from tests.hostile.thief_notes import Notes

WHY = "For the taxi firm of Nether Wallop"
LISTED = (
    "Eudora Longshanks",
    "e.longshanks@almanac.example.org",
    "Almanac of Nether Wallop",
    "charity",
    "Almanac keeper",
)


class Files(Notes):
    lena: Staff

    async def files_wait(self) -> None:
        self.says(WHY, *LISTED[:3])
        here = f"/desk/{self.event.slug}"
        async with self.browser(self.lena) as client:
            wanted = {"columns": ["name", "email", "phone", "organisation"], "purpose": WHY, "format": "xlsx"}
            assert (await client.post(f"{here}/exports/make/contacts", data=wanted)).status_code == 303
            content = "\n".join(["Name,Email,Organisation,Kind,Role", ",".join(LISTED)]).encode()
            sent = await client.post(f"{here}/people/import", files={"file": ("list.csv", content, "text/csv")})
            assert (sent.status_code, sent.headers["location"].endswith("/columns")) == (303, True)
            assert LISTED[0] in (await client.get(sent.headers["location"])).text
