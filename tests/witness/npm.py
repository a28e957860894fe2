"""How the witnesses get Node packages: from a lock, once, into var/."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def node_project(source: Path) -> Path:
    """A folder with the project's files and its packages; skips where Node is not installed, but not in CI."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            absent = f"{tool} is not installed (Debian: apt-get install nodejs npm)"
            if os.environ.get("CI"):
                pytest.fail(absent)
            pytest.skip(absent)
    locked = b"".join((source / name).read_bytes() for name in ("package.json", "package-lock.json"))
    folder = ROOT / "var" / "witness" / f"{source.name}-{hashlib.sha256(locked).hexdigest()[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:  # tests in other processes want it too
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / ".ready").exists():
            _install(source, folder)
    for path in source.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    return folder


def _install(source: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-progress"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"npm ci failed:\n{done.stdout}\n{done.stderr}")
    (folder / "node_modules" / ".ready").touch()
