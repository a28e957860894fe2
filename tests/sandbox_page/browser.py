"""A headless Chromium, driven by its DevTools protocol the way a person would: look, click, type."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp

from tests.patience import PATIENCE

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
    # Nobody would use a spare process for another site, nor go back to a page of another test.
    "--disable-features=SpareRendererForSitePerProcess,BackForwardCache",
)  # fmt: skip
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38}
FIND = """((id, within) => {
    const named = (name) => `[data-testid="${CSS.escape(name)}"]`;
    const place = within ? document.querySelector(named(within)) : document;
    return [...(place?.querySelectorAll(named(id)) ?? [])].filter((node) => node.getClientRects().length);
})"""


def installed() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tab(NamedTuple):
    """One of the browser's, in a context of its own: with nobody else's cookies and storage."""

    context: str
    target: str


class Chromium:
    """One browser process; every page has cookies, storage and history of its own.

    `idle` are tabs that were emptied after use: they are lent again, since to begin a tab's process takes the time of
    many clicks.
    """

    def __init__(self, program: str) -> None:
        self.idle: list[Tab] = []
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.endpoint = self._wait_for_endpoint()

    def _wait_for_endpoint(self) -> str:
        told = Path(self._profile.name) / "DevToolsActivePort"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            lines = told.read_text().split("\n") if told.exists() else []
            if len(lines) > 1:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.05)
        raise TimeoutError("Chromium did not open its DevTools port")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._profile.cleanup()

    def page(self, url: str, width: int = 1440, height: int = 900) -> "Page":
        return Page(self, url, width, height)


class Page:
    """`errors` are uncaught exceptions, `dialogs` alerts and questions that opened."""

    def __init__(self, browser: Chromium, url: str, width: int, height: int) -> None:
        self._browser, self._url, self._size = browser, url, (width, height)
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.errors: list[str] = []
        self.dialogs: list[str] = []

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(self._browser.endpoint, max_msg_size=0)
        self._session: str | None = None
        self._reader = asyncio.create_task(self._read())
        self._tab = self._browser.idle.pop() if self._browser.idle else await self._new_tab()
        attached = await self._call("Target.attachToTarget", targetId=self._tab.target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime"):
            await self._call(f"{domain}.enable")
        width, height = self._size
        await self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.prefer("light")
        await self.go(self._url)
        return self

    async def __aexit__(self, failed: object = None, *_: object) -> None:
        if failed is None:
            await self._empty()
            self._browser.idle.append(self._tab)
        else:  # whatever happened there, nobody else finds it
            self._session = None
            await self._call("Target.disposeBrowserContext", browserContextId=self._tab.context)
        self._reader.cancel()
        await self._socket.close()
        await self._http.close()

    async def _new_tab(self) -> Tab:
        context = (await self._call("Target.createBrowserContext"))["browserContextId"]
        target = await self._call("Target.createTarget", url="about:blank", browserContextId=context)
        return Tab(context, target["targetId"])

    async def _empty(self) -> None:
        """Leave the tab as a new one is: no page, nothing kept, nothing to go back to. Its other settings are those of
        this connection.
        """
        origin = await self.run("sessionStorage.clear(), location.origin") if await self._keeps() else None
        await self._call("Page.navigate", url="about:blank")
        await self.until("location.href === 'about:blank'")
        if origin:
            await self._call("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
        await self._call("Network.clearBrowserCookies")
        await self._call("Page.resetNavigationHistory")

    async def _keeps(self) -> bool:
        """Whether what is seen has a storage: pages that the browser makes itself have none."""
        return await self.run("location.protocol.startsWith('http')")

    # -- the protocol

    async def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            request["sessionId"] = self._session
        await self._socket.send_json(request)
        return await asyncio.wait_for(answer, PATIENCE)

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                waiting = self._answers.pop(said["id"])
                if "error" in said:
                    waiting.set_exception(RuntimeError(said["error"]["message"]))
                else:
                    waiting.set_result(said["result"])
            else:
                await self._note(said["method"], said.get("params", {}))

    async def _note(self, event: str, params: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif event == "Page.javascriptDialogOpening":
            self.dialogs.append(params["message"])
            answer = {"method": "Page.handleJavaScriptDialog", "params": {"accept": True}, "sessionId": self._session}
            number = next(self._numbers)
            self._answers[number] = asyncio.get_running_loop().create_future()
            await self._socket.send_json({"id": number, **answer})

    # -- looking

    async def go(self, url: str) -> None:
        await self._call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def speak(self, language: str) -> None:
        """What is loaded from now on finds a browser of this language."""
        await self._call("Emulation.setLocaleOverride", locale=language)

    async def prefer(self, look: str) -> None:
        """The person's system is "light" or "dark". Nothing is to move there: nobody has to wait until it rests."""
        features = {"prefers-color-scheme": look, "prefers-reduced-motion": "reduce"}
        each = [{"name": name, "value": value} for name, value in features.items()]
        await self._call("Emulation.setEmulatedMedia", features=each)

    async def reload(self) -> None:
        await self.run("window.before = true")
        await self._call("Page.reload")
        await self.until("!window.before && document.readyState === 'complete'")

    async def run(self, script: str) -> Any:
        """What a JavaScript expression gives; promises are awaited."""
        answer = await self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"].get("exception", {}).get("description"))
        return answer["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait for an expression to be true and return its value."""
        return await self.patiently(lambda: self.run(script), script)

    async def patiently(self, look: Callable[[], Awaitable[Any]], what: str) -> Any:
        """What `look` sees, as soon as it sees something."""
        last = time.monotonic() + PATIENCE
        while not (found := await look()):
            if time.monotonic() > last:
                raise AssertionError(f"not seen within {PATIENCE:g} s: {what}\n{'; '.join(self.errors)}")
            await asyncio.sleep(0.03)
        return found

    @staticmethod
    def _find(testid: str, within: str | None) -> str:
        return f"{FIND}({json.dumps(testid)}, {json.dumps(within)})"

    async def see(self, testid: str, words: str = "", within: str | None = None) -> str:
        """The visible text of an element, once it is there and holds `words`."""
        found = self._find(testid, within)
        script = f"{found}.map((n) => n.innerText ?? '').find((t) => t.includes({json.dumps(words)})) ?? null"

        async def look() -> Any:
            text = await self.run(script)
            return None if text is None else (text,)

        return (await self.patiently(look, f"{testid} with {words!r}"))[0]

    async def gone(self, testid: str, within: str | None = None) -> None:
        await self.until(f"{self._find(testid, within)}.length === 0")

    async def says_no_more(self, testid: str, words: str) -> None:
        """An element is there, and does not hold `words`."""
        texts = f"{self._find(testid, None)}.map((n) => n.innerText ?? '')"
        await self.until(f"{texts}.length && !{texts}.some((t) => t.includes({json.dumps(words)}))")

    async def value(self, testid: str, within: str | None = None) -> str:
        """What an input holds."""
        await self.see(testid, within=within)
        return await self.run(f"{self._find(testid, within)}[0].value")

    async def attribute(self, testid: str, name: str, within: str | None = None) -> str | None:
        await self.see(testid, within=within)
        return await self.run(f"{self._find(testid, within)}[0].getAttribute({json.dumps(name)})")

    async def holds(self, testid: str, words: str, within: str | None = None) -> None:
        """Wait until an input holds exactly this."""
        await self.until(f"{self._find(testid, within)}[0]?.value === {json.dumps(words)}")

    async def bears(self, testid: str, name: str, value: str, within: str | None = None) -> None:
        """Wait until an attribute of an element is exactly this."""
        await self.until(f"{self._find(testid, within)}[0]?.getAttribute({json.dumps(name)}) === {json.dumps(value)}")

    async def gives(self, script: str, value: Any) -> None:
        """Wait until a JavaScript expression gives exactly this."""

        async def look() -> bool:
            return await self.run(script) == value

        await self.patiently(look, f"{script} to give {value!r}")

    async def testids(self, prefix: str) -> list[str]:
        """Of all visible elements whose data-testid begins so, in the page's order."""
        selector = json.dumps(f'[data-testid^="{prefix}"]')
        return await self.run(
            f"[...document.querySelectorAll({selector})].filter((n) => n.getClientRects().length)"
            ".map((n) => n.dataset.testid)"
        )

    async def first(self, prefix: str) -> str:
        """The first of them, once there is one."""

        async def look() -> Any:
            return (await self.testids(prefix))[:1]

        return (await self.patiently(look, f"{prefix}…"))[0]

    async def picture(self) -> bytes:
        """A PNG of what is seen."""
        return base64.b64decode((await self._call("Page.captureScreenshot", format="png"))["data"])

    # -- doing

    async def point(self, testid: str, within: str | None = None) -> tuple[float, float]:
        """Bring an element into view, wait until it rests and nothing covers it, and put the mouse on its middle."""
        found = self._find(testid, within)
        script = f"""(() => {{
            const node = {found}[0];
            if (!node || node.disabled) return null;
            node.scrollIntoView({{ block: "nearest", inline: "nearest" }});
            const box = node.getBoundingClientRect();
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            const top = document.elementFromPoint(x, y);
            return top && (node.contains(top) || top.closest("label")?.contains(node)) ? [x, y] : null;
        }})()"""

        last: list[Any] = [None]

        async def look() -> Any:
            spot = await self.run(script)
            if spot and spot == last[0]:
                return spot
            if spot:
                await self._call("Input.dispatchMouseEvent", type="mouseMoved", x=spot[0], y=spot[1])
            last[0] = spot
            return None

        x, y = await self.patiently(look, f"{testid} to click")
        return x, y

    async def click(self, testid: str, within: str | None = None) -> None:
        x, y = await self.point(testid, within)
        for kind in ("mousePressed", "mouseReleased"):
            await self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def fill(self, testid: str, text: str, within: str | None = None) -> None:
        """Put text into a field in place of what is there."""
        await self.see(testid, within=within)
        await self.run(f"(() => {{ const n = {self._find(testid, within)}[0]; n.focus(); n.select(); }})()")
        await self._call("Input.insertText", text=text)

    async def press(self, key: str, shift: bool = False) -> None:
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": 8 if shift else 0}
        text = {"text": "\r"} if key == "Enter" else {}
        await self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **code, **text)
        await self._call("Input.dispatchKeyEvent", type="keyUp", **code)
