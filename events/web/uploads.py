"""A file that comes in with a form: it stays in memory, and no part of it is written to a disk."""

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request

from .routing import Page

AROUND = 16 * 1024  # bytes of the form around the file


async def uploaded(request: Request, most_bytes: int) -> tuple[bytes | None, FormData]:
    """What is in the file that was sent, or None where none was, and the fields beside it."""
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=5)
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


def with_room(made: Page, most_bytes: int) -> Page:
    """For a file, where other pages take a form alone."""
    made.app = RequestBodyLimitMiddleware(made.app, max_body_size=most_bytes + AROUND)
    return made
