"""Programs that begin at once: children of a process that has loaded their code already, which takes a second.

What a child is told is what its command line would have told it: words, environment, folder, files. Its code runs as
`python -m` runs it, with nothing of ours imported that has a state. It dies with whoever began it. The interpreter that
it finds to begin others with is tests/interpreter.py.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import locale
import os
import pkgutil
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any, NoReturn

from tests import interpreter

ROOT = Path(__file__).parent.parent
LOADED = (
    "deskbell",
    "tests.engine.process",
    "tests.gateways.email.imap_process",
    "core.engine.apart",
    "core.routing",
    "core.storage.migrations.run",
)
"""Modules, and everything in those that are packages."""
_PR_SET_PDEATHSIG = 1
_MOST = 1 << 17  # bytes of what is asked


class Process:
    """A program that has begun. What subprocess.Popen and asyncio's processes have in common, under their names."""

    def __init__(self, status: socket.socket):
        self._status = status
        self.pid = int(self._line())
        self._code: int | None = None

    def _line(self) -> bytes:
        said = b""
        while not said.endswith(b"\n"):
            more = self._status.recv(1)
            if not more:
                raise RuntimeError("whoever waits for a program that has begun is gone")
            said += more
        return said

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        """Its exit code, as subprocess gives it, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        if self._code is None:
            if timeout is not None and not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            self._code = int(self._line())
            self._status.close()
        return self._code

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Begun = Process | subprocess.Popen[bytes]


def begin(
    module: str,
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Begun:
    """`python -m module words…`. Files are descriptors; None: nothing to read, what is written is thrown away."""
    if sys.platform != "linux":  # elsewhere it takes its second
        files = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        given = {name: subprocess.DEVNULL if file is None else file for name, file in files.items()}
        return subprocess.Popen([sys.executable, "-m", module, *words], cwd=cwd, env=env, **given)
    ours, theirs = socket.socketpair()
    with open(os.devnull, "r+b") as nothing, theirs:
        files = [nothing.fileno() if file is None else file for file in (stdin, stdout, stderr)]
        told = {"module": module, "words": list(words), "env": dict(env), "cwd": str(cwd), "files": [0, 1, 2]}
        asked = json.dumps(told).encode()
        assert len(asked) < _MOST
        socket.send_fds(_nursery(), [asked], [theirs.fileno(), *files])
    return Process(ours)


def run(
    module: str, words: Sequence[str], *, env: Mapping[str, str], cwd: Path = ROOT, stdin: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """The same from its beginning to its end. Raises subprocess.TimeoutExpired."""
    with TemporaryFile() as asked, TemporaryFile() as said, TemporaryFile() as complained:
        asked.write(stdin.encode())
        asked.seek(0)
        files = {"stdin": asked.fileno(), "stdout": said.fileno(), "stderr": complained.fileno()}
        process = begin(module, words, env=env, cwd=cwd, **files)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        texts = [_text(file) for file in (said, complained)]
    return subprocess.CompletedProcess([module, *words], code, *texts)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return io.TextIOWrapper(io.BytesIO(file.read()), "utf-8").read()  # with every kind of line end, as subprocess does


@cache
def _nursery() -> socket.socket:
    """Who has loaded the code, and has children."""
    folder = Path(mkdtemp(prefix="deskbell-warm-"))
    atexit.register(shutil.rmtree, folder)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno()), folder], pass_fds=[theirs.fileno()], cwd=ROOT
        )

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


# In the process that has loaded the code


def _loaded() -> None:
    for name in LOADED:
        module = importlib.import_module(name)
        for found in pkgutil.walk_packages(getattr(module, "__path__", []), f"{name}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    gc.collect()
    gc.freeze()  # so that children do not copy what they only look at


def _interpreter(folder: Path) -> tuple[Path, socket.socket]:
    """What children find as their interpreter, and where it asks for others."""
    (folder / interpreter.ITSELF).symlink_to(sys.executable)
    program = folder / "interpreter"
    program.write_text(f"#!{sys.executable} -SEI\n{Path(interpreter.__file__).read_text(encoding='utf-8')}", "utf-8")
    program.chmod(0o700)
    asks = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asks.bind(str(folder / interpreter.LINE))
    asks.listen(64)
    return program, asks


def _wait_for_birth(line: socket.socket, asks: socket.socket) -> dict[str, Any]:
    """Fork for whoever asks. Returns in each child, what it is to be."""
    while True:
        by_a_child = line not in select.select([line, asks], [], [])[0]
        status = [asks.accept()[0].detach()] if by_a_child else []
        asked, files = _asked(status[0]) if status else _asked(line.fileno())
        files = [*status, *files]
        if not asked and not by_a_child:
            sys.exit(0)
        if asked and os.fork() == 0:
            line.close()
            asks.close()
            return _born(json.loads(asked), files, tied=by_a_child)
        for file in files:
            os.close(file)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _asked(line: int) -> tuple[bytes, list[int]]:
    with socket.socket(fileno=os.dup(line)) as heard:
        asked, files, _, _ = socket.recv_fds(heard, _MOST, 64)
    return asked, files


def _born(told: dict[str, Any], files: list[int], *, tied: bool) -> dict[str, Any]:
    """One more generation: the child, and who waits for it and says how it ended. `tied`: it ends with who asked."""
    status, *given = files
    _die_with_parent()
    pid = os.fork()
    if pid:
        _say_how_it_ends(pid, status, given, tied)
    _die_with_parent()
    os.close(status)
    # Above all that have a number yet, so that none takes another's place.
    kept = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 256) for file in given]
    for file in given:
        os.close(file)
    for file, number in zip(kept, told["files"], strict=True):
        os.dup2(file, number)
        os.close(file)
    return told


def _say_how_it_ends(pid: int, status: int, given: list[int], tied: bool) -> NoReturn:
    with contextlib.suppress(BrokenPipeError):
        os.write(status, b"%d\n" % pid)
        for file in {0, 1, 2, *given}:
            os.close(file)
        ends = os.pidfd_open(pid)
        if tied and ends not in select.select([ends, status], [], [])[0]:
            os.kill(pid, signal.SIGKILL)
        _, ended = os.waitpid(pid, 0)
        os.write(status, b"%d\n" % os.waitstatus_to_exitcode(ended))
    os._exit(0)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _be(told: dict[str, Any], program: Path) -> None:
    """What an interpreter does before its program begins."""
    sys.executable = str(program)
    if not hasattr(sys.modules.get(told["module"]), "__path__"):
        sys.modules.pop(told["module"], None)  # it is loaded once more, as __main__
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
    os.chdir(told["cwd"])
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), encoding, errors or "strict")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), encoding, errors or "strict")
    complaints = io.BufferedWriter(io.FileIO(2, "w"))
    sys.stderr = io.TextIOWrapper(complaints, encoding, "backslashreplace", line_buffering=True)
    sys.argv = [told["module"], *told["words"]]
    sys.path[0] = told["cwd"]


if __name__ == "__main__":
    _loaded()
    program, asks = _interpreter(Path(sys.argv[2]))
    told = _wait_for_birth(socket.socket(fileno=int(sys.argv[1])), asks)
    _be(told, program)
    runpy.run_module(told["module"], run_name="__main__", alter_sys=True)
