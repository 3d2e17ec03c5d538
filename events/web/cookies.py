"""Our cookies: each is made here, by name, purpose and life, so that the cookies page can list them all."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from events.ground.settings import current


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
        """`seconds` of the machine's clock."""
        response.set_cookie(
            self.name, value, max_age=max_age, path="/", secure=current().secure, httponly=True, samesite="lax"
        )

    def delete(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=current().secure, httponly=True, samesite="lax")


COOKIES: dict[str, Cookie] = {}
