"""What Ctrl-C says in the middle of setting up, and who may run the server."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings

STOPPED = "Stopped. Run it again to carry on from here.\n"
SLEEP = "import time; print('begun', flush=True); time.sleep(60)"


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", SLEEP],
        ["bash", "-c", "source bin/checkout.sh; echo begun; sleep 60 || fail 'the network is away'"],
    ],
    ids=["a command of Django", "a script"],
)
def test_ctrl_c_says_what_to_do_next_and_nothing_else(command):
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:
        assert process.stdout.readline() == "begun\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=30)[1] == STOPPED
        assert process.returncode != 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root is refused")
def test_root_is_told_why_it_cannot_run_the_server():
    refused = subprocess.run(
        ["bin/check-user", "worker"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "does not run as root" in refused.stderr
    assert "ALLOW_ROOT=1 make worker" in refused.stderr
    allowed = subprocess.run(
        ["bin/check-user"], cwd=settings.BASE_DIR, env=os.environ | {"ALLOW_ROOT": "1"}, check=False
    )
    assert allowed.returncode == 0
