"""Who may ask what: hosts, sizes, where a form came from, and what a browser may load.

Wraps any application. Knows nothing of runs or pages.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 512 * 1024
"""Largest body of a request."""
MOST_ADDRESS = 16 * 1024
"""Longest path and question of a request."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
"""What a browser may load on a page: only what this server gives, and nothing inside the page."""


def policy_of(images: str = "") -> str:
    """Return what a browser may load, with pictures of one more origin where that is named."""
    return POLICY.replace("img-src 'self'", f"img-src 'self' {images}") if images else POLICY


HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Guard:
    """Refuses what may not be asked, and says to browsers what pages may load."""

    app: ASGIApp
    hosts: tuple[str, ...] = LOOPBACK
    """Names by which this server may be asked, without a port."""
    images: str = ""
    """Origin of a base map, from which pictures may be loaded as well."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = HEADERS | {"Content-Security-Policy": policy_of(self.images)}
        guarded = _with_headers(send, headers)
        if refusal := self.refusal(scope):
            status, text = refusal
            await PlainTextResponse(text, status)(scope, receive, guarded)
            return
        if scope["method"] == "POST":
            body = await _read(receive)
            if body is None:
                await PlainTextResponse("Te groot / Too large", 413)(scope, receive, guarded)
                return
            receive = _again(body, receive)
        await self.app(scope, receive, guarded)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and words with which a request is refused; None where it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name_of(host) not in self.hosts:
            return 400, "Onbekende host / Unknown host"
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS:
            return 414, "Adres te lang / Address too long"
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return 405, "Niet toegestaan / Not allowed"
        if scope["method"] == "POST":
            length = headers.get("content-length", "")
            if length and (not length.isdecimal() or int(length) > MOST_BYTES):
                return 413, "Te groot / Too large"
            if not _is_own(headers, scope["scheme"], host):
                return 403, "Andere herkomst / Other origin"
        return None


def _name_of(host: str) -> str:
    """Return the name of a host without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_own(headers: Headers, scheme: str, host: str) -> bool:
    """Say whether a form was sent by a page of this server; without any sign of that it was not."""
    origin = headers.get("origin")
    if origin is not None:
        return origin in (f"{scheme}://{host}", f"https://{host}")
    return headers.get("sec-fetch-site") == "same-origin"


async def _read(receive: Receive) -> bytes | None:
    """Return a body as far as it may go; None where it is too large or the sender has gone."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read, once, and then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send, given: dict[str, str]) -> Callable[[Message], Awaitable[None]]:
    """Send with the headers of every answer; one that has its own keeps it."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in given.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
