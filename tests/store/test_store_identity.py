from builders import a_listing

from digest.store.identity import Settled, settle

T = "The first text says in quite a lot of words what it is about, so that it tells a paper from others."
U = "Another text, no less long than the first, has other words in it and so belongs to other papers than that."


def test_a_listing_that_nobody_knows_is_a_new_paper() -> None:
    """Without a known paper that shares a key, each paper among the new listings is new."""
    new = [a_listing(arxiv="2605.00001", abstract=T), a_listing(arxiv="2605.00002", abstract=U)]
    assert settle([], new) == [Settled((), (0,)), Settled((), (1,))]


def test_a_listing_joins_the_paper_it_shares_a_key_with() -> None:
    """Shared text is enough where nothing speaks against it."""
    assert settle([[a_listing(abstract=T)]], [a_listing(arxiv="2605.00001", abstract=T)]) == [Settled((0,), (0,))]


def test_a_listing_can_make_two_known_papers_one() -> None:
    """A listing with the id of one and the text of the other shows that both are one paper."""
    known = [[a_listing(abstract=T)], [a_listing(arxiv="2605.00001", abstract=None)]]
    assert settle(known, [a_listing(arxiv="2605.00001", abstract=T)]) == [Settled((0, 1), (0,))]


def test_known_papers_with_two_arxiv_ids_stay_two() -> None:
    """Two arXiv ids are two papers, whatever text they share; a third listing of that text is a third."""
    known = [[a_listing(arxiv="2605.00001", abstract=T)], [a_listing(arxiv="2605.00002", abstract=T)]]
    assert settle(known, [a_listing(abstract=T)]) == [Settled((), (0,))]


def test_nothing_new_settles_nothing() -> None:
    """Known papers are compared only on behalf of a new listing."""
    assert settle([[a_listing(abstract=T)], [a_listing(abstract=T)]], []) == []


def test_known_papers_become_one_only_for_a_listing_of_theirs() -> None:
    """A new listing elsewhere does not make two known papers one, even where they would be one today."""
    known = [[a_listing(abstract=T)], [a_listing(abstract=T, line=2)]]
    assert settle(known, [a_listing(abstract=U)]) == [Settled((), (0,))]


def test_a_new_title_under_a_known_arxiv_id_is_no_new_paper() -> None:
    """A version with another number in its title stays with its id, though its title now contradicts an
    older listing of the same text (F08).
    """
    known = [
        [
            a_listing(arxiv="2605.00001", abstract=T, title="Reader 2"),
            a_listing(abstract=T, file="other.txt"),
        ]
    ]
    new = [a_listing(arxiv="2605.00001", abstract=T, title="Reader 3", version=2)]
    assert settle(known, new) == [Settled((0,), (0,))]


def test_a_torn_paper_gains_no_second_arxiv_id() -> None:
    """Where later evidence speaks against a known paper, it gains nothing that has another arXiv id."""
    torn = [a_listing(ids={"doi": "10.1000/x"}, abstract=T), a_listing(arxiv="2605.00001", abstract=T, line=2)]
    new = [
        a_listing(arxiv="2605.00002", abstract=U, ids={"doi": "10.1000/x"}),
        a_listing(arxiv="2605.00003", abstract=T),
    ]
    assert settle([torn], new) == [Settled((), (0,)), Settled((), (1,))]


def test_a_torn_paper_becomes_one_with_no_other_known_paper() -> None:
    """A link between a torn paper and a whole one leaves them two; the new listing goes to its arXiv id."""
    torn = [
        a_listing(arxiv="2605.00001", abstract=T, title="Reader 2", ids={"doi": "10.1000/x"}),
        a_listing(abstract=T, file="other.txt"),
    ]
    whole = [a_listing(abstract=None, ids={"doi": "10.1000/x"})]
    link = a_listing(arxiv="2605.00001", abstract=T, title="Reader 3", ids={"doi": "10.1000/x"})
    assert settle([whole, torn], [link]) == [Settled((1,), (0,))]
    assert settle([torn, whole], [link]) == [Settled((0,), (0,))]


def test_two_links_to_one_torn_paper_are_told_together() -> None:
    """What a torn paper gains by several of its listings is one gain, with one arXiv id at most."""
    torn = [
        a_listing(ids={"doi": "10.1000/x"}, abstract=T, title="Reader 2"),
        a_listing(ids={"doi": "10.1000/y"}, abstract=T, line=2),
    ]
    first = a_listing(arxiv="2605.00001", abstract=T, title="Reader 3", ids={"doi": "10.1000/x"})
    second = a_listing(arxiv="2605.00002", abstract=U, ids={"doi": "10.1000/y"})
    plain = a_listing(abstract=U, ids={"doi": "10.1000/y"}, title="Reader")
    assert settle([torn], [first, second]) == [Settled((0,), (0,)), Settled((), (1,))]
    assert settle([torn], [first, plain]) == [Settled((0,), (0, 1))]
