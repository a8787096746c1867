"""Programs as Spark's guide teaches them print what they print on real Spark: as scripts and in a notebook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs import HERE, PROGRAMS, answer, run

BIN = Path(sys.executable).parent


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_prints_what_it_prints_on_spark(name):
    done = run([str(BIN / "firesteel"), "run"], name)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert done.stdout == answer(name).read_text(encoding="utf-8")


@pytest.mark.live
@pytest.mark.parametrize("name", PROGRAMS)
def test_real_spark_prints_the_recorded_answer(name):
    done = run([os.environ["SPARK_PYTHON"]], name)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert done.stdout == answer(name).read_text(encoding="utf-8")


def test_a_notebook_prints_the_same(tmp_path):
    source = (HERE / "tour.py").read_text(encoding="utf-8")
    cells = ["import firesteel\n\nfiresteel.install()", *source.split("\n# %% ")[1:]]
    # What follows the mark is the cell's title.
    cells[1:] = [f"# {cell}" for cell in cells[1:]]
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{i}",
                "metadata": {},
                "outputs": [],
                "source": cell,
            }
            for i, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "tour.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    # The kernel of this environment, whatever kernels the user has installed.
    environment = {**os.environ, "JUPYTER_PATH": str(BIN.parent / "share" / "jupyter"), "JUPYTER_PREFER_ENV_PATH": "1"}
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "tour.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, env=environment)
    assert done.returncode == 0, done.stderr[-4000:]
    executed = json.loads((tmp_path / "tour.ipynb").read_text(encoding="utf-8"))
    printed = "".join(
        "".join(output["text"])
        for cell in executed["cells"]
        for output in cell["outputs"]
        if output.get("name") == "stdout"
    )
    assert printed == answer("tour").read_text(encoding="utf-8")
