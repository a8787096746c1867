"""Starting: a missing or broken engine is named, and so is a master that cannot be."""

import subprocess
import sys

import pytest

import firesteel
from firesteel import _engine
from firesteel.embedded import slots


def test_missing_engine(monkeypatch):
    monkeypatch.setenv("FIRESTEEL_ENGINE", "/nonexistent/engine")
    with pytest.raises(firesteel.EngineStartError, match="FIRESTEEL_ENGINE=/nonexistent/engine"):
        _engine.Engine({})


def test_engine_nowhere(monkeypatch, tmp_path):
    monkeypatch.delenv("FIRESTEEL_ENGINE", raising=False)
    monkeypatch.setattr(_engine, "_script_directories", lambda: iter([tmp_path]))
    with pytest.raises(firesteel.EngineStartError, match=f"not found in {tmp_path}"):
        _engine.Engine({})


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("#!/bin/sh\nexit 7\n", "ended with exit code 7 before it was ready"),
        ("#!/bin/sh\nkill -SEGV $$\n", "was killed by SIGSEGV before it was ready"),
        ("#!/bin/sh\necho hello\ncat > /dev/null\n", "did not answer as a Firesteel engine"),
        ("#!/nonexistent/interpreter\n", "cannot execute the Firesteel engine"),
    ],
)
def test_engine_that_does_not_start(monkeypatch, tmp_path, script, message):
    binary = tmp_path / "engine"
    binary.write_text(script, encoding="utf-8")
    binary.chmod(0o700)
    monkeypatch.setenv("FIRESTEEL_ENGINE", str(binary))
    with pytest.raises(firesteel.EngineStartError, match=message):
        _ = _engine.Engine({}).port


def test_master_gives_the_slots():
    assert [slots(m) for m in ("local", "local[3]", "local[2,4]", "local[ 2 ]")] == [1, 3, 2, 2]
    assert slots("local[*]") == slots("local[*, 3]") >= 1


@pytest.mark.parametrize("master", ["yarn", "spark://host:7077", "local[0]", "local[-1]", "local[]", "localhost"])
def test_master_that_cannot_be(master):
    with pytest.raises(ValueError, match="use local"):
        firesteel.embedded.create({"spark.master": master})


def test_importing_the_package_does_not_import_pyspark():
    program = "import firesteel, sys; print([m for m in ('pyspark', 'pandas', 'grpc') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_start_leaves_ipython_alone():
    program = (
        "import firesteel, sys; firesteel.session(); print('IPython' in sys.modules)\n"
        "from IPython.utils import terminal; print(terminal.__spec__.name)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "IPython.utils.terminal"]


def test_calls_of_a_stopped_session_are_refused(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import firesteel\n"
        "spark = firesteel.session()\n"
        "spark.range(3).count()\n"
        "spark.stop()\n"
        "for call in (lambda: spark.range(3).count(), lambda: spark.addArtifacts(__file__, file=True)):\n"
        "    try:\n"
        "        call()\n"
        "    except Exception as error:\n"
        "        print(error.getCondition())\n",
        encoding="utf-8",
    )
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False)
    assert (run.stdout, run.returncode) == ("NO_ACTIVE_SESSION\n" * 2, 0), run.stderr
