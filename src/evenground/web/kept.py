"""Answers that were made before, kept as bytes: pages of a run are rendered and packed once.

Wraps an application. An answer is kept by its address and by the state of the run's file, so a
run that is written anew is rendered anew. What depends on anything else is never kept.
"""

import gzip
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evenground.pages.form import NAME

PAGE = re.compile(
    r"/run/([A-Za-z0-9][A-Za-z0-9_-]{0,150})"
    r"(?:/(?:voorstel|buurt|data)/.+|/(?:buurten|vergelijk|doelen|verantwoording))?"
)
"""Addresses that rest on the file of a run alone; the group is the run."""
ASSET = re.compile(r"/static/(?!theme\.css)[a-z.]{1,40}")
"""Our own files, which do not change while we serve; a municipality's theme may."""
NEVER = "/pakket"
"""End of an address that also holds choices, which are added."""
KINDS = (b"text/html", b"text/javascript", b"text/css", b"image/svg+xml")
MOST_BYTES = 96 * 1024 * 1024
"""Bytes that are kept, both forms together; the longest unasked goes first."""
MOST_QUERY = 200
"""Longest question of an answer that is kept."""
LEVEL = 6
"""Of gzip: more takes twice as long for a few per cent."""

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Answer:
    """One answer in both forms."""

    headers: tuple[Header, ...]
    """Besides length, form and tag."""
    plain: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, headers: list[Header], body: bytes) -> "Answer":
        """Return an answer with its tag and its packed form."""
        kept = tuple(pair for pair in headers if pair[0] != b"content-length")
        packed = gzip.compress(body, LEVEL, mtime=0)
        return cls(kept, body, packed, hashlib.sha256(body).hexdigest()[:20])

    @property
    def size(self) -> int:
        """Bytes of both forms."""
        return len(self.plain) + len(self.packed)

    async def send(self, scope: Scope, send: Send) -> None:
        """Answer in the form that the asker takes, or say that it has this one."""
        asked = dict(scope["headers"])
        takes = _takes_gzip(asked.get(b"accept-encoding", b""))
        tag = f'"{self.tag}{"-gzip" if takes else ""}"'.encode()
        more: list[Header] = [(b"etag", tag), (b"vary", b"accept-encoding")]
        known = [part.strip() for part in asked.get(b"if-none-match", b"").split(b",")]
        if tag in known or b"W/" + tag in known:
            await send({"type": "http.response.start", "status": 304, "headers": more})
            await send({"type": "http.response.body", "body": b""})
            return
        body = self.packed if takes else self.plain
        more += [(b"content-encoding", b"gzip")] if takes else []
        more += [(b"content-length", str(len(body)).encode())]
        headers = [*self.headers, *more]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _takes_gzip(accepted: bytes) -> bool:
    """Say whether gzip is among the forms that are taken."""
    for part in accepted.lower().split(b","):
        name, _, quality = part.partition(b";")
        if name.strip() == b"gzip":
            return quality.strip().replace(b" ", b"") not in (b"q=0", b"q=0.0")
    return False


@dataclass
class Kept:
    """An application of which some answers are kept."""

    app: ASGIApp
    root: Path
    """Folder of the runs."""
    most_bytes: int = MOST_BYTES
    _answers: "OrderedDict[tuple[str, bytes], tuple[int, Answer]]" = field(
        default_factory=OrderedDict
    )
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, from what is kept where that can be."""
        stamp = self._stamp(scope)
        if stamp is None:
            await self.app(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"])
        held = self._answers.get(key)
        if held is not None and held[0] == stamp:
            self._touch(key)
            await held[1].send(scope, send)
            return
        await self._make(scope, receive, send, stamp)

    def _stamp(self, scope: Scope) -> int | None:
        """Return the state of what an answer rests on; None where none may be kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path = scope["path"]
        if path.endswith(NEVER) or len(scope["query_string"]) > MOST_QUERY:
            return None
        if ASSET.fullmatch(path):
            return 0
        found = PAGE.fullmatch(path)
        if found is None:
            return None
        try:
            return (self.root / found[1] / NAME).stat().st_mtime_ns
        except OSError:
            return None

    async def _make(self, scope: Scope, receive: Receive, send: Send, stamp: int) -> None:
        """Let the application answer, and keep what may be kept."""
        start: Message = {}
        parts: list[bytes] = []

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, gather)
        headers = [(bytes(name), bytes(value)) for name, value in start["headers"]]
        kind = dict(headers).get(b"content-type", b"")
        if start["status"] == 200 and kind.startswith(KINDS):
            answer = Answer.of(headers, b"".join(parts))
            self._keep((scope["path"], scope["query_string"]), stamp, answer)
            await answer.send(scope, send)
            return
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(parts)})

    def _keep(self, key: tuple[str, bytes], stamp: int, answer: Answer) -> None:
        """Keep an answer, and drop the longest unasked until all fit."""
        if answer.size > self.most_bytes:
            return
        with self._lock:
            before = self._answers.pop(key, None)
            self._size += answer.size - (before[1].size if before else 0)
            self._answers[key] = (stamp, answer)
            while self._size > self.most_bytes:
                _, (_, dropped) = self._answers.popitem(last=False)
                self._size -= dropped.size

    def _touch(self, key: tuple[str, bytes]) -> None:
        """Note that an answer was asked for."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
