"""Pictures as somebody may upload them, whole and made to hurt."""

import io
import struct
import zlib

from PIL import Image, PngImagePlugin

SECRET = "CAMERA-CANARY-5521"
SCRIPT = "<script>alert('canary')</script>"


def saved(picture: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def plain(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (600, 100)) -> bytes:
    return saved(Image.new("RGB", size, (11, 122, 117)).convert(mode), kind)


def with_a_place() -> bytes:
    """A photograph that says where it was taken, with which camera, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 39.0, 0.0), 3: "W", 4: (0.0, 24.0, 0.0)})
    return saved(Image.new("RGB", (100, 40), "white"), "JPEG", exif=exif, icc_profile=f"{SECRET} profile".encode())


def with_a_script() -> bytes:
    """A PNG that is a page too: in a text within, and behind its end."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SCRIPT)
    return saved(Image.new("RGB", (40, 40), "white"), "PNG", pnginfo=info) + f"<html>{SCRIPT}</html>".encode()


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    written = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + written


def bomb(width: int, height: int) -> bytes:
    """Says that it has so many pixels; there is nothing of them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return png((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))


def bomb_in_a_text() -> bytes:
    packed = zlib.compress(bytes(80 << 20), 9)  # more than anybody unpacks
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(4 * 13))
    return png((b"IHDR", head), (b"zTXt", b"a\0\0" + packed), (b"IDAT", pixels), (b"IEND", b""))


def chunks_of(content: bytes) -> list[str]:
    at, found = 8, list[str]()
    while at < len(content):
        [length] = struct.unpack_from(">I", content, at)
        found.append(content[at + 4 : at + 8].decode("latin-1"))
        at += length + 12
    return found
