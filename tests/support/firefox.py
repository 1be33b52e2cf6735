"""Firefox for tests, steered over its own protocol, Marionette: no driver and no package is needed.

Marionette speaks JSON over a socket, with the length before each message: a command is
``[0, number, name, parameters]``, its answer ``[1, number, error, result]``.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, TextIO

from sites import required

#: Nothing is fetched, nothing is asked, and pages may be read from their folder.
SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.tabs.remote.separatePrivilegedContentProcess": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "devtools.console.stdout.chrome": False,
    "devtools.console.stdout.content": True,
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.autoDisableScopes": 0,
    "marionette.port": 0,  # a free one, which it writes into its profile
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "security.fileuri.strict_origin_policy": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.cosmeticAnimations.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "ui.prefersReducedMotion": 1,
    "ui.useOverlayScrollbars": 1,
}
PATIENCE = 60.0  # seconds: it starts in two on a machine that has nothing else to do
FRAME = 0.02  # seconds from one look to the next
CONSOLE = "console.txt"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of elements in the standard WebDriver
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Shift": "\ue008"} | {
    f"Arrow{way}": chr(code) for code, way in enumerate(("Left", "Up", "Right", "Down"), 0xE012)
}
#: What scripts failed at, without the warnings of the browser; asked once, it is forgotten.
#: Formulas are called invalid where the parser only paused: that is asked of the page instead.
FAILED = """
const failed = Services.console.getMessageArray().filter(found =>
  found instanceof Ci.nsIScriptError && !found.isFromChromeContext &&
  !(found.flags & Ci.nsIScriptError.warningFlag) && !found.category.includes("MathML"));
Services.console.reset();
return failed.map(found => `${found.sourceName}:${found.lineNumber}: ${found.errorMessage}`);
"""
#: Begins a line of what pages say to the console; what follows otherwise, the browser itself says.
ITS_OWN = '"Registered still-not-active|"Enabled UA override|"Skipping" [0-9]+ "un-needed'
SAID = re.compile(rf"console\.\w+: (?!RSLoader:|{ITS_OWN})")
SIZED = """
const { style } = gBrowser.selectedBrowser;
for (const [name, value] of [["width", arguments[0]], ["height", arguments[1]]])
  for (const least of ["", "min-", "max-"]) style.setProperty(least + name, `${value}px`);
"""
COLOURED = "gBrowser.selectedBrowser.browsingContext.prefersColorSchemeOverride = arguments[0];"


class FirefoxError(Exception):
    """Firefox refused a command, or did not come to what was waited for."""


class Firefox:
    """One window of Firefox with one tab."""

    def __init__(self, line: socket.socket, read: BinaryIO, console: TextIO) -> None:
        self._line = line
        self._read = read
        self._console = console
        self._numbers = count(1)
        self._message()  # its greeting
        self._ask("WebDriver:NewSession", {"pageLoadStrategy": "normal"})

    def goto(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._ask("WebDriver:Navigate", {"url": address})

    def evaluate(self, script: str, *given: Any) -> Any:
        """The value of an expression in the page; a function is called with what is ``given``.

        A promise is waited for.
        """
        code = f"const it = ({script}); return typeof it === 'function' ? it(...arguments) : it;"
        return self._run(code, *given)

    def wait_for(self, script: str, *given: Any) -> None:
        """Wait until an expression is true.

        Raises:
            FirefoxError: it never was.
        """
        until = time.monotonic() + PATIENCE
        while not self.evaluate(script, *given):
            if time.monotonic() > until:
                raise FirefoxError(f"{script} was not true within {PATIENCE} seconds")
            time.sleep(FRAME)

    def size(self, width: int, height: int = 800) -> None:
        """Give the page a window of this size in CSS pixels, however small."""
        self._inside(SIZED, width, height)
        self.wait_for("(w, h) => innerWidth === w && innerHeight === h", width, height)

    def colours(self, scheme: str) -> None:
        """Let the system prefer the ``light`` or the ``dark`` colours."""
        self._inside(COLOURED, scheme)
        self.wait_for("name => matchMedia(`(prefers-color-scheme: ${name})`).matches", scheme)

    def click(self, selector: str) -> None:
        """Scroll to the first element that a selector finds, and click it."""
        self._ask("WebDriver:ElementClick", {"id": self._found(selector)})

    def point_at(self, selector: str) -> None:
        """Move the pointer onto the first element that a selector finds."""
        self.evaluate(
            "name => { document.querySelector(name).scrollIntoView({block: 'center'}) }", selector
        )
        origin = {ELEMENT: self._found(selector)}
        move = {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin}
        self._act({"type": "pointer", "id": "pointer", "actions": [move]})

    def press(self, *keys: str) -> None:
        """Press keys one after the other: characters, or names such as ``ArrowDown``."""
        codes = [KEYS.get(key, key) for key in keys]
        actions = [{"type": way, "value": key} for key in codes for way in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": actions})

    def told(self) -> list[str]:
        """What failed in scripts, and what pages wrote to the console, since it was last asked."""
        said = [found.strip() for found in self._console if SAID.match(found)]
        return [*self._inside(FAILED), *said]

    def screenshot(self, path: Path, *, full: bool = False) -> None:
        """Write what the window shows, or the ``full`` page, as a PNG."""
        taken = self._ask("WebDriver:TakeScreenshot", {"full": full, "id": None})
        path.write_bytes(base64.b64decode(taken["value"]))

    def _found(self, selector: str) -> str:
        named = {"using": "css selector", "value": selector}
        return str(self._ask("WebDriver:FindElement", named)["value"][ELEMENT])

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("WebDriver:PerformActions", {"actions": [source]})

    def _inside(self, script: str, *given: Any) -> Any:
        """Run a script in the browser itself instead of in its page."""
        self._ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return self._run(script, *given)
        finally:
            self._ask("Marionette:SetContext", {"value": "content"})

    def _run(self, script: str, *given: Any) -> Any:
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": given})["value"]

    def _ask(self, name: str, parameters: dict[str, Any]) -> Any:
        number = next(self._numbers)
        said = json.dumps([0, number, name, parameters]).encode()
        self._line.sendall(b"%d:%s" % (len(said), said))
        _, answered, error, result = self._message()
        assert answered == number
        if error:
            raise FirefoxError(f"{name}: {error['error']}: {error['message']}")
        return result

    def _message(self) -> Any:
        length = b""
        while (digit := self._read.read(1)) != b":":
            if not digit:
                raise FirefoxError("Firefox has ended")
            length += digit
        return json.loads(self._read.read(int(length)))


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A Firefox without a window on the screen; the test is skipped where there is none."""
    path = next((found for found in map(shutil.which, ("firefox-esr", "firefox")) if found), None)
    if path is None:
        required("needs Firefox")
        raise AssertionError
    with TemporaryDirectory(prefix="tracer-firefox-", ignore_cleanup_errors=True) as profile:
        console = Path(profile) / CONSOLE
        console.touch()
        with (
            console.open(encoding="utf-8", errors="replace") as said,
            _started(path, Path(profile)) as port,
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line,
            line.makefile("rb") as read,
        ):
            yield Firefox(line, read, said)


@contextmanager
def _started(path: str, profile: Path) -> Iterator[int]:
    """Start Firefox with a profile of its own, and tell the port on which it listens."""
    settings = (f"user_pref({json.dumps(key)}, {json.dumps(SETTINGS[key])});" for key in SETTINGS)
    (profile / "user.js").write_text("\n".join(settings), encoding="utf-8")
    asked = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
    with (profile / CONSOLE).open("wb") as said:
        process = subprocess.Popen(
            [path, *asked, "--profile", str(profile)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
        )
    try:
        yield _port(process, profile / "MarionetteActivePort")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _port(process: subprocess.Popen[bytes], told: Path) -> int:
    until = time.monotonic() + PATIENCE
    while not (told.exists() and (port := told.read_text(encoding="utf-8").strip())):
        if process.poll() is not None or time.monotonic() > until:
            raise FirefoxError("Firefox did not start")
        time.sleep(FRAME)
    return int(port)
