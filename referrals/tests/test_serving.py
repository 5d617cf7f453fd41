"""`bin/serve` keeps the web server going whatever becomes of the worker."""

import shutil
import signal
import socket
import subprocess
import time

import pytest
from django.conf import settings

# Stands in for Python: a web server that answers 404, and a worker that ends a second after it has begun.
PROGRAM = """#!/usr/bin/env bash
case "$*" in
    *gunicorn*) exec python3 -m http.server "$PORT" --bind 127.0.0.1 ;;
    *) echo begun >>begun; sleep 1; exit 1 ;;
esac
"""


def wait_for(found) -> None:
    deadline = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.sampled
def test_a_worker_that_keeps_ending_is_started_again_and_the_web_server_goes_on(tmp_path):
    shutil.copytree(settings.BASE_DIR / "bin", tmp_path / "bin")
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"PATH": "/usr/bin:/bin", "PORT": str(port), "SMTP_HOST": "none", "ALLOW_ROOT": "1"}
    log, begun = tmp_path / "log", tmp_path / "begun"
    with (
        log.open("w") as words,
        subprocess.Popen(
            ["bin/serve"], cwd=tmp_path, env=environment, stdout=words, stderr=words, start_new_session=True
        ) as serving,
    ):
        wait_for(lambda: begun.exists() and begun.read_text().count("begun") >= 3)
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            assert serving.poll() is None
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=20) == 0
    assert log.read_text().count("the background worker ended by itself. Starting it again.") >= 2
