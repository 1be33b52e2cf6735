"""A server for this machine alone: pages of the site, and a stream that tells when one changed."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tracer.errors import BuildError, Problem, TracerError
from tracer.html.frame import Frame
from tracer.messages import gettext
from tracer.serving.board import Board, Version

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost", "[::1]")
OURS = "-/"
"""Before the addresses of the server's own: no page has such a name."""
EVENTS, SCRIPT, STYLE = f"{OURS}events", f"{OURS}live.js", f"{OURS}live.css"
ICON = f"{OURS}icon.svg"
ASKED_FOR = "favicon.ico"
"""What a browser asks for by itself; a file of the project of that name comes first."""
TROUBLE = "html/trouble.html.j2"
PATIENCE = 10.0
"""Seconds after which a silent stream says that it is alive, so that a lost reader is noticed."""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


def page_of(target: str) -> str:
    """The path in the site that an address of a request asks for: only ever looked up, not opened.

    A folder stands for its first page.
    """
    try:
        path = unquote(urlsplit("/" + target.lstrip("/")).path, errors="strict").lstrip("/")
    except ValueError:
        return ""
    return f"{path}index.html" if path.endswith("/") or not path else path


class Server(ThreadingHTTPServer):
    """Shows what stands on a board, at a port of this machine.

    Raises:
        BuildError: the port is taken, or may not be used.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, board: Board, port: int, templates: Path | None = None) -> None:
        self.board, self.frame = board, Frame(templates)
        self.ends = False
        try:
            super().__init__((LOOPBACK, port), Handler)
        except (OSError, OverflowError) as error:
            said = getattr(error, "strerror", None) or error
            message = gettext("cannot be served at port %(port)s: %(error)s", port=port, error=said)
            hint = gettext("Choose another port with --port; 0 takes a free one.")
            raise BuildError(Problem(message, hint=hint)) from None

    @property
    def address(self) -> str:
        """Where the first page is."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """What a browser of this machine calls the server; other names come from elsewhere."""
        return frozenset(f"{name}:{self.server_port}" for name in NAMES)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away in the middle is no error."""

    def end(self) -> None:
        """Answer nobody any more."""
        self.ends = True
        self.shutdown()
        self.server_close()


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    content: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other of one reader."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "tracer"
    sys_version = ""

    def do_GET(self) -> None:
        """Send a page, a file, or the stream of changes."""
        if self.headers.get("Host", "") not in self.server.hosts:
            self._send(Answer(b"", "text/plain", HTTPStatus.MISDIRECTED_REQUEST))
            return
        path = page_of(self.path)
        if path == ASKED_FOR and not self._has(path):
            path = ICON
        if path == EVENTS:
            self._stream()
        elif path in (SCRIPT, STYLE, ICON):
            name = path.removeprefix(OURS)
            folder = files("tracer.templates") / "assets" / "html"
            self._send(Answer((folder / name).read_bytes(), _kind(name)))
        elif self._is_folder(path):
            self._lead(path)
        else:
            self._send(self._answer(self.server.board.version, path))

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Requests are not told of."""

    def _has(self, path: str) -> bool:
        site = self.server.board.version.site
        return site is not None and path in site.paths

    def _is_folder(self, path: str) -> bool:
        return not self._has(path) and self._has(f"{path}/index.html")

    def _lead(self, path: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", "/" + quote(path.lstrip("/")) + "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, version: Version, path: str) -> Answer:
        try:
            content = version.content(path)
        except KeyError:
            missing = HTTPStatus.NOT_FOUND if version.site else HTTPStatus.SERVICE_UNAVAILABLE
            return self._trouble(path, missing)
        except (TracerError, OSError):
            return self._trouble(path, HTTPStatus.INTERNAL_SERVER_ERROR)
        if isinstance(content, str) and path.endswith(".html"):
            content = content.replace("</head>", self._live(path, version.digest(path)), 1)
        whole = content.encode() if isinstance(content, str) else content
        return Answer(whole, _kind(path))

    def _trouble(self, path: str, status: HTTPStatus) -> Answer:
        """A page for what cannot be shown; it shows it as soon as it can be."""
        waits = status == HTTPStatus.SERVICE_UNAVAILABLE
        text = self.server.frame.filled(TROUBLE, waits=waits, missing=path, problems=())
        text = text.replace("</head>", self._live(path, ""), 1)
        return Answer(text.encode(), _kind("x.html"), status)

    def _live(self, path: str, digest: str) -> str:
        """The markup that keeps a page up to date."""
        place = quote(path, safe="/")
        script = (
            f'<script src="/{SCRIPT}" data-page="{place}" data-shown="{digest}" defer></script>'
        )
        return f'<link rel="stylesheet" href="/{STYLE}">{script}</head>'

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    # The stream

    def _stream(self) -> None:
        """Tell one reader of changes of its page, until it goes away."""
        asked = parse_qs(urlsplit(self.path).query)
        path, shown = (asked.get(name, [""])[0] for name in ("page", "shown"))
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with self.server.board.read(path):
            self._tell(path, shown)

    def _tell(self, path: str, shown: str) -> None:
        version, told = self.server.board.version, None
        while not self.server.ends:
            problems = (*version.trouble(path), *_gone(version, path, shown))
            if problems != told:
                self._event("problems", self._said(problems))
                told = problems
            digest = "" if problems != version.problems else version.digest(path)
            if digest and digest != shown:
                self._event("changed", digest)
                shown = digest
            before = version.number
            version = self.server.board.after(before, PATIENCE)
            if version.number == before:
                self.wfile.write(b": still here\n\n")

    def _said(self, problems: tuple[Problem, ...]) -> str:
        if not problems:
            return ""
        return self.server.frame.filled("html/problems.html.j2", problems=problems)

    def _event(self, name: str, data: str) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()


def _gone(version: Version, path: str, shown: str) -> tuple[Problem, ...]:
    """What is told to the reader of a page that is not made any more."""
    if not shown or version.site is None or path in version.site.paths:
        return ()
    message = gettext("this page is not made any more: what it was made of has gone or changed")
    hint = gettext("The first page shows what there is.")
    return (Problem(message, file=path, hint=hint),)


def _kind(name: str) -> str:
    found = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith(("text/", "application/js")) else found
