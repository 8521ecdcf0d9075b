"""JSON as a stream of records: whatever holds them, and whatever is wrong with it."""

import json
import tracemalloc

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st

from digest.formats.head import head
from digest.formats.objects import Object, lines, objects
from digest.formats.outlines import begun, outline
from digest.model import Problem

CUT = "the file ends before its JSON does: what is whole before that was read"


def told(content: str | bytes, *places: str) -> list[tuple[int | None, object]]:
    """The line and the object of each record, the line and the words of each problem."""
    found = objects(a_document(content), *places)
    return [(x.line, x.value if isinstance(x, Object) else x.what) for x in found]


@pytest.mark.parametrize(
    ("content", "places", "expected"),
    [
        ('{"a":1}\n\n{"a":2}\n', (), [(1, {"a": 1}), (3, {"a": 2})]),
        ('{"a":1}\r\n{"a":2}', (), [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"a":1}\r{"a":2}', (), [(1, {"a": 1}), (1, {"a": 2})]),
        ('\x1e{"a":1}\n\x1e{"a":2}\n', (), [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"a":1}{"a":2}, {"a":3},', (), [(1, {"a": 1}), (1, {"a": 2}), (1, {"a": 3})]),
        ('{\n "a":1\n}\n{\n "a":2\n}', (), [(1, {"a": 1}), (4, {"a": 2})]),
        ('[\n{"a":1},\n\n{"a":2}]', (), [(2, {"a": 1}), (4, {"a": 2})]),
        ('[[{"a":1}],\n[{"a":2}]]', (), [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"n":{"b":0},"m":{\n"items":[{"a":1},\n{"a":2}]}}', ("m.items", "m"), [(2, {"a": 1}), (3, {"a": 2})]),
        ('{"m":\n{"a":1}}', ("m.items", "m"), [(2, {"a": 1})]),
        ('{"a":1,"data":[{"b":2}]}', (), [(1, {"a": 1, "data": [{"b": 2}]})]),
        ('{"m":[{"a":1}]}\n{"m":[{"a":2},{"a":3}]}', ("m",), [(1, {"a": 1}), (2, {"a": 2}), (2, {"a": 3})]),
        ('[{"m":{"a":1}},\n{"m":{"a":2}}]', ("m",), [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"m":{"n":[7],\n"x":{"a":1},\n"y":{"a":2}}}', ("m.*",), [(2, {"a": 1}), (3, {"a": 2})]),
        ('{"m":{"n":[7],"x":{"a":1}}}\n{"m":{"y":{"a":2}}}', ("m.*",), [(1, {"a": 1}), (2, {"a": 2})]),
        ('{"m":\n[{"a":1}]}', ("m[]",), [(2, {"a": 1})]),
        ('{"a":0,"m":{"a":1}}', ("m[]",), [(1, {"a": 0, "m": {"a": 1}})]),
        ('{"a":1,"a":2}', (), [(1, {"a": 2})]),
        ('{"a":"x\ty\nz",\n"b":2}', (), [(1, {"a": "x\ty\nz", "b": 2})]),
        ('{"a":"\\ud800"}', (), [(1, {"a": "\ud800"})]),
        ("[]", (), []),
        ('{"m":[]}', ("m",), []),
    ],
)
def test_records_are_found_wherever_they_stand(content, places, expected):
    """Lines, objects one behind the other, arrays and envelopes give their records, each with its line."""
    assert told(content, *places) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"a":1}\nno\n{"a":2}', [(1, 1), (2, "a record that is no JSON: Expecting value"), (3, 2)]),
        ('{"a":1}\n[2]\n{"a":3}', [(1, 1), (2, "a line that is no JSON object: '[2]'"), (3, 3)]),
        ('[{"a":1},\n{"a":"\\q"},\n{"a":3}]', [(1, 1), (2, "a record that is no JSON: Invalid \\escape"), (3, 3)]),
        (
            '[{"a":1,"b":""},\n{"a":2,"b":"x},\n{"a":3,"b":""}]',
            [(1, 1), (2, "a record that is no JSON: Expecting ',' delimiter"), (3, 3)],
        ),
        (
            '[{"a":1,"b":[]},\n{"a":2,"b":[},\n{"a":3,"b":[]}]',
            [(1, 1), (2, "a record that is no JSON: Expecting value"), (3, 3)],
        ),
        ('[{"a":1},\nnull,3,\n{"a":4}]', [(1, 1), (2, "2 entries that are no JSON objects: 'null'"), (3, 4)]),
        ('[{"a":1},\n{"a":2,"b":{"c":"d', [(1, 1), (2, CUT)]),
        ('[{"a":1},\n{"a":tr', [(1, 1), (2, CUT)]),
        ('[{"a":1},\n', [(1, 1), (2, CUT)]),
        ('{\n"a":1,', [(1, CUT)]),
        ('{\n"a" 1}\n{"a":2}', [(1, "a record that is no JSON: Expecting a name and a colon"), (3, 2)]),
        ('[{"a":1}]\nmore', [(1, 1), (2, "a record that is no JSON: Expecting value")]),
        ('[{"a":' + "[" * 100_000 + "}]", [(1, "a record that is nested too deeply")]),
        ("[" * 100_000, [(1, "a record that is nested too deeply")]),
        ('{"a":' + "1" * 5000 + "}", None),
    ],
)
def test_what_is_broken_is_told_and_the_rest_is_read(content, expected):
    """A record that is no JSON is a Problem with its line; of a file that was cut the whole records are read."""
    found = [(line, x["a"] if isinstance(x, dict) else x) for line, x in told(content)]
    if expected is None:
        assert found
    else:
        assert found == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("content", ['[{"a":"Šárka"},\n{"a":"Zoë"}]', '{"a":"Šárka"}\n{"a":"Zoë"}\n'])
def test_encodings_are_told_apart(content, encoding):
    """UTF-8, UTF-16 and UTF-32 with their marks, UTF-16 without one, and Windows-1252 give the same records."""
    assert told((content * 20 if content[0] == "{" else content).encode(encoding))[:2] == [
        (1, {"a": "Šárka"}),
        (2, {"a": "Zoë"}),
    ]


def test_a_byte_of_another_encoding_spoils_no_other_letter():
    """UTF-8 and Windows-1252 in one file are each read as what they are."""
    content = '[{"a":"Zoë"},'.encode() + '{"a":"Zoë"}]'.encode("cp1252")
    assert told(content) == [(1, {"a": "Zoë"})] * 2


RECORDS = st.lists(
    st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.lists(st.dictionaries(st.text(), st.none()))),
    max_size=6,
)


@given(RECORDS, st.sampled_from([None, 0, 2]), st.booleans())
def test_what_json_writes_is_read_again(records, indent, escaped):
    """Whatever the records are and however they are laid out, they come back, in an array and one behind the other."""
    whole = json.dumps(records, indent=indent, ensure_ascii=escaped)
    one_by_one = "\n".join(json.dumps(record, indent=indent, ensure_ascii=escaped) for record in records)
    for content in (whole, one_by_one):
        data = content.encode("utf-8", "surrogatepass")
        assert [x.value for x in objects(a_document(data)) if isinstance(x, Object)] == records


@given(RECORDS, st.data())
def test_a_file_that_is_cut_gives_only_whole_records(records, data):
    """What is read of a file that was cut off anywhere are its first records, and a Problem says so."""
    whole = json.dumps(records, indent=data.draw(st.sampled_from([None, 1])))
    end = data.draw(st.integers(1, max(1, len(whole) - 1)))
    found = list(objects(a_document(whole[:end])))
    values = [x.value for x in found if isinstance(x, Object)]
    assert values == records[: len(values)]
    assert end == len(whole) or len(found) == len(values) + 1


@given(st.binary(max_size=300) | st.text('{}[]",:\\ntrue1 \n', max_size=200).map(str.encode))
def test_no_bytes_raise(data):
    """Whatever the bytes are, there are records and problems and no exception."""
    for found in objects(a_document(b"[" + data), "a.b", "a"):
        assert isinstance(found, Object | Problem)


@pytest.mark.slow
@pytest.mark.parametrize("separator", [b"\n", b",\n"])
def test_memory_does_not_grow_with_the_document(separator):
    """Of 40 MB of records some are held at a time, on lines and in an array."""
    data = (b"" if separator == b"\n" else b"[") + (b'{"a":"' + b"x" * 1000 + b'"}' + separator) * 40_000
    document = a_document(data)
    tracemalloc.start()
    count = sum(isinstance(found, Object) for found in objects(document))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 30_000
    assert peak < 8_000_000


def test_a_line_of_ten_megabytes_is_a_record_and_one_of_forty_is_none():
    """A long line is read; one that is longer than any record is told, and the lines around it are read."""
    long = b'{"a":"%b"}' % (b"x" * 10_000_000)
    content = b'{"a":1}\n' + long + b"\n" + long.replace(b"x", b"yyyy") + b'\n{"a":4}\n'
    found = list(objects(a_document(content)))
    assert [x.line for x in found] == [1, 2, 3, 4]
    assert isinstance(found[2], Problem)
    assert "more than 32 MB" in found[2].what


def test_lines_are_numbered_past_blank_and_overlong_ones():
    """Blank lines count and are not told."""
    assert list(lines(a_document(b'\n{"a":1}\n  \n{"a":2}'))) == [(2, b'{"a":1}'), (4, b'{"a":2}')]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"a":1},{"b":{"c":[1,2', [{"a": 1}, {"b": {"c": [1]}}]),
        ('{"m":{"items":[{"a":"x', {"m": {"items": [{"a": None}]}}),
        ('{"a":1,"b', {"a": 1}),
        ('{"a":1}\n{"b":2}', {"a": 1}),
        ('[{"a":1},{"b":\\', [{"a": 1}, {}]),
        ('[{"a":1,"b":"', [{"a": 1, "b": None}]),
        ('[{"a":1,"b":tr!}', None),
        ("[" * 1000, None),
        ("nothing", None),
    ],
)
def test_the_outline_of_a_head_is_what_is_whole_in_it(text, expected):
    """What is cut off at the end of a head is left out of its outline, and what holds it is closed."""
    found = outline(head(text.encode()))
    assert found == expected or expected is None


def test_detection_sees_the_first_records_at_a_place():
    """The keys of the first records are seen also where the first of them is cut off."""
    assert begun(head(b'{"m":{"items":[{"a":1,"b":[1'), "m.items") == [{"a": 1, "b": []}]
