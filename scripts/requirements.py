"""Prints what pyproject.toml requires, one requirement a line, for pip: `requirements.py [extra ...]`.

The client must be installed before the package itself can be built (its descriptors become the engine's
messages), and pip cannot install a project's requirements without the project.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib


def requirements(project: dict[str, Any], extras: list[str]) -> list[str]:
    """Return the project's requirements with those of `extras`; an extra may name others of the project."""
    wanted = list(project["dependencies"])
    queue = list(extras)
    while queue:
        for requirement in project["optional-dependencies"][queue.pop()]:
            own = re.fullmatch(rf"{project['name']}\[(.*)\]", requirement)
            if own:
                queue.extend(name.strip() for name in own[1].split(","))
            else:
                wanted.append(requirement)
    return list(dict.fromkeys(wanted))


if __name__ == "__main__":
    pyproject = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    sys.stdout.write("".join(f"{line}\n" for line in requirements(pyproject["project"], sys.argv[1:])))
