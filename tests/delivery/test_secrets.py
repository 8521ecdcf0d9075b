"""`digest.delivery.secrets`: where secrets are found, and that no message repeats one."""

import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from digest.delivery.secrets import reveal
from digest.delivery.settings import Secret
from digest.errors import UsageError


def python(program: str) -> Secret:
    return Secret("command", shlex.join([sys.executable, "-c", program]))


def complaint(secret: Secret, patience: float = 30.0) -> str:
    with pytest.raises(UsageError) as caught:
        reveal(secret, patience)
    assert "hunter2" not in str(caught.value).replace(secret.where, "")
    return str(caught.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n", "\nuser: ana\nurl: example.org\n"])
def test_the_first_line(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is the first line of what is there, without its line break and with its spaces, wherever it is."""
    monkeypatch.setenv("SMTP_PASSWORD", f" hunter2 π {end}")
    (tmp_path / "secret").write_bytes(f" hunter2 π {end}".encode())
    (tmp_path / "secret").chmod(0o600)
    assert reveal(Secret("env", "SMTP_PASSWORD")) == " hunter2 π "
    assert reveal(Secret("file", str(tmp_path / "secret"))) == " hunter2 π "
    assert reveal(python(f"print({f' hunter2 π {end}'!r}, end='')")) == " hunter2 π "


def test_a_file_of_others(tmp_path: Path) -> None:
    """C04: a file that group or others may read is refused, with what to do; one of the owner alone is read."""
    path = tmp_path / "secret"
    path.write_text("hunter2")
    for mode in (0o644, 0o640, 0o604):
        path.chmod(mode)
        assert complaint(Secret("file", str(path))) == (
            f"{path} can be read by others than its owner; chmod 600 {path}"
        )
    for mode in (0o600, 0o400):
        path.chmod(mode)
        assert reveal(Secret("file", str(path))) == "hunter2"


def test_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind that is not there is told with where it was looked for."""
    monkeypatch.delenv("NOWHERE", raising=False)
    assert "the environment variable NOWHERE is not set" in complaint(Secret("env", "NOWHERE"))
    assert f"{tmp_path}/none: the secret cannot be read: No such file" in complaint(Secret("file", f"{tmp_path}/none"))
    tmp_path.chmod(0o700)
    assert "Is a directory" in complaint(Secret("file", str(tmp_path)))
    assert "the command `no-such-program x`" in (told := complaint(Secret("command", "no-such-program x")))
    assert "No such file" in told


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b"\n\nhunter2\n"])
def test_empty(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place without a secret is told: an empty password would be sent as one."""
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)
    monkeypatch.setenv("EMPTY", content.decode())
    for secret in (Secret("file", str(path)), Secret("env", "EMPTY"), python(f"print({content.decode()!r}, end='')")):
        assert "there is no secret, or its first line is empty" in complaint(secret)


def test_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no UTF-8, and a zero byte, are told and not guessed at."""
    path = tmp_path / "secret"
    path.write_bytes(b"hunter2\xff")
    path.chmod(0o600)
    assert complaint(Secret("file", str(path))) == f"{path}: the secret is not UTF-8"
    monkeypatch.setitem(os.environb, b"LATIN", b"hunter2\xe9")
    assert complaint(Secret("env", "LATIN")) == "the environment variable LATIN: the secret is not UTF-8"
    assert "is not UTF-8" in complaint(python("import os; os.write(1, b'hunter2' + bytes([255]))"))
    path.write_bytes(b"hunter\0 2")
    assert "a byte of zero" in complaint(Secret("file", str(path)))


def test_a_command_that_fails() -> None:
    """What a command says last on its error output is told, and what it printed is not."""
    told = complaint(
        python("import sys; print('hunter2'); print('first\\nno key for it', file=sys.stderr); sys.exit(3)")
    )
    assert told.endswith("ended with 3: no key for it")
    assert complaint(Secret("command", "false")).endswith("ended with 1")


@pytest.mark.parametrize("line", ["", "'unfinished", "   "])
def test_no_command(line: str) -> None:
    """A line that is no command is told."""
    assert "cannot be run" in complaint(Secret("command", line))


@pytest.mark.parametrize(
    "program", ["sleep 60", "sleep 60; true", "sleep 60 & sleep 60 & wait", "echo hunter2; sleep 60 &"]
)
def test_a_command_that_hangs(program: str) -> None:
    """A command that prints nothing in time is ended, with all that it started: none of it holds us up."""
    began = time.monotonic()
    told = complaint(Secret("command", f"sh -c {shlex.quote(program)}"), 0.3)
    assert told.endswith("printed no secret in 0.3 s")
    assert time.monotonic() - began < 5


def test_a_command_reads_nothing() -> None:
    """A command that asks for something is not answered by what stands in our standard input."""
    assert "no secret" in complaint(python("import sys; print(sys.stdin.read(), end='')"))
