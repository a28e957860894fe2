"""How the witnesses get Python packages that cannot live beside ours: from a lock, once, into var/."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python_of(source: Path) -> Path:
    """A Python with the project's packages; skips where these cannot be had, but not in CI."""
    locked = (source / "requirements.txt").read_bytes() + sys.version.encode()
    folder = ROOT / "var" / "witness" / f"{source.name}-{hashlib.sha256(locked).hexdigest()[:12]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:  # tests in other processes want it too
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".ready").exists():
            _install(source, folder)
    return folder / "bin" / "python"


def _install(source: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    done = subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--no-deps", "-r", source / "requirements.txt"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        absent = f"the packages of {source.name} cannot be had:\n{done.stderr[-2000:]}"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    (folder / ".ready").touch()
