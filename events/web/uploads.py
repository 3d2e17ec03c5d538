"""A file that comes in with a form: it stays in memory, and no part of it is written to a disk."""

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request

from events.ground.refusal import Refused

from .routing import LONGEST_FIELD, Page

READ_AT_MOST = 64 * 1024 * 1024  # bytes; what is too large is not kept, but a browser shows no page before it was read


class TooLarge(Refused):
    """There is more in the file than there is room for. `posted`: what was typed beside it, so that nobody types it
    again."""

    def __init__(self, sentence: str, posted: FormData) -> None:
        super().__init__(sentence, 413)
        self.posted = posted


class FileParser(MultiPartParser):
    """Reads a form to its end, and keeps no more of its file than there is room for."""

    def __init__(self, request: Request, most_bytes: int) -> None:
        super().__init__(request.headers, request.stream(), max_files=1, max_fields=5, max_part_size=LONGEST_FIELD)
        self.most_bytes, self.file_bytes = most_bytes, 0
        self.spool_max_size = 2 * most_bytes

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            self.file_bytes += end - start
            end = start if self.file_bytes > self.most_bytes else end
        super().on_part_data(data, start, end)


async def uploaded(request: Request, most_bytes: int, too_large: str) -> tuple[bytes | None, FormData]:
    """What is in the file that was sent, or None where none was, and the fields beside it. Raises TooLarge with the
    sentence `too_large` where there is no room for it."""
    parser = FileParser(request, most_bytes)
    try:
        form = await parser.parse()
    except BaseException as error:
        if isinstance(error, MultiPartException | LookupError | ValueError):  # of the form, or of its charset
            raise HTTPException(400) from None
        raise
    try:
        sent = form.get("file")
        content = await sent.read() if isinstance(sent, UploadFile) and sent.filename else None
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    finally:
        await form.close()
    posted = FormData([(name, value.encode(errors="ignore").decode()) for name, value in texts])
    if parser.file_bytes > most_bytes:
        raise TooLarge(too_large, posted)
    return content, posted


def with_room(made: Page, most: int = READ_AT_MOST) -> Page:
    """For a file, or a long text, where other pages take a short form alone: what is too large is refused by the page,
    in its own words."""
    made.app = RequestBodyLimitMiddleware(made.app, max_body_size=most)
    return made
