"""A chat's server on this machine that does what it is told: one behaviour, the requests that it had."""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

Behaviour = Callable[[socket.socket, "Chat"], None]


class Chat:
    """`requests` are what it was sent, whole; `port` is where it listens."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = Event()
        self._behaviour = behaviour
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._behaviour(connection, self)

    def close(self) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def chat(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Chat]:
    made = Chat(behaviour, context)
    Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()


def heard(connection: socket.socket, chat: Chat) -> bytes:
    """One whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65_536)):
            raise OSError("it hung up")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    length = next(lengths, 0)
    while len(body) < length:
        body += connection.recv(65_536)
    chat.requests.append(head + b"\r\n\r\n" + body)
    return body


def says(status: int, body: str = "", *fields: str) -> Behaviour:
    """Hears the request and answers it."""

    def answer(connection: socket.socket, chat: Chat) -> None:
        heard(connection, chat)
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body.encode())}", "Connection: close", *fields]
        connection.sendall("\r\n".join([*lines, "", body]).encode())

    return answer


def silent(connection: socket.socket, chat: Chat) -> None:
    """Hears the request and says nothing."""
    heard(connection, chat)
    chat.over.wait(30)


def deaf(connection: socket.socket, chat: Chat) -> None:
    """Says nothing to anybody, not even to who wants to encrypt."""
    chat.over.wait(30)


def dripping(connection: socket.socket, chat: Chat) -> None:
    """Answers a byte at a time, for ever."""
    heard(connection, chat)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not chat.over.wait(0.05):
        connection.sendall(b"x")


def hanging_up(connection: socket.socket, chat: Chat) -> None:
    """Hears the request and hangs up."""
    heard(connection, chat)


def resetting(connection: socket.socket, chat: Chat) -> None:
    """Hears the request and resets the connection."""
    heard(connection, chat)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def muttering(connection: socket.socket, chat: Chat) -> None:
    """Hears the request and answers something else than HTTP."""
    heard(connection, chat)
    connection.sendall(b"220 smtp.example.org ESMTP\r\n")


def certified(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for that address, and the file by which it is trusted."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chat")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "chat.pem", folder / "chat.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context, certificate
