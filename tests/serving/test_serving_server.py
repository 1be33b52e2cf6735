"""The server: only for this machine, only what stands on the board, and what changes."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from finished import site_of
from sites import TINY
from tracer.errors import BuildError, Problem
from tracer.experiment import load_experiment
from tracer.html.website import Website
from tracer.serving.board import Board
from tracer.serving.server import Server, page_of

SECRET = "nobody may read this"
PATIENCE = 60  # seconds: for a busy machine


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Website:
    path = tmp_path_factory.mktemp("tiny") / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    (path.parent / "secret.html").write_text(SECRET, encoding="utf-8")
    return site_of([load_experiment(path)])


@pytest.fixture(scope="module")
def server(site: Website) -> Iterator[Server]:
    board = Board()
    board.show(site)
    made = Server(board, 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.end()
    thread.join()


def asked(
    server: Server, path: str, method: str = "GET", **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """The answer to a request whose path is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": f"127.0.0.1:{server.server_port}", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer.headers


def test_pages_and_files_are_sent(server: Server, site: Website) -> None:
    status, page, headers = asked(server, "/tiny/index.html")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<h1" in page
    assert b'data-page="tiny/index.html"' in page
    for path in ("assets/tracer.css", "assets/stix-two-math.woff2", "assets/search-index.js"):
        status, content, headers = asked(server, f"/{path}")
        made = site.content(path)
        assert (status, content) == (200, made.encode() if isinstance(made, str) else made)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert asked(server, "/-/live.js")[0] == 200


def test_a_browser_that_asks_for_an_icon_gets_one(server: Server) -> None:
    status, body, headers = asked(server, "/favicon.ico")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert body.startswith(b"<svg")


def test_a_folder_leads_to_its_first_page(server: Server) -> None:
    assert asked(server, "/")[0] == 200
    assert asked(server, "/tiny/?x=1#y")[0] == 200
    status, _, headers = asked(server, "/tiny")
    assert (status, headers["Location"]) == (302, "/tiny/")
    assert asked(server, "//tiny")[2]["Location"] == "/tiny/"


def test_a_head_has_no_body(server: Server) -> None:
    status, body, headers = asked(server, "/tiny/index.html", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000
    assert asked(server, "/", "POST")[0] == 501


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "localhost"])
def test_another_host_is_refused(server: Server, host: str) -> None:
    """A page from elsewhere that gave its name our address would be let in otherwise."""
    for path in ("/", "/-/events?page=index.html", "/-/live.js"):
        status, body, _ = asked(server, path, Host=host)
        assert (status, body) == (421, b"")


def test_this_machine_may_be_called_localhost(server: Server) -> None:
    assert asked(server, "/", Host=f"localhost:{server.server_port}")[0] == 200


def test_it_listens_to_this_machine_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


NAMES = ["..", ".", "", "tiny", "secret.html", "%2e%2e", "%2f", "%5c", "\\", "etc", "passwd", "%00"]
NAMES += ["index.html", "C:", "~", "%", "%zz", "%ff", "?", "#", ";", "-", "live.js"]
PARTS = st.sampled_from(NAMES)


@given(st.lists(PARTS | st.text(max_size=4), max_size=8).map("/".join))
def test_a_path_is_looked_up_and_never_opened(site: Website, path: str) -> None:
    found = page_of("/" + path)
    assert isinstance(found, str)
    if found not in site.paths:
        board = Board()
        board.show(site)
        with pytest.raises(KeyError):
            board.version.content(found)


@given(st.lists(PARTS, max_size=8).map("/".join))
@examples(40)
def test_no_path_leads_out_of_the_site(server: Server, path: str) -> None:
    target = "/" + path.replace("\\", "%5c")
    status, content, headers = asked(server, target)
    assert status in (200, 302, 404)
    assert SECRET.encode() not in content
    assert b"root:" not in content
    if status == 302:
        assert headers["Location"].startswith("/")
        assert not headers["Location"].startswith("//")


def test_a_missing_page_says_so_without_html_from_outside(server: Server) -> None:
    status, content, _ = asked(server, "/%3Cscript%3Ealert(1)%3C/script%3E")
    assert status == 404
    assert b"<script>alert" not in content
    assert b"There is no such page" in content


def test_before_the_first_page_one_is_told_to_wait() -> None:
    made = Server(Board(), 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        status, content, _ = asked(made, "/anything.html")
        assert status == 503
        assert b"The pages are being made" in content
    finally:
        made.end()
        thread.join()


def test_a_taken_port_is_an_error_of_ours() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BuildError, match=f"cannot be served at port {port}: .* --port"):
            Server(Board(), port)


# The stream


class Stream:
    """The events of one page."""

    def __init__(self, server: Server, page: str, shown: str) -> None:
        place = ("127.0.0.1", server.server_port)
        self.connection = http.client.HTTPConnection(*place, timeout=PATIENCE)
        self.connection.request("GET", f"/-/events?page={page}&shown={shown}")
        self.answer = self.connection.getresponse()

    def next(self) -> tuple[str, object]:
        line = self.answer.readline().decode()
        while not line.startswith("event: "):
            line = self.answer.readline().decode()
        data = self.answer.readline().decode().removeprefix("data: ")
        return line.removeprefix("event: ").strip(), json.loads(data)

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_a_reader_is_told_of_a_change_of_its_page_and_of_no_other(
    server: Server, site: Website, tmp_path: Path
) -> None:
    board, page = server.board, "tiny/task/index.html"
    stream = Stream(server, page, board.version.digest(page))
    assert stream.next() == ("problems", "")
    assert page in board.open
    board.show(site)
    problem = Problem("expected <this>", "mine.toml", 3, "layers[1]", "Do that.")
    board.show(site, (problem,))
    name, said = stream.next()
    assert name == "problems"
    for part in ("mine.toml:3", "layers[1]", "expected &lt;this&gt;", "Do that."):
        assert part in str(said)
    path = tmp_path / "tiny.toml"
    path.write_text(TINY.replace("[1, 1]", "[1, 1], [0.5, 1]"), encoding="utf-8")
    board.show(site_of([load_experiment(path)]))
    assert stream.next() == ("problems", "")
    name, digest = stream.next()
    assert (name, digest) == ("changed", board.version.digest(page))
    stream.close()
    board.show(site)


def test_a_reader_is_told_that_its_page_is_not_made_any_more(
    server: Server, site: Website, tmp_path: Path
) -> None:
    board, page = server.board, "tiny/task/index.html"
    stream = Stream(server, page, board.version.digest(page))
    strayed = Stream(server, "tiny/no/index.html", "")
    assert stream.next() == strayed.next() == ("problems", "")
    (tmp_path / "other.toml").write_text(TINY, encoding="utf-8")
    board.show(site_of([load_experiment(tmp_path / "other.toml")]))
    name, said = stream.next()
    assert (name, "not made any more" in str(said), page in str(said)) == ("problems", True, True)
    board.show(site, (Problem("expected this"),))
    assert "not made any more" not in str(stream.next()[1])
    assert "expected this" in str(strayed.next()[1])
    board.show(site)
    stream.close()
    strayed.close()


def test_a_reader_of_an_old_page_is_told_at_once(server: Server) -> None:
    stream = Stream(server, "tiny/index.html", "old")
    assert stream.next() == ("problems", "")
    assert stream.next()[0] == "changed"
    stream.close()
