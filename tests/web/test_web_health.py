"""`/readyz` and `/metrics`: what those ask who keep the site running."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from web_scene import CONFIG, an_installation, ask

from digest.app import App, make_app
from digest.config import load
from digest.web.site import make_site


@pytest.fixture
def app(tmp_path: Path) -> App:
    return an_installation(tmp_path)


def test_it_is_ready_once_something_is_published(tmp_path: Path) -> None:
    """A store that answers is healthy; a site without a page is not ready yet."""
    (tmp_path / "digest.yaml").write_text(CONFIG)
    app = make_app(load(tmp_path / "digest.yaml"))
    site = make_site(app, print)
    assert ask(site, "/readyz").body.startswith(b"digest.db is missing")
    with app.memory():
        pass
    assert ask(site, "/healthz").body == b"ok\n"
    answer = ask(site, "/readyz")
    assert (answer.status, answer.body) == (503, b"nothing is published yet\n")
    assert answer.headers["retry-after"] == "30"
    an_installation(tmp_path)
    answer = ask(site, "/readyz")
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, b"ok\n", "no-store")


def test_a_scraper_reads_how_things_stand(app: App) -> None:
    """The same numbers as `digest status --metrics` prints, under the media type of the format."""
    answer = ask(make_site(app, print, metrics=True), "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    families = {one.name: one.samples for one in text_string_to_metric_families(answer.body.decode())}
    assert [one.labels["verdict"] for one in families["digest_verdict"] if one.value] == ["delivered"]
    assert {one.labels["profile"]: one.value for one in families["digest_edition_papers"]} == {"lab": 3, "hidden": 3}


def test_metrics_are_nobodys_business_unless_told(app: App) -> None:
    """Without --metrics the address is none: how many readers there are is not for everybody."""
    assert ask(make_site(app, print), "/metrics").status == 404


def test_metrics_of_a_store_that_is_gone_are_refused(app: App) -> None:
    """A scraper counts a 503 as down, which it is."""
    assert app.store
    app.store.unlink()
    answer = ask(make_site(app, print, metrics=True), "/metrics")
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
