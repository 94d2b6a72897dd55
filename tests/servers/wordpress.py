"""A real WordPress of its own: Debian's package, a private MariaDB, PHP's server. Loopback only, nothing asks outside.

`running()` starts one for the whole test run and stops it, by process id, at its end. On a laptop without the
packages the tests are skipped; with CI set they fail.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

SOURCE = Path("/usr/share/wordpress")
PROGRAMS = ("php", "mariadbd", "mariadb-install-db", "mariadb")
USER = "redaction"

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY',
               'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT') as $name) {{ define($name, 'for tests ' . $name); }}
$table_prefix = 'wp_';
define('WP_ENVIRONMENT_TYPE', 'local');      // application passwords without TLS
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_DEBUG', false);
$host = isset($_SERVER['HTTP_HOST']) ? $_SERVER['HTTP_HOST'] : '{host}';   // also behind a faulty line
define('WP_HOME', 'http://' . $host); define('WP_SITEURL', 'http://' . $host);
if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}
require_once ABSPATH . 'wp-settings.php';
"""

SET_UP = """<?php
$_SERVER['HTTP_HOST'] = '{host}';
require __DIR__ . '/wp-load.php';
$user = get_user_by('login', '{user}');
list($password) = WP_Application_Passwords::create_new_application_password($user->ID, array('name' => 'Diffusion'));
$reader = wp_create_user('lectrice', wp_generate_password(), 'lectrice@example.org');
list($other) = WP_Application_Passwords::create_new_application_password($reader, array('name' => 'Diffusion'));
echo $password, "\\n", $other;
"""


@dataclass(slots=True)
class WordPress:
    """`password` is the editor's application password, `reader_password` one of « lectrice », who may not write."""

    folder: Path
    port: int
    password: str = ""
    reader_password: str = ""
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket(self) -> Path:
        return self.folder / "db.sock"

    def sql(self, query: str, database: str = "wordpress") -> list[list[str]]:
        """Rows as the database holds them, by its own client."""
        command = [
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            "--user=root",
            "--default-character-set=utf8mb4",
        ]
        done = subprocess.run([*command, "-N", "-B", "-e", query, database], capture_output=True, check=True)
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    def php(self, code: str) -> str:
        """What a script inside the site prints."""
        script = self.folder / "site" / "once.php"
        script.write_text(code)
        try:
            return subprocess.run(["php", str(script)], capture_output=True, check=True, text=True).stdout
        finally:
            script.unlink()

    def option(self, name: str, value: str) -> None:
        """Set one of the site's options, as its own settings page would."""
        self.php(
            f"<?php $_SERVER['HTTP_HOST'] = '127.0.0.1:{self.port}'; require __DIR__ . '/wp-load.php';"
            f"update_option('{name}', '{value}'); flush_rewrite_rules();"
        )

    def start(self) -> None:
        site = self.folder / "site"
        shutil.copytree(SOURCE, site, symlinks=False, ignore=shutil.ignore_patterns("wp-config.php", ".htaccess"))
        (site / "wp-content" / "uploads").mkdir(exist_ok=True)
        host = f"127.0.0.1:{self.port}"
        (site / "wp-config.php").write_text(CONFIG.format(socket=self.socket, host=host))
        self._start_database()
        environment = os.environ | {"PHP_CLI_SERVER_WORKERS": "4"}
        self._run(
            ["php", "-d", "upload_max_filesize=16M", "-d", "post_max_size=20M", "-S", host, "-t", str(site)],
            environment,
        )
        self._wait(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close())
        form = {
            "weblog_title": "Val-Clair", "user_name": USER, "admin_password": "not used", "admin_password2": "not used",
            "pw_weak": "1", "admin_email": "redaction@val-clair.example", "blog_public": "0", "language": "",
        }  # fmt: skip
        requests.post(f"{self.url}/wp-admin/install.php?step=2", data=form, timeout=60).raise_for_status()
        self.password, self.reader_password = self.php(SET_UP.format(host=host, user=USER)).split("\n")

    def _start_database(self) -> None:
        data, me = self.folder / "data", pwd.getpwuid(os.getuid()).pw_name
        subprocess.run(
            [
                "mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={me}", "--skip-test-db",
                "--auth-root-authentication-method=normal",
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        self._run(
            [
                "mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self.socket}", f"--user={me}",
                "--skip-networking", f"--pid-file={self.folder / 'db.pid'}", "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
            ],
            dict(os.environ),
        )  # fmt: skip
        self._wait(lambda: self.sql("CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4", "mysql"))

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        log = (self.folder / f"{command[0]}.log").open("wb")
        with log:
            self._running.append(
                subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
            )

    def _wait(self, ask: Callable[[], object]) -> None:
        """Until it answers; the log is the reason if it never does."""
        deadline = time.monotonic() + 60
        while True:
            try:
                ask()
                return
            except (OSError, subprocess.CalledProcessError):
                if time.monotonic() > deadline or self._running[-1].poll() is not None:
                    logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in self.folder.glob("*.log"))
                    raise RuntimeError(f"WordPress did not start:\n{logs}") from None
                time.sleep(0.1)

    def stop(self) -> None:
        """By process id; PHP's workers are children in the same group."""
        stopping, self._running = self._running, []
        for process in reversed(stopping):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in stopping:
            process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def is_installed() -> bool:
    return SOURCE.is_dir() and all(shutil.which(name) for name in PROGRAMS)


@functools.cache
def running() -> WordPress:
    """The one WordPress of this test run. Skips the test where it isn't installed; in CI that is a failure."""
    if not is_installed():
        missing = [name for name in PROGRAMS if not shutil.which(name)] or [str(SOURCE)]
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(f"WordPress needs {', '.join(missing)}")
        pytest.skip(f"WordPress needs {', '.join(missing)}")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    site = WordPress(Path(tempfile.mkdtemp(prefix="wp-")), port)
    atexit.register(site.stop)
    site.start()
    return site
