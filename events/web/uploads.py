"""A file that comes in with a form: it stays in memory, and no part of it is written to a disk."""

from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request

from events.ground.refusal import Refused

from .routing import Page

AROUND = 16 * 1024  # bytes of the form around the file
READ_AT_MOST = 64 * 1024 * 1024  # bytes; what is too large is not kept, but a browser shows no page before it was read


async def uploaded(request: Request, most_bytes: int, too_large: str) -> tuple[bytes | None, FormData]:
    """What is in the file that was sent, or None where none was, and the fields beside it. Raises Refused with the
    sentence `too_large` where more comes than there is room for."""
    stream = _within(request, most_bytes + AROUND, too_large)
    parser = MultiPartParser(request.headers, stream, max_files=1, max_fields=5)
    parser.spool_max_size = 2 * most_bytes
    try:
        form = await parser.parse()
    except BaseException as error:  # Starlette closes what it opened for faults of the form alone
        for opened in parser._files_to_close_on_error:
            opened.close()
        if isinstance(error, MultiPartException | LookupError | ValueError):  # of the form, or of its charset
            raise HTTPException(400) from None
        raise
    try:
        sent = form.get("file")
        content = await sent.read() if isinstance(sent, UploadFile) and sent.filename else None
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    finally:
        await form.close()
    return content, FormData([(name, value.encode(errors="ignore").decode()) for name, value in texts])


async def _within(request: Request, most: int, too_large: str) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total <= most:
            yield chunk
    if total > most:
        raise Refused(too_large, 413)


def with_room(made: Page, most: int = READ_AT_MOST) -> Page:
    """For a file, or a long text, where other pages take a short form alone: what is too large is refused by the page,
    in its own words."""
    made.app = RequestBodyLimitMiddleware(made.app, max_body_size=most)
    return made
