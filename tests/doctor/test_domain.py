"""`digest.doctor.domain`: what the DNS says of a domain, as a test says it, and once over a network (E17)."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.delivery.dkim import record
from digest.delivery.settings import Dkim, Maildir, Mailing, Server
from digest.doctor.domain import NotAsked, asking, dkim, dmarc, is_own, look, mx, spf

GMAIL = Server("smtp.gmail.com", 587)


def dns(zone: Mapping[tuple[str, str], list[str]]) -> Callable[[str, str], list[str]]:
    """A DNS that has these records and no others."""
    return lambda name, kind: zone.get((name, kind), [])


def silent(name: str, kind: str) -> list[str]:
    raise NotAsked("no answer came in time")


@pytest.fixture
def signer(tmp_path: Path) -> Dkim:
    key = tmp_path / "key.pem"
    key.touch(0o600)
    made = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Dkim("lab.org", "autumn", key)


# --------------------------------------------------------------------------------------------------- SPF


@pytest.mark.parametrize(
    ("records", "state", "said"),
    [
        ([], "look", "no record"),
        (["other=1"], "look", "no record"),
        (["v=spf10 -all"], "look", "no record"),
        (["v=spf1 include:_spf.google.com -all"], "ok", "v=spf1"),
        (["google-site-verification=x", "V=SPF1 include:_spf.google.com ~all"], "ok", "V=SPF1"),
        (["v=spf1 mx -all", "v=spf1 a -all"], "wrong", "2 records"),
        (["v=spf1 +all"], "wrong", "everybody"),
        (["v=spf1 all"], "wrong", "everybody"),
        (["v=spf1 mx -all"], "look", "does not name _spf.google.com"),
    ],
)
def test_spf(records: list[str], state: str, said: str) -> None:
    """RFC 7208: one record, that does not allow everybody, and names the server which takes our mail."""
    found = spf("lab.org", dns({("lab.org", "TXT"): records}), "smtp.gmail.com")
    assert found.state == state
    assert said in found.said


def test_the_record_to_publish_is_told() -> None:
    """Who has no SPF record is told what to write, for the provider that the config names."""
    assert "v=spf1 include:_spf.google.com -all" in spf("lab.org", dns({}), "smtp.gmail.com").todo
    assert "v=spf1 a mx -all" in spf("lab.org", dns({}), "localhost").todo


# -------------------------------------------------------------------------------------------------- DKIM


def test_dkim(signer: Dkim) -> None:
    """RFC 6376: the record has our key's public part, and is the only one of its name."""
    name, text = record(signer)
    another = text.replace("p=", "p=x")
    revoked = "v=DKIM1; k=ed25519; p="
    spread = text.replace("; p=", ";  p = ").replace("=1", "= 1")
    for records, state, said in (
        ([text], "ok", "the record of our key"),
        ([spread], "ok", "the record of our key"),
        ([], "wrong", "no record"),
        ([another], "wrong", "of another key"),
        ([revoked], "wrong", "of another key"),
        ([text, another], "wrong", "2 records"),
    ):
        found = dkim(signer, dns({(name, "TXT"): records}))
        assert found.state == state, records
        assert said in found.said
        assert (text in found.todo) == (said in ("no record", "of another key")), "it is to be published"


def test_dkim_elsewhere(signer: Dkim, tmp_path: Path) -> None:
    """Mails that are not signed here may be by the server; a key that cannot be read was told of before."""
    assert dkim(None, silent).state == "look"
    assert dkim(signer._replace(key=tmp_path / "gone.pem"), silent).state == "look"


@pytest.mark.parametrize("missing", ["cryptography", "dkim"])
def test_without_its_packages_the_rest_is_told(missing: str, signer: Dkim) -> None:
    """Without the extra `mail`, which `make digest` does not install, doctor names it and goes on."""
    code = (
        f"import sys; sys.modules['{missing}'] = None; from pathlib import Path; "
        "from digest.delivery.settings import Dkim; from digest.doctor.domain import dkim; "
        f"print(dkim(Dkim({signer.domain!r}, {signer.selector!r}, Path({str(signer.key)!r})), print).said)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pip install 'paperdigest[mail]'" in done.stdout, done.stderr


# ------------------------------------------------------------------------------------------------- DMARC


@pytest.mark.parametrize(
    ("zone", "state", "said"),
    [
        ({}, "look", "no record"),
        ({("_dmarc.news.lab.org", "TXT"): ["v=DMARC1; p=reject"]}, "ok", "_dmarc.news.lab.org: policy reject"),
        ({("_dmarc.lab.org", "TXT"): ["v=DMARC1;p=none"]}, "ok", "_dmarc.lab.org: policy none"),
        ({("_dmarc.lab.org", "TXT"): ["v = DMARC1; P = Quarantine"]}, "ok", "policy quarantine"),
        ({("_dmarc.org", "TXT"): ["v=DMARC1; p=none"]}, "look", "no record"),
        ({("_dmarc.lab.org", "TXT"): ["v=DMARC1; rua=mailto:a@lab.org"]}, "wrong", "no policy"),
        ({("_dmarc.lab.org", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, "wrong", "2 records"),
        ({("_dmarc.lab.org", "TXT"): ["v=spf1 -all"]}, "look", "no record"),
    ],
)
def test_dmarc(zone: Mapping[tuple[str, str], list[str]], state: str, said: str) -> None:
    """RFC 7489: the domain, or one above it, has one record with a policy."""
    found = dmarc("news.lab.org", dns(zone))
    assert found.state == state
    assert said in found.said


# ---------------------------------------------------------------------------------------------------- MX


@pytest.mark.parametrize(
    ("zone", "state", "said"),
    [
        ({("lab.org", "MX"): ["10 mx.lab.org.", "20 backup.lab.org."]}, "ok", "backup.lab.org, mx.lab.org"),
        ({("lab.org", "MX"): ["0 ."]}, "wrong", "takes no mail"),
        ({("lab.org", "AAAA"): ["2001:db8::1"]}, "ok", "lab.org itself"),
        ({}, "look", "bounces cannot arrive"),
    ],
)
def test_mx(zone: Mapping[tuple[str, str], list[str]], state: str, said: str) -> None:
    """RFC 5321 section 5.1, RFC 7505: bounces have somewhere to go."""
    found = mx("lab.org", dns(zone))
    assert found.state == state
    assert said in found.said


# ---------------------------------------------------------------------------------------------- together


def test_each_is_of_its_own_domain(signer: Dkim) -> None:
    """SPF and MX are of the envelope's domain, DKIM of the signature's, DMARC of that in From."""
    asked: list[tuple[str, str]] = []

    def ask(name: str, kind: str) -> list[str]:
        asked.append((name, kind))
        return []

    mailing = Mailing("digest@News.Lab.org", GMAIL, envelope="back@bounces.org", dkim=signer)
    assert [one.what for one in look(mailing, ask)] == ["SPF", "DKIM", "DMARC", "MX"]
    assert asked[:3] == [("bounces.org", "TXT"), ("autumn._domainkey.lab.org", "TXT"), ("_dmarc.news.lab.org", "TXT")]
    assert ("bounces.org", "MX") in asked


def test_what_could_not_be_asked_is_not_wrong(signer: Dkim) -> None:
    """A machine without a resolver, or one that gives no answer, is no fault of the domain's."""
    found = look(Mailing("digest@lab.org", GMAIL, dkim=signer), silent)
    assert {one.state for one in found} == {"look"}
    assert {one.said for one in found} == {"could not be asked: no answer came in time"}


@pytest.mark.parametrize("domain", ["lab.test", "localhost", "mx.lan", "a.home.arpa", "example", "x.local"])
def test_names_of_ones_own_are_not_asked_about(domain: str) -> None:
    """RFC 6761, RFC 8375: nobody out there knows a name of one's own network, and none is bothered with it."""
    assert is_own(domain)
    (found,) = look(Mailing(f"digest@{domain}", Maildir(Path())), silent)
    assert found.state == "ok"


def test_names_of_everybody_are_asked_about() -> None:
    """A name that only looks like one of one's own is not one."""
    assert not any(map(is_own, ["example.org", "mylocal.de", "test.com", "x.latest"]))


# ------------------------------------------------------------------------------------------ over a network


@contextmanager
def a_name_server(zone: Mapping[tuple[str, str], list[str]]) -> Iterator[tuple[str, int]]:
    """A DNS server on this machine; of names that begin with `fail` it says that it failed, of `mute` nothing."""
    from dns import flags, message, rcode, rdatatype, rrset

    def answer(query: message.Message) -> message.Message | None:
        question = query.question[0]
        name, kind = str(question.name).rstrip("."), rdatatype.to_text(question.rdtype)
        reply = message.make_response(query)
        reply.flags |= flags.RA
        if name.startswith("mute"):
            return None
        if name.startswith("fail"):
            reply.set_rcode(rcode.SERVFAIL)
        elif texts := zone.get((name, kind)):
            reply.answer.append(rrset.from_text(question.name, 60, "IN", kind, *texts))
        elif not any(known == name for known, _ in zone):
            reply.set_rcode(rcode.NXDOMAIN)
        return reply

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, whence = server.recvfrom(4096)
                if data == b"stop":
                    return
                if reply := answer(message.from_wire(data)):
                    server.sendto(reply.to_wire(), whence)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"stop", server.getsockname())
            thread.join()


def test_a_real_name_server_is_understood(signer: Dkim) -> None:
    """What a name server says is read as RFC 1035 has it: texts in pieces are one, no name and no record are none."""
    name, text = record(signer)
    long = "v=DMARC1; p=none; rua=mailto:" + "x" * 300
    zone = {
        ("lab.org", "TXT"): ['"v=spf1 include:" "_spf.google.com -all"', '"other"'],
        ("lab.org", "MX"): ["10 mx.lab.org."],
        (name, "TXT"): [f'"{text[:40]}" "{text[40:]}"'],
        ("_dmarc.lab.org", "TXT"): [f'"{long[:255]}" "{long[255:]}"'],
    }
    with a_name_server(zone) as where:
        ask = asking(monotonic, 10.0, [where])
        assert [one.state for one in look(Mailing("digest@lab.org", GMAIL, dkim=signer), ask)] == ["ok"] * 4
        assert ask("_dmarc.lab.org", "TXT") == [long]
        assert ask("lab.org", "AAAA") == []
        assert ask("nobody.org", "TXT") == []
        with pytest.raises(NotAsked):
            ask("fail.org", "TXT")


def test_a_name_server_that_is_mute_is_given_so_long() -> None:
    """All questions together have one deadline; after it none is asked any more."""
    with a_name_server({}) as where:
        began = monotonic()
        found = look(Mailing("digest@mute.org", GMAIL), asking(monotonic, 0.5, [where]))
    assert monotonic() - began < 2.0
    assert [one.state for one in found] == ["look"] * 4
    assert "could not be asked" in found[0].said


def test_no_name_is_too_odd_to_ask_about() -> None:
    """A name that no DNS can have is one that could not be asked about."""
    with pytest.raises(NotAsked):
        asking(monotonic, 1.0, [("127.0.0.1", 9)])("x" * 70 + ".org", "TXT")
