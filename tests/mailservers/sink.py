"""A mail server that notes every message in a file before it says 250: what it noted has arrived.

python sink.py JOURNAL        prints its port; each line of JOURNAL is one message, as JSON

Where there is a file JOURNAL.slow, so many seconds as it says pass between the note of a message and its 250. Each
connection notes in the file that has the name when it begins: who puts a new file there does not meet again what a
connection of before is still writing.
"""

import email
import email.policy
import json
import os
import re
import socketserver
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


class Session(socketserver.StreamRequestHandler):
    journal: str
    disable_nagle_algorithm = True  # a reply is not held back until the one before it is acknowledged

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.file = os.open(self.journal, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        try:
            with suppress(ConnectionError):
                self.talk()
        finally:
            os.close(self.file)

    def talk(self) -> None:
        self.say("220 sink ESMTP")
        recipient = ""
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.say("250-sink\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME")
            elif word == b"RCPT":
                recipient = re.search(rb"<(.*)>", line)[1].decode()  # type: ignore[index]
                self.say("250 2.1.5 ok")
            elif word == b"DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text.removeprefix(b"."))
                if text:
                    self.accept(recipient, b"".join(lines))
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def accept(self, recipient: str, content: bytes) -> None:
        message = email.message_from_bytes(content, policy=email.policy.default)
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        noted = {
            "to": recipient,
            "id": message["Message-ID"],
            "papers": sorted(set(re.findall(r"arXiv:(\S+)", text))),
            "bytes": sha256(content).hexdigest(),
            "at": time.monotonic(),
        }
        os.write(self.file, (json.dumps(noted) + "\n").encode())
        with suppress(FileNotFoundError):
            time.sleep(float(Path(f"{self.journal}.slow").read_text()))
        self.say("250 2.0.0 noted")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    Session.journal = sys.argv[1]
    with Server(("127.0.0.1", 0), Session) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()
