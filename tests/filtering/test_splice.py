import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.filtering.splice import splice

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = {"kept": True, "group": "ñ\u2028"}


@given(st.dictionaries(st.text() | st.just("dedup"), json_values, min_size=1), st.booleans())
def test_only_the_field_changes(record, ascii_only) -> None:
    line = json.dumps(record, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return
    assert json.loads(splice(line, record, FIELDS)) == {**record, "dedup": FIELDS}
    if "dedup" not in record:
        assert splice(line, record, FIELDS).startswith(line[:-1])


@pytest.mark.parametrize(
    ("line", "spliced"),
    [
        (b'{"a": 1}', b'{"a": 1, "dedup": {}}'),
        (b' {"a":{"dedup":1} } \r\n', b' {"a":{"dedup":1} , "dedup": {}} \r\n'),
        (b'{"dedup" : [1,"}"] ,"a":2}\n', b'{"dedup" : {} ,"a":2}\n'),
        (b'{"\\u0064edup":1,"a":2}', b'{"\\u0064edup":{},"a":2}'),
        (
            b'{"dedup":1,"a":"\\"dedup\\":","dedup":{"x":2}}',
            b'{"dedup":{},"a":"\\"dedup\\":","dedup":{}}',
        ),
        (b'\xef\xbb\xbf{"a":"\xc3\xb1"}', b'\xef\xbb\xbf{"a":"\xc3\xb1", "dedup": {}}'),
        (b'\xef\xbb\xbf{"dedup":"\xc3\xb1"}', b'\xef\xbb\xbf{"dedup":{}}'),
    ],
)
def test_bytes_stay_as_they_are(line: bytes, spliced: bytes) -> None:
    assert splice(line, json.loads(line.decode("utf-8-sig")), {}) == spliced
