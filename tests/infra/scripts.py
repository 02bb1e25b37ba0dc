"""Scripts run as they are, with programs of ours in place of az, curl and sleep."""

import os
import subprocess
from pathlib import Path


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def run(script: Path, *arguments: str, programs: Path, **settings: str) -> str:
    environment = {**os.environ, **settings, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(
        [script, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
