"""Plain text files, good and bad."""

from pathlib import Path

import pytest

from dedup.reading.plain import ReadError, decode, read_text_file


def write(path: Path, raw: bytes) -> str:
    path.write_bytes(raw)
    return str(path)


def test_the_id_is_the_path_as_given_and_line_ends_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"One.\r\n\r\nTwo.\n")
    article, notice = read_text_file(path)
    assert (article.id, article.text, notice) == (path, "One.\r\n\r\nTwo.\n", None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_declares_the_encoding_and_is_no_text(encoding: str) -> None:
    decoded = decode("x", "Año nuevo".encode(encoding))
    assert (decoded.text, decoded.replaced) == ("Año nuevo", False)


def test_bytes_that_are_not_utf8_are_read_as_windows_1252_and_this_is_said() -> None:
    decoded = decode("x", "El señor dijo «no»".encode("cp1252"))
    assert decoded.text == "El señor dijo «no»"
    assert "cp1252" in (decoded.notice or "")


def test_damaged_utf8_keeps_what_is_sound_and_says_so() -> None:
    decoded = decode("x", "Señor año niño".encode() + b"\xff y m\xc3\xa1s")
    assert decoded.text == "Señor año niño\ufffd y más"
    assert "replaced" in (decoded.notice or "")


def test_a_declared_encoding_is_believed() -> None:
    assert decode("x", "Привет мир".encode("cp1251"), "cp1251").text == "Привет мир"


@pytest.mark.parametrize("encoding", ["no-such", "base64", "a\0b"])
def test_an_unknown_encoding_is_an_error(encoding: str) -> None:
    with pytest.raises(ReadError, match="unknown encoding"):
        decode("x", b"text", encoding)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no words"),
        (b" \n\t\r\n", "no words"),
        (b"... --- !!!", "no words"),
        (bytes(range(256)) * 4, "binary"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 100, "binary"),
    ],
)
def test_files_without_text_are_one_clear_error(tmp_path: Path, raw: bytes, message: str) -> None:
    path = write(tmp_path / "bad", raw)
    with pytest.raises(ReadError, match=message) as raised:
        read_text_file(path)
    assert str(raised.value).startswith(path)


def test_a_directory_a_missing_file_and_a_nul_in_the_name_are_errors(tmp_path: Path) -> None:
    for path, message in (
        (str(tmp_path), "directory"),
        (str(tmp_path / "none"), "no such file"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(ReadError, match=message):
            read_text_file(path)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # sparse: 200 MB of nothing
    with pytest.raises(ReadError, match="larger than 64 MB; raise --max-size"):
        read_text_file(str(path))
    with pytest.raises(ReadError, match=r"larger than 0\.5 MB"):
        read_text_file(str(path), max_bytes=2**19)


def test_a_stray_nul_or_control_character_does_not_make_a_text_binary() -> None:
    text = "The minister said \x00 nothing \x1b[31m at all. " * 5
    assert decode("x", text.encode()).text == text
