"""`digest doctor` as a person types it."""

import json
from pathlib import Path

from terminal import a_config, a_page, digest, tree

MAIL = (
    "mail: {from: digest@lab.test, maildir: out}\nalerts: {mail: ops@lab.test}\nsite: {base_url: https://lab.test/}\n"
)
READERS = "    recipients: ana@lab.test\n"


def test_a_sound_installation(tmp_path: Path) -> None:
    """Every line is ok, the last one counts them, and nothing is changed or sent."""
    a_page(tmp_path)
    a_config(tmp_path, READERS + MAIL)
    before = tree(tmp_path)
    done = digest("doctor", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    *rows, empty, last = done.out.splitlines()
    said = [row.split()[0] for row in rows if not row.startswith(" ")]
    assert said == ["ok"] * len(said)
    assert (empty, last) == ("", f"{len(said)} ok, 0 to look at, 0 wrong")
    assert tree(tmp_path) == before


def test_each_line_is_an_object(tmp_path: Path) -> None:
    """`--json` prints an object for each check; what is wrong has the exit code that it asks for."""
    a_page(tmp_path)
    a_config(tmp_path, READERS + MAIL.replace("maildir: out", "smtp: {host: 127.0.0.1, port: 1, tls: none}"))
    done = digest("doctor", "--json", cwd=tmp_path)
    assert done.code == 4
    told = [json.loads(line) for line in done.out.splitlines()]
    assert {tuple(one) for one in told} == {("what", "state", "said", "todo", "code")}
    (wrong,) = [one for one in told if one["state"] == "wrong"]
    assert wrong["said"] == "SMTP to 127.0.0.1:1: no connection: Connection refused"
    assert wrong["code"] == 4


def test_a_wrong_config_is_all_there_is_to_say(tmp_path: Path) -> None:
    """Every complaint is a line, and the code is 2."""
    a_config(tmp_path, "    keywrods: [x]\n    limit: none\n")
    done = digest("doctor", cwd=tmp_path)
    assert done.code == 2
    assert done.out.count("WRONG config") == 2
    assert "digest.yaml:7:5: profiles.ana: unknown key 'keywrods'" in done.out
    assert digest("doctor", "--config", "nosuch.yaml", cwd=tmp_path).code == 2


def test_the_worst_is_the_exit_code(tmp_path: Path) -> None:
    """A folder that cannot be published to is 5, a secret that is missing 2, whatever else is wrong."""
    a_page(tmp_path)
    a_config(tmp_path, READERS + MAIL)
    (tmp_path / "feeds").write_text("in the way")
    assert digest("doctor", cwd=tmp_path).code == 5
    config = (tmp_path / "digest.yaml").read_text()
    hooked = config.replace(READERS, f"{READERS}    webhooks: [{{format: slack, url: {{env: NO_SUCH}}}}]\n")
    (tmp_path / "digest.yaml").write_text(hooked)
    done = digest("doctor", cwd=tmp_path)
    assert done.code == 2
    assert "the environment variable NO_SUCH is not set" in " ".join(done.out.split())


def test_sources_on_the_network(tmp_path: Path) -> None:
    """A key or a password that a source needs is looked for, and services are to know whom to write to; nobody is
    asked.
    """
    a_page(tmp_path)
    sources = (
        "sources: [page.txt, {pubmed: {query: x, key: {env: NO_SUCH}}}, {folder: listings}, "
        "{semantic_scholar: {query: y, key: {env: S2}}}, "
        "{imap: {host: localhost, user: ana, password: {env: PW}, folder: Alerts}}]"
    )
    config = a_config(tmp_path, READERS + MAIL)
    config.write_text(config.read_text().replace("sources: [page.txt]", sources))
    done = digest("doctor", cwd=tmp_path, S2="k", PW="p")
    told = " ".join(done.out.split())
    assert done.code == 2
    assert "WRONG secret of PubMed x the environment variable NO_SUCH is not set" in told
    assert "ok secret of Semantic Scholar y is there (env)" in told
    assert "ok secret of Alerts at localhost is there (env)" in told
    assert "services that are asked for papers cannot write to anybody" in told
    config.write_text(config.read_text() + "fetch: {contact: ana@lab.test}\n")
    assert "cannot write to anybody" not in digest("doctor", cwd=tmp_path).out
