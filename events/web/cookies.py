"""Our cookies: each is made here, by name, purpose and life, so that the cookies page can list them all."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from events.ground.settings import current

PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~:-]*")  # what nobody has to quote


@dataclass(frozen=True)
class Cookie:
    """One of our cookies; each is on the cookies page because it is made here."""

    short_name: str
    purpose: str  # what it does, in words
    lasts: str  # how long, in words

    def __post_init__(self) -> None:
        COOKIES[self.short_name] = self

    @property
    def name(self) -> str:
        return f"__Host-{self.short_name}" if current().secure else self.short_name

    def read(self, request: Request) -> str:
        return request.cookies.get(self.name, "")

    def set(self, response: Response, value: str, max_age: int) -> None:
        """For so many seconds. The same as Starlette writes, which makes a jar for it first."""
        if not PLAIN.fullmatch(value):
            raise ValueError("a value that would have to be quoted")
        secure = "; Secure" if current().secure else ""
        said = f"{self.name}={value}; HttpOnly; Max-Age={max_age}; Path=/; SameSite=lax{secure}"
        response.raw_headers.append((b"set-cookie", said.encode()))

    def delete(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=current().secure, httponly=True, samesite="lax")


COOKIES: dict[str, Cookie] = {}
