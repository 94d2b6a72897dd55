"""What keeps the whole product from starting is said in one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("DIFFUSION_", "DJANGO_"))}
        env |= {"DIFFUSION_HOME": str(tmp_path), "DIFFUSION_LISTEN": listen}

        told = subprocess.run(
            [sys.executable, "-m", "workers.cli", "up"],
            capture_output=True,
            text=True,
            env=env,
            timeout=120,
            check=False,
        )

    assert told.returncode == 1
    assert f"{listen} est déjà pris" in told.stderr
    assert "DIFFUSION_LISTEN=" in told.stderr
    assert "Traceback" not in told.stderr
